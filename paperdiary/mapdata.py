"""The atlas as data for the map's scripts: two files of columns, where row i is entry i.

`map-points.js` is what a drawn map needs, `map-cards.js` what its cards show besides. Both are scripts that call a
function with the data, since a page that was opened from the disk may not read JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paperdiary import maplabels, palette, shown
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Point
from paperdiary.entry import KINDS, STATUSES, Entry
from paperdiary.neighbours import Neighbours
from paperdiary.page import authors

VERSION = 2
LABELS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
WIDTH, HEIGHT = 900, 600  #: of the map, in its own units
CORNER = (WIDTH - 75.0, HEIGHT - 110.0, float(WIDTH), float(HEIGHT))  #: where the drawn map has its buttons
TYPE = 15.0  #: size of the names of clusters, in those units
UPPER = 21.0  #: and of the names above them
MARGIN = 0.07  #: of the width, around the points
STEPS = 16_384  #: places that are told apart across a map
CARD = 5  #: neighbours that a card names
JUDGED = 4  #: neighbours by which a map is judged, at least; in a diary of a dozen entries nothing is said of it
_SHOWN = 400  #: signs of a description that a card shows


@dataclass(frozen=True, slots=True)
class Addresses:
    """URL paths in the site."""

    topic: Callable[[str], tuple[str, str]]  #: folder -> (name, page)
    cluster: Callable[[Cluster], str]
    search: str
    map: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The entries that lie on the map."""

    entries: tuple[Entry, ...]
    clusters: tuple[Cluster, ...]
    own: tuple[int, ...]  #: of each entry, its cluster's number
    points: Mapping[str, Sequence[Point]]  #: projection -> places
    source: tuple[int, ...]  #: position of each among all entries

    @classmethod
    def of(cls, entries: Sequence[Entry], atlas: Atlas) -> Placed:
        number = {c.id: n for n, c in enumerate(atlas.clusters)}
        rows = [n for n, e in enumerate(entries) if e.id in atlas.places and atlas.places[e.id].cluster in number]
        placed = tuple(entries[n] for n in rows)
        places = [atlas.places[e.id] for e in placed]
        points = {name: tuple(p.points.get(name, (0.0, 0.0)) for p in places) for name in PROJECTIONS}
        return cls(placed, atlas.clusters, tuple(number[p.cluster] for p in places), points, tuple(rows))

    def members(self, projection: str, rows: Sequence[int] | None = None) -> list[list[Point]]:
        """The points of each cluster; of `rows` alone where that is given."""
        out: list[list[Point]] = [[] for _ in self.clusters]
        points = self.points[projection]
        for row in range(len(self.own)) if rows is None else rows:
            out[self.own[row]].append(points[row])
        return out


# -- geometry


def frame(points: Sequence[Point], ratio: float = WIDTH / HEIGHT, least: float = 0.0) -> list[list[float]]:
    """[[x0, x1], [y0, y1]] around the points with a margin, as wide to its height as `ratio`.

    Args:
        least: width that it has at any rate.
    """
    xs = [p[0] for p in points] or [0.0]
    ys = [p[1] for p in points] or [0.0]
    wide = max((max(xs) - min(xs)) * (1 + 2 * MARGIN), least, 1e-3)
    high = max((max(ys) - min(ys)) * (1 + 2 * MARGIN), 1e-3)
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return [
        [round(middle[0] - wide / 2, 4), round(middle[0] + wide / 2, 4)],
        [round(middle[1] - high / 2, 4), round(middle[1] + high / 2, 4)],
    ]


def drawn(point: Point, within: Sequence[Sequence[float]], height: float = HEIGHT) -> Point:
    """A place on the map -> in a picture of WIDTH x `height`, y downwards."""
    (x0, x1), (y0, y1) = within
    return (point[0] - x0) / (x1 - x0) * WIDTH, (y1 - point[1]) / (y1 - y0) * height


def hull(points: Sequence[Point]) -> list[int]:
    """Rows of the convex hull, counter-clockwise (monotone chain, Andrew, 1979); fewer than three points stay."""
    row = {p: n for n, p in reversed(list(enumerate(points)))}
    unique = sorted(row)
    if len(unique) < 3:
        return [row[p] for p in unique]
    halves = []
    for run in (unique, unique[::-1]):
        half: list[Point] = []
        for p in run:
            while len(half) > 1 and _turn(half[-2], half[-1], p) <= 0:
                half.pop()
            half.append(p)
        halves.append(half[:-1])
    return [row[p] for p in halves[0] + halves[1]]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def reading_order(entries: Sequence[Entry]) -> list[int]:
    """Positions of the entries that have a date, in the order in which they were read."""
    dated = [(e.date, n) for n, e in enumerate(entries) if e.date and e.status != "queued"]
    return [n for _, n in sorted(dated)]


def names_at(
    names: Sequence[str], members: Sequence[Sequence[Point]], within: Sequence[Sequence[float]], size: float
) -> list[maplabels.Label | None]:
    """Places for names in a picture of WIDTH x HEIGHT."""
    inside = [[drawn(p, within) for p in group] for group in members]
    return maplabels.place(names, inside, (WIDTH, HEIGHT), size, taken=[CORNER])


# -- the files


def points(
    entries: Sequence[Entry], atlas: Atlas, near: Neighbours, first: str, addresses: Addresses
) -> dict[str, Any]:
    """What map-points.js holds.

    Args:
        near: about all `entries`, in their order. Where it is empty or looks at fewer than JUDGED of each, nothing is
            said of how well the maps keep neighbours.
        first: the projection that is shown first.
    """
    placed = Placed.of(entries, atlas)
    topics = sorted({e.topic for e in placed.entries if e.topic}, key=lambda t: (t.lower(), t))
    topic_number = {topic: n for n, topic in enumerate(topics)}
    groups = _groups(atlas)
    group_of = {n: g for g, group in enumerate(groups) for n in group["members"]}
    return {
        "version": VERSION,
        "first": first,
        "ids": [e.id for e in placed.entries],
        "titles": [shown.plain(e.title) for e in placed.entries],
        "pages": [e.page for e in placed.entries],
        "dates": [e.date for e in placed.entries],
        "published": [e.published or (f"{e.year:04}" if e.year else None) for e in placed.entries],
        "years": [e.year for e in placed.entries],
        "kindNames": list(KINDS),
        "kinds": [KINDS.index(e.kind) for e in placed.entries],
        "statusNames": list(STATUSES),
        "statuses": [STATUSES.index(e.status) for e in placed.entries],
        "topicNames": [
            {"key": topic, "name": name, "page": page} for topic in topics for name, page in [addresses.topic(topic)]
        ],
        "topics": [topic_number.get(e.topic, -1) for e in placed.entries],
        "clusterNames": [
            {
                "id": c.id,
                "name": shown.plain(c.name),
                "size": c.size,
                "page": addresses.cluster(c),
                "look": _look(c.id),
                "group": group_of.get(n, -1),
            }
            for n, c in enumerate(placed.clusters)
        ],
        "clusters": list(placed.own),
        "groups": groups,
        "order": reading_order(placed.entries),
        "near": near.of,
        "projections": {name: _projection(name, placed, groups, near) for name in PROJECTIONS},
        "palette": {"light": list(palette.LIGHT), "dark": list(palette.DARK)},
        "symbols": list(palette.SYMBOLS),
        "search": addresses.search,
        "map": addresses.map,
    }


def _look(cluster: str) -> int:
    colour, symbol = palette.look(cluster)
    return colour + len(palette.LIGHT) * symbol


def _groups(atlas: Atlas) -> list[dict[str, Any]]:
    number = {c.id: n for n, c in enumerate(atlas.clusters)}
    return [
        {"name": shown.plain(group.name), "members": [number[c] for c in group.clusters if c in number]}
        for group in atlas.groups
    ]


def _projection(name: str, placed: Placed, groups: Sequence[Mapping[str, Any]], near: Neighbours) -> dict[str, Any]:
    places = placed.points[name]
    within = frame(places)
    scale = 10 ** max(0, math.ceil(math.log10(STEPS / (within[0][1] - within[0][0]))))
    scale = max(1, min(scale, 10**6))
    rows: list[list[int]] = [[] for _ in placed.clusters]
    for row, cluster in enumerate(placed.own):
        rows[cluster].append(row)
    members = placed.members(name)
    upper = [[p for n in group["members"] for p in members[n]] if len(group["members"]) > 1 else [] for group in groups]
    kept = near.kept.get(name) if near.of >= JUDGED else None
    return {
        "label": LABELS[name],
        "scale": scale,
        "x": [round(p[0] * scale) for p in places],
        "y": [round(p[1] * scale) for p in places],
        "frame": within,
        "hulls": [[mine[n] for n in hull(group)] for mine, group in zip(rows, members, strict=True)],
        "labels": _labels([shown.plain(c.name) for c in placed.clusters], members, within, TYPE),
        "groupLabels": _labels([str(group["name"]) for group in groups], upper, within, UPPER),
        "kept": [int(kept[n]) for n in placed.source] if kept else [None] * len(places),
        "quality": near.quality(name) if kept else None,
    }


def _labels(
    names: Sequence[str], members: Sequence[Sequence[Point]], within: Sequence[Sequence[float]], size: float
) -> list[list[float] | None]:
    """Middles of the names on the map; None where one has no free place."""
    (x0, x1), (y0, y1) = within
    digits = max(0, 4 - math.ceil(math.log10(x1 - x0)))
    out: list[list[float] | None] = []
    for label in names_at(names, members, within, size):
        x, y = (label.x / WIDTH * (x1 - x0) + x0, y1 - label.y / HEIGHT * (y1 - y0)) if label else (0.0, 0.0)
        out.append([round(x, digits), round(y, digits)] if label else None)
    return out


def cards(entries: Sequence[Entry], atlas: Atlas, near: Neighbours, bibtex: Callable[[Entry], str]) -> dict[str, Any]:
    """What map-cards.js holds; rows as in `points`."""
    placed = Placed.of(entries, atlas)
    row = {n: at for at, n in enumerate(placed.source)}
    nearest = [
        [(row[other], cosine) for other, cosine in near.near(n) if other in row][:CARD] if near.ids else []
        for n in placed.source
    ]
    return {
        "version": VERSION,
        "descriptions": [_short(shown.plain(e.description)) for e in placed.entries],
        "authors": [authors(e.authors) for e in placed.entries],
        "links": [[[s.label, s.url] for s in e.sources] for e in placed.entries],
        "tags": [list(e.tags) for e in placed.entries],
        "neighbours": [[other for other, _ in found] for found in nearest],
        "near": [[round(cosine, 2) for _, cosine in found] for found in nearest],
        "bibtex": [bibtex(e) for e in placed.entries],
    }


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit(' ', 1)[0]}…"


def script(function: str, value: Mapping[str, Any]) -> bytes:
    """`PaperDiary.FUNCTION(…)`, in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"PaperDiary.{function}({text});\n".encode("utf-8", "replace")
