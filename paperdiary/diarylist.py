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
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote

from paperdiary import fields, sources
from paperdiary.dates import find_date, find_month, order_of
from paperdiary.entry import Problem
from paperdiary.markup import Block, outline, urls_in

FEWEST = 3  #: items that make a list of papers
_DAY_ITEM = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|—|to|and|&)\s*)?(?P<day>\d{1,2})(?P<suffix>st|nd|rd|th)?"
    r"\s*(?P<colon>[:：])?\s*(?P<rest>\[.*)$",
    re.I,
)
_LINK = re.compile(r"\[(?P<title>(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,600})\]\((?P<target>[^()]*(?:\([^()]*\)[^()]*)*)\)")
_BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*+•]|\d{1,3}[.)])\s+(?P<rest>\S.*)$")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list."""

    title: str
    target: str  #: what its first link leads to, as written; "" for an empty link
    date: str | None  #: ISO 8601
    description: str
    line: int  #: 1-based, in the text that was read
    end: int  #: last line
    urls: tuple[str, ...] = ()  #: web addresses in it
    values: tuple[tuple[str, str], ...] = ()  #: other fields, from the columns of a table
    queued: bool = False

    def note(self, page: str) -> str | None:
        """The path under notes/ that the item leads to, seen from the page at `page`."""
        target = unquote(self.target.split("#")[0].strip())
        if not target or sources.is_link(target) or re.match(r"^[a-z]+:", target, re.I):
            return None
        joined = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(page), target)
        return posixpath.normpath(joined)


@dataclass(frozen=True, slots=True)
class DiaryList:
    """What a page lists."""

    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()
    dated: bool = False  #: a month list: its items have days


def read(text: str, path: str, *, undated: bool = True) -> DiaryList:
    """The lists of one page.

    Args:
        text: the page, without front matter; lines of the result count in it.
        path: of the page, for problems.
        undated: also take lists and tables of papers that have no days.
    """
    blocks = outline(text)
    lines = text.split("\n")
    months, problems = _month_lists(blocks, lines, path)
    if len(months) >= 2:
        return DiaryList(tuple(months), tuple(problems), True)
    if not undated:
        return DiaryList()
    tables = [item for block in blocks if block.kind == "table" for item in _table(block, lines)]
    if len(tables) >= FEWEST:
        return DiaryList(tuple(tables))
    items = _paper_list(blocks, lines)
    return DiaryList(tuple(items))


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
        for start, end, row in _rows(block, lines):
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


def _rows(block: Block, lines: list[str]) -> list[tuple[int, int, str]]:
    """(first line, last line, text) of the items of a list; wrapped lines are joined. 0-based."""
    out: list[tuple[int, int, str]] = []
    depth: int | None = None
    for number in range(block.start, block.end):
        line = lines[number]
        if not line.strip():
            continue
        bullet = _BULLET.match(line)
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
    link = _LINK.search(row)
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
    return Item(title, link["target"].strip(), date, text, start + 1, end + 1, _urls(row))


def _urls(row: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls_in(row)))


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


# -- lists and tables of papers without days


def _paper_list(blocks: list[Block], lines: list[str]) -> list[Item]:
    """The items of a page that is a list of papers; none for a page that only has some links."""
    items: list[Item] = []
    other = 0
    outside = True
    queued = False
    date: str | None = None
    for block in blocks:
        if block.kind == "heading":
            outside = not fields.REFERENCES.match(block.text) or bool(_TO_READ.search(block.text))
            queued = bool(_TO_READ.search(block.text))
            date = find_date(block.text)
            continue
        if block.kind == "list" and outside:
            for start, end, row in _rows(block, lines):
                item = _paper_item(row, start, end, date, queued)
                if item:
                    items.append(item)
                else:
                    other += len(row.split())
        elif block.kind in {"text", "quote", "code"}:
            other += len(block.text.split())
    listed = sum(len(i.title.split()) + len(i.description.split()) for i in items)
    if len(items) < FEWEST or other > max(2 * listed, 60):
        return []
    return items


_TO_READ = re.compile(r"to[ -]?read|todo|queue|backlog|待读|想读", re.I)


def _paper_item(row: str, start: int, end: int, date: str | None, queued: bool) -> Item | None:
    """An item that is about one paper: it has an address of one, or leads to a note, and a title."""
    box = re.match(r"^\[(?P<mark>[ xX])\]\s+", row)
    if box:
        queued = queued or box["mark"] == " "
        row = row[box.end() :]
    links = [(m["title"].strip(), m["target"].strip()) for m in _LINK.finditer(row)]
    web = [url for _, url in links if sources.is_link(url)] + urls_in(_LINK.sub(" ", row))
    local = [target for _, target in links if re.search(r"\.(?:md|markdown)(?:#|$)", target)]
    kinds = {s.kind for url in web if (s := sources.resolve(url))}
    if not local and not kinds & {"paper", "talk", "book"}:
        return None
    title, rest = _item_title(row, links)
    if len(title.split()) < 2 and not local:
        return None
    target = local[0] if local else web[0]
    return Item(title, target, find_date(rest) or date, _item_text(rest), start + 1, end + 1, tuple(web), (), queued)


def _item_title(row: str, links: list[tuple[str, str]]) -> tuple[str, str]:
    """(title, what follows it): the first link that is more than a label, else the text before the links."""
    for match in _LINK.finditer(row):
        text = fields.words_of(match["title"])
        if len(text.split()) >= 2 and not fields.is_label(text):
            return text, row[match.end() :]
    plain = _LINK.split(row)[0] if links else row
    for url in urls_in(plain):
        plain = plain.split(url)[0]
    plain = fields.words_of(plain)
    head = re.split(r"\s+[-–—|]\s+|[\[(（]\s*$|:\s*$|\.\s*$", plain)[0]
    return head.strip(' :：,.-–—|*_"“”').rstrip("[("), row[len(plain) :]


def _item_text(rest: str) -> str:
    text = fields.words_of(_LINK.sub(" ", rest))
    for url in urls_in(text):
        text = text.replace(url, " ")
    text = " ".join(re.sub(r"\[\s*\]|\(\s*\)|\\\[|\\\]", " ", text).split()).strip(" :：,.-–—|[]()")
    return text if len(text.split()) >= 4 else ""


def _table(block: Block, lines: list[str]) -> list[Item]:
    """The rows of a table of papers: one of its columns is a title, and most rows have an address."""
    rows = _cells(block, lines)
    if len(rows) < 2:
        return []
    header = [" ".join(re.sub(r"[^\w\s]+", " ", c.lower()).split()) for _, _, cells in rows[:1] for c in cells]
    keys = [_COLUMNS.get(name) or fields.KEYS.get(name) for name in header]
    out: list[Item] = []
    for start, end, cells in rows[1:]:
        named = {k: c for k, c in zip(keys, cells, strict=False) if k and c}
        text = " | ".join(cells)
        links = [(m["title"].strip(), m["target"].strip()) for m in _LINK.finditer(text)]
        web = [url for _, url in links if sources.is_link(url)] + urls_in(_LINK.sub(" ", text))
        local = [target for _, target in links if re.search(r"\.(?:md|markdown)(?:#|$)", target)]
        title = fields.words_of(named.get("title") or named.get("url") or "")
        if not title or fields.is_label(title):
            title = next((fields.words_of(t) for t, _ in links if len(t.split()) >= 2 and not fields.is_label(t)), "")
        if not title or not (web or local or "title" in keys) or ("title" not in keys and not web and not local):
            continue
        values = tuple(
            (k, fields.words_of(v)) for k, v in named.items() if k in {"authors", "year", "published", "tags"}
        )
        read_on = named.get("read") or named.get("date") or ""
        status = named.get("status", "").lower()
        queued = bool(re.search(r"todo|to.?read|queue|unread|⬜|🔲|❌|\[ \]", status))
        target = local[0] if local else (web[0] if web else "")
        summary = fields.words_of(named.get("description", ""))
        out.append(Item(title, target, find_date(read_on), summary, start + 1, end + 1, tuple(web), values, queued))
    enough = sum(bool(i.target) for i in out) >= max(FEWEST, 0.5 * (len(rows) - 1))
    return out if enough and ({"title", "url"} & set(keys)) else []


_COLUMNS = {
    "paper": "title", "papers": "title", "name": "title", "article": "title", "paper title": "title", "title": "title",
    "论文": "title", "标题": "title", "题目": "title", "論文": "title", "タイトル": "title",
    "link": "url", "notes": "notes", "note": "notes", "note link": "notes", "summary": "description",
    "tl dr": "description", "comment": "description", "comments": "description",
    "read date": "read", "date read": "read",
}  # fmt: skip


def _cells(block: Block, lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """(first line, last line, cells) of a table's rows, the header first; a row broken over lines is joined."""
    out: list[tuple[int, int, list[str]]] = []
    width = 0
    for number in range(block.start, block.end):
        line = lines[number].strip()
        if re.fullmatch(r"[|:\s-]+", line) and "-" in line:
            continue
        cells = [
            c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line.removeprefix("|").removesuffix("|"))
        ]
        if out and width and not line.startswith("|") and len(cells) < width:
            start, _, before = out[-1]
            before[-1] = f"{before[-1]} {cells[0]}".strip()
            out[-1] = (start, number, before + cells[1:])
            continue
        out.append((number, number, cells))
        width = width or len(cells)
    return out
