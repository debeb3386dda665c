"""One request at a time, so many seconds apart, over all processes of this machine.

A lock of the operating system serialises the processes: it goes with the process that holds it, however
that ends. A file beside it says from when on the next request may start. Where neither can be written,
this process alone keeps the distance.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paperdiary.errors import DiaryError, NetworkError

if TYPE_CHECKING:
    from filelock import FileLock

_LONG = 30.0  #: seconds that somebody who types a command waits without a word
#: seconds that a stamp may lie in the future; beyond it the clock was set back
_FAR = 3600.0
_own: dict[str, float] = {}  #: stamps of this process, for a folder that cannot be written


def cache_dir() -> Path:
    """Where answers and locks of this user are kept; the environment variable PAPERDIARY_CACHE decides, if set."""
    chosen = os.environ.get("PAPERDIARY_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("paperdiary", appauthor=False)


@dataclass(slots=True)
class Turn:
    """The right to ask; `seconds` is how long nobody may ask once it is given back."""

    seconds: float


@contextlib.contextmanager
def turn(name: str, interval: float, patience: float = 300.0) -> Iterator[Turn]:
    """Hold the right to ask `name`; it comes `interval` seconds after the last answer.

    Raises:
        NetworkError: others hold it for more than `patience` seconds, or `name` asked to be left alone for long.
    """
    lock, stamp = _files(name)
    try:
        if lock:
            _acquire(lock, name, patience)
        wait = _due(name, stamp) - time.time()
        if wait > max(_LONG, interval):
            raise NetworkError(f"{name} asked this machine to wait. Run the command again in {spoken(wait)}.")
        if wait > 0:
            time.sleep(wait)
        held = Turn(interval)
        # a process that is killed while it asks has asked, a moment after this
        _write(name, stamp, interval + min(interval, 1.0))
        try:
            yield held
        finally:
            _write(name, stamp, held.seconds)
    finally:
        if lock:
            lock.release()


def _files(name: str) -> tuple[FileLock | None, Path | None]:
    from filelock import FileLock

    for folder in (cache_dir(), Path(tempfile.gettempdir()) / f"paperdiary-{_user()}"):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                file = re.sub(r"[^\w.-]", "_", name)
                return FileLock(folder / f"{file}.lock"), folder / f"{file}.next"
    return None, None


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _acquire(lock: FileLock, name: str, patience: float) -> None:
    from filelock import Timeout

    try:
        lock.acquire(timeout=patience, poll_interval=0.05)
    except Timeout:
        message = f"Another `diary` has been asking {name} for {spoken(patience)}."
        raise NetworkError(f"{message} Run the command again when it is done.") from None
    except (OSError, NotImplementedError):
        return  # a file system without locks


def _due(name: str, stamp: Path | None) -> float:
    """From when on (time.time()) the next request may start."""
    due = 0.0 if stamp else _own.get(name, 0.0)
    if stamp:
        with contextlib.suppress(OSError, ValueError):
            due = float(stamp.read_text(encoding="ascii"))
    return due if due - time.time() <= _FAR else 0.0


def _write(name: str, stamp: Path | None, seconds: float) -> None:
    due = time.time() + min(seconds, _FAR)
    if not stamp:
        _own[name] = due
    else:
        from paperdiary.store import write_atomic

        with contextlib.suppress(DiaryError):
            write_atomic(stamp, f"{due:.3f}")


def spoken(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} minutes" if seconds < 6000 else f"{round(seconds / 3600)} hours"
