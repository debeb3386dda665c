"""Parsing many notes: only those that changed, over the processors there are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from paperdiary.config import Config
from paperdiary.entry import Note
from paperdiary.notecache import NoteCache
from paperdiary.store import Store

FEW = 300  #: up to so many notes are parsed in this process


def read(config: Config, paths: Sequence[str]) -> list[Note]:
    """The notes at `paths`, in order, with what is decided over all of them."""
    stamps = {path: _stamp(config, path) for path in paths}
    with NoteCache(Store(config).notes, _version(config)) as cache:
        settled = cache.settled(stamps)
        if settled is not None:
            return [settled[path] for path in paths]
        known = cache.get(stamps)
        missing = [path for path in paths if path not in known]
        fresh = dict(zip(missing, _parse(config, missing), strict=True))
        cache.put({path: (stamps[path], note) for path, note in fresh.items()}, keep=paths)
        parsed = [known.get(path) or fresh[path] for path in paths]
        from paperdiary import collection

        found = collection.settle(parsed)
        pairs = zip(parsed, found, strict=True)
        cache.put_settled(stamps, {note.path: after for note, after in pairs if note != after})
    return found


def _version(config: Config) -> str:
    """Changes when notes would be parsed otherwise: with the code of this package, and with a setting."""
    digest = hashlib.blake2b(str(config.directory_urls).encode(), digest_size=12)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def _stamp(config: Config, path: str) -> str:
    """Changes when the file does, with tools too that set the time of the last change back."""
    try:
        found = (config.notes / path).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_size}"


def _parse(config: Config, paths: list[str]) -> list[Note]:
    if not paths:
        return []
    from paperdiary.onenote import read_note

    workers = min(os.cpu_count() or 1, 8)
    if len(paths) <= FEW or workers < 2:
        return [read_note(config, path) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from functools import partial

    try:
        with ProcessPoolExecutor(workers) as pool:
            return list(pool.map(partial(read_note, config), paths, chunksize=32))
    except (OSError, BrokenProcessPool):  # no processes to be had here
        return [read_note(config, path) for path in paths]
