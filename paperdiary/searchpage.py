"""The search page, and the box that leads to it from every page; what happens there is in assets/search/."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from paperdiary import shown
from paperdiary.entry import Entry
from paperdiary.listing import newest

SCRIPTS = Path(__file__).parent / "assets" / "search"
DATA = "search/"  #: where the files of the search lie in the site; docs/search-format.md
_HEADER = '<header class="md-header'
_MADE = ' data-made=""'
_BEFORE = '<div class="md-header__source">'


def body(
    template: Any,
    entries: Sequence[Entry],
    *,
    url: Callable[[str], str],
    map_page: str | None,
    topics: dict[str, str],
) -> str:
    """The search page: a form, room for results, and a list of all entries for a browser that cannot search.

    Args:
        template: the module of search.html.
        url: a URL path in the site -> its address from the page.
        map_page: URL path of the map; None where there is none.
        topics: folder -> name.
    """
    rows = [{"link": url(e.page), "title": shown.plain(e.title), "date": e.date} for e in newest(entries)]
    where = url(map_page) if map_page else None
    return str(template.page(rows, url(DATA), url(""), where, topics))


def with_box(html: str, box: str) -> str:
    """A page of Material for MkDocs with the search box in its header; any other page as it is."""
    start = html.find(_HEADER)
    end = html.find("</nav>", start)
    if start < 0 or end < 0:
        return html
    source = html.find(_BEFORE, start, end)
    at = source if source >= 0 else end
    return f"{html[:at]}{box}{html[at:]}"


def with_made(html: str, made: str) -> str:
    """The search page with the fingerprint of the search files that belong to it, "" for none."""
    return html.replace(_MADE, _MADE.replace('""', f'"{escape(made)}"'), 1)


def scripts() -> list[Path]:
    """The page's scripts and its style sheet."""
    return sorted(p for p in SCRIPTS.iterdir() if p.suffix in {".js", ".css"})
