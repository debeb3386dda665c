"""The built site: the same by both commands, every link leads somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from click.testing import CliRunner

from paperdiary import config
from paperdiary.cli import main

CORPUS = Path(__file__).parent / "corpus"


class Links(HTMLParser):
    """Addresses and ids of a page, and what the browser would fetch for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        if tag == "a" and (values.get("href") or values.get("xlink:href")):
            self.links.append(str(values.get("href") or values["xlink:href"]))
        if tag in {"script", "img", "iframe", "source", "video"} and values.get("src"):
            self.fetched.append(str(values["src"]))
        if tag == "link" and values.get("rel") not in {"canonical", "next", "prev"} and values.get("href"):
            self.fetched.append(str(values["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(CORPUS, root, dirs_exist_ok=True)
    result = CliRunner().invoke(main, ["-C", str(root), "build", "--strict"])
    assert result.exit_code == 0, result.output
    return root / "site"


def test_links_and_anchors(site: Path) -> None:
    pages = {p: Links(p.read_text(encoding="utf-8")) for p in site.rglob("*.html") if p.name != "404.html"}
    assert len(pages) > 15
    for page, found in pages.items():
        for link in [*found.links, *found.fetched]:
            if urlsplit(link).scheme:
                continue
            path, anchor = urldefrag(link)
            path = path.partition("?")[0]
            target = (page.parent / unquote(path)).resolve() if path else page
            if path.endswith("/") or target.is_dir():
                target = target / "index.html"
            assert target.is_file(), f"{page.relative_to(site)} links to {link}"
            if anchor and not anchor.startswith("__"):
                assert unquote(anchor) in pages[target].ids, f"{page.relative_to(site)} links to {link}"


def test_every_entry_has_its_page(site: Path) -> None:
    from paperdiary import build

    for entry in build.read(config.load(site.parent)).entries:
        path, _, anchor = entry.page.partition("#")
        text = (site / unquote(path) / "index.html").read_text(encoding="utf-8")
        assert not anchor or f'id="{unquote(anchor)}"' in text


def test_nothing_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        for address in Links(page.read_text(encoding="utf-8")).fetched:
            assert not urlsplit(address).netloc, f"{page.relative_to(site)} fetches {address}"
    for sheet in (site / "assets" / "paperdiary").glob("*.css"):
        assert "url(" not in sheet.read_text(encoding="utf-8")


def test_mkdocs_and_diary_build_the_same(site: Path, tmp_path: Path) -> None:
    root = site.parent
    command = [str(Path(sys.executable).with_name("mkdocs")), "build", "--strict", "-q", "-d", str(tmp_path / "site")]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    ours = {str(p.relative_to(site)): p for p in site.rglob("*") if p.is_file() and p.suffix != ".gz"}
    theirs = {str(p.relative_to(tmp_path / "site")): p for p in (tmp_path / "site").rglob("*") if p.is_file()}
    assert set(ours) == {name for name in theirs if not name.endswith(".gz")}
    for name, path in ours.items():
        assert path.read_bytes() == theirs[name].read_bytes(), name


def test_titles_cannot_hold_markup(site: Path) -> None:
    text = (site / "night sky" / "comets & dust" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<b\b", text)
    assert "Comets &amp; &lt;" in text


def test_a_note_shows_card_and_related(site: Path) -> None:
    text = (site / "gardens" / "compost" / "index.html").read_text(encoding="utf-8")
    card = text[text.index('class="pd-card"') :]
    for part in (
        'href="https://arxiv.org/abs/1903.01234"',
        "Ada Moor, Bo Lind",
        "2 March 2024",
        'href="../../topics/gardens/"',
        'class="pd-cluster"',
        "heat",
    ):
        assert part in card, part
    assert text.count('class="pd-near"') == 2  # the corpus asks for two


def test_drafts_are_not_published(site: Path) -> None:
    assert not (site / "draft").exists()
    assert all("Nothing to see" not in p.read_text(encoding="utf-8") for p in site.rglob("*.html"))


def test_nested_lists_stay_nested(site: Path) -> None:
    text = (site / "gardens" / "compost" / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<li>turned weekly\s*<ul>\s*<li>warm for a month</li>", text)


def test_git_stays_clean(site: Path) -> None:
    """A build writes atlas.json, citations.json, site/ and .paperdiary/, and nothing under notes/."""
    written = {p.name for p in site.parent.iterdir()} - {"mkdocs.yml", "notes"}
    assert written == {"atlas.json", "citations.json", "site", ".paperdiary"}
    for path in (CORPUS / "notes").rglob("*.md"):
        assert (site.parent / path.relative_to(CORPUS)).read_bytes() == path.read_bytes()


def test_no_directory_urls(site: Path, tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "mkdocs.yml").open("a") as out:
        out.write("use_directory_urls: false\n")
    assert CliRunner().invoke(main, ["-C", str(tmp_path), "build", "--strict"]).exit_code == 0
    test_links_and_anchors(tmp_path / "site")
