"""Titles as they are shown: formulas drawn in HTML, told in letters elsewhere, and nothing of the words lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
import yaml

from paperdiary import build, onenote, shown
from paperdiary.config import Config
from paperdiary.pages import Site

Make = Callable[..., Config]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sparse $L_0$ nets", "Sparse L₀ nets"),
        (r"In $\mathcal{O}(n \log n)$ time", "In 𝒪(n log n) time"),
        (r"$\ell_1$-norms on $\mathbb{R}^n$", "ℓ₁-norms on ℝⁿ"),
        (r"$\sum_{i=1}^n x_i^{-2}$", "∑ᵢ₌₁ⁿ xᵢ⁻²"),
        (r"\(\alpha\)-divergence", "α-divergence"),
        (r"$e^{i\pi}$ and $x_\theta$", "e^(iπ) and x_θ"),
        ("From $5 to $6, US$7", "From $5 to $6, US$7"),
        ("Vec<T> & a < b", "Vec<T> & a < b"),
        (r"$\begin{x}$ is none", r"\begin{x} is none"),
        ("$" + "{" * 2000, "$" + "{" * 2000),
        ("", ""),
    ],
)
def test_in_letters(text: str, told: str) -> None:
    assert shown.plain(text) == told


def test_in_html() -> None:
    html = shown.html("The $k$-means of Vec<T> & $5")
    assert '<math alttext="k"><mi>k</mi></math></span>-means of Vec&lt;T&gt; &amp; $5' in html
    assert "<script" not in shown.html("<script>alert(1)</script> $\\text{<script>}$")


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# With $L_0$ and $x_i^2$", "With $L_0$ and $x_i^2$"),
        ("# $a_i + b_j$ and *more*", "$a_i + b_j$ and more"),
        (r"# \(\alpha\)-divergence", r"\(\alpha\)-divergence"),
        ("# Vec<T>, <b>bold</b> and <T>", "Vec<T>, bold and <T>"),
        ("# snake_case_names and _this_ ==too==", "snake_case_names and this too"),
    ],
)
def test_a_title_keeps_its_words(heading: str, title: str) -> None:
    assert onenote.parse(f"{heading}\n\nWords.\n".encode(), "a.md").title == title


def test_on_every_page(make_diary: Make) -> None:
    config = make_diary(
        {"t/a.md": "---\ndate: 2026-01-02\n---\n\n# On $L_0$ for Vec<T>\n\nIt has $x_1$ in it, and more words.\n"}
    )
    site = Site(build.read(config))
    page = site.source("t/a.md") or ""
    assert yaml.safe_load(page.split("---\n")[1])["title"] == "On L₀ for Vec&lt;\u200bT&gt;"
    assert re.search(r"(?m)^# On <span[^>]*><math.*</span> for Vec&lt;T>$", page)
    listed = next(p.text for p in site.generated() if p.path == "diary/index.md")
    assert "<msub><mi>L</mi><mn>0</mn></msub></math></span> for Vec&lt;T&gt;" in listed
    assert "It has <span" in listed
    hover = site.map("map.md", {})
    assert "$L" not in unescape(hover)


def test_a_title_is_not_moved_above_what_stands_before_it(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "![badge](b.png)\n\nAbove.\n\n# The title\n\nBelow.\n\n# Another\n",
            "b.md": "<!-- only a comment -->\n\n# The title\n\nBelow.\n",
        }
    )
    site = Site(build.read(config))
    body = (site.source("a.md") or "").split("---\n", 2)[2]
    places = [body.index(words) for words in ("![badge]", "Above.", "# The title", "pd-card", "Below.", "## Another")]
    assert places == sorted(places)
    assert len(re.findall("(?m)^# ", body)) == 1
    assert "# The title" not in (site.source("b.md") or "")  # the theme shows it
