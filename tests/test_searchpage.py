"""The search page and the box on every page, as the build writes them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import MKDOCS_YML

from paperdiary import searchpage
from paperdiary.cli import main
from paperdiary.config import Config

Make = Callable[..., Config]
NOTES: dict[str, str | bytes] = {
    "night sky/comets.md": "---\ntitle: 'Comets & <script>alert(1)</script>'\ndate: 2024-03-02\n---\nJets.\n",
    "night sky/tides.md": "# Tides\n\nThe moon pulls the sea.\n",
    "two.md": "# Two\n\n## First thing\n\nhttps://arxiv.org/abs/2101.00001\n\nOne.\n\n## Second thing\n\n"
    "https://arxiv.org/abs/2101.00002\n\nTwo.\n",
}


def built(config: Config, *options: str) -> Path:
    result = CliRunner().invoke(main, ["-C", str(config.root), "build", *options])
    assert result.exit_code == 0, result.output
    return config.root / "site"


def attribute(text: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', text)
    assert found, name
    return html.unescape(found[1])


def test_every_page_has_the_box(make_diary: Make) -> None:
    site = built(make_diary(NOTES), "--strict")
    alone = site / "map" / "embed" / "index.html"  # the map in another page
    pages = [p for p in site.rglob("*.html") if p.name != "404.html" and p != alone]
    assert len(pages) > 8
    for page in pages:
        text = page.read_text(encoding="utf-8")
        actions = re.findall(r'<form class="pd-box[^>]* action="([^"]*)"', text)
        assert len(actions) == 1, page
        assert (page.parent / actions[0] / "index.html").resolve() == site / "search/index.html"
        assert text.index("<header") < text.index('class="pd-box') < text.index("</header>")
        assert 'data-md-component="search"' not in text, "the theme's own search is gone"
    assert not (site / "search/search_index.json").exists()


@pytest.mark.parametrize(
    ("address", "action"), [("", "/search/"), ("https://example.org/my/diary/", "/my/diary/search/")]
)
def test_the_box_of_the_page_for_unknown_addresses(make_diary: Make, address: str, action: str) -> None:
    yml = MKDOCS_YML + (f"site_url: {address}\n" if address else "")
    text = (built(make_diary(NOTES, yml)) / "404.html").read_text(encoding="utf-8")
    assert f'action="{action}"' in text


@pytest.mark.parametrize("directory_urls", [True, False])
def test_the_page_lists_all_entries(make_diary: Make, directory_urls: bool) -> None:
    yml = MKDOCS_YML + f"use_directory_urls: {str(directory_urls).lower()}\n"
    site = built(make_diary(NOTES, yml), "--strict")
    page = site / ("search/index.html" if directory_urls else "search.html")
    text = page.read_text(encoding="utf-8")
    everything = text[text.index('class="pd-search__all"') :]
    links = re.findall(r'<li><a href="([^"]*)">([^<]*)</a>', everything)
    assert [html.unescape(title) for _, title in links] == [
        "Comets & <script>alert(1)</script>",
        "First thing",
        "Second thing",
        "Tides",
    ]
    for link, _ in links:
        path, _, anchor = html.unescape(link).partition("#")
        target = page.parent / path.replace("%20", " ")
        target = target / "index.html" if directory_urls else target
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert (page.parent / attribute(text, "index") / "meta.json").is_file()
    made = json.loads((site / "search/meta.json").read_text(encoding="utf-8"))["made"]
    assert attribute(text, "made") == made
    assert json.loads(attribute(text, "topics")) == {"night sky": "Night sky"}
    assert (page.parent / attribute(text, "map")).exists()


def test_a_note_named_search_keeps_its_address(make_diary: Make) -> None:
    site = built(make_diary({**NOTES, "search.md": "# Search for planets\n\nWords.\n"}))
    assert "Search for planets" in (site / "search/index.html").read_text(encoding="utf-8")
    page = (site / "diary-search/index.html").read_text(encoding="utf-8")
    assert attribute(page, "index") == "../search/"
    assert (site / "search/meta.json").is_file()


def test_an_empty_diary(make_diary: Make) -> None:
    text = (built(make_diary({"index.md": "# Hello\n"})) / "search/index.html").read_text(encoding="utf-8")
    assert "There is nothing in the diary yet." in text


def test_all_scripts_are_part_of_the_site(make_diary: Make) -> None:
    site = built(make_diary(NOTES))
    for script in searchpage.scripts():
        assert (site / "assets/paperdiary/search" / script.name).read_bytes() == script.read_bytes()
        for name in re.findall(r'(?:from|import) "\./([\w.]+)"', script.read_text(encoding="utf-8")):
            assert (searchpage.SCRIPTS / name).is_file()


def test_scripts_insert_text_only() -> None:
    """Nothing from a note or an address can become markup or code."""
    for script in searchpage.scripts():
        text = script.read_text(encoding="utf-8")
        for name in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "http://",
            "//cdn",
        ):
            assert name not in text, f"{script.name}: {name}"


def test_pages_of_another_theme_stay_as_they_are() -> None:
    assert searchpage.with_box("<body><nav></nav></body>", "BOX") == "<body><nav></nav></body>"
    header = '<header class="md-header"><nav>a<div class="md-header__source">b</div></nav></header>'
    assert searchpage.with_box(header, "BOX").index("BOX") < header.index('<div class="md-header__source">') + 3
