"""`diary check`: what is found, at which line, and what is left alone."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import MKDOCS_YML
from test_imports import HEAVY, loaded

from paperdiary import check as checks
from paperdiary import config as configs
from paperdiary import notes as parsing
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.links import scan

HERE = Path(__file__).parent
ROOT = HERE.parent
SEEDS = ROOT.parent / "shared" / "seeds"

Make = Callable[..., Config]


def look(config: Config) -> list[Problem]:
    return checks.check(config, parsing.read_all(config))


def found(config: Config, code: str) -> list[tuple[str, int]]:
    """(note, line) of the findings of one code."""
    return [(p.note, p.line) for p in look(config) if p.code == code]


def lines(make_diary: Make, code: str, text: str | bytes, **others: str | bytes) -> list[int]:
    """Lines of the findings of one code in a note `rl/note.md` beside a few other files."""
    beside: dict[str, str | bytes] = {
        "rl/other note.md": "# Other note\n\nhttps://arxiv.org/abs/2001.00001\n\n## A part\n\nText.\n",
        "rl/img/plot.png": b"png",
        "rl/img/a plot.png": b"png",
        "vision/net.md": "---\ntitle: The Net\naliases: [netty]\ndate: 2024-01-02\n---\n\n## Method & Results\n\nT.\n",
        "draft.md": "---\ndraft: true\n---\nNot yet.\n",
    }
    config = make_diary({**beside, **others, "rl/note.md": text})
    return [line for note, line in found(config, code) if note == "rl/note.md"]


# -- links


@pytest.mark.parametrize(
    "link",
    [
        "[x](gone.md)",
        "[x](gone.md#a-part)",
        "[x](<gone note.md>)",
        "[x](gone%20note.md)",
        '[x](gone.md "its title")',
        "[x](../gone/)",
        "![a picture](img/gone.png)",
        "![a picture](img/plot.PNG)",
        "![](img/plot)",
        "![](my new plot.png)",
        "![a plot](img/gone.png =300x)",
        "[![a picture](img/gone.png)](https://example.org)",
        "> - in a quote: [x](gone.md)",
        "| a | b |\n|---|---|\n| 1 | [x](gone.md) |",
        '<img src="img/gone.png" width="50">',
        "<a href='gone.md'>x</a>",
        "<details>\n<img src=img/gone.png>\n</details>",
        "[x][there]\n\n[there]: gone.md",
        "[x](other%20note.md#no-such-part)",
        "[x](#no-such-part)",
        "[x](../vision/net.md#conclusion)",
        "[x](www.example.org/a)",
        "[x](arxiv.org/abs/2001.00001)",
        "[me](someone@example.org)",
        "![](C:\\Users\\me\\plot.png)",
        "![](file:///home/me/plot.png)",
        "![](img\\plot.png)",
        "[x](../../outside.md)",
        "[x](../draft.md)",
        "[paper](link)",
        "![](img/a plot.png)",
        "[[vault/img/plot]]",
        "[[No such note]]",
        "[[no/such/page|shown]]",
        "![[gone.png]]",
        "[[other note#No such part]]",
    ],
)
def test_broken_links(make_diary: Make, tmp_path: Path, link: str) -> None:
    (tmp_path / "outside.md").write_text("outside", encoding="utf-8")
    assert "gone" in link or "such" in link or len(link) > 5
    text = f"# Note\n\nFirst.\n\n{link}\n"
    marks = re.finditer(r"gone|no.?such|plot|www|arxiv\.org|someone|outside|draft|conclusion|\(link\)", text, re.I)
    last = [text.count("\n", 0, m.start()) + 1 for m in marks][-1]
    found = lines(make_diary, "broken-link", text)
    assert len(found) == 1
    assert found[0] in {5, last}


@pytest.mark.parametrize(
    "link",
    [
        "[x](other%20note.md) [x](<other note.md>) ![x](img/plot.png) [x](img/) [x](../vision/)",
        "![x](img/plot.png =200x) ![x](./img/plot.png){width=50%}",
        "[x](../vision/net.md#method-results) [x](../vision/net.md#method--results)"
        " [x](../vision/net/#Method%20&%20Results)"
        " [x](../../vision/net/) [x](../vision/net.html) [x](/vision/net.md) [x](../vision/net)",
        "[x](#first-part) [x](#First-Part) [x](#second) [x](#own-id) [x](#raw) [x](#第三部分) [x](#four--4-more)"
        "\n\n## First *part*\n\n## [Second](https://example.org)\n\n## Third {#own-id}\n\n## 第三部分"
        '\n\n## Four & 4 more\n\n<a name="raw"></a>',
        "[x](../queue.md) [x](../map.md) [x](../topics/rl/index.md) [x](../../topics/vision/) [x](../clusters/c1.md)",
        "[x](../index.md) [x](..) [x](.) [x](#) [x](#top) [^1]\n\n[^1]: note",
        "[x](https://example.org/gone.md) [x](mailto:a@b.org) [x](//example.org) [x](zotero://select/1)",
        "[x](/elsewhere)",
        "`[x](gone.md)` and ``[[gone]] ` `` and $f[i](j.k)$ and $$\n[a](b.c)\n$$ and \\(x[y](z.md)\\)",
        "```\n[x](gone.md)\n```\n\n    [x](gone.md)\n\n<!-- [x](gone.md) -->\n\n<pre>\n[x](gone.md)\n</pre>",
        "\\mathbb{E}[x](\\theta) and a[i](j) and f(x)[k](n) and [Sutton](1998) ",
        "[Goodfellow et al.](see the paper, 2014)",
        "[x]({{ site.url }}/gone.md) [x]({% link gone.md %})",
        "\\[x\\](gone.md)",
        "[[other note]] [[Other Note#A part]] [[net|the net]] [[The Net]] [[netty]] [[vision/net]]",
        "![[plot.png|300]] [[img/plot.png]] [[1]] [[1, 2], [3, 4]] [[CLS]] [[a, b]] [[pdf](https://example.org/a.pdf)]",
        "[[1]](https://example.org) [[2]][ref] [[ref]]\n\n[ref]: https://example.org",
        "[todo]: later\n\n[^a]: gone.md\n\n*[HTML]: gone.md",
        "![](data:image/png;base64,AAAA)",
        "[paper.pdf](https://example.org/a(b).pdf) [a](<https://example.org/a b>)",
    ],
)
def test_links_that_lead_somewhere(make_diary: Make, link: str) -> None:
    assert lines(make_diary, "broken-link", f"# Note\n\n{link}\n") == []


def test_the_line_counts_front_matter_and_nothing_but_newlines(make_diary: Make) -> None:
    text = "---\ntitle: T\n---\r\n\r\na\u2028b\x0cc\x1ed\r\n\r\nwrapped\r\nline [x](gone.md) end\r\n"
    assert lines(make_diary, "broken-link", text) == [8]


def test_hints(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "# A\n\n![](img/Plot.png)\n\n![](img/chart)\n\n[x](deep.md)\n\n[x](nowhere.md)\n",
            "img/plot.png": b"",
            "img/chart.svg": b"",
            "one/two/deep.md": "# Deep\n\nText.\n",
        }
    )
    said = [p.message for p in look(config) if p.code == "broken-link"]
    assert [re.findall(r"did you mean `(.*?)`", m) for m in said] == [
        ["img/plot.png"],
        ["img/chart.svg"],
        ["one/two/deep.md"],
        [],
    ]


def test_pages_that_are_no_notes_are_checked_too(make_diary: Make) -> None:
    config = make_diary({"index.md": "# Home\n\n[x](gone.md) [map](map.md)\n\n```\nopen\n", "a.md": "# A\n\nText.\n"})
    assert found(config, "broken-link") == [("index.md", 3)]
    assert found(config, "fence-open") == [("index.md", 5)]


def test_what_the_site_leaves_out_is_no_target(make_diary: Make) -> None:
    config = make_diary({"a.md": "# A\n\n![](.assets/plot.png)\n", ".assets/plot.png": b""})
    assert found(config, "broken-link") == [("a.md", 3)]


@pytest.mark.parametrize(
    "link", ["[x]()", "![]()", "[]( )", "[x](<>)", '<a href="">x</a>', "[[]]", "U-Net[paper]() [code]()"]
)
def test_empty_links(make_diary: Make, link: str) -> None:
    assert lines(make_diary, "empty-link", f"# Note\n\nFirst.\n\n{link}\n") == [5]


@pytest.mark.parametrize("text", ["- [ ] to do", "`[x]()`", "a lambda [&]() {}", "```\n[x]()\n```", "\\[x\\]()"])
def test_no_empty_links(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "empty-link", f"# Note\n\n{text}\n") == []


def test_twenty_findings_of_a_kind_then_one_line(make_diary: Make) -> None:
    rows = "\n".join(f"- [x](gone{n}.md)" for n in range(50))
    config = make_diary({"a.md": f"# A\n\n{rows}\n\n[x]()\n"})
    of_kind = [p for p in look(config) if p.code == "broken-link"]
    assert len(of_kind) == 21
    assert of_kind[-1].line == 23
    assert "30 more" in of_kind[-1].message
    assert found(config, "empty-link") == [("a.md", 54)]


# -- text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Text.\n\n```python\nx = 1\n\nMore text.\n", 5),
        ("~~~\nx\n```\n", 3),
        ("````\n```\nx\n```\n", 3),
        ("```\nclosed\n```\n\nText\n\n   ```\nopen", 9),
        ("> ```\n> x\n\nText.\n", 3),
        ("1. item\n\n   ```\n   x\n\ntext\n", 5),
        ("Text.\n\n```", 5),
    ],
)
def test_open_fences(make_diary: Make, text: str, line: int) -> None:
    assert lines(make_diary, "fence-open", f"# Note\n\n{text}") == [line]


@pytest.mark.parametrize(
    "text",
    [
        "```\nx\n```\n",
        "```\nx\n`````\n\n~~~ python\n```\n~~~",
        "- a\n  ```\n  x\n  ```\n- b\n\n  ~~~\n  y\n  ~~~",
        "> ```\n> x\n> ```",
        "```inline``` and ` ``` `",
        "    ```\n    indented code\n",
        "```\nat the end\n```",
        "<!--\n```\n-->",
    ],
)
def test_closed_fences(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "fence-open", f"# Note\n\n{text}") == []


def spoken(count: int) -> list[str]:
    return [f"and then we talk about matter number {n}" for n in range(count)]


def test_rolled_captions(make_diary: Make) -> None:
    twice = [line for row in spoken(40) for line in (row, row)]
    assert lines(make_diary, "captions-rolled", "\n".join(["Kind: captions", "Language: en", "Hello", *twice])) == [4]
    thrice = [line for row in spoken(40) for line in (row, "", row, row)]
    assert lines(make_diary, "captions-rolled", "\n".join(["# Talk", "", "My summary.", "", *thrice])) == [5]


def test_rolled_captions_with_times(make_diary: Make) -> None:
    cues = ["WEBVTT", ""]
    rows = spoken(40)
    for n in range(1, 40):
        time = f"00:{n:02}:00.000 --> 00:{n:02}:04.000"
        cues += [time, rows[n - 1], re.sub(" ", "<00:00:01.000><c> ", rows[n], count=1) + "</c>", ""]
    assert lines(make_diary, "captions-rolled", "\n".join(cues)) == [5]


def test_captions_that_do_not_roll(make_diary: Make) -> None:
    assert lines(make_diary, "captions-rolled", "\n".join(spoken(80))) == []
    rows = "| a | a |\n|---|---|\n" + "| - | - |\n" * 40
    repeated = "\n---\n" * 30 + "\n\n$$\nx\n$$\n" * 20 + "- \n" * 30
    assert lines(make_diary, "captions-rolled", f"# Note\n\n{rows}\n{repeated}\nYes.\nYes.\n") == []


@pytest.mark.parametrize("text", ["", "\n\n \n", "---\ntags: [a]\n---\n\n", "---\n---\n"])
def test_empty_notes(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "empty-note", text) == [1]


@pytest.mark.parametrize(
    "text", ["# Title", "---\ntitle: T\n---\n", "![](img/plot.png)", "TODO", "---\nurl: https://example.org\n---\n"]
)
def test_notes_that_are_short(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "empty-note", text) == []


# -- bytes


def test_control_bytes(make_diary: Make) -> None:
    text = b"---\ntitle: T\n---\n\na\x00b\n\x00\nc\x0cd\xe2\x80\xa8e\nf\rg\n"
    config = make_diary({"a.md": text})
    of_kind = [(p.line, p.message) for p in look(config) if p.code == "control-bytes"]
    assert [line for line, _ in of_kind] == [5, 7, 7, 8]
    assert "NUL), 2 times" in of_kind[0][1]


@pytest.mark.parametrize(
    "data", ["# ü\r\n\r\ntab\there\r\n".encode(), "# Ü\n\n中文\n".encode("utf-16"), "\ufeff# T\n\nx".encode()]
)
def test_plain_bytes(make_diary: Make, data: bytes) -> None:
    assert lines(make_diary, "control-bytes", data) == []
    assert lines(make_diary, "bad-characters", data) == []


def test_utf_16_without_its_mark_is_one_finding(make_diary: Make) -> None:
    data = "# Title\n\nA few words.\n".encode("utf-16-le")
    assert lines(make_diary, "control-bytes", data) == [1]


def misread(text: str, codec: str) -> str:
    return text.encode().decode(codec)


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_text_that_was_misread(make_diary: Make, codec: str) -> None:
    text = f"# Note\n\nPlain.\n\nThe agent{misread('’', codec)}s revenge.\n"
    config = make_diary({"a.md": text})
    (problem,) = (p for p in look(config) if p.code == "bad-characters")
    assert problem.line == 5
    assert "agent’s" in problem.message
    assert "diary import" in problem.message


def test_a_file_that_was_misread_is_one_finding(make_diary: Make) -> None:
    text = misread("\n".join(f"Row {n}: “quoted” and naïve – so it goes…" for n in range(60)), "mac_roman")
    config = make_diary({"a.md": f"# Note\n\n{text}\n"})
    (problem,) = (p for p in look(config) if p.code == "bad-characters")
    assert problem.line == 3
    assert "59 lines below" in problem.message


def test_lost_characters(make_diary: Make) -> None:
    text = "---\ntitle: T\n---\n\nfine\n\nna\ufffdve\n"
    assert lines(make_diary, "bad-characters", text) == [7]


@pytest.mark.parametrize(
    "text",
    [
        "Café “naïve” – Gödel’s Œuvre, ½ of ±3 µm… ça va, «où»?",
        "强化学习——“奖励”……以及《论文》、【注】。",
        "強化学習「報酬」・ＡＢＣ〜です。ﾊﾝｶｸ",
        "Я читаю статьи. Δx ≤ ∑ π·r² → ∞, ∀ε>0 ∃δ: √2 ≈ 1.41",
        "📌 ⚙️ 👩‍🔬 ✅ ❌ ★★★☆☆ │ ├── └── ─┐",
        "Việt Nam: người ước mơ. Łódź, Škoda, Þór, Ærø, ÜBER, ÂÊÎ",
        "The character \ufffd (U+FFFD) replaces what cannot be read.",
    ],
)
def test_characters_that_are_meant(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "bad-characters", f"# Note\n\n{text}\n") == []


def test_another_encoding_is_told_once(make_diary: Make) -> None:
    config = make_diary({"a.md": "# 论文笔记\n\n强化学习的方法，奖励模型。\n".encode("gbk")})
    assert [p.code for p in look(config) if "utf" in p.code or "char" in p.code or "byte" in p.code] == ["not-utf-8"]


def test_big_files(make_diary: Make) -> None:
    row = "| a | b |\n|---|---|\n" + f"| {'many words again ' * 3000} | b |\n" * 20
    assert lines(make_diary, "big-file", row) == [1]
    assert lines(make_diary, "big-file", row[:900_000]) == []


# -- entries

TOMORROW = dt.date.today() + dt.timedelta(days=1)
LATER = dt.date.today() + dt.timedelta(days=40)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: T\ndate: 2025-02-30\n---\n\nText.\n", 3),
        ("---\ntitle: T\ndate_read: 2025-13-45\n---\n\nText.\n", 3),
        ("---\ntitle: T\ndate: '31 June 2025'\n---\n\nText.\n", 3),
        ("# T\n\n**Date:** 31st June 2025\n\nText.\n", 3),
        ("# T\n\nDate read: 1st June 2p25\n\nText.\n", 3),
        ("# T\n\nhttps://arxiv.org/abs/1706.03762\n\n- Date: 32/01/2025\n\nText.\n", 5),
        ("# T\n\n阅读日期：2020.02.33\n\nText.\n", 3),
        (f"---\ntitle: T\ndate: {LATER}\n---\n\nText.\n", 3),
        (f"# T\n\n**Date:** {LATER:%d %B %Y}\n\nText.\n", 3),
        ("---\ntitle: T\narxiv: '1706.03762'\ndate: 2016-06-04\n---\n\nText.\n", 4),
        ("---\ntitle: T\narxiv: math/0611800\ndate: 2005-06-04\n---\n\nText.\n", 4),
        ("---\ntitle: T\nyear: 2022\nkind: book\ndate: 2020-06-04\n---\n\nText.\n", 5),
        ("---\ntitle: T\nyear: 2022\nkind: paper\ndate: 2020-06-04\n---\n\nText.\n", 5),
    ],
)
def test_impossible_dates(make_diary: Make, text: str, line: int) -> None:
    assert lines(make_diary, "impossible-date", text) == [line]
    assert lines(make_diary, "front-matter-broken", text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"---\ntitle: T\ndate: {TOMORROW}\n---\n\nText.\n",
        f"---\ntitle: T\nstatus: queued\ndate: {LATER}\n---\n\nText.\n",
        "---\ntitle: T\narxiv: '1706.03762'\ndate: 2017-06-01\n---\n\nText.\n",
        "---\ntitle: T\narxiv: '1706.03762'\nyear: 2020\ndate: 2017-07-01\n---\n\nText.\n",
        "---\ntitle: T\nkind: paper\nyear: 2025\ndate: 2024-10-01\n---\n\nText.\n",
        "---\ntitle: T\ndate: 2025\n---\n\nText.\n",
        "---\ntitle: T\ndate: YYYY-MM-DD\n---\n\nText.\n",
        "# T\n\nhttps://arxiv.org/abs/1706.03762\n\nDate: 07/06/2017\n\nText.\n",
        "# T\n\nDate: 14th - 15th September 2025\n\nText. On 31 June 2025 nothing happened, version 2025.13.45.\n",
        "# T\n\nScore: 7/10\n\n_September 2021_\n\nText 12 March, 10am.\n",
        "# T\n\nDate: TBD\n\nText.\n",
    ],
)
def test_possible_dates(make_diary: Make, text: str) -> None:
    assert lines(make_diary, "impossible-date", text) == []


def test_each_entry_of_a_file_has_its_own_date(make_diary: Make) -> None:
    text = (
        "# Notes\n\n## [One](https://arxiv.org/abs/1706.03762)\nDate: 2018-01-01\n\nText.\n\n"
        "## [Two](https://arxiv.org/abs/1801.00001)\nDate: 2018-02-30\n\nText.\n\n"
        "## [Three](https://arxiv.org/abs/1901.00001)\nDate: 2017-03-01\n\nText.\n"
    )
    assert lines(make_diary, "impossible-date", text) == [9, 14]


def test_no_date(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "---\ntitle: A\ndate: 2024-01-02\n---\nText.\n",
            "b.md": "---\ntitle: B\n---\nText.\n",
            "c.md": "---\ntitle: C\nstatus: queued\n---\nText.\n",
            "d.md": "---\ntitle: D\nstatus: reading\n---\nText.\n",
        }
    )
    assert found(config, "no-date") == [("b.md", 1)]


def test_a_diary_without_dates_is_told_once(make_diary: Make) -> None:
    config = make_diary({f"{n}.md": f"# Paper {n}\n\nText.\n" for n in range(30)})
    assert found(config, "no-date") == [("", 1)]
    some = make_diary({"a.md": "---\ntitle: A\ndate: 2024-01-02\n---\nText.\n"})
    (problem,) = (p for p in look(some) if p.code == "no-date")
    assert "only 1 of 31" in problem.message


def test_a_few_without_a_date_are_named(make_diary: Make) -> None:
    dated = {f"d{n}.md": f"# Paper {n}\n\nDate: 2024-01-02\n\nText.\n" for n in range(40)}
    config = make_diary(dated | {f"{n}.md": f"# Paper {n}\n\nText.\n" for n in range(25)})
    assert len(found(config, "no-date")) == 25


def test_a_file_without_dates_is_told_once(make_diary: Make) -> None:
    entry = "## [Paper {n}](https://example.org/{n}.pdf)\n\nText.\n\n"
    text = "# Notes\n\n" + "".join(entry.format(n=n) for n in range(5))
    config = make_diary({"many.md": text, "a.md": "---\ntitle: A\ndate: 2024-01-02\n---\nText.\n"})
    assert found(config, "no-date") == [("many.md", 3)]


def test_no_source(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "---\ntitle: A\nkind: paper\ndate: 2024-01-02\n---\nText.\n",
            "b.md": "---\ntitle: B\nkind: talk\ndate: 2024-01-02\n---\nText, and [a link](https://example.org).\n",
            "c.md": "---\ntitle: C\nkind: book\ndate: 2024-01-02\n---\nText.\n",
            "d.md": "---\ntitle: D\nkind: paper\nurl: https://example.org/d.pdf\ndate: 2024-01-02\n---\nText.\n",
            "e.md": "# A thought\n\nText.\n",
        }
    )
    assert found(config, "no-source") == [("a.md", 1)]


def test_same_title(make_diary: Make) -> None:
    def note(title: str, url: str, authors: str = "", kind: str = "paper") -> str:
        by = f"authors: {authors}\n" if authors else ""
        return f"---\ntitle: {title}\nurl: {url}\nkind: {kind}\n{by}date: 2024-01-02\n---\nText.\n"

    config = make_diary(
        {
            "a.md": note("Slow Fire", "https://arxiv.org/abs/1903.01234", "[Ada Moor, Bo Lind]"),
            "b.md": note("Slow fire", "https://example.org/slow.pdf", "['Moor, Ada']"),
            "c.md": note("Slow Fire", "https://example.org/other.pdf", "[Cleo Hart]"),
            "d.md": note("Slow Fire", "https://example.org/talk", "[Ada Moor]", "talk"),
            "e.md": note("Worms Move More Soil Than Ploughs", "https://example.org/worms.pdf"),
            "f.md": note("Worms move more soil than ploughs", "https://arxiv.org/abs/1903.09999"),
            "g.md": note("Summary", "https://example.org/1.pdf"),
            "h.md": note("Summary", "https://example.org/2.pdf"),
            "i.md": "# Notes on the Reading Group\n\nText.\n",
            "j.md": "# Notes on the Reading Group\n\nOther text.\n",
        }
    )
    assert found(config, "same-title") == [("b.md", 1), ("f.md", 1)]


# -- the whole


def test_problems_of_parsing_are_taken_over(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "---\ntitle: A\n\nText that goes on.\n",
            "b.md": "---\ntitle: a: b\n---\nText.\n",
            "c.md": b"# caf\xe9\n\nText.\n",
        }
    )
    codes = {p.note: p.code for p in look(config) if p.code != "no-date"}
    assert codes == {"a.md": "front-matter-open", "b.md": "front-matter-broken", "c.md": "not-utf-8"}


def test_a_file_that_cannot_be_read(make_diary: Make) -> None:
    config = make_diary({"a.md": "# A\n\nText.\n"})
    (config.notes / "gone.md").symlink_to(config.notes / "nowhere.md")
    assert [(p.code, p.note) for p in look(config) if p.severity == "error"] == [("unreadable", "gone.md")]


def test_drafts_are_left_alone(make_diary: Make) -> None:
    config = make_diary({"a.md": "---\ndraft: true\n---\n[x](gone.md) [y]()\n\n```\n"})
    assert look(config) == []


def test_folders_that_lead_in_circles(make_diary: Make) -> None:
    config = make_diary({"rl/a.md": "# A\n\n[x](gone.md)\n"})
    (config.notes / "rl" / "loop").symlink_to(config.notes)
    assert found(config, "broken-link") == [("rl/a.md", 3)]


def test_many_names_without_a_note_are_told_once(make_diary: Make) -> None:
    """In Obsidian and Logseq people link to notes that they have yet to write."""
    text = "# A\n\nBy [[Ada Moor]], [[Bo Lind]] and [[2022-03-05]], [[Mar 3rd, 2021]].\n"
    assert found(make_diary({"a.md": text}), "broken-link") == [("a.md", 3), ("a.md", 3)]
    more = {"b.md": "# B\n\n[[Heaps]] [[Worms]]\n", "c.md": "# C\n\n[[Soil]] [[Ada Moor]] [[b]] [x](gone.md)\n"}
    config = make_diary({"a.md": text, **more})
    assert found(config, "broken-link") == [("c.md", 3)]
    assert found(config, "unwritten-notes") == [("a.md", 3)]
    (told,) = [p for p in checks.check(config, parsing.read_all(config)) if p.code == "unwritten-notes"]
    assert told.message.startswith("5 names in double brackets have no note ([[Ada Moor]], ")


def test_hostile_text_is_quick_and_harmless() -> None:
    pieces = [
        "[",
        "](",
        "[a](",
        "[[a",
        "`` `",
        "$$ a",
        '<a href="',
        "<!--",
        "\\[",
        "\\(",
        '[a](b "',
        "{#",
        "> ",
        "a](b) ",
    ]
    started = time.perf_counter()
    for piece in pieces:
        scan(piece * 20_000)
    assert time.perf_counter() - started < 20


def test_the_corpus() -> None:
    problems = look(configs.load(HERE / "corpus"))
    assert {(p.note, p.line, p.code) for p in problems} == {
        ("a-thought-on_gardens.md", 1, "no-date"),
        ("empty.md", 1, "empty-note"),
        ("gardens/shorts.md", 10, "no-date"),
        ("night sky/mirrors.md", 1, "no-date"),
    }


def test_the_starter_diary_is_clean() -> None:
    assert look(configs.load(ROOT)) == []


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the shared documents are not here")
def test_the_shared_documents(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    for file in SEEDS.glob("*.txt"):
        shutil.copy(file, tmp_path / "notes" / f"{file.stem[:3]}.md")
    problems = look(configs.load(tmp_path))
    codes = {(p.note, p.code) for p in problems}
    assert ("000.md", "duplicate") in codes
    assert {("002.md", c) for c in ("bad-characters", "list-empty-link", "list-no-colon", "list-same-target")} <= codes
    assert {("003.md", c) for c in ("bad-characters", "almost-link")} <= codes
    assert ("004.md", "captions-rolled") in codes
    assert {n for n, c in codes if c == "captions-rolled"} == {"004.md"}
    assert not {c for _, c in codes} & {"fence-open", "impossible-date", "control-bytes", "same-title", "big-file"}
    (misread,) = (p for p in problems if p.note == "003.md" and p.code == "bad-characters")
    assert misread.line == 16
    assert "’" in misread.message


def test_a_file_with_bare_carriage_returns_has_one_line(make_diary: Make) -> None:
    config = make_diary({"a.md": b"# A\r\rDate: 2024-01-02\r\r[x](gone.md)\r"})
    problems = look(config)
    assert {p.code for p in problems} == {"control-bytes", "broken-link"}
    assert {p.line for p in problems} == {1}


def test_check_loads_nothing_heavy() -> None:
    code = (
        "import sys; from paperdiary.cli import main; "
        "main(['-C', sys.argv[1], 'check', '--json'], standalone_mode=False)"
    )
    assert not loaded(code, str(HERE / "corpus")) & (HEAVY | {"ftfy", "jinja2", "click.testing"})


def test_no_finding_is_outside_its_file() -> None:
    for root in (HERE / "corpus", ROOT):
        config = configs.load(root)
        for p in look(config):
            if p.note:
                assert 1 <= p.line <= (config.notes / p.note).read_bytes().count(b"\n") + 1


# -- the command


def run(config: Config, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["-C", str(config.root), "check", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_command_prints_note_line_severity_and_code(make_diary: Make) -> None:
    config = make_diary({"b.md": "---\ntitle: B\ndate: 2024-01-02\n---\n\n[x]()\n\n[x](gone.md)\n", "a.md": ""})
    code, out, err = run(config)
    assert code == 1
    rows = out.splitlines()
    assert [row.split(": ")[0] + " " + row.split(": ")[1] for row in rows] == [
        "a.md:1 hint empty-note",
        "b.md:6 warning empty-link",
        "b.md:8 error broken-link",
    ]
    assert "1 error, 1 warning and 1 hint in 2 notes: 1 empty-note, 1 empty-link, 1 broken-link." in err


def test_command_ends_with_0_where_there_are_only_warnings(make_diary: Make) -> None:
    config = make_diary({"a.md": "---\ntitle: A\ndate: 2024-01-02\n---\n\n[x]()\n"})
    assert run(config)[0] == 0
    assert run(make_diary({"a.md": "---\ntitle: A\ndate: 2024-01-02\n---\nText.\n"}))[:2] == (0, "")


def test_command_in_json(make_diary: Make) -> None:
    config = make_diary({"a.md": "# A\n\n[x](gone.md)\n"})
    code, out, _ = run(config, "--json")
    assert code == 1
    (whole, link) = json.loads(out)
    assert (whole["note"], whole["code"]) == ("", "no-date")
    assert set(link) == {"severity", "code", "message", "note", "line"}
    assert (link["severity"], link["code"], link["note"], link["line"]) == ("error", "broken-link", "a.md", 3)


def test_an_empty_diary(make_diary: Make) -> None:
    assert run(make_diary({}), "--json")[:2] == (0, "[]\n")


def test_every_code_is_in_the_document() -> None:
    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    explained = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning|hint) \|", text, re.M))
    made = {}
    for module in (ROOT / "paperdiary").glob("*.py"):
        source = module.read_text(encoding="utf-8")
        made |= {c: s for s, c in re.findall(r'Problem\(\s*"(error|warning|hint)",\s*"([a-z0-9-]+)"', source)}
    assert explained == made | checks.CODES
