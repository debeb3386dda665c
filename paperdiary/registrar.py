"""A DOI -> what its registrar knows: Crossref, DataCite and others, by content negotiation at doi.org."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from paperdiary import sources, web
from paperdiary.entry import Source
from paperdiary.errors import DiaryError, NotFoundError
from paperdiary.latex import readable
from paperdiary.metadata import Metadata, base, listed
from paperdiary.sites import of_page
from paperdiary.tidy import NAME, TITLE, clean, day

_CSL = "application/vnd.citationstyles.csl+json, application/citeproc+json;q=0.9"


def of_doi(source: Source, say: Callable[[str], None]) -> Metadata:
    """From the DOI's registrar (https://citation.doi.org/docs.html), or from the page that the DOI leads to."""
    doi = source.doi or ""
    address = f"{base('DOI', 'https://doi.org')}/{quote(doi, safe='/:;()._-')}"
    at_registrar = source.url == f"https://doi.org/{doi}"
    answer = web.fetch(address, accept=_CSL, max_bytes=10_000_000, say=say)
    if answer.status == 200 and "json" in answer.type:
        one = _from_csl(source, answer)
        if one:
            return one
    if answer.status == 404 and at_registrar:
        raise NotFoundError(f"There is no DOI {doi}. Look for a typing error in it.")
    page = of_page(replace(source, url=address) if at_registrar else source, say)
    return replace(page, source=source, doi=doi, url=source.url)


def _from_csl(source: Source, answer: web.Answer) -> Metadata | None:
    from paperdiary.importing import csl

    try:
        value = json.loads(answer.text)
        items, _ = csl.parse(json.dumps([value]), answer.url)
    except (DiaryError, ValueError, RecursionError, TypeError, AttributeError):
        return None
    if not items:
        return None
    item = items[0]
    below = [clean(str(s), TITLE) for s in listed(value.get("subtitle")) if isinstance(s, str) and s.strip()]
    title = clean(readable(item.title), TITLE)
    if below and below[0].lower() not in title.lower():
        title = clean(f"{title}: {below[0]}", TITLE)
    venue = next((v for k in ("container-title", "event", "publisher") if (v := _first(value.get(k)))), "")
    abstract = re.sub(
        r"<(?:jats:)?title[^<>]*>\s*abstract\s*</(?:jats:)?title>", " ", str(value.get("abstract") or ""), flags=re.I
    )
    abstract = re.sub(r"<(/?)(?!br|p)[\w:-]+(?:\s[^<>]*)?/?>", "", re.sub(r"<(/?)jats:", r"<\1", abstract))
    return Metadata(
        source,
        title=title,
        authors=tuple(dict.fromkeys(clean(readable(a), NAME) for a in item.authors)),
        published=day(item.published),
        abstract=clean(readable(abstract)),
        arxiv=_preprint(value) or item.arxiv or None,
        doi=source.doi,
        url=source.url,
        kind=item.kind or source.kind,
        venue=clean(venue, NAME),
        pdf=_open_pdf(value),
    )


def _preprint(value: dict[str, Any]) -> str | None:
    """The arXiv id of the same work, where the registrar knows it."""
    relation = value.get("relation")
    for how in ("has-preprint", "is-same-as", "is-version-of", "has-version", "is-identical-to"):
        for one in listed(relation.get(how)) if isinstance(relation, dict) else []:
            identifier = sources.arxiv_id(str(one.get("id") or "")) if isinstance(one, dict) else None
            if identifier:
                return identifier
    return None


def _open_pdf(value: dict[str, Any]) -> str | None:
    """The publisher's PDF, where a Creative Commons licence lets anybody read it."""
    licences = [str(one.get("URL")) for one in listed(value.get("license")) if isinstance(one, dict)]
    if not any("creativecommons.org" in licence for licence in licences):
        return None
    links = [one for one in listed(value.get("link")) if isinstance(one, dict)]
    found = [str(one.get("URL")) for one in links if str(one.get("content-type")).lower() == "application/pdf"]
    return next((sources.canonical_url(url) for url in found if sources.is_link(url)), None)


def _first(value: Any) -> str:
    return next((one for one in listed(value)[:1] if isinstance(one, str)), "")
