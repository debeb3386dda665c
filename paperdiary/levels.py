"""The level above the clusters: a few groups of clusters that lie beside each other, with names of their own.

A diary has them from FEWEST clusters on (about 130 entries), one for every four clusters. They are found on the t-SNE
map, whose places are kept in atlas.json, by Ward's agglomeration of the clusters' centres. From then on they are
kept in atlas.json as well and followed: a cluster stays in its group until it lies clearly nearer to another, a new
one joins the nearest, and a name stays while most of what it was given to is there.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from paperdiary import cluster
from paperdiary.atlas import Atlas, Group, Point
from paperdiary.entry import Entry

FEWEST, LEAST = 12, 10  #: clusters from which on there are groups; below LEAST they go again
EACH = 4  #: clusters of a group, about
STAY = cluster.STAY  #: a cluster leaves when it is 0.5 + STAY of the way from its group's centre to another's
ROUNDS = 20
AROUND = "Around “"  #: how `cluster.names` begins where the members share no word

Weighed = tuple[float, float, int]  # centre, and the number of entries


def update(atlas: Atlas, last: Sequence[Group], entries: Sequence[Entry]) -> Atlas:
    """The atlas with its groups; the same object where they are as they should be.

    Args:
        last: the groups of the last atlas.
        entries: those of the atlas.
    """
    count = len(atlas.clusters)
    if count < (LEAST if last else FEWEST):
        return replace(atlas, groups=()) if atlas.groups else atlas
    ids = {c.id for c in atlas.clusters}
    if atlas.groups and sorted(ids) == sorted(c for g in atlas.groups for c in g.clusters):
        return atlas
    centres = _centres(atlas)
    parts = _followed(centres, [[c for c in g.clusters if c in ids] for g in last]) if last else _anew(centres)
    return replace(atlas, groups=_named(atlas, parts, last, entries))


def wanted(clusters: int) -> int:
    """How many groups there are of so many clusters."""
    return max(3, round(clusters / EACH))


def _centres(atlas: Atlas) -> dict[str, Weighed]:
    points: dict[str, list[Point]] = defaultdict(list)
    for place in atlas.places.values():
        points[place.cluster].append(place.points.get("tsne", (0.0, 0.0)))
    return {
        c.id: (
            math.fsum(p[0] for p in points[c.id]) / max(len(points[c.id]), 1),
            math.fsum(p[1] for p in points[c.id]) / max(len(points[c.id]), 1),
            max(len(points[c.id]), 1),
        )
        for c in atlas.clusters
    }


def _anew(centres: Mapping[str, Weighed]) -> list[list[str]]:
    return _merged([[one] for one in sorted(centres)], centres, wanted(len(centres)))


def _merged(parts: list[list[str]], centres: Mapping[str, Weighed], count: int) -> list[list[str]]:
    """Parts joined until there are `count`, first those whose union is least spread (Ward, 1963).

    The larger of two stays where it is in the list, so that it can keep its identity.
    """
    parts = [list(part) for part in parts]
    while len(parts) > count:
        middles = [_middle(part, centres) for part in parts]
        pairs = [(_cost(middles[a], middles[b]), a, b) for a in range(len(parts)) for b in range(a)]
        _, one, other = min(pairs)
        large, small = (one, other) if middles[one][2] > middles[other][2] else (other, one)
        parts[large] += parts[small]
        del parts[small]
    return parts


def _middle(part: Sequence[str], centres: Mapping[str, Weighed]) -> Weighed:
    weight = sum(centres[c][2] for c in part)
    x = sum(centres[c][0] * centres[c][2] for c in part) / weight
    return x, sum(centres[c][1] * centres[c][2] for c in part) / weight, weight


def _squared(a: Weighed, b: Weighed) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def _cost(a: Weighed, b: Weighed) -> float:
    return a[2] * b[2] / (a[2] + b[2]) * _squared(a, b)


def _followed(centres: Mapping[str, Weighed], parts: list[list[str]]) -> list[list[str]]:
    """The last groups as they are now: new clusters joined, those that moved away moved, the number kept in bounds.

    A group that lost all its clusters stays in the list, empty.
    """
    known = {c for part in parts for c in part}
    if not known:
        return [*([] for _ in parts), *_anew(centres)]
    for one in sorted(set(centres) - known):
        middles = {n: _middle(part, centres) for n, part in enumerate(parts) if part}
        parts[min(middles, key=lambda n: (_squared(centres[one], middles[n]), n))].append(one)
    for _ in range(ROUNDS):
        middles = {n: _middle(part, centres) for n, part in enumerate(parts) if part}
        leaving = []
        for n, part in enumerate(parts):
            for one in part if len(part) > 1 else ():
                to = min(middles, key=lambda m: (_squared(centres[one], middles[m]), m))
                gap = _squared(centres[one], middles[n]) - _squared(centres[one], middles[to])
                if gap > 2 * STAY * _squared(middles[n], middles[to]):
                    leaving.append((gap, one, n, to))
        if not leaving:
            break
        _, one, n, to = max(leaving)
        parts[n].remove(one)
        parts[to].append(one)
    live, best = [n for n, part in enumerate(parts) if part], wanted(len(centres))
    if len(live) > best + 1:
        joined = _merged([parts[n] for n in live], centres, best + 1)
        kept = {part[0]: part for part in joined}
        parts = [kept.get(part[0], []) if part else [] for part in parts]
    while sum(map(bool, parts)) < best - 1:
        widest = max(
            (n for n, part in enumerate(parts) if len(part) > 1), key=lambda n: (_spread(parts[n], centres), -n)
        )
        halves = _merged([[c] for c in parts[widest]], centres, 2)
        large, small = sorted(halves, key=lambda half: -_middle(half, centres)[2])
        parts[widest] = large
        parts.append(small)
    return parts


def _spread(part: Sequence[str], centres: Mapping[str, Weighed]) -> float:
    middle = _middle(part, centres)
    return sum(centres[c][2] * _squared(centres[c], middle) for c in part)


def _named(
    atlas: Atlas, parts: Sequence[Sequence[str]], last: Sequence[Group], entries: Sequence[Entry]
) -> tuple[Group, ...]:
    """The groups with their names; a name stays while two thirds of what it was given to are there.

    A name is found as a cluster's is, so every term of it occurs in a third of the entries; where they share none,
    the group is called after its largest clusters.
    """
    inside: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.id in atlas.places:
            inside[atlas.places[entry.id].cluster].append(entry)
    sizes = {c.id: len(inside[c.id]) for c in atlas.clusters}
    live = [n for n, part in enumerate(parts) if part]
    kept: dict[int, Group] = {}
    for at, n in enumerate(live):
        if n < len(last) and last[n].pinned:
            kept[at] = last[n]
        elif n < len(last):
            same = sum(sizes[c] for c in parts[n] if c in last[n].named)
            now = sum(sizes[c] for c in parts[n])
            gone = sum(1 for c in last[n].named if c not in parts[n])
            if same >= 2 / 3 * max(now, last[n].size) and gone <= len(last[n].named) / 3:
                kept[at] = last[n]
    titles = {c.id: c.name for c in atlas.clusters}
    fixed = {at: group.name for at, group in kept.items()}
    found = list(fixed.values())
    if len(fixed) < len(live):
        found = cluster.names([[e for c in parts[n] for e in inside[c]] for n in live], fixed)
    number = max((int(m[0]) for g in last if (m := re.search(r"\d+", g.id))), default=0)
    out = []
    for at, n in enumerate(live):
        members = tuple(sorted(parts[n], key=lambda c: (len(c), c)))
        if n < len(last):
            identifier = last[n].id
        else:
            number += 1
            identifier = f"g{number}"
        if at in kept:
            out.append(replace(kept[at], clusters=members))
        else:
            name = _after(members, titles, sizes) if found[at].startswith(AROUND) else found[at]
            out.append(Group(identifier, name, members, members, sum(sizes[c] for c in members)))
    return tuple(out)


def _after(members: Sequence[str], titles: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    """The names of its two largest clusters that have one of words; else that of the largest, and how many more."""
    order = sorted(members, key=lambda c: (-sizes[c], c))
    worded = [titles[c].split(", ")[0] for c in order if not titles[c].startswith(AROUND)]
    more = f" and {len(order) - 1} more" if len(order) > 1 else ""
    return " · ".join(dict.fromkeys(worded[:2])) or f"{titles[order[0]]}{more}"
