"""The pages that notes become, in MkDocs: what is not the site's own is made harmless on its way.

Before Markdown nothing in a note begins a template of another plugin or names a file to be put in its place; after
it the page goes through `sanitise.Cleaner`, without the HTML that is the site's own, which is put back at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary import copies, csp, pictures, sanitise
from paperdiary.config import Config
from paperdiary.page import safe

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from paperdiary.pages import Site

OURS = "paperdiary"  #: what MkDocs calls the maker of our pages


class Guests:
    """What happens to the pages of notes while MkDocs makes them, one page after the other."""

    def __init__(self, config: Config, settings: MkDocsConfig, say: Callable[[str], None]) -> None:
        options = config.options
        self._trusted = options.trust_html
        self._pictures = options.pictures
        mermaid = "mermaid" in repr(settings.mdx_configs)
        self._cleaner = None if self._trusted else sanitise.Cleaner(self._pictures, mermaid=mermaid)
        self._copies = copies.Copies(config, say) if self._pictures == "copy" else None
        self._snippets = any("snippets" in str(name) for name in settings.markdown_extensions)
        self._theme = settings.theme
        self._csp = options.csp
        self._others = [str(name) for name in (*settings.extra_javascript, *settings.extra_css)]
        self._kept = sanitise.Kept()
        self._site: Site | None = None
        self.hurried = False  #: a page is shown before the rest: nothing is fetched for it

    def source(self, site: Site, page: Page, read: Callable[[], str | None]) -> str | None:
        """The text of a page as other plugins may see it; None where that is the file as it is."""
        self._kept, self._site = sanitise.Kept(), site
        if page.file.generated_by:
            ours = page.file.generated_by == OURS and not self._trusted
            return sanitise.untemplated(page.file.content_string) if ours else None
        site.keep = self._kept if self._is_note(page) else str
        text = read()
        if text is None or self._trusted or not self._is_note(page):
            return text
        text = sanitise.untemplated(text)
        return sanitise.without_snippets(text) if self._snippets else text

    def _is_note(self, page: Page) -> bool:
        return self._site is not None and not page.file.generated_by and self._site.is_note(page.file.src_uri)

    def head(self, page: Page) -> None:
        """Front matter of a note that the theme would print as it is, or stop at."""
        meta = page.meta
        if page.file.generated_by or not self._is_note(page):
            return
        if "icon" in meta and not self._has(f".icons/{meta['icon']}.svg"):
            del meta["icon"]  # another program's; the theme stops at a name that it does not know
        folders = self._theme.dirs if self._trusted else filter(None, [self._theme.custom_dir])
        if "template" in meta and not any(Path(at, str(meta["template"])).is_file() for at in folders):
            del meta["template"]
        if self._trusted:
            return
        meta.setdefault("render_macros", False)  # mkdocs-macros, whatever its delimiters
        for key in ("location", "social", "extra_css", "extra_javascript"):
            meta.pop(key, None)
        for key, value in list(meta.items()):
            meta[key] = _printable(value)

    def _has(self, template: str) -> bool:
        if not re.fullmatch(r"\.icons/[\w./-]+", template) or ".." in template:
            return False
        return any(Path(folder, template).is_file() for folder in self._theme.dirs)

    def cleaner_of(self, page: Page) -> sanitise.Cleaner | None:
        """What makes this page harmless; None for one of ours, and where notes are trusted."""
        return self._cleaner if self._is_note(page) else None

    def markdown(self, text: str) -> str:
        """The text of a page again, when all other plugins saw it."""
        return sanitise.templated(text)

    def content(self, html: str, page: Page) -> str:
        """A page with what is the site's own in its place; copies of pictures come when all pages are known."""
        if not self._is_note(page):
            return html
        if self._trusted and self._pictures != "link":
            html = pictures.tokens(html)
        if not self._copies:
            html = pictures.shown(html)
        elif self.hurried:
            html = pictures.shown(html, self._copies.seen_from(page.url))
        return self._kept.restored(html)

    def pictured(self, files: Files, settings: MkDocsConfig) -> None:
        """Fetch what pages show of other hosts, once all are known, and put the copies among the site's files."""
        from mkdocs.structure.files import File

        if not self._copies:
            return
        pages = [file.page for file in files.documentation_pages() if file.page and self._is_note(file.page)]
        self._copies.fetch(url for page in pages for url in pictures.urls(page.content or ""))
        for page in pages:
            page.content = pictures.shown(page.content or "", self._copies.seen_from(page.url))
        for path, file in self._copies.files():
            files.append(File.generated(settings, path, abs_src_path=str(file)))

    def policed(self, html: str, theirs: str = "") -> str:
        """A finished page with its policy, where mkdocs.yml asks for it; `theirs` is what stands on it of a note."""
        if not self._csp:
            return html
        return csp.with_meta(html, "" if self._trusted else theirs, self._others, pictures=self._pictures == "link")


def _printable(value: Any) -> Any:
    """A value in which nothing that is printed into HTML is a tag or ends an attribute."""
    if isinstance(value, str):
        return safe(value) if re.search(r"[<>\"']", value) else value
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value
