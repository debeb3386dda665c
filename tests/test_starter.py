"""The starter diary: complete, in its own words, and its map is the committed one."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from paperdiary import build, config
from paperdiary.build import Diary

ROOT = Path(__file__).parent.parent
PAPERS = ROOT.parent / "shared" / "starter" / "papers.jsonl"


@pytest.fixture(scope="module")
def diary() -> Diary:
    return build.read(config.load(ROOT))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def test_what_is_in_it(diary: Diary) -> None:
    entries = diary.entries
    assert len(entries) >= 60
    assert len({e.topic for e in entries}) >= 8
    assert sum(e.status == "queued" for e in entries) == 6
    assert sum(e.kind in {"talk", "blog"} for e in entries) >= 2
    assert len({e.date[:7] for e in entries if e.date}) >= 10
    assert max(Counter(e.note for e in entries).values()) >= 4
    assert sum(e.arxiv is not None for e in entries) >= 60
    assert diary.problems == []


def test_front_matter(diary: Diary) -> None:
    for note in diary.notes:
        if len(note.entries) != 1:
            continue
        entry = note.entries[0]
        assert entry.authors, note.path
        assert entry.year, note.path
        assert 2 <= len(entry.tags) <= 4, note.path
        assert 13 <= len(words(entry.description)) <= 48, note.path
        assert (entry.date is None) == (entry.status != "read"), note.path
        raw = (ROOT / "notes" / note.path).read_text(encoding="utf-8").split("---\n")[1]
        assert yaml.safe_load(raw)["title"] == entry.title


def test_summaries_are_long_enough(diary: Diary) -> None:
    for note in diary.notes:
        if len(note.entries) == 1 and note.entries[0].status == "read":
            assert len(words(note.text)) >= 80, note.path


def test_notes_link_to_each_other(diary: Diary) -> None:
    linked = [n.path for n in diary.notes if re.search(r"\]\([^)]+\.md\)", n.text)]
    assert len(linked) >= len(diary.notes) / 3


@pytest.mark.skipif(not PAPERS.is_file(), reason="the abstracts are not at hand")
def test_own_words(diary: Diary) -> None:
    """No run of eight words is taken from an abstract, and the facts of the front matter are right."""
    papers = {p["arxiv"]: p for p in map(json.loads, PAPERS.read_text(encoding="utf-8").splitlines())}
    texts = {n.path: words(n.text) for n in diary.notes}
    for entry in diary.entries:
        paper = papers.get(entry.arxiv or "")
        if not paper:
            continue
        abstract = words(paper["abstract"])
        runs = {tuple(abstract[i : i + 8]) for i in range(len(abstract) - 7)}
        text = texts[entry.note]
        taken = [" ".join(text[i : i + 8]) for i in range(len(text) - 7) if tuple(text[i : i + 8]) in runs]
        assert not taken, (entry.note, taken)
        assert words(paper["title"]) == words(entry.title), entry.note
        assert entry.year in {paper["year"], None}


@pytest.mark.model
def test_the_committed_map_is_current(starter: Path) -> None:
    """A build in a fresh clone changes no tracked file."""
    assert (starter / "atlas.json").read_text() == (ROOT / "atlas.json").read_text()


@pytest.mark.model
def test_git_ignores_what_a_build_makes(starter: Path, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    made = {p.name for p in starter.iterdir()} - {"notes", "mkdocs.yml", "atlas.json", "citations.json"}
    assert made == {"site", ".paperdiary"}
    paths = ["site/index.html", ".paperdiary/cache.sqlite", "papers/a.pdf"]
    ignored = subprocess.run(["git", "-C", str(tmp_path), "check-ignore", *paths], capture_output=True, text=True)
    assert ignored.stdout.split() == paths
