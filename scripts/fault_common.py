"""What the scripts that make faults share: a tally, a run of the command and what it said, arXiv on this machine."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forks import Run

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"


@dataclass
class Tally:
    """What came of the tries."""

    tried: int = 0
    said: int = 0  #: ended with a sentence instead of a result
    wrong: list[str] = field(default_factory=list)  #: one line a try in which something was lost, half or unclear
    kinds: Counter[str] = field(default_factory=Counter)  #: tries by what was done

    @property
    def survived(self) -> int:
        return self.tried - len({line.partition(":")[0] for line in self.wrong})


def ended(run: Run, fine: frozenset[int] = frozenset({0})) -> tuple[int, str]:
    """(exit code, what is wrong with how it ended): one that fails says why in one or two sentences."""
    _, said = run.communicate(timeout=900)
    if "Traceback" in said:
        return run.returncode, f"a traceback: {said.strip().splitlines()[-1]}"
    if run.returncode in fine:
        return run.returncode, ""
    last = [line for line in said.splitlines() if line.startswith(("diary: ", "Error: "))]
    if run.returncode < 0 or len(last) != 1 or len(last[0]) > 500:
        return run.returncode, f"ended with {run.returncode} and {said.strip()[-200:]!r}"
    return run.returncode, ""


def tree(folder: Path) -> dict[str, bytes]:
    """Path -> bytes of all files, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextlib.contextmanager
def arxiv(count: int) -> Iterator[tuple[Any, list[str]]]:
    """An arXiv on this machine, for this process and those that it starts; gives its API and the ids of its papers."""
    sys.path.insert(0, str(TESTS))
    from loopback import Loopback, environment

    server, ids = Loopback(), [f"2302.{n:05}" for n in range(1, count + 1)]
    api = server.arxiv(*ids)
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o777)
        os.environ |= environment(server, Path(cache) / "cache")
        try:
            yield api, ids
        finally:
            server.close()
            os.environ.clear()
            os.environ |= before
