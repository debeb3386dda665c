"""CommonMark as MkDocs shows it: every word where its writer put it."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser

import markdown
import pytest
from markdown_it import MarkdownIt

from paperdiary.dialect import for_mkdocs

EXTENSIONS = [
    "tables",
    "footnotes",
    "admonition",
    "md_in_html",
    "pymdownx.superfences",
    "pymdownx.details",
    "sane_lists",
]


def shown(text: str) -> str:
    return markdown.markdown(for_mkdocs(text), extensions=EXTENSIONS)


class Places(HTMLParser):
    """Where each word w1, w2, … of a page lies: depth in lists, and what it lies in."""

    VOID = ("br", "hr", "img", "input")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, tuple[int, frozenset[str]]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        kinds = {"pre", "blockquote", "td", "th", "h1", "h2", "h3"}
        for word in re.findall(r"\bw\d+\b", data):
            assert word not in self.found, f"{word} is there twice"
            self.found[word] = (self.open.count("li"), frozenset(kinds.intersection(self.open)))


def as_written(text: str) -> dict[str, tuple[int, frozenset[str]]]:
    return Places(MarkdownIt("commonmark").enable("table").render(text)).found


def as_shown(text: str) -> dict[str, tuple[int, frozenset[str]]]:
    return Places(shown(text)).found


@pytest.mark.parametrize(
    "text",
    [
        "w1\n\nw2",
        "- w1\n- w2",
        "- w1\n  - w2\n    - w3\n  - w4\n- w5",
        "* w1\n    * w2\n        * w3",
        "-\tw1\n\t-\tw2\n\t\tw3",
        " - w1\n   - w2",
        "1. w1\n   - w2\n2. w3",
        "1. w1\n2. w2\n   * w3\n3. w4",
        "10. w1\n    - w2\n      w3\n11. w4",
        "1) w1\n   1) w2\n2) w3",
        "- w1\n* w2\n  + w3",
        "- [ ] w1\n  - [x] w2\n- [ ] w3",
        "- **w1**\n  - `w2`\n  - [w3](u)",
        "w1\n- w2\n- w3",
        "w1\n1. w2\n2. w3",
        "w1\n---\n- w2",
        "# w1\n- w2\n## w3\nw4\n- w5",
        "- w1\n  - w2\n## w3",
        "- w1\n\n  - w2\n\n- w3",
        "- w1\n\n  w2\n\n- w3",
        "- w1\n\nw2\n\n- w3\n  - w4",
        "- w1\nlazy w2",
        "-\n  w1",
        "- w1\n  w2  \n  w3",
        "- w1\n  ```\n  w2\n\n    w3\n  ```\n- w4",
        "1. w1\n\n   ```py\n   w2\n   ```\n\n2. w3",
        "- w1\n  - w2\n    ~~~\n    - w3\n    ~~~\n  - w4",
        "- w1\n\n      w2\n\n- w3",
        "- w1\n\n  > w2\n\n- w3",
        "- w1\n\n  | w2 | w3 |\n  |--|--|\n  | w4 | w5 |\n",
        "w1\n| w2 | w3 |\n|--|--|\n| w4 | w5 |",
        "w1\n```\n- w2\n  - w3\n```",
        "```\n- w1\n  - w2\n```",
        "> - w1\n> - w2",
        "w1\n***\n- w2",
        "<div>\n- w1\n</div>\n\n- w2\n  - w3",
        "- w1 深度\n  - w2 π\n",
        "- w1\n\n  - w2\n- w3",
        "1. w1\n\n   - w2\n1. w3",
        "- w1\n  - w2\n\n    w3\n- w4",
        "- w1\n\n  w2\n  - w3",
        "```\nw1\n```\n- w2",
        "- w1\n```\nw2\n```",
        "- w1\n  ```\n  w2\n  ```\nw3",
        "- w1\n  - w2\n> w3",
        "> w1\n- w2",
        "| w1 | w2 |\n|--|--|\n| w3 | w4 |\n- w5",
        "| w1 | w2 |\n|--|--|\n| w3 | w4 |\n## w5",
        "- w1\n  | w2 | w3 |\n  |--|--|\n  | w4 | w5 |",
        "- w1\n  > w2",
        "- w1\n  ## w2\n  w3",
        "> - w1\n>   - w2",
        "- - w1",
        "- w1\n- \n- w2",
        "- w1\n  3. w2",
    ],
)
def test_every_word_is_shown_where_it_was_written(text: str) -> None:
    assert as_shown(text) == as_written(text)


def pile(rng: random.Random, depth: int = 0) -> list[str]:
    """Lines of a random document of lists, quotes, code, tables, headings and text."""
    out: list[str] = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(["text", "text", "list", "list", "ordered", "quote", "code", "table", "heading"])
        if depth > 2 and kind in {"list", "ordered", "quote"}:
            kind = "text"
        if out and (rng.random() < 0.6 or kind in {"text", "table"}):
            out.append("")
        if kind == "text":
            out += ["w0"] * rng.randint(1, 2)
        elif kind == "heading":
            out.append("## w0")
        elif kind == "code":
            out += ["```", "w0", *rng.choice([[], ["", "  w0"], ["- w0"]]), "```"]
        elif kind == "table":
            out += ["| w0 | w0 |", "|---|---|", "| w0 | w0 |"]
        elif kind == "quote":
            out += [f"> {line}".rstrip() for line in pile(rng, depth + 1)]
        else:
            loose = rng.random() < 0.3
            for number in range(rng.randint(1, 3)):
                mark = "- " if kind == "list" else f"{number + 1}. "
                inside = ["w0"] if rng.random() < 0.5 else ["w0", *rng.choice([[""], []]), *pile(rng, depth + 1)]
                out += [(mark if n == 0 else " " * len(mark)) + line if line else "" for n, line in enumerate(inside)]
                if loose:
                    out.append("")
    return out


@pytest.mark.parametrize("seed", range(400))
def test_random_documents(seed: int) -> None:
    words = iter(range(1, 10_000))
    text = re.sub("w0", lambda _: f"w{next(words)}", "\n".join(pile(random.Random(seed))))
    assert as_shown(text) == as_written(text), text


def test_code_keeps_its_own_indentation() -> None:
    html = shown("- a\n  ```py\n  if x:\n      y\n\n  z\n  ```\n")
    assert re.sub(r"<[^>]+>", "", html).strip("\n ").endswith("if x:\n    y\n\nz")
    assert "<code>a\n  b\n</code>" in shown("    a\n      b\n")


def test_a_fence_that_never_closes() -> None:
    assert "<code>b\n- c\n</code>" in shown("a\n\n```\nb\n- c\n")


def test_a_fence_inside_a_fence() -> None:
    assert "```" in re.sub(r"<[^>]+>", "", shown("````\n```\na\n```\n````\n"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            '!!! note "Title"\n\n    - a\n    - b\n\n    more\n',
            ['class="admonition note"', "<li>a</li>", "<p>more</p>"],
        ),
        ("!!! tip\n    body\n", ['class="admonition tip"', "<p>body</p>"]),
        ('??? info "More"\n\n    hidden\n', ["<details", "<p>hidden</p>"]),
        ("A word[^1].\n\n[^1]: The note\n    goes on.\n", ['class="footnote"', "The note\ngoes on."]),
        ("A word[^1].\n\n[^1]: Note\n", ['class="footnote"', "Note"]),
        ("<details>\n<summary>S</summary>\n\n- a\n- b\n\n</details>\n\nafter\n", ["<li>a</li>", "<p>after</p>"]),
        ('<p align="center">plain</p>\n\nafter\n', ['<p align="center">plain</p>', "<p>after</p>"]),
        ("<!-- a comment -->\n\ntext\n", ["<!-- a comment -->", "<p>text</p>"]),
        ("a\\\nb\n", ["a<br />\nb"]),
        ("a  \nb\n", ["a<br />\nb"]),
        (
            "see [A][x] and [b]\n\n[x]: https://a.org 'T'\n[B]: <https://b.org>\n",
            ['href="https://a.org"', 'href="https://b.org"'],
        ),
        ("5. five\n6. six\n", ['<ol start="5">', "<li>six</li>"]),
        ("| a | b |\n|:--|--:|\n| x \\| y | `z` |\n", ["x | y", "<code>z</code>", "right"]),
        ("Title\nof two lines\n===\n", ["<h1>Title of two lines</h1>"]),
        ("- a\n- b\n\n1. c\n", ["<ul>", "<ol>"]),
    ],
)
def test_what_is_shown(text: str, parts: list[str]) -> None:
    html = shown(text)
    for part in parts:
        assert part in html, html


@pytest.mark.parametrize("text", ["", "\n\n", "\t", "é 深 \U0001f4cc", "&amp; &lt;b&gt;"])
def test_little(text: str) -> None:
    assert shown(text) == markdown.markdown(text)
