"""Text that was made to take long: reading it and showing it take time that grows with it, not with its square."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest
from test_nothing_lost import EXTENSIONS, convert

from paperdiary import onenote
from paperdiary.dialect import for_mkdocs
from paperdiary.links import scan

FEW = 2500
TIMES = 4
#: name: what is repeated, in a document
UNITS = {
    "brackets": "[[a",
    "open links": "[a](",
    "open images": "![a](",
    "bare brackets": "[",
    "comments": "<!--",
    "comments on lines": "<!--\n",
    "comments in blocks": "<!--\n\n",
    "emphasis": "*a ",
    "underscores": "_a ",
    "code": "`a ",
    "dollars": "$a ",
    "formulas on lines": "\\[\n",
    "environments": "\\begin{align}\n",
    "quotes": ">",
    "lines of a quote": "> a\n",
    "marks": "==a ",
    "drawings": "<svg>",
    "drawings in blocks": "<svg>\n\n",
    "scripts": "<script>\n\n",
    "elements": "<b>x",
    "divs": "<div>\n\n",
    "rows": "| a | b |\n",
    "list": "- a\n",
    "footnotes": "[^1]: a\n",
    "words": "word ",
}
PLACES = {
    "a paragraph": "# T\n\nfirst\n\n{}\n\nend\n",
    "a title": "# {}\n\nend\n",
    "an item": "# T\n\n- {}\n- b\n",
    "a field": "# T\n\nTitle: {}\n\nend\n",
}


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that what else the machine does is not counted."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def grows_evenly(work: Callable[[int], object]) -> bool:
    """Whether four times as much takes about four times as long: sixteen times is what a square takes."""
    work(100)  # imports, caches
    few = seconds(lambda: work(FEW))
    many = seconds(lambda: work(FEW * TIMES))
    return many < 2.2 * TIMES * few + 0.3


def document(place: str, unit: str, count: int) -> str:
    text = unit * count
    return PLACES[place].replace("{}", text if place == "a paragraph" else text.replace("\n", " "))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["brackets", "open links", "comments", "emphasis", "underscores", "code", "words"])
def test_reading_in_any_place(place: str, name: str) -> None:
    assert grows_evenly(lambda n: onenote.parse(document(place, UNITS[name], n).encode(), "a.md"))


@pytest.mark.parametrize("name", UNITS)
def test_reading_and_showing(name: str) -> None:
    def work(text: str) -> None:
        onenote.parse(text.encode(), "a.md")
        scan(text)
        for_mkdocs(text, extensions=EXTENSIONS)

    assert grows_evenly(lambda n: work(document("a paragraph", UNITS[name], n)))


@pytest.mark.parametrize("name", ["brackets", "open links", "open images", "bare brackets", "emphasis", "dollars"])
def test_reading_is_about_as_fast_as_reading_prose(name: str) -> None:
    text = document("a paragraph", UNITS[name], FEW * TIMES)
    prose = "Some *words* and `code`, with [a link](https://a.org) in them.\n\n"
    usual = seconds(lambda: onenote.parse((prose * (len(text) // len(prose))).encode(), "a.md"))
    assert seconds(lambda: onenote.parse(text.encode(), "a.md")) < 8 * usual + 0.3


def test_ten_thousand_definitions() -> None:
    def work(count: int) -> None:
        scan("\n".join(f"[r{n}]: https://a.org/{n}" for n in range(count)))

    assert grows_evenly(work)


@pytest.mark.parametrize("name", ["elements", "divs", "list", "brackets"])
def test_the_page_of_it(name: str) -> None:
    def work(count: int) -> None:
        convert(for_mkdocs(document("a paragraph", UNITS[name], count // 2), extensions=EXTENSIONS))

    assert grows_evenly(work)


def test_lists_in_lists_without_end() -> None:
    text = "\n".join("  " * depth + f"- w{depth}x" for depth in range(600))
    html = convert(for_mkdocs(text, extensions=EXTENSIONS))
    assert all(f"w{depth}x" in html for depth in (0, 30, 599))
