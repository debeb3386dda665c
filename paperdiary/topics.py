"""Where a new note belongs: folders under notes/, and which of them the nearest entries suggest."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError, UsageError
from paperdiary.notes import excluder
from paperdiary.search import Hit
from paperdiary.slugs import slug

INBOX = "inbox"  #: topic of what nobody filed
VOTERS = 10  #: nearest entries that say where they lie
ASKED = 2 * VOTERS  #: hits that are asked for; some have no vote
SCALE = 1.5  #: an entry's vote is exp(score / SCALE)
SURE = 0.45  #: share of the votes from which a suggestion is followed unasked,
CLOSE = 0.45  #: where the three nearest have at least this mean cosine; all four measured by scripts/bench_topics.py
_QUERY_WORDS = 250  #: of an abstract that are asked for


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near to what is added."""

    entry: Entry
    score: float  #: of the search, relative to all passages
    similarity: float  #: cosine; 0 where the search went by words alone
    keyword: float = 0.0  #: BM25


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Topics that the nearest entries speak for, the best first, with their shares of the votes."""

    topics: tuple[tuple[str, float], ...] = ()
    nearest: tuple[Near, ...] = ()

    @property
    def best(self) -> tuple[str, float]:
        """(topic, its share), ("", 0) where nothing is suggested."""
        return self.topics[0] if self.topics else ("", 0.0)

    @property
    def close(self) -> float:
        """Mean cosine of the three nearest; without cosines 1 where they share words with what is added."""
        first = self.nearest[:3]
        if not any(n.similarity for n in first):
            return float(bool(first) and all(n.keyword > 0 for n in first))
        return sum(n.similarity for n in first) / len(first)

    @property
    def sure(self) -> bool:
        """True where the best topic may be taken unasked."""
        return self.best[1] >= SURE and self.close >= CLOSE


def folder(config: Config, text: str, topics: Iterable[str] = ()) -> str:
    """A topic that somebody typed, as a folder relative to notes/; one there is already where the words are the same.

    Raises:
        UsageError: it would lie outside notes/, or where notes are not looked for.
    """
    name = text.strip().rstrip("/")
    if not any(name == t for t in topics):
        name = name.removeprefix("notes/")
        alike = [t for t in sorted(topics) if slug(t) == slug(name) and "/" not in t]
        name = alike[0] if alike and "/" not in name and name not in topics else name
    parts = name.split("/")
    bad = any(
        not p.strip(". ") or p != p.strip() or p[0] in ".~" or len(p.encode("utf-8", "replace")) > 120 for p in parts
    )
    if bad or re.search(r"[\\\x00-\x1f\x7f:*?\"<>|\ud800-\udfff]", name):
        raise UsageError(
            f"“{text.strip()[:80]}” cannot be a topic. Write a folder under notes/, such as `--topic robot-learning`."
        )
    if parts[0] == "templates" or excluder(config)(f"{name}/x.md"):
        raise UsageError(f"Notes in “{name}” are not part of the site. Choose another topic.")
    if not Path(os.path.realpath(config.notes / name)).is_relative_to(os.path.realpath(config.notes)):
        raise UsageError(f"The folder notes/{name} is a link that leads out of notes/. Choose another topic.")
    return name


def inbox(config: Config, topics: Iterable[str]) -> str:
    """Where goes what nobody filed: INBOX, or one in a folder of the diary where notes are looked for there alone."""
    excluded = excluder(config)
    below = sorted({f"{topic.split('/')[0]}/{INBOX}" for topic in topics})
    return next((name for name in (INBOX, *below) if not excluded(f"{name}/x.md")), INBOX)


def suggest(hits: Sequence[Hit], by_id: Mapping[str, Entry], k: int = VOTERS) -> Suggestion:
    """What the topics of the `k` best hits suggest; an entry in no topic or in the inbox has no vote."""
    near = tuple(Near(by_id[h.entry], h.score, h.semantic, h.keyword) for h in hits if h.entry in by_id)
    votes: Counter[str] = Counter()
    voters = [n for n in near if n.entry.topic and INBOX not in n.entry.topic.split("/")][:k]
    for one in voters:
        votes[one.entry.topic] += math.exp((one.score - voters[0].score) / SCALE)  # type: ignore[assignment]
    total = sum(votes.values())
    return Suggestion(tuple((topic, share / total) for topic, share in votes.most_common()), near)


def query(title: str, abstract: str) -> str:
    """What the search is asked for a thing; without signs, since quotes and colons mean something in a query."""
    return " ".join(re.sub(r"[^\w\s'-]+", " ", f"{title} {abstract}").split()[:_QUERY_WORDS])


class Suggester:
    """Asks the search index of a diary, which is opened by the first question; says why where it cannot."""

    def __init__(self, diary: Diary, say: Callable[[str], None]) -> None:
        self._diary = diary
        self._say = say

    @cached_property
    def _search(self) -> Callable[[str, int], Sequence[Hit]] | None:
        from paperdiary.searcher import Searcher

        try:
            return Searcher(self._diary, lambda message: None).search
        except DiaryError as e:
            if self._diary.entries:
                self._say(f"No topic can be suggested: {e}")
            return None

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {e.id: e for e in self._diary.entries}

    def near(self, title: str, abstract: str) -> Suggestion:
        """The suggestion for a title and an abstract."""
        words = query(title, abstract)
        if not words or self._search is None:
            return Suggestion()
        try:
            return suggest(self._search(words, ASKED), self._by_id)
        except Exception as e:  # a suggestion is not worth a note
            self._say(f"No topic can be suggested ({type(e).__name__}: {e}). Run `diary build`, then try again.")
            return Suggestion()
