"""How long a large diary takes to lay out, group, name and index, and how much memory, with its vectors given.

usage: bench_scale.py CORPUS COUNT [--json]

CORPUS is a folder with papers.jsonl.gz and vectors-minilm-f16.npy, a row a paper. Takes the first COUNT papers, one
entry with one passage each, and does what a first build does between the embedding and the pages: principal components,
t-SNE, UMAP, K-Means, names on both levels, nearest entries, and the files of the search. Prints the seconds of each
step and the most memory the process had.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from paperdiary import atlas as atlases
from paperdiary import atlas_file, cluster, levels, neighbours, reduce, shards
from paperdiary.atlas import Atlas
from paperdiary.config import Config
from paperdiary.entry import Entry, Passage
from paperdiary.store import Store


def read(corpus: Path, count: int) -> list[Entry]:
    """The first papers as entries."""
    out = []
    with gzip.open(corpus / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row, line in enumerate(itertools.islice(lines, count)):
            paper = json.loads(line)
            name = f"note:{row}"
            tags = tuple(str(k) for k in paper.get("keywords") or ())[:5]
            text = (Passage(name, 0, "", paper["abstract"]),)
            topic = str(paper.get("area") or "")
            out.append(
                Entry(name, paper["title"], "paper", f"{row}.md", 1, f"{row}/", topic=topic, tags=tags, passages=text)
            )
    return out


def measure(corpus: Path, count: int) -> dict[str, float]:
    """Seconds of each step, of all, and the peak of memory in GB."""
    entries = read(corpus, count)
    vectors = np.load(corpus / "vectors-minilm-f16.npy", mmap_mode="r")[:count].astype(np.float32)
    took: dict[str, float] = {}

    def timed(owner: Any, name: str, label: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            out = plain(*args, **kwargs)
            took[label] = took.get(label, 0.0) + time.perf_counter() - started
            return out

        setattr(owner, name, step)

    timed(reduce, "pca", "principal components")
    for method in ("tsne", "umap"):
        step = reduce.REDUCERS[method]

        def project(*args: Any, step: Callable[..., Any] = step, method: str = method) -> Any:
            started = time.perf_counter()
            out = step(*args)
            took[method] = time.perf_counter() - started
            return out

        reduce.REDUCERS[method] = project
    timed(cluster, "assign", "K-Means")
    timed(cluster, "names", "names")
    timed(levels, "update", "second level of names")
    timed(neighbours, "update", "nearest entries")
    timed(shards, "update", "files of the search")
    timed(atlas_file, "write", "atlas.json")
    with tempfile.TemporaryDirectory() as folder:
        config = Config(Path(folder))
        store = Store(config)
        started = time.perf_counter()
        now = atlases.update(config, entries, vectors, Atlas())
        now = levels.update(now, (), entries)
        atlas_file.write(store, now)
        neighbours.update(store, entries, now, "bench", config.options.related, lambda: vectors)
        places = {i: place.cluster for i, place in now.places.items()}
        shards.update(shards.place(store), entries, lambda: vectors, "bench", places)
        took["all"] = time.perf_counter() - started
    took["clusters"] = len(now.clusters)
    unit = 1024 if sys.platform == "linux" else 1  # bytes that ru_maxrss counts in
    took["peak GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.corpus, given.count)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24}{value:10.2f}")


if __name__ == "__main__":
    main()
