"""A web address -> what is known of it: from a site's own interface, or from the page itself.

Each kind of site is one function and one line in `LOOKERS`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from paperdiary import sources, web
from paperdiary.entry import Source
from paperdiary.errors import NetworkError, NotFoundError
from paperdiary.latex import readable
from paperdiary.metadata import Metadata, bare, base, incomplete, listed
from paperdiary.tidy import NAME, TITLE, clean
from paperdiary.wire import host

if TYPE_CHECKING:
    from paperdiary.webpage import Page

_HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/plain")
#: titles of pages that keep programs out, log in, or have nothing to show
_CLOSED = re.compile(
    r"\W*(?:(?:error )?(?:403|404|50\d)(?: (?:error|forbidden|not found|bad gateway|service \w{0,11} ?unavailable))?"
    r"|just a moment|attention required|access (?:to this page has been )?denied|are you (?:a )?(?:human|robot).{0,20}"
    r"|verify(?:ing)? (?:that )?you are.{0,20}|(?:security|captcha) ?(?:check|challenge)?|forbidden|sign in|log ?in"
    r"|please wait|(?:please )?enable javascript.{0,30}|javascript is (?:required|disabled)|redirecting"
    r"|before you continue|(?:page )?not found|openreview|loading|untitled)\W*(?:(?:[|:·–—-]| to ).{0,40})?",
    re.I,
)
_BY_HAND = "What is known is kept; fill in the rest by hand."


def _of_video(source: Source, say: Callable[[str], None]) -> Metadata:
    """Title and channel by oEmbed (https://oembed.com); what has none, such as a channel, by its page."""
    service = base("YOUTUBE", "https://www.youtube.com") + "/oembed"
    if source.label == "Vimeo":
        service = base("VIMEO", "https://vimeo.com") + "/api/oembed.json"
    answer = web.fetch(
        f"{service}?{urlencode({'url': source.url, 'format': 'json'})}", accept="application/json", say=say
    )
    if answer.status == 404:
        raise NotFoundError(f"There is no video at {source.url}. Look for a typing error in the address.")
    value = _json(answer) if answer.status == 200 else {}
    title = clean(str(value.get("title") or ""), TITLE)
    if not title:
        return of_page(source, say)
    channel = clean(str(value.get("author_name") or ""), NAME)
    return replace(bare(source), title=title, authors=(channel,) if channel else (), venue=source.label)


def _of_forum(source: Source, say: Callable[[str], None]) -> Metadata:
    """OpenReview: from its API, which names all authors, or from the forum's page."""
    identifier = parse_qs(urlsplit(source.url).query).get("id", [""])[0]
    chosen = os.environ.get("PAPERDIARY_OPENREVIEW_URL")
    bases = [chosen.rstrip("/")] if chosen else ["https://api2.openreview.net", "https://api.openreview.net"]
    for api in bases if re.fullmatch(r"[\w-]{5,40}", identifier) else []:
        try:
            answer = web.fetch(f"{api}/notes?{urlencode({'id': identifier})}", accept="application/json", say=say)
        except NetworkError:
            break
        note = next((n for n in listed(_json(answer).get("notes")) if isinstance(n, dict)), None)
        if note and answer.status == 200:
            one = _from_note(source, note)
            if one.title:
                return one
    one = of_page(source, say)
    if len(one.authors) == 1 and one.complete:  # the page's tags name the last author only
        why = f"OpenReview's page may name one of several authors. {_BY_HAND}"
        return replace(one, complete=False, problem=why)
    return one


def _from_note(source: Source, note: dict[str, Any]) -> Metadata:
    raw = note.get("content")
    content = raw if isinstance(raw, dict) else {}
    values = {k: v.get("value") if isinstance(v, dict) else v for k, v in content.items()}
    people = [p.get("fullname") or p.get("name") if isinstance(p, dict) else p for p in listed(values.get("authors"))]
    moment = next((note[k] for k in ("pdate", "odate", "cdate") if isinstance(note.get(k), (int, float))), None)
    venue = clean(str(values.get("venue") or ""), NAME)
    forum = str(note.get("forum") or note.get("id") or "")
    return Metadata(
        source,
        title=clean(readable(str(values.get("title") or "")), TITLE),
        authors=tuple(clean(str(p), NAME) for p in people if p),
        published=_date_of(moment),
        abstract=clean(readable(str(values.get("abstract") or ""))),
        url=source.url,
        venue=venue,
        pdf=f"https://openreview.net/pdf?id={forum}" if values.get("pdf") else None,
        withdrawn="withdrawn" in venue.lower(),
    )


def _date_of(milliseconds: float | None) -> str | None:
    try:
        return (
            dt.datetime.fromtimestamp((milliseconds or 0) / 1000, dt.UTC).date().isoformat() if milliseconds else None
        )
    except (ValueError, OverflowError, OSError):
        return None


def _of_repository(source: Source, say: Callable[[str], None]) -> Metadata:
    """Code: "owner/name" is what people call it, the description says what it is."""
    one = of_page(source, say)
    parts = [p for p in urlsplit(source.url).path.split("/") if p]
    if len(parts) < 2:
        return one
    called = "/".join(parts[:2]).removesuffix(".git")
    about = re.sub(
        rf"(?:\s*[-.]\s*)?(?:Contribute to )?{re.escape(called)}(?: development by .*)?\.?\s*$",
        "",
        one.abstract,
        flags=re.I,
    )
    return replace(
        one,
        title=called if len(parts) == 2 else one.title or called,
        abstract=about,
        authors=one.authors or (parts[0],),
    )


def _json(answer: web.Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def of_page(source: Source, say: Callable[[str], None]) -> Metadata:
    """From what a page says of itself; a link that was shortened is followed to what it stands for."""
    from paperdiary import webpage

    answer = web.fetch(
        source.url,
        accept="text/html, application/xhtml+xml;q=0.9, application/pdf;q=0.8, */*;q=0.5",
        max_bytes=3_000_000,
        cut=True,
        types=_HTML,
        say=say,
    )
    if answer.status in {404, 410}:
        raise NotFoundError(f"There is no page at {source.url}. Look for a typing error in the address.")
    arrived = sources.resolve(answer.url)
    if arrived and arrived.arxiv:
        return replace(bare(arrived), source=source)
    if answer.status >= 400:
        refused = f"{host(answer.url)} does not show this page to programs (HTTP {answer.status})."
        return incomplete(source, f"{refused} {_BY_HAND}")
    if answer.type == "application/pdf" or answer.body.startswith(b"%PDF-"):
        return replace(bare(source), kind="paper", pdf=answer.url)
    if answer.type and answer.type not in _HTML:
        return replace(bare(source), title=clean(urlsplit(answer.url).path.rsplit("/", 1)[-1], TITLE))
    page = webpage.read(answer.text, answer.url)
    if not page.title or (_CLOSED.fullmatch(page.title) and not page.authors) or "/login" in urlsplit(answer.url).path:
        return incomplete(source, f"{host(answer.url)} shows this page only in a browser. {_BY_HAND}")
    return _from_page(source, page, answer.url)


def _from_page(source: Source, page: Page, url: str) -> Metadata:
    own = next((r for a in (page.canonical, page.doi, page.pdf) if a and (r := sources.resolve(a)) and r.arxiv), None)
    identifier = sources.arxiv_id(page.arxiv) or (own.arxiv if own else None)
    doi = sources.doi_in(page.doi)
    kind = page.kind if page.kind and source.kind in {"blog", "paper", "note"} else source.kind
    paper = kind == "paper"
    pdf = page.pdf if page.pdf and not sources.arxiv_id(page.pdf) else None
    return Metadata(
        source,
        title=clean(readable(page.title), TITLE) if paper else page.title,
        authors=page.authors,
        published=page.published,
        abstract=clean(readable(page.abstract)) if paper else page.abstract,
        arxiv=identifier,
        doi=None if not doi or doi.startswith("10.48550/") else doi,
        url=_address(source, page, url),
        kind=kind,
        venue=page.venue or (page.site if kind != "paper" else ""),
        pdf=pdf,
    )


def _address(source: Source, page: Page, url: str) -> str:
    """The address to keep: the page's own where it is one of this site, the one asked for, or where that led."""
    try:
        asked, arrived, own = urlsplit(source.url), urlsplit(url), urlsplit(page.canonical)
    except ValueError:
        return source.url
    if own.hostname and own.hostname == arrived.hostname and (own.path.strip("/") or not arrived.path.strip("/")):
        return sources.canonical_url(page.canonical)
    return source.url if asked.hostname == arrived.hostname else sources.canonical_url(url)


#: Source.label -> what looks it up; anything else is a page
LOOKERS: dict[str, Callable[[Source, Callable[[str], None]], Metadata]] = {
    "YouTube": _of_video,
    "Vimeo": _of_video,
    "OpenReview": _of_forum,
    "GitHub": _of_repository,
    "GitLab": _of_repository,
}
