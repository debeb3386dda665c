"""What a build changed on the map, and how to say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperdiary.atlas import Atlas, Event, Point
from paperdiary.listing import counted

if TYPE_CHECKING:
    from paperdiary.build import Diary

SHOWN = 10  #: of each kind, the rest is counted
NEAREST = 3  #: neighbours that are named


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference of two atlases."""

    new: tuple[str, ...] = ()  #: ids of entries that came
    gone: tuple[str, ...] = ()  #: ids of entries that went
    moved: tuple[tuple[str, str, str], ...] = ()  #: (entry, last cluster, cluster) of those that changed it
    events: tuple[Event, ...] = ()  #: what became of clusters
    distance: float = 0.0  #: how far the median entry moved, in parts of the RMS radius of the last map


def between(last: Atlas, now: Atlas, projection: str) -> Changes:
    """What differs in `now`; nothing where there was no map before."""
    if not last.places:
        return Changes()
    known = {c.id for c in last.clusters}
    both = [i for i in now.places if i in last.places]
    moved = tuple((i, last.places[i].cluster, now.places[i].cluster) for i in both)
    return Changes(
        tuple(i for i in now.places if i not in last.places),
        tuple(i for i in last.places if i not in now.places),
        tuple(m for m in moved if m[1] != m[2] and m[1] in known),
        now.events[len(last.events) :],
        _distance([(last.point(i, projection), now.point(i, projection)) for i in both]),
    )


def _distance(pairs: Sequence[tuple[Point | None, Point | None]]) -> float:
    whole = [(a, b) for a, b in pairs if a and b]
    if not whole:
        return 0.0
    x, y = (sum(a[axis] for a, _ in whole) / len(whole) for axis in (0, 1))
    radius = (sum((a[0] - x) ** 2 + (a[1] - y) ** 2 for a, _ in whole) / len(whole)) ** 0.5
    steps = sorted(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for a, b in whole)
    return steps[len(steps) // 2] / radius if radius > 0 else 0.0


def lines(diary: Diary) -> list[str]:
    """What changed, a sentence each: where new entries landed, which old ones changed cluster, how far things moved."""
    found = diary.changes
    titles = {e.id: f"“{e.title}”" for e in diary.entries}
    names = {c.id: _quoted(c.name) for c in diary.atlas.clusters}
    out = []
    for entry in found.new[:SHOWN]:
        near = [titles[i] for i, _ in diary.related.get(entry, ())[:NEAREST] if i in titles]
        beside = f", near {', '.join(near)}" if near else ""
        out.append(f"New: {titles[entry]} in {names[diary.atlas.places[entry].cluster]}{beside}.")
    if len(found.new) > SHOWN:
        out.append(f"New: {counted(len(found.new) - SHOWN, 'more entry', 'more entries')}.")
    if found.gone:
        out.append(f"Gone from the map: {counted(len(found.gone), 'entry', 'entries')}.")
    was = {e.cluster: _quoted(e.name) for e in found.events}
    for entry, before, after in found.moved[:SHOWN]:
        out.append(f"{titles[entry]} went from {names.get(before) or was.get(before, before)} to {names[after]}.")
    if len(found.moved) > SHOWN:
        more = counted(len(found.moved) - SHOWN, "more entry", "more entries")
        out.append(f"{more} changed cluster.")
    for event in found.events:
        other = names.get(event.other) or was.get(event.other, event.other)
        out.append(
            {
                "born": f"A new cluster: {_quoted(event.name)}.",
                "split": f"A new cluster, split from {other}: {_quoted(event.name)}.",
                "merged": f"The cluster {_quoted(event.name)} has become part of {other}.",
                "gone": f"The cluster {_quoted(event.name)} is gone with its entries.",
            }[event.what]
        )
    if found.distance >= 0.0005:
        out.append(f"The median entry moved by {100 * found.distance:.1f} % of the map's radius.")
    return out


def _quoted(name: str) -> str:
    """A cluster's name in quotation marks, unless it holds a title in some."""
    return name if "“" in name else f"“{name}”"
