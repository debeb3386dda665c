"""Markdown files -> notes with their entries and passages.

A file is read as it is: with front matter or without, one entry or many, in any encoding.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from paperdiary import sources
from paperdiary.config import Config
from paperdiary.dates import as_date, find_date
from paperdiary.entry import KINDS, Entry, Note, Passage, Problem, Source
from paperdiary.markup import Block, outline, urls_in
from paperdiary.passages import cut, first_sentences

SUFFIXES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_STATUS = {
    **dict.fromkeys(("queued", "queue", "todo", "tbd", "to read", "to-read", "unread", "backlog", "want"), "queued"),
    **dict.fromkeys(("reading", "in progress", "in-progress", "started", "wip"), "reading"),
    **dict.fromkeys(("read", "done", "finished", "complete", "completed"), "read"),
}
_TODO = re.compile(r"\s*[\[(](?:todo|to[ -]?read|tbd)[\])]\s*", re.I)
_SECTION = re.compile(
    r"^\W*(?:references?|resources?|related(?: work| papers)?|further reading|links?|sources?|bibliography"
    r"|citations?|code|to read|appendix|abstract|introduction|conclusions?|summary|notes?)\W*$",
    re.I,
)
_FIELD = re.compile(
    r"^\s*(?:[-*+]\s+)?[*_]{0,3}(?P<key>[A-Za-z][A-Za-z ]{1,18}?)[*_]{0,3}\s*:"
    r"\s*[*_]{0,3}\s*(?P<value>.*?)\s*[*_]{0,3}\s*$"
)
_ALIASES = {
    "author": "authors",
    "date_read": "date",
    "date read": "date",
    "read on": "date",
    "created": "date",
    "eprint": "arxiv",
    "doi": "doi",
    "link": "url",
    "links": "url",
    "paper": "url",
    "source": "url",
    "pdf": "url",
    "tag": "tags",
    "keywords": "tags",
    "summary": "description",
    "excerpt": "description",
    "tldr": "description",
    "reading_status": "status",
}


@dataclass(frozen=True, slots=True)
class _Span:
    """Lines of one entry in a note's text, 0-based and half-open, and its blocks."""

    start: int
    end: int
    heading: Block | None
    blocks: tuple[Block, ...]


def read_all(config: Config) -> list[Note]:
    """Every note of the diary, by path; ids are unique over all of them."""
    found = [read_note(config, path) for path in note_paths(config)]
    seen: dict[str, Entry] = {}
    unique: list[Note] = []
    for note in found:
        entries: list[Entry] = []
        problems = list(note.problems)
        for entry in note.entries:
            first = seen.get(entry.id)
            if first:
                problems.append(
                    Problem(
                        "warning",
                        "duplicate",
                        f"“{entry.title}” has the source of “{first.title}” ({first.note}, line {first.line});"
                        " keep one of them or give one another link.",
                        entry.note,
                        entry.line,
                    )
                )
                entry = _renamed(entry, _free(entry.id, seen))
            seen[entry.id] = entry
            entries.append(entry)
        unique.append(replace(note, entries=tuple(entries), problems=tuple(problems)))
    return unique


def _free(identifier: str, taken: dict[str, Entry]) -> str:
    number = 2
    while f"{identifier}~{number}" in taken:
        number += 1
    return f"{identifier}~{number}"


def _renamed(entry: Entry, identifier: str) -> Entry:
    return replace(entry, id=identifier, passages=tuple(replace(p, entry=identifier) for p in entry.passages))


def note_paths(config: Config) -> Iterator[str]:
    """Paths of the notes relative to notes/, sorted; the pages MkDocs leaves out are left out.

    The front page (`index.md` at the top) and the index pages of folders are pages, not notes.
    """
    ignored = None
    if config.exclude:
        from pathspec import GitIgnoreSpec

        ignored = GitIgnoreSpec.from_lines(config.exclude.splitlines())
    paths = []
    seen: set[str] = set()
    for folder, folders, files in os.walk(config.notes, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        here = PurePosixPath(os.path.relpath(folder, config.notes).replace(os.sep, "/"))
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not (str(here) == "." and f == "templates"))
        names = {f.lower() for f in files}
        for file in files:
            stem, suffix = os.path.splitext(file)
            if suffix.lower() not in SUFFIXES or file.startswith(".") or not _is_text(file):
                continue
            if stem == "index" or (stem == "README" and ("index.md" in names or str(here) == ".")):
                continue
            path = str(here / file)
            if not (ignored and ignored.match_file(path)):
                paths.append(path)
    return iter(sorted(paths))


def _is_text(name: str) -> bool:
    """False for a name that is not UTF-8: it can have no address."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_note(config: Config, path: str) -> Note:
    """Parse one file under notes/."""
    try:
        data = (config.notes / path).read_bytes()
    except OSError as e:
        problem = Problem("error", "unreadable", f"this file cannot be read ({e.strerror}); mend or remove it.", path)
        return Note(path, "", 0, {}, pretty(PurePosixPath(path).stem), (), (problem,))
    text, problems = decode(data, path)
    meta, body, offset, more = split_front_matter(text, path)
    body = mend_links(body)
    problems += more
    page = page_url(path, config.directory_urls)
    blocks = outline(body)
    if not str(meta.get("title") or "").strip() and not _has_source(meta):
        spans = _spans(blocks, body.split("\n"))
    else:
        spans = []
    stem = PurePosixPath(path).stem
    if meta.get("draft") is True:
        return Note(path, body, offset, meta, _clean_title(str(meta.get("title") or stem)), (), tuple(problems))
    if not spans:
        heading = _title_block(blocks, meta)
        whole = _Span(0, len(body.split("\n")), heading, tuple(b for b in blocks if b is not heading))
        entry = _entry(path, offset, page, whole, meta, body, single=True)
        return Note(path, body, offset, meta, entry.title, (entry,), tuple(problems))
    entries: list[Entry] = []
    taken: set[str] = set()
    for span in spans:
        entry = _entry(path, offset, page, span, {}, body, single=False)
        anchor = _anchor(entry.title, taken)
        taken.add(anchor)
        identifier = entry.id + anchor.removeprefix("entry") if entry.id.startswith("note:") else entry.id
        entries.append(_renamed(replace(entry, anchor=anchor, page=f"{page}#{quote(anchor)}"), identifier))
    above = next((b for b in blocks if b.kind == "heading" and b.start < spans[0].start), None)
    title = _clean_title(above.text) if above else pretty(stem)
    head = offset + above.end if above else 0
    level = min(span.heading.level for span in spans if span.heading)
    return Note(path, body, offset, meta, title, tuple(entries), tuple(problems), head, level)


_BROKEN_LINKS = (
    (re.compile(r"\[([^\[\]\n]+)\]:\s?\((https?://[^()\s]+)\)"), r"[\1](\2)"),  # [arXiv]:(https://…)
    (re.compile(r"(?<!\])\[([^\[\]\n]+)\]\[(https?://[^\[\]\s]+)\]"), r"[\1](\2)"),  # [title][https://…]
    (re.compile(r"\]\((https?://[^()\s]*)[ \t]+([^()\s\"'<>]+)\)"), r"](\1\2)"),  # [title](https://a .org/x)
)


def mend_links(text: str) -> str:
    """Links that are nearly Markdown as the links they are meant to be; lines stay lines."""
    for pattern, link in _BROKEN_LINKS:
        text = pattern.sub(link, text)
    return text


def page_url(path: str, directory_urls: bool) -> str:
    """The URL path that MkDocs gives to a Markdown file, relative to the site."""
    pure = PurePosixPath(path)
    stem = str(pure.with_suffix(""))
    if pure.stem in {"index", "README"}:
        folder = "" if str(pure.parent) == "." else f"{pure.parent}/"
        return quote(folder if directory_urls else f"{folder}index.html")
    return quote(f"{stem}/" if directory_urls else f"{stem}.html")


def decode(data: bytes, path: str) -> tuple[str, list[Problem]]:
    """Bytes of a file as text with \\n line ends; never fails.

    UTF-8 and UTF-16 with its mark are read as they are. Anything else is warned of, and read as UTF-8 with a
    few bad bytes or else as Windows-1252.
    """
    problems = []
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as e:
            line = data[: e.start].count(b"\n") + 1
            text = data.decode("utf-8-sig", errors="replace")
            if text.count("\ufffd") > 0.05 * sum(c > "\x7f" for c in text):  # more than a slip
                text = data.decode("cp1252", errors="replace")
            problems.append(
                Problem(
                    "warning",
                    "not-utf-8",
                    "this file is not UTF-8; some characters may be wrong on the page. Save it as UTF-8.",
                    path,
                    line,
                )
            )
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = text.replace("\r", " " if "\n" in text else "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]", " ", text), problems


def split_front_matter(text: str, path: str) -> tuple[dict[str, Any], str, int, list[Problem]]:
    """(front matter with canonical keys, body, lines before the body, problems)."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, text, 0, []
    close = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), None)
    looks_yaml = len(lines) > 1 and re.match(r"^[A-Za-z_][\w .-]*:(\s|$)", lines[1])
    if close is None:
        if not looks_yaml:
            return {}, text, 0, []
        close = _first_prose(lines)
        problem = Problem("error", "front-matter-open", _NOT_CLOSED, path, 1)
        meta = _salvage(lines[1:close])
        return _canonical(meta), "\n".join(lines[close:]), close, [problem]
    body = "\n".join(lines[close + 1 :])
    try:
        data = load_yaml("\n".join(lines[1:close]))
    except Exception as e:  # PyYAML's constructors raise what they like
        if not looks_yaml:
            return {}, text, 0, []
        prose = _first_prose(lines)
        if prose < close:
            problem = Problem("error", "front-matter-open", _NOT_CLOSED, path, 1)
            return _canonical(_salvage(lines[1:prose])), "\n".join(lines[prose:]), prose, [problem]
        mark = getattr(e, "problem_mark", None)
        reason = getattr(e, "problem", None) or str(e)
        problem = Problem(
            "error",
            "front-matter-broken",
            f"the front matter is not valid YAML ({reason}); put values that hold `: ` or start with a sign in quotes.",
            path,
            mark.line + 2 if mark else 2,
        )
        return _canonical(_salvage(lines[1:close])), body, close + 1, [problem]
    if data is None:
        return {}, body, close + 1, []
    if not isinstance(data, dict):
        return {}, text, 0, []
    return _canonical(data), body, close + 1, []


_NOT_CLOSED = "the front matter has no closing line; add `---` after it."


def _first_prose(lines: list[str]) -> int:
    """The first line after the opening one that cannot be YAML: no key, no item, not indented."""
    keys = re.compile(r"^(?:[\w .-]+:(?:\s|$)|\s+\S|- |#|\s*$)")
    found = next((i for i, line in enumerate(lines[1:], 1) if not keys.match(line)), len(lines))
    while found > 1 and (not lines[found - 1].strip() or lines[found - 1].startswith("#")):
        found -= 1  # headings and blank lines before prose belong to the text
    return found


def load_yaml(text: str) -> Any:
    """YAML in which numbers with a point stay text: 2301.00010 is an arXiv id, not 2301.0001."""
    import yaml

    # libyaml does not survive a hundred thousand brackets; the slow loader answers with an exception
    loader = yaml.SafeLoader if text.count("[") + text.count("{") > 1000 else _fast_loader()
    return yaml.load(text, _without_floats(loader))


def _fast_loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=2)
def _without_floats(loader: Any) -> Any:
    resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:float"]
        for first, known in loader.yaml_implicit_resolvers.items()
    }
    return type("NoteLoader", (loader,), {"yaml_implicit_resolvers": resolvers})


def _salvage(lines: list[str]) -> dict[str, Any]:
    """What can be read from front matter that is not YAML: plain `key: value` lines."""
    pairs = (re.match(r"^([A-Za-z_][\w -]*):\s*(.+?)\s*$", line) for line in lines)
    return {m[1]: m[2].strip("\"'") for m in pairs if m and not m[2].startswith(("[", "{", ">", "|"))}


def _canonical(data: dict[Any, Any]) -> dict[str, Any]:
    """Keys in lower case under their canonical names; a canonical key wins over its alias."""
    lower = {str(k).lower(): v for k, v in data.items()}
    out = {k: v for k, v in lower.items() if k not in _ALIASES or _ALIASES[k] == k}
    for key, value in lower.items():
        out.setdefault(_ALIASES.get(key, key), value)
    return out


def _has_source(meta: dict[str, Any]) -> bool:
    return any(meta.get(key) for key in ("arxiv", "doi", "url"))


def _title_block(blocks: list[Block], meta: dict[str, Any]) -> Block | None:
    """The heading that shows the title of a note with one entry."""
    heading = next((b for b in blocks if b.kind == "heading"), None)
    if heading is None or blocks.index(heading) > 2:
        return None
    title = str(meta.get("title") or "").strip()
    return heading if not title or _letters(heading.text) == _letters(title) else None


def _letters(text: str) -> str:
    """What two spellings of one title share."""
    return re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", text)).lower()


def _spans(blocks: list[Block], lines: list[str]) -> list[_Span]:
    """The entries of a file that holds several: headings with a source of their own.

    A heading has one where it is a link, or where the line below it is one.
    """
    linked: list[int] = []
    followed: list[int] = []
    for at, block in enumerate(blocks):
        if block.kind != "heading" or _SECTION.match(block.text):
            continue
        below = blocks[at + 1] if at + 1 < len(blocks) else None
        inline = any(sources.is_link(href) for _, href in block.links)
        if inline or urls_in(" ".join(lines[block.start : block.end])):
            linked.append(at)
        elif below and below.kind in {"text", "list"} and _is_source_line(lines[below.start]):
            followed.append(at)
    levels = [blocks[at].level for at in linked + followed]
    if len(levels) < 2:
        return []
    level = max(set(levels), key=levels.count)
    starts = linked + [at for at in followed if blocks[at].level <= level]
    if len(starts) < 2:
        return []
    for at, block in enumerate(blocks):
        if block.kind == "heading" and block.level <= level and at not in starts and _TODO.search(block.text):
            starts.append(at)
    starts.sort()
    spans = []
    for number, at in enumerate(starts):
        limit = starts[number + 1] if number + 1 < len(starts) else len(blocks)
        inside = []
        for block in blocks[at + 1 : limit]:
            if block.kind == "heading" and block.level < blocks[at].level:
                break
            inside.append(block)
        end = inside[-1].end if inside else blocks[at].end
        spans.append(_Span(blocks[at].start, end, blocks[at], tuple(inside)))
    return spans


def _is_source_line(line: str) -> bool:
    """A line that is an address, a linked label such as "[arXiv](…)", or a "Link:" or "Date:" field."""
    bare = re.sub(r"^\s*[-*+]\s+", "", line).strip()
    if urls_in(bare):
        rest = re.sub(r"\[[^\]]*\]\s*:?\s*[\[(]?|[\])<>(*_]", "", bare)
        for url in urls_in(bare):
            rest = rest.replace(url, "")
        return len(rest.split()) <= 4
    field = _FIELD.match(line)
    return bool(field and field["key"].lower() in {"date", "date read", "link", "paper", "authors"})


def _entry(path: str, offset: int, page: str, span: _Span, meta: dict[str, Any], body: str, *, single: bool) -> Entry:
    lines = body.split("\n")
    fields, own, skip = _head(span, lines)
    values = {**fields, **{k: v for k, v in meta.items() if v not in (None, "")}}
    found = _sources(values, span, own)
    first = found[0] if found else None
    raw = str(values.get("title") or "").strip() or (span.heading.text if span.heading else "")
    title = _clean_title(raw) or pretty(PurePosixPath(path).stem)
    content = [b for b in span.blocks if b.start not in skip]
    prose = [b for b in content if b.kind in {"text", "list", "quote"}]
    bare = re.sub(r"[\W_]+", " ", " ".join(b.text for b in content)).strip().lower()
    status = _STATUS.get(str(values.get("status") or "").strip().lower())
    if status is None:
        status = "queued" if _TODO.search(raw) or (single and bare in {"", "todo", "tbd"}) else "read"
    kind = str(values.get("kind") or "").strip().lower()
    if kind not in KINDS:
        kind = first.kind if first else "note"
    published = _published(values.get("published"))
    year = re.search(r"\b(1[5-9]|20)\d\d\b", str(values.get("year") or published or ""))
    description = " ".join(str(values.get("description") or "").split())
    topic = str(PurePosixPath(path).parent)
    identifier = first.identity if first else f"note:{path}"
    return Entry(
        id=identifier,
        title=title,
        kind=kind,
        note=path,
        line=offset + span.start + 1 if not single else 1,
        end=offset + span.end,
        page=page,
        url=first.url if first else None,
        arxiv=next((s.arxiv for s in found if s.arxiv), None),
        doi=next((s.doi for s in found if s.doi), None),
        authors=tuple(_names(values.get("authors"))),
        year=int(year[0]) if year else None,
        published=published,
        date=as_date(values.get("date")),
        status=status,
        topic="" if topic == "." else topic,
        tags=tuple(_words(values.get("tags"))),
        description=description or first_sentences([b.text for b in prose]),
        sources=tuple(found),
        passages=tuple(
            Passage(identifier, number, heading, text)
            for number, (heading, text) in enumerate(cut(content, title, description))
        ),
        head=offset + span.heading.end if span.heading else 0,
    )


def _head(span: _Span, lines: list[str]) -> tuple[dict[str, Any], list[str], set[int]]:
    """Fields ("Date: …"), addresses and the blocks that hold nothing else, at the head of an entry."""
    fields: dict[str, Any] = {}
    own = [href for _, href in span.heading.links if sources.is_link(href)] if span.heading else []
    if span.heading:
        own += urls_in(" ".join(lines[span.heading.start : span.heading.end]))
    skip: set[int] = set()
    for block in span.blocks:
        if block.kind not in {"text", "list"}:
            break
        rows = [line for line in lines[block.start : block.end] if line.strip()]
        used = 0
        for row in rows:
            field = _FIELD.match(row)
            key = _ALIASES.get(field["key"].lower(), field["key"].lower()) if field else ""
            if field and key in {
                "title",
                "authors",
                "year",
                "date",
                "status",
                "tags",
                "kind",
                "arxiv",
                "doi",
                "published",
            }:
                fields.setdefault(key, field["value"])
                used += 1
            elif _is_source_line(row):
                own += urls_in(row)
                used += 1
            elif find_date(row) and len(row.split()) <= 6:
                fields.setdefault("date", row)
                used += 1
        if used == len(rows):
            skip.add(block.start)
        if used < len(rows) or len(skip) > 8:
            break
    return fields, own, skip


def _sources(values: dict[str, Any], span: _Span, own: list[str]) -> list[Source]:
    """The sources of an entry, those in its fields first; one of each identity."""
    candidates: list[Source | None] = []
    if values.get("arxiv"):
        identifier = sources.arxiv_id(str(values["arxiv"]))
        candidates.append(sources.from_arxiv(identifier) if identifier else None)
    if values.get("doi"):
        candidates.append(sources.resolve(sources.doi_in(str(values["doi"])) or ""))
    given = values.get("url")
    listed = given if isinstance(given, list) else [given]
    candidates += [sources.resolve(url) for url in listed if isinstance(url, str)]
    candidates += [sources.resolve(url) for url in own]
    if not any(candidates):
        for block in span.blocks:
            identifier = sources.arxiv_in_text(block.text) if block.kind == "code" and "@" in block.text else None
            if identifier:
                candidates.append(sources.from_arxiv(identifier))
                break
    unique: dict[str, Source] = {}
    for source in candidates:
        if source:
            unique.setdefault(source.identity, source)
    return list(unique.values())


def _clean_title(text: str) -> str:
    text = _TODO.sub(" ", text)
    return " ".join(text.split()).strip()


def pretty(stem: str) -> str:
    """A file name as a title: dashes and underscores become spaces."""
    words = " ".join(re.sub(r"[-_]+", " ", stem).split())
    return words[:1].upper() + words[1:] if words else "Untitled"


def _published(value: Any) -> str | None:
    """A day, a month or a year of publication, as exact as it was given."""
    short = re.fullmatch(r"\s*((?:1[5-9]|20)\d\d(?:-(?:0[1-9]|1[0-2]))?)\s*", str(value))
    return short[1] if short else as_date(value)


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [n.strip() for n in re.split(r"\s*(?:;|,|\band\b)\s*", value) if n.strip()]
    if isinstance(value, list):
        names = (str(v.get("name", "") if isinstance(v, dict) else v).strip() for v in value if v)
        return [name for name in names if name]
    return []


def _words(value: Any) -> list[str]:
    if isinstance(value, (str, int)):
        value = re.split(r"[,;]", str(value))
    if not isinstance(value, list):
        return []
    words = (str(v).strip().lstrip("#").strip() for v in value if isinstance(v, (str, int, float)))
    return list(dict.fromkeys(word for word in words if word))


def slug(text: str) -> str:
    """Lower-case words joined by dashes; letters of other scripts are kept."""
    import unicodedata

    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")[:64].strip("-") or "untitled"


def _anchor(title: str, taken: set[str]) -> str:
    base = f"entry-{slug(title)}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def note_file(config: Config, note: str) -> Path:
    """The file of a note."""
    return config.notes / note
