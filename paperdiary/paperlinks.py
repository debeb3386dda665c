"""Links of notes into papers/, which is never part of a site: they lead to the paper's own address instead."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from urllib.parse import unquote

from paperdiary.entry import Entry, Note
from paperdiary.papers import names

_SUFFIXES = (".pdf", ".djvu", ".ps", ".epub")


def path_of(address: str, here: str) -> str:
    """The path in papers/ that an address in the note at `here` leads to, "" for any other."""
    bare = unquote(re.split(r"[#?]", address, maxsplit=1)[0]).strip()
    if not bare or bare.startswith("/") or "papers/" not in bare:
        return ""
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(here), bare))
    return whole.removeprefix("../papers/") if whole.startswith("../papers/") else ""


def is_paper(name: str) -> bool:
    return name.partition("#")[0].strip().lower().endswith(_SUFFIXES)


class PaperLinks:
    """Knows the address of the paper in each file of papers/."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self._by_name: dict[str, Entry] = {}
        self._alone: dict[str, Entry] = {}
        for note in notes:
            for entry in note.entries:
                for name in names(entry):
                    self._by_name.setdefault(name.lower(), entry)
            if len(note.entries) == 1:
                self._alone[note.path] = note.entries[0]

    def address(self, path: str, here: str) -> str:
        """Where the paper in a file can be read: its PDF on arXiv, or the address of its entry; "" where none is known.

        A file that no entry is known for is that of the only entry in the note at `here`.
        """
        stem = posixpath.splitext(posixpath.basename(path.partition("#")[0]))[0].lower()
        entry = self._by_name.get(stem) or self._by_name.get(re.sub(r"v\d+$", "", stem)) or self._alone.get(here)
        if entry is None:
            return ""
        place = re.search(r"#page=\d+$", path)
        if entry.arxiv:
            return f"https://arxiv.org/pdf/{entry.arxiv}{place[0] if place else ''}"
        return entry.url or ""
