"""CommonMark -> the Markdown that MkDocs renders, with the same words at the same depth.

MkDocs uses Python-Markdown, which reads many things otherwise than the tools notes are written with: it
wants nested items indented by four columns and blank lines around lists, tables and fences, and it drops
what it takes for a definition, an attribute or a tag. So notes are read with a CommonMark parser
(`grammar.py`) and written again in the one form on which both agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from paperdiary import grammar
from paperdiary.blocks import SLUGS, Writer
from paperdiary.markup import urls_in
from paperdiary.reading import Reading
from paperdiary.vault import Links

#: what a new diary's mkdocs.yml enables, as far as it matters here
EXTENSIONS = frozenset(("admonition", "attr_list", "footnotes", "md_in_html", "pymdownx.details"))
_PRESETS = {
    "extra": ("attr_list", "footnotes", "md_in_html"),
    "pymdownx.extra": ("attr_list", "footnotes", "md_in_html"),
}


def for_mkdocs(
    text: str,
    deeper: int | None = 0,
    inserts: Mapping[int, Sequence[str]] | None = None,
    links: Links | None = None,
    extensions: frozenset[str] = EXTENSIONS,
    *,
    title: int = 0,
) -> str:
    """The same document for Python-Markdown, its headings `deeper` levels down. Lines may move.

    With None they are as deep as a page needs whose title is the only H1.

    `inserts` are blocks of HTML to be placed before the line (0-based) they are filed under, or after the
    block that this line lies in. `links` finds what wikilinks mean; without it their labels are shown.
    `extensions` are the site's, as `extensions_in` gives them. The heading whose last line is line `title` (1-based)
    is the page's H1, where it stands.
    """
    md = grammar.parser(extensions)
    reading = Reading.of(md, text, links, drawn="pymdownx.arithmatex" not in extensions)
    tokens = md.parse(text, reading.env)
    if deeper is None:
        deeper = int(any(t.type == "heading_open" and t.tag == "h1" and (t.map or [0, 0])[1] != title for t in tokens))
    for token in tokens:
        if token.type == "heading_open" and token.map and token.map[1] == title:
            token.tag = f"h{1 - deeper}"
    writer = Writer(text.split("\n"), deeper, reading, extensions, inserts or {})
    return "\n".join(writer.document(tokens)) + "\n"


def extensions_in(config: Mapping[str, Any]) -> frozenset[str]:
    """Names of the Markdown extensions in an mkdocs.yml, with what presets bring, and `toc.slugify` if it is set."""
    listed = config.get("markdown_extensions") or []
    items = [listed] if isinstance(listed, dict) else [{i: None} if isinstance(i, str) else i or {} for i in listed]
    found = {str(name).removeprefix("markdown.extensions."): value for item in items for name, value in item.items()}
    names = set(found).union(*(_PRESETS.get(name, ()) for name in found))
    toc = found.get("toc")
    return frozenset(names | ({SLUGS} if isinstance(toc, dict) and "slugify" in toc else set()))


def is_plain(text: str) -> bool:
    """True for jottings without Markdown, whose indentation says what belongs to what."""
    lines = [line for line in text.expandtabs(4).split("\n") if line.strip()]
    indented = [line for line in lines if line.startswith("  ")]
    if len(lines) < 3 or len(indented) < 2 or len(indented) == len(lines):
        return False
    rows = text.expandtabs(4).split("\n")
    joined = sum(
        1 for above, line in pairwise(rows) if above.strip() and line.strip() and _indent(line) >= _indent(above) + 2
    )
    if joined < 2 or joined < len(indented) / 12:
        return False
    tokens = grammar.parser(EXTENSIONS).parse(text, {})
    if {t.type for t in tokens} - {"paragraph_open", "paragraph_close", "inline", "code_block"}:
        return False
    return not re.search(r"\]\(|\*\*\S|\[\[|!\[|`[^`\n]+`|</|\$\S[^$\n]*\$", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def plain(text: str) -> str:
    """Jottings as one block that keeps their lines and indentation; addresses are links."""
    html = escape(text.expandtabs(4).strip("\n"))
    for url in sorted(set(urls_in(html)), key=len, reverse=True):
        href = url if "://" in url else f"https://{url}"
        html = re.sub(rf'(?<!["/\w>.]){re.escape(url)}(?![\w/])', f'<a href="{href}">{url}</a>', html)
    html = re.sub(r"[`\\]", lambda m: f"&#{ord(m[0])};", html)
    return f'<pre class="pd-plain">{html}</pre>'
