"""How long it takes to read a folder of notes, new and again.

usage: bench_notes.py [--notes N] [--runs R]

Writes N copies of the notes of this project under other names into a temporary folder, and prints the
median seconds to parse all of them, to read them again unchanged, and to read them with one changed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from paperdiary import config, notes
from paperdiary.store import Store

ROOT = Path(__file__).resolve().parent.parent


def seconds(settings: config.Config) -> float:
    started = time.perf_counter()
    notes.read_all(settings)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(ROOT / "mkdocs.yml", root)
        sources = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "notes").rglob("*.md"))]
        for number in range(arguments.notes):
            path = root / "notes" / f"topic-{number % 50}" / f"note-{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sources[number % len(sources)], encoding="utf-8")
        settings = config.load(root)
        taken: dict[str, list[float]] = {"new": [], "unchanged": [], "one changed": []}
        for run in range(arguments.runs):
            Store(settings).notes.unlink(missing_ok=True)
            taken["new"].append(seconds(settings))
            taken["unchanged"].append(seconds(settings))
            (root / "notes" / "topic-0" / "note-0.md").write_text(f"# Changed {run}\n", encoding="utf-8")
            taken["one changed"].append(seconds(settings))
    print(f"{arguments.notes} notes, {arguments.runs} runs: median seconds (least to most)")
    for name, values in taken.items():
        print(f"{name:12} {statistics.median(values):6.2f} ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
