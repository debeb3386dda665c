"""Which entries of an import are in the diary, or in the import, already."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from paperdiary import init, notes, onenote, sources
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.importing.draft import Draft, Duplicate
from paperdiary.store import has_bytes

T = TypeVar("T")
FEW = 300  #: up to so many notes are read in this process


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells an entry from others."""

    title: str
    line: int
    keys: frozenset[str]  #: arXiv id, DOI, address
    author: str = ""  #: the first one's last name
    year: int | None = None

    @property
    def letters(self) -> str:
        """What the spellings of one title share."""
        return _letters(self.title)


def _letters(text: str) -> str:
    if text.isascii():
        return re.sub(r"[^a-z0-9]+", "", text.lower())
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum()).casefold()


@dataclass
class _Known:
    """Entries by what tells them apart; the value is where each was found."""

    by_key: dict[str, tuple[Seen, object]] = field(default_factory=dict)
    by_title: dict[str, list[tuple[Seen, object]]] = field(default_factory=dict)

    def add(self, seen: Seen, where: object) -> None:
        for key in seen.keys:
            self.by_key.setdefault(key, (seen, where))
        self.by_title.setdefault(seen.letters, []).append((seen, where))

    def find(self, seen: Seen) -> object | None:
        for key in sorted(seen.keys):
            if key in self.by_key:
                return self.by_key[key][1]
        return next((where for other, where in self.by_title.get(seen.letters, []) if same(seen, other)), None)


def same(one: Seen, other: Seen) -> bool:
    """Two entries of one title: by one author; or, where an author is not known, a title that is no common phrase."""
    for scheme in ("arxiv:", "doi:"):
        a, b = ({k for k in seen.keys if k.startswith(scheme)} for seen in (one, other))
        if a and b and not a & b and (scheme == "arxiv:" or not (one.author and one.author == other.author)):
            return False
    if one.author and other.author:
        return one.author == other.author
    if one.year and other.year and abs(one.year - other.year) > 1:
        return False
    wide = sum("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in one.title)
    telling = len(one.title.split()) >= 4 or wide >= 8
    return telling and bool(one.keys or other.keys)


def keys_of(entry: Entry) -> frozenset[str]:
    """Every identity of an entry's own: its id's, its arXiv id, its DOI, its address."""
    found = {f"arxiv:{entry.arxiv}"} if entry.arxiv else set()
    found |= {f"doi:{entry.doi}"} if entry.doi else set()
    return frozenset(found | _address(entry.url))


def _address(url: str | None) -> set[str]:
    source = sources.resolve(url) if url else None
    if not source or re.fullmatch(r"url:[^/]+", source.identity):
        return set()  # a whole site is no paper
    return {source.identity}


def surname(authors: Sequence[str]) -> str:
    """ "Ashish Vaswani", "Vaswani, Ashish" and "Vaswani et al." -> "vaswani"."""
    if not authors:
        return ""
    first = re.sub(r"\bet al\.?.*", "", authors[0]).strip(" ,.")
    name = first.split(",")[0] if "," in first else (first.split() or [""])[-1]
    return _letters(name)


def _seen(entry: Entry) -> Seen:
    return Seen(entry.title, entry.line, keys_of(entry), surname(entry.authors), entry.year)


def read(data: bytes, name: str) -> list[Seen]:
    """The entries of a note that would lie at `name`, and of the lists in it."""
    note = onenote.parse(data, name)
    listed = (Seen(i.title, i.line, frozenset(k for u in i.urls for k in _address(u))) for i in note.listed)
    return [*(_seen(e) for e in note.entries), *(s for s in listed if s.keys)]


def _read_one(draft: Draft) -> list[Seen]:
    return read(draft.data or b"", draft.name)


def _map(work: Callable[[Draft], T], drafts: Sequence[Draft]) -> list[T]:
    """The work of each draft, over the processors there are."""
    workers = min(os.cpu_count() or 1, 8)
    if len(drafts) <= FEW or workers < 2:
        return [work(d) for d in drafts]
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    try:
        with ProcessPoolExecutor(workers) as pool:
            return list(pool.map(work, drafts, chunksize=32))
    except (OSError, BrokenProcessPool):  # no processes to be had here
        return [work(d) for d in drafts]


def sift(config: Config, drafts: Sequence[Draft]) -> tuple[list[Draft], list[Duplicate], dict[Path, str]]:
    """(what is still to be written, every duplicate, file that is not written -> note that has its first entry).

    A file whose entries are all in the diary is not written. Of two notes in the import that speak of one
    paper both are, since both are the reader's words; an item of a bibliography is not.
    """
    if all(d.loose for d in drafts):
        return list(drafts), [], {}
    diary, inside = _Known(), _Known()
    for note in notes.read_all(config):
        for entry in note.entries:
            diary.add(_seen(entry), entry)
    examples = _examples(config)
    words = [d for d in drafts if not d.loose]
    found = {id(d): seen for d, seen in zip(words, _map(_read_one, words), strict=True)}
    kept: list[Draft] = []
    duplicates: list[Duplicate] = []
    known: dict[Path, str] = {}
    for draft in sorted(drafts, key=lambda d: d.role == "item"):
        entries = found.get(id(draft), [])
        old = [diary.find(seen) for seen in entries]
        twice = [inside.find(seen) for seen in entries]
        real = [isinstance(e, Entry) and e.note not in examples for e in old]
        drop = bool(entries) and all(real) and draft.name != "index.md"
        drop = drop or (draft.role == "item" and any(twice))
        own = _Known()
        for seen, first, other in zip(entries, old, twice, strict=True):
            line = draft.line if draft.role == "item" else seen.line
            other = other or own.find(seen)
            own.add(seen, (draft.source, line))
            if isinstance(first, Entry):
                duplicates.append(Duplicate(seen.title, draft.source, line, entry=first, written=not drop))
            elif isinstance(other, tuple):
                duplicates.append(Duplicate(seen.title, draft.source, line, inside=other, written=not drop))
            if not drop:
                inside.add(seen, (draft.source, line))
        kept += [] if drop else [draft]
        if drop and draft.role == "note" and isinstance(old[0], Entry):
            known[draft.source] = old[0].note
    return kept, duplicates, known


def _examples(config: Config) -> set[str]:
    """The notes as `diary init` wrote them, to be replaced: they keep nothing of the reader's away."""
    beginning = init.files().items()
    names = {name.removeprefix("notes/"): text for name, text in beginning if name.startswith("notes/")}
    return {name for name, text in names.items() if has_bytes(config.notes / name, text.encode())}


def without_loose_files(drafts: Sequence[Draft], there: Sequence[Draft]) -> list[Draft]:
    """The drafts less the files that no note needs any more."""
    needed: set[Path] = {path for d in (*drafts, *there) for _, path in d.links}
    return [d for d in drafts if not d.loose or d.source in needed]
