from __future__ import annotations

import random
import re

import numpy as np
import pytest

from paperdiary import cluster
from paperdiary.entry import Entry


def entry(title: str, description: str = "", *tags: str, topic: str = "") -> Entry:
    return Entry(
        id=f"note:{title}", title=title, kind="note", note=f"{topic}/x.md", line=1, page="x/", topic=topic,
        tags=tags, description=description,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "wanted", "previous", "count"),
    [
        (0, 0, 0, 0), (1, 0, 0, 1), (2, 0, 0, 1), (3, 0, 0, 1), (3, 5, 0, 1),
        (16, 0, 0, 4), (40, 0, 0, 6), (100, 0, 0, 10), (400, 0, 0, 20), (10_000, 0, 0, 20),
        (40, 0, 7, 7), (40, 0, 5, 5), (40, 0, 8, 7), (40, 0, 4, 5), (400, 0, 5, 19),
        (40, 3, 7, 3), (400, 30, 0, 30), (10, 9, 0, 5), (40, 1, 0, 1),
    ],
)  # fmt: skip
def test_number_of_clusters(entries: int, wanted: int, previous: int, count: int) -> None:
    assert cluster.count_for(entries, wanted, previous) == count


def test_no_cluster_has_less_than_two_on_average() -> None:
    for n in range(4, 60):
        assert 1 <= cluster.count_for(n, 0, 0) <= n // 2


def test_assign_finds_groups() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal((n * 5, 0), 0.1, (10, 2)) for n in range(3)])
    labels = cluster.assign(points, 3, None, 42)
    assert [len(set(labels[n : n + 10])) for n in (0, 10, 20)] == [1, 1, 1]
    assert sorted(set(labels)) == [0, 1, 2]
    assert labels == cluster.assign(points, 3, None, 42)


SIX = np.array([[0.0, 0], [0.1, 0], [5, 0], [5.1, 0], [9, 0], [9.1, 0]])


def test_members_stay_and_new_points_join_the_nearest() -> None:
    assert cluster.assign(SIX, 3, [2, 2, 0, 0, 1, 1], 42) == [2, 2, 0, 0, 1, 1]
    assert cluster.assign(SIX, 3, [2, -1, 0, -1, 1, -1], 42) == [2, 2, 0, 0, 1, 1]
    assert cluster.assign(SIX, 3, [-1] * 6, 42) == cluster.assign(SIX, 3, None, 42)


def test_member_leaves_only_for_a_centre_that_is_clearly_nearer() -> None:
    line = np.array([[-0.1, 0], [0.1, 0], [9.9, 0], [10.1, 0], [0, 0]])
    for x, label in ((5.2, 0), (7.0, 1)):
        line[4] = (x, 0)
        assert cluster.assign(line, 2, [0, 0, 1, 1, 0], 42)[4] == label
    line[4] = (5.2, 0)
    assert cluster.assign(line, 2, [0, 0, 1, 1, 1], 42)[4] == 1


def test_one_cluster_more_splits_the_widest_and_leaves_the_others() -> None:
    points = np.concatenate([SIX, [[20.0, 0], [20.1, 0], [20.2, 0], [26, 0], [26.1, 0]]])
    labels = cluster.assign(points, 5, [0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 3], 42)
    assert labels[:6] == [0, 0, 1, 1, 2, 2]
    assert labels[6:] == [3, 3, 3, 4, 4]


def test_one_cluster_less_joins_the_two_that_are_nearest() -> None:
    assert cluster.assign(SIX, 2, [0, 0, 1, 1, 2, 2], 42) == [0, 0, 1, 1, 1, 1]


def test_groups_are_as_tight_as_those_made_anew() -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(0, 1, (300, 2))
    labels = cluster.assign(points[:100], 10, None, 42)
    for size in range(110, 301, 10):
        labels = cluster.assign(points[:size], 10, [*labels, *[-1] * 10], 42)

    def spread(found: list[int]) -> float:
        groups = [points[np.array(found) == label] for label in set(found)]
        return sum(((g - g.mean(axis=0)) ** 2).sum() for g in groups)

    assert len(set(labels)) == 10
    assert spread(labels) < 1.15 * spread(cluster.assign(points, 10, None, 42))


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((1, 2)), np.ones((6, 2)), np.eye(2)[[0, 0, 1, 1]]])
def test_assign_of_fewer_places_than_clusters_is_one_cluster(points: np.ndarray) -> None:
    assert cluster.assign(points, 3, None, 42) == [0] * len(points)


@pytest.mark.parametrize(
    ("labels", "before", "taken", "ids"),
    [
        ([], [], [], []),
        ([0, 0, 1], [None] * 3, [], ["c1", "c2"]),
        ([0, 0, 1, 1], ["c2", "c2", "c1", "c1"], ["c1", "c2"], ["c2", "c1"]),
        # a cluster that grew and one that is new
        ([0, 0, 0, 1], ["c1", "c1", None, None], ["c1"], ["c1", "c2"]),
        # a number that was given once is not given again
        ([0, 1], ["c1", None], ["c1", "c7"], ["c1", "c8"]),
        ([0, 1], [None, None], ["c3"], ["c4", "c5"]),
        # a cluster that was split: the larger part is the old one
        ([0, 1, 1, 1], ["c1"] * 4, ["c1"], ["c2", "c1"]),
        # two that were merged: the larger old one lives on
        ([0, 0, 0], ["c1", "c2", "c2"], ["c1", "c2"], ["c2"]),
        # the best for all together: c1 goes where c2 cannot
        ([0, 0, 1, 1], ["c1", "c2", "c1", None], ["c1", "c2"], ["c2", "c1"]),
        # ids that people wrote stay, and do not disturb the count
        ([0, 1], ["robots", None], ["robots", "c2"], ["robots", "c3"]),
    ],
)
def test_identities(labels: list[int], before: list[str | None], taken: list[str], ids: list[str]) -> None:
    assert cluster.identities(labels, before, taken) == ids


def occurs(term: str, member: Entry) -> bool:
    """A term, by the beginnings of its words, in anything that tells what an entry is about."""

    def words(text: str) -> str:
        stems = [re.sub(r"(ies|y|s)$", "", w) for w in re.findall(r"[^\W_]+", text.lower())]
        return " " + " ".join(stems) + " "

    texts = (member.title, member.description, member.topic, *member.tags)
    return any(words(term) in words(t) for t in texts)


FIELDS = {
    "vision": "image pixels object detector camera segmentation",
    "speech": "audio speech voices phoneme transcripts",
    "robots": "robot grasping policies arms locomotion",
    "biology": "protein folding cells RNA sequences",
}


def groups(seed: int) -> list[list[Entry]]:
    rng = random.Random(seed)
    common = ["method", "model", "benchmark", "result", "scaling", "study", "survey", "large"]
    out = []
    for topic, words in FIELDS.items():
        group = []
        for n in range(rng.randint(1, 12)):
            own = rng.sample(words.split(), 3)
            other = rng.choice(rng.choice(list(FIELDS.values())).split())
            title = f"{own[0].title()} {own[1]} for {rng.choice(common)} {n}: on {other}"
            group.append(entry(title, f"We show that a {own[2]} {rng.choice(common)} helps.", topic=topic))
        out.append(group)
    return out


@pytest.mark.parametrize("seed", range(8))
def test_every_term_of_a_name_is_in_a_third_of_the_members(seed: int) -> None:
    made = groups(seed)
    for name, group in zip(cluster.names(made), made, strict=True):
        assert name
        if name.startswith("Around"):
            continue
        for term in name.split(", "):
            assert sum(occurs(term, member) for member in group) >= len(group) / 3, (name, term)


@pytest.mark.parametrize("seed", range(8))
def test_names_differ_and_share_no_word(seed: int) -> None:
    found = cluster.names(groups(seed))
    words = [w.lower() for name in found for w in re.findall(r"\w+", name) if not name.startswith("Around")]
    assert len(set(found)) == len(found)
    assert len(set(words)) == len(words)


def test_name_says_what_the_group_is_about() -> None:
    made = [
        [entry(f"Protein folding {n}") for n in ("one", "two", "three")],
        [entry(f"Speech recognition {n}") for n in ("one", "two", "three")],
    ]
    one, two = cluster.names(made)
    assert one.startswith("Protein folding")
    assert two.startswith("Speech recognition")


@pytest.mark.parametrize(
    ("group", "word"),
    [
        ([entry("On the how and why")], "Around"),
        ([entry("")], "Around"),
        ([entry("!!!"), entry("???")], "Around"),
        ([entry("2017"), entry("2018")], "Around"),
        ([entry("注意力机制"), entry("注意力机制")], "注意力机制"),
        ([entry("Über Gedächtnis"), entry("Gedächtnis heute")], "edächtnis"),
        ([entry("GPT-4 and CLIP"), entry("CLIP at scale")], "CLIP"),
        ([entry("A"), entry("B", "", "Sparse coding"), entry("C", "", "sparse-coding")], "parse coding"),
        ([], "Empty"),
    ],
)
def test_name_of_odd_groups(group: list[Entry], word: str) -> None:
    assert word in cluster.names([group])[0]


def test_long_title_is_cut_at_a_word() -> None:
    title = "On the " + "very " * 20 + "end"
    assert len(cluster.names([[entry(title)]])[0]) < 60


def test_nothing_to_name() -> None:
    assert cluster.names([]) == []


def test_fixed_names_stay_and_their_words_are_not_used_again() -> None:
    made = [[entry(f"Robot grasping {n}") for n in "abc"], [entry(f"Robot speech {n}") for n in "abc"]]
    found = cluster.names(made, {0: "My robots, <b>&"})
    assert found[0] == "My robots, <b>&"
    assert "obot" not in found[1]


def test_groups_of_the_same_words_have_names_that_differ() -> None:
    made = [[entry("Robots") for _ in range(3)] for _ in range(3)]
    assert len(set(cluster.names(made))) == 3


@pytest.mark.parametrize("fixed", [{1: "Robots"}, {0: "Robots", 1: "Robots"}])
def test_fixed_name_stays_when_another_group_is_called_the_same(fixed: dict[int, str]) -> None:
    made = [[entry("Robots") for _ in range(3)] for _ in range(2)]
    found = cluster.names(made, fixed)
    assert {n: found[n] for n in fixed} == fixed


def test_word_of_the_texts_names_a_group_whose_titles_share_none() -> None:
    from paperdiary.entry import Passage

    firsts = [
        "amber",
        "birch",
        "cedar",
        "dune",
        "ember",
        "fjord",
        "grove",
        "heath",
        "islet",
        "juniper",
        "kelp",
        "larch",
    ]
    entries = []
    for n, first in enumerate(firsts):
        text = f"Boats lie in a harbour of {first}." if n % 2 else f"Of {first} alone."
        passages = (Passage(f"note:{n}", 0, "", text),)
        title = f"{first} harbours" if n in {1, 3} else f"{first} {n}"
        entries.append(Entry(f"note:{n}", title, "paper", f"{n}.md", 1, f"{n}/", passages=passages))
    assert cluster.names([entries]) == ["Harbours"]
    plain = [Entry(e.id, e.title, e.kind, e.note, 1, e.page) for e in entries]
    assert cluster.names([plain])[0].startswith("Around")


def test_a_large_cluster_is_named_by_its_subjects_and_not_by_what_all_share() -> None:
    grasping, walking = (
        [entry(f"{titles[n % 4]} of robots", "", str(n)) for n in range(300)]
        for titles in (
            ("Grasping hands", "Surgery", "Fast ways", "Tools"),
            ("Walking legs", "Swimming", "Slow ways", "Wheels"),
        )
    )
    first, second = (name.lower() for name in cluster.names([grasping, walking]))
    assert any(word in first for word in ("grasping", "surgery", "tools"))
    assert any(word in second for word in ("walking", "swimming", "wheels"))
    assert "robots" not in first + second


def test_initials_are_no_second_term() -> None:
    gans = [entry("Generative adversarial networks", "", "gan") for _ in range(6)]
    others = [entry("Walking machines", "", "gait") for _ in range(6)]
    found = cluster.names([gans, others])
    assert "gan" not in found[0].lower().replace("generative adversarial networks", "").split(", ")
    assert "gait" in found[1]
