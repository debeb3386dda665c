"""What two processes make of one diary at the same time.

usage: fault_pairs.py [--tries 100]

Pairs of commands are started a moment apart, which is another in each try: two builds, a build and `add`, two `add` of
one paper and of two, `import` and a build, two imports, `serve` and a build. Both must end well, or one must say why
it did not; no note may be lost or half written; the site must be of one build; and the build after them must complete
and make what a build from nothing makes.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from crash_build import garden, told, write
from fault_common import Tally, arxiv, ended, tree
from forks import start

PAIRS = {
    "build + build": (["build"], ["build"]),
    "build + add": (["build"], ["add", "--no-pdf", "{one}"]),
    "add + add, one paper": (["add", "--no-pdf", "{one}"], ["add", "--no-pdf", "{one}"]),
    "add + add, two papers": (["add", "--no-pdf", "{one}"], ["add", "--no-pdf", "{two}"]),
    "import + build": (["import", "{garden}"], ["build"]),
    "import + import": (["import", "{garden}"], ["import", "{garden}"]),
    "add + import": (["add", "--no-pdf", "{one}"], ["import", "{garden}"]),
    "serve + build": (["serve", "-a", "{address}"], ["build"]),
}
PATIENCE = 120  #: seconds until `serve` must answer
FINE = frozenset({0, 3})  #: 3: it is in the diary already


def tries(count: int, seed: int = 5) -> Tally:
    """Start `count` pairs."""
    tally, rng = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, arxiv(2 * count) as (_, papers):
        root, place = Path(folder) / "diary", Path(folder) / "garden"
        garden(place, 15, first=500)
        garden(root / "notes", 12)
        write(root, 0)
        started = time.monotonic()
        assert start(root, "build").wait() == 0
        whole = time.monotonic() - started
        kept = Path(folder) / "kept"
        shutil.copytree(root, kept)
        for number in range(1, count + 1):
            shutil.rmtree(root)
            shutil.copytree(kept, root)
            name = list(PAIRS)[number % len(PAIRS)]
            tally.tried += 1
            tally.kinds[name] += 1
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                address = f"127.0.0.1:{free.getsockname()[1]}"
            filled = {"one": papers[2 * number - 2], "two": papers[2 * number - 1], "garden": place, "address": address}
            first, second = ([word.format(**filled) for word in words] for words in PAIRS[name])
            write(root, number)
            before = tree(root / "notes")
            pause = rng.choice([0.0, rng.random() * whole])
            where = f"try {number}: {name}, {pause:.2f} s apart"
            wrong = (
                _served(root, first, second, address, rng) if first[0] == "serve" else _both(root, first, second, pause)
            )
            tally.wrong += [f"{where}: {line}" for line in wrong]
            tally.wrong += [f"{where}: {line}" for line in _looked_at(root, number, before, first, second, place)]
    return tally


def _both(root: Path, first: list[str], second: list[str], pause: float) -> list[str]:
    """Run two commands; what is wrong with how they ended."""
    one = start(root, *first)
    time.sleep(pause)
    other = start(root, *second)
    out = []
    for run in (one, other):
        code, odd = ended(run, FINE)
        if odd:  # one that gives up in a sentence, since the other was there first, is right
            out.append(f"ended with {code} {odd}")
    return out


def _served(root: Path, first: list[str], second: list[str], address: str, rng: random.Random) -> list[str]:
    """Serve and build, with an edit in between; the page that is served must follow it."""
    process = start(root, *first)
    out = []
    try:
        time.sleep(rng.random() * 2)
        code, odd = ended(start(root, *second))
        if code or odd:
            out.append(f"the build ended with {code} {odd}")
        if not _answers(address, "bed-3", "Bed"):
            return [*out, "nothing was served"]
        note = root / "notes" / "bed-3.md"
        note.write_text(note.read_text(encoding="utf-8") + "\nServedword.\n", encoding="utf-8")
        code, odd = ended(start(root, *second))
        if code or odd:
            out.append(f"the build beside a server that builds ended with {code} {odd}")
        if not _answers(address, "bed-3", "Servedword"):
            out.append("the edit was not served")
    finally:
        process.kill(signal.SIGTERM)
        process.wait(60)
    return out


def _answers(address: str, page: str, word: str) -> bool:
    """Whether a page with a word in it is served in time."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://{address}/{page}/", timeout=10) as answer:
                if word.lower() in answer.read().decode("utf-8", "replace").lower():
                    return True
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.1)
    return False


def _looked_at(
    root: Path, number: int, before: dict[str, bytes], first: list[str], second: list[str], place: Path
) -> list[str]:
    """What is wrong with the notes and the site afterwards."""
    out, notes = [], tree(root / "notes")
    served = first[0] == "serve"
    out += [f"{name} is gone or changed" for name, data in before.items() if notes.get(name) != data and not served]
    words = {word for words in (first, second) for word in words if words[0] == "add" and word.startswith("2302.")}
    for paper in sorted(words):
        count = sum(paper.encode() in data for data in notes.values())
        if count != 1:
            out.append(f"{count} notes of {paper}")
    if "import" in (first[0], second[0]):
        bodies = list(notes.values())
        out += [f"{p.name} was not imported once" for p in place.glob("*.md") if bodies.count(p.read_bytes()) != 1]
    strays = [name for name in notes if name.rpartition("/")[2].startswith(".")]
    out += [f"{name} was left" for name in strays]
    built = {"build"} & {first[0], second[0]}
    if built and told(root / "site")[0] != {str(number)}:
        out.append(f"the site is of {sorted(told(root / 'site')[0])}")
    code, odd = ended(start(root, "build"))
    if code or odd:
        out.append(f"the next build ended with {code} {odd}")
    one = _pages(root)
    shutil.rmtree(root / ".paperdiary")
    shutil.rmtree(root / "site")
    code, odd = ended(start(root, "build"))
    if code or odd or _pages(root) != one:
        out.append("the next build made something else than one from nothing")
    return out


def _pages(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(root / "site").items() if not name.startswith("sitemap.xml")}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tries", type=int, default=100)
    given = arguments.parse_args()
    tally = tries(given.tries)
    print(f"{tally.tried} tries {dict(tally.kinds)}; wrong: {len(tally.wrong)}")
    print("\n".join(f"  {line}" for line in tally.wrong[:40]), flush=True)
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
