"""Markdown as a list of blocks with their lines.

Notes are written for CommonMark (GitHub, Obsidian, phones), so they are read with a CommonMark parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: ends where Markdown or full-width punctuation goes on
_URL = re.compile(r"(?:https?://|(?<![\w.])www\.)(?:(?!\][(\[])[^\s<>\"'`|\\。，；：、（）【】《》「」！？])+", re.I)
_WIKI = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")  #: a link by name, of which the label is shown
_TAG = re.compile(r"<(?:!--.*?--|/?[a-zA-Z][^<>]*)>", re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block. Lines are 0-based and half-open, counted in the text that was parsed."""

    kind: str  #: "heading", "text", "list", "quote", "code", "table", "html" or "rule"
    start: int
    end: int
    text: str  #: plain text on one line per paragraph or item
    level: int = 0  #: of a heading, 1 to 6
    links: tuple[tuple[str, str], ...] = ()  #: (text, address) in order


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """CommonMark with tables. The preset's 20 levels would drop what lies deeper, such as an eleventh list."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 200}).enable("table")


def outline(text: str) -> list[Block]:
    """The top-level blocks of a Markdown text, in order."""
    tokens = parser().parse(text)
    blocks: list[Block] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        stop = at + 1
        if token.nesting == 1:
            while tokens[stop].level > token.level:
                stop += 1
            stop += 1
        group = tokens[at:stop]
        at = stop
        if token.map is None:
            continue
        kind = {
            "heading_open": "heading",
            "bullet_list_open": "list",
            "ordered_list_open": "list",
            "blockquote_open": "quote",
            "fence": "code",
            "code_block": "code",
            "table_open": "table",
            "html_block": "html",
            "hr": "rule",
        }.get(token.type, "text")
        words, links = _plain(group)
        level = int(token.tag[1]) if kind == "heading" else 0
        blocks.append(Block(kind, token.map[0], token.map[1], words, level, tuple(links)))
    return blocks


def _plain(tokens: list[Token]) -> tuple[str, list[tuple[str, str]]]:
    """Plain text and links of a run of tokens."""
    parts: list[str] = []
    links: list[tuple[str, str]] = []
    for token in tokens:
        if token.type in {"fence", "code_block"}:
            parts.append(token.content.strip())
        elif token.type == "html_block":
            parts.append(_TAG.sub(" ", token.content).strip())
        elif token.type == "inline":
            words: list[str] = []
            opened: list[tuple[str, int]] = []
            for child in token.children or []:
                if child.type == "link_open":
                    opened.append((str(child.attrs.get("href", "")), len(words)))
                elif child.type == "link_close" and opened:
                    href, since = opened.pop()
                    links.append(("".join(words[since:]).strip(), href))
                elif child.type in {"softbreak", "hardbreak"}:
                    words.append(" ")
                elif child.type in {"text", "code_inline", "image"}:
                    words.append(child.content)
            parts.append(_WIKI.sub(r"\1", "".join(words)).strip())
    return "\n".join(p for p in parts if p), links


def urls_in(text: str) -> list[str]:
    """Every web address in a piece of source text, without the punctuation that closes it."""
    found = []
    for match in _URL.finditer(text):
        url = match[0]
        while url and (url[-1] in ".,;:!?*_~" or (url[-1] in ")]}" and not _balanced(url))):
            url = url[:-1]
        found.append(url)
    return found


def _balanced(url: str) -> bool:
    pairs = {")": "(", "]": "[", "}": "{"}
    return url.count(url[-1]) <= url.count(pairs[url[-1]])
