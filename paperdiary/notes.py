"""Which files are notes, and all of them read: Markdown under notes/ -> notes with their entries and passages.

A file is read as it is: with front matter or without, one entry or many, in any encoding. `onenote.py` reads one, what
only all notes together tell is in `collection.py`. Nothing is imported here that a diary without changes does not need.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from paperdiary.config import Config
from paperdiary.entry import Note
from paperdiary.files import walk

SUFFIXES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")


def read_all(config: Config) -> list[Note]:
    """Every note of the diary, by path; ids are unique over all of them.

    Lists give their items' dates and descriptions to the notes they lead to; which of two readings of a
    date is meant, and whether a "Date:" is the paper's own, is decided over the whole collection.
    """
    from paperdiary.parsing import read

    return read(config, sorted(_markdown_paths(config), key=is_index))


def note_paths(config: Config) -> Iterator[str]:
    """Paths of the notes relative to notes/, sorted; the pages MkDocs leaves out are left out.

    `index.md` and a README at the top are pages, not notes.
    """
    return iter(p for p in _markdown_paths(config) if not is_index(p))


def is_index(path: str) -> bool:
    """True for a page that is no note but may list what was read."""
    stem = PurePosixPath(path).stem
    return stem in {"index", "_index"} or path.lower() in {"readme.md", "summary.md"}


def _markdown_paths(config: Config) -> list[str]:
    excluded = excluder(config)
    paths = []
    for here, files in walk(config.notes, lambda at, f: not f.startswith(".") and (at, f) != ("", "templates")):
        names = {f.lower() for f in files}
        for file in files:
            stem, suffix = os.path.splitext(file)
            if suffix.lower() not in SUFFIXES or file.startswith(".") or not _is_text(file):
                continue
            if stem == "README" and "index.md" in names:
                continue
            path = posixpath.join(here, file)
            if not excluded(path):
                paths.append(path)
    return sorted(paths)


def excluder(config: Config) -> Callable[[str], bool]:
    """Tells whether MkDocs' `exclude_docs` leaves a path under notes/ out."""
    if not config.exclude:
        return lambda path: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(config.exclude.splitlines()).match_file


def _is_text(name: str) -> bool:
    """False for a name that is not UTF-8: it can have no address."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
