from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from atlases import entries

from paperdiary import neighbours
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Place
from paperdiary.entry import Entry
from paperdiary.neighbours import UNIT, Neighbours


@dataclass
class Folder:
    cache: Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / ".paperdiary")


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def vectors(count: int, d: int = 16, seed: int = 3) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, d)))


def placed(found: list[Entry], points: np.ndarray | None = None, texts: dict[str, str] | None = None) -> Atlas:
    """An atlas with these places in every projection."""
    points = np.zeros((len(found), 2)) if points is None else points
    where = {
        e.id: Place({p: (float(x), float(y)) for p in PROJECTIONS}, "c1", (texts or {}).get(e.id, "t"))
        for e, (x, y) in zip(found, points, strict=True)
    }
    return Atlas((Cluster("c1", "One", len(found)),), where)


def never() -> np.ndarray:
    raise AssertionError("the vectors were asked for")


def run(folder: Folder, found: list[Entry], atlas: Atlas, rows: np.ndarray, count: int = 5) -> Neighbours:
    return neighbours.update(folder, found, atlas, "model", count, lambda: rows)


def by_hand(rows: np.ndarray, k: int) -> list[list[int]]:
    close = np.rint(rows.astype(np.float64) @ rows.T.astype(np.float64) * UNIT)
    np.fill_diagonal(close, -np.inf)
    return [sorted(range(len(rows)), key=lambda o: (-close[r, o], o))[:k] for r in range(len(rows))]


@pytest.mark.parametrize("count", [2, 3, 11, 12, 40, 700, 1500])
def test_nearest_are_those_of_the_largest_cosines(folder: Folder, count: int) -> None:
    rows, found = vectors(count), entries(count)
    got = run(folder, found, placed(found), rows)
    k = min(10, count - 1)
    assert got.k == k
    near = [[r for r, _ in got.near(n)] for n in range(count)]
    wanted = by_hand(rows, k)
    cosines = rows @ rows.T
    for n in range(count):  # of two equally near to 1/UNIT either may come first
        assert np.allclose(cosines[n, near[n]], cosines[n, wanted[n]], atol=1.1 / UNIT)
        assert n not in near[n]
        assert len(set(near[n])) == k
        assert [c for _, c in got.near(n)] == pytest.approx(cosines[n, near[n]].tolist(), abs=1 / UNIT)


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_has_neighbours_where_there_is_no_other(folder: Folder, count: int) -> None:
    found = entries(count)
    got = run(folder, found, placed(found), vectors(count) if count else np.zeros((0, 0), np.float32))
    assert got.related(5) == {e.id: [] for e in found}
    assert got.quality("tsne") == 100


def test_related_takes_as_many_as_are_asked_for(folder: Folder) -> None:
    found = entries(30)
    got = run(folder, found, placed(found), vectors(30), count=12)
    assert got.k == 12
    assert {len(v) for v in got.related(12).values()} == {12}
    assert {len(v) for v in got.related(3).values()} == {3}
    assert got.related(0)["e0"] == []


def test_same_vectors_are_each_others_nearest(folder: Folder) -> None:
    rows, found = vectors(60), entries(60)
    rows[7] = rows[41]
    rows[8] = 0  # an entry without words
    got = run(folder, found, placed(found), rows)
    assert got.near(7)[0] == (41, 1.0)
    assert got.near(41)[0] == (7, 1.0)
    assert [c for _, c in got.near(8)] == [0.0] * 10
    assert all(c > 0 for n in range(60) if n != 8 for _, c in got.near(n)[:3])
    assert not [n for n in range(60) if n != 8 and 8 in [r for r, _ in got.near(n)[:3]]]


# -- from build to build


def test_nothing_is_computed_where_nothing_changed(folder: Folder) -> None:
    found = entries(25)
    first = run(folder, found, placed(found), vectors(25))
    again = neighbours.update(folder, found, placed(found), "model", 5, never)
    assert (again.ids, again.k, list(again.rows), list(again.cosines)) == (
        first.ids, first.k, list(first.rows), list(first.cosines),
    )  # fmt: skip
    assert {p: list(again.kept[p]) for p in PROJECTIONS} == {p: list(first.kept[p]) for p in PROJECTIONS}


def test_nothing_heavy_is_imported_where_nothing_changed(folder: Folder, tmp_path: Path) -> None:
    found = entries(25)
    run(folder, found, placed(found), vectors(25))
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from atlases import entries
from paperdiary import neighbours
from paperdiary.atlas import PROJECTIONS, Atlas, Cluster, Place
class Folder: cache = Path({str(folder.cache)!r})
found = entries(25)
where = {{e.id: Place({{p: (0.0, 0.0) for p in PROJECTIONS}}, "c1", "t") for e in found}}
got = neighbours.update(Folder, found, Atlas((Cluster("c1", "One", 25),), where), "model", 5, lambda: 1 / 0)
assert len(got.near(3)) == 10
print([m for m in ("numpy", "scipy", "sklearn", "faiss", "torch") if m in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert out.stdout.strip() == "[]", out.stderr


@pytest.mark.parametrize("count", [60, 1200])
def test_a_new_entry_an_edit_and_one_that_went_give_what_a_fresh_start_gives(folder: Folder, count: int) -> None:
    rows, found = vectors(count), entries(count)
    run(folder, found, placed(found), rows)
    kept = [n for n in range(count) if n not in {5, 17}]
    other = [found[n] for n in reversed(kept)] + entries(count + 2)[-2:]
    fresh = np.vstack([rows[kept][::-1], vectors(2, seed=9)])
    fresh[3] = vectors(1, seed=11)  # edited
    texts = {other[3].id: "new"}
    got = run(folder, other, placed(other, texts=texts), fresh)
    anew = run(Folder(folder.cache / "other"), other, placed(other, texts=texts), fresh)
    assert got.ids == anew.ids
    cosines = fresh @ fresh.T
    for n in range(len(other)):
        assert [c for _, c in got.near(n)] == pytest.approx([c for _, c in anew.near(n)], abs=1.1 / UNIT)
        assert [cosines[n, r] for r, _ in got.near(n)] == pytest.approx([c for _, c in got.near(n)], abs=1.1 / UNIT)


def test_only_what_is_new_is_compared_with_all(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, found = vectors(300), entries(300)
    run(folder, found[:299], placed(found[:299]), rows[:299])
    asked: list[int] = []
    search = neighbours._search

    def counting(all_rows: np.ndarray, wanted: np.ndarray, k: int) -> object:
        asked.extend(wanted.tolist())
        return search(all_rows, wanted, k)

    monkeypatch.setattr(neighbours, "_search", counting)
    run(folder, found, placed(found), rows)
    assert asked == [299]


def test_a_moved_map_asks_for_no_new_neighbours(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, found = vectors(40), entries(40)
    first = run(folder, found, placed(found), rows)
    monkeypatch.setattr(neighbours, "_nearest", never)
    moved = run(folder, found, placed(found, np.random.default_rng(0).normal(size=(40, 2))), rows)
    assert list(moved.rows) == list(first.rows)
    assert list(moved.kept["tsne"]) != list(first.kept["tsne"])


@pytest.mark.parametrize("what", ["model", "count", "text"])
def test_another_model_number_or_text_is_computed_anew(folder: Folder, what: str) -> None:
    rows, found = vectors(30), entries(30)
    run(folder, found, placed(found), rows)
    texts = {"e0": "other"} if what == "text" else None
    count = 12 if what == "count" else 5
    with pytest.raises(AssertionError, match="asked for"):
        neighbours.update(folder, found, placed(found, texts=texts), "2" if what == "model" else "model", count, never)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b"", lambda b: b"{}\n", lambda b: b.replace(b"e3", b"e4")]
)
def test_a_damaged_file_is_made_anew(folder: Folder, damage: Callable[[bytes], bytes]) -> None:
    rows, found = vectors(30), entries(30)
    first = run(folder, found, placed(found), rows)
    path = folder.cache / "neighbours.bin"
    path.write_bytes(damage(path.read_bytes()))
    assert list(run(folder, found, placed(found), rows).rows) == list(first.rows)


# -- on the map


def test_a_map_that_is_the_meaning_keeps_every_neighbour(folder: Folder) -> None:
    angles = np.linspace(0, np.pi, 60)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = entries(60)
    got = run(folder, found, placed(found, rows), rows)
    assert got.of == 10
    assert set(got.kept["umap"]) == {100}
    assert got.quality("umap") == 100


def test_one_that_lies_among_strangers_is_told(folder: Folder) -> None:
    rng = np.random.default_rng(1)
    rows = unit(np.vstack([rng.normal((9, 0, 0), 0.3, (40, 3)), rng.normal((0, 9, 0), 0.3, (40, 3))]))
    points = np.vstack([rng.normal((0, 0), 1, (40, 2)), rng.normal((50, 0), 1, (40, 2))])
    points[4] = (50, 0)
    found = entries(80)
    kept = list(run(folder, found, placed(found, points), rows).kept["pca"])
    assert kept[4] == 0
    assert np.mean(kept) > 20


def test_all_at_one_place_or_of_one_meaning_is_no_fault_of_the_map(folder: Folder) -> None:
    found = entries(50)
    same = np.tile(vectors(1), (50, 1))
    points = np.random.default_rng(2).normal(size=(50, 2))
    assert set(run(folder, found, placed(found, points), same).kept["tsne"]) == {100}
    assert set(run(Folder(folder.cache / "b"), found, placed(found), vectors(50)).kept["tsne"]) == {100}


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, 0), (1, 0), (2, 1), (4, 1), (7, 2), (11, 3), (30, 9), (31, 10), (900, 10)]
)
def test_a_small_diary_is_judged_by_fewer(count: int, wanted: int) -> None:
    assert neighbours.looked_at(count) == wanted


def test_an_entry_without_a_place_does_not_stop_it(folder: Folder) -> None:
    found = entries(20)
    atlas = placed(found)
    atlas = replace(atlas, places={i: p for i, p in atlas.places.items() if i != "e3"})
    assert len(run(folder, found, atlas, vectors(20)).near(3)) == 10
