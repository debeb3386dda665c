"""How well search finds: the table of docs/query-encoder.md.

usage: bench_search.py [--work DIR] FOLDER

FOLDER holds docs.jsonl (id, title, abstract) and queries.jsonl (query, doc). Each paper becomes an entry with one
passage, `title. abstract` as the model sees it; the words, their weights and the sum are those of `diary search`.
Prints the mean reciprocal rank of the right paper for three kinds of queries: the summaries as they are, 2 to 4
words of each (its content words, drawn with a fixed seed), and the papers' own titles. The model's vectors are kept
under --work.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paperdiary import embed, encoder, ranking
from paperdiary.config import Options
from paperdiary.entry import Entry, Passage
from paperdiary.query import parse
from paperdiary.ranking import Spread
from paperdiary.shardreader import Shards
from paperdiary.shards import Place, update
from paperdiary.store import VectorCache
from paperdiary.views import stop_words

Array = np.ndarray[Any, np.dtype[Any]]
SEED = 5


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def entry(paper: dict[str, Any]) -> Entry:
    """A paper as an entry of one passage."""
    name = str(paper["id"])
    text = paper["abstract"] or ""
    return Entry(name, paper["title"], "paper", "a.md", 1, name, passages=(Passage(name, 0, "", text),))


def few_words(query: str, chance: random.Random) -> str:
    """2 to 4 content words of a query, in its order."""
    words = [w for w in re.findall(r"[^\W\d_][\w-]{2,}", query) if w.lower() not in stop_words()]
    words = list(dict.fromkeys(words))
    chosen = sorted(chance.sample(range(len(words)), min(len(words), chance.randint(2, 4))))
    return " ".join(words[n] for n in chosen) or query


def reciprocal_rank(totals: Array, right: int) -> float:
    order = ranking.in_order(totals, np.arange(len(totals)))
    return 1.0 / (1 + int(np.flatnonzero(order == right)[0]))


def measure(
    shards: Shards, queries: Sequence[str], right: Sequence[int], vectors: dict[str, Array]
) -> dict[str, float]:
    """The mean reciprocal rank of each way to rank.

    Args:
        vectors: name of an encoder -> (queries, d) unit vectors.
    """
    found: dict[str, list[float]] = {}
    assert shards.vectors is not None
    for n, (query, want) in enumerate(zip(queries, right, strict=True)):
        asked = ranking.look_up(parse(query), shards)
        words = ranking.sums(asked, shards.count)
        by_words = Spread.of(words).z(words)
        found.setdefault("words (BM25)", []).append(reciprocal_rank(by_words, want))
        for name, rows in vectors.items():
            meaning, missing = shards.vectors.scores(rows[n])
            by_meaning = Spread.of(meaning, missing).z(meaning)
            both = ranking.fused(shards.fusion, asked.size, by_words, by_meaning)
            found.setdefault(name, []).append(reciprocal_rank(by_meaning, want))
            found.setdefault(f"{name} + words", []).append(reciprocal_rank(both, want))
    return {name: float(np.mean(ranks)) for name, ranks in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".distil"))
    parser.add_argument("--encoder", type=Path, default=encoder.PACKAGED, help="folder of the query encoder's table")
    given = parser.parse_args()
    papers, pairs = json_lines(given.folder / "docs.jsonl"), json_lines(given.folder / "queries.jsonl")
    number = {p["id"]: n for n, p in enumerate(papers)}
    chance = random.Random(SEED)
    summaries, right = [p["query"] for p in pairs], [number[p["doc"]] for p in pairs]
    kinds = {
        f"{len(pairs)} summaries": (summaries, right),
        "2 to 4 words of each": ([few_words(s, chance) for s in summaries], right),
        f"{len(papers)} titles": ([p["title"] for p in papers], list(range(len(papers)))),
    }
    options, table = Options(), encoder.QueryEncoder(given.encoder)
    texts = [f"{p['title']}. {p['abstract'] or ''}" for p in papers]
    with VectorCache(given.work / "bench.sqlite") as cache:
        documents, _ = embed.embed(texts, options, cache)
        exact = {kind: embed.embed(queries, options, cache)[0] for kind, (queries, _) in kinds.items()}
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "search", Path(folder) / "index.faiss")
        update(place, [entry(p) for p in papers], lambda: documents, embed.identity(options))
        shards = Shards(place)
        for kind, (queries, wanted) in kinds.items():
            ways = {"query encoder": table.encode(queries), "whole model": exact[kind]}
            results[kind] = measure(shards, queries, wanted, ways)
    print(f"MRR among {len(papers)} papers; query encoder {table.identity}\n")
    print("| | " + " | ".join(results) + " |\n|---|" + "---|" * len(results))
    for way in next(iter(results.values())):
        print(f"| {way} | " + " | ".join(f"{results[kind][way]:.4f}" for kind in results) + " |")


if __name__ == "__main__":
    main()
