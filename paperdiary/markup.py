"""Markdown as a list of blocks with their lines.

Notes are written for CommonMark (GitHub, Obsidian, phones), so they are read with a CommonMark parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from paperdiary import logseq, maths, obsidian, wikilinks
from paperdiary.tags import is_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

#: ends where Markdown or full-width punctuation goes on
_URL = re.compile(r"(?:https?://|(?<![\w.])www\.)(?:(?!\][(\[])[^\s<>\"'`|\\。，；：、（）【】《》「」！？])+", re.I)
_WIKI = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")  #: a link by name, of which the label is shown
_TOOLS = re.compile(r"::|:(?:LOGBOOK|END):|(?<![^\s])\^[A-Za-z0-9]")
_MARKS = re.compile(r"(?<![A-Za-z0-9=])==(?=[^\s=])([^=\n]{1,2000}?)(?<=[^\s=])==(?![A-Za-z0-9=])")
_MACRO = re.compile(
    r"\{\{(?:query|embed|renderer|function|video|youtube|vimeo|bilibili|tweet|twitter|pdf|iframe)\s[^\n]{0,500}?\}\}",
    re.I,
)
_SIZE = re.compile(r"\|[ ]*\d{1,4}(?:x\d{1,4})?$")
_REFERENCE = re.compile(rf"\(\({logseq.UUID}\)\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CALLOUT = re.compile(r"^\[![^\[\]\n]{1,60}\][+-]?[ \t]*", re.M)  #: what makes a callout of a quote
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef“”‘’]")
_STARS = re.compile(r"(?<![A-Za-z0-9])\*\*|\*\*(?![A-Za-z0-9])")  #: none that are a power, `2**3`
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TAG_OR_COMMENT = re.compile(rf"<!--.*?-->|{_TAG.pattern}", re.S)
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(<?([^\s()<>]+)>?(?:\s[^()]*)?\)")
LONG = 200_000  #: characters of a paragraph that is no prose: only its plain links are read
_MOST_LINKS = 1000  #: of such a paragraph
_LEFT, _LAST, _CLOSED = -1, -2, -3  #: what is remembered of a text: steps left, its last `]`, the last that `)` follows
_STEPS = 4  #: how often a sign may be looked at for the end of a link's text


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block. Lines are 0-based and half-open, counted in the text that was parsed."""

    kind: str  #: "heading", "text", "list", "quote", "code", "table", "html" or "rule"
    start: int
    end: int
    text: str  #: plain text on one line per paragraph or item
    level: int = 0  #: of a heading, 1 to 6
    links: tuple[tuple[str, str], ...] = ()  #: (text, address) in order


@lru_cache(maxsize=2)
def parser(tools: bool = False) -> MarkdownIt:
    """CommonMark with tables. The preset's 20 levels would drop what lies deeper, such as an eleventh list.

    With `tools`, the names and properties of blocks are no words, as Obsidian and Logseq have them.
    """
    from markdown_it import MarkdownIt

    md = steady(MarkdownIt("commonmark", {"maxNesting": 200}).enable("table"))
    md.core.ruler.at("inline", _inline)
    md.inline.ruler.before("escape", "math", maths.inline_rule)
    md.inline.ruler.before("link", "spaced", wikilinks.spaced_rule)
    if tools:
        md.inline.ruler.before("newline", "property", logseq.property_rule)
        md.inline.ruler.before("link", "block_name", obsidian.block_rule)
    return md


def steady(md: MarkdownIt) -> MarkdownIt:
    """The parser, in time that grows with the text and not with its square.

    For each `[` markdown-it goes on to the `]` that ends the text of a link, through all that are in it:
    `[[[[` takes it a minute. Here a text is gone through `_STEPS` times; what is bracket after that is text.
    """
    from types import SimpleNamespace

    helpers = md.helpers
    md.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkDestination=helpers.parseLinkDestination,
        parseLinkLabel=_label_end,
        parseLinkTitle=helpers.parseLinkTitle,
    )
    return md


def _label_end(state: StateInline, start: int, disableNested: bool = False) -> int:
    """Where the text of a link that begins at `start` ends, -1 for nowhere. In step with markdown-it's own."""
    cache, src, end = state.cache, state.src, state.posMax  # the cache's own keys are places in the text
    steps = cache.get(_LEFT, _STEPS * len(src) + 10_000)
    if _LAST not in cache:
        cache[_LAST] = src.rfind("]")
        cache[_CLOSED] = len(src) if state.env.get("references") else src.rfind("]", 0, max(src.rfind(")"), 0))
    if start > min(cache[_LAST], cache[_CLOSED]) or not steps:
        return -1
    before, found, level = state.pos, -1, 1
    state.pos = start + 1
    while state.pos < end and steps:
        at, steps = state.pos, steps - 1
        sign = src[at]
        if sign == "]":
            level -= 1
            if level == 0:
                found = at
                break
        cache[_LEFT] = steps
        state.md.inline.skipToken(state)
        steps = min(steps, cache[_LEFT])
        if sign == "[":
            if state.pos == at + 1:
                level += 1
            elif disableNested:
                break
    cache[_LEFT] = steps
    state.pos = before
    return found


def _inline(state: StateCore) -> None:
    """markdown-it's rule for the text of blocks; a line of megabytes is no prose, and stays as it is."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = token.children or []
        if len(token.content) <= LONG:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def without_tags(html: str) -> str:
    """HTML with a space for each tag and comment."""
    last = html.rfind("-->") + 3  # what begins a comment after it is none
    return _TAG_OR_COMMENT.sub(" ", html[:last]) + _TAG.sub(" ", html[last:]) if last > 2 else _TAG.sub(" ", html)


def outline(text: str) -> list[Block]:
    """The top-level blocks of a Markdown text, in order."""
    return list(_outline(text))


@lru_cache(maxsize=2)  # a note that may be a list is read twice
def _outline(text: str) -> tuple[Block, ...]:
    tokens = parser(bool(_TOOLS.search(text))).parse(text)
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
        words = _CALLOUT.sub("", words) if kind in {"quote", "list"} and "[!" in words else words
        level = int(token.tag[1]) if kind == "heading" else 0
        blocks.append(Block(kind, token.map[0], token.map[1], words, level, tuple(links)))
    return tuple(blocks)


def _plain(tokens: list[Token]) -> tuple[str, list[tuple[str, str]]]:
    """Plain text and links of a run of tokens."""
    parts: list[str] = []
    links: list[tuple[str, str]] = []
    for token in tokens:
        if token.type in {"fence", "code_block"}:
            parts.append(token.content.strip())
        elif token.type == "html_block":
            parts.append(without_tags(token.content).strip())
        elif token.type == "inline" and len(token.content) > LONG:
            parts.append(token.content)
            links += _LINK.findall(token.content)[:_MOST_LINKS]
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
                elif child.type == "text":
                    words.append(_marked(child.content))
                elif child.type == "image":
                    words.append(_SIZE.sub("", child.content))
                elif child.type == "code_inline":
                    words.append(child.content)
                elif child.type == "math":
                    words.append(child.markup)
                elif child.type == "html_inline" and is_text(child.content):
                    words.append(child.content)
            parts.append(_without_marks("".join(words)).strip())
    return "\n".join(p for p in parts if p), links


def _without_marks(text: str) -> str:
    """Words without what Obsidian and Logseq write around them: links by name, `==marks==`, names of blocks."""
    text = _MACRO.sub(" ", text) if "{{" in text else text
    text = _WIKI.sub(r"\1", text) if "[[" in text else text
    text = _MARKS.sub(r"\1", text) if "==" in text else text
    return _REFERENCE.sub(" ", text) if "((" in text else text


def _marked(text: str) -> str:
    """Text without the ** that CommonMark leaves beside full-width signs, where pages have bold words."""
    return _STARS.sub("", text) if "**" in text and _WIDE.search(text) else text


def without_comments(html: str) -> str:
    """HTML without its comments; one that never ends is none."""
    last = html.rfind("-->") + 3
    return _COMMENT.sub("", html[:last]) + html[last:] if last > 2 else html


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
