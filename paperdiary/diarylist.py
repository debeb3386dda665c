"""Lists of what was read: month lists with dates, weekly lists, lists and tables of papers.

    ### May 2025
    * 23rd: [Title](topic/note.md): a description that may wrap
      over lines

An item that leads to a note gives it its date and description where it has none; any other item is an
entry of its own. Nothing is written: the lists stay as they are.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from dataclasses import dataclass

from paperdiary import fields, sources
from paperdiary.bullets import BULLET
from paperdiary.dates import find_date, find_month, order_of
from paperdiary.entry import Problem
from paperdiary.listitem import Item
from paperdiary.listsyntax import LINK
from paperdiary.markup import Block, outline, urls_in

_DAY_ITEM = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|—|to|and|&)\s*)?(?P<day>\d{1,2})(?P<suffix>st|nd|rd|th)?"
    r"\s*(?P<colon>[:：])?\s*(?P<rest>\[.*)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class DiaryList:
    """What a page lists."""

    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()
    dated: bool = False  #: a month list: its items have days
    index: bool = False  #: it holds nothing but links to notes


def read(text: str, path: str, *, undated: bool = True, whole: bool = False) -> DiaryList:
    """The lists of one page.

    Args:
        text: the page, without front matter; lines of the result count in it.
        path: of the page, for problems.
        undated: also take lists and tables of papers that have no days.
        whole: the page is no note on one thing.
    """
    blocks = outline(text)
    lines = text.split("\n")
    months, problems = _month_lists(blocks, lines, path)
    if len(months) >= 2:
        return DiaryList(tuple(months), tuple(problems), True)
    if not undated:
        return DiaryList()
    from paperdiary import paperlists

    index = paperlists.contents(blocks, lines)
    if index is not None:
        return DiaryList(tuple(index), index=True)
    return DiaryList(tuple(paperlists.paper_list(blocks, lines, whole=whole)))


# -- month lists


def _month_lists(blocks: list[Block], lines: list[str], path: str) -> tuple[list[Item], list[Problem]]:
    """Items under headings that name a month; a heading without a year has that of the one before."""
    items: list[Item] = []
    problems: list[Problem] = []
    year, month, week = 0, 0, ""
    newest_first: bool | None = None
    orders = Counter(order for block in blocks if (order := order_of(block.text)) is not None)
    day_first = orders[True] >= orders[False]
    for block in blocks:
        if block.kind == "heading" or (block.kind == "text" and len(block.text.split()) <= 8):
            named = find_month(block.text)
            if named:
                before = (year, month)
                year, month = named[0] or _guess_year(year, month, named[1], newest_first), named[1]
                if before[0] and newest_first is None and (year, month) != before:
                    newest_first = (year, month) < before
                week = ""
                continue
            day = find_date(block.text, day_first=day_first)
            if (day and block.kind == "heading") or (day and block.text.rstrip().endswith(":")):
                week, year, month = day or "", 0, 0
                continue
            if block.kind == "heading":
                year, month, week = (year, 0, "") if block.level > 1 else (0, 0, "")
                continue
        if not (month or week) or block.kind not in {"list", "text"}:
            continue
        for start, end, row in item_rows(block, lines):
            found = _month_item(row, start, end, year, month, week, path, problems)
            if found:
                items.append(found)
    _same_targets(items, path, problems)
    return items, problems


def _guess_year(year: int, month: int, named: int, newest_first: bool | None) -> int:
    """The year of a month that names none: that of the month before it, or the next in reading order."""
    if not year:
        return dt.date.today().year
    if newest_first:
        return year - 1 if named > month else year
    return year + 1 if named < month else year


def item_rows(block: Block, lines: list[str]) -> list[tuple[int, int, str]]:
    """(first line, last line, text) of the items of a list; wrapped lines are joined. 0-based."""
    out: list[tuple[int, int, str]] = []
    depth: int | None = None
    for number in range(block.start, block.end):
        line = lines[number]
        if not line.strip():
            continue
        bullet = BULLET.match(line)
        day = _DAY_ITEM.match(line)
        indent = len(line) - len(line.lstrip())
        if (bullet and (depth is None or indent <= depth + 1)) or (day and not bullet):
            depth = indent if depth is None else min(depth, indent)
            out.append((number, number, (bullet["rest"] if bullet else line).strip()))
        elif out:
            start, _, before = out[-1]
            out[-1] = (start, number, f"{before} {line.strip()}")
        else:
            out.append((number, number, line.strip()))
    return out


def _month_item(
    row: str, start: int, end: int, year: int, month: int, week: str, path: str, problems: list[Problem]
) -> Item | None:
    link = LINK.search(row)
    if not link:
        return None
    found = _DAY_ITEM.match(row)
    if month and not found:
        return None
    date: str | None = week or None
    if found and month:
        try:
            date = dt.date(year, month, int(found["day"])).isoformat()
        except ValueError:
            date = None
            message = f"{year}-{month:02} has no day {found['day']}; mend the day or the heading above."
            problems.append(Problem("warning", "impossible-date", message, path, start + 1))
    title = fields.words_of(link["title"]).strip()
    if not title:
        return None
    if found and month and not found["colon"]:
        message = f"the item “{title}” has no colon after its day; write `{found['day']}{found['suffix'] or ''}: [...`."
        problems.append(Problem("warning", "list-no-colon", message, path, start + 1))
    if not link["target"].strip():
        message = f"the item “{title}” leads nowhere; put the note's path between the brackets."
        problems.append(Problem("warning", "list-empty-link", message, path, start + 1))
    text = fields.words_of(html.unescape(row[link.end() :])).lstrip(" :：,–—-").strip()
    unread = bool(week and re.match(r"^\[ \]\s", row))
    return Item(
        title, link["target"].strip(), None if unread else date, text, start + 1, end + 1, urls_of(row), queued=unread
    )


def urls_of(row: str) -> tuple[str, ...]:
    """The addresses of a row; an arXiv id in words counts as one."""
    return tuple(dict.fromkeys([*urls_in(row), *arxiv_words(row)]))


def arxiv_words(row: str) -> list[str]:
    identifier = sources.arxiv_in_text(row)
    return [f"https://arxiv.org/abs/{identifier}"] if identifier else []


def _same_targets(items: list[Item], path: str, problems: list[Problem]) -> None:
    seen: dict[str, Item] = {}
    for item in items:
        local = item.target and not sources.is_link(item.target)
        first = seen.setdefault(item.target, item) if local else item
        if first is not item:
            message = (
                f"“{item.title}” and “{first.title}” (line {first.line}) lead to the same note {item.target};"
                " give one of them its own."
            )
            problems.append(Problem("warning", "list-same-target", message, path, item.line))
