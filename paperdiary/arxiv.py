"""What arXiv knows of papers: the only module that asks arXiv.

Asked is the API (https://info.arxiv.org/help/api/user-manual.html) at PAPERDIARY_ARXIV_URL, or
https://export.arxiv.org: all ids in one request, one request every three seconds over all processes of
this machine (web.py sees to that). What it answers is kept.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from paperdiary import sources, web
from paperdiary.errors import DiaryError, NetworkError
from paperdiary.latex import readable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
#: characters of ids in one request: about 350 new ids; addresses above 8,000 were seen to be refused (414)
_LONGEST = 4000
#: seconds after which a kept answer is asked for again: papers get new versions and DOIs
_FRESH = 14 * 86400
_REFUSED = {
    403: "arXiv has blocked this machine's address (HTTP 403). Run the command again in an hour.",
    406: "arXiv does not accept how it was asked (HTTP 406). Look for a newer version of paperdiary.",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as arXiv describes its newest version."""

    id: str  #: canonical, without a version: "1706.03762", "math/0611800"
    version: int
    title: str  #: one line, accents in Unicode, formulas between dollars
    authors: tuple[str, ...]
    abstract: str  #: one line
    published: str  #: ISO 8601 date of the first version
    updated: str  #: ISO 8601 date of this version
    doi: str | None = None  #: the publisher's, lower case
    journal_ref: str = ""
    categories: tuple[str, ...] = ()  #: the primary one first: ("cs.CL", "cs.LG")
    comment: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What came of asking for several papers; every id asked for is in exactly one of the three."""

    papers: dict[str, Paper] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  #: arXiv has no such paper; a sentence each
    failed: dict[str, NetworkError] = field(default_factory=dict)  #: arXiv did not answer


class _Malformed(Exception):
    """arXiv cannot read the ids; `args[0]` is what it says."""


def papers(ids: Iterable[str], *, say: Callable[[str], None] = lambda message: None, fresh: bool = False) -> Found:
    """Look papers up by their canonical ids; `fresh` asks again for those whose answer is kept.

    Never raises for the network: see `Found.failed`. Where arXiv does not answer, an old answer is better than
    none.
    """
    wanted = list(dict.fromkeys(ids))
    kept = {i: pair for i in wanted if (pair := _kept(i))}
    limit = time.time() - _FRESH
    found = Found({i: paper for i, (paper, asked) in kept.items() if asked > limit and not fresh})
    for batch in _batches([i for i in wanted if i not in found.papers]):
        try:
            got, bad = _asked(batch, say)
        except NetworkError as e:
            found.papers.update({i: kept[i][0] for i in batch if i in kept})
            found.failed.update({i: e for i in batch if i not in kept})
            continue
        for paper in got.values():
            _keep(paper)
        found.papers.update(got)
        found.missing.update({i: bad.get(i) or f"arXiv has no paper {i}." for i in batch if i not in got})
    return found


def pdf_url(identifier: str) -> str:
    """Where a paper's newest PDF is downloaded from (never to be linked to: link to the abstract page)."""
    return f"{_base()}/pdf/{identifier}"


def _base() -> str:
    return (os.environ.get("PAPERDIARY_ARXIV_URL") or "https://export.arxiv.org").rstrip("/")


def _batches(ids: list[str]) -> list[list[str]]:
    out: list[list[str]] = []
    size = _LONGEST
    for identifier in ids:
        size += len(identifier) + 3
        if size > _LONGEST:
            out.append([])
            size = len(identifier) + 3
        out[-1].append(identifier)
    return out


def _asked(ids: list[str], say: Callable[[str], None]) -> tuple[dict[str, Paper], dict[str, str]]:
    """(papers by id, what arXiv says of ids it cannot read); one request, and one more for every such id."""
    bad: dict[str, str] = {}
    left = list(ids)
    while left:
        try:
            return _request(left, say), bad
        except _Malformed as e:
            named = [i for i in left if re.search(rf"\b{re.escape(i)}(?![\w.])", e.args[0])]
            if not named and len(left) > 1:
                raise NetworkError(f"arXiv refuses the request: {e.args[0]}. Add these papers one by one.") from None
            for identifier in named or left:
                bad[identifier] = f"arXiv does not accept the id {identifier}: {e.args[0]}."
            left = [i for i in left if i not in bad]
    return {}, bad


def _request(ids: list[str], say: Callable[[str], None]) -> dict[str, Paper]:
    query = urlencode({"id_list": ",".join(ids), "start": 0, "max_results": len(ids)}, safe=",/")
    answer = web.fetch(f"{_base()}/api/query?{query}", accept="application/atom+xml", busy=_busy, say=say)
    if answer.status not in {200, 400}:
        other = f"arXiv refuses the request (HTTP {answer.status}). Run the command again later."
        raise NetworkError(_REFUSED.get(answer.status, other))
    root = _parsed(answer)
    if root is None:
        raise NetworkError(f"arXiv's answer (HTTP {answer.status}) cannot be read. Run the command again later.")
    out: dict[str, Paper] = {}
    for entry in root.iter(f"{_ATOM}entry"):
        if "/api/errors" in _text(entry, f"{_ATOM}id"):
            raise _Malformed(_text(entry, f"{_ATOM}summary").rstrip(".") or "error without a reason")
        paper = _paper(entry)
        if paper:
            out[paper.id] = paper
    if answer.status == 400:
        raise NetworkError("arXiv refuses the request (HTTP 400). Run the command again later.")
    return {i: out[i] for i in ids if i in out}


def _busy(answer: web.Answer) -> str:
    """A 200 may hold the text "Rate exceeded.", half a feed, or none of the entries that it counts."""
    if answer.status == 500:
        return "is out of order at the moment (HTTP 500)"
    if answer.status != 200:
        return web.busy(answer)
    root = _parsed(answer)
    if root is None and answer.body[:200].lstrip().lower().startswith(b"rate exceeded"):
        return "asks for fewer requests (“Rate exceeded.”)"
    if root is None or root.tag != f"{_ATOM}feed":
        return "sent an answer that cannot be read"
    total = _text(root, f"{_SEARCH}totalResults")
    if total.isdigit() and int(total) > 0 and root.find(f"{_ATOM}entry") is None:
        return f"sent an empty answer in place of {total} papers"
    return ""


def _parsed(answer: web.Answer) -> Element | None:
    """The feed, or None where it is no XML. A document type, the way to entities that explode, is not read."""
    from xml.etree import ElementTree

    text = answer.text
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None


def _text(element: Element, name: str) -> str:
    return " ".join("".join(c for c in element.findtext(name, "") if c.isprintable() or c.isspace()).split())


def _paper(entry: Element) -> Paper | None:
    """One entry; None where it names no paper."""
    found = re.search(r"/abs/(.+?)v(\d{1,4})$", _text(entry, f"{_ATOM}id"))
    identifier = sources.arxiv_id(found[1]) if found else None
    if not found or not identifier:
        return None
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [primary] if primary is not None else []
    names = [e.get("term", "") for e in (*terms, *entry.iter(f"{_ATOM}category"))]
    authors = (_text(a, f"{_ATOM}name") for a in entry.iter(f"{_ATOM}author"))
    doi = sources.doi_in(_text(entry, f"{_ARXIV}doi"))
    comment = readable(_text(entry, f"{_ARXIV}comment"))
    abstract = readable(_text(entry, f"{_ATOM}summary"))
    return Paper(
        id=identifier,
        version=int(found[2]),
        title=readable(_text(entry, f"{_ATOM}title")),
        authors=tuple(dict.fromkeys(readable(a) for a in authors if a)),
        abstract=abstract,
        published=_text(entry, f"{_ATOM}published")[:10],
        updated=_text(entry, f"{_ATOM}updated")[:10],
        doi=None if not doi or doi.startswith("10.48550/") else doi,
        journal_ref=readable(_text(entry, f"{_ARXIV}journal_ref")),
        categories=tuple(dict.fromkeys(n for n in names if re.fullmatch(r"[a-z-]+(?:\.[A-Za-z-]+)?", n))),
        comment=comment,
        withdrawn=is_withdrawn(comment, abstract),
    )


_WORK = r"(?:paper|article|submission|manuscript|preprint|pre-print|e-?print|work|note|report|letter|thesis|draft)"
_GONE = r"(?:withdrawn|retracted)"
_SAID = re.compile(
    rf"(?<!\bof )(?<!\bin )(?<!\bfrom )\b(?:this|the|present|our)\s+{_WORK}\s+(?:has|have|was|is)\s+(?:\w+\s+){{0,3}}?"
    rf"{_GONE}\b|\b(?:authors?|we|i|administrators?|admins?)\b(?:\s+\w+){{0,3}}?\s+(?:withdr[ae]ws?|withdrawn|retract(?:s|ed)?)"
    rf"\s+(?:this|the|our)\s+{_WORK}\b",
    re.I,
)
#: as authors put it into the comment, where no subject is needed
_BRIEF = re.compile(
    rf"(?:^|[.;:!?)]\s+)\W*(?:{_WORK}\s+(?:(?:has\s+been|was|is)\s+)?)?(?:temporarily\s+)?{_GONE}(?=\s*(?:$|[.,;:!)(—–-]|by\b"
    r"|due\b|because\b|for\b|as\b|since\b|from\b|in\b|at\b|on\b|pending\b|until\b|per\b|and\b|to\b|owing\b))",
    re.I,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the newest version is a withdrawal: arXiv says so only in the comment or in place of the abstract."""
    return bool(_SAID.search(comment) or _BRIEF.search(comment) or _SAID.search(abstract[:600]))


def _path(identifier: str) -> Path:
    from paperdiary.turns import cache_dir

    return cache_dir() / "arxiv" / f"{identifier.replace('/', '_')}.json"


def _kept(identifier: str) -> tuple[Paper, float] | None:
    """(the paper, when it was asked for); None where it is not kept or the file is damaged."""
    try:
        kept = json.loads(_path(identifier).read_text(encoding="utf-8"))
        value = kept["paper"]
        if kept["sum"] != _sum(value) or value["id"] != identifier:
            return None
        for name in ("authors", "categories"):
            value[name] = tuple(value[name])
        return Paper(**value), float(kept["asked"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _keep(paper: Paper) -> None:
    from paperdiary.store import write_atomic

    value = json.loads(json.dumps(asdict(paper)))
    row = json.dumps({"asked": int(time.time()), "sum": _sum(value), "paper": value}, ensure_ascii=False)
    try:
        write_atomic(_path(paper.id), row)
    except DiaryError:
        return  # a folder that cannot be written: arXiv is asked again next time


def _sum(value: dict[str, Any]) -> str:
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"
