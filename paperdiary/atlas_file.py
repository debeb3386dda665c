"""atlas.json: one cluster, one event and one entry a line, so that it merges well and can be mended."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import Any

from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Event, Place, Point, number
from paperdiary.store import Store, has_bytes, write_atomic

VERSION = 1
Say = Callable[[str], None]


def dumps(atlas: Atlas) -> str:
    """atlas.json: one cluster and one entry a line, sorted, so that it merges well."""
    clusters = [
        json.dumps(
            {"id": c.id, "name": c.name, "pinned": c.pinned, "size": c.size, "named": c.named}, ensure_ascii=False
        )
        for c in atlas.clusters
    ]
    events = [json.dumps({k: v for k, v in asdict(e).items() if v}, ensure_ascii=False) for e in atlas.events]
    entries = [
        f"{json.dumps(i, ensure_ascii=False)}: "
        + json.dumps(
            {n: p.points[n] for n in PROJECTIONS if n in p.points}
            | {"cluster": p.cluster, "text": p.text}
            | ({"late": True} if p.late else {})
        )
        for i, p in sorted(atlas.places.items())
    ]
    return (
        f'{{\n"version": {VERSION},\n"made": {json.dumps(atlas.made)},\n"retired": {json.dumps(list(atlas.retired))},\n'
        f'"events": [\n{_joined(events)}],\n'
        f'"clusters": [\n{_joined(clusters)}],\n"entries": {{\n{_joined(entries)}}}\n}}\n'
    )


def _joined(lines: list[str]) -> str:
    return ",\n".join(lines) + ("\n" if lines else "")


def loads(text: str) -> tuple[Atlas, bool]:
    """(atlas, whole): from a damaged file or one with a merge conflict, the lines that can be read."""
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            return Atlas(), False
        clusters = [_cluster(c) for c in data["clusters"]]
        places = {str(i): _place(p) for i, p in data["entries"].items()}
        retired = [str(i) for i in data.get("retired", ())]
        events = [_event(e) for e in data.get("events", ())]
        return _consistent(clusters, places, str(data.get("made", "")), retired, events)
    except _DAMAGE:
        pass
    found: dict[str, Cluster] = {}
    places, retired, events = {}, [], []
    made = re.search(r'^"made": "([\w.]+)"', text, re.M)
    for line in text.split("\n"):
        line = line.strip().rstrip(",")
        try:
            if line.startswith('{"id"'):
                one = _cluster(json.loads(line))
                found[one.id] = one
            elif line.startswith('{"date"'):
                events.append(_event(json.loads(line)))
            elif line.startswith('"retired":'):
                retired += [str(i) for i in json.loads(line.partition(":")[2])]
            elif line.startswith('"') and line.endswith("}"):
                for key, value in json.loads(f"{{{line}}}").items():
                    places[key] = _place(value)
        except _DAMAGE:
            continue
    atlas, _ = _consistent(list(found.values()), places, made[1] if made else "", retired, events)
    return atlas, False


#: what reading a file that was cut off, edited or merged can raise
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


def _consistent(
    clusters: list[Cluster], places: dict[str, Place], made: str, retired: list[str], events: list[Event]
) -> tuple[Atlas, bool]:
    """The atlas with what contradicts itself left out; sizes are counted, empty clusters retire."""
    ids = {c.id for c in clusters}
    kept = {i: p for i, p in places.items() if p.cluster in ids}
    sizes = Counter(p.cluster for p in kept.values())
    live = {c.id: replace(c, size=sizes[c.id]) for c in clusters if sizes[c.id]}
    gone = tuple(sorted({*retired, *ids} - set(live), key=number))
    happened = tuple(sorted(dict.fromkeys(events), key=lambda e: e.date))
    return Atlas(tuple(live.values()), kept, made, gone, happened), len(kept) == len(places)


def _cluster(value: dict[str, Any]) -> Cluster:
    size, named = int(value["size"]), int(value.get("named", 0))
    return Cluster(str(value["id"]), str(value["name"]), size, value["pinned"] is True, named)


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


def read(store: Store, say: Say = lambda message: None) -> Atlas:
    """The last atlas; an empty one where there is none. Says when the file had to be mended."""
    try:
        text = store.atlas.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Atlas()
    atlas, whole = loads(text)
    if not whole:
        say(
            f"atlas.json is damaged or holds a merge conflict; {len(atlas.places)} places on the map could be read"
            " from it and the rest is laid out again."
        )
    return atlas


def write(store: Store, atlas: Atlas) -> None:
    """Write atlas.json where it would change."""
    data = dumps(atlas).encode()
    if not has_bytes(store.atlas, data):
        write_atomic(store.atlas, data)
