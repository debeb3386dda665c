"""A source -> what is known of it: from arXiv, from the DOI's registrar, from YouTube, from the page itself.

All arXiv papers are asked for together; of other sites each has its function in sites.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from paperdiary import arxiv
from paperdiary import sources as addresses
from paperdiary.entry import Source
from paperdiary.errors import DiaryError, NetworkError, NotFoundError
from paperdiary.tidy import TITLE, clean


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of one thing to be read. All text is one line, without control characters."""

    source: Source  #: as it was asked for
    title: str = ""
    authors: tuple[str, ...] = ()  #: "First Last", in order
    published: str | None = None  #: ISO 8601: a date, a month or a year
    abstract: str = ""
    arxiv: str | None = None  #: canonical id
    doi: str | None = None  #: lower case; of an arXiv paper the publisher's, never 10.48550
    url: str | None = None  #: canonical address for a reader: the abstract page, the landing page
    kind: str = "paper"  #: one of entry.KINDS
    venue: str = ""  #: journal, proceedings, channel or site
    tags: tuple[str, ...] = ()  #: of arXiv papers the categories, readable: "machine learning"
    pdf: str | None = None  #: address of a PDF that anybody may read; for `web.download`
    withdrawn: bool = False
    complete: bool = True  #: False where somebody did not answer: ask again later
    problem: str = ""  #: why it is not complete, for the reader


def look_up(
    sources: Sequence[Source], *, say: Callable[[str], None] = lambda message: None, fresh: bool = False
) -> list[Metadata | DiaryError]:
    """What is known of each source, in order; all arXiv papers are asked for together.

    Where the network fails the answer is a `Metadata` with `complete=False`, the reason in `problem`, and
    what the source itself tells. A NotFoundError stands for what does not exist. Nothing is raised.
    """
    known: dict[str, Metadata | DiaryError] = {}
    for source in sources:
        if source.identity not in known:
            known[source.identity] = _looked_up(source, say)
    ids = [m.arxiv for m in known.values() if isinstance(m, Metadata) and m.arxiv]
    found = arxiv.papers(ids, say=say, fresh=fresh) if ids else arxiv.Found()
    out: list[Metadata | DiaryError] = []
    for source in sources:
        one = known[source.identity]
        if isinstance(one, Metadata):
            one = _with_arxiv(replace(one, source=source), found)
        out.append(one)
    return out


def _looked_up(source: Source, say: Callable[[str], None]) -> Metadata | DiaryError:
    """All but what arXiv knows."""
    from paperdiary.registrar import of_doi
    from paperdiary.sites import LOOKERS, of_page

    if source.arxiv:
        return bare(source)
    try:
        return of_doi(source, say) if source.doi else LOOKERS.get(source.label, of_page)(source, say)
    except NetworkError as e:
        return incomplete(source, _problem(e))
    except DiaryError as e:
        return e


def bare(source: Source) -> Metadata:
    """What a source tells by itself."""
    return Metadata(source, arxiv=source.arxiv, doi=source.doi, url=source.url, kind=source.kind)


def _problem(error: NetworkError) -> str:
    """What happened, without the advice to run the same command again: what is known is kept meanwhile."""
    text = re.sub(r" Run the command again later\.$|, then run the command again(?=\.$)", "", str(error))
    return re.sub(r" Run the command again in ([\w ]+)\.$", r" Ask again in \1.", text)


def incomplete(source: Source, problem: str) -> Metadata:
    """What a source tells by itself, and why there is no more."""
    return replace(bare(source), complete=False, problem=problem)


def _with_arxiv(one: Metadata, found: arxiv.Found) -> Metadata | DiaryError:
    """What arXiv says, added: for an address of arXiv all of it, for a page of another what is missing there."""
    identifier = one.arxiv
    if not identifier:
        return one
    own = one.source.arxiv == identifier or not one.title
    if identifier in found.missing:
        return NotFoundError(f"{found.missing[identifier]} Look for a typing error in the id.") if own else one
    if identifier in found.failed:
        return replace(one, complete=False, problem=_problem(found.failed[identifier]))
    paper = found.papers[identifier]
    pdf = None if paper.withdrawn else arxiv.pdf_url(identifier)
    if own:
        return replace(
            one,
            title=clean(paper.title, TITLE),
            authors=paper.authors,
            published=paper.published or None,
            abstract=clean(paper.abstract),
            doi=paper.doi or one.doi,
            url=addresses.from_arxiv(identifier).url,
            kind="paper",
            venue=paper.journal_ref,
            tags=tags(paper.categories),
            pdf=pdf,
            withdrawn=paper.withdrawn,
        )
    return replace(
        one,
        authors=one.authors or paper.authors,
        published=one.published or paper.published or None,
        abstract=one.abstract if len(one.abstract) >= 200 else clean(paper.abstract),  # a teaser is none
        doi=one.doi or paper.doi,
        kind="paper",
        venue=one.venue or paper.journal_ref,
        tags=tags(paper.categories),
        pdf=one.pdf or pdf,
    )


def tags(categories: Sequence[str]) -> tuple[str, ...]:
    """arXiv's categories as a reader says them, each once: ("cs.LG", "stat.ML") -> ("machine learning",)."""
    table = _categories()
    return tuple(dict.fromkeys(table.get(c.lower(), c) for c in categories))


@cache
def _categories() -> dict[str, str]:
    out = {}
    rows = (Path(__file__).parent / "data" / "arxiv-categories.tsv").read_text(encoding="utf-8").split("\n")
    for row in rows:
        if row and not row.startswith("#"):
            code, title, *tag = row.split("\t")
            out[code.lower()] = tag[0] if tag else title.lower()
    return out


def base(variable: str, default: str) -> str:
    """The address of a service, or of the mirror that the environment names: PAPERDIARY_DOI_URL for "DOI"."""
    return (os.environ.get(f"PAPERDIARY_{variable}_URL") or default).rstrip("/")


def listed(value: Any) -> list[Any]:
    """A list, whether JSON holds one, a single value or nothing."""
    return value if isinstance(value, list) else [] if value is None else [value]
