"""The site is put in its place whole: a build that fails or is killed leaves the last one as it was.

A build writes beside it, under .paperdiary/, and the two folders are exchanged at the end: at once where the
system can (Linux), otherwise by two renames, of which `recover` undoes the first. Names that begin with a dot
in the site, such as the .git of a published branch, are the reader's and stay.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from paperdiary.errors import DiaryError
from paperdiary.store import Store, only_one

_PATIENCE = 600  #: seconds that a build waits for another
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def alone(store: Store, say: Callable[[str], None]) -> contextlib.AbstractContextManager[None]:
    """Only one process at a time builds a diary; another waits and says so."""
    busy = f"Another build of this diary has been running for {_PATIENCE} s. Wait for it, or end it."
    waiting = "Another build of this diary is running (`diary build` or `serve`); this one waits for it."
    return only_one(store.cache / "build.lock", _PATIENCE, busy, lambda: say(waiting))


class Staging:
    """Where a site is built, and its way into its place."""

    def __init__(self, store: Store, site: Path) -> None:
        self.site = site
        self._store = store
        near = store.cache if _device(store.cache) == _device(site.parent) else site.parent
        self.folder = near / f".{site.name}.new"  #: the site being built
        self._old = near / f".{site.name}.old"

    def recover(self) -> None:
        """Undo what a build that was killed left: the last site comes back, what is unfinished goes."""
        self._store.sweep()
        if self._old.is_dir() and not self.site.exists():
            self._old.rename(self.site)
        for left in (self.folder, self._old):
            if left.is_dir():
                _keep_hidden(left, self.site)
                shutil.rmtree(left, ignore_errors=True)

    def publish(self) -> None:
        """Put the finished site in its place.

        Raises:
            DiaryError: the site's folder cannot be written.
        """
        try:
            if not os.path.lexists(self.site):
                self.site.parent.mkdir(parents=True, exist_ok=True)
                self.folder.rename(self.site)
                return
            if self.site.is_symlink() or os.path.ismount(self.site):
                _copy_over(self.folder, self.site)
            elif exchange(self.folder, self.site):
                _keep_hidden(self.folder, self.site)
            else:
                self.site.rename(self._old)
                self.folder.rename(self.site)
                _keep_hidden(self._old, self.site)
        except OSError as e:
            raise DiaryError(f"{self.site} cannot be replaced: {e.strerror}. Change its permissions.") from None
        for left in (self.folder, self._old):
            shutil.rmtree(left, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False, and nothing done, where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _device(path: Path) -> int:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_dev


def _keep_hidden(old: Path, new: Path) -> None:
    """What the reader keeps in the site's folder under names with a dot goes to the new one."""
    for path in old.glob(".*"):
        if not os.path.lexists(new / path.name) and new.is_dir():
            with contextlib.suppress(OSError):
                path.rename(new / path.name)


def _copy_over(new: Path, site: Path) -> None:
    """Make a folder that cannot be renamed hold the same files, each replaced whole."""
    wanted = set()
    for path in sorted(new.rglob("*")):
        name = path.relative_to(new)
        wanted.add(name)
        target = site / name
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(path, part)
        part.replace(target)
    for path in sorted(site.rglob("*"), reverse=True):
        name = path.relative_to(site)
        if name in wanted or any(part.startswith(".") for part in name.parts):
            continue
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
