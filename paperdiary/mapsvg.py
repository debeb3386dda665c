"""The map as SVG: what is seen before a script has come, where none runs, and in a feed reader.

Up to LINKED points each is a link with a title; above, those of a cluster are one path and the clusters' names are
the links. Every mark has attributes of its own that can be read on white and on black; where the site's stylesheet
is, its colours take their place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from paperdiary import maplabels, palette, shown
from paperdiary.atlas import Cluster, Group, Point
from paperdiary.entry import KINDS, STATUSES, Entry
from paperdiary.mapdata import CORNER, HEIGHT, TYPE, UPPER, WIDTH, Placed, drawn, frame
from paperdiary.mapmarks import both, css_class, mark_size, outline, walk

LINKED = 2_000  #: up to so many points, each is a link
OPEN = 2.0  #: width of the outline of what is not read yet
SMALL, FEW = 27.0, 10  #: type of the names where the picture is as wide as a telephone: 12 px of 390; so many at most
LOOKS = 20  #: topics that have a look of their own; the map's script has the same number
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Look:
    """A colour and a symbol that entries share."""

    colour: int  #: 0 to 9, -1 for the neutral one
    symbol: int  #: 0 to 3


@dataclass(frozen=True, slots=True)
class Picture:
    """What of a diary is drawn, and how."""

    placed: Placed
    rows: tuple[int, ...]  #: those of `placed` that are shown
    projection: str = "tsne"
    colour: str = "cluster"  #: cluster, topic, kind or status; another one is neutral without the script
    names: bool = True
    groups: tuple[Group, ...] = ()

    def frame(self) -> list[list[float]]:
        """The part of the plane that is shown: around all points, or around some of them with what is near."""
        points = self.placed.points[self.projection]
        whole = frame(points)
        if len(self.rows) == len(points):
            return whole
        return frame([points[row] for row in self.rows], least=(whole[0][1] - whole[0][0]) / 4)


def svg(
    picture: Picture, link: Callable[[str], str], cluster_page: Callable[[Cluster], str], *, target: str = ""
) -> str:
    """The picture as an SVG element.

    Addresses are written as `xlink:href`: the theme's instant navigation fails on a link in an SVG that has a `href`.

    Args:
        link: page of an entry or a cluster, a URL path in the site -> its address from where the map stands.
        cluster_page: cluster -> page.
        target: where links open, "_top" for a map in a frame; HTML's <base> does not hold in an SVG.
    """
    placed, rows = picture.placed, picture.rows
    within = picture.frame()
    points = placed.points[picture.projection]
    size = mark_size(len(rows))
    places = {row: drawn(points[row], within) for row in rows}
    looks = _looks(picture)
    by_look: dict[Look, list[int]] = defaultdict(list)
    for row in rows:
        by_look[looks[row]].append(row)
    linked = len(rows) <= LINKED
    anchor = _Anchor(link, f' target="{target}"' if target else "")
    marks = []
    for look in sorted(by_look, key=lambda look: (look.symbol, look.colour)):
        mine = by_look[look]
        inner = (
            _links(picture, mine, places, look, size, anchor) if linked else _paths(picture, mine, places, look, size)
        )
        colour = both(look.colour)
        marks.append(
            f'<g class="{css_class(look.colour)}" fill="{colour}" stroke="{colour}" stroke-width="0">{inner}</g>'
        )
    names = _names(picture, places, None if linked else lambda c: anchor(cluster_page(c))) if picture.names else ""
    bounds = " ".join(f"{value:g}" for pair in within for value in pair)
    label = f"Map of {len(rows)} {'entry' if len(rows) == 1 else 'entries'}"
    return (
        f'<svg class="pd-map__svg" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" role="group" aria-label="{label}" data-frame="{bounds}" data-mark="{size:g}">'
        f"{''.join(marks)}{names}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Writes the start of a link."""

    link: Callable[[str], str]
    target: str

    def __call__(self, page: str) -> str:
        return f'<a xlink:href="{escape(self.link(page))}"{self.target}>'


def _looks(picture: Picture) -> dict[int, Look]:
    """How each row is drawn; by number of entries where it is not by cluster, as the map's script does it."""
    placed, rows = picture.placed, picture.rows
    if picture.colour == "cluster":
        looks = [Look(*palette.look(c.id)) for c in placed.clusters]
        return {row: looks[placed.own[row]] for row in rows}
    read: dict[str, Callable[[Entry], str]] = {
        "topic": lambda e: e.topic,
        "kind": lambda e: e.kind,
        "status": lambda e: e.status,
    }
    if picture.colour not in read:
        return {row: Look(-1, 0) for row in rows}
    value = read[picture.colour]
    counts = Counter(value(e) for e in placed.entries if value(e))
    known = {"kind": list(KINDS), "status": list(STATUSES)}.get(picture.colour)
    listed = known or sorted(counts, key=lambda t: (t.lower(), t))
    ranked = sorted(counts, key=lambda v: (-counts[v], listed.index(v)))
    looks_of = {v: Look(n % 10, n // 10) for n, v in enumerate(ranked[:LOOKS])}
    return {row: looks_of.get(value(placed.entries[row]), Look(-1, 0)) for row in rows}


# -- marks


def _links(
    picture: Picture,
    rows: Sequence[int],
    places: dict[int, Point],
    look: Look,
    size: float,
    anchor: _Anchor,
) -> str:
    """A link with a title for every entry; what is not read yet is an open mark."""
    out = []
    placed = picture.placed
    radius = size / 2
    for row in rows:
        entry = placed.entries[row]
        x, y = (f"{value:.1f}".removesuffix(".0") for value in places[row])
        name = shown.plain(placed.clusters[placed.own[row]].name)
        facts = ", ".join(part for part in (entry.date or "", "to read" if entry.status == "queued" else "") if part)
        title = " ".join(shown.plain(entry.title).split())
        title = title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE].rsplit(' ', 1)[0]}…"
        text = f"{title} ({', '.join(part for part in (facts, name) if part)})"
        how = f' fill="none" stroke-width="{OPEN:g}"' if entry.status == "queued" else ""
        if look.symbol:
            path = outline(look.symbol, radius).partition("z")[0]
            shape = f'<path d="M{x} {y}{path}z"{how}/>'
        else:
            shape = f'<circle cx="{x}" cy="{y}" r="{radius:g}"{how}/>'
        out.append(f"{anchor(entry.page)}<title>{escape(text)}</title>{shape}</a>")
    return "".join(out)


def _paths(picture: Picture, rows: Sequence[int], places: dict[int, Point], look: Look, size: float) -> str:
    """One path for what was read and one for what was not: about ten bytes a point.

    Circles and squares are the round and square ends of lines without length.
    """
    queued = [row for row in rows if picture.placed.entries[row].status == "queued"]
    other = [row for row in rows if picture.placed.entries[row].status != "queued"]
    out = []
    if other and look.symbol in (0, 2):
        cap = "square" if look.symbol else "round"
        line = f'fill="none" stroke-width="{size:g}" stroke-linecap="{cap}"'
        out.append(f'<path {line} d="{walk([places[row] for row in other], "h0")}"/>')
    elif other:
        out.append(f'<path d="{walk([places[row] for row in other], outline(look.symbol, size / 2))}"/>')
    if queued:
        ring = walk([places[row] for row in queued], outline(look.symbol, size / 2))
        out.append(f'<path fill="none" stroke-width="{OPEN:g}" d="{ring}"/>')
    return "".join(out)


# -- names


def _names(picture: Picture, places: dict[int, Point], page: Callable[[Cluster], str] | None) -> str:
    """The names of the clusters beside their points, and those of the groups above them where there are some.

    They are set twice: for a picture of usual width, and for one as wide as a telephone, which has room for fewer
    and shows them by a rule of the stylesheet.
    """
    placed = picture.placed
    members: list[list[Point]] = [[] for _ in placed.clusters]
    for row in picture.rows:
        members[placed.own[row]].append(places[row])
    names = [shown.plain(c.name) for c in placed.clusters]
    largest = set(sorted(range(len(names)), key=lambda n: (-len(members[n]), n))[:FEW])
    out = []
    for size, small in ((TYPE, False), (SMALL, True)):
        wanted = [n if i in largest or not small else "" for i, n in enumerate(names)]
        labels = maplabels.place(wanted, members, (WIDTH, HEIGHT), size, taken=[CORNER])
        texts = [_text(label, "cluster", size) for label in labels]
        if page:
            texts = [
                f"{page(cluster)}{text}</a>" if text else ""
                for cluster, text in zip(placed.clusters, texts, strict=True)
            ]
        if not small and picture.groups:
            texts += _upper(picture, members, labels)
        kind = "pd-map__names pd-map__names--small" if small else "pd-map__names"
        hide = ' display="none"' if small else ""
        hidden = "" if page else ' aria-hidden="true"'
        out.append(
            f'<g class="{kind}"{hide}{hidden} fill="currentColor" font-family="system-ui,sans-serif"'
            f' font-size="{size:g}" font-weight="600" text-anchor="middle">{"".join(texts)}</g>'
        )
    return "".join(out)


def _upper(
    picture: Picture,
    members: Sequence[Sequence[Point]],
    labels: Sequence[maplabels.Label | None],
) -> list[str]:
    """The names of the groups, larger and paler, where those of the clusters leave room."""
    number = {c.id: n for n, c in enumerate(picture.placed.clusters)}
    inside = [
        [p for c in group.clusters if c in number for p in members[number[c]]] if len(group.clusters) > 1 else []
        for group in picture.groups
    ]
    taken = [CORNER, *(label.box(TYPE) for label in labels if label)]
    found = maplabels.place([shown.plain(g.name) for g in picture.groups], inside, (WIDTH, HEIGHT), UPPER, taken=taken)
    style = f'class="pd-name--group" font-size="{UPPER:g}" font-weight="400" opacity=".62"'
    return [_text(label, "group", UPPER, style) for label in found]


def _text(label: maplabels.Label | None, what: str, size: float, style: str = "") -> str:
    if label is None:
        return ""
    head = f'<text data-{what}="{label.number}"{" " if style else ""}{style}'
    lines = list(zip(label.lines, label.baselines(size), strict=True))
    if len(lines) == 1:
        return f'{head} x="{label.x:g}" y="{lines[0][1]:.1f}">{escape(lines[0][0])}</text>'
    spans = "".join(f'<tspan x="{label.x:g}" y="{y:.1f}">{escape(line)}</tspan>' for line, y in lines)
    return f"{head}>{spans}</text>"
