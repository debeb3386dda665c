from __future__ import annotations

import pytest

from paperdiary import maplabels
from paperdiary.maplabels import LONGEST, place, text_width, wrapped


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Robots", ("Robots",)),
        ("Reinforcement learning, exploration", ("Reinforcement", "learning, exploration")),
        ("  two   spaces ", ("two spaces",)),
        ("", ("",)),
        ("x" * 26, ("x" * 26,)),
    ],
)
def test_a_name_in_one_line_or_two(name: str, wanted: tuple[str, ...]) -> None:
    assert wrapped(name) == wanted


@pytest.mark.parametrize(
    "name", ["word " * 40, "W" * 300, "機械学習" * 30, f"short {'y' * 100}", f"{'y' * 100} short", "a-b " * 50]
)
@pytest.mark.parametrize("longest", [16, LONGEST])
def test_a_long_name_is_cut_in_its_second_line(name: str, longest: int) -> None:
    lines = wrapped(name, longest)
    assert len(lines) == 2
    assert all(0 < len(line) <= longest for line in lines)
    assert lines[1].endswith("…")


def test_nothing_of_a_name_is_lost_that_has_room() -> None:
    name = "Around “Lower bounds on regret for noisy…”"
    assert " ".join(wrapped(name)) == name


def test_widths_follow_the_signs() -> None:
    assert text_width("iiii", 10) < text_width("nnnn", 10) < text_width("WWWW", 10) <= text_width("機機機機", 10)
    assert text_width("e\u0301", 10) == text_width("e", 10)


def test_the_largest_group_chooses_first() -> None:
    frame = (300.0, 60.0)
    crowd = [(150.0, 30.0)] * 5
    labels = place(["Small one here", "The large one here"], [crowd[:1], crowd], frame, 15)
    assert labels[1] is not None


def test_a_name_without_room_is_left_out() -> None:
    assert place(["Far too long for this"], [[(10.0, 10.0)]], (40.0, 40.0), 15) == [None]
    assert place(["A", "B"], [[], [(50.0, 50.0)]], (100.0, 100.0), 15)[0] is None
    everything = (0.0, 0.0, 900.0, 600.0)
    assert place(["A"], [[(50.0, 50.0)]], (900.0, 600.0), 15, taken=[everything]) == [None]


def test_a_name_keeps_off_the_points_where_there_is_room() -> None:
    points = [(x * 12.0 + 300, y * 12.0 + 200) for x in range(12) for y in range(8)]
    (label,) = place(["Cluster of points"], [points], (900.0, 600.0), 15)
    assert label is not None
    left, top, right, bottom = label.box(15)
    assert not any(left < x < right and top < y < bottom for x, y in points)


def test_a_name_that_finds_no_place_by_its_points_is_left_out() -> None:
    members = [[(450.0 + n, 300.0)] for n in range(40)]
    labels = place([f"Name of cluster {n}" for n in range(40)], members, (900.0, 600.0), 15)
    set_ = [label for label in labels if label]
    assert 3 <= len(set_) < 40
    for label in set_:
        left, top, right, bottom = label.box(15)
        x, y = members[label.number][0]
        assert max(left - x, x - right, top - y, y - bottom) <= maplabels.FARTHEST * 15


def test_baselines_lie_around_the_middle() -> None:
    one, two = maplabels.Label(0, 0, 100, ("a",)), maplabels.Label(0, 0, 100, ("a", "b"))
    assert one.baselines(10) == pytest.approx([103.5])
    assert sum(two.baselines(10)) / 2 == pytest.approx(103.5)
