"""A web page -> what it says of itself: citation_ tags, JSON-LD, Open Graph, the title, an abstract.

What stands in a page is data of a stranger: text is cleaned, lengths and reading time are limited.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from paperdiary.tidy import INVISIBLE, NAME, TITLE, clean, day, name

_AUTHORS = 5000
_SECONDS = 3.0  #: for reading one page, which may be made to take for ever
_STEP = 1 << 14
_BLOCKS = {"p", "br", "div", "li", "h2", "h3", "h4", "h5", "h6", "section", "strong"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "source", "wbr", "area", "base", "col", "embed", "track"}
_ARTICLES = re.compile(
    r"article|blogposting|report|thesis|book|chapter|videoobject|webpage|talk|podcast|creativework", re.I
)
_SCHOLARLY = {"scholarlyarticle", "medicalscholarlyarticle", "thesis", "report", "chapter"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself; every text is clean, "" where it says nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published: str | None = None
    abstract: str = ""
    venue: str = ""  #: journal or proceedings
    site: str = ""
    pdf: str = ""  #: absolute
    canonical: str = ""  #: absolute
    doi: str = ""  #: as given
    arxiv: str = ""  #: as given
    kind: str = ""  #: "paper", "book" or "talk" where the page says so


@dataclass(slots=True)
class _Found:
    meta: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    heading: str = ""
    canonical: str = ""
    linked_data: list[str] = field(default_factory=list)
    abstract: str = ""
    time: str = ""


class _Reader(HTMLParser):
    """Collects; `_capture` is the element whose text is being gathered: (what it is, its tag, its pieces)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = _Found()
        self._capture: tuple[str, str, list[str]] | None = None
        self._depth = 0
        self._abstract_next = False

    def read(self, text: str) -> None:
        text = text.replace("<![", "&lt;![")  # a marked section, which the parser may stumble over
        end = time.monotonic() + _SECONDS
        with contextlib.suppress(AssertionError):
            for at in range(0, len(text), _STEP):
                self.feed(text[at : at + _STEP])
                if time.monotonic() > end:
                    break
            if len(self.rawdata) < _STEP:  # what is left of a page that breaks off
                self.close()
        if self._capture:
            self._done()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attributes[:50]}
        if self._capture:
            if tag == self._capture[1]:
                self._depth += 1
            if tag in _BLOCKS:
                self._capture[2].append(" ")
            return
        if tag == "meta":
            key = (given.get("name") or given.get("property") or given.get("itemprop") or "").strip().lower()
            values = self.found.meta.setdefault(key, []) if key else []
            if given.get("content", "").strip() and len(values) < _AUTHORS:
                values.append(given["content"])
        elif tag == "link" and "canonical" in given.get("rel", "").lower().split():
            self.found.canonical = self.found.canonical or given.get("href", "").strip()
        elif tag == "time" and not self.found.time and given.get("datetime"):
            self.found.time = given["datetime"]
        elif what := self._wanted(tag, given):
            self._capture, self._depth = (what, tag, []), 1

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attributes)

    def _wanted(self, tag: str, given: dict[str, str]) -> str:
        """What the text of an element is, "" for nothing."""
        if tag == "script":
            return "data" if given.get("type", "").strip().lower() == "application/ld+json" else "skip"
        if tag in {"style", "noscript", "svg", "template"}:
            return "skip"
        if tag == "title" and not self.found.title:
            return "title"
        if tag == "h1" and not self.found.heading:
            return "heading"
        if tag in {"h2", "h3", "h4", "h5", "h6"}:
            return "subheading"
        if self.found.abstract or tag in _VOID:
            return ""
        if self._abstract_next and tag == "p":
            return "abstract"
        names = f"{given.get('id', '')} {given.get('class', '')}".lower()
        if tag in {"div", "section", "p", "blockquote", "span"} and re.search(
            r"(?<![\w])(?:[\w]+-)?abstract(?![\w])", names
        ):
            return "abstract"
        return ""

    def handle_endtag(self, tag: str) -> None:
        if self._capture and tag in _BLOCKS:
            self._capture[2].append(" ")
        if not self._capture or tag != self._capture[1]:
            return
        self._depth -= 1
        if not self._depth:
            self._done()

    def _done(self) -> None:
        what, _, pieces = self._capture or ("", "", [])
        self._capture = None
        text = "".join(pieces)
        if what == "data":
            self.found.linked_data.append(text)
        elif what == "title":
            self.found.title = text
        elif what == "heading":
            self.found.heading = text
        elif what == "subheading":
            self._abstract_next = text.strip(" :\n\t").lower() == "abstract"
        elif what == "abstract":
            text = re.sub(r"^\s*abstract\b[\s:.—–-]*", "", text, flags=re.I)
            if len(text.split()) >= 12:
                self.found.abstract = text
            self._abstract_next = False

    def handle_data(self, data: str) -> None:
        if self._capture and self._capture[0] != "skip":
            self._capture[2].append(data)


def read(text: str, url: str) -> Page:
    """The facts of the page `text`, found at `url`."""
    reader = _Reader()
    reader.read(text)
    found = reader.found
    data = next(_articles(found.linked_data), {})
    kinds = {str(k).lower() for k in _listed(data.get("@type"))}

    def first(*keys: str) -> str:
        return next((v[0] for k in keys if (v := found.meta.get(k))), "")

    site = clean(first("og:site_name", "application-name"), NAME)
    cited = first("citation_title", "dc.title", "dcterms.title", "eprints.title", "bepress_citation_title")
    named = _text(data.get("headline") or data.get("name")) or first("og:title", "twitter:title")
    title = clean(cited, TITLE) or _without_site(clean(named or found.title or found.heading, TITLE), site, url)
    people = [
        p
        for k in ("citation_author", "citation_authors", "bepress_citation_author", "eprints.creators_name")
        for p in found.meta.get(k, [])
    ]
    people = (
        [one for p in people for one in p.split(";")] or found.meta.get("dc.creator", []) or _people(data.get("author"))
    )
    people = (
        people
        or [
            a for k in ("author", "article:author", "parsely-author", "sailthru.author") for a in found.meta.get(k, [])
        ][:20]
    )
    about = first("citation_abstract", "dc.description", "dcterms.abstract", "eprints.abstract") or found.abstract
    about = about or _text(data.get("abstract")) or first("og:description", "description", "twitter:description")
    dates = first(
        "citation_publication_date", "citation_date", "citation_cover_date", "citation_online_date", "citation_year"
    )
    dates = dates or first("dc.date", "dc.date.issued", "dcterms.date", "bepress_citation_date", "eprints.date")
    dates = dates or _text(data.get("datePublished") or data.get("uploadDate"))
    dates = (
        dates
        or first("article:published_time", "datepublished", "date", "parsely-pub-date", "og:article:published_time")
        or found.time
    )
    venue = first(
        "citation_conference_title",
        "citation_journal_title",
        "citation_inbook_title",
        "citation_dissertation_institution",
    )
    scholarly = bool(found.meta.get("citation_title")) or bool(kinds & _SCHOLARLY)
    return Page(
        title=title,
        authors=tuple(dict.fromkeys(n for p in people if not re.match(r"https?:|@", p.strip()) and (n := name(p)))),
        published=day(dates),
        abstract=clean(about),
        venue=clean(venue or _text(data.get("isPartOf")) if scholarly else venue, NAME),
        site=site,
        pdf=_address(url, first("citation_pdf_url", "bepress_citation_pdf_url", "eprints.document_url")),
        canonical=_address(url, found.canonical or first("og:url")),
        doi=clean(
            first("citation_doi", "dc.identifier.doi", "prism.doi", "bepress_citation_doi", "publication_doi")
            or _doi(found, data),
            NAME,
        ),
        arxiv=clean(first("citation_arxiv_id"), NAME),
        kind="paper" if scholarly else "talk" if "videoobject" in kinds else "book" if "book" in kinds else "",
    )


def _address(base: str, target: str) -> str:
    target = "".join(INVISIBLE.sub("", target).split())
    if not target:
        return ""
    try:
        whole = urljoin(base, target)
    except ValueError:
        return ""
    return whole if re.match(r"https?://", whole, re.I) and len(whole) <= 2000 else ""


def _doi(found: _Found, data: dict[str, Any]) -> str:
    """A DOI that is the page's own, from the places where other numbers may stand too."""
    own = [*found.meta.get("dc.identifier", []), *found.meta.get("dcterms.identifier", [])]
    own += [_text(v.get("value") if isinstance(v, dict) else v) for v in _listed(data.get("identifier"))]
    return next((v for v in own if re.match(r"\s*(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S", v, re.I)), "")


def _without_site(title: str, site: str, url: str) -> str:
    """A title without the name of the site behind it, as in "Lamps - Wikipedia"."""
    found = re.fullmatch(r"(?P<title>.*\S)(?:\s*[|·•]\s*|\s+[–—-]+\s+|:\s+)(?P<site>[^|·•–—]{1,60}?)\s*", title)
    if not found:
        return title
    names = {_letters(site), *(_letters(label) for label in (urlsplit(url).hostname or "").split("."))} - {""}
    return found["title"] if _letters(found["site"]) in names else title


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _people(value: Any) -> list[str]:
    return [t for one in _listed(value)[:_AUTHORS] if (t := _text(one))]


def _articles(texts: list[str]) -> Iterator[dict[str, Any]]:
    """The objects of a page's JSON-LD that describe what is read there, the most telling first."""
    out: list[dict[str, Any]] = []
    for text in texts[:20]:
        try:
            todo = _listed(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
        for one in todo[:200]:
            if isinstance(one, dict):
                graph = [g for g in _listed(one.get("@graph"))[:200] if isinstance(g, dict)]
                out += [o for o in (*graph, one) if _ARTICLES.search(" ".join(map(str, _listed(o.get("@type")))))]
    general = ("webpage", "creativework")
    yield from sorted(out, key=lambda o: any(g in str(o.get("@type")).lower() for g in general))
