"""Links by name, and the addresses of raw HTML, as seen from a page."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from click.testing import CliRunner

from paperdiary import build
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.dialect import for_mkdocs
from paperdiary.pages import Site
from paperdiary.vault import Links, Vault, files_under
from paperdiary.wikilinks import heading_id, parse

Make = Callable[..., Config]
FILES = ["a.md", "rl/Deep Q.md", "rl/b.md", "nlp/b.md", "nlp/sub/c.md", "img/pic one.png", "rl/pic.png", "论文.md"]
VAULT = Vault(FILES, [("The Alias", "a.md"), ("Batch Norm: a study", "nlp/b.md")])


def made(text: str, here: str = "rl/note.md") -> str:
    return for_mkdocs(text, links=Links(VAULT, here, lambda path: f"SEEN/{path}")).strip()


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("[[a]]", "[a](../a.md)"),
        ("[[A]]", "[A](../a.md)"),
        ("[[a.md]]", "[a](../a.md)"),
        ("[[a|the label]]", "[the label](../a.md)"),
        ("[[deep q]]", "[deep q](Deep%20Q.md)"),
        ("[[b]]", "[b](b.md)"),
        ("[[nlp/b]]", "[nlp/b](../nlp/b.md)"),
        ("[[../nlp/b]]", "[../nlp/b](../nlp/b.md)"),
        ("[[c]]", "[c](../nlp/sub/c.md)"),
        ("[[sub/c#Two Words]]", "[sub/c > Two Words](../nlp/sub/c.md#two-words)"),
        ("[[a#^block]]", "[a](../a.md#^block)"),
        ("[[#Part one]]", "[Part one](#part-one)"),
        ("[[论文]]", "[论文](../%E8%AE%BA%E6%96%87.md)"),
        ("[[the alias]]", "[the alias](../a.md)"),
        ("[[Batch Norm: a study]]", "[Batch Norm: a study](../nlp/b.md)"),
        ("![[pic.png]]", "![pic.png](pic.png)"),
        ("![[Pic One.png]]", "![Pic One.png](../img/pic%20one.png)"),
        ("![[pic.png|300]]", '<img alt="pic.png" src="SEEN/rl/pic.png" width="300">'),
        ("![[pic.png|300x200]]", '<img alt="pic.png" src="SEEN/rl/pic.png" width="300" height="200">'),
        ("![[a]]", "[a](../a.md)"),
        ("| x | y |\n|---|---|\n| [[a\\|in a cell]] | z |", "[in a cell](../a.md)"),
        ("see **[[a]]**, not `[[a]]`", "see **[a](../a.md)**, not `[[a]]`"),
    ],
)
def test_a_name_that_is_known(text: str, markdown: str) -> None:
    assert markdown in unescape(made(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[[Nowhere]]", "Nowhere"),
        ("[[nowhere|a label]]", "a label"),
        ("[[nowhere#Part]]", "nowhere > Part"),
        ("![[lost.png]]", "lost.png"),
        ("![[lost.png|300]]", "lost.png"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"),
        ("[[0.5 0.2]]", "[[0.5 0.2]]"),
        ('df[["col"]] and x[[i]]', 'df[["col"]] and x[[i]]'),
        ("[[1]](https://x.org)", "[[1]](https://x.org)"),
        ("[[]] [[ ]]", "[[]] [[ ]]"),
        ("[[a\nb]]", "[[a\nb]]"),
    ],
)
def test_a_name_that_is_not(text: str, shown: str) -> None:
    assert unescape(made(text)) == shown


def test_without_links_labels_are_shown() -> None:
    assert for_mkdocs("[[a|b]] ![[c.png]]").strip() == "b c&#46;png"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('<img src="pic.png">', 'src="SEEN/rl/pic.png"'),
        ('<img src="../img/pic%20one.png" width=3>', 'src="SEEN/img/pic one.png"'),
        ('<img src="/rl/pic.png">', 'src="SEEN/rl/pic.png"'),
        ('<a href="b.md#x">b</a>', 'href="SEEN/rl/b.md#x"'),
        ('<img src="lost.png">', 'src="lost.png"'),
        ('<img src="https://x.org/pic.png">', 'src="https://x.org/pic.png"'),
        ('<a href="#here">x</a>', 'href="#here"'),
        ("![x](/rl/pic.png)", "![x](pic.png)"),
        ("[x](/nlp/b.md#y)", "[x](../nlp/b.md#y)"),
        ("[x](/elsewhere)", "[x](/elsewhere)"),
    ],
)
def test_addresses_of_files(text: str, html: str) -> None:
    assert html in made(text)


@pytest.mark.parametrize(
    ("text", "letters", "anchor"),
    [
        ("The *Loss*, again", False, "the-loss-again"),
        ("[A](http://x.org) & `b`", False, "a-b"),
        ("损失 函数", False, "损失-函数"),
        ("BERT 论文", False, "bert"),
        ("1. 介绍", True, "1-介绍"),
        ("A  B, c", True, "a--b-c"),
    ],
)
def test_heading_ids(text: str, letters: bool, anchor: str) -> None:
    assert heading_id(text, letters) == anchor


def test_parse() -> None:
    assert parse("a/Note.md#One#Two", "", False).label == "Note > Two"
    assert parse("x.png", "10x20", True).size == ("10", "20")
    assert parse("x.png", "words|10", True).label == "words"


def test_files_under(make_diary: Make) -> None:
    config = make_diary({"a.md": "", "b/c.png": b"x", ".obsidian/x.md": "", "b/.hidden": ""})
    (config.notes / "b" / "loop").symlink_to(config.notes)
    assert sorted(files_under(config.notes)) == ["a.md", "b/c.png"]


def test_titles_and_aliases_are_names_and_drafts_are_not(make_diary: Make) -> None:
    config = make_diary(
        {
            "rl/one.md": "# One\n\n[[A Long Title]] [[short]] [[secret]] [[TWO]] ![[p.png|20]] <img src=p.png>\n",
            "two.md": "---\ntitle: A long title\naliases: [Short]\n---\ntext\n",
            "secret.md": "---\ndraft: true\n---\ntext\n",
            "rl/p.png": b"x",
        }
    )
    text = Site(build.read(config)).source("rl/one.md") or ""
    assert "[A Long Title](../two.md) [short](../two.md) secret [TWO](../two.md)" in text
    assert text.count('src="../p.png"') == 2


def test_headings_of_one_text_and_of_other_scripts_can_be_linked() -> None:
    text = for_mkdocs("# 标题\n\n# 标题\n\n# Part\n")
    assert text.split("\n")[:5] == ["# 标题 {#标题}", "", "# 标题 {#标题_1}", "", "# Part"]


# -- on the built page


@pytest.fixture
def page(make_diary: Make) -> str:
    notes: dict[str, str | bytes] = {
        "soil/Warm Compost.md": "# Warm Compost\n\n## What lives in it\n\nWorms.\n",
        "soil/heap.png": b"\x89PNG\r\n",
        "reading/a.md": (
            "# A\n\n[[Warm Compost]] and [[warm compost|heaps]] and [[Warm Compost#What lives in it]]"
            " and [[nowhere at all|lost]]\n\n"
            "![[heap.png]]\n\n`[[Warm Compost]]`\n"
        ),
    }
    config = make_diary(notes)
    result = CliRunner().invoke(main, ["-C", str(config.root), "build"])
    assert result.exit_code == 0, result.output
    return (config.root / "site" / "reading" / "a" / "index.html").read_text(encoding="utf-8")


def test_a_note_is_found_by_its_name_in_any_case(page: str) -> None:
    assert '<a href="../../soil/Warm%20Compost/">Warm Compost</a>' in page
    assert '<a href="../../soil/Warm%20Compost/">heaps</a>' in page


def test_a_heading_of_a_note(page: str) -> None:
    assert 'href="../../soil/Warm%20Compost/#what-lives-in-it"' in page


def test_an_image(page: str) -> None:
    assert 'src="../../soil/heap.png"' in page


def test_what_is_not_there_is_shown_as_text(page: str) -> None:
    assert "lost" in page
    assert "[[nowhere" not in page


def test_code_stays(page: str) -> None:
    assert "<code>[[Warm Compost]]</code>" in page
