"""What is in the diary already: one identity for all addresses of one thing, and for a title by one author."""

from __future__ import annotations

from collections.abc import Iterable

from paperdiary import sources
from paperdiary.entry import Entry, Source
from paperdiary.importing.duplicates import Seen, keys_of, same, surname
from paperdiary.metadata import Metadata


class Known:
    """The entries of a diary by what tells them apart."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key: dict[str, Entry] = {}
        self._by_title: dict[str, list[tuple[Seen, Entry]]] = {}
        self.entries: list[Entry] = []
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        for key in sorted(_keys(entry)):
            self._by_key.setdefault(key, entry)
        seen = Seen(entry.title, entry.line, keys_of(entry), surname(entry.authors), entry.year)
        self._by_title.setdefault(seen.letters, []).append((seen, entry))

    def source(self, source: Source | None) -> Entry | None:
        """The entry that has this source."""
        return self._by_key.get(source.identity) if source and source.url else None

    def find(self, found: Metadata) -> Entry | None:
        """The entry that is what `found` describes: by an identifier, or by title and first author."""
        named = [sources.from_arxiv(found.arxiv)] if found.arxiv else []
        named += [s for text in (found.doi, found.url) if text and (s := sources.resolve(text))]
        entry = next((e for s in (found.source, *named) if (e := self.source(s))), None)
        if entry or not found.complete:
            return entry
        keys = frozenset(s.identity for s in (*named, found.source) if s.url) or frozenset({"file"})
        year = int(found.published[:4]) if found.published else None
        seen = Seen(found.title, 1, keys, surname(found.authors), year)
        alike = self._by_title.get(seen.letters, []) if seen.letters else []
        return next((e for other, e in alike if e.kind == found.kind and same(seen, other)), None)


def _keys(entry: Entry) -> set[str]:
    """Every identity of an entry's own; its code, its project page or a talk about it is another thing."""
    own = {s.identity for n, s in enumerate(entry.sources) if n == 0 or s.arxiv or s.doi or s.kind == entry.kind}
    return own | keys_of(entry)
