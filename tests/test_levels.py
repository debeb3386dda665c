from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from atlases import entry

from paperdiary import atlas_file, build, cluster, levels
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Group, Place
from paperdiary.config import Config
from paperdiary.entry import Entry

Middle = tuple[float, float]
WORDS = [
    "robot grasping",
    "language models",
    "vision transformers",
    "bandit regret",
    "protein folding",
    "speech codecs",
]


def made(middles: dict[str, Middle], each: int = 6, words: dict[str, str] | None = None) -> tuple[Atlas, list[Entry]]:
    """An atlas whose clusters have these middles, and titles in which the cluster's words are."""
    found, places = [], {}
    for number, (name, (x, y)) in enumerate(middles.items()):
        said = (words or {}).get(name, f"topic{number}")
        for n in range(each):
            one = entry(f"{name}-{n}", f"{said.capitalize()} number{number}x{n}")
            found.append(one)
            places[one.id] = Place(dict.fromkeys(PROJECTIONS, (x + n * 0.01, y)), name, "t")
    return Atlas(tuple(Cluster(c, f"Name of {c}", each) for c in middles), places), found


def grid(count: int, columns: int = 4, apart: float = 10.0) -> dict[str, Middle]:
    """Clusters in bunches of `columns`, each bunch far from the others."""
    return {
        f"c{n + 1}": ((n % columns) * 1.0 + (n // columns) * apart, (n // columns % 2) * apart) for n in range(count)
    }


def parts(atlas: Atlas) -> set[frozenset[str]]:
    return {frozenset(group.clusters) for group in atlas.groups}


@pytest.mark.parametrize("count", [0, 1, 4, 11])
def test_a_few_clusters_have_no_groups(count: int) -> None:
    atlas, found = made(grid(count))
    assert levels.update(atlas, (), found).groups == ()


def test_clusters_that_lie_together_are_a_group() -> None:
    atlas, found = made(grid(12))
    got = levels.update(atlas, (), found)
    assert parts(got) == {
        frozenset({"c1", "c2", "c3", "c4"}),
        frozenset({"c5", "c6", "c7", "c8"}),
        frozenset({"c9", "c10", "c11", "c12"}),
    }
    assert sorted(group.id for group in got.groups) == ["g1", "g2", "g3"]
    assert [g.size for g in got.groups] == [24, 24, 24]


@pytest.mark.parametrize(("clusters", "wanted"), [(10, 3), (12, 3), (14, 4), (20, 5), (40, 10)])
def test_there_is_a_group_for_every_four_clusters(clusters: int, wanted: int) -> None:
    assert levels.wanted(clusters) == wanted
    if clusters >= levels.FEWEST:
        atlas, found = made(grid(clusters), each=2)
        got = levels.update(atlas, (), found)
        assert len(got.groups) == wanted
        assert sorted(c for g in got.groups for c in g.clusters) == sorted(c.id for c in atlas.clusters)


def test_a_group_is_named_by_what_its_entries_share() -> None:
    words = {f"c{n + 1}": WORDS[n // 4] for n in range(12)}
    atlas, found = made(grid(12), words=words)
    names = {frozenset(g.clusters): g.name for g in levels.update(atlas, (), found).groups}
    assert "obot grasping" in names[frozenset({"c1", "c2", "c3", "c4"})]
    assert "anguage models" in names[frozenset({"c5", "c6", "c7", "c8"})]
    terms = [term for name in names.values() for term in name.lower().split(", ")]
    assert len(terms) == len(set(terms))
    for members, name in names.items():
        titles = [e.title.lower() for e in found if atlas.places[e.id].cluster in members]
        for term in name.lower().split(", "):
            assert sum(term in t for t in titles) * 3 >= len(titles)


def test_a_group_that_shares_no_word_is_called_after_its_clusters() -> None:
    atlas, found = made(grid(12))
    atlas = replace(
        atlas,
        clusters=tuple(
            replace(c, name=f"Around “{c.id}”" if c.id in {"c1", "c9", "c10", "c11", "c12"} else f"Name {c.id}, more")
            for c in atlas.clusters
        ),
    )
    names = {frozenset(g.clusters): g.name for g in levels.update(atlas, (), found).groups}
    assert names[frozenset({"c1", "c2", "c3", "c4"})] == "Name c2 · Name c3"
    assert names[frozenset({"c9", "c10", "c11", "c12"})] == "Around “c10” and 3 more"


# -- from build to build


def test_nothing_is_done_where_the_groups_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    atlas, found = made(grid(12))
    first = levels.update(atlas, (), found)
    monkeypatch.setattr(cluster, "names", lambda *a: pytest.fail("named again"))
    assert levels.update(first, first.groups, found) is first


def test_a_map_that_shifts_keeps_its_groups_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    atlas, found = made(grid(16))
    first = levels.update(atlas, (), found)
    moved, _ = made({c: (x + 0.4 * (n % 3), y - 0.3) for n, (c, (x, y)) in enumerate(grid(16).items())})
    monkeypatch.setattr(cluster, "names", lambda *a: pytest.fail("named again"))
    assert levels.update(moved, first.groups, found).groups == first.groups


def test_a_cluster_on_the_border_does_not_go_to_and_fro() -> None:
    middles = grid(12, apart=6.0)
    first = levels.update(*_swap(made(middles)))
    middles["c4"] = (4.6, 3.2)  # a little nearer to the other group's middle
    second = levels.update(made(middles)[0], first.groups, made(middles)[1])
    assert parts(second) == parts(first)
    middles["c4"] = (7.5, 6.0)  # in its midst
    third = levels.update(made(middles)[0], second.groups, made(middles)[1])
    assert parts(third) != parts(first)
    assert {g.id for g in third.groups} == {g.id for g in first.groups}


def _swap(pair: tuple[Atlas, list[Entry]]) -> tuple[Atlas, tuple[()], list[Entry]]:
    return pair[0], (), pair[1]


def test_a_new_cluster_joins_the_nearest_group() -> None:
    first = levels.update(*_swap(made(grid(12))))
    middles = grid(12) | {"c13": (11.0, 10.5)}
    got = levels.update(made(middles)[0], first.groups, made(middles)[1])
    assert {g.id: set(g.clusters) for g in got.groups} == {
        g.id: set(g.clusters) | ({"c13"} if "c5" in g.clusters else set()) for g in first.groups
    }
    assert [g.name for g in got.groups] == [g.name for g in first.groups]


def test_a_cluster_that_is_gone_leaves_its_group() -> None:
    first = levels.update(*_swap(made(grid(12))))
    middles = {c: m for c, m in grid(12).items() if c != "c6"}
    got = levels.update(made(middles)[0], first.groups, made(middles)[1])
    assert frozenset({"c5", "c7", "c8"}) in parts(got)
    assert len(got.groups) == 3


def test_groups_stay_a_little_below_the_number_that_made_them() -> None:
    first = levels.update(*_swap(made(grid(12))))
    for count, there in ((10, True), (9, False)):
        atlas, found = made(dict(itertools.islice(grid(12).items(), count)))
        assert bool(levels.update(atlas, first.groups, found).groups) is there


def test_a_name_goes_when_most_of_what_it_named_has_gone() -> None:
    words = {f"c{n + 1}": WORDS[n // 4] for n in range(12)}
    first = levels.update(*_swap(made(grid(12), words=words)))
    middles = {c: m for c, m in grid(12).items() if c not in {"c1", "c2", "c3"}}
    middles |= {f"c{n}": (n - 12.0, 0.0) for n in (13, 14, 15)}
    words |= {f"c{n}": "speech codecs" for n in (13, 14, 15)}
    got = levels.update(made(middles, words=words)[0], first.groups, made(middles, words=words)[1])
    changed = next(g for g in got.groups if "c4" in g.clusters)
    assert "peech codecs" in changed.name
    assert changed.id == next(g.id for g in first.groups if "c4" in g.clusters)
    assert sorted(g.name for g in got.groups if "c4" not in g.clusters) == sorted(
        g.name for g in first.groups if "c4" not in g.clusters
    )


def test_a_pinned_name_stays() -> None:
    first = levels.update(*_swap(made(grid(12))))
    pinned = tuple(replace(g, name="Mine", pinned=True) if "c1" in g.clusters else g for g in first.groups)
    middles = {c: m for c, m in grid(12).items() if c not in {"c1", "c2", "c3"}} | {
        "c20": (1.0, 0.0),
        "c21": (0.0, 0.0),
    }
    got = levels.update(made(middles)[0], pinned, made(middles)[1])
    assert next(g for g in got.groups if "c4" in g.clusters).name == "Mine"


def test_twice_as_many_clusters_split_groups_and_half_as_many_join_them() -> None:
    first = levels.update(*_swap(made(grid(12), each=2)))
    atlas, found = made(grid(40), each=2)
    more = levels.update(atlas, first.groups, found)
    assert abs(len(more.groups) - levels.wanted(40)) <= 1
    assert {g.id for g in first.groups} <= {g.id for g in more.groups}
    assert len({g.id for g in more.groups}) == len(more.groups)
    atlas, found = made(dict(itertools.islice(grid(40).items(), 12)), each=2)
    less = levels.update(atlas, more.groups, found)
    assert abs(len(less.groups) - 3) <= 1
    assert {g.id for g in less.groups} <= {g.id for g in more.groups}


def test_all_last_clusters_gone_is_a_fresh_start() -> None:
    first = levels.update(*_swap(made(grid(12))))
    middles = {f"c{n + 50}": m for n, m in enumerate(grid(12).values())}
    got = levels.update(made(middles)[0], first.groups, made(middles)[1])
    assert len(got.groups) == 3
    assert not {g.id for g in got.groups} & {g.id for g in first.groups}


# -- in atlas.json


def test_groups_come_back_from_the_file() -> None:
    atlas, found = made(grid(12))
    first = levels.update(atlas, (), found)
    again, whole = atlas_file.loads(atlas_file.dumps(first))
    assert whole
    assert again.groups == first.groups
    assert '"groups"' not in atlas_file.dumps(atlas)


def test_a_damaged_line_of_a_group_costs_that_group_alone() -> None:
    atlas, found = made(grid(12))
    first = levels.update(atlas, (), found)
    text = atlas_file.dumps(first)
    for broken in (text.replace('"group": "g2"', '"group": "g7"'), text.replace('{"group": "g2"', '{"gro'), text[:-3]):
        again, _ = atlas_file.loads(broken)
        assert [c.id for c in again.clusters] == [c.id for c in first.clusters]
        assert {g.id for g in again.groups} <= {g.id for g in first.groups}
        assert len(again.groups) >= 2
        levels.update(again, again.groups, found)
    edited = text.replace(f'"name": "{first.groups[1].name}"', '"name": "Mine"').replace(
        '"pinned": false, "check"', '"pinned": true, "check"'
    )
    assert "Mine" in {g.name for g in atlas_file.loads(edited)[0].groups}


def test_groups_name_only_clusters_that_are_there() -> None:
    atlas, _ = made(grid(3))
    atlas = replace(atlas, groups=(Group("g1", "A", ("c1", "c9"), ("c9",), 3), Group("g2", "B", ("c9",), (), 3)))
    again, _ = atlas_file.loads(atlas_file.dumps(atlas))
    assert [(g.id, g.clusters) for g in again.groups] == [("g1", ("c1",))]


def test_a_build_of_many_notes_has_groups_that_stay(make_diary: Callable[..., Config]) -> None:
    notes = {
        f"t{n % 6}/n{n}.md": f"# {WORDS[n % 6].capitalize()} {n}\n\n{WORDS[n % 6]} and words{n % 6} of number{n}.\n"
        for n in range(150)
    }
    config = make_diary(notes)
    first = build.run(config)
    assert len(first.atlas.clusters) >= levels.FEWEST
    assert sorted(c for g in first.atlas.groups for c in g.clusters) == sorted(c.id for c in first.atlas.clusters)
    assert build.run(config).atlas.groups == first.atlas.groups
    assert build.read(config).atlas.groups == first.atlas.groups
