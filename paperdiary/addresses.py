"""Where each page of the site lies; a page of the reader's own that has an address already keeps it."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from paperdiary import notes, slugs
from paperdiary.atlas import Cluster
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.listing import newest
from paperdiary.page import relative

#: every generated page that there is one of, with its title
PAGES = {
    "map": "Map",
    "diary": "Diary",
    "topics": "Topics",
    "clusters": "Clusters",
    "queue": "Queue",
    "timeline": "Over time",
    "search": "Search",
}


class Addresses:
    """Source paths ("clusters/c3.md") and URL paths ("clusters/c3/") of the generated pages.

    Every address is permanent: it depends on what the page is about and on the reader's own files alone.
    """

    def __init__(self, config: Config, entries: Sequence[Entry]) -> None:
        self.config = config
        self.entries = entries
        self._urls: dict[str, str] = {}
        self._taken = {slugs.page_url(path, True).lower() for path in self._all_sources()}
        self.paths = self._free_paths()

    def _free_paths(self) -> dict[str, str]:
        """Source path of each generated page; a note that has the address already keeps it."""
        out = {}
        for name in PAGES:
            free = name
            while f"{free}/" in self._taken:
                free = f"diary-{free}"
            out[name] = f"{free}/index.md" if name in {"diary", "topics", "clusters"} else f"{free}.md"
        return out

    def _all_sources(self) -> list[str]:
        """Every Markdown file under notes/, index pages included."""
        folder = self.config.notes
        return [str(p.relative_to(folder).as_posix()) for p in folder.rglob("*") if p.suffix.lower() in notes.SUFFIXES]

    def url(self, path: str) -> str:
        """URL path in the site of a source path."""
        if path not in self._urls:
            self._urls[path] = slugs.page_url(path, self.config.directory_urls)
        return self._urls[path]

    def page(self, name: str) -> str:
        return self.url(self.paths[name])

    def topic_path(self, topic: str) -> str:
        return f"{posixpath.dirname(self.paths['topics'])}/{self._topic_slugs[topic]}/index.md"

    def cluster_path(self, cluster: Cluster) -> str:
        return self.cluster_file(cluster.id)

    def cluster_file(self, identifier: str) -> str:
        """Source path of the page of a cluster, of one that is gone too: its permanent address."""
        return f"{posixpath.dirname(self.paths['clusters'])}/{identifier}.md"

    def is_cluster_address(self, identifier: str) -> bool:
        """Whether the page of a cluster that is gone can stand at its address; atlas.json can be edited."""
        free = self.url(self.cluster_file(identifier)).lower() not in self._taken
        return free and re.fullmatch(r"[A-Za-z0-9][\w-]{0,40}", identifier) is not None

    def year_path(self, year: str) -> str:
        """Source path of a year of the diary; "" for what has no date."""
        stem, name = posixpath.dirname(self.paths["diary"]), year or "undated"
        while f"{stem}/{name}/" in self._taken:
            name = f"year-{name}"
        return f"{stem}/{name}.md"

    def day_page(self, date: str) -> str:
        """URL path of a day or month (ISO 8601) in the diary; it stays however long the diary grows."""
        return f"{self.url(self.year_path(date[:4]))}#{date}"

    def seen(self, target: str, path: str) -> str:
        """A URL path in the site as the address that the page at source path `path` gives it."""
        return relative(target, self.url(path))

    @cached_property
    def _topic_slugs(self) -> dict[str, str]:
        out: dict[str, str] = {}
        for topic in self.topics:
            base = name = "/".join(slugs.slug(part) for part in topic.split("/"))
            number = 2
            while name in out.values():
                name, number = f"{base}-{number}", number + 1
            out[topic] = name
        return out

    @cached_property
    def topics(self) -> dict[str, list[Entry]]:
        """Folder -> its entries; entries at the top have no topic."""
        out: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.topic:
                out[entry.topic].append(entry)
        return {topic: newest(out[topic]) for topic in sorted(out, key=str.lower)}
