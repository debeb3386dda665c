"""The only types that pass between the steps of the pipeline. All are frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paperdiary.listitem import Item

KINDS = ("paper", "blog", "talk", "book", "code", "note")
STATUSES = ("queued", "reading", "read")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a thing that was read can be found."""

    url: str  #: canonical http(s) URL
    kind: str  #: what such a URL usually is, one of KINDS
    arxiv: str | None = None  #: arXiv id without its version
    doi: str | None = None  #: DOI, lower case
    label: str = "Link"  #: what a reader calls it: "arXiv", "DOI", "YouTube", a host

    @property
    def identity(self) -> str:
        """The same for every form of address of one thing."""
        if self.arxiv:
            return f"arxiv:{self.arxiv}"
        if self.doi:
            return f"doi:{self.doi}"
        return f"url:{self.url.split('://', 1)[-1].rstrip('/')}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry, about 120 words: the unit that is embedded and that search finds."""

    entry: str  #: id of its entry
    number: int  #: 0-based place in its entry
    heading: str  #: nearest heading above, "" for none
    text: str  #: plain text, one line
    paper: bool = False  #: from the text of the paper, not from the note: never published


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the reader's files that the reader should know about."""

    severity: str  #: "error" (a reader of the site meets it), "warning" (it is probably wrong) or "hint"
    code: str  #: stable, kebab-case
    message: str  #: what it is and how to mend it
    note: str  #: path relative to notes/, "" for the diary as a whole
    line: int = 1  #: 1-based

    def as_dict(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "note": self.note,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing read, as found in a note."""

    id: str  #: survives renaming where there is a source: "arxiv:1706.03762", "doi:…", "url:…", "note:…"
    title: str
    kind: str  #: one of KINDS
    note: str  #: path of its file, relative to notes/
    line: int  #: where it starts in that file, 1-based, lines end at \n only
    page: str  #: URL path in the site, with its anchor where the note has several entries
    anchor: str = ""  #: anchor alone, "" where the note is one entry
    url: str | None = None
    arxiv: str | None = None
    doi: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None  #: of publication
    published: str | None = None  #: ISO 8601 date or year-month of publication
    date: str | None = None  #: the day it was read, ISO 8601
    status: str = "read"  #: one of STATUSES
    topic: str = ""  #: folder of the note, "" at the top
    tags: tuple[str, ...] = ()
    description: str = ""  #: a sentence or two
    sources: tuple[Source, ...] = ()  #: every link that is its own, the first is `url`
    passages: tuple[Passage, ...] = field(default=(), repr=False)
    end: int = 0  #: last line in the file, 1-based
    head: int = 0  #: last line of the heading that shows the title, 1-based; 0 for none
    listed: bool = False  #: a line of a list, without a heading of its own

    def as_dict(self, cluster: str | None = None, *, atlas: bool = False) -> dict[str, Any]:
        """The public JSON form. `cluster` is part of it once there is an atlas."""
        out: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "url": self.url,
            "arxiv": self.arxiv,
            "doi": self.doi,
            "authors": list(self.authors),
            "year": self.year,
            "date": self.date,
            "status": self.status,
            "topic": self.topic,
            "tags": list(self.tags),
            "description": self.description,
            "note": self.note,
            "line": self.line,
            "page": self.page,
        }
        if atlas:
            out["cluster"] = cluster
        return out


@dataclass(frozen=True, slots=True)
class Note:
    """One Markdown file: its text as it will be shown, and the entries found in it."""

    path: str  #: relative to notes/, with forward slashes
    text: str  #: decoded, line ends \n, without the front matter
    offset: int  #: lines of the file before `text`
    meta: dict[str, Any]  #: front matter
    title: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    head: int = 0  #: last line of the heading that is the note's title, where it has several entries, 1-based
    level: int = 0  #: of the entries' headings, the highest
    raw_dates: tuple[tuple[str, str], ...] = ()  #: of each entry: how its date is given, and its text
    listed: tuple[Item, ...] = ()  #: the items of its lists, where it is a page of lists
    page: str | None = None  #: its URL path, where it is a page of lists or an index; None for notes

    @property
    def hidden(self) -> bool:
        """A draft, or a file that cannot be read: no page is made of it."""
        return self.meta.get("draft") is True or any(p.code == "unreadable" for p in self.problems)
