"""What one note shows of another: `![[note]]`, `![[note#heading]]`, `![[note#^block]]`, `{{embed [[note]]}}`."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from paperdiary import logseq, obsidian
from paperdiary.links import anchor_key
from paperdiary.markup import LONG, parser
from paperdiary.wikilinks import NOTES, Wikilink, parse

if TYPE_CHECKING:
    from markdown_it.token import Token

    from paperdiary.vault import Links

_ALONE = re.compile(r"!\[\[(?P<target>[^\[\]|\n]+)(?:\|(?P<label>[^\[\]\n]*))?\]\]")
_PLAYED = {
    **dict.fromkeys(("mp3", "wav", "m4a", "ogg", "oga", "opus", "flac", "3gp"), "audio"),
    **dict.fromkeys(("mp4", "webm", "ogv", "mov", "mkv"), "video"),
}
_LABEL = re.compile(r"\[\^([^\[\]\s]{1,100})\]")


def alone(content: str) -> list[Wikilink]:
    """The embeds of a paragraph that has nothing else, none for other paragraphs."""
    if "![[" not in content and "{{embed" not in content.lower():
        return []
    out = []
    for line in content.strip().split("\n"):
        row = obsidian.without_name(line)
        found = _ALONE.fullmatch(logseq.embed_of(row) or row)
        if not found or not found["target"].strip():
            return []
        out.append(parse(found["target"], found["label"] or "", True))
    return out


def words(links: Links, link: Wikilink) -> tuple[str, str, Links] | None:
    """(Markdown, address, links) of what an embed shows; None where it shows no note, or would go round in circles."""
    path = links.file(link)
    if path is None or not path.lower().endswith(NOTES):
        return None
    text = links.vault.texts(path)
    if text is None or len(text) > 5 * LONG:
        return None
    within = links.within(path, f"^{link.block}" if link.block else anchor_key(link.heading))
    shown = part(text, link.heading, link.block)
    address = links.source(link)
    if within is None or shown is None or address is None or len(shown) > links.shown.left:
        return None
    links.shown.left -= len(shown)
    links.shown.number += 1
    own = f"e{links.shown.number}-"
    return _LABEL.sub(lambda m: f"[^{own}{m[1]}]", shown), address, within


def title(link: Wikilink, path: str) -> str:
    """What stands above an embed where it has no label of its own."""
    name = posixpath.splitext(posixpath.basename(path))[0]
    return f"{logseq.page_name(name)} > {link.heading}" if link.heading else logseq.page_name(name)


@lru_cache(maxsize=128)  # a page may show one note many times
def part(text: str, heading: str = "", block: str = "") -> str | None:
    """A note's words, its words under a heading, or one block of it; None where it has none of that name."""
    if not heading and not block:
        return _below_title(text)
    lines = text.split("\n")
    tokens = parser().parse(text)
    found = _named(tokens, lines, block.lower()) if block else _section(tokens, heading, len(lines))
    if not found:
        return None
    rows = lines[found[0] : found[1]]
    indent = len(rows[0]) - len(rows[0].lstrip()) if rows else 0
    return "\n".join(row[min(indent, len(row) - len(row.lstrip())) :] for row in rows).strip("\n")


def _below_title(text: str) -> str:
    """A note without the heading that it begins with, which the embed's own shows."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first + 1 :] if re.match(r"# \S", lines[first]) else lines).strip("\n")


def _section(tokens: list[Token], heading: str, end: int) -> tuple[int, int] | None:
    """The lines below a heading, up to the next that is as high."""
    wanted = anchor_key(heading)
    start = level = 0
    for at, token in enumerate(tokens):
        if token.type != "heading_open" or not token.map or token.level:
            continue
        rank = int(token.tag[1])
        if level and rank <= level:
            return start, token.map[0]
        if not level and anchor_key(obsidian.without_name(tokens[at + 1].content)) == wanted:
            start, level = token.map[1], rank
    return (start, end) if level else None


def _named(tokens: list[Token], lines: list[str], name: str) -> tuple[int, int] | None:
    """The lines of the block called `name`: the item or quote that it ends, or the block above it."""
    around: list[Token] = []
    before: dict[int, tuple[int, int]] = {}  #: level -> lines of the last block there
    for token in tokens:
        if token.nesting == 1:
            around.append(token)
        elif token.nesting == -1 and around:
            done = around.pop()
            if done.map:
                before[done.level] = (done.map[0], done.map[1])
        elif token.map and token.type != "inline":
            before[token.level] = (token.map[0], token.map[1])
        if token.type != "inline" or not token.map or not _is_called(token.content, name):
            continue
        opened = around[-1] if around else token
        if obsidian.name_alone(token.content) and opened.level in before:
            return before[opened.level]
        holder = next((t for t in reversed(around) if t.type in {"list_item_open", "blockquote_open"}), opened)
        span = holder.map or token.map
        return span[0], span[1]
    return None


def _is_called(content: str, name: str) -> bool:
    if name not in content.lower():
        return False
    return name in obsidian.names_in(content) or bool(re.search(rf"(?im)^\s*id:: ?{re.escape(name)}\s*$", content))


def player(address: str) -> str:
    """The element that plays a file, "" for files that no browser plays."""
    suffix = re.search(r"\.(\w{2,5})(?:#[^#]*)?$", address)
    return _PLAYED.get(suffix[1].lower(), "") if suffix else ""
