"""What `diary check` looks for in the entries: dates, sources, titles that are there twice."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from paperdiary import fields
from paperdiary.dates import find_date
from paperdiary.entry import Entry, Note, Problem

MANY = 20  #: entries without something, from which on they are told together if they are half of all


def dates(note: Note, head: Sequence[str]) -> Iterator[Problem]:
    """Dates that no calendar has, that are yet to come, or that are before there was anything to read."""
    lines = note.text.split("\n")
    tomorrow = (dt.date.today() + dt.timedelta(days=1)).isoformat()
    for entry in note.entries:
        rows = [*_front_rows(head), *_date_rows(lines, entry, note.offset)] if len(note.entries) == 1 else []
        rows = rows or list(_date_rows(lines, entry, note.offset))
        wrong = next(((line, value) for line, value in rows if _no_day(value)), None)
        if wrong:
            guess = f" and is read as {entry.date}" if entry.date in _readings(wrong[1]) else ""
            message = f"“{wrong[1][:40]}” is no day in the calendar{guess}; write it as 2025-06-04."
            yield Problem("error", "impossible-date", message, note.path, wrong[0])
        if not entry.date or entry.status == "queued":
            continue
        line, value = next(((n, v) for n, v in rows if entry.date in _readings(v)), (entry.line, ""))
        earliest, what = _earliest(entry)
        if entry.date > tomorrow:
            message = f"{entry.date} is in the future; write the day it was read, or `status: queued`."
            yield Problem("error", "impossible-date", message, note.path, line)
        elif entry.date < earliest and not any(earliest <= other <= tomorrow for other in _readings(value)):
            message = f"{entry.date} is before {what}; mend the date, or the link."
            yield Problem("error", "impossible-date", message, note.path, line)


def _front_rows(head: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(line in the file, value) of the reading date in front matter."""
    for number, row in enumerate(head, 1):
        found = re.match(r"(?:date|date[ _]read|read[ _]on|created)\s*:\s*[\"']?([^\"'#]*)", row, re.I)
        if found:
            yield number, found[1].strip()


def _date_rows(lines: list[str], entry: Entry, offset: int) -> Iterator[tuple[int, str]]:
    """(line in the file, value) of dates at the head of an entry: "Date: …", or a date on a line of its own."""
    first = max(entry.line - offset, 1)
    for number in range(first, min(first + 15, len(lines), (entry.end or 10**9) - offset) + 1):
        row = lines[number - 1]
        if not re.search(r"\d", row):
            continue
        field = fields.parse_row(row)
        if field and field[0] in {"date", "read"}:
            yield offset + number, fields.words_of(field[1])
        elif not field and len(row) <= 40 and (find_date(row) or _no_day(row)):
            yield offset + number, row.strip(" *_-#>")


def _readings(value: str) -> set[str]:
    """What a date may mean: day first or month first."""
    return {day for day in (find_date(value), find_date(value, day_first=False)) if day}


_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMERIC = re.compile(
    r"(?<![\d./-])(?:\d{4}(?P<s>[-./])\d{1,2}(?P=s)\d{1,2}|\d{1,2}(?P<t>[-./])\d{1,2}(?P=t)\d{4}|\d{4}年\d{1,2}月\d{1,2}日?)(?![\d./-])"
)
_NAMED = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})[a-z]*\.?,?\s+(?P<year>\w+)"
    rf"|\b(?:{_MONTH})[a-z]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<later>\w+)",
    re.I,
)
_SLIP = re.compile(r"2\d{2}|2[a-z]\d\d|20[a-z]\d|20\d[a-z]|20\d{3}|2[1-9]\d\d|(?:19|20)\d\d", re.I)


def _no_day(value: str) -> bool:
    """True for what is written as a full date and is none: 31 June, 2025-02-30, 1st June 2p25."""
    if len(value) > 60:
        return False
    named = _NAMED.search(value)
    year = (named["year"] or named["later"]) if named else ""
    if not re.fullmatch(r"(?:19|20)\d\d", year) and _SLIP.fullmatch(year):
        return True
    return not _readings(value) and bool((year.isdigit() and _SLIP.fullmatch(year)) or _NUMERIC.search(value))


def _earliest(entry: Entry) -> tuple[str, str]:
    """(ISO date, what happened then): before it nobody could read the entry. A day's grace for time zones."""
    found = re.match(r"(?:[a-z-]+/)?(\d\d)(\d\d)", entry.arxiv or "")
    if found and 1 <= int(found[2]) <= 12:
        year = int(found[1]) + (1900 if int(found[1]) > 90 else 2000)
        first = dt.date(year, int(found[2]), 1)
        return (first - dt.timedelta(days=1)).isoformat(), f"the paper came to arXiv ({first:%B %Y})"
    if entry.year and 1 < entry.year <= dt.date.today().year:
        # papers are read as preprints before the year they appear in
        start = f"{entry.year - 1:04}-07-01" if entry.kind == "paper" else f"{entry.year - 1:04}-12-31"
        return start, f"its year of publication, {entry.year}"
    return "", ""


def no_date(entries: Sequence[Entry]) -> list[Problem]:
    """Read entries without a date: one by one, or all at once where hardly any has one."""
    read = [e for e in entries if e.status == "read"]
    without = [e for e in read if not e.date]
    if not without:
        return []
    mend = "`date: 2025-06-04` in the front matter of a note, or a line `Date: 2025-06-04` below a heading, says it."
    if len(without) == len(read) or (len(without) >= MANY and len(without) >= 0.5 * len(read)):
        some = f"only {len(read) - len(without)}" if len(without) < len(read) else "none"
        message = f"{some} of {len(read)} read entries says when it was read; {mend}"
        return [Problem("warning", "no-date", message, "")]
    count = Counter(e.note for e in entries)
    missing, finished = Counter(e.note for e in without), Counter(e.note for e in read)
    out = []
    told: set[str] = set()
    for entry in without:
        note = entry.note
        if missing[note] >= 3 and missing[note] == finished[note]:
            if note not in told:
                message = f"none of the {missing[note]} read entries in this file says when it was read; {mend}"
                out.append(Problem("warning", "no-date", message, note, entry.line))
            told.add(note)
            continue
        where = "a line `Date: 2025-06-04` below its heading" if count[note] > 1 else "`date:` in its front matter"
        message = f"“{entry.title}” does not say when it was read; add {where}, or `status: queued`."
        out.append(Problem("warning", "no-date", message, note, entry.line))
    return out


def no_source(entries: Sequence[Entry], linked: Callable[[Entry], bool]) -> list[Problem]:
    """Papers, posts and talks without any link; `linked` tells whether an entry's text has one."""
    things = [e for e in entries if e.kind in {"paper", "blog", "talk"}]
    without = [e for e in things if not e.url and not e.sources and not linked(e)]
    if len(without) >= MANY and len(without) >= 0.5 * len(things):
        message = f"{len(without)} of {len(things)} entries have no link; `url:` in the front matter gives them one."
        return [Problem("warning", "no-source", message, "")]
    mend = "add its address below the title, or `url:` in the front matter."
    rows = Counter(e.note for e in without if e.listed)  # a list whose rows have no links: said once
    out: dict[tuple[str, int], Problem] = {}
    for e in without:
        if e.listed and rows[e.note] >= 3:
            message = f"{rows[e.note]} items of this list have no link; write them as `- [title](address)`."
            out.setdefault((e.note, 0), Problem("warning", "no-source", message, e.note, e.line))
        else:
            message = f"“{e.title}” is a {e.kind} without a link; {mend}"
            out[e.note, e.line] = Problem("warning", "no-source", message, e.note, e.line)
    return list(out.values())


def same_title(entries: Sequence[Entry]) -> list[Problem]:
    """Entries that are one thing with two addresses: same title and kind, and no other first author."""
    by_title: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_title[re.sub(r"[\W_]+", "", entry.title).lower(), entry.kind].append(entry)
    out = []
    for (title, _), alike in by_title.items():
        for number, entry in enumerate(alike):
            first = next((e for e in alike[: min(number, 50)] if _same_work(title, len(alike), entry, e)), None)
            if first:
                message = f"“{entry.title}” is also in {first.note}, line {first.line}; keep one, with both links."
                out.append(Problem("warning", "same-title", message, entry.note, entry.line))
    return out


def _same_work(title: str, count: int, entry: Entry, other: Entry) -> bool:
    if entry.id.partition("~")[0] == other.id.partition("~")[0]:  # told as duplicate
        return False
    if not entry.sources and not other.sources and not (entry.authors and other.authors):
        return False  # two pages with one heading
    one, two = (e.authors[0].casefold().replace(",", " ").split() if e.authors else [] for e in (entry, other))
    if one and two:
        return bool({one[0], one[-1]} & {two[0], two[-1]})
    # a title alone must be long enough to be nobody else's, and not what every note is called
    return count <= 3 and len(title) >= (20 if title.isascii() else 10)
