"""Lists, tables and pages of papers in the shapes that people give them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from paperdiary import listrow
from paperdiary.check import check
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.listwords import is_names, says_what, words_in
from paperdiary.notes import read_all
from paperdiary.onenote import parse
from paperdiary.repair import repair

Make = Callable[..., Config]


def entries(make: Make, notes: dict[str, str]) -> list[Entry]:
    return [e for note in read_all(make(notes)) for e in note.entries]


def read(make: Make, text: str, path: str = "README.md") -> list[tuple[str, str | None, str | None]]:
    return [(e.title, e.date, e.arxiv) for e in entries(make, {path: text})]


A = "https://arxiv.org/abs/2203.1467"


@pytest.mark.parametrize(
    ("row", "title"),
    [
        ("[Warm Heaps for Gardens](https://a.org/1.pdf)", "Warm Heaps for Gardens"),
        ("Warm Heaps for Gardens [[paper](https://a.org/1.pdf)] [[code](https://github.com/a/b)]",
         "Warm Heaps for Gardens"),
        ("[[CVPR2021](https://a.org/1.pdf)] WH: Warm Heaps", "WH: Warm Heaps"),
        ("[[arXiv](https://a.org/1.pdf)] Warm Heaps for Gardens [[github](https://github.com/a/b)]",
         "Warm Heaps for Gardens"),
        ("arXiv 2023.10, **WH**: Warm Heaps, [arXiv](https://a.org/1.pdf) / [Site](https://wh.org)", "WH: Warm Heaps"),
        ("ICML 2022 oral, The **warm heap** in gardens, [arXiv](https://a.org/1.pdf)", "The warm heap in gardens"),
        ("RSS 2022 Best Paper Award, **WH**: Turning of Heaps, Leaves, and Worms, [Website](https://wh.org)",
         "WH: Turning of Heaps, Leaves, and Worms"),
        ('WH: "Warm Heaps for Gardens" CVPR. [[Paper]](https://a.org/1.pdf)', "Warm Heaps for Gardens"),
        ('"WH: Warm Heaps" CVPR.  \n  their own words', "WH: Warm Heaps"),
        ("Heap - A Pile of Warm Things | [pdf](pdf/heap.pdf) | [notes](notes/heap.md)", "Heap - A Pile of Warm Things"),
        ("Turning Heaps with Forks – Which Forks? | [pdf](pdf/heap.pdf)", "Turning Heaps with Forks – Which Forks?"),
        ("21_WWW_WarmHeap: Latency of Heaps [[paper]](https://a.org/1.pdf)", "WarmHeap: Latency of Heaps"),
        ("2019 | Heaps: A Survey of the Garden | Ada Moor, et al. | arXiv | [`PDF`](https://a.org/1.pdf)",
         "Heaps: A Survey of the Garden"),
        ("[2023/04] **Learning Warm Heaps from Leaves.** *Ada Moor(Garden University) et al. arXiv.*[[paper](https://a.org/1.pdf)]",
         "Learning Warm Heaps from Leaves"),
        ("[2023/02] Warm Heaps: Turning by Themselves *Ada Moor et al. Arxiv* [[paper](https://a.org/1.pdf)]",
         "Warm Heaps: Turning by Themselves"),
        ("<[Warm Heaps for All](https://a.org/1.pdf)> by Ada Moor, Bo Lind, 2019.", "Warm Heaps for All"),
        ("[HRL] <[Warm Heaps for All](https://a.org/1.pdf)> by Ada Moor", "Warm Heaps for All"),
        ("***Warm Heaps: Scale***: [笔记原文](./heap.md)，[知乎](https://zhihu.com/p/1)", "Warm Heaps: Scale"),
        ("Ada Moor and Bo Lind. Warm Heaps from Cold Leaves and Rain, COLING 1998. http://a.org/1.pdf",
         "Warm Heaps from Cold Leaves and Rain"),
        ("A. Moor, B. Lind, C. D. Hart, et al. From Leaves to Warm Heaps and Back. In CVPR, 2015.",
         "From Leaves to Warm Heaps and Back"),
        ("A. Moor, and B. Lind. Do You Turn Heaps? Data and Methods for Gardens. In NIPS, 2015.",
         "Do You Turn Heaps? Data and Methods for Gardens"),
        ('**[7]** Moor, Ada, et al. "**Warm heaps for gardens**." arXiv preprint arXiv:2203.14675 (2022). [[pdf]](https://a.org/1.pdf)',
         "Warm heaps for gardens"),
        ("Moor, A., & Lind, B. (2021). Warm heaps for all. arXiv preprint arXiv:2103.16104.", "Warm heaps for all"),
        ("Moor et al. Warm Heaps Are All. NeurIPS 2017. [paper](https://a.org/1.pdf)", "Warm Heaps Are All"),
        ("Warm heaps in cold rooms[J]. arXiv preprint arXiv:2203.14675, 2022.", "Warm heaps in cold rooms"),
        ("Warm Heaps for Gardens, Moor et al, 2013. Algorithm: WH. [paper](https://a.org/1.pdf)",
         "Warm Heaps for Gardens"),
        ("Turning Heaps by Reducing Inner Heap Rain(**WH**) [[paper]](https://a.org/1.pdf)",
         "Turning Heaps by Reducing Inner Heap Rain"),
        ("[Warm Heaps? Turning Them (2019) - Moor, Lind and Hart](https://github.com/a/b/blob/master/notes/heap.md)",
         "Warm Heaps? Turning Them"),
        ("[Heaps in the Wild - Findings and Challenges](https://a.org/1.pdf)",
         "Heaps in the Wild - Findings and Challenges"),
        ("![Warm Heaps Are All](https://arxiv.org/abs/2203.14675)", "Warm Heaps Are All"),
        ('<a href="https://a.org/1.pdf">Warm Heaps for Gardens</a> (EMNLP 2021)<br>', "Warm Heaps for Gardens"),
        ("[WarmHeap](./heap.md): A Model of Gardens", "WarmHeap"),
        ("[x] 20211017 [2021 CVPR] Warm_ Heaps for Gardens", "Warm_ Heaps for Gardens"),
        # sentences name nothing
        ("Read the paper at [arXiv](https://a.org/1.pdf)", ""),
        ("12/2024: sort the papers of [Heaps 2025](heaps-2025.md) (spring only); and those of [Rain](rain.md)", ""),
        ("We release our [paper](https://a.org/1.pdf) today", ""),
        ("[Issues](https://github.com/a/b/issues)に論文を書く。", ""),
        ("読む論文は[Issue](https://github.com/a/b/issues)に上げる。", ""),
    ],
)  # fmt: skip
def test_one_row(row: str, title: str) -> None:
    assert listrow.read(row).title == title


def test_what_else_a_row_says() -> None:
    row = listrow.read("[ ] 20211017 [2020 CVPR] Warm Heaps for Gardens")
    assert (row.day, row.year, row.box, row.sure) == ("2021-10-17", "2020", " ", False)
    row = listrow.read("Moor, A., & Lind, B. (2021). Warm heaps for all. https://arxiv.org/pdf/2103.16104.pdf")
    assert (row.authors, row.year, row.sure) == ("Moor, A., & Lind, B", "2021", True)
    assert listrow.read("Warm Heaps [[Notes]](./2203.14675.md)").web == ("https://arxiv.org/abs/2203.14675",)
    assert listrow.read("Deep heaps. CoRR, abs/1312.6034, 2013.").web == ("https://arxiv.org/abs/1312.6034",)


def test_words() -> None:
    assert words_in("Uber和Cruise开源自动驾驶的可视化工具") > 5
    assert all(
        says_what(t)
        for t in ("paper", "arXiv 2019", "CVPR'20 oral", "Torch Code", "2203.14675", "笔记原文", "`PDF`", "open note")
    )
    assert not any(says_what(t) for t in ("Warm Heaps", "SiamRPN++", "语义分割总结"))
    assert is_names("Ada Moor, Bo Lind and C. Hart")
    assert is_names("Dirk van den Berg et al.")
    assert not is_names("Learning to turn, and to rest")


def test_a_readme_with_entries_under_headings_and_in_lists(make_diary: Make) -> None:
    text = (
        "# Notes\n\n- [BTree](#btree)\n  - [**The Warm Tree**](#the-warm-tree)\n\n## Heaps\n\n### BTree\n\n"
        "#### **[The Warm Tree](https://a.org/1.pdf)**\n\nMany words on it, with [a page](https://b.org/x) in them.\n\n"
        "#### **[The Cold Tree](https://a.org/2.pdf)**\n\nMore.\n\n## Later\n\n"
        f"- [Warm heaps of leaves]({A}5)\n- [Cold heaps of stone]({A}6)\n- [Dry heaps of sand]({A}7)\n"
    )
    config = make_diary({"README.md": text})
    (note,) = read_all(config)
    assert [e.title for e in note.entries] == [
        "The Warm Tree",
        "The Cold Tree",
        "Warm heaps of leaves",
        "Cold heaps of stone",
        "Dry heaps of sand",
    ]
    assert note.page is not None
    assert len({e.anchor for e in note.entries}) == 5


def test_a_reading_history_without_links(make_diary: Make) -> None:
    text = (
        "# Paper Reading History\n\n## 2021\n\n- [ ] 20211017 [2021] You Turn Only One Heap\n"
        "- [x] 20210729 [2019] WarmHeap_ One Turn\n"
        "- [ ] 20200700 [2011] Blind Quality of Heaps\n"
    )
    assert read(make_diary, text) == [
        ("You Turn Only One Heap", "2021-10-17", None),
        ("WarmHeap: One Turn", "2021-07-29", None),
        ("Blind Quality of Heaps", None, None),
    ]


def test_groups_that_name_days(make_diary: Make) -> None:
    text = (
        f"# Long papers\n\n## Week\n\n- **[2025.02.07]**\n    - Paper: [Warm heaps of leaves]({A}5) ICLR 2025\n"
        f"    - Paper: [Cold Heap]({A}6)\n"
        f"\n- **[2025.02.06]**\n    - Paper: [Dry heaps of sand]({A}7)\n"
    )
    assert read(make_diary, text) == [
        ("Warm heaps of leaves", "2025-02-07", "2203.14675"),
        ("Cold Heap", "2025-02-07", "2203.14676"),
        ("Dry heaps of sand", "2025-02-06", "2203.14677"),
    ]


def test_days_that_stand_over_paragraphs(make_diary: Make) -> None:
    text = (
        f"# weekly\n\n<b>2022-05-29</b><br>\n\n"
        f'<i>Title</i>: <a href="{A}5">Warm Heaps of Leaves</a> (EMNLP 2021)<br>\n'
        f"<i>Author</i>: Ada Moor, Bo Lind<br>\n"
        f"words about it\n\n1. a point\n\n<b>2022-05-22</b><br>\n\n"
        f'<i>Title</i>: <a href="{A}6">Cold Heaps of Stone</a> (ACL 2022)<br>\nmore\n\n'
        f'<a href="{A}8">What Heaps Do</a>， <a href="{A}9">On Heaps and Rain</a>，以及其他\n\n'
        f'<i>Title</i>: <a href="{A}7">Dry Heaps of Sand</a><br>\n'
    )
    assert read(make_diary, text) == [
        ("Warm Heaps of Leaves", "2022-05-29", "2203.14675"),
        ("Cold Heaps of Stone", "2022-05-22", "2203.14676"),
        ("Dry Heaps of Sand", "2022-05-22", "2203.14677"),
    ]


def test_a_day_over_headings_of_the_same_rank(make_diary: Make) -> None:
    text = (
        f"# Daily papers\n\n## 2026-09-08\n\n## Heaps\n\n| 标题 | 评分 |\n|---|---|\n| **[Warm heaps]({A}5)** | 7 |\n"
        f"\n## Rain\n\n| 标题 | 评分 |\n|---|---|\n| **[Wet heaps]({A}6)** | 8 |\n"
    )
    assert read(make_diary, text) == [
        ("Warm heaps", "2026-09-08", "2203.14675"),
        ("Wet heaps", "2026-09-08", "2203.14676"),
    ]


def test_months_with_counts_and_titles_without_links(make_diary: Make) -> None:
    text = (
        f"# Paper notes\n\n## 2020-04 (3)\n\n- [Warm heaps of leaves]({A}5) [[Notes](n/a.md)](WH)\n"
        f"- [Cold heaps]({A}6)\n\n"
        f"### 2020 May:\n- ICML2015 - Universal Heap Approximators\n- kHeap: forks for rough gardens\n"
        f"- [Wet heaps of rain]({A}7)\n"
    )
    assert read(make_diary, text) == [
        ("Warm heaps of leaves", "2020-04-01", "2203.14675"),
        ("Cold heaps", "2020-04-01", "2203.14676"),
        ("Universal Heap Approximators", "2020-05-01", None),
        ("kHeap: forks for rough gardens", "2020-05-01", None),
        ("Wet heaps of rain", "2020-05-01", "2203.14677"),
    ]


def test_months_of_an_index_are_those_of_its_notes(make_diary: Make) -> None:
    notes = {
        "README.md": (
            "#### 2018-11\n- [Warm heaps (**2015.06**)](./notes/warm.md)\n\n#### 2018-10\n"
            "- [Cold heaps](./notes/cold.md)\n- [Gone](./notes/gone.md)\n"
        ),
        "notes/warm.md": "# [Warm heaps](https://arxiv.org/abs/1506.03134)\n\nx\n",
        "notes/cold.md": "# Cold heaps\n\nhttps://arxiv.org/abs/1506.03340\n\nx\n",
    }
    assert {e.title: e.date for e in entries(make_diary, notes)} == {
        "Warm heaps": "2018-11-01",
        "Cold heaps": "2018-10-01",
    }


def test_links_below_a_title(make_diary: Make) -> None:
    text = (
        "# rl papers\n\n### Turning\n\n**(1) VT(Moor)**\n\n[Turning methods for heaps with forks]\n\n"
        "Ada Moor, Bo Lind,1994\n\n"
        f"[`REVIEW`](./r/vt.md)\t|\t[`PAPER`]({A}5)\n\n<br/>\n\n**(2) PER**\n\n[Prioritized Heap Replay]\n\n"
        f"Tom Hart, Ada Moor and Bo Lind(2015)\n\n"
        f"[`REVIEW`](./r/per.md)\t|\t[`PAPER`]({A}6)\n\n### Titles\n\nEnhanced heaps for gardens\n"
        f"Qian Moor, Bo Lind\nhttps://arxiv.org/abs/1609.06038\n26 Apr 2017\n\n"
        f"Network in Heap [[Paper]] ({A}7) [[Note]](https://github.com/a/b/blob/master/n.md)\n"
        f'   * Moor, Ada, and Bo Lind. "Network in heap." arXiv preprint arXiv:2203.14677 (2022).\n'
    )
    assert read(make_diary, text) == [
        ("Turning methods for heaps with forks", None, "2203.14675"),
        ("Prioritized Heap Replay", None, "2203.14676"),
        ("Enhanced heaps for gardens", None, "1609.06038"),
        ("Network in Heap", None, "2203.14677"),
    ]


def test_short_names(make_diary: Make) -> None:
    text = (
        f"# Papers\n\n### Heap series\n\n[HeapRPN]({A}5)\n\nwords about it\n\n[HeapRPN++]({A}6)  \n"
        f"**idea**: deeper\n**more**: words\n\n* 2018.01: || [DSOH]({A}7) || [ROH]({A}8) ||\n"
    )
    assert [t for t, _, _ in read(make_diary, text)] == ["HeapRPN", "HeapRPN++", "DSOH", "ROH"]


def test_parts_that_list_no_papers(make_diary: Make) -> None:
    text = (
        f"# Awesome heap papers\n\n## News\n\n"
        f"- 2023/12/08: we add papers of [HeapConf'23](https://heap.org/2023)\n\n## Contents\n\n"
        f"- [Heaps of the world](https://a.org/heaps)\n\n"
        f"## Papers\n\n- [Warm heaps of leaves]({A}5)\n- Highway Heaps\n- [Cold heaps of stone]({A}6)\n"
        f"- [Dry heaps of sand]({A}7)\n\n"
        "## Datasets\n\n### Leaves\n\n- [Heap Leaf Collection 2012](https://a.org/data)\n\n## Useful Tools\n\n"
        "- [A tool that turns heaps](https://a.org/tool)\n- Shovel Set Two\n"
    )
    assert [t for t, _, _ in read(make_diary, text)] == [
        "Warm heaps of leaves",
        "Highway Heaps",
        "Cold heaps of stone",
        "Dry heaps of sand",
    ]


def test_a_readme_that_lists_nothing(make_diary: Make) -> None:
    text = (
        "# heap-papers\n\nRun `heap.py` to get [the list](https://arxiv.org/list/cs.CR/pastweek?show=120).\n\n"
        "## Usage\n\n- keywords: what you want\n"
        "- link: the default is [https://arxiv.org/list/cs.CR](https://arxiv.org/list/cs.CR)\n\n## Areas\n\n"
        "- [Heaps](papers/heaps/README.md)\n- [Cold Rain](papers/rain.md)\n\n"
        "| Conference | Papers |\n|---|---|\n| HeapConf 2026 | 4069 |\n| Rain 2026 | 56 |\n"
    )
    assert read(make_diary, text) == []


def test_a_page_of_many_notes_is_a_list(make_diary: Make) -> None:
    text = (
        "Machine Turning\n===============\n\nForks\n-----\n\n"
        "* Ada Moor and Bo Lind. Warm Heaps from Cold Leaves, COLING 1998. http://a.org/1.pdf\n"
        "    - Assumption: words that\n    - Used forks\n\n"
        "* Reinhard Hart. Automatic turning of unrelated heaps and leaves, ACL 1999. http://a.org/2.pdf\n"
        "    - ``If, in a heap``\n\n"
        "* Franz Och. Least Turning of Statistical Heaps. ACL 2003. http://a.org/3.pdf\n    - Optimize\n"
    )
    assert [t for t, _, _ in read(make_diary, text, "mt.md")] == [
        "Warm Heaps from Cold Leaves",
        "Automatic turning of unrelated heaps and leaves",
        "Least Turning of Statistical Heaps",
    ]


def test_tables(make_diary: Make) -> None:
    text = (
        "# My papers\n\n|Title|Author|Date|Paper|Labels|\n|---|---|---|---|---|\n"
        f"Warm heaps with forks|Moor et al |2014| [pdf]({A}5)||\n"
        f"Cold heaps of stone|Ada Moor, Bo Lind|_3 Sep 2014_ | [arxiv]({A}6)|\n"
        f"Dry heaps of sand|Bo Lind|_25 Apr 2017_ | [arxiv]({A}7)|\n\n"
        "| Paper | Publication Date | Read date | Comments\n|-|-|-|-\n"
        "| ![Wet Heaps Are All](https://arxiv.org/abs/1706.03762) | 2017-06 | 2023-12 |\n"
    )
    assert read(make_diary, text) == [
        ("Warm heaps with forks", None, "2203.14675"),
        ("Cold heaps of stone", None, "2203.14676"),
        ("Dry heaps of sand", None, "2203.14677"),
        ("Wet Heaps Are All", "2023-12-01", "1706.03762"),
    ]


def test_a_table_in_html(make_diary: Make) -> None:
    text = (
        f"# Papers\n\n<table>\n<tr><th>Title</th><th>Venue</th><th>Link</th></tr>\n"
        f'<tr><td>Warm heaps of leaves</td><td>ICML 2022</td><td><a href="{A}5">pdf</a></td></tr>\n'
        f'<tr><td><b>Cold heaps of stone</b></td><td>NeurIPS 2021</td><td><a href="{A}6">pdf</a></td></tr>\n</table>\n'
    )
    assert read(make_diary, text) == [
        ("Warm heaps of leaves", None, "2203.14675"),
        ("Cold heaps of stone", None, "2203.14676"),
    ]


def test_folders_and_boxes(make_diary: Make) -> None:
    notes = {
        "README.md": (
            "# Paper Reading\n\n- [x] [Warm heaps of leaves in winter](./warm)\n  ![cover](covers/warm.png)\n"
            "- [x] [Mesh Heaps](./mesh)(roughly)\n\n## Contact\n\n- [a@b.org](mailto:a@b.org)\n"
        ),
        "warm/README.md": "# Warm heaps of leaves in winter\n\nhttps://arxiv.org/abs/2203.14675\n\nwords\n",
    }
    found = entries(make_diary, notes)
    assert sorted((e.title, e.note) for e in found) == [
        ("Mesh Heaps", "README.md"),
        ("Warm heaps of leaves in winter", "warm/README.md"),
    ]


def test_links_at_the_end_of_headings_are_no_part_of_titles(make_diary: Make) -> None:
    text = (
        "# Notes\n\n"
        "### Open Heaps ([book](https://www.heaps.org/) | [notes](https://github.com/a/b/blob/m/1.md))\n\nx\n\n"
        "### Turning: An Introduction ([book](http://t.org/b.html))\n\ny\n"
    )
    assert [t for t, _, _ in read(make_diary, text)] == ["Open Heaps", "Turning: An Introduction"]


def test_nested_details_of_an_item(make_diary: Make) -> None:
    text = (
        f"# RL papers\n\n- [Safe heaps with guided forks]({A}5)\n  - Ada Moor, Bo Lind\n  - Key: forks\n"
        f"  - Code: [official](https://github.com/a/b)\n"
        f"  - ExpEnv: [Garden](https://g.org/), [Yard](https://y.org)\n"
        f"- Turning Heaps Slowly\n  - [paper]({A}6)\n  - Authors: Ada Moor; Bo Lind\n"
        f"  - The idea builds on [Adaptive Heaps](https://papers.nips.cc/paper/5032-adaptive-heaps.pdf), which\n"
        f"- [Dry heaps of sand]({A}7)\n"
    )
    found = entries(make_diary, {"README.md": text})
    assert [(e.title, e.arxiv, len(e.sources)) for e in found] == [
        ("Safe heaps with guided forks", "2203.14675", 2),
        ("Turning Heaps Slowly", "2203.14676", 1),
        ("Dry heaps of sand", "2203.14677", 1),
    ]
    assert found[1].authors == ("Ada Moor", "Bo Lind")


def test_rows_without_links_are_said_once(make_diary: Make) -> None:
    rows = "".join(f"- [ ] 2021101{n} [2021] Warm Heap Number {n} of Many\n" for n in range(1, 9))
    text = (
        f"# Paper history\n\n{rows}- [Cold heaps of stone]({A}6) 2021\n- [Dry heaps of sand]({A}7)\n"
        f"- [Wet heaps]({A}8)\n"
    )
    config = make_diary({"README.md": text})
    found = [p for p in check(config, read_all(config)) if p.code == "no-source"]
    assert [(p.note, p.line, "8" in p.message) for p in found] == [("README.md", 3, True)]


def test_a_mark_before_text_in_an_old_encoding_is_no_part_of_it() -> None:
    data = b"\xef\xbb\xbf# Caf\xe9 na\xefve heaps\n\nx\n"
    assert parse(data, "a.md").title == "Café naïve heaps"
    assert repair(data)[0].startswith("# Café")
