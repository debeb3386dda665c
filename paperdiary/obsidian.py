"""What Obsidian writes in notes besides Markdown: comments that stay private, and names of blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+][ \t]+)*(?P<marks>`{3,}|~{3,})")
#: where a comment may begin: not "50%% of", not a rule of signs
_OPENS = re.compile(r"(?:(?<=[\s>(（*_])|(?<=^))%%(?!%)")
_CODE = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)")
_CLOSES = re.compile(r"(?<!%)%%(?=[ \t]*$)")
MOST = 3000  #: lines of a comment
#: at the end of a block; a power (`x ^2`, `A ^T`) is none
_NAME = re.compile(r"\^(?P<id>(?!\d{1,3}(?![A-Za-z0-9-]))[A-Za-z0-9][A-Za-z0-9-]{2,63})(?=[ \t]*(?P<end>\n|$))")
_END = re.compile(r"\s*\Z")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)


def without_comments(text: str) -> str:
    """The text with a blank in place of each `%%comment%%`, as many lines as before; code keeps its signs.

    A comment of several lines begins a line or follows a blank, and ends where `%%` ends a line; one that never
    ends is text.
    """
    if "%%" not in text:
        return text
    lines = text.split("\n")
    fence = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        found = _FENCE.match(line)
        if fence:
            closing = found and found["marks"][0] == fence[0] and len(found["marks"]) >= len(fence)
            fence = "" if closing and not line.strip(" \t>`~") else fence
        elif found:
            fence = found["marks"]
        elif "%%" in line:
            at = _cut(lines, at)
            continue
        at += 1
    return "\n".join(lines)


def _cut(lines: list[str], at: int) -> int:
    """Take the comments out of line `at` and of what follows while one goes on; the next line to look at."""
    line = lines[at]
    code = [match.span() for match in _CODE.finditer(line)]
    kept: list[str] = []
    since = 0
    while opened := _OPENS.search(line, since):
        while code and code[0][1] <= opened.start():
            code.pop(0)
        if code and code[0][0] < opened.start():
            kept.append(line[since : code[0][1]])
            since = code[0][1]
            continue
        before = line[since : opened.start()]
        closed = line.find("%%", opened.end())
        blank = closed == opened.end() and not "".join((*kept, before, line[closed + 2 :])).strip()
        if closed < 0 or blank:
            return _cut_lines(lines, at, "".join((*kept, before)), line[opened.start() :]) or at + 1
        glue = " " if before[-1:].strip() and line[closed + 2 : closed + 3].strip() else ""
        kept += [before, glue]
        since = closed + 2
    lines[at] = "".join((*kept, line[since:]))
    return at + 1


def _cut_lines(lines: list[str], at: int, before: str, rest: str) -> int:
    """Take out a comment of several lines that begins `rest` of a line; 0 where it never ends."""
    alone = not before.strip(" \t>")
    for number in range(at + 1, min(len(lines), at + MOST)):
        if not alone and not lines[number].strip():
            break
        if _CLOSES.search(lines[number]):
            lines[at] = before.rstrip() if alone else before
            lines[at + 1 : number + 1] = [""] * (number - at) if alone else [" "] * (number - at)
            return number + 1
    lines[at] = f"{before}{rest}"
    return 0


def block_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for the name of a block, ` ^name` at its end; Logseq's names may end any line."""
    if state.src[state.pos] != "^" or (state.pos and state.src[state.pos - 1] not in " \t\n"):
        return False
    found = _NAME.match(state.src, state.pos, state.posMax)
    if not found or not (_END.match(state.src, found.end(), state.posMax) or _UUID.fullmatch(found["id"])):
        return False
    if not silent:
        state.pending = state.pending.rstrip()
        state.push("block_name", "", 0).content = found["id"]
    state.pos = found.end("id")
    return True


def name_alone(content: str) -> str:
    """The name in a paragraph that is the name of the block above it, "" for other words."""
    found = _NAME.match(content.strip())
    return found["id"] if found and found.end("id") == len(content.strip()) else ""


def names_in(text: str) -> frozenset[str]:
    """The names of the blocks of a text, lower case."""
    found = re.findall(r"(?m)(?:^|[ \t])\^([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*$", text) if "^" in text else []
    return frozenset(name.lower() for name in found)


def without_name(line: str) -> str:
    """A line without the name of its block."""
    return re.sub(r"(?:^|[ \t]+)\^[A-Za-z0-9][A-Za-z0-9-]{2,63}[ \t]*$", "", line) if "^" in line else line.rstrip()
