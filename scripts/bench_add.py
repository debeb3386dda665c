"""How long `diary add` takes, whole process, with a web server on this machine in place of arXiv.

usage: bench_add.py [--runs 7]

Copies the notes of this project into a temporary diary, builds its search index, and adds made-up papers one by one:
with a topic to suggest and three nearest entries to name. Prints the median, and whether a run loaded a model.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = """
import json, sys
from paperdiary.cli import main
try:
    main(sys.argv[1:])
finally:
    print(json.dumps(sorted({"torch", "sentence_transformers", "sklearn", "mkdocs", "faiss"} & set(sys.modules))))
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=7)
    given = arguments.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from loopback import Loopback, environment

    server = Loopback()
    server.arxiv(*[f"2302.{n:05}" for n in range(1, given.runs + 2)])
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= environment(server, Path(folder) / "cache")
        shutil.copytree(ROOT / "notes", Path(folder) / "notes")
        shutil.copy(ROOT / "mkdocs.yml", folder)
        diary = [sys.executable, "-m", "paperdiary", "-C", folder]
        subprocess.run([*diary, "-q", "build"], check=True)
        took = []
        for number in range(1, given.runs + 1):
            started = time.perf_counter()
            subprocess.run([*diary, "add", f"2302.{number:05}", "--no-pdf"], check=True, capture_output=True)
            took.append(time.perf_counter() - started)
        words = ["-C", folder, "add", f"2302.{given.runs + 1:05}", "--no-pdf"]
        last = subprocess.run([sys.executable, "-c", CODE, *words], check=True, capture_output=True, text=True)
    server.close()
    heavy = json.loads(last.stdout.splitlines()[-1])
    print(f"diary add: median of {given.runs} {statistics.median(took):.2f} s ({min(took):.2f} to {max(took):.2f})")
    print(f"heavy libraries loaded: {', '.join(heavy) or 'none'}")


if __name__ == "__main__":
    main()
