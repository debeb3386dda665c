"""How far the map moves when it grows by one paper a day.

Takes papers of a corpus (JSON Lines, gzipped or not, with title, abstract and keywords, and their unit vectors as a
.npy file, row by line), makes a diary's atlas of them and adds one paper a day. Prints, for t-SNE and UMAP, the median
move of a paper a day in parts of the map's RMS radius, the share of papers that changed cluster, and how well
the last map keeps neighbourhoods beside one that is laid out anew (trustworthiness of the 10 nearest).

usage: bench_stability.py CORPUS.jsonl[.gz] VECTORS.npy [--papers 200] [--days 30] [--draws 3]
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from paperdiary import atlas as atlases
from paperdiary import changes
from paperdiary.atlas import Atlas
from paperdiary.config import Config
from paperdiary.entry import Entry, Passage

MAPS = ("tsne", "umap")


def corpus(path: Path, rows: set[int]) -> dict[int, Entry]:
    """Some lines of the corpus as entries."""
    found = {}
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        for row, line in enumerate(lines):
            if row in rows:
                paper = json.loads(line)
                name = f"note:{row}"
                tags = tuple(str(k) for k in paper.get("keywords") or ())[:5]
                text = (Passage(name, 0, "", paper["abstract"]),)
                found[row] = Entry(
                    name, paper["title"], "paper", f"{row}.md", 1, f"{row}/", tags=tags, description="", passages=text
                )
    return found


def coordinates(atlas: Atlas, name: str, ids: list[str]) -> Any:
    return np.array([atlas.places[i].points[name] for i in ids])


def grow(entries: list[Entry], vectors: Any, start: int) -> dict[str, float]:
    """One diary: `start` papers, then one a day until all are in."""
    from sklearn.manifold import trustworthiness

    config = Config(Path())
    last = atlases.update(config, entries[:start], vectors[:start], Atlas())
    moves: dict[str, list[float]] = {name: [] for name in MAPS}
    relabelled, renamed = [], 0
    for size in range(start + 1, len(entries) + 1):
        now = atlases.update(config, entries[:size], vectors[:size], last)
        for name in MAPS:
            moves[name].append(changes.between(last, now, name).distance)
        relabelled.append(len(changes.between(last, now, "tsne").moved) / (size - 1))
        names = {c.id: c.name for c in last.clusters}
        renamed += sum(c.name != names.get(c.id, c.name) for c in now.clusters)
        last = now
    fresh = atlases.update(config, entries, vectors, Atlas())
    ids = [e.id for e in entries]
    out = {"relabelled": statistics.mean(relabelled), "renamed": float(renamed), "clusters": float(len(last.clusters))}
    for name in MAPS:
        out[f"{name} move"] = statistics.median(moves[name])
        out[f"{name} worst day"] = max(moves[name])
        kept = trustworthiness(vectors, coordinates(last, name, ids), n_neighbors=10)
        out[f"{name} trust"] = kept
        out[f"{name} trust fresh"] = trustworthiness(vectors, coordinates(fresh, name, ids), n_neighbors=10)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--papers", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--draws", type=int, default=3)
    given = parser.parse_args()
    vectors = np.load(given.vectors, mmap_mode="r")
    runs = []
    for draw in range(given.draws):
        rows = np.random.default_rng(draw).choice(len(vectors), given.papers + given.days, replace=False)
        papers = corpus(given.corpus, set(map(int, rows)))
        unit = vectors[rows].astype(np.float32)
        runs.append(grow([papers[int(r)] for r in rows], unit, given.papers))
    print(f"{given.papers} papers, {given.days} days, medians of {given.draws} draws (lowest to highest)")
    for key in runs[0]:
        values = sorted(run[key] for run in runs)
        print(f"{key:20}{statistics.median(values):8.4f}   ({values[0]:.4f} to {values[-1]:.4f})")


if __name__ == "__main__":
    main()
