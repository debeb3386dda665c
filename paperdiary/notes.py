"""Markdown files -> notes with their entries and passages.

A file is read as it is: with front matter or without, one entry or many, in any encoding. Where entries
begin is decided in `spans.py`, what their heads say in `fields.py` and `entries.py`, what lists say in
`diarylist.py`, and what only all notes together tell in `collection.py`.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from paperdiary import diarylist, sources, spans
from paperdiary.collection import merge_lists, settle_dates, unique
from paperdiary.config import Config
from paperdiary.diarylist import DiaryList
from paperdiary.entries import anchored, make_entry
from paperdiary.entry import Entry, Note, Problem
from paperdiary.files import walk
from paperdiary.frontmatter import decode, split_front_matter
from paperdiary.markup import Block, outline
from paperdiary.slugs import page_url, pretty, slug
from paperdiary.spans import Span
from paperdiary.titles import clean_title, name_title, title_block

__all__ = [
    "SUFFIXES",
    "decode",
    "note_paths",
    "page_url",
    "pretty",
    "read_all",
    "read_note",
    "slug",
    "split_front_matter",
]

SUFFIXES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_INDEX = ("index", "README")


def read_all(config: Config) -> list[Note]:
    """Every note of the diary, by path; ids are unique over all of them.

    Lists give their items' dates and descriptions to the notes they lead to; which of two readings of a
    date is meant, and whether a "Date:" is the paper's own, is decided over the whole collection.
    """
    from paperdiary.parsing import parse_all

    found = parse_all(config, [*note_paths(config), *_index_pages(config)])
    found = settle_dates(found)
    found = merge_lists(found)
    return unique(found)


def note_paths(config: Config) -> Iterator[str]:
    """Paths of the notes relative to notes/, sorted; the pages MkDocs leaves out are left out.

    `index.md` and a README at the top are pages, not notes.
    """
    return iter(p for p in _markdown_paths(config) if not _is_index(p))


def _index_pages(config: Config) -> list[str]:
    """Pages that are no notes but may list what was read."""
    return [p for p in _markdown_paths(config) if _is_index(p)]


def _is_index(path: str) -> bool:
    stem = PurePosixPath(path).stem
    return stem == "index" or path.lower() in {"readme.md", "summary.md"}


def _markdown_paths(config: Config) -> list[str]:
    ignored = None
    if config.exclude:
        from pathspec import GitIgnoreSpec

        ignored = GitIgnoreSpec.from_lines(config.exclude.splitlines())
    paths = []
    for here, files in walk(config.notes, lambda at, f: not f.startswith(".") and (at, f) != ("", "templates")):
        names = {f.lower() for f in files}
        for file in files:
            stem, suffix = os.path.splitext(file)
            if suffix.lower() not in SUFFIXES or file.startswith(".") or not _is_text(file):
                continue
            if stem == "README" and "index.md" in names:
                continue
            path = posixpath.join(here, file)
            if not (ignored and ignored.match_file(path)):
                paths.append(path)
    return sorted(paths)


def _is_text(name: str) -> bool:
    """False for a name that is not UTF-8: it can have no address."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


# -- one note


def read_note(config: Config, path: str) -> Note:
    """Parse one file under notes/."""
    try:
        data = (config.notes / path).read_bytes()
    except OSError as e:
        problem = Problem("error", "unreadable", f"this file cannot be read ({e.strerror}); mend or remove it.", path)
        return Note(path, "", 0, {}, pretty(PurePosixPath(path).stem), (), (problem,))
    return parse(data, path, config.directory_urls)


def parse(data: bytes, path: str, directory_urls: bool = True) -> Note:
    """The note in a file's bytes; `path` is where it lies under notes/."""
    text, problems = decode(data, path)
    meta, body, offset, more = split_front_matter(text, path)
    problems += more
    body, mended = mend_links(body, path, offset)
    problems += mended
    page = page_url(path, directory_urls)
    stem = PurePosixPath(path).stem
    if meta.get("draft") is True:
        return Note(path, body, offset, meta, clean_title(str(meta.get("title") or stem)), (), tuple(problems))
    blocks = outline(body)
    lines = body.split("\n")
    if _is_index(path) and not _is_bundle(path, meta):
        listed = diarylist.read(body, path, undated=False)
        return _list_note(path, body, offset, meta, page, listed, problems, "Home")
    found = [] if _titled(meta) else spans.find(blocks, lines)
    if not found and not _titled(meta):
        listed = diarylist.read(body, path)
        if listed.items and (listed.dated or _is_list_page(path, blocks, listed)):
            return _list_note(path, body, offset, meta, page, listed, problems, name_title(path))
    if not found:
        heading = title_block(blocks, meta)
        whole = Span(0, len(lines), heading, tuple(b for b in blocks if b is not heading))
        entry, raw = make_entry(path, offset, page, whole, meta, lines, single=True)
        return Note(path, body, offset, meta, entry.title, (entry,), tuple(problems), raw_dates=(raw,))
    return _many(path, body, offset, meta, page, found, blocks, problems)


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
    for span in found:
        entry, raw = make_entry(path, offset, page, span, {}, lines, single=False)
        if queued and not entry.date and entry.status == "read":
            entry = replace(entry, status="queued")
        entries.append(anchored(entry, page, taken))
        raws.append(raw)
    if len(entries) > 2 and all(re.match(r"^\d{1,3}[.)]\s", e.title) for e in entries):
        entries = [replace(e, title=re.sub(r"^\d{1,3}[.)]\s+", "", e.title)) for e in entries]
    level = min(span.heading.level for span in found if span.heading)
    head = offset + above.end if above else 0
    return Note(path, body, offset, meta, title, tuple(entries), tuple(problems), head, level, tuple(raws))


def _titled(meta: dict[str, Any]) -> bool:
    """Front matter that speaks of one thing."""
    return any(str(meta.get(key) or "").strip() for key in ("title", "arxiv", "doi", "url"))


def _is_bundle(path: str, meta: dict[str, Any]) -> bool:
    """An index.md in a folder of its own that speaks of one thing, as Hugo keeps pages with their pictures."""
    own = any(meta.get(key) for key in ("arxiv", "doi", "url")) or (meta.get("title") and meta.get("date"))
    return "/" in path and bool(own)


def _is_list_page(path: str, blocks: list[Block], listed: DiaryList) -> bool:
    """A page that is a list, and not a note about one paper that has a list in it."""
    heading = next((b for b in blocks if b.kind == "heading"), None)
    if heading and any(sources.is_link(href) for _, href in heading.links):
        return False
    return len(listed.items) >= 5 or bool(
        re.search(r"read|paper|list|index|论文|论文列表", f"{path} {heading.text if heading else ''}", re.I)
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
