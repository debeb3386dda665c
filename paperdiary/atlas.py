"""Entries -> the atlas: where each lies on the map, its cluster, and the clusters' names.

The steps, in order: 1 vectors, 2 principal components, 3 projections, 4 clusters, 5 identities,
6 names. What did not change since the last atlas is not computed again. `atlas_file.py` reads and writes it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from paperdiary import embed
from paperdiary.config import Config, Options
from paperdiary.entry import Entry

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

PROJECTIONS = ("tsne", "umap", "pca")
BESIDE = 400  #: entries from which on UMAP is worth a process of its own
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group that K-Means found."""

    id: str  #: permanent: "c1", "c2", …
    name: str
    size: int  #: number of entries
    pinned: bool = False  #: the reader chose the name; a build keeps it
    named: int = 0  #: how many entries it had when it was named; 0 where that is not known
    by: str = ""  #: the language model that named it; "" where its words or the reader did


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry lies."""

    points: dict[str, Point]  #: projection -> (x, y)
    cluster: str  #: id
    text: str = ""  #: hash of what was embedded
    late: bool = False  #: came to its cluster, or was written anew, after that was named


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters that lie beside each other: the level of names above theirs (`levels.py`)."""

    id: str  #: permanent: "g1", "g2", …
    name: str
    clusters: tuple[str, ...]  #: ids
    named: tuple[str, ...]  #: the clusters that it had when it was named
    size: int  #: and how many entries those had
    pinned: bool = False  #: the reader chose the name; a build keeps it


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a cluster."""

    date: str  #: day of the build, ISO 8601
    what: str  #: "born", "split" (from `other`), "merged" (into `other`), "gone"
    cluster: str  #: id
    name: str  #: what it was called
    other: str = ""  #: id of another cluster


@dataclass(frozen=True, slots=True)
class Atlas:
    """The map's memory; `atlas.json` is its file form."""

    clusters: tuple[Cluster, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)  #: entry id -> place
    made: str = ""  #: the settings it was made with
    retired: tuple[str, ...] = ()  #: cluster ids that are gone; never given again
    events: tuple[Event, ...] = ()  #: oldest first
    groups: tuple[Group, ...] = ()  #: of the clusters; none where those are few

    def point(self, entry: str, projection: str) -> Point | None:
        """Where an entry lies in a projection; None where it was not on the map."""
        place = self.places.get(entry)
        return place.points.get(projection) if place else None


def update(
    config: Config, entries: Sequence[Entry], vectors: Array, last: Atlas, *, refit: bool = False, today: str = ""
) -> Atlas:
    """The atlas of `entries`, as close to the last one as the entries allow.

    Args:
        vectors: (n, d) unit vectors of the entries, from `embed.entry_vectors`.
        last: an empty Atlas lays everything out anew.
        refit: lay everything out anew and only turn it towards the last map; names that are not pinned are
            found again, clusters keep the id of the one they share most members with.
        today: date of events, ISO 8601; empty for the day it is.
    """
    import numpy as np

    from paperdiary import cluster, reduce

    options = config.options
    if not entries:
        return Atlas(made=signature(options), retired=_all_ids(last), events=last.events)
    texts = {e.id: text_hash(e) for e in entries}
    last = _renamed(last, texts)
    components = reduce.pca(vectors)  # 2
    layout, groups_made = signature(options).split(".")
    warm = not refit and last.made.partition(".")[0] == layout
    edited = np.array([e.id in last.places and last.places[e.id].text != texts[e.id] for e in entries])
    points = _projected(components, entries, last, options, warm, edited)  # 3
    ground = points["tsne"] if options.cluster_on == "map" else vectors
    before = [last.places[e.id].cluster if e.id in last.places else None for e in entries]
    old = sorted({b for b in before if b})
    follow = warm and last.made.partition(".")[2] == groups_made and sum(map(bool, before)) >= len(entries) / 2
    count = cluster.count_for(len(entries), options.clusters, len(old) if follow else 0)
    was = {c.id: c for c in last.clusters}
    labels = cluster.assign(
        ground, count, [old.index(b) if b else -1 for b in before] if follow else None, options.seed
    )  # 4
    found = sorted(set(labels))
    labels = [found.index(label) for label in labels]
    ids = cluster.identities(labels, before, _all_ids(last))  # 5
    groups = [[e for e, label in zip(entries, labels, strict=True) if label == n] for n in range(len(ids))]
    as_named = {i: p.cluster for i, p in last.places.items() if not p.late and p.text == texts.get(i)}
    kept = {} if refit else _kept_names(last, ids, groups, as_named)
    kept |= {n: was[i].name for n, i in enumerate(ids) if i in was and was[i].pinned}
    named = cluster.names(groups, kept)  # 6
    clusters = [
        Cluster(
            i,
            name,
            len(group),
            i in was and was[i].pinned,
            was[i].named if n in kept else len(group),
            was[i].by if n in kept else "",
        )
        for n, (i, name, group) in enumerate(zip(ids, named, groups, strict=True))
    ]
    places = {
        entry.id: Place(
            {name: _rounded(points[name][row]) for name in PROJECTIONS},
            ids[label],
            texts[entry.id],
            label in kept and as_named.get(entry.id) != ids[label],
        )
        for row, (entry, label) in enumerate(zip(entries, labels, strict=True))
    }
    gone = tuple(sorted(set(_all_ids(last)) - set(ids), key=number))
    now = Atlas(tuple(sorted(clusters, key=lambda c: number(c.id))), places, signature(options), gone, last.events)
    return replace(now, events=(*last.events, *_events(last, now, today or date.today().isoformat())))


def _projected(
    components: Array, entries: Sequence[Entry], last: Atlas, options: Options, warm: bool, edited: Any
) -> dict[str, Array]:
    """Places in all projections. Large ones that begin anew are made in two processes."""
    import numpy as np

    from paperdiary import beside, reduce

    starts = {
        name: np.array([last.point(e.id, name) or (np.nan, np.nan) for e in entries], dtype=np.float64)
        for name in PROJECTIONS
    }
    new = int(np.isnan(starts["umap"]).any(axis=1).sum())
    apart = len(entries) >= BESIDE and (not warm or new > max(reduce.UMAP_FEW, len(entries) * reduce.UMAP_SHARE))

    def places(name: str) -> Array:
        return reduce.project(name, components, starts[name], options, warm=warm, edited=edited)

    if not apart:
        return {name: places(name) for name in PROJECTIONS}
    umap = "umap", components, starts["umap"], options
    with beside.running(reduce.project, *umap, warm=warm, edited=edited) as result:
        points = {name: places(name) for name in PROJECTIONS if name != "umap"}
        return points | {"umap": result()}


def _renamed(last: Atlas, texts: Mapping[str, str]) -> Atlas:
    """The last atlas with the new ids of entries whose text is that of one that is gone; `texts` by id."""
    lost = {place.text: i for i, place in last.places.items() if i not in texts and place.text}
    new = {lost[text]: i for i, text in texts.items() if i not in last.places and text in lost}
    return replace(last, places={new.get(i, i): place for i, place in last.places.items()}) if new else last


def _kept_names(
    last: Atlas, ids: Sequence[str], groups: Sequence[Sequence[Entry]], as_named: Mapping[str, str]
) -> dict[int, str]:
    """Names that stay: those of which two thirds of the members are as they were at the naming.

    Args:
        as_named: id of each entry that is as it was then -> its cluster then.
    """
    kept: dict[int, str] = {}
    was = {c.id: c for c in last.clusters}
    for number, (identifier, group) in enumerate(zip(ids, groups, strict=True)):
        if identifier not in was or not was[identifier].name:
            continue
        one = was[identifier]
        same = sum(as_named.get(e.id) == identifier for e in group)
        if same >= 2 / 3 * max(one.named or one.size, len(group)):
            kept[number] = one.name
    return kept


def _events(last: Atlas, now: Atlas, today: str) -> list[Event]:
    """What became of the clusters since the last atlas; nothing where that is empty."""
    if not last.clusters:
        return []
    before = {c.id: c.name for c in last.clusters}
    after = {c.id: c.name for c in now.clusters}
    moves = Counter((last.places[i].cluster, p.cluster) for i, p in now.places.items() if i in last.places)
    out = []
    for identifier in after.keys() - before.keys():
        size = sum(p.cluster == identifier for p in now.places.values())
        origin, share = _most({old: n for (old, new), n in moves.items() if new == identifier})
        out.append(Event(today, *(("split", identifier, after[identifier], origin) if share * 2 >= size else
                                  ("born", identifier, after[identifier]))))  # fmt: skip
    for identifier in before.keys() - after.keys():
        heir, _ = _most({new: n for (old, new), n in moves.items() if old == identifier})
        out.append(Event(today, "merged" if heir else "gone", identifier, before[identifier], heir))
    return sorted(out, key=lambda e: number(e.cluster))


def _most(counts: dict[str, int]) -> tuple[str, int]:
    return max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))


def _rounded(point: Any) -> Point:
    return round(float(point[0]), 4), round(float(point[1]), 4)


def _all_ids(atlas: Atlas) -> tuple[str, ...]:
    return (*atlas.retired, *(c.id for c in atlas.clusters))


def number(identifier: str) -> int:
    """The number in a cluster's id; 0 where the reader chose another."""
    found = re.search(r"\d+", identifier)
    return int(found[0]) if found else 0


def signature(options: Options) -> str:
    """The settings that decide the map and, after the point, those that decide the clusters."""
    layout = (embed.identity(options), options.perplexity, options.seed)
    groups = (options.cluster_on, options.clusters)
    return ".".join(hashlib.blake2b(repr(part).encode(), digest_size=4).hexdigest() for part in (layout, groups))


def text_hash(entry: Entry) -> str:
    """Changes when what is embedded of an entry, or what its cluster's name is made from, does."""
    words = "\0".join([*embed.passage_texts(entry), entry.description, *entry.tags])
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def is_current(atlas: Atlas, entries: Sequence[Entry], options: Options) -> bool:
    """True where an atlas was made of exactly these entries with these settings."""
    return (
        atlas.made == signature(options)
        and len(atlas.places) == len(entries)
        and all(c.name for c in atlas.clusters)
        and all(e.id in atlas.places and atlas.places[e.id].text == text_hash(e) for e in entries)
    )


def for_entries(atlas: Atlas, entries: Sequence[Entry]) -> Atlas:
    """The part of an atlas that is about these entries, for a build that cannot make a new one."""
    ids = {e.id for e in entries}
    places = {i: p for i, p in atlas.places.items() if i in ids}
    clusters = tuple(
        replace(c, size=size, name=c.name or f"Cluster {number(c.id)}")
        for c in atlas.clusters
        if (size := sum(p.cluster == c.id for p in places.values()))
    )
    live = {c.id for c in clusters}
    groups = (replace(g, clusters=tuple(c for c in g.clusters if c in live)) for g in atlas.groups)
    kept = tuple(g for g in groups if g.clusters)
    return Atlas(clusters, places, atlas.made, atlas.retired, atlas.events, kept)
