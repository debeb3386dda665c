"""Names of files, pages and anchors."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote


def slug(text: str) -> str:
    """Lower-case words joined by dashes; letters of other scripts are kept."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")[:64].strip("-") or "untitled"


def pretty(stem: str) -> str:
    """A file name as a title: dashes and underscores become spaces.

    Where a name cannot hold a colon, "_ ", "-_", or one underscore among spaces stands for it.
    """
    words = stem
    if re.search(r"[A-Z].*(?:-_|_ )", stem):
        words = re.sub(r"(?<=\w)(?:-_|_-|_ +|- +)(?=\w)", ": ", stem)
    elif stem.count(" ") >= 2 and re.search(r"[a-z]_[A-Z]", stem):
        words = re.sub(r"(?<=[a-z])_(?=[A-Z])", ": ", stem)
    words = " ".join(re.sub(r"[-_]+", " ", words).split())
    return words[:1].upper() + words[1:] if words else "Untitled"


def page_url(path: str, directory_urls: bool) -> str:
    """The URL path that MkDocs gives to a Markdown file, relative to the site."""
    pure = PurePosixPath(path)
    stem = str(pure.with_suffix(""))
    if pure.stem in {"index", "README"}:
        folder = "" if str(pure.parent) == "." else f"{pure.parent}/"
        return quote(folder if directory_urls else f"{folder}index.html")
    return quote(f"{stem}/" if directory_urls else f"{stem}.html")


def anchor(title: str, taken: set[str]) -> str:
    """The id of an entry on a page of several."""
    base = name = f"entry-{slug(title)}"
    number = 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
