"""An entry and the front matter of its note -> one `Record`, from which every form of a citation is written.

What a `.bib` or CSL file says of a work stands in the front matter under BibTeX's own names (`journal`, `volume`,
`pages` …), so that a reader can write it as well; see docs/export.md.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from paperdiary import sources, tidy
from paperdiary.bibnames import OTHERS, Person, person
from paperdiary.bibtext import ALL, balanced, line
from paperdiary.entry import Entry, Note


@dataclass(frozen=True, slots=True)
class Type:
    """What a kind of publication is called in each form."""

    bibtex: str
    biblatex: str
    csl: str
    kind: str = "paper"  #: of an entry, one of entry.KINDS
    how: str = ""  #: `howpublished` of a BibTeX @misc, by which it is told from others


#: by the name that `entrytype` has in the front matter; CSL's names are those that Zotero's importer knows
TYPES = {
    "article": Type("article", "article", "article-journal"),
    "inproceedings": Type("inproceedings", "inproceedings", "paper-conference"),
    "incollection": Type("incollection", "incollection", "chapter"),
    "inbook": Type("inbook", "inbook", "chapter"),
    "book": Type("book", "book", "book", "book"),
    "collection": Type("book", "collection", "book", "book"),
    "proceedings": Type("proceedings", "proceedings", "book", "book"),
    "booklet": Type("booklet", "booklet", "pamphlet", "book"),
    "manual": Type("manual", "manual", "book"),
    "techreport": Type("techreport", "report", "report"),
    "phdthesis": Type("phdthesis", "thesis", "thesis"),
    "mastersthesis": Type("mastersthesis", "thesis", "thesis"),
    "unpublished": Type("unpublished", "unpublished", "manuscript"),
    "preprint": Type("misc", "online", "article"),
    "paper": Type("misc", "misc", "article", how="Paper"),
    "blog": Type("misc", "online", "post-weblog", "blog", "Blog post"),
    "talk": Type("misc", "misc", "speech", "talk", "Talk"),
    "video": Type("misc", "video", "motion_picture", "talk", "Video"),
    "software": Type("misc", "software", "webpage", "code", "Software"),
    "dataset": Type("misc", "dataset", "dataset", "code", "Data set"),
    "patent": Type("misc", "patent", "patent", how="Patent"),
    "online": Type("misc", "online", "webpage", how="Web page"),
    "misc": Type("misc", "misc", "document"),
    "note": Type("misc", "misc", "document", "note", "Note"),
}
_OF_KIND = {"book": "book", "blog": "blog", "talk": "talk", "code": "software", "note": "note"}

#: field of a citation -> the keys of front matter that give it, the first is its own
FIELDS: dict[str, tuple[str, ...]] = {
    "journal": ("journal", "journaltitle"),
    "booktitle": ("booktitle", "conference", "proceedings"),
    "series": ("series",),
    "edition": ("edition",),
    "volume": ("volume",),
    "number": ("number", "issue"),
    "chapter": ("chapter",),
    "pages": ("pages",),
    "publisher": ("publisher",),
    "address": ("address", "location"),
    "school": ("school",),
    "institution": ("institution",),
    "isbn": ("isbn",),
    "issn": ("issn",),
    "language": ("language",),
    "archive": ("archive",),
    "archive_id": ("archive_id",),
    "primaryclass": ("primaryclass",),
    "howpublished": ("howpublished",),
    "note": ("note",),
}
LONGEST = 500  #: characters of a field
_JOURNAL = re.compile(
    r"\b(?:journal|transactions|letters|review|annals|nature|science|cell|plos|magazine|jmlr|tmlr|pnas)\b", re.I
)
_RANGE = re.compile(r"^([A-Za-z]*\d+)\s*[-–—]+\s*([A-Za-z]*\d+)$")
WHOLE = re.compile(r"\s*@(?P<type>[A-Za-z]+)\s*\{\s*(?P<key>[^\s,{}]+)\s*,.*\}\s*$", re.S)


@dataclass(frozen=True, slots=True)
class Record:
    """All that a citation of one work can say. Plain text: Unicode, formulas between dollars."""

    key: str
    type: str  #: one of TYPES
    title: str
    authors: tuple[Person, ...] = ()
    editors: tuple[Person, ...] = ()
    date: str = ""  #: ISO 8601 as exact as it is known: "2017", "2017-06", "2017-06-12"
    fields: Mapping[str, str] = field(default_factory=dict)  #: of FIELDS
    doi: str = ""  #: not of a preprint at arXiv
    arxiv: str = ""
    url: str = ""
    accessed: str = ""  #: the day a page was read
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    keep: Collection[str] = ()  #: words of the title whose capitals stay, or bibtext.ALL


def record(entry: Entry, key: str = "", meta: Mapping[str, Any] | None = None, abstract: str = "") -> Record:
    """What is known of an entry.

    Args:
        key: citation key.
        meta: front matter of its note, where the note is this one entry.
        abstract: see `abstract_of`.
    """
    entry, meta = with_whole(entry, meta or {})
    fields = known(meta)
    doi = entry.doi if entry.doi and not is_arxiv(entry.doi) else ""
    surnames = _texts(meta.get("surnames"))
    names = _texts(meta.get("authors")) if isinstance(meta.get("authors"), list) else []
    given = _text(meta.get("entrytype")).lower()
    kind = given if given in TYPES else derived(entry.kind, fields, doi, entry.arxiv)
    url = entry.url or ""
    if doi and url.lower().endswith(f"doi.org/{doi.lower()}"):
        url = ""
    accessed = tidy.day(meta.get("urldate")) or ""
    if not accessed and entry.kind in {"blog", "code"} and url:
        accessed = entry.date or ""
    keep = meta.get("keep_case")
    people = [person(n, surnames) for n in (names if len(names) == len(entry.authors) else entry.authors)]
    people += [Person(literal=OTHERS)] if meta.get("et_al") is True else []
    return Record(
        key=key,
        type=kind,
        title=line(entry.title),
        authors=tuple(p for p in people if p.display),
        editors=tuple(person(n, surnames) for n in _texts(meta.get("editors") or meta.get("editor"))),
        date=_date(entry),
        fields=fields,
        doi=doi,
        arxiv=entry.arxiv or "",
        url=url,
        accessed=accessed,
        abstract=abstract,
        keywords=tuple(k for tag in entry.tags if (k := line(tag))),
        keep=(ALL,) if keep is True else tuple(_texts(keep)),
    )


def derived(kind: str, fields: Mapping[str, str], doi: str = "", arxiv: str | None = None) -> str:
    """The type of what says none: by its kind and by where it was published."""
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    for name, found in (("booktitle", "inproceedings"), ("school", "phdthesis"), ("institution", "techreport")):
        if name in fields:
            return found
    return "article" if "journal" in fields or doi else "preprint" if arxiv else "paper"


def is_arxiv(doi: str) -> bool:
    """DOIs that DataCite gives to arXiv's papers say no more than the arXiv id."""
    return doi.lower().startswith("10.48550/")


def _date(entry: Entry) -> str:
    """As exact as it is known; a preprint's date is not that of a work that came out in another year."""
    published = entry.published or ""
    if not re.match(r"\d{4}", published):
        return str(entry.year or "")
    return published if not entry.year or published.startswith(str(entry.year)) else str(entry.year)


def known(meta: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a citation that the front matter has; `venue` can be a journal or proceedings."""
    out = {}
    for name, keys in FIELDS.items():
        text = next((t for k in keys if (t := _text(meta.get(k)))), "")
        if text:
            out[name] = pages(text) if name == "pages" else text
    venue = meta.get("venue")
    if isinstance(venue, str) and venue.strip() and not {"journal", "booktitle"} & out.keys():
        out["journal" if _JOURNAL.search(venue) else "booktitle"] = tidy.clean(venue, LONGEST)
    return {name: out[name] for name in FIELDS if name in out}


def pages(text: str) -> str:
    """Pages with en dashes between numbers: "12--19, 30-31" -> "12–19, 30–31"."""
    parts = (re.sub(r"\s+", " ", part).strip() for part in re.sub(r"[^\w\s,.:;+/()–—-]", "", text).split(","))
    return ", ".join(_RANGE.sub(r"\1–\2", part) for part in parts if part)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return tidy.clean(str(value), LONGEST)


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for one in listed if (text := _text(one))]


# -- a whole entry in BibTeX that the reader wrote into the front matter


def whole(meta: Mapping[str, Any]) -> str:
    """The reader's own entry in BibTeX, "" where there is none or it is broken."""
    text = str(meta.get("bibtex") or "").strip()
    return text if text and WHOLE.match(text) and balanced(text) else ""


def with_whole(entry: Entry, meta: Mapping[str, Any]) -> tuple[Entry, Mapping[str, Any]]:
    """An entry and its front matter with what the reader's own BibTeX entry says."""
    text = whole(meta)
    said = {name: value for name, value in _read(text).items() if value not in (None, "", [])} if text else {}
    own: dict[str, Any] = {
        n: said[n] for n in ("title", "year", "published", "doi", "arxiv", "url", "kind") if n in said
    }
    if "authors" in said:
        own["authors"] = tuple(said["authors"])
    return (replace(entry, **own), {**meta, **said}) if said else (entry, meta)


@lru_cache(maxsize=256)
def _read(text: str) -> dict[str, Any]:
    from paperdiary.importing import bibtex, item  # they write the very front matter that is read here

    found, _ = bibtex.parse(text, "")
    return item.citation(found[0]) if found else {}


# -- the abstract in a note

_FOLD = re.compile(
    r"<details\b[^<>]*>\s*<summary>\s*(?:<(\w+)>\s*)?abstract\W*(?:</\1>)?\s*</summary>(?P<text>.*?)</details>",
    re.I | re.S,
)
_KEPT = re.compile(r"(?<![\\$\w])(\$\$?)(?=[^\s$])[^$`]{1,400}(?<=[^\s\\$])\1(?![\w$])")
_MARKED = re.compile(r"[\\<&]")
_MARKS = re.compile(r"\\([!-/:-@\[-`{-~])|<(https?://[^<>\s]+)>|</?[A-Za-z][^<>]*>")


def abstract_of(note: Note, entry: Entry) -> str:
    """The abstract that is folded away in an entry, as plain text; paragraphs are parted by blank lines."""
    text = note.text
    if len(note.entries) > 1:
        text = "\n".join(text.split("\n")[entry.line - 1 - note.offset : entry.end - note.offset])
    found = _FOLD.search(text) if "<details" in text else None
    if not found:
        return ""
    paragraphs = (_plain(" ".join(part.split())) for part in re.split(r"\n[ \t]*\n", found["text"]))
    return "\n\n".join(p for p in paragraphs if p)


def _plain(text: str) -> str:
    out, at = "", 0
    for formula in _KEPT.finditer(text) if "$" in text else ():
        out += _unmarked(text[at : formula.start()]) + formula[0]
        at = formula.end()
    return line(out + _unmarked(text[at:]))


def _unmarked(text: str) -> str:
    if not _MARKED.search(text):
        return text
    return html.unescape(_MARKS.sub(lambda m: m[1] or m[2] or "", text))


def sure_kind(url: str) -> str:
    """The kind of entry that an address alone makes, "paper" for none."""
    found = sources.resolve(url) if url else None
    return found.kind if found else "paper"
