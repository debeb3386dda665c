from __future__ import annotations

from pathlib import Path

import pytest

from paperdiary import changes
from paperdiary.atlas import Atlas, Cluster, Event, Place
from paperdiary.build import Diary
from paperdiary.changes import Changes
from paperdiary.config import Config
from paperdiary.entry import Entry


def entry(name: str) -> Entry:
    return Entry(id=name, title=name.upper(), kind="note", note=f"{name}.md", line=1, page=f"{name}/")


def atlas(clusters: dict[str, str], events: tuple[Event, ...] = (), move: float = 0.0) -> Atlas:
    """Entries on a line, one unit apart, each in its cluster."""
    places = {
        i: Place({"tsne": (n + move, 0.0), "umap": (0.0, 0.0)}, c) for n, (i, c) in enumerate(sorted(clusters.items()))
    }
    found = tuple(
        Cluster(c, f"Name {c}" if c != "c4" else "Around “X”", list(clusters.values()).count(c))
        for c in sorted(set(clusters.values()))
    )
    return Atlas(found, places, events=events)


OLD = {"a": "c1", "b": "c1", "d": "c2", "e": "c2"}


def test_nothing_before_is_no_news() -> None:
    assert changes.between(Atlas(), atlas(OLD), "tsne") == Changes()


def test_equal_maps_have_no_changes() -> None:
    assert changes.between(atlas(OLD), atlas(OLD), "tsne") == Changes()


def test_what_came_went_and_changed() -> None:
    before = Event("2026-01-01", "born", "c2", "Name c2")
    event = Event("2026-01-02", "split", "c3", "Name c3", "c2")
    now = atlas({"a": "c1", "b": "c1", "e": "c3", "f": "c1"}, (before, event))
    found = changes.between(atlas(OLD, (before,)), now, "tsne")
    assert (found.new, found.gone) == (("f",), ("d",))
    assert found.moved == (("e", "c2", "c3"),)
    assert found.events == (event,)


@pytest.mark.parametrize(("projection", "moved"), [("tsne", True), ("umap", False), ("pca", False)])
def test_distance_is_in_parts_of_the_radius(projection: str, moved: bool) -> None:
    found = changes.between(atlas(OLD), atlas(OLD, move=0.5), projection)
    radius = (sum((n - 1.5) ** 2 for n in range(4)) / 4) ** 0.5
    assert found.distance == pytest.approx(0.5 / radius if moved else 0)


def test_sentences() -> None:
    entries = tuple(entry(i) for i in (*"abdef", *(f"n{k}" for k in range(12))))
    now = atlas({**OLD, "e": "c3", "f": "c1", **{f"n{k}": "c1" for k in range(12)}})
    found = Changes(
        ("f", *(f"n{k}" for k in range(12))), ("x",), (("e", "c9", "c3"),),
        (Event("2026-01-02", "split", "c3", "Name c3", "c2"), Event("2026-01-02", "merged", "c9", "Old", "c1"),
         Event("2026-01-02", "gone", "c8", "Older"), Event("2026-01-02", "born", "c2", "Name c2")), 0.0123,
    )  # fmt: skip
    said = changes.lines(Diary(Config(Path()), (), entries, now, {"f": [("a", 0.9), ("b", 0.8)]}, changes=found))
    assert said[0] == "New: “F” in “Name c1”, near “A”, “B”."
    assert "New: 3 more entries." in said
    assert "Gone from the map: 1 entry." in said
    assert "“E” went from “Old” to “Name c3”." in said
    assert "A new cluster, split from “Name c2”: “Name c3”." in said
    assert "The cluster “Old” has become part of “Name c1”." in said
    assert "The cluster “Older” is gone with its entries." in said
    assert "A new cluster: “Name c2”." in said
    assert said[-1] == "The median entry moved by 1.2 % of the map's radius."


def test_a_title_in_a_name_is_not_quoted_twice() -> None:
    now = atlas({**OLD, "f": "c4"})
    found = Diary(Config(Path()), (), tuple(entry(i) for i in "abdef"), now, changes=Changes(("f",)))
    assert changes.lines(found) == ["New: “F” in Around “X”."]
