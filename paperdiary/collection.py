"""What is decided over all notes: dates, lists, and which entries are one."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from paperdiary import sources
from paperdiary.dates import find_date, order_of
from paperdiary.entries import anchored, item_entry, renamed
from paperdiary.entry import Entry, Note, Problem
from paperdiary.listitem import Item
from paperdiary.titles import common_words


def settle(notes: Sequence[Note]) -> list[Note]:
    """The same notes in the same order: dates settled, lists merged, ids made unique."""
    return unique(merge_lists(settle_dates(notes)))


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
    names: dict[str, list[str]] = defaultdict(list)
    written: dict[str, tuple[str, int]] = {}
    for note in notes:
        names[posixpath.basename(note.path)].append(note.path)
        for at, entry in enumerate(note.entries):
            for key in (*(s.identity for s in entry.sources[:1]), _letters(entry.title)):
                written.setdefault(key, (note.path, at))
    for page in [n for n in notes if n.listed]:
        entries = list(page.entries)
        problems: list[Problem] = []
        taken = {entry.anchor for entry in entries}
        for item in _without_published(page.listed):
            target = by_path.get(_there(item.note(page.path), by_path) or _hosted(item, by_path, names) or "")
            same = None if target else _entry_of(item, written)
            if same:
                target = by_path[same[0]]
            if target and target.entries:
                merged, problem = _merged(target, item, page, same[1] if same else None)
                by_path[target.path] = merged
                problems += [problem] if problem else []
            elif not item.pointer and page.path != (item.note(page.path) or ""):
                entries.append(anchored(item_entry(item, page), page.page or "", taken))
        by_path[page.path] = replace(by_path[page.path], entries=tuple(entries), problems=(*page.problems, *problems))
    return [by_path[note.path] for note in notes]


def _entry_of(item: Item, written: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    """The entry that a note has of the very thing that an item names: the same source, or the same long title."""
    if not item.urls or (item.target and not sources.is_link(item.target)):
        return None
    papers = [s for url in item.urls if (s := sources.resolve(url)) and s.kind == "paper"]
    title = _letters(item.title)
    return next((written[s.identity] for s in papers if s.identity in written), None) or (
        written.get(title) if len(title) >= 25 else None
    )


def _there(path: str | None, by_path: Mapping[str, Note]) -> str | None:
    """The note at a path, or the one that a folder is about."""
    if not path or path in by_path:
        return path
    return next((p for p in (f"{path}/README.md", f"{path}/index.md", f"{path}.md") if p in by_path), path)


def _letters(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).lower()


def _hosted(item: Item, by_path: Mapping[str, Note], names: Mapping[str, list[str]]) -> str | None:
    """The note that an item names by its address in the repository it comes from."""
    path = item.hosted
    if not path or path in by_path:
        return path
    alike = [p for p in names.get(posixpath.basename(path), []) if p.endswith(f"/{path}") or path.endswith(f"/{p}")]
    return alike[0] if len(alike) == 1 else None


def _without_published(items: Sequence[Item]) -> list[Item]:
    """The items without the months that are the papers' own, as in lists that are filed by them."""
    months = [i.date for i in items if i.date and i.date.endswith("-01")]
    if len(months) < 0.8 * len([i for i in items if i.date]):
        return list(items)  # days, which are the reader's
    own = [found[0] == i.date[:7] for i in items if i.date and (found := _arxiv_months(i))]
    if len(own) < 3 or sum(own) < 0.75 * len(own):
        return list(items)
    return [replace(i, date=None) if i.date and i.date.endswith("-01") else i for i in items]


def _arxiv_months(item: Item) -> list[str]:
    ids = (s.arxiv for url in item.urls if (s := sources.resolve(url)) and s.arxiv and "/" not in s.arxiv)
    return [f"20{i[:2]}-{i[2:4]}" for i in ids]


def _merged(note: Note, item: Item, page: Note, which: int | None = None) -> tuple[Note, Problem | None]:
    """The note with what the list knows of it; the note wins where both speak.

    `which` of the note's entries is meant is told by its title where it is not known.
    """
    at = which or 0
    if len(note.entries) > 1 and which is None:
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
