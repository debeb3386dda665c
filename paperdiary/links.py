"""Every link of a Markdown text with its line, its anchors, and a code fence that is left open."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from paperdiary import logseq, obsidian
from paperdiary.markup import LONG

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: where brackets are no links: code, comments, formulas, escaped brackets
_HIDDEN = re.compile(
    r"(?<![\\`])(`+)(?!`).{1,2000}?(?<!`)\1(?!`)|<!--(?:(?!<!--).){0,5000}?-->|\$\$.{1,2000}?\$\$|\\\((?:(?!\\\().){1,500}?\\\)|\\\[(?:(?!\\\[).){1,2000}?\\\]"
    r"|\{\{[a-z]+ [^\n]{1,1000}?\}\}|(?<![\\$\w])\$(?![\s$])[^$\n]{1,1000}?(?<![\s\\])\$(?!\w)|\\[\[\]]",
    re.S,
)
#: what follows `](`: an address and perhaps a title
_TARGET = re.compile(
    r"\s*(?:<(?P<pointed>[^<>\n]*)>|(?P<plain>(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))"
    r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?\s*\)"
)
#: an address with spaces, which MkDocs takes and CommonMark does not; `=300x` is a size
_SPACED = re.compile(r"(?P<target>[^()\n\"]{1,300}\.[A-Za-z]{2,5}(?:#[^()\s]*)?)(?:\s+=\d*x\d*)?\s*\)")
_TAG = re.compile(r"<(?:a|img|iframe|video|audio|source|embed|object)\b[^<>]{0,2000}>", re.I)
_ATTRIBUTE = re.compile(r"""\b(?P<name>href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.I)
_ID = re.compile(r"""<[a-z][^<>]{0,500}?\b(?:id|name)\s*=\s*["']?([^"'\s<>]+)|\{:?[^{}\n]{0,100}#([\w:.-]+)""", re.I)
_HTML_HEADING = re.compile(r"<h[1-6]\b[^<>]*>(.{0,500}?)</h", re.I | re.S)
_WIKI = re.compile(r"(?<![A-Za-z0-9_)\]])(?P<image>!?)\[\[(?P<inside>[^\[\]\n]{0,300})\]\](?![(\[:])")
#: lists of symbols, and the special tokens that papers on language models print in brackets
_NO_WIKI = re.compile(r"[\W\d_]*|(?:\w{1,3}\s*[,;:]\s*)+\w{1,3}|CLS|SEP|MASK|PAD|UNK|BOS|EOS", re.S)


@dataclass(frozen=True, slots=True)
class Link:
    """One link or picture."""

    target: str  #: as written, "" for an empty one
    text: str  #: what the reader sees, shortened
    line: int  #: 1-based, in the text
    kind: str = "link"  #: "wiki" for one by name, "spaced" for an address with blanks in it


@dataclass(frozen=True, slots=True)
class Scan:
    """What the links of a page need to know about it."""

    links: tuple[Link, ...] = ()
    anchors: frozenset[str] = frozenset()  #: see `anchor_key`
    open_fence: int = 0  #: line of the first code fence that is never closed, 1-based; 0 for none


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """CommonMark's blocks alone: inline parsing keeps no lines and takes most of the time."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 200}).enable("table").disable("inline")


def scan(text: str) -> Scan:
    """The links, anchors and open fence of a text without front matter."""
    env: dict[str, dict[str, dict[str, object]]] = {}
    lines = text.split("\n")
    found: list[Link] = []
    anchors: set[str] = set()
    fence = 0
    heading = False
    tokens = _parser().parse(text, env)
    labels = {label.strip().casefold() for label in env.get("references", {})}
    for token in tokens:
        if token.type == "fence" and not fence and not _is_closed(token, lines):
            fence = (token.map or [0])[0] + 1
        elif token.type in {"inline", "html_block"} and len(token.content) <= LONG:
            first = (token.map or [0])[0] + 1
            anchors.update(_ids(token.content))
            if heading:
                words = _LINKED.sub(r"\1", token.content)
                plain = re.sub(r"[^a-z0-9]+", "", words.lower())  # without letters that were read wrongly
                anchors.update((anchor_key(words), anchor_key(token.content), plain))
            if token.type == "inline" or not re.match(r"\s*<(?:pre|script|style|textarea)\b", token.content, re.I):
                found += _links(token.content, first, labels)
        heading = token.type == "heading_open"
    found += _definitions(env, text)
    blocks = {f"^{name}" for name in (*obsidian.names_in(text), *(logseq.named_blocks(text) if "id::" in text else ()))}
    return Scan(tuple(sorted(found, key=lambda link: link.line)), frozenset(anchors | blocks), fence)


_LINKED = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)|<[^<>]*>|\{:?[^{}]*#[^{}]*\}")


def anchor_key(text: str) -> str:
    """What the spellings of one heading's anchor share, as GitHub, MkDocs and Obsidian make them."""
    return re.sub(r"[\W_]+", "", unescape(unquote(text))).lower()


def _ids(content: str) -> Iterator[str]:
    for match in _ID.finditer(content):
        yield anchor_key(match[1] or match[2])
    for match in _HTML_HEADING.finditer(content):
        yield anchor_key(re.sub(r"<[^<>]*>", "", match[1]))


def _is_closed(token: Token, lines: list[str]) -> bool:
    start, end = token.map or [0, 1]
    last = lines[end - 1].lstrip(" \t>").rstrip()
    return end - 1 > start and len(last) >= len(token.markup) and set(last) == {token.markup[0]}


def _links(content: str, first: int, labels: set[str]) -> Iterator[Link]:
    """Links in the source of one block whose first line is line `first`."""
    shown = _HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), content)

    ends = [match.start() for match in re.finditer("\n", shown)]

    def line(at: int) -> int:
        return first + bisect_left(ends, at)

    for opened, closed in _brackets(shown):
        target, spaced = _target(shown, closed + 2)
        before = shown[opened - 1 : opened]
        text = shown[opened + 1 : closed]
        code = (re.match(r"[A-Za-z0-9_)\]}]", before) and target) or re.fullmatch(r"[^\w\s]+", text)
        if target is None or (code and not re.search(r"[./#]", target)):
            continue  # words in brackets, or code and formulas, as a[i](j), [&](x)
        yield Link(target, _short(text), line(opened), "spaced" if spaced else "link")
    for tag in _TAG.finditer(shown):
        for attribute in _ATTRIBUTE.finditer(tag[0]):
            yield Link((attribute[2] or attribute[3] or attribute[4] or "").strip(), "", line(tag.start()))
    for match in _WIKI.finditer(shown):
        inside = match["inside"].replace("\\|", "|")
        if inside.strip().casefold() in labels or (inside.strip() and _NO_WIKI.fullmatch(inside)):
            continue
        yield Link(inside.split("|")[0].strip(), _short(inside.split("|")[-1]), line(match.start()), "wiki")


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """(opening, closing) of the brackets that a parenthesis follows."""
    opened: list[int] = []
    for match in re.finditer(r"[\[\]]", text):
        if match[0] == "[":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if text.startswith("(", match.end()):
                yield start, match.start()


def _target(text: str, at: int) -> tuple[str | None, bool]:
    """(the address that begins at `at`, whether blanks are in it); None for words that are no address."""
    found = _TARGET.match(text, at)
    if found:
        return re.sub(r"\\([()_*#\[\]!&~])", r"\1", (found["pointed"] or found["plain"] or "").strip()), False
    spaced = _SPACED.match(text, at)
    return (spaced["target"].strip(), True) if spaced else (None, False)


def _short(text: str) -> str:
    text = " ".join(re.sub(r"[*_`]|!\[|\[|\](?:\([^()]*\))?", " ", text[:300]).split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def _definitions(env: dict[str, dict[str, dict[str, object]]], text: str) -> Iterator[Link]:
    """`[label]: target` lines that are used; footnotes look the same and are none."""
    if not env.get("references"):
        return
    uses = Counter(re.findall(r"(?<=\[)(?:\\.|[^\[\]\\]){0,999}(?=\])", text.casefold()))
    for label, reference in env.get("references", {}).items():
        span, target = reference.get("map"), str(reference.get("href", ""))
        used = uses[label.casefold()] > 1
        if isinstance(span, list) and used and not label.startswith("^") and re.search(r"[./#]", target):
            yield Link(target, label, span[0] + 1)
