from __future__ import annotations

import pytest

from paperdiary.dialect import for_mkdocs
from paperdiary.markup import outline, urls_in


def shape(text: str) -> list[tuple[str, int, int, str]]:
    return [(b.kind, b.start, b.end, b.text) for b in outline(text)]


# -- outline


def test_every_kind_of_block_with_its_lines() -> None:
    text = (
        "# One\n"  # 0
        "two\nthree\n"
        "\n"
        "Four\n====\n"  # 4
        "- five\n  - six\n"  # 6
        "> seven\n"  # 8
        "\n"
        "```py\n# eight\n```\n"  # 10
        "| nine | ten |\n|--|--|\n| eleven | |\n"  # 13
        "\n"
        "---\n"  # 17
        "<p>twelve</p>\n"  # 18
        "\n"
        "    thirteen\n"  # 20
    )
    assert shape(text) == [
        ("heading", 0, 1, "One"),
        ("text", 1, 3, "two three"),
        ("heading", 4, 6, "Four"),
        ("list", 6, 8, "five\nsix"),
        ("quote", 8, 9, "seven"),
        ("code", 10, 13, "# eight"),
        ("table", 13, 16, "nine\nten\neleven"),
        ("rule", 17, 18, ""),
        ("html", 18, 19, "twelve"),
        ("code", 20, 21, "thirteen"),
    ]


@pytest.mark.parametrize(
    ("text", "level"), [("# a", 1), ("###### a", 6), ("a\n---", 2), ("####### a", 0), ("#a", 0), ("\\# a", 0)]
)
def test_level(text: str, level: int) -> None:
    assert [b.level for b in outline(text)] == [level]


@pytest.mark.parametrize("text", ["", "\n", "   \n\t\n", "[a]: https://example.com"])
def test_nothing_to_see(text: str) -> None:
    assert outline(text) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a *b* **c** `d` ~e~", "a b c d ~e~"),
        ("a  \nb\\\nc\nd", "a b c d"),
        ("![alt text](i.png) x", "alt text x"),
        ("a <b>c</b> &amp; &lt; d", "a c & < d"),
        ("\\*a\\* 1 < 2", "*a* 1 < 2"),
        ("# [Linked `title`](https://example.com) end #", "Linked title end"),
        ("<!-- hidden -->", ""),
        ("π 深度 📌", "π 深度 📌"),
    ],
)
def test_plain_text(text: str, plain: str) -> None:
    assert [b.text for b in outline(text)] == [plain]


def test_links_in_order_with_their_text() -> None:
    text = "[a\nb](https://x.org/1) <https://x.org/2> [*c*](d.md 'title') [e][r] [](https://x.org/3)\n\n[r]: https://x.org/4"
    assert outline(text)[0].links == (
        ("a b", "https://x.org/1"),
        ("https://x.org/2", "https://x.org/2"),
        ("c", "d.md"),
        ("e", "https://x.org/4"),
        ("", "https://x.org/3"),
    )


def test_links_inside_lists_and_tables_count() -> None:
    found = outline("- a\n  - [b](c)\n\n| [d](e) |\n|--|\n| [f](g) |\n")
    assert [b.links for b in found] == [(("b", "c"),), (("d", "e"), ("f", "g"))]


def test_a_fence_that_never_closes_hides_what_follows() -> None:
    assert shape("a\n\n```\n# b\n\nc") == [("text", 0, 1, "a"), ("code", 2, 6, "# b\n\nc")]


@pytest.mark.parametrize("text", [">" * 5000 + "a", "[" * 5000, "\n".join("  " * i + "- a" for i in range(150))])
def test_deep_nesting_is_no_error(text: str) -> None:
    assert outline(text)
    assert isinstance(for_mkdocs(text), str)


def test_deep_lists_keep_every_item() -> None:
    text = "\n".join("  " * i + f"- w{i}" for i in range(60))
    assert outline(text)[0].text.split() == [f"w{i}" for i in range(60)]
    assert all(f"w{i}" in for_mkdocs(text) for i in range(60))


# -- urls_in


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("", []),
        ("no address, awww.example", []),
        ("https://a.org/x.", ["https://a.org/x"]),
        ("see www.a.org, HTTP://b.org!", ["www.a.org", "HTTP://b.org"]),
        ("[t](https://a.org/x)", ["https://a.org/x"]),
        ("[t](https://a.org/x 'title')", ["https://a.org/x"]),
        ("[t][https://a.org/x]", ["https://a.org/x"]),
        ("[t]:(https://a.org/x)", ["https://a.org/x"]),
        ("<https://a.org/x>", ["https://a.org/x"]),
        ("**https://a.org/x**", ["https://a.org/x"]),
        ("`https://a.org/x`", ["https://a.org/x"]),
        ("(https://en.wikipedia.org/wiki/A_(b))", ["https://en.wikipedia.org/wiki/A_(b)"]),
        ("| https://a.org | https://b.org |", ["https://a.org", "https://b.org"]),
        ("url={https://a.org/x}}", ["https://a.org/x"]),
        ("https://a.org/?a=1&b=2#c", ["https://a.org/?a=1&b=2#c"]),
        ("https://a.org/é", ["https://a.org/é"]),
        ("[https://a.org/x](https://a.org/x)", ["https://a.org/x", "https://a.org/x"]),
        ("[www.a.org](https://a.org)", ["www.a.org", "https://a.org"]),
        ("链接：https://a.org/x。", ["https://a.org/x"]),
        ("见https://a.org/x，这篇", ["https://a.org/x"]),
    ],
)
def test_urls_in(text: str, urls: list[str]) -> None:
    assert urls_in(text) == urls
