"""CommonMark -> the Markdown that MkDocs renders, with the same words at the same depth.

MkDocs uses Python-Markdown, which reads many things otherwise than the tools notes are written with: it
wants nested items indented by four columns and blank lines around lists, tables and fences. So the
structure is read with a CommonMark parser and written again in the one form on which both agree. What
Python-Markdown's extensions add (admonitions, tabs, footnotes) is handed on as it stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paperdiary.markup import parser

if TYPE_CHECKING:
    from markdown_it.token import Token

#: first lines of blocks that only Python-Markdown's extensions know; indented lines below belong to them
_EXTENSION = re.compile(r'^(?:!!!|\?\?\?\+?|===[+!]?\s+"|\[\^[^\]]+\]:|\*\[[^\]]+\]:|:::|-{1,2}8<-)')
#: what would begin a block of its own in Python-Markdown, inside a paragraph
_STARTS = re.compile(r"^(?:(?P<number>\d+)(?P<dot>\.)|(?P<sign>[-+*#>:]))(?=\s|$)")
_OPENING = re.compile(
    r"^<(?P<tag>details|div|section|article|aside|center|figure|p|blockquote|span)\b(?P<rest>[^<>]*)>\s*", re.I
)
_BLANK = "&nbsp;"


def for_mkdocs(text: str, deeper: int = 0) -> str:
    """The same document for Python-Markdown, its headings `deeper` levels down. Lines may move."""
    env: dict[str, dict[str, dict[str, object]]] = {}
    tokens = parser().parse(text, env)
    writer = _Writer(text.split("\n"), deeper)
    lines = writer.blocks(tokens)
    definitions = _definitions(env, writer.lines)
    return "\n".join([*lines, "", *definitions] if definitions else lines) + "\n"


def _definitions(env: dict[str, dict[str, dict[str, object]]], lines: list[str]) -> list[str]:
    """Link definitions, which are no blocks, as they were written."""
    out: list[str] = []
    for reference in env.get("references", {}).values():
        span = reference.get("map")
        if isinstance(span, list):
            out.append(" ".join(re.sub(r"^[\s>]+", "", line) for line in lines[span[0] : span[1]]))
    return out


class _Writer:
    """Writes the tokens of one document; every method gives lines without their container's indent."""

    def __init__(self, lines: list[str], deeper: int) -> None:
        self.lines = lines
        self.deeper = deeper

    def blocks(self, tokens: list[Token], tight: bool = False) -> list[str]:
        """A run of sibling blocks, a blank line between each two unless `tight`."""
        out: list[str] = []
        before, extension = "", False
        for group in _siblings(tokens):
            kind = group[0].type
            lines = self.block(group, extension)
            extension = self.is_extension(group) or (extension and kind == "code_block")
            if before.endswith("list_open") and kind.endswith("list_open") and before != kind:
                out += ["", "<!-- -->"]
            text_before_list = before == "paragraph_open" and kind.endswith("list_open")
            if out and not (tight and text_before_list):
                out.append("")
            out += lines
            before = kind
        return out

    def is_extension(self, group: list[Token]) -> bool:
        return group[0].type == "paragraph_open" and bool(_EXTENSION.match(group[1].content))

    def block(self, group: list[Token], extension: bool) -> list[str]:
        first = group[0]
        if first.type == "paragraph_open":
            return self.source(first) if self.is_extension(group) else _paragraph(group[1].content)
        if first.type == "heading_open":
            words = " ".join(group[1].content.split("\n"))
            return [f"{'#' * min(int(first.tag[1]) + self.deeper, 6)} {words}".rstrip()]
        if first.type == "fence":
            return _fence(first.content, first.info.strip(), first.markup)
        if first.type == "code_block":
            return self.source(first) if extension else _fence(first.content, "", "```")
        if first.type == "blockquote_open":
            return [f"> {line}".rstrip() for line in self.blocks(group[1:-1])]
        if first.type in {"bullet_list_open", "ordered_list_open"}:
            return self.items(group)
        if first.type == "table_open":
            return _table(group)
        if first.type == "html_block":
            return _html(first.content.rstrip("\n").split("\n"))
        return ["---"]

    def source(self, token: Token) -> list[str]:
        """The lines of a block as they stand, without trailing blank ones."""
        start, end = token.map or (0, 0)
        lines = self.lines[start:end]
        while lines and not lines[-1].strip():
            lines.pop()
        return lines

    def items(self, group: list[Token]) -> list[str]:
        number = int(str(group[0].attrs.get("start", 1)))
        ordered = group[0].type == "ordered_list_open"
        out: list[str] = []
        for item in _siblings(group[1:-1]):
            inside = item[1:-1]
            tight = all(t.hidden for t in inside if t.type == "paragraph_open" and t.level == item[0].level + 1)
            lines = self.blocks(inside, tight)
            if not inside or inside[0].type not in {"paragraph_open", "heading_open"}:
                lines = [_BLANK, *([""] if lines else []), *lines]
            mark = f"{number}." if ordered else "-"
            if out and (not tight or "" in out[-_since(out) :] or "" in lines):
                out.append("")
            out.append(f"{mark:<3} {lines[0]}".rstrip())
            out += [f"    {line}" if line else "" for line in lines[1:]]
            number += 1
        return out


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


def _paragraph(content: str) -> list[str]:
    """Text; a line that Python-Markdown would take for the start of a block is escaped."""
    out: list[str] = []
    for line in content.split("\n"):
        spaced = line.strip() + ("  " if line.endswith("  ") else "")
        if spaced.endswith("\\"):
            spaced = f"{spaced[:-1]}  "
        found = _STARTS.match(spaced) if out else None
        if found and found["number"]:
            spaced = f"{found['number']}\\.{spaced[found.end() :]}"
        elif found:
            spaced = f"\\{spaced}"
        out.append(spaced)
    return out


def _fence(content: str, info: str, mark: str) -> list[str]:
    mark = mark if len(mark) >= 3 else "```"
    while re.search(rf"^\s*{re.escape(mark)}", content, re.M):
        mark += mark[0]
    body = content[:-1] if content.endswith("\n") else content
    return [f"{mark} {info}".rstrip() if info else mark, *body.split("\n"), mark]


def _table(group: list[Token]) -> list[str]:
    rows: list[list[str]] = []
    marks: list[str] = []
    for token, inside in zip(group, [*group[1:], group[-1]], strict=True):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            rows[-1].append(inside.content.replace("|", "\\|") if inside.type == "inline" else "")
            if token.type == "th_open":
                side = str(token.attrs.get("style", ""))
                marks.append(
                    {"left": ":--", "right": "--:", "center": ":-:"}.get(side.removeprefix("text-align:"), "---")
                )
    table = [rows[0], marks, *rows[1:]]
    return [f"| {' | '.join(row)} |" for row in table]


def _html(lines: list[str]) -> list[str]:
    """An HTML block; Markdown that follows an element left open is Markdown inside it."""
    found = _OPENING.match(lines[0].strip())
    if found and "markdown" not in found["rest"].lower():
        whole = "\n".join(lines)
        opened = len(re.findall(rf"<{found['tag']}\b", whole, re.I))
        if opened > len(re.findall(rf"</{found['tag']}\s*>", whole, re.I)):
            return [lines[0].replace(f"<{found['tag']}", f'<{found["tag"]} markdown="1"', 1), *lines[1:]]
    return lines
