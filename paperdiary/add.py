"""`diary add`: from an address or a PDF to a note.

    wishes.py -> known.py (in the diary already?) -> metadata.py (one look-up for all) -> known.py again
              -> topics.py (where it belongs) -> papers.py (its PDF) -> template.py -> notes/<topic>/<slug>.md

The note is written last and appears whole, so that an `add` that was interrupted can simply be run again.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from paperdiary import build, newnote, notes, onenote, sources, template
from paperdiary.config import Config
from paperdiary.entry import Entry, Source
from paperdiary.errors import DiaryError, NotFoundError, UsageError
from paperdiary.inert import one_line
from paperdiary.known import Known
from paperdiary.metadata import Metadata, look_up
from paperdiary.slugs import pretty
from paperdiary.store import Store, write_new
from paperdiary.topics import Suggester, Suggestion, folder, inbox
from paperdiary.wishes import Wish

if TYPE_CHECKING:
    from paperdiary.pdf import Document

Say = Callable[[str], None]
#: asked where a note belongs: (title, suggestion, topics there are) -> a topic, "" for the inbox
Ask = Callable[[str, Suggestion, Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Options:
    """How things are added."""

    topic: str | None = None  #: decides; None: the nearest entries suggest one
    status: str | None = None  #: one of entry.STATUSES; None: the template's, else "read"
    date: str | None = None  #: ISO 8601, the day it was read; None: today, unless it is queued
    pdf: bool = True


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one wish."""

    asked: str
    result: str  #: "added", "duplicate" or "failed"
    path: Path | None = None  #: of its note, absolute
    entry: Entry | None = None
    topic: str = ""  #: folder of the note
    suggestion: Suggestion = field(default_factory=Suggestion)
    chosen: str = ""  #: what decided the topic: "option", "asked", "nearest" or "inbox"
    paper: Path | None = None  #: its PDF
    incomplete: str = ""  #: why metadata is missing, "" where it is not
    remarks: tuple[str, ...] = ()  #: what the reader should know besides
    error: DiaryError | None = None

    @property
    def exit_code(self) -> int:
        if self.error:
            return self.error.exit_code
        return 3 if self.result == "duplicate" else 5 if self.incomplete else 0


def gravest(results: Sequence[Added]) -> int:
    """One exit code for several: a problem, then the network, not found, not understood, a duplicate."""
    codes = {r.exit_code for r in results}
    return next((code for code in (1, 5, 4, 2, 3) if code in codes), 0)


def add(config: Config, wanted: Sequence[Wish], options: Options, say: Say, ask: Ask | None = None) -> Iterator[Added]:
    """Add each wish, in order; one that fails stops no other.

    Raises:
        UsageError: the topic is none.
        DiaryError: the template or the diary cannot be read.
    """
    return _Adding(config, options, say, ask).run(wanted)


class _Adding:
    """One run of `diary add`."""

    def __init__(self, config: Config, options: Options, say: Say, ask: Ask | None) -> None:
        self.config = config
        self.options = options
        self.say = say
        self.ask = ask
        self.template = template.read(config)
        diary = build.read(config)
        self.topics = sorted({e.topic for e in diary.entries if e.topic})
        self.topic = None if options.topic is None else folder(config, options.topic, self.topics)
        self.known = Known(diary.entries)
        self.state = self._stamps()
        self.suggester = Suggester(diary, say if options.topic is None else lambda message: None)

    def run(self, wanted: Sequence[Wish]) -> Iterator[Added]:
        documents = {id(w): _document(w.file) for w in wanted if w.file}
        asked = {id(w): w.source or _named_in(documents.get(id(w)), w.file) for w in wanted}
        unknown = {s.identity: s for s in asked.values() if s and not self.known.source(s)}
        answers = dict(zip(unknown, look_up(list(unknown.values()), say=self.say), strict=True)) if unknown else {}
        for wish in wanted:
            source = asked[id(wish)]
            try:
                document = documents.get(id(wish))
                if wish.error or isinstance(document, DiaryError):
                    raise wish.error or document  # type: ignore[misc]
                there = self.known.source(source) or (wish.file and self._kept(wish.file))
                if there:
                    yield self._duplicate(wish, there)
                    continue
                answer = answers.get(source.identity) if source else None
                if document and (answer is None or isinstance(answer, NotFoundError)):
                    answer = _from_document(document, wish.file)  # type: ignore[arg-type]
                elif document and isinstance(answer, Metadata) and not answer.complete:
                    title, text = answer.title or document.title, answer.abstract or document.abstract
                    answer = replace(answer, title=title, abstract=text)
                if not isinstance(answer, Metadata):
                    raise answer or DiaryError(f"Nothing is known of {wish.asked}.")
                yield self._one(wish, answer, document)
            except DiaryError as e:
                yield Added(wish.asked, "failed", error=e)

    def _duplicate(self, wish: Wish, entry: Entry) -> Added:
        return Added(wish.asked, "duplicate", self.config.notes / entry.note, entry, entry.topic)

    def _kept(self, file: Path) -> Entry | None:
        """The entry whose PDF in papers/ has the same bytes as a file."""
        from paperdiary import papers

        size = file.stat().st_size
        alike = [p for p in papers.folder(self.config).glob("*.pdf") if p.stat().st_size == size]
        stems = {p.stem for p in alike if p.read_bytes() == file.read_bytes()}
        entries = (e for e in self.known.entries if stems & set(papers.names(e)))
        return next(entries, None) if stems else None

    def _one(self, wish: Wish, found: Metadata, document: Document | None) -> Added:
        there = self.known.find(found)
        if there:
            return self._duplicate(wish, there)
        title = one_line(found.title, newnote.TITLE) or newnote.placeholder(found.source)
        near = self.suggester.near(found.title, found.abstract)
        topic, chosen = self._topic(title, near)
        stem = self._free(topic, newnote.stem(found, title), named=bool(found.arxiv))
        remarks: list[str] = []
        paper = None
        if self.options.pdf:
            paper, remarks = keep_paper(self.config, stem, found, self.say, wish.file)
        if document and (document.scanned or document.garbled):
            remarks.append(f"{_capital(document.problem)}: only its title and what you write can be searched.")
        if found.withdrawn:
            remarks.append("arXiv says that this paper was withdrawn.")
        text = newnote.text(self.template, found, title, topic, self.options.status, self.options.date)
        with Store(self.config).writing() as staging:
            if self.state != self._stamps():  # somebody else wrote meanwhile
                self.known = Known(build.read(self.config).entries)
                there = self.known.find(found)
                if there:
                    return self._duplicate(wish, there)
            path = self._write(topic, stem, text, staging)
            self.state = self._stamps()
        note = onenote.read_note(self.config, path.relative_to(self.config.notes).as_posix())
        entry = note.entries[0]
        self.known.add(entry)
        why = found.problem or "the metadata could not be looked up." if not found.complete else ""
        return Added(wish.asked, "added", path, entry, topic, near, chosen, paper, why, tuple(remarks))

    def _topic(self, title: str, near: Suggestion) -> tuple[str, str]:
        """(folder, what decided it)."""
        if self.topic is not None:
            return self.topic, "option"
        while self.ask:
            typed = self.ask(title, near, self.topics).strip()
            try:
                return (
                    (folder(self.config, typed, self.topics), "asked")
                    if typed
                    else (inbox(self.config, self.topics), "inbox")
                )
            except UsageError as e:
                self.say(str(e))
        return (near.best[0], "nearest") if near.sure else (inbox(self.config, self.topics), "inbox")

    def _stamps(self) -> frozenset[tuple[str, int, int]]:
        """Which notes there are, and when each was written."""
        out = set()
        for path in notes.note_paths(self.config):
            with contextlib.suppress(OSError):
                stat = (self.config.notes / path).stat()
                out.add((path, stat.st_mtime_ns, stat.st_size))
        return frozenset(out)

    def _free(self, topic: str, stem: str, named: bool) -> str:
        """`stem`, or with a number the first that no note has: in its topic, or where its PDF goes by it, in any."""
        stems = {PurePosixPath(path).stem for path, _, _ in self.state} if not named else set()
        number, name = 1, stem
        while name in stems or os.path.lexists(self.config.notes / topic / f"{name}.md"):
            number += 1
            name = f"{stem}-{number}"
        return name

    def _write(self, topic: str, stem: str, text: str, staging: Path) -> Path:
        """The note under a name that was free."""
        number = 1
        while True:
            path = self.config.notes / topic / (f"{stem}.md" if number == 1 else f"{stem}-{number}.md")
            if write_new(path, text, staging):
                return path
            number += 1


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _document(file: Path) -> Document | DiaryError:
    from paperdiary import pdf

    try:
        return pdf.read(file, text=False)
    except DiaryError as e:
        return e


def _named_in(document: Document | DiaryError | None, file: Path | None) -> Source | None:
    """What a PDF says it is; one that says nothing and is named as arXiv names its files is what the name says."""
    if file is None or document is None or isinstance(document, DiaryError):
        return None
    if document.arxiv:
        return sources.from_arxiv(document.arxiv)
    if document.doi:
        return sources.resolve(document.doi)
    named = re.fullmatch(r"(\d{4}\.\d{4,5})(v\d+)?(?: ?\(\d+\))?", file.stem)
    identifier = sources.arxiv_id(named[1]) if named else None
    return sources.from_arxiv(identifier) if identifier else None


def _from_document(document: Document, file: Path) -> Metadata:
    """What a PDF tells of itself; its file's name stands for a title that is not found."""
    title = document.title or pretty(file.stem)
    return Metadata(Source("", "paper", label="PDF"), title=title, abstract=document.abstract)


def keep_paper(
    config: Config, stem: str, found: Metadata, say: Say, file: Path | None = None
) -> tuple[Path | None, list[str]]:
    """(the PDF of a paper in papers/, what the reader should know); a PDF that cannot be had stops nothing.

    Args:
        stem: of the note's name.
        file: the PDF where it is on this machine; else it is downloaded from where anybody may read it.
    """
    origin = file or found.pdf
    if not origin:
        return None, []
    from paperdiary import papers

    try:
        return papers.keep(config, found.arxiv or stem, origin, say=say), []
    except DiaryError as e:
        return None, [f"No PDF is kept: {e}"]
