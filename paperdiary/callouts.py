"""Callouts, as Obsidian and GitHub make them of quotes: `> [!note]- Title`."""

from __future__ import annotations

import re

FIRST_LINE = re.compile(r"\[!(?P<kind>[\w-]+)\](?P<fold>[+-]?)[ \t]*(?P<title>[^\n]*)(?:\n|$)")
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
