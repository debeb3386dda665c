"""The lines of a page in the order in which a person reads them: columns, and what spans them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from paperdiary.pdf_layout import Line


def in_order(lines: Sequence[Line], depth: int = 0, tried: tuple[float, ...] = ()) -> list[Line]:
    """Reading order: columns from left to right, between what spans them from top to bottom.

    A cut of the page into columns at the gutter that the longest runs of type agree on, again inside each
    part (recursive XY-cut: Nagy and Seth 1984), where lines that cross the gutter part it in bands.
    """
    rows = sorted(lines, key=lambda ln: (round(ln.y0), ln.x0))
    if len(rows) < 3 or depth > 6:
        return _by_rows(rows)
    gutter = _gutter(rows, tried)
    if gutter is None:
        return _by_rows(rows)
    out: list[Line] = []
    for spans, band in _bands(rows, gutter):
        if spans:
            out += in_order(band, depth + 1, (*tried, gutter) if len(band) == len(rows) else ())
        else:
            left = [ln for ln in band if ln.middle < gutter]
            right = [ln for ln in band if ln.middle >= gutter]
            out += in_order(left, depth + 1) + in_order(right, depth + 1)
    return out


def with_initials(lines: Sequence[Line], body: float) -> list[Line]:
    """A large first letter, some lines high, put before the rest of its word."""
    out = list(lines)
    for letter in [ln for ln in lines if len(ln.text) == 1 and ln.text.isupper() and ln.size > 1.7 * body]:
        beside = [
            ln
            for ln in out
            if ln is not letter
            and ln.size < 1.3 * body
            and -2 < ln.x0 - letter.x1 < 1.2 * body
            and letter.y0 - body < ln.middle_height < letter.y1
        ]
        if len(beside) > 1:
            first = min(beside, key=lambda ln: ln.y0)
            out[out.index(first)] = replace(first, text=letter.text + first.text, x0=letter.x0)
            out.remove(letter)
    return out


def _by_rows(rows: Sequence[Line]) -> list[Line]:
    """Top to bottom; lines at one height from left to right."""
    out: list[list[Line]] = []
    for line in sorted(rows, key=lambda ln: (ln.y0 + ln.y1, ln.x0)):
        last = out[-1][-1] if out else None
        if last and abs((last.y0 + last.y1) - (line.y0 + line.y1)) < 0.7 * min(last.y1 - last.y0, line.y1 - line.y0):
            out[-1].append(line)
        else:
            out.append([line])
    return [line for row in out for line in sorted(row, key=lambda ln: ln.x0)]


def _gutter(rows: Sequence[Line], tried: Sequence[float] = ()) -> float | None:
    """Where a vertical white strip has most type on both sides of it, side by side; None for one column."""
    low, high = min(ln.x0 for ln in rows), max(ln.x1 for ln in rows)
    if high - low < 60:
        return None
    best, place = 0.0, None
    starts = Counter(round(ln.x0) for ln in rows if ln.x0 > low + 0.12 * (high - low))
    for start, _ in starts.most_common(24):
        x = start - 2.0
        if any(abs(x - other) < 15 for other in tried):
            continue
        left = [ln for ln in rows if ln.x1 <= x]
        right = [ln for ln in rows if ln.x0 > x]
        if len(left) < 2 or len(right) < 2:
            continue
        both = _together(left, right)
        crossing = _covered(ln for ln in rows if ln.x0 < x - 2 and ln.x1 > x + 4)
        wide = min(max(ln.x1 - ln.x0 for ln in left), max(ln.x1 - ln.x0 for ln in right))
        if wide < 0.12 * (high - low):
            continue
        score = (
            both - 0.5 * _shared(left + right, [ln for ln in rows if ln.x0 < x - 2 and ln.x1 > x + 4]) - 0.05 * crossing
        )
        if score > best and both > 0.25 * min(_covered(left), _covered(right)):
            best, place = score, x
    tall = sorted(ln.y1 - ln.y0 for ln in rows)[len(rows) // 2]
    return place if best > 2.5 * tall else None


def _covered(lines: Iterable[Line]) -> float:
    """Height that the lines cover together."""
    total, end = 0.0, float("-inf")
    for line in sorted(lines, key=lambda ln: ln.y0):
        total += max(0.0, line.y1 - max(line.y0, end))
        end = max(end, line.y1)
    return total


def _together(left: Sequence[Line], right: Sequence[Line]) -> float:
    """Height at which there is type on both sides."""
    return _covered(left) + _covered(right) - _covered([*left, *right])


def _shared(some: Sequence[Line], others: Sequence[Line]) -> float:
    return _together(some, others) if others else 0.0


def _beside(line: Line, rows: Sequence[Line]) -> bool:
    return any(ln is not line and min(ln.y1, line.y1) - max(ln.y0, line.y0) > 0.3 * (line.y1 - line.y0) for ln in rows)


def _bands(rows: Sequence[Line], gutter: float) -> list[tuple[bool, list[Line]]]:
    """(spans the gutter, lines) from top to bottom."""
    bands: list[tuple[bool, list[Line]]] = []
    low, high = min(ln.x0 for ln in rows), max(ln.x1 for ln in rows)
    centre, breadth = (low + high) / 2, high - low
    central = abs(centre - gutter) < 0.12 * breadth
    spanning: list[Line] = []
    beside: list[Line] = []
    for line in rows:
        crosses = line.x0 < gutter - 2 and line.x1 > gutter + 4
        alone = central and abs(line.middle - centre) < 0.04 * breadth and not _beside(line, rows)
        (spanning if crosses or alone else beside).append(line)
    tagged = [(ln, True) for ln in spanning]
    for line in beside:
        inside = any(min(s.y1, line.y1) - max(s.y0, line.y0) > 0.4 * (line.y1 - line.y0) for s in spanning)
        tagged.append((line, inside))
    for line, spans in sorted(tagged, key=lambda t: (t[0].y0 + t[0].y1, t[0].x0)):
        if bands and bands[-1][0] == spans:
            bands[-1][1].append(line)
        else:
            bands.append((spans, [line]))
    out: list[tuple[bool, list[Line]]] = []
    for index, (spans, band) in enumerate(bands):
        sides = {ln.middle < gutter for ln in band}
        after = bands[index + 1] if index + 1 < len(bands) else None
        close = after is not None and min(ln.y0 for ln in after[1]) - max(ln.y1 for ln in band) < 2 * band[-1].size
        if not spans and out and out[-1][0] and after and close and len(sides) == 1:
            spans = True  # one side alone between what spans: a box beside other columns
        if out and out[-1][0] == spans:
            out[-1][1].extend(band)
        else:
            out.append((spans, band))
    return out
