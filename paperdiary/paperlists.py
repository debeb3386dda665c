"""Lists of papers without days, tables of papers, and pages of links to notes."""

from __future__ import annotations

import re
from dataclasses import replace

from paperdiary import fields, sources
from paperdiary.dates import find_date, find_month
from paperdiary.diarylist import BULLET, LINK, arxiv_words, item_rows, urls_of
from paperdiary.listitem import HOSTED, Item
from paperdiary.markup import Block, urls_in
from paperdiary.titles import clean_title

YEARED = 3  #: bullets with a year in front that make one
FEWEST = 3  #: items that make a list of papers


# -- indexes

_TO_NOTE = re.compile(
    r"^(?:[*_~`]{1,3})?(?:\[(?P<title>(?:[^\[\]]|\[[^\[\]]{0,200}\]){1,400})\]\((?P<target>[^()\s]+(?:\([^()]*\)[^()\s]*)*)\)|\[\[[^\[\]\n]+\]\])"
)


def contents(blocks: list[Block], lines: list[str]) -> list[Item] | None:
    """The items of a table of contents, a page of links to notes with a few words beside them; None for others."""
    out: list[Item] = []
    rows = linked = words = 0
    for block in blocks:
        if block.kind in {"text", "quote", "html", "code", "table"}:
            words += len(block.text.split())
        elif block.kind == "list":
            for number in range(block.start, block.end):
                bullet = BULLET.match(lines[number])
                if not bullet:
                    words += len(lines[number].split())
                    continue
                rows += 1
                found = _TO_NOTE.match(bullet["rest"])
                if not found:
                    continue
                rest = fields.words_of(bullet["rest"][found.end() :]).lstrip(" :：,–—-*_").strip()
                target = found["target"] or ""
                if target and not re.search(r"^(?!\w+:).*(?:\.(?:md|markdown)|/)(?:#[^#]*)?$", target, re.I):
                    continue
                linked += 1
                if target:
                    title = fields.words_of(found["title"])
                    own = urls_of(bullet["rest"])
                    out.append(Item(title, target, None, rest, number + 1, number + 1, own, pointer=True))
    wiki = linked - len(out)
    if not linked or (wiki and linked < FEWEST) or linked < 0.9 * rows or words > max(10, 4 * linked):
        return None
    return out


# -- lists and tables of papers without days


def paper_list(blocks: list[Block], lines: list[str]) -> list[Item]:
    """The items of a page that is a list of papers; none for a page that only has some links."""
    items: list[Item] = []
    doubtful: list[Item] = []  # with an address of no known place of papers
    other = 0
    outside = True
    queued = False
    date: str | None = None
    year = 0
    for block in blocks:
        if block.kind == "heading":
            outside = not fields.REFERENCES.match(block.text) or bool(_TO_READ.search(block.text))
            queued = bool(_TO_READ.search(block.text))
            alone = re.fullmatch(r"\W*((?:19|20)\d\d)\W*年?\W*", block.text)
            month = find_month(block.text)
            year = int(alone[1]) if alone else (month[0] if month and month[0] else year)
            date = find_date(block.text)
            if month and (month[0] or year):
                date = f"{month[0] or year}-{month[1]:02}-01"
            continue
        if (block.kind == "list" or _is_links(block, lines)) and outside:
            for start, end, row in item_rows(block, lines):
                item, sure = _paper_item(row, start, end, date, queued)
                if item:
                    (items if sure else doubtful).append(item)
                else:
                    other += len(row.split())
        elif block.kind in {"text", "quote", "code"}:
            other += len(block.text.split())
    yeared = _yeared(blocks, lines)
    if len(yeared) >= YEARED and len(yeared) > len(items):
        return yeared
    if len(doubtful) <= len(items):  # papers, then, as their neighbours are
        items = sorted([*items, *doubtful], key=lambda item: item.line)
    else:
        other += sum(len(i.title.split()) for i in doubtful)
    listed = sum(len(i.title.split()) + len(i.description.split()) for i in items)
    if len(items) < FEWEST or other > max(2 * listed, 60):
        return []
    return items


_TO_READ = re.compile(r"to[ -]?read|todo|queue|backlog|待读|想读", re.I)


#: "[2020 CVPR] A Title", which is a paper with an address or without
_YEARED = re.compile(
    r"^\s*[-*+•]\s*\[(?P<year>(?:19|20)\d\d)(?:[ ,]+[A-Za-z][\w &'+-]{0,24})?\]\s*(?P<title>[^\[\](){}]\S.{6,300})$"
)


def _is_links(block: Block, lines: list[str]) -> bool:
    """A paragraph of which each line is a link and nothing else."""
    rows = [line.strip() for line in lines[block.start : block.end] if line.strip()]
    return block.kind == "text" and all((m := LINK.match(row)) and len(row) - m.end() <= 2 for row in rows)


def _yeared(blocks: list[Block], lines: list[str]) -> list[Item]:
    """The bullets that begin with a year and a venue, at any depth, with the addresses in the lines below each."""
    out: list[Item] = []
    for block in blocks:
        if block.kind != "list":
            continue
        last: tuple[int, int] | None = None  # (number in `out`, indent)
        for number in range(block.start, block.end):
            line = lines[number]
            indent = len(line) - len(line.lstrip())
            found = _YEARED.match(line)
            if found:
                last = len(out), indent
                title = clean_title(fields.words_of(_LINKED.sub(" ", found["title"]))).strip(" -–—:")
                web = urls_of(line)
                values = (("published", found["year"]),)
                out.append(Item(title, web[0] if web else "", None, "", number + 1, number + 1, web, values))
            elif last and indent >= last[1] and (web := urls_of(line)):
                item = out[last[0]]
                web = tuple(dict.fromkeys([*item.urls, *web]))
                out[last[0]] = replace(item, urls=web, target=item.target or web[0], end=number + 1)
            elif line.strip() and (not last or indent < last[1]):
                last = None
    return out


def _paper_item(row: str, start: int, end: int, date: str | None, queued: bool) -> tuple[Item | None, bool]:
    """(an item that is about one paper, whether that is sure): it has an address, or leads to a note, and a title."""
    box = re.match(r"^\[(?P<mark>[ xX])\]\s+", row)
    if box:
        queued = queued or box["mark"] == " "
        row = row[box.end() :]
    links = [(m["title"].strip(), m["target"].strip()) for m in LINK.finditer(row)]
    web = [url for _, url in links if sources.is_link(url)] + urls_in(LINK.sub(" ", row))
    local = _to_notes(links)
    web = [url for url in [*web, *arxiv_words(row)] if url not in local]
    kinds = {s.kind for url in web if (s := sources.resolve(url))}
    sure = bool(local or kinds & {"paper", "talk", "book"})
    cited = (
        None if any(len(t.split()) >= 3 and not fields.is_label(t) for t, _ in links) else _CITED.search(_plain(row))
    )
    title, rest = (cited["quoted"] or cited["after"], "") if cited else _item_title(row, links)
    if not (local or kinds) or len(title.split()) < (2 if sure else 4) - (2 if local else 0):
        return None, False
    target = local[0] if local else web[0]
    day = find_date(_LINKED.sub(" ", rest)) or (None if queued else date)  # the day of a list is that of what was read
    title = title.strip(" ,.")
    year = re.search(r"(?<![\d:./])(?:19|20)\d\d(?![\d:/])", row) if cited else None
    values = (("published", year[0]),) if year else ()
    return Item(title, target, day, _item_text(rest), start + 1, end + 1, tuple(web), values, queued), sure


_LINKED = re.compile(r"\[\[?[^\[\]]*\]?\]\([^()]*\)|https?://\S+")
#: a reference as journals print it: A. Author. “Title.” Journal, 2019. or Author, A. (2019). Title. Journal.
_CITED = re.compile(
    r"^\W*[^\W\d_][^“\"]{3,400}?[,.:]\s*[“\"](?P<quoted>[^“”\"]{8,300})[,.]?[”\"]"
    r"|^\W*[^\W\d_][^“”\"()]{3,400}[,.]\s*\((?:19|20)\d\d\w?\)[.,:]\s*(?P<after>[^“”\"]{8,300}?)[.?](?:\s|$)"
)


def _plain(row: str) -> str:
    return fields.words_of(re.split(r"\bhttps?://|\[\[?\w+\]?\]\(", row, maxsplit=1)[0])


def _says_what(text: str) -> bool:
    """What a link is called after its kind: "paper", "code", "summary"."""
    return fields.is_label(text) or bool(fields.SECTION.match(text))


def _to_notes(links: list[tuple[str, str]]) -> list[str]:
    """Those of the links that lead to Markdown, in this diary or in a repository."""
    return [
        target
        for _, target in links
        if (re.search(r"\.(?:md|markdown)(?:#[^#]*)?$", target, re.I) and not sources.is_link(target))
        or HOSTED.match(target)
    ]


def _item_title(row: str, links: list[tuple[str, str]]) -> tuple[str, str]:
    """(title, what follows it): the first link that is more than a label, else the text before the links."""
    for match in LINK.finditer(row):
        text = fields.words_of(match["title"])
        if len(text.split()) >= (1 if _to_notes([(text, match["target"])]) else 2) and not _says_what(text):
            return text, row[match.end() :]
    plain = LINK.split(row)[0] if links else row
    for url in urls_in(plain):
        plain = plain.split(url)[0]
    plain = fields.words_of(plain)
    head = re.split(r"\s+[-–—|]\s+|[\[(（]\s*$|:\s*$|\.\s*$", plain)[0]
    head = head.strip(" :：,.-–—|*_").rstrip("[(")
    quoted = re.fullmatch(r"[\"“](.+?)[,.]?[\"”]", head)
    return (quoted[1] if quoted else head), row[len(plain) :]


def _item_text(rest: str) -> str:
    text = fields.words_of(LINK.sub(" ", rest))
    for url in urls_in(text):
        text = text.replace(url, " ")
    text = " ".join(re.sub(r"\[\s*\]|\(\s*\)|\\\[|\\\]", " ", text).split()).strip(" :：,.-–—|[]()")
    return text if len(text.split()) >= 4 else ""


def table(block: Block, lines: list[str]) -> list[Item]:
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
        links = [(m["title"].strip(), m["target"].strip()) for m in LINK.finditer(text)]
        web = [url for _, url in links if sources.is_link(url)] + urls_in(LINK.sub(" ", text))
        local = _to_notes(links)
        web = [url for url in web if url not in local]
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
