"""The plugin on sites of other people: other themes, other plugins, options that are wrong."""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from paperdiary import config as configs
from paperdiary import notes, topics
from paperdiary.config import make_options
from paperdiary.errors import ConfigError

FILES = {
    "reading/rl/grasp.md": "---\ntitle: Robots that grasp\nurl: https://arxiv.org/abs/1903.01234\ndate: 2024-03-02\n"
    'tags: [grasping, "<b>robots"]\ndescription: A hand that holds what it finds.\n---\n\n## Method\n\nIt grasps.\n',
    "reading/rl/arms.md": "# Arms & <script>alert(1)</script>\n\nDate: 4 March 2024\n\nhttps://doi.org/10.1000/soil.42\n\n"
    "Arms reach for {{ things }} and {% raw %}, ![far](https://example.org/far.png).\n",
    "reading/qubits.md": "---\ntags: [quantum]\ndate: 2024-05-01\n---\n# Qubits\n\nA qubit is slow.\n",
    "index.md": "# Docs\n\nHello.\n\n<!-- diary:map height=300 -->\n\n<!-- diary:recent -->\n",
    "guide/install.md": "---\ntags: [setup]\ndescription: How & why\n---\n# Install\n\n!!! note\n    See"
    " [one](../reading/rl/grasp.md).\n\n<div class=\"own\" onclick=\"f()\">theirs</div>\n",
    "guide/use.md": "# Use\n\n<!-- diary:list topic=rl -->\n\n```\n<!-- diary:map -->\n```\n",
    "tags.md": "# Tags\n\n<!-- material/tags -->\n",
    "blog/index.md": "# Blog\n",
    "blog/posts/first.md": "---\ndate: 2024-06-01\ncategories: [news]\n---\n# First post\n\nHello.\n\n<!-- more -->\n\n"
    "[One](../../reading/rl/grasp.md).\n",
    "feed.xml": "<mine/>",
}  # fmt: skip
PAGES = "      pages: |\n        /*\n        !/reading/\n"
OURS = f"  - paperdiary:\n      embedder: hashing\n{PAGES}"
HEAD = "site_name: Docs & more\nsite_url: https://example.org/d/\nmarkdown_extensions: [admonition]\n"
MATERIAL = f"{HEAD}theme: {{name: material, font: false}}\nplugins:\n"
RSS = importlib.util.find_spec("mkdocs_rss_plugin") is not None
OTHERS = [
    "  - search\n",
    "  - blog\n",
    "  - tags\n",
    '  - privacy: {assets_exclude: ["unpkg.com/mermaid@*"]}\n',  # the theme's own script names it
    *(["  - rss: {use_git: false, match_path: reading/.*, date_from_meta: {as_creation: date}}\n"] if RSS else []),
]

Warned = list[str]


def site_of(root: Path, yml: str, serve_url: str | None = None) -> tuple[Path, Warned]:
    """Build a site strictly; its folder, and what MkDocs or a plugin warned of."""
    (root / "mkdocs.yml").write_text(yml, encoding="utf-8")
    warned: Warned = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warned.append(record.getMessage())

    ear, logger = Ear(logging.WARNING), logging.getLogger("mkdocs")
    logger.addHandler(ear)
    try:
        config = load_config(str(root / "mkdocs.yml"), strict=True)
        config.plugins.on_startup(command="serve" if serve_url else "build", dirty=False)
        build(config, serve_url=serve_url)
        config.plugins.on_shutdown()
    finally:
        logger.removeHandler(ear)
    return root / "site", warned


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a site, with the map and the vectors that a build left."""
    root = tmp_path_factory.mktemp("first")
    for name, text in FILES.items():
        path = root / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    site_of(root, f"{HEAD}theme: mkdocs\nplugins:\n{OURS}")
    return root


@pytest.fixture
def root(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    monkeypatch.chdir(tmp_path)  # where the rss plugin puts a cache
    shutil.copytree(first, tmp_path / "site", ignore=shutil.ignore_patterns("site"))
    return tmp_path / "site"


class Page(HTMLParser):
    """The links of a page, and those of its head that name feeds."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feeds: list[str] = []
        self.ids: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        self.ids.add(values.get("id", ""))
        if tag == "link" and values.get("type") == "application/atom+xml":
            self.feeds.append(values["href"])
        if tag in {"a", "link"} and values.get("href"):
            self.links.append(values["href"])
        if tag in {"script", "img"} and values.get("src"):
            self.links.append(values["src"])


def check_site(site: Path) -> dict[str, Any]:
    """What holds on every site; entries.json."""
    for file in site.rglob("*.html"):
        page = Page(file)
        for link in page.links if file.name != "404.html" else []:
            path, anchor = urldefrag(link)
            if urlsplit(link).scheme or link.startswith("//") or not path:
                continue
            target = (file.parent / unquote(path.partition("?")[0])).resolve()
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{file.relative_to(site)} links to {link}"
            if anchor and target.suffix == ".html" and "__" not in anchor:
                assert unquote(anchor) in Page(target).ids, f"{file.relative_to(site)} links to {link}"
        if "embed" not in file.parts and file.name != "search.html":  # the theme's
            assert [link for link in page.feeds if link.endswith("feed.xml")], file.relative_to(site)
    home = (site / "index.html").read_text(encoding="utf-8")
    assert 'class="pd-map' in home
    assert "Qubits" in home
    install = (site / "guide" / "install" / "index.html").read_text(encoding="utf-8")
    assert 'class="admonition note"' in install
    assert '<div class="own" onclick="f()">theirs</div>' in install  # pages that are no notes stay as they are
    assert "pd-card" not in install
    use = (site / "guide" / "use" / "index.html").read_text(encoding="utf-8")
    assert "Robots that grasp" in use
    assert "&lt;!-- diary:map --&gt;" in use
    assert (site / "feed.xml").read_text() == "<mine/>"
    assert (site / "topics" / "reading" / "rl" / "feed.xml").is_file()
    assert "<script>alert" not in (site / "reading" / "rl" / "arms" / "index.html").read_text(encoding="utf-8")
    for line in re.findall(r"\]\(([^)]+)\)", (site / "llms.txt").read_text(encoding="utf-8")):
        path = site / unquote(urldefrag(line.removeprefix("https://example.org/d/"))[0])
        assert path.exists(), line
    data: dict[str, Any] = json.loads((site / "entries.json").read_text(encoding="utf-8"))
    assert sorted(e["note"] for e in data["entries"]) == [
        "reading/qubits.md",
        "reading/rl/arms.md",
        "reading/rl/grasp.md",
    ]
    return data


@pytest.mark.parametrize("theme", ["{name: mkdocs, highlightjs: false}", "{name: readthedocs, highlightjs: false}"])
def test_other_themes(root: Path, theme: str) -> None:
    site, warned = site_of(root, f"{HEAD}theme: {theme}\nplugins:\n  - search\n{OURS}")
    assert not warned
    check_site(site)
    page = (site / "guide" / "install" / "index.html").read_text(encoding="utf-8")
    for name in ("Reading", "Guide", "Tags"):  # the site's own pages stay in its navigation
        assert re.search(rf">\s*{name}\s*<", page), name


@pytest.mark.parametrize("order", [[*OTHERS, OURS], [OURS, *OTHERS[::-1]]], ids=["last", "first"])
def test_beside_other_plugins(root: Path, order: list[str]) -> None:
    site, warned = site_of(root, MATERIAL + "".join(order))
    assert not warned
    check_site(site)
    assert (site / "blog" / "2024" / "06" / "01" / "first-post" / "index.html").is_file()
    assert "First post" not in (site / "reading" / "qubits" / "index.html").read_text(encoding="utf-8")
    tags = (site / "tags" / "index.html").read_text(encoding="utf-8")
    for name in ("grasping", "quantum", "setup", "Robots that grasp", "Install"):
        assert name in tags
    assert "<b>robots" not in tags
    assert not (site / "assets" / "external").exists()  # the privacy plugin had nothing to fetch
    assert "https://example.org/far.png" not in re.findall(
        r'src="([^"]+)"', (site / "reading" / "rl" / "arms" / "index.html").read_text(encoding="utf-8")
    )
    if RSS:
        items = (site / "feed_rss_created.xml").read_text(encoding="utf-8").split("<item>")[1:]
        assert [re.search(r"<pubDate>\w+, (.*?) 00:00", item)[1] for item in items] == [  # type: ignore[index]
            "01 May 2024", "04 Mar 2024", "02 Mar 2024",
        ]  # fmt: skip
        assert not any("pd-" in item for item in items)


def test_served_without_a_warning(root: Path) -> None:
    site, warned = site_of(root, MATERIAL + OURS, "http://127.0.0.1:8000/")
    assert not warned
    check_site(site)


def test_beside_social_cards(root: Path) -> None:
    pytest.importorskip("PIL", reason="needs mkdocs-material[imaging]")
    pytest.importorskip("cairosvg", reason="needs mkdocs-material[imaging]", exc_type=ImportError)
    font = next(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"), None)
    if font is None:
        pytest.skip("needs a font")
    fonts = root / ".cache" / "plugin" / "social" / "fonts" / "DejaVu"  # where the plugin keeps what Google gave it
    fonts.mkdir(parents=True)
    for name in ("Regular.ttf", "Bold.ttf"):
        shutil.copy(font, fonts / name)
    social = f"  - social: {{cache_dir: {root}/.cache/plugin/social, cards_layout_options: {{font_family: DejaVu}}}}\n"
    site, warned = site_of(root, MATERIAL + OURS + social)
    assert not warned
    check_site(site)
    assert (site / "assets" / "images" / "social" / "reading" / "rl" / "grasp.png").is_file()
    page = (site / "reading" / "rl" / "grasp" / "index.html").read_text(encoding="utf-8")
    assert 'property="og:image" content="https://example.org/d/assets/images/social/reading/rl/grasp.png"' in page


# -- which files are notes


def listed(tmp_path: Path, yml: str) -> set[str]:
    (tmp_path / "mkdocs.yml").write_text(yml, encoding="utf-8")
    return {note.path for note in notes.read_all(configs.load(tmp_path))}


def test_commands_and_plugin_agree_on_what_is_a_note(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    reading = {name for name in FILES if name.startswith("reading/")}
    own = {"index.md", "guide/install.md", "guide/use.md", "tags.md"}
    blog = {"blog/index.md", "blog/posts/first.md"}
    assert listed(tmp_path, HEAD) == reading | own | blog
    assert listed(tmp_path, f"{HEAD}plugins:\n{OURS}") == reading
    assert listed(tmp_path, f"{HEAD}plugins: [blog, paperdiary]\n") == reading | own
    assert listed(tmp_path, f"{HEAD}plugins:\n  material/blog: {{enabled: false}}\n  paperdiary:\n") >= blog
    at_top = f"{HEAD}plugins:\n  - blog: {{blog_dir: ., post_dir: blog/posts}}\n  - paperdiary\n"
    assert listed(tmp_path, at_top) == reading | own | {"blog/index.md"}
    assert topics.inbox(configs.load(tmp_path), ["reading/rl", "guide"]) == "inbox"
    listed(tmp_path, f"{HEAD}plugins:\n{OURS}")
    assert topics.inbox(configs.load(tmp_path), ["guide", "reading/rl"]) == "reading/inbox"  # which is in the diary
    excluded = f"{HEAD}exclude_docs: qubits.md\nplugins:\n{OURS}"
    assert listed(tmp_path, excluded) == reading - {"reading/qubits.md"}


# -- options


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("  - paperdiary:\n      related: 3\n      perplexty: 3\n", 5, ["`perplexty`", "Did you mean `perplexity`?"]),
        ("  - paperdiary: {entries-json: no}\n", 3, ["`entries-json`", "Did you mean `entries_json`?", "llms_txt"]),
        ("  - paperdiary:\n      projection: tsen\n", 4, ["'tsen'", "tsne, umap, pca", "Did you mean `tsne`?"]),
        ("  paperdiary:\n\n    clusters: many\n", 5, ["`clusters`", "a whole number, like 0", "'many'"]),
        ("  - paperdiary:\n      embedder: hash\n", 4, ["'hash'", "sentence-transformers, hashing"]),
        ("  - paperdiary:\n      feed: -1\n", 4, ["`feed`", "-1", "negative"]),
        ("  - paperdiary:\n      llms_txt: maybe\n", 4, ["`llms_txt`", "true or false", "'maybe'"]),
        ("  - search\n  - paperdiary:\n      zzz: 1\n", 5, ["no option `zzz`. It has: "]),
    ],
)
def test_wrong_option_is_named_with_its_line(tmp_path: Path, block: str, line: int, words: list[str]) -> None:
    file = tmp_path / "mkdocs.yml"
    file.write_text(f"site_name: A\nplugins:\n{block}", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    with pytest.raises(ConfigError) as caught:
        configs.load(tmp_path)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    for word in words:
        assert word in str(caught.value)


def test_mkdocs_says_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "mkdocs.yml"
    file.write_text("site_name: A\nplugins:\n  - paperdiary:\n      perplexty: 3\n      feed: x\n", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    with pytest.raises(Abort):
        load_config(str(file))
    assert f"{file}, line 4: paperdiary has no option `perplexty`. Did you mean `perplexity`?" in caplog.text
    assert f"{file}, line 5: paperdiary's `feed`" in caplog.text


def test_option_of_a_file_that_is_inherited_is_named_there(tmp_path: Path) -> None:
    base = tmp_path / "base.yml"
    base.write_text("plugins:\n  paperdiary:\n    device: gpu\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("INHERIT: base.yml\nsite_name: A\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(f"{base}, line 3: paperdiary's `device` is 'gpu'")):
        configs.load(tmp_path)


def test_options_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIARY_CLUSTERS", "9")
    file = tmp_path / "mkdocs.yml"
    file.write_text(
        "site_name: A\nplugins:\n  - paperdiary:\n      clusters: !ENV DIARY_CLUSTERS\n"
        "      related: !ENV [NOT_SET_ANYWHERE, 3]\n      enabled: !ENV [NOT_SET_ANYWHERE, true]\n",
        encoding="utf-8",
    )
    options = configs.load(tmp_path).options
    assert (options.clusters, options.related) == (9, 3)


def test_line_of_an_option_in_a_file_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match=r"^gone\.yml: paperdiary"):
        make_options({"zzz": 1}, Path("gone.yml"))
