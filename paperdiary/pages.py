"""Entries and atlas -> the pages of the site, as values. Knows nothing of MkDocs.

A page is Markdown with HTML blocks; addresses in the HTML are relative to the page, so that the site
works under any path.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

from paperdiary import (
    bibkeys,
    citations,
    compiled,
    glance,
    grouppages,
    mapview,
    markers,
    notepage,
    notes,
    outside,
    palette,
    searchpage,
    siteassets,
)
from paperdiary.addresses import PAGES, Addresses
from paperdiary.atlas import Cluster
from paperdiary.blocks import SLUGS
from paperdiary.build import Diary, Say
from paperdiary.config import plugins, read_yaml_config
from paperdiary.dialect import EXTENSIONS, extensions_in
from paperdiary.entry import Entry
from paperdiary.listing import newest
from paperdiary.mapdata import Placed
from paperdiary.page import (
    Asset,
    Page,
    authors,
    day,
    drawn,
    front_matter,
    long_date,
    oneline,
    rate,
    relative,
    safe,
    topic_name,
    weekday,
)
from paperdiary.paperlinks import PaperLinks
from paperdiary.vault import Links, Vault, files_under, names_of
from paperdiary.why import Why

ASSETS = siteassets.PLACE
HERE = Path(__file__).parent
NAV_NOTES = 1000  #: above so many, notes are reached by their topic's page and not by the sidebar
_BOXED = {"search"}  #: reached by the box in the header, not by the navigation
_HOME = """# {name}

<!-- diary:stats -->

<!-- diary:map -->

## Newest

<!-- diary:recent -->
"""


class Site(Addresses):
    """The pages of one diary."""

    def __init__(self, diary: Diary, say: Say = lambda message: None) -> None:
        self.diary = diary
        self.keep: Callable[[str], str] = str  #: what stands on a page for HTML of the site's own, see sanitise.Kept
        self.say = say  #: told what is wrong on the reader's own pages, such as an option that no marker has
        super().__init__(diary.config, diary.entries)
        self.atlas = diary.atlas
        self.by_id = {e.id: e for e in diary.entries}
        self.clusters = {c.id: c for c in diary.atlas.clusters}
        self._notes = {note.path: note for note in diary.notes}
        self._bibtex: dict[str, str] = {}
        env = Environment(loader=PackageLoader("paperdiary"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
        env.filters.update(
            shown=drawn, day=day, weekday=weekday, long_date=long_date, authors=authors, topic=topic_name
        )
        env.filters.update(oneline=oneline, rate=rate)
        compiled.once(env)
        self._env = env

    # -- what the pages are made of

    @cached_property
    def by_size(self) -> list[Cluster]:
        """The clusters, the largest first."""
        return sorted(self.atlas.clusters, key=lambda c: (-c.size, c.name))

    @cached_property
    def citation_keys(self) -> dict[str, str]:
        """Entry id -> its key in BibTeX."""
        return bibkeys.keys(self.diary.notes, bibkeys.read(self.config))

    def bibtex(self, entry: Entry) -> str:
        """An entry in BibTeX, "" for what is nothing to be cited."""
        if entry.id not in self._bibtex:
            meta, key = self.meta(entry), self.citation_keys.get(entry.id, "")
            self._bibtex[entry.id] = citations.bibtex(entry, key, meta) if citations.is_cited(entry, meta) else ""
        return self._bibtex[entry.id]

    def meta(self, entry: Entry) -> dict[str, Any]:
        """The front matter that is about an entry: that of its note, where the note is this entry alone."""
        note = self._notes.get(entry.note)
        return note.meta if note and len(note.entries) == 1 else {}

    @cached_property
    def why(self) -> Why:
        return Why(self.entries, self.diary.notes)

    @cached_property
    def turns(self) -> dict[str, tuple[Entry | None, Entry | None]]:
        """Entry id -> what was read before it and after it, for each entry that has a date."""
        row = newest([e for e in self.entries if e.date and e.status != "queued"])[::-1]
        around: list[Entry | None] = [None, *row, None]
        return {e.id: (around[n], around[n + 2]) for n, e in enumerate(row)}

    @cached_property
    def topic_at(self) -> dict[str, str]:
        """URL path of a topic's page -> the topic."""
        return {self.url(self.topic_path(topic)): topic for topic in self.topics}

    # -- pieces

    def parts(self, path: str) -> Any:
        """The template module for a page at source path `path`; addresses are relative to that page."""
        base = self.url(path)
        return self._env.get_template("parts.html").make_module(
            {
                "url": lambda target: relative(target, base),
                "page": self.page,
                "asset": lambda name: f"{ASSETS}/{name}",
                "mark": self.mark,
                "topic_page": lambda topic: self.url(self.topic_path(topic)),
                "cluster_page": lambda cluster: self.url(self.cluster_path(cluster)),
                "cluster_of": self.cluster_of,
                "clusters": self.by_size,
            },
        )

    def map(self, path: str, options: Mapping[str, Any], large: bool = False) -> str:
        """The map as HTML for the page at source path `path`.

        Args:
            options: of a marker, checked and typed by `markers.py`: topic, cluster, view, colour, since (text),
                height (int), names, tools (bool); only those that were given.
            large: the map's own page.
        """
        return mapview.map_html(self, self.url(path), options, large)

    @cached_property
    def placed(self) -> Placed:
        """The entries on the map."""
        return Placed.of(self.entries, self.atlas)

    def template(self, name: str) -> Any:
        """The macros of a template."""
        return self._env.get_template(name).module

    @staticmethod
    def mark(cluster: Cluster) -> str:
        """The classes that give an element the colour and the shape of a cluster."""
        return f"{palette.css_class(cluster.id)} pd-s{palette.look(cluster.id)[1]}"

    def cluster_of(self, entry: Entry) -> Cluster | None:
        place = self.atlas.places.get(entry.id)
        return self.clusters.get(place.cluster) if place else None

    # -- pages

    def source(self, path: str, edit: str | None = None) -> str | None:
        """What is rendered in place of the file at `path`; None where that is the file as it is.

        Args:
            edit: address at which the file can be edited.
        """
        note = self._notes.get(path)
        if note and note.page is None:
            return notepage.render(self, note, edit or "")
        file = self.config.notes / path
        if not note:
            return markers.filled(self, file.read_bytes(), path) if file.is_file() else None
        title, about = (str(note.meta.get(key) or "") for key in ("title", "description"))
        more = {key: value for key, value in note.meta.items() if key not in {"title", "description", "draft"}}
        head = front_matter(title, note.meta, self._is_home(path), about, more)
        foot = "" if self._is_home(path) or not edit else f"\n\n{self.keep(str(self.parts(path).edit(edit)))}\n"
        return f"{head}{markers.with_markers(self, markers.with_anchors(note), path, note.offset)}{foot}"

    @cached_property
    def _said(self) -> dict[str, Any]:
        """mkdocs.yml."""
        file = self.config.root / "mkdocs.yml"
        return read_yaml_config(file) if file.is_file() else {}

    @cached_property
    def beside(self) -> bool:
        """Whether other plugins look at the pages."""
        return not {name for name, _ in plugins(self._said)} <= {"paperdiary", "search", "material/search"}

    @cached_property
    def extensions(self) -> frozenset[str]:
        """The site's Markdown extensions."""
        return extensions_in(self._said) if self._said else EXTENSIONS

    @cached_property
    def _vault(self) -> Vault:
        """Every file under notes/ that is part of the site, with the other names of notes."""
        shown = [note for note in self.diary.notes if not note.hidden]
        hidden = {note.path for note in self.diary.notes if note.hidden}
        names = [(name, n.path) for n in shown for name in names_of(n.meta)]
        titles = ((n.title, n.path) for n in shown)
        return Vault(
            set(files_under(self.config.notes)) - hidden, [*names, *titles], self._text, PaperLinks(shown).address
        )

    def _text(self, path: str) -> str | None:
        """The words of a note that other pages may show."""
        note = self._notes.get(path)
        return note.text if note and not note.hidden else None

    def links(self, path: str) -> Links:
        """What names and addresses in the file at `path` mean."""

        def seen(target: str) -> str:
            is_page = target.lower().endswith(notes.SUFFIXES)
            return relative(self.url(target) if is_page else quote(target), self.url(path))

        return Links(self._vault, path, seen, SLUGS in self.extensions)

    def is_note(self, path: str) -> bool:
        """Whether the page of this file under notes/ is made here; others are rendered as they are."""
        return path in self._notes

    def _is_home(self, path: str) -> bool:
        return self.url(path) in {"", "index.html"}

    def generated(self) -> list[Page]:
        """All generated pages."""
        out = [glance.map_page(self), *glance.diary_pages(self)]
        out += [*grouppages.topic_pages(self), *grouppages.cluster_pages(self)]
        out += [glance.queue_page(self), glance.timeline_page(self), self._search_page()]
        if not any((self.config.notes / name).is_file() for name in ("index.md", "README.md")):
            text = markers.with_markers(self, _HOME.format(name=safe(self.config.site_name)), "index.md")
            out.append(
                Page("index.md", self.config.site_name, front_matter("", {"hide": ["navigation", "toc"]}, True) + text)
            )
        return out

    def _search_page(self) -> Page:
        path = self.paths["search"]
        body = searchpage.body(
            self._search,
            self.entries,
            url=lambda target: relative(target, self.url(path)),
            map_page=self.page("map") if self.atlas.places else None,
            topics={topic: topic_name(topic) for topic in self.topics},
        )
        return glance.page(path, PAGES["search"], body, ("navigation", "toc"), listed=False)

    @cached_property
    def _search(self) -> Any:
        return self._env.get_template("search.html").make_module()

    def with_search(self, html: str, base: str) -> str:
        """A finished page with the search box.

        Args:
            base: the page's URL path in the site; one that begins with "/" is the site's own path, for a page
                that is shown at any address, as 404.html is.
        """
        target = self.page("search")
        if base == target:
            html = searchpage.with_made(html, self.diary.made)
        address = f"{base}{target}" if base.startswith("/") else relative(target, base)
        return searchpage.with_box(html, str(self._search.box(address, base == target)))

    # -- the rest of the site

    def nav(self) -> list[Any]:
        """The navigation: [title -> path or list], in the form MkDocs takes."""
        home = next((n for n in ("index.md", "README.md") if (self.config.notes / n).is_file()), "index.md")
        show = len(self._notes) <= NAV_NOTES
        files: dict[str, list[str]] = defaultdict(list)
        for note in sorted(self.diary.notes, key=lambda n: n.title.lower()):
            if note.entries:
                files[posixpath.dirname(note.path)].append(note.path)
        listed = [{safe(topic_name(t)): [self.topic_path(t), *(files[t] if show else [])]} for t in self.topics]
        topics = [self.paths["topics"], *listed]
        clusters = [self.paths["clusters"], *(self.cluster_path(c) for c in self.atlas.clusters)]
        years = sorted({e.date[:4] for e in self.entries if e.date and e.status != "queued"}, reverse=True)
        diary = [self.paths["diary"], *(self.year_path(year) for year in years)] if len(years) > 1 else None
        out: list[Any] = [{"Home": home}]
        for name, title in PAGES.items():
            if name in _BOXED:
                continue
            out.append({title: {"topics": topics, "clusters": clusters, "diary": diary}.get(name) or self.paths[name]})
        if show and files[""]:
            out.append({"Notes": files[""]})
        return out

    def assets(self) -> list[Asset]:
        """Styles, scripts, Plotly, the map's data, the map alone, and what other programs read."""
        files = siteassets.assets(lambda: mapview.points(self), lambda: mapview.cards(self))
        return [*files, Asset(mapview.embed_path(self), mapview.embed(self)), *outside.files(self)]
