"""The files of the site that other programs read: feeds, entries.json, llms.txt; and what these share.

A new one is a function here and a line in `WRITERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from paperdiary import shown
from paperdiary.page import Asset, relative
from paperdiary.tidy import INVISIBLE

if TYPE_CHECKING:
    from paperdiary.entry import Entry
    from paperdiary.pages import Site

_HALF = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _feeds(site: Site) -> Iterator[Asset]:
    from paperdiary import feeds

    return feeds.files(site)


def _entries_json(site: Site) -> Iterator[Asset]:
    from paperdiary import entriesjson

    return entriesjson.files(site)


def _llms_txt(site: Site) -> Iterator[Asset]:
    from paperdiary import llmstxt

    return llmstxt.files(site)


def _bibliographies(site: Site) -> Iterator[Asset]:
    from paperdiary import bibsite

    return bibsite.files(site)


WRITERS: tuple[Callable[[Site], Iterator[Asset]], ...] = (_feeds, _entries_json, _llms_txt, _bibliographies)


def files(site: Site) -> list[Asset]:
    """Every file that other programs read, as far as the options ask for it."""
    return [asset for write in WRITERS for asset in write(site)]


def line(text: str) -> str:
    """One line of visible text: no control characters, halves of surrogate pairs or marks that turn text round."""
    if not (text.isascii() and text.isprintable()):
        text = INVISIBLE.sub("", text)
    return " ".join(text.split())


@lru_cache(maxsize=1 << 15)
def told(text: str) -> str:
    """The same, with formulas in letters."""
    return line(shown.plain(text))


def address(site: Site, target: str, base: str) -> str:
    """Where the page or file at URL path `target` lies: whole where there is a `site_url`, else seen from `base`."""
    where = web(site.config.site_url)
    return f"{where.rstrip('/')}/{_encoded(target)}" if where else relative(_encoded(target), base)


@lru_cache(maxsize=1 << 15)
def web(url: str) -> str:
    """An address with all that could end it encoded; "" for one that is not of the web."""
    whole = _encoded(url)
    parts = urlsplit(whole)
    return whole if parts.scheme in {"http", "https"} and parts.netloc else ""


def _encoded(url: str) -> str:
    whole = quote(line(url), safe="%:/?#@!$&*+,;=~-._")
    return _HALF.sub("%25", whole) if "%" in whole else whole


def sources(entry: Entry) -> list[tuple[str, str]]:
    """(label, address) of everything that was read for an entry."""
    found = ((line(source.label), web(source.url)) for source in entry.sources)
    return [(label, url) for label, url in found if url]


def about(site: Site) -> str:
    """A sentence about the diary: the reader's own, or figures."""
    if site.config.description:
        return line(site.config.description)
    read = [e for e in site.entries if e.status != "queued"]
    days = sorted(e.date for e in read if e.date)
    between = f", from {days[0]} to {days[-1]}" if days else ""
    return f"A diary of what was read: {len(read)} {'entry' if len(read) == 1 else 'entries'}{between}."
