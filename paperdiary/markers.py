"""Markers on the reader's pages, `<!-- diary:map topic=robots height=400 -->`, and what stands in their place.

A marker is a line of its own. A new one is a function here and a line in `MARKERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from paperdiary import stats
from paperdiary.dialect import for_mkdocs
from paperdiary.entry import KINDS, STATUSES, Entry, Note
from paperdiary.listing import is_date, newest
from paperdiary.markup import outline

if TYPE_CHECKING:
    from paperdiary.pages import Site

Options = Mapping[str, Any]
MARKER = re.compile(r"^[ \t]*<!--\s*diary:(?P<name>[\w-]*)(?P<options>.*?)-->[ \t]*$")
_OPTION = re.compile(
    r"""\s*(?:(?P<name>[\w-]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))|(?P<other>\S+))"""
)
_YES = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_SHOWN = 12  #: valid values that a warning lists


class _Wrong(Exception):
    """A value that an option cannot have; says which it can."""


Check = Callable[["Site", str], Any]


def _one_of(*choices: str) -> Check:
    def check(site: Site, value: str) -> str:
        if value.lower() not in choices:
            raise _Wrong(f"choose one of: {', '.join(choices)}")
        return value.lower()

    return check


def _whole(least: int, most: int) -> Check:
    def check(site: Site, value: str) -> int:
        if not re.fullmatch("[0-9]{1,6}", value) or not least <= int(value) <= most:
            raise _Wrong(f"write a whole number from {least} to {most}")
        return int(value)

    return check


def _yes(site: Site, value: str) -> bool:
    if value.lower() not in _YES:
        raise _Wrong("write yes or no")
    return _YES[value.lower()]


def _date(site: Site, value: str) -> str:
    if not is_date(value):
        raise _Wrong("write it as 2025, 2025-06 or 2025-06-04")
    return value


def _topic(site: Site, value: str) -> str:
    """A folder, whole or by its last name; a folder that only holds folders is a topic too."""
    wanted = value.strip("/").lower()
    known = {"/".join(t.split("/")[: n + 1]) for t in site.topics for n in range(t.count("/") + 1)}
    found = [t for t in known if t.lower() == wanted] or [t for t in known if t.lower().endswith(f"/{wanted}")]
    if len(found) != 1:
        raise _Wrong(f"the topics are: {_listed(sorted(site.topics))}")
    return found[0]


def _cluster(site: Site, value: str) -> str:
    wanted = " ".join(value.lower().split())
    for cluster in site.atlas.clusters:
        if wanted in (cluster.id.lower(), cluster.name.lower()):
            return cluster.id
    raise _Wrong(f"the clusters are: {_listed([f'{c.id} ({c.name})' for c in site.atlas.clusters])}")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN]) or 'none'}{more}"


_WHICH: dict[str, Check] = {"topic": _topic, "cluster": _cluster, "since": _date}
_LISTED = _WHICH | {"kind": _one_of(*KINDS), "status": _one_of(*STATUSES), "limit": _whole(1, 100_000)}


# -- what stands in the place of each


def _chosen(site: Site, options: Options) -> list[Entry]:
    """The entries that a marker is about, newest first."""
    topic, cluster, since = options.get("topic"), options.get("cluster"), options.get("since", "")
    return newest(
        [
            e
            for e in site.entries
            if (not topic or f"{e.topic}/".startswith(f"{topic}/"))
            and (not cluster or ((place := site.atlas.places.get(e.id)) and place.cluster == cluster))
            and (e.date or "") >= since
            and options.get("kind", e.kind) == e.kind
        ]
    )


def _read(site: Site, options: Options) -> list[Entry]:
    status = options.get("status")
    return [e for e in _chosen(site, options) if (e.status == status if status else e.status != "queued")]


def _list(site: Site, path: str, options: Options) -> str:
    found = _read(site, options)[: options.get("limit")]
    return str(site.parts(path).items(found, show_date=True, empty=_NONE.get(options.get("status", ""), _NONE["read"])))


_NONE = {
    "read": "Nothing has been read yet.",
    "queued": "Nothing is waiting to be read.",
    "reading": "Nothing is being read.",
}


def _recent(site: Site, path: str, options: Options) -> str:
    return _list(site, path, {"limit": site.config.options.recent} | dict(options))


def _stats(site: Site, path: str, options: Options) -> str:
    return str(site.parts(path).stats(stats.figures(_chosen(site, options), site.atlas)))


def _timeline(site: Site, path: str, options: Options) -> str:
    from paperdiary import glance

    return glance.cumulative(site, path, _chosen(site, options))


def _calendar(site: Site, path: str, options: Options) -> str:
    from paperdiary import glance

    return glance.calendar(site, path, _chosen(site, options))


def _shares(site: Site, path: str, options: Options) -> str:
    from paperdiary import glance

    return glance.shares_by(site, path, options.get("by", "topic"), options.get("limit", 12), _chosen(site, options))


def _map(site: Site, path: str, options: Options) -> str:
    return site.map(path, options)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker shows, and its options with what checks them."""

    show: Callable[[Site, str, Options], str]  #: (site, source path of the page, options) -> HTML
    options: Mapping[str, Check]


MARKERS: dict[str, Marker] = {
    "map": Marker(
        _map,
        _WHICH
        | {
            "view": _one_of("tsne", "umap", "pca"),
            "colour": _one_of("cluster", "topic", "kind", "status", "read", "published"),
            "height": _whole(120, 2000),
            "names": _yes,
            "tools": _yes,
            "hulls": _yes,
            "order": _yes,
            "kind": _one_of(*KINDS),
            "status": _one_of(*STATUSES),
            "until": _date,
        },
    ),
    "list": Marker(_list, _LISTED),
    "recent": Marker(_recent, _LISTED),
    "stats": Marker(_stats, _WHICH),
    "timeline": Marker(_timeline, _WHICH),
    "calendar": Marker(_calendar, _WHICH),
    "shares": Marker(_shares, _WHICH | {"by": _one_of("topic", "cluster"), "limit": _whole(1, 1000)}),
}
_OTHER_NAMES = {"color": "colour", "projection": "view"}


#: what stands before the text of a heading, a list item or a table row
_ITEM_START = re.compile(r"^\s*(?:#{1,6}\s+|(?:[-*+•]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?|\|\s*|(?:<\w[^<>]*>\s*)+)?")


def with_anchors(note: Note) -> str:
    """A page of lists; the line of each entry of its own can be linked to."""
    lines = note.text.split("\n")
    for entry in note.entries:
        row = entry.line - 1 - note.offset
        if entry.anchor and 0 <= row < len(lines):
            at = found.end() if (found := _ITEM_START.match(lines[row])) else 0
            mark = f'<span class="pd-anchor" id="{escape(entry.anchor)}"></span>'
            lines[row] = f"{lines[row][:at]}{mark}{lines[row][at:]}"
    return "\n".join(lines)


def with_markers(site: Site, body: str, path: str, offset: int = 0) -> str:
    """A page's text with what its markers stand for; `offset` is the number of lines above it in the file."""
    lines = body.split("\n")
    inserts = find(site, lines, path, offset)
    return for_mkdocs("\n".join(lines), 0, inserts, site.links(path), site.extensions)


def filled(site: Site, data: bytes, path: str) -> str | None:
    """The text of a page that is no note with what its markers stand for, all else as it is; None without a marker."""
    if b"diary:" not in data:
        return None
    lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    found = find(site, lines, path)
    for row, html in found.items():
        lines[row] = "\n".join(["", *html, ""])
    return "\n".join(lines) if found else None


def find(site: Site, lines: list[str], path: str, offset: int = 0) -> dict[int, list[str]]:
    """What the markers among the lines of a page stand for, by row; the lines of those are emptied.

    A marker that is shown as code stays, and so does one that has no such name.

    Args:
        path: source path of the page.
        offset: lines of the file before these, for what is said about a marker.
    """
    if not any("diary:" in line for line in lines):
        return {}
    out: dict[int, list[str]] = {}
    for block in outline("\n".join(lines)):
        for row in range(block.start, block.end) if block.kind == "html" else ():
            found = MARKER.match(lines[row])
            if not found:
                continue

            def say(text: str, line: int = row + offset + 1) -> None:
                site.say(f"{path}, line {line}: {text}")

            name = found["name"].lower()
            if name not in MARKERS:
                say(f"there is no marker `diary:{name}`; there are: {', '.join(MARKERS)}.")
                continue
            options = _options(site, name, found["options"], say)
            lines[row] = ""
            out[row] = [f"\n{site.keep(MARKERS[name].show(site, path, options))}\n"]
    return out


def _options(site: Site, marker: str, text: str, say: Callable[[str], None]) -> dict[str, Any]:
    """The options that can be used; of each other one it is said why not."""
    known = MARKERS[marker].options
    out: dict[str, Any] = {}
    for found in _OPTION.finditer(text.rstrip()):
        name = _OTHER_NAMES.get((found["name"] or "").lower(), (found["name"] or found["other"]).lower())
        value = next((v for v in (found["double"], found["single"], found["bare"]) if v is not None), "")
        if name not in known:
            say(f"`diary:{marker}` has no option `{name}`; it has: {', '.join(known)}.")
        elif not found["name"]:
            say(f"`{name}` of `diary:{marker}` needs a value, such as `{name}=…`.")
        else:
            try:
                out[name] = known[name](site, value)
            except _Wrong as e:
                say(f"`{name}` of `diary:{marker}` is `{value}`; {e}.")
    return out
