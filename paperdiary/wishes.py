"""What somebody asks to be added, as typed or shared from a phone -> sources and PDF files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from paperdiary import sources
from paperdiary.entry import Source
from paperdiary.errors import DiaryError, NotFoundError, UsageError
from paperdiary.inert import one_line


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to be added; exactly one of the three below is there."""

    asked: str  #: in the words it was asked for
    source: Source | None = None
    file: Path | None = None  #: a PDF on this machine
    error: DiaryError | None = None  #: why it cannot be understood


def read(wanted: Sequence[str]) -> list[Wish]:
    """Each of `wanted` as a wish, in order; a text that holds several addresses as several."""
    return [wish for text in wanted for wish in _one(text)]


def _one(text: str) -> Iterator[Wish]:
    text = text.strip()
    file = _file(text)
    if file and file.is_file():
        yield _pdf(text, file)
        return
    source = sources.typed(text)
    if source:
        yield Wish(text, source) if _is_thing(source) else Wish(text, error=UsageError(_unknown(text)))
        return
    if file and (file.suffix.lower() == ".pdf" or file.exists()):
        what = "is a folder; `diary import` reads folders" if file.is_dir() else "does not exist. Check its path"
        yield Wish(text, error=NotFoundError(f"The file {one_line(str(file), 200)} {what}."))
        return
    found = [s for s in sources.in_text(text) if _is_thing(s)]
    if not found:
        yield Wish(text, error=UsageError(_unknown(text)))
    for source in found:
        yield Wish(source.arxiv or source.url, source)


def _is_thing(source: Source) -> bool:
    """False for pages of arXiv that are no papers: lists, searches, an id with a slip in it."""
    return bool(source.arxiv) or source.label not in {"arxiv.org", "export.arxiv.org"}


def shared(text: str) -> list[Wish]:
    """The sources in a text that somebody shared, each once: a bare id or DOI a line, and addresses anywhere.

    Raises:
        UsageError: there is none.
    """
    found: dict[str, Wish] = {}
    for row in re.split(r"[\r\n]+", text[:200_000]):
        whole = sources.typed(row) if len(row.split()) == 1 else None
        for source in filter(_is_thing, [whole] if whole else sources.in_text(row)):
            found.setdefault(source.identity, Wish(source.arxiv or source.url, source))
    if not found:
        raise UsageError("There is no address in what was given. Write one, as in `echo 2302.07515 | diary add -`.")
    return list(found.values())


def _unknown(text: str) -> str:
    shown = one_line(text, 100)
    if re.match(r"(?:https?://|www\.)", text, re.I):
        return f"“{shown}” is no address of one thing to read. Give the page of the paper, post or talk itself."
    return f"“{shown}” is no arXiv id, DOI, address or PDF file. Type something like `diary add 2302.07515`."


def _file(text: str) -> Path | None:
    """What may be a path; None for an address of the web."""
    if not text or "\0" in text or len(text) > 2000 or re.match(r"(?:https?:)?//\w", text, re.I):
        return None
    if text.lower().startswith("file:"):
        return Path(unquote(urlsplit(text).path))
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, ValueError, RuntimeError):
        return None
    return path


def _pdf(text: str, file: Path) -> Wish:
    try:
        with file.open("rb") as data:
            head = data.read(1024)
    except OSError as e:
        return Wish(text, error=DiaryError(f"{file} cannot be read ({e.strerror}). Mend its permissions."))
    if file.suffix.lower() == ".pdf" or b"%PDF-" in head:
        return Wish(text, file=file)
    return Wish(text, error=UsageError(f"{file} is no PDF. For notes, BibTeX or captions, type `diary import {file}`."))
