"""The parser of notes as they are shown: CommonMark and tables, and what else people write in notes.

Added are formulas, wikilinks, footnotes and the indented blocks of Python-Markdown. HTML that never ends is
no HTML, and what is nested deeper than any page can show is text, so that nothing is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from paperdiary import foreign, logseq, maths, obsidian, tags, wikilinks
from paperdiary.markup import steady

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_DEEPEST = 40  #: levels of tokens; a list takes two of them, a quote one
_FOOTNOTE = re.compile(r"\[\^(?P<label>[^\[\]\s]+)\]:")
#: first lines of indented blocks, by the extension that reads them
_BLOCKS = {
    "admonition": re.compile(r'!!! ?(?P<kind>[\w-]+(?: +[\w-]+)*)(?: +"(?P<title>.*)")? *$'),
    "pymdownx.details": re.compile(
        r'\?\?\?(?P<open>\+?) ?(?P<kind>[\w-]+(?: +[\w-]+)*?)?(?:(?:^|(?<=[ ?+\w])) *"(?P<title>.*)")? *$'
    ),
    "pymdownx.tabbed": re.compile(r'===(?P<mark>[+!]?) +"(?P<title>.*)" *$'),
}
_MARK = re.compile(
    r"(?<![A-Za-z0-9=])==(?P<text>[^\s=](?:[^=\n]|=(?!=)|\n(?!\n)){0,2000}?)(?<=[^\s=])==(?![A-Za-z0-9=])"
)
_RAW = re.compile(r"<(script|pre|style|svg|math)(?=\s|>|$)", re.I)
_LOWER = {n: n + 32 for n in range(ord("A"), ord("Z") + 1)}  #: str.lower makes two of some letters
_START = re.compile(r"</?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?=\s|/?>|$)")
#: elements whose tag begins a block of HTML even when text follows in its line
_BLOCK_NAMES = tags.CONTAINERS | frozenset(
    re.findall(
        r"\w+", "caption col colgroup figcaption h1 h2 h3 h4 h5 h6 hr iframe legend menu optgroup option summary track"
    )
)

Rule = Callable[["StateBlock", int, int, bool], bool]


@lru_cache(maxsize=16)
def parser(extensions: frozenset[str]) -> MarkdownIt:
    """The parser for a site with these Markdown extensions. It parses blocks; inline text is parsed apart."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import blockquote, list_block, table

    md = steady(MarkdownIt("commonmark", {"maxNesting": 200, "inline_definitions": True, "store_labels": True}))
    md.enable("table").disable(["inline", "text_join", "entity"])
    both: Any = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    block = md.block.ruler
    block.at("table", _table(table), {"alt": ["paragraph", "reference"]})
    block.at("blockquote", _not_deeper(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]})
    block.at("list", _not_deeper(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    block.at("html_block", _html, {"alt": ["paragraph", "reference", "blockquote"]})
    block.before("blockquote", "indented", _indented(extensions), both)
    block.before("reference", "footnote", _footnote, both)
    block.before("blockquote", "math_block", maths.block_rule, both)
    md.inline.ruler.before("escape", "math", maths.inline_rule)
    md.inline.ruler.before("link", "wikilink", wikilinks.inline_rule)
    md.inline.ruler.before("link", "spaced", wikilinks.spaced_rule)
    md.inline.ruler.before("autolink", "foreign", foreign.inline_rule)
    md.inline.ruler.before("emphasis", "mark", _mark)
    md.inline.ruler.before("newline", "property", logseq.property_rule)
    md.inline.ruler.before("link", "macro", logseq.macro_rule)
    md.inline.ruler.before("link", "block_name", obsidian.block_rule)
    md.inline.add_terminator_char("(")
    md.inline.add_terminator_char("=")
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    md.validateLink = lambda url: not re.match(r"\s*(?:java|vb)script:", url, re.I)  # type: ignore[method-assign]
    return md


def _mark(state: StateInline, silent: bool) -> bool:
    """`==text==`, which Obsidian and others show as marked; `a==b and c==d` is none."""
    found = _MARK.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "=" else None
    if not found or found["text"].count("`") % 2:
        return False
    if not silent:
        behind, state.pos, state.posMax = state.posMax, *found.span("text")
        state.push("mark_open", "mark", 1)
        state.md.inline.tokenize(state)
        state.push("mark_close", "mark", -1)
        state.posMax = behind
    state.pos = found.end()
    return True


def _not_deeper(rule: Any) -> Rule:
    """The rule, until the tokens are too deep: the marks are text there."""

    def guarded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < _DEEPEST and bool(rule(state, start, end, silent))

    return guarded


def _table(rule: Any) -> Rule:
    """The rule, each row with its source: the parser drops cells that have no heading."""

    def kept(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        before = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        for token in state.tokens[before:]:
            if token.type == "tr_open" and token.map:
                token.meta = {"row": _line(state, token.map[0])}
        return True

    return kept


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _html(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """CommonMark's HTML blocks, those only that begin with a known tag and end somewhere."""
    first = _line(state, start)
    if state.is_code_block(start) or not first.startswith("<"):
        return False
    raw = _RAW.match(first)
    found = _START.match(first)
    if first.startswith("<!--") or raw:
        closing = f"</{raw[1].lower()}" if raw else "-->"
        last = _ends_with(state, start, end, closing)
        if last is None:
            return False
        if raw and raw[1].lower() in {"svg", "math"} and not _is_drawing(state, start, last):
            return False
    elif found and found["name"].lower() in tags.KNOWN:
        pieces = tags.pieces(first[:5000])
        starts = bool(pieces) and pieces[0].kind != "text"
        if found["name"].lower() in _BLOCK_NAMES:
            if not starts and ">" in first:
                return False  # <table of contents>
        elif not starts or first.strip() != pieces[0].source:
            return False
        elif silent:
            return False  # a tag of an inline element does not end a paragraph
        last = start + 1
        while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
            last += 1
    else:
        return False
    if silent:
        return True
    state.line = last
    token = state.push("html_block", "", 0)
    token.map = [start, last]
    token.content = state.getLines(start, last, state.blkIndent, True)
    return True


def _ends_with(state: StateBlock, start: int, end: int, closing: str) -> int | None:
    """The line after the one that holds `closing`."""
    lower = state.env.get("lower") or state.env.setdefault("lower", state.src.translate(_LOWER))
    begin = state.bMarks[start] + state.tShift[start] + 4
    at = maths.following(state, closing, begin, lower)
    if at >= 0 and closing in {"</svg", "</math"}:  # one may hold others
        at = max(at, foreign.outermost(state.src, closing[2:], begin, len(state.src)) - 1)
    for number in range(start, end) if at >= 0 else ():
        if number > start and not state.isEmpty(number) and state.sCount[number] < state.blkIndent:
            return None
        if at <= state.eMarks[number]:
            return number + 1
    return None


def _is_drawing(state: StateBlock, start: int, end: int) -> bool:
    """Whether lines hold a drawing or formula; after lines that hold none, no more than the text is looked at."""
    source = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[end - 1]]
    left = state.env.get("looks", 4 * len(state.src))
    state.env["looks"] = left - len(source)
    return left > 0 and foreign.drawing(source.rstrip()) is not None


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[^label]: text`, with blocks that are indented by four columns."""
    if state.is_code_block(start) or state.level >= _DEEPEST:
        return False
    found = _FOOTNOTE.match(_line(state, start))
    if not found:
        return False
    if silent:
        return True
    old = (state.bMarks[start], state.tShift[start], state.sCount[start])
    at = state.bMarks[start] + state.tShift[start] + found.end()
    shift = len(state.src[at : state.eMarks[start]]) - len(state.src[at : state.eMarks[start]].lstrip())
    state.bMarks[start], state.tShift[start], state.sCount[start] = at, shift, state.blkIndent + 4
    _open(state, "footnote", start, {"label": found["label"]})
    _inside(state, start, end)
    _close(state, "footnote")
    state.bMarks[start], state.tShift[start], state.sCount[start] = old
    return True


def _indented(extensions: frozenset[str]) -> Rule:
    """`!!! note`, `??? note` and `=== "Tab"`, where the site reads them."""
    patterns = [(name, pattern) for name, pattern in _BLOCKS.items() if name in extensions]

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = _line(state, start)
        if first[:3] not in ("!!!", "???", "===") or state.is_code_block(start) or state.level >= _DEEPEST:
            return False
        name, found = next(((n, m) for n, p in patterns if (m := p.match(first))), ("", None))
        if not found:
            return False
        parts = found.groupdict()
        below = start + 1
        while below < end and state.isEmpty(below):
            below += 1
        body = below < end and state.sCount[below] >= state.blkIndent + 4
        single = parts.get("title") is not None or " " not in (parts.get("kind") or " ")
        if not body and not single:
            return False  # "!!! what a result"
        if silent:
            return True
        parts["name"] = name
        _open(state, "indented", start, parts)
        state.line = start + 1
        if body:
            _inside(state, start + 1, end)
        _close(state, "indented")
        return True

    return rule


def _open(state: StateBlock, kind: str, start: int, meta: dict[str, Any]) -> None:
    token = state.push(f"{kind}_open", "div", 1)
    token.meta = meta
    token.map = [start, start + 1]


def _close(state: StateBlock, kind: str) -> None:
    state.push(f"{kind}_close", "div", -1)
    opened = next(t for t in reversed(state.tokens) if t.type == f"{kind}_open" and t.level == state.level)
    opened.map = [(opened.map or [0])[0], state.line]


def _inside(state: StateBlock, start: int, end: int) -> None:
    """Parse blocks that are four columns further in."""
    parent, state.parentType = state.parentType, "blockquote"
    state.blkIndent += 4
    state.md.block.tokenize(state, start, end)
    state.blkIndent -= 4
    state.parentType = parent
