"""llms.txt, a short way into the site for language models (llmstxt.org), and llms-full.txt with the texts.

The texts are those of the search, which is what the site shows: comments and drafts of the reader are in neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paperdiary import bibsite, entriesjson, feeds
from paperdiary.listing import counted, newest
from paperdiary.outside import about, address, line, sources, told
from paperdiary.page import Asset, authors, topic_name

if TYPE_CHECKING:
    from paperdiary.entry import Entry
    from paperdiary.pages import Site

NAME, FULL = "llms.txt", "llms-full.txt"
NEWEST = 50  #: entries that are listed; further ones, up to MORE, may be passed over
MORE = 250
LARGEST = 8_000_000  #: characters of llms-full.txt
SHORT = 200  #: characters of a description in a list
#: what would begin a heading, a list or another block, an element, or the target of a link
_MARK = re.compile(r"^(?=[#>*+=~`|-])|(?=<[a-zA-Z/!?])|(?<=\])(?=\()")
_MARKS = tuple("#>*+=~`|-")


def files(site: Site) -> Iterator[Asset]:
    """Both files, where the option `llms_txt` asks for them."""
    if site.config.options.llms_txt:
        entries = newest(site.entries)
        yield Asset(NAME, short(site, entries).encode("utf-8", "replace"))
        yield Asset(FULL, full(site, entries).encode("utf-8", "replace"))


def short(site: Site, entries: Sequence[Entry]) -> str:
    """The text of llms.txt.

    Args:
        entries: the newest first.
    """
    read = [e for e in entries if e.status != "queued"]
    queued = [e for e in entries if e.status == "queued"]
    pages = [
        _item(site, "All texts", FULL, "every entry with its text, the newest first"),
        _item(site, "Newest", site.page("diary"), "what was read, day by day"),
        _item(site, "Topics", site.page("topics"), "the folders of the notes"),
        _item(site, "Clusters", site.page("clusters"), "groups that were found by meaning"),
        _item(site, "Map", site.page("map"), "every entry as a point; near in meaning lies near"),
    ]
    if site.config.options.entries_json:
        about_data = "every entry as data: authors, dates, sources, related entries, places on the map"
        pages.insert(1, _item(site, "Entries as JSON", entriesjson.NAME, about_data))
    if any(map(site.bibtex, entries)):
        pages.append(_item(site, "BibTeX", bibsite.WHOLE, "every entry that can be cited"))
    if site.config.options.feed:
        pages.append(_item(site, "Feed", feeds.NAME, "what was read last, as Atom"))
    topics = [
        _item(site, topic_name(topic), site.url(site.topic_path(topic)), counted(len(found), "entry", "entries"))
        for topic, found in site.topics.items()
    ]
    clusters = [
        _item(site, told(c.name), site.url(site.cluster_path(c)), counted(c.size, "entry", "entries"))
        for c in site.by_size
    ]
    rest = [*read[NEWEST:], *queued][:MORE]
    said = f"{counted(len(entries), 'entry', 'entries')}; {len(queued)} of them are still to be read." if queued else ""
    more = len(entries) - len(rest) - min(len(read), NEWEST)
    if more:
        said = f"{said} {counted(more, 'older entry is', 'older entries are')} only in the files named first.".strip()
    sections = [
        ("Pages", pages),
        ("Topics", topics),
        ("Clusters", clusters),
        ("Read last", [_about(site, e) for e in read[:NEWEST]]),
        ("Optional", [_about(site, e) for e in rest]),
    ]
    lists = ("\n".join([f"## {name}\n", *rows]) for name, rows in sections if rows)
    return "\n\n".join([_head(site), *([said] if said else []), *lists]) + "\n"


def full(site: Site, entries: Sequence[Entry]) -> str:
    """The text of llms-full.txt: as many entries, the newest first, as LARGEST holds."""
    out, size = [_head(site)], 0
    for number, entry in enumerate(entries):
        text = _text(site, entry)
        size += len(text)
        if size > LARGEST:
            out.append(f"{counted(len(entries) - number, 'older entry is', 'older entries are')} left out.")
            break
        out.append(text)
    return "\n\n".join(out) + "\n"


def _head(site: Site) -> str:
    return f"# {_inert(line(site.config.site_name)) or 'Paper Diary'}\n\n> {_inert(about(site))}"


def _text(site: Site, entry: Entry) -> str:
    cluster = site.cluster_of(entry)
    facts = [
        ("Authors", line(authors(entry.authors))),
        ("Published", line(entry.published or str(entry.year or ""))),
        ("Kind", entry.kind),
        ("Status", f"{entry.status}, {entry.date}" if entry.date else entry.status),
        ("Topic", line(entry.topic)),
        ("Tags", line(", ".join(entry.tags))),
        ("Cluster", told(cluster.name) if cluster else ""),
        ("Source", ", ".join(url for _, url in sources(entry))),
        ("Page", address(site, entry.page, FULL)),
    ]
    description = told(entry.description)
    parts = [
        "\n".join([f"## {_inert(_name(entry))}\n", *(f"- {name}: {_inert(value)}" for name, value in facts if value)])
    ]
    if description:
        parts.append(_inert(description))
    heading = ""
    for passage in entry.passages:
        if passage.heading != heading and line(passage.heading):
            parts.append(f"### {_inert(line(passage.heading))}")
        heading = passage.heading
        text = told(passage.text).removeprefix(description).strip()
        if text and text != told(entry.title):
            parts.append(_inert(text))
    return "\n\n".join(parts)


def _inert(text: str) -> str:
    """A line of text that is a paragraph and nothing else where the file is read as Markdown."""
    return _MARK.sub(r"\\", text) if text.startswith(_MARKS) or "<" in text or "](" in text else text


def _name(entry: Entry) -> str:
    return told(entry.title) or "Untitled"


def _about(site: Site, entry: Entry) -> str:
    text = told(entry.description)
    if len(text) > SHORT:
        text = f"{text[:SHORT].rsplit(' ', 1)[0]}…"
    return _item(site, _name(entry), entry.page, ". ".join(part for part in (entry.date or "", text) if part))


def _item(site: Site, name: str, target: str, note: str) -> str:
    """A line of a list; readers of the format end a name at "]" and an address at ")"."""
    name = _inert(line(name)).translate(str.maketrans("[]", "()"))
    where = address(site, target, NAME).replace("(", "%28").replace(")", "%29")
    return f"- [{name or where}]({where})" + (f": {_inert(note)}" if note else "")
