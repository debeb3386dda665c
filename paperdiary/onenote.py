"""One Markdown file -> a note with its entries and passages.

Where entries begin is decided in `spans.py`, what their heads say in `fields.py` and `entries.py`, what lists say in
`diarylist.py`.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from paperdiary import diarylist, logseq, obsidian, sources, spans
from paperdiary.config import Config
from paperdiary.diarylist import DiaryList
from paperdiary.entries import anchored, make_entry
from paperdiary.entry import Entry, Note, Problem
from paperdiary.errors import DiaryError
from paperdiary.frontmatter import decode, split_front_matter
from paperdiary.listitem import Item
from paperdiary.markup import Block, outline
from paperdiary.notes import is_index
from paperdiary.slugs import page_url, pretty
from paperdiary.spans import Span
from paperdiary.titles import clean_title, name_title, title_block


def read_note(config: Config, path: str) -> Note:
    """Parse one file under notes/."""
    try:
        data = (config.notes / path).read_bytes()
    except OSError as e:
        problem = Problem("error", "unreadable", f"this file cannot be read ({e.strerror}); mend or remove it.", path)
        return Note(path, "", 0, {}, pretty(PurePosixPath(path).stem), (), (problem,))
    return parse(data, path, config.directory_urls)


def to_change(config: Config, path: str) -> tuple[bytes, Note]:
    """The bytes of a file under notes/ and what is in them, for somebody who will write it.

    Raises:
        DiaryError: it cannot be read.
    """
    file = (config.notes / path).resolve()
    try:
        data = file.read_bytes()
    except OSError as e:
        raise DiaryError(f"{file} cannot be read ({e.strerror}). Mend its permissions.") from None
    return data, parse(data, path, config.directory_urls)


def parse(data: bytes, path: str, directory_urls: bool = True) -> Note:
    """The note in a file's bytes; `path` is where it lies under notes/."""
    text, problems = decode(data, path)
    meta, body, offset, more = split_front_matter(text, path)
    problems += more
    body = logseq.with_markdown(obsidian.without_comments(body))
    properties, body = logseq.split_properties(body)
    meta = {**properties, **meta}
    body, mended = mend_links(body, path, offset)
    problems += mended
    page = page_url(path, directory_urls)
    stem = PurePosixPath(path).stem
    if meta.get("draft") is True:
        return Note(path, body, offset, meta, clean_title(str(meta.get("title") or stem)), (), tuple(problems))
    blocks = outline(body)
    lines = body.split("\n")
    if is_index(path) and not _is_bundle(path, meta):
        listed = diarylist.read(body, path, whole=True)
        found = spans.find(blocks, lines)
        if not found or (len(listed.items) >= max(5, 2 * len(found)) and not any(_linked(s) for s in found)):
            return _list_note(path, body, offset, meta, page, listed, problems, "Home")
        note = _many(path, body, offset, meta, page, found, blocks, problems)
        return replace(note, title="Home", page=page, listed=_outside(listed, found))
    found = [] if _titled(meta) else spans.find(blocks, lines)
    if not _titled(meta) and not any(_linked(span) for span in found):
        listed = diarylist.read(body, path)
        if found and len(listed.items) < max(5, 2 * len(found)):
            listed = DiaryList()  # entries under headings, with some links below
        if listed.index or (listed.items and (listed.dated or _is_list_page(path, blocks, listed, lines))):
            return _list_note(path, body, offset, meta, page, listed, problems, name_title(path))
    if not found:
        heading = title_block(blocks, meta, path)
        whole = Span(0, len(lines), heading, tuple(b for b in blocks if b is not heading))
        entry, raw = make_entry(path, offset, page, whole, meta, lines, single=True)
        return Note(path, body, offset, meta, entry.title, (entry,), tuple(problems), raw_dates=(raw,))
    return _many(path, body, offset, meta, page, found, blocks, problems)


def _outside(listed: DiaryList, found: list[Span]) -> tuple[Item, ...]:
    """The items of lists that are no part of an entry under a heading."""
    return tuple(i for i in listed.items if not any(span.start < i.line <= span.end for span in found))


def _many(
    path: str,
    body: str,
    offset: int,
    meta: dict[str, Any],
    page: str,
    found: list[Span],
    blocks: list[Block],
    problems: list[Problem],
) -> Note:
    """A note whose entries stand under headings."""
    lines = body.split("\n")
    above = next((b for b in blocks if b.kind == "heading" and b.start < found[0].start), None)
    title = clean_title(above.text) if above else name_title(path)
    queued = bool(above and re.search(r"\bto[ -]?read\b|待读|想读", above.text, re.I))
    entries: list[Entry] = []
    raws: list[tuple[str, str]] = []
    taken: set[str] = set()
    days = spans.dates_above(blocks, found)
    for span, day in zip(found, days, strict=True):
        entry, raw = make_entry(path, offset, page, span, {}, lines, single=False, above=day)
        if queued and not entry.date and entry.status == "read":
            entry = replace(entry, status="queued")
        entries.append(anchored(entry, page, taken))
        raws.append(raw)
    entries = _without_numbers(entries)
    level = min(span.heading.level for span in found if span.heading)
    head = offset + above.end if above else 0
    return Note(path, body, offset, meta, title, tuple(entries), tuple(problems), head, level, tuple(raws))


_NUMBER = re.compile(r"^(?:\[(\d{1,3})\]|(\d{1,3})\s?[.)、．])\s*(?=\D)")


def _without_numbers(entries: list[Entry]) -> list[Entry]:
    """Titles without the numbers of a list, where every entry has one and they count up or down."""
    found = [_NUMBER.match(e.title) for e in entries]
    numbers = [int(m[1] or m[2]) for m in found if m]
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    if len(numbers) < len(entries) or len(entries) < 2 or (len(entries) == 2 and not steps & {1, -1}):
        return entries
    return [replace(e, title=e.title[m.end() :].strip() or e.title) for e, m in zip(entries, found, strict=True) if m]


def _linked(span: Span) -> bool:
    return bool(span.heading and any(sources.is_link(href) for _, href in span.heading.links))


def _titled(meta: dict[str, Any]) -> bool:
    """Front matter that speaks of one thing."""
    return any(str(meta.get(key) or "").strip() for key in ("title", "arxiv", "doi", "url"))


def _is_bundle(path: str, meta: dict[str, Any]) -> bool:
    """An index.md in a folder of its own that speaks of one thing, as Hugo keeps pages with their pictures."""
    own = any(meta.get(key) for key in ("arxiv", "doi", "url")) or (meta.get("title") and meta.get("date"))
    return "/" in path and bool(own)


def _is_list_page(path: str, blocks: list[Block], listed: DiaryList, lines: list[str]) -> bool:
    """A page that is a list, and not a note about one paper that has a list in it."""
    heading = next((b for b in blocks if b.kind == "heading"), None)
    if heading and any(sources.is_link(href) for _, href in heading.links):
        return False
    rest = set().union(
        *(range(b.start + 2 * (b.kind == "table"), b.end) for b in blocks if b.kind not in {"heading", "rule"})
    )
    rest = {n for n in rest if lines[n].strip()}
    held = set().union(*(range(i.line - 1, i.end) for i in listed.items)) & rest
    return (
        len(listed.items) >= 5
        or len(held) >= 0.8 * len(rest)
        or bool(re.search(r"read|paper|list|index|论文|论文列表", f"{path} {heading.text if heading else ''}", re.I))
    )


def _list_note(
    path: str,
    body: str,
    offset: int,
    meta: dict[str, Any],
    page: str,
    listed: DiaryList,
    problems: list[Problem],
    name: str,
) -> Note:
    """A page whose lists are kept for `_merge_lists`."""
    moved = [replace(p, line=p.line + offset) for p in listed.problems]
    title = str(meta.get("title") or "").strip() or name
    return Note(path, body, offset, meta, title, (), (*problems, *moved), listed=listed.items, page=page)


_BROKEN_LINKS = (
    (re.compile(r"\[([^\[\]\n]+)\]:\s?\((https?://[^()\s]+)\)"), r"[\1](\2)"),  # [arXiv]:(https://…)
    (re.compile(r"(?<!\])\[([^\[\]\n]+)\]\[(https?://[^\[\]\s]+)\]"), r"[\1](\2)"),  # [title][https://…]
    (re.compile(r"\]\((https?://[^()\s]*)[ \t]+([^()\s\"'<>]+)\)"), r"](\1\2)"),  # [title](https://a .org/x)
)


def mend_links(text: str, path: str, offset: int = 0) -> tuple[str, list[Problem]]:
    """Links that are nearly Markdown as the links they are meant to be; lines stay lines."""
    problems: list[Problem] = []
    if "](http" not in text and "]:(" not in text and "][http" not in text and "]: (" not in text:
        return text, problems
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for pattern, link in _BROKEN_LINKS:
            found = pattern.search(line)
            if found:
                mended = pattern.sub(link, line)
                message = f"{found[0]} is not a link in Markdown; write {pattern.sub(link, found[0])}."
                problems.append(Problem("warning", "almost-link", message, path, offset + number + 1))
                line = lines[number] = mended
    return "\n".join(lines), problems
