"""The diary's pages in Chromium: copying, links opened from a disk, charts at any width."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from paperdiary.cli import main

pytestmark = [pytest.mark.browser]
CORPUS = Path(__file__).parent.parent / "corpus"
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of ten notes as a site."""
    root = tmp_path_factory.mktemp("small")
    shutil.copytree(CORPUS, root, dirs_exist_ok=True)
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as out:
        out.write("repo_url: https://github.com/someone/diary\n")
    result = CliRunner().invoke(main, ["-C", str(root), "build", "--strict"])
    assert result.exit_code == 0, result.output
    return root / "site"


@pytest.fixture
def look(browser: Browser, small: Path, serve: Callable[[Path], str]) -> Visit:
    base = serve(small)

    def go(path: str, *, disk: bool = False, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(f"file://{small}/{path}index.html" if disk else base + path)
        return page

    return go


def test_bibtex_is_copied(look: Visit) -> None:
    page = look("gardens/compost/", permissions=["clipboard-read", "clipboard-write"])
    page.click(".pd-cite summary")
    button = page.locator(".pd-copy").nth(1)
    assert button.inner_text() == "Copy BibTeX"
    button.click()
    page.wait_for_function("() => document.querySelectorAll('.pd-copy')[1].textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".pd-bibtex").text_content()
    assert copied.startswith("@misc{moor2019compost,\n  title = {")
    page.wait_for_function("() => document.querySelectorAll('.pd-copy')[1].textContent === 'Copy BibTeX'")


def test_without_a_clipboard_the_text_is_selected(look: Visit) -> None:
    page = look("gardens/compost/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.evaluate("() => { document.execCommand = () => false; }")
    page.click(".pd-cite summary")
    page.locator(".pd-copy").nth(0).click()
    page.wait_for_function("() => getSelection().toString().startsWith('Ada Moor and Bo Lind (2019).')")
    assert "Selected" in page.locator(".pd-copy").nth(0).inner_text()


def test_without_a_script_the_citation_is_there_and_the_buttons_are_not(look: Visit) -> None:
    page = look("gardens/compost/", java_script_enabled=False)
    page.click(".pd-cite summary")
    assert page.locator(".pd-bibtex").is_visible()
    assert "Ada Moor and Bo Lind (2019)." in page.locator(".pd-cite__words").inner_text()
    assert not page.locator(".pd-copy").first.is_visible()


def test_opened_from_a_disk_links_lead_to_pages(look: Visit) -> None:
    page = look("timeline/", disk=True)
    page.locator(".pd-month a rect").first.click()
    page.wait_for_url("**/diary/2024/index.html#2024-*")
    anchor = page.url.partition("#")[2]
    assert page.locator(f'[id="{anchor}"]').bounding_box()["y"] < 900  # type: ignore[index]
    page.locator(f'[id="{anchor}"] .pd-item__title').first.click()
    page.wait_for_selector(".pd-card")
    page.locator(".pd-related li a").first.click()
    page.wait_for_selector(".pd-card")
    assert page.url.partition("#")[0].endswith("/index.html")


def test_the_repository_is_linked_and_not_asked(look: Visit) -> None:
    page = look("gardens/compost/")
    link = page.locator(".pd-edit a")
    assert link.get_attribute("href").startswith("https://github.com/someone/diary/edit/")  # type: ignore[union-attr]
    assert link.get_attribute("href").endswith("/notes/gardens/compost.md")  # type: ignore[union-attr]


@pytest.mark.parametrize("width", [390, 1280])
def test_words_in_charts_are_as_large_at_any_width(look: Visit, width: int) -> None:
    page = look("timeline/", viewport={"width": width, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    heights = page.evaluate(
        "() => [...document.querySelectorAll('.pd-chart text')].map((t) => t.getBoundingClientRect().height)"
    )
    assert all(9 < high < 20 for high in heights if high)
    inside = page.evaluate("""() => {
      const box = document.querySelector('.pd-chart__plot').getBoundingClientRect();
      return [...document.querySelectorAll('.pd-chart text')].every((t) => {
        const b = t.getBoundingClientRect();
        return !b.width || (b.top >= box.top - 2 && b.bottom <= box.bottom + 2);
      });
    }""")
    assert inside
