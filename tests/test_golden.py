"""The corpus of ten notes: entries and pages, compared with golden files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from golden import Golden
from helpers import points_in

from paperdiary import config, notes
from paperdiary.atlas import Atlas, Cluster, Place
from paperdiary.build import Diary
from paperdiary.pages import Site

CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture(scope="module")
def golden(request: pytest.FixtureRequest) -> Iterator[Golden]:
    used = Golden(request.config.getoption("--update-golden"))
    yield used
    assert not used.unused(), f"golden files that no test uses: {sorted(used.unused())}"


@pytest.fixture(scope="module")
def diary() -> Diary:
    """The corpus on a map drawn by hand, so that no number depends on the machine."""
    settings = config.load(CORPUS)
    found = tuple(notes.read_all(settings))
    entries = tuple(e for note in found for e in note.entries)
    spots = [(float(n % 4), float(n // 4)) for n in range(len(entries))]
    places = {
        e.id: Place(dict.fromkeys(("tsne", "umap", "pca"), spot), "c1" if e.topic == "gardens" else "c2")
        for e, spot in zip(entries, spots, strict=True)
    }
    sizes = [sum(p.cluster == c for p in places.values()) for c in ("c1", "c2")]
    atlas = Atlas((Cluster("c1", "Soil <and> heat", sizes[0]), Cluster("c2", "Sky", sizes[1], True)), places)
    related = {e.id: [(other.id, 0.5) for other in entries if other is not e][:2] for e in entries}
    return Diary(settings, found, entries, atlas, related)


def test_entries(diary: Diary, golden: Golden) -> None:
    rows = [
        e.as_dict(diary.atlas.places[e.id].cluster, atlas=True)
        | {"passages": [[p.heading, p.text] for p in e.passages], "lines": [e.line, e.end]}
        for e in diary.entries
    ]
    golden.check("entries.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def test_problems(diary: Diary, golden: Golden) -> None:
    golden.check("problems.json", json.dumps([p.as_dict() for p in diary.problems], indent=1) + "\n")


@pytest.mark.parametrize("path", sorted(str(p.relative_to(CORPUS / "notes")) for p in CORPUS.rglob("*.md")))
def test_notes(diary: Diary, golden: Golden, path: str) -> None:
    golden.check(f"notes/{path}", Site(diary).source(path) or "")


def test_generated(diary: Diary, golden: Golden) -> None:
    site = Site(diary)
    pages = site.generated()
    assert len({p.path for p in pages}) == len(pages)
    for page in pages:
        golden.check(f"generated/{page.path}", page.text)
    golden.check("nav.json", json.dumps(site.nav(), indent=1) + "\n")


def test_map_data(diary: Diary, golden: Golden) -> None:
    for name in ("points", "cards"):
        data = next(a.data for a in Site(diary).assets() if a.path.endswith(f"map-{name}.js"))
        assert isinstance(data, bytes)
        golden.check(f"map-{name}.json", json.dumps(points_in(data.decode()), ensure_ascii=False, indent=1) + "\n")
