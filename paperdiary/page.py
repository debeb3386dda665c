"""One page as a value, and what is written on it: addresses, front matter, names, days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from markupsafe import Markup

from paperdiary import shown, slugs

#: front matter that means something to the theme and is handed on
_THEME_KEYS = ("hide", "template", "icon", "search")


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page."""

    path: str  #: source path in the site's tree, "map.md"
    title: str
    text: str  #: Markdown with front matter
    listed: bool = True  #: part of the navigation


@dataclass(frozen=True, slots=True)
class Asset:
    """A file beside the pages: its bytes, or where they lie."""

    path: str
    data: bytes | Path


class Lazy:
    """Text that is made when a template shows it."""

    def __init__(self, make: Callable[[], Markup]) -> None:
        self._make = make

    def __html__(self) -> str:
        return str(self._make())


def relative(target: str, base: str) -> str:
    """The address of `target` seen from the page at `base`; both are URL paths in the site.

    >>> relative("map/", "rl/a-note/")
    '../../map/'
    """
    path, hash_, anchor = target.partition("#")
    there, here = path.split("/"), base.split("/")[:-1]
    shared = 0
    for one, other in zip(there[:-1], here, strict=False):
        if one != other:
            break
        shared += 1
    out = "/".join([*[".."] * (len(here) - shared), *there[shared:]])
    if not out or out.startswith("/") or ":" in out.split("/")[0]:
        out = f"./{out}"
    return f"{out}{hash_}{anchor}"


def front_matter(
    title: str, meta: dict[str, Any], home: bool, description: str = "", more: Mapping[str, Any] | None = None
) -> str:
    """The front matter that the theme sees. The theme does not escape what it prints, so this does.

    Args:
        more: what other plugins ask of a page, as it stands.
    """
    import yaml

    out: dict[str, Any] = {key: value for key, value in (more or {}).items() if key not in _THEME_KEYS}
    out |= {key: meta[key] for key in _THEME_KEYS if key in meta}
    if title:
        out["title"] = safe(shown.plain(title))
    if description:
        out["description"] = safe(shown.plain(description))
    if home:
        out.setdefault("hide", ["navigation", "toc"])
    if not out:
        return "---\n{}\n---\n"
    return f"---\n{yaml.safe_dump(out, allow_unicode=True, sort_keys=False, width=10**6)}---\n"


def safe(text: str) -> str:
    """Text for a place where it is printed raw, and for one where its entities are undone first.

    A zero-width space after "<" keeps "</title>" from ending the title in either.
    """
    return escape(_plain(text)).replace("&lt;", "&lt;\u200b")


def _plain(text: str) -> str:
    return " ".join(text.split())


def topic_name(topic: str) -> str:
    """A folder as a title: "model-based-rl" is shown as "Model based RL"."""
    words = " / ".join(slugs.pretty(part) for part in topic.split("/"))
    return re.sub(r"\b[b-df-hj-np-tv-xz]{2,4}\b", lambda m: m[0].upper(), words, flags=re.I)


@lru_cache(maxsize=1 << 15)
def drawn(text: str) -> Markup:
    return Markup(shown.html(text))


def day(date: str | None) -> str:
    return str(int(date[8:10])) if date else ""


def weekday(date: str) -> str:
    """The name of the day of the week."""
    return f"{dt.date.fromisoformat(date):%A}"


def rate(number: float) -> str:
    """How many a day: two digits behind the point, three where those would say too little."""
    return f"{number:.3f}" if 0 < number < 0.1 else f"{number:.2f}"


def oneline(text: str) -> Markup:
    """Text for `<pre>`, its lines kept though no line ends: blank ones would end a block of HTML in Markdown."""
    return Markup(escape(text).replace("\n", "&#10;"))


def long_date(date: str) -> str:
    day = dt.date.fromisoformat(date)
    return f"{day.day} {day:%B %Y}"


def authors(names: Sequence[str]) -> str:
    """All of up to six authors, otherwise the first five and how many more."""
    shown = names if len(names) <= 6 else names[:5]
    text = ", ".join(shown)
    return text if len(shown) == len(names) else f"{text} and {len(names) - len(shown)} more"
