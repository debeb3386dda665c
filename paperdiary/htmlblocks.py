"""The HTML blocks of a note, which may open and close each other's elements."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from paperdiary import tags

if TYPE_CHECKING:
    from markdown_it.token import Token

    from paperdiary.reading import Reading

_TABLES = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th", "ul", "ol", "li", "dl", "dt", "dd"))


class HtmlBlocks:
    """The HTML blocks among siblings, which may open and close each other's elements."""

    def __init__(self, contents: list[str], reading: Reading) -> None:
        self.runs = [tags.pieces(content.rstrip("\n"), reading.address, True) for content in contents]
        self.pairs = tags.pair(self.runs, reading.starts, reading.ends)
        self.across = {place[0] for both in self.pairs.across for place in both}
        self.at = 0

    def next(self, top: bool) -> list[str]:
        """The next block; `top` for one at the margin, where Python-Markdown knows HTML."""
        run, self.at = self.at, self.at + 1
        text = tags.write(self.runs[run], run, self.pairs, across=top).strip()
        text = re.sub(r"\n[ \t]*(?=```|~~~)", " ", text)  # fences are read before HTML
        goes_on = run in self.across
        if top and not goes_on and tags.is_block(text):
            return text.split("\n")
        text = re.sub(r"<pre\b.*?</pre>", lambda m: m[0].replace("\n", "&#10;"), text, flags=re.S)
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return lines if goes_on or not lines else [" ".join(lines)]


def merged(groups: list[list[Token]], lines: list[str]) -> list[list[Token]]:
    """Tables and lists in HTML with blank lines between their parts are one block of HTML."""
    html = [n for n, group in enumerate(groups) if group[0].type == "html_block"]
    if len(html) < 2:
        return groups
    runs = [tags.pieces(groups[n][0].content, None, True) for n in html]
    spans: dict[int, int] = {}
    for start, end in tags.pair(runs).across:
        first, final = html[start[0]], html[end[0]]
        code = {"html_block", "code_block"}
        if runs[start[0]][start[1]].name in _TABLES and all(g[0].type in code for g in groups[first : final + 1]):
            spans[first] = max(final, spans.get(first, 0))
    out: list[list[Token]] = []
    at = 0
    while at < len(groups):
        stop = spans.get(at, at)
        token, last = groups[at][0], groups[stop][0]
        if stop > at and token.map and last.map:
            span = [token.map[0], last.map[1]]
            rows = [line for line in lines[span[0] : span[1]] if line.strip()]
            out.append([replace(token, content="\n".join(rows), map=span)])
        else:
            out.append(groups[at])
        at = stop + 1
    return out
