"""`diary add --complete`: fills in what could not be looked up when a note was added, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from paperdiary import abstract, build, newnote, onenote, papers
from paperdiary.add import Added, Say, keep_paper
from paperdiary.config import Config
from paperdiary.entry import Entry, Note, Source
from paperdiary.errors import DiaryError, NetworkError, UsageError
from paperdiary.frontedit import change
from paperdiary.inert import one_line
from paperdiary.known import Known
from paperdiary.metadata import Metadata, look_up
from paperdiary.search import find_entry
from paperdiary.store import Store, write_atomic

_EMPTY: tuple[Any, ...] = (None, "", [])


def complete(config: Config, names: Sequence[str], say: Say, *, pdf: bool = True) -> Iterator[Added]:
    """Fill in the named entries, or all notes that are marked `incomplete`; one that fails stops no other."""
    diary = build.read(config)
    by_path = {note.path: note for note in diary.notes}
    results: dict[str, Entry | DiaryError] = {}
    for name in names:
        try:
            results[name] = find_entry(diary.entries, name)
        except DiaryError as e:
            results[name] = e
    if not names:
        marked = [n for n in diary.notes if n.meta.get("incomplete") is True and len(n.entries) == 1]
        results = {n.path: n.entries[0] for n in marked}
    sources = {name: _source(e) for name, e in results.items() if isinstance(e, Entry)}
    asked = {s.identity: s for s in sources.values() if s}
    answers = dict(zip(asked, look_up(list(asked.values()), say=say), strict=True)) if asked else {}
    for name, entry in results.items():
        try:
            if isinstance(entry, DiaryError):
                raise entry
            source = sources[name]
            if len(by_path[entry.note].entries) != 1 or entry.listed:
                raise UsageError(f"notes/{entry.note} holds several entries; only a note of one can be completed.")
            if source is None:
                raise UsageError(f"“{entry.title}” has no address to look up. Write `url:` into notes/{entry.note}.")
            found = answers[source.identity]
            if not isinstance(found, Metadata):
                raise found
            if not found.complete and not found.title:
                raise NetworkError(found.problem or f"{source.label} did not answer. Try again later.")
            others = Known(e for e in diary.entries if e.id != entry.id)
            yield _fill(config, name, entry, source, found, others, say, pdf)
        except DiaryError as e:
            yield Added(name, "failed", error=e, entry=entry if isinstance(entry, Entry) else None)


def _source(entry: Entry) -> Source | None:
    """What is looked up: the arXiv paper, the DOI, else the first address."""
    ranked = sorted(entry.sources, key=lambda s: 0 if s.arxiv else 1 if s.doi else 2)
    return ranked[0] if ranked else None


def _fill(
    config: Config, name: str, entry: Entry, source: Source, found: Metadata, others: Known, say: Say, pdf: bool
) -> Added:
    path = (config.notes / entry.note).resolve()
    with Store(config).writing() as staging:
        data, note = onenote.to_change(config, entry.note)
        done = ["incomplete"] if found.complete else []
        new = change(data, _missing(note, source, found), f"notes/{entry.note}", drop=done)
        if found.complete or found.abstract:
            new = _with_abstract(new, found.abstract)
        if new != data:
            write_atomic(path, new, staging=staging)
    now = onenote.read_note(config, entry.note).entries[0]
    remarks = []
    same = others.find(found)
    if same:
        remarks.append(f"It is in the diary twice: also in notes/{same.note}, line {same.line}.")
    paper, more = None, list[str]()
    if pdf and not papers.pdf_of(config, now):
        paper, more = keep_paper(config, path.stem, found, say)
    result = "completed" if new != data else "unchanged"
    why = "" if found.complete else found.problem
    return Added(name, result, path, now, now.topic, paper=paper, incomplete=why, remarks=(*remarks, *more))


def _missing(note: Note, source: Source, found: Metadata) -> dict[str, Any]:
    """What is known of a thing and not said in its note; a title that only repeats the address says nothing."""
    title = one_line(found.title, newnote.TITLE)
    values = newnote.front_values(found, title) | {"tags": [one_line(t, 80) for t in found.tags]}
    meta = dict(note.meta)
    if str(meta.get("title") or "").strip() == newnote.placeholder(source):
        meta["title"] = ""
    elif not meta.get("title") and note.entries[0].head:  # a heading is the title
        meta["title"] = note.title
    return {k: v for k, v in values.items() if v not in _EMPTY and meta.get(k) in _EMPTY}


def _with_abstract(data: bytes, text: str) -> bytes:
    """The abstract in the place that was kept for it; a place for an abstract that nobody knows goes."""
    mark = abstract.PLACE.encode()
    found = re.search(rb"^[ \t]*" + re.escape(mark) + rb"[ \t]*(\r?\n|\r|\Z)", data, re.M)
    if not found:
        return data
    end = found[1] or b"\n"
    folded = abstract.fold(text).encode("utf-8", "replace").replace(b"\n", end)
    after = data[found.end() :]
    if not folded:
        return data[: found.start()] + re.sub(rb"\A(?:\r?\n|\r)", b"", after)
    return data[: found.start()] + folded + end + after
