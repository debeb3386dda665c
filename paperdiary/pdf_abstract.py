"""The abstract of a paper: after its heading, or, without one, the paragraph that is set apart from the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from paperdiary.pdf_layout import Line, Page
from paperdiary.pdf_marks import FUNCTION, HEADING, NAMES, NUMBERED, PART, PLACE, RUN_IN, STOP, is_introduction
from paperdiary.pdf_text import Words

LONGEST = 1000  #: words of an abstract, at most


@dataclass(frozen=True, slots=True)
class Start:
    """Where an abstract begins: after `heading`, or in its line with `rest`."""

    page: int
    index: int  #: of the first line after the heading, in the page's order
    heading: Line | None
    rest: str = ""


def starts(pages: Sequence[Page]) -> Iterator[Start]:
    """Each heading "Abstract", alone or at the head of its paragraph; others that mean the same after these."""
    for kind in range(len(NAMES)):
        for number, page in enumerate(pages):
            for index, line in enumerate(page.lines):
                found = _start_here(page, number, index, line, kind)
                if found:
                    yield found
            if kind and any(is_introduction(ln.text) for ln in page.lines):
                break


def _start_here(page: Page, number: int, index: int, line: Line, kind: int) -> Start | None:
    bare = line.text.replace(" ", "") if len(line.text) < 24 else line.text
    if HEADING[kind].fullmatch(line.text) or HEADING[kind].fullmatch(bare):
        follows = " ".join(ln.text for ln in page.lines[index + 1 : index + 9])
        over = len(page.lines) - index <= 4  # the text is on the next page
        return Start(number, index + 1, line) if len(follows) >= 100 or over else None
    found = RUN_IN[kind].fullmatch(line.text)
    if not found:
        return None
    rest, sign = found["rest"], found["sign"].strip()
    if re.search(r"\.\s?\.\s?\.|\s[ivxlc\d]+$", rest) and len(rest) < 12:
        return None  # a table of contents
    if line.width < 0.2 * page.width and len(rest) < 12 and not sign:
        return None
    other_face = (
        bool(line.lead) and re.fullmatch(rf"\W{{0,2}}{re.escape(found['name'])}\W*", line.lead, re.I) is not None
    )
    capital = found["name"][:1].isupper() or not found["name"].isascii()
    if capital and (sign or other_face or (rest[0].isupper() and kind == 0 and len(rest) > 30)):
        if kind and not (sign and other_face):
            return None
        return Start(number, index + 1, line, rest)
    return None


def collect(pages: Sequence[Page], start: Start, words: Words) -> str:
    """The paragraphs from `start` on, up to what does not belong to them any more."""
    taken: list[Line] = []
    parts: list[str] = [start.rest] if start.rest else []
    if start.rest and start.heading:
        taken.append(start.heading)
    for number in range(start.page, min(len(pages), start.page + 3)):
        page = pages[number]
        lines = page.lines[start.index :] if number == start.page else page.lines
        for at, line in enumerate(lines):
            verdict = _belongs(line, taken, start, page, lines[at + 1 : at + 3])
            if verdict == "skip":
                continue
            if verdict == "stop" or sum(len(p) for p in parts) > LONGEST * 7:
                return words.paragraph(parts)
            if line.text.endswith(":") and PART.fullmatch(line.text) and not taken:
                pass
            parts.append(f"{line.text.rstrip('.:')}:" if PART.fullmatch(line.text) and line.bold else line.text)
            taken.append(line)
        if parts and re.search(r"[.!?。’”)\]]$", parts[-1]):
            break
    return words.paragraph(parts)


def _belongs(
    line: Line, taken: Sequence[Line], start: Start, page: Page, after: Sequence[Line]
) -> Literal["yes", "skip", "stop"]:
    if taken and _is_footnote(line, taken, page):
        return "skip"
    named = STOP.match(line.text) is not None
    if named and PART.fullmatch(line.text) and not taken:
        named = False  # "Introduction:" as the first part of a structured abstract
    if named and 0 < len(taken) < 3 and re.match(r"\W*(?:copyright|©|proceedings|received|published)", line.text, re.I):
        named = abs(line.size - taken[-1].size) > 0.1  # a sentence of the abstract
    if named:
        return "stop"
    if not taken:
        return "yes"
    part = PART.fullmatch(line.text) is not None
    sizes = sorted(ln.size for ln in taken)
    size = sizes[len(sizes) // 2]
    last = taken[-1]
    plain = [ln for ln in taken if ln.width > 0.6 * max(t.width for t in taken)] or list(taken)
    left, right = min(ln.x0 for ln in plain), max(ln.x1 for ln in plain)
    same_page = last.page == line.page
    ended = re.search(r"[.!?。][’”\")\]]*$", last.text) is not None
    gap = line.y0 - last.y1
    height = max(last.y1 - last.y0, size)
    aside = same_page and (line.x0 > right or line.x1 < left or gap < -2 * height)  # another column
    small_bits = len(line.text) < 12 and gap < height and not aside
    if not part and _heading_like(line, taken, size):
        return "stop"
    if abs(line.size - size) > 0.06 * size and not small_bits:
        if line.size < size and (line.y0 > 0.75 * page.height or aside) and not ended:
            return "skip"  # a footnote below the first column
        return "stop"
    if aside or not same_page:
        if ended:
            return "stop"
        return "yes" if abs(line.size - size) <= 0.06 * size else "skip"
    if gap > 2.2 * height and len(taken) > 2:
        return "stop"
    if len(taken) >= 3 and not small_bits:
        bold = sum(ln.bold for ln in taken[1:]) * 2 > len(taken) - 1
        italic = sum(ln.italic for ln in taken[1:]) * 2 > len(taken) - 1
        plainer = (bold and not line.bold) or (italic and not line.italic)
        if ended and plainer and not part and len(line.text) > 25:
            return "stop"
        if ended and (line.x0 < left - 0.7 * size or line.x1 > right + size) and line.width > 0.25 * (right - left):
            return "stop"  # the text itself is set wider
        if (
            ended
            and gap > 0.9 * height
            and line.width < 0.6 * (right - left)
            and line.middle - left > 0.25 * (right - left)
            and len(line.text) < 40
        ):
            return "stop"  # centred, alone
    return "yes"


def _is_footnote(line: Line, taken: Sequence[Line], page: Page) -> bool:
    """True for smaller type at the foot of the page, while a sentence of the abstract runs on."""
    small = line.size < 0.94 * taken[-1].size and line.y0 > 0.72 * page.height
    return small and not re.search(r"[.!?。][’”\")\]]*$", taken[-1].text)


def _heading_like(line: Line, taken: Sequence[Line], size: float) -> bool:
    """A section's heading: numbered, or short and set in another face."""
    bold = sum(ln.bold for ln in taken) * 2 > len(taken)
    words = len(line.text.split())
    if words > 12:
        return False
    if NUMBERED.match(line.text) and (
        (line.bold and not bold) or line.size > 1.06 * size or line.text.isupper() or bool(STOP.match(line.text))
    ):
        return True
    if line.text.endswith((".", ",", ";")) and not line.text.isupper():
        return line.size > 1.15 * size
    ended = re.search(r"[.!?。:][’”\")\]]*$", taken[-1].text) is not None
    if (line.bold and not bold and words <= 8 and ended) or line.size > 1.12 * size:
        return True
    return ended and line.text.isupper() and len(line.text) > 6 and words <= 6 and not taken[-1].text.isupper()


def unnamed(pages: Sequence[Page], title: Sequence[Line], body: float, words: Words) -> str:
    """An abstract without a heading: the first paragraph after the authors that is set apart from the text."""
    if not title:
        return ""
    page = pages[title[0].page]
    lines = [ln for ln in page.lines if ln.y0 >= title[-1].y1 - 2 or ln.x0 > title[-1].x1]
    runs = _paragraphs(lines)
    introduction = next((i for i, r in enumerate(runs) if _is_first_section(r, body)), None)
    main = [r for r in runs if len(r) > 4]
    for index, run in enumerate(runs):
        if introduction is not None and index >= introduction:
            return ""
        text = words.paragraph([ln.text for ln in run])
        address = PLACE.search(text[:60]) is not None or ("@" in text and len(text) < 700)
        listed = text.count(",") * 12 > len(text.split()) * 3 or "....." in text.replace(" ", "")
        dense = sum(w in FUNCTION for w in text.lower().split()) >= 0.15 * len(text.split()) or not text.isascii()
        if address or listed or not dense or (len(text.split()) < 12 and text.isascii()):
            continue
        if len(text) < (160 if text.isascii() else 60) or not re.search(r"[.。]", text[-40:]):
            if len(run) > 1:
                return ""  # prose that is no abstract: what comes after it is none either
            continue
        follows = runs[index + 1 : index + 3]
        closed = any(STOP.match(f[0].text) for f in follows)
        later = [r for r in main if r is not run and runs.index(r) > index]
        before_introduction = introduction is not None
        if closed or before_introduction or _apart(run, later, body):
            start = Start(title[0].page, page.lines.index(run[0]), None)
            return collect(pages, start, words)
        return ""
    return ""


def _is_first_section(run: Sequence[Line], body: float) -> bool:
    """True for the heading of the first section; an affiliation may begin with a 1 as well."""
    line = run[0]
    if is_introduction(line.text):
        return True
    numbered = re.match(r"(?:1|I)[.)]?\s+[A-Z]", line.text) is not None
    set_apart = line.bold or line.size > 1.06 * body or line.text.isupper()
    return numbered and set_apart and len(run) < 3 and not PLACE.search(line.text)


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    out: list[list[Line]] = []
    for line in lines:
        last = out[-1][-1] if out else None
        if (
            last
            and abs(last.size - line.size) < 0.06 * line.size
            and last.bold == line.bold
            and -2 < line.y0 - last.y1 + 2 < 0.9 * line.size + 2
            and min(last.x1, line.x1) > max(last.x0, line.x0)
            and not STOP.match(line.text)
            and not STOP.match(last.text)
        ):
            out[-1].append(line)
        else:
            out.append([line])
    return out


def _apart(run: Sequence[Line], later: Sequence[Sequence[Line]], body: float) -> bool:
    """True where a paragraph is set in another face, size or measure than those after it."""
    if not later:
        return False
    other = max(later, key=len)
    width, theirs = max(ln.width for ln in run), max(ln.width for ln in other)
    left, others = min(ln.x0 for ln in run), min(ln.x0 for ln in other)
    bold = sum(ln.bold for ln in run) * 2 > len(run)
    italic = sum(ln.italic for ln in run) * 2 > len(run)
    return (
        abs(run[0].size - body) > 0.05 * body
        or (bold and not other[1].bold)
        or (italic and not other[1].italic)
        or width > 1.4 * theirs
        or (left > others + 0.8 * body and width < theirs - 1.6 * body)
    )
