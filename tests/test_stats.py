from __future__ import annotations

import datetime as dt
import json

import pytest

from paperdiary import stats
from paperdiary.atlas import Atlas, Cluster
from paperdiary.entry import Entry


def entry(date: str | None = None, status: str = "read", topic: str = "", kind: str = "paper") -> Entry:
    return Entry(
        id=f"note:{date}", title="T", kind=kind, note="t.md", line=1, page="t/", date=date, status=status, topic=topic
    )


def test_days_are_in_order_and_without_the_queue() -> None:
    entries = [
        entry("2025-03-02"),
        entry("2024-12-31"),
        entry("2025-03-02", "reading"),
        entry("2025-03-02", "queued"),
        entry(None),
    ]
    assert stats.days_read(entries) == [(dt.date(2024, 12, 31), 1), (dt.date(2025, 3, 2), 2)]


def test_empty_diary_has_figures() -> None:
    got = stats.figures([], Atlas())
    assert (got["entries"], got["days"], got["average_per_day"], got["longest_streak"]) == (0, 0, 0.0, 0)
    assert got["first"] is got["last"] is None
    json.dumps(got)


def test_counts() -> None:
    entries = [
        entry("2025-01-30", topic="a", kind="blog"),
        entry("2025-02-01", topic="a"),
        entry("2025-02-02", "reading", "b/c"),
        entry("2025-02-02", "queued"),
        entry(None),
    ]
    clusters = (Cluster("c1", "Robots", 3), Cluster("c2", "Speech", 2))
    got = stats.figures(entries, Atlas(clusters))
    wanted = {
        "entries": 5,
        "read": 3,
        "reading": 1,
        "queued": 1,
        "dated": 3,
        "topics": 2,
        "clusters": 2,
        "first": "2025-01-30",
        "last": "2025-02-02",
        "days": 4,
        "reading_days": 3,
        "average_per_day": 0.75,
        "longest_streak": 2,
        "by_month": {"2025-01": 1, "2025-02": 2},
        "by_kind": {"paper": 4, "blog": 1},
        "by_cluster": {"Robots": 3, "Speech": 2},
    }
    assert {key: got[key] for key in wanted} == wanted
    assert got["by_topic"]["a"] == 2
    json.dumps(got)


@pytest.mark.parametrize(
    ("days", "streak"),
    [
        (["2025-05-05"], 1),
        (["2025-05-05", "2025-05-05"], 1),
        (["2025-05-05", "2025-05-07"], 1),
        (["2024-02-28", "2024-02-29", "2024-03-01"], 3),
        (["2025-02-28", "2025-03-01", "2024-12-31", "2025-01-01"], 2),
        (["2025-01-05", "2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04", "2025-03-01", "2025-03-02"], 5),
    ],
)
def test_longest_streak(days: list[str], streak: int) -> None:
    assert stats.figures([entry(d) for d in days], Atlas())["longest_streak"] == streak


def test_one_day_is_one_day() -> None:
    got = stats.figures([entry("2025-05-05"), entry("2025-05-05")], Atlas())
    assert (got["days"], got["average_per_day"], got["reading_days"]) == (1, 2.0, 1)
