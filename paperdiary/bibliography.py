"""Entries -> a bibliography: BibTeX, biblatex or CSL-JSON, sorted by key so that a file in git changes little."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from paperdiary import bibkeys, bibwrite, citations
from paperdiary.bibcsl import csl as as_csl
from paperdiary.bibrecord import Record, abstract_of
from paperdiary.entry import Entry, Note
from paperdiary.listing import counted

if TYPE_CHECKING:
    from paperdiary.export import Wanted


def bibtex(wanted: Wanted) -> str:
    """A .bib for BibTeX, with abstracts and keywords."""
    return _joined(citations.written(one, meta) for one, meta in _records(wanted))


def biblatex(wanted: Wanted) -> str:
    """A .bib for biblatex."""
    return _joined(bibwrite.biblatex(one) for one, _ in _records(wanted))


def csl(wanted: Wanted) -> str:
    """CSL-JSON: a list of items."""
    return json.dumps([as_csl(one) for one, _ in _records(wanted)], ensure_ascii=False, indent=2) + "\n"


def of_entries(entries: Sequence[Entry], keys: dict[str, str], one: Callable[[Entry], str]) -> str:
    """A .bib of entries whose BibTeX is known.

    Args:
        one: the BibTeX of an entry, "" for what is not cited.
    """
    return _joined(text for e in sorted(entries, key=lambda e: keys.get(e.id, "")) if (text := one(e)))


def _joined(entries: Iterator[str]) -> str:
    text = "\n\n".join(entries)
    return f"{text}\n" if text else ""


def _records(wanted: Wanted) -> Iterator[tuple[Record, dict[str, Any]]]:
    """(record, front matter) of each entry, by key; notes that are no publication are left out unless named."""
    keys = bibkeys.remember(wanted.diary.config, wanted.diary.notes)
    notes = {note.path: note for note in wanted.diary.notes}
    left = 0
    for entry in sorted(wanted.entries, key=lambda e: keys[e.id]):
        note: Note = notes[entry.note]
        meta = note.meta if len(note.entries) == 1 else {}
        if not wanted.named and not citations.is_cited(entry, meta):
            left += 1
            continue
        yield citations.record_of(entry, keys[entry.id], meta, abstract_of(note, entry)), meta
    if left:
        what = "has neither an author nor a link and was" if left == 1 else "have neither an author nor a link and were"
        wanted.say(f"{counted(left, 'entry', 'entries')} {what} left out; name one to have it all the same.")
