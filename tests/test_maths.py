"""Formulas: which dollars are math, that Markdown leaves them alone, and MathML for what people write."""

from __future__ import annotations

import re
from html import unescape

import markdown
import pytest

from paperdiary.dialect import EXTENSIONS, for_mkdocs
from paperdiary.mathml import Formulas

NAMES = ["tables", "footnotes", "admonition", "attr_list", "md_in_html", "sane_lists", "toc"]
NAMES += ["pymdownx.superfences", "pymdownx.details", "pymdownx.magiclink", "pymdownx.tilde"]


def shown(text: str) -> str:
    return markdown.markdown(for_mkdocs(text), extensions=NAMES)


def formulas(text: str) -> list[str]:
    """The LaTeX of the formulas on the page, those on lines of their own behind a `!`."""
    found = re.findall(r'<math alttext="([^"]*)"( display="block")?', shown(text))
    return [("!" if block else "") + unescape(latex) for latex, block in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the $n$-th of $k$NN, ($x$), $a$.", ["n", "k", "x", "a"]),
        ("2$\\times$ faster, 10$^{-3}$, top-$k$", ["\\times", "^{-3}", "k"]),
        ("当$x$时，$y_1$成立", ["x", "y_1"]),
        ("$a_b$ and $c_d$, $x*y*z$, $\\{a\\}$", ["a_b", "c_d", "x*y*z", "\\{a\\}"]),
        ("**$x$** and *$y$* and [$z$](u)", ["x", "y", "z"]),
        ("$\\text{if $x>0$}$ end", ["\\text{if $x>0$}"]),
        ("$a\n= b$", ["a = b"]),
        ("# On $\\pi_0$", ["\\pi_0"]),
        ("$`a_b`$", ["a_b"]),
        ("\\(x^2\\) and \\( y \\) and \\\\(z_1\\\\)", ["x^2", "y", "z_1"]),
        ("$$x$$", ["!x"]),
        ("text $$x$$ text", ["!x"]),
        ("$$x = 1$$.", ["!x = 1."]),
        ("$$\nx = 1\n$$ (7)", ["!x = 1 \\tag{7}"]),
        ("text\n$$\na\n- b\n= c\n$$\ntext", ["!a - b = c"]),
        ("$$\na\n\nb = 1\n$$", ["!a b = 1"]),
        ("\\[ E = mc^2 \\]", ["!E = mc^2"]),
        ("so \\[ E = mc^2 \\] holds", ["!E = mc^2"]),
        ("\\begin{align} a &= b \\\\ &= c \\end{align}", ["!\\begin{align} a &= b \\\\ &= c \\end{align}"]),
        ("```math\n\\frac{a}{b}\n```", ["!\\frac{a}{b}"]),
        ("- a\n  $$\n  x\n  $$\n- $y$", ["!x", "y"]),
        ("> $$\n> x\n> $$\n> $y$", ["!x", "y"]),
        ("> [!note] On $x$\n> $y$", ["x", "y"]),
        ("- a\n    - b\n\n        $$\n        x\n        $$", ["!x"]),
        ("| a | b |\n|--|--|\n| $P(a|b)$ | $|x|$ |", ["P(a|b)", "|x|"]),
        ("a[^1]\n\n[^1]: $x$", ["x"]),
        ("$x$\n\n    $y$\n\n`$z$`", ["x"]),
    ],
)
def test_math(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "costs $5-$10, or US$5",
        "$20k vs $30k, between $1M/$2M",
        "5$ and 6$",
        "$5/month or 10$/year",
        "It is $1 million (20% of a $5 million).",
        "It was $100 in 2020 and $200 in 2021$",
        "价格$5到$10，",
        "$HOME/bin:$PATH and ($AAPL/$MSFT)",
        "jQuery $.ajax and $.get",
        "$$ and $$$ and $$$$",
        "a $ b $ c",
        "an open $x",
        "\\$5 and \\$6",
        "\\[1\\] A. Author",
        "\\[note\\] and \\(see below\\)",
        "an open \\( and \\[",
        "[a](http://x.org/$b$c) and <http://x.org/$d$e>",
        "`$a$` and ``$`b`$``",
        "```\n$$\nx\n$$\n```",
        "$$\n\n# Heading\n\ntext",
        '<a href="$x$">',
    ],
)
def test_no_math(text: str) -> None:
    html = shown(text)
    assert "<math" not in html
    assert "pd-tex" not in html


NOTATION = r"""
\mathbb{R}^d | \mathbf{x} \in \mathcal{X} | \boldsymbol{\theta} | \bm{w} | \mathbbm{1}[x>0] | \mathrm{KL}(p\,\|\,q)
\operatorname{softmax}(QK^\top/\sqrt{d_k}) | \operatorname*{arg\,max}_\theta f | \argmax_x | \underset{x}{\arg\min}
\text{softmax}\left(\frac{QK^T}{\sqrt{d_k}}\right)V | \hat{y}, \tilde x, \bar z, \vec v, \widehat{AB}, \widetilde{x}
\underbrace{a+b}_{\text{sum}} | \begin{cases} x & \text{if } x>0\\ 0 & \text{otherwise}\end{cases} | \text{a_b}
\begin{aligned} a &= b \\ &= c\end{aligned} | \begin{bmatrix}1&2\\3&4\end{bmatrix} | E=mc^2 \tag{3} | x \label{a}
\begin{split} a&=b\\&=c\end{split} | \sum_{\substack{i<j\\ k}} x | \left\{ \frac{a}{b} \right\} | p(x \mid y)
\mathop{\mathrm{argmin}}\limits_x | \left< x \right> | \nicefrac{1}{2} | a &= b \\ c &= d | a = b \\ c = d | 95%
\mathbb{E}_{x\sim p}\left[\log p_\theta(x)\right] | \lVert x \rVert_2^2 | \nabla_\theta J | x^{(i)}_{j} | \ReLU(x)
\E[x] | \norm{x} | \mathscr{L} | \mathfrak{g} | \xrightarrow{f} | \overset{d}{=} | \tfrac12 | {n \choose k} | \ell_1
\begin{array}{c|c} a & b \\ \hline c & d\end{array} | \begin{alignat}{2} a&=b\end{alignat} | \mbox{x} | 中文 | α → β
"""


@pytest.mark.parametrize("latex", [f.strip() for line in NOTATION.strip().split("\n") for f in line.split(" | ")])
def test_notation_of_papers_is_drawn(latex: str) -> None:
    drawn = Formulas().mathml(latex, True)
    assert drawn
    assert drawn.startswith("<math")
    assert "merror" not in drawn
    assert not re.search(r">\\[A-Za-z]", drawn)


@pytest.mark.parametrize(
    "latex",
    [
        *(
            "\\notacommand{x}",
            "\\frac{a",
            "x^",
            "}",
            "\\left( x",
            "\\begin{algorithm}x\\end{algorithm}",
            "a_b_c",
            "\\def",
        ),
        *("{" * 5000, "{" * 5000 + "}" * 5000, "\\sqrt " * 5000 + "x", "x^{" * 900 + "}" * 900, "x" * 30_000),
        *("\\left(" * 3000, "\\def\\x{\\x\\x}\\x", "\\begin{matrix}" * 900),
    ],
)
def test_what_cannot_be_drawn_is_shown_as_its_source(latex: str) -> None:
    html = shown(f"so $${latex}$$ it is")
    assert "<math" not in html
    words = unescape(re.sub(r"<[^<>]*>", "", html)).replace("\n", " ")
    assert words == f"so $${latex}$$ it is"


def test_a_formula_is_one_line_that_markdown_leaves_alone() -> None:
    made = Formulas().html("a_1 * [b](c) | `d`\n~e~ <f> \\_", "", True)
    assert "\n" not in made
    text = re.sub(r"<[^<>]*>", "", made)
    assert not re.search(r"[\\`*_\[\]|~]", text)
    assert not re.search(r"[\\`*\[\]|]", re.sub(r"<(?!math)[^<>]*>", "", made))


def test_commands_that_the_note_defines() -> None:
    defined = "$$\\newcommand{\\vx}[1]{\\mathbf{#1}} \\DeclareMathOperator*{\\best}{best} \\def\\R{Q}$$"
    html = shown(f"{defined}\n\n$\\vx{{x}}$ $\\best_x$ $\\R$")
    assert html.count("<math") == 3
    assert "𝐱" in html
    assert "best</mi>" in html
    assert "newcommand" in html  # the definitions alone are no formula: they are shown as they are


def test_a_site_with_arithmatex_draws_them_itself() -> None:
    text = "a $x_1*y*$ b\n\n$$\nx_1\n+ y\n$$\n\n```math\nz\n```\n\n- \\(q_1\\)\n"
    made = for_mkdocs(text, extensions=EXTENSIONS | {"pymdownx.arithmatex"})
    assert "<math" not in made
    assert all(part in made for part in ("$x_1*y*$", "$$\nx_1\n+ y\n$$", "``` math", "\\(q_1\\)"))
    html = markdown.markdown(
        made, extensions=[*NAMES, "pymdownx.arithmatex"], extension_configs={"pymdownx.arithmatex": {"generic": True}}
    )
    assert html.count('class="arithmatex"') == 3


def test_the_page_search_and_the_contents_see_symbols_not_source() -> None:
    md = markdown.Markdown(extensions=NAMES)
    html = md.convert(for_mkdocs("# On $\\pi_0$\n\nthe $\\alpha$-net"))
    assert md.toc_tokens[0]["name"] == "On π0"
    assert "the α-net" in re.sub(r"<[^<>]*>", "", html)
