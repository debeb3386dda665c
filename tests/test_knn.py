from __future__ import annotations

import numpy as np
import pytest

from paperdiary import knn


def rows(count: int, d: int = 12, seed: int = 3) -> np.ndarray:
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(max(count // 40, 1), d)) * 3
    return (centres[chance.integers(0, len(centres), count)] + chance.normal(size=(count, d))).astype(np.float32)


def by_hand(points: np.ndarray, k: int) -> np.ndarray:
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize("count", [2, 3, 17, 300])
def test_nearest_are_the_nearest(count: int) -> None:
    points = rows(count)
    near, far = knn.nearest(points, 5)
    k = min(5, count - 1)
    assert (near == by_hand(points, k)).all()
    assert np.allclose(far, ((points[:, None] - points[near]) ** 2).sum(axis=2), rtol=1e-3, atol=1e-2)
    assert (np.diff(far, axis=1) >= 0).all()


@pytest.mark.parametrize("count", [0, 1])
def test_none_has_no_neighbours(count: int) -> None:
    near, far = knn.nearest(np.zeros((count, 4), np.float32), 5)
    assert near.shape == far.shape == (count, 0)


def test_equal_rows_are_each_others_neighbours_in_order() -> None:
    near, far = knn.nearest(np.ones((6, 3), np.float32), 2)
    assert near.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 1]]
    assert not far.any()


def test_many_are_found_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    points = rows(3000)
    exact, _ = knn.nearest(points, 10)
    monkeypatch.setattr(knn, "EXACT", 100)
    near, far = knn.nearest(points, 10)
    shared = np.mean([len(set(a) & set(b)) for a, b in zip(exact, near, strict=True)]) / 10
    assert shared > 0.9
    assert not (near == np.arange(len(points))[:, None]).any()
    assert (np.diff(far, axis=1) >= 0).all()
    assert (np.sort(near, axis=1)[:, 1:] != np.sort(near, axis=1)[:, :-1]).all()


def test_many_equal_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knn, "EXACT", 10)
    near, far = knn.nearest(np.ones((500, 4), np.float32), 6)
    assert near.shape == (500, 6)
    assert not (near == np.arange(500)[:, None]).any()
    assert (near >= 0).all()
    assert not far.any()
