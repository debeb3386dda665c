"""A diary that grows by a note a night: does the map stay, does the state stay small, does a night stay as long?

usage: bench_nights.py CORPUS [--start 60] [--nights 365] [--seed 7]

CORPUS is a folder as corpus_diary.py reads it. Every night adds a paper and builds the whole site; every tenth also
edits an old note, every thirtieth renames one, every fortieth deletes one. Prints, as medians of the first and of the
last ten nights: seconds of a night, the median move of an entry in parts of the map's radius, the share that changed
cluster; what lies under .paperdiary/ and in atlas.json at the start and at the end; and how far the entries of the
first night have come in the end.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import corpus_diary

from paperdiary import build, changes, mkdocs_run, nightly
from paperdiary import config as configs
from paperdiary.store import Store


@dataclass
class Found:
    """What came of the nights."""

    seconds: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)  #: of the median entry, parts of the radius
    relabelled: list[float] = field(default_factory=list)  #: share of the entries
    sizes: list[tuple[int, int, int]] = field(default_factory=list)  #: entries, bytes of .paperdiary/, of atlas.json
    lost: int = 0  #: nights whose entries did not add up
    year: float = 0.0  #: from the first night to the last: move of the median entry, parts of the radius


def run(root: Path, corpus: Path, start: int, nights: int, seed: int) -> Found:
    """Live through so many nights."""
    found = Found()
    paths = corpus_diary.write(root, corpus, start, seed=seed)
    coming = corpus_diary.papers(corpus, nights, seed, skip=start)
    corpus_diary.fill_cache(root, corpus)
    config = configs.load(root)
    begun = _night(root, found)
    found.seconds.clear()
    for number, (row, paper) in enumerate(coming, 1):
        name, text = corpus_diary.note(row, paper)
        path = root / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
        if number % 10 == 0:
            old = paths[number % len(paths)]
            old.write_text(old.read_text(encoding="utf-8") + "\nRead again, and understood better.\n", encoding="utf-8")
            corpus_diary.fill_cache(root, corpus, [old])
        if number % 30 == 0:
            old = paths.pop(3)
            paths.append(old.rename(old.with_name(f"renamed-{old.name}")))
        if number % 40 == 0:
            paths.pop(5).unlink()
        corpus_diary.fill_cache(root, corpus, [path])
        diary = _night(root, found)
        both = len(diary.atlas.places) - len(diary.changes.new)
        found.moves.append(diary.changes.distance)
        found.relabelled.append(len(diary.changes.moved) / both)
        found.lost += len(diary.entries) != len(paths)
        if number % 10 == 0:
            print(f"{number} of {nights} nights, {found.seconds[-1]:.1f} s, {_size(root, len(paths))}", file=sys.stderr)
    found.sizes.append(_size(config.root, len(paths)))
    found.year = changes.between(begun.atlas, diary.atlas, config.options.projection).distance
    return found


def _night(root: Path, found: Found) -> build.Diary:
    config = configs.load(root)
    started = time.perf_counter()
    diary = mkdocs_run.build(config, lambda message: None, build.no_bar).diary
    nightly.guard(diary)
    nightly.remember(diary)
    found.seconds.append(time.perf_counter() - started)
    if not found.sizes:
        found.sizes.append(_size(root, len(diary.entries)))
    return diary


def _size(root: Path, entries: int) -> tuple[int, int, int]:
    cache = Store(configs.load(root)).cache
    return entries, sum(p.stat().st_size for p in cache.rglob("*") if p.is_file()), (root / "atlas.json").stat().st_size


def medians(values: list[float], nights: int = 10) -> tuple[float, float]:
    """Of the first nights and of the last."""
    return statistics.median(values[:nights]), statistics.median(values[-nights:])


def table(found: Found) -> str:
    """The figures as Markdown."""
    rows = ["| | first 10 nights | last 10 nights |", "| --- | ---: | ---: |"]
    for name, values, factor, unit in (
        ("seconds of a night", found.seconds, 1.0, ""),
        ("median move of an entry", found.moves, 100.0, " %"),
        ("entries that changed cluster", found.relabelled, 100.0, " %"),
    ):
        one, two = (factor * value for value in medians(values))
        rows.append(f"| {name} | {one:.2f}{unit} | {two:.2f}{unit} |")
    (n, cache, atlas), (m, cache_then, atlas_then) = found.sizes
    rows += [
        f"| entries | {n} | {m} |",
        f"| `.paperdiary/` | {_bytes(cache, n)} | {_bytes(cache_then, m)} |",
        f"| `atlas.json` | {_bytes(atlas, n)} | {_bytes(atlas_then, m)} |",
    ]
    end = f"{len(found.seconds)} nights, {found.lost} of them with entries lost; from the first night to the last the"
    return "\n".join([*rows, "", f"{end} median entry moved by {found.year:.1%} of the map's radius."])


def _bytes(size: int, entries: int) -> str:
    return f"{size / 1000:,.0f} KB, {size / entries / 1000:.1f} KB an entry"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--start", type=int, default=60)
    arguments.add_argument("--nights", type=int, default=365)
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(table(run(Path(folder), given.corpus, given.start, given.nights, given.seed)))


if __name__ == "__main__":
    main()
