"""The text of a new note: what is known of a thing, and the reader's template."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from paperdiary import template as templates
from paperdiary.entry import STATUSES, Source
from paperdiary.frontedit import front_matter
from paperdiary.inert import one_line
from paperdiary.metadata import Metadata
from paperdiary.slugs import slug
from paperdiary.template import Template

TITLE = 400  #: characters of a title that are kept
_AUTHORS = 200  #: authors that are named; a collaboration may have thousands


def text(
    template: Template, found: Metadata, title: str, topic: str, status: str | None = None, date: str | None = None
) -> str:
    """The whole note.

    Args:
        status: one of entry.STATUSES; None: the template's, else "read".
        date: ISO 8601, the day it was read; None: today, unless it is queued.
    """
    status = status or template.status
    status = status if status in STATUSES else "read"
    today = dt.date.today().isoformat()
    date = date or ("" if status == "queued" else today)
    values = front_values(found, title) | {
        "status": status,
        "date": date,
        "added": "" if date else today,
        "incomplete": not found.complete or None,
        "tags": list(dict.fromkeys([*template.tags, *(one_line(t, 80) for t in found.tags)])),
    }
    shown = placeholders(values, topic, date or today)
    values |= template.extra(shown)
    pending = not found.complete and not found.abstract
    return f"{front_matter(values)}\n{templates.body(template, shown, found.abstract, pending)}"


def front_values(found: Metadata, title: str) -> dict[str, Any]:
    """What is known of a thing, by the keys of front matter."""
    published = found.published or ""
    authors = [one_line(name, 120) for name in found.authors]
    more = len(authors) - _AUTHORS
    return {
        "title": title,
        "authors": [a for a in authors[:_AUTHORS] if a] + ([f"{more} more"] if more > 0 else []),
        "year": int(published[:4]) if re.match(r"\d{4}", published) else None,
        "published": published if len(published) > 4 else "",
        "arxiv": found.arxiv,
        "doi": found.doi,
        "url": found.url or found.source.url,
        "kind": found.kind,
        "venue": one_line(found.venue, 200),
    }


def placeholders(values: Mapping[str, Any], topic: str, date: str) -> dict[str, str]:
    """What the fields of a template stand for."""
    plain = {k: str(v) for k, v in values.items() if v is not None and not isinstance(v, (list, bool))}
    return plain | {"authors": ", ".join(values.get("authors") or []), "topic": topic, "date": date}


def placeholder(source: Source) -> str:
    """The title of a thing of which only the address is known."""
    if source.arxiv:
        return f"arXiv:{source.arxiv}"
    if source.doi:
        return f"doi:{source.doi}"
    return one_line(re.sub(r"^https?://(?:www\.)?", "", source.url).rstrip("/"), 120) or "Untitled"


def stem(found: Metadata, title: str) -> str:
    """The name of a note without `.md`: a slug that is no page of its own and that every file system takes."""
    name = slug(title)
    while len(name.encode()) > 180:
        name = name[:-1]
    name = name.strip("-") or "untitled"
    return f"{name}-{found.kind}" if name in {"index", "readme", "summary", "con", "nul", "aux", "prn"} else name
