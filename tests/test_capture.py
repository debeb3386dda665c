"""The workflow that adds links from issues: who may, what is data, what it answers."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import Loopback

from paperdiary import init
from paperdiary.config import Config

ROOT = Path(__file__).parent.parent
OURS = ROOT / ".github" / "workflows" / "capture.yml"
THEIRS = ROOT / "paperdiary" / "templates" / "init" / "workflows" / "capture.yml"
Make = Callable[..., Config]


def workflow(path: Path = OURS) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(job: str, path: Path = OURS) -> dict[str, Any]:
    return {step.get("name", step.get("uses")): step for step in workflow(path)["jobs"][job]["steps"]}


@pytest.mark.parametrize("path", [OURS, THEIRS])
def test_only_the_owner_and_no_more_than_is_needed(path: Path) -> None:
    found = workflow(path)
    assert found[True] == {"issues": {"types": ["opened"]}}  # YAML reads `on` as true
    assert found["permissions"] == {}
    add, answer = found["jobs"]["add"], found["jobs"]["answer"]
    for rule in (
        "github.event.issue.user.login == github.repository_owner",
        "github.event.issue.author_association == 'OWNER'",
    ):
        assert rule in add["if"]
    assert "||" not in add["if"]
    assert add["permissions"] == {"contents": "read"}
    assert answer["needs"] == "add"
    assert "needs.add.result != 'skipped'" in answer["if"]
    assert set(answer["permissions"]) == {"contents", "issues", "pull-requests"}
    for job in (add, answer):
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "what an issue says is data, never a command"
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
    assert "diary add" not in "".join(step.get("run", "") for step in answer["steps"])


def test_new_diaries_get_the_same_workflow() -> None:
    ours, theirs = OURS.read_text(encoding="utf-8"), THEIRS.read_text(encoding="utf-8")
    install = re.compile(r"(- name: Install\n).*?(\n      - name: Add\n)", re.S)
    assert install.sub(r"\1\2", ours) == install.sub(r"\1\2", theirs)
    form = ".github/ISSUE_TEMPLATE/add.yml"
    assert (ROOT / form).read_text(encoding="utf-8") == init.files()[form]
    assert init.files()[".github/workflows/capture.yml"] == theirs


def test_actions_are_those_of_the_other_workflows() -> None:
    used = {s["uses"] for job in workflow()["jobs"].values() for s in job["steps"] if "uses" in s}
    nightly = (ROOT / ".github" / "workflows" / "nightly.yml").read_text(encoding="utf-8")
    assert {u.replace("/restore", "") for u in used} <= set(re.findall(r"uses: (\S+)", nightly))


def test_the_form_asks_for_a_link() -> None:
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "add.yml").read_text(encoding="utf-8"))
    assert form["title"].startswith("add:")
    link, status = form["body"]
    assert link["validations"]["required"] is True
    assert status["attributes"]["options"] == ["queued", "reading", "read"]


# -- the step that adds


@pytest.fixture
def repository(make_diary: Make, loopback: Loopback, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A diary in git, as the checkout leaves it."""
    config = make_diary({"a.md": "# [Here](https://arxiv.org/abs/2302.07500)\n\nwords\n", "index.md": "# Home\n"})
    (config.root / ".gitignore").write_text(".paperdiary/\npapers/\n")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=config.root, check=True)
    loopback.arxiv("2302.07515", "2302.07516")
    return config


def run(config: Config, name: str, job: str = "add", **values: str) -> tuple[dict[str, str], str]:
    """(outputs of a step, what it printed); run as GitHub does, with a `diary` and a `gh` that are at hand."""
    tools = config.root.parent / f"{config.root.name}-tools"
    tools.mkdir(exist_ok=True)
    (tools / "diary").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m paperdiary "$@"\n')
    log = f'echo "gh $*" >>"{tools}/gh.log"\ncat "{tools}/text" >>"{tools}/gh.log" || :\n'
    (tools / "gh").write_text(f"#!/bin/sh\n{log}")
    for tool in ("diary", "gh"):
        (tools / tool).chmod(0o755)
    output = tools / "output"
    output.write_text("")
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUNNER_TEMP": str(tools)}
    env |= {"GITHUB_OUTPUT": str(output), **values}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps(job)[name]["run"]],
        cwd=config.root, env=env, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    rows = [row.partition("=") for row in output.read_text().splitlines()]
    return {key: value for key, _, value in rows} | {"exit": str(done.returncode)}, done.stdout + done.stderr


def notes_in(output: dict[str, str]) -> dict[str, str]:
    data = io.BytesIO(base64.b64decode(output["notes"]))
    with tarfile.open(fileobj=data) as archive:
        return {m.name: archive.extractfile(m).read().decode() for m in archive if m.isfile()}  # type: ignore[union-attr]


def form(link: str, status: str = "queued") -> str:
    return f"### Link\n\n{link}\n\n### Status\n\n{status}\n"


@pytest.mark.parametrize(
    ("title", "body", "status"),
    [
        ("add: a link", form("https://arxiv.org/abs/2302.07515"), "queued"),
        ("add: a link", form("A title https://arxiv.org/pdf/2302.07515v2 via @x", "read"), "read"),
        ("Add: a link", form("2302.07515", "reading").replace("\n", "\r\n"), "reading"),
        ("add: https://arxiv.org/abs/2302.07515", "", "queued"),
    ],
)
def test_a_link_becomes_a_note(repository: Config, title: str, body: str, status: str) -> None:
    output, printed = run(repository, "Add", TITLE=title, BODY=body)
    assert (output["exit"], output["code"]) == ("0", "0"), printed
    [(name, text)] = notes_in(output).items()
    assert name == "notes/inbox/a-made-up-paper-numbered-2302-07515.md"
    assert f"\nstatus: {status}\n" in text
    assert "is in inbox" in base64.b64decode(output["said"]).decode()


HOSTILE = [
    "$(touch CANARY)", "`touch CANARY`", "'; touch CANARY; '", '"; touch CANARY; "', "\n--\ntouch CANARY\n",
    "--topic ../../CANARY https://arxiv.org/abs/2302.07515", "-C / --json", "${{ github.token }} $GITHUB_OUTPUT",
    "code=0\nnotes=QUFB\nEOF\ncode=0", "../../CANARY.pdf", "file:///etc/passwd", "/etc/passwd", "%s%n%d \\x00 \\c",
    "https://arxiv.org/abs/2302.07515 ;touch CANARY", "https://arxiv.org/abs/2302.07515\"$(touch CANARY)\"",
    "### Status\n\n$(touch CANARY)", "* ? [a-z]* ~ {a,b} !! <(touch CANARY)", "x" * 60_000, "-", "@-", "\x1b]0;x\x07",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_an_issue_says_is_data(repository: Config, text: str) -> None:
    before = sorted(p for p in repository.root.parent.rglob("*CANARY*"))
    output, printed = run(repository, "Add", TITLE=f"add: {text}"[:250], BODY=form(text))
    assert output["exit"] == "0", printed
    assert sorted(output) == ["code", "exit", "notes", "said"]
    assert sorted(p for p in repository.root.parent.rglob("*CANARY*")) == before == []
    changed = subprocess.run(
        ["git", "status", "--short", "-uall"], cwd=repository.root, capture_output=True, text=True
    ).stdout.splitlines()
    assert all(re.fullmatch(r" A notes/inbox/[\w-]+\.md", row) for row in changed), changed
    assert output["code"] == ("0" if "2302.07515" in text else "2")
    assert len(changed) == ("2302.07515" in text)


def test_a_duplicate_is_answered(repository: Config) -> None:
    output, _ = run(repository, "Add", TITLE="add: x", BODY=form("https://arxiv.org/abs/2302.07500v1"))
    assert (output["code"], output["notes"]) == ("3", "")
    values = {"CODE": "3", "SAID": output["said"], "NUMBER": "7", "RUN": "https://example.org/run"}
    answer, _ = run(repository, "Answer in the issue", "answer", **values)
    assert answer["exit"] == "0"
    log = (repository.root.parent / f"{repository.root.name}-tools" / "gh.log").read_text()
    assert log.startswith("gh issue comment 7 --body-file ")
    assert "This is in the diary already:\n\n    “Here” is in the diary already: notes/a.md, line 1" in log


def test_a_failure_is_answered_and_fails(repository: Config) -> None:
    output, _ = run(repository, "Add", TITLE="add: x", BODY=form("https://arxiv.org/abs/2302.09999 @all\n# x"))
    assert (output["code"], output["notes"]) == ("4", "")
    values = {"CODE": "4", "SAID": output["said"], "NUMBER": "7", "RUN": "https://example.org/run"}
    answer, _ = run(repository, "Answer in the issue", "answer", **values)
    assert answer["exit"] != "0"
    log = (repository.root.parent / f"{repository.root.name}-tools" / "gh.log").read_text()
    said = log.split("shows why.\n\n")[1]
    assert said
    assert all(row.startswith("    ") for row in said.splitlines())


def test_the_notes_become_a_pull_request(repository: Config, tmp_path_factory: pytest.TempPathFactory) -> None:
    output, _ = run(repository, "Add", TITLE="add: x", BODY=form("2302.07515\n2302.07516"))
    there = tmp_path_factory.mktemp("remote")
    clone = tmp_path_factory.mktemp("clone") / "diary"
    subprocess.run(["git", "init", "-q", "--bare", str(there)], check=True)
    subprocess.run(["git", "push", "-q", str(there), "HEAD:main"], cwd=repository.root, check=True)
    subprocess.run(["git", "clone", "-q", "-b", "main", str(there), str(clone)], check=True)
    config = Config(clone)
    values = {"NOTES": output["notes"], "SAID": output["said"], "NUMBER": "7", "CODE": "0"}
    opened, printed = run(config, "Open a pull request with the notes", "answer", **values)
    assert opened["exit"] == "0", printed
    shown = subprocess.run(
        ["git", "show", "--stat", "--format=%s", "add-7"], cwd=there, capture_output=True, text=True
    ).stdout
    assert shown.startswith("Add what issue 7 links to")
    assert "2 files changed" in shown
    log = (clone.parent / "diary-tools" / "gh.log").read_text()
    assert "gh pr create --head add-7" in log
    assert "Closes #7." in log
