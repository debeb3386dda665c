"""What the words of the search are worth: words, WordPiece tokens, both; and typing errors. For docs/search.md.

usage: bench_search_words.py [--work DIR] FOLDER

FOLDER and DIR as in bench_search.py, whose vectors are used.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from pathlib import Path

import numpy as np
from bench_search import SEED, Array, entry, few_words, json_lines, reciprocal_rank

from paperdiary import embed, encoder, keywords, ranking, searcher
from paperdiary.config import Options
from paperdiary.postings import UNIT, Words, index
from paperdiary.query import parse
from paperdiary.ranking import Spread
from paperdiary.shardreader import Shards
from paperdiary.shards import Place, update
from paperdiary.store import VectorCache


class Pieces:
    """BM25 over WordPiece tokens, with the weights of the words."""

    def __init__(self, table: encoder.QueryEncoder, texts: list[tuple[str, str]]) -> None:
        self.table, self.count = table, len(texts)
        self.words: Words = index((self.as_words(title), "", self.as_words(text)) for title, text in texts)
        self.number = {term: n for n, term in enumerate(self.words.terms)}

    def as_words(self, text: str) -> str:
        return " ".join(f"t{i}" for i in self.table.tokens(text))

    def scores(self, query: str) -> Array:
        kept = " ".join(w.text for w in keywords.words(query) if w.term not in keywords.STOP and not w.compound)
        out = np.zeros(self.count)
        for term in dict.fromkeys(self.as_words(kept or query).split()):
            if term in self.number:
                one = self.words[self.number[term]]
                out[one.rows] += one.weights.astype(float) * one.idf * 256 * UNIT
        return out


def ways(found: Shards, pieces: Pieces, table: encoder.QueryEncoder, query: str, right: int) -> dict[str, float]:
    """Reciprocal rank of the right paper by each way to rank."""
    asked = ranking.look_up(parse(f"{query} "), found)
    words = ranking.sums(asked, found.count) * found.unit
    tokens = pieces.scores(query)
    assert found.vectors is not None
    meaning, missing = found.vectors.scores(searcher.vector(table, query))
    near = Spread.of(meaning, missing).z(meaning)
    out = {}
    for name, values in (("words", words), ("WordPiece tokens", tokens), ("both added up", words + tokens)):
        both = ranking.fused(found.fusion, asked.size, Spread.of(values).z(values), near)
        out[name] = reciprocal_rank(values, right)
        out[f"{name}, with meaning"] = reciprocal_rank(both, right)
    return out


def mistyped(word: str, chance: random.Random) -> str:
    """A word with a letter left out, added or changed, or two swapped, not at its ends."""
    at, letter = chance.randrange(1, len(word) - 1), chance.choice("abcdefghijklmnopqrstuvwxyz")
    head, tail = word[:at], word[at:]
    return chance.choice(
        [head + tail[1:], head + letter + tail, head + letter + tail[1:], head + tail[1] + tail[0] + tail[2:]]
    )


def typed(found: Shards, table: encoder.QueryEncoder, query: str, right: int, *, mended: bool) -> float:
    """Reciprocal rank of the right paper for a query, with or without the stand-ins of unknown words."""
    asked = ranking.look_up(parse(query if mended else re.sub(r"(\S+)", r'"\1"', query)), found)  # a phrase has none
    words = ranking.sums(asked, found.count)
    text = ranking.meant(parse(query), asked, lambda word: len(table.tokens(word)) == 1) if mended else query
    assert found.vectors is not None
    meaning, missing = found.vectors.scores(searcher.vector(table, text))
    near = Spread.of(words).z(words), Spread.of(meaning, missing).z(meaning)
    return reciprocal_rank(ranking.fused(found.fusion, asked.size, *near), right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=Path(".distil"))
    given = parser.parse_args()
    papers, pairs = json_lines(given.folder / "docs.jsonl"), json_lines(given.folder / "queries.jsonl")
    number = {p["id"]: n for n, p in enumerate(papers)}
    chance = random.Random(SEED)
    right = [number[p["doc"]] for p in pairs]
    kinds = {
        "summaries": [p["query"] for p in pairs],
        "2 to 4 words": [few_words(p["query"], chance) for p in pairs],
        "titles": [papers[n]["title"] for n in right],
    }
    table = encoder.QueryEncoder(encoder.PACKAGED)
    with VectorCache(given.work / "bench.sqlite") as cache:
        documents, _ = embed.embed([f"{p['title']}. {p['abstract'] or ''}" for p in papers], Options(), cache)
    pieces = Pieces(table, [(p["title"], p["abstract"] or "") for p in papers])
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "search", Path(folder) / "index.faiss")
        update(place, [entry(p) for p in papers], lambda: documents, embed.identity(Options()))
        found = Shards(place)
        columns: dict[str, dict[str, float]] = {}
        for kind, queries in kinds.items():
            ranks = [ways(found, pieces, table, q, n) for q, n in zip(queries, right, strict=True)]
            columns[kind] = {way: float(np.mean([r[way] for r in ranks])) for way in ranks[0]}
        print("| words of | " + " | ".join(kinds) + " |\n|---|" + "---|" * len(kinds))
        for way in columns["titles"]:
            print(f"| {way} | " + " | ".join(f"{columns[kind][way]:.4f}" for kind in kinds) + " |")
        errors: dict[str, list[float]] = {}
        for query, n in zip(kinds["summaries"], right, strict=True):
            words = re.findall(r"[a-zA-Z]{5,}", query)
            three = [words[i] for i in sorted(chance.sample(range(len(words)), min(3, len(words))))]
            if len(three) == 3:
                at = chance.randrange(3)
                wrong = " ".join([*three[:at], mistyped(three[at], chance), *three[at + 1 :]])
                errors.setdefault("three words", []).append(typed(found, table, " ".join(three) + " ", n, mended=True))
                errors.setdefault("one mistyped", []).append(typed(found, table, f"{wrong} ", n, mended=True))
                errors.setdefault("the same, not corrected", []).append(typed(found, table, wrong, n, mended=False))
        print("\n" + "\n".join(f"| {name} | {np.mean(ranks):.4f} |" for name, ranks in errors.items()))


if __name__ == "__main__":
    main()
