"""MkDocs hooks, one call each; the site itself is made in `pages.py`."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.base import ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import nest_paths

from paperdiary import build, compiled, editlink, face, feeds, guests, pagecache, publishing, quickserve, shards
from paperdiary.config import Config, blogs, make_options, no_notes, read_yaml_config
from paperdiary.errors import ConfigError, DiaryError
from paperdiary.pages import ASSETS, Site
from paperdiary.store import Store

log = logging.getLogger("mkdocs.plugins.paperdiary")


def _passing(message: str) -> None:
    """A warning of something that happened in this build and is not so in the next."""
    log.warning(message, extra={"passing": True})


def _mild(message: str) -> None:
    """A remark on something that comes right by itself: no build fails for it."""
    log.warning(message, extra={"passing": True, "mild": True})


class PaperDiaryPlugin(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
    """Adds the map, the diary and the other pages to a MkDocs site.

    The options are checked by `paperdiary.config`, which the `diary` command uses as well.
    """

    site: Site
    bar: build.Bar = staticmethod(build.no_bar)
    refit = False
    pages: pagecache.PageCache | None = None
    last: quickserve.Whole | None = None  #: while the site is served
    serves = False  #: and follows changes
    guarded = False  #: whoever builds sees to it that nobody else does
    _builder: quickserve.Builder | None = None
    edits = False  #: pages get a link to where they can be edited

    def __init__(self) -> None:
        super().__init__()
        self._alone = contextlib.ExitStack()

    def load_config(self, options: dict[str, Any], config_file_path: str | None = None) -> tuple[Any, Any]:
        self._options = options
        errors, warnings = super().load_config({}, config_file_path)
        for name, value in options.items():
            try:
                make_options({name: value}, Path(config_file_path or "mkdocs.yml"))
            except ConfigError as e:
                errors.append((name, ValidationError(str(e))))
        return errors, warnings

    def on_startup(self, *, command: str, dirty: bool) -> None:
        self.serves = command == "serve"  # with this hook, one plugin serves all builds

    def on_shutdown(self) -> None:
        if self._builder:
            self._builder.close()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        if self._builder:
            config.site_dir = self._builder.next_folder()
        self._stamps = quickserve.stamps(Path(config.docs_dir), Path(str(config.config_file_path)))
        face.dress(config.theme)
        ours = [f"{ASSETS}/paperdiary.css", f"{ASSETS}/search/search.css"]
        config.extra_css = [*ours, *config.extra_css]  # a site's own styles come last, and win
        config.extra_javascript += [f"{ASSETS}/paperdiary.js", f"{ASSETS}/search/box.js"]
        said = read_yaml_config(Path(str(config.config_file_path)))
        if config.repo_url and not said.get("edit_uri") and not config.edit_uri_template:
            config.edit_uri = editlink.edit_uri(config.repo_url, Path(config.docs_dir).resolve()) or None
        self.edits = "content.action.edit" not in (config.theme.get("features") or ())  # else the theme has its own
        theirs: Any = config.plugins.get("material/search")
        if theirs:
            theirs.config.enabled = False  # a diary of an earlier version names the theme's search
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        if self.guarded:
            return
        try:
            self._alone.enter_context(publishing.alone(Store(_settings(config, self._options)), _passing))
        except DiaryError as e:
            raise PluginError(str(e)) from None

    def on_build_error(self, *, error: Exception) -> None:
        self._alone.close()

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        try:
            settings = _settings(config, self._options)
            self.site = Site(build.run(settings, _passing, self.bar, refit=self.refit), log.warning)
            self.pages = pagecache.of(settings, config)
        except DiaryError as e:
            raise PluginError(str(e)) from None
        self.guest = guests.Guests(settings, config, _mild)
        return add_files(self.site, files, config)

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        edit = editlink.address(page.edit_url) if self.edits else ""
        return self.guest.source(self.site, page, lambda: self.site.source(page.file.src_uri, edit))

    @event_priority(100)
    def _before_others(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        self.guest.head(page)

    @event_priority(-100)
    def _after_others(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        pagecache.keep_markdown(self.pages, page, self.guest.cleaner_of(page))
        return self.guest.markdown(markdown)

    on_page_markdown = CombinedEvent(_before_others, _after_others)

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        html = self.guest.content(html, page)
        return face.headed(html, str(page.title or config.site_name), config.theme.name)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        self._nav = nav

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        self.guest.pictured(files, config)
        compiled.once(env)
        self._whole = quickserve.Whole(config, files, self._nav, env, self.site, self._stamps)
        if self.pages:
            pagecache.keep_templates(self.pages, env, config)

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> None:
        self._builder = quickserve.Builder(server, server.builder, lambda: self.last, self._put)
        server.builder = self._builder

    def _put(self, site: Site) -> None:
        self.site, self.pages = site, None
        self.guest.hurried = True

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        html = feeds.with_links(self.site, self.site.with_search(output, page.url), page.url)
        return html if self.serves else self.guest.policed(html, page.content or "")

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        shards.publish(self.site.diary, Path(config.site_dir))
        if self.pages:
            self.pages.save()
        if self.serves:
            self.last = self._whole
        self._alone.close()

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        if template_name != "404.html":
            return output_content
        root = urlsplit(config.site_url or "").path.rstrip("/") + "/"
        html = feeds.with_links(self.site, self.site.with_search(output_content, root), root)
        return html if self.serves else self.guest.policed(html)


def _settings(config: MkDocsConfig, options: dict[str, Any]) -> Config:
    file = Path(str(config.config_file_path))
    checked = make_options(options, file)
    return Config(
        root=file.parent.resolve(),
        options=checked,
        site_name=config.site_name,
        site_url=config.site_url or "",
        notes=Path(config.docs_dir).resolve(),
        site=Path(config.site_dir).resolve(),
        directory_urls=config.use_directory_urls,
        exclude=no_notes(read_yaml_config(file), checked),
        description=config.site_description or "",
        author=config.site_author or "",
    )


def add_files(site: Site, files: Files, config: MkDocsConfig) -> Files:
    """Put the generated pages and assets among the site's files; drafts leave it."""
    drafts = {note.path for note in site.diary.notes if note.hidden}
    for path in drafts:
        file = files.get_file_from_path(path)
        if file:
            files.remove(file)
    for page in site.generated():
        listed = InclusionLevel.UNDEFINED if page.listed else InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, page.path, content=page.text, inclusion=listed))
    for asset in site.assets():
        if files.get_file_from_path(asset.path):
            continue  # the reader's own, such as a feed.xml
        # never by its path: Material's privacy plugin would fetch what Plotly's script names, and change the script
        data = asset.data.read_bytes() if isinstance(asset.data, Path) else asset.data
        if asset.path.endswith(".css"):
            data = face.fitting(data, config.theme.name)
        files.append(File.generated(config, asset.path, content=data))
    if config.nav is None:
        config.nav = _navigation(site, files, config)
    for problem in site.diary.problems:
        log.warning("%s, line %d: %s", problem.note, problem.line, problem.message)
    return files


def _navigation(site: Site, files: Files, config: MkDocsConfig) -> list[Any]:
    """The diary's navigation; on a site that has other pages these come first, and the diary is a section."""
    ours = site.nav()
    posts = tuple(f"{folder}/" for folder in blogs(read_yaml_config(Path(str(config.config_file_path))), posts=True))
    known = {note.path for note in site.diary.notes} | {str(path) for path in ours[0].values()}
    others = [
        file.src_uri
        for file in files.documentation_pages(inclusion=InclusionLevel.is_in_nav)
        if not (file.generated_by or file.src_uri in known or file.src_uri.startswith(posts))
    ]
    if not others:
        return ours
    return [ours[0], *nest_paths(others), {"Reading": ours[1:]}]  # type: ignore[no-untyped-call]
