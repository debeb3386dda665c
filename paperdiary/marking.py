"""`diary read`: an entry of the queue has been read. Its note says so; nothing else in the file changes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paperdiary import onenote
from paperdiary.add import Say
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.entry import Entry, Note
from paperdiary.errors import DiaryError
from paperdiary.frontedit import change
from paperdiary.search import find_entry
from paperdiary.session import echo
from paperdiary.spans import TODO
from paperdiary.store import Store, write_atomic


@dataclass(frozen=True, slots=True)
class Marked:
    """An entry that is read now."""

    entry: Entry  #: as it is now
    path: Path  #: of its note
    changed: bool  #: False where it was read already


def mark_all(diary: Diary, names: Sequence[str], date: str | None, say: Say) -> tuple[list[Marked], list[int]]:
    """Mark each entry that is named; the exit codes of those that could not be, whose reasons are said.

    Args:
        date: ISO 8601; None: today, and a date that is there already stays.
    """
    done: list[Marked] = []
    codes: list[int] = []
    for name in names:
        try:
            one = mark(diary, find_entry(diary.entries, name), date or dt.date.today().isoformat(), again=bool(date))
        except DiaryError as e:
            echo(f"diary: {e}", err=True)
            codes.append(e.exit_code)
            continue
        done.append(one)
        day = f"“{one.entry.title}”: read {one.entry.date}"
        say(f"{day} (notes/{one.entry.note})." if one.changed else f"{day}, as it says already.")
    return done, codes


def mark(diary: Diary, entry: Entry, date: str, *, again: bool = False) -> Marked:
    """Set an entry's status to read and its date to `date`.

    Args:
        again: a date that is there already is replaced too.

    Raises:
        DiaryError: the note cannot be changed safely; the message says what to write, and where.
    """
    config = diary.config
    path = (config.notes / entry.note).resolve()
    if entry.status == "read" and entry.date and (not again or entry.date == date):
        return Marked(entry, path, False)
    with Store(config).writing() as staging:
        data, note = onenote.to_change(config, entry.note)
        shown = f"notes/{entry.note}"
        if len(note.entries) == 1 and not entry.listed:
            new = change(data, {"status": "read", "date": date}, shown)
        else:
            new = _in_section(data, note, entry, date)
        now = _checked(config, note, new, entry, date)
        write_atomic(path, new, staging=staging)
    return Marked(now, path, True)


def _checked(config: Config, before: Note, new: bytes, entry: Entry, date: str) -> Entry:
    """The entry as the changed file has it; all others must be as they were."""
    note = onenote.parse(new, entry.note, config.directory_urls)
    own = entry.id.partition("~")[0]
    found = [e for e in note.entries if e.id.partition("~")[0] == own or len(note.entries) == 1]
    others = [[(e.id, e.status, e.date) for e in n.entries if e.id.partition("~")[0] != own] for n in (before, note)]
    same = len(before.entries) == len(note.entries) and (others[0] == others[1] or len(note.entries) == 1)
    if not found or not same or found[0].status != "read" or found[0].date != date:
        raise DiaryError(_by_hand(entry, date))
    return found[0]


def _by_hand(entry: Entry, date: str) -> str:
    where = f"notes/{entry.note}, line {entry.line}"
    if entry.listed:
        return (
            f"“{entry.title}” is a line of a list. In {where}, write its date, and take out what calls it to be read."
        )
    return (
        f"“{entry.title}” is one of several entries in its file. In {where}, take `[TODO]` out of its heading "
        f"and write `Date read: {date}` below it."
    )


def _in_section(data: bytes, note: Note, entry: Entry, date: str) -> bytes:
    """An entry under a heading of its own: `[TODO]` goes, a line with the date comes below."""
    rows = data.decode("utf-8", "surrogateescape").split("\n")
    here = next((e for e in note.entries if e.line == entry.line and e.title == entry.title), None)
    if here is None or here.listed or not here.head or here.line - 1 >= len(rows):
        raise DiaryError(_by_hand(entry, date))
    first, last = here.line - 1, here.head - 1
    end = "\r" if rows[first].endswith("\r") else ""
    rows[first] = re.sub(r"\s+$", "", TODO.sub(" ", rows[first])) + end
    given = next((n for n in range(last + 1, here.end) if re.match(r"\s*Date read:\s", rows[n])), None)
    if given is not None:
        rows[given] = f"Date read: {date}{end}"
    else:
        after = rows[last + 1] if last + 1 < len(rows) else ""
        rows[last + 1 : last + 1] = [end, f"Date read: {date}{end}", *([end] if after.strip() else [])]
    return "\n".join(rows).encode("utf-8", "surrogateescape")
