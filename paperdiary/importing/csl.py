"""CSL-JSON, and the JSON of Better BibTeX for Zotero -> one note an item."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from paperdiary import sources, tidy
from paperdiary.bibcsl import GENRES, VARIABLES, number_of
from paperdiary.bibnames import Person, whole
from paperdiary.bibrecord import TYPES, pages
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.errors import UsageError
from paperdiary.importing.draft import Found, shown
from paperdiary.importing.item import Item, drafts, from_html
from paperdiary.repair import repair

#: type in the file, of CSL or of Zotero -> type here; "" where the address knows better, or the fields
_TYPES = {
    **dict.fromkeys(("article-journal", "article-magazine", "article-newspaper", "journalarticle"), "article"),
    **dict.fromkeys(("magazinearticle", "newspaperarticle", "review"), "article"),
    **dict.fromkeys(("paper-conference", "conferencepaper"), "inproceedings"),
    **dict.fromkeys(("chapter", "booksection", "entry-encyclopedia", "encyclopediaarticle"), "incollection"),
    **dict.fromkeys(("post-weblog", "blogpost", "post"), "blog"),
    **dict.fromkeys(("software", "computerprogram"), "software"),
    **dict.fromkeys(("speech", "presentation"), "talk"),
    **dict.fromkeys(("motion_picture", "broadcast", "videorecording", "film", "song", "audiorecording"), "video"),
    **dict.fromkeys(("podcast", "interview"), "video"),
    "book": "book", "pamphlet": "booklet", "report": "techreport", "thesis": "phdthesis", "manuscript": "unpublished",
    "dataset": "dataset", "patent": "patent", "document": "misc", "article": "", "preprint": "", "webpage": "",
}  # fmt: skip
_GENRES = {genre: name for name, genre in GENRES.items()}
#: field -> variables of CSL and fields of Zotero, in lower case
_FIELDS = {
    name: (variable.lower(),) for name, variable in VARIABLES.items() if name not in {"archive", "archive_id"}
} | {
    "journal": ("container-title", "publicationtitle"),
    "booktitle": ("container-title", "proceedingstitle", "booktitle", "publicationtitle"),
    "series": ("collection-title", "series"),
    "address": ("publisher-place", "place"),
    "pages": ("page", "pages"),
    "publisher": ("publisher", "university", "institution"),
}


def read(path: Path, config: Config) -> Found:
    """The items of a .json file as drafts.

    Raises:
        UsageError: the file holds JSON of another kind.
    """
    text, repairs = repair(path.read_bytes())
    items, problems = parse(text, shown(path))
    return Found(drafts(items, path, repairs), problems=tuple(problems))


def parse(text: str, name: str) -> tuple[list[Item], list[Problem]]:
    """The items of a text, and what is wrong in it; up to a mistake in the JSON everything is read."""
    start = re.search(r"\S", text)
    folders: dict[Any, list[str]] = {}
    if start and start[0] == "{":
        folders = _collections(text)
        listed = re.search(r'"items"\s*:\s*(?=\[)', text)
        if not listed:
            raise UsageError(f"{name} is JSON, but no CSL-JSON: it has no list of items. Export it from Zotero again.")
        at = _last_items(text) or listed.end()
    else:
        at = start.start() if start else 0
    if text[at : at + 1] != "[":
        raise UsageError(f"{name} is no CSL-JSON: it does not begin with a list of items. Export it from Zotero again.")
    items: list[Item] = []
    problems: list[Problem] = []
    for value, line, error in _values(text, at):
        if error:
            problems.append(Problem("error", "json-broken", error, name, line))
        elif not isinstance(value, dict) or not _title(value):
            if not isinstance(value, dict) or str(value.get("itemType")) not in {"attachment", "note"}:
                message = "this item has no title and is left out; give it one."
                problems.append(Problem("error", "csl-no-title", message, name, line))
        else:
            items.append(_item(value, line, folders))
    return items, problems


def _values(text: str, at: int) -> Any:
    """(value, line, "") of each element of the list at `at`; (None, line, error) where the JSON breaks."""
    decoder = json.JSONDecoder()
    at += 1
    line, since = text.count("\n", 0, at) + 1, at
    while True:
        skip = re.compile(r"[\s,]*").match(text, at)
        at = skip.end() if skip else at
        line, since = line + text.count("\n", since, at), at
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as e:
            where = getattr(e, "lineno", line)
            reason = getattr(e, "msg", "nested too deep")
            yield None, where, f"the JSON breaks off here ({reason}); what stands before it is imported."
            return
        yield value, line, ""


def _last_items(text: str) -> int:
    """Where the list of items begins in Better BibTeX's JSON: its collections have an "items" too."""
    found = [m.end() for m in re.finditer(r'"items"\s*:\s*(?=\[\s*(?:\{|\]))', text)]
    return found[-1] if found else 0


def _collections(text: str) -> dict[Any, list[str]]:
    """Item number -> names of its collections, in Better BibTeX's JSON."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    out: dict[Any, list[str]] = {}
    known = whole.get("collections")
    for one in known.values() if isinstance(known, dict) else []:
        for number in one.get("items") or [] if isinstance(one, dict) else []:
            out.setdefault(str(number), []).append(str(one.get("name") or ""))
    return out


def _title(value: dict[str, Any]) -> str:
    return _words(value.get("title"))


def _words(value: Any) -> str:
    """Text without the tags that CSL allows in it."""
    one = next(iter(value), "") if isinstance(value, list) else value
    if isinstance(one, bool) or not isinstance(one, (str, int, float)):
        return ""
    return " ".join(html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", str(one))).split())


def _item(value: dict[str, Any], line: int, folders: dict[Any, list[str]]) -> Item:
    extra = str(value.get("note") or value.get("extra") or "")
    kept = {str(k).lower(): v for k, v in value.items()}
    doi = str(kept.get("doi") or "")
    given = (
        kept.get("arxiv"),
        kept.get("archive_location"),
        kept.get("archiveid"),
        kept.get("number"),
        kept.get("url"),
        doi,
    )
    identifier = next((found for v in given if v and (found := sources.arxiv_id(str(v)))), None)
    written = " ".join(str(kept.get(k) or "") for k in ("number", "publisher", "container-title", "publicationtitle"))
    identifier = identifier or sources.arxiv_in_text(f"{extra} {written}")
    kind = str(kept.get("type") or kept.get("itemtype") or "").lower()
    type_ = _type(kind, kept)
    fields = _fields(type_, kept, identifier or "")
    people = _people(kept.get("author") or kept.get("creators") or kept.get("editor"))
    doi = doi or sources.doi_in(extra if re.search(r"^doi:", extra, re.I | re.M) else "") or ""
    notes = [kept.get("annote"), *(_texts(kept.get("notes"), "note")), *(_texts(kept.get("annotations"), "text"))]
    tags = _texts(kept.get("tags"), "tag") or _keywords(kept)
    named = kept.get("collections") or kept.get("collection") or []
    topics = folders.get(str(kept.get("itemid")), []) or (
        [named] if isinstance(named, str) else [str(n) for n in named]
    )
    return Item(
        title=_title(value),
        line=line,
        authors=tuple(p.display for p in people if p.display != "et al."),
        published=_date(kept.get("issued") or kept.get("date")),
        doi=sources.doi_in(doi) or "",
        arxiv=identifier or "",
        url=str(kept.get("url") or ""),
        kind=TYPES[type_].kind if type_ else "" if kind == "webpage" else "paper",
        tags=tuple(dict.fromkeys(t for tag in tags if (t := _words(tag)))),
        topics=tuple(t for t in topics if t.strip()) if not isinstance(kept.get("collections"), dict) else (),
        abstract=from_html(str(kept.get("abstract") or kept.get("abstractnote") or "")),
        notes=tuple(text for note in notes if note and (text := from_html(str(note)))),
        remarks=tuple(r for r in [from_html(extra)] if r),
        key=_key(kept, extra),
        type=type_,
        people=people,
        editors=_people(kept.get("editor")) if kept.get("author") else (),
        fields=fields,
        accessed=tidy.day(_date(kept.get("accessed") or kept.get("accessdate"))) or "",
    )


def _keywords(kept: dict[str, Any]) -> list[str]:
    """CSL parts keywords as it likes: by semicolons where there are any, else by commas."""
    text = str(kept.get("keyword") or kept.get("keywords") or "")
    return re.split(r"(?<!&lt)(?<!&amp);" if ";" in text else ",", text)


def _type(kind: str, kept: dict[str, Any]) -> str:
    """The type here; "" for what the address tells, or the fields."""
    genre = _words(kept.get("genre") or kept.get("thesistype"))
    if kind == "thesis" and re.match(r"master|msc|ma\b|bachelor|diplom", genre, re.I):
        return "mastersthesis"
    told = _GENRES.get(genre, "")
    if told and TYPES[told].csl == kind:
        return told
    return _TYPES.get(kind, "")


def _fields(kind: str, kept: dict[str, Any], arxiv: str) -> dict[str, str]:
    """The fields of a citation, by the names that they have in front matter."""
    out = {name: _words(next((kept[v] for v in variables if kept.get(v)), "")) for name, variables in _FIELDS.items()}
    out["number"] = _words(kept.get(number_of(kind or "paper")) or kept.get("issue"))
    out |= {"archive": _words(kept.get("archive")), "archive_id": _words(kept.get("archive_location"))}
    del out["note"]  # a remark
    del out["booktitle" if kind in {"article", "", "misc", "online"} else "journal"]
    if kind in {"phdthesis", "mastersthesis", "techreport"}:
        out["institution" if kind == "techreport" else "school"] = out.pop("publisher")
    if arxiv:  # said by the id
        section = re.search(r"arXiv:\S+\s+\[([\w.-]{2,30})\]", str(kept.get("note") or kept.get("extra") or ""), re.I)
        out["primaryclass"] = section[1] if section else ""
        gone = ("archive", "archive_id") if "arxiv" in out["archive"].lower() or not out["archive"] else ()
        out = {name: text for name, text in out.items() if name not in gone and not sources.arxiv_in_text(text)}
        out = {name: text for name, text in out.items() if not (name == "publisher" and text.lower() == "arxiv")}
    if out.get("pages"):
        out["pages"] = pages(out["pages"])
    return {name: text for name, text in out.items() if text}


def _key(kept: dict[str, Any], extra: str) -> str:
    """The citation key; an id that Zotero made of a number or an address is none."""
    said = re.search(r"^citation key:\s*(\S+)", extra, re.I | re.M)
    own = kept.get("citation-key") or kept.get("citationkey") or kept.get("citekey") or (said[1] if said else "")
    name = str(own or kept.get("id") or "").strip()
    return name if own or re.fullmatch(r"[^\W\d][^\s/{}(),]{0,199}", name) else ""


def _texts(value: Any, key: str) -> list[str]:
    """The texts of a list of strings or of objects that hold them under `key`."""
    listed = value if isinstance(value, list) else []
    return [str(v.get(key) or "") if isinstance(v, dict) else str(v) for v in listed]


def _people(value: Any) -> tuple[Person, ...]:
    out = []
    for one in value if isinstance(value, list) else []:
        if not isinstance(one, dict) or one.get("creatorType", "author") not in {"author", "editor", "presenter"}:
            continue
        last = _words(one.get("family") or one.get("lastName"))
        first = _words(one.get("given") or one.get("firstName"))
        particle = _words(one.get("non-dropping-particle") or one.get("dropping-particle"))
        if last:
            out.append(Person(last, first, particle, _words(one.get("suffix"))))
        elif name := _words(one.get("literal") or one.get("name")) or first:
            out.append(whole(name))
    return tuple(one for one in out if one.display)


def _date(value: Any) -> str:
    """CSL's date-parts, a raw date, or text -> "2017", "2017-06" or "2017-06-12"."""
    if isinstance(value, dict):
        parts = value.get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
            numbers = [int(p) for p in parts[0][:3] if str(p).isdigit()]
            value = "-".join(f"{n:02}" for n in numbers)
        else:
            value = value.get("raw") or value.get("literal") or ""
    text = str(value or "")
    found = re.match(r"\s*(\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?!\d)", text)
    if found:
        return found[1]
    from paperdiary.dates import find_date

    year = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
    day = find_date(text) or (year[0] if year else "")
    return day[:7] if re.fullmatch(r"\W*[A-Za-z]+\.?,?\s+\d{4}\W*", text) else day
