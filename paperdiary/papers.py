"""The papers of a diary: PDFs under papers/, the text that was read from them, and its passages for search.

papers/1706.03762.pdf    the PDF of the entry with that arXiv id (`hep-th_9501001.pdf` for old ids)
papers/some-note.pdf     the PDF of the entry in some-note.md
papers/some-note.txt     its text; made again when the PDF changes, never otherwise; without a PDF it is read as well
.paperdiary/papers.json  which PDF each text was made from, and what could not be read

The folder is git-ignored, and nothing in it is ever published: passages from here are for the terminal's search.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError, PdfError
from paperdiary.slugs import slug
from paperdiary.store import Store, sealed, write_atomic

if TYPE_CHECKING:
    from paperdiary.config import Config
    from paperdiary.markup import Block

Say = Callable[[str], None]
PASSAGES = 400  #: of one paper at most; of a longer text the beginning is searched
VERSION = 1  #: of how text is read; another one reads the PDFs again
_REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s|[IVX]+\.\s|[A-Z]\.\s)?(?:references?(?: cited)?|bibliography|literature(?: cited)?|works cited|"
    r"references and notes|bibliographie|literatur(?:verzeichnis)?|referencias|bibliografía|"
    r"参\s?考\s?文\s?献|참고\s?문헌)\W?",
    re.I,
)
_FIRST = re.compile(r"(?:abstract|summary|(?:1|I)\b|(?:\d\.?\s)?introduction|摘|概|要)", re.I)
_APPENDIX = re.compile(r"(?:appendi(?:x|ces)|supplement|supporting information|[A-H](?:\.\d+)*\.?\s+[A-Z])", re.I)


def folder(config: Config) -> Path:
    """Where a diary keeps its papers."""
    return config.root / "papers"


def file_name(name: str) -> str:
    """A name that any file system takes: `/` and other signs that none allows become `_`."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", name).strip(" .") or "paper"


def names(entry: Entry) -> tuple[str, ...]:
    """What the PDF of an entry may be called, without `.pdf`; the first is what `diary add` calls it."""
    out = [file_name(entry.arxiv)] if entry.arxiv else []
    stem = PurePosixPath(entry.note).stem
    alone = not entry.anchor
    if alone:
        out.append(file_name(stem))
    if entry.doi:
        out.append(file_name(entry.doi))
    title = slug(entry.title)
    return tuple(dict.fromkeys([*out, title if alone else entry.anchor.removeprefix("entry-"), title]))


def pdf_of(config: Config, entry: Entry) -> Path | None:
    """The PDF that belongs to an entry, where there is one."""
    return next((p for n in names(entry) if (p := folder(config) / f"{n}.pdf").is_file()), None)


def keep(config: Config, name: str, origin: Path | str, *, say: Say = lambda message: None) -> Path:
    """Keep a PDF in papers/ under a name: the whole of it or nothing. What had that name before is replaced.

    Args:
        name: arXiv id, or the note's name without `.md`.
        origin: a file, or the address to download it from.

    Returns:
        Its path.

    Raises:
        PdfError: it is no PDF, cut off, empty or too large.
        NetworkError, NotFoundError: it cannot be downloaded.
        DiaryError: papers/ cannot be written.
    """
    from paperdiary import pdf

    path = folder(config) / f"{file_name(name)}.pdf"
    if isinstance(origin, str):
        from paperdiary import web

        web.download(origin, path, max_bytes=pdf.BYTES, check=lambda file: _checked(file, origin), say=say)
        return path
    pdf.check(origin, whole=True)
    if path.exists() and path.samefile(origin):
        return path
    write_atomic(path, origin.read_bytes())
    return path


def _checked(file: Path, address: str) -> None:
    """Refuse a download that is no PDF, by its address rather than by the name it has for a moment."""
    from paperdiary import pdf

    try:
        pdf.check(file, whole=True)
    except PdfError as e:
        raise PdfError(str(e).replace(str(file), address)) from None


def passages(
    config: Config, entries: Iterable[Entry], *, say: Say = lambda message: None
) -> dict[str, tuple[Passage, ...]]:
    """The passages of the papers' texts, by entry id; references are left out, entries without a paper too.

    A PDF is read when it is new or has changed. One that cannot be read stops nothing: `say` hears of it
    once, until the file changes.
    """
    try:
        with os.scandir(folder(config)) as found:
            files = {f.name: f.stat() for f in found if f.is_file() and f.name.lower().endswith((".pdf", ".txt"))}
    except OSError:
        return {}
    if not files:
        return {}
    made = _Made(config)
    out = {}
    for entry in entries:
        name = next((n for n in names(entry) if f"{n}.pdf" in files or f"{n}.txt" in files), None)
        if name is None:
            continue
        text = _text(folder(config), name, files, made, say)
        found_here = tuple(_cut(entry, text))
        if found_here:
            out[entry.id] = found_here
    made.save(set(files))
    return out


class _Made:
    """Which PDF each text was made from: name -> (stamp, what is wrong with it)."""

    def __init__(self, config: Config) -> None:
        store = Store(config)
        self.path = store.cache / "papers.json"
        value: Any = store.read_sealed(self.path)  # a wrong stamp would have a text that was edited made again
        rows = value.get("papers") if isinstance(value, dict) and value.get("version") == VERSION else None
        self.rows: dict[str, tuple[str, str]] = {}
        for name, row in rows.items() if isinstance(rows, dict) else ():
            if isinstance(row, list) and len(row) == 2 and all(isinstance(v, str) for v in row):
                self.rows[name] = (row[0], row[1])
        self.known = isinstance(rows, dict)
        self.changed = False

    def put(self, name: str, stamp: str, problem: str) -> None:
        self.rows[name] = (stamp, problem)
        self.changed = True

    def save(self, files: set[str]) -> None:
        """Write the table where it changed; a folder that cannot be written costs only time."""
        import contextlib

        gone = [n for n in self.rows if f"{n}.pdf" not in files]
        for name in gone:
            del self.rows[name]
        if self.changed or gone:
            rows = {name: list(row) for name, row in sorted(self.rows.items())}
            with contextlib.suppress(DiaryError):
                write_atomic(self.path, sealed({"version": VERSION, "papers": rows}))


def _text(place: Path, name: str, files: Mapping[str, os.stat_result], made: _Made, say: Say) -> str:
    """The text of a paper, read from its PDF where that is new."""
    stat = files.get(f"{name}.pdf")
    kept = files.get(f"{name}.txt")
    path = place / f"{name}.txt"
    if stat is None:
        return _read(path)
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}"
    last = made.rows.get(name)
    if last and last[0] == stamp and (last[1] or kept):
        return "" if last[1] else _read(path)
    if not last and kept and kept.st_mtime_ns >= stat.st_mtime_ns and not made.known:
        made.put(name, stamp, "")  # the cache was deleted; the text is there and is younger
        return _read(path)
    from paperdiary import pdf

    source = place / f"{name}.pdf"
    try:
        document = pdf.read(source)
        problem = f"The text of papers/{source.name} is not searched: {document.problem}." if document.problem else ""
        text = document.text
        if not problem:
            write_atomic(path, text)
    except DiaryError as e:
        problem, text = str(e).replace(str(source), f"papers/{source.name}"), ""
    except OSError as e:
        problem, text = f"papers/{source.name} cannot be read: {e.strerror}. Check its permissions.", ""
    if problem:
        say(problem)
    made.put(name, stamp, problem)
    return "" if problem else text


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _cut(entry: Entry, text: str) -> Iterator[Passage]:
    from paperdiary.passages import cut

    blocks = list(_prose(text))
    if not blocks:
        return
    for number, (heading, piece) in enumerate(cut(blocks, entry.title)):
        if number == PASSAGES:
            return
        yield Passage(entry.id, number, heading, piece, paper=True)


def _prose(text: str) -> Iterator[Block]:
    """Headings and paragraphs of a paper's text, without references, formulas, tables and what precedes its prose."""
    from paperdiary.markup import Block

    begun = skipping = False
    heading: str | None = None
    for number, raw in enumerate(re.split(r"\n{2,}|\f", text)):
        block = " ".join(raw.split())
        if block.startswith("## ") or _REFERENCES.fullmatch(block):
            heading = block.removeprefix("## ")
            if _REFERENCES.fullmatch(heading):
                skipping = True
            elif skipping and _APPENDIX.match(heading):
                skipping = False
            continue
        begun = begun or len(block) > 150 or (heading is not None and _FIRST.match(heading) is not None)
        if skipping or not begun or not _is_prose(block):
            continue
        if heading is not None:
            yield Block("heading", number, number, heading, 2)
            heading = None
        yield Block("text", number, number + 1, block)


def _is_prose(block: str) -> bool:
    """False for cells of tables, axes of figures, formulas, addresses."""
    if not block.isascii() and sum(c > "\u2e80" for c in block) > 15:
        return True
    words = block.split()
    if len(words) < 6:
        return False
    plain = sum(w.strip(".,;:()[]“”\"'’").isalpha() and len(w) > 1 for w in words)
    return plain > 0.55 * len(words)
