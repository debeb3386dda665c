"""What `diary describe` leaves when it is killed at any moment.

usage: crash_describe.py [--tries 100]

Every try takes the descriptions out of some notes, starts `diary describe` with a model of llm that is defined here and
answers in a few milliseconds, kills it (SIGKILL) at a moment spread over the time in which it asks, or as soon as a
note is being written, and looks: every note is as it was, or has its description and is as it was otherwise. Then it
runs again, which must describe the rest, and ask nothing that was answered before the kill.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crash_build import MKDOCS_YML, Found, tree

NOTES = 12
PLANTS = [
    "Roses",
    "Beans",
    "Apples",
    "Cabbages",
    "Leeks",
    "Grapes",
    "Plums",
    "Onions",
    "Carrots",
    "Figs",
    "Oats",
    "Peas",
]


def note(number: int, bed: int = 3) -> str:
    """A note without a description; `bed` tells notes apart at their beginning, which is all that a prompt holds."""
    plant = PLANTS[number % len(PLANTS)]
    body = f"Seen in bed {bed}. " + (
        f"{plant} need water in dry weeks, and the gardener cannot always be there. A clay pot is sunk between them. "
        * 2
    )
    found = f"{plant} with a pot in their bed wilt later than those without, and give more in the autumn.\n\n" * 3
    return f"---\ntitle: {plant} and clay pots\nkind: note\n---\n\n{body}\n\n{found}"


def answer(plant: str) -> str:
    """A description that passes."""
    return (
        f"{plant} need water in dry weeks when the gardener cannot be there. A clay pot sunk between them keeps the bed"
        " wet, so that those with a pot wilt later than those without and give more in the autumn."
    )


def run_here(root: str, log: str, delay: float) -> None:
    """`diary describe` in this process, with a plugin of llm that counts what it is asked."""
    import llm
    from llm.plugins import pm

    from paperdiary.cli import main

    class Pots(llm.Model):  # type: ignore[misc]
        model_id = "pots"
        can_stream = False

        def execute(self, prompt, stream, response, conversation):  # type: ignore[no-untyped-def]
            plant = re.search(r"^Title: (\w+)", prompt.prompt, re.M)[1]
            time.sleep(delay)
            with Path(log).open("a", encoding="utf-8") as out:
                out.write(f"{plant}\n")
            yield answer(plant)

    class Plugin:
        @llm.hookimpl  # type: ignore[untyped-decorator]
        def register_models(self, register) -> None:  # type: ignore[no-untyped-def]
            register(Pots())

    pm.register(Plugin())
    main(["-C", root, "describe", "--model", "pots", "--yes"])


def _start(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "--here", str(root), str(root / "asked.txt")]
    settings = {**os.environ, "LLM_USER_PATH": str(root / "llm"), "LLM_LOAD_PLUGINS": ""}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=settings)


def _asked(root: Path) -> list[str]:
    log = root / "asked.txt"
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def tries(root: Path, count: int) -> Found:
    """Kill `count` runs of a diary at `root`."""
    found = Found()
    (root / "notes").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(MKDOCS_YML.format(number=0), encoding="utf-8")
    whole, ready = 0.0, 0.0
    for number in range(count + 1):
        # each try has texts of its own, so that no answer is kept yet
        before = {f"{n}.md": note(n, number + 2).encode() for n in range(NOTES)}
        wanted = {
            name: data.replace(b"kind: note\n", f"kind: note\ndescription: {answer(PLANTS[n])}\n".encode())
            for n, (name, data) in enumerate(before.items())
        }
        for name, data in before.items():
            (root / "notes" / name).write_bytes(data)
        (root / "asked.txt").unlink(missing_ok=True)
        started = time.monotonic()
        run = _start(root)
        while run.poll() is None and not _asked(root):
            time.sleep(0.002)
        ready = time.monotonic() - started
        if not number:  # how long a run takes from its first question on
            assert run.wait() == 0, "diary describe fails"
            whole = time.monotonic() - started - ready
            assert tree(root / "notes") == wanted, "the notes are not as they should be"
            continue
        found.tries += 1
        if number % 3:
            _wait(run, whole * (number * 0.618 % 1) * 1.1)
        else:
            _wait_for_writing(run, root)
        if run.poll() is None:
            found.killed += 1
            os.kill(run.pid, signal.SIGKILL)
        run.wait()
        there = tree(root / "notes")
        found.half += [
            f"try {number}: {name}"
            for name in before.keys() | there.keys()
            if there.get(name) not in (before.get(name, b""), wanted.get(name, b""))
        ]
        found.new += there == wanted
        asked = _asked(root)
        done = _start(root).wait() == 0
        twice = len(_asked(root)) - NOTES  # the question that was being answered may be asked again
        found.completed += done and tree(root / "notes") == wanted and 0 <= twice <= 1 and len(asked) <= NOTES
    return found


def _wait(run: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while run.poll() is None and time.monotonic() < end:
        time.sleep(0.0005)


def _wait_for_writing(run: subprocess.Popen[bytes], root: Path) -> None:
    """Until an unfinished note lies among the temporary files; a run that ends is not waited for."""
    staging = root / ".paperdiary" / "new"
    while run.poll() is None and not any(staging.glob(".new.*")):
        time.sleep(0.0002)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tries", type=int, default=100)
    arguments.add_argument("--here", nargs=2, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.here:
        run_here(*given.here, delay=0.01)
        return
    with tempfile.TemporaryDirectory() as folder:
        found = tries(Path(folder), given.tries)
    print(
        f"describe: {found.tries} tries, {found.killed} killed while they ran, {found.new} of them when all was there"
    )
    print(f"  half notes or stray files: {len(found.half)} {found.half[:5] or ''}")
    print(f"  second runs that completed: {found.completed}", flush=True)
    sys.exit(bool(found.half) or found.completed != found.tries)


if __name__ == "__main__":
    main()
