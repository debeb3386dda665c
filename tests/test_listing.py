from __future__ import annotations

from dataclasses import replace

import pytest

from paperdiary.entry import Entry
from paperdiary.errors import UsageError
from paperdiary.listing import newest, select


def entry(name: str, date: str | None = None, topic: str = "", status: str = "read") -> Entry:
    return Entry(
        id=name, title=name, kind="note", note=f"{name}.md", line=1, page="", date=date, topic=topic, status=status
    )


ENTRIES = [
    entry("a", "2025-06-04", "ml"),
    entry("b", "2025-06-30", "ml/vision", "reading"),
    entry("c", "2024-12-31", "mlops"),
    entry("d", None, "ml", "queued"),
    entry("e", "2025-01-01"),
]


def ids(entries: list[Entry]) -> str:
    return "".join(e.id for e in entries)


def test_newest_puts_late_first_undated_last_and_titles_in_order() -> None:
    given = [entry("b"), entry("Z", "2024-01-01"), entry("y", "2025-01-01"), entry("X", "2025-01-01"), entry("A")]
    assert ids(newest(given)) == "XyZAb"
    assert ids(newest(given[::-1])) == "XyZAb"
    assert newest([]) == []


def test_titles_decide_within_a_day_not_ids() -> None:
    given = [replace(entry("a", "2025-01-01"), title="Z"), replace(entry("b", "2025-01-01"), title="y")]
    assert ids(newest(given)) == "ba"


def test_newest_leaves_its_argument_alone() -> None:
    given = [entry("a"), entry("b", "2025-01-01")]
    newest(given)
    assert ids(given) == "ab"


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ({}, "baecd"),
        ({"status": "queued"}, "d"),
        ({"status": "reading"}, "b"),
        ({"topic": "ml"}, "bad"),
        ({"topic": "ml/vision"}, "b"),
        ({"topic": "/ml/"}, "bad"),
        ({"topic": "notes/ml"}, "bad"),  # as the shell completes it
        ({"topic": ""}, "e"),
        ({"since": "2025"}, "bae"),
        ({"since": "2025-06"}, "ba"),
        ({"since": "2025-06-04"}, "ba"),
        ({"since": "2025-06-05"}, "b"),
        ({"since": "2030"}, ""),
        ({"topic": "ml", "status": "read", "since": "2025"}, "a"),
        ({"topic": "mlops", "since": "2025"}, ""),
    ],
)
def test_select(choice: dict[str, str], found: str) -> None:
    assert ids(select(ENTRIES, **choice)) == found


@pytest.mark.parametrize("topic", ["m", "vision", "ML", "ml/v", "."])
def test_an_unknown_topic_names_the_topics(topic: str) -> None:
    with pytest.raises(UsageError, match=r"ml, ml/vision, mlops"):
        select(ENTRIES, topic=topic)


def test_no_topics_at_all() -> None:
    assert select([], topic="") == []
    with pytest.raises(UsageError, match="none"):
        select([], topic="ml")


def test_a_folder_called_notes_inside_the_notes() -> None:
    assert ids(select([entry("a", topic="notes/ml")], topic="notes/ml")) == "a"


@pytest.mark.parametrize(
    "since",
    [
        "June",
        "2025-6-4",
        "04.06.2025",
        "2025-06-04T00:00",
        "2025\n",
        *(pytest.param(s) for s in ("2025-13", "2025-02-30", "2025-00-00", "２０２５")),
    ],
)
def test_since_must_be_a_date(since: str) -> None:
    with pytest.raises(UsageError, match="--since"):
        select(ENTRIES, since=since)
