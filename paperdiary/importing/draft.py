"""What an importer makes of a file, and what becomes of it: the values that the steps of an import pass on."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paperdiary.entry import Entry, Problem
from paperdiary.repair import Repair


@dataclass(frozen=True, slots=True)
class Draft:
    """One file that may be written under notes/."""

    source: Path  #: absolute
    name: str  #: where it would like to lie, relative to notes/, with forward slashes
    data: bytes | None = field(repr=False)  #: None: copied from `source` as it is
    line: int = 1  #: where it begins in `source`
    repairs: tuple[Repair, ...] = ()
    #: "note", "item" (of a bibliography), "file" (that a note links to) or "paper" (a PDF that a note links to)
    role: str = "note"
    front: bool = False  #: fit to be the front page of a diary
    links: tuple[tuple[str, Path], ...] = ()  #: what it links to: as written, and the file
    wish: str = ""  #: `name` before it had to give way to another file
    raw: bytes | None = field(default=None, repr=False)  #: `data` before its links followed files that moved
    replaces: bool = False  #: the untouched front page that `diary init` wrote

    @property
    def loose(self) -> bool:
        """True for what is copied as it is because a note needs it."""
        return self.role in {"file", "paper"}

    @property
    def place(self) -> str:
        """Where it lies in the diary, for people."""
        return posixpath.normpath(f"notes/{self.name}")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that is not imported."""

    source: Path
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"source": shown(self.source), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Found:
    """What one importer found in one path."""

    drafts: tuple[Draft, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()  #: `note` is the path of the source
    folder: str = ""  #: name of the folder that was imported, "" for a file


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An entry that is in the diary, or in the import, already."""

    title: str
    source: Path
    line: int
    entry: Entry | None = None  #: that is in the diary
    inside: tuple[Path, int] | None = None  #: file and line in the import
    written: bool = False  #: its file is written, for other entries or as a second reading

    @property
    def where(self) -> str:
        """The place of the other entry."""
        if self.entry:
            return f"“{self.entry.title}” in notes/{self.entry.note}, line {self.entry.line}"
        path, line = self.inside or (Path(), 1)
        return f"{shown(path)}, line {line}, of this import"

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "source": shown(self.source),
            "line": self.line,
            "entry": self.entry.as_dict() if self.entry else None,
            "inside": {"source": shown(self.inside[0]), "line": self.inside[1]} if self.inside else None,
            "written": self.written,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import writes, and everything that it does not."""

    files: tuple[Draft, ...] = ()  #: `name` is where it is written
    there: tuple[Draft, ...] = ()  #: `name` holds the same bytes already
    left_out: tuple[LeftOut, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The public JSON form."""
        return {
            "files": [
                {
                    "note": d.name,
                    "source": shown(d.source),
                    "line": d.line,
                    "role": d.role,
                    "repairs": [r.as_dict() for r in d.repairs],
                }
                for d in self.files
            ],
            "there": [{"note": d.name, "source": shown(d.source), "line": d.line} for d in self.there],
            "left_out": [left.as_dict() for left in self.left_out],
            "duplicates": [d.as_dict() for d in self.duplicates],
            "problems": [p.as_dict() for p in self.problems],
        }


def shown(path: Path) -> str:
    """A path for people: relative to the folder they are in where it lies there; always text."""
    text = str(path)
    here = os.getcwd() + os.sep  # noqa: PTH109
    text = text.removeprefix(here)
    return text.encode("utf-8", "backslashreplace").decode()
