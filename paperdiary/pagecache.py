"""Rendered pages kept between builds, so that a build in which one note changed renders one note.

Two things are kept of a page: its Markdown as HTML, by the Markdown and by where its links lead, and the whole
page, by all that the theme's template can see of it. Both have a checksum; what is damaged counts as absent. A
page about which MkDocs had something to say is not kept, so that it is said in each build.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary import unchanged
from paperdiary.config import Config
from paperdiary.store import Store, open_spare

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from paperdiary.sanitise import Cleaner

#: texts that the last build did not use may weigh so many times what it used; `diary serve` and `build` take turns
SPARE = 1.25


class PageCache:
    """Texts by key in a file.

    One that is damaged is begun anew; one that cannot be used costs time and no more.

    Args:
        salt: changes when all pages do.
    """

    def __init__(self, path: Path, salt: str) -> None:
        self._salt = salt.encode()
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._db = open_spare(path, self._prepare, timeout=5)

    @staticmethod
    def _prepare(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE IF NOT EXISTS pages (key BLOB PRIMARY KEY, crc INTEGER, data BLOB)")
        db.execute("CREATE TABLE IF NOT EXISTS used (key BLOB PRIMARY KEY, build INTEGER) WITHOUT ROWID")

    def key(self, *parts: Any) -> bytes:
        """Changes when anything that decides a text does."""
        digest = hashlib.blake2b(self._salt, digest_size=16)
        digest.update(json.dumps(parts, sort_keys=True, default=str).encode())
        return digest.digest()

    def get(self, key: bytes) -> str | None:
        """The text of a key, None where it is not kept."""
        self._used.add(key)
        row = None
        with contextlib.suppress(sqlite3.DatabaseError):
            row = self._db.execute("SELECT crc, data FROM pages WHERE key = ?", (key,)).fetchone() if self._db else None
        if not row or not isinstance(row[1], bytes) or zlib.crc32(key + row[1]) != row[0]:
            return None
        return zlib.decompress(row[1]).decode("utf-8", "surrogatepass")

    def put(self, key: bytes, text: str) -> None:
        """Keep a text once the build is done."""
        self._new[key] = zlib.compress(text.encode("utf-8", "surrogatepass"), 1)

    def save(self) -> None:
        """Write what is new and forget what is too old."""
        rows = [(key, zlib.crc32(key + data), data) for key, data in self._new.items()]
        with contextlib.suppress(sqlite3.DatabaseError):
            if self._db and rows:
                with self._db:
                    self._db.executemany("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", rows)
                    self._forget(self._db)
                free, all_ = (
                    int(self._db.execute(f"PRAGMA {name}_count").fetchone()[0]) for name in ("freelist", "page")
                )
                if 2 * free > all_:
                    self._db.execute("VACUUM")
        self.close()

    def _forget(self, db: sqlite3.Connection) -> None:
        """Forget the texts whose last use is longest ago; an edit taken back, or `diary serve`, finds the others."""
        build = db.execute("SELECT coalesce(max(build), 0) + 1 FROM used").fetchone()[0]
        db.executemany("INSERT OR REPLACE INTO used VALUES (?, ?)", [(key, build) for key in self._used])
        sizes = "SELECT key, length(data) FROM pages LEFT JOIN used USING (key) ORDER BY build DESC"
        kept = [(key, size or 0) for key, size in db.execute(sizes)]
        room = SPARE * sum(size for key, size in kept if key in self._used)
        for key, size in kept:
            if key not in self._used:
                room -= size
                if room < 0:
                    db.execute("DELETE FROM pages WHERE key = ?", (key,))
        db.execute("DELETE FROM used WHERE key NOT IN (SELECT key FROM pages)")

    def close(self) -> None:
        if self._db:
            self._db.close()
        self._db = None


def of(config: Config, settings: MkDocsConfig) -> PageCache | None:
    """The cache of a site; None where it cannot be known what its pages are made of."""
    salt = unchanged.settings_of(config)
    if salt is None:
        return None
    given = (config.site_url, config.site_name, config.directory_urls, settings.theme.name, str(settings.validation))
    return PageCache(Store(config).cache / "pages.sqlite", f"{salt}{given}")


def keep_markdown(cache: PageCache | None, page: Page, cleaner: Cleaner | None = None) -> None:
    """Let a page take its HTML from the cache, and put it there, when MkDocs renders it.

    Args:
        cleaner: makes it harmless.
    """
    page.render = functools.partial(_render, cache, page, cleaner)  # type: ignore[method-assign]


def _render(cache: PageCache | None, page: Page, cleaner: Cleaner | None, config: MkDocsConfig, files: Files) -> None:
    from mkdocs.structure.pages import Page as Plain

    if cache is None:
        Plain.render(page, config, files)
        _clean(page, cleaner)
        return
    level = logging.getLogger("mkdocs.structure.pages").getEffectiveLevel()  # what is heard depends on it
    key = cache.key("html", page.file.src_uri, page.file.url, page.markdown, level)
    kept = cache.get(key)
    if kept is not None and _restore(page, json.loads(kept), files):
        return
    seen = _Seen(files)
    with _listening() as heard:
        Plain.render(page, config, seen)  # type: ignore[arg-type]
    _clean(page, cleaner)
    if not heard:
        cache.put(key, json.dumps(_stored(page, seen.asked)))


def _clean(page: Page, cleaner: Cleaner | None) -> None:
    if not cleaner:
        return
    page.content = cleaner(page.content or "")
    items = list(page.toc)
    while items:
        item = items.pop()
        item.title = cleaner.title(item.title)
        items += item.children


class _Seen:
    """The site's files, and which of them were asked for."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.asked: dict[str, str | None] = {}  #: path -> URL

    def get_file_from_path(self, path: str) -> Any:
        found = self._files.get_file_from_path(path)
        self.asked[path] = found.url if found else None
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    """What MkDocs says meanwhile."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear, logger = Ear(), logging.getLogger("mkdocs")
    logger.addHandler(ear)
    try:
        yield heard
    finally:
        logger.removeHandler(ear)


def _stored(page: Page, asked: dict[str, str | None]) -> dict[str, Any]:
    anchors = page.links_to_anchors
    return {
        "content": page.content,
        "title": page._title_from_render,
        "toc": _toc(page.toc),
        "ids": sorted(page.present_anchor_ids or ()),
        "anchors": None if anchors is None else {file.src_uri: links for file, links in anchors.items()},
        "files": asked,
    }


def _restore(page: Page, value: dict[str, Any], files: Files) -> bool:
    """Give a page what was kept of it; False where a link leads elsewhere now."""
    for path, url in value["files"].items():
        found = files.get_file_from_path(path)
        if (found.url if found else None) != url:
            return False
    linked = {path: files.get_file_from_path(path) for path in value["anchors"] or ()}
    if not all(linked.values()):
        return False
    from mkdocs.structure.toc import TableOfContents

    items = [_heading(item) for item in value["toc"]]
    if items:
        items[0].active = True  # as MkDocs does
    page.content, page.toc = value["content"], TableOfContents(items)
    page._title_from_render = value["title"]
    page.present_anchor_ids = set(value["ids"])
    if value["anchors"] is not None:
        page.links_to_anchors = {linked[path]: links for path, links in value["anchors"].items()}  # type: ignore[misc]
    return True


def _toc(items: Any) -> list[Any]:
    return [[str(i.title), i.id, i.level, _toc(i.children)] for i in items]


def _heading(value: list[Any]) -> Any:
    from mkdocs.structure.toc import AnchorLink

    out = AnchorLink(*value[:3])
    out.children.extend(_heading(child) for child in value[3])
    return out


def keep_templates(cache: PageCache, env: Environment, config: MkDocsConfig) -> None:
    """Let the templates of Material give pages that look as they did from the cache.

    What other themes, and templates of the reader's own, make of a page is not known.
    """
    if config.theme.name != "material" or config.theme.custom_dir:
        return
    plain, navigation = env.get_template, _Navigation(config)

    def get_template(name: Any, parent: Any = None, globals: Any = None) -> Any:
        found = plain(name, parent, globals)
        return found if parent is not None else _Template(found, cache, navigation)

    env.get_template = functools.wraps(plain)(get_template)  # type: ignore[method-assign]


class _Template:
    """A template that asks the cache first."""

    def __init__(self, template: Any, cache: PageCache, navigation: _Navigation) -> None:
        self._template = template
        self._cache = cache
        self._navigation = navigation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, context: dict[str, Any]) -> str:
        page = context.get("page")
        if page is None:
            return str(self._template.render(context))
        beside = [page.previous_page, page.next_page]
        key = self._cache.key(
            "page", self._template.name, page.file.src_uri, page.url, page.title, page.meta, page.content,
            _toc(page.toc), [page.canonical_url, page.edit_url, page.is_homepage],
            [other and [other.url, other.title] for other in beside],
            self._navigation.seen(context["nav"], page), context["base_url"],
            list(map(str, [*context["extra_css"], *context["extra_javascript"]])),
        )  # fmt: skip
        kept = self._cache.get(key)
        if kept is None:
            kept = str(self._template.render(context))
            self._cache.put(key, kept)
        return kept


class _Navigation:
    """What the theme shows of the navigation beside a page."""

    def __init__(self, config: MkDocsConfig) -> None:
        features = config.theme.get("features") or []
        self._known: dict[int, str] = {}
        self._prunes = "navigation.prune" in features and "navigation.sections" not in features

    def seen(self, nav: Any, page: Any) -> list[Any]:
        """All items; of sections that `page` is not in, where the theme prunes them, only where they lead."""
        return [nav.homepage and nav.homepage.url, *(self._item(item) for item in nav.items)]

    def _item(self, item: Any) -> Any:
        if item.is_section and item.active:
            return [item.title, len(item.children), [self._item(child) for child in item.children]]
        if id(item) not in self._known:
            self._known[id(item)] = json.dumps(self._inactive(item), default=str)
        return self._known[id(item)]

    def _inactive(self, item: Any) -> list[Any]:
        if not item.is_section:
            meta = getattr(item, "meta", None) or {}
            shown = [meta.get(name) for name in ("icon", "status", "subtitle")]
            return [item.title, item.url, getattr(item, "is_index", False), *shown]
        children = item.children[:1] if self._prunes else item.children
        return [item.title, len(item.children) > 0, [self._inactive(child) for child in children]]
