"""A diary of any size for looking at and for measuring: notes made from a file of real papers.

usage: corpus_diary.py CORPUS COUNT DIR [--seed 7] [--build]

CORPUS is a folder with papers.jsonl.gz (title, abstract, authors, venue, year, area) and vectors-minilm-f16.npy, a row
a paper. Writes COUNT notes, mkdocs.yml, and the corpus's own vectors into the diary's cache, so that a build embeds
nothing. The same seed gives the same notes, and fewer notes are the first of more.

For other scripts: `write` makes notes, `note` one note, `fill_cache` gives passages their vectors.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paperdiary import config as configs
from paperdiary import embed, notes, slugs
from paperdiary.passages import first_sentences
from paperdiary.store import Store, VectorCache

ROOT = Path(__file__).resolve().parent.parent
FIRST, LAST = dt.date(2019, 1, 7), dt.date(2026, 11, 15)  #: the days on which things were read
QUEUED, READING = 0.05, 0.005  #: shares of entries
#: the topic of a paper whose area is not known, from where it appeared
VENUES = {
    "robotics": "iros icra rss corl",
    "vision": "cvpr eccv iccv wacv 3dv",
    "language": "acl naacl coling colm",
    "learning": "nips icml iclr acml automl",
    "statistics": "aistats uai",
    "theory": "colt alt",
    "reasoning": "aaai ijcai",
    "web": "www",
}
_TOPIC = {venue: topic for topic, venues in VENUES.items() for venue in venues.split()}
_ROW = re.compile(r"-r?(\d+)\.md$")

Paper = dict[str, Any]


def papers(corpus: Path, count: int, seed: int = 7, skip: int = 0) -> list[tuple[int, Paper]]:
    """`count` papers in an order of chance, after the first `skip`, each with its row in the corpus."""
    with gzip.open(corpus / "papers.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    rows = list(range(len(lines)))
    random.Random(seed).shuffle(rows)
    return [(row, json.loads(lines[row])) for row in rows[skip : skip + count]]


def topic(paper: Paper) -> str:
    area = re.sub(r"\s+(?:I|II|III)$", "", paper["area"])
    return slugs.slug(area) if area else _TOPIC.get(paper["venue"], "other")


def note(row: int, paper: Paper) -> tuple[str, str]:
    """Path under notes/ and text of one paper's note."""
    chance = random.Random(row)
    kind = chance.random()
    status = "queued" if kind < QUEUED else "reading" if kind < QUEUED + READING else "read"
    start = min(max(FIRST, dt.date(paper["year"], 2, 1)), LAST - dt.timedelta(60))
    day = start + dt.timedelta(chance.randrange((LAST - start).days + 1))
    head = {
        "title": " ".join(paper["title"].split()),
        "authors": paper["authors"],
        "kind": "paper",
        "year": paper["year"],
        "url": f"https://example.org/{paper['venue']}/{row}",
        "date": day.isoformat() if status == "read" else None,
        "status": status if status != "read" else None,
        "tags": paper["keywords"][:4] or None,
        "description": first_sentences([paper["abstract"]], 200) or None,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items() if value is not None]
    name = f"{slugs.slug(head['title'])[:60].strip('-')}-r{row}.md"  # six digits alone would be read as a date
    return f"{topic(paper)}/{name}", "\n".join(["---", *lines, "---", "", paper["abstract"], ""])


def write(root: Path, corpus: Path, count: int, *, seed: int = 7, skip: int = 0) -> list[Path]:
    """Notes of `count` papers under root/notes/, and a mkdocs.yml where there is none; the notes' paths."""
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "mkdocs.yml").exists():
        shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    out = []
    for row, paper in papers(corpus, count, seed, skip):
        name, text = note(row, paper)
        path = root / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        out.append(path)
    return out


def fill_cache(root: Path, corpus: Path, paths: Sequence[Path] = ()) -> int:
    """Put the corpus's vectors into the diary's cache, for all notes or for some; the number of passages.

    Each passage of a paper gets the vector of the whole paper: as good as any for timing and for looking.
    """
    import numpy as np

    config = configs.load(root)
    vectors = np.load(corpus / "vectors-minilm-f16.npy", mmap_mode="r")
    prefix = embed.identity(config.options)
    chosen = {str(path.relative_to(config.notes).as_posix()) for path in paths}
    found = {}
    for each in notes.read_all(config):
        row = _ROW.search(each.path)
        if not row or (chosen and each.path not in chosen):
            continue
        vector = embed.normalised(vectors[int(row[1])][None].astype(np.float32))[0]
        found.update((embed.text_key(prefix, t), vector) for entry in each.entries for t in embed.passage_texts(entry))
    with VectorCache(Store(config).vectors) as cache:
        cache.put(found)
    return len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--build", action="store_true", help="build the site as well")
    given = parser.parse_args()
    written = write(given.dir, given.corpus, given.count, seed=given.seed)
    print(f"{len(written)} notes, {fill_cache(given.dir, given.corpus)} passages with their vectors")
    if given.build:
        from paperdiary import cli

        cli.main(["-C", str(given.dir), "build"])


if __name__ == "__main__":
    main()
