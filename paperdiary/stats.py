"""The figures of a diary."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from paperdiary.atlas import Atlas
from paperdiary.entry import Entry


def days_read(entries: Sequence[Entry]) -> list[tuple[dt.date, int]]:
    """(day, entries read that day) in order; queued entries and those without a date do not count."""
    days = Counter(dt.date.fromisoformat(e.date) for e in entries if e.date and e.status != "queued")
    return sorted(days.items())


def figures(entries: Sequence[Entry], atlas: Atlas) -> dict[str, Any]:
    """Counts, spans and averages; `average_per_day` is over the days from the first to the last."""
    days = days_read(entries)
    dated = sum(count for _, count in days)
    span = (days[-1][0] - days[0][0]).days + 1 if days else 0
    return {
        "entries": len(entries),
        "read": sum(e.status == "read" for e in entries),
        "reading": sum(e.status == "reading" for e in entries),
        "queued": sum(e.status == "queued" for e in entries),
        "dated": dated,
        "topics": len({e.topic for e in entries if e.topic}),
        "clusters": len(atlas.clusters),
        "first": days[0][0].isoformat() if days else None,
        "last": days[-1][0].isoformat() if days else None,
        "days": span,
        "reading_days": len(days),
        "average_per_day": round(dated / span, 3) if span else 0.0,
        "longest_streak": _streak([day for day, _ in days]),
        "by_kind": dict(Counter(e.kind for e in entries).most_common()),
        "by_topic": dict(Counter(e.topic for e in entries).most_common()),
        "by_month": dict(sorted(Counter(e.date[:7] for e in entries if e.date and e.status != "queued").items())),
        "by_cluster": {c.name: c.size for c in atlas.clusters},
    }


def _streak(days: list[dt.date]) -> int:
    """Most days in a row."""
    best = run = 0
    last: dt.date | None = None
    for day in days:
        run = run + 1 if last and (day - last).days == 1 else 1
        best, last = max(best, run), day
    return best
