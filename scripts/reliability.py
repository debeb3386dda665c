"""What docs/reliability.md says was tried, tried on this machine: `make reliability`.

usage: reliability.py [ROW...] [--share 1.0] [--shared ../shared]

Each row makes faults, or odd inputs, by the hundred and counts what became of them: survived means that nothing was
lost, half written or wrong, that what failed said why in a sentence, and that the next run completed by itself. Rows
are printed as they are done and kept in docs/reliability.json, from which docs/reliability.md is written; rows that
were not asked for stay as they were. The faults themselves are in crash_*.py, damage_state.py, fault_*.py and fuzz.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bench_nights
import crash_add
import crash_build
import damage_state
import fault_disk
import fault_pairs
import fuzz
from bench import machine
from fault_common import ROOT, Tally

STORED = ROOT / "docs" / "reliability.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    tried: int
    survived: int
    found: str  #: more about it
    wrong: tuple[str, ...]  #: the first of what did not survive
    seconds: int
    day: str

    @property
    def lost(self) -> int:
        return self.tried - self.survived


class NotHereError(Exception):
    """A row cannot be tried here; says why."""


Result = tuple[int, int, str, list[str]]  #: tried, survived, more about it, what was wrong


def _killed(found: Any, more: str) -> Result:
    """A row of a crash script."""
    bad = max(len({line.partition(":")[0] for line in found.half}), found.tries - found.completed)
    wrong = [*found.half, *([f"{found.tries - found.completed} second runs"] if bad > len(found.half) else [])]
    return found.tries, found.tries - bad, f"{found.killed} died at work, {more}; the next run completed", wrong


def kill_add(count: int, shared: Path) -> Result:
    found = crash_add.kills(count)
    return _killed(found, f"{found.before} of them before the note was there")


def kill_build(count: int, shared: Path, what: str = "build") -> Result:
    with tempfile.TemporaryDirectory() as folder:
        found = crash_build.TRIED[what](Path(folder), count)
    return _killed(found, f"{found.new} of them when all was there")


def kill_describe(count: int, shared: Path) -> Result:
    try:
        script: Any = importlib.import_module("crash_describe")
    except ModuleNotFoundError:
        raise NotHereError("there is no `diary describe` yet") from None
    with tempfile.TemporaryDirectory() as folder:
        found = script.tries(Path(folder), count)
    return _killed(found, "each description whole or not there")


def damage(count: int, shared: Path) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        found = damage_state.tries(Path(folder), count)
    tried = sum(found.tries.values())
    bad = len({line.partition(":")[0] for line in found.wrong})
    return (
        tried,
        tried - bad,
        f"{len(found.tries)} files, each in turn; {found.told} times the reader was told",
        found.wrong,
    )


def _tallied(tally: Tally, more: str = "") -> Result:
    kinds = ", ".join(f"{name} {count}" for name, count in tally.kinds.items())
    said = f"{tally.said} ended with a sentence" if tally.said else ""
    return tally.tried, tally.survived, "; ".join(filter(None, [kinds, more, said])), tally.wrong


def pairs(count: int, shared: Path) -> Result:
    return _tallied(fault_pairs.tries(count))


def disk(count: int, shared: Path, what: str) -> Result:
    return _tallied(fault_disk.FAULTS[what](count))


def fuzzed(count: int, shared: Path, kind: str) -> Result:
    tally, slowest = fuzz.tries(kind, count / fuzz.KINDS[kind][1])
    refused = f"{tally.said} refused in a sentence, " if tally.said else ""
    return tally.tried, tally.survived, f"{refused}slowest {slowest:.1f} s", tally.wrong


def nights(count: int, shared: Path) -> Result:
    corpus = shared / "corpus"
    if not (corpus / "papers.jsonl.gz").is_file():
        raise NotHereError(f"needs the corpus in {corpus.name}/, which is not here")
    with tempfile.TemporaryDirectory() as folder:
        found = bench_nights.run(Path(folder), corpus, START, count, 7)
    first, last = bench_nights.medians(found.seconds)
    (n, cache, atlas), (m, cache_then, atlas_then) = found.sizes
    text = (
        f"a night took {first:.1f} s at first ({n} entries) and {last:.1f} s at last ({m}), medians of ten;"
        f" `.paperdiary/` {cache / 1e6:.1f} MB, then {cache_then / 1e6:.1f} MB ({cache / n / 1e3:.0f} and"
        f" {cache_then / m / 1e3:.0f} KB an entry); `atlas.json` {atlas / 1e3:.0f} KB, then {atlas_then / 1e3:.0f} KB;"
        f" the median entry moved by {statistics.median(found.moves):.1%} of the map's radius a night, and by"
        f" {found.year:.0%} from the first night to the last"
    )
    return count, count - found.lost, text, [f"{found.lost} nights"] if found.lost else []


def two_nights(count: int, shared: Path) -> Result:
    from rehearse_workflows import nights as rehearse

    done = rehearse(count)
    steps = "; ".join(f"night {number}: {text}" for number, text in enumerate(done, 1))
    return count, len(done), steps, [] if len(done) == count else ["a night failed"]


START = 60  #: entries before the first night

Try = Callable[[int, Path], Result]
#: name on the command line -> what it tries, how often, how
ROWS: dict[str, tuple[str, int, Try]] = {
    "kill-add": ("`kill -9` of `diary add` at random moments", 200, kill_add),
    "kill-import": ("the same of `diary import`", 200, functools.partial(kill_build, what="import")),
    "kill-build": ("the same of `diary build`: the site is the old or the new one", 200, kill_build),
    "kill-describe": ("the same of `diary describe`", 200, kill_describe),
    "damage": ("a file of the state damaged: recognised and made again, no wrong result", 500, damage),
    "two-at-once": ("two processes at once", 96, pairs),
    "full-disk": ("a disk that fills up at any moment", 120, functools.partial(disk, what="full")),
    "locked": ("folders that cannot be written", 54, functools.partial(disk, what="locked")),
    "removed": ("the cache, or a file of it, deleted", 80, functools.partial(disk, what="removed")),
    **{
        f"fuzz-{kind}": (f"odd inputs: {what}", count, functools.partial(fuzzed, kind=kind))
        for kind, (what, count, _) in fuzz.KINDS.items()
    },
    "nights": ("a note a night: entries and map kept, state and time bounded", 365, nights),
    "two-nights": ("`nightly.yml` run here, night after night, with one new note", 2, two_nights),
}


def measure(name: str, share: float, shared: Path) -> Row:
    what, count, function = ROWS[name]
    started = time.perf_counter()
    try:
        tried, survived, found, wrong = function(max(1, round(count * share)), shared)
    except NotHereError as e:
        tried, survived, found, wrong = 0, 0, str(e), []
    took = round(time.perf_counter() - started)
    return Row(what, tried, survived, found, tuple(wrong[:20]), took, dt.date.today().isoformat())


def document(rows: dict[str, Row], where: str) -> str:
    """docs/reliability.md."""
    known = [rows[name] for name in ROWS if name in rows]
    tried, lost = sum(r.tried for r in known), sum(r.lost for r in known)
    lines = [
        "# Reliability\n",
        f"Made by `make reliability` (`scripts/reliability.py`) on {where}: {tried:,} faults and odd inputs, {lost}"
        " lost. Survived: no note was lost or half written, the result was never a wrong one, what failed said why in a"
        " sentence, and the next run completed by itself.\n",
        "| what was tried | tried | survived | lost | more | day |",
        "|---|---:|---:|---:|---|---|",
    ]
    for r in known:
        counts = f"{r.tried:,} | {r.survived:,} | {r.lost}" if r.tried else "not tried | | "
        lines.append(f"| {r.what} | {counts} | {r.found} | {r.day} |")
    if left := [f"`{name}` ({ROWS[name][1]:,})" for name in ROWS if name not in rows]:
        lines.append(f"\nNot tried at full length yet, `make reliability ROWS=NAME` does: {', '.join(left)}.")
    if wrong := [(name, line) for name in ROWS if name in rows for line in rows[name].wrong]:
        lines += ["\n## Lost\n", *(f"- `{name}`: `{line.replace('`', '')}`" for name, line in wrong)]
    return "\n".join(lines) + "\n"


def stored() -> dict[str, Row]:
    try:
        rows = json.loads(STORED.read_text(encoding="utf-8"))["rows"]
        return {name: Row(**{**row, "wrong": tuple(row["wrong"])}) for name, row in rows.items()}
    except (OSError, ValueError, TypeError, LookupError):
        return {}


def keep(name: str, row: Row) -> None:
    """Put a row into docs/reliability.json and write docs/reliability.md; others may do so at the same time."""
    from paperdiary.store import only_one, write_atomic

    with only_one(Path(tempfile.gettempdir()) / "paperdiary-reliability.lock", 60, "Another row is being kept."):
        rows, where = {**stored(), name: row}, machine()
        value = {"machine": where, "rows": {n: asdict(rows[n]) for n in ROWS if n in rows}}
        write_atomic(STORED, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
        write_atomic(STORED.with_suffix(".md"), document(rows, where))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--share", type=float, default=1.0, help="of the tries, for a look; such rows are not kept")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    given = parser.parse_args()
    if unknown := [name for name in given.rows if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    bad = False
    for name in given.rows or ROWS:
        row = measure(name, given.share, given.shared)
        print(f"{name}: {row.tried} tried, {row.lost} lost ({row.seconds} s): {row.found}", flush=True)
        print("".join(f"  {line}\n" for line in row.wrong), end="", flush=True)
        bad = bad or bool(row.lost)
        if given.share >= 1:
            keep(name, row)
    sys.exit(bad)


if __name__ == "__main__":
    main()
