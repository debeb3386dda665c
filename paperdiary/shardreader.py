"""The files of one index, opened; docs/search-format.md describes them, shards.py writes them."""

from __future__ import annotations

import contextlib
import functools
import json
from bisect import bisect_right
from pathlib import Path
from typing import Any

from paperdiary import keywords, search
from paperdiary.errors import DiaryError
from paperdiary.postings import Shard
from paperdiary.search import checksum
from paperdiary.shards import DAMAGED, Place, read_meta


class Shards:
    """The files of one index, opened: each is read and checked when it is needed.

    Raises:
        DiaryError: there is none, or a file of it is damaged.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        if not (place.folder / "meta.json").is_file():
            raise DiaryError("There is no search index yet. Run `diary build` first.")
        meta = read_meta(place.folder)
        if meta is None:
            raise DiaryError(DAMAGED)
        self.meta = meta
        self.count = int(meta["passages"])
        self.fusion: dict[str, float] = meta["fusion"]
        self.unit = float(meta["words"]["unit"])
        self.stop = frozenset(meta["words"]["stop"])
        self._first = [keywords.order(term) for term in meta["words"]["first"]]

    def _read(self, path: Path, crc: str) -> bytes:
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            if checksum(data) == crc:
                return data
        raise DiaryError(DAMAGED)

    @functools.cached_property
    def entries(self) -> list[dict[str, Any]]:
        """entries.json."""
        found: list[dict[str, Any]] = json.loads(
            self._read(self.place.folder / "entries.json", self.meta["list"]["crc32"])
        )
        return found

    @functools.cached_property
    def vectors(self) -> search.Vectors | None:
        """The vectors; None where the index was built without the model."""
        if not self.meta["index"]:
            return None
        return search.Vectors(self._read(self.place.index, self.meta["index"]["crc32"]))

    @functools.cache  # noqa: B019 - lives as long as the command
    def _block(self, n: int) -> list[list[str]]:
        path = self.place.folder / "passages" / f"{n}.json"
        found: list[list[str]] = json.loads(self._read(path, self.meta["blocks"]["crc32"][n]))
        return found

    def passage(self, row: int) -> tuple[str, str]:
        """(heading, text) of a row."""
        first = self.meta["blocks"]["first"]
        n = bisect_right(first, row) - 1
        heading, text = self._block(n)[row - first[n]]
        return heading, text

    @functools.cache  # noqa: B019
    def words(self, n: int) -> Shard:
        """The n-th file of words."""
        return Shard(self._read(self.place.folder / "words" / f"{n}.bin", self.meta["words"]["crc32"][n]))

    def shard_of(self, term: str) -> int | None:
        """The number of the file of words where a term would be."""
        n = bisect_right(self._first, keywords.order(term)) - 1
        return n if n >= 0 else None

    def find(self, term: str) -> tuple[Shard, int] | None:
        """Where the postings of a term are, or None where no passage holds it."""
        n = self.shard_of(term)
        at = None if n is None else self.words(n).find(term)
        return None if n is None or at is None else (self.words(n), at)

    def beginning_with(self, text: str) -> list[tuple[Shard, int]]:
        """The terms that begin with a text, as far as its file and the next one hold them."""
        n = self.shard_of(text)
        start = 0 if n is None else n
        numbers = [k for k in (start, start + 1) if k < len(self._first)]
        return [(self.words(k), at) for k in numbers for at in self.words(k).beginning_with(text)]

    @functools.cached_property
    def terms(self) -> list[tuple[str, int]]:
        """(term, df) of the words that a word with a typing error may stand for."""
        data = self._read(self.place.folder / "words" / "terms.txt", self.meta["words"]["terms"]["crc32"])
        lines = (line.split("\t") for line in data.decode().split("\n")[:-1])
        return [(term, int(df)) for term, df in lines]

    @functools.cached_property
    def owners(self) -> Any:
        """(p,) number of each row's entry."""
        import numpy as np

        return np.repeat(np.arange(len(self.entries)), [e["count"] for e in self.entries])
