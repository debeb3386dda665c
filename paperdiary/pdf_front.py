"""What stands at the front of a paper: its title and its abstract, by size of type, place and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from paperdiary.pdf_abstract import Start, collect, starts, unnamed
from paperdiary.pdf_layout import Page
from paperdiary.pdf_marks import FUNCTION
from paperdiary.pdf_text import Words
from paperdiary.pdf_title import spelt, title_lines

PAGES = 8  #: pages at the front that are looked at; the abstract of a thesis stands after its title pages


@dataclass(frozen=True, slots=True)
class Front:
    """What the first pages say the document is."""

    title: str = ""
    abstract: str = ""


def find(pages: Sequence[Page], body: float, words: Words, hint: str = "") -> Front:
    """Title and abstract of a document.

    Args:
        pages: its first pages, each in reading order, without what is turned or in the margins.
        body: size of most of its type, in points.
        hint: the title that the file's metadata give; believed only where it stands on the first page.
    """
    pages = pages[:PAGES]
    first: Start | None = None
    abstract = ""
    for start in starts(pages):
        abstract = collect(pages, start, words)
        first = first or start
        if is_prose(abstract):
            first = start
            break
    lines = title_lines(pages, body, first, hint)
    if not is_prose(abstract):
        abstract = unnamed(pages, lines, body, words) or (abstract if is_short(abstract) else "")
    return Front(spelt(lines, words), abstract)


def is_prose(text: str) -> bool:
    """True for sentences, False for a table of contents or the names of authors."""
    dense = sum(c > "\u2e80" for c in text)
    if dense > 0.3 * len(text):
        return dense > 40
    found = re.findall(r"[^\W\d_]+", text.lower())
    return (
        len(found) >= 25
        and (sum(len(w) <= 4 for w in found) > 0.2 * len(found))
        and re.search(r"[.!?]", text) is not None
    )


def is_short(text: str) -> bool:
    """True for a sentence that stands as an abstract where nothing longer does."""
    words = text.lower().split()
    listed = re.search(r"\d$|\s[ivxlc]+$", text) is not None or "....." in text.replace(" ", "")
    return len(words) >= 5 and not listed and any(w in FUNCTION for w in words)
