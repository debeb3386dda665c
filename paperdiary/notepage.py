"""A note as a page: one title, a card under the heading of each entry, what is near it below."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

from paperdiary import citations, markers, shown, why
from paperdiary.dialect import for_mkdocs, is_plain, plain
from paperdiary.entry import Entry, Note
from paperdiary.markup import parser, without_comments
from paperdiary.page import front_matter, safe
from paperdiary.spans import TODO
from paperdiary.vault import Links

if TYPE_CHECKING:
    from paperdiary.pages import Site

UNDERLINE = re.compile(r"\s*(=+|-+)\s*$")
FOLDED = 2  #: a note of more entries folds what is near each of them


def render(site: Site, note: Note, edit: str = "") -> str:
    """A note with the card of each entry under its heading and its related entries below it.

    Args:
        edit: address at which its file can be edited, "" for none.
    """
    parts = site.parts(note.path)
    lines = note.text.split("\n")
    inserts: dict[int, list[str]] = defaultdict(list, markers.find(site, lines, note.path, note.offset))
    heading, title, kept = "", 0, 0
    for entry in note.entries:
        if entry.head and not entry.anchor:
            title = entry.head - note.offset
    if note.head and len(note.entries) > 1:
        title = note.head - note.offset
    start = _first_line(lines, title) if 0 < title <= len(lines) else 0
    if start and _is_below_text(lines, start):
        kept = title
    elif 0 < title <= len(lines):
        heading = _drop_title(lines, start, title)
    for entry in note.entries:  # in this order, so that what comes before a line stands as the entries do
        top = entry.line - 1 - note.offset
        if entry.anchor:
            inserts[top].append(f'<div class="pd-anchor" id="{escape(entry.anchor)}"></div>')
        below = max(entry.head - note.offset, 0) if entry.head else max(top, 0) if entry.anchor else 0
        inserts[below].append(site.keep(_card(site, parts, entry)))
        foot = _foot(site, parts, entry, len(note.entries) > FOLDED)
        if foot:
            inserts[entry.end - note.offset].append(site.keep(foot))
    below_all = f"\n\n{site.keep(str(parts.edit(edit)))}\n" if edit else ""
    head = front_matter(note.title, note.meta, False, _description(note), _for_plugins(note) if site.beside else None)
    if len(note.entries) == 1 and is_plain(note.text):
        ends = [html for row in inserts if row for html in inserts[row]]
        card = site.keep(_card(site, parts, note.entries[0]))
        return head + "\n\n".join([card, plain(note.text), *ends]) + f"\n{below_all}"
    body, links = "\n".join(lines), site.links(note.path)
    text = for_mkdocs(body, None, inserts, links, site.extensions, title=kept)
    return head + ("" if kept else _own_heading(site, heading, note.title, text, links)) + text + below_all


def _card(site: Site, parts: Any, entry: Entry) -> str:
    """What is known of an entry, and how to cite it."""
    bibtex = site.bibtex(entry)
    return str(parts.card(entry, citations.in_words(entry, site.meta(entry)) if bibtex else "", bibtex))


def _foot(site: Site, parts: Any, entry: Entry, folded: bool) -> str:
    """What is near an entry and why, and what was read before and after it; `folded` shows it when asked."""
    rows = []
    mine = site.cluster_of(entry)
    for identifier, cosine in site.diary.related.get(entry.id, ()):
        other = site.by_id.get(identifier)
        if other:
            reasons = site.why.reasons(entry, other, cosine)
            same = mine is not None and site.cluster_of(other) is mine
            rows.append({"entry": other, "reasons": reasons, "why": why.sentence(reasons, same), "same": same})
    before, after = site.turns.get(entry.id, (None, None))
    return str(parts.foot(rows, before, after, folded)) if rows or before or after else ""


def _own_heading(site: Site, heading: str, title: str, text: str, links: Links) -> str:
    """The heading of a page for which the theme's, the bare title, would not do.

    The theme draws no formulas, shows no title above a text that has an H1, and a title leaves out marks
    and years that the note's heading has.
    """
    words = re.compile(r"[^\W_]+")
    bare = re.sub(r"\]\([^()]*\)|\]\[[^\[\]]*\]", "]", TODO.sub(" ", heading))
    lacks = set(words.findall(bare.lower())) - set(words.findall(title.lower()))
    formula = "$" in heading or "\\" in heading
    made = for_mkdocs(f"# {heading}", 0, None, links, site.extensions) if lacks or formula else ""
    if made and (lacks or "<math" in made):
        return f"{made}\n"
    drawn = shown.markdown(title)
    return f"# {drawn}\n\n" if "<math" in drawn or "<h1" in text else ""


def _is_below_text(lines: list[str], top: int) -> bool:
    """Whether a page begins with something else than the heading on line `top` (0-based), such as a picture."""
    return bool(without_comments("\n".join(lines[:top])).strip())


def _first_line(lines: list[str], end: int) -> int:
    """The line (0-based) on which the heading that ends before line `end` begins."""
    if not UNDERLINE.match(lines[end - 1]):
        return end - 1
    headings = [token for token in parser().parse("\n".join(lines[:end])) if token.type == "heading_open" and token.map]
    return headings[-1].map[0] if headings and headings[-1].map else end - 1


def _drop_title(lines: list[str], top: int, end: int) -> str:
    """Take out the heading on lines `top` up to `end` (0-based), since the page shows it itself; its text."""
    found = lines[top:end]
    lines[top:end] = [""] * (end - top)
    if len(found) > 1:
        return " ".join(line.strip() for line in found[:-1])
    return re.sub(r"^\s*#+\s*|\s+#+\s*$", "", found[0]).strip()


def _for_plugins(note: Note) -> dict[str, Any]:
    """What other plugins ask of a page: its tags, the day on which it was read, and what they may say of it."""
    tags = dict.fromkeys(safe(tag) for entry in note.entries for tag in entry.tags)
    days = [entry.date for entry in note.entries if entry.date and entry.status != "queued"]
    out: dict[str, Any] = {"description": safe("; ".join(shown.plain(entry.title) for entry in note.entries))}
    if tags:
        out["tags"] = list(tags)
    if days:
        out["date"] = dt.date.fromisoformat(max(days))
    return out


def _description(note: Note) -> str:
    return note.entries[0].description if len(note.entries) == 1 else ""
