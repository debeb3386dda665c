"""Callouts, as Obsidian and GitHub make them of quotes: `> [!note]- Title`."""

from __future__ import annotations

import re

#: what follows `|` is for themes of Obsidian's own
FIRST_LINE = re.compile(
    r"\[!(?P<kind>[^\[\]|\n]{1,60})(?:\|[^\[\]\n]*)?\](?P<fold>[+-]?)[ \t]*(?P<title>[^\n]*)(?:\n|$)"
)
#: names of Obsidian's and GitHub's callouts -> the theme's
NAMES = {
    **{n: n for n in ("note", "abstract", "info", "tip", "success", "question", "warning", "failure", "danger")},
    **{n: n for n in ("bug", "example", "quote")},
    **dict.fromkeys(("summary", "tldr"), "abstract"),
    **dict.fromkeys(("hint", "important"), "tip"),
    **dict.fromkeys(("check", "done"), "success"),
    **dict.fromkeys(("help", "faq"), "question"),
    **dict.fromkeys(("caution", "attention"), "warning"),
    **dict.fromkeys(("fail", "missing"), "failure"),
    "error": "danger",
    "cite": "quote",
    "todo": "info",
}


def kind(written: str) -> str:
    """The kind of a callout as it can be a class: lower case, with dashes.

    >>> kind("My Kind")
    'my-kind'
    """
    return re.sub(r"[^\w]+", "-", written.strip().lower()).strip("-") or "note"


def classes(name: str) -> str:
    """The classes of its box: the theme's, or a note's and its own name, for the reader's own styles."""
    own = f"note {name}" if re.fullmatch(r"[a-z][a-z0-9-]*", name) else "note"
    return NAMES.get(name, own)
