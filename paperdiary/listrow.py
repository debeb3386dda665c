"""One row of a list of papers: what it is called, where it leads, what else it says.

People write a row in any order: title as a link, title then "[paper] [code]", "[arXiv] title", "CVPR 2020, title",
a quoted title, a reference as journals print it. The order is told by what each piece is, never by its place alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from paperdiary import fields, rowlead, rowtitle, sources
from paperdiary.dates import find_date
from paperdiary.listsyntax import LINK, clean, is_local, with_wikilinks
from paperdiary.markup import urls_in


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says of one thing; `title` is "" where it names none."""

    title: str = ""
    links: tuple[tuple[str, str], ...] = ()  #: (label, address) in order
    web: tuple[str, ...] = ()  #: addresses of the web in it
    local: tuple[str, ...] = ()  #: notes and PDFs beside it
    rest: str = ""  #: what it says besides the title, as Markdown
    year: str = ""
    authors: str = ""
    day: str = ""  #: a date before the title, or said to be of reading
    box: str = ""  #: "x" or " " of a checkbox
    marked: bool = False  #: the title stands out without any link: quoted, dated, with its year
    linked: bool = False  #: the title is a link
    labelled: bool = False  #: a link says that it is the paper

    @property
    def sure(self) -> bool:
        """It leads to a paper, talk or book, or to a note about one."""
        kinds = {s.kind for url in self.web if (s := sources.resolve(url))}
        return bool(self.local or self.labelled or kinds & {"paper", "talk", "book"})


def read(text: str) -> Row:
    """What one row says. Any text may come; a row of prose has no title."""
    row = with_wikilinks(clean(text)).strip()
    row = re.sub(r"^\[([^\[\]]{2,300})\]$", r"\1", row)
    head, box, day, year, lead = rowlead.lead(row)
    body = row[head:]
    links = [(m["title"].strip(), m["target"].strip().split(" ")[0].strip("<>")) for m in LINK.finditer(row)]
    web = [url for _, url in links if sources.is_link(url)]
    web += [url for url in urls_in(LINK.sub(" ", row)) if url not in web]
    identifier = sources.arxiv_in_text(row) or _bare_id(row)
    if identifier and not any(sources.arxiv_id(url) == identifier for url in web):
        web.append(f"https://arxiv.org/abs/{identifier}")
    local = [target for _, target in links if is_local(target)]
    named = [re.match(r"(\d{4}\.\d{4,5})(?:v\d+)?(?=[._-])", target.rsplit("/", 1)[-1]) for target in local]
    web += [f"https://arxiv.org/abs/{i}" for m in named if m and (i := sources.arxiv_id(m[1])) and not identifier]
    web = [url for url in web if url not in local]
    title, rest, authors, linked, marked, found_year = rowtitle.find(body)
    named_file = re.fullmatch(r"(?P<name>[^/\n]{6,300})\.(?:pdf|djvu|epub)", body.strip(), re.I) if not links else None
    if named_file:
        short = re.sub(r"(?<=\w)\s?\([^()]{1,40}\)$", "", named_file["name"]).strip()
        title, rest, marked = fields.words_of(short or named_file["name"]), "", True
    if not lead and not title and len(links) >= 1 and head:
        title, rest, authors, linked, marked, found_year = rowtitle.find(row)
    year = year or found_year
    said = re.search(r"(?:\bread(?: on| at)?|阅读(?:于|日期|时间)?|读于|読了|finished)\W{0,3}(.{0,20})", rest, re.I)
    if not day and said:
        day = find_date(said[1]) or ""
    labelled = any(_is_paper_label(label) and sources.is_link(target) for label, target in links)
    return Row(
        title, tuple(links), tuple(dict.fromkeys(web)), tuple(local), rest, year, authors, day, box,
        marked or bool(year or day), linked, labelled,
    )  # fmt: skip


def _bare_id(row: str) -> str | None:
    """An arXiv id in brackets: "(2103.14030)", "[1706.03762]"."""
    found = re.search(r"\babs/(\d{4}\.\d{4,5})(?!\d)", row) if "abs/" in row and "//" not in row else None
    found = found or re.search(r"[\[(（]\s*(?:abs/)?(\d{4}\.\d{4,5})(?:v\d+)?\s*[\])）]", row)
    return sources.arxiv_id(found[1]) if found else None


def _is_paper_label(label: str) -> bool:
    return bool(
        re.fullmatch(
            r"\W*(?:the |original |full )?(?:paper|pdf|arxiv|preprint|论文|原文|論文|논문)\W*(?:link|pdf)?\W*",
            label,
            re.I,
        )
    )
