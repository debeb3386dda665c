"""Walking folders in which links may lead back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def walk(root: Path, enter: Callable[[str, str], bool]) -> Iterator[tuple[str, list[str]]]:
    """(folder, names of its files) of every folder under `root`, each folder once, in order.

    Args:
        enter: asked with the path of a folder and the name of one in it; False leaves that out. Paths are
            relative to `root`, with forward slashes, "" for `root` itself.
    """
    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        here = os.path.relpath(folder, root).replace(os.sep, "/")
        here = "" if here == "." else here
        folders[:] = sorted(f for f in folders if enter(here, f))
        yield here, sorted(files)
