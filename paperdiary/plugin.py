"""MkDocs hooks, one call each; the site itself is made in `pages.py`."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from paperdiary import build, shards
from paperdiary.config import Config, make_options, read_yaml_config
from paperdiary.errors import DiaryError
from paperdiary.pages import ASSETS, Site

log = logging.getLogger("mkdocs.plugins.paperdiary")


class PaperDiaryPlugin(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
    """Adds the map, the diary and the other pages to a MkDocs site.

    The options are checked by `paperdiary.config`, which the `diary` command uses as well.
    """

    site: Site
    bar: build.Bar = staticmethod(build.no_bar)
    refit = False

    def load_config(self, options: dict[str, Any], config_file_path: str | None = None) -> tuple[Any, Any]:
        self._options = options
        return super().load_config({}, config_file_path)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        config.extra_css += [f"{ASSETS}/paperdiary.css", f"{ASSETS}/search/search.css"]
        config.extra_javascript += [f"{ASSETS}/paperdiary.js", f"{ASSETS}/search/box.js"]
        theirs: Any = config.plugins.get("material/search")
        if theirs:
            theirs.config.enabled = False  # a diary of an earlier version names the theme's search
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        try:
            settings = _settings(config, self._options)
            self.site = Site(build.run(settings, log.warning, self.bar, refit=self.refit))
        except DiaryError as e:
            raise PluginError(str(e)) from None
        return add_files(self.site, files, config)

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        return None if page.file.generated_by else self.site.source(page.file.src_uri)

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        return self.site.with_search(output, page.url)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        shards.publish(self.site.diary, Path(config.site_dir))

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        if template_name != "404.html":
            return output_content
        return self.site.with_search(output_content, urlsplit(config.site_url or "").path.rstrip("/") + "/")


def _settings(config: MkDocsConfig, options: dict[str, Any]) -> Config:
    file = Path(str(config.config_file_path))
    return Config(
        root=file.parent.resolve(),
        options=make_options(options, file),
        site_name=config.site_name,
        site_url=config.site_url or "",
        notes=Path(config.docs_dir).resolve(),
        site=Path(config.site_dir).resolve(),
        directory_urls=config.use_directory_urls,
        exclude=str(read_yaml_config(file).get("exclude_docs") or ""),
    )


def add_files(site: Site, files: Files, config: MkDocsConfig) -> Files:
    """Put the generated pages and assets among the site's files; drafts leave it."""
    drafts = {note.path for note in site.diary.notes if note.hidden}
    for path in drafts:
        file = files.get_file_from_path(path)
        if file:
            files.remove(file)
    for page in site.generated():
        listed = InclusionLevel.NOT_IN_NAV if page.path == site.paths["search"] else InclusionLevel.UNDEFINED
        files.append(File.generated(config, page.path, content=page.text, inclusion=listed))
    for asset in site.assets():
        if isinstance(asset.data, Path):
            files.append(File.generated(config, asset.path, abs_src_path=str(asset.data)))
        else:
            files.append(File.generated(config, asset.path, content=asset.data))
    if config.nav is None:
        config.nav = site.nav()
    for problem in site.diary.problems:
        log.warning("%s, line %d: %s", problem.note, problem.line, problem.message)
    return files
