from __future__ import annotations

import json
from array import array
from dataclasses import replace
from typing import Any

import pytest
from atlases import HOSTILE, atlas_of, entries, entry

from paperdiary import mapdata, palette
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Group, Place
from paperdiary.entry import Source
from paperdiary.mapdata import Addresses, Placed
from paperdiary.neighbours import Neighbours

ADDRESSES = Addresses(
    lambda topic: (topic.upper(), f"topics/{topic}/"), lambda cluster: f"clusters/{cluster.id}/", "search/", "map/"
)


def near_of(count: int, k: int = 6) -> Neighbours:
    """Each entry's neighbours are those after it."""
    rows = [(n + 1 + step) % count for n in range(count) for step in range(k)]
    cosines = [9_000 - 100 * step for _ in range(count) for step in range(k)]
    kept = {p: array("b", [n * 100 // count for n in range(count)]) for p in PROJECTIONS}
    return Neighbours(tuple(f"e{n}" for n in range(count)), k, rows, cosines, 4, kept)


def points(found: list[Any], atlas: Atlas, near: Neighbours | None = None, first: str = "tsne") -> dict[str, Any]:
    out = mapdata.points(found, atlas, near or Neighbours(), first, ADDRESSES)
    return dict(json.loads(json.dumps(out)))


@pytest.mark.parametrize(
    ("places", "wanted"),
    [
        ([], []),
        ([(1, 2)], [0]),
        ([(1, 2), (1, 2), (1, 2)], [0]),
        ([(0, 0), (2, 2), (1, 1)], [0, 1]),
        ([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1), (1, 0)], [0, 1, 2, 3]),
        ([(0, 1), (0, 1), (1, 0), (-1, 0)], [3, 2, 0]),
    ],
)
def test_hull_is_counter_clockwise_without_inner_points(places: list[tuple[float, float]], wanted: list[int]) -> None:
    assert mapdata.hull(places) == wanted


@pytest.mark.parametrize(
    "places",
    [[], [(3.0, 4.0)], [(0.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (10.0, 0.0)], [(0.0, -5.0), (1.0, 90.0)], [(1e6, -1e6)]],
)
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_frame_holds_all_points_in_the_asked_shape(places: list[tuple[float, float]], ratio: float) -> None:
    (x0, x1), (y0, y1) = mapdata.frame(places, ratio)
    assert x1 > x0
    assert (x1 - x0) / (y1 - y0) == pytest.approx(ratio, rel=0.1)
    assert all(x0 < x < x1 and y0 < y < y1 for x, y in places)


def test_frame_of_a_few_is_as_wide_as_asked() -> None:
    (x0, x1), _ = mapdata.frame([(5.0, 5.0), (5.1, 5.0)], least=8.0)
    assert x1 - x0 == pytest.approx(8.0)
    assert (x0 + x1) / 2 == pytest.approx(5.05)


def test_reading_order_is_by_date_without_the_queue() -> None:
    found = [
        entry("a", date="2025-03-01"),
        entry("b"),
        entry("c", date="2024-01-01"),
        entry("d", date="2024-06-01", status="queued"),
        entry("e", date="2025-03-01"),
    ]
    assert mapdata.reading_order(found) == [2, 0, 4]


def test_every_column_has_a_row_for_every_entry_on_the_map() -> None:
    found = [
        entry("e0", HOSTILE, "2025-01-02", year=2017, published="2017-06", topic="rl"),
        entry("e1", "Deep $L_0$ nets", status="queued", year=2019),
        entry("e2", topic="Vision"),
        entry("e3", date="2024-05-05", status="reading"),
    ]
    got = points([found[0], entry("unplaced", date="2025-01-01"), *found[1:]], atlas_of(found), near_of(5))
    columns = ("ids", "titles", "pages", "dates", "published", "years", "kinds", "statuses", "topics", "clusters")
    assert {len(got[name]) for name in columns} == {4}
    assert got["ids"] == ["e0", "e1", "e2", "e3"]
    assert got["titles"] == [HOSTILE.replace("$L_0$", "L₀"), "Deep L₀ nets", "T", "T"]
    assert got["dates"] == ["2025-01-02", None, None, "2024-05-05"]
    assert got["published"] == ["2017-06", "2019", None, None]
    assert got["years"] == [2017, 2019, None, None]
    assert [got["statusNames"][s] for s in got["statuses"]] == ["read", "queued", "read", "reading"]
    assert [got["kindNames"][k] for k in got["kinds"]] == ["paper"] * 4
    assert got["topicNames"] == [
        {"key": "rl", "name": "RL", "page": "topics/rl/"},
        {"key": "Vision", "name": "VISION", "page": "topics/Vision/"},
    ]
    assert got["topics"] == [0, -1, 1, -1]
    assert got["clusters"] == [0, 1, 0, 1]
    assert got["order"] == [3, 0]
    assert (got["search"], got["map"], got["version"]) == ("search/", "map/", 2)
    for name in PROJECTIONS:
        projection = got["projections"][name]
        assert {len(projection[c]) for c in ("x", "y", "kept")} == {4}
        assert projection["kept"] == [0, 40, 60, 80]  # without that of the one that has no place


def test_places_are_told_apart_across_the_map() -> None:
    found = entries(40)
    atlas = atlas_of(found, spread=3.0)
    got = points(found, atlas)["projections"]["tsne"]
    scale, (x0, x1) = got["scale"], got["frame"][0]
    assert (x1 - x0) * scale >= mapdata.STEPS
    for n, e in enumerate(found):
        x, y = atlas.places[e.id].points["tsne"]
        assert got["x"][n] / scale == pytest.approx(x, abs=(x1 - x0) / mapdata.STEPS)
        assert got["y"][n] / scale == pytest.approx(y, abs=(x1 - x0) / mapdata.STEPS)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e7])
def test_maps_of_any_size_have_whole_numbers(size: float) -> None:
    found = entries(3)
    places = {e.id: Place(dict.fromkeys(PROJECTIONS, (n * size, n * size / 2)), "c1") for n, e in enumerate(found)}
    got = points(found, Atlas((Cluster("c1", "One", 3),), places))["projections"]["umap"]
    assert all(isinstance(v, int) and abs(v) < 2**53 for v in (*got["x"], *got["y"]))


def test_hulls_are_rows_of_the_cluster() -> None:
    found = entries(20)
    got = points(found, atlas_of(found))
    for cluster, hull in enumerate(got["projections"]["pca"]["hulls"]):
        assert len(hull) >= 3
        assert all(got["clusters"][row] == cluster for row in hull)


def test_clusters_and_groups() -> None:
    found = entries(24)
    atlas = atlas_of(found, [f"Name {n} $\\alpha$" for n in range(12)])
    groups = (Group("g1", "North", ("c1", "c2", "gone"), ("c1",), 4), Group("g2", "South", ("c12",), ("c12",), 2))
    got = points(found, replace(atlas, groups=groups))
    assert got["groups"] == [{"name": "North", "members": [0, 1]}, {"name": "South", "members": [11]}]
    assert [c["group"] for c in got["clusterNames"]] == [0, 0, *[-1] * 9, 1]
    assert got["clusterNames"][10] == {
        "id": "c11",
        "name": "Name 10 α",
        "size": 2,
        "page": "clusters/c11/",
        "look": palette.number("c11"),
        "group": -1,
    }
    for projection in got["projections"].values():
        assert len(projection["labels"]) == 12
        assert len(projection["groupLabels"]) == 2
        (x0, x1), (y0, y1) = projection["frame"]
        for label in [*projection["labels"], *projection["groupLabels"]]:
            assert label is None or (x0 < label[0] < x1 and y0 < label[1] < y1)


def test_an_empty_diary_has_all_columns() -> None:
    got = points([], Atlas())
    assert got["ids"] == got["clusterNames"] == got["order"] == got["groups"] == []
    assert got["projections"]["tsne"]["kept"] == []
    assert points(entries(2), Atlas())["ids"] == []


def test_without_enough_neighbours_nothing_is_said_of_what_is_kept() -> None:
    found = entries(5)
    for near in (Neighbours(), replace(near_of(5), of=3)):
        got = points(found, atlas_of(found), near)["projections"]["tsne"]
        assert got["kept"] == [None] * 5
        assert got["quality"] is None


def test_cards_name_the_nearest_that_are_on_the_map() -> None:
    found = entries(8, description=HOSTILE, authors=("A", "B"), tags=("x", "y"))
    found[2] = replace(found[2], sources=(Source("https://arxiv.org/abs/1", "paper", label="arXiv"),))
    atlas = atlas_of(found)
    placed = replace(atlas, places={i: p for i, p in atlas.places.items() if i != "e4"})
    got = mapdata.cards(found, placed, near_of(8), lambda e: f"@misc{{{e.id}}}")
    assert {len(v) for v in got.values() if isinstance(v, list)} == {7}
    assert got["neighbours"][0] == [1, 2, 3, 4, 5]  # e4 is not there, so row 4 is e5
    assert got["near"][0] == [0.9, 0.89, 0.88, 0.86, 0.85]
    assert got["links"][2] == [["arXiv", "https://arxiv.org/abs/1"]]
    assert got["authors"][0] == "A, B"
    assert got["tags"][0] == ["x", "y"]
    assert got["bibtex"][4] == "@misc{e5}"
    assert "L₀" in got["descriptions"][0]


def test_a_long_description_is_cut_between_words() -> None:
    found = entries(1, description="word " * 300)
    (text,) = mapdata.cards(found, atlas_of(found), Neighbours(), lambda e: "")["descriptions"]
    assert text.endswith("word…")
    assert len(text) <= 402


def test_the_file_is_a_call_in_utf8() -> None:
    data = mapdata.script("points", {"a": ["机械", "\ud800", "</script>"]}).decode("utf-8")
    assert data.startswith("PaperDiary.points(")
    assert json.loads(data.removeprefix("PaperDiary.points(").removesuffix(");\n"))["a"] == ["机械", "?", "</script>"]


def test_placed_groups_points_by_cluster() -> None:
    found = entries(6)
    placed = Placed.of(found, atlas_of(found))
    members = placed.members("tsne")
    assert [len(m) for m in members] == [3, 3]
    assert [len(m) for m in placed.members("tsne", [0, 2])] == [2, 0]
