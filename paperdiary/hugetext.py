"""A paragraph with thousands of links or marks, as HTML: Python-Markdown would take minutes for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from paperdiary.escapes import calm, value
from paperdiary.reading import SIGNS, Reading
from paperdiary.tags import pieces

if TYPE_CHECKING:
    from markdown_it.token import Token

_AT_ONCE = 1500  #: signs that are read together; emphasis does not go on from one such piece to the next
_MOST = 2 * _AT_ONCE
_TAGS = {"em": "em", "strong": "strong", "mark": "mark", "s": "s"}


def html(reading: Reading, content: str) -> str:
    """The inside of the paragraph."""
    return "".join(_html(reading, reading.parsed(piece)) for piece in _cut(content))


def _cut(content: str) -> Iterator[str]:
    """The text in pieces of about `_AT_ONCE` signs, cut between words where no bracket, code or formula is open."""
    part: list[str] = []
    signs = opened = ticks = 0
    for word in re.findall(r"\S+\s*", content):
        part.append(word)
        signs += len(SIGNS.findall(word))
        opened += word.count("[") + word.count("(") - word.count("]") - word.count(")")
        ticks += word.count("`") + word.count("$")
        if (signs >= _AT_ONCE and opened <= 0 and ticks % 2 == 0) or signs >= _MOST:
            yield "".join(part)
            part, signs, opened, ticks = [], 0, 0, 0
    if part:
        yield "".join(part)


def _html(reading: Reading, tokens: Sequence[Token]) -> str:
    out: list[str] = []
    ends: list[str] = []
    for token in tokens:
        name = token.type.rpartition("_")[0]
        if token.type in {"softbreak", "text", "text_special"}:
            out.append("\n" if token.type == "softbreak" else calm(escape(token.content, quote=False)))
        elif token.type == "hardbreak":
            out.append("<br>\n")
        elif token.type == "code_inline":
            out.append(f"<code>{calm(escape(token.content, quote=False))}</code>")
        elif token.type == "image":
            src = _address(reading, str(token.attrs.get("src", "")))
            out.append(f'<img alt="{value(escape(token.content))}" src="{value(escape(src))}">')
        elif token.type == "link_open":
            href = _address(reading, str(token.attrs.get("href", "")))
            out.append(f'<a href="{value(escape(href))}">')
            ends.append("</a>")
        elif token.nesting == 1 and name in _TAGS:
            out.append(f"<{_TAGS[name]}>")
            ends.append(f"</{_TAGS[name]}>")
        elif token.nesting == -1 and ends:
            out.append(ends.pop())
        elif token.type == "math":
            made = reading.math(token.content, token.markup, bool(token.info))
            out.append(made if made.startswith("<") else calm(escape(made)))
        elif token.type == "wikilink":
            out.append(_wikilink(reading, token))
        elif token.type == "html_inline":
            out.append(_tag(token.content))
        elif token.type != "block_name":
            out.append(calm(escape(token.content or token.markup)))
    return "".join([*out, *reversed(ends)])


def _address(reading: Reading, address: str) -> str:
    return reading.links.html(address) if reading.links else address


def _tag(source: str) -> str:
    """A tag on its own, such as a line break; those that would have to be closed are shown as text."""
    found = pieces(source, None)
    return found[0].html if len(found) == 1 and found[0].kind == "void" else calm(escape(source))


def _wikilink(reading: Reading, token: Token) -> str:
    link = token.meta["link"]
    address = reading.links.source(link) if reading.links else None
    label = calm(escape(link.label))
    if address is None or not reading.links:
        return label
    path, mark, rest = address.partition("#")
    href = f"{reading.links.html(unquote(path))}{mark}{rest}" if path else address
    return f'<a href="{value(escape(href))}">{label}</a>'
