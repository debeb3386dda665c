"""Why two entries are related, in words that a reader can check."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from paperdiary import keywords, shown
from paperdiary.entry import Entry, Note
from paperdiary.listing import counted

WORDS = 3  #: shared words that are named
AUTHORS = 2  #: shared authors that are named
COMMON = 8  #: one entry in so many: words that more have say little
#: words that tell nothing alone and much in a phrase
INNER = frozenset(("deep", "neural", "network", "learning", "image", "language", "model", "policy", "search"))
#: (least cosine, what it is called)
NEARNESS = ((0.75, "very near"), (0.6, "near"), (0.45, "fairly near"), (-1.1, "far, but the nearest"))
_TARGET = re.compile(r"\]\(\s*<?([^()\s<>]+)")
_WIKILINK = re.compile(r"\[\[([^\[\]|#\n]+)")
_WORD = re.compile(r"[^\W_][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one entry is shown with another."""

    words: tuple[str, ...] = ()  #: that both use and few others do
    authors: tuple[str, ...] = ()  #: of both
    links: str = ""  #: "links to it", "is linked from it" or ""
    near: str = ""  #: the cosine in words
    percent: int = 0  #: and in per cent


@dataclass(frozen=True, slots=True)
class _Mentions:
    """What an entry's part of a note names."""

    text: str
    files: frozenset[str]  #: paths that its links lead to, relative to notes/
    names: frozenset[str]  #: of its wikilinks, lower case


class Why:
    """Knows the words of every entry, and how many entries have each."""

    def __init__(self, entries: Sequence[Entry], notes: Sequence[Note]) -> None:
        self._entries = entries
        self._notes = {note.path: note for note in notes}
        self._mentioned: dict[tuple[str, int], _Mentions] = {}
        self._written: dict[str, dict[str, str]] = {}

    @cached_property
    def _terms(self) -> dict[str, list[str]]:
        """Entry id -> the terms of its title, description and tags, in order."""
        return {e.id: _terms(" . ".join((e.title, e.description, *e.tags))) for e in self._entries}

    @cached_property
    def _subjects(self) -> frozenset[str]:
        """Terms that stand in a title or a tag somewhere: those name subjects, other words seldom do."""
        return frozenset(t for terms in self._named.values() for t in terms if _tells(t))

    @cached_property
    def _named(self) -> dict[str, frozenset[str]]:
        """Entry id -> the terms of its title and tags."""
        return {e.id: frozenset(_terms(" . ".join((e.title, *e.tags)))) for e in self._entries}

    @cached_property
    def _spread(self) -> Counter[str]:
        """Subject -> how many entries have it."""
        subjects = self._subjects
        return Counter(term for terms in self._terms.values() for term in set(terms) if term in subjects)

    def shared(self, one: Entry, other: Entry) -> tuple[str, ...]:
        """Subjects that both have and few others; two words that stand together in both are one phrase.

        How rare a word is counts in powers of two, so that one new entry does not change what is said about all.
        """
        mine, theirs = self._terms.get(one.id, []), self._terms.get(other.id, [])
        both = self._common(mine, theirs)
        if not both:  # what is said further down
            mine, theirs = _terms(_text(one)), _terms(_text(other))
            both = self._common(mine, theirs)
        named = self._named[one.id] | self._named[other.id]
        pairs = _pairs(mine) & _pairs(theirs)
        phrases = [p for p in pairs if both & set(p) and all(t in both or t in INNER for t in p)]

        def rank(term: tuple[str, ...]) -> tuple[Any, ...]:
            spread = min(self._spread[t].bit_length() for t in term if t in both)
            return (not named & set(term), spread - len(term), term)

        if one.id not in self._written:
            self._written[one.id] = _forms(one)
        forms, text = self._written[one.id], f"{one.title} {one.description} {' '.join(one.tags)}".lower()
        chosen: list[str] = []
        used: set[str] = set()
        for term in [*sorted(phrases, key=rank), *sorted(((t,) for t in both), key=rank)]:
            if len(chosen) == WORDS:
                break
            roots = {t[:5] for t in term if t in both}
            if not roots & used:
                used |= roots
                words = [forms.get(t, t) for t in term]
                chosen.append(("-" if "-".join(words).lower() in text else " ").join(words))
        return tuple(chosen)

    def _common(self, mine: Sequence[str], theirs: Sequence[str]) -> set[str]:
        most = max(1 << (len(self._entries) // COMMON).bit_length(), 3)
        return {term for term in set(mine) & set(theirs) if 0 < self._spread[term] <= most}

    def reasons(self, one: Entry, other: Entry, cosine: float) -> Reasons:
        """Everything that speaks for showing `other` beside `one`; `cosine` of their embeddings."""
        theirs = {_name(author) for author in other.authors}
        return Reasons(
            words=self.shared(one, other),
            authors=tuple(author for author in one.authors if _name(author) in theirs),
            links="links to it" if self._names(one, other) else "is linked from it" if self._names(other, one) else "",
            near=next(word for least, word in NEARNESS if cosine >= least),
            percent=round(100 * min(max(cosine, 0), 1)),
        )

    def _names(self, one: Entry, other: Entry) -> bool:
        """Whether what is written about `one` names `other`: its note, its address, its arXiv id or its DOI."""
        if one.note == other.note or one.listed or other.listed or one.id == other.id:
            return False
        found = self._mentions(one)
        if other.note in found.files or posixpath.splitext(posixpath.basename(other.note))[0].lower() in found.names:
            return True
        if other.arxiv:
            at = found.text.find(other.arxiv)
            return at >= 0 and not found.text[at + len(other.arxiv) :][:1].isdigit()
        address = other.doi or (other.url or "").split("://", 1)[-1].rstrip("/")
        return len(address) > 8 and address in found.text

    def _mentions(self, entry: Entry) -> _Mentions:
        key = (entry.note, entry.line)
        if key not in self._mentioned:
            note = self._notes.get(entry.note)
            first = max(entry.line - 1 - note.offset, 0) if note else 0
            text = "\n".join(note.text.split("\n")[first : entry.end - note.offset]) if note else ""
            folder = posixpath.dirname(entry.note)
            targets = (unquote(found[1]).partition("#")[0] for found in _TARGET.finditer(text) if ":" not in found[1])
            self._mentioned[key] = _Mentions(
                text,
                frozenset(posixpath.normpath(posixpath.join(folder, target)) for target in targets if target),
                frozenset(found[1].strip().rsplit("/", 1)[-1].lower() for found in _WIKILINK.finditer(text)),
            )
        return self._mentioned[key]


def sentence(reasons: Reasons, same_cluster: bool) -> str:
    """The reasons in one line: "both on world models and latent dynamics · both by Ada Moor · same cluster"."""
    parts = [reasons.links] if reasons.links else []
    if reasons.words:
        parts.append(f"both on {_and(reasons.words)}")
    if reasons.authors:
        more = len(reasons.authors) - AUTHORS
        parts.append(f"both by {_and([*reasons.authors[:AUTHORS], *([counted(more, 'other')] if more > 0 else [])])}")
    if same_cluster:
        parts.append("same cluster")
    return " · ".join(parts)


def _and(names: Sequence[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]])


def _text(entry: Entry) -> str:
    return " . ".join((entry.title, entry.description, *entry.tags, *(p.text for p in entry.passages[:8])))


def _terms(text: str) -> list[str]:
    """The terms of a text in order, "" between sentences."""
    out = []
    for part in re.split(r"[.!?:;,()]+\s", text):
        out += [*keywords.terms(part)[0], ""]
    return out


def _tells(term: str) -> bool:
    if keywords.is_joined(term):
        return len(term) > 1
    return len(term) > 2 and not term.isdigit() and term not in _little()


_LITTLE: set[str] = set()


def _little() -> set[str]:
    """Words too common in summaries of papers to tell anything, as terms."""
    if not _LITTLE:
        words = (Path(__file__).parent / "data" / "stopwords.txt").read_text(encoding="utf-8").split()
        _LITTLE.update(keywords.stem(keywords.fold(word)) for word in words)
    return _LITTLE


def _pairs(terms: Sequence[str]) -> set[tuple[str, ...]]:
    return {(a, b) for a, b in pairwise(terms) if a and b and a != b}


def _forms(entry: Entry) -> dict[str, str]:
    """Term -> how the entry writes it; running text knows best which words are names."""
    out: dict[str, str] = {}
    for text, running in (
        (entry.description, True),
        (shown.plain(entry.title), False),
        *((t, True) for t in entry.tags),
    ):
        for found in _WORD.finditer(text):
            begins = not text[: found.start()].rstrip("\"'“‘(* ") or text[: found.start()].rstrip()[-1] in ".:!?"
            for part in found[0].split("-"):
                term = keywords.stem(keywords.fold(part))
                small = not running or begins
                out.setdefault(term, part.lower() if small and not any(c.isupper() for c in part[1:]) else part)
    for passage in entry.passages[:8]:
        for part in re.findall(r"[^\W_]+", passage.text):
            out.setdefault(keywords.stem(keywords.fold(part)), part)
    return out


def _name(author: str) -> str:
    """The same for two ways of writing a name: its first letter and its last word."""
    if author.count(",") == 1:
        author = " ".join(reversed(author.split(",")))
    words = re.findall(r"[^\W\d_]+", author.lower())
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else author.lower()
