"""Lines in reading order -> paragraphs and headings; footnotes and captions do not cut what they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperdiary.pdf_layout import Line, Page
from paperdiary.pdf_text import Words

_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)|table|tab\.|algorithm|listing|scheme|abbildung|tabelle|tableau|图|表|図)\s?[\dIVX]+\s?[:.|—–]",
    re.I,
)
_END = re.compile(r"[.!?:。！？][’”\")\]]*$")
_KNOWN = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:abstract|references|bibliography|literature cited|acknowledge?ments?)\W?", re.I
)
_NAMED = re.compile(r"(?:(?:\d{1,2}|[A-Z]|[IVX]{1,5})(?:\.\d{1,2})*\.?\s+)?[A-Z]")


def written(pages: Sequence[Page], body: float, words: Words) -> list[str]:
    """The text of each page: paragraphs with empty lines between, headings after "## ".

    A paragraph that runs on, over a figure, a column or a page's end, is written whole where it begins.

    Args:
        body: size of most of the type, in points.
    """
    texts: list[list[str]] = []
    open_at: tuple[int, int] | None = None  #: the paragraph that may run on
    for number, page in enumerate(pages):
        texts.append([])
        notes: list[str] = []
        for kind, lines in _pieces(page, body):
            text = words.paragraph([ln.text for ln in lines])
            if kind == "note":
                notes.append(text)
            elif kind == "heading":
                texts[-1].append(f"## {text}")
                open_at = None
            elif kind == "caption":
                texts[-1].append(text)
            elif open_at and text[:1].islower() and not _END.search(texts[open_at[0]][open_at[1]]):
                before = texts[open_at[0]][open_at[1]]
                texts[open_at[0]][open_at[1]] = words.joined(before, text)
            else:
                texts[-1].append(text)
                open_at = (number, len(texts[-1]) - 1) if len(text) > 60 else open_at
        texts[-1] += notes
    return ["\n\n".join(page) for page in texts]


def _pieces(page: Page, body: float) -> Iterator[tuple[str, list[Line]]]:
    """(heading, text, caption or note, its lines)."""
    kind, lines = "text", list[Line]()
    for line in page.lines:
        now = "heading" if is_heading(line, body) else "note" if _is_note(line, page, body) else "text"
        if lines and (now == kind or (kind == "caption" and now != "heading")) and _goes_on(lines, line):
            lines.append(line)
            continue
        if lines:
            yield kind, lines
        kind, lines = ("caption" if _CAPTION.match(line.text) else now), [line]
    if lines:
        yield kind, lines


def _is_note(line: Line, page: Page, body: float) -> bool:
    """True for small type at the foot of its column."""
    if line.size > 0.94 * body or line.y0 < 0.55 * page.height:
        return False
    return not any(
        ln.y0 > line.y1 and ln.size > 0.94 * body and min(ln.x1, line.x1) > max(ln.x0, line.x0) for ln in page.lines
    )


def _goes_on(lines: Sequence[Line], line: Line) -> bool:
    last = lines[-1]
    ended = _END.search(last.text) is not None
    if abs(last.size - line.size) > 0.12 * max(last.size, line.size) or _CAPTION.match(line.text):
        return False
    if line.y0 < last.y0 - 2 * last.size or line.x0 > max(ln.x1 for ln in lines[-8:]):  # the next column
        return not ended and line.text[:1].islower()
    if line.y0 - last.y1 > 0.9 * line.size:
        return False
    return not (ended and line.x0 > min(ln.x0 for ln in lines[-3:]) + 0.8 * line.size)


def is_heading(line: Line, body: float) -> bool:
    """True for a section's heading: large, or bold and short, or one of the usual words."""
    count = len(line.text.split())
    if count > 14 or sum(c.isalpha() for c in line.text) < 3 or line.text.endswith((",", ";")):
        return False
    if _KNOWN.fullmatch(line.text) or line.size > 1.12 * body:
        return True
    return bool(_NAMED.match(line.text)) and line.bold and not line.text.endswith(".") and line.size > 0.94 * body
