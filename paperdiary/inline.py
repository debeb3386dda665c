"""The text of a block, from CommonMark to what Python-Markdown reads the same way.

Emphasis, links, images and code are written again as they were meant; what is none of these is escaped
where Python-Markdown would take it for something else, drop it or hide it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from paperdiary import embeds
from paperdiary.escapes import calm, entities, value, whole
from paperdiary.logseq import UUID
from paperdiary.markup import urls_in
from paperdiary.reading import Reading, is_huge
from paperdiary.tags import Pairs, Piece, pair, pieces
from paperdiary.wikilinks import Wikilink, is_image

if TYPE_CHECKING:
    from markdown_it.token import Token

_ESCAPABLE = frozenset("\\`*_{}[]()>#+-.!")  #: what a backslash escapes in Python-Markdown
#: an attribute list that someone meant: {.class}, {#id}, {key=value}, {: ...}
_ATTRIBUTES = re.compile(r"\{(?::[^{}\n]*|\s*(?:[#.][\w-]+|[\w:-]+=(?:\"[^\"]*\"|'[^']*'|[^\s{}]+)|\s)+)\}")
_DEFINITION = re.compile(r"(?m)^(?=\[[^\[\]]*\]:)")
_BRACE = re.compile(r"(?<=[~*_^=+])\{")
_TAIL = re.compile(r"(?:^|(?<= ))(\{:?[ ]*[^}\n ][^\n]*\})[ ]*$")
#: what would begin a block of its own, or a definition, at the start of a line
_STARTS = (
    (re.compile(r"^(\d+)(\.)(?=\s|$)"), r"\1\\."),
    (re.compile(r"^(?=[-+*](?:\s|$)|[>#]|!!! ?\w)"), r"\\"),
    (re.compile(r"^(=+[ ]*$|===(?=[+!]? )|\?\?\?|~~~)"), lambda m: f"&#{ord(m[1][0])};{m[1][1:]}"),
    (re.compile(r"^(?=[|: \t]*-[-|: \t]*$)([|: \t]*)-"), r"\1&#45;"),
)
_BLOCK = re.compile(rf"\(\(({UUID})\)\)")
_SIZED = re.compile(r"\|[ ]*(\d{1,4})(?:x(\d{1,4}))?$")
_REFERENCE = re.compile(r"\[\^([^\[\]\s]+)\]")
_WEB = re.compile(r"(?:https?|ftp)://[^<>\s`\\]*$", re.I)


def lines(reading: Reading, content: str, cell: bool = False) -> list[str]:
    """The lines of a text; `cell` for one in a table."""
    if is_huge(content):
        return [entities(" ".join(content.split()))]
    tokens = reading.parsed(content)
    text = _Text(reading, cell).render([token for token in tokens if token.type != "block_name"])
    names = "".join(_anchor(token.content, reading) for token in tokens if token.type == "block_name")
    out = [_braces(line.lstrip()) for line in text.split("\n")]
    return [f"{names}{out[0]}", *out[1:]] if names else out


def anchor(name: str, reading: Reading) -> str:
    """What links to the block that follows lead to, as a block of its own."""
    return _anchor(name, reading)


def _anchor(name: str, reading: Reading) -> str:
    """An anchor for the block of this name; none in what another page shows, where the name is taken."""
    if reading.links and reading.links.page:
        return ""
    name = name.lower() if len(name) == 36 else name
    return f'<span class="pd-block" id="^{name}"></span>'


def link(label: str, address: str) -> str:
    """A link with plain words."""
    return f"[{entities(label)}]({_target(address)})"


def paragraph(reading: Reading, content: str) -> list[str]:
    """The lines of a paragraph, none of which begins anything else."""
    text = "\n".join(start_of_line(line) for line in lines(reading, content))
    text = re.sub(r"(?<=[^\\:])\\$", "", text)  # a line break with nothing after it
    return _DEFINITION.sub(r"\\", text).split("\n")


def one_line(reading: Reading, content: str, cell: bool = False) -> str:
    """The text of a heading or cell."""
    return " ".join(line.strip() for line in lines(reading, content, cell))


def start_of_line(line: str) -> str:
    """A line that begins nothing: no list, heading, quote, rule, table or definition."""
    for pattern, to in _STARTS:
        line = pattern.sub(to, line, count=1)
    return line


def _braces(line: str) -> str:
    """A line in which `{...}` at the end is text, unless it is an attribute list."""
    found = _TAIL.search(line) if line.rstrip().endswith("}") else None
    while found and not _ATTRIBUTES.fullmatch(found[1]):
        line = f"{line[: found.start(1)]}\\{line[found.start(1) :]}"
        found = _TAIL.search(line)
    return line


def code(content: str, cell: bool = False) -> str:
    """Code in a line."""
    if re.search(r"[`<{\n\x02\x03]|\\$|^\s|\s$", content) or not content or (cell and "|" in content):
        return f"<code>{entities(content)}</code>"
    return f"`{content}`"


class _Text:
    """Writes the inline tokens of one block."""

    def __init__(self, reading: Reading, cell: bool) -> None:
        self.reading = reading
        self.cell = cell
        self.in_link = False

    def render(self, tokens: Sequence[Token], before: str | None = None) -> str:
        """The tokens in Markdown; `before` is what stands before them, None at the start of a block."""
        level = min((t.level for t in tokens), default=0)
        tags = [(n, self._tag(t)) for n, t in enumerate(tokens) if t.type == "html_inline" and t.level == level]
        run = [piece for _, piece in tags]
        pairs = pair([run], self.reading.starts, self.reading.ends, inline=True) if run else Pairs()
        place = {n: (number, piece) for number, (n, piece) in enumerate(tags)}
        out: list[str] = []
        text: list[str] = []

        def flush() -> None:
            if text:
                last = next((made[-1] for made in reversed(out) if made), "") if out else before
                out.append(self._escaped("".join(text), last))
                text.clear()

        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in {"text", "text_special", "softbreak"}:
                text.append(_plain(token))
                at += 1
                continue
            if token.type == "wikilink" and not self._is_link(token.meta["link"]):
                text.append(token.markup)
                at += 1
                continue
            if at in place and (place[at][1].kind == "text" or (0, place[at][0]) in pairs.text):
                made, stop = calm(token.content), at + 1
            elif at in place:
                number, piece = place[at]
                ends = "".join(f"</{name}>" for name in pairs.before.get((0, number), ()))
                closed = f"</{piece.name}>" if (0, number) in pairs.at_once else ""
                made, stop = ends + ("" if (0, number) in pairs.dropped else piece.html + closed), at + 1
            else:
                made, stop = self._markup(tokens, at)
            flush()
            out.append(made)
            at = stop
        flush()
        out += [f"</{name}>" for name in pairs.after.get(0, ())]
        return "".join(out)

    def _tag(self, token: Token) -> Piece:
        found = pieces(token.content, self.reading.address)
        one = found[0] if len(found) == 1 else Piece("text", token.content)
        html = re.sub(r"\s*\n\s*", " ", one.html)
        return Piece(one.kind, one.source, one.name, html.replace("|", "&#124;") if self.cell else html)

    def _markup(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """One piece of markup and the number of the token after it."""
        token = tokens[at]
        if token.nesting != 1:
            return self._single(token), at + 1
        stop, depth = at + 1, 1
        while depth and stop < len(tokens):
            depth += tokens[stop].nesting
            stop += 1
        inside = tokens[at + 1 : stop - 1]
        if token.type == "link_open":
            return self._link(token, inside), stop
        if token.type == "mark_open":
            return f"<mark>{self.render(inside)}</mark>", stop
        return f"{token.markup}{self.render(inside, token.markup)}{token.markup}", stop

    def _single(self, token: Token) -> str:
        if token.type == "hardbreak":
            return "  \n" if not self.cell else "<br>"
        if token.type == "code_inline":
            return code(token.content, self.cell)
        if token.type == "image":
            return self._image(token)
        if token.type == "math":
            return self.reading.math(token.content, token.markup, bool(token.info))
        if token.type == "wikilink":
            return self._wikilink(token.meta["link"])
        return token.markup

    def _escaped(self, text: str, before: str | None) -> str:
        """Text, with links for the addresses in it; `before` ends the markup before it."""
        out: list[str] = []
        at = 0
        for url in urls_in(text) if not self.in_link and ("://" in text or "www." in text) else ():
            start = text.find(url, at)
            out += [self._without_marks(text[at:start], before if at == 0 else ">"), _bare_link(url.replace("\0", ""))]
            at = start + len(url)
        return "".join([*out, self._without_marks(text[at:], before if at == 0 else ">")])

    def _without_marks(self, text: str, before: str | None) -> str:
        """Text, with escapes where Python-Markdown would read more into it."""
        text = re.sub(r"(?<!\0)[<`]", lambda m: "&lt;" if m[0] == "<" else "\0`", whole(text))
        text = text.replace("](", "]\0(")
        if "{" in text:
            text = _BRACE.sub(lambda m: m[0] if _ATTRIBUTES.match(text, m.start()) else "\0{", text)
        if "[^" in text and self.reading.footnotes:
            text = _REFERENCE.sub(lambda m: f"[^{self.reading.reference(m[1])}]", text)
        if before == "]" and text.startswith("("):
            text = f"\0{text}"
        if before is not None and text.startswith("{") and not _ATTRIBUTES.match(text):
            text = f"\0{text}"
        if text.rstrip().endswith("}"):
            head, line_end, last = text.rpartition("\n")
            text = head + line_end + _braces(last)
        if self.cell:
            text = re.sub(r"(?<!\0)\|", "\0|", text)
        return text.replace("\0", "\\")

    def _link(self, token: Token, inside: Sequence[Token]) -> str:
        href = str(token.attrs.get("href", ""))
        if token.markup == "autolink" and inside:
            text = inside[0].content
            if _WEB.fullmatch(text) or (href.startswith("mailto:") and "|" not in text):
                return f"<{text}>"
            return f"[{calm(text)}]({_target(href)})"
        meant = _BLOCK.fullmatch(href)  # Logseq's [words](((id)))
        if meant:
            href = self._address(Wikilink("", "", href, False, block=meant[1].lower())) or href
        paper = self.reading.links.paper(href) if self.reading.links else None
        if self.reading.links:
            href = paper or self.reading.links.rooted(href)
        if paper == "":
            return self.render(inside)  # papers/ is not on the site
        outside, self.in_link = self.in_link, True
        text = self.render(inside)
        self.in_link = outside
        return f"[{text}]({_target(href)}{_title(token)})"

    def _image(self, token: Token) -> str:
        src = str(token.attrs.get("src", ""))
        paper = self.reading.links.paper(src) if self.reading.links else None
        if paper is not None:
            return f"[{_alt(token) or calm(src)}]({_target(paper)})" if paper else _alt(token) or calm(src)
        sized = _SIZED.search(token.content) if re.search(r"\d$", token.content) else None
        if sized:  # Obsidian's ![words|300](address)
            alt = entities(token.content[: sized.start()])
            src = self.reading.links.html(src) if self.reading.links else src
            sizes = "".join(f' {k}="{v}"' for k, v in (("width", sized[1]), ("height", sized[2])) if v)
            return f'<img alt="{alt}" src="{value(src)}"{sizes}>'
        if self.reading.links:
            src = self.reading.links.rooted(src)
        return f"![{_alt(token)}]({_target(src)}{_title(token)})"

    def _is_link(self, link: Wikilink) -> bool:
        """False for double brackets that are no link: `[[0.1 0.2]]`."""
        return bool(link.block) or bool(re.search(r"[^\W\d]", f"{link.target}{link.heading}") or self._address(link))

    def _address(self, link: Wikilink) -> str | None:
        return self.reading.links.source(link) if self.reading.links else None

    def _wikilink(self, link: Wikilink) -> str:
        address = self._address(link)
        label = entities(self._label(link))
        if address is None:
            named = f"{link.target}#{link.heading}" if link.heading else link.target
            paper = self.reading.links.paper(named, True) if self.reading.links else None
            return f"[{label}]({_target(paper)})" if paper else label
        if link.embed and self.reading.links and (played := embeds.player(address)):
            src = value(self.reading.links.html(unquote(address)))
            return f'<{played} controls preload="metadata" src="{src}" title="{label}"></{played}>'
        if link.embed and is_image(address):
            if self.reading.links and link.size[0]:
                src = self.reading.links.html(unquote(address))
                sizes = "".join(f' {k}="{v}"' for k, v in zip(("width", "height"), link.size, strict=True) if v)
                return f'<img alt="{label}" src="{src}"{sizes}>'
            return f"![{label}]({_target(address)})"
        return f"[{label}]({_target(address)})"

    def _label(self, link: Wikilink) -> str:
        """What is shown of a link; Logseq's name of a block is shown as the block's own words."""
        if link.label.startswith("((") and link.block:
            found = self.reading.links.vault.block(link.block) if self.reading.links else None
            words = re.sub(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]|[*_`]{2,}", r"\1", found[1]) if found else ""
            return words[:200] or link.label
        return link.label


def _plain(token: Token) -> str:
    """Text before it is escaped; a sign that a backslash shall stand before has a NUL there."""
    if token.type == "softbreak":
        return "\n"
    if token.type == "text":
        return token.content
    sign = token.content
    if sign in _ESCAPABLE:
        return f"\0{sign}"
    return f"&#{ord(sign)};" if len(sign) == 1 else sign


def _bare_link(url: str) -> str:
    """A link to an address that stands in the text."""
    return f"[{calm(url)}](http://{_target(url)})" if "://" not in url else f"<{url}>"


def _target(address: str) -> str:
    """The address of a link or image."""
    address = re.sub(r"[\\`<>|{}\[\]\s]", lambda m: quote(m[0], safe=""), address)
    return f"<{address}>" if re.search(r"[()'\"]", address) else address


def _title(token: Token) -> str:
    title = str(token.attrs.get("title", ""))
    return f' "{entities(title)}"' if title else ""


def _alt(token: Token) -> str:
    """The description of an image, as plain text."""
    words = []
    for child in token.children or []:
        if child.type == "image":
            words.append(_alt(child))
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif child.type in {"text", "text_special", "code_inline"}:
            words.append(entities(child.content))
        elif child.type in {"math", "wikilink"}:
            words.append(entities(child.markup))
    return "".join(words)
