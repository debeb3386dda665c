"""Entries and atlas -> the pages of the site, as values. Knows nothing of MkDocs.

A page is Markdown with HTML blocks; addresses in the HTML are relative to the page, so that the site
works under any path.
"""

from __future__ import annotations

import datetime as dt
import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from paperdiary import figures, frontmatter, notes, searchpage, shown, slugs, stats
from paperdiary.atlas import Cluster
from paperdiary.blocks import SLUGS
from paperdiary.build import Diary
from paperdiary.config import read_yaml_config
from paperdiary.dialect import EXTENSIONS, extensions_in, for_mkdocs, is_plain, plain
from paperdiary.entry import Entry, Note
from paperdiary.listing import newest
from paperdiary.markup import outline, without_comments
from paperdiary.spans import TODO
from paperdiary.wikilinks import Links, Vault, files_under

ASSETS = "assets/paperdiary"
HERE = Path(__file__).parent
SAMPLE = 4  #: titles shown with a topic or cluster
NAV_NOTES = 1000  #: above so many, notes are reached by their topic's page and not by the sidebar
MARKER = re.compile(r"^[ \t]*<!--\s*diary:(map|stats|recent|timeline|list)\s*-->[ \t]*$")
#: what stands before the text of a list item or a table row
_ITEM_START = re.compile(r"^\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?|\|\s*)?")
#: front matter that means something to the theme and is handed on
_THEME_KEYS = ("hide", "template", "icon", "search")
_PAGES = {
    "map": "Map",
    "diary": "Diary",
    "topics": "Topics",
    "clusters": "Clusters",
    "queue": "Queue",
    "timeline": "Over time",
    "search": "Search",
}
_BOXED = {"search"}  #: reached by the box in the header, not by the navigation
_HOME = """# {name}

<!-- diary:stats -->

<!-- diary:map -->

## Newest

<!-- diary:recent -->
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page."""

    path: str  #: source path in the site's tree, "map.md"
    title: str
    text: str  #: Markdown with front matter


@dataclass(frozen=True, slots=True)
class Asset:
    """A file beside the pages: its bytes, or where they lie."""

    path: str
    data: bytes | Path


class Site:
    """The pages of one diary."""

    def __init__(self, diary: Diary) -> None:
        self.diary = diary
        self.config = diary.config
        self.entries = diary.entries
        self.atlas = diary.atlas
        self._by_id = {e.id: e for e in diary.entries}
        self._clusters = {c.id: c for c in diary.atlas.clusters}
        self._notes = {note.path: note for note in diary.notes}
        self.paths = self._free_paths()
        env = Environment(loader=PackageLoader("paperdiary"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
        env.filters.update(shown=_shown, day=_day, long_date=_long_date, authors=_authors, topic=topic_name)
        self._env = env

    # -- addresses

    def _free_paths(self) -> dict[str, str]:
        """Source path of each generated page; a note that has the address already keeps it."""
        taken = {slugs.page_url(path, True).lower() for path in self._all_sources()}
        out = {}
        for name in _PAGES:
            free = name
            while f"{free}/" in taken:
                free = f"diary-{free}"
            out[name] = f"{free}/index.md" if name in {"topics", "clusters"} else f"{free}.md"
        return out

    def _all_sources(self) -> list[str]:
        """Every Markdown file under notes/, index pages included."""
        folder = self.config.notes
        return [str(p.relative_to(folder).as_posix()) for p in folder.rglob("*") if p.suffix.lower() in notes.SUFFIXES]

    def url(self, path: str) -> str:
        """URL path in the site of a source path."""
        return slugs.page_url(path, self.config.directory_urls)

    def page(self, name: str) -> str:
        return self.url(self.paths[name])

    def topic_path(self, topic: str) -> str:
        return f"{posixpath.dirname(self.paths['topics'])}/{self._topic_slugs[topic]}/index.md"

    def cluster_path(self, cluster: Cluster) -> str:
        return f"{posixpath.dirname(self.paths['clusters'])}/{cluster.id}.md"

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

    # -- pieces

    def _parts(self, path: str) -> Any:
        """The template module for a page at source path `path`; addresses are relative to that page."""
        base = self.url(path)
        return self._env.get_template("parts.html").make_module(
            {
                "url": lambda target: relative(target, base),
                "page": self.page,
                "asset": lambda name: f"{ASSETS}/{name}",
                "look": figures.look,
                "topic_page": lambda topic: self.url(self.topic_path(topic)),
                "cluster_page": lambda cluster: self.url(self.cluster_path(cluster)),
                "cluster_of": self.cluster_of,
                "clusters": sorted(self.atlas.clusters, key=lambda c: (-c.size, c.name)),
                "places": bool(self.atlas.places),
                "projections": figures.LABELS,
                "projection": self.config.options.projection,
                "svg": _Lazy(lambda: self._svg(base)),
            },
        )

    def _svg(self, base: str) -> Markup:
        projection = self.config.options.projection
        return Markup(figures.map_svg(self.entries, self.atlas, projection, lambda page: relative(page, base)))

    def cluster_of(self, entry: Entry) -> Cluster | None:
        place = self.atlas.places.get(entry.id)
        return self._clusters.get(place.cluster) if place else None

    def _timeline(self, parts: Any) -> str:
        data = figures.timeline_data(self.entries)
        return str(parts.timeline(data, Markup(figures.timeline_svg(self.entries))))

    def _marker(self, name: str, parts: Any) -> str:
        read = newest([e for e in self.entries if e.status != "queued"])
        pieces: dict[str, Callable[[], Any]] = {
            "map": lambda: parts.map(),
            "stats": lambda: parts.stats(stats.figures(self.entries, self.atlas)),
            "recent": lambda: parts.items(read[: self.config.options.recent], show_date=True),
            "timeline": lambda: self._timeline(parts),
            "list": lambda: parts.items(read, show_date=True),
        }
        return str(pieces[name]())

    # -- pages

    def source(self, path: str) -> str | None:
        """What is rendered in place of the file at `path`; None where the file is no text of the reader's."""
        note = self._notes.get(path)
        if note and note.page is None:
            return self._note(note)
        file = self.config.notes / path
        if note:
            body, meta = self._with_anchors(note), note.meta
        elif file.is_file():
            text, _ = frontmatter.decode(file.read_bytes(), path)
            meta, body, _, _ = frontmatter.split_front_matter(text, path)
        else:
            return None
        return front_matter(str(meta.get("title") or ""), meta, self._is_home(path)) + self._with_markers(body, path)

    @staticmethod
    def _with_anchors(note: Note) -> str:
        """A page of lists; the line of each entry of its own can be linked to."""
        lines = note.text.split("\n")
        for entry in note.entries:
            row = entry.line - 1 - note.offset
            if entry.listed and 0 <= row < len(lines):
                at = found.end() if (found := _ITEM_START.match(lines[row])) else 0
                mark = f'<span class="pd-anchor" id="{escape(entry.anchor)}"></span>'
                lines[row] = f"{lines[row][:at]}{mark}{lines[row][at:]}"
        return "\n".join(lines)

    def _with_markers(self, body: str, path: str) -> str:
        """A page's text with what its markers name; a marker shown as code stays."""
        lines = body.split("\n")
        found: dict[int, str] = {}
        for block in outline(body):
            for row in range(block.start, block.end) if block.kind == "html" else ():
                marker = MARKER.match(lines[row])
                if marker:
                    found[row] = marker[1]
                    lines[row] = ""
        parts = self._parts(path) if found else None
        inserts = {row: [f"\n{self._marker(name, parts)}\n"] for row, name in found.items()}
        return for_mkdocs("\n".join(lines), 0, inserts, self._links(path), self._extensions)

    @cached_property
    def _extensions(self) -> frozenset[str]:
        """The site's Markdown extensions."""
        file = self.config.root / "mkdocs.yml"
        return extensions_in(read_yaml_config(file)) if file.is_file() else EXTENSIONS

    @cached_property
    def _vault(self) -> Vault:
        """Every file under notes/ that is part of the site, with the other names of notes."""
        shown = [note for note in self.diary.notes if not note.hidden]
        hidden = {note.path for note in self.diary.notes if note.hidden}
        aliases = ((n.meta.get("aliases"), n.path) for n in shown)
        names = [(str(name), path) for found, path in aliases if isinstance(found, list) for name in found]
        return Vault(set(files_under(self.config.notes)) - hidden, [*names, *((n.title, n.path) for n in shown)])

    def _links(self, path: str) -> Links:
        """What names and addresses in the file at `path` mean."""

        def seen(target: str) -> str:
            is_page = target.lower().endswith(notes.SUFFIXES)
            return relative(self.url(target) if is_page else quote(target), self.url(path))

        return Links(self._vault, path, seen, SLUGS in self._extensions)

    def _is_home(self, path: str) -> bool:
        return self.url(path) in {"", "index.html"}

    def _note(self, note: Note) -> str:
        """A note with the card of each entry under its heading and its related entries below it."""
        parts = self._parts(note.path)
        lines = note.text.split("\n")
        inserts: dict[int, list[str]] = defaultdict(list)
        heading, title, kept = "", 0, 0
        for entry in note.entries:
            top = entry.line - 1 - note.offset
            if entry.anchor:
                inserts[top].append(f'<div class="pd-anchor" id="{escape(entry.anchor)}"></div>')
            elif entry.head:
                title = entry.head - note.offset
        if note.head and len(note.entries) > 1:
            title = note.head - note.offset
        if title > 0 and self._is_below_text(lines, title):
            kept = title
        elif title > 0:
            heading = self._drop_title(lines, title)
        for entry in note.entries:
            top = entry.line - 1 - note.offset
            below = max(entry.head - note.offset, 0) if entry.head else max(top, 0) if entry.anchor else 0
            inserts[below].append(str(parts.card(entry)))
            nearest = [(self._by_id[i], c) for i, c in self.diary.related.get(entry.id, ()) if i in self._by_id]
            if nearest:
                inserts[entry.end - note.offset].insert(0, str(parts.related(entry, nearest)))
        head = front_matter(note.title, note.meta, False, self._description(note))
        if len(note.entries) == 1 and is_plain(note.text):
            ends = [html for row in inserts if row for html in inserts[row]]
            return head + "\n\n".join([str(parts.card(note.entries[0])), plain(note.text), *ends]) + "\n"
        body, links = "\n".join(lines), self._links(note.path)
        text = for_mkdocs(body, None, inserts, links, self._extensions, title=kept)
        return head + ("" if kept else self._own_heading(heading, note.title, text, links)) + text

    def _own_heading(self, heading: str, title: str, text: str, links: Links) -> str:
        """The heading of a page for which the theme's, the bare title, would not do.

        The theme draws no formulas, shows no title above a text that has an H1, and a title leaves out marks
        and years that the note's heading has.
        """
        words = re.compile(r"[^\W_]+")
        bare = re.sub(r"\]\([^()]*\)|\]\[[^\[\]]*\]", "]", TODO.sub(" ", heading))
        lacks = set(words.findall(bare.lower())) - set(words.findall(title.lower()))
        formula = "$" in heading or "\\" in heading
        made = for_mkdocs(f"# {heading}", 0, None, links, self._extensions) if lacks or formula else ""
        if made and (lacks or "<math" in made):
            return f"{made}\n"
        drawn = shown.markdown(title)
        return f"# {drawn}\n\n" if "<math" in drawn or "<h1" in text else ""

    @staticmethod
    def _is_below_text(lines: list[str], end: int) -> bool:
        """Whether a page begins with something else than the heading that ends before line `end`, such as a picture."""
        above = without_comments("\n".join(lines[:end])).strip().split("\n")
        underlined = len(above) > 1 and re.match(r"\s*(=+|-+)\s*$", above[-1])
        return "" in map(str.strip, above) or (len(above) > 1 and not underlined)

    @staticmethod
    def _drop_title(lines: list[str], end: int) -> str:
        """Take out the heading that ends before line `end` (0-based), since the page shows it itself; its text."""
        row = end - 1
        if not 0 <= row < len(lines):
            return ""
        underlined = re.match(r"^\s*(=+|-+)\s*$", lines[row])
        lines[row], text = "", lines[row]
        if not underlined:
            return re.sub(r"^\s*#+\s*|\s+#+\s*$", "", text).strip()
        found: list[str] = []
        while row and lines[row - 1].strip() and not re.match(r"\s*(?:#|[-*+>|]\s|```|~~~|<)", lines[row - 1]):
            row -= 1
            found.insert(0, lines[row].strip())
            lines[row] = ""
        return " ".join(found)

    def _description(self, note: Note) -> str:
        return note.entries[0].description if len(note.entries) == 1 else ""

    def generated(self) -> list[Page]:
        """All generated pages."""
        out = [self._map_page(), self._diary_page(), *self._topic_pages(), *self._cluster_pages()]
        out += [self._queue_page(), self._timeline_page(), self._search_page()]
        if not any((self.config.notes / name).is_file() for name in ("index.md", "README.md")):
            text = self._with_markers(_HOME.format(name=safe(self.config.site_name)), "index.md")
            out.append(
                Page("index.md", self.config.site_name, front_matter("", {"hide": ["navigation", "toc"]}, True) + text)
            )
        return out

    def _page(self, path: str, title: str, body: str, hide: Sequence[str] = ()) -> Page:
        return Page(path, title, front_matter(title, {"hide": list(hide)} if hide else {}, False) + f"{body}\n")

    def _map_page(self) -> Page:
        path = self.paths["map"]
        return self._page(path, _PAGES["map"], str(self._parts(path).map(large=True)), ("navigation", "toc"))

    def _diary_page(self) -> Page:
        path = self.paths["diary"]
        parts = self._parts(path)
        months: dict[str, list[Entry]] = defaultdict(list)
        for entry in newest([e for e in self.entries if e.status != "queued"]):
            months[entry.date[:7] if entry.date else ""].append(entry)
        body = []
        for month in sorted(months, reverse=True):
            name = dt.date.fromisoformat(f"{month}-01").strftime("%B %Y") if month else "Without a date"
            body.append(f"## {name}\n\n{parts.items(months[month], show_day=bool(month))}\n")
        if not body:
            body.append("Nothing has been read yet.")
        return self._page(path, _PAGES["diary"], "\n".join(body), ("navigation",))

    def _topic_pages(self) -> list[Page]:
        path = self.paths["topics"]
        rows = [
            {
                "page": self.url(self.topic_path(t)),
                "name": topic_name(t),
                "size": len(es),
                "sample": [e.title for e in es[:SAMPLE]],
            }
            for t, es in self.topics.items()
        ]
        text = str(self._parts(path).table(rows)) if rows else "A folder under `notes/` is a topic; there is none yet."
        out = [self._page(path, _PAGES["topics"], text)]
        for topic, entries in self.topics.items():
            here = self.topic_path(topic)
            out.append(
                self._page(
                    here, topic_name(topic), str(self._parts(here).items(entries, show_topic=False, show_date=True))
                )
            )
        return out

    def _cluster_pages(self) -> list[Page]:
        path = self.paths["clusters"]
        inside: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.id in self.atlas.places:
                inside[self.atlas.places[entry.id].cluster].append(entry)
        rows = [
            {
                "page": self.url(self.cluster_path(c)),
                "name": c.name,
                "size": c.size,
                "cluster": c,
                "sample": [e.title for e in newest(inside[c.id])[:SAMPLE]],
            }
            for c in sorted(self.atlas.clusters, key=lambda c: (-c.size, c.name))
        ]
        text = str(self._parts(path).table(rows)) if rows else "There are no clusters yet."
        out = [self._page(path, _PAGES["clusters"], text)]
        for cluster in self.atlas.clusters:
            here = self.cluster_path(cluster)
            out.append(
                self._page(here, cluster.name, str(self._parts(here).items(newest(inside[cluster.id]), show_date=True)))
            )
        return out

    def _queue_page(self) -> Page:
        path = self.paths["queue"]
        parts = self._parts(path)
        body = []
        for status, title in (("reading", "Being read"), ("queued", "To read")):
            found = newest([e for e in self.entries if e.status == status])
            if found:
                body.append(f"## {title}\n\n{parts.items(found)}\n")
        if not body:
            body.append("The queue is empty: everything has been read.")
        return self._page(path, _PAGES["queue"], "\n".join(body), ("navigation",))

    def _timeline_page(self) -> Page:
        path = self.paths["timeline"]
        return self._page(path, _PAGES["timeline"], self._timeline(self._parts(path)), ("navigation", "toc"))

    def _search_page(self) -> Page:
        path = self.paths["search"]
        body = searchpage.body(
            self._search,
            self.entries,
            url=lambda target: relative(target, self.url(path)),
            map_page=self.page("map") if self.atlas.places else None,
            topics={topic: topic_name(topic) for topic in self.topics},
        )
        return self._page(path, _PAGES["search"], body, ("navigation", "toc"))

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
        out: list[Any] = [{"Home": home}]
        for name, title in _PAGES.items():
            if name in _BOXED:
                continue
            out.append({title: {"topics": topics, "clusters": clusters}.get(name, self.paths[name])})
        if show and files[""]:
            out.append({"Notes": files[""]})
        return out

    def assets(self) -> list[Asset]:
        """Styles, scripts, Plotly and the map's data."""
        import importlib.util

        data = figures.map_data(self.entries, self.atlas, self.config.options.projection)
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        spec = importlib.util.find_spec("plotly")
        plotly = Path(str(spec.origin)).parent / "package_data" / "plotly.min.js" if spec else None
        out = [
            Asset(f"{ASSETS}/paperdiary.css", HERE / "assets" / "paperdiary.css"),
            Asset(f"{ASSETS}/paperdiary.js", HERE / "assets" / "paperdiary.js"),
            Asset(f"{ASSETS}/map.json", text.encode("utf-8", "surrogatepass")),
            *(Asset(f"{ASSETS}/search/{file.name}", file) for file in searchpage.scripts()),
        ]
        if plotly and plotly.is_file():
            out.append(Asset(f"{ASSETS}/plotly.min.js", plotly))
        return out


class _Lazy:
    """Text that is made when a template shows it."""

    def __init__(self, make: Callable[[], Markup]) -> None:
        self._make = make

    def __html__(self) -> str:
        return str(self._make())


def relative(target: str, base: str) -> str:
    """The address of `target` seen from the page at `base`; both are URL paths in the site.

    >>> relative("map/", "rl/a-note/")
    '../../map/'
    """
    path, hash_, anchor = target.partition("#")
    folder = posixpath.dirname(base)
    out = posixpath.relpath(path or ".", folder or ".")
    if path.endswith("/") or not path:
        out = f"{out}/"
    return f"{out}{hash_}{anchor}"


def front_matter(title: str, meta: dict[str, Any], home: bool, description: str = "") -> str:
    """The front matter that the theme sees. The theme does not escape what it prints, so this does."""
    import yaml

    out: dict[str, Any] = {key: meta[key] for key in _THEME_KEYS if key in meta}
    if title:
        out["title"] = safe(shown.plain(title))
    if description:
        out["description"] = safe(shown.plain(description))
    if home:
        out.setdefault("hide", ["navigation", "toc"])
    if not out:
        return "---\n{}\n---\n"
    return f"---\n{yaml.safe_dump(out, allow_unicode=True, sort_keys=False, width=10**6)}---\n"


def safe(text: str) -> str:
    """Text for a place where it is printed raw, and for one where its entities are undone first.

    A zero-width space after "<" keeps "</title>" from ending the title in either.
    """
    return escape(_plain(text)).replace("&lt;", "&lt;\u200b")


def _plain(text: str) -> str:
    return " ".join(text.split())


def topic_name(topic: str) -> str:
    """A folder as a title: "model-based-rl" is shown as "Model based RL"."""
    words = " / ".join(slugs.pretty(part) for part in topic.split("/"))
    return re.sub(r"\b[b-df-hj-np-tv-xz]{2,4}\b", lambda m: m[0].upper(), words)


def _shown(text: str) -> Markup:
    return Markup(shown.html(text))


def _day(date: str | None) -> str:
    return str(int(date[8:10])) if date else ""


def _long_date(date: str) -> str:
    day = dt.date.fromisoformat(date)
    return f"{day.day} {day:%B %Y}"


def _authors(names: Sequence[str]) -> str:
    """All of up to six authors, otherwise the first five and how many more."""
    shown = names if len(names) <= 6 else names[:5]
    text = ", ".join(shown)
    return text if len(shown) == len(names) else f"{text} and {len(names) - len(shown)} more"
