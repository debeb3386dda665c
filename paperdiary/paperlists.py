"""Lists of papers without days, and pages of links to notes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from paperdiary import bullets, fields, listentries, listrow, sources
from paperdiary.bullets import BULLET
from paperdiary.listitem import Item
from paperdiary.markup import Block
from paperdiary.papertables import table

FEWEST = 3  #: items that make a list of papers

_TO_NOTE = re.compile(
    r"^(?:[*_~`]{1,3})?(?:\[(?P<title>(?:[^\[\]]|\[[^\[\]]{0,200}\]){1,400})\]\((?P<target>[^()\s]+(?:\([^()]*\)[^()\s]*)*)\)|\[\[[^\[\]\n]+\]\])"
)
#: parts of a page that list no papers
_FURNITURE = re.compile(
    r"^\W*(?:licen[cs]e|contribut.*|how to .*|acknowledge?ments?|credits"
    r"|citation|citing|cite.*|star history|news|(?:latest |recent )?updates?|what'?s new|change ?logs?|install.*|usage"
    r"|getting started|quick ?start|requirements|features|contact.*|about.*|maintainers?|authors?|support|faq"
    r"|更新.*|贡献.*|许可.*|致谢|联系.*|关于.*|快速开始|使用.*|安装.*|特性|功能.*|部署.*|使い方|インストール|사용법|설치.*|기능)\W*$",
    re.I,
)
#: parts that list the parts of the page, or the papers themselves
_CONTENTS = re.compile(r"^\W*(?:table of contents?|contents?|toc|index|catalog(?:ue)?|目录.*|目次)\W*$", re.I)
#: parts whose items are things to use, not to read
_TOOLS = re.compile(
    r"^\W*(?:\d+[.)]?\s*)?"
    r"(?:(?:useful|other|related|open[- ]source|popular|some|more|list of|awesome|public|online|similar|learning)\s+)*"
    r"(?:tool(?:s|kits?|boxes)?|librar(?:y|ies)|software|frameworks?|datasets?|conferences?|journals?|workshops?"
    r"|communit(?:y|ies)|people|labs?|groups?|researchers|repos(?:itor(?:y|ies))?|implementations?|code(?:bases?)?s?"
    r"|github ?s?|packages|awesome.*|lists?|projects?|websites?|competitions?|jobs?|工具|数据集|代码|会议|实验室|项目)"
    r"(?:\s*(?:&|and|,|/|、|和)\s*[\w ]+)?\W*$",
    re.I,
)


# -- indexes


def contents(blocks: list[Block], lines: list[str]) -> list[Item] | None:
    """The items of a table of contents, a page of links to notes with a few words beside them; None for others."""
    out: list[Item] = []
    rows = linked = words = year = 0
    date: str | None = None
    for block in blocks:
        if block.kind == "heading":
            date, year = bullets.date_of(block.text, date, year)
        elif block.kind in {"text", "quote", "html", "code", "table"}:
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
                    own = listrow.read(bullet["rest"]).web
                    out.append(Item(title, target, date, rest, number + 1, number + 1, own, pointer=True))
    wiki = linked - len(out)
    if not linked or (wiki and linked < FEWEST) or linked < 0.9 * rows or words > max(10, 4 * linked):
        return None
    return out


# -- lists and tables of papers without days


def paper_list(blocks: list[Block], lines: list[str], *, whole: bool = False) -> list[Item]:
    """The items of a page that is a list of papers; none for a page that only has some links.

    Args:
        blocks: the page.
        lines: of its text.
        whole: the page is no note on one thing, so that what else it says does not count.
    """
    found: list[listentries.Found] = []
    other = year = 0
    under, outside = bullets.Under(), True
    above: list[tuple[str, int]] = []  # short lines, of which one may be the title of the links below
    of_parts = False
    parts: dict[int, tuple[bool, bool]] = {}  # rank of the headings in force: (lists no papers, names tools)
    over, level = "", 0  # a day that stands over other headings
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            parts = {rank: kinds for rank, kinds in parts.items() if rank < block.level}
            aside = bool(fields.REFERENCES.match(block.text) or _FURNITURE.match(block.text))
            parts[block.level] = (
                aside and not bullets.TO_READ.search(block.text),
                block.level > 1 and bool(_TOOLS.search(block.text)),
            )
            of_parts = bool(_CONTENTS.match(block.text)) and block.level > 1
            outside = not any(kinds[0] for rank, kinds in parts.items() if rank > 1 or rank == block.level)
            date, year = bullets.date_of(block.text, under.date, year)
            if date and number + 1 < len(blocks) and blocks[number + 1].kind == "heading":
                over, level = date, block.level
            elif date or block.level < level:
                over = ""
            queued = bool(bullets.TO_READ.search(block.text))
            under = bullets.Under(date or over or None, queued, any(kinds[1] for kinds in parts.values()), number)
            above = []
            continue
        under = replace(under, part=number)
        day = _day_alone(block)
        if day:
            under = replace(under, date=day)
            continue
        new: list[listentries.Found] = []
        used = 0
        links = listentries.only_links(block, lines) if outside and above else None
        if links:
            new = listentries.titled_above(above, links, block, under)
        elif outside and block.kind == "list":
            roots = bullets.tree(block, lines)
            new, used = listentries.from_list(roots, under, 0, whole)
            named = sum(f.rank == "plain" for f in new)
            if named and len(new) < 0.8 * len(roots):
                new = [f for f in new if f.rank != "plain"]  # a list of other things
            if found and blocks[number - 1].kind == "text" and found[-1].part == number - 1:
                new = [f for f in new if not listentries.same(f.item, found[-1].item)]
        elif outside and block.kind in {"table", "html"}:
            new = [listentries.Found(item, "sure", number) for item in table(block, lines)]
            new = [replace(f, item=replace(f.item, date=f.item.date or under.date)) for f in new]
        elif outside and block.kind == "text":
            new = listentries.paragraph(block, lines, under, whole)
        if of_parts:
            new = [f for f in new if f.rank == "sure" and f.item.urls]
        short = None if new else listentries.short_line(block, lines)
        above = [*above[-3:], short] if short else []
        found += new
        if block.kind == "list":
            other += used
        elif not new and block.kind in {"text", "quote", "code"}:
            other += len(block.text.split())
    return _chosen(found, other, blocks, whole)


def _chosen(found: list[listentries.Found], other: int, blocks: list[Block], whole: bool) -> list[Item]:
    sure = [f for f in found if f.rank == "sure"]
    web = [f for f in found if f.rank == "web" and not f.tool]
    bare = [f for f in found if f.rank == "bare"]
    heading = " ".join(b.text for b in blocks[:40] if b.kind == "heading" and b.level <= 2)
    kept = list(sure)
    reading = bool(re.search(r"read|paper|literature|论文|論文|文献|阅读|논문", heading, re.I))
    if len(web) <= (2 if whole else 1) * len(sure) or (reading and whole and len(web) >= FEWEST and not sure):
        kept += web  # papers, then, as their neighbours are
    else:
        other += sum(len(f.item.title.split()) for f in web)
    whole_parts = Counter(f.part for f in kept if not f.short)
    kept = [f for f in kept if not f.short or whole_parts[f.part] >= FEWEST]
    for part in {f.part for f in bare}:
        mine = [f for f in bare if f.part == part]
        others = [f for f in kept if f.part == part]
        if len(mine) >= FEWEST or others or len(bare) >= FEWEST:
            kept += mine
        elif len(kept) >= FEWEST:
            kept += [f for f in mine if f.item.date or (reading and whole)]
    plain = [f for f in found if f.rank == "plain"]
    if len(sure) >= FEWEST or (reading and whole and len(kept) >= FEWEST):
        near = {f.part for f in kept}
        kept += [f for f in plain if f.part in near or f.item.date]
    items = _own_days([f for f in kept if f.item.title])
    listed = sum(len(i.title.split()) + len(i.description.split()) for i in items)
    fewest = 2 if whole and reading else FEWEST
    first = next((b.text for b in blocks if b.kind == "heading"), "")
    if whole and re.search(r"paper|论文|論文|논문", first, re.I) and any(i.urls or i.date for i in items):
        fewest = 1
    if len(items) < fewest or (not whole and other > max(2 * listed, 60)):
        return []
    return sorted(items, key=lambda item: item.line)


def _own_days(found: list[listentries.Found]) -> list[Item]:
    """The items; days in their rows are the papers' own where they mostly fall in the months of the arXiv ids."""
    own = [
        f"20{s.arxiv[:2]}-{s.arxiv[2:4]}" == (f.item.date or "")[:7]
        for f in found
        for url in f.item.urls[:1]
        if f.inline and (s := sources.resolve(url)) and s.arxiv and "/" not in s.arxiv
    ]
    published = len(own) >= FEWEST and sum(own) >= 0.5 * len(own)
    return [
        replace(f.item, date=None, values=(*f.item.values, ("published", f.item.date or "")))
        if published and f.inline
        else f.item
        for f in found
    ]


def _day_alone(block: Block) -> str | None:
    """The day or month that a paragraph names and nothing else, as a heading would."""
    if block.kind not in {"text", "html"} or len(block.text) > 60 or block.links:
        return None
    text = fields.words_of(block.text).strip()
    date = bullets.date_of(text, None, 0)[0]
    return date if date and len(re.findall(r"[^\W\d_]{2,}", text)) <= 4 else None
