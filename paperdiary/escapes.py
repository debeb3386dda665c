"""Text that neither Markdown nor a browser reads anything into."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[!-/:-@\[-`{-~\n]")
_MARKS = re.compile(r"[\\`*_\[\]{~|^]")


def entities(text: str) -> str:
    """Text in which every ASCII sign is an entity: neither HTML nor any Markdown is left in it."""
    return _SIGNS.sub(lambda m: f"&#{ord(m[0])};", text)


def whole(text: str) -> str:
    """Text whose last word cannot become an entity with what follows."""
    return re.sub(r"&(?=#?\w*$)", "&amp;", text)


def calm(text: str) -> str:
    """Text of an HTML element, with entities for what Markdown could read in it."""
    text = re.sub(r"(?i)(?<=p|s):(?=//)|(?<=www)\.", lambda m: f"&#{ord(m[0])};", text)  # no links here
    text = _MARKS.sub(lambda m: f"&#{ord(m[0])};", whole(text).replace("<", "&lt;"))
    return re.sub(r"(?m)^([ \t]*)([#>+=:!?-]|\d+(?=\.))", _line_start, text)


def value(text: str) -> str:
    """The value of an attribute, to stand between double quotes."""
    return re.sub(r"[\"<>`\\\[\]|*{}]", lambda m: f"&#{ord(m[0])};", " ".join(text.split("\n")))


def _line_start(match: re.Match[str]) -> str:
    first = match[2]
    return f"{match[1]}&#{ord(first)};" if not first[0].isdigit() else f"{match[1]}{first[:-1]}&#{ord(first[-1])};"
