"""`diary build` and `diary serve`: MkDocs with the diary's mkdocs.yml, its messages made short."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from paperdiary import build as builds
from paperdiary import changes, encoder, publishing, unchanged
from paperdiary.build import Bar, Diary
from paperdiary.config import Config
from paperdiary.errors import ConfigError, DiaryError
from paperdiary.listing import counted
from paperdiary.store import Store

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from paperdiary.plugin import PaperDiaryPlugin

Say = Callable[[str], None]
SHOWN_LINKS = 3  #: links that lead nowhere, named one by one in each note


@dataclass(frozen=True, slots=True)
class Result:
    """What a build did."""

    summary: str
    diary: Diary
    seconds: float  #: of all of it


def build(
    config: Config, say: Say, bar: Bar, *, strict: bool = False, verbose: bool = False, refit: bool = False
) -> Result:
    """Build the site, or leave it where nothing changed; `refit` lays the map out anew.

    Raises:
        DiaryError: mkdocs.yml cannot be used, or, with `strict`, something was warned of.
    """
    with publishing.alone(Store(config), say):
        started = time.perf_counter()
        last = None if refit or verbose else unchanged.find(config)
        if last:
            return _as_it_was(config, last, say, strict, started)
        before = None if verbose else unchanged.inputs(config, atlas=False)
        with _messages(say, verbose) as heard:
            try:
                diary = _built(config, bar, refit)
            except DiaryError:
                if not heard.end:
                    raise
                raise DiaryError(heard.end) from None
        notice = encoder.notice(config.options) if diary.complete and diary.encoder is None else ""
        if diary.complete:
            unchanged.remember(config, before, [*heard.lasting, *filter(None, [notice])], heard.lasting_warnings)
        else:
            unchanged.forget(config)
        _refuse(strict, heard.warnings)
        seconds = time.perf_counter() - started
        lines = [*changes.lines(diary), *filter(None, [notice]), _summary(diary, seconds)]
        return Result("\n".join(lines), diary, seconds)


def _built(config: Config, bar: Bar, refit: bool) -> Diary:
    """The site, made beside the last one and put in its place at the end."""
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.exceptions import MkDocsException

    try:
        settings = _load(config)
        plugin = cast("PaperDiaryPlugin", settings.plugins["paperdiary"])
        plugin.bar, plugin.refit, plugin.guarded = bar, refit, True
        staging = publishing.Staging(Store(config), config.site)
        staging.recover()
        settings.site_dir = str(staging.folder)
        settings.plugins.on_startup(command="build", dirty=False)
        try:
            mkdocs_build(settings)
        finally:
            plugin.refit = plugin.guarded = False  # MkDocs gives the same plugin to the next build of this process
        settings.plugins.on_shutdown()
    except MkDocsException as e:
        raise DiaryError(str(e).strip() or "MkDocs could not build the site; the messages above say why.") from None
    except OSError as e:
        where = f" ({e.filename})" if e.filename else ""
        raise DiaryError(
            f"The site cannot be made: {e.strerror or e}{where}. Free space or change the permissions."
        ) from None
    staging.publish()
    diary: Diary = plugin.site.diary
    return replace(diary, config=config)


def _as_it_was(config: Config, last: unchanged.Built, say: Say, strict: bool, started: float) -> Result:
    """What a build would do that finds everything as the last one left it."""
    for message in last.said:
        say(message)
    _refuse(strict, last.warnings)
    diary = builds.read(config)
    seconds = time.perf_counter() - started
    return Result(_summary(diary, seconds, changed=False), diary, seconds)


def _refuse(strict: bool, warnings: int) -> None:
    if strict and warnings:
        raise DiaryError(f"{counted(warnings, 'warning')}, and --strict was asked for.")


def _summary(diary: Diary, seconds: float, *, changed: bool = True) -> str:
    folder = diary.config.site
    with contextlib.suppress(ValueError):
        folder = folder.relative_to(diary.config.root)
    if not changed:
        size = counted(len(diary.entries), "entry", "entries")
        return f"{size}, nothing changed; site in {folder}/ as it was, after {seconds:.1f} s. `diary serve` shows it."
    notes = sum(bool(n.entries) for n in diary.notes)
    fresh = f", {counted(diary.embedded, 'passage')} embedded" if diary.embedded else ""
    return (
        f"{counted(len(diary.entries), 'entry', 'entries')} in {counted(notes, 'note')},"
        f" {counted(len(diary.atlas.clusters), 'cluster')}{fresh};"
        f" site in {folder}/ after {seconds:.1f} s. `diary serve` shows it."
    )


def _load(config: Config) -> MkDocsConfig:
    from mkdocs.config import load_config
    from mkdocs.exceptions import ConfigurationError

    try:
        settings = load_config(str(config.root / "mkdocs.yml"))
    except ConfigurationError as e:
        raise ConfigError(f"{config.root / 'mkdocs.yml'} cannot be used: {e}") from None
    if "paperdiary" not in settings.plugins:
        raise ConfigError(
            f"{config.root / 'mkdocs.yml'} does not name the plugin, or switches it off; add `- paperdiary` under"
            " `plugins:`."
        )
    return settings


def serve(config: Config, address: str, open_browser: bool, say: Say) -> None:
    """Serve the site and rebuild on every change, until interrupted."""
    with _messages(say, True):
        from mkdocs.commands.serve import serve as mkdocs_serve
        from mkdocs.exceptions import MkDocsException

        _load(config)
        try:
            mkdocs_serve(
                str(config.root / "mkdocs.yml"), dev_addr=address, livereload=True, open_in_browser=open_browser
            )
        except MkDocsException as e:
            raise DiaryError(str(e).strip()) from None
        except OSError as e:
            raise DiaryError(f"{address} cannot be used ({e.strerror}); choose another with --address.") from None


class _Handler(logging.Handler):
    """Says what MkDocs logs; of links that lead nowhere only the first few of each file."""

    _LINK = re.compile(r"Doc file '(?P<note>.+?)' contains a link '(?P<link>.+?)', but the (?:target|doc) ")

    def __init__(self, say: Say) -> None:
        super().__init__()
        self.say = say
        self.warnings = self.lasting_warnings = 0
        self.lasting: list[str] = []  #: messages that the next build repeats where nothing changes
        self.broken: Counter[str] = Counter()
        self.end = ""  #: why MkDocs gave up, which the command says once, and last

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.ERROR and (record.name, record.funcName) == ("mkdocs.commands.build", "build"):
            self.end = message
            return
        passing = getattr(record, "passing", False)
        if record.levelno >= logging.WARNING and not getattr(record, "mild", False):
            self.warnings += 1
            self.lasting_warnings += not passing
        link = self._LINK.match(message)
        if not link:
            self._say(message, passing)
            return
        self.broken[link["note"]] += 1
        if self.broken[link["note"]] <= SHOWN_LINKS:
            self._say(f"{link['note']}: the link {link['link']} leads to nothing.")

    def _say(self, message: str, passing: bool = False) -> None:
        self.say(message)
        if not passing:
            self.lasting.append(message)

    def close(self) -> None:
        for note, count in self.broken.items():
            if count > SHOWN_LINKS:
                self._say(f"{note}: {count - SHOWN_LINKS} more links lead to nothing.")
        self.broken.clear()
        super().close()


@contextlib.contextmanager
def _messages(say: Say, verbose: bool) -> Iterator[_Handler]:
    """MkDocs' log as plain sentences; gives what was heard."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    handler = _Handler(say)
    logger = logging.getLogger("mkdocs")
    before = (logger.level, logger.propagate)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.setLevel(before[0])
        logger.propagate = before[1]
