"""The FAISS index of passages, words (BM25), and one ranking of both."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperdiary import embed, sources
from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError, NotFoundError
from paperdiary.store import Store, write_atomic

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

K1, B = 1.2, 0.75  #: BM25: saturation of repeated words, weight of length (Robertson and Zaragoza, 2009)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that answers a query, by its best passage."""

    entry: str  #: id
    rank: int  #: from 1
    score: float  #: sum of the z-scores of the two below over all passages
    semantic: float  #: cosine of query and passage
    keyword: float  #: BM25
    passage: Passage


def fingerprint(entries: Sequence[Entry], identity: str) -> str:
    """Changes when a passage, its entry or the embedder does."""
    digest = hashlib.blake2b(identity.encode(), digest_size=16)
    for entry in entries:
        for passage, text in zip(entry.passages, embed.passage_texts(entry), strict=True):
            digest.update(f"\0{passage.entry}\0{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def is_current(store: Store, made: str) -> bool:
    """True where the index on disk is of exactly these passages, and whole."""
    head = store.read_json(store.passages)
    return _whole(head, store) and head["made"] == made


def _whole(head: Any, store: Store) -> bool:
    """True where passages.json and index.faiss are as they were written, and belong together."""
    return (
        isinstance(head, dict)
        and isinstance(head.get("passages"), list)
        and head.get("check") == _rows_hash(head)
        and head.get("index") == _checksum(store)
    )


def _rows_hash(head: dict[str, Any]) -> str:
    rows = [head.get("made"), head.get("embedder"), head["passages"]]
    return hashlib.blake2b(json.dumps(rows).encode(), digest_size=16).hexdigest()


def _checksum(store: Store) -> str:
    try:
        return hashlib.blake2b(store.index.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def write_index(store: Store, entries: Sequence[Entry], vectors: Array, made: str, embedder: str = "") -> None:
    """Write index.faiss (inner product of unit vectors) and passages.json.

    Args:
        vectors: (p, d) unit vectors of all passages, entry by entry.
        made: their fingerprint.
        embedder: what made them, from `embed.identity`; a query must be embedded by the same.
    """
    import faiss
    import numpy as np

    index = faiss.IndexFlatIP(vectors.shape[1] if vectors.size else 1)
    if vectors.size:
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    write_atomic(store.index, faiss.serialize_index(index).tobytes())
    rows = [[p.entry, p.number, p.heading, p.text, entry.title] for entry in entries for p in entry.passages]
    head = {"made": made, "embedder": embedder, "index": _checksum(store), "passages": rows}
    head["check"] = _rows_hash(head)
    write_atomic(store.passages, json.dumps(head, ensure_ascii=False))


class Index:
    """The index on disk, read whole."""

    def __init__(self, store: Store) -> None:
        head = store.read_json(store.passages)
        if not store.passages.is_file() or not store.index.is_file():
            raise DiaryError("There is no search index yet. Run `diary build` first.")
        if not _whole(head, store):
            raise DiaryError("The search index is damaged. `diary build` makes it again.")
        import faiss
        import numpy as np

        self.made = str(head["made"])
        self.embedder = str(head["embedder"])
        self.passages = [Passage(str(r[0]), int(r[1]), str(r[2]), str(r[3])) for r in head["passages"]]
        self.titles = [str(r[4]) for r in head["passages"]]
        index = faiss.deserialize_index(np.frombuffer(store.index.read_bytes(), dtype=np.uint8))
        self.vectors: Array = (
            index.reconstruct_n(0, index.ntotal) if index.ntotal else np.zeros((0, index.d), np.float32)
        )
        self._words = [
            tokens(" ".join((t, p.heading, p.text))) for t, p in zip(self.titles, self.passages, strict=True)
        ]

    def keyword(self, query: str) -> Array:
        """BM25 of each passage: (p,)."""
        import numpy as np

        asked = set(tokens(query))
        count = len(self._words)
        mean = sum(map(len, self._words)) / max(count, 1)
        seen = Counter(word for words in self._words for word in asked & set(words))
        weight = {w: math.log(1 + (count - n + 0.5) / (n + 0.5)) for w, n in seen.items()}
        out = np.zeros(count)
        for row, words in enumerate(self._words):
            if asked & set(words):
                times = Counter(words)
                norm = K1 * (1 - B + B * len(words) / mean)
                out[row] = sum(weight[w] * times[w] * (K1 + 1) / (times[w] + norm) for w in asked if times[w])
        return out

    def search(self, query: str, vector: Array | None, allowed: set[str], k: int) -> list[Hit]:
        """The best `k` entries of `allowed`, one passage each.

        Args:
            vector: (d,) unit vector of the query; None searches by words alone.
        """
        import numpy as np

        if not self.passages:
            return []
        words = self.keyword(query)
        meaning = self.vectors @ vector if vector is not None else np.zeros(len(words))
        total = _z(words) + _z(meaning)
        hits: dict[str, int] = {}
        for row in np.argsort(-total, kind="stable"):
            entry = self.passages[row].entry
            if entry not in allowed or entry in hits or (vector is None and words[row] <= 0):
                continue
            hits[entry] = int(row)
            if len(hits) == k:
                break
        return [
            Hit(
                e,
                n,
                round(float(total[r]), 4),
                round(float(meaning[r]), 4),
                round(float(words[r]), 4),
                self.passages[r],
            )
            for n, (e, r) in enumerate(hits.items(), 1)
        ]

    def entry_vectors(self) -> tuple[list[str], Array]:
        """Ids, and the unit mean of each entry's passage vectors: (n, d)."""
        import numpy as np

        rows: dict[str, list[int]] = {}
        for row, passage in enumerate(self.passages):
            rows.setdefault(passage.entry, []).append(row)
        means = np.stack([self.vectors[r].mean(axis=0) for r in rows.values()]) if rows else self.vectors
        return list(rows), embed.normalised(means)


def tokens(text: str) -> list[str]:
    """Words in lower case, plurals brought together."""
    return [_stem(w) for w in _WORD.findall(text.lower())]


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _z(values: Array) -> Array:
    """Standard scores; zeros where all values are equal."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-12 else values * 0.0


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
    for way in ways if wanted else ():
        found = [e for e in entries if way(e)]
        if len(found) == 1 or (found and way is ways[0]):
            return found[0]
        if found and way is not ways[1]:
            some = "; ".join(f"“{e.title}” ({e.id})" for e in found[:5])
            raise NotFoundError(f"“{name}” can mean {len(found)} entries: {some}{'; …' if len(found) > 5 else '.'}")
    raise NotFoundError(f"No entry answers to “{name}”. `diary list` shows them all.")
