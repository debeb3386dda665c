"""`diary` run thousands of times: each run is a process of its own, forked from one that has imported everything.

A run that is forked does all that a run from the shell does, but for the seconds that importing takes, so that it is
killed at its work and not at its imports. `start` gives a run; the process that forks has one thread and nothing open.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn

MODULES = re.findall(
    r"\S+",
    """
paperdiary.cli paperdiary.mkdocs_run paperdiary.nightly paperdiary.plugin paperdiary.build paperdiary.add
paperdiary.add_report paperdiary.importing paperdiary.importing.report paperdiary.marking paperdiary.searcher
paperdiary.check paperdiary.distil paperdiary.papers numpy faiss sklearn.cluster sklearn.decomposition openTSNE
mkdocs.commands.build mkdocs.commands.serve material.plugins.search.plugin markdown jinja2 httpx2 filelock sqlite3
pymdownx.superfences pymdownx.arithmatex pymdownx.highlight pygments.lexers pygments.formatters""",
)


class Run:
    """A run of `diary`, with the part of `subprocess.Popen` that is needed here."""

    def __init__(self, server: _Server, words: tuple[str, ...], plain: bool) -> None:
        self._server = server
        self._out = [tempfile.mkstemp(prefix="run.")[1] for _ in range(2)]
        for path in self._out:
            Path(path).chmod(0o666)
        self.returncode: int | None = None
        self._done = threading.Event()
        self.pid = server.fork(self, {"words": words, "plain": plain, "out": self._out, "env": dict(os.environ)})

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._done.wait(timeout):
            raise subprocess.TimeoutExpired("diary", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """(what it printed, what it said), once it has ended."""
        self.wait(timeout)
        out, said = (Path(path).read_text(encoding="utf-8", errors="replace") for path in self._out)
        for path in self._out:
            Path(path).unlink(missing_ok=True)
        return out, said

    def kill(self, how: int = signal.SIGKILL) -> None:
        """Kill it, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, how)

    def ended(self, code: int) -> None:
        self.returncode = code
        self._done.set()


class _Server:
    """The process that forks."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).resolve())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._runs: dict[int, Run] = {}
        self._lock = threading.Lock()
        self._forked = threading.Condition()
        self._pids: list[int] = []
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self._process.kill)

    def fork(self, run: Run, wanted: dict[str, Any]) -> int:
        assert self._process.stdin
        with self._lock, self._forked:
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
            while not self._pids:
                if not self._forked.wait(120):
                    raise SystemExit("the process that forks does not answer")
            pid = self._pids.pop()
            self._runs[pid] = run
            self._forked.notify_all()
        return pid

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            what, pid, code = line.split()
            with self._forked:
                if what == "forked":
                    self._pids.append(int(pid))
                    self._forked.notify_all()
                    continue
                while int(pid) not in self._runs:
                    self._forked.wait()
                self._runs.pop(int(pid)).ended(int(code))


_server: _Server | None = None


def start(root: Path, *words: str, plain: bool = False) -> Run:
    """Start `diary` with some words in the diary at `root`.

    Args:
        plain: where this user may do everything (root), the run meets the rights of files like any other.
    """
    global _server
    if _server is None:
        _server = _Server()
    return Run(_server, ("-C", str(root), *words), plain)


def _serve() -> None:
    """Fork for each line of standard input; print a line when one is begun and when one has ended."""
    import importlib
    import select

    for name in MODULES:
        importlib.import_module(name)
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    told = b""
    running = set[int]()
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                running.discard(pid)
                print("ended", pid, os.waitstatus_to_exitcode(status), flush=True)
        if 0 not in ready:
            continue
        data = os.read(0, 1 << 20)
        if not data:
            return
        told += data
        while b"\n" in told:
            line, _, told = told.partition(b"\n")
            pid = os.fork()
            if not pid:
                _become(json.loads(line), wake, woken)
            running.add(pid)
            print("forked", pid, 0, flush=True)


def _give_up_privileges() -> None:
    """Keep the user, and lose the capabilities of Linux by which root may write everywhere."""
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    if ctypes.CDLL(None, use_errno=True).capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")


def _become(wanted: dict[str, Any], *unused: int) -> NoReturn:
    """Be a run of `diary`."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in unused:
            os.close(descriptor)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number, path in enumerate(wanted["out"], 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_TRUNC), number)
        os.environ.clear()
        os.environ.update(wanted["env"])
        if wanted["plain"] and os.geteuid() == 0:
            _give_up_privileges()
        from paperdiary.cli import main

        main(list(wanted["words"]), prog_name="diary")
        code = 0
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else int(bool(e.code))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or 1
        os._exit(code)


if __name__ == "__main__":
    _serve()
