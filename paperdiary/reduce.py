"""Vectors -> places on a plane: t-SNE, UMAP and the first two principal components.

A projection starts from the last atlas where there is one, so that what is known stays where it was
(Procrustes-aligned; new points begin at the median of their nearest neighbours).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from paperdiary.config import Options

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

COMPONENTS = 30  #: principal components that t-SNE and UMAP see
NEIGHBOURS = 5  #: a new point begins at the median of so many
WARM_ITERATIONS = 100
UMAP_FEW, UMAP_SHARE = 3, 0.1  #: up to so many new points, UMAP leaves the others where they are
TREE = 10_000  #: points up to which t-SNE sums forces over a tree
MANY = 2_000  #: points above which half the iterations do: neighbourhoods are kept as well
KNN = 4_096  #: points from which on UMAP is given the neighbours; below, umap-learn compares all with all
FEW = 5  #: up to so many points are laid out by their principal components


def pca(vectors: Array) -> Array:
    """The first COMPONENTS principal components: (n, d) -> (n, min(COMPONENTS, n, d))."""
    import numpy as np
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    count = min(COMPONENTS, *vectors.shape)
    if len(vectors) < 2:
        return np.zeros((len(vectors), max(count, 2)))
    with warnings.catch_warnings(), threadpool_limits(limits=1):  # the same digits on any number of processors
        warnings.simplefilter("ignore", RuntimeWarning)
        # d is hundreds: the covariance is solved faster than any sampling of it
        out = PCA(count, svd_solver="covariance_eigh").fit_transform(vectors.astype(np.float64))
    return np.asarray(np.nan_to_num(out))


def project(
    name: str, components: Array, start: Array | None, options: Options, *, warm: bool = True, edited: Any = None
) -> Array:
    """Places of n points.

    Args:
        name: one of REDUCERS.
        components: (n, c) from `pca`.
        start: (n, 2) last places, rows of NaN for new points; None where there is no last map.
        warm: begin at `start`; otherwise lay out anew and only turn the result towards it.
        edited: (n,) bool, points whose text changed; they move if their neighbours are elsewhere now.

    Returns:
        (n, 2), in the frame of `start` where that knows at least two points.
    """
    import numpy as np

    count = len(components)
    if start is None:
        start = np.full((count, 2), np.nan)
    known = ~np.isnan(start).any(axis=1)
    if warm and known.all() and (edited is None or not np.any(edited)):
        return start  # notes that went leave the others where they are
    if count <= FEW:
        out = _few(components)
    elif warm and known.sum() >= max(3, count / 2):
        first = _beginning(components, start, known, known & edited if edited is not None else known & False)
        out = REDUCERS[name](components, first, options, int((~known).sum()))
    else:
        out = REDUCERS[name](components, None, options, count)
    if known.sum() >= 2:
        out = align(out, out[known], start[known])
    return np.asarray(out)


def _few(components: Array) -> Array:
    """A handful of points: principal components at a readable scale, none on top of another."""
    import numpy as np

    count = len(components)
    if count < 2:
        return np.zeros((count, 2))
    out = np.zeros((count, 2))
    out[:, : min(2, components.shape[1])] = components[:, :2]
    scale = np.sqrt((out**2).sum(axis=1).mean())
    if scale < 1e-6 or count == 2:
        angle = 2 * np.pi * np.arange(count) / count
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    out = out / scale
    for row in range(1, count):
        while (np.abs(out[:row] - out[row]) < 0.05).all(axis=1).any():
            out[row] += (0.12, 0.06)
    return np.asarray(out)


def _beginning(components: Array, start: Array, known: Any, edited: Any) -> Array:
    """`start` with each new point at the median of its nearest known neighbours.

    An edited point stays where it was unless that is farther from the median than its neighbours are.
    """
    import numpy as np

    first = start.copy()
    anchors = np.flatnonzero(known)
    scale = max(float(start[known].std()), 1e-6)
    for row in np.flatnonzero(~known | edited):
        others = anchors[anchors != row]
        distance = ((components[others] - components[row]) ** 2).sum(axis=1)
        near = start[others[np.argsort(distance, kind="stable")[:NEIGHBOURS]]]
        middle = np.median(near, axis=0)
        reach = np.linalg.norm(near - middle, axis=1).max()
        if edited[row] and np.linalg.norm(start[row] - middle) <= max(reach, 0.1 * scale):
            continue
        nudge = np.array([np.cos(row), np.sin(row)]) * scale * 1e-3  # no two points at one place
        first[row] = middle + nudge
    return first


def align(points: Array, ours: Array, theirs: Array) -> Array:
    """`points` turned, mirrored, scaled and shifted as brings `ours` closest to `theirs`.

    Orthogonal Procrustes with scaling (Schönemann and Carroll, 1970); all arrays (m, 2).
    """
    import numpy as np

    centre, goal = ours.mean(axis=0), theirs.mean(axis=0)
    a, b = ours - centre, theirs - goal
    size = (a**2).sum()
    if size < 1e-12:
        return np.asarray(points - centre + goal)
    u, singular, vt = np.linalg.svd(a.T @ b)
    scale = singular.sum() / size
    if not np.isfinite(scale) or scale < 1e-9:
        return np.asarray(points - centre + goal)
    return np.asarray((points - centre) * scale @ (u @ vt) + goal)


def tsne(components: Array, first: Array | None, options: Options, new: int) -> Array:
    """t-SNE (van der Maaten and Hinton, 2008) by openTSNE; `first` starts it without exaggeration.

    Forces are summed over a tree (Barnes and Hut) up to TREE points, by interpolation (Linderman et al., 2019) above.
    """
    import numpy as np

    from paperdiary import knn

    count = len(components)
    perplexity = max(1.0, min(options.perplexity or 15.0, (count - 1) / 3))
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    near, squared = knn.nearest(components, int(min(count - 1, 3 * perplexity)))
    large = count > TREE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = PrecomputedNeighbors(near, np.sqrt(squared.astype(np.float64)))
        affinities = PerplexityBasedNN(perplexity=perplexity, knn_index=found, n_jobs=1)
        begin = _small(components[:, :2]) if first is None else first
        embedding = TSNEEmbedding(
            begin,
            affinities,
            negative_gradient_method="fft" if large else "bh",
            random_state=options.seed,
            learning_rate="auto",
            n_jobs=1,  # a second thread gains a seventh on an idle machine, and costs tenfold on a busy one
        )
        if first is None:
            share = 2 if count > MANY else 1
            embedding = embedding.optimize(250 // share, exaggeration=12, momentum=0.8)
            embedding = embedding.optimize(500 // share, momentum=0.8)
        else:
            embedding = embedding.optimize(WARM_ITERATIONS, momentum=0.8)
    return np.array(embedding, dtype=np.float64)


def umap(components: Array, first: Array | None, options: Options, new: int) -> Array:
    """UMAP (McInnes et al., 2018) by umap-learn.

    umap-learn scales any start to its own frame and then moves every point, so while few points are
    new they are only put among their neighbours and nothing else moves.
    """
    import numpy as np

    if first is not None and new <= max(UMAP_FEW, len(components) * UMAP_SHARE):
        return first
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

        count = min(15, len(components) - 1)
        model = UMAP(
            n_neighbors=count,
            metric="cosine",
            init=np.asarray(_small(components[:, :2]) if first is None else first, dtype=np.float32),
            random_state=options.seed,
            **(_near(components, count) if len(components) >= KNN else {}),
        )
        return np.asarray(model.fit_transform(components), dtype=np.float64)


def _near(components: Array, count: int) -> dict[str, Any]:
    """What spares umap-learn its own search for neighbours; the first of a point is the point itself."""
    import numpy as np

    from paperdiary import knn

    length = np.linalg.norm(components, axis=1, keepdims=True)
    near, squared = knn.nearest(components / np.maximum(length, 1e-12), count - 1)
    own = np.arange(len(components))[:, None]
    distance = np.hstack([np.zeros((len(own), 1), np.float32), squared.astype(np.float32) / 2])
    return {"precomputed_knn": (np.hstack([own, near]), distance), "force_approximation_algorithm": True}


def _small(points: Array) -> Array:
    """A start of standard deviation 1e-4, as both methods like it, without equal points."""
    import numpy as np

    rng = np.random.default_rng(0)
    spread = max(float(points.std()), 1e-12)
    return np.asarray(points / spread * 1e-4 + rng.normal(0, 1e-6, points.shape))


def two_axes(components: Array, first: Array | None, options: Options, new: int) -> Array:
    """The first two principal components."""
    return components[:, :2]


#: name in mkdocs.yml and in atlas.json -> function of (components, start or None, options, number of new points)
REDUCERS: dict[str, Callable[[Array, Array | None, Options, int], Array]] = {
    "tsne": tsne,
    "umap": umap,
    "pca": two_axes,
}
