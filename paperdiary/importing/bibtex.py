"""A BibTeX file -> one note an entry. An entry that is broken is named; the others are imported."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from paperdiary import sources
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.importing.draft import Found, shown
from paperdiary.importing.item import Item, drafts
from paperdiary.repair import repair

if TYPE_CHECKING:
    from bibtexparser.model import Block

_KINDS = {
    **dict.fromkeys(("book", "booklet", "proceedings", "mvbook", "collection"), "book"),
    **dict.fromkeys(("software", "dataset"), "code"),
    **dict.fromkeys(("video", "movie", "audio"), "talk"),
    **dict.fromkeys(("online", "www", "electronic", "webpage"), ""),  # the address knows better
}
_STATUS = {"read": "read", "skimmed": "reading", "reading": "reading", "unread": "queued", "to read": "queued"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SIMPLE = {r"\&": "&", r"\%": "%", r"\_": "_", r"\#": "#", r"\$": "$", "~": " ", "---": "—", "--": "–", "``": "“"}
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
        items.append(_item(entry.entry_type.lower(), fields, line))
    return items, problems


def _item(kind: str, fields: dict[str, str], line: int) -> Item:
    def field(*keys: str) -> str:
        return next((" ".join(decode(fields[k]).split()) for k in keys if fields.get(k, "").strip()), "")

    def prose(key: str) -> str:
        return re.sub(r"[ \t]*\n[ \t]*", "\n", decode(fields.get(key, ""))).strip()

    url = fields.get("url") or fields.get("link") or ""
    if not url:
        found = re.search(r"https?://[^\s{}\\]+", fields.get("howpublished", "") + " " + fields.get("note", ""))
        url = found[0] if found else ""
    subtitle = field("subtitle")
    return Item(
        title=field("title") + (f": {subtitle}" if subtitle else ""),
        line=line,
        authors=_authors(fields.get("author") or fields.get("editor") or ""),
        published=_published(fields),
        doi=sources.doi_in(fields.get("doi", "").replace("\\_", "_")) or "",
        arxiv=_arxiv(fields),
        url=url.strip().replace("\\_", "_").replace("\\%", "%").replace("\\&", "&").strip("{}"),
        kind=_KINDS.get(kind, "" if kind in {"misc", "unpublished"} else "paper"),
        status=_STATUS.get(field("readstatus", "read_status", "status").lower(), ""),
        tags=_names(field("keywords", "keyword", "mendeley-tags"), r"[,;]"),
        topics=_names(field("groups", "collection", "collections"), r"[,;]"),
        abstract=field("abstract"),
        notes=tuple(n for key in _WORDS if (n := prose(key))),
        remarks=tuple(n for key in ("note", "comment") if (n := prose(key)) and not _is_address(n)),
    )


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"<?https?://\S+>?", text))


def _names(text: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in re.split(separator, text) if (name := part.strip())))


def _authors(text: str) -> tuple[str, ...]:
    """ "Last, First and {A Company}" -> ("First Last", "A Company")."""
    from bibtexparser.middlewares.names import (
        InvalidNameError,
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    out = []
    for name in split_multiple_persons_names(" ".join(text.split())):
        if name.lower() in {"others", "et al.", ""}:
            continue
        try:
            whole = name if name.startswith("{") else parse_single_name_into_parts(name).merge_first_name_first
        except InvalidNameError:
            whole = name
        out.append(" ".join(decode(whole).split()))
    return tuple(name for name in out if name)


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
    return f"{year[0]}-{number:02}" if number else year[0]


def _arxiv(fields: dict[str, str]) -> str:
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").lower()
    given = fields.get("eprint") if archive == "arxiv" else None
    for value in (fields.get("arxiv"), fields.get("arxivid"), given, fields.get("doi"), fields.get("url")):
        found = sources.arxiv_id(value) if value else None
        if found:
            return found
    written = (fields.get(key, "") for key in ("journal", "journaltitle", "howpublished", "note", "number", "volume"))
    return next((found for text in written if (found := sources.arxiv_in_text(text))), "")


def decode(text: str) -> str:
    """LaTeX as plain text: accents, quotes, dashes; braces go, formulas stay. A percent sign is no comment."""
    if "$" not in text:
        for simple, plain in _SIMPLE.items():
            text = text.replace(simple, plain)
    if "\\" not in text and "$" not in text:
        return text.replace("{", "").replace("}", "").replace("''", "”")
    return _latex(re.sub(r"(?<!\\)([%&#])", r"\\\1", text))


def _latex(text: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    plain = str(LatexNodes2Text(math_mode="verbatim", keep_comments=True).latex_to_text(text))
    return re.sub(r"<(https?://[^<>\s]+)>", r"\1", plain).replace("\u00a0", " ")
