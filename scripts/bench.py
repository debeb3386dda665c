"""Every figure that docs/benchmarks.md promises, measured on this machine: `make bench`.

usage: bench.py [ROW...] [--runs 5] [--shared ../shared]

Each row is a ratio, or a figure, of one run on one machine; medians of the runs. Rows are printed as they are done and
kept in docs/benchmarks.json, from which docs/benchmarks.md is written; rows that were not asked for stay as they were.
Rows that need the corpus say so where SHARED (papers and vectors, see `corpus_diary.py`) is absent.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
STORED = ROOT / "docs" / "benchmarks.json"
LARGE, MEDIUM = 87_000, 10_000  #: entries between which growth is measured
PASSAGES = 300  #: that are embedded in a run
DAYS, PAPERS = 30, 200

#: runs the command line and prints, last, the seconds until the pages were begun and until all was done
BUILD = """
import json, sys, time
started = time.perf_counter()
from paperdiary import build
plain, before = build.run, []
def run(*args, **kwargs):
    out = plain(*args, **kwargs)
    before.append(time.perf_counter() - started)
    return out
build.run = run
from paperdiary.cli import main
try:
    main(["-q", "-C", sys.argv[1], "build"], standalone_mode=False)
except SystemExit as e:
    if e.code:
        raise
print(json.dumps({"before pages": before and before[0], "all": time.perf_counter() - started}))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    wanted: str
    found: str
    reached: bool | None  #: None where it could not be measured
    runs: int
    load: float  #: of the machine when it began: processes that wanted a processor
    day: str


class NotHereError(Exception):
    """A row cannot be measured here; says why."""


class Bench:
    """The rows. Each function gives (what was found, whether that is enough, runs)."""

    def __init__(self, shared: Path, runs: int) -> None:
        self.shared = shared
        self.runs = runs

    def corpus(self) -> Path:
        folder = self.shared / "corpus"
        if not (folder / "papers.jsonl.gz").is_file():
            raise NotHereError(f"needs the corpus in {folder.name}/, which is not here")
        return folder

    # -- the map

    def stability(self) -> dict[str, float]:
        """Medians over the draws of what `bench_stability.py` measures."""
        import numpy as np
        from bench_stability import corpus, grow

        folder = self.corpus()
        vectors = np.load(folder / "vectors-minilm-f16.npy", mmap_mode="r")
        draws = []
        for draw in range(self.runs):
            rows = np.random.default_rng(draw).choice(len(vectors), PAPERS + DAYS, replace=False)
            papers = corpus(folder / "papers.jsonl.gz", set(map(int, rows)))
            draws.append(grow([papers[int(r)] for r in rows], vectors[rows].astype(np.float32), PAPERS))
        return {key: statistics.median(d[key] for d in draws) for key in draws[0]}

    def map_stays(self) -> tuple[str, bool, int]:
        found = self._stability
        text = (
            f"t-SNE {found['tsne move']:.2%}, UMAP {found['umap move']:.2%} of the RMS radius;"
            f" {found['relabelled']:.2%} relabelled"
        )
        enough = max(found["tsne move"], found["umap move"]) <= 0.02 and found["relabelled"] <= 0.005
        return text, enough, self.runs

    def map_good(self) -> tuple[str, bool, int]:
        found = self._stability
        lost = {name: found[f"{name} trust fresh"] - found[f"{name} trust"] for name in ("tsne", "umap")}
        text = ", ".join(
            f"{label} {found[f'{name} trust']:.3f} beside {found[f'{name} trust fresh']:.3f} of a fresh fit"
            for name, label in (("tsne", "t-SNE"), ("umap", "UMAP"))
        )
        return text, max(lost.values()) <= 0.01, self.runs

    _kept_stability: dict[str, float] | None = None

    @property
    def _stability(self) -> dict[str, float]:
        if self._kept_stability is None:
            self._kept_stability = self.stability()
        return self._kept_stability

    # -- builds

    def nothing_changed(self) -> tuple[str, bool, int]:
        firsts, seconds = [], []
        for _ in range(self.runs):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                for name in ("mkdocs.yml", "atlas.json"):
                    shutil.copy(ROOT / name, root / name)
                shutil.copytree(ROOT / "notes", root / "notes")
                firsts.append(seconds_of(["-m", "paperdiary", "-q", "-C", folder, "build"]))
                seconds.append(seconds_of(["-m", "paperdiary", "-q", "-C", folder, "build"]))
        return ratio_text(seconds, firsts), ratio(seconds, firsts) <= 1 / 10, self.runs

    def _diary(self, root: Path, count: int, *, vectors: bool) -> list[Path]:
        """A diary of the corpus; with its vectors in the cache, or with nothing computed."""
        import corpus_diary

        paths = corpus_diary.write(root, self.corpus(), count)
        if vectors:
            corpus_diary.fill_cache(root, self.corpus())
        return [Path(root, "notes", path) if not Path(path).is_absolute() else Path(path) for path in paths]

    _kept_builds: dict[str, list[float]] | None = None

    @property
    def _builds_of_500(self) -> dict[str, list[float]]:
        """First builds, builds after one edit, and the baseline's runs, all in turn."""
        if self._kept_builds is None:
            found: dict[str, list[float]] = {"first": [], "before pages": [], "edited": [], "baseline": []}
            for _ in range(self.runs):
                with tempfile.TemporaryDirectory() as folder:
                    root = Path(folder)
                    written = self._diary(root, 500, vectors=False)
                    papers = self._papers(root / "papers.jsonl", 500)
                    first = output_of(["-c", BUILD, folder])
                    found["first"].append(first["all"])
                    found["before pages"].append(first["before pages"])
                    note = written[250]
                    note.write_text(
                        note.read_text(encoding="utf-8") + "\n\nRead again: the proof is the part that lasts.\n",
                        "utf-8",
                    )
                    found["edited"].append(output_of(["-c", BUILD, folder])["all"])
                    found["baseline"].append(seconds_of([*self._baseline(), str(papers), str(root / "map.html")]))
            self._kept_builds = found
        return self._kept_builds

    def _papers(self, path: Path, count: int) -> Path:
        import corpus_diary

        rows = [{"title": p["title"], "abstract": p["abstract"]} for _, p in corpus_diary.papers(self.corpus(), count)]
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        return path

    def _baseline(self) -> list[str]:
        from paperdiary import embed
        from paperdiary.config import DEFAULT_MODEL

        script = self.shared / "bench" / "baseline.py"
        if not script.is_file():
            raise NotHereError("needs the baseline's script, which is not here")
        return [str(script), "--model", str(embed.find_weights(DEFAULT_MODEL))]

    def one_of_500(self) -> tuple[str, bool, int]:
        found = self._builds_of_500
        text = ratio_text(found["edited"], found["first"])
        return text, ratio(found["edited"], found["first"]) <= 1 / 8, self.runs

    def baseline_500(self) -> tuple[str, bool, int]:
        found = self._builds_of_500
        text = ratio_text(found["before pages"], found["baseline"])
        return text, ratio(found["before pages"], found["baseline"]) < 1, self.runs

    def baseline_5000(self) -> tuple[str, bool, int]:
        """The baseline's own script, its line that embeds replaced by one that loads the same vectors."""
        import corpus_diary
        import numpy as np

        runs = min(self.runs, 3)
        ours, theirs = [], []
        script = Path(self._baseline()[0]).read_text(encoding="utf-8")
        line = "vectors = SentenceTransformer(a.model).encode(texts)"
        if line not in script:
            raise NotHereError("the baseline's script is another one")
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            self._diary(root, 5_000, vectors=True)
            self._papers(root / "papers.jsonl", 5_000)
            rows = [row for row, _ in corpus_diary.papers(self.corpus(), 5_000)]
            given = np.load(self.corpus() / "vectors-minilm-f16.npy", mmap_mode="r")[rows].astype(np.float32)
            np.save(root / "vectors.npy", given)
            cached = f"import numpy; vectors = numpy.load({str(root / 'vectors.npy')!r})"
            script = script.replace(line, cached).replace("from sentence_transformers import SentenceTransformer\n", "")
            (root / "baseline.py").write_text(script, encoding="utf-8")
            for _ in range(runs):
                for name in ("atlas.json", "atlas.json.before"):
                    (root / name).unlink(missing_ok=True)
                for path in (root / ".paperdiary").iterdir():
                    if not path.name.startswith("cache.sqlite"):
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                ours.append(seconds_of(["-c", PIPELINE, folder]))
                theirs.append(
                    seconds_of([str(root / "baseline.py"), str(root / "papers.jsonl"), str(root / "map.html")])
                )
        return ratio_text(ours, theirs), ratio(ours, theirs) <= 1 / 3, runs

    # -- embedding

    def _embedding(self, device: str) -> tuple[float, str]:
        command = [str(SCRIPTS / "bench_embed.py"), "--passages", str(PASSAGES if device == "cpu" else 20_000)]
        corpus = self.corpus() / "papers.jsonl.gz"
        out = text_of([*command, "--runs", str(self.runs), "--device", device, "--corpus", str(corpus), "--json"])
        found = json.loads(out.splitlines()[-1])
        text = (
            f"{found['ratio']:.2f} times: {found['ours']:.0f} passages a second beside {found['theirs']:.0f},"
            f" least cosine {found['cosine']:.5f}"
        )
        return found["ratio"], text

    def embedding_cpu(self) -> tuple[str, bool, int]:
        times, text = self._embedding("cpu")
        return text, times >= 1.5, self.runs

    def embedding_gpu(self) -> tuple[str, bool, int]:
        import torch

        if not torch.cuda.is_available():
            raise NotHereError("no GPU at hand; `scripts/bench_embed.py --device cuda` measures it")
        times, text = self._embedding("cuda")
        return text, times >= 4, self.runs

    # -- size

    def growth(self) -> tuple[str, bool, int]:
        found = {}
        for count in (MEDIUM, LARGE):
            out = text_of([str(SCRIPTS / "bench_scale.py"), str(self.corpus()), str(count), "--json"])
            found[count] = json.loads(out.splitlines()[-1])
            steps = ", ".join(f"{k} {v:.0f}" for k, v in found[count].items() if v >= 1)
            print(f"  {count:,} entries: {steps}", flush=True)
        seconds = {count: f["all"] for count, f in found.items()}
        exponent = math.log(seconds[LARGE] / seconds[MEDIUM]) / math.log(LARGE / MEDIUM)
        memory = max(f["peak GB"] for f in found.values())
        text = f"exponent {exponent:.2f} ({seconds[MEDIUM]:.0f} s to {seconds[LARGE]:.0f} s), {memory:.1f} GB"
        return text, exponent <= 1.2 and memory <= 4, 1

    def command_line(self) -> tuple[str, bool, int]:
        with tempfile.TemporaryDirectory() as folder:
            self._diary(Path(folder), 1_000, vectors=False)
            diary = ["-m", "paperdiary", "-C", folder]
            took: dict[str, list[float]] = {"--help": [], "list": [], "check": []}
            for _ in range(self.runs + 1):
                took["--help"].append(seconds_of(["-m", "paperdiary", "--help"]))
                for name in ("list", "check"):
                    took[name].append(seconds_of([*diary, name], may_fail=True))
        medians = {name: statistics.median(times[1:]) for name, times in took.items()}  # the first run parses
        text = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
        enough = medians["--help"] <= 0.3 and medians["list"] <= 0.5 and medians["check"] <= 1.5
        return f"{text} (the first `list`, which reads all notes: {took['list'][0]:.1f} s)", enough, self.runs


#: what a first build does before the pages
PIPELINE = """
import sys
from paperdiary import build, config
build.run(config.load(sys.argv[1]))
"""

Measure = Callable[[Bench], "tuple[str, bool, int]"]
#: name on the command line -> what it measures, what is to be reached, how
ROWS: dict[str, tuple[str, str, Measure]] = {
    "map-stays": (
        f"one paper added, {DAYS} days running, on {PAPERS} papers: median move a day, relabelled a day",
        "2 % of the RMS radius, 0.5 %",
        Bench.map_stays,
    ),
    "map-good": (
        f"trustworthiness@10 after {DAYS} days against a fresh fit",
        "no worse than 0.01 below",
        Bench.map_good,
    ),
    "nothing-changed": (
        "nothing changed: whole `diary build`, starter diary, against the first build",
        "1/10 or less",
        Bench.nothing_changed,
    ),
    "one-of-500": ("one note of 500 changed: against the first build", "1/8 or less", Bench.one_of_500),
    "baseline-500": (
        "against the baseline on the same 500 papers, first build without the site pages",
        "faster",
        Bench.baseline_500,
    ),
    "baseline-5000": (
        "against the baseline at 5,000 papers, vectors given to both",
        "1/3 or less",
        Bench.baseline_5000,
    ),
    "embedding-cpu": (
        "passages a second against `SentenceTransformer.encode`, CPU",
        "1.5 times or more",
        Bench.embedding_cpu,
    ),
    "embedding-gpu": ("the same on a GPU", "4 times or more", Bench.embedding_gpu),
    "growth": (
        f"{MEDIUM:,} to {LARGE:,} entries reduced, clustered, named, indexed: growth of time, peak memory",
        "exponent 1.2 or less, 4 GB or less",
        Bench.growth,
    ),
    "command-line": (
        "CLI start (`--help`), `list`, `check` on 1,000 notes",
        "0.3 s, 0.5 s, 1.5 s",
        Bench.command_line,
    ),
}


def text_of(arguments: list[str], *, may_fail: bool = False) -> str:
    """What a Python program prints, with this package and these scripts."""
    paths = [str(ROOT), str(SCRIPTS), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)
    if run.returncode and not may_fail:
        raise NotHereError(f"failed: {(run.stderr.strip().splitlines() or ['no message'])[-1]}")
    return run.stdout


def output_of(arguments: list[str]) -> dict[str, Any]:
    return dict(json.loads(text_of(arguments).splitlines()[-1]))


def seconds_of(arguments: list[str], *, may_fail: bool = False) -> float:
    """How long a program takes, its start included."""
    started = time.perf_counter()
    text_of(arguments, may_fail=may_fail)
    return time.perf_counter() - started


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the runs' ratios."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def ratio_text(ours: list[float], theirs: list[float]) -> str:
    return f"1/{1 / ratio(ours, theirs):.1f} ({statistics.median(ours):.2f} s beside {statistics.median(theirs):.2f} s)"


def measure(name: str, bench: Bench) -> Row:
    what, wanted, function = ROWS[name]
    load, day = os.getloadavg()[0], dt.date.today().isoformat()
    try:
        found, reached, runs = function(bench)
    except NotHereError as e:
        return Row(what, wanted, str(e), None, 0, round(load, 1), day)
    return Row(what, wanted, found, bool(reached), runs, round(load, 1), day)  # NumPy has a bool of its own


def machine() -> str:
    """The processor, how many, and the system."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        named = [line for line in info.read_text(encoding="utf-8").split("\n") if line.startswith("model name")]
        name = named[0].partition(":")[2].strip() if named else name
    return f"{os.cpu_count()} x {name}, {platform.system()}, Python {platform.python_version()}"


def document(rows: dict[str, Row], where: str) -> str:
    """docs/benchmarks.md."""
    marks = {True: "yes", False: "**no**", None: "not measured"}
    lines = [
        "# Measured\n",
        f"Made by `make bench` (`scripts/bench.py`) on {where}. Medians of the runs; each row is a figure or a ratio of"
        " one run on one machine. Load is how many processes wanted a processor when a row was begun.\n",
        "| what | to reach | found | reached | runs | load | day |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in ROWS:
        if name in rows:
            r = rows[name]
            lines.append(
                f"| {r.what} | {r.wanted} | {r.found} | {marks[r.reached]} | {r.runs or ''} | {r.load} | {r.day} |"
            )
    return "\n".join(lines) + "\n"


def stored() -> dict[str, Row]:
    try:
        return {name: Row(**row) for name, row in json.loads(STORED.read_text(encoding="utf-8"))["rows"].items()}
    except (OSError, ValueError, TypeError, LookupError):
        return {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    given = parser.parse_args()
    if unknown := [name for name in given.rows if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    sys.path.insert(0, str(SCRIPTS))
    bench, rows, where = Bench(given.shared, given.runs), stored(), machine()
    for name in given.rows or ROWS:
        started = time.perf_counter()
        rows[name] = row = measure(name, bench)
        mark = {True: "reached", False: "NOT REACHED", None: "not measured"}[row.reached]
        print(
            f"{name}: {row.found}; to reach: {row.wanted}: {mark} ({time.perf_counter() - started:.0f} s)", flush=True
        )
        STORED.write_text(
            json.dumps(
                {"machine": where, "rows": {n: asdict(r) for n, r in rows.items()}}, indent=1, ensure_ascii=False
            )
            + "\n",
            encoding="utf-8",
        )
        STORED.with_suffix(".md").write_text(document(rows, where), encoding="utf-8")


if __name__ == "__main__":
    main()
