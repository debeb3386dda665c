"""How often `diary add` would file a note into the folder its reader chose.

usage: bench_topics.py [DIARY] [--abstracts FILE] [--outside FILE]

Each entry of a built diary is taken for new: what its nearest entries suggest, without itself, is compared with
its folder. Printed are how many suggestions are right, and for some thresholds how many are sure enough to be
followed and how many of those are right.

--abstracts: lines of JSON with `title` and `abstract` (.gz or not). Entries found there are looked up by their
abstract, as `diary add` does, and the others left out; without it by their description.
--outside: a title and abstract a line of things that belong in no folder of this diary; printed is how many of them
would be filed nevertheless.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from pathlib import Path

from paperdiary import build, config, topics
from paperdiary.searcher import Searcher
from paperdiary.topics import Suggestion

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("diary", nargs="?", type=Path, default=ROOT)
    arguments.add_argument("--abstracts", type=Path)
    arguments.add_argument("--outside", type=Path)
    given = arguments.parse_args()
    diary = build.read(config.load(given.diary))
    by_id = {e.id: e for e in diary.entries}
    searcher = Searcher(diary, lambda message: None)
    found: list[tuple[Suggestion, bool]] = []
    seconds = 0.0
    texts = _abstracts(given.abstracts) if given.abstracts else {}
    for entry in diary.entries:
        own = texts.get(_letters(entry.title), "" if texts else entry.description)
        if not entry.topic or not own:
            continue
        started = time.perf_counter()
        hits = searcher.search(topics.query(entry.title, own), topics.ASKED + 1)
        seconds += time.perf_counter() - started
        suggestion = topics.suggest([h for h in hits if h.entry != entry.id], by_id)
        found.append((suggestion, suggestion.best[0] == entry.topic))
    count = max(len(found), 1)
    print(f"{len(found)} entries in {len({e.topic for e in diary.entries if e.topic})} folders")
    print(f"right: {sum(right for _, right in found) / count:.0%}; {1000 * seconds / count:.0f} ms each")
    outside = given.outside.read_text(encoding="utf-8").splitlines() if given.outside else []
    others = [topics.suggest(searcher.search(topics.query("", t), topics.ASKED), by_id) for t in outside]
    for share in (0.3, 0.4, 0.45, 0.5, 0.6):
        for close in (0.0, topics.CLOSE):
            sure = [right for s, right in found if s.best[1] >= share and s.close >= close]
            line = f"share >= {share}, cosine >= {close}: {len(sure) / count:.0%} filed, "
            line += f"{sum(sure) / max(len(sure), 1):.0%} of them right"
            if others:
                wrong = sum(s.best[1] >= share and s.close >= close for s in others)
                line += f"; {wrong} of {len(others)} outsiders filed"
            print(line + (" <- used" if (share, close) == (topics.SURE, topics.CLOSE) else ""))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _abstracts(path: Path) -> dict[str, str]:
    """Abstract by title, from lines of JSON."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as rows:
        return {_letters(row["title"]): row["abstract"] for row in map(json.loads, rows) if row.get("abstract")}


if __name__ == "__main__":
    main()
