"""A query -> hits, as `diary search` and other programs ask for them. Holds the index open between queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperdiary import embed, encoder, ranking, search
from paperdiary import query as language
from paperdiary.build import Diary
from paperdiary.entry import Passage
from paperdiary.errors import DiaryError
from paperdiary.query import Query
from paperdiary.ranking import Asked, Spread
from paperdiary.search import Hit
from paperdiary.shardreader import Shards
from paperdiary.shards import hidden, paper_place, place
from paperdiary.store import Store

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TOKENS = encoder.MOST_TOKENS  #: of a query that count


@dataclass(frozen=True, slots=True)
class Scores:
    """What a query has to do with each passage of one index."""

    words: Array  #: (p,) whole numbers
    meaning: Array | None  #: (p,) cosines
    missing: float = 0.0  #: variance that is missing in them


class Searcher:
    """Answers queries over one diary; says when the index is older than the notes."""

    def __init__(self, diary: Diary, say: Callable[[str], None], *, exact: bool = False) -> None:
        """Open the index.

        Args:
            exact: embed queries with the whole model in place of the query encoder.

        Raises:
            DiaryError: there is no index, or it is damaged.
        """
        self._options = diary.config.options
        self._store = Store(diary.config)
        self._say = say
        self._exact = exact
        self._notes = Shards(place(self._store))
        self._encode: Callable[[Query, Asked], Array] | None = None
        self._cards = self._with_live(diary)
        identity = embed.identity(self._options)
        self._words_only = True
        if self._notes.meta["index"] is None:
            say("The search index was made without the model: searching by words alone until the next `diary build`.")
        elif self._notes.meta["model"] != hidden(identity):
            say("The search index was made with another model: searching by words alone until the next `diary build`.")
        else:
            self._words_only = False
            if self._notes.meta["text"] != search.fingerprint(diary.entries, identity):
                say("The notes have changed since the search index was made; `diary build` brings it up to date.")
        self._papers = papers(self._store, self._notes.meta["model"], say)

    def _with_live(self, diary: Diary) -> list[dict[str, Any] | None]:
        """entries.json with what the notes say today; None for entries that are gone."""
        live = {e.id: e for e in diary.entries}
        return [{**card, **live[card["id"]].as_dict()} if card["id"] in live else None for card in self._notes.entries]

    def search(self, query: str, k: int) -> list[Hit]:
        """The best `k` entries for a query; by words alone where there is no model to embed it."""
        asked_for = language.parse(query)
        for problem in language.problems(asked_for):
            self._say(problem)
        allowed = [n for n, card in enumerate(self._cards) if card and language.fits(asked_for, card)]
        if not asked_for.pieces:
            return self._by_date(allowed, k) if asked_for.filters else []
        cards = [self._cards[n] for n in allowed]
        if named := language.has_address(asked_for.text, [c for c in cards if c]):
            return self._plainly([allowed[n] for n in named][:k], "address")
        asked = ranking.look_up(asked_for, self._notes)
        self._tell(asked)
        return self._ranked(asked_for, asked, allowed, k)

    def _tell(self, asked: Asked) -> None:
        for word, others in asked.corrected.items():
            some = ", ".join(others[:3]) + (" and others" if len(others) > 3 else "")
            self._say(f"“{word}” is nowhere in the notes; searched for {some} instead.")

    # -- without a ranking

    def _by_date(self, allowed: Sequence[int], k: int) -> list[Hit]:
        newest = sorted(allowed, key=lambda n: self._card(n)["date"] or "", reverse=True)
        return self._plainly(newest[:k], "filter")

    def _plainly(self, numbers: Sequence[int], found_by: str) -> list[Hit]:
        out = []
        for rank, n in enumerate(numbers, 1):
            card = self._card(n)
            passage = self._passage(self._notes, card, card["row"], False)
            out.append(Hit(card["id"], rank, 0.0, 0.0, 0.0, passage, found_by))
        return out

    def _card(self, n: int) -> Mapping[str, Any]:
        card = self._cards[n]
        assert card is not None
        return card

    @staticmethod
    def _passage(shards: Shards, card: Mapping[str, Any], row: int, paper: bool) -> Passage:
        heading, text = shards.passage(row)
        return Passage(card["id"], row - card["row"], heading, text, paper)

    # -- ranked

    def _ranked(self, query: Query, asked: Asked, allowed: Sequence[int], k: int) -> list[Hit]:
        import numpy as np

        shards = self._notes
        scores = self._scores(shards, asked, self._vector(query, asked))
        by_words = Spread.of(scores.words)
        by_meaning = Spread.of(scores.meaning, scores.missing) if scores.meaning is not None else Spread(0.0, 0.0)
        total, z_meaning = self._total(scores, by_words, by_meaning, asked.size)
        mask = np.zeros(len(self._cards), bool)
        mask[list(allowed)] = True
        usable = mask[shards.owners]
        holding = ranking.holding(asked, shards)
        if holding is not None:
            usable &= holding
        if scores.meaning is None:
            usable &= scores.words > 0
        rows = ranking.in_order(total, np.flatnonzero(usable))
        titles = ((n, self._card(n)["title"]) for n in allowed)
        pinned = set(ranking.titled(query, titles))
        best = self._best_rows(rows, asked, pinned, k)
        hits = [self._hit(shards, n, row, total, z_meaning, scores, asked.marks) for n, row in best]
        if self._papers and not asked.phrases:
            hits = self._with_papers(hits, query, by_words, by_meaning, allowed, pinned, k)
        return [_ranked_as(hit, rank) for rank, hit in enumerate(hits, 1)]

    def _total(self, scores: Scores, by_words: Spread, by_meaning: Spread, size: int) -> tuple[Array, Array]:
        """(p,) weighted sums of z-scores, and the z-scores of meaning."""
        words = by_words.z(scores.words)
        meaning = by_meaning.z(scores.meaning) if scores.meaning is not None else words * 0.0
        return ranking.fused(self._notes.fusion, size, words, meaning), meaning

    def _scores(self, shards: Shards, asked: Asked, vector: Array | None) -> Scores:
        words = ranking.sums(asked, shards.count)
        if vector is None or shards.vectors is None or not shards.count:
            return Scores(words, None)
        meaning, missing = shards.vectors.scores(vector)
        return Scores(words, meaning, missing)

    def _best_rows(self, rows: Array, asked: Asked, pinned: set[int], k: int) -> list[tuple[int, int]]:
        """(entry, row) of the first k entries: those with the title asked for, then the others."""
        import numpy as np

        owners = self._notes.owners[rows]
        first = np.sort(np.unique(owners, return_index=True)[1])
        titled = [(int(owners[n]), int(rows[n])) for n in first if int(owners[n]) in pinned]
        titled.sort()
        if not asked.phrases:
            others = ((int(owners[n]), int(rows[n])) for n in first)
        else:
            others = self._saying(rows, owners, asked)
        out = titled[:k]
        taken = {n for n, _ in out}
        for n, row in others:
            if len(out) >= k:
                break
            if n not in taken:
                taken.add(n)
                out.append((n, row))
        return out

    def _saying(self, rows: Array, owners: Array, asked: Asked) -> Any:
        """(entry, row) of the rows, in order, in which the phrases stand as they were typed."""
        for row, n in zip(rows[: ranking.LOOKED_AT].tolist(), owners.tolist(), strict=False):
            fields = (self._card(n)["title"], *self._notes.passage(row))
            if all(any(ranking.says(phrase, text) for text in fields) for phrase in asked.phrases):
                yield n, row

    def _hit(
        self,
        shards: Shards,
        n: int,
        row: int,
        total: Array,
        z_meaning: Array,
        scores: Scores,
        marks: frozenset[str],
        card: Mapping[str, Any] | None = None,
    ) -> Hit:
        words = int(scores.words[row])
        meant = scores.meaning is not None and (z_meaning[row] >= 1 or not words)
        passage = self._passage(shards, card or self._card(n), row, card is not None)
        return Hit(
            entry=self._card(n)["id"],
            rank=0,
            score=round(float(total[row]), 4),
            semantic=round(float(scores.meaning[row]), 4) if scores.meaning is not None else 0.0,
            keyword=round(words * shards.unit, 4),
            passage=passage,
            found_by="both" if meant and words else "words" if words else "meaning",
            marks=marks,
        )

    def _with_papers(
        self,
        hits: list[Hit],
        query: Query,
        by_words: Spread,
        by_meaning: Spread,
        allowed: Sequence[int],
        pinned: set[int],
        k: int,
    ) -> list[Hit]:
        """Hits with those from the texts of papers among them, measured by the spread of the notes' scores."""
        import numpy as np

        shards = self._papers
        assert shards is not None
        asked = ranking.look_up(query, shards, others=self._notes)
        scores = self._scores(shards, asked, self._vector(query, asked))
        if not by_words.deviation:  # no note has any of these words
            by_words = Spread.of(np.concatenate([scores.words, np.zeros(self._notes.count)]))
        total, z_meaning = self._total(scores, by_words, by_meaning, asked.size)
        numbers = {self._card(n)["id"]: n for n in allowed}
        mask = np.array([card["id"] in numbers for card in shards.entries], bool)
        usable = mask[shards.owners]
        if scores.meaning is None:
            usable &= scores.words > 0
        rows = ranking.in_order(total, np.flatnonzero(usable))
        owners = shards.owners[rows]
        first = np.sort(np.unique(owners, return_index=True)[1])[: 2 * k]
        found = []
        for at in first:
            card = shards.entries[owners[at]]
            n = numbers[card["id"]]
            found.append(self._hit(shards, n, int(rows[at]), total, z_meaning, scores, asked.marks, card))
        titles = {self._card(n)["id"] for n in pinned}
        best: dict[str, Hit] = {}
        for hit in (*hits, *found):
            if hit.entry not in best or (hit.score > best[hit.entry].score and hit.entry not in titles):
                best[hit.entry] = hit
        return sorted(best.values(), key=lambda h: (h.entry not in titles, -h.score))[:k]

    # -- the query's vector

    def _vector(self, query: Query, asked: Asked) -> Array | None:
        """The query's (d,) unit vector; None where there is no model or nothing of the query is known to it."""
        if self._words_only:
            return None
        try:
            self._encode = self._encode or self._encoder()
            found = self._encode(query, asked)
        except DiaryError as e:
            self._words_only = True
            self._say(f"{e} Searching by words alone.")
            return None
        return found if found.any() else None

    def _encoder(self) -> Callable[[Query, Asked], Array]:
        table = None if self._exact else encoder.load(self._options, self._store)
        if table is None:
            model = embed.load(self._options)
            return lambda query, asked: model([ranking.meant(query, asked, lambda word: False)])[0]
        known = table
        return lambda query, asked: vector(known, ranking.meant(query, asked, lambda w: len(known.tokens(w)) == 1))


def vector(table: encoder.QueryEncoder, text: str) -> Array:
    """The (d,) float32 vector of a query, to the last bit as the page makes it."""
    import numpy as np

    return table.vector(table.tokens(text)[:TOKENS]).astype(np.float32)


def _ranked_as(hit: Hit, rank: int) -> Hit:
    from dataclasses import replace

    return replace(hit, rank=rank)


def papers(store: Store, model: str, say: Callable[[str], None]) -> Shards | None:
    """The index of the papers' texts, where there is one made with the same model and whole."""
    where = paper_place(store)
    try:
        found = Shards(where)
    except DiaryError:
        if (where.folder / "meta.json").exists():
            say("The index of the papers' texts is damaged and is not searched; `diary build` makes it again.")
        return None
    return found if found.count and found.meta["model"] == model else None
