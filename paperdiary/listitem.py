"""One line of a list of papers, and which note it leads to."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from paperdiary import sources

HOSTED = re.compile(
    r"https?://(?:www\.)?(?:github|gitlab|gitee)\.com/[^/\s]+/[^/\s]+/(?:-/)?(?:blob|tree|raw)/[^/\s]+/(?P<path>[^?#\s]+\.(?:md|markdown))",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list."""

    title: str
    target: str  #: what its first link leads to, as written; "" for an empty link
    date: str | None  #: ISO 8601
    description: str
    line: int  #: 1-based, in the text that was read
    end: int  #: last line
    urls: tuple[str, ...] = ()  #: web addresses in it
    values: tuple[tuple[str, str], ...] = ()  #: other fields, from the columns of a table
    queued: bool = False
    pointer: bool = False  #: of a table of contents: no entry of its own, wherever it leads

    @property
    def hosted(self) -> str | None:
        """The path in its repository of a note that the item names by its address on a host of code."""
        found = HOSTED.match(self.target)
        return unquote(found["path"]) if found else None

    def note(self, page: str) -> str | None:
        """The path under notes/ that the item leads to, seen from the page at `page`."""
        target = unquote(self.target.split("#")[0].strip())
        if not target or sources.is_link(target) or re.match(r"^[a-z]+:", target, re.I):
            return None
        joined = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(page), target)
        return posixpath.normpath(joined)
