"""Parsed notes are kept, and nothing that happens to the file they are kept in does harm."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from paperdiary import onenote
from paperdiary.entry import Note
from paperdiary.notecache import NoteCache

TEXT = """\
---
title: Warm heaps
date: 2025-06-04
own: [1, a]
---
https://arxiv.org/abs/2001.00001

> A quote of some words.
"""
LIST = "### May 2025\n\n* 23rd: [A heap](a.md): some words on it\n* 24th [B heap]()\n"


@pytest.fixture
def some() -> dict[str, tuple[str, Note]]:
    return {
        "a.md": ("1-1", onenote.parse(TEXT.encode(), "a.md")),
        "list.md": ("2-2", onenote.parse(LIST.encode(), "list.md")),
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".paperdiary" / "notes.sqlite"


def read(path: Path, version: str = "v", **stamps: str) -> dict[str, Note]:
    with NoteCache(path, version) as cache:
        return cache.get({"a.md": "1-1", "list.md": "2-2", **stamps})


def fill(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    with NoteCache(path, "v") as cache:
        cache.put(some, keep=some)


def test_notes_come_back_as_they_were(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    fill(path, some)
    found = read(path)
    assert found["list.md"] == some["list.md"][1]
    kept, given = found["a.md"], some["a.md"][1]
    assert (kept.entries, kept.raw_dates, kept.text) == (given.entries, given.raw_dates, given.text)
    assert kept.entries[0].passages == given.entries[0].passages != ()
    assert kept.meta["own"] == [1, "a"]


def test_what_changed_or_went_is_forgotten(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    fill(path, some)
    with NoteCache(path, "v") as cache:
        assert set(cache.get({"a.md": "9-9", "list.md": "2-2"})) == {"list.md"}
        assert cache.get({"a.md": ""}) == {}
        cache.put({}, keep=["list.md"])
    assert set(read(path)) == {"list.md"}
    assert read(path, version="w") == {}
    assert read(path) == {}


def test_one_note_more_writes_one_row(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    fill(path, some)
    with NoteCache(path, "v") as cache:
        cache.put({"b.md": ("3-3", some["a.md"][1])}, keep=["a.md", "b.md", "list.md"])
    assert set(read(path, **{"b.md": "3-3"})) == {"a.md", "b.md", "list.md"}


@pytest.mark.parametrize("damage", [b"", b"no database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_file_is_begun_anew(path: Path, some: dict[str, tuple[str, Note]], damage: bytes) -> None:
    fill(path, some)
    path.write_bytes(damage)
    assert read(path) == {}
    fill(path, some)
    assert len(read(path)) == 2


def test_a_damaged_row_counts_as_absent(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    fill(path, some)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE notes SET note = replace(note, 'Warm', 'Cold') WHERE path = 'a.md'")
    assert set(read(path)) == {"list.md"}


def test_a_folder_in_its_place_is_no_error(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    path.mkdir(parents=True)
    fill(path, some)
    assert read(path) == {}


def test_what_all_notes_decide_is_kept_while_no_file_changes(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    fill(path, some)
    stamps = {name: stamp for name, (stamp, _) in some.items()}
    after = replace(some["a.md"][1], title="Settled")
    with NoteCache(path, "v") as cache:
        assert cache.settled(stamps) is None
        cache.put_settled(stamps, {"a.md": after})
    with NoteCache(path, "v") as cache:
        found = cache.settled(stamps)
        assert found is not None
        assert (found["a.md"].title, found["list.md"]) == ("Settled", some["list.md"][1])
        assert cache.settled({**stamps, "a.md": "3-3"}) is None
        assert cache.settled({"a.md": "1-1"}) is None
        assert cache.settled({**stamps, "new.md": "1-1"}) is None
        assert cache.get(stamps)["a.md"].title != "Settled"


@pytest.mark.parametrize("damage", ["UPDATE settled SET note = x'00' WHERE path = 'a.md'", "DELETE FROM notes"])
def test_damaged_decisions_are_made_again(path: Path, some: dict[str, tuple[str, Note]], damage: str) -> None:
    fill(path, some)
    stamps = {name: stamp for name, (stamp, _) in some.items()}
    with NoteCache(path, "v") as cache:
        cache.put_settled(stamps, {"a.md": some["a.md"][1]})
        assert cache.settled(stamps)
    with sqlite3.connect(path) as db:
        db.execute(damage)
    with NoteCache(path, "v") as cache:
        assert cache.settled(stamps) is None


def test_a_file_that_cannot_be_seen_is_never_settled(path: Path, some: dict[str, tuple[str, Note]]) -> None:
    with NoteCache(path, "v") as cache:
        cache.put_settled({"a.md": ""}, {})
        assert cache.settled({"a.md": ""}) is None
