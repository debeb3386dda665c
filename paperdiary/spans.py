"""Where the entries of a note begin and end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from paperdiary import fields, sources
from paperdiary.dates import find_date, find_month
from paperdiary.markup import Block, urls_in

TODO = re.compile(r"\s*[\[(（【](?:todo|to[ -]?read|tbd|unread|待读|未读)[\])）】]\s*|^\s*todo\s*[:：]\s*", re.I)
_YEARED = re.compile(
    r"(?:\(|\[|（|【)[^()\[\]]*(?:19|20)\d\d[^()\[\]]*(?:\)|\]|）|】)\s*$|^\s*[\[(【][^\])】]*(?:19|20)\d\d[^\])】]*[\])】]"
)
#: parts that papers have; a heading with two of them below is a paper
_PAPER_PARTS = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*[.)]?\s*)?(?:abstract|introduction|related work|methods?|experiments?|results?"
    r"|conclusions?|evaluation|background|summary|key (?:ideas?|points?)|摘要|方法|实验|结论)\W*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of one entry in a note's text, 0-based and half-open, and its blocks without the heading."""

    start: int
    end: int
    heading: Block | None
    blocks: tuple[Block, ...]


def find(blocks: list[Block], lines: list[str]) -> list[Span]:
    """The entries of a file that holds several under headings; none where it holds one.

    A heading begins an entry where it is a link to what was read, where an address stands below it, where
    it names a year as titles in lists do, or where it says that it is still to be read. Headings of the
    same rank without any of that are parts of the entry before them, unless parts of a paper stand below.
    """
    headings = [at for at, b in enumerate(blocks) if b.kind == "heading"]
    if len(headings) < 2:
        return []
    strong = [at for at in headings if not _names_a_part(blocks[at].text) and _has_source(blocks, at, lines)]
    linked = {at for at in strong if _is_link(blocks[at], lines)}
    levels = Counter(blocks[at].level for at in strong)
    yeared = [at for at in headings if at not in strong and _YEARED.search(blocks[at].text)]
    if len(strong) < 2:
        ranks = Counter(blocks[at].level for at in yeared)
        rank, count = ranks.most_common(1)[0] if ranks else (0, 0)
        if count < 2 or count < 0.6 * sum(blocks[at].level == rank for at in headings):
            return []
        strong = [at for at in headings if blocks[at].level == rank and (at in yeared or at in strong)]
        levels = Counter({rank: count})
    level = min(levels, key=lambda rank: (-levels[rank], rank))
    first = headings[0]
    if first in strong and blocks[first].level < level and first not in linked:
        if len(linked) < 3:
            return []  # the title with its source, and parts with addresses below
        strong.remove(first)
    if first in linked and blocks[first].level < level and len(strong) - 1 < 3:
        return []
    starts = {at for at in strong if at in linked or blocks[at].level <= level}
    titles = {at for at in headings if blocks[at].level == level and _is_title(blocks[at].text)}
    starts -= {at for at in starts if at not in linked and _over_entries(blocks, at, starts | titles, level)}
    if len(starts) < 2 or not _paperlike(blocks, sorted(starts), lines):
        return []
    alike = [at for at in headings if blocks[at].level == level]
    most = sum(at in starts for at in alike) >= 0.5 * len(alike)
    for at in headings:
        if at in starts or blocks[at].level > level:
            continue
        same = blocks[at].level == level
        if TODO.search(blocks[at].text) or (
            same and (at in yeared or _has_paper_parts(blocks, at, headings) or (most and at in titles))
        ):
            starts.add(at)
    return [_span(blocks, at, sorted(starts)) for at in sorted(starts)]


def _names_a_part(text: str) -> bool:
    """Sections of one note, what links are called ("Paper", "Project page"), and dates over lists."""
    if fields.SECTION.match(text) or fields.is_label(text) or find_month(text):
        return True
    return bool(re.fullmatch(r"[\W_]*(?:19|20)\d\d[\W_]*", text))


def _is_title(text: str) -> bool:
    """Words such as papers are called by, and no part of a note: long, and in capitals or with a colon."""
    words = re.findall(r"[^\W\d_][\w'’-]+", text)
    telling = [word for word in words if len(word) > 3]
    capitals = sum(word[0].isupper() for word in telling)
    return (
        len(words) >= (4 if re.search(r"\w: \w", text) else 6)
        and 5 * capitals >= 3 * len(telling)
        and not _names_a_part(text)
    )


def _over_entries(blocks: list[Block], at: int, starts: set[int], level: int) -> bool:
    """A heading of a higher rank with an address, over headings that are entries: it names a group."""
    if blocks[at].level >= level:
        return False
    end = next((n for n in range(at + 1, len(blocks)) if 0 < blocks[n].level <= blocks[at].level), len(blocks))
    return any(other in starts and blocks[other].level == level for other in range(at + 1, end))


def _span(blocks: list[Block], at: int, starts: list[int]) -> Span:
    limit = next((s for s in starts if s > at), len(blocks))
    inside = []
    for block in blocks[at + 1 : limit]:
        if block.kind == "heading" and block.level < blocks[at].level:
            break
        inside.append(block)
    while inside and inside[-1].kind == "rule":
        inside.pop()
    end = inside[-1].end if inside else blocks[at].end
    return Span(blocks[at].start, end, blocks[at], tuple(inside))


def _is_link(block: Block, lines: list[str]) -> bool:
    inline = any(sources.is_link(href) for _, href in block.links)
    return inline or bool(urls_in(" ".join(lines[block.start : block.end])))


def _has_source(blocks: list[Block], at: int, lines: list[str]) -> bool:
    """A heading that is a link, or below which an address stands before any text worth the name."""
    if _is_link(blocks[at], lines):
        return True
    for block in blocks[at + 1 : at + 4]:
        if block.kind not in {"text", "list", "quote"}:
            return False
        rows = [line for line in lines[block.start : block.end] if line.strip()][:6]
        rows = [row for row in rows if not re.match(r"^\s*(?:\[!\[|!\[|<a\b|<img\b|<p\b)", row)]  # badges
        if not rows:
            continue
        if block.kind == "list" and sum(_is_item(row) for row in rows) >= 2:
            return False  # a list of papers, which the heading is no title of
        most = 5 if block.kind == "list" else 14
        for row in rows:
            if fields.is_source_row(row):
                return not _of_another(row, blocks[at].text)
            found = fields.parse_row(row)
            if found and found[0] in {"url", "arxiv", "doi"}:
                return True
            if not found and len(row.split()) > most:
                return False
        if not rows or (block.kind != "quote" and fields.parse_row(rows[0]) is None and len(block.text.split()) > 25):
            return False
    return False


def _of_another(row: str, heading: str) -> bool:
    """A link under another title than the heading's, which then names a group."""
    named = [label for label, _ in fields.labelled_links(row) if len(label.split()) >= 3 and not fields.is_label(label)]
    words = set(re.findall(r"\w{3,}", heading.lower()))
    return bool(named) and not any(words & set(re.findall(r"\w{3,}", label.lower())) for label in named)


def _is_item(row: str) -> bool:
    """A row of a list that names a paper and leads to it, or to a note about it."""
    links = fields.labelled_links(row)
    papers = [s for _, url in links if (s := sources.resolve(url)) and s.kind == "paper"]
    named = max((len(re.findall(r"\w+", label)) for label, _ in links if not fields.is_label(label)), default=0)
    words = re.findall(r"\w+", re.sub(r"\[[^\[\]]*\]\([^()]*\)|https?://\S+", " ", row))
    return bool(papers) and (named >= 2 or len(words) >= 3) and fields.parse_row(row) is None


def _paperlike(blocks: list[Block], starts: list[int], lines: list[str]) -> bool:
    """False for a how-to whose headings link to tools: some address must be of a paper, talk, post or book."""
    kinds: Counter[str] = Counter()
    for at in starts:
        rows = " ".join(lines[blocks[at].start : blocks[min(at + 3, len(blocks) - 1)].end])
        found = next((s for url in urls_in(rows) if (s := sources.resolve(url))), None)
        kinds[found.kind if found else "none"] += 1
    return kinds["paper"] + kinds["talk"] + kinds["blog"] + kinds["none"] >= len(starts) / 2


def _has_paper_parts(blocks: list[Block], at: int, headings: list[int]) -> bool:
    """Two headings named after parts of a paper stand below a heading, at a lower rank."""
    parts = 0
    for other in headings:
        if other <= at:
            continue
        if blocks[other].level <= blocks[at].level:
            break
        parts += bool(_PAPER_PARTS.match(blocks[other].text))
    return parts >= 2


def dates_above(blocks: list[Block], found: list[Span]) -> list[str]:
    """For each entry, the heading above it that is a date ("## 2018-10-08", "# Week of 5 May 2021"), "" for none."""
    starts = {span.start for span in found}
    over: list[tuple[int, str]] = []  # (rank, its date or "") of the headings that are in force
    rows = iter(b for b in blocks if b.kind == "heading")
    days: dict[int, str] = {}
    for block in rows:
        if block.start in starts:
            days[block.start] = next((day for rank, day in reversed(over) if day and rank <= block.level), "")
            continue
        over = [(rank, day) for rank, day in over if rank < block.level]
        over.append((block.level, _day(block)))
    return [days.get(span.start, "") for span in found]


def _day(block: Block) -> str:
    """The date that a heading is, beside a few words such as "Week of"."""
    month = find_month(block.text)
    if month and month[0]:
        return f"{month[0]}-{month[1]:02}-01"
    if find_date(block.text) and len(re.findall(r"[^\W\d]{2,}", block.text)) <= 5 and not block.links:
        return block.text
    return ""
