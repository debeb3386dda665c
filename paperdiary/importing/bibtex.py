"""A BibTeX file -> one note an entry. An entry that is broken is named; the others are imported."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from paperdiary import sources, tidy
from paperdiary.bibnames import Person, whole
from paperdiary.bibrecord import FIELDS, TYPES, pages
from paperdiary.bibtext import decode, kept_words
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.importing.draft import Found, shown
from paperdiary.importing.item import Item, drafts
from paperdiary.repair import repair

if TYPE_CHECKING:
    from bibtexparser.model import Block

#: type in the file -> type here; the address knows better what a page is, and what a @misc
_TYPES = {
    **dict.fromkeys(("article", "periodical", "suppperiodical"), "article"),
    **dict.fromkeys(("inproceedings", "conference"), "inproceedings"),
    **dict.fromkeys(("incollection", "inreference"), "incollection"),
    **dict.fromkeys(("inbook", "bookinbook", "suppbook"), "inbook"),
    **dict.fromkeys(("book", "mvbook"), "book"),
    **dict.fromkeys(("collection", "mvcollection", "reference"), "collection"),
    **dict.fromkeys(("proceedings", "mvproceedings"), "proceedings"),
    **dict.fromkeys(("techreport", "report"), "techreport"),
    **dict.fromkeys(("video", "movie", "audio"), "video"),
    **{n: n for n in ("booklet", "manual", "phdthesis", "mastersthesis", "unpublished")},
    **{n: n for n in ("software", "dataset", "patent")},
}
_PAGES = frozenset({"online", "www", "electronic", "webpage"})
_FIELDS = {
    "journal": ("journaltitle", "journal"), "booktitle": ("booktitle", "eventtitle"), "number": ("number", "issue"),
    "address": ("address", "location"), "publisher": ("publisher", "organization"), "language": ("language", "langid"),
    "primaryclass": ("primaryclass", "eprintclass"),
}  # fmt: skip
_STATUS = {"read": "read", "skimmed": "reading", "reading": "reading", "unread": "queued", "to read": "queued"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = ("annote", "annotation", "annotations", "review", "mynote", "mynotes", "notes")


def read(path: Path, config: Config) -> Found:
    """The entries of a .bib file as drafts."""
    text, repairs = repair(path.read_bytes())
    items, problems = parse(text, shown(path))
    return Found(drafts(items, path, repairs), problems=tuple(problems))


def parse(text: str, name: str) -> tuple[list[Item], list[Problem]]:
    """The items of a BibTeX text, and what is wrong in it; `name` is the file's, for the problems."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it says is said again below, with the line
    items: list[Item] = []
    problems: list[Problem] = []
    for block in parse_string(text).blocks:
        entry: Block | None = block
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateFieldKeyBlock):
            keys = ", ".join(sorted(block.duplicate_keys))
            message = f"this entry has more than one field {keys}; the first is taken."
            problems.append(Problem("warning", "bib-double-field", message, name, line))
        if isinstance(block, (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)):
            entry = block.ignore_error_block
        elif isinstance(block, ParsingFailedBlock):
            first = (block.raw or "").strip().split("\n", 1)[0]
            message = (
                f"the entry “{first[:60]}” is broken and left out; look for a missing brace, quote or comma in it."
            )
            problems.append(Problem("error", "bib-broken", message, name, line))
            continue
        if not isinstance(entry, Entry):
            continue
        fields: dict[str, str] = {}
        for field in entry.fields:
            fields.setdefault(field.key.lower(), str(field.value))
        if not decode(fields.get("title", "")).strip():
            message = f"the entry “{entry.key}” has no title and is left out; give it one."
            problems.append(Problem("error", "bib-no-title", message, name, line))
            continue
        items.append(_item(entry.entry_type.lower(), entry.key, fields, line))
    return items, problems


def _item(kind: str, key: str, fields: dict[str, str], line: int) -> Item:
    def field(*keys: str) -> str:
        return next((" ".join(decode(fields[k]).split()) for k in keys if fields.get(k, "").strip()), "")

    def prose(key: str) -> str:
        return re.sub(r"[ \t]*\n[ \t]*", "\n", decode(fields.get(key, ""))).strip()

    url = fields.get("url") or fields.get("link") or ""
    if not url:
        found = re.search(r"https?://[^\s{}\\]+", fields.get("howpublished", "") + " " + fields.get("note", ""))
        url = found[0] if found else ""
    subtitle = field("subtitle")
    title = field("title") + (f": {subtitle}" if subtitle else "")
    arxiv = _arxiv(fields)
    people = _people(fields.get("author") or fields.get("editor") or "")
    where = _where(kind, {name: field(*_FIELDS.get(name, (name,))) for name in FIELDS}, fields, arxiv)
    type_ = _type(kind, field, where, arxiv)
    given = TYPES[type_].kind if type_ else ""
    paragraphs = re.split(r"\n[ \t]*\n", fields.get("abstract", ""))
    return Item(
        title=title,
        line=line,
        authors=tuple(p.display for p in people if p.display != "et al."),
        published=_published(fields),
        doi=sources.doi_in(fields.get("doi", "").replace("\\_", "_")) or "",
        arxiv=arxiv,
        url=url.strip().replace("\\_", "_").replace("\\%", "%").replace("\\&", "&").strip("{}"),
        kind=given or ("" if kind == "misc" or kind in _PAGES else "paper"),
        status=_STATUS.get(field("readstatus", "read_status", "status").lower(), ""),
        tags=_keywords(fields),
        topics=_names(field("groups", "collection", "collections"), r"[,;]"),
        abstract="\n\n".join(" ".join(decode(p).split()) for p in paragraphs if p.strip()),
        notes=tuple(n for key in _WORDS if (n := prose(key))),
        remarks=tuple(n for key in ("note", "comment") if (n := prose(key)) and not _is_address(n)),
        key=key,
        type=type_,
        people=people,
        editors=_people(fields.get("editor", "")) if fields.get("author") else (),
        fields=where,
        keep=tuple(kept_words(fields.get("title", ""), title)),
        accessed=tidy.day(fields.get("urldate")) or "",
    )


def _where(kind: str, known: dict[str, str], fields: dict[str, str], arxiv: str) -> dict[str, str]:
    """The fields of a citation, by the names that they have in front matter."""
    out = {name: text for name, text in known.items() if text and name not in {"note", "archive", "archive_id"}}
    if sources.arxiv_in_text(out.get("journal", "")):  # "arXiv preprint arXiv:1706.03762"
        del out["journal"]
    how = out.get("howpublished", "")
    if "http" in how or any(how == one.how for one in TYPES.values()):
        out.pop("howpublished", None)
    if "pages" in out:
        out["pages"] = pages(out["pages"])
    if kind in {"thesis", "phdthesis", "mastersthesis"} and "institution" in out:
        out.setdefault("school", out.pop("institution"))
    if fields.get("eprint") and not arxiv:
        archive = decode(fields.get("archiveprefix") or fields.get("eprinttype") or "").strip()
        out |= {"archive_id": decode(fields["eprint"]).strip(), **({"archive": archive} if archive else {})}
    return out


def _type(kind: str, field: Callable[..., str], where: Mapping[str, str], arxiv: str) -> str:
    """The type here; "" for what the address tells, or the fields."""
    if kind == "article" and arxiv and "journal" not in where:
        return ""  # a preprint, as Google Scholar writes it
    if kind == "thesis":
        return "mastersthesis" if re.match(r"m|b", field("type").lower()) else "phdthesis"
    how, sub = field("howpublished"), field("entrysubtype")
    if kind == "misc" or kind in _PAGES:
        told = next((name for name, one in TYPES.items() if one.how and one.how == how), sub if sub in TYPES else "")
        return told or ("misc" if kind == "misc" and {"journal", "booktitle", "school"} & where.keys() else "")
    return _TYPES.get(kind, "")


def _keywords(fields: dict[str, str]) -> tuple[str, ...]:
    """Keywords between commas or semicolons; those in braces stay whole."""
    text = next((fields[k] for k in ("keywords", "keyword", "mendeley-tags") if fields.get(k, "").strip()), "")
    depth, out = 0, [""]
    for number, sign in enumerate(text):
        depth += {"{": 1, "}": -1}.get(sign, 0) if text[number - 1 : number] != "\\" else 0
        out = [*out, ""] if sign in ",;" and depth <= 0 else [*out[:-1], out[-1] + sign]
    return tuple(dict.fromkeys(name for part in out if (name := " ".join(decode(part).split()))))


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"<?https?://\S+>?", text))


def _names(text: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in re.split(separator, text) if (name := part.strip())))


def _people(text: str) -> tuple[Person, ...]:
    """ "Last, First and {A Company} and others", in their parts."""
    from bibtexparser.middlewares.names import (
        InvalidNameError,
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    def plain(words: list[str]) -> str:
        return " ".join(decode(" ".join(words)).split())

    out = []
    for name in split_multiple_persons_names(" ".join(text.split())):
        if name.startswith("{") and name.find("}") == len(name) - 1:
            out.append(whole(plain([name])))
            continue
        try:
            parts = parse_single_name_into_parts(name)
            one = Person(plain(parts.last), plain(parts.first), plain(parts.von), plain(parts.jr))
            if not one.given and not one.particle:
                one = whole(plain([name])) if name.startswith("{") or one.display == "others" else one
        except InvalidNameError:
            one = whole(plain([name]))
        out.append(one)
    return tuple(one for one in out if one.display)


def _published(fields: dict[str, str]) -> str:
    """The day, month or year of publication, as exact as the entry has it."""
    date = re.match(r"\s*(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?!\d)", fields.get("date", ""))
    if date:
        return date[1]
    year = re.search(r"(?<!\d)(1[5-9]|20)\d\d(?!\d)", fields.get("year", "") or fields.get("date", ""))
    if not year:
        return ""
    written = fields.get("month", "").strip(' {}"').lower()
    number = next((n for n, name in enumerate(_MONTHS, 1) if written.startswith(name)), 0)
    number = number or (int(written) if written.isdigit() and 1 <= int(written) <= 12 else 0)
    day = fields.get("day", "").strip(' {}"')
    exact = f"-{int(day):02}" if number and re.fullmatch(r"[12]?\d|3[01]", day) and int(day) else ""
    return f"{year[0]}-{number:02}{exact}" if number else year[0]


def _arxiv(fields: dict[str, str]) -> str:
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").lower()
    given = fields.get("eprint") if archive == "arxiv" else None
    for value in (fields.get("arxiv"), fields.get("arxivid"), given, fields.get("doi"), fields.get("url")):
        found = sources.arxiv_id(value) if value else None
        if found:
            return found
    written = (fields.get(key, "") for key in ("journal", "journaltitle", "howpublished", "note", "number", "volume"))
    return next((found for text in written if (found := sources.arxiv_in_text(text))), "")
