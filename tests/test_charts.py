"""Charts as SVG: the right numbers at the right places, whatever the dates and titles are."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from paperdiary import charts, shares
from paperdiary.entry import Entry

XLINK = "http://www.w3.org/1999/xlink"
HOSTILE = "</title><script>alert('x')</script> & \"quote\" 機械 \u202e" + "x" * 300


def entry(date: str | None, title: str = "T", status: str = "read", **fields: str) -> Entry:
    return Entry(f"{date}{title}{fields}", title, "paper", "x.md", 1, "x/", date=date, status=status, **fields)  # type: ignore[arg-type]


def tree(html: str) -> ET.Element:
    assert "\n\n" not in html, "a blank line would end the block in Markdown"
    return ET.fromstring(f'<div xmlns:xlink="{XLINK}">{html}</div>')[0]


def titles(root: ET.Element) -> list[str]:
    return [t.text or "" for t in root.iter("title")]


# -- spans of time


@pytest.mark.parametrize(
    ("first", "last", "count", "one"),
    [
        ("2024-05-06", "2024-05-06", 1, "Week of 6 May 2024"),
        ("2024-05-08", "2024-05-14", 2, "Week of 6 May 2024"),
        ("2024-01-31", "2024-12-01", 12, "January 2024"),
        ("2020-02-01", "2024-12-01", 30, "Jan 2020 to Feb 2020"),
        ("1990-01-01", "2024-12-01", 35, "1990"),
        ("0001-01-01", "9999-12-31", 20, None),
    ],
)
def test_bins_hold_the_whole_time(first: str, last: str, count: int, one: str | None) -> None:
    begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    got = charts.bins(begin, end, 36)
    assert len(got) == count if one else len(got) <= 36
    assert got[0].start <= begin
    assert got[-1].start <= end
    assert [b.start for b in got] == sorted({b.start for b in got})
    assert one is None or got[0].name == one


# -- how it added up


def numbers(path: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?[\d.]+", path)]


def test_the_line_rises_by_what_was_read() -> None:
    dates = ["2024-01-01", "2024-01-01", "2024-01-11", "2024-01-21", None, "2024-02-01"]
    entries = [entry(date, str(n)) for n, date in enumerate(dates)] + [entry("2024-01-05", "q", "queued")]
    root = tree(charts.cumulative(entries))
    assert root.get("aria-label") == "5 read in 32 days, from 1 January 2024 to 1 February 2024"
    line = next(p for p in root.iter("path") if p.get("class") == "pd-chart__line")
    heights = [float(y) for y in re.findall(r"V([\d.]+)", line.get("d", ""))]
    top = 1000 - heights[-1]
    assert [round((1000 - y) / top * 5) for y in heights] == [2, 3, 4, 5]
    assert [round(float(x)) for x in re.findall(r"H([\d.]+)V", line.get("d", ""))] == [0, 323, 645, 1000]
    average = next(p for p in root.iter("path") if p.get("class") == "pd-chart__average")
    assert numbers(average.get("d", ""))[-1] == heights[-1]
    assert titles(root)[0] == "Week of 1 January 2024: 2 read, 2 by then"
    assert titles(root)[-1] == "Week of 29 January 2024: 1 read, 5 by then"


@pytest.mark.parametrize("dates", [[], [None], ["2024-05-06"], ["0001-01-01", "9999-12-31"], ["2024-05-06"] * 1000])
def test_a_chart_of_few_odd_or_many(dates: list[str | None]) -> None:
    entries = [entry(date, f"{HOSTILE}{n}") for n, date in enumerate(dates)]
    text = charts.cumulative(entries)
    if not any(dates):
        assert text == ""
        return
    root = tree(text)
    for name in ("x", "y", "width", "height"):
        for node in root.iter():
            value = node.get(name, "0").rstrip("%")
            assert -1 <= float(value) <= 1001, (node.tag, name, value)


def test_a_long_line_stays_small() -> None:
    first = dt.date(2000, 1, 1)
    entries = [entry((first + dt.timedelta(days=n)).isoformat(), str(n)) for n in range(9000)]
    text = charts.cumulative(entries)
    assert len(text) < 25_000
    assert "9000 read" in text
    line = next(p for p in tree(text).iter("path") if p.get("class") == "pd-chart__line")
    heights = [float(y) for y in re.findall(r"V([\d.]+)", line.get("d", ""))]
    assert heights[-1] == pytest.approx(1000 - 1000 / 1.08, abs=1)  # the last point is not lost


# -- on which days


def test_a_day_leads_to_its_day_and_says_what_was_read() -> None:
    entries = [entry("2024-02-29", f"{n} {HOSTILE}") for n in range(5)] + [entry("2024-03-01", "One")]
    root = tree(charts.calendar(entries, lambda day: f'../diary/{day[:4]}/#{day}">'))
    links = [a.get(f"{{{XLINK}}}href") for a in root.iter("a") if a.find("rect") is not None]
    assert links == ['../diary/2024/#2024-02-29">', '../diary/2024/#2024-03-01">']
    first, second = titles(root)
    assert first.split("\n")[0] == "29 February 2024: 5 read"
    assert first.split("\n")[-1] == "and 2 more"
    assert len(first) < 400
    assert second == "1 March 2024: 1 read\nOne"
    rects = list(root.iter("rect"))
    assert [r.get("class") for r in rects] == ["pd-day-3", "pd-day-1"]
    assert [(r.get("x"), r.get("y")) for r in rects] == [("48", "36"), ("0", "48")]  # Thursday, Friday
    assert "6 read on 2 days" in "".join(root.itertext())
    assert "script" not in {n.tag for n in root.iter()}


def test_the_calendar_shows_years_with_reading_alone_and_folds_the_old() -> None:
    entries = [entry(f"{year:04}-06-15", str(year)) for year in (1, 1999, 2001, 2022, 2023, 2024, 9999)]
    root = tree(charts.calendar(entries, str))
    names = [p.find("b").text for p in root.iter("p")]  # type: ignore[union-attr]
    assert names == ["9999", "2024", "2023", "2022", "2001", "1999", "1"]
    assert len(list(next(root.iter("details")).iter("section"))) == 4
    assert charts.calendar([entry(None)], str) == ""


def test_every_month_is_whole() -> None:
    entries = [entry("2023-12-31"), entry("2024-01-01"), entry("2025-01-01")]
    root = tree(charts.calendar(entries, str))
    figures = list(root.iter("figure"))
    assert len(figures) == 1 + 12 + 1
    drawn = [str(ET.tostring(f)).count("h2v2h-2z") + len(list(f.iter("rect"))) for f in figures]
    assert sorted(drawn) == sorted([31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31])


# -- what it was about


def many(name: str, months: list[int], year: int = 2024) -> list[Entry]:
    return [entry(f"{year}-{m:02}-10", f"{name}{n}", topic=name) for n, m in enumerate(months)]


def test_stripes_stand_in_the_order_of_their_time() -> None:
    early, late, even = many("early", [1, 1, 2]), many("late", [11, 12, 12]), many("even", [1, 4, 8, 12])
    rows = [shares.Row(name, found, f"../{name}/") for name, found in
            (("late", late), ("even", even), ("early", early), ("none", [entry(None)]))]  # fmt: skip
    html = shares.shares(rows, [*early, *late, *even])
    root = tree(f"<div>{html}</div>")
    assert [b.text for b in root.iter("bdi")] == ["early", "even", "late"]
    assert [a.get("href") for a in root.iter("a")] == ["../early/", "../even/", "../late/"]
    assert "January 2024: 2 of 3" in titles(root)
    assert [s.text for s in root.iter("span")] == ["3", "4", "3"]


def test_forty_rows_fold_and_hostile_names_are_text() -> None:
    rows = [shares.Row(f"{n} {HOSTILE}", many(str(n), [n % 12 + 1] * (n + 1)), 'x"><b>', "pd-c1") for n in range(40)]
    everything = [e for row in rows for e in row.entries]
    root = tree(f"<div>{shares.shares(rows, everything, 12)}</div>")
    shown, folded = root.findall("ul"), root.findall("details")
    assert len(shown[0]) == 12
    assert len(next(folded[0].iter("ul"))) == 28
    assert len(list(folded[0].iter("summary"))) == 1
    assert "script" not in {n.tag for n in root.iter()}
    sizes = [int(s.text or 0) for s in shown[0].iter("span")]
    assert min(sizes) == 29  # the largest are shown


@pytest.mark.parametrize("counts", [[1], [5, 0, 0, 9], [0, 0, 1], [3, 3, 3]])
def test_a_curve_stays_between_its_points(counts: list[int]) -> None:
    values = shares._smoothed(counts, [10] * len(counts))
    assert all(0 <= v <= 1 for v in values)
    points = [(float(n), v) for n, v in enumerate([*values, values[-1]])]
    heights = numbers(shares._curve(points))[1::2]
    assert min(heights) >= round(min(values), 1) - 0.05
    assert max(heights) <= round(max(values), 1) + 0.05


def test_shares_are_shares_of_what_was_read_then() -> None:
    assert shares._smoothed([0, 4, 0], [4, 4, 4]) == [4 / 12, 8 / 16, 4 / 12]
    assert shares._smoothed([0, 0], [0, 0]) == [0, 0]


def test_a_strip_of_one_group() -> None:
    mine = many("a", [1, 2, 3])
    root = tree(shares.strip(shares.Row("a", mine, look="pd-c3 pd-s0"), [*mine, *many("b", [3, 6])]))
    assert root.get("class") == "pd-strip pd-c3 pd-s0"
    assert root.findtext("figcaption") == "Its share: 100 % at the most"
    assert shares.strip(shares.Row("a", [entry(None)]), mine) == ""
    assert shares.strip(shares.Row("a", [entry("2024-01-01")]), [entry("2024-01-01")]) == ""
