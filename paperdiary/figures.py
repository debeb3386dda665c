"""The atlas and the dates as figures: data for Plotly, and SVG that needs no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from paperdiary import shown
from paperdiary.atlas import PROJECTIONS, Atlas, Point
from paperdiary.entry import Entry
from paperdiary.stats import days_read

#: ten colours that colour-blind people can tell apart (after Okabe and Ito, 2008), then the marks change
COLOURS = (
    "#0072b2", "#e07b00", "#009e73", "#cc5fa0", "#56a8e0",
    "#d1420f", "#7b5fc4", "#8a6d1b", "#767b86", "#a3a300",
)  # fmt: skip
SYMBOLS = ("circle", "diamond", "square", "triangle-up")
LABELS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
WIDTH, HEIGHT = 900, 600  #: of the SVG map
MARGIN = 0.07  #: of the width, around the points


def look(cluster: str) -> tuple[str, str]:
    """(colour, symbol) of a cluster, decided by its permanent id."""
    digits = "".join(c for c in cluster if c.isdigit())
    number = int(digits) - 1 if digits else 0
    return COLOURS[number % len(COLOURS)], SYMBOLS[number // len(COLOURS) % len(SYMBOLS)]


def hull(points: Sequence[Point]) -> list[Point]:
    """The convex hull, counter-clockwise (monotone chain, Andrew, 1979); fewer than three points stay."""
    unique = sorted(set(points))
    if len(unique) < 3:
        return unique
    halves = []
    for run in (unique, unique[::-1]):
        half: list[Point] = []
        for p in run:
            while len(half) > 1 and _turn(half[-2], half[-1], p) <= 0:
                half.pop()
            half.append(p)
        halves.append(half[:-1])
    return halves[0] + halves[1]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def reading_order(entries: Sequence[Entry]) -> list[int]:
    """Positions of the entries that have a date, in the order in which they were read."""
    dated = [(e.date, n) for n, e in enumerate(entries) if e.date and e.status != "queued"]
    return [n for _, n in sorted(dated)]


def map_data(entries: Sequence[Entry], atlas: Atlas, first: str) -> dict[str, Any]:
    """What the map in the page is drawn from (`map.json`); only entries that have a place."""
    placed = [e for e in entries if e.id in atlas.places]
    order = {c.id: n for n, c in enumerate(atlas.clusters)}
    projections = {}
    for name in PROJECTIONS:
        points = [atlas.places[e.id].points.get(name, (0.0, 0.0)) for e in placed]
        outlines = []
        for cluster in atlas.clusters:
            inside = [p for e, p in zip(placed, points, strict=True) if atlas.places[e.id].cluster == cluster.id]
            outlines.append(hull(inside))
        projections[name] = {"label": LABELS[name], "points": points, "hulls": outlines, "range": frame(points)}
    return {
        "version": 1,
        "first": first,
        "projections": projections,
        "clusters": [
            {"id": c.id, "name": c.name, "size": c.size, "colour": look(c.id)[0], "symbol": look(c.id)[1]}
            for c in atlas.clusters
        ],
        "entries": [
            {
                "id": e.id,
                "title": shown.plain(e.title),
                "date": e.date,
                "kind": e.kind,
                "status": e.status,
                "topic": e.topic,
                "cluster": order[atlas.places[e.id].cluster],
                "page": e.page,
            }
            for e in placed
        ],
        "order": reading_order(placed),
    }


def frame(points: Sequence[Point], ratio: float = WIDTH / HEIGHT) -> list[list[float]]:
    """[[x0, x1], [y0, y1]] around the points with a margin, as wide to its height as `ratio`."""
    xs = [p[0] for p in points] or [0.0]
    ys = [p[1] for p in points] or [0.0]
    wide = max(max(xs) - min(xs), 1e-3) * (1 + 2 * MARGIN)
    high = max(max(ys) - min(ys), 1e-3) * (1 + 2 * MARGIN)
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return [
        [round(middle[0] - wide / 2, 4), round(middle[0] + wide / 2, 4)],
        [round(middle[1] - high / 2, 4), round(middle[1] + high / 2, 4)],
    ]


def map_svg(entries: Sequence[Entry], atlas: Atlas, projection: str, link: Callable[[str], str]) -> str:
    """The map without a script: every point is a link with a title, cluster names lie by their clusters.

    Args:
        link: page of an entry -> address from the page that holds the map.
    """
    placed = [e for e in entries if e.id in atlas.places]
    points = [atlas.places[e.id].points.get(projection, (0.0, 0.0)) for e in placed]
    (x0, x1), (y0, y1) = frame(points)

    def at(point: Point) -> tuple[float, float]:
        return (
            round((point[0] - x0) / (x1 - x0) * WIDTH, 1),
            round((y1 - point[1]) / (y1 - y0) * HEIGHT, 1),
        )

    names = {c.id: c.name for c in atlas.clusters}
    marks = []
    for entry, point in zip(placed, points, strict=True):
        cluster = atlas.places[entry.id].cluster
        x, y = at(point)
        when = f", {entry.date}" if entry.date else ""
        label = escape(f"{shown.plain(entry.title)}{when} ({names.get(cluster, '')})")
        colour = look(cluster)[0]
        fill = f'fill="none" stroke="{colour}" stroke-width="2"' if entry.status == "queued" else f'fill="{colour}"'
        marks.append(
            f'<a href="{escape(link(entry.page))}"><title>{label}</title><circle cx="{x}" cy="{y}" r="5.5" {fill}/></a>'
        )
    texts = []
    for cluster_, (x, y) in _label_places(placed, points, atlas, at).items():
        texts.append(f'<text x="{x}" y="{y}" text-anchor="middle">{escape(names[cluster_])}</text>')
    return (
        f'<svg class="pd-map__svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="group"'
        f' aria-label="Map of {len(placed)} entries">{"".join(marks)}'
        f'<g class="pd-map__names" aria-hidden="true">{"".join(texts)}</g></svg>'
    )


def _label_places(
    entries: Sequence[Entry], points: Sequence[Point], atlas: Atlas, at: Callable[[Point], tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Where each cluster's name goes: above its points, moved until names do not cover each other."""
    out: dict[str, tuple[float, float]] = {}
    taken: list[tuple[float, float, float]] = []
    for cluster in sorted(atlas.clusters, key=lambda c: -c.size):
        inside = [at(p) for e, p in zip(entries, points, strict=True) if atlas.places[e.id].cluster == cluster.id]
        if not inside:
            continue
        half = len(cluster.name) * 3.9
        x = sum(p[0] for p in inside) / len(inside)
        x = min(max(x, half + 4), WIDTH - half - 4)
        top = min(p[1] for p in inside)
        y = max(top - 14, 16)
        while any(abs(y - ty) < 18 and abs(x - tx) < half + th for tx, ty, th in taken) and y < HEIGHT - 8:
            y += 6
        taken.append((x, y, half))
        out[cluster.id] = (round(x, 1), round(y, 1))
    return out


def timeline_data(entries: Sequence[Entry]) -> dict[str, Any]:
    """Cumulative number read by day, with the average per day."""
    days = days_read(entries)
    total, dates, counts = 0, [], []
    for day, count in days:
        total += count
        dates.append(day.isoformat())
        counts.append(total)
    span = (days[-1][0] - days[0][0]).days + 1 if days else 0
    return {
        "dates": dates,
        "counts": counts,
        "total": total,
        "days": span,
        "average": round(total / span, 3) if span else 0,
    }


def timeline_svg(entries: Sequence[Entry]) -> str:
    """The cumulative chart without a script: a line, its average, months below."""
    data = timeline_data(entries)
    if not data["dates"]:
        return ""
    wide, high, left, foot = 900, 300, 44, 28
    first = dt.date.fromisoformat(data["dates"][0])
    last = dt.date.fromisoformat(data["dates"][-1])
    span, total = max((last - first).days, 1), data["total"]

    def at(day: dt.date, count: float) -> str:
        x = left + (day - first).days / span * (wide - left - 8)
        y = high - foot - count / total * (high - foot - 12)
        return f"{x:.1f},{y:.1f}"

    steps = [at(first, 0)]
    before = 0
    for text, count in zip(data["dates"], data["counts"], strict=True):
        day = dt.date.fromisoformat(text)
        steps += [at(day, before), at(day, count)]
        before = count
    ticks = []
    step = max(1, round(span / 365 * 2))
    month = first.replace(day=1)
    while month <= min(last, dt.date(9999, 11, 1)):
        if month >= first:
            x = at(month, 0).split(",")[0]
            ticks.append(f'<text x="{x}" y="{high - 8}" text-anchor="middle">{month:%b %Y}</text>')
        ahead = month.year * 12 + month.month - 1 + step
        month = dt.date(min(ahead // 12, 9999), ahead % 12 + 1, 1)
    for part in (0.5, 1.0):
        y = at(first, total * part).split(",")[1]
        ticks.append(f'<text x="{left - 8}" y="{y}" dy="4" text-anchor="end">{round(total * part)}</text>')
        ticks.append(f'<line x1="{left}" x2="{wide - 8}" y1="{y}" y2="{y}" class="pd-chart__grid"/>')
    return (
        f'<svg class="pd-chart__svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{total} read'
        f' in {data["days"]} days">{"".join(ticks)}'
        f'<polyline class="pd-chart__average" points="{at(first, 0)} {at(last, total)}"/>'
        f'<polyline class="pd-chart__line" points="{" ".join(steps)}"/></svg>'
    )
