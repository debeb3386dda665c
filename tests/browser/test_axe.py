"""axe-core on every kind of page, light and dark: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import looking
import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.model]
Serve = Callable[[Path], str]

RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  const why = (n) => n.any.concat(n.all, n.none).map((check) => check.message).join('; ').slice(0, 200);
  return found.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) =>
    `${v.id} (${v.impact}), ${v.nodes.length} times: ${v.help}: `
      + v.nodes.slice(0, 2).map((n) => `${n.html.slice(0, 140)} [${why(n)}]`).join(' | '));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which comes with axe-playwright-python."""
    package = metadata.distribution("axe-playwright-python")
    return Path(str(package.locate_file("axe_playwright_python/axe.min.js"))).read_text(encoding="utf-8")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def violations(page: Page, axe: str) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    return list(page.evaluate(RUN))


def live(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator(".pd-map").count():
        page.locator(".pd-map").first.scroll_into_view_if_needed()
        page.wait_for_selector(".pd-map--live", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page(browser: Browser, serve: Serve, starter: Path, axe: str, scheme: str) -> None:
    wide = {"viewport": {"width": 1280, "height": 900}, "color_scheme": scheme, "reduced_motion": "reduce"}
    with looking.looked_at(browser, serve(starter / "site"), **wide) as look:
        for path in looking.kinds(starter).values():
            for fault in violations(look.open(path), axe):
                look.fault(fault)


def test_the_answers_of_the_search(page: Page, serve: Serve, starter: Path, axe: str) -> None:
    page.goto(f"{serve(starter / 'site')}search/?q=attention")
    page.wait_for_selector(".pd-hit")
    assert not violations(page, axe)


@pytest.mark.parametrize("what", ["card", "table", "keys", "found", "selected", "hover"])
def test_what_the_map_opens(page: Page, serve: Serve, starter: Path, axe: str, what: str) -> None:
    query = {"table": "?table=1", "found": "?q=attention"}.get(what, "")
    live(page, f"{serve(starter / 'site')}map/{query}")
    at = page.evaluate(
        """() => { const map = document.querySelector('.pd-map').diaryMap;
          const box = map.plotElement.getBoundingClientRect();
          const row = map.data.titles.findIndex((_, n) => map.at(n).x > 200 && map.at(n).y > 200);
          return { x: box.left + 1 + map.at(row).x, y: box.top + 1 + map.at(row).y }; }"""
    )
    if what == "card":
        page.mouse.click(at["x"], at["y"])
        page.wait_for_selector(".pd-map__side h2, .pd-map__side h3")
    elif what == "hover":
        page.mouse.move(at["x"], at["y"])
        page.wait_for_selector(".pd-hover:not([hidden])")
    elif what == "table":
        page.wait_for_selector(".pd-table [role=row], .pd-table tr")
    elif what == "keys":
        page.click(".pd-map__keys")
        page.wait_for_selector(".pd-map__side kbd")
    elif what == "selected":
        page.evaluate("() => document.querySelector('.pd-map').diaryMap.view.set({ selected: new Set([0, 1, 2, 3]) })")
        page.wait_for_timeout(300)
    else:
        page.wait_for_selector(".pd-map__side li, .pd-map__side a")
    assert not violations(page, axe)


def test_on_a_phone(page: Page, serve: Serve, starter: Path, axe: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    base = serve(starter / "site")
    for path in ("map/", "diary/"):
        live(page, base + path)
        assert not violations(page, axe), path
