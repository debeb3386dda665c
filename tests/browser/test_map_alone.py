"""The map alone in a frame of another page: it comes alive, its links leave the frame, and it needs no script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Watch
from helpers import MKDOCS_YML
from playwright.sync_api import Browser, Frame, Page

from paperdiary.cli import main

pytestmark = pytest.mark.browser
ENTRIES = 15


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> tuple[str, str, Path]:
    """(address of a diary's site, address of a page on another host that frames its map, folder of the site)"""
    root = tmp_path_factory.mktemp("embedded")
    (root / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    for n in range(ENTRIES):
        path = root / "notes" / ("rl" if n % 2 else "vision") / f"n{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"---\ndate: 2026-0{n % 9 + 1}-03\n---\n\n# Title {n}\n\nWords of note {n}.\n", encoding="utf-8"
        )
    result = CliRunner().invoke(main, ["-C", str(root), "build", "--strict"])
    assert result.exit_code == 0, result.output
    site = serve(root / "site")
    host = tmp_path_factory.mktemp("host")
    frame = f'<iframe src="{site}map/embed/" title="map" width="100%" height="450"></iframe>'
    (host / "index.html").write_text(
        f'<!doctype html><link rel="icon" href="data:,"><title>Blog</title>{frame}', encoding="utf-8"
    )
    return site, serve(host), root / "site"


def framed(page: Page, site: str) -> Frame:
    frame = page.frame(url=f"{site}map/embed/")
    assert frame is not None
    return frame


def test_it_comes_alive_without_a_request_to_another_host(browser: Browser, embedded: tuple[str, str, Path]) -> None:
    site, host, _ = embedded
    page = browser.new_page()
    watch = Watch(host)
    watch.follow(page)
    page.goto(host)
    frame = framed(page, site)
    frame.wait_for_selector(".pd-map--live", state="attached", timeout=60_000)
    assert frame.locator(".pd-map--large").count() == 1
    assert not watch.errors
    assert not [url for url in watch.strangers if not url.startswith(site)]
    page.close()


def test_a_link_leaves_the_frame(browser: Browser, embedded: tuple[str, str, Path]) -> None:
    site, host, _ = embedded
    page = browser.new_page(java_script_enabled=False)
    page.goto(host)
    links = framed(page, site).locator(".pd-map__svg a:has(title)")
    assert links.count() == ENTRIES
    links.first.locator("circle, path").click(force=True)
    page.wait_for_url(lambda url: url.startswith(site) and "/n" in url)
    assert page.locator("h1").count() == 1
    page.close()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_it_follows_the_reader_into_the_dark(
    browser: Browser, embedded: tuple[str, str, Path], scheme: str, dark: bool
) -> None:
    page = browser.new_page(color_scheme=scheme, java_script_enabled=False)  # type: ignore[arg-type]
    page.goto(f"{embedded[0]}map/embed/")
    red = page.evaluate("() => Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])")
    assert (red < 128) is dark
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (700, 450), (390, 600)])
def test_it_fits_its_frame(browser: Browser, embedded: tuple[str, str, Path], width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{embedded[0]}map/embed/")
    page.wait_for_selector(".pd-map--live", state="attached", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(".pd-map__plot").bounding_box()
    assert box is not None
    assert box["height"] >= 150
    assert box["y"] + box["height"] <= height
    page.close()


def test_from_the_disk_it_is_drawn_as_well(browser: Browser, embedded: tuple[str, str, Path]) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto((embedded[2] / "map/embed/index.html").as_uri())
    page.wait_for_selector(".pd-map--live", state="attached", timeout=60_000)
    assert not errors
    page.close()
