"""Pages of a PDF -> lines of type, with their size, face and place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from paperdiary import pdf_glyphs
from paperdiary.pdf_text import mend, unspaced


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type. Coordinates in points, origin at the top left."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float  #: of most of its letters
    bold: bool = False  #: most of its letters
    italic: bool = False
    page: int = 0
    block: int = 0  #: MuPDF's block on the page
    lead: str = ""  #: how it begins, where its first words are set in another face than the rest
    small: float = 0.0  #: size of the small ones, where it is set in capitals of two sizes
    turned: bool = False  #: not along the page's direction: a stamp in the margin, an axis

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def middle_height(self) -> float:
        """Halfway between its top and its foot."""
        return (self.y0 + self.y1) / 2

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page and its size in points."""

    lines: tuple[Line, ...]
    width: float
    height: float


MOST_LINES = 1500  #: of a page that has more, only the longer ones are kept
_BOLD = re.compile(r"bold|black|heavy|demi|medi(?!um)|\bbx|cmbx|cmb\d|sfbx|cmssbx|ecbx|-bd\b|\.b$|semib", re.I)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmsl|sfti|-it\b|\.i$", re.I)
_NUMBER = re.compile(r"(?:[A-Z]|\d{1,2}|[IVX]{1,5})?(?:\.\d{1,2})*\.?|[•●▪–—*]|\([a-z\d]{1,3}\)")


def library() -> Any:
    """PyMuPDF, which takes more than half a second to import, without its messages."""
    import pymupdf

    tools: Any = pymupdf.TOOLS
    tools.mupdf_display_errors(False)
    tools.mupdf_display_warnings(False)
    return pymupdf


def page_lines(page: Any, number: int) -> Page:
    """The page's lines as they are drawn, not yet ordered; `page` is PyMuPDF's."""
    pymupdf = library()
    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
    blocks = page.get_text("dict", flags=flags)["blocks"]
    if pdf_glyphs.numbered("".join(s["text"] for b in blocks for ln in b.get("lines", ()) for s in ln["spans"])):
        blocks = pdf_glyphs.respelt_lines(page.get_text("rawdict", flags=flags)["blocks"])
    found: list[tuple[Line, tuple[float, float]]] = []
    for index, block in enumerate(blocks):
        for raw in block.get("lines", ()):
            line = _line(raw["spans"], raw["bbox"], number, index)
            if line:
                found.append((line, raw["dir"]))
    width, height = page.rect.width, page.rect.height
    ways: Counter[tuple[int, int]] = Counter()
    for line, (dx, dy) in found:
        ways[round(dx), round(dy)] += len(line.text)
    main = max(ways, key=lambda way: ways[way]) if ways else (1, 0)
    if main in {(0, -1), (0, 1)} and ways[main] > 4 * ways[1, 0]:  # a page lying on its side
        found = [(_turned(line, main, width, height), way) for line, way in found]
        width, height = height, width
    else:
        main = (1, 0)
    if len(found) > MOST_LINES:  # the labels of a drawing
        found = [(ln, way) for ln, way in found if len(ln.text) > 12][:MOST_LINES]
    lines = [replace(ln, turned=(round(dx), round(dy)) != main) for ln, (dx, dy) in found]
    return Page(tuple(_merged(_once(lines))), width, height)


def _turned(line: Line, way: tuple[int, int], width: float, height: float) -> Line:
    if way == (0, -1):
        return replace(line, x0=height - line.y1, x1=height - line.y0, y0=line.x0, y1=line.x1)
    return replace(line, x0=line.y0, x1=line.y1, y0=width - line.x1, y1=width - line.x0)


def _line(spans: Sequence[dict[str, Any]], box: Sequence[float], page: int, block: int) -> Line | None:
    spans = [s for s in spans if s["text"]]
    sizes: Counter[float] = Counter()
    for s in spans:
        sizes[round(s["size"], 1)] += len(s["text"].strip())
    if not sizes or not any(sizes.values()):
        return None
    size = max(sizes, key=lambda v: (sizes[v], v))
    raw = _small_capitals(spans, sizes)
    small = 0.0
    if raw is not None:
        size, small = sorted((v for v in sizes if sizes[v]), reverse=True)[:2]
    else:
        raw = _text(spans, size)
    text = unspaced(mend(raw))
    if not text:
        return None
    total = bold = italic = 0
    lead, leading, face = "", True, None
    for s in spans:
        length = len(s["text"].strip())
        is_bold, is_italic = _face(s["font"], s["flags"] & 18)
        total, bold, italic = total + length, bold + length * is_bold, italic + length * is_italic
        if length and s["text"].strip()[0].isalpha():
            now = (is_bold, is_italic, s["text"].isupper() and length > 3)
            face = face or now
            leading = leading and now == face
        if leading:
            lead += s["text"]
    lead = unspaced(mend(lead))
    x0, y0, x1, y1 = box
    if y1 - y0 > 1.5 * size:  # a font with room above and below
        base = max(spans, key=lambda s: len(s["text"]))["origin"][1]
        y0, y1 = max(y0, base - 0.8 * size), min(y1, base + 0.25 * size)
    return Line(
        text,
        round(x0, 1),
        round(y0, 1),
        round(x1, 1),
        round(y1, 1),
        size,
        bold=bold > total * 0.6,
        italic=italic > total * 0.6,
        page=page,
        block=block,
        lead=lead if len(lead) < len(text) - 1 else "",
        small=small,
    )


@lru_cache(maxsize=4096)
def _face(font: str, flags: int) -> tuple[bool, bool]:
    """(bold, italic), by the font's flags or by its name."""
    return bool(flags & 16 or _BOLD.search(font)), bool(flags & 2 or _ITALIC.search(font))


def _small_capitals(spans: Sequence[dict[str, Any]], sizes: Counter[float]) -> str | None:
    """Text set in capitals of two sizes -> letters large and small; None where it is not."""
    seen = sorted((v for v in sizes if sizes[v]), reverse=True)
    if len(seen) < 2 or not 0.6 < seen[1] / seen[0] < 0.9:
        return None
    letters = "".join(s["text"] for s in spans if s["size"] > 0.6 * seen[0])
    if not letters.isupper() or sum(c.isalpha() for c in letters) < 3:
        return None
    if sizes[seen[1]] < 0.3 * (sizes[seen[0]] + sizes[seen[1]]):
        return None
    out, end, small_before = "", None, False
    for s in spans:
        small = s["size"] < 0.95 * seen[0]
        if s["flags"] & 1 and s["size"] < 0.6 * seen[0]:
            continue
        text = s["text"].lower() if small else s["text"]
        if text.strip():
            if out and end is not None and small and not small_before:
                gap = s["bbox"][0] - end  # a large letter and the small ones after it are one word
                if gap < 0.15 * seen[0] and not text.startswith(" "):
                    out = out.rstrip()
            end, small_before = s["bbox"][2], small
            if text.endswith(" "):
                small_before = True
        out += text
    return out


def _text(spans: Sequence[dict[str, Any]], size: float) -> str:
    """The spans' text; the marks of footnotes left out, exponents after figures marked."""
    out = ""
    for s in spans:
        text = s["text"]
        if s["flags"] & 1 and s["size"] < 0.85 * size and text.strip():
            bare = text.strip()
            before = out.rstrip()[-1:]
            if re.fullmatch(r"[\d,*∗†‡§¶⋆♯♮∥ a-h]+|[a-h\d]\)(?:,\s?[a-h\d]\))*", bare) and re.search(
                r"[^\W\d_]{3}[.,;:)”]?$|[.,;:)”]$", out
            ):
                out += " " if text != text.rstrip() else ""
                continue
            if before.isdigit() and re.match(r"[-−–]?\d", bare):
                text = f"^{text}"
        out += text
    return out


def _once(lines: Iterable[Line]) -> list[Line]:
    """Without what is drawn twice at one place, as programs do that know no bold."""
    seen: dict[str, list[Line]] = {}
    out = []
    for line in lines:
        same = seen.setdefault(line.text, [])
        if any(abs(o.x0 - line.x0) < 2 and abs(o.y0 - line.y0) < 2 for o in same):
            continue
        same.append(line)
        out.append(line)
    return out


def _merged(lines: Iterable[Line]) -> list[Line]:
    """A section's number and its heading are one line, and so are pieces with less than a wide space between."""
    out: list[Line] = []
    for line in lines:
        last = out[-1] if out else None
        if last and last.small and not line.small and line.text.isupper() and abs(line.size - last.small) < 0.3:
            below = -line.size < line.y0 - last.y1 < 1.5 * line.size
            if below:  # the next line of small capitals has no large one
                line = replace(line, text=line.text.lower(), size=last.size, small=last.small)
        if last and not line.turned and not last.turned and last.block == line.block:
            overlap = min(last.y1, line.y1) - max(last.y0, line.y0)
            gap = line.x0 - last.x1
            near = 2.5 if _NUMBER.fullmatch(last.text) else 1.6
            if overlap > 0.5 * min(last.y1 - last.y0, line.y1 - line.y0) and -2 < gap < near * max(
                line.size, last.size
            ):
                big = line if len(line.text) >= len(last.text) else last
                out[-1] = replace(
                    big,
                    text=f"{last.text} {line.text}",
                    x0=min(last.x0, line.x0),
                    x1=max(last.x1, line.x1),
                    y0=min(last.y0, line.y0),
                    y1=max(last.y1, line.y1),
                    lead=last.lead or (last.text if last.bold and not line.bold else ""),
                )
                continue
        out.append(line)
    return out
