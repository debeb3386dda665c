from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from atlases import HOSTILE, atlas_of, entries, entry

from paperdiary import mapmarks, mapsvg, palette
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Group, Place
from paperdiary.entry import Entry
from paperdiary.mapdata import CORNER, HEIGHT, WIDTH, Placed
from paperdiary.mapsvg import Picture

NS = "{http://www.w3.org/2000/svg}"


def draw(found: Sequence[Entry], atlas: Atlas, **more: Any) -> ET.Element:
    placed = Placed.of(found, atlas)
    rows = more.pop("rows", tuple(range(len(placed.entries))))
    text = mapsvg.svg(Picture(placed, rows, **more), lambda page: f"../{page}", lambda c: f"clusters/{c.id}/")
    return ET.fromstring(text)


def all_of(root: ET.Element, tag: str) -> list[ET.Element]:
    return list(root.iter(f"{NS}{tag}"))


def href(link: ET.Element) -> str:
    return str(link.get("{http://www.w3.org/1999/xlink}href"))


def centre(mark: ET.Element) -> tuple[float, float]:
    if mark.tag == f"{NS}circle":
        return float(mark.get("cx", "")), float(mark.get("cy", ""))
    found = re.match(r"M([\d.-]+) ([\d.-]+)", mark.get("d", ""))
    assert found
    return float(found[1]), float(found[2])


def test_every_entry_is_a_link_with_a_title() -> None:
    found = [entry("a", HOSTILE, "2025-01-02"), entry("b", "Second", status="queued")]
    root = draw(found, atlas_of(found, ("R&D <b>", "Two")))
    links = all_of(root, "a")
    assert [href(a) for a in links] == ["../a/", "../b/"]
    titles = [str(a.find(f"{NS}title").text) for a in links]  # type: ignore[union-attr]
    assert titles[0].startswith("</title><script>alert('x')</script> & \"quote\" 機械")
    assert titles[0].endswith("(2025-01-02, R&D <b>)")
    assert titles[1] == "Second (to read, Two)"
    assert not all_of(root, "script")


def test_links_are_escaped() -> None:
    found = [entry('x"><b>')]
    assert href(all_of(draw(found, atlas_of(found)), "a")[0]) == '../x"><b>/'


def test_marks_lie_where_the_map_says() -> None:
    found = entries(12, date="2025-01-01")
    atlas = atlas_of(found)
    root = draw(found, atlas)
    x0, x1, y0, y1 = map(float, root.get("data-frame", "").split())
    marks = {href(a): centre(a[1]) for a in all_of(root, "a")}
    for e in found:
        x, y = atlas.places[e.id].points["tsne"]
        left, top = marks[f"../{e.page}"]
        assert left == pytest.approx((x - x0) / (x1 - x0) * WIDTH, abs=0.06)
        assert top == pytest.approx((y1 - y) / (y1 - y0) * HEIGHT, abs=0.06)
        assert 0 < left < WIDTH
        assert 0 < top < HEIGHT


def test_the_queue_is_open_and_the_rest_filled() -> None:
    found = [entry("a"), entry("b", status="queued"), entry("c", status="reading")]
    marks = {href(a): a[1] for a in all_of(draw(found, atlas_of(found)), "a")}
    assert {page: mark.get("fill") for page, mark in marks.items()} == {"../a/": None, "../b/": "none", "../c/": None}


def test_forty_clusters_differ_by_colour_and_shape() -> None:
    found = entries(80)
    root = draw(found, atlas_of(found, [f"C{n}" for n in range(40)], spread=0.1), names=False)
    looks = set()
    for group in root:
        for mark in all_of(group, "circle") + all_of(group, "path"):
            shape = re.sub(r"^M[\d.-]+ [\d.-]+", "", mark.get("d", "circle"))
            looks.add((group.get("fill"), shape))
            assert group.get("class") in {f"pd-c{n}" for n in range(1, 11)}
    assert len(looks) == 40


def luminance(colour: str) -> float:
    values = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("colour", range(-1, 10))
def test_colours_without_a_stylesheet_are_seen_on_white_and_on_dark(colour: int) -> None:
    light = luminance(mapmarks.both(colour))
    assert 1.05 / (light + 0.05) >= 3
    assert (light + 0.05) / (luminance("#1e1e1e") + 0.05) >= 3


@pytest.mark.parametrize("symbol", range(4))
def test_the_pen_ends_where_a_symbol_began(symbol: int) -> None:
    """Steps of the path add up to nothing, so that symbols can follow each other in one path."""
    after = mapmarks.outline(symbol, 5.0).partition("z")
    first = re.match(r"m(-?[\d.]+) ?(-?[\d.]+)", after[0])
    back = re.fullmatch(r"m(-?[\d.]+) ?(-?[\d.]+)", after[2])
    assert first
    assert back
    assert float(first[1]) + float(back[1]) == pytest.approx(0, abs=1e-9)
    assert float(first[2]) + float(back[2]) == pytest.approx(0, abs=1e-9)


# -- many points


def many(count: int, clusters: int = 5) -> tuple[list[Entry], Atlas]:
    found = [entry(f"e{n}", status="queued" if n % 50 == 0 else "read") for n in range(count)]
    names = [f"C{n}" for n in range(clusters)]
    places = {
        e.id: Place(dict.fromkeys(PROJECTIONS, (n * 7919 % 1000 / 10, n * 104729 % 700 / 10)), f"c{n % clusters + 1}")
        for n, e in enumerate(found)
    }
    return found, Atlas(tuple(Cluster(f"c{n + 1}", name, count // clusters) for n, name in enumerate(names)), places)


def walked(path: str) -> list[tuple[float, float]]:
    """Where the subpaths of a path of dots begin."""
    at, out = (0.0, 0.0), []
    number = r"-?(?:\d+\.?\d*|\.\d+)"
    for kind, x, y in re.findall(rf"([mM])({number})\s*({number})h0", path):
        at = (float(x), float(y)) if kind == "M" else (at[0] + float(x), at[1] + float(y))
        out.append(at)
    return out


def test_thousands_of_points_are_a_path_a_cluster() -> None:
    found, atlas = many(4000)
    placed = Placed.of(found, atlas)
    text = mapsvg.svg(Picture(placed, tuple(range(4000))), lambda p: p, lambda c: f"clusters/{c.id}/")
    root = ET.fromstring(text)
    paths = all_of(root, "path")
    assert len(paths) == 6  # five clusters, and what one of them has in the queue
    dots = [p for p in paths if p.get("stroke-linecap")]
    assert {p.get("stroke-linecap") for p in dots} == {"round"}
    at = [point for p in dots for point in walked(p.get("d", ""))]
    assert len(at) == 4000 - 80
    x0, x1, y0, y1 = map(float, root.get("data-frame", "").split())
    wanted = sorted(
        ((p[0] - x0) / (x1 - x0) * WIDTH, (y1 - p[1]) / (y1 - y0) * HEIGHT)
        for e, p in zip(placed.entries, placed.points["tsne"], strict=True)
        if e.status != "queued"
    )
    for (x, y), (wx, wy) in zip(sorted((round(x, 1), round(y, 1)) for x, y in at), wanted, strict=True):
        assert abs(x - wx) < 0.11
        assert abs(y - wy) < HEIGHT  # equal x sort by y, which is rounded
    assert sum(len(p.get("d", "")) for p in dots) / 3920 < 13
    assert [href(a) for a in all_of(root, "a")] == [f"clusters/c{n}/" for n in range(1, 6)] * 2  # two sizes of names


def test_each_of_two_thousand_is_still_a_link() -> None:
    found, atlas = many(mapsvg.LINKED)
    assert len(all_of(draw(found, atlas, names=False), "a")) == mapsvg.LINKED


@pytest.mark.parametrize("count", [1, 10, 120, 1000, 2000, 100_000])
def test_marks_are_smaller_where_they_are_many(count: int) -> None:
    assert mapmarks.mark_size(count + 1) <= mapmarks.mark_size(count) <= mapmarks.LARGEST
    assert mapmarks.mark_size(count) >= mapmarks.SMALLEST


# -- a part of the map, and colour by something else


def test_a_part_is_framed_with_what_is_around_it() -> None:
    found = entries(40)
    whole = draw(found, atlas_of(found))
    part = draw(found, atlas_of(found), rows=(0, 2, 4))
    assert len(all_of(part, "a")) == 3
    assert part.get("aria-label") == "Map of 3 entries"
    x = [float(v) for v in str(whole.get("data-frame")).split()]
    y = [float(v) for v in str(part.get("data-frame")).split()]
    assert (x[1] - x[0]) / 4 <= y[1] - y[0] < x[1] - x[0]


def test_colour_by_topic_is_by_number_of_entries() -> None:
    found = [entry(f"e{n}", topic="b" if n < 6 else "a" if n < 9 else "") for n in range(10)]
    root = draw(found, atlas_of(found), colour="topic", names=False)
    classes = {href(a): group.get("class") for group in root for a in all_of(group, "a")}
    assert classes["../e0/"] == "pd-c1"
    assert classes["../e7/"] == "pd-c2"
    assert classes["../e9/"] == "pd-c0"


@pytest.mark.parametrize("colour", ["kind", "status", "read", "published"])
def test_other_fields_draw_every_mark(colour: str) -> None:
    found = [entry(f"e{n}", status="queued" if n % 3 else "read") for n in range(9)]
    assert len(all_of(draw(found, atlas_of(found), colour=colour), "a")) == 9


# -- names

Box = tuple[float, float, float, float]


def boxes(root: ET.Element) -> list[Box]:
    """What the names of the first size cover, from the widths that were reckoned with."""
    from paperdiary.maplabels import text_width

    out = []
    for text in next(g for g in all_of(root, "g") if g.get("class") == "pd-map__names").iter(f"{NS}text"):
        size = float(text.get("font-size", "15"))
        lines = [(t, t.get("x", ""), t.get("y", "")) for t in text.iter(f"{NS}tspan")] or [
            (text, text.get("x", ""), text.get("y", ""))
        ]
        half = max(text_width(str(t.text), size) for t, _, _ in lines) / 2
        x, top, bottom = float(lines[0][1]), float(lines[0][2]) - 0.8 * size, float(lines[-1][2]) + 0.2 * size
        out.append((x - half, top, x + half, bottom))
    return out


LONG = "A name of a cluster that nobody would call short, with words and commas"


@pytest.mark.parametrize(
    ("names", "count", "spread"),
    [
        ([f"Name of cluster {n}" for n in range(8)], 8, 0.0),
        ([f"{LONG} {n}" for n in range(40)], 400, 2.0),
        (["W" * 150, "機械学習" * 20, "One"], 60, 1.0),
        (["Alone", "Many"], 50, 0.0),
        ([f"{n}" for n in range(40)], 40, 0.0),
        (["<b>&amp;</b>", "  ", "$L_0$ nets"], 9, 1.0),
    ],
)
def test_names_neither_meet_nor_leave_the_frame(names: list[str], count: int, spread: float) -> None:
    found = entries(count)
    root = draw(found, atlas_of(found, names, spread))
    covered = boxes(root)
    assert len(covered) >= min(len([n for n in names if n.strip()]), 8)
    for box in covered:
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= WIDTH
        assert box[3] <= HEIGHT
    for n, a in enumerate(covered):
        for b in covered[:n]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_the_corner_of_the_buttons_stays_free() -> None:
    found = entries(30)
    places = {}
    for n, e in enumerate(found):
        point = (n % 2 * 9.0, n % 2 * -6.0 + n % 3 * 0.1)
        places[e.id] = Place(dict.fromkeys(PROJECTIONS, point), "c1" if n % 2 else "c2")
    root = draw(found, Atlas((Cluster("c1", "Right below", 15), Cluster("c2", "Left above", 15)), places))
    covered = boxes(root)
    assert len(covered) == 2
    assert not [b for b in covered if b[2] > CORNER[0] and b[3] > CORNER[1]]


def test_a_group_of_one_cluster_needs_no_second_name() -> None:
    found = entries(30)
    groups = (Group("g1", "Twin", ("c1",), (), 1), Group("g2", "Rest", ("c2", "c3"), (), 1))
    root = draw(found, atlas_of(found, ["Twin", "B", "C"]), groups=groups)
    assert [t.text for t in all_of(root, "text") if t.get("data-group")] == ["Rest"]


def test_names_of_groups_stand_among_those_of_clusters() -> None:
    found = entries(120)
    atlas = atlas_of(found, [f"Cluster {n}" for n in range(12)])
    groups = (
        Group("g1", "North", tuple(f"c{n}" for n in range(1, 7)), (), 1),
        Group("g2", "South", ("c7", "c8"), (), 1),
    )
    root = draw(found, replace(atlas, groups=groups), groups=groups)
    upper = [t for t in all_of(root, "text") if t.get("data-group")]
    assert [t.text for t in upper] == ["North", "South"]
    covered = boxes(root)
    assert len(covered) == 14
    for n, a in enumerate(covered):
        assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for b in covered[:n])


def test_a_narrow_picture_has_larger_names() -> None:
    found = entries(60)
    root = draw(found, atlas_of(found, ["One", "Two", "Three"]))
    first, small = (g for g in all_of(root, "g") if str(g.get("class")).startswith("pd-map__names"))
    assert (first.get("display"), small.get("display")) == (None, "none")
    assert float(str(small.get("font-size"))) * 390 / WIDTH >= 11.5
    assert len(all_of(small, "text")) == 3


def test_names_are_near_their_points() -> None:
    found = entries(90)
    root = draw(found, atlas_of(found, ["Right", "Left"], spread=1.0))
    middles = {"Right": 700, "Left": 200}
    for text in all_of(root, "text")[:2]:
        assert abs(float(str(text.get("x"))) - middles[str(text.text)]) < 250


def test_two_entries_at_one_place_are_both_there() -> None:
    found = entries(2)
    places = {e.id: Place(dict.fromkeys(PROJECTIONS, (1.0, 1.0)), "c1") for e in found}
    root = draw(found, Atlas((Cluster("c1", "One", 2),), places))
    assert len(all_of(root, "a")) == 2
    assert [t.text for t in all_of(root, "text")] == ["One", "One"]


@pytest.mark.parametrize("count", [0, 1])
def test_a_map_of_next_to_nothing(count: int) -> None:
    found = entries(count)
    root = draw(found, atlas_of(found, ("One",)) if count else Atlas())
    assert len(all_of(root, "a")) == count
    assert str(root.get("aria-label")) == ("Map of 1 entry" if count else "Map of 0 entries")


def test_the_colours_of_the_page_can_take_over() -> None:
    found = entries(4)
    for group in draw(found, atlas_of(found), names=False):
        assert group.get("fill") == group.get("stroke")
        assert group.get("class") == f"pd-c{[mapmarks.both(n) for n in range(10)].index(str(group.get('fill'))) + 1}"
    assert len(palette.SYMBOLS) == 4
