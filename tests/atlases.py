"""Entries and atlases made by hand, for tests of what is drawn from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Place
from paperdiary.entry import Entry

HOSTILE = "</title><script>alert('x')</script> & \"quote\" 機械 \u202e שלום $L_0$ "


def entry(name: str, title: str = "T", date: str | None = None, status: str = "read", **more: Any) -> Entry:
    return Entry(
        id=name, title=title, kind="paper", note=f"{name}.md", line=1, page=f"{name}/", date=date, status=status, **more
    )


def entries(count: int, **more: Any) -> list[Entry]:
    return [entry(f"e{n}", f"Title {n}", **more) for n in range(count)]


def atlas_of(found: Sequence[Entry], names: Sequence[str] = ("One", "Two"), spread: float = 1.0) -> Atlas:
    """Entries in turn in each of the clusters, which lie on a circle; each cluster's entries around its middle."""
    places = {}
    for n, e in enumerate(found):
        number = n % len(names)
        angle = 2 * math.pi * number / len(names)
        away = (math.cos(n * 2.4) * spread * (n % 7) / 7, math.sin(n * 2.4) * spread * (n % 7) / 7)
        point = (round(10 * math.cos(angle) + away[0], 4), round(6 * math.sin(angle) + away[1], 4))
        places[e.id] = Place(dict.fromkeys(PROJECTIONS, point), f"c{number + 1}", f"text{n}")
    sizes = [len(range(n, len(found), len(names))) for n in range(len(names))]
    return Atlas(tuple(Cluster(f"c{n + 1}", name, sizes[n]) for n, name in enumerate(names)), places)
