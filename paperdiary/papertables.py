"""Tables of papers, in Markdown or HTML: a row is a paper, its columns are what is known of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paperdiary import fields, listrow, listsyntax, listwords, sources
from paperdiary.dates import find_date, find_month
from paperdiary.listitem import Item
from paperdiary.markup import Block, urls_in

#: what a column is called -> what it holds
_COLUMNS = {
    name: key
    for key, names in {
        "title": "paper|papers|name|article|paper title|title|title of paper|paper name|work|publication|title paper|"
        "reference|title link|paper link|"
        "论文|标题|题目|论文题目|论文标题|论文名称|论文名|文章|名称|文献|論文|タイトル|論文名|논문|제목|논문명",
        "notes": "notes|note|note link|my notes|reading notes|笔记|阅读笔记|メモ",
        "description": "summary|tl dr|tldr|comment|comments|description|remark|remarks|"
        "备注|简介|总结|一句话|概要|コメント",
        "read": "read date|date read|read on|read|阅读日期|阅读时间|読了日",
        "url": "link|links",
        "number": "no|number|id|序号|编号",
    }.items()
    for name in names.split("|")
}
_MORE = {
    "authors",
    "year",
    "published",
    "read",
    "date",
    "status",
    "tags",
    "url",
    "arxiv",
    "doi",
    "notes",
    "description",
}
_ROW = re.compile(r"<tr\b[^<>]{0,300}>(?P<cells>.*?)(?=<tr\b|</tr\s*>|</table|\Z)", re.I | re.S)
_CELL = re.compile(r"<t[dh]\b[^<>]{0,300}>(?P<cell>.*?)(?=<t[dh]\b|</t[dh]\s*>|\Z)", re.I | re.S)


def table(block: Block, lines: list[str]) -> list[Item]:
    """The rows of a table of papers: one of its columns is a title; none for a table of anything else."""
    rows = html_cells(block, lines) if block.kind == "html" else cells(block, lines)
    if len(rows) < 2:
        return []
    header = [" ".join(re.sub(r"[^\w\s]+", " ", fields.words_of(c).lower()).split()) for c in rows[0][2]]
    keys = [_COLUMNS.get(name) or fields.KEYS.get(name) for name in header]
    at = _title_column(keys, [row for _, _, row in rows[1:]])
    if at is None:
        return []
    out: list[Item] = []
    for start, end, row in rows[1:]:
        item = _item(keys, at, row, start, end)
        if item:
            out.append(item)
    linked = sum(bool(i.target) for i in out)
    told = len({k for k in keys if k in _MORE}) >= 2 and keys[at] == "title"
    return (
        out
        if out
        and (linked >= 0.5 * (len(rows) - 1) or (told and linked >= 0.2 * len(out)) or (told and _read_ones(header)))
        else []
    )


def _read_ones(header: Sequence[str]) -> bool:
    """Columns that only a list of papers has."""
    return any(
        re.search(r"author|venue|conference|year|read|arxiv|doi|作者|会议|年份|著者|阅读", name) for name in header
    )


def _title_column(keys: Sequence[str | None], rows: Sequence[Sequence[str]]) -> int | None:
    """Which column has the titles: of those that are called so, the one with the most words."""
    named = [n for n, key in enumerate(keys) if key == "title"] or [n for n, key in enumerate(keys) if key == "url"]
    if not named and not any(keys):
        return None
    if not named:
        for n in range(len(keys)):
            found = [listrow.read(row[n]) for row in rows if n < len(row)]
            if found and sum(r.linked and listwords.words_in(r.title) >= 3 for r in found) >= 0.6 * len(rows):
                return n
        return None
    return max(
        named, key=lambda n: (sum(min(listwords.words_in(_plain(row[n])), 8) for row in rows[:30] if n < len(row)), -n)
    )


def _plain(cell: str) -> str:
    return fields.words_of(re.sub(r"https?://\S+", " ", listsyntax.clean(cell)))


def _item(keys: Sequence[str | None], at: int, row: Sequence[str], start: int, end: int) -> Item | None:
    row = [listsyntax.clean(cell) for cell in row]
    named: dict[str, str] = {}
    for key, cell in zip(keys, row, strict=False):
        if key and cell.strip():
            named.setdefault(key, cell)
    text = " | ".join(row)
    links = [(m["title"].strip(), m["target"].strip().split(" ")[0]) for m in listsyntax.LINK.finditer(text)]
    web = [url for _, url in links if sources.is_link(url)] + urls_in(listsyntax.LINK.sub(" ", text))
    for value in (named.get("arxiv", ""), named.get("doi", ""), text):
        identifier = sources.arxiv_in_text(value) or (sources.arxiv_id(value.strip()) if value is not text else None)
        if identifier:
            web.append(f"https://arxiv.org/abs/{identifier}")
        elif value is not text and (doi := sources.doi_in(value)) and not urls_in(value):
            web.append(f"https://doi.org/{doi}")
    local = [t for _, t in links if listsyntax.is_local(t) and not re.search(r"(?:^|/)(?:readme|index)\.md$", t, re.I)]
    web = [url for url in dict.fromkeys(web) if url not in local]
    cell = row[at] if at < len(row) else ""
    read = listrow.read(cell)
    title = read.title or fields.words_of(
        re.sub(
            r"https?://\S+",
            " ",
            listsyntax.LINK.sub(lambda m: "" if listwords.says_what(m["title"]) else m["title"], cell),
        )
    )
    title = title.strip(" \n|:,;")
    if not title or (listwords.says_what(title) and listwords.words_in(title) < 2):
        title = next(
            (fields.words_of(t) for t, _ in links if listwords.words_in(t) >= 2 and not listwords.says_what(t)), ""
        )
    title = " ".join(title.split())
    if not title or not re.search(r"[^\W\d_]", title) or title.strip(".… ") == "":
        return None
    if (
        "authors" in keys
        and keys.index("authors") < (keys.index("date") if "date" in keys else 0)
        and "read" not in keys
    ):
        named["published"] = named.get("published") or named.pop("date", "")  # who, then when: the paper's own
    row_values = {"authors", "year", "published", "tags"}
    values = [(k, " ".join(fields.words_of(v).split())) for k, v in named.items() if v and k in row_values]
    if read.year and not any(k == "year" for k, _ in values):
        values.append(("year", read.year))
    day = _day(named.get("read", "")) or find_date(named.get("date", "")) or read.day or None
    status = named.get("status", "").lower() + " " + (named.get("read", "") if not day else "").lower()
    queued = (
        bool(re.search(r"to.?do|to.?read|queue|unread|not (?:read|started)|⬜|🔲|❌|\[ \]|待读|未读|☐", status))
        or read.box == " "
    )
    target = local[0] if local else (web[0] if web else "")
    summary = " ".join(fields.words_of(named.get("description", "")).split())
    return Item(title, target, day, summary, start + 1, end + 1, tuple(web), tuple(values), queued and not day)


def _day(text: str) -> str | None:
    """The day, or the month, in a column that says when something was read."""
    day = find_date(text)
    month = None if day else find_month(fields.words_of(text))
    return f"{month[0]}-{month[1]:02}-01" if month and month[0] else day


def cells(block: Block, lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """(first line, last line, cells) of a table's rows, the header first; a row broken over lines is joined."""
    out: list[tuple[int, int, list[str]]] = []
    width = 0
    for number in range(block.start, block.end):
        line = lines[number].strip()
        if re.fullmatch(r"[|:\s-]+", line) and "-" in line:
            continue
        row = [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line.removeprefix("|").removesuffix("|"))]
        if out and width and not line.startswith("|") and len(out[-1][2]) + len(row) - 1 <= width:
            start, _, before = out[-1]
            before[-1] = f"{before[-1]} {row[0]}".strip()
            out[-1] = (start, number, before + row[1:])
            continue
        out.append((number, number, row))
        width = width or len(row)
    return out


def html_cells(block: Block, lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """The same of a table in HTML."""
    text = "\n".join(lines[block.start : block.end])
    out = []
    for row in _ROW.finditer(text[:200_000]):
        start = block.start + text.count("\n", 0, row.start())
        end = block.start + text.count("\n", 0, row.end())
        out.append((start, end, [" ".join(c["cell"].split()) for c in _CELL.finditer(row["cells"])]))
    return [r for r in out if r[2]]
