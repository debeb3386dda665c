r"""Text of a note <-> text of a .bib file: LaTeX's own signs, capitals that must stay, addresses.

Letters stay Unicode, which biber reads and LaTeX has read since 2018; formulas stay between their dollars.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from paperdiary import maths, tidy

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
_SIGNS = re.compile(r"[\\{}~^&%$#_<>|]")
#: signs that LaTeX draws together: dashes, quotation marks, Spanish question marks
_PAIRS = re.compile(r"--|``|''|[?!]`|,,")
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')|(?<=[?!])(?=`)|(?<=,)(?=,)")
#: commands that a formula in a title has no use for, and that do more than draw
_UNSAFE = re.compile(
    r"\\(?:input|include|openin|openout|read|write|immediate|special|catcode|csname|def|edef|gdef|xdef|let|futurelet"
    r"|newcommand|renewcommand|providecommand|usepackage|expandafter|directlua|loop|repeat|every\w+|end|begin|verb"
    r"|href|url|loop|jobname|output|shipout|batchmode|relax|uppercase|lowercase|scantokens|primitive|pdf\w+)"
    r"(?![A-Za-z])|\\[()\[\]]|%|\^\^"
)
_SIMPLE = (
    (r"\&", "&"),
    (r"\%", "%"),
    (r"\_", "_"),
    (r"\#", "#"),
    ("~", " "),
    ("---", "—"),
    ("--", "–"),
    ("``", "“"),
    ("''", "”"),
)
_TOKEN = re.compile(r"\w(?:[\w’'.]|-(?!-))*\w|\w|\s+|[^\w\s]+")
_GROUP = re.compile(r"(?<![\\A-Za-z*\]}^_])\{")
ALL = "*"  #: in place of words: every capital stays


def line(text: str) -> str:
    """One line without signs that cannot be seen."""
    if not (text.isascii() and text.isprintable()):
        text = tidy.INVISIBLE.sub("", text)
    return " ".join(text.split())


def escaped(text: str) -> str:
    """A text in which LaTeX finds nothing to do, except in its formulas."""
    return "".join(_formula(part, latex) or escaped_plainly(part) for part, latex in _parts(line(text)))


def escaped_plainly(text: str) -> str:
    r"""The same for a text that holds no formulas.

    >>> escaped_plainly("100 % of R&D--")
    '100 \\% of R\\&D-{}-'
    """
    if text.isalnum():
        return text
    if _PAIRS.search(text):
        text = _LIGATURE.sub("\0", text)
    return _SIGNS.sub(lambda m: _SPECIAL[m[0]], text).replace("\0", "{}")


def _parts(text: str) -> list[tuple[str, str]]:
    return maths.parts(text) if "$" in text or "\\" in text else [(text, "")]


def _formula(part: str, latex: str) -> str:
    """A formula as it can stand in a .bib; "" where it could end its field or do anything but be drawn."""
    unescaped = re.sub(r"\\[{}]", "", latex)  # some readers count escaped braces, others do not
    if (
        not latex
        or not balanced(latex)
        or not balanced(unescaped)
        or _UNSAFE.search(latex)
        or "$" in latex
        or "@" in latex
    ):
        return ""
    return part if part == f"${latex}$" or part == f"\\({latex}\\)" else f"${latex}$"


def balanced(text: str) -> bool:
    """BibTeX counts every brace, an escaped one too."""
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


# -- titles


def title(text: str, keep: Collection[str] = ()) -> str:
    """A title whose capitals stay: BibTeX's styles write what stands outside of braces in lower case.

    Args:
        keep: words to be kept besides those that the rule keeps, or `ALL`.
    """
    text = line(text)
    if ALL in keep:
        return f"{{{escaped(text)}}}"
    out = []
    for part, word, kept in _words(text):
        shown = part if word is None else escaped_plainly(word)
        out.append(f"{{{shown}}}" if kept or (word is not None and word in keep) else shown)
    return "".join(out)


def _words(text: str) -> Iterator[tuple[str, str | None, bool]]:
    """(source, None, False) of each formula and what is between words; (word, word, kept by the rule)."""
    words = re.findall(r"[^\W\d_]{4,}", text)
    sentence = sum(w[0].isupper() for w in words) * 2 <= len(words)  # "On the heat of compost in Bergen"
    start = True
    for part, latex in _parts(text):
        formula = _formula(part, latex)
        if formula:
            yield formula, None, False
            start = False
            continue
        for token in _TOKEN.findall(part):
            if not (token[0].isalnum() or token[0] == "_"):
                yield escaped_plainly(token), None, False
                start = start or any(sign in ":?!." for sign in token)
                continue
            for number, word in enumerate(token.split("-")):
                if number:
                    yield "-", None, False
                yield word, word, _is_kept(word, sentence and not start)
            start = False


def _is_kept(word: str, name: bool) -> bool:
    """Where a capital means something: acronyms, single letters, names in running text."""
    inner = any(c.isupper() for c in word[1:])
    single = len(word) == 1 and word.isupper() and word not in "AI"
    return inner or single or (name and word[:1].isupper())


def kept_words(source: str, plain: str) -> list[str]:
    """The words of a title in a .bib that braces keep and that `title` would not keep by itself.

    Args:
        source: the field as it stands there.
        plain: what `decode` makes of it.
    """
    source = " ".join(source.split())
    if source.startswith("{") and _closing(source, 0) == len(source) - 1:
        return [ALL]
    by_rule = {word for _, word, kept in _words(plain) if word and kept}
    out: list[str] = []
    for found in _GROUP.finditer(source):
        close = _closing(source, found.start())
        if close < 0 or source[found.end() : found.end() + 1] == "\\" or source.count("$", 0, found.start()) % 2:
            continue
        before = re.search(r"[\w{}]*$", source[: found.start()])
        after = re.match(r"[\w{}]*", source[close + 1 :])
        whole = (before[0] if before else "") + source[found.start() : close + 1] + (after[0] if after else "")
        out += [w for w in re.findall(r"\w[\w’'.]*", decode(whole)) if any(c.isupper() for c in w)]
    known = {word for _, word, _ in _words(plain) if word}
    return [w for w in dict.fromkeys(out) if w in known and w not in by_rule]


def _closing(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        if text[place] in "{}" and text[place - 1 : place] != "\\":
            depth += 1 if text[place] == "{" else -1
            if depth == 0:
                return place
    return -1


# -- addresses


def address(url: str) -> str:
    r"""A URL for \url, which reads all signs as they are: only what would end the field is encoded."""
    return re.sub(r"[\s{}\\\"<>^`|]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


# -- and back


def decode(text: str) -> str:
    """LaTeX as plain text: accents, quotes, dashes; braces go, formulas stay. A percent sign is no comment."""
    if "$" not in text:
        for simple, plain in _SIMPLE:
            text = text.replace(simple, plain)
    if "\\" not in text and "$" not in text:
        return text.replace("{", "").replace("}", "")
    return _latex(re.sub(r"(?<!\\)([%&#])", r"\\\1", text))


def _latex(text: str) -> str:
    plain = str(_converter().latex_to_text(text))
    return re.sub(r"<(https?://[^<>\s]+)>", r"\1", plain).replace("\u00a0", " ")


@lru_cache(maxsize=1)
def _converter() -> Any:
    from pylatexenc import latex2text  # type: ignore[import-untyped]

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    signs = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^", "textbar": "|", "textless": "<"}
    signs |= {"textgreater": ">", "textasciitilde": "~", "textbackslash": "\\", "textquotesingle": "'"}
    known = latex2text.get_default_latex_context_db()
    macros = [latex2text.MacroTextSpec(name, simplify_repl=sign) for name, sign in signs.items()]
    known.add_context_category("signs", prepend=True, macros=macros)
    return latex2text.LatexNodes2Text(latex_context=known, math_mode="verbatim", keep_comments=True)
