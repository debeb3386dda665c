"""Passages a second against `SentenceTransformer.encode` as it comes, and how well the vectors agree.

usage: bench_embed.py [--passages N] [--runs R] [--device cpu|cuda|mps] [--corpus PAPERS.jsonl.gz]
                      [--json]

Takes the passages of this project's own notes, or titles with abstracts of a corpus, as often as needed, and runs both
ways in turn in one process. Prints medians, the ratio of each run, and the lowest cosine between the two.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import statistics
import time
from pathlib import Path

import numpy as np

from paperdiary import batches, config, embed, notes


def passages(count: int, corpus: Path | None) -> list[str]:
    if corpus:
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            papers = (json.loads(line) for line in itertools.islice(lines, count))
            return [f"{p['title']}\n{p['abstract']}" for p in papers]
    found = [e for note in notes.read_all(config.load(Path(__file__).parent)) for e in note.entries]
    texts = [text for entry in found for text in embed.passage_texts(entry)]
    return list(itertools.islice(itertools.cycle(texts), count))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--device")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    folder = str(embed.find_weights(config.DEFAULT_MODEL))
    plain = SentenceTransformer(folder, device=given.device, local_files_only=True)
    ours = batches.Encoder(SentenceTransformer(folder, device=given.device, local_files_only=True))
    texts = passages(given.passages, given.corpus)
    plain.encode(texts[:64])
    ours(texts[:64])
    rates: list[tuple[float, float]] = []
    for _ in range(given.runs):
        started = time.perf_counter()
        theirs = plain.encode(texts, show_progress_bar=False)
        middle = time.perf_counter()
        vectors = ours(texts)
        rates.append((len(texts) / (middle - started), len(texts) / (time.perf_counter() - middle)))
    unit = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    ratios = sorted(b / a for a, b in rates)
    medians = statistics.median(b for _, b in rates), statistics.median(a for a, _ in rates)
    if given.json:
        cosine = float((unit * vectors).sum(axis=1).min())
        found = {"ratio": statistics.median(ratios), "ours": medians[0], "theirs": medians[1], "cosine": cosine}
        print(json.dumps(found))
        return
    print(f"{ours.device}: {len(texts)} passages, medians of {given.runs} runs")
    print(f"SentenceTransformer.encode  {medians[1]:10.1f} passages/s")
    print(f"paperdiary                  {medians[0]:10.1f} passages/s")
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    print(f"lowest cosine {float((unit * vectors).sum(axis=1).min()):.5f}")


if __name__ == "__main__":
    main()
