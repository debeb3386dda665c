"""The abstract in a note: folded away, found by search, and not the reader's own words.

It is written as `<details>` with the summary "Abstract", which GitHub, the site and most editors fold.
`PLACE` marks where it belongs while it is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from paperdiary.inert import markdown
from paperdiary.markup import Block
from paperdiary.spans import Span

PLACE = "<!-- abstract -->"
MOST = 12_000  #: characters of an abstract that are kept
_OPEN = re.compile(r"\s*<details\b[^<>]*>\s*<summary>\s*(?:<(\w+)>\s*)?abstract\W*(?:</\1>)?\s*</summary>", re.I)
_CLOSE = re.compile(r"</details>", re.I)
_TAGS = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.S)


def fold(text: str) -> str:
    """An abstract as a block of a note, "" for none. Paragraphs are what blank lines separate."""
    paragraphs = [markdown(part) for part in re.split(r"\n[ \t]*\n", text[:MOST])]
    inside = "\n\n".join(p for p in paragraphs if p)
    return f"<details>\n<summary>Abstract</summary>\n\n{inside}\n\n</details>" if inside else ""


def set_aside(span: Span, lines: list[str]) -> tuple[Span, list[str], tuple[Block, ...]]:
    """An entry without its abstract, its lines with blank ones there, and the abstract's own blocks.

    What stands in an abstract is neither a field, a source nor a remark of the reader's.
    """
    opened = next((n for n, b in enumerate(span.blocks) if b.kind == "html" and _OPEN.match(_source(b, lines))), None)
    if opened is None:
        return span, lines, ()
    closed = next(
        (n for n, b in enumerate(span.blocks) if n >= opened and b.kind == "html" and _CLOSE.search(_source(b, lines))),
        None,
    )
    if closed is None:
        return span, lines, ()
    inside = span.blocks[opened : closed + 1]
    first, last = inside[0], inside[-1]
    begin = " ".join(_TAGS.sub(" ", _OPEN.sub("", _source(first, lines), count=1)).split())
    words = [replace(first, kind="text", text=begin)] if begin else []
    words += [b for b in inside[1:-1] if b.text]
    rest = [*lines[: first.start], *[""] * (last.end - first.start), *lines[last.end :]]
    blocks = (*span.blocks[:opened], *span.blocks[closed + 1 :])
    return replace(span, blocks=blocks), rest, (replace(first, kind="heading", text="Abstract", level=2), *words)


def _source(block: Block, lines: Sequence[str]) -> str:
    return "\n".join(lines[block.start : block.end])
