"""Choosing and counting entries."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from paperdiary.entry import Entry
from paperdiary.errors import UsageError


def newest(entries: Sequence[Entry]) -> list[Entry]:
    """By date, newest first, those without a date last; by title within a day."""
    by_title = sorted(entries, key=lambda e: e.title.lower())
    return sorted(by_title, key=lambda e: e.date or "", reverse=True)


def is_date(text: str) -> bool:
    """YYYY, YYYY-MM or YYYY-MM-DD that is in the calendar."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        return False
    try:
        dt.date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return False
    return True


def select(
    entries: Sequence[Entry], *, status: str | None = None, topic: str | None = None, since: str | None = None
) -> list[Entry]:
    """The entries that fit, newest first; a topic includes the folders in it.

    Raises:
        UsageError: `since` is no date, or there is no such topic.
    """
    if since and not is_date(since):
        raise UsageError(f"--since {since} is not a date; write it as 2025-06-04, 2025-06 or 2025.")
    if topic is not None:
        topics = sorted({e.topic for e in entries if e.topic})
        topic = topic.strip("/")
        if not any(f"{t}/".startswith(f"{topic}/") for t in topics):
            topic = topic.removeprefix("notes/")
        if topic and not any(t == topic or t.startswith(f"{topic}/") for t in topics):
            raise UsageError(f"There is no topic {topic}; there are: {', '.join(topics) or 'none'}.")
    return newest(
        [
            e
            for e in entries
            if (status is None or e.status == status)
            and (topic is None or e.topic == topic or e.topic.startswith(f"{topic}/"))
            and (since is None or (e.date or "") >= since)
        ]
    )


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 note", "2 notes"; `many` where the plural is irregular."""
    return f"{number} {one if number == 1 else many or one + 's'}"
