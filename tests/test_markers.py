"""Markers with options: what they show, and what is said about one that makes no sense."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from paperdiary import build, markers
from paperdiary.atlas import Atlas, Cluster, Place
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.pages import Site

Make = Callable[..., Config]
NOTES = {
    "rl/exploration/a.md": "---\ndate: 2024-05-06\nurl: https://a.org/1\n---\n# Alpha\n\nText.\n",
    "rl/b.md": "---\ndate: 2023-05-06\nkind: book\n---\n# Beta\n\nText.\n",
    "vision/c.md": "---\nstatus: queued\n---\n# Gamma\n\nText.\n",
    "vision/d.md": "---\ndate: 2024-06-01\n---\n# Delta\n\nText.\n",
}


def made(make_diary: Make, page: str, name: str = "index.md") -> tuple[str, list[str]]:
    """(the page's source, what was said)."""
    config = make_diary({**NOTES, name: page})
    read = build.read(config)
    places = {e.id: Place({"tsne": (float(n), 0.0)}, "c1" if n % 2 else "c2") for n, e in enumerate(read.entries)}
    atlas = Atlas((Cluster("c1", "Warm heaps", 2), Cluster("c2", "Robots", 3)), places)
    said: list[str] = []
    site = Site(Diary(config, read.notes, read.entries, atlas), said.append)
    return site.source(name) or "", said


def shown(text: str) -> list[str]:
    return [name for name in ("Alpha", "Beta", "Gamma", "Delta") if f">{name}</a>" in text]


@pytest.mark.parametrize(
    ("marker", "wanted"),
    [
        ("list", ["Alpha", "Beta", "Delta"]),
        ("list status=queued", ["Gamma"]),
        ("list topic=rl", ["Alpha", "Beta"]),
        ("list topic=exploration", ["Alpha"]),
        ("list topic=RL/Exploration/", ["Alpha"]),
        ("list since=2024", ["Alpha", "Delta"]),
        ("list since=2024-05-07 ", ["Delta"]),
        ("list kind=book", ["Beta"]),
        ('list cluster="warm heaps"', ["Alpha"]),
        ("list limit=1", ["Delta"]),
        ("recent limit=2", ["Alpha", "Delta"]),
        ("recent topic=vision", ["Delta"]),
        ("LIST  limit = 1", ["Delta"]),
    ],
)
def test_lists(make_diary: Make, marker: str, wanted: list[str]) -> None:
    text, said = made(make_diary, f"# Home\n\n<!-- diary:{marker} -->\n\nafter\n")
    assert said == []
    if "cluster" not in marker:
        assert shown(text) == wanted
    else:
        assert 0 < len(shown(text)) < 3
    assert text.rstrip().endswith("after")


@pytest.mark.parametrize("marker", ["timeline", "calendar", "stats", "shares", "shares by=cluster", "shares by=topic"])
def test_charts(make_diary: Make, marker: str) -> None:
    text, said = made(make_diary, f"<!-- diary:{marker} topic=rl since=2023 -->\n")
    assert said == []
    assert "pd-" in text
    assert "2024" in text or "stats" in marker
    assert "<!-- diary:" not in text


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("map colour=red", ["line 7", "`colour` of `diary:map` is `red`", "cluster, topic, kind"]),
        ("map color=topic size=3", ["has no option `size`", "topic, cluster, since, view, colour"]),
        ("map topic=nowhere", ["the topics are: rl, rl/exploration, vision"]),
        ("map cluster=c9", ["c1 (Warm heaps), c2 (Robots)"]),
        ("map height=tall", ["a whole number from 120 to 2000"]),
        ("map height=99999999", ["a whole number from 120 to 2000"]),
        ("map names=maybe", ["write yes or no"]),
        ("list since=2024-13", ["2025, 2025-06 or 2025-06-04"]),
        ("list limit", ["`limit` of `diary:list` needs a value"]),
        ("timeline by=topic", ["has no option `by`"]),
        ("lists", ["there is no marker `diary:lists`", "map, list, recent"]),
        ("", ["there is no marker `diary:`"]),
    ],
)
def test_what_makes_no_sense_is_said_with_file_and_line(make_diary: Make, marker: str, words: list[str]) -> None:
    text, said = made(make_diary, f"---\ntitle: X\n---\n\n# Home\n\n<!-- diary:{marker} -->\n")
    assert len(said) == 1
    assert said[0].startswith("index.md, line 7: ")
    for part in words:
        assert part in said[0]
    known = marker.split(" ")[0] in markers.MARKERS
    assert ("<!-- diary:" in text) is not known  # shown without the option, where there is such a marker


def test_a_list_of_nothing_says_so(make_diary: Make) -> None:
    text, said = made(make_diary, "<!-- diary:recent since=2050 -->\n\n<!-- diary:list status=reading -->\n")
    assert said == []
    assert '<p class="pd-empty">Nothing has been read yet.</p>' in text
    assert '<p class="pd-empty">Nothing is being read.</p>' in text


def test_every_marker_takes_its_options_to_the_map(make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[object] = []
    monkeypatch.setattr(Site, "map", lambda self, path, options, large=False: got.append(dict(options)) or "<p>map</p>")
    made(
        make_diary,
        "<!-- diary:map topic=vision view=UMAP height=400 colour=status cluster=c1 since=2024-01 names=no tools=off"
        " hulls=yes order=1 -->\n",
    )
    assert got == [
        {
            "topic": "vision", "view": "umap", "height": 400, "colour": "status", "cluster": "c1", "since": "2024-01",
            "names": False, "tools": False, "hulls": True, "order": True,
        }
    ]  # fmt: skip


def test_markers_work_in_a_note(make_diary: Make) -> None:
    note = "---\ndate: 2024-07-01\n---\n# A note\n\nBefore.\n\n<!-- diary:list topic=rl limit=1 -->\n\nAfter.\n"
    text, said = made(make_diary, note, "rl/note.md")
    assert said == []
    places = [text.index(part) for part in ("Before.", "pd-items", "After.", "pd-turn")]
    assert places == sorted(places)


def test_code_and_running_text_are_left_alone(make_diary: Make) -> None:
    page = "```\n<!-- diary:map -->\n```\n\nWrite `<!-- diary:list -->` and <!-- diary:stats --> in a line.\n"
    text, said = made(make_diary, page)
    assert said == []
    assert "<!-- diary:map -->" in text
    assert "pd-items" not in text
    assert "pd-stats" not in text


def test_a_hostile_value_is_no_markup(make_diary: Make) -> None:
    text, said = made(make_diary, '<!-- diary:list topic="<script>alert(1)</script>" -->\n')
    assert "<script>" not in text
    assert len(said) == 1
