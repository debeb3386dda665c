"""Notes in the shapes that people give them: who, where and when is found in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.notes import read_all
from paperdiary.onenote import parse

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
        ("# 对比学习\n\n论文：https://arxiv.org/abs/2104.00055\n\nx\n", {"title": "对比学习", "arxiv": "2104.00055"}),
        ("# 深度强化学习\n\nx\n", {"title": "深度强化学习"}),
        # what people call their own text is no part of the title
        ("# 【论文笔记】Warm Compost: A Survey\n\n论文地址：https://arxiv.org/abs/2104.00055\n\n## 摘要\nx\n",
         {"title": "Warm Compost: A Survey", "arxiv": "2104.00055"}),
        ("# 论文阅读《Warm Compost》\n\nx\n", {"title": "Warm Compost"}),
        ("# Warm Compost — 论文解读报告\n\n> **论文链接**：https://arxiv.org/abs/2602.06563  \n> **创建时间**：2026-08-24\n\nx\n",
         {"title": "Warm Compost", "arxiv": "2602.06563", "date": "2026-08-24"}),
        ("---\ntitle: '[Paper Review] Warm Compost'\n---\nx\n", {"title": "Warm Compost"}),
        ("---\ntitle: '[论文解读] Warm Compost: a Study'\n---\n\n# Warm Compost: a Study\n\n"
         "**arXiv**: [2511.01234](https://arxiv.org/abs/2511.01234)  \n**代码**: 待发布\n\n## 一句话总结\n\nx\n",
         {"title": "Warm Compost: a Study", "arxiv": "2511.01234"}),
        ("## Title: Warm Compost\n\n### 論文リンク\n\n[CVPR](https://openaccess.thecvf.com/content/W.html) / "
         "[arXiv](https://arxiv.org/abs/2303.06674)\n\n### 概要\nx\n", {"title": "Warm Compost", "arxiv": "2303.06674"}),
        ("# ■ 論文\n- 論文タイトル：\"On Warm Compost, Again\"\n- 論文リンク：https://arxiv.org/abs/1704.06729\n"
         "- 論文投稿日付：2017/04/22\n- 著者（組織）：\n\n# ■ 概要\n\nx\n",
         {"title": "On Warm Compost, Again", "arxiv": "1704.06729", "date": None, "published": "2017-04-22"}),
        ("* Warm Compost Maximization: Unsupervised Discovery of Heaps\n* Ada Moor\n\n# Abstract\n\nx\n",
         {"title": "Warm Compost Maximization: Unsupervised Discovery of Heaps"}),
        ("# BoxHeap: Warm Turning\n\n> **Draft**: made from the list.\n\n| Item | Value |\n| --- | --- |\n"
         "| arXiv | [http://arxiv.org/abs/2410.06263](http://arxiv.org/abs/2410.06263) |\n"
         "| Authors | Moor, Ada;Lind, Bo |\n| Source | ICRA 2025 / arXiv |\n\n## TL;DR\n\nx\n",
         {"title": "BoxHeap: Warm Turning", "arxiv": "2410.06263", "authors": ("Moor, Ada", "Lind, Bo")}),
        ("# Basic info\n- Title: Warm Compost\n- Author: Ada Moor and Bo Lind\n\n# Score\n- Idea: 3\n\n# Resource\n"
         "## Paper\nhttps://a.edu/warm.pdf\n\n## Project Page\nhttp://a.edu/warm/\n\n## Source code\nhttps://github.com/a/b\n",
         {"title": "Warm Compost", "authors": ("Ada Moor", "Bo Lind"), "url": "https://a.edu/warm.pdf"}),
        ("### [Warm Compost][1]\n\n**Authors**: Ada Moor\n\ntext\n\n[1]: https://arxiv.org/abs/1706.03762 \"Paper\"\n",
         {"title": "Warm Compost", "arxiv": "1706.03762"}),
        ("> [!Cite]\n> Moor, Ada. ‘Warm Compost’. _Heaps_ 3 (2019).\n\n>[!md]\n> **FirstAuthor**:: Moor, Ada  \n"
         "> **Title**:: Warm Compost  \n> **Year**:: 2019   \n> **DOI**:: 10.1234/heap.2019    \n",
         {"title": "Warm Compost", "doi": "10.1234/heap.2019", "year": 2019}),
        ("title:: @Warm Compost\nurl:: https://arxiv.org/abs/2102.00077\nstatus:: reading\n\n- ## Notes\n\t- y\n",
         {"title": "Warm Compost", "arxiv": "2102.00077", "status": "reading"}),
        ("# Warm Compost\n\nAuthor(s): Ada Moor\n📅 Date: 5-Jun-2021\n🔗 [Paper](https://arxiv.org/abs/2102.00077)\n\ntext\n",
         {"authors": ("Ada Moor",), "date": "2021-06-05", "arxiv": "2102.00077"}),
        ("# Warm Compost\n\n> 时间：2021年5月6日\n\n正文\n", {"date": "2021-05-06"}),
        ("# Warm Compost\n\n- Last updated: 2022-01-01\n- Submission date: 2021-01-05\n- Reviewed on: 2021-09-09\n\nx\n",
         {"date": "2021-09-09", "published": "2021-01-05"}),
        ("# Warm Compost\n\n- 阅读状态：`full-read`\n\nx\n", {"status": "read"}),
        ("---\ntitle: Warm Compost\nread: false\n---\nx\n", {"status": "queued"}),
        ("# WSDM 2022 | 温暖的堆肥\n\n> **原文链接**: https://zhuanlan.zhihu.com/p/1\n\n本文基于《Warm Compost》。 论文链接："
         "https://arxiv.org/pdf/2110.11154.pdf 代码链接：https://github.com/e/w 1.背景介绍\n", {"arxiv": "2110.11154"}),
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
        ("soil/20180828-Warm-Compost.md", {"title": "Warm Compost", "date": "2018-08-28"}),
        ("soil/202104161530 Warm compost needs air.md", {"title": "Warm compost needs air", "date": "2021-04-16"}),
        ("soil/Warm Compost in Winter 0a1b2c3d4e5f60718293a4b5c6d7e8f9.md", {"title": "Warm Compost in Winter"}),
        (
            "soil/WCN--Warm Compost-based Networks for Heaps 阅读笔记.md",
            {"title": "WCN: Warm Compost-based Networks for Heaps"},
        ),
        ("soil/@Warm Compost.md", {"title": "Warm Compost"}),
        ("soil/2403.18922-warm-compost.md", {"arxiv": "2403.18922"}),
    ],
)
def test_names_of_files(make_diary: Make, path: str, expected: dict[str, Any]) -> None:
    found = asdict(one(make_diary, "Only text, and no heading at all.\n", path))
    assert {key: found[key] for key in expected} == expected


def test_a_part_is_no_title_where_the_file_has_one(make_diary: Make) -> None:
    parts = b"# Heaps and Rain\n\ntext\n\n# Worms\n\nmore\n"
    name = "a/Warm Compost Networks for Gardens.md"
    assert parse(parts, name).title == "Warm Compost Networks for Gardens"
    assert parse(parts, "a/compost.md").title == "Heaps and Rain"
    assert parse("# 温暖的堆肥\n\n## 摘要\n\nx\n\n## 方法\n\ny\n".encode(), name).title == "温暖的堆肥"


def test_days_in_headings_above(make_diary: Make) -> None:
    text = (
        "# Reading log\n\n## 2018-10-08\n\n### [Warm heaps](https://a.org/1.pdf)\n\nx\n\n### [Cold heaps](https://a.org/2.pdf)\n\n"
        "Date: 2018-10-07\n\ny\n\n## Week of 5 May 2021\n\n### [Wet heaps](https://a.org/3.pdf)\n\nz\n\n"
        "## Other\n\n### [Dry heaps](https://a.org/4.pdf)\n\nz\n"
    )
    assert [(e.title, e.date) for e in entries(make_diary, {"log.md": text})] == [
        ("Warm heaps", "2018-10-08"), ("Cold heaps", "2018-10-07"), ("Wet heaps", "2021-05-05"), ("Dry heaps", None),
    ]  # fmt: skip


def test_numbers_of_a_list_are_no_part_of_titles(make_diary: Make) -> None:
    text = "# 2026-05-30 日报\n\n### [1] Warm heaps\n\n- **论文链接**：https://arxiv.org/abs/2605.27899\n\nx\n\n### [2] Cold heaps\n\n- **论文链接**：https://arxiv.org/abs/2605.27900\n"
    found = entries(make_diary, {"a.md": text})
    assert [(e.title, e.arxiv, e.date) for e in found] == [
        ("Warm heaps", "2605.27899", "2026-05-30"), ("Cold heaps", "2605.27900", "2026-05-30"),
    ]  # fmt: skip
    years = "## [2001: a heap](https://a.org/1.pdf)\n\nx\n\n## [3 heaps](https://a.org/2.pdf)\n\ny\n"
    assert [e.title for e in entries(make_diary, {"b.md": years})][-2:] == ["2001: a heap", "3 heaps"]


def test_titles_without_an_address_among_those_that_have_one(make_diary: Make) -> None:
    text = (
        "# Long Gardens\n\n### WarmHeap: Causal Test-Time Turning for Long Gardens\n\n\n### Temporal Tree of Heaps\n- https://arxiv.org/pdf/2608.27871\n\n"
        "## 8th Garden Challenge\n- [workshop at the fair](https://fair.org/)\n- Track 1: heaps\n\n### VOH: The 1st Place Solution for the Challenge\n\n\n"
        "# Light\n### Sparse Pipelines for Warm Heaps\n- https://arxiv.org/pdf/2608.24365\n\n### A Framework for Heaps\n- https://arxiv.org/pdf/2608.26095\n"
        "\n### Remarks on all of this\n\nwords\n"
    )
    assert [e.title for e in entries(make_diary, {"heaps.md": text})] == [
        "WarmHeap: Causal Test-Time Turning for Long Gardens", "Temporal Tree of Heaps", "VOH: The 1st Place Solution for the Challenge",
        "Sparse Pipelines for Warm Heaps", "A Framework for Heaps",
    ]  # fmt: skip


def test_lists_that_lead_to_notes_in_their_repository(make_diary: Make) -> None:
    blob = "https://github.com/a/paper-notes/blob/main"
    text = (
        "# Papers\n\n## 2022\n### June\n"
        f"- Warm Heaps for Gardens [[paper](https://arxiv.org/pdf/1902.00255.pdf)][[notes]({blob}/notes/warm.md)]\n"
        "- Towards Cold Heaps: A Review [[paper](https://arxiv.org/pdf/2012.13490.pdf)]\n\n### July\n"
        f"- “Why Should I Turn You?” Explaining Heaps [[paper](https://arxiv.org/pdf/1602.04938.pdf)][[notes]({blob}/notes/gone.md)]\n\n"
        "## TO READ\n- Dry Heaps [[paper](https://arxiv.org/pdf/2205.06175.pdf)]\n"
    )
    found = entries(make_diary, {"list.md": text, "notes/warm.md": "# Warm Heaps for Gardens\n\ntext of the note\n"})
    assert [(e.title, e.arxiv, e.date, e.status, e.note) for e in found] == [
        ("Towards Cold Heaps: A Review", "2012.13490", "2022-06-01", "read", "list.md"),
        ("“Why Should I Turn You?” Explaining Heaps", "1602.04938", "2022-07-01", "read", "list.md"),
        ("Dry Heaps", "2205.06175", None, "queued", "list.md"),
        ("Warm Heaps for Gardens", "1902.00255", "2022-06-01", "read", "notes/warm.md"),
    ]  # fmt: skip


def test_references_as_journals_print_them(make_diary: Make) -> None:
    text = (
        "# Read\n\n## 21.08\n\n- Moor, A, and Lind, B. “Inductive Heaps on Gardens.” ArXiv:1706.02216 [Cs], September 10, 2018."
        " http://arxiv.org/abs/1706.02216.\n\n  http://a.edu/heaps/\n\n- Hart, Cleo. “Adaptive Heaps with Worms.” In Proceedings, 4213–19."
        " Macao, 2019. https://doi.org/10.24963/ijcai.2019/585.\n\n"
        "- Choi, M., & Lee, J. (2021). Linear heaps for everyone. arXiv preprint arXiv:2103.16104. https://arxiv.org/pdf/2103.16104.pdf\n"
    )
    found = entries(make_diary, {"read.md": text})
    assert [(e.title, e.arxiv or e.doi, e.year, e.date) for e in found] == [
        ("Inductive Heaps on Gardens", "1706.02216", 2018, None), ("Adaptive Heaps with Worms", "10.24963/ijcai.2019/585", 2019, None),
        ("Linear heaps for everyone", "2103.16104", 2021, None),
    ]  # fmt: skip


def test_a_list_of_what_has_notes_makes_no_second_entries(make_diary: Make) -> None:
    text = (
        "# Read\n\n## June 2021\n\n- Inductive Heaps on Gardens. https://arxiv.org/pdf/1706.02216v2\n"
        "- Adaptive heaps with worms, leaves and rain [[pdf](https://a.edu/other.pdf)]\n- Cold heaps of stone [[pdf](https://a.edu/cold.pdf)]\n"
    )
    notes = {
        "one.md": "# Heaps\n\nhttps://arxiv.org/abs/1706.02216\n\nmy words\n",
        "two.md": "# Adaptive Heaps with Worms, Leaves and Rain\n\nDate: 2021-07-07\n\nmy words\n",
    }
    found = entries(make_diary, {**notes, "list.md": text})
    assert [(e.title, e.date, e.note) for e in found] == [
        ("Cold heaps of stone", "2021-06-01", "list.md"), ("Heaps", "2021-06-01", "one.md"),
        ("Adaptive Heaps with Worms, Leaves and Rain", "2021-07-07", "two.md"),
    ]  # fmt: skip


def test_links_in_paragraphs_under_headings_of_groups(make_diary: Make) -> None:
    text = (
        "# notes\n\n### **Heaps**\n\n+ [The design of warm heaps](https://a.edu/lfs.pdf)\n+ [Cold heaps for stores](https://a.edu/silh.pdf)\n\n"
        "### **Gardens**\n\n[Lessons and Advice from Building](https://a.edu/dean.pdf)\n\n[Wet heaps and rain](https://a.edu/x.pdf)\n\n"
        "### Worms\n\n[LegoHeap: A Disseminated Place](https://a.edu/osdi18.pdf)\n"
    )
    assert [e.title for e in entries(make_diary, {"list.md": text})] == [
        "The design of warm heaps", "Cold heaps for stores", "Lessons and Advice from Building", "Wet heaps and rain",
        "LegoHeap: A Disseminated Place",
    ]  # fmt: skip


def test_bullets_with_a_year_and_a_venue(make_diary: Make) -> None:
    text = (
        "# 图像质量\n- [2016] Deep Heaps and the Original\n- WH\n    - [2020 CVPR] WarmHeap_ Unsupervised Estimation\n    - https://arxiv.org/abs/2003.09373\n\n"
        "# 全参考\n- VIF, visual heaps\n    - [2006 TIP] Image information and heaps\n- VMAF\n- http://live.edu/quality/\n\n## LIVE\n- http://live.edu/\n"
        "- [2009] A database of heaps\n- [2010 ACM MM] Most apparent heaps\n"
    )
    found = entries(make_diary, {"references.md": text})
    assert [(e.title, e.year, e.arxiv) for e in found] == [
        ("Deep Heaps and the Original", 2016, None), ("WarmHeap: Unsupervised Estimation", 2020, "2003.09373"),
        ("Image information and heaps", 2006, None), ("A database of heaps", 2009, None), ("Most apparent heaps", 2010, None),
    ]  # fmt: skip


def test_months_of_a_list_may_be_the_papers_own(make_diary: Make) -> None:
    text = "".join(
        f"#### 2017-{m:02}\n\n- Warm heaps number {m} [[arXiv](https://arxiv.org/abs/17{m:02}.01234)]\n\n"
        for m in range(1, 7)
    )
    found = entries(make_diary, {"papers.md": text + "- Warm heaps at a place [[fair.org](https://fair.org/x?y=z)]\n"})
    assert [(e.title, e.date) for e in found][::6] == [("Warm heaps number 1", None), ("Warm heaps at a place", None)]
    assert len(found) == 7


def test_pages_of_links_to_notes_are_no_entries(make_diary: Make) -> None:
    notes = {"a/one.md": "# One heap\n\nx\n", "a/two.md": "# Two heaps\n\nhttps://arxiv.org/abs/2001.00002\n"}
    pages = {
        "a/summary.md": "# Heaps\n\n- [VLDB'20 - One heap](one.md) - seen at the fair\n",
        "b/SUMMARY.md": "# Summary\n\n- [Heaps](../a/summary.md)\n  - [One heap](../a/one.md)\n  - [Folder](../a/)\n",
        "moc.md": "# Map\n\n- [[one]]\n- [[two]] good\n- [[a/one|One]]\n",
        "c/_index.md": "---\ntitle: Heaps\n---\n",
        "cite.md": '# Read\n\n- Moor, A. "[One heap](a/one.md)." arXiv preprint arXiv:1806.03185 (2018).\n- Lind. "[Two](a/two.md)". 2019.\n'
        '- Hart. "[Gone](a/gone.md)". 2019.\n',
    }
    found = entries(make_diary, {**notes, **pages})
    assert sorted((e.title, e.arxiv) for e in found if e.note in notes) == [
        ("One heap", "1806.03185"),
        ("Two heaps", "2001.00002"),
    ]
    assert [e.title for e in found if e.note not in notes] == ["Gone"]


def test_items_of_a_weekly_list_that_are_not_checked_are_to_be_read(make_diary: Make) -> None:
    text = "# Weekly\n\n## Week of 2021-01-18\n\n- [x] [Warm heaps in winter](https://arxiv.org/abs/2101.01111)\n- [ ] [Cold heaps in summer](https://arxiv.org/abs/2101.01112)\n"
    assert [(e.status, e.date) for e in entries(make_diary, {"weekly.md": text})] == [
        ("read", "2021-01-18"),
        ("queued", None),
    ]


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
