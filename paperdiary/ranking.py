"""The words of a query and their stand-ins, and one ranking of words and meaning.

docs/search-format.md is the contract; the page does the same arithmetic in JavaScript.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paperdiary import keywords
from paperdiary.keywords import Word, fold
from paperdiary.postings import Postings
from paperdiary.query import Query
from paperdiary.shardreader import Shards

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TERMS = 64  #: distinct terms of a query
SHORTEST = 5  #: characters of a word that may have typing errors; shorter ones are too near to other words
LOOKED_AT = 200  #: rows whose text is looked at for a phrase
EXACT, COMPOUND, UNFINISHED, ONE_ERROR, TWO_ERRORS = 256, 128, 192, 204, 153  #: weights of a term, of 256
COMPLETIONS, CORRECTIONS = 32, 8  #: stand-ins of an unfinished word, of a word with typing errors


@dataclass(frozen=True, slots=True)
class Group:
    """One term of a query: its postings, or those of its stand-ins."""

    weight: int
    idf: int
    postings: tuple[Postings, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a query as the index knows them."""

    groups: tuple[Group, ...] = ()
    marks: frozenset[str] = frozenset()  #: terms to mark in what was found
    phrases: tuple[tuple[str, ...], ...] = ()
    corrected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: word -> what was searched in its place
    size: int = 1  #: distinct words
    repairs: Mapping[str, str] = field(default_factory=dict)  #: term -> its likeliest stand-in, for the same words


def look_up(query: Query, shards: Shards, others: Shards | None = None) -> Asked:
    """Find the words of a query, or what stands in for them.

    Args:
        others: where the rarity of a word is taken from, and which words need no stand-in: the notes, when the
            texts of papers are searched, so that the scores of both can be compared.
    """
    found = [(n, word) for n, (text, _) in enumerate(query.pieces) for word in keywords.words(text)]
    kept = [pair for pair in found if pair[1].term not in shards.stop] or found
    plain = {w.term for n, w in kept if not w.compound and not query.pieces[n][1]}
    single = {w.term for _, w in kept if not w.compound}
    distinct: dict[str, Word] = {}
    for _, word in kept:
        if word.term not in distinct or (distinct[word.term].compound and not word.compound):
            distinct[word.term] = word
    last = next((pair for pair in reversed(kept) if not pair[1].compound), None)
    unfinished = last[1] if last and _is_unfinished(query, *last) else None
    groups: list[Group] = []
    corrected: dict[str, tuple[str, ...]] = {}
    repairs: dict[str, str] = {}
    for term, word in list(distinct.items())[:TERMS]:
        known = others.find(term) if others else None
        if at := shards.find(term):
            postings = at[0].postings(at[1])
            rarity = known[0].idf(known[1]) if known else postings.idf
            groups.append(Group(EXACT if term in single else COMPOUND, rarity, (postings,)))
            continue
        if term not in plain or known:
            continue
        group = _completed(unfinished.text, shards) if unfinished and unfinished.term == term else None
        if group is None and (group := _corrected(term, shards)):
            corrected[word.text] = tuple(p.term for p in group.postings)
            repairs[term] = group.postings[0].term
        if group:
            groups.append(group)
    phrases = (tuple(w.term for w in keywords.words(text) if not w.compound) for text, phrase in query.pieces if phrase)
    marks = frozenset(p.term for g in groups for p in g.postings)
    size = max(1, min(len(single), TERMS))
    return Asked(tuple(groups), marks, tuple(p for p in phrases if p), corrected, size, repairs)


def meant(query: Query, asked: Asked, is_word: Callable[[str], bool]) -> str:
    """The text of a query as its meaning is read: words with typing errors as they were meant.

    Args:
        is_word: True for what is a word though the notes do not hold it; it stays.
    """
    out, changed = [], False
    for text, phrase in query.pieces:
        folded = fold(text)
        for word in reversed([] if phrase else list(keywords.words(text))):
            if not word.compound and word.term in asked.repairs and not is_word(word.text):
                folded = folded[: word.end - len(word.text)] + asked.repairs[word.term] + folded[word.end :]
                changed = True
        out.append(folded)
    return " ".join(out) if changed else query.text


def _is_unfinished(query: Query, piece: int, word: Word) -> bool:
    text, phrase = query.pieces[piece]
    least = 1 if keywords.is_joined(word.text) else 2
    at_end = query.open and piece == len(query.pieces) - 1 and word.end == len(fold(text))
    return at_end and not phrase and len(word.text) >= least


def _completed(text: str, shards: Shards) -> Group | None:
    """The terms that begin with an unfinished word."""
    found = [(-shard.df[n], keywords.order(shard.names[n]), shard, n) for shard, n in shards.beginning_with(text)]
    found.sort(key=lambda f: f[:2])
    return _group(UNFINISHED, [shard.postings(n) for _, _, shard, n in found[:COMPLETIONS]])


def _corrected(term: str, shards: Shards) -> Group | None:
    """The terms nearest to a word with typing errors."""
    if not SHORTEST <= len(term) <= 32 or not keywords.is_letter(term[0]):
        return None
    most = 2 if len(term) >= 8 else 1
    letters = set(term)
    near: list[tuple[int, int, bytes, str]] = []
    for other, df in shards.terms:
        # one edit changes the set of letters in two places at most
        if abs(len(other) - len(term)) <= most and len(letters.symmetric_difference(other)) <= 2 * most:
            far = distance(term, other, most)
            if far <= most:
                near.append((far, -df, keywords.order(other), other))
                most = min(most, far)
    best = sorted(n for n in near if n[0] == most)[:CORRECTIONS]
    places = [at for n in best if (at := shards.find(n[3]))]
    return _group(ONE_ERROR if most == 1 else TWO_ERRORS, [shard.postings(n) for shard, n in places])


def _group(weight: int, postings: list[Postings]) -> Group | None:
    return Group(weight, min(p.idf for p in postings), tuple(postings)) if postings else None


def distance(one: str, other: str, most: int) -> int:
    """Optimal string alignment distance (edits and swaps of neighbours), or `most` + 1 where it is above `most`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)


def sums(asked: Asked, count: int) -> Array:
    """(count,) whole numbers: the keyword sum of each passage."""
    import numpy as np

    out = np.zeros(count, np.int64)
    for group in asked.groups:
        if len(group.postings) == 1:
            only = group.postings[0]
            out[only.rows] += only.weights.astype(np.int64) * (group.weight * group.idf)
            continue
        best = np.zeros(count, np.int64)
        for one in group.postings:
            best[one.rows] = np.maximum(best[one.rows], one.weights)
        out += best * (group.weight * group.idf)
    return out


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and deviation of scores over all passages of the notes."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Array, missing: float = 0.0) -> Spread:
        if not len(values):
            return cls(0.0, 0.0)
        return cls(float(values.mean()), math.sqrt(float(values.var()) + missing))

    def z(self, values: Array) -> Array:
        """Standard scores; zeros where all values are equal."""
        return (values - self.mean) / self.deviation if self.deviation >= 1e-12 else values * 0.0


def fused(fusion: Mapping[str, float], size: int, words: Array, meaning: Array) -> Array:
    """One number a passage from the z-scores of words and of meaning.

    Args:
        fusion: the weights in meta.json.
        size: distinct words of the query; the fewer, the more they count.
    """
    return (fusion["words"] + fusion["short"] / size) * words + fusion["meaning"] * meaning


def in_order(totals: Array, rows: Array) -> Array:
    """`rows`, best first; equal ones by row. Totals count to nine decimals, so that the last bit decides nothing."""
    import numpy as np

    ranks = np.floor(totals[rows] * 1e9 + 0.5)
    return rows[np.lexsort((rows, -ranks))]


def holding(asked: Asked, shards: Shards) -> Array | None:
    """(p,) which passages hold all terms of all phrases; None where there is no phrase."""
    import numpy as np

    if not asked.phrases:
        return None
    out = np.ones(shards.count, bool)
    for term in {t for phrase in asked.phrases for t in phrase}:
        at = shards.find(term)
        has = np.zeros(shards.count, bool)
        if at:
            has[at[0].postings(at[1]).rows] = True
        out &= has
    return out


def says(phrase: Sequence[str], text: str) -> bool:
    """True where the terms of a phrase follow each other in a text."""
    terms = [w.term for w in keywords.words(text) if not w.compound]
    size = len(phrase)
    return any(tuple(terms[n : n + size]) == tuple(phrase) for n in range(len(terms) - size + 1))


def titled(query: Query, titles: Iterable[tuple[int, str]]) -> list[int]:
    """The numbers of the entries whose title is the query."""
    wanted = [w.term for text, _ in query.pieces for w in keywords.words(text) if not w.compound]
    if not wanted:
        return []
    first = wanted[0][:2]
    return [
        n
        for n, title in titles
        if first in fold(title) and [w.term for w in keywords.words(title) if not w.compound] == wanted
    ]


def marked(text: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """Where the words to mark are in a text: (start, end) of each, in order, not touching each other."""
    folded, places = [], []
    for place, character in enumerate(text):
        for one in fold(character):
            folded.append(one)
            places.append(place)
    spans: list[tuple[int, int]] = []
    for start, end, term in keywords.places("".join(folded)):
        if term in terms:
            begin, stop = places[start], places[end - 1] + 1
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
            else:
                spans.append((begin, stop))
    return spans
