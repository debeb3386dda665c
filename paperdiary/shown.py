"""A line of text as it is shown: formulas are drawn where HTML may stand, and told in letters elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any

from paperdiary import maths
from paperdiary.escapes import entities
from paperdiary.mathml import Formulas

_LONGEST = 1000  #: signs of a formula that is told in letters
_RAISED = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_SCRIPT = re.compile(r"(?<!\\)([_^])\s*(?:\{([^{}]*)\}|([A-Za-z0-9]))")
_NAMES = re.compile(r"\\(?:operatorname|DeclareMathOperator)\*?\s*(?=\{)")


def html(text: str) -> str:
    """Plain text, in which LaTeX between dollars may stand, as HTML with the formulas as MathML."""
    return "".join(_drawn(latex) if latex else escape(part) for part, latex in maths.parts(text))


def markdown(text: str) -> str:
    """The same as one line of Markdown that shows just this."""
    return "".join(_drawn(latex) if latex else entities(part) for part, latex in maths.parts(text))


def plain(text: str) -> str:
    """The same in letters alone, for places that show no HTML.

    >>> plain(r"Sparse $L_0$ nets in $\\mathcal{O}(n \\log n)$")
    'Sparse L₀ nets in 𝒪(n log n)'
    """
    return "".join(_letters(latex) if latex else part for part, latex in maths.parts(text))


@lru_cache(maxsize=4096)
def _drawn(latex: str) -> str:
    return Formulas().html(latex, f"${latex}$", False)


@lru_cache(maxsize=4096)
def _letters(latex: str) -> str:
    if len(latex) > _LONGEST:
        return latex
    try:
        for _ in range(3):  # from the inside out
            latex = _SCRIPT.sub(_script, latex)
        told = _told(latex)
    except Exception:  # LaTeX that is none: it has many kinds of error
        told = latex
    return " ".join(told.split()) or latex


def _script(match: re.Match[str]) -> str:
    """A raised or lowered text in the letters that Unicode has for it, else behind its mark."""
    inside = _told(match[2]).strip() if match[2] is not None else match[3]
    signs = _RAISED if match[1] == "^" else _LOWERED
    if all(sign in signs for sign in inside):
        return "{}" + "".join(signs[sign] for sign in inside)
    return f"{match[1]}{f'({inside})' if len(inside) > 1 else inside}"


def _told(latex: str) -> str:
    return str(_converter().latex_to_text(_NAMES.sub(r"\\mathrm", latex)))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import logging

    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    return LatexNodes2Text(math_mode="text", strict_latex_spaces="based-on-source")
