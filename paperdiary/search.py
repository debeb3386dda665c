"""The vectors of the passages on disk (`index.faiss`), nearest entries, and finding an entry by its name.

faiss makes the file; it is read with numpy alone, which starts in a tenth of the time, and by the page.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperdiary import embed, sources
from paperdiary.entry import Entry, Passage
from paperdiary.errors import NotFoundError

if TYPE_CHECKING:
    import numpy as np

    from paperdiary.store import Store

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

FORMAT = 1  #: of all files of the search; docs/search-format.md
FLAT = 256  #: up to so many passages the vectors are kept as they are; above, in 8 bits a number
LISTS = 200_000  #: above so many passages they are kept in lists, of which a query visits the nearest
STEP = 256  #: rows that are multiplied at a time: they stay in the cache, and BLAS starts no threads for them


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that answers a query, by its best passage."""

    entry: str  #: id
    rank: int  #: from 1
    score: float  #: weighted sum of the z-scores of the two below over all passages of the notes
    semantic: float  #: cosine of query and passage
    keyword: float  #: BM25
    passage: Passage
    found_by: str = "meaning"  #: "words", "meaning", "both"; "address" or "filter" where nothing was ranked
    marks: frozenset[str] = frozenset()  #: the terms whose words are to be marked


def fingerprint(entries: Sequence[Entry], identity: str) -> str:
    """Changes when a passage, its entry or the embedder does."""
    digest = hashlib.blake2b(f"{FORMAT}\0{identity}".encode(), digest_size=16)
    for entry in entries:
        for passage, text in zip(entry.passages, embed.passage_texts(entry), strict=True):
            digest.update(f"\0{passage.entry}\0{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def index_bytes(vectors: Array) -> tuple[bytes, str, int]:
    """The FAISS index (inner product) of unit vectors, its kind ("flat", "sq8", "ivf") and the lists to visit.

    Args:
        vectors: (p, d), one row a passage.
    """
    import faiss
    import numpy as np

    count, d = vectors.shape[0], vectors.shape[1] or 1
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if count <= FLAT:
        index: faiss.Index = faiss.IndexFlatIP(d)
        kind, probe = "flat", 0
    elif count <= LISTS:
        index = faiss.IndexScalarQuantizer(d, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        kind, probe = "sq8", 0
    else:
        lists = max(2, int(2 * count**0.5))
        quantizer = faiss.IndexFlatIP(d)
        means = faiss.Clustering(d, lists)  # means, so that they stand for the rows of lists not visited
        means.niter, means.seed, means.max_points_per_centroid = 8, 42, 64
        found = faiss.IndexFlatL2(d)  # the means are taken from here: faiss.Kmeans fails in a process with PyMuPDF
        means.train(rows, found)
        quantizer.add(found.reconstruct_n(0, lists))
        ivf = faiss.IndexIVFScalarQuantizer(
            quantizer, d, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
        )
        kind, probe = "ivf", min(lists, max(8, lists // 5))
        ivf.nprobe = probe
        index = ivf
    if count:
        index.train(rows)
        for at in range(0, count, 65_536):
            index.add(rows[at : at + 65_536])
    return faiss.serialize_index(index).tobytes(), kind, probe


class Vectors:
    """The vectors in the bytes of an index.faiss.

    Raises:
        ValueError: these bytes are no such index.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._read(data)
        except struct.error as e:
            raise ValueError(str(e)) from None

    def _read(self, data: bytes) -> None:
        import numpy as np

        kind = data[:4]
        self.d, self.count = struct.unpack_from("<iq", data, 4)
        self._lists: list[Any] = []  # (rows, codes) of each
        at = 37
        if kind == b"IxFI":
            self._rows = np.frombuffer(data, "<f4", self.count * self.d, 45).reshape(self.count, self.d)
            self._low = None
            return
        if kind == b"IwSq":
            lists, self.probe = struct.unpack_from("<QQ", data, at)
            self._centres = np.frombuffer(data, "<f4", lists * self.d, at + 61).reshape(lists, self.d)
            at += 16 + 45 + self._centres.nbytes + 9
        elif kind != b"IxSQ":
            raise ValueError("an index of another kind")
        if struct.unpack_from("<i", data, at)[0] != 0:
            raise ValueError("not 8 bits a number")
        at += 36
        self._low = np.frombuffer(data, "<f4", self.d, at).astype(np.float64)
        self._span = np.frombuffer(data, "<f4", self.d, at + 4 * self.d).astype(np.float64)
        at += 8 * self.d + 8
        if kind == b"IxSQ":
            self._rows = np.frombuffer(data, np.uint8, self.count * self.d, at).reshape(self.count, self.d)
            return
        at += 1 + 24
        if data[at - 4 : at] != b"full":
            raise ValueError("lists of another kind")
        sizes = np.frombuffer(data, "<u8", lists, at + 8).tolist()
        at += 8 + 8 * lists
        for size in sizes:
            codes = np.frombuffer(data, np.uint8, size * self.d, at).reshape(size, self.d)
            self._lists.append((np.frombuffer(data, "<i8", size, at + codes.nbytes), codes))
            at += size * (self.d + 8)

    def scores(self, query: Array) -> tuple[Array, float]:
        """Inner products with a query, float64 (p,), and the variance that is missing in them.

        Rows of lists that are not visited get their list's mean; the variance within those lists is taken to be
        that within the lists visited.
        """
        import numpy as np

        q = np.asarray(query, dtype=np.float64)
        if self._low is None:
            return _products(self._rows, q), 0.0
        weight = q * self._span / 255
        base = float((q * (self._low + self._span * 0.5 / 255)).sum())
        if not self._lists:
            return _products(self._rows, weight) + base, 0.0
        near = _products(self._centres, q)
        out = np.empty(self.count)
        visited = set(np.argsort(-near, kind="stable")[: self.probe].tolist())
        seen, squares = 0, 0.0
        for number, (rows, codes) in enumerate(self._lists):
            if number not in visited:
                out[rows] = near[number]
                continue
            out[rows] = found = _products(codes, weight) + base
            seen += len(found)
            squares += float(((found - near[number]) ** 2).sum())
        return out, (1 - seen / self.count) * squares / max(seen, 1)

    def rows(self) -> Array:
        """All vectors, float32 (p, d)."""
        import numpy as np

        if self._low is None:
            return self._rows
        out = np.empty((self.count, self.d), np.float32)
        for rows, codes in self._lists or [(slice(None), self._rows)]:
            out[rows] = self._low + self._span * ((codes + 0.5) / 255)
        return out


def _products(rows: Array, query: Array) -> Array:
    import numpy as np

    out = np.empty(len(rows))
    for at in range(0, len(rows), STEP):
        out[at : at + STEP] = rows[at : at + STEP].astype(np.float64) @ query
    return out


class Index:
    """The vectors of the notes' passages, as the last build left them.

    Raises:
        DiaryError: there is no index, or it is damaged.
    """

    def __init__(self, store: Store) -> None:
        from paperdiary.shardreader import Shards
        from paperdiary.shards import place

        self._shards = Shards(place(store))

    def entry_vectors(self) -> tuple[list[str], Array]:
        """Ids, and the unit mean of each entry's passage vectors: (n, d); none where there are no vectors."""
        import numpy as np

        vectors, entries = self._shards.vectors, self._shards.entries
        if vectors is None or not entries:
            return [], np.zeros((0, 0), np.float32)
        rows = vectors.rows()
        means = np.add.reduceat(rows.astype(np.float64), [e["row"] for e in entries], axis=0)
        counts = np.array([e["count"] for e in entries])
        return [e["id"] for e in entries], embed.normalised(means / counts[:, None])


def checksum(data: bytes) -> str:
    """crc32 as 8 hexadecimal digits."""
    return f"{zlib.crc32(data):08x}"


def nearest(ids: Sequence[str], vectors: Array, k: int) -> dict[str, list[tuple[str, float]]]:
    """For each entry its `k` nearest others by cosine, nearest first.

    Args:
        vectors: (n, d) unit vectors, in the order of `ids`.
    """
    import numpy as np

    out: dict[str, list[tuple[str, float]]] = {}
    keep = min(k, len(ids) - 1)
    for at in range(0, len(ids), 1024):
        similar = vectors[at : at + 1024] @ vectors.T
        for row, values in enumerate(similar):
            if keep < 1:
                out[ids[at + row]] = []
                continue
            values[at + row] = -2.0
            best = np.argpartition(-values, keep - 1)[:keep]
            best = best[np.lexsort((best, -values[best]))]
            out[ids[at + row]] = [(ids[b], round(float(values[b]), 4)) for b in best]
    return out


def nearest_to(entry: str, ids: Sequence[str], vectors: Array) -> list[tuple[str, float]]:
    """All other entries by cosine to one of them, nearest first."""
    import numpy as np

    at = ids.index(entry)
    similar = vectors @ vectors[at]
    return [(ids[n], round(float(similar[n]), 4)) for n in np.argsort(-similar, kind="stable") if n != at]


def find_entry(entries: Sequence[Entry], name: str) -> Entry:
    """The entry that `name` means: an id, an address, a note's path, a title or a part of one.

    Raises:
        NotFoundError: none, or several, answer to it.
    """
    wanted = name.strip()
    source = sources.resolve(wanted)
    lower = wanted.lower()
    ways: tuple[Callable[[Entry], bool], ...] = (
        lambda e: e.id == wanted,
        lambda e: source is not None and source.identity in {s.identity for s in e.sources},
        lambda e: lower in {e.note.lower(), f"notes/{e.note}".lower(), e.page.lower(), e.page.rstrip("/").lower()},
        lambda e: e.title.lower() == lower,
        lambda e: lower in e.title.lower(),
        lambda e: lower in e.note.lower(),
    )
    several: list[Entry] = []
    for way in ways if wanted else ():
        found = [e for e in entries if way(e)]
        if len(found) == 1 or (found and way is ways[0]):
            return found[0]
        several = several or found
        if found and way is not ways[1]:  # an address that two notes share may be in the name of one
            break
    if several:
        some = "; ".join(f"“{e.title}” ({e.id})" for e in several[:5])
        raise NotFoundError(f"“{name}” can mean {len(several)} entries: {some}{'; …' if len(several) > 5 else '.'}")
    raise NotFoundError(f"No entry answers to “{name}”. `diary list` shows them all.")
