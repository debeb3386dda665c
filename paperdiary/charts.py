"""What was read over time, as SVG that needs no script: how it added up, and on which days.

Words in a chart are as large on a telephone as on a screen: they stand in an SVG without a viewBox, at places in
per cent, beside an inner SVG that is stretched. What a part of a chart means stands in its `<title>`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from paperdiary import shown
from paperdiary.entry import Entry
from paperdiary.listing import counted
from paperdiary.stats import days_read

MOST_STEPS = 600  #: points of the line of what was read
CELL = 12  #: of the calendar: a day with the gap behind it
DAY = 10  #: of the calendar: a day
NAMED = 3  #: titles that a day of the calendar names
MOST_NAMED = 300  #: days of a calendar that names titles
SHORT = 80  #: letters of such a title


@dataclass(frozen=True, slots=True)
class Bin:
    """A span of time."""

    start: dt.date
    name: str


def long_day(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def month_name(day: dt.date) -> str:
    return f"{day:%B} {day.year}"


def bins(first: dt.date, last: dt.date, most: int) -> list[Bin]:
    """Equal spans of time from `first` to `last`, `most` at the most: weeks, months, quarters, years or decades."""
    if (last - first).days < 90:
        start = first - dt.timedelta(days=min(first.weekday(), (first - dt.date.min).days))
        count = (last - start).days // 7 + 1
        weeks = [start + dt.timedelta(days=7 * n) for n in range(count)]
        return [Bin(day, f"Week of {long_day(day)}") for day in weeks]
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000) if (end - begin) // s < most)
    begin -= begin % step if step < 13 else 0
    out = []
    for number in range(begin, end + 1, step):
        day, until = _month(number), _month(number + step - 1)
        if step == 1:
            name = month_name(day)
        elif step == 12:
            name = str(day.year)
        else:
            name = f"{day:%b} {day.year} to {until:%b} {until.year}"
        out.append(Bin(day, name))
    return out


def _month(number: int) -> dt.date:
    """The first day of a month that is counted from year 0."""
    number = min(max(number, 12), 9999 * 12 + 11)
    return dt.date(number // 12, number % 12 + 1, 1)


def _ticks(first: dt.date, last: dt.date) -> list[tuple[dt.date, str, bool]]:
    """(day, what is written below it, whether it may be left out where there is little room)."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 2:
        step = max((last - first).days // 4, 1)
        count = (last - first).days // step + 1
        days = [first + dt.timedelta(days=step * n) for n in range(count)]
        return [(day, f"{day.day} {day:%b}", n % 2 == 1) for n, day in enumerate(days)]
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 240, 1200, 6000, 24000) if months / s <= 8)
    begin = first.year * 12 + first.month - 1
    begin += -begin % step if begin % step or first.day > 1 else 0
    numbers = range(begin, last.year * 12 + last.month, step)
    days = [day for day in map(_month, numbers) if first <= day <= last]
    # a year is written where it begins, and where the chart does
    out = []
    for n, day in enumerate(days):
        text = (
            str(day.year) if step % 12 == 0 else f"{day:%b} {day.year}" if not n or day.month <= step else f"{day:%b}"
        )
        out.append((day, text, n % 2 == 1))
    return out


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}".rstrip("0").rstrip(".") if whole else "0"


def axis(first: dt.date, last: dt.date) -> str:
    """The names of months or years, to be put below a chart."""
    span = max((last - first).days, 1)
    out = []
    for day, text, spare in _ticks(first, last):
        share = (day - first).days / span
        if share > 0.94:
            continue  # it would stand beyond the edge
        where = percent(share, 1)
        kind = ' class="pd-chart__spare"' if spare else ""
        out.append(f'<text x="{where}%" y="100%" dy="-.35em"{kind}>{text}</text>')
    return "".join(out)


# -- how it added up


def cumulative(entries: Sequence[Entry]) -> str:
    """The number read up to each day, and the average; "" where nothing has a date."""
    days = days_read(entries)
    if not days:
        return ""
    first, last = days[0][0], days[-1][0]
    total = sum(count for _, count in days)
    span = (last - first).days + 1
    marks = _grid(total)
    top = max(total, marks[-1] if marks else 0) * 1.08

    def y(count: float) -> float:
        return round(1000 - 1000 * count / top, 1)

    steps, done, at = ["M0 1000"], 0, -1.0
    thinned = max(len(days) / MOST_STEPS, 1)
    for n, (day, count) in enumerate(days):
        done += count
        if n + 1 < len(days) and n < at + thinned:
            continue
        at = n
        x = round(1000 * (day - first).days / max(span - 1, 1), 1) if span > 1 else 500
        steps.append(f"H{x:g}V{y(done):g}")
    steps.append("H1000")
    line = "".join(steps)
    grid = "".join(
        f'<line x1="0" x2="100%" y1="{percent(y(m), 1000)}%" y2="{percent(y(m), 1000)}%" class="pd-chart__grid"/>'
        f'<text x="0" y="{percent(y(m), 1000)}%" dy="-.4em">{m}</text>'
        for m in marks
    )
    return (
        f'<svg class="pd-chart__svg" width="100%" height="100%" role="img"'
        f' aria-label="{total} read in {counted(span, "day")}, from {long_day(first)} to {long_day(last)}">'
        f'<svg class="pd-chart__inner" width="100%" height="88%" overflow="visible">{grid}'
        f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%" overflow="visible">'
        f'<path class="pd-chart__area" d="{line}V1000Z"/>'
        f'<path class="pd-chart__average" d="M0 1000L1000 {y(total):g}"/><path class="pd-chart__line" d="{line}"/>'
        f"{_added_up(days, first, last)}</svg></svg>{axis(first, last)}</svg>"
    )


def _grid(total: int) -> list[int]:
    """Up to five round numbers up to `total`."""
    step = next(s * 10**e for e in range(12) for s in (1, 2, 5) if total / (s * 10**e) <= 5)
    return [step * n for n in range(1, total // step + 1)]


def _added_up(days: Sequence[tuple[dt.date, int]], first: dt.date, last: dt.date) -> str:
    """What a span of time added, to be read by pointing at it."""
    spans = bins(first, last, 48)
    starts = [b.start for b in spans]
    inside: Counter[int] = Counter()
    for day, count in days:
        inside[bisect_right(starts, day) - 1] += count
    whole = max((last - first).days, 1)
    out, done = [], 0
    for n, one in enumerate(spans):
        done += inside[n]
        start = max((one.start - first).days, 0)
        end = (spans[n + 1].start - first).days if n + 1 < len(spans) else whole
        x, wide = 1000 * start / whole, max(1000 * (end - start) / whole, 0)
        out.append(
            f'<rect class="pd-hit" x="{x:.1f}" y="0" width="{wide:.1f}" height="1000">'
            f"<title>{escape(one.name)}: {inside[n]} read, {done} by then</title></rect>"
        )
    return "".join(out)


# -- on which days


def calendar(entries: Sequence[Entry], link: Callable[[str], str], years: int = 3) -> str:
    """The days on which something was read, a block a month and a row a weekday; "" where nothing has a date.

    Args:
        link: a day or month, ISO 8601 -> its address in the diary.
        years: newest years that are shown at once; the others are folded away.
    """
    inside: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.date and entry.status != "queued":
            inside[entry.date].append(entry)
    if not inside:
        return ""
    first, last = min(inside), max(inside)
    blocks = []
    for year in sorted({day[:4] for day in inside}, reverse=True):
        begin = int(first[5:7]) if year == first[:4] else 1
        end = int(last[5:7]) if year == last[:4] else 12
        names = NAMED if len(inside) <= MOST_NAMED else 0
        months = "".join(_calendar_month(f"{year}-{n:02}", inside, link, names) for n in range(begin, end + 1))
        total = sum(len(found) for day, found in inside.items() if day[:4] == year)
        days = sum(day[:4] == year for day in inside)
        blocks.append(
            f'<section class="pd-year"><p class="pd-year__name"><b>{int(year)}</b> <span>{total} read on'
            f' {counted(days, "day")}</span></p><div class="pd-year__months">{months}</div></section>'
        )
    shown_, folded = "".join(blocks[:years]), "".join(blocks[years:])
    if folded:
        more = counted(len(blocks) - years, "earlier year")
        folded = f'<details class="pd-more"><summary>{more}</summary>{folded}</details>'
    return f'<div class="pd-calendar">{shown_}{folded}</div>'


def _calendar_month(month: str, inside: dict[str, list[Entry]], link: Callable[[str], str], named: int) -> str:
    first = dt.date.fromisoformat(f"{month}-01")
    count = 31 if first.month == 12 else (first.replace(month=first.month + 1) - first).days
    offset = first.weekday()
    columns = (offset + count + 6) // 7
    empty, marks, total = [], [], 0
    for n in range(count):
        x, y = (offset + n) // 7 * CELL, (offset + n) % 7 * CELL
        day = f"{month}-{n + 1:02}"
        read = inside.get(day)
        if not read:
            empty.append(f"M{x + 4} {y + 4}h2v2h-2z")
            continue
        total += len(read)
        title = escape(_day_title(first.replace(day=n + 1), read, named)).replace("\n", "&#10;")
        # xlink: instant navigation sets `href` of all that have one, which an element of an SVG does not bear
        marks.append(
            f'<a xlink:href="{escape(link(day))}" tabindex="-1"><title>{title}</title>'
            f'<rect class="pd-day-{_weight(len(read))}" x="{x}" y="{y}" width="{DAY}" height="{DAY}" rx="2"/></a>'
        )
    name = f"{first:%b}"
    label = f'<a href="{escape(link(month))}">{name}</a>' if total else f"<span>{name}</span>"
    wide, high = columns * CELL - CELL + DAY, 7 * CELL - CELL + DAY
    return (
        f'<figure class="pd-month"><svg viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="group"'
        f' aria-label="{month_name(first)}: {total} read"><path class="pd-day-0" d="{"".join(empty)}"/>{"".join(marks)}'
        f"</svg><figcaption>{label}</figcaption></figure>"
    )


def _weight(count: int) -> int:
    """1 to 4: how dark a day is."""
    return 1 if count < 2 else 2 if count < 4 else 3 if count < 8 else 4


def _day_title(day: dt.date, read: Sequence[Entry], named: int) -> str:
    names = [shown.plain(e.title) for e in read[:named]]
    names = [name if len(name) <= SHORT else f"{name[: SHORT - 1].rstrip()}…" for name in names]
    more = [f"and {len(read) - named} more"] if len(read) > named > 0 else []
    return "\n".join([f"{long_day(day)}: {len(read)} read", *names, *more])
