"""What is decided over all notes: dates, lists, and which entries are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from paperdiary import sources
from paperdiary.dates import find_date, order_of
from paperdiary.diarylist import Item
from paperdiary.entries import anchored, item_entry, renamed
from paperdiary.entry import Entry, Note, Problem
from paperdiary.titles import common_words


def settle_dates(notes: Sequence[Note]) -> list[Note]:
    """Day or month first, and whose date a "Date:" is.

    Both are decided where it can be seen: 30/05/2025 has the day first. A "Date:" that mostly falls in the
    month of the arXiv id is the paper's own; where months are not the reader's to choose, it says nothing
    about reading.
    """
    votes = Counter(order for note in notes for _, raw in note.raw_dates if (order := order_of(raw)) is not None)
    usual = votes[True] >= votes[False]
    out: list[Note] = []
    for note in notes:
        own = Counter(order for _, raw in note.raw_dates if (order := order_of(raw)) is not None)
        day_first = own[True] >= own[False] if own else usual
        entries = (
            tuple(
                replace(e, date=find_date(raw, day_first=day_first)) if how != "front" and raw else e
                for e, (how, raw) in zip(note.entries, note.raw_dates, strict=True)
            )
            if note.raw_dates
            else note.entries
        )
        out.append(replace(note, entries=entries))
    folders: dict[str, list[bool]] = {}
    for note in out:
        for entry, (how, _) in zip(note.entries, note.raw_dates, strict=False):
            if how in {"field", "loose"} and entry.date and entry.arxiv and "/" not in entry.arxiv:
                month = f"20{entry.arxiv[:2]}-{entry.arxiv[2:4]}"
                for key in ("", note.path.split("/")[0] if "/" in note.path else ""):
                    folders.setdefault(key, []).append(entry.date[:7] == month)
    return [_published_dates(note, folders) for note in out]


def _published_dates(note: Note, folders: dict[str, list[bool]]) -> Note:
    """The note with dates that are the papers' own moved to `published`."""
    local = folders.get(note.path.split("/")[0] if "/" in note.path else "", [])
    seen = local if len(local) >= 5 else folders.get("", [])
    if len(seen) < 3 or sum(seen) < 0.5 * len(seen):
        return note
    entries = tuple(
        replace(e, date=None, published=e.published or e.date) if how in {"field", "loose"} and e.date else e
        for e, (how, _) in zip(note.entries, note.raw_dates, strict=True)
    )
    return replace(note, entries=entries)


def merge_lists(notes: list[Note]) -> list[Note]:
    """Lists give dates and descriptions to the notes they lead to; their other items become entries."""
    by_path = {note.path: note for note in notes}
    for page in [n for n in notes if n.listed]:
        entries: list[Entry] = []
        problems: list[Problem] = []
        taken: set[str] = set()
        for item in page.listed:
            target = by_path.get(item.note(page.path) or "")
            if target and target.entries:
                merged, problem = _merged(target, item, page)
                by_path[target.path] = merged
                problems += [problem] if problem else []
            elif page.path != (item.note(page.path) or ""):
                entries.append(anchored(item_entry(item, page), page.page or "", taken))
        by_path[page.path] = replace(by_path[page.path], entries=tuple(entries), problems=(*page.problems, *problems))
    return [by_path[note.path] for note in notes]


def _merged(note: Note, item: Item, page: Note) -> tuple[Note, Problem | None]:
    """The note with what the list knows of it; the note wins where both speak."""
    at = 0
    if len(note.entries) > 1:
        same = [
            n
            for n, e in enumerate(note.entries)
            if len(common_words(e.title, item.title)) >= 0.6 * max(len(common_words(item.title, item.title)), 1)
        ]
        if len(same) != 1:
            return note, None
        at = same[0]
    entry = note.entries[at]
    problem = None
    if item.date and entry.date and item.date != entry.date:
        message = f"the list says {item.date} for “{entry.title}”, its note says {entry.date}; the note's day is taken."
        problem = Problem("warning", "list-disagrees", message, page.path, page.offset + item.line)
    own = note.raw_dates[at][0] if at < len(note.raw_dates) else ""
    found = [s for url in item.urls if (s := sources.resolve(url))]
    source = next((s for s in found if s.kind == "paper"), None) if not entry.url else None
    extracted = not note.meta.get("description") or len(note.entries) > 1
    entry = replace(
        entry,
        date=entry.date or item.date,
        description=item.description if item.description and extracted else entry.description,
        status="read"
        if item.date
        and entry.status == "queued"
        and own != "front"
        and not note.meta.get("status")
        and "TODO" not in note.text[:200].upper()
        else entry.status,
        url=entry.url or (source.url if source else None),
        arxiv=entry.arxiv or (source.arxiv if source else None),
        doi=entry.doi or (source.doi if source else None),
        sources=entry.sources or ((source,) if source else ()),
    )
    if source and entry.id.startswith("note:"):
        entry = renamed(entry, source.identity)
    entries = (*note.entries[:at], entry, *note.entries[at + 1 :])
    return replace(note, entries=entries), problem


def unique(notes: list[Note]) -> list[Note]:
    seen: dict[str, Entry] = {}
    out: list[Note] = []
    for note in notes:
        entries: list[Entry] = []
        problems = list(note.problems)
        for entry in note.entries:
            first = seen.get(entry.id)
            if first:
                if not entry.id.startswith("note:"):
                    message = (
                        f"“{entry.title}” has the source of “{first.title}” ({first.note}, line {first.line});"
                        " keep one of them or give one another link."
                    )
                    problems.append(Problem("warning", "duplicate", message, entry.note, entry.line))
                entry = renamed(entry, _free(entry.id, seen))
            seen[entry.id] = entry
            entries.append(entry)
        out.append(replace(note, entries=tuple(entries), problems=tuple(problems)))
    return out


def _free(identifier: str, taken: dict[str, Entry]) -> str:
    number = 2
    while f"{identifier}~{number}" in taken:
        number += 1
    return f"{identifier}~{number}"
