"""What searching costs: seconds to build the files, bytes that a browser loads, seconds of a process.

usage: bench_search_cost.py [--corpus FOLDER] [--diary DIR] [--sizes 10000 100000] [--keep DIR]

FOLDER holds papers.jsonl.gz (title, abstract) and vectors-minilm-f16.npy, a row a paper; each paper is an entry of one
passage, and the papers are used again where there are not enough. DIR is a diary that was built.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paperdiary import encoder, ranking, searcher, shards
from paperdiary.entry import Entry, Passage
from paperdiary.query import parse
from paperdiary.ranking import Spread
from paperdiary.shardreader import Shards
from paperdiary.shards import Place

QUERIES = (
    "attention without recurrence", "graph neural networks for molecules", "trasnformer pretraining", "convol",
    "how to learn from few labels", "robot", "safe exploration in reinforcement learning with constraints", "the of",
)  # fmt: skip
MODEL = (
    "import sys; from paperdiary import embed; from paperdiary.config import Options;"
    " print(embed.load(Options())([sys.argv[1]]).shape)"
)


def entries_of(folder: Path, count: int) -> tuple[list[Entry], Any]:
    """`count` entries of one passage, and their vectors."""
    with gzip.open(folder / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines][:count]
    vectors = np.load(folder / "vectors-minilm-f16.npy", mmap_mode="r")
    out = []
    for n in range(count):
        p = papers[n % len(papers)]
        text = " ".join((p["abstract"] or p["title"]).split()[:120])
        name = f"note:{n}"
        passages = (Passage(name, 0, "", text),)
        out.append(Entry(name, p["title"], "paper", f"{n}.md", 1, f"{n}/", topic=p["area"], passages=passages))
    return out, vectors[np.arange(count) % len(papers)].astype(np.float32)


def packed(files: Sequence[Path]) -> int:
    """Bytes of files, each gzipped by itself as a server does it."""
    return sum(len(gzip.compress(f.read_bytes(), 6)) for f in files)


def answer(found: Shards, table: encoder.QueryEncoder, query: str) -> Any:
    asked = ranking.look_up(parse(query), found)
    words = ranking.sums(asked, found.count)
    assert found.vectors is not None
    meaning, missing = found.vectors.scores(searcher.vector(table, query))
    both = Spread.of(words).z(words), Spread.of(meaning, missing).z(meaning)
    best = ranking.in_order(ranking.fused(found.fusion, asked.size, *both), np.arange(found.count))[:10]
    return [found.passage(int(row)) for row in best]


def scale(folder: Path, count: int, work: Path) -> None:
    """Seconds and bytes of an index of `count` passages."""
    entries, vectors = entries_of(folder, count)
    place = Place(work / "search", work / "index.faiss")
    took = seconds(lambda: shards.update(place, entries, lambda: vectors, "model"))
    again = seconds(lambda: shards.update(place, entries, lambda: vectors, "model"))
    table = encoder.QueryEncoder(encoder.PACKAGED)
    found = Shards(place)
    first = seconds(lambda: answer(found, table, QUERIES[0]))
    times = sorted(seconds(lambda: answer(found, table, q)) for q in QUERIES * 3)  # noqa: B023
    parts = {name: sorted((place.folder / name).iterdir()) for name in ("words", "passages")}
    parts |= {"entries.json": [place.folder / "entries.json"], "index.faiss": [place.index]}
    print(f"\n{count} passages: built in {took:.1f} s, found unchanged in {again:.2f} s, peak memory {memory():.0f} MB")
    middle, late = times[len(times) // 2] * 1000, times[-2] * 1000
    print(f"  first answer {first * 1000:.0f} ms, then {middle:.0f} ms (p95 {late:.0f})")
    for name, files in parts.items():
        size, gz = sum(f.stat().st_size for f in files) / 1e6, packed(files) / 1e6
        each = f"per 1,000 {gz / count * 1e6:6.1f} KB"
        print(f"  {name:14}{len(files):5} files {size:8.2f} MB, gzipped {gz:7.2f}; {each}")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cold(site: Path) -> None:
    """Bytes of a first search in the browser that are the same for every diary, and those that are its own."""
    folder = site / shards.FOLDER
    meta = json.loads((folder / "meta.json").read_bytes())
    code = sorted((site / "assets" / "paperdiary" / "search").glob("*"))
    print(f"\nfirst search, cold, gzipped: scripts {packed(code) / 1000:.0f} KB")
    table = encoder.QueryEncoder(encoder.PACKAGED)
    rows = folder / "encoder" / meta["encoder"]["identity"]
    vocab = packed([rows / "vocab.txt"])
    for query in QUERIES[:1] + QUERIES[1:2] + QUERIES[4:7]:
        numbers = {i // shards.TOKENS for i in table.tokens(query) if i < table.rows.shape[0]}
        tokens = packed([rows / f"{n}.bin" for n in numbers])
        total = packed(code) + vocab + tokens
        print(f"  {query!r}: vocabulary {vocab / 1000:.0f} KB, {len(numbers)} token files {tokens / 1000:.0f} KB,"
              f" together {total / 1000:.0f} KB")  # fmt: skip
    own = [folder / "meta.json", folder / "entries.json", folder / "index.faiss"]
    print(f"  the diary's own: {packed(own) / 1000:.0f} KB for {meta['passages']} passages,")
    print(
        f"  and per word {packed(sorted((folder / 'words').glob('*.bin'))) / len(meta['words']['first']) / 1000:.0f} KB"
    )


def process(diary: Path, runs: int = 5) -> None:
    """Seconds of a whole process, wall and processor: the best of some."""
    search = [sys.executable, "-m", "paperdiary", "-C", str(diary), "search", QUERIES[0], "--json"]
    full = [sys.executable, "-c", MODEL, QUERIES[0]]
    print()
    best = {}
    for name, command in (("diary search", search), ("a process that loads the model", full)):
        times = [timed(command) for _ in range(runs)]
        best[name] = min(wall for wall, _ in times), min(cpu for _, cpu in times)
        print(f"{name}: {best[name][0]:.2f} s, {best[name][1]:.2f} s of processor time")
    one, two = best.values()
    print(f"ratio: {two[0] / one[0]:.1f} in wall time, {two[1] / one[1]:.1f} in processor time")


def timed(command: list[str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = seconds(lambda: subprocess.run(command, capture_output=True, check=True))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--diary", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--keep", type=Path, help="leave the index of each size in DIR/SIZE")
    given = parser.parse_args()
    if given.diary:
        cold(given.diary / "site")
        process(given.diary)
    for count in given.sizes if given.corpus else ():
        with tempfile.TemporaryDirectory() as folder:
            scale(given.corpus, count, given.keep / str(count) if given.keep else Path(folder))


if __name__ == "__main__":
    main()
