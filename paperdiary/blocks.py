"""The blocks of a note, written as Python-Markdown reads them: the second half of `dialect.py`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from paperdiary import tags
from paperdiary.inline import Reading, is_huge
from paperdiary.wikilinks import heading_id

if TYPE_CHECKING:
    from markdown_it.token import Token

SLUGS = "toc.slugify"  #: stands among the extensions where anchors keep the letters of every script
_BLANK = "&nbsp;"
_CALLOUT = re.compile(r"\[!(?P<kind>[\w-]+)\](?P<fold>[+-]?)[ \t]*(?P<title>[^\n]*)(?:\n|$)")
#: names of Obsidian's and GitHub's callouts -> the theme's
_CALLOUTS = {
    **{n: n for n in ("note", "abstract", "info", "tip", "success", "question", "warning", "failure", "danger")},
    **{n: n for n in ("bug", "example", "quote")},
    **dict.fromkeys(("summary", "tldr"), "abstract"),
    **dict.fromkeys(("hint", "important"), "tip"),
    **dict.fromkeys(("check", "done"), "success"),
    **dict.fromkeys(("help", "faq"), "question"),
    **dict.fromkeys(("caution", "attention"), "warning"),
    **dict.fromkeys(("fail", "missing"), "failure"),
    "error": "danger",
    "cite": "quote",
    "todo": "info",
}
_LANGUAGE = re.compile(r"\{?\.?(?P<name>[\w#+-][\w#.+-]*)")
_OPTIONS = re.compile(r"(?:[ \t]+(?:title=\"[^\"\n]*\"|linenums=\"\d+\"|hl_lines=\"\d+(?:-\d+)?(?: \d+(?:-\d+)?)*\"))*")
_TABLES = frozenset(("table", "thead", "tbody", "tfoot", "tr", "td", "th", "ul", "ol", "li", "dl", "dt", "dd"))
_REPEATED = 20  #: headings of one text after which each gets an anchor of its own
_VAST = 50_000  #: tags of a block of HTML that is shown as its source
_PIPES = re.compile(r"\\.|`+|\$|\|", re.S)


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

    def document(self, tokens: list[Token]) -> list[str]:
        """All lines of the page."""
        for token in tokens:
            if token.type == "html_block" and token.content.count("<") > _VAST:
                token.type = "code_block"
        self.reading.prepare(tokens)
        lines = self.blocks(self._merged(_siblings(tokens)))
        for _, html in self.waiting:
            lines += ["", html] if lines else [html]
        return [*lines, *self.notes]

    def _due(self, token: Token) -> Iterator[str]:
        """Inserts whose place is before this block."""
        while self.waiting and token.map and self.waiting[0][0] <= token.map[0]:
            yield self.waiting.pop(0)[1]

    def blocks(self, groups: list[list[Token]], tight: bool = False) -> list[str]:
        """A run of sibling blocks, a blank line between each two unless `tight`."""
        out: list[str] = []
        before = ""
        html = _Html([g[0].content for g in groups if g[0].type == "html_block"], self.reading)
        for group in groups:
            kind = group[0].type
            for placed in self._due(group[0]):
                out += ["", placed] if out else [placed]
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
            return [f"{'#' * min(int(first.tag[1]) + self.deeper, 6)} {self.heading(group[1].content)}".rstrip()]
        if first.type == "fence":
            return self.fence(first)
        if first.type == "code_block":
            return _fence(first.content, "", "```")
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
            simple = self.depth == 0 and len(re.findall("[<>&]", content)) < 50_000
            return [f"<p>{escape(content)}</p>"] if simple else _fence(content, "", "```")
        return self.reading.paragraph(content)

    def heading(self, content: str) -> str:
        """The text of a heading, with an anchor where Python-Markdown's own would be a mere number."""
        text = self.reading.one_line(content)
        if text.endswith("#"):
            text = f"{text[:-1]}\\#"
        letters = SLUGS in self.extensions
        slug = heading_id(content, letters)
        self.anchors[slug] += 1
        number = self.anchors[slug]
        wanted = slug and (number > _REPEATED or not (letters or slug.isascii()))
        if wanted and not text.rstrip().endswith("}") and "attr_list" in self.extensions:
            text += f" {{#{slug}{f'_{number - 1}' if number > 1 else ''}}}"
        return text

    def fence(self, token: Token) -> list[str]:
        if token.info.strip().lower() == "math" and self.reading.formulas:
            return [self.reading.math(token.content, token.content, True)]
        return _fence(token.content, token.info.strip(), token.markup)

    def quote(self, group: list[Token]) -> list[str]:
        """A quote, or the callout that Obsidian and GitHub make of one."""
        inside = group[1:-1]
        callout = _CALLOUT.match(inside[1].content) if inside and inside[0].type == "paragraph_open" else None
        if not callout:
            return [f"> {line}".rstrip() for line in self.inner(inside)]
        kind = callout["kind"].lower()
        title = callout["title"].strip() or kind.replace("-", " ").capitalize()
        rest = inside[1].content[callout.end() :]
        inside[1].content = rest
        if not rest.strip():
            inside = inside[3:]
        body = self.inner(inside)
        if "admonition" not in self.extensions:
            return [f"> {line}".rstrip() for line in [f"**{self.reading.one_line(title)}**", "", *body]]
        fold = "pymdownx.details" in self.extensions and {"+": "???+", "-": "???"}.get(callout["fold"])
        head = f'{fold or "!!!"} {_CALLOUTS.get(kind, "note")} "{self.reading.one_line(title)}"'
        return [head, "", *_further(body)] if body else [head]

    def indented(self, group: list[Token]) -> list[str]:
        """A block of Python-Markdown's own: its first line and what is indented below it."""
        parts = group[0].meta
        title = "" if parts.get("title") is None else f' "{self.reading.one_line(parts["title"])}"'
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
        if not inside or inside[0].type != "paragraph_open":
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
        return self.reading.paragraph(f"\\[{token.meta['label']}]: {shown}" + (f' "{title}"' if title else ""))

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
            if not lines or inside[0].type not in {"paragraph_open", "heading_open", "math_block"}:
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
                rows.append(_cells(token.meta["row"], len(marks)) if marks else [])
            elif token.type == "th_open":
                rows[0].append(inside.content)
                side = str(token.attrs.get("style", "")).removeprefix("text-align:")
                marks.append({"left": ":--", "right": "--:", "center": ":-:"}.get(side, "---"))
        shown = [[self.reading.one_line(cell, True) for cell in row] for row in rows]
        return [f"| {' | '.join(row)} |" for row in [shown[0], marks, *shown[1:]]]

    def _merged(self, groups: list[list[Token]]) -> list[list[Token]]:
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
                lines = [line for line in self.lines[span[0] : span[1]] if line.strip()]
                out.append([replace(token, content="\n".join(lines), map=span)])
            else:
                out.append(groups[at])
            at = stop + 1
        return out


class _Html:
    """The HTML blocks among siblings, which may open and close each other's elements."""

    def __init__(self, contents: list[str], reading: Reading) -> None:
        self.runs = [tags.pieces(content.rstrip("\n"), reading.address, True) for content in contents]
        self.pairs = tags.pair(self.runs, reading.starts, reading.ends)
        self.at = 0

    def next(self, top: bool) -> list[str]:
        """The next block; `top` for one at the margin, where Python-Markdown knows HTML."""
        run, self.at = self.at, self.at + 1
        text = tags.write(self.runs[run], run, self.pairs, across=top).strip()
        text = re.sub(r"\n\s*(?=```|~~~)", " ", text)  # fences are read before HTML
        goes_on = any(run in (start[0], end[0]) for start, end in self.pairs.across)
        if top and not goes_on and tags.is_block(text):
            return text.split("\n")
        text = re.sub(r"<pre\b.*?</pre>", lambda m: m[0].replace("\n", "&#10;"), text, flags=re.S)
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return lines if goes_on or not lines else [" ".join(lines)]


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


def _fence(content: str, info: str, mark: str) -> list[str]:
    """Code between fences; what its first line says beside the language is the title."""
    body = content[:-1] if content.endswith("\n") else content
    runs = {sign: max((len(m[1]) for m in re.finditer(rf"(?m)^\s*({sign}+)", body)), default=0) for sign in "`~"}
    sign = mark[:1] or "`"
    if runs[sign] > 100:  # none that anyone wrote
        sign = min(runs, key=lambda s: runs[s])
    mark = sign * max(3, runs[sign] + 1)
    found = _LANGUAGE.match(info)
    name = found["name"] if found else ""
    rest = info[found.end() :] if found else info
    if not _OPTIONS.fullmatch(rest.rstrip()) and not re.fullmatch(r"\{\s*\.[^{}\n]*\}", info):
        words = rest.strip(" \t{}:,")
        rest = f' title="{escape(words)}"' if re.search(r"[^\W\d_]", words) else ""
        info = f"{name}{rest}" if name else rest.strip()
    info = info.replace("<", "&lt;")  # a title is put on the page as it is
    return [f"{mark} {info}".rstrip() if info else mark, *body.split("\n"), mark]


def _cells(row: str, columns: int) -> list[str]:
    """The cells of a row; pipes in code and formulas separate nothing where there would be too many."""
    cells = _split(row, False)
    if len(cells) > columns:
        careful = _split(row, True)
        cells = careful if len(careful) <= columns else cells
    if len(cells) > columns:
        cells = [*cells[: columns - 1], " | ".join(cells[columns - 1 :])]
    return [*cells, *[""] * (columns - len(cells))]


def _split(row: str, careful: bool) -> list[str]:
    cells, at, until = [""], 0, ""
    row = row.strip()
    for match in _PIPES.finditer(row):
        cells[-1] += row[at : match.start()]
        at = match.end()
        sign = match[0]
        if sign == "|" and not until:
            cells.append("")
            continue
        if careful and sign[0] in "`$":
            until = "" if until == sign else until or (sign if sign in row[at:] else "")
        cells[-1] += "|" if sign == "\\|" else sign
    cells[-1] += row[at:]
    if row.startswith("|"):
        cells.pop(0)
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]
