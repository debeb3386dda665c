"""CommonMark as MkDocs shows it: every word where its writer put it."""

from __future__ import annotations

import random
import re
from html import unescape
from html.parser import HTMLParser

import markdown
import pytest
from markdown_it import MarkdownIt

from paperdiary.dialect import extensions_in, for_mkdocs, is_plain, plain

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
        ("1. **a**\\\n   - b\n", ["<strong>a</strong><ul>"]),
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


def words(html: str) -> str:
    """Text without tags, one line."""
    return " ".join(unescape(re.sub(r"<[^<>]*>", " ", html)).split())


@pytest.mark.parametrize(
    "text",
    [
        "List<String> and Map<K, V>, a<b, <T>, <think> it, </think>, <your name>, x <y z> w",
        "a <script> tag, <style>, <title>x</title>, <textarea>, <a list of words>, <input>, <div> and <b>open",
        "<think>\nlines\n</think>",
        "<script>\nnever closed",
        "<!-- never closed",
        "<?php echo 1 ?> and <!DOCTYPE html> and <![CDATA[ x ]]>",
        "</s> alone",
        "f[x](some words here)",
        "[label]: some words",
        "[TODO]: later",
        "text\n[label]: http://x.org",
        "!!! wow this is great",
        "??? no idea why",
        "#tag and\n#tag",
        "a line {that ends}",
        "text\n{% endraw %}",
        "{{ x }} and {% raw %}",
        "~~~",
        "a\n===b",
        "`<!--` and `{x}` and `**`",
        "&lt;kept&gt; &unknown; R&D",
        "x\\\\y \\d",
    ],
)
def test_text_stays_text(text: str) -> None:
    html = markdown.markdown(for_mkdocs(text), extensions=[*EXTENSIONS, "attr_list", "toc", "pymdownx.magiclink"])
    written = unescape(re.sub(r"(?m)^~~~$|`+ ?(?=`)|(?<=`) ?`+|`", "", text)).replace("\\\\", "\\")
    assert words(html) == " ".join(unescape(written).split())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<div>\nopen\n\nafter *it*\n", ["<div>\nopen</div>", "<p>after <em>it</em></p>"]),
        ("<p align=center>\n\n![i](a.png)\n\n</p>\n\nafter", ['<div align="center">\n<p><img', "<p>after</p>"]),
        ("<div>\n<div>\n\n# a\n\n</div>\n\n*b*", ["<h1>a</h1>", "<em>b</em>"]),
        ("</div>\n\nafter", ["<p>after</p>"]),
        ("<b>bold <i>both</b> text", ["<b>bold &lt;i&gt;both</b> text"]),
        ("<font color=red>one\n\ntwo</font>", ['<p><font color="red">one</font></p>', "<p>two</p>"]),
        ("<table><tr><td>\n\n**x**\n\n</td></tr></table>", ["<td>\n<p><strong>x</strong></p>"]),
        ("<table>\n<tr>\n\n    <td>x</td>\n\n</tr>\n</table>", ["<td>x</td>"]),
        ("- <details><summary>a</summary>\n  b\n  </details>\n", ["<details><summary>a</summary> b </details>"]),
        ("- <pre>\n  a\n\n    b\n  </pre>\n", ["a&#10;&#10;  b"]),
        ('<iframe src="x">swallowed', ['<iframe src="x"></iframe>', "swallowed"]),
        ("a <!-- b --> c", ["a <!-- b --> c"]),
        ("<script>\nx = '*a*'\n</script>\n\nb", ["<script>\nx = '*a*'\n</script>", "<p>b</p>"]),
        ("<img src=a.png alt=x> <br/> <sub>2</sub>", ['<img src="a.png" alt="x">', "<br>", "<sub>2</sub>"]),
    ],
)
def test_html(text: str, parts: list[str]) -> None:
    html = shown(text)
    for part in parts:
        assert part in html, html


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "> [!note] A *title*\n> body\n> - a",
            ['class="admonition note"', "A <em>title</em>", "<p>body</p>", "<li>a</li>"],
        ),
        ("> [!WARNING]\n> body", ['class="admonition warning"', ">Warning<", "<p>body</p>"]),
        ("> [!tldr]- Folded\n> body", ['<details class="abstract">', "<summary>Folded</summary>", "<p>body</p>"]),
        ("> [!my-kind]+ Open\n>\n> body", ['<details class="note my-kind" open="open">', "<p>body</p>"]),
        ("> [!quote]", ['class="admonition quote"', ">Quote<"]),
        ("- a\n\n  > [!tip] T\n  > b", ["<li>", 'class="admonition tip"', "<p>b</p>"]),
        ("> [not] one", ["<blockquote>"]),
        ('!!! note "A <T> *b*"\n    <T> $x', ["A &lt;T&gt; <em>b</em>", "<p>&lt;T&gt; $x</p>"]),
        ("a[^x] b[^x]\n\n[^x]: one\n\nc[^x]\n\n[^x]: two", ["one", "two", "fn:x-2"]),
        ("a[^1]\n\n- b\n\n  [^1]: inside an item\n\n- c", ["inside an item", "<li>\n<p>c"]),
        ("[^1]: never used", ["never used"]),
        ("| a | b |\n|--|--|\n| 1 | 2 | 3 |", ["2 | 3"]),
        ("| a | b |\n|--|--|\n| `x|y` | 2 |", ["<code>x&#124;y</code>", "<td>2</td>"]),
        ("| a |\n|--|\n| b \\| c |", ["<td>b | c</td>"]),
        ("[a][X] [x] ![y][x]\n\n[x]: http://x.org 't'", ['<a href="http://x.org" title="t">a</a>', 'alt="y"']),
        ("[used]\n\n[used]: u\n[lost]: http://x.org\n[used]: v", ["<p>[lost]: <a", "<p>[used]: v</p>"]),
        ("见https://x.org/a，然后", ['<a href="https://x.org/a">https://x.org/a</a>，然后']),
        ("https://x.org<br>b www.x.org**c**", ['">https://x.org</a><br>b', "</a><strong>c</strong>"]),
        ("[https://x.org](https://y.org)", ['<a href="https://y.org">https://x.org</a>']),
        ("<https://x.org/a_b_> <a@b.org> <zotero://x>", ["https://x.org/a_b_</a>", 'href="zotero://x"']),
        ("```python:a.py\nx\n```", ["a.py", "x"]),
        ("``` {r, echo=FALSE}\nx\n```", ["echo=FALSE"]),
        ("## C#", ["<h2>C#</h2>"]),
        ("# a {.cls}", ["a {.cls}"]),
        ("[x](file:///a) [y](<a b.md>) [z](a_(b))", ['href="file:///a"', 'href="a%20b.md"', 'href="a_(b)"']),
    ],
)
def test_what_else_people_write(text: str, parts: list[str]) -> None:
    html = markdown.markdown(for_mkdocs(text), extensions=[*EXTENSIONS, "pymdownx.highlight"])
    for part in parts:
        assert part in html, html


def test_without_the_extensions_nothing_is_lost() -> None:
    text = "> [!note] Title\n> body\n\na[^1]\n\n[^1]: Word\n\n!!! note\n    inside\n\n# 标题\n"
    html = markdown.markdown(for_mkdocs(text, extensions=frozenset()), extensions=["tables", "fenced_code", "toc"])
    assert words(html) == "Title body a[^1] [^1]: Word !!! note inside 标题"


def test_extensions_in() -> None:
    config = {"markdown_extensions": ["extra", {"markdown.extensions.toc": {"slugify": None}}, "pymdownx.arithmatex"]}
    found = extensions_in(config)
    assert {"extra", "footnotes", "toc.slugify", "pymdownx.arithmatex"} <= found
    assert extensions_in({}) == frozenset()
    assert extensions_in({"markdown_extensions": {"footnotes": None}}) == {"footnotes"}


def test_inserts_stand_before_their_line_or_after_the_block_it_is_in() -> None:
    text = "a\n\n- b\n- c\n\n```\nd\n\ne"
    lines = for_mkdocs(text, inserts={0: ["<i>0</i>"], 2: ["<i>2</i>"], 7: ["<i>7</i>"], 9: ["<i>9</i>"]}).split("\n")
    assert [line for line in lines if line] == [
        *("<i>0</i>", "a", "<i>2</i>", "-   b", "-   c", "```", "d", "e", "```", "<i>7</i>", "<i>9</i>")
    ]


def test_headings_below_a_title() -> None:
    assert for_mkdocs("# a\n\n## b\n", None) == "## a\n\n### b\n"
    assert for_mkdocs("## a\n\n### b\n", None) == "## a\n\n### b\n"
    assert for_mkdocs("> # a\n", None) == "> ## a\n"


JOTTINGS = """\
soil
    mix with sand - see https://example.org/soil?a=1&b=2.
    worms["many"] = <good>
        at night

water
  twice a week
  less in May
"""


def test_jottings_are_shown_as_they_are() -> None:
    assert is_plain(JOTTINGS)
    html = markdown.markdown(plain(JOTTINGS), extensions=[*EXTENSIONS, "pymdownx.magiclink"])
    assert html.startswith(
        '<pre class="pd-plain">soil\n    mix with sand - see <a href="https://example.org/soil?a=1&amp;b=2">'
    )
    assert unescape(re.sub(r"<[^<>]*>", "", html)).strip() == JOTTINGS.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\nb\nc",
        "# Title\n\nsoil\n    a\n    b\nwater\n    c",
        "- a\n    - b\n    - c\n- d",
        "Some prose.\n\n    code here\n    and here\n\nMore prose.",
        "soil\n    see [this](x.md)\n    b\nwater\n    c",
        "soil\n    **a**\n    b\nwater\n    c",
        "1. a\n   b\n2. c\n   d",
        "> a\n    b\n> c\n    d",
        "    a\n    b\n    c",
        "A paragraph that is\n  wrapped once with an indent.\n\nAnother.\n\nAnd one more.",
        "| a | b |\n|---|---|\n| c | d |",
    ],
)
def test_markdown_is_no_jotting(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('a <svg width="9"><path d="M0 0"/></svg> b', '<p>a <svg width="9"><path d="M0 0" /></svg> b</p>'),
        ("- <svg><text>w_1_</text></svg>", "<svg><text>w&#95;1&#95;</text></svg>"),
        ("<svg>\n\n  <g><text>two words</text></g>\n</svg>\n\nafter", "<svg> <g><text>two words</text></g> </svg></p>"),
        ("x <math><mi>a</mi><mo>&lt;</mo></math> y", "<math><mi>a</mi><mo>&lt;</mo></math> y"),
        ("the <svg> ends with </svg> here", "the &lt;svg&gt; ends with &lt;/svg&gt; here"),
        ("<svg><g></svg> open", "<svg><g></g></svg> open"),
        ("a ==marked *it*== b", "a <mark>marked <em>it</em></mark> b"),
        ("重点==标记==文字", "重点<mark>标记</mark>文字"),
        ("if a==b and c==d, == x ==, `==a==`", "if a==b and c==d, == x ==, <code>==a==</code>"),
        ("![two words](a figure 1.png) x", 'src="a%20figure%201.png"'),
        ('![图](图片 一.png "标题")', 'title="标题"'),
        ("[go](my note.md#part)", 'href="my%20note.md#part"'),
        ("[a](b c) stays", "[a](b c) stays"),
        ("1. **a**\\\n   - b\n", "<strong>a</strong><ul>"),
        ("ends here\\", "<p>ends here</p>"),
        ("ends here\\\\", "<p>ends here\\</p>"),
    ],
)
def test_more_that_is_shown(text: str, part: str) -> None:
    html = shown(text)
    assert part in html, html


@pytest.mark.parametrize(
    "text",
    [
        'a <svg onload="alert(1)"><circle r="1"/></svg> b',
        "a <svg><script>alert(1)</script><circle r='1'/></svg> b",
        "a <svg><circle r='1' onclick=alert(1) /></svg> b",
        "a <svg><a href='javascript:alert(1)'><text>x</text></a></svg> b",
        "a <svg><a xlink:href=' java&#115;cript:alert(1)'><text>x</text></a></svg> b",
        "a <svg><use href='https://evil.example/x.svg#a'/></svg> b",
        "a <svg><image href='//evil.example/x.png'/></svg> b",
        "a <svg><style>@import 'https://evil.example/x.css'</style><path d='M0 0'/></svg> b",
        "a <svg><path style='fill:url(https://evil.example/x)' fill=\"url('https://evil.example/x')\"/></svg> b",
        "a <svg><set attributeName='href' to='javascript:alert(1)'/><path d='M0 0'/></svg> b",
        "<svg>\n<script>\nalert(1)\n</script>\n<path d='M0 0'/></svg>",
    ],
)
def test_a_drawing_runs_nothing_and_asks_nobody(text: str) -> None:
    html = unescape(shown(text))
    assert "<svg" in html
    assert "alert" not in html
    assert "evil" not in html


def test_a_title_below_other_text_is_the_h1_where_it_stands() -> None:
    made = for_mkdocs("above\n\n## Title\n\nbelow\n\n# Other\n", None, title=3)
    assert [line for line in made.split("\n") if line] == ["above", "# Title", "below", "## Other"]
