from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.store import PASSING, Store, VectorCache, sealed, write_atomic, write_new


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".paperdiary" / "cache.sqlite"


def some(count: int, start: int = 0) -> dict[str, np.ndarray]:
    return {f"k{n}": np.array([n, n + 0.5], dtype=np.float32) for n in range(start, start + count)}


def same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> bool:
    return found.keys() == wanted.keys() and all((found[k] == wanted[k]).all() for k in wanted)


@pytest.mark.parametrize("data", ["", "é\r\n機械\n", b"\xff\x00\r"])
def test_write_makes_folders_and_keeps_every_byte(tmp_path: Path, data: str | bytes) -> None:
    target = tmp_path / "a" / "b" / "c.txt"
    write_atomic(target, "before")
    write_atomic(target, data)
    assert target.read_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert [p.name for p in target.parent.iterdir()] == ["c.txt"]


def test_write_keeps_the_mode_and_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("x")
    old.chmod(0o640)
    mask = os.umask(0o027)
    try:
        write_atomic(old, "y")
        write_atomic(new, "y")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)
    assert old.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("blocked", ["file.txt/below.json", "folder"])
def test_write_that_fails_is_one_sentence_and_leaves_nothing(tmp_path: Path, blocked: str) -> None:
    (tmp_path / "file.txt").write_text("kept")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DiaryError, match="cannot be written"):
        write_atomic(tmp_path / blocked, "x")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file.txt", "folder"]
    assert (tmp_path / "file.txt").read_text() == "kept"


def test_disk_that_fills_up_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "atlas.json"
    target.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiaryError, match="No space left"):
        write_atomic(target, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["atlas.json"]
    assert target.read_text() == "old"


def test_write_new_never_overwrites(tmp_path: Path) -> None:
    assert write_new(tmp_path / "x" / "a", "1")
    assert not write_new(tmp_path / "x" / "a", "2")
    assert (tmp_path / "x" / "a").read_text() == "1"


@pytest.mark.parametrize("data", [None, b"", b"{", b'{"a": 1', b"\xff\xfe{}"])
def test_read_json_of_a_missing_or_damaged_file_is_none(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "x.json").write_bytes(data)
    assert Store(Config(root=tmp_path)).read_json(tmp_path / "x.json") is None


def test_read_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"é": [1]}), encoding="utf-8")
    assert Store(Config(root=tmp_path)).read_json(tmp_path / "x.json") == {"é": [1]}


VALUE = {"é": ["a", 1, 2.5, None, {"b": True}], "n": -3}


def test_what_is_sealed_is_read_as_it_was(tmp_path: Path) -> None:
    store, path = Store(Config(root=tmp_path)), tmp_path / "x.json"
    assert store.read_sealed(path) is None
    write_atomic(path, sealed(VALUE))
    assert store.read_sealed(path) == VALUE
    path.write_text(json.dumps(VALUE))  # not sealed
    assert store.read_sealed(path) is None


def test_no_flipped_bit_of_what_is_sealed_is_believed(tmp_path: Path) -> None:
    store, path, data = Store(Config(root=tmp_path)), tmp_path / "x.json", sealed(VALUE).encode()
    for at in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[at // 8] ^= 1 << at % 8
        path.write_bytes(damaged)
        assert store.read_sealed(path) in (None, VALUE)
    for end in range(len(data)):
        path.write_bytes(data[:end])
        assert store.read_sealed(path) is None


def test_sweep_takes_what_killed_processes_left(tmp_path: Path) -> None:
    store = Store(Config(root=tmp_path))
    folders = (store.root, store.cache, store.root / "papers", store.staging)
    for folder in folders:
        folder.mkdir(exist_ok=True)
        for name in (".new.old", ".new.young", ".newer", "new.md"):
            (folder / name).write_text("x")
        os.utime(folder / ".new.old", (time.time() - PASSING - 60,) * 2)
    store.sweep()
    for folder in folders:
        assert {p.name for p in folder.iterdir() if p.is_file()} == {".new.young", ".newer", "new.md"}


def test_atlas_lies_at_the_top_and_all_else_may_be_deleted(tmp_path: Path) -> None:
    store = Store(Config(root=tmp_path))
    assert store.atlas == tmp_path / "atlas.json"
    assert {p.parent for p in (store.index, store.search, store.vectors)} == {tmp_path / ".paperdiary"}


def test_vectors_outlive_the_process(path: Path) -> None:
    with VectorCache(path) as cache:
        assert cache.get([]) == {}
        assert cache.get(["k1"]) == {}
        cache.put(some(1300))  # more than one batch of keys
        cache.put({})
    with VectorCache(path) as cache:
        assert same(cache.get([f"k{n}" for n in range(1301)]), some(1300))
        assert same(cache.get(["k3", "k3", "no", "k3"]), some(1, 3))


def test_later_vector_replaces_the_earlier(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put(some(1))
        cache.put({"k0": np.array([9, 9, 9], dtype=np.float32)})
        assert cache.get(["k0"])["k0"].tolist() == [9, 9, 9]


def test_doubles_are_kept_as_float32(path: Path) -> None:
    with VectorCache(path) as cache:
        cache.put({"a": np.array([1 / 3], dtype=np.float64)})
        got = cache.get(["a"])["a"]
    assert got.dtype == np.float32
    assert got[0] == np.float32(1 / 3)


def test_row_that_was_tampered_with_counts_as_absent(path: Path) -> None:
    import sqlite3

    with VectorCache(path) as cache:
        cache.put(some(4))
    db = sqlite3.connect(path)
    db.execute("UPDATE vectors SET data = zeroblob(8) WHERE key = 'k1'")
    db.execute("UPDATE vectors SET data = 'text' WHERE key = 'k2'")
    db.execute("UPDATE vectors SET key = 'moved' WHERE key = 'k3'")  # a good vector under another's name
    db.commit()
    db.close()
    with VectorCache(path) as cache:
        assert same(cache.get(["k0", "k1", "k2", "k3", "moved"]), some(1))
        cache.put(some(4))
        assert same(cache.get(["k0", "k1", "k2", "k3"]), some(4))


@pytest.mark.parametrize("data", [b"", b"not a database " * 100, b"SQLite format 3\0" + b"\xff" * 8000])
def test_file_that_is_no_database_is_begun_anew(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    with VectorCache(path) as cache:
        assert cache.get(["k0"]) == {}
        cache.put(some(2))
        assert same(cache.get(["k0", "k1"]), some(2))


def test_database_of_another_shape_is_begun_anew(path: Path) -> None:
    import sqlite3

    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE vectors (key TEXT PRIMARY KEY, vector BLOB)")
    db.commit()
    db.close()
    with VectorCache(path) as cache:
        assert cache.get(["k0"]) == {}
        cache.put(some(2))
        assert same(cache.get(["k0", "k1"]), some(2))


@pytest.mark.parametrize("seed", range(30))
def test_damage_anywhere_never_gives_a_wrong_vector(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    wanted = {f"k{n}": np.full(96, n, dtype=np.float32) for n in range(60)}
    with VectorCache(path) as cache:
        cache.put(wanted)
    raw = bytearray(path.read_bytes())
    if seed % 3 == 0:
        del raw[rng.randrange(len(raw)) :]
    else:
        at = rng.randrange(100 if seed % 3 == 1 else len(raw))
        raw[at : at + 64] = rng.randbytes(64)
    path.write_bytes(raw)
    with VectorCache(path) as cache:
        for key, vector in cache.get(wanted).items():
            assert (vector == wanted[key]).all()


@pytest.mark.parametrize(("stale", "left"), [(900, 902), (1200, 2)])
def test_vectors_of_gone_texts_are_forgotten_once_they_are_many(path: Path, stale: int, left: int) -> None:
    with VectorCache(path) as cache:
        cache.put(some(stale + 2))
        cache.keep_only(["k0", "k1", "k1", "never seen"])
        found = cache.get([f"k{n}" for n in range(stale + 2)])
    assert len(found) == left
    assert {"k0", "k1"} <= found.keys()


def test_two_at_a_time(path: Path) -> None:
    with VectorCache(path) as one, VectorCache(path) as two:
        one.put(some(2))
        two.put(some(2, 2))
        assert same(one.get(["k0", "k1", "k2", "k3"]), some(4))


def test_file_in_the_place_of_the_folder(path: Path) -> None:
    path.parent.write_text("in the way")
    with pytest.raises(DiaryError, match="cannot be used"):
        VectorCache(path)


def test_folder_in_the_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(DiaryError):
        VectorCache(path)
