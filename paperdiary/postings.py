"""The postings of terms: which passages hold a word, with BM25's weights, and their files (words/<n>.bin).

docs/search-format.md describes every byte.
"""

from __future__ import annotations

import math
import struct
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperdiary.keywords import order, terms

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, np.dtype[np.integer[Any]]]

K1, B = 1.2, 0.75  #: BM25: saturation of repeated words, weight of length (Robertson and Zaragoza, 2009)
IDF = 4096  #: steps of an idf of 1
WEIGHT = 255 / (K1 + 1)  #: steps of a saturated frequency of 1
UNIT = 1 / (256 * IDF * WEIGHT)  #: what one unit of a sum of w * idf * weight is in BM25
TITLE = 2  #: how often a title's word counts; measured on held-out pairs of title, abstract and keywords
MAGIC = b"PDW1"
BATCH = 1_500_000  #: words that are counted at a time, so that memory stays bounded
SHARD = 32 * 1024  #: bytes of postings in a file of words


@dataclass(frozen=True, slots=True)
class Postings:
    """One term: the passages that hold it."""

    term: str
    idf: int  #: in steps of 1/IDF
    rows: Ints  #: (df,), rising
    weights: Ints  #: (df,), 1 to 255


@dataclass(frozen=True, slots=True)
class Words:
    """The postings of all terms."""

    terms: list[str]  #: in string order
    idf: list[int]  #: in steps of 1/IDF
    ends: Ints  #: (terms + 1,): those of term n are rows[ends[n]:ends[n+1]]
    rows: Ints
    weights: Ints

    def __getitem__(self, n: int) -> Postings:
        part = slice(self.ends[n], self.ends[n + 1])
        return Postings(self.terms[n], self.idf[n], self.rows[part], self.weights[part])

    def df(self, n: int) -> int:
        """How many passages hold term n."""
        return int(self.ends[n + 1] - self.ends[n])


def index(passages: Iterable[tuple[str, str, str]]) -> Words:
    """The postings of all terms of passages.

    Args:
        passages: (title, heading, text) of each row; equal titles that follow each other are cut once.
    """
    import numpy as np

    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # a new term gets the next number
    number = numbers.__getitem__
    lengths: list[int] = []
    blocks: list[tuple[Ints, Ints, Ints]] = []  # term, row, frequency
    ids, sizes = array("i"), array("i")
    title: str | None = None
    head: list[int] = []
    head_length = first = 0

    def close() -> None:
        if not sizes:
            return
        rows = np.repeat(np.arange(first, first + len(sizes), dtype=np.int64), np.frombuffer(sizes, np.int32))
        keys, counts = np.unique(rows << 32 | np.frombuffer(ids, np.int32), return_counts=True)
        blocks.append(((keys & 0xFFFFFFFF).astype(np.int32), (keys >> 32).astype(np.int32), counts.astype(np.int32)))

    for row, (name, heading, text) in enumerate(passages):
        if name != title:
            title = name
            its, compounds = terms(name)
            head_length = len(its)
            head = [number(t) for t in (*its, *compounds)] * TITLE
        its, compounds = terms(f"{heading}\n{text}" if heading else text)
        lengths.append(len(its) + head_length)
        before = len(ids)
        ids.extend(head)
        ids.extend(map(number, its))
        ids.extend(map(number, compounds))
        sizes.append(len(ids) - before)
        if len(ids) > BATCH:
            close()
            ids, sizes, first = array("i"), array("i"), row + 1
    close()
    names = sorted(numbers, key=order)
    if not blocks:
        return Words([], [], np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
    place = np.empty(len(names), np.int32)
    place[[numbers[name] for name in names]] = np.arange(len(names))
    term, rows, counts = (np.concatenate([b[n] for b in blocks]) for n in range(3))
    term = place[term]
    by_term = np.argsort(term, kind="stable")
    term, rows, counts = term[by_term], rows[by_term], counts[by_term]
    length = np.array(lengths, dtype=np.float64)
    norm = K1 * (1 - B + B * length / max(length.mean(), 1e-9))
    weights = np.floor(counts * (K1 + 1) / (counts + norm[rows]) * WEIGHT + 0.5)
    ends = np.searchsorted(term, np.arange(len(names) + 1))
    rarity = [idf(len(lengths), df) for df in np.diff(ends).tolist()]
    return Words(names, rarity, ends, rows, np.clip(weights, 1, 255).astype(np.uint8))


def idf(passages: int, holding: int) -> int:
    """Inverse document frequency in whole steps, at least 1."""
    return max(1, math.floor(math.log(1 + (passages - holding + 0.5) / (holding + 0.5)) * IDF + 0.5))


def shards(words: Words, size: int = SHARD) -> Iterator[tuple[str, bytes]]:
    """(first term, bytes) of each file of words, of about `size` bytes."""
    import numpy as np

    codes, ends = _varints(words)
    df = np.diff(words.ends)
    first = total = 0
    for n, name in enumerate(words.terms):
        more = int(ends[n + 1] - ends[n] + df[n]) + len(name) + 12
        if n > first and total + more > size:
            yield words.terms[first], _shard(words, codes, ends, first, n)
            first, total = n, 0
        total += more
    if words.terms:
        yield words.terms[first], _shard(words, codes, ends, first, len(words.terms))


def _shard(words: Words, codes: bytes, ends: Ints, first: int, last: int) -> bytes:
    import itertools

    names = "".join(f"{name}\n" for name in words.terms[first:last]).encode("utf-8", "surrogatepass")
    names += b" " * (-len(names) % 4)
    weights = words.weights.data
    parts = [
        codes[ends[n] : ends[n + 1]] + bytes(weights[words.ends[n] : words.ends[n + 1]]) for n in range(first, last)
    ]
    offsets = [0, *itertools.accumulate(map(len, parts))]
    numbers = [*offsets, *map(words.df, range(first, last)), *words.idf[first:last]]
    head = struct.pack("<4sII", MAGIC, last - first, len(names))
    return b"".join((head, names, struct.pack(f"<{len(numbers)}I", *numbers), *parts))


def _varints(words: Words) -> tuple[bytes, Ints]:
    """LEB128 of each term's first row and the differences between its rows, and where each term's begin."""
    import numpy as np

    rows = words.rows.astype(np.int64)
    steps = np.diff(rows, prepend=0)
    starts = words.ends[:-1]
    steps[starts] = rows[starts]
    used = np.ones(len(steps), np.int64)
    for n in range(1, 5):
        used += steps >> (7 * n) > 0
    at = np.concatenate(([0], np.cumsum(used)))
    out = np.zeros(at[-1], np.uint8)
    for n in range(5):
        some = used > n
        out[at[:-1][some] + n] = (steps[some] >> (7 * n) & 127) | np.where(used[some] > n + 1, 128, 0)
    return out.tobytes(), at[words.ends]


class Shard:
    """One file of words, opened; postings are unpacked when they are asked for.

    Raises:
        ValueError: these are not the bytes of such a file.
    """

    def __init__(self, data: bytes) -> None:
        if data[:4] != MAGIC:
            raise ValueError("no file of words")
        try:
            _, count, names = struct.unpack_from("<4sII", data)
            self.names = data[12 : 12 + names].decode().split("\n")[:count]
            numbers = struct.unpack_from(f"<{3 * count + 1}I", data, 12 + names)
        except (struct.error, UnicodeDecodeError) as e:
            raise ValueError(str(e)) from None
        self.df = numbers[count + 1 : 2 * count + 1]
        self._idf = numbers[2 * count + 1 :]
        self._offsets = numbers[: count + 1]
        self._data = memoryview(data)[12 + names + 4 * len(numbers) :]
        self._keys = [order(name) for name in self.names]

    def find(self, term: str) -> int | None:
        """The number of a term in this file, or None."""
        at = bisect_left(self._keys, order(term))
        return at if at < len(self.names) and self.names[at] == term else None

    def beginning_with(self, text: str) -> list[int]:
        """The numbers of the terms that begin with a text."""
        at = bisect_left(self._keys, order(text))
        out = []
        while at < len(self.names) and self.names[at].startswith(text):
            out.append(at)
            at += 1
        return out

    def idf(self, number: int) -> int:
        """The rarity of a term, in steps of 1/IDF."""
        return int(self._idf[number])

    def postings(self, number: int) -> Postings:
        """Rows and weights of a term."""
        import numpy as np

        part = self._data[self._offsets[number] : self._offsets[number + 1]]
        df = self.df[number]
        split = len(part) - df
        raw = np.frombuffer(part[:split], np.uint8)
        ends = np.flatnonzero(raw < 128)
        starts = np.concatenate(([0], ends[:-1] + 1))
        shift = 7 * (np.arange(len(raw)) - np.repeat(starts, ends - starts + 1))
        steps = np.add.reduceat((raw & 127).astype(np.int64) << shift, starts)
        return Postings(self.names[number], self._idf[number], np.cumsum(steps), np.frombuffer(part[split:], np.uint8))
