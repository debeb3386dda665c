"""What `diary add` leaves when it is killed at any moment.

usage: crash_add.py [--tries 100] [--pdf]

Starts `diary add` against a web server on this machine (tests/loopback.py), kills it (SIGKILL), looks for half a note,
and runs it again. A third of the tries is killed at moments spread over the time that a run takes, a third as soon as
the unfinished note appears among the temporary files, a third as soon as the note has its name. Prints how many were
killed at work, how many half notes there were, and how many second runs completed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from fault_common import TESTS, arxiv
from forks import Run, start

from paperdiary import config as configs
from paperdiary import onenote
from paperdiary.config import Config


@dataclass
class Found:
    """What came of the tries."""

    tries: int = 0
    killed: int = 0  #: while they ran
    before: int = 0  #: of those: before the note was there
    half: list[str] = field(default_factory=list)  #: notes that were not whole, and files that nobody should see
    completed: int = 0


def tries(config: Config, count: int, words: tuple[str, ...] = ("--no-pdf",)) -> Found:
    """Kill `count` runs, each of a paper of its own (2302.00001 and on), spread over the time a run takes."""
    found = Found()
    started = time.monotonic()
    assert _run(config, count + 1, words).wait() == 0
    whole = time.monotonic() - started
    for number in range(1, count + 1):
        found.tries += 1
        names = {p.name for p in config.notes.rglob("*.md")}
        run = _run(config, number, words)
        if number % 3 == 0:
            time.sleep(whole * (number % 31) / 28)
        else:
            _wait_for(run, config, names, staged=number % 3 == 1)
        if run.poll() is None:
            found.killed += 1
            run.kill()
        run.wait()
        there = _looked_at(config, number, found)
        found.before += not there and run.returncode == -signal.SIGKILL
        started = time.monotonic()
        again = _run(config, number, words).wait()
        whole = (whole + time.monotonic() - started) / 2  # others use this machine too
        now = _looked_at(config, number, found)
        found.completed += now and again == (3 if there else 0)
    return found


def _wait_for(run: Run, config: Config, names: set[str], *, staged: bool) -> None:
    """Until the unfinished note is there, or the finished one; a run that ends is not waited for."""
    staging = config.root / ".paperdiary" / "new"
    while run.poll() is None:
        if staged and any(staging.glob(".new.*")):
            return
        if not staged and {p.name for p in config.notes.rglob("*.md")} - names:
            return
        time.sleep(0.0002)


def _run(config: Config, number: int, words: tuple[str, ...]) -> Run:
    return start(config.root, "add", *words, f"2302.{number:05}")


def _looked_at(config: Config, number: int, found: Found) -> bool:
    """True where the paper has its note; half notes, and files that are no notes, are kept in `found`."""
    there = False
    for path in sorted(p for p in config.notes.rglob("*") if p.is_file()):
        name = path.relative_to(config.notes).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.name.startswith(".") or not text.endswith("## Open questions\n") or text.count("\n---\n") != 1:
            found.half.append(name)
        there |= any(e.arxiv == f"2302.{number:05}" for e in onenote.read_note(config, name).entries)
    for path in (config.root / "papers").glob("*"):
        if path.suffix == ".pdf" and not path.read_bytes().rstrip().endswith(b"%%EOF"):
            found.half.append(path.name)
    return there


def _pdf() -> bytes:
    """A paper of half a megabyte."""
    import pymupdf

    with pymupdf.open() as document:
        for number in range(300):
            document.new_page().insert_textbox((50, 50, 550, 800), f"Page {number} says this. " * 90, fontsize=9)
        return bytes(document.tobytes())


def kills(count: int, *, pdf: bool = False) -> Found:
    """Kill `count` runs in a new diary, with arXiv on this machine."""
    sys.path.insert(0, str(TESTS))
    from helpers import MKDOCS_YML

    with arxiv(count + 1) as (api, ids), tempfile.TemporaryDirectory() as folder:
        if pdf:
            api.pdfs = dict.fromkeys(ids, _pdf())
        (Path(folder) / "notes").mkdir()
        (Path(folder) / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
        return tries(configs.load(folder), count, () if pdf else ("--no-pdf",))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tries", type=int, default=100)
    arguments.add_argument("--pdf", action="store_true", help="with a PDF to download for each")
    given = arguments.parse_args()
    found = kills(given.tries, pdf=given.pdf)
    print(
        f"{found.tries} tries, {found.killed} killed while they ran, {found.before} of them before the note was there"
    )
    print(f"half notes or stray files: {len(found.half)} {found.half[:5] or ''}")
    print(f"second runs that completed: {found.completed}")
    sys.exit(bool(found.half) or found.completed != found.tries)


if __name__ == "__main__":
    main()
