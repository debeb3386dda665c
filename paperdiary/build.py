"""The pipeline, step by step: notes -> entries -> vectors -> atlas -> related entries -> search index."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from paperdiary import atlas as atlases
from paperdiary import embed, notes, search
from paperdiary.atlas import Atlas
from paperdiary.config import Config
from paperdiary.entry import Entry, Note, Problem
from paperdiary.errors import ModelError
from paperdiary.store import Store, VectorCache

Say = Callable[[str], None]
#: makes a progress bar: (label, length) -> context manager that gives an `advance(steps)` function
Bar = Callable[[str, int], contextlib.AbstractContextManager[Callable[[int], None]]]


@contextlib.contextmanager
def no_bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """No progress bar."""
    yield lambda steps: None


@dataclass(frozen=True, slots=True)
class Diary:
    """All that the pages are made from."""

    config: Config
    notes: tuple[Note, ...]
    entries: tuple[Entry, ...]
    atlas: Atlas = field(default_factory=Atlas)
    related: dict[str, list[tuple[str, float]]] = field(default_factory=dict)  #: id -> [(id, cosine)]
    embedded: int = 0  #: passages embedded in this build
    complete: bool = True  #: False where the model was missing: the map is the last one, search is not made

    @property
    def problems(self) -> list[Problem]:
        return [p for note in self.notes for p in note.problems]


def read(config: Config) -> Diary:
    """Notes and the last atlas, without any computation."""
    found = tuple(notes.read_all(config))
    entries = tuple(e for note in found for e in note.entries)
    return Diary(config, found, entries, atlases.for_entries(atlases.read(Store(config)), entries))


def run(config: Config, say: Say = lambda message: None, bar: Bar = no_bar) -> Diary:
    """Bring everything up to date; writes atlas.json and .paperdiary/, never notes/."""
    store = Store(config)
    found = tuple(notes.read_all(config))  # 1
    entries = tuple(e for note in found for e in note.entries)
    last = atlases.read(store, say)
    texts = [text for entry in entries for text in embed.passage_texts(entry)]
    with VectorCache(store.vectors) as cache:
        try:
            with bar("Embedding", len(texts)) as advance:
                vectors, embedded = embed.embed(texts, config.options, cache, advance)  # 2
        except ModelError as e:
            say(f"{e} The site is built with the last map; new entries are not on it, and search is not updated.")
            return Diary(config, found, entries, atlases.for_entries(last, entries), complete=False)
        prefix = embed.identity(config.options)
        cache.keep_only(embed.text_key(prefix, text) for text in texts)
    means = embed.entry_vectors(vectors, entries)
    now = last
    if not atlases.is_current(last, entries, config.options):
        with bar("Drawing the map", 1) as advance:
            now = atlases.update(config, entries, means, last)  # 3
            advance(1)
    atlases.write(store, now)
    related = search.nearest([e.id for e in entries], means, config.options.related)  # 4
    made = search.fingerprint(entries, prefix)
    if not search.is_current(store, made):
        search.write_index(store, entries, vectors, made, prefix)  # 5
    return Diary(config, found, entries, now, related, embedded)
