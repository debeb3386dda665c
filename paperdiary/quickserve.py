"""`diary serve` shows an edited note at once: its page first, then everything.

A build of the whole site takes seconds, most of them for pages that are not looked at. After an edit the pages of the
notes that changed are made with all else as it was, browsers reload, and the whole site follows, in a folder of its
own, while the last one is served; so what stands in the end is what a build makes.
"""

from __future__ import annotations

import copy
import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary import notes
from paperdiary.files import walk

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation

    from paperdiary.pages import Site

log = logging.getLogger("mkdocs.plugins.paperdiary")

PAUSE = 1.0  #: seconds without another edit after which the whole site follows
FEW = 5  #: notes that are shown before the rest; more were not edited by hand
Stamps = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Whole:
    """What the last whole build worked with."""

    config: MkDocsConfig
    files: Files
    nav: Navigation
    env: Environment
    site: Site
    stamps: Stamps  #: of every file it was made of


def stamps(folder: Path, *others: Path) -> Stamps:
    """What tells whether a file changed: path -> (time, size)."""
    found = {}
    paths = [folder / at / name for at, names in walk(folder, lambda at, name: True) for name in names]
    for path in [*paths, *others]:
        try:
            about = path.stat()
        except OSError:
            continue
        found[str(path)] = (about.st_mtime_ns, about.st_size)
    return found


class Builder:
    """In place of the server's builder.

    Args:
        build: makes the whole site.
        last: gives what the last whole build worked with, None where there is none.
        put: makes a site the one that the plugin's hooks see.
    """

    def __init__(
        self,
        server: LiveReloadServer,
        build: Callable[[], None],
        last: Callable[[], Whole | None],
        put: Callable[[Site], None],
    ) -> None:
        self._server = server
        self._build = build
        self._last = last
        self._put = put
        self._shown: Stamps = {}  #: of the notes that were shown before the rest
        self._timer: threading.Timer | None = None
        self.folders = (server.root, f"{server.root}-next")

    def next_folder(self) -> str:
        """Where the next site is built: not where the one lies that is served."""
        return self.folders[self._server.root == self.folders[0]]

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        shutil.rmtree(self.folders[1], ignore_errors=True)

    def __call__(self) -> None:
        if self._timer:
            self._timer.cancel()
        last = self._last()
        changed = self._changed(last) if last else []
        if last and changed:
            site = copy.copy(last.site)
            try:
                show(last, site, changed, self._put)
            except Exception as e:  # whatever it is, the whole build finds it again and says so
                log.debug("shown with the rest: %s", e)
            else:
                self._timer = threading.Timer(PAUSE, self._ask)
                self._timer.daemon = True
                self._timer.start()
                return
        self._shown = {}
        self._whole()

    def _whole(self) -> None:
        """Build, and answer from the last site meanwhile; one that fails leaves that in its place."""
        server = self._server
        with server._epoch_cond:
            epoch, server._wanted_epoch = server._wanted_epoch, server._visible_epoch
        self._build()
        made = self._last()
        if made:
            server.root = str(Path(made.config.site_dir).absolute())
        server._wanted_epoch = epoch

    def _changed(self, last: Whole) -> list[str]:
        """The few notes that alone changed since the last build, and were not shown yet; paths below notes/."""
        folder = last.site.config.notes
        now = stamps(folder, last.site.config.root / "mkdocs.yml")
        changed = [path for path, stamp in now.items() if last.stamps.get(path) != stamp]
        if now.keys() != last.stamps.keys() or not 0 < len(changed) <= FEW:
            return []
        paths = [Path(path).relative_to(folder).as_posix() for path in changed if Path(path).is_relative_to(folder)]
        written = all(p.lower().endswith(notes.SUFFIXES) and not notes.is_index(p) for p in paths)
        if len(paths) < len(changed) or not written or all(self._shown.get(p) == now[p] for p in changed):
            return []
        self._shown = {path: now[path] for path in changed}
        return paths

    def _ask(self) -> None:
        """Ask for another build, the whole one."""
        with self._server._rebuild_cond:
            self._server._want_rebuild = True
            self._server._rebuild_cond.notify_all()


def show(last: Whole, site: Site, paths: list[str], put: Callable[[Site], None]) -> None:
    """Make the pages of some notes, with the map and all other pages as they were.

    Args:
        site: a copy of the last one, which gets the notes as they are now.
        put: is given `site` before the pages are made.
    """
    from mkdocs.commands import build as mkdocs_build

    before = site.diary
    found = tuple(notes.read_all(site.config))
    entries = tuple(e for note in found for e in note.entries)
    site.diary = replace(before, notes=found, entries=entries)
    site.entries = entries
    site.by_id = {e.id: e for e in entries}
    site._notes = {note.path: note for note in found}
    put(site)
    listed = last.files.documentation_pages()
    for path in paths:
        file: Any = last.files.get_file_from_path(path)
        if file is None or file.page is None or site._notes[path].hidden:
            continue  # a draft
        file.content_bytes = (site.config.notes / path).read_bytes()
        mkdocs_build._populate_page(file.page, last.config, last.files)
        mkdocs_build._build_page(file.page, last.config, listed, last.nav, last.env)
