"""Notes as pages: one title, a card under each entry's heading, addresses seen from the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from paperdiary import build
from paperdiary.config import Config
from paperdiary.page import relative, safe
from paperdiary.pages import Site

Make = Callable[..., Config]
MANY = (
    "# [One](https://a.org/1)\n\nfirst text\n\n## Part\n\n# Two\nhttps://a.org/2\n\nsecond text\n\n"
    "# [Three](https://a.org/3)\n"
)


def source(config: Config, path: str) -> str:
    return Site(build.run(config)).source(path) or ""


def test_entries_in_first_level_headings_move_below_the_title(make_diary: Make) -> None:
    text = source(make_diary({"reading-list.md": MANY}), "reading-list.md")
    assert text.startswith("---\ntitle: Reading list\n---\n")
    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings == ["## [One](https://a.org/1)", "### Part", "## Two", "## [Three](https://a.org/3)"]


def test_card_and_related_belong_to_their_entry(make_diary: Make) -> None:
    text = source(make_diary({"reading-list.md": MANY}), "reading-list.md")
    marks = ['id="entry-one"', "[One]", "pd-card", "first text", "### Part", "pd-related", 'id="entry-two"', "## Two"]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert text.count('class="pd-card"') == text.count('<section class="pd-related') == 3


def test_entries_that_are_a_heading_alone_keep_their_order(make_diary: Make) -> None:
    text = source(
        make_diary({"x.md": "# [One](https://a.org/1)\n# [Two](https://a.org/2)\n# [Three](https://a.org/3)\n"}), "x.md"
    )
    found = re.findall(
        r'id="entry-(?:one|two|three)"|\[(?:One|Two|Three)\]|class="pd-card"|<section class="pd-related', text
    )
    assert len(found) == 12
    assert [f[:4] for f in found[:4]] == ['id="', "[One", "clas", "<sec"]
    assert [f[:4] for f in found[8:]] == ['id="', "[Thr", "clas", "<sec"]


@pytest.mark.parametrize("heading", ["# A Title", "A Title\n=======", "## A title!", "### [A Title](https://a.org)"])
def test_a_heading_that_repeats_the_title_is_not_shown_twice(make_diary: Make, heading: str) -> None:
    text = source(make_diary({"x.md": f"---\ntitle: A Title\n---\n{heading}\n\nbody\n\n## More\n"}), "x.md")
    assert [line for line in text.split("\n") if line.startswith("#")] == ["## More"]
    assert "body" in text


def test_another_heading_stays(make_diary: Make) -> None:
    text = source(make_diary({"x.md": "---\ntitle: A Title\n---\n# Summary\n\nbody\n"}), "x.md")
    assert "# Summary" in text


def test_the_title_of_a_file_of_entries_is_shown_once(make_diary: Make) -> None:
    text = source(make_diary({"x.md": "## All of them\n\n### [A](https://a.org)\n\n### [B](https://b.org)\n"}), "x.md")
    assert text.startswith("---\ntitle: All of them\n---\n")
    assert "## All of them" not in text


@pytest.mark.parametrize("marker", ["map", "stats", "recent", "timeline", "list"])
def test_markers_work_on_any_page_of_the_reader(make_diary: Make, marker: str) -> None:
    config = make_diary(
        {"index.md": f"# Home\n\n<!-- diary:{marker} -->\n\nafter\n", "a.md": "# A\n\n**Date:** 2024-05-06\n\nText.\n"}
    )
    text = source(config, "index.md")
    assert f"diary:{marker}" not in text
    assert "pd-" in text
    assert text.rstrip().endswith("after")


def test_a_marker_inside_code_stays(make_diary: Make) -> None:
    text = source(make_diary({"index.md": "```\n<!-- diary:map -->\n```\n"}), "index.md")
    assert "<!-- diary:map -->" in text


@pytest.mark.parametrize(
    ("target", "base", "address"),
    [
        ("map/", "", "map/"),
        ("", "", "./"),
        ("", "map/", "../"),
        ("a/b/", "a/c/", "../b/"),
        ("a/", "a/", "./"),
        ("a/b/#x", "c/", "../a/b/#x"),
        ("assets/x.css", "a/b/", "../../assets/x.css"),
        ("a.html", "b/c.html", "../a.html"),
        ("a%20b/", "c/", "../a%20b/"),
    ],
)
def test_relative(target: str, base: str, address: str) -> None:
    assert relative(target, base) == address


def test_safe_text_cannot_end_a_title() -> None:
    import html

    assert "</title" not in html.unescape(safe("</title><script>"))
    assert "<" not in safe("</title><script>")
