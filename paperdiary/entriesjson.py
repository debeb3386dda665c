"""entries.json: all that the site knows of its entries, as data for other programs; docs/entries.schema.json.

`SCHEMA` grows when a key changes its meaning or goes; a new key may come without that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from paperdiary.atlas import PROJECTIONS
from paperdiary.listing import newest
from paperdiary.mapdata import LABELS
from paperdiary.outside import about, line, sources, told, web
from paperdiary.page import Asset, topic_name

if TYPE_CHECKING:
    from paperdiary.entry import Entry
    from paperdiary.pages import Site

NAME = "entries.json"
SCHEMA = 1


def files(site: Site) -> Iterator[Asset]:
    """The file, where the option `entries_json` asks for it."""
    if site.config.options.entries_json:
        yield Asset(NAME, dumps(site).encode("utf-8", "replace"))


def dumps(site: Site) -> str:
    """The text of the file: an entry a line, the newest first."""
    head = json.dumps(about_site(site), ensure_ascii=False)
    rows = ",\n".join(
        json.dumps(row(site, entry), ensure_ascii=False, separators=(",", ":")) for entry in newest(site.entries)
    )
    return f'{head[:-1]}, "entries": [\n{rows}\n]}}\n'


def about_site(site: Site) -> dict[str, Any]:
    """What the file says of the diary."""
    return {
        "schema": SCHEMA,
        "name": line(site.config.site_name),
        "site_url": web(site.config.site_url) or None,
        "description": about(site),
        "views": {name: LABELS[name] for name in PROJECTIONS},
        "topics": [
            {
                "id": line(topic),
                "name": line(topic_name(topic)),
                "page": site.url(site.topic_path(topic)),
                "size": len(entries),
            }
            for topic, entries in site.topics.items()
        ],
        "clusters": [
            {"id": c.id, "name": told(c.name), "page": site.url(site.cluster_path(c)), "size": c.size}
            for c in site.by_size
        ],
    }


def row(site: Site, entry: Entry) -> dict[str, Any]:
    """One entry; the keys that `diary list --json` has too mean the same here."""
    place = site.atlas.places.get(entry.id)
    cluster = site.cluster_of(entry)
    return {
        "id": line(entry.id),
        "title": told(entry.title),
        "kind": entry.kind,
        "url": web(entry.url or "") or None,
        "arxiv": entry.arxiv,
        "doi": entry.doi,
        "authors": [line(name) for name in entry.authors],
        "year": entry.year,
        "published": entry.published,
        "date": entry.date,
        "status": entry.status,
        "topic": line(entry.topic),
        "tags": [line(tag) for tag in entry.tags],
        "description": told(entry.description),
        "note": line(entry.note),
        "line": entry.line,
        "page": entry.page,
        "citation_key": site.citation_keys.get(entry.id),
        "sources": [{"label": label, "url": url} for label, url in sources(entry)],
        "cluster": {"id": cluster.id, "name": told(cluster.name)} if cluster else None,
        "related": [line(i) for i, _ in site.diary.related.get(entry.id, ()) if i in site.by_id],
        "map": {name: list(place.points[name]) for name in PROJECTIONS if name in place.points} if place else None,
    }
