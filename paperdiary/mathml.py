"""LaTeX -> MathML, at build time: a page needs no script and no other host to show its formulas.

The conversion is math-core's, which writes MathML Core, the part that every browser draws. LaTeX from
notes is mended first where it leans on packages or on a preamble that a note does not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape

from paperdiary.escapes import calm, entities

_LONGEST = 20_000  #: characters
_DEEPEST = 50  #: levels of braces
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*(?:\[\d\])?"
    r"|(?P<operator>DeclareMathOperator)(?P<star>\*?)\s*\{?\s*\\(?P<of>[A-Za-z]+)\s*\}?"
    r"|def\s*\\(?P<def>[A-Za-z]+)(?:#\d)*)\s*(?=\{)"
)
_ALIGNAT = {"alignat": "align*", "alignedat": "aligned"}
#: LaTeX that the converter does not know -> what it knows
_Replacement = str | Callable[[re.Match[str]], str]
_REWRITE: tuple[tuple[re.Pattern[str], _Replacement], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"(?<!\\)%(?!\n)", r"\\%"),
        (r"\\label\s*\{[^{}]*\}", ""),
        (r"\\(?:tiny|small|normalsize|large|Large|LARGE|huge|scriptsize|footnotesize)\b", ""),
        (r"\\math(?:bbm|ds)\b", r"\\mathbb"),
        (r"\\pmb\b", r"\\boldsymbol"),
        (r"\\Vec\b", r"\\vec"),
        (r"\\(?:mbox|hbox|textnormal|textup|textsc)\b", r"\\text"),
        (r"\\ensuremath\b", ""),
        (r"\\(begin|end)\{split\}", r"\\\1{aligned}"),
        (r"\\(begin|end)\{smallmatrix\}", r"\\\1{matrix}"),
        (r"\\(begin|end)\{(align|gather|equation|multline|flalign)\}", r"\\\1{\2*}"),  # without numbers
        (r"\\begin\{eqnarray\*?\}", r"\\begin{array}{rcl}"),
        (r"\\end\{eqnarray\*?\}", r"\\end{array}"),
        (r"\\substack\s*\{((?:[^{}]|\{[^{}]*\})*)\}", r"\\begin{subarray}{c}\1\\end{subarray}"),
        (r"\\(?:href\s*\{[^{}]*\}|colorbox\s*\{[^{}]*\}|smash\b|mathstrut\b)", ""),
        (r"\\wide(?:tilde|check)\b", r"\\tilde"),
        (r"\\(left|right)\s*([<>])", lambda m: f"\\{m[1]}\\{'langle' if m[2] == '<' else 'rangle'}"),
        (r"\\(?:nice|s)frac\s*(\{[^{}]*\})\s*(\{[^{}]*\})", r"\1/\2"),
        (r"\\dv\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\\frac{d\1}{d\2}"),
        (r"\\pdv\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\\frac{\\partial \1}{\\partial \2}"),
        (r"\\(?:ref|cite[pt]?)\s*\{([^{}]*)\}", r"\\text{\1}"),
        (r"\\begin\{(alignat|alignedat)(\*?)\}\s*\{\d*\}", lambda m: f"\\begin{{{_ALIGNAT[m[1]]}}}"),
        (r"\\end\{(alignat|alignedat)\*?\}", lambda m: f"\\end{{{_ALIGNAT[m[1]]}}}"),
        (r"@\{[^{}]*\}", ""),
        (r"\\(?:math(?:larger|smaller)|nonumber|notag)\b", ""),
    )
)
_TEXT = re.compile(r"\\text(?:rm|bf|it|tt|sf)?\s*\{([^{}]*)\}")
_UNKNOWN = re.compile(r'Unknown command "\\([A-Za-z]+)"')
#: what people define in a preamble that a note does not have; a definition of the note's own wins
_USUAL = {
    "E": r"\mathbb{E}",
    "norm": r"\left\lVert #1\right\rVert",
    "abs": r"\left\lvert #1\right\rvert",
    "set": r"\left\{ #1\right\}",
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
}


class Formulas:
    """Draws the formulas of one note, which share the commands that it defines."""

    def __init__(self, text: str = "") -> None:
        self.macros = dict(_USUAL)
        if "\\newcommand" in text or "\\def" in text or "\\renewcommand" in text or "\\DeclareMath" in text:
            for start, end, name, body in _definitions(text):
                if end > start:
                    self.macros[name] = body

    def html(self, latex: str, source: str, display: bool) -> str:
        """A formula as inline HTML on one line that Markdown leaves alone; its source as code if it cannot be drawn."""
        drawn = self.mathml(latex, display)
        if drawn is None:
            inside = f'<code class="pd-tex">{entities(source.strip())}</code>'
        else:
            words = re.sub(r">([^<]+)<", lambda m: f">{calm(escape(unescape(m[1]), False))}<", drawn.replace("\n", " "))
            title = entities(" ".join(latex.split()))
            inside = words.replace("<math", f'<math alttext="{title}"', 1)
        return f'<span class="pd-math{" pd-math--block" if display else ""}">{inside}</span>'

    def mathml(self, latex: str, display: bool) -> str | None:
        """A `<math>` element, None for LaTeX that cannot be converted."""
        if len(latex) > _LONGEST or _depth(latex) > _DEEPEST:
            return None  # the converter goes down by recursion
        for start, end, _, _ in reversed(_definitions(latex) if "\\" in latex else []):
            latex = latex[:start] + latex[end:]
        latex = _rewritten(latex.strip(), display)
        if not latex:
            return None
        convert = _converter(tuple(sorted(self.macros.items())))
        for _ in range(12):
            made, problem = convert(latex, display)
            if made is not None:
                return made
            unknown = _UNKNOWN.search(problem)
            if "\\limits" in problem and "\\limits" in latex:
                latex = latex.replace("\\limits", "")
            elif unknown and not re.search(rf"\\{unknown[1]}\s*[{{\[]", latex):
                latex = re.sub(rf"\\{unknown[1]}(?![A-Za-z])", rf"\\operatorname{{{unknown[1]}}}", latex)
            else:
                return None
        return None


@lru_cache(maxsize=32)
def _converter(macros: tuple[tuple[str, str], ...]) -> Callable[[str, bool], tuple[str | None, str]]:
    from math_core import LatexError, LatexToMathML

    usable = dict(macros)
    try:
        made = LatexToMathML(fancy_error=False, macros=usable)
    except Exception:  # a definition that makes no sense; do without the note's own
        made = LatexToMathML(fancy_error=False, macros=_USUAL)

    def convert(latex: str, display: bool) -> tuple[str | None, str]:
        try:
            return made.convert_with_local_state(latex, displaystyle=display), ""
        except LatexError as e:
            return None, str(e)
        except BaseException as e:  # a panic of the converter is none of Exception
            if isinstance(e, (KeyboardInterrupt, SystemExit, MemoryError)):
                raise
            return None, ""

    return convert


def _depth(latex: str) -> int:
    """How deep it nests: braces, pairs of delimiters, and commands that take the next one as argument."""
    deepest = depth = 0
    for mark in re.findall(r"\\left\b|\\right\b|\\begin\b|\\end\b|\\.|[{}\[\]^_]", latex, re.S):
        if mark in ("{", "[", "\\left", "\\begin"):
            depth += 1
        elif mark in ("}", "]", "\\right", "\\end"):
            depth -= 1
        deepest = max(deepest, depth)
    chain = max((m[0].count("\\") for m in re.finditer(r"(?:\\[A-Za-z]+\s*){40,}", latex)), default=0)
    return max(deepest, chain)


def _rewritten(latex: str, display: bool) -> str:
    for pattern, to in _REWRITE:
        latex = pattern.sub(to, latex)
    latex = _TEXT.sub(_text, latex)
    if display and "\\begin" not in latex:
        latex = re.sub(r"\n\s*\n", r" \\\\ ", latex)
    bare = re.sub(r"\\begin\{(\w+\*?)\}.*\\end\{\1\}", "", latex, flags=re.S)
    if display and re.search(r"(?<!\\)&|\\\\", bare):
        latex = f"\\begin{{aligned}}{latex}\\end{{aligned}}"
    tags = re.findall(r"\\tag\*?\s*\{([^{}]*)\}", latex)
    if tags and not re.match(r"\\begin\{(?:align|gather|equation|flalign|multline)\*\}", latex):
        latex = re.sub(r"\\tag\*?\s*\{[^{}]*\}", "", latex)
        latex = f"\\begin{{equation*}}{latex}\\tag{{{', '.join(tags)}}}\\end{{equation*}}" if display else latex
    return latex.strip()


def _text(match: re.Match[str]) -> str:
    """Words in a formula: underscores are escaped, and math inside them becomes math beside them."""
    parts = re.split(r"(?<!\\)\$", match[1])
    command = match[0][: match[0].index("{")]
    if len(parts) % 2 == 0:
        parts = [match[1].replace("$", "\\$")]
    words = [re.sub(r"(?<!\\)([_#&^])", r"\\\1", part) for part in parts[::2]]
    out = f"{command}{{{words[0]}}}"
    for inside, after in zip(parts[1::2], words[1:], strict=True):
        out += f"{inside}{command}{{{after}}}"
    return out


def _definitions(text: str) -> list[tuple[int, int, str, str]]:
    """Commands that are defined in a text: (start, end, name, what it stands for)."""
    out = []
    for match in _DEFINITION.finditer(text):
        depth = 0
        for brace in re.finditer(r"\\.|[{}]", text[match.end() : match.end() + 2000], re.S):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 0 and brace[0] == "}":
                end = match.end() + brace.end()
                body = text[match.end() + 1 : end - 1]
                if match["operator"]:
                    body = f"\\operatorname{match['star']}{{{body}}}"
                out.append((match.start(), end, match["name"] or match["of"] or match["def"], body))
                break
    return out
