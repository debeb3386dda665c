"""Short texts cut out of longer ones, in the shapes that queries have: what the query encoder is fitted to."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LONGEST = 400  #: characters of a view
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|\()")
_CLAUSE_END = re.compile(r"[,;:.!?]\s+|[()“”\"]|\n")
_WORD = re.compile(r"[^\W\d_][\w-]+")

#: questions and headings as readers type them; {} is a phrase of the document
QUESTIONS = (
    "what is {}",
    "what is {}?",
    "how does {} work",
    "how to {}",
    "why {}",
    "papers about {}",
    "notes on {}",
    "{} explained",
    "{} survey",
    "introduction to {}",
    "{} vs {}",
    "{} and {}",
    "{} for {}",
    "{} using {}",
    "the effect of {} on {}",
    "does {} help",
    "can {} improve {}?",
    "is {} related to {}",
    "limits of {}",
    "{} without {}",
)


@dataclass(frozen=True, slots=True)
class Document:
    """A text to cut views from; each part may be empty."""

    title: str = ""
    text: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        return f"{self.title}. {self.text}" if self.title and self.text else self.title or self.text


def views(documents: Iterable[Document], chance: random.Random, rounds: int = 1) -> list[str]:
    """All views of all documents, each text once (whatever its case), in the order of the documents.

    Args:
        rounds: how often the views that chance decides are drawn from each document.
    """
    seen: dict[str, str] = {}
    for document in documents:
        for view in VIEWS.values():
            for _ in range(1 if view in _FIXED else rounds):
                for text in view(document, chance):
                    short = " ".join(text.split())[:LONGEST]
                    if short:
                        seen.setdefault(short.lower(), short)
    return list(seen.values())


def sentences(text: str) -> list[str]:
    """Sentences of 4 to 60 words."""
    return [s for s in _SENTENCE_END.split(" ".join(text.split())) if 4 <= len(s.split()) <= 60]


def _title(document: Document, chance: random.Random) -> list[str]:
    return [document.title]


def _keywords(document: Document, chance: random.Random) -> list[str]:
    return list(document.keywords)


def _several_keywords(document: Document, chance: random.Random) -> list[str]:
    if len(document.keywords) < 2:
        return []
    some = chance.sample(document.keywords, min(len(document.keywords), chance.randint(2, 4)))
    return [chance.choice((", ", " ")).join(some)]


def _sentence(document: Document, chance: random.Random) -> list[str]:
    found = sentences(document.text)
    return [chance.choice(found)] if found else []


def _fragment(document: Document, chance: random.Random) -> list[str]:
    """6 to 14 words of a sentence."""
    found = sentences(document.whole)
    return _cut(chance.choice(found).split(), 6, 14, chance) if found else []


def _phrase(document: Document, chance: random.Random) -> list[str]:
    """2 to 5 words that no mark divides, without stop words at the ends."""
    clauses = [c.split() for c in _CLAUSE_END.split(document.whole)]
    clauses = [c for c in clauses if len(c) >= 2]
    if not clauses:
        return []
    words = " ".join(_cut(chance.choice(clauses), 2, 5, chance)).split()
    while words and words[0].lower() in stop_words():
        words = words[1:]
    while words and words[-1].lower() in stop_words():
        words = words[:-1]
    return [" ".join(words)] if len(words) > 1 else []


def _bag(document: Document, chance: random.Random) -> list[str]:
    """2 to 4 words of the document that do not stand together."""
    words = sorted({w for w in _WORD.findall(document.whole) if len(w) > 2 and w.lower() not in stop_words()})
    return [" ".join(chance.sample(words, min(len(words), chance.randint(2, 4))))] if len(words) > 3 else []


def _question(document: Document, chance: random.Random) -> list[str]:
    out = chance.choice(QUESTIONS)
    while "{}" in out:
        part = _phrase(document, chance)
        if not part:
            return []
        out = out.replace("{}", part[0], 1)
    return [out]


def _cut(words: list[str], least: int, most: int, chance: random.Random) -> list[str]:
    count = min(len(words), chance.randint(least, most))
    start = chance.randint(0, len(words) - count)
    return [" ".join(words[start : start + count])]


#: name -> what is cut from a document
VIEWS: dict[str, Callable[[Document, random.Random], list[str]]] = {
    "title": _title,
    "keyword": _keywords,
    "keywords": _several_keywords,
    "sentence": _sentence,
    "fragment": _fragment,
    "phrase": _phrase,
    "bag": _bag,
    "question": _question,
}
_FIXED = {_title, _keywords}


def words(documents: Iterable[Document], least: int = 4) -> Iterator[str]:
    """Single words that at least so many documents hold, in lower case, the most frequent first."""
    from collections import Counter

    number: Counter[str] = Counter()
    for document in documents:
        number.update(sorted({w.lower() for w in _WORD.findall(document.whole)}))
    return (word for word, n in number.most_common() if n >= least)


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing on their own (data/stopwords.txt)."""
    return frozenset((Path(__file__).parent / "data" / "stopwords.txt").read_text(encoding="utf-8").split())
