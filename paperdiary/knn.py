"""The nearest rows of each row: exact for as many as a diary has, approximate above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]
    Rows = np.ndarray[Any, np.dtype[np.int64]]

EXACT = 10_000  #: rows up to which every distance is computed; above, only those to rows in the nearest lists
STEP = 2**22  #: distances that are held at a time
PROBE = 24  #: lists that are searched for a row; with sqrt(n) * 4 lists, 97 % of the true neighbours are found


def nearest(rows: Array, k: int) -> tuple[Rows, Array]:
    """The `k` nearest others of each of n rows by Euclidean distance.

    Args:
        rows: (n, d); for unit vectors the order is that of the cosine, which is 1 - distance / 2.
        k: how many; at most n - 1 are given.

    Returns:
        (n, k) numbers of rows and (n, k) squared distances, nearest first; of two at the same distance the one
        that stands first.
    """
    import numpy as np

    points = np.ascontiguousarray(rows, dtype=np.float32)
    keep = max(0, min(k, len(points) - 1))
    if not keep:
        return np.zeros((len(points), 0), np.int64), np.zeros((len(points), 0), np.float32)
    return _exact(points, keep) if len(points) <= EXACT else _approximate(points, keep)


def _exact(points: Array, k: int) -> tuple[Rows, Array]:
    import numpy as np

    count = len(points)
    squares = (points**2).sum(axis=1)
    found, far = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    step = max(1, STEP // count)
    for at in range(0, count, step):
        part = points[at : at + step]
        distance = squares[at : at + step, None] + squares - 2 * part @ points.T
        own = np.arange(len(part))
        distance[own, own + at] = np.inf
        best = np.argpartition(distance, k - 1, axis=1)[:, :k]
        best.sort(axis=1)  # a stable order among equals
        near = np.take_along_axis(distance, best, axis=1)
        order = near.argsort(axis=1, kind="stable")
        found[at : at + step] = np.take_along_axis(best, order, axis=1)
        far[at : at + step] = np.take_along_axis(near, order, axis=1)
    return found, np.maximum(far, 0)


def _approximate(points: Array, k: int) -> tuple[Rows, Array]:
    """By an inverted file (Sivic and Zisserman, 2003): each row is compared with those of the nearest lists."""
    import faiss
    import numpy as np

    count, d = points.shape
    lists = int(4 * count**0.5)
    means = faiss.Clustering(d, lists)
    means.niter, means.seed, means.max_points_per_centroid = 6, 42, 40
    found = faiss.IndexFlatL2(d)  # the means are taken from here: faiss.Kmeans fails in a process with PyMuPDF
    means.train(points, found)
    quantizer = faiss.IndexFlatL2(d)
    quantizer.add(found.reconstruct_n(0, lists))
    index = faiss.IndexIVFFlat(quantizer, d, lists, faiss.METRIC_L2)
    index.nprobe = min(lists, PROBE)
    index.train(points)
    index.add(points)
    near, far = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    for at in range(0, count, 8_192):
        part = slice(at, min(at + 8_192, count))
        distance, other = index.search(points[part], k + 1)
        own = np.arange(part.start, part.stop)[:, None]
        last = ~(other == own).any(axis=1)  # among equals a row may miss itself: then the farthest goes
        drop = other == own
        drop[last, -1] = True
        kept = ~drop
        near[part] = other[kept].reshape(-1, k)
        far[part] = distance[kept].reshape(-1, k)
    if (near < 0).any():  # so few rows in the lists that were searched
        rest = np.flatnonzero((near < 0).any(axis=1))
        near[rest], far[rest] = _some(points, rest, k)
    return near, np.maximum(far, 0)


def _some(points: Array, rows: Rows, k: int) -> tuple[Rows, Array]:
    """The nearest of a few rows, exactly."""
    import numpy as np

    found, far = np.empty((len(rows), k), np.int64), np.empty((len(rows), k), np.float32)
    for n, row in enumerate(rows):
        distance = ((points - points[row]) ** 2).sum(axis=1)
        distance[row] = np.inf
        found[n] = np.argsort(distance, kind="stable")[:k]
        far[n] = distance[found[n]]
    return found, far
