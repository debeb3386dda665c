"""A query in words -> hits. Holds the index and, once a query needs it, the model."""

from __future__ import annotations

from collections.abc import Callable

from paperdiary import embed, search
from paperdiary.build import Diary
from paperdiary.errors import ModelError
from paperdiary.search import Hit, Index
from paperdiary.store import Store


class Searcher:
    """Answers queries over one diary; says when the index is older than the notes."""

    def __init__(self, diary: Diary, say: Callable[[str], None]) -> None:
        self._options = diary.config.options
        self._say = say
        self._index = Index(Store(diary.config))
        self._ids = {e.id for e in diary.entries}
        self._encode: embed.Encode | None = None
        identity = embed.identity(self._options)
        self._words_only = self._index.embedder != identity
        if self._words_only:
            say("The search index was made with another model: searching by words alone until the next `diary build`.")
        elif self._index.made != search.fingerprint(diary.entries, identity):
            say("The notes have changed since the search index was made; `diary build` brings it up to date.")

    def search(self, query: str, k: int) -> list[Hit]:
        """The best `k` entries for a query; by words alone where the model cannot be loaded."""
        vector = None
        if not self._words_only:
            try:
                self._encode = self._encode or embed.load(self._options)
                vector = self._encode([query])[0]
            except ModelError as e:
                self._words_only = True
                self._say(f"{e} Searching by words alone.")
        return self._index.search(query, vector, self._ids, k)
