"""LaTeX as authors type it into titles, names and abstracts -> text that reads well.

Formulas stay as they are, for the site to draw. Outside them accents, letters and signs become Unicode, and
what only sets type (fonts, protecting braces, ties) goes. It is no TeX: `%` and `_` are ordinary characters, as
arXiv and publishers treat them, and an unknown command stays visible.
"""

from __future__ import annotations

import re
import unicodedata

from paperdiary import maths

_MARKS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "NG": "Ŋ",
}  # fmt: skip
_SIGNS = {
    "S": "§", "P": "¶", "pounds": "£", "euro": "€", "copyright": "©", "ldots": "…", "dots": "…", "textendash": "–",
    "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”",
    "times": "×", "pm": "±", "degree": "°", "to": "→", "rightarrow": "→", "infty": "∞", "sim": "∼", "approx": "≈",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "cdot": "·", "LaTeX": "LaTeX", "TeX": "TeX",
    "textbackslash": "\\", "textasciitilde": "~", "textunderscore": "_", "textdollar": "$", "quad": " ", "space": " ",
    "newline": " ", "par": " ", "noindent": "", "protect": "", "xspace": "", "ell": "ℓ", "ast": "*", "star": "⋆",
}  # fmt: skip
_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_SIGNS |= {name: chr(0x3B1 + n) for n, name in enumerate(_GREEK) if name}
_SIGNS |= {name.capitalize(): chr(0x391 + n) for n, name in enumerate(_GREEK) if name}
_SIGNS |= {"varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "varsigma": "ς", "varrho": "ϱ"}

_FONTS = "emph|textit|textbf|textrm|texttt|textsc|textsf|textsl|textup|textnormal|text|mbox|hbox|underline|url|mathrm"
_FONTS += "|textsuperscript|textsubscript|ensuremath|MakeUppercase"
_FONT = re.compile(rf"\\(?:{_FONTS})\s*\{{([^{{}}]*)\}}")
_OLD_FONT = re.compile(r"\{\s*\\(?:em|it|bf|sc|rm|tt|sf|sl|itshape|bfseries|scshape|ttfamily)\b\s*([^{}]*)\}")
_HREF = re.compile(r"\\href\s*\{[^{}]*\}\s*\{([^{}]*)\}")
_NOTHING = re.compile(r"\s*\\(?:footnote|thanks|cite[tp]?|label|vspace|hspace)\*?\s*\{[^{}]*\}")
_BASE = r"(?:\{\s*(?P<braced>\\[ij]|[^\W\d_])\s*\}|(?P<plain>\\[ij](?![A-Za-z])\s?|[^\W\d_]))"
_ACCENT = re.compile(rf"\\(?P<mark>['`^\"~=.])\s*{_BASE}")
_LETTER_ACCENT = re.compile(rf"\\(?P<mark>[uvHckrdb])(?:\s*(?=\{{)|\s+){_BASE}")
_NAMES = "|".join(sorted(_LETTERS, key=len, reverse=True))
_LETTER = re.compile(rf"\\(?P<name>{_NAMES})(?:\{{\}}|\s+(?=[a-z])|(?![A-Za-z]))")
_SIGN = re.compile(r"\\(?P<name>[A-Za-z]+)(?:\{\}|(?![A-Za-z]))")
_PROTECTED = re.compile(r"(?<![\\^_\w}])\{([^\W\d_][\w-]*|[^\x00-\x7f]+)\}|\{([^\x00-\x7f])\}")
_MATH = re.compile(r"[$\\]")


def readable(text: str) -> str:
    """Plain text on one line; formulas stay between their dollars."""
    text = " ".join(text.split())
    if not re.search(r"[\\${}`~]|--", text):
        return text
    out: list[str] = []
    start = at = 0
    while found := _MATH.search(text, at):
        at = found.start()
        formula = maths.find(text, at, len(text)) if at == 0 or text[at - 1] != "\\" else None
        if formula:
            out += [_plain(text[start:at]), text[at : formula[0]]]
            start = at = formula[0]
        else:
            at += 2 if text[at] == "\\" else 1
    out.append(_plain(text[start:]))
    return " ".join("".join(out).split())


def _plain(text: str) -> str:
    text = _NOTHING.sub("", text)
    for _ in range(3):  # fonts within fonts
        text = re.sub(r"\{(\\[^\w\s]\s*(?:\\[ij]|[A-Za-z])|\\[A-Za-z]+)\}", r"\1{}", text)  # {\'e}, {\o}
        text = _ACCENT.sub(_accented, _LETTER_ACCENT.sub(_accented, text))
        text = _LETTER.sub(lambda m: _LETTERS[m["name"]], text)
        text = _OLD_FONT.sub(r"\1", _FONT.sub(r"\1", _HREF.sub(r"\1", text)))
        text = _PROTECTED.sub(lambda m: m[1] or m[2], text)
    text = _SIGN.sub(lambda m: _SIGNS.get(m["name"], m[0]), text)
    text = re.sub(r"(?<=[^\x00-\x7f])\{\}", "", text)
    text = re.sub(r"\\([&%_#${}])", r"\1", text)
    text = re.sub(r"\\[,;:! ]|\\\\|(?<=[\w.)\]])~(?=[\w\\$(\[])", " ", text)
    text = re.sub(r"\\[-/]", "", text)
    if "``" in text:
        text = text.replace("``", "“").replace("''", "”")
    text = re.sub(r"(?<!-)---(?!-)", "—", text)
    return re.sub(r"(?<=[\w.)\]”])--(?=[\w(“])|(?<= )--(?= )", "–", text)


def _accented(m: re.Match[str]) -> str:
    base = (m["braced"] or m["plain"]).strip().removeprefix("\\")
    whole = unicodedata.normalize("NFC", base + _MARKS[m["mark"]])
    return whole if len(whole) == 1 else unicodedata.normalize("NFC", base) + _MARKS[m["mark"]]
