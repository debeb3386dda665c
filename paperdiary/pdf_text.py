"""Strings from a PDF -> readable text: ligatures, accents, hyphens at line ends, letter-spacing, case."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from paperdiary.pdf_glyphs import LIGATURES

_LIGATURES = {chr(0xFB00 + i): s for i, s in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
_TEX_LIGATURES = str.maketrans({code: letters for code, letters in LIGATURES.items() if code != 13})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]")
#: TeX's old fonts draw an accent as a sign of its own, before or after its letter
_ACCENTS = dict(
    zip("´`¨ˆ˜ˇ˚¸˙¯˘˝", "\u0301\u0300\u0308\u0302\u0303\u030c\u030a\u0327\u0307\u0304\u0306\u030b", strict=True)
)
_ACCENT_FIRST = re.compile(
    r"(?<=[^\W\d_]) ?([´¨ˆ˜ˇ˚¸˙¯˘˝]) ?([A-Za-zı])|(?<![^\W\d_])([´¨ˆ˜ˇ˚˙˘˝]) ?([A-Zaeouci])(?=[a-z])"
)
_LOW = re.compile(r"[\x0b-\x1f]")
_BEFORE_SIGN = re.compile(r"(?<=[\w)\]}]) (?=[,;.](?:\s|$))")
_HYPHENS = ("-", "\u2010", "\u2011")
_HYPHEN = re.compile(r"([^\W_][\w’'./-]*)[-\u2010\u2011]$")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑’'][^\W\d_]+)*")
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffee\u3000-\u303f"
_UNSPACED = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")
#: words that form compounds with a hyphen, as their second part
_SECOND_WORDS = """
    agnostic aligned art aware based box centric class conditioned constrained context correlated cost data
    dependent dimensional domain driven edge efficient end fold form free friendly grade grained guided head hop
    independent intensive invariant label language layer length level like linear local modal memory order oriented
    out parametric part path point precision process quality range rank rate resolution robust scale seeking
    sensitive shot similarity sized source specific stage state step supervised task term the time to trained
    training tuned tuning turn type uniform user valued view ward weighted wide wise world
    """
_SECOND = frozenset(_SECOND_WORDS.split())
_SMALL_WORDS = """
    a an and as at but by for from if in into is nor of on or over per the to under upon via vs with
    """
_SMALL = frozenset(_SMALL_WORDS.split())


def mend(text: str) -> str:
    """One line of text: ligatures apart, accents on their letters, controls out, spaces single."""
    text = text.translate(_TEX_LIGATURES) if _LOW.search(text) else text
    if not text.isascii():
        for sign, letters in _LIGATURES.items():
            text = text.replace(sign, letters)
        text = text.replace("\u00a0", " ").replace("\u00ad", "-")
        text = _ACCENT_FIRST.sub(_composed, text)
        text = unicodedata.normalize("NFC", text)
    text = _BEFORE_SIGN.sub("", " ".join(_CONTROL.sub(" ", text).split()))
    return _UNSPACED.sub("", text) if not text.isascii() else text


def _composed(found: re.Match[str]) -> str:
    accent, letter = (found[1], found[2]) if found[1] else (found[3], found[4])
    letter = {"ı": "i"}.get(letter, letter)
    both = unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    return both if len(both) == 1 else found[0]


def unspaced(text: str) -> str:
    """`A B S T R A C T` -> `ABSTRACT`, where every word is one letter."""
    words = text.split()
    if len(words) >= 4 and all(len(w.strip(".:—–-")) <= 1 for w in words):
        return "".join(words)
    return text


class Words:
    """The vocabulary of one document: how it spells its words, with hyphens and capitals."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.spelt: Counter[str] = Counter()
        broken = False
        for text in texts:
            found = _WORD.findall(text)[1 if broken else 0 :]
            broken = text[-1:] in _HYPHENS
            self.spelt.update(found[:-1] if broken else found)  # the halves of a broken word are no words
        self.lower: Counter[str] = Counter()
        for word, count in self.spelt.items():
            self.lower[word.lower()] += count
            if "-" in word:  # the parts of a compound are words too
                for part in word.lower().split("-"):
                    self.lower[part] += 0

    def joined(self, before: str, after: str) -> str:
        """Two lines as one; a hyphen between them stays where the document spells the word with it."""
        if not before or not after:
            return before or after
        if _UNSPACED.search(f"{before[-1]} {after[0]}"):
            return before + after
        tail = before[-90:]
        if re.search(r"\w/$|https?://\S+$", tail) and not after[0].isupper():
            return before + after
        found = _HYPHEN.search(tail) if tail[-1] in _HYPHENS else None
        if not found:
            return f"{before} {after}"
        left = found[1]
        right = re.match(r"[^\W\d_]*", after)[0]  # type: ignore[index]
        return before + after if self._keeps(left, right) else before[:-1] + after

    def _keeps(self, left: str, right: str) -> bool:
        if not right or not right[0].islower() or left[-1].isdigit() or left.isupper():
            return True
        last = left.rpartition("-")[2].lower()
        whole, compound = self.lower[last + right.lower()], self.lower[f"{last}-{right.lower()}"]
        if whole or compound:
            return compound > whole
        if self.lower[f"{left.lower()}-{right.lower()}"]:
            return True
        if "-" in left and last in _SMALL:  # state-of-the-art
            return True
        if len(last) > 3 and len(right) > 3 and self.lower[last] and self.lower[right]:
            return True  # both are words of this document, and the two together are not
        return right in _SECOND and self.lower[last] > 0 and len(last) > 2

    def paragraph(self, lines: Sequence[str]) -> str:
        """Lines joined."""
        out = ""
        for line in lines:
            out = self.joined(out, line)
        return out

    def titled(self, text: str) -> str:
        """A title in capitals -> as the document writes its words elsewhere, else with first letters large."""
        letters = [c for c in text if c.isalpha()]
        if len(letters) < 5 or sum(c.isupper() for c in letters) < 0.9 * len(letters):
            return text
        out: list[str] = []
        for word in re.split(r"([^\w’']+)", text):
            first = not out or out[-1].rstrip().endswith((":", ".", "?", "!", "—", "–"))
            out.append(self._cased(word, first))
        return "".join(out)

    def _cased(self, word: str, first: bool) -> str:
        lower = word.lower()
        if not lower or lower.upper() == lower:
            return word
        forms = {f: n for f, n in self.spelt.items() if len(f) == len(word) and f.lower() == lower} if word else {}
        plain = forms.get(lower, 0) + forms.get(lower.capitalize(), 0)
        special = {f: n for f, n in forms.items() if f not in {lower, lower.capitalize()}}
        if special and not plain:
            best = max(special, key=lambda f: (special[f], f))
            if best != word or special[best] > 1 or len(word) <= 4:
                return best
        if lower in _SMALL and not first:
            return lower
        return lower[:1].upper() + lower[1:]


def garbled(text: str) -> bool:
    """True where text has no meaning: its fonts do not say which letters they draw."""
    sample = "".join(text[:20000].split())
    if len(sample) < 200:
        return False
    odd = sum(c == "\ufffd" or unicodedata.category(c) in {"Co", "Cn", "Cc", "So"} for c in sample)
    if odd > 0.2 * len(sample):
        return True
    letters = [c for c in sample if c.isalpha()]
    if len(letters) < 0.35 * len(sample):  # figures and tables, or glyph numbers
        return len(letters) < 0.15 * len(sample) and not any(c.isdigit() for c in sample[:2000])
    latin = [c for c in unicodedata.normalize("NFD", "".join(letters)).lower() if c < "\u0250"]
    if len(latin) < 0.7 * len(letters):
        return False
    return not 0.2 < sum(c in "aeiouyæøœı" for c in latin) / len(latin) < 0.6
