"""Words: text -> terms, as docs/search-format.md lays them down.

Characters are told apart by code points, never by the Unicode tables of a language, so that Python and
JavaScript cut every text in the same way.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 64  #: characters of a term
_STOP = """a an and are as at be but by for from has have how if in into is it its no not of on or such that the their
then there these they this to was we were what when which will with"""
#: left out of a query that has other words; only what carries no subject in any field
STOP = frozenset(_STOP.split())

#: written without spaces: kana, Han, Thai, Lao, Burmese, Khmer
JOINED = (
    "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f"
    "\u1780-\u17ff\U00020000-\U0003ffff"
)
#: what words are made of: everything from U+00DE on but signs, spaces and the above
LETTERS = (
    "\u00b5\u00de-\u00f6\u00f8-\u037d\u037f-\u0386\u0388-\u0559\u0560-\u0588\u0590-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5"
    "\u05c7-\u05f2\u05f5-\u05ff\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u0963\u0966-\u0e00\u0e5c-\u0e80"
    "\u0ee0-\u0fff\u10a0-\u167f\u1681-\u177f\u1800-\u180d\u180f-\u1fff\u2c00-\u2dff\ua000-\ud7ff\ufb00-\ufdff\ufe70-\ufefc"
    "\U00010000-\U0001d0ff\U0001d200-\U0001efff\U000e0100-\U000e01ef"
)
_ASCII_CUT = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_MARKS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ς": "σ", "ß": "ss", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"’": "'", "ʼ": "'"}
)
_PLAIN = re.compile("[a-z]+")


@functools.cache
def _pattern(source: str) -> re.Pattern[str]:
    """Made when a text needs it: these classes take longer to compile than a query takes to answer."""
    return re.compile(source)


def _cut(folded: str) -> re.Pattern[str]:
    """Finds runs of words connected by `-`, and runs of joined characters."""
    return _ASCII_CUT if folded.isascii() else _pattern(f"[a-z0-9{LETTERS}]+(?:-[a-z0-9{LETTERS}]+)*|[{JOINED}]+")


def _possessives(folded: str) -> list[int]:
    """Where a possessive `s` stands that is no word."""
    if "'s" not in folded:
        return []
    return [m.start() + 1 for m in _pattern(f"'s(?![a-z0-9{LETTERS}])").finditer(folded)]


def fold(text: str) -> str:
    """Lower case, without accents, in compatibility form: what looks alike becomes equal."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
    return text.lower().translate(_LETTERS)


@functools.lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """Plural and singular brought together; words of other letters than a-z stay."""
    if len(word) > 3 and word[-1] == "s" and _PLAIN.fullmatch(word):
        if len(word) > 4 and word.endswith("ies"):
            word = f"{word[:-3]}y"
        elif not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    return word if len(word) <= LONGEST else word[:LONGEST]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query."""

    term: str
    text: str  #: folded, not stemmed
    end: int  #: where it ends in the folded text
    compound: bool = False  #: words with `-` between them, written together


def words(text: str) -> Iterator[Word]:
    """The words of a query, a title or a phrase, in order; of scripts without spaces the pairs of characters."""
    folded = fold(text)
    possessive = _possessives(folded)
    for found in _cut(folded).finditer(folded):
        run, at = found[0], found.start()
        if is_joined(run):
            size = min(2, len(run))
            for n in range(len(run) - size + 1):
                yield Word(run[n : n + size], run[n : n + size], at + n + size)
            continue
        parts = run.split("-")
        chain: list[str] = []
        for part in parts:
            end = at + len(part)
            if at not in possessive:
                chain.append(part)
                yield Word(stem(part), part, end)
            at = end + 1
        if len(chain) > 1:
            whole = "".join(chain)
            yield Word(stem(whole), whole, at - 1, True)


def terms(text: str) -> tuple[list[str], list[str]]:
    """The terms of a passage, and its compounds, which do not count in its length."""
    folded = fold(text)
    for at in reversed(_possessives(folded)):
        folded = f"{folded[:at]}{folded[at + 1 :]}"
    runs = _cut(folded).findall(folded)
    if folded.isascii() and "-" not in folded:
        return list(map(stem, runs)), []
    out: list[str] = []
    compounds: list[str] = []
    for run in runs:
        if "-" in run:
            parts = run.split("-")
            out += map(stem, parts)
            compounds.append(stem("".join(parts)))
        elif is_joined(run):
            for n, character in enumerate(run):
                out.append(character)
                if n + 1 < len(run):
                    out.append(run[n : n + 2])
        else:
            out.append(stem(run))
    return out, compounds


def places(folded: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, term) of every word of a folded text; of scripts without spaces each character and each pair."""
    possessive = _possessives(folded)
    for found in _cut(folded).finditer(folded):
        run, at = found[0], found.start()
        if is_joined(run):
            for n in range(len(run)):
                yield at + n, at + n + 1, run[n]
                if n + 1 < len(run):
                    yield at + n, at + n + 2, run[n : n + 2]
            continue
        for part in run.split("-"):
            if at not in possessive:
                yield at, at + len(part), stem(part)
            at += len(part) + 1


def is_joined(text: str) -> bool:
    """True where a text begins with a character of a script written without spaces."""
    return text >= "\u0e01" and bool(_pattern(f"[{JOINED}]").match(text))


def is_letter(text: str) -> bool:
    """True where a text begins with a character of words that is no digit."""
    return "a" <= text[0] <= "z" or (text[0] > "\x7f" and bool(_pattern(f"[{LETTERS}]").match(text)))


def order(term: str) -> bytes:
    """Sorts terms as JavaScript's `<` does."""
    return term.encode("utf-16-be", "surrogatepass")
