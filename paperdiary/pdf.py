"""PDF -> title, abstract and text, by layout: what the file's metadata say is not believed.

Reading stops after `PAGES` pages and `LETTERS` letters, so that a book of thousands of pages takes seconds
and bounded memory; title and abstract come from the first pages alone.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paperdiary import pdf_front, pdf_text, sources
from paperdiary.errors import PdfError
from paperdiary.pdf_columns import in_order, with_initials
from paperdiary.pdf_flow import written
from paperdiary.pdf_layout import Line, Page, library, page_lines

BYTES = 256 * 2**20  #: a larger file is not opened
PAGES = 400  #: the text of later pages is not read
LETTERS = 3_000_000  #: nor what comes after as many letters
_EDGE = 0.12  #: running heads stand in as much of the page's height, at its top and its foot
_PLACEHOLDER = re.compile(r"x{4}|n{4}|1234567|0{7}|10\.1145/3?1?122445", re.I)


@dataclass(frozen=True, slots=True)
class Document:
    """What was found in a PDF."""

    title: str = ""
    abstract: str = ""
    text: str = ""  #: pages joined by \f, paragraphs by an empty line, headings begin with "## "
    pages: int = 0  #: in the file
    scanned: bool = False  #: pictures of pages, without text
    arxiv: str | None = None  #: id without version, where the paper says it is its own
    doi: str | None = None  #: likewise, lower case
    garbled: bool = False  #: it has text, but its fonts do not say which letters they draw; none is given
    read: int = 0  #: pages whose text was read, at most PAGES

    @property
    def problem(self) -> str:
        """One sentence where the text cannot be had, else ""."""
        if self.scanned:
            return "its pages are pictures without text (a scan)"
        if self.garbled:
            return "its fonts do not say which letters they draw, so that its text cannot be read"
        return "" if self.text.strip() else "there is no text in it"


def read(path: Path, *, text: bool = True) -> Document:
    """Read a PDF.

    Args:
        text: False reads only the first pages, for title, abstract and identifiers.

    Raises:
        PdfError: not a PDF, damaged, locked, empty, too large, or not there.
    """
    with opened(path) as document:
        count = document.page_count
        wanted = min(count, PAGES if text else pdf_front.PAGES + 2)
        pages = list(_pages(document, wanted))
        hint, subject = _metadata(document)
        pictured = sum(not p.lines and _pictured(document, i) for i, p in enumerate(pages[:40]))
    letters = sum(len(ln.text) for p in pages for ln in p.lines)
    if letters < 40 * len(pages) and pictured >= 0.5 * min(len(pages), 40) and pictured:
        stamped = _identifiers(pages[:2], "")
        return Document(pages=count, scanned=True, arxiv=stamped[0], doi=stamped[1], read=len(pages))
    arxiv, doi = _identifiers(pages[:2], subject)
    raw = "".join(ln.text for p in pages[:12] for ln in p.lines if not ln.turned)
    if pdf_text.garbled(raw):
        return Document(pages=count, garbled=True, arxiv=arxiv, doi=doi, read=len(pages))
    body = _body(pages)
    words = pdf_text.Words(ln.text for p in pages for ln in p.lines)
    ordered = [replace(p, lines=tuple(in_order(with_initials(p.lines, body)))) for p in _without_margins(pages, body)]
    front = pdf_front.find(ordered, body, words, hint)
    whole = "\f".join(written(ordered, body, words)) if text else ""
    return Document(front.title, front.abstract, whole, count, False, arxiv, doi, False, len(pages))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """PyMuPDF's document of a file that was checked to be a readable PDF.

    Raises:
        PdfError: see `read`.
    """
    check(path)
    pymupdf = library()
    document = None
    try:
        document = pymupdf.open(str(path), filetype="pdf")
        if document.needs_pass:
            raise PdfError(f"{path} is locked with a password. Save an unlocked copy of it and use that.")
        if document.page_count < 1:
            raise PdfError(f"{path} is damaged: no page can be read. Download it again.")
        if document.is_repaired and b"%%EOF" not in _tail(path):
            raise PdfError(f"{path} ends too early, its download was cut off. Download it again.")
        yield document
    except _failures() as e:
        raise PdfError(f"{path} is damaged and cannot be read as a PDF ({_short(e)}). Download it again.") from None
    finally:
        if document is not None:
            document.close()


def check(path: Path, *, whole: bool = False) -> None:
    """Refuse what is no PDF by its first bytes; opens no library.

    Args:
        whole: refuse one that was cut off, too; only where its end looks so is it opened.

    Raises:
        PdfError: not there, empty, too large, or something else than a PDF.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(2048)
    except OSError as e:
        raise PdfError(f"{path} cannot be read: {e.strerror}. Check the name and its permissions.") from None
    if not size:
        raise PdfError(f"{path} is empty. Download it again.")
    if size > BYTES:
        raise PdfError(f"{path} has {size // 2**20} MB; PDFs of up to {BYTES // 2**20} MB are read.")
    if b"%PDF-" in head[:1024]:
        if whole and b"%%EOF" not in _tail(path):
            with opened(path):
                pass
        return
    if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|\?xml|!--|body)", head, re.I):
        raise PdfError(f"{path} is a web page, not a PDF. Open its address in a browser and save the PDF itself.")
    raise PdfError(f"{path} is not a PDF. Give a file that begins with %PDF, or the address of the paper.")


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8192))
        return file.read()


def _failures() -> tuple[type[Exception], ...]:
    """What PyMuPDF and MuPDF raise about damaged files."""
    return RuntimeError, ValueError, TypeError, IndexError, KeyError, library().mupdf.FzErrorBase


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__


def _pages(document: Any, count: int) -> Iterator[Page]:
    letters = 0
    for number in range(count):
        try:
            page = page_lines(document[number], number)
        except _failures():  # one damaged page does not cost the others
            page = Page((), 0.0, 0.0)
        letters += sum(len(ln.text) for ln in page.lines)
        yield page
        if letters > LETTERS:
            return
        if number % 50 == 49:
            library().TOOLS.store_shrink(100)


def _pictured(document: Any, number: int) -> bool:
    """True where a picture covers most of a page."""
    try:
        page = document[number]
        area = abs(page.rect.width * page.rect.height) or 1.0
        boxes = [info["bbox"] for info in page.get_image_info()]
    except _failures():
        return False
    return bool(sum(abs((b[2] - b[0]) * (b[3] - b[1])) for b in boxes) > 0.4 * area)


def _metadata(document: Any) -> tuple[str, str]:
    """The title that the metadata give, and all of them as one text."""
    values = {k: str(v) for k, v in (document.metadata or {}).items() if v}
    return pdf_text.mend(values.get("title", "")), " ".join(values.get(k, "") for k in ("subject", "keywords", "title"))


def _identifiers(pages: Sequence[Page], metadata: str) -> tuple[str | None, str | None]:
    """arXiv id and DOI that the first page says are the paper's own."""
    arxiv = doi = None
    for page in pages[:1]:
        edge = [
            ln
            for ln in page.lines
            if ln.turned or ln.y0 < 0.13 * page.height or ln.y1 > 0.8 * page.height or len(ln.text) < 60
        ]
        for line in sorted(edge, key=lambda ln: not ln.turned):
            arxiv = arxiv or (sources.arxiv_in_text(line.text) if _is_stamp(line, page) else None)
            found = sources.doi_in(line.text)
            if found and not _PLACEHOLDER.search(found) and not found.startswith("10.48550/"):
                doi = doi or found
    found = sources.doi_in(metadata)
    if not doi and found and not _PLACEHOLDER.search(found) and not found.startswith("10.48550/"):
        doi = found
    return arxiv, doi


def _is_stamp(line: Line, page: Page) -> bool:
    if line.turned:
        return True
    return line.y0 < 0.1 * page.height and len(line.text) < 90


def _body(pages: Sequence[Page]) -> float:
    """Size of most of the type, in points."""
    sizes: Counter[float] = Counter()
    for page in pages[:20]:
        for line in page.lines:
            if not line.turned:
                sizes[line.size] += len(line.text)
    if not sizes:
        return 10.0
    near = {v: sum(n for w, n in sizes.items() if abs(w - v) <= 0.21) for v in sizes}
    return max(near, key=lambda v: (near[v], sizes[v]))


def _without_margins(pages: Sequence[Page], body: float) -> list[Page]:
    """Without running heads, page numbers, the numbers of lines, and what is turned."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        for key in {_key(ln) for ln in page.lines if _at_edge(ln, page)}:
            seen[key] += 1
    often = 3 if len(pages) > 4 else 2
    out = []
    for number, page in enumerate(pages):
        lines = [ln for ln in page.lines if not ln.turned]
        kept = [
            ln
            for ln in _unnumbered(lines)
            if not (_is_number(ln, page) or (_at_edge(ln, page) and seen[_key(ln)] >= often))
            or (number == 0 and ln.size > 1.15 * body)
        ]
        out.append(replace(page, lines=tuple(kept)))
    return out


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\b(?:\d+|[ivxlc]+)\b", "#", line.text.lower()).strip(), round(line.size)


def _at_edge(line: Line, page: Page) -> bool:
    return line.y1 < _EDGE * page.height or line.y0 > (1 - _EDGE) * page.height


def _is_number(line: Line, page: Page) -> bool:
    """True for the number of a page."""
    if 0.17 * page.height < line.y0 and line.y1 < 0.83 * page.height:
        return False
    return re.fullmatch(r"\W*(?:page\s)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s?(?:of|/)\s?\d+)?\W*", line.text, re.I) is not None


def _unnumbered(lines: Sequence[Line]) -> list[Line]:
    """Without the numbers that versions for review carry beside every line."""
    long = [ln for ln in lines if len(ln.text) > 25]
    if len(long) < 5:
        return list(lines)
    left, right = min(ln.x0 for ln in long), max(ln.x1 for ln in long)
    bare = [ln for ln in lines if re.fullmatch(r"\d{1,4}", ln.text)]
    places = Counter(round(ln.x1 / 6) for ln in bare) + Counter(round(ln.x0 / 6) for ln in bare)
    column = {p for p, n in places.items() if n >= 10}
    numbers = {
        id(ln) for ln in bare if ln.x1 < left + 3 or ln.x0 > right - 3 or {round(ln.x1 / 6), round(ln.x0 / 6)} & column
    }
    if len(numbers) >= 5:
        lines = [ln for ln in lines if id(ln) not in numbers]
    for pattern in (r"(\d{1,4})\s+(?=\S)", r"(?s:.*\S)\s+(\d{1,4})$"):
        found = [(ln, m) for ln in lines if len(ln.text) > 25 and (m := re.match(pattern, ln.text))]
        values = [int(m[1]) for _, m in found]
        steps = sum(b - a in {1, 2, 5} for a, b in itertools.pairwise(values))
        if len(found) >= 12 and len(found) > 0.6 * len(long) and steps > 0.7 * len(values):
            gone = {id(ln): m for ln, m in found}
            lines = [
                replace(ln, text=(ln.text[m.end() :] if m.end() < len(ln.text) else ln.text[: m.start(1)].rstrip()))
                if (m := gone.get(id(ln)))
                else ln
                for ln in lines
            ]
    return list(lines)
