"""One item of a bibliography -> a note: what BibTeX and CSL-JSON have in common."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from paperdiary import abstract, sources
from paperdiary.bibnames import OTHERS, Person, in_note
from paperdiary.bibrecord import FIELDS, LONGEST, derived
from paperdiary.bibtext import ALL
from paperdiary.entry import Source
from paperdiary.importing.draft import Draft
from paperdiary.repair import Repair
from paperdiary.slugs import slug

INBOX = "inbox"  #: topic of an item that nobody filed
#: a `note` that libraries and managers write themselves
_LIBRARIAN = re.compile(
    r"\W*(?:arxiv|accepted|to appear|in press|publisher\b|place\b|pages?\b|preprint|submitted|published|presented"
    r"|version|url|doi|isbn|issn|pmid|pmcid|number|num pages|conference name|section|type|medium|series|edition"
    r"|citation key|tex\.|oclc|read_status|original-date|event|zotero|copyright|comment:|\d+ pages)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item, decoded: plain text in every field."""

    title: str
    line: int = 1  #: where it begins in its file
    authors: tuple[str, ...] = ()
    published: str = ""  #: as exact as it is known: "2017", "2017-06", "2017-06-12"
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    kind: str = ""  #: what its type says, "" for nothing certain
    status: str = ""  #: as its manager has it, "" for nothing
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  #: groups or collections that it is filed in
    abstract: str = ""
    notes: tuple[str, ...] = ()  #: the reader's own words
    remarks: tuple[str, ...] = ()  #: fields that may hold the reader's words or a library's
    key: str = ""  #: its citation key
    type: str = ""  #: of publication, one of bibrecord.TYPES, "" for nothing certain
    people: tuple[Person, ...] = ()  #: `authors` in their parts
    editors: tuple[Person, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)  #: of bibrecord.FIELDS
    keep: tuple[str, ...] = ()  #: words of the title whose capitals stay
    accessed: str = ""  #: the day a page was seen


def drafts(items: Sequence[Item], path: Path, repairs: Sequence[Repair]) -> tuple[Draft, ...]:
    """The notes of a bibliography's items, each with the repairs that were made in its lines."""
    out = []
    for number, item in enumerate(items):
        first = item.line if number else 1
        last = items[number + 1].line - 1 if number + 1 < len(items) else float("inf")
        own = tuple(r for r in repairs if first <= r.line <= last)
        out.append(replace(draft(item, path), repairs=own))
    return tuple(out)


def draft(item: Item, path: Path) -> Draft:
    """The note of an item: front matter, the abstract folded away, the reader's notes."""
    source = _source(item)
    notes = [*item.notes, *(r for r in item.remarks if not is_librarian(r))]
    aside = [r for r in item.remarks if is_librarian(r) and not _says_nothing(r, source)]
    values = citation(item) | {
        "status": item.status or ("read" if notes else "queued"),
        "tags": list(item.tags),
    }
    if len(aside) == 1 and "\n" not in aside[0] and len(aside[0]) <= LONGEST:
        values = _before(values, "status", "note", aside.pop())
    parts = [front_matter(values, ["description"])]
    if item.abstract:
        parts.append(f"{_folded(item.abstract)}\n")
    parts += [f"{note.strip()}\n" for note in notes]
    parts += [f"*{remark}*\n" for remark in (" ".join(r.split()) for r in aside)]
    name = f"{_topic(item)}/{slug(item.title)}.md"
    return Draft(path, name, "\n".join(parts).encode(), line=item.line, role="item")


def citation(item: Item) -> dict[str, Any]:
    """What a citation is made of, as front matter that `bibrecord.record` reads again."""
    source = _source(item)
    kind = item.kind or (source.kind if source else "paper")
    year = re.match(r"\d{4}", item.published)
    known = [p for p in item.people if p.literal != OTHERS]
    authors, surnames = in_note(known) if known else (list(item.authors), [])
    editors, more = in_note(p for p in item.editors if p.literal != OTHERS)
    doi = source.doi if source and source.doi else item.doi
    fields = {name: item.fields[name] for name in FIELDS if item.fields.get(name)}
    needed = item.type and item.type != derived(kind, fields, doi or "", source.arxiv if source else "")
    values: dict[str, Any] = {
        "title": item.title,
        "authors": authors,
        "surnames": list(dict.fromkeys([*surnames, *more])),
        "et_al": len(known) < len(item.people) or None,
        "editors": editors,
        "year": int(year[0]) if year else None,
        "published": item.published if len(item.published) > 4 else "",
        "citation_key": item.key,
        "entrytype": item.type if needed else "",
        **{name: int(text) if re.fullmatch(r"[1-9]\d{0,8}", text) else text for name, text in fields.items()},
        "keep_case": True if ALL in item.keep else list(item.keep),
        "doi": doi,
        "arxiv": source.arxiv if source else "",
        "url": item.url if item.url and not _same(item.url, source) else "",
        "urldate": item.accessed,
        "kind": kind,
    }
    return values


def _before(values: dict[str, Any], place: str, key: str, value: Any) -> dict[str, Any]:
    """The values with one more, before that of `place`."""
    out: dict[str, Any] = {}
    for name, one in values.items():
        out |= {key: value, name: one} if name == place else {name: one}
    return out


def _folded(text: str) -> str:
    """An abstract, folded away; the few tags that publishers write in it stay."""
    if not re.search(r"<(sub|sup|i|b|em|strong)>[^<>]*</\1>", text):
        return abstract.fold(text)
    inside = re.sub(r"<(?!/?(?:sub|sup|i|b|em|strong)>)", "&lt;", text)
    return f"<details>\n<summary>Abstract</summary>\n\n{inside}\n\n</details>"


def _topic(item: Item) -> str:
    """The folder: the only group, else the only keyword, else the inbox."""
    for names in (item.topics, item.tags):
        if len(names) == 1:
            parts = [slug(part) for part in re.split(r"[/\\]|\s>\s", names[0]) if part.strip()]
            if parts:
                return "/".join(parts)
    return INBOX


def _source(item: Item) -> Source | None:
    """What the item is, by the most certain of its identifiers; its DOI stays beside its arXiv id."""
    by_doi = sources.resolve(sources.doi_in(item.doi) or "") if item.doi else None
    identifier = sources.arxiv_id(item.arxiv) or sources.arxiv_id(item.url) if item.arxiv or item.url else None
    if identifier:
        paper = sources.from_arxiv(identifier)
        return Source(paper.url, paper.kind, identifier, by_doi.doi if by_doi else None, paper.label)
    return by_doi or (sources.resolve(item.url) if item.url else None)


def _same(url: str, source: Source | None) -> bool:
    """True where an address says no more than an identifier that is in the front matter."""
    found = sources.resolve(url)
    if not found or not source:
        return False
    return bool((found.arxiv and found.arxiv == source.arxiv) or (found.doi and found.doi == source.doi))


def is_librarian(remark: str) -> bool:
    """True for a remark about the publication, as managers write them: each line begins like one."""
    lines = [line for line in remark.split("\n") if line.strip()]
    return all(_LIBRARIAN.match(line) for line in lines)


def _says_nothing(remark: str, source: Source | None) -> bool:
    """True where a remark only repeats the arXiv id: "arXiv:1706.03762 [cs]"."""
    found = sources.arxiv_in_text(remark)
    return bool(found and source and found == source.arxiv and len(remark.split()) <= 4)


def front_matter(values: dict[str, Any], empty: list[str] | None = None) -> str:
    """YAML front matter of the values that are there; those named in `empty` are left for the reader to fill."""
    import yaml

    lines = ["---"]
    for key, value in values.items():
        if value in (None, "", []):
            continue
        flow = isinstance(value, list)
        text = yaml.safe_dump({key: value}, allow_unicode=True, width=10**9, default_flow_style=flow, sort_keys=False)
        text = text.strip()
        lines.append(text[1:-1] if flow else text)
    return "\n".join([*lines, *(f'{key}: ""' for key in empty or []), "---"]) + "\n"


def from_html(text: str) -> str:
    """A note that a manager keeps as HTML, as Markdown: paragraphs, items, emphasis, links."""
    if not re.search(r"</?(?:p|div|br|li|h[1-6]|span|strong|em|b|i|a|jats:\w+)\b", text, re.I):
        return html.unescape(text).strip()
    for pattern, replacement in _HTML:
        text = pattern.sub(replacement, text)
    lines = [" ".join(line.split()) for line in html.unescape(re.sub(r"<[^<>]+>", "", text)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


_HTML = tuple(
    (re.compile(pattern, re.I | re.S), replacement)
    for pattern, replacement in (
        (r"\s*\n\s*", " "),
        (r"<br\s*/?>", "\n"),
        (r"<h([1-6])\b[^>]*>", r"\n\n### "),
        (r"<li\b[^>]*>\s*(?:<p\b[^>]*>)?", r"\n- "),
        (r"</?(?:p|div|ul|ol|h[1-6]|blockquote|jats:p|jats:sec)\b[^>]*>", r"\n\n"),
        (r"<(?:strong|b)>\s*(.*?)\s*</(?:strong|b)>", r"**\1**"),
        (r"<(?:em|i)>\s*(.*?)\s*</(?:em|i)>", r"*\1*"),
        (r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', r"[\2](\1)"),
    )
)
