"""The drawn map in Chromium: it takes over from the picture, travels, colours, filters, and remembers what is seen."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.model]
Open = Callable[..., Page]

MAP = "document.querySelector('.pd-map').diaryMap"
#: every mark of the picture: entry's page, middle and height on the screen
PICTURE = """() => Object.fromEntries([...document.querySelectorAll('.pd-map__svg a')].map((link) => {
  const box = link.querySelector(':not(title)').getBoundingClientRect();
  const address = link.getAttribute('href') ?? link.getAttribute('xlink:href');
  return [address.replace(/^[./]+/, ''), [box.x + box.width / 2, box.y + box.height / 2, box.height]];
}))"""
#: and of Plotly
DRAWN = f"""() => {{
  const map = {MAP}, rows = map.marks().rows;
  const marks = document.querySelectorAll('.js-plotly-plot .trace:first-child path.point');
  return Object.fromEntries([...marks].map((mark, n) => {{
    const box = mark.getBoundingClientRect();
    return [map.data.pages[rows[n]], [box.x + box.width / 2, box.y + box.height / 2, box.height]];
  }}));
}}"""
NAMES = """(root) => [...document.querySelectorAll(root)].filter((t) => t.getClientRects().length).map((t) => {
  const box = t.getBoundingClientRect();
  return [t.dataset.cluster ?? 'g' + t.dataset.group, box.x, box.y, box.right, box.bottom];
})"""


@pytest.fixture
def open_map(browser: Browser, starter_url: str) -> Iterator[Open]:
    """Opens a page that holds a map; no script may throw, nothing is asked of another host."""
    contexts, thrown, strangers = [], [], []

    def go(
        path: str = "map/",
        before: Callable[[Page], object] = lambda page: None,
        base: str = starter_url,
        live: bool = True,
        **options: object,
    ) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: thrown.append(str(e)))
        page.on("request", lambda r: strangers.append(r.url) if not r.url.startswith((base, "data:")) else None)
        before(page)
        page.goto(base + path)
        if live:
            page.wait_for_selector(".pd-map--live", timeout=60_000)
            rest(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not thrown
    assert not strangers


def rest(page: Page) -> None:
    """Wait until nothing moves and Plotly has drawn."""
    page.wait_for_function(
        f"() => {{ const m = {MAP}.mover; return !m.moving && !m.animation && !m.asked"
        " && (m.map.drawsAlone || m.canvas.style.visibility === 'hidden') }"
    )


def spot(page: Page, row: int) -> tuple[float, float]:
    """Where a row is in the window."""
    x, y = page.evaluate(
        f"""(row) => {{ const map = {MAP}, box = map.plotElement.getBoundingClientRect(), at = map.at(row);
        return [box.x + map.plotElement.clientLeft + at.x, box.y + map.plotElement.clientTop + at.y]; }}""",
        row,
    )
    return x, y


def view(page: Page, key: str) -> Any:
    return page.evaluate(f"(key) => {{ const v = {MAP}.view.get(key); return v instanceof Set ? [...v] : v }}", key)


def shown(page: Page) -> int:
    """How many entries are on the map."""
    return int(page.evaluate(f"() => {MAP}.visible().reduce((a, b) => a + b, 0)"))


def asked(page: Page, **wanted: str | None) -> None:
    """Wait until the URL says this of the view."""
    for _ in range(100):
        found = parse_qs(urlsplit(page.url).query)
        if all(found.get(key, [None])[0] == value for key, value in wanted.items()):
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.url)


def frame(page: Page) -> dict[str, float]:
    box = page.locator(".pd-map__plot").bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def within(box: dict[str, float], left: float, top: float, right: float, bottom: float) -> None:
    assert box["x"] - 1 <= left <= right <= box["x"] + box["width"] + 1
    assert box["y"] - 1 <= top <= bottom <= box["y"] + box["height"] + 1


# -- from the picture to Plotly


@pytest.mark.parametrize(("width", "path"), [(1280, "map/"), (800, "map/"), (390, "map/"), (1280, "")])
def test_plotly_takes_over_without_a_jump(open_map: Open, width: int, path: str) -> None:
    held: list[Route] = []
    page = open_map(
        path,
        before=lambda page: page.route("**/plotly.min.js", lambda route: held.append(route)),
        live=False,
        viewport={"width": width, "height": 900},
    )
    page.locator(".pd-map").first.scroll_into_view_if_needed()
    while not held:
        page.wait_for_timeout(50)
    page.evaluate("document.fonts.ready")
    before, names, box = page.evaluate(PICTURE), page.evaluate(NAMES, ".pd-map__svg text"), frame(page)
    assert len(before) > 20
    held[0].continue_()
    page.wait_for_selector(".pd-map--live")
    after, moved = page.evaluate(DRAWN), {key: value - box[key] for key, value in frame(page).items()}
    assert before.keys() == after.keys()
    for entry, (x, y, height) in before.items():
        assert math.dist((x + moved["x"], y + moved["y"]), after[entry][:2]) <= 1, entry
        assert height == pytest.approx(after[entry][2], abs=1), entry
    assert page.locator(".pd-map__svg").count() == 0
    found = {name[0]: name[1:] for name in page.evaluate(NAMES, ".pd-map__over text")}
    for key, *edges in names:
        still = [edge + moved["xy"[n % 2]] for n, edge in enumerate(edges)]
        assert still == pytest.approx(found[key], abs=1.5), key


@pytest.mark.parametrize(("width", "path"), [(1280, "map/"), (800, "map/"), (390, "map/"), (1280, ""), (390, "")])
def test_the_map_does_not_move_while_it_loads(open_map: Open, width: int, path: str) -> None:
    page = open_map(
        path,
        viewport={"width": width, "height": 900},
        before=lambda page: page.add_init_script(
            "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries()"
            ".filter((e) => e.sources.some((s) => s.node?.closest?.('.pd-map__plot'))).map((e) => e.value)))"
            ".observe({ type: 'layout-shift', buffered: true })"
        ),
    )
    assert sum(page.evaluate("shifts")) < 0.01


def test_without_plotly_the_picture_stays_and_a_sentence_says_so(open_map: Open) -> None:
    page = open_map(before=lambda page: page.route("**/plotly.min.js", lambda route: route.abort()), live=False)
    page.wait_for_selector(".pd-map--still")
    assert page.locator(".pd-map__svg a").count() > 20
    assert "could not be loaded" in page.locator(".pd-map__note").inner_text()
    assert page.get_by_role("button", name="UMAP").count() == 0


def test_the_map_can_be_explored_before_plotly_is_there(open_map: Open) -> None:
    held: list[Route] = []
    page = open_map(before=lambda page: page.route("**/plotly.min.js", lambda route: held.append(route)), live=False)
    while not held:
        page.wait_for_timeout(50)
    before, box = page.evaluate(PICTURE), frame(page)
    pages = page.evaluate(f"() => {MAP}.data.pages")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".pd-map--awake")
    assert page.locator(".pd-map__svg").count() == 0
    for row, entry in enumerate(pages):
        assert math.dist(spot(page, row), before[entry][:2]) <= 1
    is_drawn(page, [row for row in range(len(pages)) if page.evaluate(f"(row) => !{MAP}.marks().open[row]", row)], 0.7)
    page.mouse.wheel(0, -240)
    page.wait_for_timeout(300)
    assert page.evaluate(f"() => {MAP}.zoom") > 1.2
    page.get_by_role("button", name="UMAP").click()
    page.wait_for_timeout(1200)
    held[0].continue_()
    page.wait_for_selector(".pd-map--live")
    rest(page)
    drawn = page.evaluate(DRAWN)
    for row, entry in enumerate(pages):
        assert math.dist(spot(page, row), drawn[entry][:2]) <= 1


# -- passages


SAMPLE = f"""(name) => new Promise((done) => {{
  const map = {MAP}, rows = [...map.visible().keys()], seen = [], began = performance.now();
  const places = () => rows.map((row) => [map.screen.x[row], map.screen.y[row]]);
  const from = places();
  map.view.set({{ projection: name, zoom: null }});
  const next = () => {{
    seen.push({{ at: performance.now() - began, places: places() }});
    if (map.mover.animation || seen.length < 3) requestAnimationFrame(next);
    else done({{ from, seen }});
  }};
  requestAnimationFrame(next);
}})"""


def ways(sample: dict[str, Any]) -> list[float]:
    """How far the points have travelled in each frame, 0..1."""
    start, end = sample["from"], sample["seen"][-1]["places"]
    whole = sum(math.dist(a, b) for a, b in zip(start, end, strict=True))
    return [1 - sum(map(math.dist, frame["places"], end)) / whole for frame in sample["seen"]]


def test_points_travel_between_projections(open_map: Open) -> None:
    page = open_map("map/?hulls=1")
    sample = page.evaluate(SAMPLE, "umap")
    way = ways(sample)
    assert way == sorted(way)
    assert sum(0.02 < w < 0.98 for w in way) >= 4  # seen on their way, not only before and after
    assert 500 < sample["seen"][-1]["at"] < 2500
    rest(page)
    box, drawn = frame(page), page.evaluate(DRAWN)
    pages = page.evaluate(f"() => {MAP}.data.pages")
    for row in range(len(pages)):
        assert math.dist(spot(page, row), drawn[pages[row]][:2]) <= 1
        assert box["x"] <= spot(page, row)[0] <= box["x"] + box["width"]
    asked(page, view="umap")
    assert page.locator(".pd-under__hulls path").count() > 3
    assert page.get_by_role("button", name="UMAP").get_attribute("aria-pressed") == "true"


def test_who_wants_calm_gets_a_cut(open_map: Open) -> None:
    page = open_map(reduced_motion="reduce")
    assert all(w > 0.999 for w in ways(page.evaluate(SAMPLE, "pca")))


# -- colours and the legend


def lightness(colour: str) -> list[float]:
    """Oklab of "rgb(r, g, b)" (Ottosson, 2020)."""
    channels = [int(v) / 255 for v in re.findall(r"\d+", colour)[:3]]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels)
    long, middle, short = (
        v ** (1 / 3)
        for v in (
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        )
    )
    return [
        0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
    ]


def swatches(page: Page) -> list[str]:
    fills = page.eval_on_selector_all(
        ".pd-legend__item .pd-legend__swatch path",
        "(all) => all.map((path) => getComputedStyle(path).fill + getComputedStyle(path).stroke)",
    )
    return [re.findall(r"rgb\([^)]*\)", fill)[0] for fill in fills]


def marks(page: Page) -> set[str]:
    fills = page.eval_on_selector_all(
        ".js-plotly-plot .trace:first-child path.point",
        "(all) => all.map((path) => path.style.fill + ' ' + path.style.stroke)",
    )
    return {next(c for c in re.findall(r"rgb\([^)]*\)", fill)) for fill in fills}


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_every_colour_has_a_legend_that_counts(open_map: Open, scheme: str) -> None:
    page = open_map()
    page.evaluate("(scheme) => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
    page.wait_for_timeout(300)
    size = page.evaluate(f"() => {MAP}.data.size")
    options = page.eval_on_selector_all(".pd-tools__select option", "(all) => all.map((o) => o.value)")
    assert {"cluster", "topic", "kind", "status", "read", "published"} >= set(options) >= {"cluster", "topic", "read"}
    for name in options:
        page.locator(".pd-tools__select").select_option(name)
        rest(page)
        if page.locator(".pd-legend__more[aria-expanded=false]").count():
            page.locator(".pd-legend__more").click()
        counts = page.locator(".pd-legend__item:not(.pd-legend__more) .pd-legend__count").all_inner_texts()
        assert sum(int(count.replace(",", "")) for count in counts) == size, name
        assert marks(page) == set(swatches(page)), name
        asked(page, colour=None if name == "cluster" else name)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_steps_in_time_are_even_steps_to_the_eye(open_map: Open, scheme: str) -> None:
    page = open_map("map/?colour=read")
    page.evaluate("(scheme) => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
    page.wait_for_timeout(300)
    labels = page.locator(".pd-legend__item .pd-legend__label").all_inner_texts()
    steps = [lightness(c) for c, label in zip(swatches(page), labels, strict=True) if label != "No date"]
    assert len(steps) >= 5
    far = [math.dist(a, b) for a, b in pairwise(steps)]
    assert max(far) / min(far) < 1.3
    light = [step[0] for step in steps]
    assert light == sorted(light, reverse=scheme == "default")


def test_the_legend_filters_by_mouse_and_by_keys(open_map: Open) -> None:
    page = open_map()
    size, items = shown(page), page.locator("button.pd-legend__item")
    first, second = (int(items.nth(n).locator(".pd-legend__count").inner_text()) for n in (0, 1))
    items.nth(0).click()
    assert shown(page) == first
    ids = page.evaluate(f"() => {MAP}.data.clusterNames.map((c) => c.id)")
    (cluster,) = view(page, "clusters")
    asked(page, cluster=ids[cluster])
    items.nth(1).focus()
    page.keyboard.press("Enter")
    assert shown(page) == first + second
    rest(page)
    assert len(page.evaluate(DRAWN)) == first + second
    page.get_by_role("button", name="Show all", exact=True).click()
    assert shown(page) == size
    asked(page, cluster=None)
    page.locator(".pd-legend__row").nth(0).hover()
    page.locator(".pd-legend__hide").nth(0).click()
    assert shown(page) == size - first
    page.locator(".pd-tools__select").select_option("published")
    page.get_by_role("button", name="Show all", exact=True)
    item = page.locator("button.pd-legend__item").nth(0)
    item.click()
    assert view(page, "by") == "published"
    assert view(page, "from") <= view(page, "to")
    assert item.get_attribute("aria-pressed") == "true"
    item.click()
    assert view(page, "from") is None


def test_forty_clusters_and_thirty_topics_stay_readable(
    open_map: Open, serve: Callable[[Path], str], crowd: Path
) -> None:
    page = open_map(base=serve(crowd))
    assert page.locator(".pd-legend__row").count() < 20
    more = page.locator(".pd-legend__more")
    assert re.match(r"\d+ others", more.inner_text())
    more.click()
    assert page.locator("button.pd-legend__item:not(.pd-legend__more)").count() == 40
    page.locator(".pd-tools__select").select_option("topic")
    assert page.locator(".pd-legend__row").count() < 20


# -- what the URL says


def test_a_view_can_be_sent_to_somebody(open_map: Open) -> None:
    page = open_map()
    ids = page.evaluate(f"() => {MAP}.data.ids")
    page.get_by_role("button", name="PCA").click()
    page.locator(".pd-tools__select").select_option("topic")
    for name in ("Names", "Hulls", "Reading order"):
        page.get_by_role("button", name=name, exact=True).click()
    page.locator("button.pd-legend__item").nth(1).click()
    rest(page)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(400)
    rest(page)
    page.evaluate(f"(id) => {MAP}.view.set({{ picked: id }})", ids[5])
    asked(page, view="pca", colour="topic", names="0", hulls="1", order="1", pick=ids[5])
    keys = ["projection", "colour", "names", "hulls", "order", "topics", "picked", "doubt", "lines", "from", "to"]
    before, lens = {key: view(page, key) for key in keys}, view(page, "zoom")
    other = open_map("map/?" + urlsplit(page.url).query)
    other.wait_for_timeout(1200)
    rest(other)
    assert {key: view(other, key) for key in keys} == before
    for one, two in zip(chain(*lens), chain(*view(other, "zoom")), strict=True):
        assert one == pytest.approx(two, abs=0.02)
    # another page, and back
    other.get_by_role("link", name="Topics").first.click()
    other.wait_for_url("**/topics/**")
    other.go_back()
    other.wait_for_selector(".pd-map--live")
    assert {key: view(other, key) for key in keys} == before


def test_nonsense_in_the_url_is_not_minded(open_map: Open) -> None:
    page = open_map(
        "map/?view=3d&colour=taste&hulls=yes&at=1,2,NaN,4&pick=nobody&cluster=c999,%00&topic=&from=2024-13&to=x&kind=%5C&by=heart&ref=mail"
    )
    size = page.evaluate(f"() => {MAP}.data.size")
    assert shown(page) == size
    assert view(page, "projection") == "tsne"
    for key in ("zoom", "picked", "clusters", "topics", "from", "to", "kinds"):
        assert view(page, key) is None, key
    page.get_by_role("button", name="Hulls").click()
    asked(page, hulls="1", ref="mail", view=None, at=None)


def test_a_place_far_off_the_map_is_brought_back(open_map: Open) -> None:
    page = open_map("map/?at=90000,90001,5,6")
    page.wait_for_timeout(800)
    rest(page)
    [[x0, x1], [y0, y1]], frame = page.evaluate(f"() => [{MAP}.lens.range, {MAP}.home('tsne').range]")
    assert frame[0][0] <= (x0 + x1) / 2 <= frame[0][1]
    assert frame[1][0] <= (y0 + y1) / 2 <= frame[1][1]


def test_hulls_and_the_reading_order_go_along(open_map: Open) -> None:
    page = open_map("map/?hulls=1&order=1")
    size, read = page.evaluate(f"() => [{MAP}.data.size, {MAP}.data.order.length]")
    hulls = page.locator(".pd-under__hulls path")
    assert hulls.count() == page.evaluate(f"() => {MAP}.data.clusterNames.length")
    line = "() => [...document.querySelectorAll('.pd-under__order path')].map((p) => p.getAttribute('d')).join('')"
    assert page.evaluate(line).count("C") == read - 1
    before = page.evaluate(line)
    page.locator("button.pd-legend__item").nth(0).click()
    rest(page)
    kept = page.evaluate(f"() => {MAP}.data.order.filter((row) => {MAP}.visible()[row]).length")
    assert 1 < kept < read <= size
    assert page.evaluate(line).count("C") == kept - 1
    rings = hulls.evaluate_all("(all) => all.map((path) => path.getAttribute('d'))")
    assert sum(map(bool, rings)) == 1
    page.get_by_role("button", name="Show all", exact=True).click()
    page.get_by_role("button", name="PCA").click()
    page.wait_for_timeout(1300)
    rest(page)
    assert page.evaluate(line) != before
    for name in ("Hulls", "Reading order"):
        page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(300)
    assert page.locator(".pd-under__hulls path, .pd-under__order path").count() == 0


def test_names_with_commas_come_back(open_map: Open, serve: Callable[[Path], str], crowd: Path) -> None:
    page = open_map(base=serve(crowd))
    page.locator(".pd-tools__select").select_option("topic")
    more = page.locator(".pd-legend__more[aria-expanded=false]")
    if more.count():
        more.click()
    for n in (0, 3):
        page.locator("button.pd-legend__item").nth(n).click()
    asked(page, colour="topic")
    page.wait_for_function("location.search.includes('topic=')")
    assert "Topic\\," in unquote_plus(page.url)
    chosen = view(page, "topics")
    other = open_map("map/" + page.url[page.url.index("?") :], base=page.url[: page.url.index("map/")])
    assert sorted(view(other, "topics")) == sorted(chosen)
    assert shown(other) == shown(page) < 800


# -- moving about


def test_zoom_and_pan_by_every_way(open_map: Open) -> None:
    page = open_map()
    box = frame(page)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    zoom = f"() => {MAP}.zoom"
    page.mouse.move(*middle)
    page.mouse.wheel(0, -240)
    page.wait_for_timeout(200)
    first = page.evaluate(zoom)
    assert first > 1.2
    rest(page)
    page.wait_for_function("location.search.includes('at=')")
    drawn, pages = page.evaluate(DRAWN), page.evaluate(f"() => {MAP}.data.pages")
    for row in range(0, len(pages), 7):
        assert math.dist(spot(page, row), drawn[pages[row]][:2]) <= 1
    before = spot(page, 0)
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    after = spot(page, 0)
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((50, 30), abs=1)
    assert view(page, "picked") is None  # a drag is no click
    page.mouse.dblclick(box["x"] + 12, box["y"] + 12)
    page.wait_for_timeout(600)
    assert page.evaluate(zoom) > 1.5 * first
    page.get_by_role("button", name="Show the whole map").click()
    page.wait_for_timeout(600)
    rest(page)
    assert page.evaluate(zoom) == pytest.approx(1, abs=0.01)
    assert view(page, "zoom") is None
    for _ in range(30):
        page.mouse.wheel(0, 240)
    page.wait_for_timeout(300)
    assert page.evaluate(zoom) >= 0.49


def test_two_fingers_pinch(open_map: Open) -> None:
    page = open_map(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.locator(".pd-map__plot").scroll_into_view_if_needed()
    box, client = frame(page), page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(kind: str, *far: float) -> None:
        points = [{"x": x + d, "y": y, "id": n} for n, d in enumerate(far)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -30, 30)
    for step in range(1, 7):
        touch("touchMove", -30 - 10 * step, 30 + 10 * step)
    touch("touchEnd")
    page.wait_for_timeout(300)
    assert page.evaluate(f"() => {MAP}.zoom") == pytest.approx(3, rel=0.15)


def test_names_never_overlap_nor_leave_the_frame(open_map: Open, serve: Callable[[Path], str], crowd: Path) -> None:
    base = serve(crowd)
    for width in (1280, 390):
        page = open_map("map/?view=umap", base=base, viewport={"width": width, "height": 900})
        page.wait_for_timeout(1500)
        rest(page)
        some = 0
        for _ in range(3):
            box, names = frame(page), page.evaluate(NAMES, ".pd-map__over text")
            some += len(names)
            for n, (_, x0, y0, x1, y1) in enumerate(names):
                within(box, x0, y0, x1, y1)
                for _, a0, b0, a1, b1 in names[:n]:
                    assert not (x0 < a1 - 1 and a0 < x1 - 1 and y0 < b1 - 3 and b0 < y1 - 3), names
            page.get_by_role("button", name="Zoom in").click()
            page.wait_for_timeout(600)
            rest(page)
        assert some > 6


def test_the_hover_card_stays_in_the_frame(open_map: Open) -> None:
    page = open_map()
    size = page.evaluate(f"() => {MAP}.data.size")
    rows = sorted(range(size), key=lambda row: spot(page, row)[0])
    for row in (rows[0], rows[-1], rows[size // 2]):
        page.mouse.move(*spot(page, row))
        page.wait_for_timeout(150)
        card, box = page.locator(".pd-hover").bounding_box(), frame(page)
        assert card
        within(box, card["x"], card["y"], card["x"] + card["width"], card["y"] + card["height"])
        assert page.locator(".pd-hover__title").inner_text()
    page.mouse.move(box["x"] + box["width"] + 60, box["y"] + 10)
    page.wait_for_timeout(150)
    assert not page.locator(".pd-hover").is_visible()


def test_doubtful_places_are_ringed_and_explained(open_map: Open) -> None:
    page = open_map()
    about = page.locator(".pd-map__about").inner_text()
    assert re.search(r"10 nearest by meaning, t-SNE keeps \d+ % ", about)
    rings = page.evaluate(f"() => {MAP}.marks().rings.map((r) => r.rows)")
    kept = page.evaluate(f"() => {MAP}.data.projections.tsne.kept")
    assert all(kept[row] <= 30 for ring in rings for row in ring)
    assert sum(map(len, rings)) <= len(kept) / 10
    if rings:
        assert "thin ring" in about
        page.get_by_role("button", name="Doubtful").click()
        assert page.evaluate(f"() => {MAP}.marks().rings.length") == 0
        assert "thin ring" not in page.locator(".pd-map__about").inner_text()


def test_small_maps_keep_their_view_to_themselves(open_map: Open) -> None:
    page = open_map("")
    page.locator(".pd-map").first.scroll_into_view_if_needed()
    page.get_by_role("button", name="UMAP").click()
    page.wait_for_timeout(400)
    assert "view=" not in page.url
    assert "view=umap" in str(page.get_by_role("link", name="Open the map").get_attribute("href"))


# -- many points


def multiply(site: Path, target: Path, size: int, clusters: int, topics: int) -> Path:
    """The site with as many made-up entries, in so many clusters and topics."""
    shutil.copytree(site, target)
    file = target / "assets/paperdiary/map-points.js"
    text = file.read_text(encoding="utf-8")
    data = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    for key in ("titles", "pages", "dates", "published", "years", "kinds", "statuses"):
        data[key] = [data[key][n % len(data[key])] for n in range(size)]
    data["ids"] = [f"e{n}" for n in range(size)]
    data["clusters"] = [n % clusters for n in range(size)]
    data["clusterNames"] = [
        {
            "id": f"c{n + 1}",
            "name": f"Cluster of things {n}",
            "size": size // clusters,
            "page": "clusters/",
            "look": n % 40,
            "group": n % 4,
        }
        for n in range(clusters)
    ]
    data["groups"] = [{"name": f"Group {g}", "members": list(range(g, clusters, 4))} for g in range(4)]
    data["topicNames"] = [{"key": f"t{n}", "name": f"Topic, {n}", "page": "topics/"} for n in range(topics)]
    data["topics"] = [n % topics for n in range(size)]
    data["order"] = list(range(size))
    for projection in data["projections"].values():
        angles = [2 * math.pi * (n % clusters) / clusters for n in range(size)]
        far = [8 + 2 * (n // clusters) / (size // clusters) for n in range(size)]
        projection.update(
            scale=1000,
            x=[round(1000 * f * math.cos(a)) for f, a in zip(far, angles, strict=True)],
            y=[round(650 * f * math.sin(a)) for f, a in zip(far, angles, strict=True)],
            frame=[[-12, 12], [-8, 8]], kept=[60] * size, quality=60, labels=[], groupLabels=[], hulls=[],
        )  # fmt: skip
    file.write_text(f"PaperDiary.points({json.dumps(data)});", encoding="utf-8")
    page = target / "map/index.html"
    html = re.sub(r'data-frame="[^"]*"', 'data-frame="-12 12 -8 8"', page.read_text(encoding="utf-8"))
    page.write_text(re.sub(r'data-mark="[^"]*"', 'data-mark="6"', html), encoding="utf-8")
    return target


@pytest.fixture(scope="session")
def crowd(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 800 entries in 40 clusters and 30 topics."""
    return multiply(starter / "site", tmp_path_factory.mktemp("crowd") / "site", 800, 40, 30)


@pytest.fixture(scope="session")
def many(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 2,400 entries."""
    return multiply(starter / "site", tmp_path_factory.mktemp("many") / "site", 2400, 24, 8)


def is_drawn(page: Page, rows: Sequence[int], share: float = 1) -> None:
    """Pixels at the places of (a share of) these rows have the colours of their clusters; names may lie over some."""
    colours = page.evaluate(f"() => {MAP}.marks().rgb")
    clusters = page.evaluate(f"() => [...{MAP}.data.clusters]")
    image = page.screenshot()
    at = [spot(page, row) for row in rows]
    found = page.evaluate(
        """async ([png, at]) => {
          const picture = new Image(); picture.src = 'data:image/png;base64,' + png; await picture.decode();
          const { width, height } = picture;
          const canvas = Object.assign(document.createElement('canvas'), { width, height });
          const pen = canvas.getContext('2d');
          pen.drawImage(picture, 0, 0);
          return at.map(([x, y]) => [...pen.getImageData(Math.floor(x), Math.floor(y), 1, 1).data.slice(0, 3)]);
        }""",
        [base64.b64encode(image).decode(), at],
    )
    hits = [pixel == pytest.approx(colours[clusters[row]], abs=40) for row, pixel in zip(rows, found, strict=True)]
    assert sum(hits) >= share * len(hits), hits


def test_above_two_thousand_points_webgl_draws(open_map: Open, serve: Callable[[Path], str], many: Path) -> None:
    page = open_map("map/?names=0", base=serve(many))
    assert page.locator(".js-plotly-plot canvas.gl-canvas").count() > 0
    assert page.locator(".js-plotly-plot path.point").count() == 0
    outer = range(2400 - 24, 2400)  # nothing lies over these
    is_drawn(page, outer)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(500)
    rest(page)
    page.get_by_role("button", name="Show the whole map").click()
    page.wait_for_timeout(120)  # on its way: drawn by hand
    page.wait_for_timeout(600)
    rest(page)
    is_drawn(page, outer)


def test_without_webgl_the_points_are_drawn_by_hand(open_map: Open, serve: Callable[[Path], str], many: Path) -> None:
    page = open_map(
        "map/?names=0",
        base=serve(many),
        before=lambda page: page.add_init_script(
            "const get = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext ="
            " function (kind, ...rest) { return /webgl/.test(kind) ? null : get.call(this, kind, ...rest); };"
        ),
    )
    is_drawn(page, range(2400 - 24, 2400))
    page.get_by_role("button", name="UMAP").click()
    page.wait_for_timeout(1500)
    rest(page)
    is_drawn(page, range(2400 - 24, 2400))


def test_panning_many_points_is_fluent(open_map: Open, serve: Callable[[Path], str], many: Path) -> None:
    """A frame's own work, by the clock of the page, without slowing down; the figures of 10,000: bench_pages.py."""
    page = open_map(base=serve(many))
    took = page.evaluate(
        f"""async () => {{ const map = {MAP}, out = [];
        for (let n = 0; n < 40; n++) {{
          map.lens = map.lens.moved(3, 2);
          const began = performance.now();
          map.place(); map.mover.frame(); map.mover.labels.follow();
          out.push(performance.now() - began);
          await new Promise(requestAnimationFrame);
        }}
        return out.sort((a, b) => a - b)[20]; }}"""
    )
    assert took < 25


def test_another_size_of_the_window(open_map: Open) -> None:
    page = open_map()
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_timeout(800)
    rest(page)
    box, drawn = frame(page), page.evaluate(DRAWN)
    pages = page.evaluate(f"() => {MAP}.data.pages")
    for row in range(0, len(pages), 5):
        assert math.dist(spot(page, row), drawn[pages[row]][:2]) <= 1
    assert all(box["x"] <= x <= box["x"] + box["width"] for x, _, _ in drawn.values())


def test_the_scheme_may_change_at_any_time(open_map: Open) -> None:
    page = open_map()
    before = marks(page)
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    time.sleep(0.3)
    rest(page)
    assert not before & marks(page)
    assert marks(page) <= set(swatches(page))
