"""Notes in the shapes that people give them: who, where and when is found in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.notes import read_all

Make = Callable[..., Config]


def entries(make: Make, notes: dict[str, str]) -> list[Entry]:
    return [e for note in read_all(make(notes)) for e in note.entries]


def one(make: Make, text: str, path: str = "topic/some-note.md") -> Entry:
    (entry,) = entries(make, {path: text})
    return entry


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# [Warm Compost](https://arxiv.org/abs/1603.06937)\n\nTags: soil, heat\n\n- point\n",
         {"title": "Warm Compost", "arxiv": "1603.06937", "tags": ("soil", "heat")}),
        ("# Warm Compost (2018)\n\nAda Moor, Bo Lind\n\n---\n\nLong text about heaps.\n\n---\n\n"
         "https://example.org/compost\nhttps://arxiv.org/abs/1801.00001\n",
         {"title": "Warm Compost", "year": 2018, "arxiv": "1801.00001"}),
        ("### [Warm Compost](/assets/warm_1603.09320.pdf)\n\n> https://arxiv.org/abs/1603.09320\n\nText.\n\n"
         "#### References:\n- [Other](https://arxiv.org/abs/1111.1111)\n",
         {"title": "Warm Compost", "arxiv": "1603.09320"}),
        ("# Warm Compost\nAda Moor, Bo Lind. _28 Mar 2022_\n> An abstract that is quoted and long enough to be one,"
         " with many words in it, so that it would end any head.\n\n* Official paper: [arXiv](https://arxiv.org/abs/2203.14675)\n"
         "* Official code: [Github](https://github.com/a/b)\n\n## Overview\n",
         {"title": "Warm Compost", "arxiv": "2203.14675", "kind": "paper"}),
        ("# Paper\n\n- Title: Warm Compost\n- Authors: Ada Moor; Bo Lind\n- Link: https://arxiv.org/abs/2203.14675\n- Year: 2022\n",
         {"title": "Warm Compost", "authors": ("Ada Moor", "Bo Lind"), "arxiv": "2203.14675", "year": 2022}),
        ("### Paper:\nWarm Compost and the Worms That Make It\n\n**Link:** https://arxiv.org/pdf/2203.14675.pdf\n",
         {"title": "Warm Compost and the Worms That Make It", "arxiv": "2203.14675"}),
        ("# 温暖的堆肥\n\n> Warm Compost and Its Worms\n\n阅读日期：2020.02.23\n\n正文。\n",
         {"title": "Warm Compost and Its Worms", "date": "2020-02-23"}),
        ("# 论文笔记\n\n**标题**：Warm Compost\n**作者**：Ada Moor，Bo Lind\n**链接**：https://arxiv.org/abs/2203.14675\n",
         {"title": "Warm Compost", "authors": ("Ada Moor", "Bo Lind"), "arxiv": "2203.14675"}),
        ("- 20201229\n----\n# Warm Compost\n\ntext\n", {"title": "Warm Compost", "date": "2020-12-29"}),
        ("**Warm Compost**\n\nText that follows.\n", {"title": "Warm Compost"}),
        ("Warm Compost\n============\n\ntext\n", {"title": "Warm Compost"}),
        ('<h1 align="center">Warm <i>Compost</i></h1>\n\ntext\n', {"title": "Warm Compost"}),
        ("## Abstract\n\nSome text.\n\n## Method\n\nMore.\n", {"title": "Some note"}),
        ("# [2019 CVPR] Warm Compost\n\ntext\n", {"title": "Warm Compost", "year": 2019}),
        ("# Warm Compost (NeurIPS 2019)\n\ntext\n", {"title": "Warm Compost", "year": 2019}),
        ("# 🚧 Warm Compost\n\ntext\n", {"title": "Warm Compost", "status": "reading"}),
        ("# Warm Compost [TODO]\n\nhttps://arxiv.org/abs/2203.14675\n", {"title": "Warm Compost", "status": "queued"}),
        ("# Warm Compost\n\nTODO\n", {"status": "queued"}),
        ("---\ntitle: Warm Compost\nreading_status: TBD\n---\ntext\n", {"status": "queued"}),
        ("# Warm Compost\n\n**Date read:** 9th November 2025\n\ntext\n", {"date": "2025-11-09"}),
        ("# Warm Compost\n\n**Date:** 14th - 15th September 2025\n\ntext\n", {"date": "2025-09-15"}),
        ("# Warm Compost\n\n*Date: 1st June 2p25*\n\ntext\n", {"date": "2025-06-01"}),
        ("# Warm Compost\n\nDate: 7/10\nScore: 7/10\n\ntext\n", {"date": None}),
        ("# Warm Compost\n\ntext\n\n## References\n\n- [A](https://arxiv.org/abs/1111.11111)\n", {"arxiv": None, "url": None}),
        ("# Warm Compost\n\ntext\n\n## To read\n\n- https://arxiv.org/abs/1501.11111\n", {"arxiv": None}),
        ("# Warm Compost\n\ntext\n\n```bibtex\n@article{x,\n title={Warm Compost},\n"
         " journal={arXiv preprint arXiv:2203.14675}\n}\n```\n", {"arxiv": "2203.14675"}),
        ("# Warm Compost\n\n- **Published:** ICML 2023 (arXiv:2304.02643, April 2023)\n- **GitHub:** https://github.com/a/b\n\ntext\n",
         {"arxiv": "2304.02643", "year": 2023, "kind": "paper"}),
        ("# Warm Compost\n\n| | |\n|---|---|\n| Authors | Ada Moor |\n| Link | https://arxiv.org/abs/2203.14675 |\n| Date | 2024-05-06 |\n\nx\n",
         {"authors": ("Ada Moor",), "arxiv": "2203.14675", "date": "2024-05-06"}),
        ("# Warm Compost\n\n[paper](https://arxiv.org/abs/2203.14675) [code](https://github.com/a/b)\n\ntext\n",
         {"arxiv": "2203.14675", "kind": "paper"}),
        ("# Warm Compost\n\n[code](https://github.com/a/b) | [paper](https://openreview.net/pdf?id=abc)\n\ntext\n",
         {"url": "https://openreview.net/forum?id=abc", "kind": "paper"}),
        ("# Talk on Compost\n\nhttps://youtu.be/abcdefghijk\n\ntext\n", {"kind": "talk"}),
        ("# Compost Post\n\n[arXiv Link]:(https://arxiv.org/html/2203.14675v2#S3)\n\ntext\n", {"arxiv": "2203.14675"}),
        ("# Warm Compost\n\nPaper Link: [here](www.arxiv.org/abs/2203.14675v1)\n", {"arxiv": "2203.14675"}),
        ("# Warm Compost\n\n## Links\n\n- paper: https://arxiv.org/abs/2203.14675\n\n## Summary\n\nx\n", {"arxiv": "2203.14675"}),
        ("# Warm Compost\n\n**Title:** {{title}}\n**Date:** YYYY-MM-DD\n**Authors:** <authors>\n\ntext\n",
         {"title": "Warm Compost", "date": None, "authors": ()}),
        ("# Warm Compost\n#### Moor et al. (2019)\n\ntext\n", {"title": "Warm Compost", "year": 2019, "authors": ("Moor et al.",)}),
        ("## [Warm Compost](http://arxiv.org/abs/1603.08983)\n\nTLDR; Heaps are warm because of what lives in them.\n",
         {"arxiv": "1603.08983", "description": "Heaps are warm because of what lives in them."}),
        ("# Warm Compost\n\n[1] Moor, Ada. “Warm Compost.” ArXiv:1902.07153 [Cs], June 20, 2019. http://arxiv.org/abs/1902.07153.\n\n"
         "# Abstract\n\nx\n\n# My Thoughts\n\ny\n\n@Author: Reader\n@Date: 2021-08-23 Monday 18:56:33\n",
         {"title": "Warm Compost", "arxiv": "1902.07153", "date": "2021-08-23"}),
        ("---\ntitle: 温かい堆肥\n---\n\n## 1. どんなもの？\n\n堆肥の話。\n\n## 6. 次に読むべき論文はあるか？\n\n- [Other](https://arxiv.org/abs/1505.04597)\n\n"
         "### 論文情報・リンク\n\n- [Moor, Warm Compost, 2018](http://openaccess.thecvf.com/a/paper.pdf)\n",
         {"arxiv": None, "url": "http://openaccess.thecvf.com/a/paper.pdf"}),
        ("# Warm Compost\n\n#soil #heat\n\n**TL;DR** : Heaps are warm because of bacteria.\n", {"title": "Warm Compost"}),
    ],
)  # fmt: skip
def test_one_entry(make_diary: Make, text: str, expected: dict[str, Any]) -> None:
    found = asdict(one(make_diary, text))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("soil/Warm_Compost.md", {"title": "Warm Compost", "date": None}),
        ("soil/Warm Compost_ a Study.md", {"title": "Warm Compost: a Study"}),
        (
            "soil/Warm,_Wet,_Dark-_Compost_in_Winter/README.md",
            {"title": "Warm, Wet, Dark: Compost in Winter", "topic": "soil"},
        ),
        ("soil/warm-compost-200426.md", {"title": "Warm compost", "date": "2020-04-26"}),
        ("soil/2020-04-26-warm-compost.md", {"title": "Warm compost", "date": "2020-04-26"}),
        ("soil/2021-04-16 Warm Compost.md", {"title": "Warm Compost", "date": "2021-04-16"}),
        (
            "soil/Warm Compost Helps Gardens_A Study of Heaps.md",
            {"title": "Warm Compost Helps Gardens: A Study of Heaps"},
        ),
        ("soil/2203.14675.md", {"arxiv": "2203.14675"}),
        ("soil/warm-compost-123456.md", {"date": None}),
    ],
)
def test_names_of_files(make_diary: Make, path: str, expected: dict[str, Any]) -> None:
    found = asdict(one(make_diary, "Only text, and no heading at all.\n", path))
    assert {key: found[key] for key in expected} == expected


def test_a_list_of_titles_with_years(make_diary: Make) -> None:
    text = (
        "# To Read\n\n## Warm Compost (2019)\n\nAda Moor\n\n---\n\n- https://blog.example.org/a\n\n---\n\n"
        "## Cold Compost (2017)\n\nBo Lind\n\n---\n\n## Wet Compost (2018)\n\nCleo Hart\n"
    )
    found = entries(make_diary, {"to-read.md": text})
    assert [(e.title, e.year, e.status) for e in found] == [
        ("Warm Compost", 2019, "queued"), ("Cold Compost", 2017, "queued"), ("Wet Compost", 2018, "queued"),
    ]  # fmt: skip


def test_sections_without_an_address_stay_in_their_entry(make_diary: Make) -> None:
    text = (
        "# One\nhttps://a.org/1.pdf\n\n## Abstract\n\nx\n\n# Problems\n\n- p\n\n# Two [TODO]\n\nhttps://a.org/2.pdf\n\n"
        "# Three: a Paper without an Address\n\n## Abstract\n\n- y\n\n## 1. Introduction\n\n# Four\n\n- https://a.org/4.pdf\n"
    )
    found = entries(make_diary, {"papers.md": text})
    assert [e.title for e in found] == ["One", "Two", "Three: a Paper without an Address", "Four"]
    assert "p" in " ".join(p.text for p in found[0].passages).split()


def test_headings_of_two_ranks_are_siblings(make_diary: Make) -> None:
    text = "## Garden\nShort ones.\n\n### [A b](https://arxiv.org/abs/2301.00001)\nx\n\n## [C d](https://arxiv.org/abs/2301.00002)\ny\n"
    found = entries(make_diary, {"short.md": text})
    assert [e.title for e in found] == ["A b", "C d"]


def test_a_note_with_links_below_its_parts_is_one_entry(make_diary: Make) -> None:
    text = (
        "# Warm Compost\n\nhttps://arxiv.org/abs/2203.14675\n\n## Code\n\nhttps://github.com/a/b\n\n"
        "## Slides\n\nhttps://example.org/s.pdf\n\n## Related work\n\n- [X](https://arxiv.org/abs/1501.00001)\n"
    )
    (entry,) = entries(make_diary, {"a.md": text})
    assert (entry.title, entry.arxiv) == ("Warm Compost", "2203.14675")


def test_a_table_of_papers(make_diary: Make) -> None:
    text = (
        "# Papers\n\n| Date | Paper | Year | Notes |\n|---|---|---|---|\n"
        "| 2024-01-02 | [Warm Compost](https://arxiv.org/abs/2203.14675) | 2022 | about heat |\n"
        "| 2024-01-03 | [Cold Compost](https://arxiv.org/abs/2203.14676) | 2022 |\n"
        "| 2024-01-05 | [Wet \\| Dry](https://arxiv.org/abs/2203.14677) | 2021 | x\n"
    )
    found = entries(make_diary, {"papers.md": text})
    assert [(e.title, e.arxiv, e.date, e.year, e.line) for e in found] == [
        ("Warm Compost", "2203.14675", "2024-01-02", 2022, 5),
        ("Cold Compost", "2203.14676", "2024-01-03", 2022, 6),
        ("Wet | Dry", "2203.14677", "2024-01-05", 2021, 7),
    ]


def test_a_table_of_results_is_no_list(make_diary: Make) -> None:
    text = (
        "# Warm Compost\n\n| Method | Score |\n|---|---|\n| [A](https://a.org) | 1 |\n| B | 2 |\n| C | 3 |\n| D | 4 |\n"
    )
    assert [e.title for e in entries(make_diary, {"a.md": text})] == ["Warm Compost"]


def test_a_list_of_papers(make_diary: Make) -> None:
    text = (
        "# Reading list\n\n## Soil\n\n- [x] [Warm Compost](https://arxiv.org/abs/2203.14675), ICML 2022\n"
        "- [ ] Cold Compost and Frost [[pdf](https://arxiv.org/pdf/2203.14676)] [[code](https://github.com/a/b)]\n"
        "- [2019 CVPR] Wet Compost in Spring ([paper](https://arxiv.org/abs/1903.14677))\n"
    )
    found = entries(make_diary, {"reading-list.md": text})
    assert [(e.title, e.arxiv, e.status) for e in found] == [
        ("Warm Compost", "2203.14675", "read"),
        ("Cold Compost and Frost", "2203.14676", "queued"),
        ("Wet Compost in Spring", "1903.14677", "read"),
    ]
    assert found[2].year == 2019


def test_a_reference_list_is_no_list_of_entries(make_diary: Make) -> None:
    refs = "\n".join(f"- [Paper number {n}](https://arxiv.org/abs/2203.1467{n})" for n in range(9))
    text = f"# Warm Compost\n\nA long text about it.\n\n## References\n\n{refs}\n"
    assert [e.title for e in entries(make_diary, {"a.md": text})] == ["Warm Compost"]


MONTHS = (
    "# My diary\n\nWords.\n\n### May 2025\n\n* 23rd: [Warm Compost](soil/warm.md): heaps that\n  are warm\n"
    "* 31st : [Gone](soil/gone.md)\n\n### June\n\n* 2nd [No colon](water/rain.md): rain\n1st: [Empty]()\n"
    "* 14th - 15th: [Two days](soil/two.md): long\n* 31st: [Never](soil/never.md)\n"
)


def test_a_month_list_gives_dates_to_notes_and_is_a_page(make_diary: Make) -> None:
    config = make_diary({"index.md": MONTHS, "soil/warm.md": "# Warm\n\nA text of more than a few words.\n"})
    notes = {n.path: n for n in read_all(config)}
    (warm,) = notes["soil/warm.md"].entries
    assert (warm.date, warm.description, warm.note) == ("2025-05-23", "heaps that are warm", "soil/warm.md")
    found = {e.title: e for e in notes["index.md"].entries}
    assert {t: e.date for t, e in found.items()} == {
        "Gone": "2025-05-31", "No colon": "2025-06-02", "Empty": "2025-06-01", "Two days": "2025-06-15", "Never": None,
    }  # fmt: skip
    assert found["No colon"].topic == "water"
    assert found["Gone"].line == 9
    codes = sorted((p.code, p.line) for p in notes["index.md"].problems)
    assert codes == [("impossible-date", 16), ("list-empty-link", 14), ("list-no-colon", 13)]


def test_where_list_and_note_disagree_the_note_wins(make_diary: Make) -> None:
    config = make_diary(
        {"index.md": MONTHS, "soil/warm.md": "---\ndate: 2025-05-20\ndescription: mine\n---\n# Warm\n\nText.\n"}
    )
    notes = {n.path: n for n in read_all(config)}
    (warm,) = notes["soil/warm.md"].entries
    assert (warm.date, warm.description) == ("2025-05-20", "mine")
    assert [(p.line, "2025-05-20" in p.message) for p in notes["index.md"].problems if p.code == "list-disagrees"] == [
        (7, True)
    ]


@pytest.mark.parametrize(
    ("months", "years"),
    [
        (["December 2024", "January", "February"], [2024, 2025, 2025]),
        (["March 2025", "February 2025", "December"], [2025, 2025, 2024]),
    ],
)
def test_a_month_without_a_year(make_diary: Make, months: list[str], years: list[int]) -> None:
    text = "".join(f"## {m}\n\n- 3rd: [Paper in {m}](x/{n}.md)\n\n" for n, m in enumerate(months))
    assert [int((e.date or "0")[:4]) for e in entries(make_diary, {"index.md": text})] == years


def test_a_weekly_list(make_diary: Make) -> None:
    text = (
        "I keep a journal.\n\nWeek 2, (06/18/2018):\n- [Warm Compost](warm.md) \\[[arxiv](https://arxiv.org/abs/1608.05343)\\]\n\n"
        "Week 1, (06/11/2018):\n- [Cold Compost](cold.md) \\[[arxiv](https://arxiv.org/abs/1806.01822)\\]\n"
    )
    notes = {"README.md": text, "warm.md": "## Warm Compost\n\nText.\n", "cold.md": "## Cold\n\nText.\n"}
    found = {e.note: e for e in entries(make_diary, notes)}
    assert {p: (e.date, e.arxiv) for p, e in found.items()} == {
        "warm.md": ("2018-06-18", "1608.05343"), "cold.md": ("2018-06-11", "1806.01822"),
    }  # fmt: skip


def test_dates_that_are_the_papers_own(make_diary: Make) -> None:
    """`Date:` in the month of the arXiv id, all over: published, not read."""
    dates = {
        "1603.06937": "03/22/2016",
        "1506.02640": "06/08/2015",
        "1703.06870": "03/20/2017",
        "1801.00001": "01/02/2018",
    }
    notes = {
        f"{n}.md": f"# [T {n}](https://arxiv.org/abs/{a})\n\nDate: {d}\n\ntext\n"
        for n, (a, d) in enumerate(dates.items())
    }
    found = entries(make_diary, notes)
    assert [e.date for e in found] == [None] * 4
    assert [e.published for e in found] == ["2016-03-22", "2015-06-08", "2017-03-20", "2018-01-02"]


def test_dates_of_reading_stay(make_diary: Make) -> None:
    dates = {
        "1603.06937": "2020-03-22",
        "1506.02640": "2020-03-25",
        "1703.06870": "2020-04-01",
        "2003.00001": "2020-03-02",
    }
    notes = {
        f"{n}.md": f"# [T {n}](https://arxiv.org/abs/{a})\n\nDate: {d}\n\ntext\n"
        for n, (a, d) in enumerate(dates.items())
    }
    assert [e.date for e in entries(make_diary, notes)] == list(dates.values())


@pytest.mark.parametrize(("clear", "date"), [("30/05/2025", "2025-05-04"), ("05/30/2025", "2025-04-05")])
def test_day_or_month_first_is_seen_elsewhere(make_diary: Make, clear: str, date: str) -> None:
    notes = {"a.md": f"# A\n\nDate: {clear}\n\nx\n", "b.md": "# B\n\nDate: 04/05/2025\n\nx\n"}
    found = {e.note: e.date for e in entries(make_diary, notes)}
    assert found["b.md"] == date


def test_an_index_of_a_folder_that_is_a_note(make_diary: Make) -> None:
    notes = {
        "soil/warm-compost/index.md": "---\ntitle: Warm Compost\ndate: 2024-05-06\n---\ntext\n",
        "soil/index.md": "---\ntitle: All about soil\n---\ntext\n",
        "index.md": "---\ntitle: Home\ndate: 2024-05-06\n---\ntext\n",
    }
    (found,) = entries(make_diary, notes)
    assert (found.title, found.page) == ("Warm Compost", "soil/warm-compost/")


def test_the_same_from_the_cache(make_diary: Make) -> None:
    config = make_diary({"index.md": MONTHS, "soil/warm.md": "---\ntags: [a, 1]\n---\n# Warm\n\nText.\n", "e.md": ""})
    first = read_all(config)
    again = read_all(config)
    assert [(n.path, n.entries, n.problems, n.listed) for n in first] == [
        (n.path, n.entries, n.problems, n.listed) for n in again
    ]
    (config.notes / "soil/warm.md").write_text("# Warmer\n\nText.\n")
    assert "Warmer" in [e.title for n in read_all(config) for e in n.entries]
