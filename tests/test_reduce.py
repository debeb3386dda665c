from __future__ import annotations

import numpy as np
import pytest

from paperdiary import reduce
from paperdiary.config import Options

OPTIONS = Options(embedder="hashing")


def blobs(sizes: tuple[int, ...], width: int = 32, seed: int = 0) -> np.ndarray:
    """Unit vectors in well separated groups."""
    rng = np.random.default_rng(seed)
    rows = [rng.normal(0, 0.15, (size, width)) + np.eye(width)[n] * 2 for n, size in enumerate(sizes)]
    out = np.concatenate(rows)
    return (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)


def purity(points: np.ndarray, sizes: tuple[int, ...]) -> float:
    """Share of points whose nearest neighbour is of their own group."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return float((group[distance.argmin(axis=1)] == group).mean())


def radius(points: np.ndarray) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 29, 31, 50])
def test_pca_has_no_more_components_than_there_are(count: int) -> None:
    out = reduce.pca(blobs((count,), 40))
    assert len(out) == count
    assert 2 <= out.shape[1] <= 30
    assert np.isfinite(out).all()


@pytest.mark.parametrize("rows", [np.zeros((8, 16)), np.ones((8, 16)), np.eye(16)[[0] * 8]])
def test_pca_of_equal_rows_is_finite(rows: np.ndarray) -> None:
    assert np.isfinite(reduce.pca(rows.astype(np.float32))).all()


@pytest.mark.parametrize("name", ["tsne", "umap", "pca"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_handful_is_laid_out_with_no_point_on_another(name: str, count: int) -> None:
    out = reduce.project(name, reduce.pca(blobs((count,))), None, OPTIONS)
    assert out.shape == (count, 2)
    assert np.isfinite(out).all()
    assert len(np.unique(out.round(3), axis=0)) == count


@pytest.mark.parametrize("count", [2, 3, 5])
def test_handful_of_equal_texts_is_spread(count: int) -> None:
    out = reduce.project("tsne", reduce.pca(np.ones((count, 8), np.float32)), None, OPTIONS)
    assert len(np.unique(out.round(3), axis=0)) == count


@pytest.mark.parametrize("count", [6, 7, 10, 40])
@pytest.mark.parametrize("perplexity", [0.0, 15.0, 1e6])
def test_tsne_takes_any_number_and_any_perplexity(count: int, perplexity: float) -> None:
    out = reduce.project("tsne", reduce.pca(blobs((count,))), None, Options(perplexity=perplexity))
    assert out.shape == (count, 2)
    assert np.isfinite(out).all()


def test_tsne_keeps_groups_together_and_is_repeatable() -> None:
    sizes = (15, 10, 8)
    components = reduce.pca(blobs(sizes))
    one, two = (reduce.project("tsne", components, None, OPTIONS) for _ in range(2))
    assert purity(one, sizes) > 0.95
    assert (one == two).all()


def test_tsne_of_equal_points_is_finite_and_distinct() -> None:
    out = reduce.project("tsne", np.zeros((10, 10)), None, OPTIONS)
    assert np.isfinite(out).all()
    assert len(np.unique(out, axis=0)) == 10


@pytest.mark.parametrize("name", ["tsne", "pca"])
def test_same_points_stay_where_they_were(name: str) -> None:
    components = reduce.pca(blobs((15, 10, 8)))
    last = reduce.project(name, components, None, OPTIONS)
    again = reduce.project(name, components, last, OPTIONS)
    moved = np.sqrt(((again - last) ** 2).sum(axis=1))
    assert np.median(moved) < 0.05 * radius(last)


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(3),
        pytest.param(5),
        6,
        20,
    ],
)
def test_twins_are_not_on_top_of_each_other(count: int) -> None:
    vectors = blobs((count,))
    vectors[1] = vectors[0]
    out = reduce.project("tsne", reduce.pca(vectors), None, OPTIONS)
    assert len(np.unique(out.round(4), axis=0)) == count


def test_new_point_lands_in_its_group_and_the_others_stay() -> None:
    sizes = (15, 10, 8)
    vectors = blobs(sizes)
    last = reduce.project("tsne", reduce.pca(vectors[1:]), None, OPTIONS)
    start = np.vstack([[np.nan, np.nan], last])
    now = reduce.project("tsne", reduce.pca(vectors), start, OPTIONS)
    moved = np.sqrt(((now[1:] - last) ** 2).sum(axis=1)) / radius(last)
    assert np.median(moved) < 0.1
    assert purity(now, sizes) > 0.95


def test_new_layout_is_turned_like_the_last_where_most_points_are_new() -> None:
    components = reduce.pca(blobs((15, 10, 8)))
    start = np.full((33, 2), np.nan)
    start[:3] = [[5, 5], [5.1, 5], [5, 5.1]]
    now = reduce.project("tsne", components, start, OPTIONS)
    assert np.isfinite(now).all()
    assert np.allclose(now[:3].mean(axis=0), start[:3].mean(axis=0))


@pytest.mark.parametrize("known", [0, 1, 2])
def test_too_few_known_points_are_no_trouble(known: int) -> None:
    start = np.full((8, 2), np.nan)
    start[:known] = 3.0  # all at one place
    now = reduce.project("tsne", reduce.pca(blobs((8,))), start, OPTIONS)
    assert now.shape == (8, 2)
    assert np.isfinite(now).all()


@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("mirror", [1, -1])
@pytest.mark.parametrize("scale", [0.01, 1.0, 40.0])
def test_align_undoes_turning_mirroring_scaling_and_shifting(angle: float, mirror: int, scale: float) -> None:
    rng = np.random.default_rng(1)
    theirs = rng.normal(size=(12, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, mirror])
    ours = theirs @ turn * scale + [7, -3]
    more = np.vstack([ours, ours.mean(axis=0)])
    got = reduce.align(more, ours, theirs)
    assert np.allclose(got[:12], theirs)
    assert np.allclose(got[12], theirs.mean(axis=0))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (np.zeros((3, 2)), np.arange(6.0).reshape(3, 2)),
        (np.arange(6.0).reshape(3, 2), np.ones((3, 2))),
        (np.array([[1.0, 1.0]]), np.array([[2.0, 5.0]])),
    ],
)
def test_align_of_a_single_place_only_shifts(ours: np.ndarray, theirs: np.ndarray) -> None:
    points = np.array([[0.0, 0.0], [4.0, 3.0]])
    got = reduce.align(points, ours, theirs)
    assert np.allclose(got[1] - got[0], [4, 3])
    assert np.allclose(got - points, theirs.mean(axis=0) - ours.mean(axis=0))
