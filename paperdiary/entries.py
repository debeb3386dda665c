"""One entry: its head, title, sources, date and passages as an `Entry`."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from paperdiary import abstract, fields, hashtags, sources
from paperdiary.dates import as_date, find_date
from paperdiary.entry import KINDS, Entry, Note, Passage
from paperdiary.listitem import Item
from paperdiary.markup import Block
from paperdiary.own_sources import find_sources
from paperdiary.passages import cut, first_sentences
from paperdiary.slugs import anchor as new_anchor
from paperdiary.spans import TODO, Span
from paperdiary.titles import TITLE_YEAR, clean_title, find_title, is_day, name_date, name_title

_WORDS = {
    "queued": "queued|queue|todo|to do|tbd|to read|to-read|toread|to be read|unread|not read|not started|backlog|want|"
    "want to read|planned|pending|inbox|wishlist|待读|未读|想读|未開始|未读完|読みたい|未読|积读",
    "reading": "reading|in progress|in-progress|started|wip|ongoing|currently reading|skimming|在读|进行中|正在读|"
    "読書中|読み中",
    "read": "read|done|finished|complete|completed|full-read|fully read|skimmed|reviewed|archived|已读|已读完|完成|"
    "已完成|精读|已精读|泛读|已泛读|略读|速读|読了|既読|済",
}
_STATUS = {word: status for status, words in _WORDS.items() for word in words.split("|")}
_SIGNS = {
    "✅": "read",
    "☑": "read",
    "✔": "read",
    "⬜": "queued",
    "🔲": "queued",
    "☐": "queued",
    "⏳": "queued",
    "🕒": "queued",
}
_SIGNS |= {"🚧": "reading", "📖": "reading", "👀": "reading"}


def make_entry(
    path: str,
    offset: int,
    page: str,
    span: Span,
    meta: dict[str, Any],
    lines: list[str],
    *,
    single: bool,
    above: str = "",
) -> tuple[Entry, tuple[str, str]]:
    """(entry, (how its date was given, as it was written)); `above` is a date in a heading over it."""
    span, lines, folded = abstract.set_aside(span, lines)
    head = fields.read(span.blocks, lines)
    values: dict[str, Any] = {**head.values, **{k: v for k, v in meta.items() if v not in (None, "")}}
    title, written = find_title(span, values, lines, path, single)
    year = None
    found_year = TITLE_YEAR.search(title)
    if found_year and len(TITLE_YEAR.sub("", title).split()) >= 1 and TITLE_YEAR.sub("", title).strip():
        title, year = TITLE_YEAR.sub("", title).strip(), found_year["year"] or found_year["first"]
    found = find_sources(values, span, head, lines, path, title, single)
    first = found[0] if found else None
    content = [b for b in span.blocks if b.start not in head.used]
    prose = [b for b in content if b.kind in {"text", "list", "quote"}]
    bare = re.sub(r"[\W_]+", " ", " ".join(b.text for b in content)).strip().lower()
    kind = str(values.get("kind") or "").strip().lower()
    if kind not in KINDS:
        kind = first.kind if first else "note"
    published = _published(values.get("published"))
    description = " ".join(str(values.get("description") or "").split())
    topic = str(PurePosixPath(path).parent)
    if PurePosixPath(path).stem.lower() == "readme" and single:
        topic = posixpath.dirname(topic) or "."  # the folder is the paper's own
    identifier = first.identity if first else f"note:{path}"
    if not year and span.blocks and span.blocks[0].kind == "heading":  # "#### Moor et al. (2019)"
        below = TITLE_YEAR.search(span.blocks[0].text)
        year = below["year"] if below else None
        if below and re.search(r"\bet\.? al\b", span.blocks[0].text):
            values.setdefault("authors", span.blocks[0].text[: below.start()])
    named = re.search(r"[,，(（ ]\s*((?:19|20)\d\d)\s*[)）]?\s*$", str(values.get("authors") or ""))
    year = year or (named[1] if named else None)  # "Author: Leek et al, 2010"
    given_year = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", str(values.get("year") or published or year or ""))
    how, raw = _raw_date(values, meta, head, above, path)
    entry = Entry(
        id=identifier,
        title=title or name_title(path),
        kind=kind,
        note=path,
        line=1 if single else offset + span.start + 1,
        end=offset + span.end,
        page=page,
        url=first.url if first else None,
        arxiv=next((s.arxiv for s in found if s.arxiv), None),
        doi=next((s.doi for s in found if s.doi), None),
        authors=tuple(_names(values.get("authors"))),
        year=int(given_year[0]) if given_year else None,
        published=published,
        date=as_date(meta.get("date")) if how == "front" else find_date(raw),
        status=_status(values, written, bare, single),
        topic="" if topic in {".", ""} else topic,
        tags=hashtags.unique((*_words(values.get("tags")), *hashtags.tags_in(span.blocks, lines, meta))),
        description=description or first_sentences(_said(b, lines) for b in (*prose, *folded[1:])),
        sources=tuple(found),
        passages=tuple(
            Passage(identifier, number, heading, text)
            for number, (heading, text) in enumerate(cut([*content, *folded], title, description))
        ),
        head=offset + span.heading.end if span.heading else 0,
    )
    return entry, (how, raw)


def _raw_date(
    values: dict[str, Any], meta: dict[str, Any], head: fields.Head, above: str, path: str
) -> tuple[str, str]:
    """How the date was given, and its text.

    "front", "read" (said to be of reading), "field", "loose", "above" (in a heading over it) or "name" (the file's).
    """
    if as_date(meta.get("date")):
        return "front", str(meta["date"])
    given = (("read", values.get("read")), ("field", values.get("date")), ("loose", head.loose_date), ("above", above))
    named = name_date(path)
    if named and not values.get("read") and not values.get("date") and find_date(named) and is_day(path):
        return "name", named  # a page of a journal
    for how, text in given:
        if text and find_date(str(text)):
            return how, str(text)
    return "name", name_date(path)


def _status(values: dict[str, Any], written: str, bare: str, single: bool) -> str:
    words = re.sub(r"[^\w\s-]+", "", str(values.get("status") or "")).strip().lower()
    given = _STATUS.get(words) or _STATUS.get(words.split(" ")[0])
    if given:
        return given
    if TODO.search(written):
        return "queued"
    for sign, status in _SIGNS.items():
        if sign in written:
            return status
    return "queued" if single and bare in {"", "todo", "tbd", "to do", "to read", "待读"} else "read"


def _published(value: Any) -> str | None:
    """A day, a month or a year of publication, as exact as it was given."""
    text = str(value or "")
    short = re.fullmatch(r"\s*((?:1[5-9]|20)\d\d(?:-(?:0[1-9]|1[0-2]))?)\s*", text)
    if short:
        return short[1]
    day = (
        as_date(value)
        if not isinstance(value, str) or re.search(r"\d[-/. ]\d|\d{8}|[A-Za-z]{3,} \d{1,2}", text)
        else None
    )
    if day:
        return day
    year = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
    return year[0] if year else None


def _said(block: Block, lines: list[str]) -> str:
    """The words of a block without the rows at its beginning that are fields or labelled links."""
    rows = lines[block.start : block.end]
    told = 0
    while told < len(rows) and (not re.search(r"\w", rows[told]) or _is_field(rows[told])):
        told += 1
    fields_above = any(_is_field(row) for row in rows[:told])
    return (
        fields.words_of(" ".join(re.sub(r"^\s*(?:[-*+>]\s+)*", "", r) for r in rows[told:]))
        if fields_above
        else block.text
    )


def _is_field(row: str) -> bool:
    if len(row) > 1000:
        return False
    found = fields.parse_row(row)
    return bool(found and found[0] != "description") or fields.is_source_row(row)


_NAME_MARKS = re.compile(r"\[\[|\]\]")


def _names(value: Any) -> list[str]:
    if isinstance(value, str) and all(p.count(",") == 1 for p in re.split(r"[;；]", value.strip(" ;；"))):
        value = re.split(r"[;；]", value) if re.search(r"[;；]", value) else value  # "Moor, Ada; Lind, Bo"
    if isinstance(value, str):
        value = _NAME_MARKS.sub("", value)
        names = (n.strip(" *_") for n in re.split(r"\s*(?:;|,|，|、|；|\band\b|&)\s*", value))
        return [n for n in names if n and not re.fullmatch(r"[(（]?(?:19|20)\d\d[)）]?", n)]
    if isinstance(value, list):
        names = (
            _NAME_MARKS.sub("", str(v.get("name", "") if isinstance(v, dict) else v)).strip(" *_") for v in value if v
        )
        return [name for name in names if name]
    return []


def _words(value: Any) -> list[str]:
    if isinstance(value, (str, int)):
        text = str(value)
        value = re.findall(r"#([\w/-]+)", text) if text.lstrip().startswith("#") else re.split(r"[,;，、；]", text)
    if not isinstance(value, list):
        return []
    words = (
        _NAME_MARKS.sub("", str(v)).strip(" `*_").lstrip("#").strip() for v in value if isinstance(v, (str, int, float))
    )
    return list(dict.fromkeys(word for word in words if word))


def item_entry(item: Item, page: Note) -> Entry:
    """A line of a list as an entry; its topic is the folder it leads to."""
    found = [s for url in item.urls if (s := sources.resolve(url))]
    found.sort(key=lambda s: 0 if s.kind in {"paper", "talk", "book"} else 1)
    first = found[0] if found else None
    values = dict(item.values)
    path = item.note(page.path)
    folder = posixpath.dirname(path) if path else str(PurePosixPath(page.path).parent)
    title = clean_title(item.title)
    year = None
    named = TITLE_YEAR.search(title)
    if named and TITLE_YEAR.sub("", title).strip():
        title, year = TITLE_YEAR.sub("", title).strip(), named["year"] or named["first"]
    given = re.search(
        r"(?<!\d)(?:19|20)\d\d(?!\d)", values.get("year", "") or values.get("published", "") or (year or "")
    )
    identifier = first.identity if first else f"note:{page.path}"
    text = item.description
    return Entry(
        id=identifier,
        title=title,
        kind=first.kind if first else _item_kind(item),
        note=page.path,
        line=page.offset + item.line,
        end=page.offset + item.end,
        page=page.page or "",
        url=first.url if first else None,
        arxiv=next((s.arxiv for s in found if s.arxiv), None),
        doi=next((s.doi for s in found if s.doi), None),
        authors=tuple(_names(values.get("authors"))),
        year=int(given[0]) if given else None,
        date=item.date,
        status="queued" if item.queued and not item.date else "read",
        topic="" if folder in {".", "", ".."} or folder.startswith("..") else folder,
        tags=tuple(_words(values.get("tags"))),
        description=text,
        sources=tuple(found),
        passages=tuple(Passage(identifier, n, "", p) for n, (_, p) in enumerate(cut((), title, text))),
        listed=True,
    )


def _item_kind(item: Item) -> str:
    words = f"{item.title} {item.target}".lower()
    for kind, pattern in (
        ("talk", r"\b(?:talk|lecture|keynote|podcast)\b"),
        ("blog", r"blog|tutorial|post\b|docs?\b"),
        ("book", r"\bbook\b|textbook"),
    ):
        if re.search(pattern, words):
            return kind
    return "paper"


def anchored(entry: Entry, page: str, taken: set[str]) -> Entry:
    anchor = new_anchor(entry.title, taken)
    taken.add(anchor)
    identifier = entry.id + anchor.removeprefix("entry") if entry.id.startswith("note:") else entry.id
    return renamed(replace(entry, anchor=anchor, page=f"{page}#{quote(anchor)}"), identifier)


def renamed(entry: Entry, identifier: str) -> Entry:
    return replace(entry, id=identifier, passages=tuple(replace(p, entry=identifier) for p in entry.passages))
