"""The .bib files of a site: `diary.bib`, and one beside the page of each topic and cluster.

They hold what the boxes on the notes' pages hold: no abstracts, so that a large diary stays small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paperdiary.bibliography import of_entries
from paperdiary.entry import Entry
from paperdiary.page import Asset

if TYPE_CHECKING:
    from paperdiary.pages import Site

WHOLE = "diary.bib"  #: of all entries, at the top of the site


def files(site: Site) -> Iterator[Asset]:
    """Every .bib of the site; none that would be empty."""
    groups: list[tuple[str, Sequence[Entry]]] = [(WHOLE, site.entries)]
    groups += [(beside(site.topic_path(topic)), entries) for topic, entries in site.topics.items()]
    inside: dict[str, list[Entry]] = defaultdict(list)
    for entry in site.entries:
        if cluster := site.cluster_of(entry):
            inside[cluster.id].append(entry)
    groups += [(beside(site.cluster_path(c)), inside[c.id]) for c in site.atlas.clusters]
    made = ((path, of_entries(entries, site.citation_keys, site.bibtex)) for path, entries in groups)
    return (Asset(path, text.encode()) for path, text in made if text)


def beside(path: str) -> str:
    """URL path of the .bib of the page at a source path: "topics/maps/index.md" -> "topics/maps.bib"."""
    return f"{path.removesuffix('.md').removesuffix('/index')}.bib"


def found(site: Site, path: str, entries: Sequence[Entry]) -> str:
    """The same, "" where there is none since nothing in it can be cited."""
    return beside(path) if any(site.bibtex(e) for e in entries) else ""
