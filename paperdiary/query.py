"""The query language: words, "phrases", filters, addresses; docs/search-format.md, shared with the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paperdiary.entry import KINDS, STATUSES
from paperdiary.keywords import fold
from paperdiary.listing import is_date
from paperdiary.shards import address

MOST = 2_000  #: characters of a query
FILTERS = ("tag", "topic", "status", "kind", "before", "after")
SPACE = "\\t\\n\\v\\f\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  #: JavaScript's \s
_PIECE = re.compile(
    rf"(?:(?P<name>{'|'.join(FILTERS)}):)(?:\"(?P<quoted>[^\"]*)\"|(?P<value>[^{SPACE}\"]+))"
    rf'|"(?P<phrase>[^"]*)"|(?P<plain>[^{SPACE}"]+)|[{SPACE}]+|"',
    re.I | re.A,
)
_ARXIV = re.compile(r"(?:^|[/:])([0-9]{4}\.[0-9]{4,5})(?:v[0-9]+)?(?:\.pdf)?(?:[/?#].*)?$", re.I)
_OLD_ARXIV = re.compile(r"(?:^|[/:])([a-z][a-z-]*)(?:\.[a-z]{2})?/([0-9]{7})(?:v[0-9]+)?(?:\.pdf)?(?:[/?#].*)?$", re.I)
_DOI = re.compile(rf"(10\.[0-9]{{4,9}}/[^{SPACE}]+)$")


@dataclass(frozen=True, slots=True)
class Query:
    """A query, taken apart."""

    pieces: tuple[tuple[str, bool], ...] = ()  #: (text, is a phrase)
    filters: tuple[tuple[str, str], ...] = ()  #: (name, value)
    open: bool = False  #: nothing follows the last piece, so that its last word may be unfinished

    @property
    def text(self) -> str:
        """The words without the filters."""
        return " ".join(text for text, _ in self.pieces)


def parse(query: str) -> Query:
    """Take a query apart."""
    query = query[:MOST]
    pieces: list[tuple[str, bool]] = []
    filters: list[tuple[str, str]] = []
    end = 0
    for found in _PIECE.finditer(query):
        value = (found["value"] or found["quoted"] or "").strip()
        if found["name"] and value:
            filters.append((found["name"].lower(), value))
        elif found["name"]:  # `tag:""`
            pieces.append((f"{found['name']}:", False))
        elif found["phrase"] is not None:
            pieces.append((found["phrase"], True))
        elif found["plain"]:
            pieces.append((found["plain"], False))
            end = found.end()
    kept = tuple((text, phrase) for text, phrase in pieces if text.strip())
    return Query(kept, tuple(filters), end == len(query))


def problems(query: Query) -> list[str]:
    """What is wrong with the filters, a sentence each."""
    out = []
    choices = {"status": STATUSES, "kind": KINDS}
    for name, value in query.filters:
        if name in choices and fold(value) not in choices[name]:
            out.append(f"There is no {name} “{value}”; there are: {', '.join(choices[name])}.")
        if name in ("before", "after") and not is_date(value):
            out.append(f"“{name}:{value}” is no date; write it as {name}:2025-06-04, {name}:2025-06 or {name}:2025.")
    return out


def fits(query: Query, card: Mapping[str, Any]) -> bool:
    """True where an entry (its public JSON form, or one of entries.json) passes the filters."""
    by_name: dict[str, list[str]] = {}
    for name, value in query.filters:
        by_name.setdefault(name, []).append(fold(value))
    tags = {fold(tag).strip().lstrip("#") for tag in card["tags"]}
    topic = fold(card["topic"])
    day = card["date"] or ""
    return (
        all(value.lstrip("#") in tags for value in by_name.get("tag", ()))
        and _any(by_name, "topic", lambda v: topic == v or topic.startswith(f"{v}/") or v in topic.split("/"))
        and _any(by_name, "status", lambda v: card["status"] == v)
        and _any(by_name, "kind", lambda v: card["kind"] == v)
        and all(is_date(v) and bool(day) and day < _first_day(v) for v in by_name.get("before", ()))
        and all(is_date(v) and bool(day) and day >= _first_day(v) for v in by_name.get("after", ()))
    )


def _any(filters: Mapping[str, list[str]], name: str, passes: Callable[[str], bool]) -> bool:
    return name not in filters or any(map(passes, filters[name]))


def _first_day(value: str) -> str:
    return value + "-01" * (2 - value.count("-"))


def address_keys(text: str) -> Iterator[str]:
    """The keys of entries that a query may mean, if it is an address; the first that an entry has is taken."""
    if found := _ARXIV.search(text):
        yield f"arxiv:{found[1]}"
    if found := _OLD_ARXIV.search(text):
        yield f"arxiv:{found[1]}/{found[2]}".lower()
    if found := _DOI.search(text):
        yield f"doi:{found[1]}".lower()
    yield address(text)


def has_address(text: str, cards: Sequence[Mapping[str, Any]]) -> list[int]:
    """The numbers of the entries that a query without white space is an address of."""
    if re.search(f"[{SPACE}]", text) or not text:
        return []
    for key in address_keys(text):
        if found := [n for n, card in enumerate(cards) if key in card["keys"]]:
            return found
    return []
