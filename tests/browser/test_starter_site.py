"""The starter site in Chromium: the map draws, points open notes, no error, no other host."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.model]
Visit = Callable[..., Page]

POINTS = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  return plot.data.filter((t) => t.customdata).reduce((n, t) => n + t.x.length, 0);
}"""
#: where the first point of a trace lies in the window
PLACE = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  const trace = plot.data.find((t) => t.customdata);
  const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
  return { x: box.left + xaxis._offset + xaxis.l2p(trace.x[0]), y: box.top + yaxis._offset + yaxis.l2p(trace.y[0]),
           row: trace.customdata[0] };
}"""


def entries(starter: Path) -> list[dict[str, str]]:
    return list(json.loads((starter / "site/assets/paperdiary/map.json").read_text())["entries"])


def live_map(page: Page) -> None:
    page.wait_for_selector(".pd-map--live .js-plotly-plot .point")


@pytest.mark.parametrize("path", ["", "map/"])
def test_as_many_points_as_entries(visit: Visit, starter: Path, path: str) -> None:
    page = visit(path)
    live_map(page)
    count = len(entries(starter))
    assert page.evaluate(POINTS) == count
    assert page.locator(".js-plotly-plot .point").count() == count


def test_hover_shows_title_date_and_cluster(visit: Visit, starter: Path) -> None:
    page = visit("map/")
    live_map(page)
    place = page.evaluate(PLACE)
    page.mouse.move(place["x"] - 3, place["y"])
    page.mouse.move(place["x"], place["y"])
    page.wait_for_selector(".hoverlayer .hovertext")
    shown = page.locator(".hoverlayer .hovertext").first.text_content() or ""
    entry = entries(starter)[place["row"]]
    clusters = json.loads((starter / "site/assets/paperdiary/map.json").read_text())["clusters"]
    assert entry["title"].split()[0] in shown
    assert (entry["date"] or entry["status"]) in shown
    assert clusters[entry["cluster"]]["name"] in shown  # type: ignore[index]


def test_a_click_opens_the_note(visit: Visit, starter: Path, starter_url: str) -> None:
    page = visit("map/")
    live_map(page)
    place = page.evaluate(PLACE)
    entry = entries(starter)[place["row"]]
    page.mouse.move(place["x"], place["y"])
    page.wait_for_selector(".hoverlayer .hovertext")
    page.mouse.click(place["x"], place["y"])
    page.wait_for_url(starter_url + entry["page"])
    assert entry["title"].split(":")[0] in page.locator("h1").inner_text()
    assert page.locator(".pd-card").count() >= 1
    assert page.locator(".pd-related").first.locator("li").count() == 5


def test_projections_hulls_and_reading_order(visit: Visit, starter: Path) -> None:
    page = visit("map/")
    live_map(page)
    first = page.evaluate("() => document.querySelector('.js-plotly-plot').data.map((t) => t.x[0])")
    for name in ("umap", "pca"):
        page.click(f"[data-projection={name}]")
        assert page.get_attribute(f"[data-projection={name}]", "aria-pressed") == "true"
        moved = page.evaluate("() => document.querySelector('.js-plotly-plot').data.map((t) => t.x[0])")
        assert moved != first
        assert page.evaluate(POINTS) == len(entries(starter))
    page.click("[data-toggle=hulls]")
    page.click("[data-toggle=order]")
    names = page.evaluate("() => document.querySelector('.js-plotly-plot').data.map((t) => t.name)")
    assert names.count("hull") >= 4
    assert names.count("reading order") == 1
    page.click("[data-toggle=hulls]")
    names = page.evaluate("() => document.querySelector('.js-plotly-plot').data.map((t) => t.name)")
    assert "hull" not in names


def test_chart_over_time(visit: Visit) -> None:
    page = visit("timeline/")
    text = page.locator(".pd-chart figcaption").inner_text()
    assert "a day" in text
    label = page.locator(".pd-chart__svg").get_attribute("aria-label") or ""
    assert text.split(" days")[0] == label.split(" days")[0]  # "77 read in 350"
    last = page.locator(".pd-chart .pd-hit title").last.text_content() or ""
    assert last.endswith(f", {text.split(' ')[0]} by then")


def test_dark_and_light(visit: Visit) -> None:
    page = visit("map/", color_scheme="dark")
    live_map(page)
    ink = "() => document.querySelector('.js-plotly-plot').layout.font.color"
    assert page.evaluate("() => document.body.dataset.mdColorScheme") == "slate"
    dark = page.evaluate(ink)
    page.locator("label.md-header__button[for^=__palette]:visible").click()
    page.wait_for_function(
        "(before) => document.querySelector('.js-plotly-plot').layout.font.color !== before", arg=dark
    )
    assert page.evaluate("() => document.body.dataset.mdColorScheme") == "default"


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
    links = page.locator(".pd-map__svg a")
    assert links.count() == len(entries(starter))
    href = links.first.get_attribute("href")
    page.goto(f"{starter_url}map/{href}")
    assert page.locator(".pd-card").count() >= 1


def test_anchor_of_an_entry(visit: Visit, starter: Path) -> None:
    target = next(e for e in entries(starter) if "#entry-" in e["page"])
    page = visit(target["page"])
    assert page.evaluate("() => document.querySelector(location.hash) !== null")


def test_under_a_sub_path(visit: Visit, serve: Callable[[Path], str], starter: Path, tmp_path: Path) -> None:
    (tmp_path / "diary").symlink_to(starter / "site")
    page = visit("map/", base=serve(tmp_path) + "diary/")
    live_map(page)
    assert page.evaluate(POINTS) == len(entries(starter))
