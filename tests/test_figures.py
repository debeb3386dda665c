from __future__ import annotations

import itertools
import json
import xml.etree.ElementTree as ET

import pytest

from paperdiary import figures
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Place
from paperdiary.entry import Entry

HOSTILE = "</title><script>alert('x')</script> & \"quote\" 機械 \u202e"


def entry(name: str, title: str = "T", date: str | None = None, status: str = "read") -> Entry:
    return Entry(
        id=name, title=title, kind="paper", note=f"{name}.md", line=1, page=f"{name}/", date=date, status=status
    )


def chart(entries: list[Entry], names: tuple[str, ...] = ("One", "Two")) -> Atlas:
    """Entries on a slanted line, in turn in each of the clusters."""
    places = {
        e.id: Place({p: (float(n), n * 0.5) for p in PROJECTIONS}, f"c{n % len(names) + 1}")
        for n, e in enumerate(entries)
    }
    sizes = [len(range(n, len(entries), len(names))) for n in range(len(names))]
    return Atlas(tuple(Cluster(f"c{n + 1}", name, sizes[n]) for n, name in enumerate(names)), places)


def svg(entries: list[Entry], atlas: Atlas, projection: str = "tsne") -> ET.Element:
    return ET.fromstring(figures.map_svg(entries, atlas, projection, lambda page: f"../{page}"))


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(1, 2), (1, 2), (1, 2)], [(1, 2)]),
        ([(0, 0), (2, 2), (1, 1)], [(0, 0), (2, 2)]),
        ([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1), (1, 0)], [(0, 0), (2, 0), (2, 2), (0, 2)]),
        ([(0, 1), (0, 1), (1, 0), (-1, 0)], [(-1, 0), (1, 0), (0, 1)]),
    ],
)
def test_hull_is_counter_clockwise_without_inner_points(points: list[tuple], wanted: list[tuple]) -> None:
    assert figures.hull(points) == wanted


@pytest.mark.parametrize(
    "points",
    [[], [(3.0, 4.0)], [(0.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (10.0, 0.0)], [(0.0, -5.0), (1.0, 90.0)], [(1e6, -1e6)]],
)
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_frame_holds_all_points_in_the_asked_shape(points: list[tuple[float, float]], ratio: float) -> None:
    (x0, x1), (y0, y1) = figures.frame(points, ratio)
    assert x1 > x0
    assert (x1 - x0) / (y1 - y0) == pytest.approx(ratio, rel=0.1)
    assert all(x0 < x < x1 and y0 < y < y1 for x, y in points)


def test_looks_of_the_first_forty_clusters_differ() -> None:
    assert len({figures.look(f"c{n}") for n in range(1, 41)}) == 40
    assert len({figures.look(f"c{n}")[0] for n in range(1, 11)}) == 10
    assert figures.look("c41") == figures.look("c1")
    assert figures.look("robots")


def test_reading_order_is_by_date_without_the_queue() -> None:
    entries = [
        entry("a", date="2025-03-01"),
        entry("b"),
        entry("c", date="2024-01-01"),
        entry("d", date="2024-06-01", status="queued"),
        entry("e", date="2025-03-01"),
    ]
    assert figures.reading_order(entries) == [2, 0, 4]


def test_map_data_has_every_placed_entry_in_each_projection() -> None:
    entries = [entry(n, HOSTILE, f"2025-01-0{9 - i}") for i, n in enumerate("abcde")]
    atlas = chart(entries)
    got = figures.map_data([*entries, entry("unplaced", date="2025-01-01")], atlas, "umap")
    json.dumps(got)
    assert got["first"] == "umap"
    assert set(got["projections"]) == {"tsne", "umap", "pca"}
    assert [e["id"] for e in got["entries"]] == list("abcde")
    assert [got["clusters"][e["cluster"]]["id"] for e in got["entries"]] == ["c1", "c2", "c1", "c2", "c1"]
    assert [(c["name"], c["size"]) for c in got["clusters"]] == [("One", 3), ("Two", 2)]
    assert got["order"] == [4, 3, 2, 1, 0]  # positions in `entries` above
    for projection in got["projections"].values():
        assert projection["points"] == [atlas.places[n].points["tsne"] for n in "abcde"]
        assert [len(h) for h in projection["hulls"]] == [2, 2]  # on a line


def test_map_data_of_an_empty_diary() -> None:
    got = figures.map_data([], Atlas(), "tsne")
    json.dumps(got)
    assert got["entries"] == got["clusters"] == got["order"] == []


def test_svg_has_a_link_with_a_title_for_every_entry() -> None:
    entries = [entry("a", HOSTILE, "2025-01-02"), entry("b", "Second", status="queued")]
    root = svg(entries, chart(entries, ("R&D <b>", "Two")))
    links = [n for n in root.iter() if n.tag.endswith("a")]
    assert [a.get("href") for a in links] == ["../a/", "../b/"]
    assert [a.find("title").text for a in links] == [f"{HOSTILE}, 2025-01-02 (R&D <b>)", "Second (Two)"]
    assert "script" not in {n.tag for n in root.iter()}
    assert [n.text for n in root.iter("text")] == ["R&D <b>", "Two"]
    circles = list(root.iter("circle"))
    assert [c.get("fill") == "none" for c in circles] == [False, True]  # the queue is hollow
    assert all(0 < float(c.get("cx")) < 900 and 0 < float(c.get("cy")) < 600 for c in circles)
    assert float(circles[0].get("cy")) > float(circles[1].get("cy"))  # y grows upwards on the map


def test_svg_link_is_escaped() -> None:
    entries = [entry('x"><b>')]
    assert svg(entries, chart(entries)).find("a").get("href") == '../x"><b>/'


@pytest.mark.parametrize("count", [0, 1, 2])
def test_svg_of_a_few(count: int) -> None:
    entries = [entry(str(n)) for n in range(count)]
    root = svg(entries, chart(entries))
    assert len(list(root.iter("circle"))) == count
    assert f"{count} entries" in root.get("aria-label")


def test_svg_of_entries_that_have_no_place() -> None:
    assert len(list(svg([entry("a")], Atlas()).iter("circle"))) == 0


def test_cluster_names_do_not_cover_each_other() -> None:
    entries = [entry(str(n)) for n in range(8)]
    names = tuple(f"Name of cluster {n}" for n in range(8))
    places = {e.id: Place({"tsne": (n * 1e-6, 0.0)}, f"c{n + 1}") for n, e in enumerate(entries)}
    atlas = Atlas(tuple(Cluster(f"c{n + 1}", name, 1) for n, name in enumerate(names)), places)
    heights = sorted(float(t.get("y")) for t in svg(entries, atlas).iter("text"))
    assert len(heights) == 8
    assert all(b - a >= 17.9 for a, b in itertools.pairwise(heights))


def test_timeline_counts_up() -> None:
    days = ("2025-01-03", "2025-01-01", None, "2025-01-01")
    entries = [*(entry("a", date=d) for d in days), entry("q", date="2025-09-09", status="queued")]
    got = figures.timeline_data(entries)
    assert (got["dates"], got["counts"]) == (["2025-01-01", "2025-01-03"], [2, 3])
    assert (got["total"], got["days"], got["average"]) == (3, 3, 1.0)


@pytest.mark.parametrize("dates", [[], [None]])
def test_timeline_of_nothing(dates: list[str | None]) -> None:
    entries = [entry("a", date=d) for d in dates]
    assert figures.timeline_svg(entries) == ""
    assert figures.timeline_data(entries)["dates"] == []


@pytest.mark.parametrize(
    "dates",
    [
        ["2025-01-31"],
        ["2024-02-29", "2024-02-29"],
        ["2023-12-31", "2024-01-01"],
        ["2015-05-05", "2025-05-05"],
        ["0001-01-01", "2025-05-05"],
        pytest.param(["9999-12-31"]),
    ],
)
def test_timeline_stays_in_its_box(dates: list[str]) -> None:
    root = ET.fromstring(figures.timeline_svg([entry("a", date=d) for d in dates]))
    for line in root.iter("polyline"):
        pairs = [tuple(map(float, p.split(","))) for p in line.get("points").split()]
        assert all(0 <= x <= 900 and 0 <= y <= 300 for x, y in pairs)
    assert len(list(root.iter("text"))) < 80
    assert root.get("aria-label").startswith(f"{len(dates)} read in")
