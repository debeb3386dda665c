from __future__ import annotations

import datetime as dt

import pytest

from paperdiary.dates import as_date, find_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-06-04", "2025-06-04"),
        ("2025/6/4", "2025-06-04"),
        ("2020.02.23", "2020-02-23"),
        ("读于：2020.02.23。", "2020-02-23"),
        ("20201229", "2020-12-29"),
        ("2025-06-04T23:59:00Z", "2025-06-04"),
        ("**Date:** 4th June 2025", "2025-06-04"),
        ("Date read: 9th November 2025", "2025-11-09"),
        ("1ST SEPT. 2021", "2021-09-01"),
        ("2nd of march, 2021", "2021-03-02"),
        ("Wed, 4 Jun 2025", "2025-06-04"),
        ("June 4th, 2025", "2025-06-04"),
        ("May 4 2025", "2025-05-04"),
        ("_September 2021_", "2021-09-01"),
        ("29 February 2024", "2024-02-29"),
        ("2021年5月6日", "2021-05-06"),
        ("时间：2021 年 5 月", "2021-05-01"),
        ("2021년 5월 6일", "2021-05-06"),
        ("5-Jun-2021", "2021-06-05"),
        ("2021-Jun-05", "2021-06-05"),
        ("2021 Jun 5th", "2021-06-05"),
        ("Jun/05/2021", "2021-06-05"),
        ("[[Mar 3rd, 2021]]", "2021-03-03"),
        ("June 4, 2025 10:22 AM", "2025-06-04"),
        # a range of days counts as its last
        ("14th - 15th September 2025", "2025-09-15"),
        ("14–15 September 2025", "2025-09-15"),
        ("14 and 15 September 2025", "2025-09-15"),
        ("September 14-15, 2025", "2025-09-15"),
        ("30th September - 1st October 2025", "2025-10-01"),
        # only one reading is a date
        ("30/05/2025", "2025-05-30"),
        ("04/17/2019", "2019-04-17"),
        ("17.4.2019", "2019-04-17"),
    ],
)
def test_forms(text: str, date: str) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7/10",
        "score 7/10, read twice",
        "1706.03762",
        "13/13/2025",
        "2025-02-30",
        "2025-13-01",
        "20251301",
        "120250604",
        "202506041",
        "4th June",
        "June",
        "Mayor 2025",
        "maybe 4 2025",
        "in 2020 May and others say",
        "2021年",
        "2021年13月",
        "4 June 1825",
        "3/4-2025",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert find_date(text) is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-06-04 and 2024-01-01", "2025-06-04"),
        ("2025-02-30, then 2025-03-01", "2025-03-01"),  # the first is no day
        ("04/06/2025, again 2024-01-01", "2025-06-04"),
        ("read 4 June 2025, revised 2019-05-01", "2025-06-04"),
    ],
)
def test_the_first_date_counts(text: str, date: str) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "31 June 2025",
        "29th Feb 2025",
        "June 31, 2025",
    ],
)
def test_a_day_that_does_not_exist_is_no_other_day(text: str) -> None:
    assert find_date(text) is None


@pytest.mark.parametrize(
    ("text", "day_first", "date"),
    [
        ("04/05/2025", True, "2025-05-04"),
        ("04/05/2025", False, "2025-04-05"),
        ("25/05/2025", False, "2025-05-25"),
        ("05/25/2025", True, "2025-05-25"),
        ("2025/04/05", False, "2025-04-05"),
    ],
)
def test_day_first_decides_only_what_is_open(text: str, day_first: bool, date: str) -> None:
    assert find_date(text, day_first=day_first) == date


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (dt.date(2025, 6, 4), "2025-06-04"),
        (dt.datetime(2025, 6, 4, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5))), "2025-06-04"),
        (20201229, "2020-12-29"),  # YAML reads it as a number
        ("4th June 2025", "2025-06-04"),
        (None, None),
        ("", None),
        (True, None),
        (2017, None),
        (float("nan"), None),
        ([], None),
        ({}, None),
    ],
)
def test_as_date(value: object, date: str | None) -> None:
    assert as_date(value) == date
