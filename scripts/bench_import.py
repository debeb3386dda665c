"""How long it takes to import a large folder of notes, with its pictures, into an empty diary and again.

usage: bench_import.py [--files N]

Writes N files below a temporary folder, nine notes to one picture, in six shapes: front matter, a linked
heading, a list of fields, a title only in the file's name, Chinese with its link in a quote, and several
entries in one file. One note in a hundred repeats another. Prints the seconds of a plain copy, of the plan, of
writing it, and of a second plan in which everything is there already, beside the seconds of processor time that
each took (on all cores), what an import takes more than the copy, and the most memory that was used.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from paperdiary import config, importing, init

TEXT = """
heap soil worm leaf root rain frost seed mulch straw garden winter carbon oxygen microbe fungus layer depth turning
cooling warming growing measuring mapping learning sampling sparse dense robust online local global
"""
WORDS = TEXT.split()
SENTENCE = "Long text about {0}: what is measured, how the {1} is kept, and why the {2} matters in the end. "


def note(chance: random.Random, number: int) -> tuple[str, str]:
    """(file name, text) of a note; the shape goes by its number."""
    a, b, c = chance.sample(WORDS, 3)
    title = f"{a.title()} {b.title()} for {c.title()} {number}: a {chance.choice(WORDS)} study"
    identifier = f"{20 + number // 60000:02}{1 + number // 5000 % 12:02}.{number % 5000 + 10000:05}"
    day = f"20{21 + number % 4}-{1 + number % 12:02}-{1 + number % 28:02}"
    link = f"https://arxiv.org/abs/{identifier}"
    body = "\n\n".join(SENTENCE.format(*chance.sample(WORDS, 3)) * 4 for _ in range(6))
    body = f"## Summary\n\n{body}\n\n## Notes\n\n- one\n- two\n\n![figure](img/{number - number % 9}.png)\n"
    name = f"note-{number}"
    shape = number % 6
    if shape == 0:
        return name, f'---\ntitle: "{title}"\ndate: {day}\narxiv: {identifier}\ntags: [{a}, {b}]\n---\n\n{body}'
    if shape == 1:
        return name, f"# [{title}]({link})\n\n_{day}_\n\n{body}"
    if shape == 2:
        return name, f"# Paper\n\n- **Title**: {title}\n- **Link**: {link}\n- **Read**: {day}\n\n{body}"
    if shape == 3:
        return title.replace(":", "_"), body
    if shape == 4:
        return name, f"# 论文笔记：{title}\n\n> **论文链接**：{link}\n> **阅读日期**：{day}\n\n{body}"
    parts = "".join(f"## [{title}, part {n}]({link}{n})\n\nText of part {n}.\n\n" for n in range(1, 4))
    return name, f"# Papers of week {number}\n\n{parts}{body}"


def write(root: Path, files: int) -> None:
    """The folder to import."""
    chance = random.Random(0)
    for number in range(files):
        folder = root / f"topic-{number % 40}" / ("img" if number % 10 == 9 else "")
        folder.mkdir(parents=True, exist_ok=True)
        if number % 10 == 9:
            (folder / f"{number - number % 9}.png").write_bytes(b"\x89PNG" + number.to_bytes(4, "big"))
            continue
        name, text = note(chance, number - 6 if number % 100 == 50 else number)
        (folder / f"{name}{' again' if number % 100 == 50 else ''}.md").write_text(text, encoding="utf-8")


def spent() -> tuple[float, float]:
    """(seconds on the clock, seconds of processor time of this process and those it started)."""
    return time.perf_counter(), sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "elsewhere"
        write(source, arguments.files)
        root = Path(folder) / "diary"
        root.mkdir()
        (root / "mkdocs.yml").write_text(init.files()["mkdocs.yml"], encoding="utf-8")
        (root / "notes").mkdir()
        settings = config.load(root)
        times = [spent()]
        shutil.copytree(source, Path(folder) / "copy")
        times.append(spent())
        planned = importing.plan(settings, [source])
        times.append(spent())
        importing.execute(settings, planned)
        times.append(spent())
        again = importing.plan(settings, [source])
        times.append(spent())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
    print(f"{arguments.files} files: {len(planned.files)} to write, {len(planned.duplicates)} duplicates")
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(times)]
    for name, (clock, busy) in zip(("copy", "plan", "write", "plan again"), steps, strict=True):
        print(f"{name:<10} {clock:7.1f} s {busy:7.1f} s of processor time")
    more, busy = (steps[1][n] + steps[2][n] - steps[0][n] for n in (0, 1))
    print(f"import     {1000 * more / arguments.files:7.2f} ms a file more than a copy")
    print(f"busy       {1000 * busy / arguments.files:7.2f} ms of processor time a file more than a copy")
    print(f"there      {len(again.there):7} files at the second plan")
    print(f"memory     {memory:7.0f} MB")


if __name__ == "__main__":
    main()
