"""The starter site in Chromium: the map draws, points open notes, no error, no other host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import map_points
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.model]
Visit = Callable[..., Page]


def pages(starter: Path) -> list[str]:
    """The address of each point's note."""
    return list(map_points(starter / "site")["pages"])


def awake(page: Page) -> int:
    """Touch the map; how many points it has."""
    page.locator(".pd-map__plot").first.hover()
    page.wait_for_selector(".pd-map--awake, .pd-map--live")
    return int(page.evaluate("() => document.querySelector('.pd-map').diaryMap.data.ids.length"))


@pytest.mark.parametrize("path", ["", "map/"])
def test_as_many_points_as_entries(visit: Visit, starter: Path, path: str) -> None:
    page = visit(path)
    count = len(pages(starter))
    assert count == 84
    assert page.locator(".pd-map__svg a:has(title)").count() >= count
    assert awake(page) == count


def test_chart_over_time(visit: Visit) -> None:
    page = visit("timeline/")
    text = page.locator(".pd-chart figcaption").inner_text()
    assert "a day" in text
    label = page.locator(".pd-chart__svg").get_attribute("aria-label") or ""
    assert text.split(" days")[0] == label.split(" days")[0]  # "77 read in 350"
    last = page.locator(".pd-chart .pd-hit title").last.text_content() or ""
    assert last.endswith(f", {text.split(' ')[0]} by then")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["", "map/", "diary/", "topics/", "clusters/", "clusters/c1/", "queue/", "timeline/", "reading-group/short-notes/"],
)
def test_narrow(visit: Visit, path: str, scheme: str) -> None:
    """At 390 px nothing is wider than the window."""
    page = visit(path, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").count() == 1


def test_without_javascript(visit: Visit, starter: Path, starter_url: str) -> None:
    page = visit("map/", java_script_enabled=False)
    links = page.locator(".pd-map__svg a:has(title)")
    assert links.count() >= len(pages(starter))
    href = links.first.get_attribute("xlink:href")
    page.goto(f"{starter_url}map/{href}")
    assert page.locator("h1").count() == 1


def test_anchor_of_an_entry(visit: Visit, starter: Path) -> None:
    page = visit(next(address for address in pages(starter) if "#entry-" in address))
    assert page.evaluate("() => document.querySelector(location.hash) !== null")


def test_under_a_sub_path(visit: Visit, serve: Callable[[Path], str], starter: Path, tmp_path: Path) -> None:
    (tmp_path / "diary").symlink_to(starter / "site")
    page = visit("map/", base=serve(tmp_path) + "diary/")
    assert awake(page) == len(pages(starter))
