"""A record as an item of CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html)."""

from __future__ import annotations

import re
from typing import Any

from paperdiary.bibnames import in_csl
from paperdiary.bibrecord import TYPES, Record

#: field -> variable; what differs from type to type is in `_variable`
VARIABLES = {
    "journal": "container-title", "booktitle": "container-title", "series": "collection-title", "edition": "edition",
    "volume": "volume", "chapter": "chapter-number", "pages": "page", "publisher": "publisher",
    "address": "publisher-place", "isbn": "ISBN", "issn": "ISSN", "language": "language", "archive": "archive",
    "archive_id": "archive_location", "note": "note", "howpublished": "medium",
}  # fmt: skip
#: what tells types apart that CSL has one name for
GENRES = {
    "phdthesis": "PhD thesis", "mastersthesis": "Master's thesis", "software": "Software", "online": "Web page",
    "note": "Note", "inbook": "In book", "collection": "Collection", "proceedings": "Proceedings", "manual": "Manual",
}  # fmt: skip


def csl(record: Record) -> dict[str, Any]:
    """The item; text in it holds nothing that is taken for HTML."""
    out: dict[str, Any] = {"id": record.key, "citation-key": record.key, "type": TYPES[record.type].csl}
    out["title"] = text(record.title)
    for name, people in (("author", record.authors), ("editor", record.editors)):
        if people:
            out[name] = [{part: text(value) for part, value in in_csl(one).items()} for one in people]
    if record.date:
        out["issued"] = _day(record.date)
    for name, value in record.fields.items():
        variable = number_of(record.type) if name == "number" else VARIABLES.get(name)
        if name in {"school", "institution"} and "publisher" not in record.fields:
            variable = "publisher"
        if variable:
            out[variable] = text(value.replace("–", "-") if name == "pages" else value)
    if record.type in GENRES:
        out["genre"] = GENRES[record.type]
    if record.arxiv and record.type in {"preprint", "paper"}:  # as Zotero has it
        out |= {"number": f"arXiv:{record.arxiv}", "publisher": out.get("publisher", "arXiv")}
    elif record.arxiv:
        out |= {"archive": "arXiv", "archive_location": record.arxiv}
    if record.arxiv and "primaryclass" in record.fields:
        out.setdefault("note", f"arXiv:{record.arxiv} [{record.fields['primaryclass']}]")
    links = {"DOI": record.doi, "URL": record.url, "abstract": text(record.abstract)}
    out |= {name: value for name, value in links.items() if value}
    if record.accessed and record.url:
        out["accessed"] = _day(record.accessed)
    if record.keywords:
        mark = "; " if any("," in k for k in record.keywords) else ", "
        words = mark.join(text(k.replace(";", ",")) if mark == "; " else text(k) for k in record.keywords)
        out["keyword"] = words if mark == ", " or "; " in words else f"{words};"
    return out


def number_of(kind: str) -> str:
    """The variable that holds BibTeX's `number`."""
    csl_type = TYPES[kind].csl
    if csl_type == "article-journal":
        return "issue"
    return "collection-number" if csl_type in {"book", "chapter", "paper-conference"} else "number"


def text(value: str) -> str:
    """Text in which a program that reads HTML finds none."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", re.sub(r"&(?=#?\w{1,32};)", "&amp;", value))


def _day(date: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in date.split("-")]]}
