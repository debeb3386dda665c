"""Five real documents, imported into an empty diary and built: every entry is there.

The documents are not part of the project; the tests are skipped where they are absent. The same shapes, in
documents of our own, are in test_shapes.py and test_importing.py.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import MKDOCS_YML, map_points

from paperdiary import build, check, config
from paperdiary.build import Diary
from paperdiary.cli import main
from paperdiary.entry import Entry
from paperdiary.searcher import Searcher

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the documents are not at hand")


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Diary:
    root = tmp_path_factory.mktemp("seeds")
    (root / "notes").mkdir()
    (root / "mkdocs.yml").write_text(MKDOCS_YML)
    paths = [str(p) for p in sorted(SEEDS.glob("*.txt"))]
    result = CliRunner().invoke(main, ["-C", str(root), "import", *paths])
    assert result.exit_code == 0, result.output
    for word in ("📌", "⚙️", "V‑JEPA", "π_{0.5}", "RL’S RAZOR"):
        assert word in (root / "notes" / "index.md").read_text(encoding="utf-8"), word
    result = CliRunner().invoke(main, ["-C", str(root), "build"])
    assert result.exit_code == 0, result.output
    return build.read(config.load(root))


def of(diary: Diary, start: str) -> list[Entry]:
    return [e for e in diary.entries if e.note.startswith(start)]


def test_all(diary: Diary) -> None:
    assert len(diary.entries) == 148
    assert Counter(e.note[:3] for e in diary.entries) == {"000": 38, "001": 1, "ind": 96, "003": 12, "004": 1}


def test_many_entries_in_one_file(diary: Diary) -> None:
    found = of(diary, "000")
    assert sum(e.status == "queued" for e in found) == 15
    assert not any("todo" in e.title.lower() for e in found)
    assert len({e.arxiv for e in found if e.arxiv}) == 16
    assert [e.title[:15] for e in found if not e.sources] == ["(Spark) Resilie"]
    pair = [e for e in found if e.title in {"Cloud to Sky Computing", "From Cloud Computing to Sky Computing"}]
    assert len(pair) == 2
    problems = check.check(diary.config, diary.notes)
    assert any(p.code == "duplicate" and p.line == pair[1].line for p in problems)
    sections = {
        "6. Peering Between Clouds",
        "Problems",
        "Research Question",
        "Transactional Panorama",
        "Data Analytics Tools",
    }
    assert not sections & {e.title for e in found}


def test_jottings(diary: Diary) -> None:
    (entry,) = of(diary, "001")
    assert (entry.kind, entry.arxiv, entry.url) == ("note", None, None)
    page = next((diary.config.site).glob("001*/index.html")).read_text(encoding="utf-8")
    body = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "\n    spinningup - when doing" in body
    assert "\n        maybe not because" in body


def test_front_page(diary: Diary) -> None:
    found = of(diary, "index.md")
    dates = [e.date for e in found]
    assert (min(filter(None, dates)), max(filter(None, dates))) == ("2025-05-23", "2025-10-01")
    assert None not in dates
    assert {"marl", "robotics", "LLM_reinforcement_learning"} <= {e.topic for e in found}
    assert sum(bool(e.description) for e in found) > 20
    codes = Counter(p.code for p in diary.problems if p.note == "index.md")
    assert {c: codes[c] for c in ("list-empty-link", "list-no-colon", "list-same-target")} == dict.fromkeys(
        ("list-empty-link", "list-no-colon", "list-same-target"), 1
    )
    home = (diary.config.site / "index.html").read_text(encoding="utf-8")
    assert "Highlights &amp; Lessons Learned" in home


def test_headings_as_siblings(diary: Diary) -> None:
    found = of(diary, "003")
    assert Counter(e.kind for e in found) == {"paper": 9, "talk": 2, "blog": 1}
    assert sum(e.arxiv is not None for e in found) == 8
    (note,) = [n for n in diary.notes if n.path.startswith("003")]
    assert note.title == "Reinforcement learning"
    assert "Montezuma’s" in note.text
    assert any(p.code == "almost-link" for p in note.problems)


def test_captions(diary: Diary) -> None:
    (entry,) = of(diary, "004")
    assert entry.kind == "talk"
    (note,) = [n for n in diary.notes if n.path.startswith("004")]
    assert len(note.text.split()) == 35_004
    assert note.text.strip().count("\n\n") > 100


def test_every_entry_is_on_the_map_in_the_diary_or_the_queue_and_found(diary: Diary) -> None:
    site = diary.config.site
    assert set(map_points(site)["ids"]) == {e.id for e in diary.entries}
    pages = {n: html.unescape((site / n / "index.html").read_text(encoding="utf-8")) for n in ("diary", "queue")}
    searcher = Searcher(diary, lambda message: pytest.fail(message))
    for entry in diary.entries:
        assert entry.title in pages["queue" if entry.status == "queued" else "diary"], entry.title
        assert entry.id in [hit.entry for hit in searcher.search(entry.title, 10)], entry.title
