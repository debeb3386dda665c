"""Entries -> the atlas: where each lies on the map, its cluster, and the clusters' names.

The steps, in order: 1 vectors, 2 principal components, 3 projections, 4 clusters, 5 identities,
6 names. What did not change since the last atlas is not computed again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paperdiary import embed
from paperdiary.config import Config, Options
from paperdiary.entry import Entry
from paperdiary.store import Store, write_atomic

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

VERSION = 1
PROJECTIONS = ("tsne", "umap", "pca")
Say = Callable[[str], None]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group that K-Means found."""

    id: str  #: permanent: "c1", "c2", …
    name: str
    size: int  #: number of entries
    pinned: bool = False  #: the reader chose the name; a build keeps it


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry lies."""

    points: dict[str, Point]  #: projection -> (x, y)
    cluster: str  #: id
    text: str = ""  #: hash of what was embedded


@dataclass(frozen=True, slots=True)
class Atlas:
    """The map's memory; `atlas.json` is its file form."""

    clusters: tuple[Cluster, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)  #: entry id -> place
    made: str = ""  #: the settings it was made with
    retired: tuple[str, ...] = ()  #: cluster ids that are gone; never given again

    def point(self, entry: str, projection: str) -> Point | None:
        """Where an entry lies in a projection; None where it was not on the map."""
        place = self.places.get(entry)
        return place.points.get(projection) if place else None


def update(config: Config, entries: Sequence[Entry], vectors: Array, last: Atlas) -> Atlas:
    """The atlas of `entries`, as close to the last one as the entries allow.

    Args:
        vectors: (n, d) unit vectors of the entries, from `embed.entry_vectors`.
        last: an empty Atlas lays everything out anew.
    """
    import numpy as np

    from paperdiary import cluster, reduce

    options = config.options
    if not entries:
        return Atlas(made=signature(options), retired=_all_ids(last))
    components = reduce.pca(vectors, options.seed)  # 2
    warm = _layout(last.made) == _layout(signature(options))
    edited = np.array([e.id in last.places and last.places[e.id].text != text_hash(e) for e in entries])
    points: dict[str, Array] = {}
    for name in PROJECTIONS:  # 3
        start = np.array([last.point(e.id, name) or (np.nan, np.nan) for e in entries], dtype=np.float64)
        points[name] = reduce.project(name, components, start, options, warm=warm, edited=edited)
    ground = points["tsne"] if options.cluster_on == "map" else vectors
    before = [last.places[e.id].cluster if e.id in last.places else None for e in entries]
    old = sorted({b for b in before if b})
    count = cluster.count_for(len(entries), options.clusters, len(old))
    centres = None
    if len(old) == count:
        centres = np.stack([ground[[i for i, b in enumerate(before) if b == o]].mean(axis=0) for o in old])
    labels = cluster.assign(ground, count, centres, options.seed)  # 4
    found = sorted(set(labels))
    labels = [found.index(label) for label in labels]
    ids = cluster.identities(labels, before, _all_ids(last))  # 5
    groups = [[e for e, label in zip(entries, labels, strict=True) if label == n] for n in range(len(ids))]
    named = cluster.names(groups, _kept_names(last, ids, groups))  # 6
    pinned = {c.id for c in last.clusters if c.pinned}
    clusters = [Cluster(i, name, len(group), i in pinned) for i, name, group in zip(ids, named, groups, strict=True)]
    places = {
        entry.id: Place({name: _rounded(points[name][row]) for name in PROJECTIONS}, ids[label], text_hash(entry))
        for row, (entry, label) in enumerate(zip(entries, labels, strict=True))
    }
    gone = tuple(sorted(set(_all_ids(last)) - set(ids), key=_number))
    return Atlas(tuple(sorted(clusters, key=lambda c: _number(c.id))), places, signature(options), gone)


def _kept_names(last: Atlas, ids: Sequence[str], groups: Sequence[Sequence[Entry]]) -> dict[int, str]:
    """Names that stay: pinned ones, and those that still fit where two thirds of the members are unchanged."""
    from paperdiary import cluster

    kept: dict[int, str] = {}
    for number, (identifier, group) in enumerate(zip(ids, groups, strict=True)):
        was = next((c for c in last.clusters if c.id == identifier), None)
        if was is None:
            continue
        old = {(e, place.text) for e, place in last.places.items() if place.cluster == identifier}
        now = {(e.id, text_hash(e)) for e in group}
        same = len(old & now) >= 2 / 3 * max(len(old), len(now))
        if was.pinned or (same and cluster.fits(was.name, group)):
            kept[number] = was.name
    return kept


def _rounded(point: Any) -> Point:
    return round(float(point[0]), 4), round(float(point[1]), 4)


def _all_ids(atlas: Atlas) -> tuple[str, ...]:
    return (*atlas.retired, *(c.id for c in atlas.clusters))


def _number(identifier: str) -> int:
    found = re.search(r"\d+", identifier)
    return int(found[0]) if found else 0


def signature(options: Options) -> str:
    """The settings that decide the map and, after the point, those that decide the clusters."""
    layout = (embed.identity(options), options.perplexity, options.seed)
    groups = (options.cluster_on, options.clusters)
    return ".".join(hashlib.blake2b(repr(part).encode(), digest_size=4).hexdigest() for part in (layout, groups))


def _layout(made: str) -> str:
    """The part of a signature that, when it changes, lays the map out anew."""
    return made.partition(".")[0]


def text_hash(entry: Entry) -> str:
    """Changes when what is embedded of an entry, or what its cluster's name is made from, does."""
    words = "\0".join([*embed.passage_texts(entry), entry.description, *entry.tags])
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def is_current(atlas: Atlas, entries: Sequence[Entry], options: Options) -> bool:
    """True where an atlas was made of exactly these entries with these settings."""
    return (
        atlas.made == signature(options)
        and len(atlas.places) == len(entries)
        and all(e.id in atlas.places and atlas.places[e.id].text == text_hash(e) for e in entries)
    )


def for_entries(atlas: Atlas, entries: Sequence[Entry]) -> Atlas:
    """The part of an atlas that is about these entries, for a build that cannot make a new one."""
    ids = {e.id for e in entries}
    places = {i: p for i, p in atlas.places.items() if i in ids}
    clusters = tuple(
        Cluster(c.id, c.name, size, c.pinned)
        for c in atlas.clusters
        if (size := sum(p.cluster == c.id for p in places.values()))
    )
    return Atlas(clusters, places, atlas.made, atlas.retired)


def dumps(atlas: Atlas) -> str:
    """atlas.json: one cluster and one entry a line, sorted, so that it merges well."""
    clusters = [
        json.dumps({"id": c.id, "name": c.name, "pinned": c.pinned, "size": c.size}, ensure_ascii=False)
        for c in atlas.clusters
    ]
    entries = [
        f"{json.dumps(i, ensure_ascii=False)}: "
        + json.dumps({**{n: p.points[n] for n in PROJECTIONS if n in p.points}, "cluster": p.cluster, "text": p.text})
        for i, p in sorted(atlas.places.items())
    ]
    return (
        f'{{\n"version": {VERSION},\n"made": {json.dumps(atlas.made)},\n"retired": {json.dumps(list(atlas.retired))},\n'
        f'"clusters": [\n{_joined(clusters)}],\n"entries": {{\n{_joined(entries)}}}\n}}\n'
    )


def _joined(lines: list[str]) -> str:
    return ",\n".join(lines) + ("\n" if lines else "")


def loads(text: str) -> tuple[Atlas, bool]:
    """(atlas, whole): from a damaged file or one with a merge conflict, the lines that can be read."""
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            return Atlas(), False
        clusters = [_cluster(c) for c in data["clusters"]]
        places = {str(i): _place(p) for i, p in data["entries"].items()}
        retired = [str(i) for i in data.get("retired", ())]
        return _consistent(clusters, places, str(data.get("made", "")), retired)
    except _DAMAGE:
        pass
    found: dict[str, Cluster] = {}
    places, retired = {}, []
    made = re.search(r'^"made": "([\w.]+)"', text, re.M)
    for line in text.split("\n"):
        line = line.strip().rstrip(",")
        try:
            if line.startswith('{"id"'):
                one = _cluster(json.loads(line))
                found[one.id] = one
            elif line.startswith('"retired":'):
                retired += [str(i) for i in json.loads(line.partition(":")[2])]
            elif line.startswith('"') and line.endswith("}"):
                for key, value in json.loads(f"{{{line}}}").items():
                    places[key] = _place(value)
        except _DAMAGE:
            continue
    atlas, _ = _consistent(list(found.values()), places, made[1] if made else "", retired)
    return atlas, False


#: what reading a file that was cut off, edited or merged can raise
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


def _consistent(clusters: list[Cluster], places: dict[str, Place], made: str, retired: list[str]) -> tuple[Atlas, bool]:
    """The atlas with what contradicts itself left out; sizes are counted, empty clusters retire."""
    ids = {c.id for c in clusters}
    kept = {i: p for i, p in places.items() if p.cluster in ids}
    sizes = Counter(p.cluster for p in kept.values())
    live = {c.id: Cluster(c.id, c.name, sizes[c.id], c.pinned) for c in clusters if sizes[c.id]}
    gone = tuple(sorted({*retired, *ids} - set(live), key=_number))
    return Atlas(tuple(live.values()), kept, made, gone), len(kept) == len(places)


def _cluster(value: dict[str, Any]) -> Cluster:
    return Cluster(str(value["id"]), str(value["name"]), int(value["size"]), value["pinned"] is True)


def _place(value: dict[str, Any]) -> Place:
    points = {n: _point(value[n]) for n in PROJECTIONS if n in value}
    if any(abs(c) > 1e9 or c != c for p in points.values() for c in p):
        raise ValueError("a coordinate is not a number")
    return Place(points, str(value["cluster"]), str(value.get("text", "")))


def _point(value: Any) -> Point:
    x, y = value
    return float(x), float(y)


def read(store: Store, say: Say = lambda message: None) -> Atlas:
    """The last atlas; an empty one where there is none. Says when the file had to be mended."""
    try:
        text = store.atlas.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Atlas()
    atlas, whole = loads(text)
    if not whole:
        say(
            f"atlas.json is damaged or holds a merge conflict; {len(atlas.places)} places on the map could be read"
            " from it and the rest is laid out again."
        )
    return atlas


def write(store: Store, atlas: Atlas) -> None:
    """Write atlas.json where it would change."""
    text = dumps(atlas)
    if not store.atlas.is_file() or store.atlas.read_bytes() != text.encode():
        write_atomic(store.atlas, text)
