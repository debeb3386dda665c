"""The pipeline, step by step: notes -> entries -> vectors -> atlas -> related entries -> search index."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from paperdiary import atlas as atlases
from paperdiary import atlas_file, bibkeys, changes, embed, encoder, levels, neighbours, notes, shards
from paperdiary.atlas import Atlas
from paperdiary.changes import Changes
from paperdiary.config import Config
from paperdiary.encoder import QueryEncoder
from paperdiary.entry import Entry, Note, Problem
from paperdiary.errors import DiaryError, ModelError
from paperdiary.neighbours import Neighbours
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
    changes: Changes = field(default_factory=Changes)  #: of the map, by this build
    complete: bool = True  #: False where the model was missing: the map is the last one, search goes by words
    made: str = ""  #: fingerprint of the files of the search, "" before a build
    encoder: QueryEncoder | None = field(default=None, repr=False)  #: stands for the model in the page
    neighbours: Neighbours = field(default_factory=Neighbours, repr=False)  #: rows are positions of `entries`

    @property
    def problems(self) -> list[Problem]:
        return [p for note in self.notes for p in note.problems]


def read(config: Config) -> Diary:
    """Notes and the last atlas, without any computation."""
    found = tuple(notes.read_all(config))
    entries = tuple(e for note in found for e in note.entries)
    last = Atlas()
    with contextlib.suppress(DiaryError):  # of a later version, which a build says
        last = atlas_file.read(Store(config))
    return Diary(config, found, entries, atlases.for_entries(last, entries))


def run(config: Config, say: Say = lambda message: None, bar: Bar = no_bar, *, refit: bool = False) -> Diary:
    """Bring everything up to date; writes atlas.json and .paperdiary/, never notes/.

    Args:
        refit: lay the map out anew, in the frame of the last one.
    """
    store = Store(config)
    found = tuple(notes.read_all(config))  # 1
    bibkeys.remember(config, found)
    entries = tuple(e for note in found for e in note.entries)
    last = atlas_file.own(store, atlas_file.read(store, say), entries, say)
    texts = [text for entry in entries for text in embed.passage_texts(entry)]
    with VectorCache(store.vectors) as cache:
        try:
            with bar("Embedding", len(texts)) as advance:
                vectors, embedded = embed.embed(texts, config.options, cache, advance)  # 2
        except ModelError as e:
            say(f"{e} The site is built with the last map; new entries are not on it, and search goes by words alone.")
            now = atlases.for_entries(last, entries)
            made = shards.update(shards.place(store), entries, None, "", _clusters(now))
            return Diary(config, found, entries, now, complete=False, made=made)
        prefix = embed.identity(config.options)
        texts += _index_papers(config, entries, cache, bar, say)
        cache.keep_only(embed.text_key(prefix, text) for text in texts)
    means = embed.entry_vectors(vectors, entries)
    now = last
    if refit or not atlases.is_current(last, entries, config.options):
        with bar("Drawing the map", 1) as advance:
            now = atlases.update(config, entries, means, last, refit=refit)  # 3
            advance(1)
    now = levels.update(now, last.groups, entries)
    atlas_file.write(store, now)
    around = neighbours.update(store, entries, now, prefix, config.options.related, lambda: means)  # 4
    related = around.related(config.options.related)
    table = _query_encoder(config, entries, say, bar)
    made = shards.update(shards.place(store), entries, lambda: vectors, prefix, _clusters(now), table)  # 5
    changed = changes.between(last, now, config.options.projection)
    return Diary(config, found, entries, now, related, embedded, changed, made=made, encoder=table, neighbours=around)


def _index_papers(config: Config, entries: tuple[Entry, ...], cache: VectorCache, bar: Bar, say: Say) -> list[str]:
    """Bring the index of the papers' texts up to date, which stays on this machine; what was embedded for it."""
    from paperdiary import papers  # only a build reads them

    place = shards.paper_place(Store(config))
    read = shards.of_passages(entries, papers.passages(config, entries, say=say))
    if not read:
        shards.remove(place)
        return []
    texts = [text for entry in read for text in embed.passage_texts(entry)]

    def vectors() -> embed.Array:
        with bar("Embedding the papers", len(texts)) as advance:
            return embed.embed(texts, config.options, cache, advance)[0]

    shards.update(place, read, vectors, embed.identity(config.options))
    return texts


def _clusters(atlas: Atlas) -> dict[str, str]:
    return {i: place.cluster for i, place in atlas.places.items()}


def _query_encoder(config: Config, entries: tuple[Entry, ...], say: Say, bar: Bar) -> QueryEncoder | None:
    """The table that stands for the model in the page; None where there is none."""
    store = Store(config)
    try:
        if config.options.query_encoder == "fit":
            from paperdiary import distil

            with bar("Fitting a query encoder", 1) as advance:
                distil.update(config.options, store, entries, lambda message: None)
                advance(1)
        return encoder.load(config.options, store)
    except DiaryError as e:
        say(str(e))
        return None
