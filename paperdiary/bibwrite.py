"""A record as an entry of a .bib file, for BibTeX or for biblatex."""

from __future__ import annotations

import re
from collections.abc import Mapping

from paperdiary.bibnames import in_bibtex
from paperdiary.bibrecord import TYPES, Record, sure_kind
from paperdiary.bibtext import address, escaped, escaped_plainly, title

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: fields whose letters mean themselves, without formulas
_BARE = ("isbn", "issn", "archive", "archive_id", "primaryclass")
_THESES = {"phdthesis": "phdthesis", "mastersthesis": "mathesis"}


def bibtex(record: Record, *, whole: bool = True) -> str:
    """For BibTeX, and every reference manager.

    Args:
        whole: with abstract and keywords.
    """
    form = TYPES[record.type]
    fields = {"title": title(record.title, record.keep), **_people(record)}
    if record.date:
        fields["year"] = record.date[:4]
    month = int(record.date[5:7]) if re.match(r"\d{4}-\d\d", record.date) else 0
    if 1 <= month <= 12:
        fields["month"] = MONTHS[month - 1]
    if len(record.date) == 10:
        fields["day"] = record.date[8:].lstrip("0")
    fields |= _where(record)
    if record.arxiv:
        fields |= {"eprint": record.arxiv, "archiveprefix": "arXiv"}
    elif "archive_id" in fields:
        archive = fields.pop("archive", "")
        fields |= {"eprint": fields.pop("archive_id"), **({"archiveprefix": archive} if archive else {})}
    if how := _how(record):
        fields.setdefault("howpublished", how)
    return _entry(form.bibtex, record.key, {**fields, **_links(record), **(_about(record) if whole else {})})


def biblatex(record: Record, *, whole: bool = True) -> str:
    """For biblatex and biber: its own types, `date`, `eprinttype`, `journaltitle`, `location`."""
    form = TYPES[record.type]
    fields = {"title": title(record.title, record.keep), **_people(record), "date": record.date}
    names = {"journal": "journaltitle", "address": "location", "school": "institution", "primaryclass": "eprintclass"}
    names |= {"archive": "eprinttype", "archive_id": "eprint", "language": "langid"}
    fields |= {names.get(name, name): value for name, value in _where(record).items()}
    if record.arxiv:
        fields |= {"eprint": record.arxiv, "eprinttype": "arxiv"}
    if record.type in _THESES:
        fields["type"] = _THESES[record.type]
    if form.biblatex == "online" and record.type != "preprint":
        fields["entrysubtype"] = record.type
    elif form.biblatex == "misc" and (how := _how(record)):
        fields.setdefault("howpublished", how)
    return _entry(form.biblatex, record.key, {**fields, **_links(record), **(_about(record) if whole else {})})


def _how(record: Record) -> str:
    """What tells a @misc from others; a paper needs it only where its address looks like something else."""
    if record.type == "paper" and (record.arxiv or sure_kind(record.url) == "paper"):
        return ""
    return TYPES[record.type].how


def _people(record: Record) -> dict[str, str]:
    found = {"author": record.authors, "editor": record.editors}
    return {name: " and ".join(in_bibtex(one) for one in people) for name, people in found.items() if people}


def _where(record: Record) -> dict[str, str]:
    out = {}
    for name, value in record.fields.items():
        out[name] = escaped_plainly(value) if name in _BARE else escaped(value)
        if name == "pages":
            out[name] = out[name].replace("–", "--")
    return out


def _links(record: Record) -> dict[str, str]:
    doi = re.sub(r"[\s{}\\]", lambda m: f"%{ord(m[0]):02X}", record.doi)
    accessed = record.accessed if record.url else ""
    return {"doi": doi, "url": address(record.url), "urldate": accessed}


def _about(record: Record) -> dict[str, str]:
    words = (f"{{{k}}}" if re.search("[,;]", k) else k for k in map(escaped, record.keywords))
    abstract = "\n\n".join(escaped(part) for part in record.abstract.split("\n\n"))
    return {"abstract": abstract, "keywords": ", ".join(words)}


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {n} = {v}," if n == "month" else f"  {n} = {{{v}}}," for n, v in fields.items() if v]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])
