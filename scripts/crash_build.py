"""What `diary build` and `diary import` leave when they are killed at any moment.

usage: crash_build.py [--tries 200] [build|import]

build: every try writes its number into the site's name and a note, starts `diary build`, kills it (SIGKILL) at a moment
spread over the time that a build takes, and looks: the notes are as they were, and every page of site/ is of the last
build or every page is of this one. Then it builds again, which must complete. import: the same with a folder of notes;
what is in notes/ afterwards is whole, what was there is as it was, and a second run brings the rest.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from forks import Run, start

MKDOCS_YML = """\
site_name: Diary number {number} of tries
docs_dir: notes
theme: {{name: material, font: false}}
plugins:
  - paperdiary: {{embedder: hashing}}
"""
WORDS = ["rose", "bean", "soil", "rain", "spade", "hedge", "apple", "seed", "frost", "bee", "leaf", "root"]


@dataclass
class Found:
    """What came of the tries."""

    tries: int = 0
    killed: int = 0  #: while they ran
    new: int = 0  #: of those: the result was there already
    half: list[str] = field(default_factory=list)  #: what was neither old nor new
    completed: int = 0  #: second runs


def garden(folder: Path, count: int, first: int = 0) -> None:
    """Write `count` notes."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(first, first + count):
        words = [WORDS[(n * 5 + k * k) % len(WORDS)] for k in range(6)]
        text = f"# {words[0].title()} and {words[1]} {n}\n\nhttps://example.org/{n}\n\n{' '.join(words)}.\n"
        (folder / f"bed-{n}.md").write_text(text, encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Path -> bytes of all files, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _killed(run: Run, after: float) -> bool:
    """Kill a run `after` so many seconds; False where it ended before."""
    try:
        run.wait(after)
        return False
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
        return True


def write(root: Path, number: int) -> None:
    """Give the site a name, and a note words, that tell the number of a try."""
    (root / "mkdocs.yml").write_text(MKDOCS_YML.format(number=number), encoding="utf-8")
    (root / "notes" / "now.md").write_text(f"# Number {number}\n\nRain on bed {number}.\n", encoding="utf-8")


def told(site: Path) -> tuple[set[str], set[str]]:
    """The numbers that the pages of a site tell, and the pages; one number where the site is of one build."""
    pages = {p.relative_to(site).as_posix(): p.read_text(encoding="utf-8") for p in site.rglob("*.html")}
    numbers = [re.findall(r"Diary number (\d+) of tries", text) for text in pages.values()]
    return {n for all_ in numbers for n in (all_ or ["none"])}, set(pages)


def builds(root: Path, count: int) -> Found:
    """Kill `count` builds."""
    found, site = Found(), root / "site"
    garden(root / "notes", 24)
    write(root, 0)
    whole = 0.0
    for _ in range(2):  # the second knows the compiled parts
        started = time.monotonic()
        assert start(root, "build").wait() == 0
        whole = time.monotonic() - started
        write(root, 0)
        (root / "notes" / "now.md").touch()
    _, pages = told(site)
    for number in range(1, count + 1):
        write(root, number)
        notes = tree(root / "notes")
        found.tries += 1
        killed = _killed(start(root, "build"), whole * (number * 0.618 % 1) * 1.1)
        found.killed += killed
        numbers, there = told(site)
        if numbers not in ({str(number - 1)}, {str(number)}) or there != pages:
            found.half.append(f"try {number}: pages of {sorted(numbers)}, {len(there ^ pages)} missing or left over")
        if tree(root / "notes") != notes:
            found.half.append(f"try {number}: notes changed")
        found.new += killed and numbers == {str(number)}
        started = time.monotonic()
        done = start(root, "build").wait() == 0
        whole = (whole + time.monotonic() - started) / 2  # others use this machine too
        left = [p.name for p in (root / ".paperdiary").glob(".site*")]
        found.completed += done and told(site) == ({str(number)}, pages) and not left
    strays = [
        p.name for p in root.iterdir() if p.name not in {".paperdiary", "atlas.json", "mkdocs.yml", "notes", "site"}
    ]
    found.half += [f"beside the notes: {name}" for name in strays]
    return found


def imports(root: Path, count: int) -> Found:
    """Kill `count` imports."""
    found = Found()
    garden(root / "garden", 40)
    (root / "garden" / "pictures").mkdir()
    (root / "garden" / "pictures" / "a.png").write_bytes(bytes(range(256)) * 400)
    whole, wanted = 0.0, dict[str, bytes]()
    for number in range(count + 1):
        home = root / "home"
        shutil.rmtree(home, ignore_errors=True)
        garden(home / "notes", 3, first=900)
        (home / "mkdocs.yml").write_text(MKDOCS_YML.format(number=0), encoding="utf-8")
        before = tree(home / "notes")
        if not number:  # how long one takes, and what it brings
            started = time.monotonic()
            assert start(home, "import", str(root / "garden")).wait() == 0
            whole, wanted = time.monotonic() - started, tree(home / "notes")
            continue
        found.tries += 1
        killed = _killed(start(home, "import", str(root / "garden")), whole * (number * 0.618 % 1) * 1.1)
        found.killed += killed
        there = tree(home / "notes")
        found.half += [f"try {number}: {name}" for name, data in there.items() if wanted.get(name) != data]
        found.half += [f"try {number}: {name} is gone" for name in before.keys() - there.keys()]
        found.new += killed and there == wanted
        started = time.monotonic()
        done = start(home, "import", str(root / "garden")).wait()
        whole = (whole + time.monotonic() - started) / 2
        found.completed += done in {0, 3} and tree(home / "notes") == wanted
    return found


TRIED = {"build": builds, "import": imports}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", nargs="*", choices=[*TRIED, []], default=[])
    arguments.add_argument("--tries", type=int, default=200)
    given = arguments.parse_args()
    bad = False
    for what in given.what or TRIED:
        with tempfile.TemporaryDirectory() as folder:
            found = TRIED[what](Path(folder), given.tries)
        print(
            f"{what}: {found.tries} tries, {found.killed} killed while they ran, {found.new} of them when all was there"
        )
        print(f"  neither old nor new: {len(found.half)} {found.half[:5] or ''}")
        print(f"  second runs that completed: {found.completed}", flush=True)
        bad = bad or bool(found.half) or found.completed != found.tries
    sys.exit(bad)


if __name__ == "__main__":
    main()
