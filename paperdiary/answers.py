"""What `diary search` prints: hits as lines for a terminal and as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from paperdiary.entry import Entry
from paperdiary.ranking import marked
from paperdiary.search import Hit

SHOWN = 240  #: characters of a passage
BEFORE = 60  #: of them at most before the first marked word
#: what moves the cursor or changes the terminal's state
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
WAYS = {
    "words": "words",
    "meaning": "meaning",
    "both": "words and meaning",
    "address": "address",
    "filter": "",
}
Bold = Callable[[str], str]


def lines(hit: Hit, entry: Entry, bold: Bold) -> list[str]:
    """A hit as lines of text: rank, title and place; then the passage with the matching words in bold."""
    title = _bold(plain(entry.title), hit.marks, bold)
    how = [WAYS[hit.found_by]] if WAYS[hit.found_by] else []
    how += ["the paper's text"] if hit.passage.paper else []
    first = f"{hit.rank:3}. {title}  [{plain(entry.note)}:{entry.line}]"
    out = [f"{first}  ({', '.join(how)})" if how else first]
    heading = plain(hit.passage.heading)
    body = _bold(snippet(plain(hit.passage.text), hit.marks), hit.marks, bold)
    if heading and heading.casefold() != entry.title.casefold():
        body = f"{_bold(heading, hit.marks, bold)}: {body}"
    return [*out, f"     {body}"]


def plain(text: str) -> str:
    """Text without what a terminal would obey; of the same length."""
    return _CONTROL.sub(" ", text)


def snippet(text: str, marks: frozenset[str]) -> str:
    """The part of a passage that holds its first marked words, cut between words."""
    if len(text) <= SHOWN:
        return text
    first = next(iter(marked(text, marks)), (0, 0))[0] if marks else 0
    start = 0
    if first > SHOWN - BEFORE:
        start = min(first - BEFORE, len(text) - SHOWN)
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = start + SHOWN
    if end < len(text):
        space = text.rfind(" ", start + SHOWN // 2, end)
        end = space if space >= 0 else end
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"


def _bold(text: str, marks: frozenset[str], bold: Bold) -> str:
    if not marks:
        return text
    out, at = [], 0
    for start, end in marked(text, marks):
        out += [text[at:start], bold(text[start:end])]
        at = end
    return "".join([*out, text[at:]])


def as_dict(hit: Hit, entry: dict[str, Any]) -> dict[str, Any]:
    """A hit in its public JSON form: the entry and why it is there."""
    return {
        **entry,
        "rank": hit.rank,
        "score": hit.score,
        "semantic": hit.semantic,
        "keyword": hit.keyword,
        "passage": {
            "heading": hit.passage.heading,
            "text": hit.passage.text,
            "from": "paper" if hit.passage.paper else "note",
        },
        "found_by": hit.found_by,
    }


def queries(data: bytes) -> Sequence[str]:
    """A query a line; bytes that are no UTF-8 are replaced."""
    text = data.decode("utf-8-sig", "replace")
    return [line.strip() for line in text.removesuffix("\n").split("\n")] if text else []
