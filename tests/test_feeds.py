"""What other programs read of a site: feeds, entries.json, llms.txt; hostile text does nothing to them."""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import jsonschema
import pytest
from helpers import MKDOCS_YML
from hypothesis import given, settings
from hypothesis import strategies as st

from paperdiary import entriesjson, feeds, llmstxt, notes, outside
from paperdiary.atlas import Atlas, Cluster, Place
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.entry import Entry, Note, Passage, Source
from paperdiary.pages import Site

Make = Callable[..., Config]
SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "entries.schema.json").read_text(encoding="utf-8"))
ATOM = "{http://www.w3.org/2005/Atom}"
WITH_URL = MKDOCS_YML + "site_url: https://example.org/diary/\nsite_author: Bo Lind\n"
PLAIN = "]]> <script>alert(1)</script> & \"'{{ 7*7 }} {% raw %} [31m [x](javascript:alert(1))"
NASTY = PLAIN.replace("[31m", "\x1b[31m\x07 \u202e \ud800 \ufffe")
HEBREW, ARABIC = "שלום עולם", "مرحبا بالعالم"
NOTES = {
    "soil/heat.md": "---\ntitle: The heat of heaps\nauthors: [Ada Moor]\nyear: 2019\nurl: https://arxiv.org/abs/1903.01234\n"
    "date: 2024-03-02\nupdated: 2024-03-09\ntags: [soil, heat]\ndescription: A heap keeps warm & dry.\n---\n\n"
    "## Method\n\nTwelve heaps, <!-- I doubt it --> a thermometer in each.\n",
    "soil/deep/worms.md": "# Worms\n\nDate: 4 March 2024\n\nhttps://doi.org/10.1000/soil.42\n\n"
    "Worms move $x^2$ grams a night.\n",
    "sky/tides.md": f"---\ntitle: {HEBREW}\ndescription: {ARABIC}\ndate: 2024-05-01\n---\n\n# not the title\n\n"
    "High water.\n",
    "sky/todo.md": "---\nstatus: queued\ntitle: Mirrors\n---\n\nTo grind.\n",
    "secret.md": "---\ndraft: true\ntitle: Secret plan\ndate: 2024-06-01\n---\n\nZanzibar.\n",
    "plain.md": "# Without a day\n\nSome words.\n",
}


def site_of(config: Config) -> Site:
    """The site of a diary on a map drawn by hand."""
    found = tuple(notes.read_all(config))
    entries = tuple(e for note in found for e in note.entries)
    places = {e.id: Place({"tsne": (1.0, n), "umap": (2.0, n), "pca": (0.5, n)}, "c1") for n, e in enumerate(entries)}
    related = {e.id: [(o.id, 0.5) for o in entries if o is not e][:2] for e in entries}
    return Site(
        Diary(config, found, entries, Atlas((Cluster("c1", "Heaps <and> sky", len(entries)),), places), related)
    )


def hostile(text: str, config: Config) -> Site:
    """One entry of which every text is `text`."""
    source = Source("https://example.org/a(b)?x=%zz&y=<z>", "blog", label=text)
    entry = Entry(
        "url:example.org/a", text, "blog", "t/n.md", 1, "t/n/", url=source.url, authors=(text,), date="2024-01-02",
        topic=text, tags=(text, text), description=text, sources=(source, Source("javascript:alert(1)", "blog")),
        passages=(Passage("url:example.org/a", 0, text, text),), published="2023",
    )  # fmt: skip
    atlas = Atlas((Cluster("c1", text, 1),), {entry.id: Place({"tsne": (0.0, 0.0)}, "c1")})
    settings = replace(config, site_name=text, description=text, author=text)
    return Site(Diary(settings, (Note("t/n.md", "", 0, {}, text, (entry,)),), (entry,), atlas))


def texts(site: Site) -> dict[str, str]:
    made = [*feeds.files(site), *entriesjson.files(site), *llmstxt.files(site)]
    assert {asset.path for asset in made} <= {asset.path for asset in outside.files(site)}
    return {asset.path: asset.data.decode() for asset in made if isinstance(asset.data, bytes)}


class Tags(HTMLParser):
    """The elements of a piece of HTML and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert {name for name, _ in attrs} <= {"href"}
        self.links += [value or "" for _, value in attrs]


def check_atom(text: str) -> list[ET.Element]:
    """What RFC 4287 asks of a feed; its entries."""
    feed = ET.fromstring(text.encode())
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    ids = []
    for at in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(at.findall(ATOM + name)) == 1, name
        ids.append(at.findtext(f"{ATOM}id"))
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", ids[-1] or "")
        assert (at.findtext(f"{ATOM}title") or "").strip()
        for name in ("updated", "published"):
            for found in at.findall(ATOM + name):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", found.text or "")
        alternate = [link for link in at.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternate) == 1
        for link in at.findall(f"{ATOM}link"):
            assert urlsplit(link.get("href") or "").scheme in {"", "http", "https"}
            assert not re.search(r"[\s<>\"{}|\\^`]", link.get("href") or " ")
        assert all(c.get("term") for c in at.findall(f"{ATOM}category"))
    assert len(set(ids)) == len(ids)
    names = {"title", "subtitle", "id", "updated", "author", "link", "generator", "entry"}
    assert {child.tag.removeprefix(ATOM) for child in feed} <= names
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert feed.findtext(f"{ATOM}updated") == max(
        (e.findtext(f"{ATOM}updated") or "" for e in entries), default="1970-01-01T00:00:00Z"
    )
    for entry in entries:
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        tags = Tags(content.text or "")
        assert tags.found <= {"p", "a"}
        assert all(urlsplit(link).scheme in {"", "http", "https"} for link in tags.links)
    return entries


def test_feed_of_a_site_and_of_its_topics(make_diary: Make) -> None:
    site = site_of(make_diary(NOTES, WITH_URL))
    made = texts(site)
    assert {p for p in made if p.endswith(".xml")} == {
        "feed.xml", "topics/soil/feed.xml", "topics/soil/deep/feed.xml", "topics/sky/feed.xml",
    }  # fmt: skip
    for path in (p for p in made if p.endswith(".xml")):
        check_atom(made[path])
    assert [e.findtext(f"{ATOM}title") for e in check_atom(made["feed.xml"])] == [HEBREW, "Worms", "The heat of heaps"]
    assert len(check_atom(made["topics/soil/feed.xml"])) == 2  # the folders in it too

    feed = feedparser.parse(made["feed.xml"].encode())
    assert not feed.bozo
    assert (feed.feed.title, feed.feed.author) == ("Test diary", "Bo Lind")
    assert [link.href for link in feed.feed.links if link.rel == "self"] == ["https://example.org/diary/feed.xml"]
    heap = feed.entries[2]
    assert heap.link == "https://example.org/diary/soil/heat/"
    assert (heap.published, heap.updated) == ("2024-03-02T00:00:00Z", "2024-03-09T00:00:00Z")
    assert heap.summary == "A heap keeps warm & dry."
    assert {t.term for t in heap.tags} == {"soil", "heat"}
    for part in ("Ada Moor", "2019", "A heap keeps warm &amp; dry.", "https://arxiv.org/abs/1903.01234", "Heaps"):
        assert part in heap.content[0].value
    assert "x²" in feed.entries[1].summary
    assert feed.entries[0].summary == ARABIC


def test_feed_without_a_site_url_has_addresses_seen_from_it(make_diary: Make) -> None:
    made = texts(site_of(make_diary(NOTES)))
    links = {
        path: [e.find(f"{ATOM}link").get("href") for e in check_atom(made[path])]  # type: ignore[union-attr]
        for path in ("feed.xml", "topics/sky/feed.xml")
    }
    assert links == {
        "feed.xml": ["sky/tides/", "soil/deep/worms/", "soil/heat/"],
        "topics/sky/feed.xml": ["../../sky/tides/"],
    }


def test_ids_survive_another_address_and_another_name(make_diary: Make) -> None:
    def ids(site: Site) -> list[str | None]:
        return [e.findtext(f"{ATOM}id") for e in check_atom(texts(site)["feed.xml"])]

    config = make_diary(NOTES)
    before = ids(site_of(config))
    for name in ("soil/heat.md", "soil/deep/worms.md"):
        (config.notes / name).rename(config.notes / f"{Path(name).stem}-2.md")
    assert ids(site_of(replace(config, site_url="https://elsewhere.example/x/"))) == before
    again = texts(site_of(config))
    assert again == texts(site_of(config))  # no time of the build is in it


def test_options_make_less(make_diary: Make) -> None:
    config = make_diary(NOTES)

    def made(**options: object) -> dict[str, str]:
        return texts(site_of(replace(config, options=replace(config.options, **options))))  # type: ignore[arg-type]

    assert len(check_atom(made(feed=2)["feed.xml"])) == 2
    assert not [p for p in made(feed=0) if p.endswith(".xml")]
    assert "feed.xml" not in made(feed=0)["llms.txt"]
    assert "llms.txt" in made(entries_json=False)
    assert "entries.json" not in made(entries_json=False)
    assert not set(made(llms_txt=False)) & {"llms.txt", "llms-full.txt"}
    assert "entries.json" not in made(entries_json=False)["llms.txt"]
    assert check_atom(texts(site_of(make_diary({"plain.md": ""})))["feed.xml"])  # what an empty diary has is valid


def test_pages_name_the_feeds(make_diary: Make) -> None:
    site = site_of(make_diary(NOTES))
    page = "<html><head><title>x</title></head><body></head></body></html>"

    def hrefs(base: str, site: Site = site) -> list[str]:
        html = feeds.with_links(site, page, base)
        assert html.startswith("<html><head><title>x</title>")
        assert html.endswith("</head><body></head></body></html>")
        return re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"<]+" href="([^"]*)">', html)

    assert hrefs("") == ["feed.xml"]
    assert hrefs("soil/deep/worms/") == ["../../../feed.xml"]
    assert hrefs("topics/soil/") == ["feed.xml", "../../feed.xml"]
    assert hrefs("/diary/") == ["/diary/feed.xml"]
    pages = {p.path: p.text for p in site.generated()}
    assert '<a href="../feed.xml">' in pages["diary/index.md"]
    assert '<a href="feed.xml">Feed</a>' in pages["topics/soil/index.md"]
    assert "Feed</a>" not in pages["clusters/c1.md"]
    quiet = replace(site.diary.config, options=replace(site.diary.config.options, feed=0))
    assert feeds.with_links(site_of(quiet), page, "") == page
    assert not any("feed.xml" in p.text for p in site_of(quiet).generated())


def test_entries_json_is_as_its_schema_says(make_diary: Make) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    site = site_of(make_diary(NOTES, WITH_URL))
    data = json.loads(texts(site)["entries.json"])
    jsonschema.validate(data, SCHEMA)
    assert data.keys() == SCHEMA["properties"].keys()
    by_id = {e["id"]: e for e in data["entries"]}
    assert set(by_id) == {e.id for e in site.entries}
    row = SCHEMA["properties"]["entries"]["items"]["properties"]
    for entry in site.entries:
        found, listed = by_id[entry.id], entry.as_dict()
        assert found.keys() == row.keys()
        plain = {key: listed[key] for key in listed if key not in {"title", "description"}}
        assert {key: found[key] for key in plain} == plain  # the same words mean the same in `diary list --json`
    heap = by_id["arxiv:1903.01234"]
    assert heap["cluster"] == {"id": "c1", "name": "Heaps <and> sky"}
    assert heap["citation_key"] == "moor2019heat"
    assert heap["sources"] == [{"label": "arXiv", "url": "https://arxiv.org/abs/1903.01234"}]
    assert set(heap["related"]) < set(by_id)
    assert heap["map"].keys() == data["views"].keys() == {"tsne", "umap", "pca"}
    assert [t["id"] for t in data["topics"]] == ["sky", "soil", "soil/deep"]
    assert data["site_url"] == "https://example.org/diary/"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data | {"schema": 2}, SCHEMA)


def parsed_llms(text: str) -> dict[str, list[tuple[str, str, str]]]:
    """Section -> (name, address, note) of each line, as readers of the format take it apart."""
    head, *sections = re.split(r"^##\s*(.*?)$", text, flags=re.M)
    assert re.match(r"^# .+\n\n> .+\n", head)
    out = {}
    for name, body in zip(sections[::2], sections[1::2], strict=True):
        lines = [line for line in body.split("\n") if line]
        found = [re.fullmatch(r"-\s*\[([^\]]+)\]\(([^)\s]+)\)(?::\s*(.*))?", line) for line in lines]
        assert all(found), lines
        out[name] = [(m[1], m[2], m[3] or "") for m in found if m]
    return out


def test_llms_txt_has_the_form_that_its_readers_expect(make_diary: Make) -> None:
    made = texts(site_of(make_diary(NOTES, WITH_URL)))
    found = parsed_llms(made["llms.txt"])
    assert list(found) == ["Pages", "Topics", "Clusters", "Read last", "Optional"]
    assert ("The heat of heaps", "https://example.org/diary/soil/heat/", "2024-03-02. A heap keeps warm & dry.") in (
        found["Read last"]
    )
    assert [name for name, _, _ in found["Optional"]] == ["Mirrors"]
    assert {"https://example.org/diary/entries.json", "https://example.org/diary/llms-full.txt"} < {
        address for _, address, _ in found["Pages"]
    }


def test_llms_full_txt_holds_what_the_site_shows_and_no_more(make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_of(make_diary(NOTES))
    full = texts(site)["llms-full.txt"]
    assert "## The heat of heaps\n\n- Authors: Ada Moor\n" in full
    assert "\n### Method\n\nTwelve heaps" in full
    assert "Source: https://arxiv.org/abs/1903.01234" in full
    for private in ("I doubt it", "Secret plan", "Zanzibar"):
        assert not any(private in text for text in texts(site).values())
    assert full.count("A heap keeps warm") == 1
    monkeypatch.setattr(llmstxt, "LARGEST", 250)
    short = texts(site)["llms-full.txt"]
    assert len(short) < 450
    assert re.search(r"\n\n4 older entries are left out\.\n$", short)


def check_hostile(site: Site, *, script: bool = True) -> None:
    made = texts(site)
    for path, text in made.items():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text), path
    for path in (p for p in made if p.endswith(".xml")):
        (entry,) = check_atom(made[path])
        feed = feedparser.parse(made[path].encode())
        assert not feed.bozo
        assert len(feed.entries) == 1
        assert [link.get("href") for link in entry.findall(f"{ATOM}link")][1:] == [
            "https://example.org/a%28b%29?x=%25zz&y=%3Cz%3E"
        ]
    data = json.loads(made["entries.json"])
    jsonschema.validate(data, SCHEMA)
    assert len(data["entries"]) == 1
    parsed_llms(made["llms.txt"])
    full = made["llms-full.txt"]
    assert next(line for line in full.split("\n") if line.startswith("#")).startswith("# ")
    assert len(re.findall(r"^## ", full, re.M)) == 1
    if script:
        assert not re.search(r"(?<!\\)<script", made["llms.txt"] + full)
        assert "](javascript" not in made["llms.txt"] + full


def test_hostile_text_breaks_nothing_and_runs_nowhere(make_diary: Make) -> None:
    site = hostile(NASTY, make_diary({}))
    check_hostile(site)
    title = json.loads(texts(site)["entries.json"])["entries"][0]["title"]
    assert title == PLAIN
    html = feeds.with_links(site, "<head></head>", "")
    assert "<script" not in html
    assert html.count(">") == 3


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30).filter(lambda text: outside.line(text)))
def test_any_text_breaks_nothing(text: str) -> None:
    check_hostile(hostile(text, Config(Path("nowhere"), notes=Path("nowhere/notes"))))


def test_ten_thousand_entries_take_less_than_a_second(make_diary: Make) -> None:
    base = Entry("x", "", "paper", "", 1, "", authors=("Ada Moor", "Bo Lind"), year=2019, tags=("soil", "heat"))
    words = "Worms move soil upwards a little every night and their casts are counted for a year. "
    entries = tuple(
        replace(
            base,
            id=f"arxiv:{n}",
            title=f"Paper {n} about soil",
            note=f"t{n % 40}/n{n}.md",
            page=f"t{n % 40}/n{n}/",
            date=f"20{10 + n % 15}-0{1 + n % 9}-1{n % 10}",
            topic=f"t{n % 40}",
            description=f"{n}: {words * 2}",
            sources=(Source(f"https://arxiv.org/abs/{n}", "paper", label="arXiv"),),
            passages=tuple(Passage(f"arxiv:{n}", p, "Method", f"{n} {p} {words * 6}") for p in range(3)),
        )
        for n in range(10_000)
    )
    places = {e.id: Place({"tsne": (1.0, 2.0), "umap": (1.0, 2.0), "pca": (1.0, 2.0)}, "c1") for e in entries}
    related = {e.id: [(f"arxiv:{(n + k) % 10_000}", 0.5) for k in range(5)] for n, e in enumerate(entries)}
    site = Site(Diary(make_diary({}), (), entries, Atlas((Cluster("c1", "Soil", 10_000),), places), related))
    site.citation_keys = {e.id: e.id for e in entries}
    begun = time.process_time()
    made = [*feeds.files(site), *entriesjson.files(site), *llmstxt.files(site)]
    assert time.process_time() - begun < 2.5  # less than 1 on a machine that does nothing else
    assert {a.path for a in made} > {"feed.xml", entriesjson.NAME, llmstxt.NAME, llmstxt.FULL}
    assert all(len(a.data) < 20_000_000 for a in made if isinstance(a.data, bytes))
