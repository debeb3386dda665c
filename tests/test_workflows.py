"""The workflows of the project and of a new diary: linted at the strictest, and every command of them run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import ROOT, copy_starter

from paperdiary import init

sys.path.insert(0, str(ROOT / "scripts"))
from rehearse_workflows import Rehearsal

OURS = ROOT / ".github" / "workflows"
THEIRS = ROOT / "paperdiary" / "templates" / "init" / "workflows"
ALL = sorted([*OURS.glob("*.yml"), *THEIRS.glob("*.yml")])
BIN = Path(sys.executable).parent


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def workflow(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_three_of_a_new_diary() -> None:
    assert {p.name for p in THEIRS.glob("*.yml")} == {"capture.yml", "ci.yml", "nightly.yml"}
    written = init.files()
    for file in THEIRS.glob("*.yml"):
        assert written[f".github/workflows/{file.name}"] == file.read_text(encoding="utf-8")
    assert written[".github/dependabot.yml"] == (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")


def test_ours_are_theirs_but_for_the_installation() -> None:
    for name in ("nightly.yml", "capture.yml"):
        ours, theirs = ((folder / name).read_text(encoding="utf-8") for folder in (OURS, THEIRS))
        install = re.compile(r"        run: (pip install \S+|\|\n {10}make .*\n {10}echo .*)\n")
        assert install.sub("", ours) == install.sub("", theirs)


@pytest.mark.parametrize("path", ALL, ids=names)
def test_actions_are_pinned_and_rights_are_few(path: Path) -> None:
    found = workflow(path)
    assert found["permissions"] == {}
    text = path.read_text(encoding="utf-8")
    uses = re.findall(r"uses: (\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r"  # v\d+\.\d+\.\d+", comment), action
    pins = {}
    for file in ALL:
        for action, commit in re.findall(r"uses: (actions/[\w-]+)[\w/-]*@(\w+)", file.read_text(encoding="utf-8")):
            assert pins.setdefault(action, commit) == commit, f"{action} has two pins"
    for job in found["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "what is not ours is data, never a command"


def test_only_one_job_may_publish_and_it_runs_nothing_of_ours() -> None:
    jobs = workflow(THEIRS / "nightly.yml")["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert set(jobs["deploy"]["permissions"]) == {"pages", "id-token"}
    assert not any("run" in step for step in jobs["deploy"]["steps"])
    assert jobs["deploy"]["needs"] == "build"
    assert jobs["keep-the-map"]["permissions"] == {"contents": "write"}
    assert workflow(THEIRS / "nightly.yml")["concurrency"] == {"group": "pages", "cancel-in-progress": False}


@pytest.mark.parametrize("path", ALL, ids=names)
def test_the_linter_of_the_schema_finds_nothing(path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_at_its_strictest() -> None:
    paths = [*ALL, ROOT / ".github" / "dependabot.yml"]
    command = [str(BIN / "zizmor"), "--offline", "--persona=auditor", "--no-progress", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "No findings" in done.stdout


@pytest.mark.parametrize("path", ALL, ids=names)
def test_commands_are_sound_shell(path: Path) -> None:
    for job in workflow(path)["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                subprocess.run(["bash", "-n", "-c", step["run"]], check=True)


# -- rehearsed


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **who}).stdout


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """A new diary in a repository, with words for meaning instead of the model."""
    root = tmp_path / "diary"
    init.init(root)
    (root / "notes" / "examples" / "attention-is-all-you-need.md").unlink()
    for n in range(12):
        (root / "notes" / f"bed-{n}.md").write_text(
            f"---\ndate: 2024-05-{n + 1:02}\n---\n# Bed {n}\n\nOf {'rose ' * n}.\n"
        )
    file = root / "mkdocs.yml"
    text = file.read_text(encoding="utf-8")
    assert "- paperdiary" in text
    file.write_text(
        re.sub(r"- paperdiary:?[^\n]*", "- paperdiary: {embedder: hashing}", text, count=1), encoding="utf-8"
    )
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x")
    return root


def night(diary: Path, place: Path, **values: str) -> Rehearsal:
    place.mkdir(exist_ok=True)
    shutil.rmtree(place / "origin.git", ignore_errors=True)
    return Rehearsal(THEIRS / "nightly.yml", diary, place, install=False, values=values)


def test_nights(diary: Path, tmp_path: Path) -> None:
    place = tmp_path / "runner"
    first = night(diary, place)
    assert first.run(), first.said
    assert first.pages
    assert (first.pages / "map" / "index.html").is_file()
    assert "keep-the-map: Commit atlas.json" in first.ran
    assert "**12 entries**" in (place / "summary.md").read_text(encoding="utf-8")
    git(diary, "pull", "--quiet", str(first.remote), "main")
    assert (diary / "atlas.json").is_file()
    assert git(diary, "log", "-1", "--format=%an %s").startswith("github-actions[bot] The map of ")

    quiet = night(diary, place)  # nothing changed: no commit
    assert quiet.run(), quiet.said
    assert not any("keep-the-map" in step for step in quiet.ran)
    assert "Nothing on the map." in (place / "summary.md").read_text(encoding="utf-8")

    for n in range(4):  # a checkout that is not whole
        git(diary, "update-index", "--skip-worktree", f"notes/bed-{n}.md")
    broken = night(diary, place)
    checkout = broken._play

    def partial(step: Any, work: Path, home: Path, after: Any) -> None:
        checkout(step, work, home, after)
        if "checkout" in step["uses"]:
            for n in range(4):
                (work / "notes" / f"bed-{n}.md").unlink()

    broken._play = partial  # type: ignore[method-assign]
    assert not broken.run()
    assert broken.pages is None
    assert "4 of 12 entries are gone" in broken.said[-1]

    allowed = night(diary, place, **{"inputs.fewer": "true"})
    allowed._play = partial  # type: ignore[method-assign]
    checkout = Rehearsal._play.__get__(allowed)
    assert allowed.run(), allowed.said


def test_pull_request(diary: Path, tmp_path: Path) -> None:
    (tmp_path / "runner").mkdir()
    one = Rehearsal(THEIRS / "ci.yml", diary, tmp_path / "runner", install=False)
    assert one.run(), one.said
    assert one.ran[-2:] == ["check: Check", "check: Build"]


def test_our_own_night_but_for_the_installation(tmp_path: Path) -> None:
    root = tmp_path / "clone"
    root.mkdir()
    copy_starter(root)
    (root / ".gitignore").write_text("site/\n.paperdiary/\nnight/\n")
    file = root / "mkdocs.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub(r"- paperdiary\b[^\n]*", "- paperdiary: {embedder: hashing}", text, count=1), encoding="utf-8"
    )
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x")
    (tmp_path / "runner").mkdir()
    one = Rehearsal(OURS / "nightly.yml", root, tmp_path / "runner", install=False)
    assert one.run(), one.said
