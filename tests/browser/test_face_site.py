"""The face in a browser: both schemes, a reader's own values, print, the keyboard, few colours, no motion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from paperdiary import palette

pytestmark = [pytest.mark.browser, pytest.mark.model]
Visit = Callable[..., Page]
NOTE = "attention-and-memory/attention-is-all-you-need/"


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def style(page: Page, selector: str, name: str, pseudo: str = "") -> str:
    script = "([s, n, p]) => getComputedStyle(document.querySelector(s), p || null).getPropertyValue(n)"
    return str(page.evaluate(script, [selector, name, pseudo])).strip()


@pytest.mark.parametrize(("scheme", "paper", "first"), [
    ("light", palette.PAPER, palette.LIGHT[0]),
    ("dark", palette.NIGHT, palette.DARK[0]),
])  # fmt: skip
def test_every_page_is_paper_by_day_and_by_night(visit: Visit, scheme: str, paper: str, first: str) -> None:
    page = visit(NOTE, color_scheme=scheme)
    assert style(page, "body", "background-color") == rgb(paper)
    assert style(page, ".md-header", "background-color") == rgb(paper)
    assert style(page, "body", "--pd-c1") == first
    alone = visit("map/embed/", color_scheme=scheme)
    assert style(alone, "body", "background-color") == rgb(paper)


def test_the_switch_changes_every_colour_at_once(visit: Visit) -> None:
    page = visit("", color_scheme="light")
    page.locator(".md-header__option label:visible").click()
    assert style(page, "body", "background-color") == rgb(palette.NIGHT)
    assert style(page, "body", "--pd-c1") == palette.DARK[0]


def test_values_of_a_readers_own_win(visit: Visit) -> None:
    """As `extra_css` does: a sheet after ours."""
    page = visit(NOTE, color_scheme="dark")
    page.add_style_tag(content=":root { --pd-paper: #012345 } .md-typeset h1 { font-size: 50px }")
    assert style(page, "body", "background-color") == rgb("#012345")
    assert style(page, "h1", "font-size") == "50px"
    page.add_style_tag(content='[data-md-color-scheme="slate"] { --pd-paper: #543210 }')
    assert style(page, "body", "background-color") == rgb("#543210")


def test_a_line_holds_about_seventy_letters(visit: Visit) -> None:
    page = visit(NOTE)
    letters = page.evaluate("""() => {
      const text = [...document.querySelectorAll(".md-content__inner > p")].find(p => p.textContent.length > 300);
      const range = document.createRange(), node = document.createTreeWalker(text, NodeFilter.SHOW_TEXT).nextNode();
      const top = () => range.getBoundingClientRect().height;
      range.setStart(node, 0); range.setEnd(node, 1);
      const one = top();
      let end = 1;
      while (end < node.length && top() < one * 1.5) range.setEnd(node, ++end);
      return end;
    }""")
    assert 58 <= letters <= 80


def test_a_note_prints_as_a_document(visit: Visit) -> None:
    page = visit(NOTE, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert style(page, "body", "--pd-paper") == palette.PAPER
    assert style(page, "body", "--pd-ink") == "#221e19"
    for hidden in (".md-header", ".md-sidebar", ".md-footer", ".pd-cite", ".headerlink"):
        assert page.locator(hidden).count() == 0 or not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".pd-card").is_visible()
    assert (
        "arxiv.org" in style(page, ".pd-card__links a", "content", "::after")
        or page.locator(".pd-card__links a").count()
    )


@pytest.mark.parametrize("path", ["", "map/", "diary/", NOTE, "search/", "timeline/"])
def test_the_keyboard_is_always_seen(visit: Visit, path: str) -> None:
    page = visit(path)
    page.wait_for_timeout(300)
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate("""() => {
          const at = document.activeElement;
          if (!at || at === document.body) return "";
          const marks = [at, at.nextElementSibling, ...at.querySelectorAll("*")].filter(Boolean).slice(0, 40);
          const lit = marks.some(e => { const s = getComputedStyle(e);
            return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1) || s.boxShadow.includes("inset"); });
          return lit ? "" : at.outerHTML.slice(0, 120);
        }""")
        if seen:
            unseen.append(seen)
    assert unseen == []


def test_with_few_colours_nothing_is_lost(visit: Visit) -> None:
    page = visit("", color_scheme="light")
    page.emulate_media(forced_colors="active")
    assert style(page, ".pd-dot", "background-color") in {rgb(c) for c in (*palette.LIGHT, *palette.DARK)}
    assert "underline" in style(page, ".md-tabs__item--active .md-tabs__link", "text-decoration")
    assert style(page, ".pd-dot", "forced-color-adjust") == "none"


def test_who_wants_no_motion_gets_none(visit: Visit) -> None:
    page = visit("map/", reduced_motion="reduce")
    page.wait_for_timeout(500)
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(e => {
      const s = getComputedStyle(e);
      return s.transitionDuration.split(",").some(d => parseFloat(d) > .02) || parseFloat(s.animationDuration) > .02;
    }).map(e => e.className).slice(0, 5)""")
    assert moving == []


def test_the_page_for_no_page_leads_on(visit: Visit, starter: Path) -> None:
    page = visit("404.html")
    assert page.locator("h1").inner_text() == "There is no page here"
    names = page.locator(".pd-begin a").all_inner_texts()
    assert {"Map", "Diary", "Topics"} <= set(names)
    assert page.locator('link[rel="icon"]').get_attribute("href", timeout=1000)
    assert (starter / "site" / "assets" / "paperdiary" / "favicon.svg").is_file()
    assert page.locator(".md-header .md-logo svg circle").count() == 3
