"""The blocks of a note, written as Python-Markdown reads them: the second half of `dialect.py`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from paperdiary import callouts, embeds, hugetext, inline, literal, obsidian
from paperdiary.htmlblocks import HtmlBlocks, merged
from paperdiary.markup import LONG
from paperdiary.reading import Reading, is_huge
from paperdiary.wikilinks import Wikilink, heading_id

if TYPE_CHECKING:
    from markdown_it.token import Token

SLUGS = "toc.slugify"  #: stands among the extensions where anchors keep the letters of every script
_BLANK = "&nbsp;"
_EMBED = '!!! quote pd-embed "'  #: before the title of what another note says
_REPEATED = 20  #: headings of one text after which each gets an anchor of its own
_TAGS = 50_000  #: signs of HTML in a paragraph, more than which no parser of HTML takes in a reasonable time
_VAST = 50_000  #: tags of a block of HTML that is shown as its source


class Writer:
    """Writes the tokens of one document; every method gives lines without their container's indent."""

    def __init__(
        self,
        lines: list[str],
        deeper: int,
        reading: Reading,
        extensions: frozenset[str],
        inserts: Mapping[int, Sequence[str]],
    ) -> None:
        self.lines = lines
        self.deeper = deeper
        self.reading = reading
        self.extensions = extensions
        self.waiting = [(row, html) for row in sorted(inserts) for html in inserts[row]]
        self.notes: list[str] = []  #: footnotes, which end the page
        self.anchors: Counter[str] = Counter()
        self.defined: set[str] = set()
        self.depth = 0

    def document(self, tokens: list[Token], notes: bool = True) -> list[str]:
        """All lines of the page, with its footnotes or without them."""
        for token in tokens:
            most = _VAST if token.level == 0 else _VAST // 10  # in a list it is one line, which takes its time
            if token.type == "html_block" and token.content.count("<") > most:
                token.type = "code_block"
        self.reading.prepare(tokens)
        lines = self.blocks(merged(_siblings(tokens), self.lines))
        for _, html in self.waiting:
            lines += ["", html] if lines else [html]
        return [*lines, *self.notes] if notes else lines

    def _due(self, token: Token) -> Iterator[str]:
        """Inserts whose place is before this block."""
        while self.waiting and token.map and self.waiting[0][0] <= token.map[0]:
            yield self.waiting.pop(0)[1]

    def blocks(self, groups: list[list[Token]], tight: bool = False) -> list[str]:
        """A run of sibling blocks, a blank line between each two unless `tight`."""
        out: list[str] = []
        before = ""
        html = HtmlBlocks([g[0].content for g in groups if g[0].type == "html_block"], self.reading)
        named = False
        for group, after in zip(groups, [*groups[1:], []][: len(groups)], strict=True):
            kind = group[0].type
            if named:  # the name of the block above, where its anchor stands
                named = False
                continue
            for placed in self._due(group[0]):
                out += ["", placed] if out else [placed]
                before = ""
            name = _name(after)
            if name:
                named = True
                anchor = inline.anchor(name, self.reading)
                if anchor:
                    out += [*([""] if out else []), anchor]
                    before = ""
            lines = html.next(self.depth == 0) if kind == "html_block" else self.block(group)
            if not lines:
                continue
            if before.endswith("list_open") and kind.endswith("list_open") and before != kind:
                out += ["", "<!-- -->"]
            text_before_list = before == "paragraph_open" and kind.endswith("list_open")
            if out and not (tight and text_before_list):
                out.append("")
            out += lines
            before = kind
        return out

    def inner(self, tokens: list[Token], tight: bool = False) -> list[str]:
        """The blocks inside a container."""
        self.depth += 1
        lines = self.blocks(_siblings(tokens), tight)
        self.depth -= 1
        return lines

    def block(self, group: list[Token]) -> list[str]:
        first = group[0]
        if first.type == "paragraph_open":
            return self.paragraph(group[1].content)
        if first.type == "heading_open":
            return [self.heading(group[1].content, min(int(first.tag[1]) + self.deeper, 6))]
        if first.type == "fence":
            return self.fence(first)
        if first.type == "code_block":
            return literal.fence(first.content, "", "```")
        if first.type == "blockquote_open":
            return self.quote(group)
        if first.type in {"bullet_list_open", "ordered_list_open"}:
            return self.items(group)
        if first.type == "table_open":
            return self.table(group)
        if first.type == "math_block":
            return self.reading.math(first.content, first.markup, True).split("\n")
        if first.type == "definition":
            return self.definition(first)
        if first.type == "footnote_open":
            return self.footnote(group)
        if first.type == "indented_open":
            return self.indented(group)
        return ["---"]

    def paragraph(self, content: str) -> list[str]:
        if re.match(r";?-{1,2}8<-", content):  # for the extension that puts a file in its place
            return content.split("\n")
        if is_huge(content):
            if self.depth or len(re.findall("[<>&]", content)) >= _TAGS:
                return literal.fence(content, "", "```")
            html = hugetext.html(self.reading, content) if len(content) <= LONG else ""
            html = html if 0 < html.count("<") + html.count("&") < 8 * _TAGS else escape(content)
            return f"<p>{html}</p>".split("\n")
        out: list[str] = []
        for link in embeds.alone(content) if self.reading.links else ():
            out += [*([""] if out else []), *(self.embed(link) or inline.paragraph(self.reading, content))]
        return out or inline.paragraph(self.reading, content)

    def heading(self, content: str, level: int) -> str:
        """A heading, with an anchor where Python-Markdown's own would be a mere number."""
        if is_huge(content) and self.depth == 0:
            return f"<h{level}>{escape(content)}</h{level}>"
        text = inline.one_line(self.reading, content)
        if text.endswith("#"):
            text = f"{text[:-1]}\\#"
        letters = SLUGS in self.extensions
        slug = heading_id(content, letters)
        self.anchors[slug] += 1
        number = self.anchors[slug]
        wanted = slug and (number > _REPEATED or not (letters or slug.isascii()))
        if wanted and not text.rstrip().endswith("}") and "attr_list" in self.extensions:
            text += f" {{#{slug}{f'_{number - 1}' if number > 1 else ''}}}"
        return f"{'#' * level} {text}".rstrip()

    def embed(self, link: Wikilink) -> list[str]:
        """What an embed shows of another note, in a box whose title leads there; nothing for other embeds."""
        links = self.reading.links
        found = embeds.words(links, link) if links else None
        if not found:
            return []
        text, address, within = found
        reading = Reading.of(self.reading.md, text, within, drawn=self.reading.formulas is not None)
        inset = Inset(text.split("\n"), 0, reading, self.extensions, {})
        body = inset.document(self.reading.md.parse(text, reading.env), notes=False)
        self.notes += inset.notes
        named = "" if link.block and link.block in link.label else link.label
        head = inline.link(named or embeds.title(link, within.here), address)
        if "admonition" not in self.extensions:
            return [f"> {line}".rstrip() for line in [f"**{head}**", "", *body]]
        return [f'{_EMBED}{head}"', "", *_further(body)] if body else [f'{_EMBED}{head}"']

    def fence(self, token: Token) -> list[str]:
        if token.info.strip().lower() == "math" and self.reading.formulas:
            return [self.reading.math(token.content, token.content, True)]
        return literal.fence(token.content, token.info.strip(), token.markup)

    def quote(self, group: list[Token]) -> list[str]:
        """A quote, or the callout that Obsidian and GitHub make of one."""
        inside = group[1:-1]
        callout = (
            callouts.FIRST_LINE.match(inside[1].content) if inside and inside[0].type == "paragraph_open" else None
        )
        if not callout:
            return [f"> {line}".rstrip() for line in self.inner(inside)]
        kind = callouts.kind(callout["kind"])
        title = callout["title"].strip() or kind.replace("-", " ").capitalize()
        rest = inside[1].content[callout.end() :]
        inside[1].content = rest
        if not rest.strip():
            inside = inside[3:]
        body = self.inner(inside)
        if "admonition" not in self.extensions:
            return [f"> {line}".rstrip() for line in [f"**{inline.one_line(self.reading, title)}**", "", *body]]
        fold = "pymdownx.details" in self.extensions and {"+": "???+", "-": "???"}.get(callout["fold"])
        head = f'{fold or "!!!"} {callouts.classes(kind)} "{inline.one_line(self.reading, title)}"'
        return [head, "", *_further(body)] if body else [head]

    def indented(self, group: list[Token]) -> list[str]:
        """A block of Python-Markdown's own: its first line and what is indented below it."""
        parts = group[0].meta
        title = "" if parts.get("title") is None else f' "{inline.one_line(self.reading, parts["title"])}"'
        kind = f" {parts['kind']}" if parts.get("kind") else ""
        mark = {"admonition": "!!!", "pymdownx.details": "???"}.get(parts["name"], "===")
        body = self.inner(group[1:-1])
        head = f"{mark}{parts.get('open') or parts.get('mark') or ''}{kind}{title}"
        return [head, "", *_further(body)] if body else [head]

    def footnote(self, group: list[Token]) -> list[str]:
        """A footnote goes to the end of the page, where it is shown; each has a label of its own."""
        label = self.reading.footnote(group[0].meta["label"])
        inside = group[1:-1]
        lines = self.inner(inside)
        if "footnotes" not in self.extensions:
            return [f"\\[^{label}]: {lines[0] if lines else ''}", *lines[1:]]
        if not _is_text(inside, lines, "paragraph_open"):
            lines = [_BLANK, "", *lines]
        self.notes += ["", f"[^{label}]: {lines[0]}", *_further(lines[1:])]
        return []

    def definition(self, token: Token) -> list[str]:
        """A link definition that nothing uses is text; the links have taken the others' addresses."""
        label = token.meta["id"]
        first = label not in self.defined
        self.defined.add(label)
        if first and label in self.reading.used:
            return []
        url, title = token.meta["url"], token.meta["title"]
        shown = f"<{url}>" if re.match(r"https?://[^\s<>]+$", url) else url
        return inline.paragraph(self.reading, f"\\[{token.meta['label']}]: {shown}" + (f' "{title}"' if title else ""))

    def items(self, group: list[Token]) -> list[str]:
        number = int(str(group[0].attrs.get("start", 1)))
        ordered = group[0].type == "ordered_list_open"
        out: list[str] = []
        for item in _siblings(group[1:-1]):
            inside = item[1:-1]
            tight = all(t.hidden for t in inside if t.type == "paragraph_open" and t.level == item[0].level + 1)
            lines = self.inner(inside, tight)
            while lines and not lines[0]:
                lines.pop(0)
            if lines and lines[0].startswith(_EMBED):
                lines = _in_item(lines)
            elif not _is_text(inside, lines, "paragraph_open", "heading_open", "math_block"):
                lines = [_BLANK, *([""] if lines else []), *lines]
            mark = f"{number}." if ordered else "-"
            if out and (not tight or "" in out[-_since(out) :] or "" in lines):
                out.append("")
            out.append(f"{mark:<3} {lines[0]}".rstrip())
            out += _further(lines[1:])
            number += 1
        return out

    def table(self, group: list[Token]) -> list[str]:
        rows: list[list[str]] = []
        marks: list[str] = []
        for token, inside in zip(group, [*group[1:], group[-1]], strict=True):
            if token.type == "tr_open":
                rows.append(literal.cells(token.meta["row"], len(marks)) if marks else [])
            elif token.type == "th_open":
                rows[0].append(inside.content)
                side = str(token.attrs.get("style", "")).removeprefix("text-align:")
                marks.append({"left": ":--", "right": "--:", "center": ":-:"}.get(side, "---"))
        if any(is_huge(cell) for row in rows for cell in row):
            return literal.fence("\n".join(" | ".join(row) for row in rows), "", "```")
        shown = [[inline.one_line(self.reading, cell, True) for cell in row] for row in rows]
        return [f"| {' | '.join(row)} |" for row in [shown[0], marks, *shown[1:]]]


class Inset(Writer):
    """Writes what a page shows of another note; its headings are no part of the page's own contents."""

    def heading(self, content: str, level: int) -> str:
        return f"<strong>{inline.one_line(self.reading, content)}</strong>" if content.strip() else ""


def _in_item(lines: list[str]) -> list[str]:
    """An embed that begins an item: its title as the item's words, and below them a quote."""
    stop = next((n for n, line in enumerate(lines) if n and line and not line.startswith("    ")), len(lines))
    body = [f"> {line[4:]}".rstrip() for line in lines[2:stop]]
    while body and body[-1] == ">":
        body.pop()
    return [lines[0][len(_EMBED) : -1], *(["", *body] if body else []), *(["", *lines[stop:]] if lines[stop:] else [])]


def _name(group: list[Token]) -> str:
    """The name of the block above, in a paragraph that is nothing else."""
    return obsidian.name_alone(group[1].content) if group and group[0].type == "paragraph_open" else ""


def _is_text(inside: Sequence[Token], lines: Sequence[str], *kinds: str) -> bool:
    """Whether the first block in a container may stand beside its mark; a huge paragraph is written as code."""
    return bool(lines) and inside[0].type in kinds and not lines[0].startswith(("```", "~~~"))


def _further(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _since(out: list[str]) -> int:
    """How many lines the last item of a list has."""
    for count, line in enumerate(reversed(out), 1):
        if line and not line.startswith(" "):
            return count
    return len(out)


def _siblings(tokens: list[Token]) -> list[list[Token]]:
    """Tokens grouped by their outermost block."""
    out: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            out.append([])
        out[-1].append(token)
        depth += token.nesting
    return out
