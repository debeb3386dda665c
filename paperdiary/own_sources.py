"""Which of the addresses in a note are those of the thing that was read: its sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from paperdiary import fields, sources
from paperdiary.entry import Source
from paperdiary.markup import urls_in
from paperdiary.spans import Span
from paperdiary.titles import common_words


def find_sources(
    values: dict[str, Any], span: Span, head: fields.Head, lines: list[str], path: str, title: str, single: bool
) -> list[Source]:
    """The sources of an entry, those in its fields first; one of each identity."""
    own: list[Source | None] = []
    for key in ("arxiv", "doi"):
        if values.get(key):
            text = str(values[key])
            identifier = sources.arxiv_id(text) or sources.arxiv_in_text(text)
            doi = None if identifier else sources.doi_in(text)
            own.append(sources.from_arxiv(identifier) if identifier else sources.resolve(doi or ""))
    given = values.get("url")
    listed = given if isinstance(given, list) else [given]
    own += [sources.resolve(url) for text in listed if isinstance(text, str) for url in (urls_in(text) or [text])]
    if span.heading:
        own += [sources.resolve(href) for _, href in span.heading.links]
        own += [sources.resolve(url) for url in urls_in(" ".join(lines[span.heading.start : span.heading.end]))]
    near = [sources.resolve(url) for url in head.urls]
    near.sort(key=lambda s: 0 if s and s.kind in {"paper", "book"} else 1)
    own += near
    own += [
        sources.from_arxiv(i) for v in (values.get("published"), values.get("description")) if (i := _arxiv_text(v))
    ]
    if not any(s and s.kind == "paper" for s in own):
        own += _elsewhere(span, lines, path, title, single)
    own += [sources.resolve(url) for url in head.more]
    unique: dict[str, Source] = {}
    for source in own:
        if source:
            unique.setdefault(source.identity, source)
    return list(unique.values())


def _arxiv_text(value: Any) -> str | None:
    return sources.arxiv_in_text(str(value)) if value else None


#: said in running text to be the paper's
_NAMED_LINK = re.compile(
    r"(?:论文|原文|論文|\bpapers?)\s?(?:链接|地址|原文|リンク|link|url|pdf)?(?: is)?(?: here)?\s*[:：]\s*\[?\(?(?:https?://|www\.)\S+",
    re.I,
)


def _elsewhere(span: Span, lines: list[str], path: str, title: str, single: bool) -> Sequence[Source | None]:
    """The sources that do not stand at the head: in BibTeX, under "Links", in the file's name, or alone at the end."""
    part = ""
    for block in span.blocks:
        if block.kind == "heading":
            part = block.text
        text = block.text
        if block.kind == "code" and re.search(r"@\w+\s*\{", text) and not _other_paper(text, title):
            identifier = sources.arxiv_in_text(text) or _bib_id(text)
            if identifier:
                return [sources.from_arxiv(identifier)]
            doi = re.search(r"\bdoi\s*=\s*[{\"]\s*([^}\"]+)", text, re.I)
            if doi and sources.doi_in(doi[1]):
                return [sources.resolve(sources.doi_in(doi[1]) or "")]
        if fields.REFERENCES.match(part):
            continue
        if fields.OWN_PART.match(part) and block.kind != "heading":
            rows = " ".join(lines[block.start : block.end])
            papers = [s for url in urls_in(rows) if (s := sources.resolve(url)) and s.kind == "paper"]
            if papers:  # one paper at several places; a second arXiv id would be another paper
                others = [s for s in papers[1:] if not s.arxiv]
                return [papers[0], *[s for s in papers[1:] if s.arxiv][: not papers[0].arxiv], *others][:4]
        for label, href in block.links:
            named = fields.is_label(label) or len(common_words(label, title)) >= 0.6 * max(
                len(common_words(title, title)), 1
            )
            source = sources.resolve(href)
            if source and source.kind == "paper" and named:
                return [source]
        told = _NAMED_LINK.search(text) if block.kind == "text" else None
        source = sources.resolve((urls_in(told[0]) or [""])[0]) if told else None
        if source and source.kind == "paper":
            return [source]
    stem = PurePosixPath(path).stem
    in_name = re.search(r"(?<!\d)\d{4}\.\d{4,5}(?!\d)", stem)
    if single and in_name and sources.arxiv_id(in_name[0]):
        return [sources.from_arxiv(in_name[0])]
    if single and not fields.REFERENCES.match(part):
        last = [b for b in span.blocks if b.kind != "rule"][-2:]
        for block in last:
            near = [row for row in lines[block.start : block.end] if row.strip()]
            if block.kind in {"text", "list"} and all(fields.is_source_row(row) for row in near):
                found = [s for row in near for url in urls_in(row) if (s := sources.resolve(url))]
                papers = [s for s in found if s.kind == "paper"]
                if papers or found:
                    return [(papers or found)[0]]
        beginning = "\n".join(lines[span.start : span.start + 12])
        identifier = sources.arxiv_in_text(beginning)
        if identifier:
            return [sources.from_arxiv(identifier)]
    return []


def _bib_id(text: str) -> str | None:
    found = re.search(r"\beprint\s*=\s*[{\"]\s*([\w./-]+)", text, re.I) or re.search(
        r"arxiv\.org/abs/([\w./-]+)", text, re.I
    )
    return sources.arxiv_id(found[1].rstrip('}",.')) if found else None


def _other_paper(bibtex: str, title: str) -> bool:
    """True where BibTeX names a title that shares nearly nothing with this one."""
    named = re.search(r"\btitle\s*=\s*[{\"]+([^}\"]+)", bibtex, re.I)
    if not named or len(common_words(title, title)) < 3:
        return False
    return len(common_words(named[1], title)) < 0.3 * len(common_words(title, title))
