"""feed.xml: what was read last, as an Atom feed (RFC 4287), and one for each topic beside its page.

All times come from the notes, so that a build in which nothing changed writes the same bytes. An entry keeps its id
when its note or the site moves.
"""

from __future__ import annotations

import posixpath
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from paperdiary.dates import as_date
from paperdiary.listing import newest
from paperdiary.outside import about, address, line, sources, told
from paperdiary.page import Asset, authors, long_date, relative, topic_name

if TYPE_CHECKING:
    from paperdiary.entry import Entry
    from paperdiary.pages import Site

NAME = "feed.xml"
TYPE = "application/atom+xml"
#: of all ids that are made from it, by UUID's version 5; another one would make every entry new to every reader
NAMESPACE = uuid.UUID("8f3c1f0e-6d0b-5a51-9a3e-2f6f0c6d7a10")
UPDATED = ("updated", "modified", "lastmod", "last_modified", "date_modified")  #: front matter
NEAR = 3  #: related entries that are named
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def files(site: Site) -> Iterator[Asset]:
    """The feed of the site, and one for each topic; none where the option `feed` is 0."""
    most = site.config.options.feed
    if not most:
        return
    found = newest([e for e in site.entries if e.status != "queued" and e.date and _DAY.fullmatch(e.date)])
    name = line(site.config.site_name)
    yield Asset(NAME, _feed(site, NAME, name, "", found[:most]))
    inside: dict[str, list[Entry]] = defaultdict(list)
    for entry in found:
        parts = entry.topic.split("/")
        for depth in range(len(parts)):
            inside["/".join(parts[: depth + 1])].append(entry)
    for topic in site.topics:
        path = topic_feed(site, topic)
        yield Asset(path, _feed(site, path, f"{name}: {line(topic_name(topic))}", topic, inside[topic][:most]))


def topic_feed(site: Site, topic: str) -> str:
    """Path of the feed of a topic, the folders in it included."""
    return posixpath.join(posixpath.dirname(site.topic_path(topic)), NAME)


def with_links(site: Site, html: str, base: str) -> str:
    """A finished page whose head names the feeds, so that a reader of feeds finds them from any page.

    Args:
        base: as in `Site.with_search`.
    """
    at = html.find("</head>")
    if not site.config.options.feed or at < 0:
        return html
    found = [(line(site.config.site_name), NAME)]
    topic = site.topic_at.get(base)
    if topic is not None:
        found.insert(0, (f"{line(site.config.site_name)}: {line(topic_name(topic))}", topic_feed(site, topic)))
    links = (
        f'<link rel="alternate" type="{TYPE}" title="{escape(title)}"'
        f' href="{escape(base + path if base.startswith("/") else relative(path, base))}">'
        for title, path in found
    )
    return f"{html[:at]}{''.join(links)}{html[at:]}"


def identifier(entry: str) -> str:
    """The permanent id of an entry in every feed, from its id in the diary."""
    return uuid.uuid5(NAMESPACE, f"entry {line(entry)}").urn


def _feed(site: Site, path: str, title: str, topic: str, entries: Sequence[Entry]) -> bytes:
    page = site.url(site.topic_path(topic)) if topic else ""
    author = line(site.config.author) or line(site.config.site_name)
    whole = uuid.uuid5(NAMESPACE, f"feed {line(site.config.site_name)} {line(topic)}").urn
    days = [_updated(site, e) for e in entries]
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{escape(title)}</title>",
        *([] if topic else [f"<subtitle>{escape(about(site))}</subtitle>"]),
        f"<id>{whole}</id>",
        f"<updated>{_time(max(days, default='1970-01-01'))}</updated>",
        f"<author><name>{escape(author)}</name></author>",
        f'<link rel="alternate" type="text/html" href="{escape(address(site, page, path))}"/>',
    ]
    if site.config.site_url:
        parts.append(f'<link rel="self" type="{TYPE}" href="{escape(address(site, path, path))}"/>')
    parts.append("<generator>Paper Diary</generator>")
    parts += (_entry(site, path, entry, day) for entry, day in zip(entries, days, strict=True))
    return "\n".join([*parts, "</feed>\n"]).encode()


def _entry(site: Site, path: str, entry: Entry, updated: str) -> str:
    categories = {entry.topic: topic_name(entry.topic)} if entry.topic else {}
    categories |= {tag: tag for tag in entry.tags if tag not in categories}
    parts = [
        "<entry>",
        f"<title>{escape(told(entry.title) or 'Untitled')}</title>",
        f"<id>{identifier(entry.id)}</id>",
        f'<link rel="alternate" type="text/html" href="{escape(address(site, entry.page, path))}"/>',
        *(f'<link rel="related" title="{escape(label)}" href="{escape(url)}"/>' for label, url in sources(entry)),
        f"<published>{_time(str(entry.date))}</published>",
        f"<updated>{_time(updated)}</updated>",
        *(
            f'<category term="{escape(line(term))}" label="{escape(line(label))}"/>'
            for term, label in categories.items()
            if line(term)
        ),
    ]
    if entry.description:
        parts.append(f"<summary>{escape(told(entry.description))}</summary>")
    parts.append(f'<content type="html">{escape(_content(site, path, entry))}</content>')
    return "\n".join([*parts, "</entry>"])


def _content(site: Site, path: str, entry: Entry) -> str:
    """What a reader of feeds shows, as HTML: who wrote it, what it says, where it is, what is near."""
    head = [line(authors(entry.authors)), str(entry.year or ""), entry.kind]
    cluster = site.cluster_of(entry)
    where = [_link(label, url) for label, url in sources(entry)]
    where.append(_link("in the diary", address(site, entry.page, path)))
    groups = [(topic_name(entry.topic), site.topic_path(entry.topic))] if entry.topic else []
    groups += [(told(cluster.name), site.cluster_path(cluster))] if cluster else []
    inside = [_link(name, address(site, site.url(page), path)) for name, page in groups]
    near = [site.by_id[i] for i, _ in site.diary.related.get(entry.id, ()) if i in site.by_id][:NEAR]
    rows = [
        escape(" · ".join(part for part in head if part)),
        escape(told(entry.description)),
        f"Read {long_date(str(entry.date))}: {' · '.join(where)}",
        f"In {' · '.join(inside)}" if inside else "",
        f"Near it: {', '.join(_link(told(e.title), address(site, e.page, path)) for e in near)}" if near else "",
    ]
    return "".join(f"<p>{row}</p>" for row in rows if row)


def _link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(line(text) or url)}</a>'


def _updated(site: Site, entry: Entry) -> str:
    """The day of the last change that the reader names in the front matter, else the day it was read."""
    meta = site.meta(entry)
    days = [as_date(meta[key]) for key in UPDATED if meta.get(key)]
    return max(str(entry.date), *(day or "" for day in days)) if days else str(entry.date)


def _time(day: str) -> str:
    return f"{day}T00:00:00Z"
