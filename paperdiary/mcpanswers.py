"""What the tools of `diary mcp` answer, one function each; knows nothing of the protocol.

All text in an answer is data: control characters, terminal escapes and marks that hide or turn text round are gone.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paperdiary import build, config, listing
from paperdiary import search as indexing
from paperdiary.entry import Entry, Note
from paperdiary.errors import DiaryError, NotFoundError, UsageError
from paperdiary.files import walk
from paperdiary.notes import SUFFIXES
from paperdiary.shards import DAMAGED
from paperdiary.store import Store
from paperdiary.tidy import INVISIBLE

if TYPE_CHECKING:
    from paperdiary.searcher import Searcher

PATIENCE = 1.0  #: seconds for a build to put its files in place
#: what a terminal obeys, whole: a control sequence, a command of the operating system, a single escape
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Opened:
    """A search index, open."""

    diary: build.Diary
    searcher: Searcher
    said: list[str]  #: where its messages go
    standing: tuple[str, ...]  #: those that hold for every query
    known: frozenset[str]  #: ids of the entries that are in it


class Library:
    """A diary that is read again when its files changed; its search index stays open between queries."""

    def __init__(self, first: config.Config) -> None:
        self._config = first
        self._diary: build.Diary | None = None
        self._read: object = None  #: the stamps of the files when they were read
        self._files: object = None  #: the same of the search index
        self._open: dict[bool, Opened] = {}

    def diary(self) -> build.Diary:
        """Notes and atlas as the files have them now.

        Raises:
            DiaryError: mkdocs.yml is gone or cannot be used any more.
        """
        now = self._stamps()
        if self._diary is None or now != self._read:
            self._config = config.load(self._config.root)
            self._diary = build.read(self._config)
            self._read = now
            self._open.clear()
        return self._diary

    def search_index(self, exact: bool) -> Opened:
        """The search index of the last build.

        Raises:
            DiaryError: there is none, or it is damaged.
        """
        diary = self.diary()
        store = Store(diary.config)
        files = [_stamp(folder / "meta.json") for folder in (store.search, store.papers_search)]
        if files != self._files:
            self._open.clear()
            self._files = files
        if exact not in self._open:
            from paperdiary.searcher import Searcher
            from paperdiary.shardreader import Shards
            from paperdiary.shards import place

            said: list[str] = []
            found = Searcher(diary, said.append, exact=exact)
            known = frozenset(card["id"] for card in Shards(place(store)).entries)
            self._open[exact] = Opened(diary, found, said, tuple(said), known)
        return self._open[exact]

    def forget(self) -> None:
        """Open the search index anew at the next query."""
        self._open.clear()

    def _stamps(self) -> object:
        root, notes = self._config.root, self._config.notes
        files = [root / "mkdocs.yml", root / "atlas.json"]
        for here, names in walk(notes, lambda at, name: not name.startswith(".")):
            files += [notes / here / name for name in names if name.lower().endswith(SUFFIXES)]
        return [(str(path), _stamp(path)) for path in files]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


def clean(value: Any) -> Any:
    """A JSON value whose texts hold nothing that a terminal obeys and nothing that cannot be seen."""
    if isinstance(value, str):
        return INVISIBLE.sub("", _BREAKS.sub("\n", _ESCAPES.sub("", value)))
    if isinstance(value, Mapping):
        return {clean(key): clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    return value


# -- the tools


def search(library: Library, query: str, k: int, exact: bool) -> dict[str, Any]:
    if not query.strip():
        raise UsageError("The query is empty. Give words, a “quoted phrase”, a title or an arXiv id.")
    try:
        return _searched(library, query, k, exact)
    except DiaryError as e:
        if str(e) != DAMAGED:
            raise
    library.forget()  # a build may be putting new files in place of those that were open
    time.sleep(PATIENCE)
    return _searched(library, query, k, exact)


def _searched(library: Library, query: str, k: int, exact: bool) -> dict[str, Any]:
    from paperdiary import answers
    from paperdiary import query as language

    index = library.search_index(exact)
    diary = index.diary
    index.said.clear()
    hits = index.searcher.search(query, k)
    by_id = {e.id: e for e in diary.entries}
    found = [answers.as_dict(hit, _entry(diary, by_id[hit.entry])) for hit in hits]
    asked = language.parse(query)
    fresh = [
        e
        for e in diary.entries
        if e.id not in index.known and language.fits(asked, e.as_dict()) and _says(e, asked.text)
    ]
    return {
        "query": query,
        "hits": found,
        "not_indexed": [_entry(diary, e) for e in fresh[:k]],
        "messages": [*index.standing, *index.said],
    }


def _says(entry: Entry, words: str) -> bool:
    """True where an entry that no index knows yet holds every word."""
    from paperdiary.keywords import fold

    text = fold(" ".join([entry.title, entry.description, *entry.tags, *(p.text for p in entry.passages)]))
    return all(word in text for word in re.findall(r"\w+", fold(words)))


def related(library: Library, entry: str, k: int) -> dict[str, Any]:
    diary = library.diary()
    found = _find(diary, entry)
    ids, vectors = indexing.Index(Store(diary.config)).entry_vectors()
    if found.id not in ids:
        raise NotFoundError(f"“{found.title}” is not in the search index yet. Run `diary build` first.")
    by_id = {e.id: e for e in diary.entries}
    near = [(by_id[i], c) for i, c in indexing.nearest_to(found.id, ids, vectors) if i in by_id][:k]
    return {
        "entry": _entry(diary, found),
        "related": [{**_entry(diary, e), "rank": n, "similarity": c} for n, (e, c) in enumerate(near, 1)],
    }


def get(library: Library, entry: str, offset: int, limit: int) -> dict[str, Any]:
    diary = library.diary()
    found = _find(diary, entry)
    text = clean(_text(next(n for n in diary.notes if n.path == found.note), found)).strip("\n")
    part = text[offset : offset + limit]
    end = offset + len(part)
    return {
        "entry": _entry(diary, found),
        "text": part,
        "characters": len(text),
        "next_offset": end if end < len(text) else None,
    }


def _text(note: Note, entry: Entry) -> str:
    """The Markdown of an entry: its note without the front matter, of a note of several its own part."""
    if len(note.entries) == 1:
        return note.text
    lines = note.text.split("\n")
    last = entry.end - note.offset if entry.end else len(lines)
    return "\n".join(lines[max(0, entry.line - 1 - note.offset) : last])


def list_(
    library: Library, status: str | None, topic: str | None, since: str | None, limit: int, offset: int
) -> dict[str, Any]:
    diary = library.diary()
    found = listing.select(diary.entries, status=status, topic=topic, since=since)
    part = slice(offset, offset + limit)
    if status == "queued":
        from paperdiary import queue

        shown = [{**_entry(diary, q.entry), **q.as_dict()} for q in queue.order(diary, found)[part]]
    else:
        shown = [_entry(diary, e) for e in found[part]]
    end = offset + len(shown)
    return {"count": len(found), "entries": shown, "next_offset": end if end < len(found) else None}


def stats(library: Library) -> dict[str, Any]:
    from paperdiary.stats import figures

    diary = library.diary()
    return {"name": diary.config.site_name, "notes": len(diary.notes), **figures(diary.entries, diary.atlas)}


def add(
    library: Library, source: str, topic: str | None, status: str | None, date: str | None, pdf: bool
) -> dict[str, Any]:
    from paperdiary import add as adding
    from paperdiary import add_report, wishes

    diary = library.diary()
    try:
        wanted = wishes.shared(source)  # addresses only: no file of this machine is opened
    except UsageError:
        shown = clean(source)[:100]
        raise UsageError(
            f"“{shown}” is no arXiv id, DOI or address of the web. `diary add FILE` in a terminal adds a PDF."
        ) from None
    for wish in wanted:
        if wish.source and not _is_public(wish.source.url):
            raise UsageError(f"{wish.source.url} lies in a private network. `diary add` in a terminal adds it.")
    messages: list[str] = []
    options = adding.Options(topic, status, add_report.day(date), pdf)
    results = list(adding.add(diary.config, wanted, options, messages.append))
    if all(r.error for r in results):
        raise DiaryError(" ".join(str(r.error) for r in results))
    return {"results": [add_report.as_dict(r) for r in results], "messages": messages}


def _is_public(url: str) -> bool:
    """False for this machine and its network: what is read there would end in a note."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))


def _find(diary: build.Diary, name: str) -> Entry:
    """The entry that is meant, also by an id as an answer shows it."""
    shown = [e for e in diary.entries if clean(e.id) == name]
    return shown[0] if len(shown) == 1 else indexing.find_entry(diary.entries, name)


def _entry(diary: build.Diary, entry: Entry) -> dict[str, Any]:
    place = diary.atlas.places.get(entry.id)
    names = {c.id: c.name for c in diary.atlas.clusters}
    out = entry.as_dict(place.cluster if place else None, atlas=bool(diary.atlas.places))
    return {**out, "cluster_name": names.get(place.cluster)} if place else out
