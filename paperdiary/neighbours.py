"""Which entries are near an entry by meaning, and how many of those a map leaves near it.

What did not change since the last build is not computed again: an entry whose text is the same keeps its
neighbours, unless one of them is gone, and only what is new is compared with all. Kept in
`.paperdiary/neighbours.bin`; a build in which nothing changed reads that and imports nothing heavy.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paperdiary.atlas import PROJECTIONS, Atlas
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError
from paperdiary.store import Store, write_atomic

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

FORMAT = 1
FEWEST = 10  #: neighbours that are known of every entry, where there are so many others
UNIT = 10_000  #: cosines are kept as whole numbers of 1/UNIT
BLOCK = 1_024  #: rows that are compared at a time
ANEW = 0.3  #: share of entries that changed, from which on all are compared again


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows are the positions of `ids`."""

    ids: tuple[str, ...] = ()
    k: int = 0  #: neighbours of each
    rows: Sequence[int] = ()  #: n * k rows, nearest first
    cosines: Sequence[int] = ()  #: n * k, in 1/UNIT
    of: int = 0  #: how many nearest ones `kept` is about
    #: projection -> of each entry's `of` nearest by meaning, how many are among the `of` nearest on that map, in %
    kept: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def near(self, row: int) -> list[tuple[int, float]]:
        """(row, cosine) of the nearest, nearest first."""
        at = range(row * self.k, (row + 1) * self.k)
        return [(self.rows[n], self.cosines[n] / UNIT) for n in at]

    def related(self, count: int) -> dict[str, list[tuple[str, float]]]:
        """id -> (id, cosine) of its `count` nearest, nearest first."""
        return {one: [(self.ids[r], c) for r, c in self.near(row)[:count]] for row, one in enumerate(self.ids)}

    def quality(self, projection: str) -> int:
        """The mean of `kept` in %; 100 where there is nothing to keep."""
        kept = self.kept.get(projection) or (100,)
        return round(sum(kept) / len(kept))


def looked_at(entries: int) -> int:
    """How many nearest ones a map is judged by: 10, in a small diary a third of the others.

    Of ten nearest among eleven others any map keeps nearly all, which would say nothing.
    """
    return min(FEWEST, max((entries - 1) // 3, 1 if entries > 1 else 0))


def update(
    store: Store, entries: Sequence[Entry], atlas: Atlas, identity: str, count: int, vectors: Callable[[], Array]
) -> Neighbours:
    """The neighbours of `entries`, from the last build's where those still hold.

    Args:
        atlas: has a place for each of them.
        identity: of the embedder.
        count: how many are wanted of each; there are FEWEST at least, where there are so many others.
        vectors: gives the (n, d) unit vectors of the entries; asked only where something changed.
    """
    path = store.cache / "neighbours.bin"
    ids = tuple(e.id for e in entries)
    k = max(0, min(max(count, FEWEST), len(ids) - 1))
    texts = [atlas.places[i].text if i in atlas.places else "" for i in ids]
    meant = _digest(FORMAT, identity, k, ids, texts)
    drawn = _digest(meant, [atlas.places[i].points if i in atlas.places else None for i in ids])
    last = _read(path)
    if last and last.drawn == drawn:
        return last.neighbours(ids)
    rows_of = _units(vectors())
    if last and last.meant == meant:
        found = last.neighbours(ids)
        rows, cosines = found.rows, found.cosines
    else:
        rows, cosines = _nearest(rows_of, k, last if last and last.identity == identity else None, ids, texts)
    points = {
        name: [atlas.places[i].points.get(name, (0.0, 0.0)) if i in atlas.places else (0.0, 0.0) for i in ids]
        for name in PROJECTIONS
    }
    of = looked_at(len(ids))
    kept = {name: kept_on(rows_of, rows, cosines, k, of, places) for name, places in points.items()}
    now = Neighbours(ids, k, rows, cosines, of, kept)
    _write(path, now, texts, identity, meant, drawn)
    return now


def _units(vectors: Array) -> Array:
    """Vectors with one dimension more where one has no length: there an entry without words lies, near to no other."""
    import numpy as np

    blank: Array = np.array([not vector.any() for vector in vectors], dtype=vectors.dtype)
    return np.hstack([vectors, blank[:, None]]) if blank.any() else vectors


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# -- by meaning


def _nearest(
    vectors: Array, k: int, last: _File | None, ids: Sequence[str], texts: Sequence[str]
) -> tuple[Sequence[int], Sequence[int]]:
    """n * k rows and cosines; what `last` knows of entries that did not change is taken over."""
    import numpy as np

    count = len(ids)
    if k < 1:
        return array("i"), array("h")
    if last is None or last.k != k:
        rows, cosines = _search(vectors, np.arange(count), k)
        return _flat(rows, "i"), _flat(cosines, "h")
    now = {pair: row for row, pair in enumerate(zip(ids, texts, strict=True))}
    moved = np.array([now.get(pair, -1) for pair in zip(last.ids, last.texts, strict=True)], dtype=np.int64)
    rows = np.full((count, k), -1, dtype=np.int64)
    cosines = np.zeros((count, k), dtype=np.int64)
    still = moved >= 0
    old = np.array(last.rows, dtype=np.int64).reshape(-1, k)
    rows[moved[still]] = moved[old[still]]
    cosines[moved[still]] = np.array(last.cosines, dtype=np.int64).reshape(-1, k)[still]
    fresh = np.setdiff1d(np.arange(count), moved[still])
    again = np.flatnonzero((rows < 0).any(axis=1))  # new themselves, or one of theirs is gone
    if len(again) > ANEW * count:
        rows, cosines = _search(vectors, np.arange(count), k)
        return _flat(rows, "i"), _flat(cosines, "h")
    rows[again], cosines[again] = _search(vectors, again, k)
    others = np.setdiff1d(np.arange(count), again)
    for at in range(0, len(others) if len(fresh) else 0, BLOCK):
        block = others[at : at + BLOCK]
        close = _whole(vectors[block] @ vectors[fresh].T)
        nearer = np.flatnonzero(close.max(axis=1) > cosines[block, -1])
        block = block[nearer]
        all_rows = np.hstack([rows[block], np.broadcast_to(fresh, (len(block), len(fresh)))])
        rows[block], cosines[block] = _best(all_rows, np.hstack([cosines[block], close[nearer]]), k)
    return _flat(rows, "i"), _flat(cosines, "h")


def _search(vectors: Array, wanted: Array, k: int) -> tuple[Array, Array]:
    """The k nearest of all to each of the `wanted` rows: (m, k) rows and cosines in 1/UNIT.

    For all rows at once by `knn.nearest`, which above 10,000 looks among those that lie near; for some, among all.
    """
    import numpy as np

    if len(wanted) == len(vectors):
        from paperdiary import knn

        found, squares = knn.nearest(vectors, k)
        close = _whole(1 - np.asarray(squares, dtype=np.float64) / 2)
        return _best(found, close, k)
    import faiss

    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    similar, found = faiss.knn(rows[wanted], rows, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    other = found != wanted[:, None]
    other[other.all(axis=1), -1] = False  # among equals a row may miss itself: then the farthest goes
    return _best(found[other].reshape(-1, k), _whole(similar[other].reshape(-1, k)), k)


def _best(rows: Array, close: Array, k: int) -> tuple[Array, Array]:
    """The k nearest in each line of (m, c) candidates, nearest first, of equally near ones the first row."""
    import numpy as np

    order = np.lexsort((rows, -close), axis=1)[:, :k]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(close, order, axis=1)


def _whole(cosines: Array) -> Array:
    import numpy as np

    return np.asarray(np.rint(np.clip(cosines, -1, 1) * UNIT), dtype=np.int64)


def _flat(values: Array, code: str) -> array[int]:
    out = array(code)
    out.frombytes(values.astype(f"={code}").tobytes())
    return out


# -- on the map


def kept_on(
    vectors: Array,
    rows: Sequence[int],
    cosines: Sequence[int],
    k: int,
    of: int,
    places: Sequence[tuple[float, float]],
) -> Sequence[int]:
    """Of each entry's `of` nearest by meaning, how many are among the `of` nearest on the map, in %.

    An entry as near as the last of them counts, on the map as by meaning, so that it does not matter which of
    several at one distance are listed.

    Args:
        rows: n * k, as in `Neighbours`; so are the cosines.
        places: n places on the map.
    """
    import numpy as np

    count = len(places)
    if of < 1:
        return array("b", [100] * count)
    from scipy.spatial import cKDTree

    points = np.array(places, dtype=np.float64)
    meant = np.array(rows, dtype=np.int64).reshape(count, k)[:, :of]
    least = np.array(cosines, dtype=np.int64).reshape(count, k)[:, of - 1]
    distance, found = cKDTree(points).query(points, k=of + 1)
    own = found == np.arange(count)[:, None]
    own[~own.any(axis=1), -1] = True  # more than `of` others at the very place
    drawn = found[~own].reshape(count, of)
    reach = distance[~own].reshape(count, of).max(axis=1) * (1 + 1e-9)
    on_map = (np.linalg.norm(points[meant] - points[:, None], axis=2) <= reach[:, None]).sum(axis=1)
    by_meaning = np.zeros(count, dtype=np.int64)
    for at in range(0, count, BLOCK):
        part = slice(at, at + BLOCK)
        close = _whole(np.einsum("nd,nkd->nk", vectors[part], vectors[drawn[part]]))
        by_meaning[part] = (close >= least[part, None]).sum(axis=1)
    return _flat(np.rint(100 * np.maximum(on_map, by_meaning) / of), "b")


# -- the file


@dataclass(frozen=True, slots=True)
class _File:
    """What the last build left."""

    identity: str
    meant: str
    drawn: str
    k: int
    of: int
    rows: array[int]
    cosines: array[int]
    kept: dict[str, array[int]]
    names: bytes

    def neighbours(self, ids: tuple[str, ...]) -> Neighbours:
        return Neighbours(ids, self.k, self.rows, self.cosines, self.of, self.kept)

    @property
    def ids(self) -> list[str]:
        return [str(i) for i in json.loads(self.names)[0]]

    @property
    def texts(self) -> list[str]:
        return [str(t) for t in json.loads(self.names)[1]]


def _write(path: Any, now: Neighbours, texts: Sequence[str], identity: str, meant: str, drawn: str) -> None:
    """A line of JSON, then the numbers as they lie in memory, then ids and hashes of texts as JSON."""
    head = {"n": len(now.ids), "k": now.k, "of": now.of, "identity": identity, "meant": meant, "drawn": drawn}
    numbers = [now.rows, now.cosines, *(now.kept[name] for name in PROJECTIONS)]
    body = b"".join(array(c, part).tobytes() for c, part in zip("ihbbb", numbers, strict=True))
    body += json.dumps([now.ids, list(texts)]).encode()
    line = json.dumps(head | {"order": _order(), "crc": zlib.crc32(body)}).encode()
    write_atomic(path, line + b"\n" + body, durable=False)


def _order() -> list[object]:
    """Numbers written by another kind of machine are not read."""
    import sys

    return [sys.byteorder, array("i").itemsize]


def _read(path: Any) -> _File | None:
    """The last build's file; None where there is none, or it is damaged."""
    try:
        line, _, body = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        n, k = int(head["n"]), int(head["k"])
        if head["order"] != _order() or head["crc"] != zlib.crc32(body):
            return None
        at, parts = 0, []
        for code, count in (("i", n * k), ("h", n * k), ("b", n), ("b", n), ("b", n)):
            part = array(code)
            part.frombytes(body[at : at + count * part.itemsize])
            at += count * part.itemsize
            parts.append(part)
        kept = dict(zip(PROJECTIONS, parts[2:], strict=True))
        identity, meant, drawn = (str(head[key]) for key in ("identity", "meant", "drawn"))
        return _File(identity, meant, drawn, k, int(head["of"]), parts[0], parts[1], kept, body[at:])
    except (OSError, ValueError, LookupError, TypeError, DiaryError):
        return None
