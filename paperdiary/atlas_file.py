"""atlas.json: one cluster, one event and one entry a line, so that it merges well and can be mended."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Event, Group, Place, Point, number, text_hash
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError
from paperdiary.listing import counted
from paperdiary.store import Store, has_bytes, write_atomic, write_new

VERSION = 1
Say = Callable[[str], None]


def dumps(atlas: Atlas) -> str:
    """atlas.json: one cluster and one entry a line, sorted, so that it merges well."""
    clusters = [
        _line(
            {"id": c.id, "name": c.name, "pinned": c.pinned, "size": c.size, "named": c.named}
            | ({"by": c.by} if c.by else {})
        )
        for c in atlas.clusters
    ]
    events = [json.dumps({k: v for k, v in asdict(e).items() if v}, ensure_ascii=False) for e in atlas.events]
    groups = [_line({"group": g.id} | {k: v for k, v in asdict(g).items() if k != "id"}) for g in atlas.groups]
    entries = [
        f"{json.dumps(i, ensure_ascii=False)}: "
        + _line(
            {n: p.points[n] for n in PROJECTIONS if n in p.points}
            | {"cluster": p.cluster, "text": p.text}
            | ({"late": True} if p.late else {}),
            i,
        )
        for i, p in sorted(atlas.places.items())
    ]
    return (
        f'{{\n"version": {VERSION},\n"made": {json.dumps(atlas.made)},\n"retired": {json.dumps(list(atlas.retired))},\n'
        f'"events": [\n{_joined(events)}],\n'
        f'"clusters": [\n{_joined(clusters)}],\n'
        + (f'"groups": [\n{_joined(groups)}],\n' if groups else "")
        + f'"entries": {{\n{_joined(entries)}}}\n}}\n'
    )


def _line(value: dict[str, Any], key: str = "") -> str:
    """A value on a line, with a checksum that tells a line that was damaged."""
    return json.dumps(value | {"check": _check(value, key)}, ensure_ascii=False)


def _check(value: dict[str, Any], key: str) -> str:
    text = json.dumps([key, {k: v for k, v in value.items() if k not in {"check", "size"}}], sort_keys=True)
    return f"{zlib.crc32(text.encode()) & 0xFFFFF:05x}"


def _is_sound(value: dict[str, Any], key: str = "") -> bool:
    """Whether a line is as it was written; lines of earlier versions have no checksum."""
    return "check" not in value or bool(value["check"] == _check(value, key))


def _joined(lines: list[str]) -> str:
    return ",\n".join(lines) + ("\n" if lines else "")


def loads(text: str) -> tuple[Atlas, bool]:
    """(atlas, whole): from a damaged file or one with a merge conflict, the lines that can be read.

    Raises:
        DiaryError: a later Paper Diary wrote it.
    """
    if (version := _VERSION.search(text)) and int(version[1]) > VERSION:
        raise DiaryError(
            f"atlas.json is of version {version[1]}, which a later Paper Diary wrote. Update this one: `pip install"
            " --upgrade paperdiary`; or move atlas.json away to have the map laid out anew."
        )
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            return Atlas(), False
        clusters = [_cluster(c) for c in data["clusters"]]
        places = {str(i): _place(p) for i, p in data["entries"].items() if _is_sound(p, str(i))}
        retired = [str(i) for i in data.get("retired", ())]
        events = [_event(e) for e in data.get("events", ())]
        groups = [_group(g) for g in data.get("groups", ()) if _is_group(g)]
        atlas, whole = _consistent(clusters, places, str(data.get("made", "")), retired, events, groups)
        return atlas, whole and len(places) == len(data["entries"]) and all(c.name for c in clusters)
    except _DAMAGE:
        pass
    found: dict[str, Cluster] = {}
    places, retired, events, groups = {}, [], [], []
    made = re.search(r'^"made": "([\w.]+)"', text, re.M)
    for line in text.split("\n"):
        line = line.strip().rstrip(",")
        try:
            if line.startswith('{"id"'):
                one = _cluster(json.loads(line))
                found[one.id] = one
            elif line.startswith('{"group"'):
                groups += [_group(g) for g in [json.loads(line)] if _is_group(g)]
            elif line.startswith('{"date"'):
                events.append(_event(json.loads(line)))
            elif line.startswith('"retired":'):
                retired += [str(i) for i in json.loads(line.partition(":")[2])]
            elif line.startswith('"') and line.endswith("}"):
                for key, value in json.loads(f"{{{line}}}").items():
                    if _is_sound(value, key):
                        places[key] = _place(value)
        except _DAMAGE:
            continue
    atlas, _ = _consistent(list(found.values()), places, made[1] if made else "", retired, events, groups)
    return atlas, False


_VERSION = re.compile(r'^\s*\{?\s*"version":\s*(\d{1,9})\b', re.M)
#: what reading a file that was cut off, edited or merged can raise
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


def _consistent(
    clusters: list[Cluster],
    places: dict[str, Place],
    made: str,
    retired: list[str],
    events: list[Event],
    groups: list[Group],
) -> tuple[Atlas, bool]:
    """The atlas with what contradicts itself left out; sizes are counted, empty clusters retire."""
    ids = {c.id for c in clusters}
    kept = {i: p for i, p in places.items() if p.cluster in ids}
    sizes = Counter(p.cluster for p in kept.values())
    live = {c.id: replace(c, size=sizes[c.id]) for c in clusters if sizes[c.id]}
    gone = tuple(sorted({*retired, *ids} - set(live), key=number))
    happened = tuple(sorted(dict.fromkeys(events), key=lambda e: e.date))
    upper = (replace(g, clusters=tuple(c for c in g.clusters if c in live)) for g in groups)
    above = tuple({g.id: g for g in upper if g.clusters}.values())
    return Atlas(tuple(live.values()), kept, made, gone, happened, above), len(kept) == len(places)


def _cluster(value: dict[str, Any]) -> Cluster:
    """A cluster; without its name where the line is damaged, unless its reader pinned one and so wrote the line."""
    size, named, pinned = int(value["size"]), int(value.get("named", 0)), value["pinned"] is True
    name = str(value["name"]) if pinned or _is_sound(value) else ""
    return Cluster(str(value["id"]), name, size, pinned, named, str(value.get("by", "")) if name else "")


def _is_group(value: dict[str, Any]) -> bool:
    """Whether a group's line is as it was written; one that is not is found again, unless its reader pinned a name."""
    return _is_sound(value) or value["pinned"] is True


def _group(value: dict[str, Any]) -> Group:
    clusters, named = ([str(c) for c in value[key]] for key in ("clusters", "named"))
    pinned = value["pinned"] is True
    return Group(str(value["group"]), str(value["name"]), tuple(clusters), tuple(named), int(value["size"]), pinned)


def _event(value: dict[str, Any]) -> Event:
    return Event(*(str(value.get(f.name, "")) for f in fields(Event)))


def _place(value: dict[str, Any]) -> Place:
    points = {n: _point(value[n]) for n in PROJECTIONS if n in value}
    if any(abs(c) > 1e9 or c != c for p in points.values() for c in p):
        raise ValueError("a coordinate is not a number")
    return Place(points, str(value["cluster"]), str(value.get("text", "")), value.get("late") is True)


def _point(value: Any) -> Point:
    x, y = value
    return float(x), float(y)


def read(store: Store, say: Say | None = None) -> Atlas:
    """The last atlas; an empty one where there is none.

    Args:
        say: is told when the file had to be mended, and the file is then kept as it was, since a build is about
            to replace it.

    Raises:
        DiaryError: a later Paper Diary wrote it.
    """
    try:
        data = store.atlas.read_bytes()
    except OSError:
        return Atlas()
    atlas, whole = loads(data.decode("utf-8", "replace"))
    if not whole and say:
        say(
            f"atlas.json is damaged or holds a merge conflict; {counted(len(atlas.places), 'place')} on the map could"
            f" be read from it and the rest is laid out again.{_kept(store, data)}"
        )
    return atlas


def own(store: Store, atlas: Atlas, entries: Sequence[Entry], say: Say) -> Atlas:
    """The atlas, or an empty one where it is about another diary: no entry and no text of it is among `entries`."""
    ids = {e.id for e in entries}
    if not entries or not atlas.places or ids & atlas.places.keys():
        return atlas
    texts = {text_hash(e) for e in entries}
    if any(place.text in texts for place in atlas.places.values()):
        return atlas
    say(
        f"atlas.json knows {counted(len(atlas.places), 'entry', 'entries')}, and none of this diary: the map is laid"
        f" out anew.{_kept(store, store.atlas.read_bytes())}"
    )
    return Atlas()


def _kept(store: Store, data: bytes) -> str:
    """Keep a file that a build replaces; the sentence that says where."""
    if not data.strip():
        return ""
    for count in range(1, 1000):
        place = store.atlas.with_name(f"atlas.json.before{count if count > 1 else ''}")
        if has_bytes(place, data) or write_new(place, data):
            return f" What it held is kept in {place.name}; delete that once nothing of it is missed."
    return ""


def write(store: Store, atlas: Atlas) -> None:
    """Write atlas.json where it would change."""
    data = dumps(atlas).encode()
    if not has_bytes(store.atlas, data):
        write_atomic(store.atlas, data, staging=store.cache)  # a folder that nobody commits
