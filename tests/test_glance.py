"""The diary and its years, everything over time, topics, clusters and what became of them."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paperdiary import config as configs
from paperdiary import glance, grouppages
from paperdiary.atlas import Atlas, Cluster, Event, Place
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.entry import Entry, Note
from paperdiary.page import Page
from paperdiary.pages import Site

Make = Callable[..., Config]
HOSTILE = "</title><script>alert('x')</script> $L_0$ & \"quote\" \u202eمرحبا " + "long " * 60


def entry(number: int, date: str | None = None, **fields: object) -> Entry:
    values: dict[str, object] = {"title": f"Entry {number}", "date": date} | fields
    title = str(values.pop("title"))
    return Entry(f"e{number}", title, "paper", f"n{number}.md", 1, f"n{number}/", **values)  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Site]:
    def make(entries: list[Entry], atlas: Atlas | None = None, **fields: object) -> Site:
        (tmp_path / "notes").mkdir(exist_ok=True)
        (tmp_path / "mkdocs.yml").write_text("site_name: X\ndocs_dir: notes\n")
        notes = tuple(Note(e.note, "Text.\n", 0, {}, e.title, (e,)) for e in entries)
        diary = Diary(configs.load(tmp_path), notes, tuple(entries), atlas or Atlas(), **fields)  # type: ignore[arg-type]
        return Site(diary)

    return make


def by_path(pages: list[Page]) -> dict[str, str]:
    assert len({p.path for p in pages}) == len(pages)
    return {p.path: p.text for p in pages}


def ids(text: str) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', text)


# -- the diary


def test_a_small_diary_is_one_page_with_days(site: Callable[..., Site]) -> None:
    entries = [
        entry(1, "2024-05-06"),
        entry(2, "2024-05-06"),
        entry(3, "2024-04-30"),
        entry(4),
        entry(5, status="queued"),
    ]
    pages = by_path(glance.diary_pages(site(entries)))
    assert set(pages) == {"diary/index.md", "diary/2024.md"}
    for text in pages.values():
        assert [i for i in ids(text) if i] == ["2024-05", "2024-05-06", "2024-04", "2024-04-30"]
        assert text.index("## May 2024") < text.index("Entry 1") < text.index("## April 2024") < text.index("Entry 3")
        assert "Entry 5" not in text
        assert text.count("<b>6</b>") == 1  # the day stands once beside its two entries
    assert "## Without a date" in pages["diary/index.md"]
    assert "Entry 4" in pages["diary/index.md"]
    assert "pd-jump" not in pages["diary/index.md"]


def test_ten_years_are_ten_pages_and_a_way_to_each_month(site: Callable[..., Site]) -> None:
    first = dt.date(2015, 1, 15)
    entries = [entry(n, (first + dt.timedelta(days=7 * n)).isoformat()) for n in range(520)] + [entry(999)]
    one = site(entries)
    pages = by_path(glance.diary_pages(one))
    years = {f"diary/{y}.md" for y in range(2015, 2025)}
    assert set(pages) == {"diary/index.md", "diary/undated.md", *years}
    shown = pages["diary/index.md"]
    assert glance.LATEST <= shown.count("pd-item__title") <= glance.LATEST + 6
    assert shown.count("pd-jump__year") == 10
    assert 'href="2017/#2017-03"' in shown
    assert "Entry 999" not in shown
    assert "Entry 999" in pages["diary/undated.md"]
    everywhere = "".join(pages[p] for p in years)
    assert all(everywhere.count(f">Entry {n}</a>") == 1 for n in range(520))
    assert 'href="../2016/">2016' in pages["diary/2015.md"]
    assert next(p for p in one.nav() if "Diary" in p)["Diary"][:2] == ["diary/index.md", "diary/2024.md"]
    for day in (e.date for e in entries if e.date):
        path, _, anchor = one.day_page(day).partition("#")
        assert f'id="{anchor}"' in pages[f"{path.rstrip('/')}.md"]


def test_a_thousand_entries_on_one_day(site: Callable[..., Site]) -> None:
    one = site([entry(n, "2024-05-06", title=f"{n} {HOSTILE}") for n in range(1000)])
    pages = by_path(one.generated())
    assert pages["diary/index.md"].count("pd-item__title") == glance.MONTH
    assert pages["diary/2024.md"].count("pd-item__title") == 1000
    assert ids(pages["diary/2024.md"]).count("2024-05-06") == 1
    assert len(pages["timeline.md"]) < 10_000
    assert "1000" in pages["timeline.md"]
    for path, text in pages.items():
        assert "<script>alert" not in text, path


def test_a_note_of_the_readers_keeps_the_address_of_a_year(site: Callable[..., Site], tmp_path: Path) -> None:
    (tmp_path / "notes" / "diary").mkdir(parents=True)
    (tmp_path / "notes" / "diary" / "2024.md").write_text("# Mine\n")
    one = site([entry(1, "2024-05-06")])
    assert set(by_path(glance.diary_pages(one))) == {"diary/index.md", "diary/year-2024.md"}
    assert one.day_page("2024-05-06") == "diary/year-2024/#2024-05-06"


def test_nothing_has_been_read(site: Callable[..., Site]) -> None:
    pages = by_path(site([entry(1, status="queued")]).generated())
    assert "Nothing has been read yet." in pages["diary/index.md"]
    assert "pd-empty" in pages["timeline.md"]
    assert "## On which days" not in pages["timeline.md"]


# -- over time


def test_over_time_has_the_figures_and_leads_to_the_days(site: Callable[..., Site]) -> None:
    entries = [entry(n, f"2024-05-{n:02}", topic="rl" if n < 4 else "vision") for n in (1, 2, 3, 4, 6, 10)]
    text = glance.timeline_page(site(entries)).text
    plain = re.sub(r"<[^>]+>", "", text)
    assert "6 read in 10 days, 0.60 a day" in plain
    assert "Something was read on 6 of 10 days, the longest run 4 days, from 1 May 2024 to 4 May 2024." in plain
    assert 'href="../diary/2024/#2024-05-06"' in text
    assert 'href="../topics/rl/"' in text


@pytest.mark.parametrize(
    ("days", "run"),
    [
        ([1, 2], ""),
        ([1, 3, 5, 7], ""),
        ([1, 2, 3], "3 days, from 1 May 2024 to 3 May 2024"),
        ([1, 2, 3, 5, 6, 7], "3 days, from 1 May 2024 to 3 May 2024"),
        ([1, 3, 4, 5, 6, 20], "4 days, from 3 May 2024 to 6 May 2024"),
    ],
)
def test_the_longest_run(days: list[int], run: str) -> None:
    assert glance.longest_run([entry(n, f"2024-05-{n:02}") for n in days]) == run


# -- topics and clusters


def atlas(
    sizes: dict[str, int], entries: list[Entry], events: tuple[Event, ...] = (), retired: tuple[str, ...] = ()
) -> Atlas:
    names = [c for c, size in sizes.items() for _ in range(size)]
    places = {
        e.id: Place({"tsne": (float(names[n][1:]), float(n))}, names[n]) for n, e in enumerate(entries[: len(names)])
    }
    return Atlas(tuple(Cluster(c, f"Name {c}", n) for c, n in sizes.items()), places, "", retired, events)


def test_a_cluster_page_has_its_neighbours_topics_and_history(site: Callable[..., Site]) -> None:
    entries = [entry(n, f"2024-0{n + 1}-01", topic="rl" if n % 2 else "vision") for n in range(7)]
    events = (
        Event("2024-02-03", "split", "c2", "Name c2", "c1"),
        Event("2024-03-04", "merged", "c9", "Old", "c2"),
    )
    chart = atlas({"c1": 3, "c2": 3, "c3": 1}, entries, events, ("c9",))
    one = site(entries, chart, related={"e0": [("e3", 0.5), ("e6", 0.4)], "e1": [("e4", 0.5)]})
    assert grouppages.neighbours(one)["c1"] == [("c2", 2), ("c3", 1)]
    pages = by_path(grouppages.cluster_pages(one))
    text = pages["clusters/c2.md"]
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "3 entries, read from 1 April 2024 to 1 June 2024." in plain
    assert "Split from Name c1 on 3 February 2024." in plain
    assert "Old became part of it on 4 March 2024." in plain
    assert 'href="../c1/"' in text
    assert 'href="../c9/"' in text
    assert 'href="../../topics/rl/"' in text
    assert 'href="../../map/?cluster=c2"' in text
    assert "1 entry, read on 1 July 2024." in re.sub(r"<[^>]+>", "", pages["clusters/c3.md"])  # a cluster of one


def test_an_old_address_says_where_the_entries_went(site: Callable[..., Site]) -> None:
    entries = [entry(n, "2024-01-01") for n in range(2)]
    events = (
        Event("2024-02-03", "merged", "c7", HOSTILE, "c8"),
        Event("2024-03-04", "merged", "c8", "Between", "c1"),
        Event("2024-03-05", "gone", "c6", "Away"),
        Event("by hand <b>", "merged", "c5", "Loop", "c5"),
    )
    one = site(entries, atlas({"c1": 2}, entries, events, ("c5", "c6", "c7", "c8", "c4", "../../x", "c1")))
    assert [grouppages.heir(one.atlas, c) for c in ("c7", "c8", "c6", "c5", "c4")] == ["c1", "c1", "", "", ""]
    pages = {p.path: p for p in grouppages.cluster_pages(one)}
    assert set(pages) == {"clusters/index.md", *(f"clusters/c{n}.md" for n in (1, 4, 5, 6, 7, 8))}
    gone = pages["clusters/c7.md"]
    assert not gone.listed
    assert "<script>alert" not in gone.text
    assert "what was in it is now in" in gone.text
    assert 'href="../c1/"' in gone.text
    assert "none is left that took its place" in pages["clusters/c6.md"].text
    assert pages["clusters/c4.md"].title == "Cluster c4"
    assert "<b>" not in pages["clusters/c5.md"].text
    assert not any("c7" in str(line) for line in one.nav())


def test_forty_clusters_and_topics_within_topics(site: Callable[..., Site]) -> None:
    entries = [entry(n, f"2024-{n % 12 + 1:02}-01", topic=f"a/t{n % 40}" if n % 2 else "a") for n in range(80)]
    one = site(entries, atlas({f"c{n}": 2 for n in range(1, 41)}, entries))
    pages = by_path(one.generated())
    assert "20 more" in pages["timeline.md"]
    assert pages["clusters/index.md"].count("pd-groups__name") == 40
    assert 'href="t1/"' in pages["topics/a/index.md"]
    assert "Topics in it" in pages["topics/a/index.md"]


def test_a_large_topic_shows_the_newest_in_full(site: Callable[..., Site]) -> None:
    first = dt.date(2020, 1, 1)
    entries = [entry(n, (first + dt.timedelta(days=n)).isoformat(), topic="all") for n in range(500)]
    text = by_path(grouppages.topic_pages(site(entries)))["topics/all/index.md"]
    assert text.count("pd-item__title") == grouppages.FULL
    assert "<summary>200 earlier</summary>" in text
    assert ">Entry 0</a>" in text


def test_pages_of_many_entries_are_not_quadratic(site: Callable[..., Site]) -> None:
    def seconds(count: int) -> float:
        first = dt.date(2018, 1, 1)
        entries = [entry(n, (first + dt.timedelta(days=n // 3)).isoformat(), topic=f"t{n % 20}") for n in range(count)]
        chart = atlas({f"c{n}": count // 20 for n in range(1, 21)}, entries)
        one = site(entries, chart)
        one.map = lambda *args, **more: ""  # type: ignore[method-assign]
        started = time.perf_counter()
        one.generated()
        return time.perf_counter() - started

    seconds(200)
    few, many = min(seconds(500), seconds(500)), seconds(2000)
    assert many < 4 * few * 2.5 + 0.2


def test_replaced_entries_share_no_state(site: Callable[..., Site]) -> None:
    """What is remembered of titles is by text, not by entry."""
    one = entry(1, "2024-01-01", title="$x^2$")
    first = by_path(glance.diary_pages(site([one])))["diary/index.md"]
    second = by_path(glance.diary_pages(site([replace(one, title="$x^3$")])))["diary/index.md"]
    assert first != second
