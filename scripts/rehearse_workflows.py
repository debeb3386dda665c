"""Run every command of a GitHub workflow on this machine, in a fresh clone.

usage: rehearse_workflows.py [--here] [--nights N] WORKFLOW...

Actions are played: a checkout is a clone, a cache is a folder, Pages is a folder, `gh` does nothing. Without
--here the steps that install are run as well, which takes minutes; with it they are left out, and the commands
come from the environment of this Python. With --nights the workflow is run so many times in a row, the cache and the
map that was committed carried over, and each night after the first finds one new note.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from paperdiary.listing import counted

ROOT = Path(__file__).resolve().parent.parent
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@dataclass
class Rehearsal:
    """One run of a workflow."""

    workflow: Path
    origin: Path  #: a git repository with a work tree: what is checked out
    place: Path  #: an empty folder: clones, caches and files of the runner
    install: bool = True  #: also the steps named "Install"
    values: Mapping[str, str] = field(default_factory=dict)  #: of expressions: "inputs.fewer" -> "true"
    said: list[str] = field(default_factory=list)  #: output of the steps, in order
    ran: list[str] = field(default_factory=list)  #: "job: step"
    took: dict[str, float] = field(default_factory=dict)  #: seconds of each command, "job: step"
    pages: Path | None = None  #: what was uploaded for GitHub Pages

    def run(self) -> bool:
        """All jobs in their order; True where none failed."""
        jobs = yaml.safe_load(self.workflow.read_text(encoding="utf-8"))["jobs"]
        self.outputs: dict[str, dict[str, str]] = {}
        self.remote = self.place / "origin.git"
        if not self.remote.exists():
            _git(self.place, "clone", "--quiet", "--bare", str(self.origin), str(self.remote))
        for name, job in jobs.items():
            if "if" in job and not self._holds(job["if"], {}):
                continue
            if not self._job(name, job):
                return False
        return True

    def _job(self, name: str, job: Mapping[str, Any]) -> bool:
        work = self.place / "work" / name
        home = self.place / "home"
        shutil.rmtree(work, ignore_errors=True)
        for folder in (work, home, self.place / "caches"):
            folder.mkdir(parents=True, exist_ok=True)
        environment = self._environment(name, home)
        steps: dict[str, dict[str, str]] = {}
        after: list[tuple[Path, Path]] = []
        for number, step in enumerate(job["steps"]):
            if "if" in step and not self._holds(step["if"], steps):
                continue
            label = str(step.get("name", step.get("uses", number)))
            self.ran.append(f"{name}: {label}")
            if "uses" in step:
                self._play(step, work, home, after)
                continue
            if label == "Install" and not self.install:
                continue
            output = self.place / f"{name}-{number}-output"
            output.write_text("", encoding="utf-8")
            mine = {**environment, "GITHUB_OUTPUT": str(output)}
            mine |= {key: self._value(str(value), steps) for key, value in step.get("env", {}).items()}
            mine["PATH"] = ":".join([*_lines(Path(environment["GITHUB_PATH"]))[::-1], mine["PATH"]])
            started = time.perf_counter()
            shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(shell, cwd=work, env=mine, capture_output=True, text=True, check=False)
            self.took[self.ran[-1]] = time.perf_counter() - started
            self.said.append(done.stdout + done.stderr)
            steps[step.get("id", "")] = dict(line.split("=", 1) for line in _lines(output))
            if done.returncode:
                return False
        for source, kept in after:
            if source.exists():
                shutil.copytree(source, kept, dirs_exist_ok=True)
        self.outputs[name] = {key: self._value(value, steps) for key, value in job.get("outputs", {}).items()}
        return True

    def _environment(self, name: str, home: Path) -> dict[str, str]:
        tools = self.place / "tools"
        tools.mkdir(exist_ok=True)
        (tools / "gh").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        (tools / "gh").chmod(0o755)
        own = [str(Path(sys.executable).parent)] if not self.install else []
        kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "LANG", "LC_", "TMP"))}
        path = self.place / f"{name}-path"
        path.write_text("", encoding="utf-8")
        summary = self.place / "summary.md"
        summary.touch()
        return kept | {
            "PATH": ":".join([str(tools), *own, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(home),
            "CI": "true",
            "GITHUB_PATH": str(path),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.place),
        }

    def _play(self, step: Mapping[str, Any], work: Path, home: Path, after: list[tuple[Path, Path]]) -> None:
        """What an action would do."""
        action, given = step["uses"].partition("@")[0], step.get("with", {})
        paths = [p for p in str(given.get("path", "")).split("\n") if p]
        if action == "actions/checkout":
            _git(work, "clone", "--quiet", str(self.remote), ".")
        elif action.startswith("actions/cache"):
            for path in paths:
                place = home / path[2:] if path.startswith("~/") else work / path
                kept = self.place / "caches" / path.strip("~/").replace("/", "_")
                if action == "actions/cache/save":
                    shutil.copytree(place, kept, dirs_exist_ok=True)
                elif kept.exists():
                    shutil.copytree(kept, place, dirs_exist_ok=True)
                if action == "actions/cache":
                    after.append((place, kept))
        elif action == "actions/upload-pages-artifact":
            self.pages = self.place / "pages"
            shutil.rmtree(self.pages, ignore_errors=True)
            shutil.copytree(work / given["path"], self.pages)
        elif action not in {"actions/setup-python", "actions/deploy-pages"}:
            raise SystemExit(f"{self.workflow.name}: nobody knows how to play {action}")

    def _value(self, text: str, steps: Mapping[str, Mapping[str, str]]) -> str:
        return _EXPRESSION.sub(lambda m: self._lookup(m[1], steps), text)

    def _lookup(self, name: str, steps: Mapping[str, Mapping[str, str]]) -> str:
        if name in self.values:
            return self.values[name]
        if name == "github.sha":
            return _git(self.remote, "rev-parse", "HEAD").strip()
        if name == "github.ref_name":
            return _git(self.remote, "symbolic-ref", "--short", "HEAD").strip()
        parts = name.split(".")
        if parts[0] == "steps":
            return steps.get(parts[1], {}).get(parts[3], "")
        if parts[0] == "needs":
            return self.outputs.get(parts[1], {}).get(parts[3], "")
        return ""

    def _holds(self, condition: str, steps: Mapping[str, Mapping[str, str]]) -> bool:
        """A condition of the form NAME == 'TEXT'."""
        name, _, text = condition.partition(" == ")
        return self._lookup(name.strip(), steps) == text.strip().strip("'")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def work_tree(target: Path) -> Path:
    """The project as it is now, committed or not, as a repository of its own."""
    names = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    _git(target, "init", "--quiet", "--initial-branch=main")
    commit(target, "The project")
    return target


def commit(folder: Path, message: str) -> None:
    """Commit everything."""
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", message)


NOTE = """\
---
title: Tide tables from photographs of a pier
authors: [Mara Quill]
year: {year}
date: {year}-02-0{number}
---

A camera on a pier sees the line that the water draws on a post. We read the line every minute and fit the tides.
"""


def nights(
    count: int, workflow: Path = ROOT / ".github" / "workflows" / "nightly.yml", *, install: bool = False
) -> list[str]:
    """Run a workflow night after night; of each night that ended well, what it embedded and how long its steps took."""
    out: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        origin, place = Path(folder) / "origin", Path(folder) / "runner"
        origin.mkdir()
        place.mkdir()
        work_tree(origin)
        for number in range(1, count + 1):
            if number > 1:
                _git(origin, "pull", "--quiet", str(place / "origin.git"), "main")
                note = NOTE.format(year=2020 + number, number=number)
                (origin / "notes" / f"tides-{number}.md").write_text(note, encoding="utf-8")
                commit(origin, "A note")
                shutil.rmtree(place / "origin.git")
            (place / "summary.md").unlink(missing_ok=True)
            one = Rehearsal(workflow, origin, place, install=install)
            if not one.run():
                print(one.said[-1], file=sys.stderr)
                return out
            told = (place / "summary.md").read_text(encoding="utf-8")
            entries = re.search(r"\*\*(\d+) entries\*\*", told)
            embedded = re.search(r"(\d+) passages? embedded", "".join(one.said))
            steps = [
                f"{name.lower()} {took} s" for name, took in re.findall(r"^\| ([\w ,]+) \| ([\d.]+) \|$", told, re.M)
            ]
            steps += [f"“{name.partition(': ')[2]}” {took:.1f} s" for name, took in one.took.items()]
            passages = f"{counted(int(embedded[1]) if embedded else 0, 'passage')} embedded"
            out.append(f"{entries[1] if entries else '?'} entries, {passages}; {', '.join(steps)}")
    return out


def main(*arguments: str) -> int:
    here = "--here" in arguments
    count = int(arguments[arguments.index("--nights") + 1]) if "--nights" in arguments else 0
    failed = 0
    for at, name in enumerate(arguments):
        if name.startswith("--") or (at and arguments[at - 1] == "--nights"):
            continue
        if count:
            done = nights(count, Path(name).resolve(), install=not here)
            print("\n".join(f"{name}, night {number}: {text}" for number, text in enumerate(done, 1)))
            failed += len(done) < count
            continue
        with tempfile.TemporaryDirectory() as place:
            one = Rehearsal(Path(name).resolve(), ROOT, Path(place), install=not here)
            fine = one.run()
            print("\n".join(f"{name}: {ran}" for ran in one.ran))
            if not fine:
                failed += 1
                print(f"{name}: failed here:\n{one.said[-1]}")
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
