"""The text of a new note: the reader's template, the abstract, words from outside, front matter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from paperdiary import abstract, template
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.frontedit import change, front_matter, line
from paperdiary.frontmatter import load_yaml
from paperdiary.inert import markdown, one_line
from paperdiary.markup import outline
from paperdiary.onenote import parse

HOSTILE = [
    "plain words",
    "A title: with a colon # and a comment",
    '"Quoted" and \'single\' --- and {braces: [x]}',
    "--- \n---\ntitle: mine\n---",
    "$\\ell_1$ and \\emph{words}, 100% & more",
    "emoji 🦊👩‍🔬, 中文标题：与冒号, العربية, e\u0301",
    "{{ title }} {{abstract}} {% raw %} {# x #} ${{ secrets.X }}",
    "<script>alert(1)</script><img src=x onerror=alert(1)><!-- diary:map -->",
    "</details> [a](javascript:alert(1)) ![b](http://127.0.0.1/x.png) [[wiki]] <http://a/>",
    "-", "+",
    "# heading", "- item", "+ item", "1. item", "2) item", "> quote", "```", "~~~", "    code", "| a | b |", "***",
    "===", "Title\n===", "!!! note", '??? "x"', ": definition", "--8<-- \"/etc/passwd\"", "[^1]: note", "[a]: /b",
    "*a* _b_ **c** `d` ~~e~~ ==f== ^g^ #tag @someone", "a\x00b\x1b[31mc\x85d\u2028e\u202ef\ufeffg", "yes", "null",
    "2302.0751", "2026-01-02", "@x", "%TAG", "&anchor", "*alias", "!!python/object:os.system", "? key", "`", "x" * 3000,
    "&lt;b&gt; &amp;amp; &#60;script&#62;", "a\\", "\\", "$", "$$", "$a<b$ and $x</details>$ and $`$",
    "$[x](javascript:alert(1))$ $![y](//a/b)$", "\ud800 half",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_words_from_outside_are_one_paragraph_that_shows_them(text: str) -> None:
    blocks = outline(markdown(text))
    assert len(blocks) == 1
    assert blocks[0].kind == "text"
    assert all(shown == href and href.startswith("http") for shown, href in blocks[0].links)
    wanted = one_line(text, 20_000).replace("[[wiki]]", "wiki").replace("==f==", "f")  # as search shows them
    shown = blocks[0].text
    if "$" not in text:
        assert shown == wanted
    else:  # a space may have gone into a formula
        assert shown.replace(" ", "") == wanted.replace(" ", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_words_from_outside_are_inert_on_the_site(text: str) -> None:
    import markdown as python_markdown

    from paperdiary.dialect import for_mkdocs

    source = f"{abstract.fold(text)}\n\nafter\n"
    extensions = ["attr_list", "footnotes", "md_in_html", "tables", "admonition", "pymdownx.details"]
    extensions += ["pymdownx.superfences", "pymdownx.tilde", "sane_lists"]
    html = python_markdown.markdown(for_mkdocs(source), extensions=extensions)
    assert html.count("<details>") == html.count("</details>") == 1
    assert html.index("</details>") < html.index("<p>after</p>")
    math = {"math", "semantics", "annotation"} | set(re.findall(r"<(m[a-z]+)\b", html))
    assert set(re.findall(r"<([a-z]\w*)", html)) - math <= {"details", "summary", "p", "sup", "a", "div", "span"}
    assert "<a " not in html or 'href="#' in html or "http" in text
    assert "{{" not in source
    assert "{%" not in source
    assert "javascript" not in "".join(re.findall(r'(?:href|src)="([^"]*)"', html))


def test_addresses_in_an_abstract_are_links_and_formulas_stay() -> None:
    text = markdown("See https://example.org/a_b(c)_d. With $O(n^2)$ for $5 and $6.")
    assert text == "See <https://example.org/a_b(c)_d>. With $O(n^2)$ for \\$5 and \\$6."


@pytest.mark.parametrize("text", HOSTILE)
def test_front_matter_gives_back_what_went_in(text: str) -> None:
    title = one_line(text, 400)
    values = {"title": title, "authors": [title, "B"], "year": 2026, "arxiv": "2302.07510", "date": "2026-01-02"}
    written = front_matter(values)
    assert written.count("\n---") == 1
    assert len(written.rstrip("\n").split("\n")) == 7
    found = load_yaml(written.strip().removeprefix("---").removesuffix("---"))
    assert {**found, "date": str(found["date"])} == values


def test_front_matter_has_an_order_and_no_empty_values() -> None:
    values = {"tags": ["b", "a"], "own": 1, "title": "T", "doi": "", "authors": [], "incomplete": None}
    assert front_matter(values) == "---\ntitle: T\ntags: [b, a]\nown: 1\n---\n"
    assert line("date", "2026-01-02") == "date: 2026-01-02"


# -- the template


def test_without_a_template_the_default_headings(make_diary: Callable[..., Config]) -> None:
    found = template.read(make_diary({"a.md": "# A"}))
    text = template.body(found, {}, "Some words.")
    assert [b.text for b in outline(text) if b.kind == "heading"] == [
        "Key points", "Methods", "What to take away", "Open questions",
    ]  # fmt: skip
    assert text.startswith("<details>\n<summary>Abstract</summary>\n\nSome words.\n\n</details>\n\n## Key points\n")
    assert template.body(found, {}, "").startswith("## Key points")


def test_the_readers_template(make_diary: Callable[..., Config]) -> None:
    text = (
        "---\nrating:\nseen: {{date}}\ntags: [to-sort]\nby: '{{authors}}'\n---\n"
        "*{{ authors }}*, {{date:YYYY}}\n\n## Mine\n\n{{abstract}}\n\n## {{unknown}} {{title}}\n"
    )
    found = template.read(make_diary({".template.md": text}))
    values = {"title": "T *x* {{abstract}}", "authors": "A, B", "date": "2026-01-02"}
    body = template.body(found, values, "Abs.")
    assert body == (
        "*A, B*, 2026-01-02\n\n## Mine\n\n<details>\n<summary>Abstract</summary>\n\nAbs.\n\n</details>\n\n"
        "## {{unknown}} T \\*x\\* \\{\\{abstract\\}\\}\n"
    )
    assert found.tags == ["to-sort"]
    assert found.extra(values) == {"rating": None, "seen": "2026-01-02", "by": "A, B"}
    assert template.body(found, values, "", pending=True).count(abstract.PLACE) == 1
    assert "details" not in template.body(found, values, "")


def test_a_template_without_a_place_has_the_abstract_on_top(make_diary: Callable[..., Config]) -> None:
    found = template.read(make_diary({".template.md": b"\xef\xbb\xbf## Only\r\n"}))
    assert template.body(found, {}, "Abs.").endswith("</details>\n\n## Only\n")


@pytest.mark.parametrize("text", ["", "\n", "---\n---\n", "{{abstract}}"])
def test_an_empty_template_is_the_readers_wish(make_diary: Callable[..., Config], text: str) -> None:
    found = template.read(make_diary({".template.md": text}))
    assert template.body(found, {}, "").strip() == ""


def test_a_broken_template_is_named(make_diary: Callable[..., Config]) -> None:
    with pytest.raises(DiaryError, match=r"\.template\.md, line 3"):
        template.read(make_diary({".template.md": "---\na: [x\n---\ntext"}))


# -- the abstract in a note

NOTE = """\
---
title: A Thing
arxiv: "2302.07515"
status: queued
---

<details>
<summary>Abstract</summary>

Summary: We extend arXiv:1706.03762 and https://example.org/code. It works well in all our experiments.

Date: 2020-01-01

</details>

## Key points
"""


def test_an_abstract_is_searched_and_not_the_readers_words() -> None:
    entry = parse(NOTE.encode(), "x/a.md").entries[0]
    assert (entry.status, entry.date, entry.arxiv) == ("queued", None, "2302.07515")
    assert [s.identity for s in entry.sources] == ["arxiv:2302.07515"]
    assert entry.description.startswith("Summary: We extend")
    assert [(p.heading, p.text) for p in entry.passages] == [
        ("Abstract", "Summary: We extend arXiv:1706.03762 and https://example.org/code. "
         "It works well in all our experiments. Date: 2020-01-01"),
    ]  # fmt: skip


def test_the_readers_words_come_before_the_abstract() -> None:
    text = NOTE.replace("## Key points\n", "## Key points\n\nThe reader wrote these six words.\n")
    entry = parse(text.encode(), "x/a.md").entries[0]
    assert entry.description == "The reader wrote these six words."
    assert [p.heading for p in entry.passages] == ["Key points", "Abstract"]


def test_an_abstract_alone_does_not_say_that_it_was_read() -> None:
    text = "# A Thing\n\nhttps://arxiv.org/abs/2302.07515\n\n<details>\n<summary>Abstract</summary>\n\nLong.\n\n</details>\n"
    assert parse(text.encode(), "a.md").entries[0].status == "queued"


@pytest.mark.parametrize(
    "text",
    [
        "<details>\n<summary>Abstract</summary>\nwords on one block\n</details>\n",
        "<details open>\n<summary><b>Abstract</b></summary>\n\nwords on one block\n\n</details>\n",
        "<details><summary>ABSTRACT:</summary>\n\nwords on one block\n</details>\n",
    ],
)
def test_forms_of_an_abstract(text: str) -> None:
    entry = parse(f"---\ntitle: T\n---\n{text}\nmine\n".encode(), "a.md").entries[0]
    assert [(p.heading, p.text) for p in entry.passages] == [("", "mine"), ("Abstract", "words on one block")]


@pytest.mark.parametrize(
    "text", ["<details>\n<summary>Abstract</summary>\n\nno end\n", "<details>\n\nother\n\n</details>"]
)
def test_what_is_no_abstract_is_text(text: str) -> None:
    entry = parse(f"---\ntitle: T\n---\n{text}".encode(), "a.md").entries[0]
    assert all(p.heading != "Abstract" for p in entry.passages)


# -- changing front matter

FILES = [
    b"---\ntitle: x\nstatus: queued # later\n---\n\nbody\n",
    b"\xef\xbb\xbf---\r\ntitle: x\r\nstatus:\r\n# c\r\ndate_read:   \r\ntags:\r\n  - a\r\n---\r\nbody\r\n",
    b"---\nauthors:\n- a\n- b\n\n# comment\nfoo: |\n  bar\n  baz\nZ: {a: 1}\n---\n",
    b"---\nstatus: 'queued'\ndate:\n  2020-01-01\nlast: 1 # end\n---",
    b"---\n# only a comment\n---\nx\xff and more words in plain letters\n",
    b"---\nReading_Status: to read\nCreated: 2020-01-01\n...\nx\n",
    '---\ntitle: é 😀 中 # c\nstatus: "queued"   \n---\n\tbody\n'.encode(),
    b"---\rtitle: x\r---\rold Macintosh",
    b"# No front matter\n\ntext",
    b"",
]


@pytest.mark.parametrize("data", FILES)
def test_a_change_touches_its_values_and_no_other_byte(data: bytes) -> None:
    new = change(data, {"status": "read", "date": "2026-11-20"}, "n.md")
    meta = parse(new, "n.md").meta
    assert (meta["status"], str(meta["date"])) == ("read", "2026-11-20")
    end = b"\r\n" if b"\r\n" in data else b"\r" if b"\r" in data else b"\n"
    gone = [row for row in data.split(end) if row and row not in new.split(end)]
    assert all(re.match(rb"(?i)(?:reading_)?status|date|created|  2020-01-01", row) for row in gone)
    assert new.endswith(data[-9:] if not data.startswith(b"---\nR") else b"x\n")
    assert new.startswith(data[:3]) or data[:1] in b"#"
    assert (b"\r\n" in new) == (b"\r\n" in data)
    assert change(new, {"status": "read", "date": "2026-11-20"}, "n.md") == new


def test_a_comment_behind_a_value_stays() -> None:
    new = change(FILES[0], {"status": "read", "date": "2026-11-20"}, "n.md")
    assert new == b"---\ntitle: x\nstatus: read # later\ndate: 2026-11-20\n---\n\nbody\n"


def test_a_key_can_go() -> None:
    data = b"---\na: 1\nincomplete: true # soon\nb: 2\n---\n"
    assert change(data, {"title": "A: b"}, "n.md", ["incomplete"]) == b"---\ntitle: 'A: b'\na: 1\nb: 2\n---\n"
    assert change(data, {}, "n.md", ["nothing"]) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"---\n{status: queued}\n---\n", "a line each"),
        (b"---\ntitle: [x\n---\n", "not valid YAML"),
        (b"---\ntitle: x\nno end\n", "closing line"),
        (b"---\n- a\n- b\n---\n", "no front matter"),
        ("---\ntitle: x\n---\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(DiaryError, match=message):
        change(data, {"status": "read"}, "notes/n.md")


def test_one_line_cuts_at_a_word() -> None:
    assert one_line("aa bb  cc\n\tdd", 8) == "aa bb …"
    assert one_line("aa bb", 8) == "aa bb"


def test_the_default_template_is_in_the_documents() -> None:
    text = (Path(__file__).parent.parent / "docs" / "adding.md").read_text(encoding="utf-8")
    assert template.DEFAULT.strip() in text
    assert all(f"`{{{{{name}}}}}`" in text for name in template.FIELDS)
