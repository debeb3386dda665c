"""The colours of clusters: apart from each other for every kind of sight, and from their page."""

from __future__ import annotations

from itertools import combinations

import pytest
from colours import SIGHT, ciede2000, contrast, distance

from paperdiary import palette

SCHEMES = {"light": (palette.LIGHT, palette.PAPER), "dark": (palette.DARK, palette.NIGHT)}


def test_measures_agree_with_published_values() -> None:
    """Pairs 1, 7, 13 and 25 of the test data of Sharma, Wu and Dalal (2005); WCAG's black on white."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, 0, 0), (50, -1, 2)) == pytest.approx(2.3669, abs=1e-4)
    assert ciede2000((50, 2.49, -0.001), (50, -2.49, 0.0009)) == pytest.approx(7.1792, abs=1e-4)
    assert ciede2000((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)) == pytest.approx(1.2644, abs=1e-4)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_any_two_clusters_are_told_apart(scheme: str, sight: str) -> None:
    colours, _ = SCHEMES[scheme]
    least = min((distance(a, b, sight), a, b) for a, b in combinations(colours, 2))
    assert least[0] >= (20 if sight == "normal" else 13), f"{least[1]} and {least[2]} are {least[0]:.1f} apart"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_cluster_stands_out_from_its_page(scheme: str) -> None:
    colours, page = SCHEMES[scheme]
    assert len(set(colours)) == 10
    for colour in colours:
        assert contrast(colour, page) >= 3, colour


def test_the_measure_finds_colours_that_cannot_be_told_apart() -> None:
    assert distance("#b03030", "#5a6a1e", "normal") > 30
    assert distance("#b03030", "#5a6a1e", "protanopia") < 13


def test_forty_clusters_have_forty_looks() -> None:
    looks = [palette.look(f"c{n}") for n in range(1, 41)]
    assert len(set(looks)) == 40
    assert looks[0] == (0, 0)
    assert looks[10] == (0, 1)
    assert looks[39] == (9, 3)
    assert [palette.number(f"c{n}") for n in (1, 40, 41)] == [0, 39, 0]
    assert palette.css_class("c12") == "pd-c2"
    assert palette.look("pinned") == (0, 0)  # an id of the reader's own
