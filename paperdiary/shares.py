"""What was read about, and when: the shares of topics or clusters over time, as stripes in SVG.

Stripes that lie apart are told apart by their place and their name, and need no colour.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from paperdiary.charts import Bin, axis, bins
from paperdiary.entry import Entry
from paperdiary.stats import days_read

MOST_BINS = 36  #: spans of time that are told apart
SMOOTH = (1, 2, 1)  #: weights of a span of time and its neighbours


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart of shares."""

    name: str
    entries: Sequence[Entry]
    link: str = ""  #: address, "" for none
    look: str = ""  #: classes that colour it


def shares(rows: Sequence[Row], everything: Sequence[Entry], most: int = 12) -> str:
    """A stripe for each row: its share of what was read, over time; in the order in which they had their time.

    "" where nothing has a date.

    Args:
        everything: the entries that a share is a share of.
        most: largest rows that are shown at once; the others are folded away.
    """
    days = days_read(everything)
    if not days:
        return ""
    first, last = days[0][0], days[-1][0]
    spans = bins(first, last, MOST_BINS)
    whole = _counts(everything, spans)
    lines = [(row, counts) for row in rows if sum(counts := _counts(row.entries, spans))]
    if not lines:
        return ""
    top = max(max(_smoothed(counts, whole)) for _, counts in lines)
    lines.sort(key=lambda line: (-sum(line[1]), line[0].name))
    parts = []
    for chosen in (lines[:most], lines[most:]):
        chosen.sort(key=lambda line: _middle(line[1]))
        parts.append("".join(_stripe(row, counts, whole, spans, top) for row, counts in chosen))
    below = _below(first, last)
    out = f'<ul class="pd-shares">{parts[0]}</ul>{below}'
    if parts[1]:
        more = f"{len(lines) - most} more"
        out += (
            f'<details class="pd-more"><summary>{more}</summary><ul class="pd-shares">{parts[1]}</ul>{below}</details>'
        )
    return out


def strip(row: Row, everything: Sequence[Entry]) -> str:
    """One stripe with the years below it; "" where it would say nothing."""
    days = days_read(everything)
    if not days:
        return ""
    first, last = days[0][0], days[-1][0]
    spans = bins(first, last, MOST_BINS)
    counts = _counts(row.entries, spans)
    if not sum(counts) or len(spans) < 3:
        return ""
    whole = _counts(everything, spans)
    top = max(_smoothed(counts, whole))
    drawn = _area(counts, whole, spans, top)
    return (
        f'<figure class="pd-strip {row.look}"><figcaption>Its share: {100 * top:.0f} % at the most</figcaption>'
        f'<div class="pd-shares__plot">{drawn}</div>{_below(first, last)}</figure>'
    )


def _below(first: dt.date, last: dt.date) -> str:
    """The axis of time under stripes."""
    drawn = f'<svg width="100%" height="100%">{axis(first, last)}</svg>'
    return f'<div class="pd-shares__axis" aria-hidden="true">{drawn}</div>'


def _counts(entries: Sequence[Entry], spans: Sequence[Bin]) -> list[int]:
    """How many were read in each span."""
    starts = [b.start for b in spans]
    out = [0] * len(spans)
    for day, count in days_read(entries):
        at = bisect_right(starts, day) - 1
        if at >= 0:
            out[at] += count
    return out


def _smoothed(counts: Sequence[int], whole: Sequence[int]) -> list[float]:
    """Shares, each with its neighbours, so that one paper in a quiet month is no mountain."""
    out = []
    for n in range(len(counts)):
        around = [(n + shift, weight) for shift, weight in zip((-1, 0, 1), SMOOTH, strict=True)]
        inside = [(at, weight) for at, weight in around if 0 <= at < len(counts)]
        total = sum(whole[at] * weight for at, weight in inside)
        out.append(sum(counts[at] * weight for at, weight in inside) / total if total else 0.0)
    return out


def _middle(counts: Sequence[int]) -> float:
    return sum(n * count for n, count in enumerate(counts)) / max(sum(counts), 1)


def _stripe(row: Row, counts: Sequence[int], whole: Sequence[int], spans: Sequence[Bin], top: float) -> str:
    name = f"<bdi>{escape(row.name)}</bdi>"
    label = f'<a href="{escape(row.link)}">{name}</a>' if row.link else f"<span>{name}</span>"
    total = sum(counts)
    return (
        f'<li class="{row.look}"><p class="pd-shares__name">{label} <span class="pd-count">{total}</span></p>'
        f'<div class="pd-shares__plot">{_area(counts, whole, spans, top)}</div></li>'
    )


def _area(counts: Sequence[int], whole: Sequence[int], spans: Sequence[Bin], top: float) -> str:
    """The stripe itself, 1000 x 100."""
    values = [100 - 96 * share / top if top else 100.0 for share in _smoothed(counts, whole)]
    wide = 1000 / len(values)
    points = [(0.0, values[0]), *(((n + 0.5) * wide, v) for n, v in enumerate(values)), (1000.0, values[-1])]
    hits = "".join(
        f'<rect class="pd-hit" x="{n * wide:.1f}" y="0" width="{wide:.1f}" height="100"><title>'
        f"{escape(spans[n].name)}: {count} of {whole[n]}</title></rect>"
        for n, count in enumerate(counts)
        if count
    )
    curve = _curve(points)
    return (
        f'<svg viewBox="0 0 1000 100" preserveAspectRatio="none" width="100%" height="100%" aria-hidden="true">'
        f'<path class="pd-shares__area" d="{curve}V100H0Z"/><path class="pd-shares__edge" d="{curve}"/>{hits}</svg>'
    )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A curve through the points that rises and falls only where they do (Fritsch and Carlson, 1980)."""
    slopes = [(b[1] - a[1]) / max(b[0] - a[0], 1e-9) for a, b in pairwise(points)]
    tangents = [slopes[0]]
    for left, right in pairwise(slopes):
        tangents.append(0.0 if left * right <= 0 else 2 * left * right / (left + right))
    tangents.append(slopes[-1])
    out = [f"M{points[0][0]:.0f} {points[0][1]:.1f}"]
    for n, (a, b) in enumerate(pairwise(points)):
        third = (b[0] - a[0]) / 3
        c, d = a[1] + tangents[n] * third, b[1] - tangents[n + 1] * third
        out.append(f"C{a[0] + third:.0f} {c:.1f} {b[0] - third:.0f} {d:.1f} {b[0]:.0f} {b[1]:.1f}")
    return "".join(out)
