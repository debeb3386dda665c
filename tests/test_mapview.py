from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest

from paperdiary import build, config, mapview
from paperdiary.config import Config
from paperdiary.pages import Site

NOTES: dict[str, str | bytes] = {
    f"{'rl' if n < 7 else 'vision'}/n{n}.md": f"---\ndate: {2024 + n % 2}-0{n % 9 + 1}-11\n"
    f"status: {'queued' if n == 3 else 'read'}\n---\n\n# Title {n}\n\nWords of note {n}.\n"
    for n in range(12)
}


class Elements(HTMLParser):
    """Start tags with their attributes, and tags that are not closed."""

    VOID = frozenset({"meta", "link", "base", "br", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("mapview")
    from helpers import MKDOCS_YML

    (root / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    for name, text in NOTES.items():
        path = root / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text), encoding="utf-8")
    return Site(build.run(config.load(root)))


def root_of(html: str) -> dict[str, str | None]:
    return next(attrs for attrs in Elements(html).of("div") if str(attrs.get("class")).startswith("pd-map"))


def entries_in(html: str) -> set[str]:
    links = (str(a.get("xlink:href")) for a in Elements(html).of("a"))
    return {link for link in links if re.search(r"/n\d+/$", link)}


def test_the_map_says_where_everything_lies(site: Site) -> None:
    html = mapview.map_html(site, "topics/rl/", {})
    root = root_of(html)
    assert not Elements(html).open
    assert root["data-assets"] == "../../assets/paperdiary/"
    assert root["data-base"] == "../../"
    assert root["data-map"] == "../../map/"
    assert root["data-view"] == "tsne"
    assert json.loads(str(root["data-options"])) == {}
    assert entries_in(html) == {f"../../{'rl' if n < 7 else 'vision'}/n{n}/" for n in range(12)}
    assert "\n\n" not in html  # Markdown would end the block there


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"topic": "rl"}, 7),
        ({"topic": "rl", "status": "queued"}, 1),
        ({"status": "read"}, 11),
        ({"kind": "talk"}, 0),
        ({"since": "2025"}, 6),
        ({"until": "2024"}, 6),
        ({"since": "2024-03", "until": "2024-05"}, 2),
        ({"until": "2024-01-11"}, 1),
        ({"view": "pca", "colour": "topic", "names": False, "tools": False, "height": 300}, 12),
    ],
)
def test_options_choose_what_is_drawn(site: Site, options: dict[str, object], count: int) -> None:
    html = mapview.map_html(site, "", options)
    assert len(entries_in(html)) == count
    root = root_of(html)
    assert json.loads(str(root["data-options"])) == options
    assert root.get("style") == ("--pd-height: 300px" if "height" in options else None)
    assert ("<text" in html) is (count > 0 and options.get("names") is not False)
    assert root["data-view"] == options.get("view", "tsne")


def test_a_cluster_alone_has_one_row_in_its_legend(site: Site) -> None:
    cluster = site.atlas.clusters[0]
    html = mapview.map_html(site, "", {"cluster": cluster.id})
    legend = html.split('<ul class="pd-map__legend">')[1].split("</ul>")[0]
    assert legend.count("<li>") == 1
    assert f">{cluster.size}</span>" in legend
    assert len(entries_in(html)) == cluster.size


def test_the_legend_counts_what_is_shown(site: Site) -> None:
    html = mapview.map_html(site, "", {"topic": "vision"})
    assert sum(map(int, re.findall(r'pd-count">(\d+)<', html))) == 5


def test_no_script_and_no_style_stands_in_the_page(site: Site) -> None:
    elements = Elements(mapview.map_html(site, "map/", {}, large=True))
    assert not elements.of("script")
    assert not elements.of("style")
    for _, attrs in elements.found:
        assert not any(name.startswith("on") for name in attrs)
        assert not str(attrs.get("href") or "").startswith("javascript")


def test_hostile_titles_and_topics_stay_text(make_diary: Callable[..., Config]) -> None:
    hostile = "</title><script>alert(1)</script> \"q\" 'x' & ]]>"
    diary = make_diary(
        {f"a&b<c/n{n}.md": f"---\ntitle: {json.dumps(f'{hostile} {n}')}\n---\n\nWords of note {n}.\n" for n in range(6)}
    )
    site = Site(build.run(diary))
    titles = {e.title for e in site.entries}
    assert all("<script>" in title for title in titles)
    for html in (mapview.map_html(site, "", {"topic": "a&b<c"}), mapview.embed(site).decode()):
        elements = Elements(html)
        assert not [s for s in elements.of("script") if "src" not in s]
        assert len(titles) == 6
        assert all(title in unescape(html) for title in titles)


def test_a_diary_without_a_map_says_so(make_diary: Callable[..., Config]) -> None:
    site = Site(build.read(make_diary({"a.md": "# A\n\nWords.\n"})))
    assert "once the diary has entries" in mapview.map_html(site, "", {})
    assert "once the diary has entries" in mapview.embed(site).decode()


# -- the map alone


def test_the_map_alone_is_a_whole_page(site: Site) -> None:
    html = mapview.embed(site).decode()
    elements = Elements(html)
    assert html.startswith("<!doctype html>\n")
    assert not elements.open
    assert elements.of("html")[0]["lang"] == "en"
    assert elements.of("base") == [{"target": "_top"}]
    assert [s["src"] for s in elements.of("script")] == ["../../assets/paperdiary/paperdiary.js"]
    assert {"../../assets/paperdiary/paperdiary.css"} == {
        str(link["href"]) for link in elements.of("link") if link["rel"] == "stylesheet"
    }
    assert "pd-map--large" in str(root_of(html)["class"])
    assert entries_in(html) == {f"../../{'rl' if n < 7 else 'vision'}/n{n}/" for n in range(12)}
    assert "<iframe" not in unescape(html)


def test_it_follows_the_map_to_another_address(make_diary: Callable[..., Config]) -> None:
    site = Site(build.run(make_diary({**NOTES, "map.md": "# Map of the town\n\nMine.\n"})))
    assert mapview.embed_path(site) == "diary-map/embed/index.html"
    assert 'href="../../diary-map/"' not in mapview.embed(site).decode().split("canonical")[0]
    assert root_of(mapview.embed(site).decode())["data-map"] == "../"


def test_the_map_page_has_the_code_to_copy(site: Site) -> None:
    html = mapview.map_html(site, "map/", {}, large=True)
    code = unescape(html.split("data-copy>")[1].split("</pre>")[0])
    (frame,) = Elements(code).of("iframe")
    assert str(frame["src"]).endswith("/map/embed/")
    assert frame["title"]
    assert "site_url" in html
    assert "data-copy" not in mapview.map_html(site, "", {})


def test_addresses_hold_where_pages_are_files(make_diary: Callable[..., Config]) -> None:
    from helpers import MKDOCS_YML

    site = Site(build.run(make_diary(NOTES, f"use_directory_urls: false\n{MKDOCS_YML}")))
    html = mapview.embed(site).decode()
    assert root_of(html)["data-map"] == "../../map.html"
    links = {str(a.get("xlink:href")) for a in Elements(html).of("a")}
    assert "../../rl/n1.html" in links
    assert root_of(mapview.map_html(site, "map.html", {}, large=True))["data-assets"] == "assets/paperdiary/"
