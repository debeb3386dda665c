"""Hostile text: what was made to take long takes time that grows with it, what was made to run runs nowhere."""

from __future__ import annotations

import base64
import gc
import json
import re
import time
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import nasty_diary
import pytest
from click.testing import CliRunner
from helpers import MKDOCS_YML, points_in
from markdown_it import MarkdownIt
from nasty_diary import ATTACKS, BODIES, NAMES
from test_nothing_lost import EXTENSIONS, convert
from test_sanitise import Tags, harm

from paperdiary import build, csp, nightly, onenote, reduce
from paperdiary import config as configs
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.dialect import for_mkdocs
from paperdiary.entry import Problem
from paperdiary.links import scan

Make = Callable[..., Config]
FEW = 2500
TIMES = 4
#: name: what is repeated, in a document
UNITS = {
    "brackets": "[[a",
    "open links": "[a](",
    "open images": "![a](",
    "bare brackets": "[",
    "comments": "<!--",
    "comments on lines": "<!--\n",
    "comments in blocks": "<!--\n\n",
    "emphasis": "*a ",
    "underscores": "_a ",
    "code": "`a ",
    "dollars": "$a ",
    "formulas on lines": "\\[\n",
    "environments": "\\begin{align}\n",
    "quotes": ">",
    "lines of a quote": "> a\n",
    "marks": "==a ",
    "drawings": "<svg>",
    "drawings in blocks": "<svg>\n\n",
    "scripts": "<script>\n\n",
    "elements": "<b>x",
    "divs": "<div>\n\n",
    "rows": "| a | b |\n",
    "list": "- a\n",
    "footnotes": "[^1]: a\n",
    "words": "word ",
}
PLACES = {
    "a paragraph": "# T\n\nfirst\n\n{}\n\nend\n",
    "a title": "# {}\n\nend\n",
    "an item": "# T\n\n- {}\n- b\n",
    "a field": "# T\n\nTitle: {}\n\nend\n",
}


def seconds(work: Callable[[], object]) -> float:
    """Processor time, so that what else the machine does is not counted."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def grows_evenly(work: Callable[[int], object]) -> bool:
    """Whether four times as much takes about four times as long: sixteen times is what a square takes."""
    work(100)  # imports, caches
    few = seconds(lambda: work(FEW))
    many = seconds(lambda: work(FEW * TIMES))
    return many < 2.2 * TIMES * few + 0.3


def document(place: str, unit: str, count: int) -> str:
    text = unit * count
    return PLACES[place].replace("{}", text if place == "a paragraph" else text.replace("\n", " "))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["brackets", "open links", "comments", "emphasis", "underscores", "code", "words"])
def test_reading_in_any_place(place: str, name: str) -> None:
    assert grows_evenly(lambda n: onenote.parse(document(place, UNITS[name], n).encode(), "a.md"))


@pytest.mark.parametrize("name", UNITS)
def test_reading_and_showing(name: str) -> None:
    def work(text: str) -> None:
        onenote.parse(text.encode(), "a.md")
        scan(text)
        for_mkdocs(text, extensions=EXTENSIONS)

    assert grows_evenly(lambda n: work(document("a paragraph", UNITS[name], n)))


@pytest.mark.parametrize("name", ["brackets", "open links", "open images", "bare brackets", "emphasis", "dollars"])
def test_reading_is_about_as_fast_as_reading_prose(name: str) -> None:
    text = document("a paragraph", UNITS[name], FEW * TIMES)
    prose = "Some *words* and `code`, with [a link](https://a.org) in them.\n\n"
    usual = seconds(lambda: onenote.parse((prose * (len(text) // len(prose))).encode(), "a.md"))
    assert seconds(lambda: onenote.parse(text.encode(), "a.md")) < 8 * usual + 0.3


def test_ten_thousand_definitions() -> None:
    def work(count: int) -> None:
        scan("\n".join(f"[r{n}]: https://a.org/{n}" for n in range(count)))

    assert grows_evenly(work)


@pytest.mark.parametrize("name", ["elements", "divs", "list", "brackets"])
def test_the_page_of_it(name: str) -> None:
    def work(count: int) -> None:
        convert(for_mkdocs(document("a paragraph", UNITS[name], count // 2), extensions=EXTENSIONS))

    assert grows_evenly(work)


def test_lists_in_lists_without_end() -> None:
    text = "\n".join("  " * depth + f"- w{depth}x" for depth in range(600))
    html = convert(for_mkdocs(text, extensions=EXTENSIONS))
    assert all(f"w{depth}x" in html for depth in (0, 30, 599))


# -- text that was made to do something: nothing of it runs wherever it is shown


HOSTILE = (*ATTACKS, "\u202ereversed\u202c and \u2066isolates\u2069 owned")
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A diary in which titles, authors, tags, topics, names of files and texts are hostile, with its site."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "notes").mkdir()
    config = nasty_diary.CONFIG.format(clusters=2)
    (root / "mkdocs.yml").write_text(config, encoding="utf-8")
    for number, title in enumerate(HOSTILE):
        folder = root / "notes" / f"t{number % 2} {NAMES[number % len(NAMES)]}"
        folder.mkdir(exist_ok=True)
        head = {"title": title, "authors": [title], "tags": [title], "description": title, "cluster": title}
        lines = [f"{key}: {json.dumps(value)}" for key, value in head.items()]
        body = BODIES[number % len(BODIES)]
        text = "\n".join(["---", *lines, "---", "", f"https://example.org/{number}", "", body, ""])
        (folder / f"{number} {NAMES[-1 - number % len(NAMES)]}.md").write_text(text, encoding="utf-8")
    (root / "notes" / "index.md").write_text(
        f"---\ntitle: Home\ndescription: {json.dumps(HOSTILE[2])}\nlocation: javascript:alert(1)\n---\n\n"
        + "\n\n".join(BODIES),
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(reduce.REDUCERS, "umap", reduce.REDUCERS["tsne"])  # UMAP takes ten seconds to begin
        ran = CliRunner().invoke(main, ["-C", str(root), "build"])
    assert ran.exit_code == 0, ran.output
    return root


def test_no_page_runs_it_or_asks_another_host(hostile: Path) -> None:
    pages = list((hostile / "site").rglob("*.html"))
    assert len(pages) > len(HOSTILE)
    for file in pages:
        text = file.read_text(encoding="utf-8")
        for script in re.findall(r"<script(?![^>]*src)[^>]*>(.*?)</script>", text, re.S):
            assert "owned" not in script
        for tag, attributes in Tags(text).found:
            assert not [name for name in attributes if name.startswith("on")], file
            for name, value in attributes.items():
                if name in {"href", "src", "xlink:href", "action", "data", "poster", "srcset"}:
                    read = re.sub(r"[\x00-\x20]", "", value).lower()
                    assert not re.match(r"(?!https?:|data:image/|data:,)[a-z][a-z0-9+.-]*:", read), f"{file}: {value}"
                    link = tag in {"a", "link"}
                    assert link or not re.match(r"https?:|//", read), f"{file}: {tag} {value}"
        assert "{{ config" not in text or "&lt;Config" not in text


def test_no_note_has_more_than_words(hostile: Path) -> None:
    site = re.compile(r'<(?:button|form|input id="pd|link|meta)|(?:id|class)="pd-')
    for file in (hostile / "site").glob("t?*/*/index.html"):
        text = file.read_text(encoding="utf-8")
        if "<h1" not in text:
            continue
        note = text[text.index("<article") : text.index("</article>")]
        own = re.sub(r'<div class="pd-(?:card|foot|anchor)".*', "", note)
        assert not [found for found in harm(own) if not site.match(f"<{found}")], file


def test_the_data_of_the_site_is_data(hostile: Path) -> None:
    site = hostile / "site"
    cards = points_in((site / "assets" / "paperdiary" / "map-cards.js").read_text(encoding="utf-8"))
    points = points_in((site / "assets" / "paperdiary" / "map-points.js").read_text(encoding="utf-8"))
    assert cards
    assert points
    for file in site.rglob("*"):
        if file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".xml":
            root = ElementTree.fromstring(file.read_bytes())
            links = [e.get(name, "") for e in root.iter() for name in ("href", "src") if e.get(name)]
            assert not [link for link in links if re.match(r"\s*(?!https?:)[a-z][a-z0-9+.-]*:", link, re.I)], file
            for element in root.iter():
                if (element.get("type") or "").endswith("html"):
                    assert not [h for h in harm(element.text or "") if not h.startswith("a href")], file


COMMANDS = (
    ["list"], ["check"], ["stats"], ["search", "owned"], ["search", "window config"], ["related", HOSTILE[0]],
    ["list", "--topic", "no\x1b[31m\u202esuch"], ["related", "no \x1b]0;such\x07 thing"], ["add", "\x1b[2Jnothing"],
    ["import", "--dry-run", "no\x1b[31msuch"], ["export", "bibtex"], ["export", "csl"], ["list", "--json"],
    ["check", "--json"], ["stats", "--json"], ["search", "--json", "owned"], ["related", "--json", HOSTILE[0]],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0] + "_json" * ("--json" in words))
def test_no_command_prints_it(hostile: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ran = CliRunner().invoke(main, ["-C", str(hostile), *words])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    assert ran.output
    assert not OBEYED.search(ran.output), ascii(ran.output)
    if words[0] != "export":
        assert not re.search(r"(?m)^\s*::|##\[", ran.output), ran.output
    if "--json" in words or words == ["export", "csl"]:
        assert json.loads(ran.stdout)


FILLED = """\
import jinja2
def on_page_markdown(markdown, page, **_):
    return jinja2.Template(markdown).render() if page.meta.get("render_macros", True) else markdown
"""
WIDGET = """\
---
icon: 📄
template: no-such.html
location: https://example.org
---
# A widget {{ 6 * 7 }}

https://example.org/w

<script>let widget = 1</script>

<iframe src="frame.html"></iframe>

Seven times seven is {{ 7 * 7 }} and ![a picture](https://example.org/a.png).
"""


@pytest.mark.parametrize("trusted", [False, True])
def test_templates_and_widgets_are_for_those_who_trust_their_notes(make_diary: Make, trusted: bool) -> None:
    """A plugin that fills in templates, as mkdocs-macros does; it may run any Python."""
    yml = MKDOCS_YML.replace("hashing", f"hashing\n      trust_html: {trusted}".lower())
    config = make_diary({"w.md": WIDGET}, f"{yml}hooks: [fill.py]\nmarkdown_extensions: [attr_list]\n")
    (config.root / "fill.py").write_text(FILLED)
    ran = CliRunner().invoke(main, ["-C", str(config.root), "build"])
    assert ran.exit_code == 0, ran.output
    page = (config.root / "site" / "w" / "index.html").read_text()
    article = page[page.index("<article") : page.index("</article>")]
    assert ("<script>let widget" in article, "<iframe" in article, " is 49 and" in article) == (trusted,) * 3
    assert "a picture" in article
    assert "<img" not in article
    assert "\ue1f7" not in page


def test_a_page_that_tells_its_policy() -> None:
    """The theme's scripts are allowed by their hashes, one that came with a note is not, nor one of no known host."""
    note = "<article><script>evil()</script></article>"
    html = f'<head><meta charset="utf-8"><script>theirs()</script><script src="a.js"></script></head>{note}'
    page = csp.with_meta(html, note, ["https://cdn.example.org/x.js", "assets/own.js"])
    told = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert told
    said = unescape(told[1])
    theirs, evil = (base64.b64encode(sha256(text).digest()).decode() for text in (b"theirs()", b"evil()"))
    assert f"'sha256-{theirs}'" in said
    assert evil not in said
    assert "script-src 'self' https://cdn.example.org 'sha256-" in said
    assert page.index("charset") < page.index("http-equiv") < page.index("<script")
    assert "img-src 'self' data:;" in said
    assert "img-src 'self' data: https: http:;" in unescape(csp.with_meta(html, note, pictures=True))


def test_words_of_other_machines_and_names_of_files(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["-C", str(tmp_path / "a\x1b[31mb\u202e"), "list"])
    assert ran.exit_code == 1
    assert not OBEYED.search(ran.output)
    assert "␛[31m" in ran.output
    ran = CliRunner().invoke(main, ["-C", str(tmp_path), "init", str(tmp_path / "c\x1b[31md")])
    assert ran.exit_code == 0
    assert not OBEYED.search(ran.output)


def test_the_page_of_a_run_shows_it_as_text(hostile: Path) -> None:
    diary = build.read(configs.load(hostile))
    problems = [Problem("error", "x", text, text, 1) for text in HOSTILE]
    text = nightly.report(diary, problems, dict.fromkeys(HOSTILE, 1.0))
    assert not OBEYED.search(text)
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(text)
    assert not harm(html)
    assert "<img" not in html
    assert "<a " not in html
    assert not re.search(r"(?m)^\s*::|##\[", text)
    assert "owned" in html
