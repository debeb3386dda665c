"""Nothing is published that lost its entries by mistake; what the run's page says; a schedule that ends."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from paperdiary import build, nightly
from paperdiary.build import Diary
from paperdiary.changes import Changes
from paperdiary.check_schedule import idle
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.errors import DiaryError
from paperdiary.store import sealed

Make = Callable[..., Config]
TEN = {f"n{n}.md": f"# Note {n} on gardens\n\nWords about bed {n}.\n" for n in range(10)}


def git(config: Config, *arguments: str) -> None:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=config.root, check=True, capture_output=True, env={**os.environ, **names})


def commit(config: Config) -> None:
    git(config, "add", "--all")
    git(config, "commit", "--quiet", "--message", "x")


@pytest.fixture
def ten(make_diary: Make) -> Config:
    config = make_diary(TEN)
    (config.root / ".gitignore").write_text(".paperdiary/\n")
    git(config, "init", "--quiet")
    commit(config)
    nightly.remember(build.read(config))
    return config


def look(config: Config) -> Diary:
    diary = build.read(config)
    nightly.guard(diary)
    return diary


def test_nothing_lost(ten: Config) -> None:
    assert len(look(ten).entries) == 10
    (ten.notes / "n1.md").unlink()
    (ten.notes / "n2.md").unlink()  # no more than a fifth
    assert len(look(ten).entries) == 8


def test_files_that_are_missing_without_a_commit(ten: Config) -> None:
    for n in range(3):
        (ten.notes / f"n{n}.md").unlink()
    with pytest.raises(DiaryError, match=r"3 of 10 entries are gone.*n\d.md.*--fewer"):
        look(ten)
    commit(ten)
    assert len(look(ten).entries) == 7


def test_entries_lost_from_a_file_that_is_as_it_was(ten: Config) -> None:
    from dataclasses import replace

    diary = build.read(ten)
    fewer = replace(diary, entries=diary.entries[:6])
    with pytest.raises(DiaryError, match="4 of 10"):
        nightly.guard(fewer)


def test_notes_that_a_commit_made_shorter(make_diary: Make) -> None:
    many = "".join(f"## Bed {n}\n\nhttps://example.org/{n}\n\n" for n in range(6))
    config = make_diary({"all.md": f"# Gardens\n\n{many}", **TEN})
    git(config, "init", "--quiet")
    commit(config)
    nightly.remember(build.read(config))
    assert nightly.state(build.read(config)).entries > 12
    (config.notes / "all.md").write_text("# Gardens\n\nOne bed.\n")
    commit(config)
    look(config)


def test_folder_of_another_repository_that_was_not_checked_out(make_diary: Make) -> None:
    """A submodule: no commit of the diary's own repository ever removed its notes."""
    config = make_diary(TEN)
    nightly.remember(build.read(config))
    for file in config.notes.iterdir():
        file.unlink()
    (config.root / "README").write_text("x")
    git(config, "init", "--quiet")
    commit(config)
    with pytest.raises(DiaryError, match="10 of 10"):
        look(config)


def test_without_git_what_is_gone_is_not_explained(make_diary: Make) -> None:
    config = make_diary(TEN)
    nightly.remember(build.read(config))
    for n in range(4):
        (config.notes / f"n{n}.md").unlink()
    with pytest.raises(DiaryError, match="4 of 10"):
        look(config)


def test_renamed_notes_are_not_lost(ten: Config) -> None:
    (ten.notes / "beds").mkdir()
    for name in TEN:
        (ten.notes / name).rename(ten.notes / "beds" / name)
    assert len(look(ten).entries) == 10


def test_without_the_cache_the_committed_map_tells(ten: Config) -> None:
    build.run(ten)
    commit(ten)
    (ten.root / ".paperdiary" / "published.json").unlink()
    for n in range(4):
        (ten.notes / f"n{n}.md").unlink()
    with pytest.raises(DiaryError, match="4 of 10"):
        look(ten)
    commit(ten)
    look(ten)


@pytest.mark.parametrize("value", ["", {"version": 9}, {"version": 2, "notes": {"a": 3}}, {"version": 2}, []])
@pytest.mark.parametrize("whole", [True, False])
def test_damaged_memory_is_no_error(make_diary: Make, value: object, whole: bool) -> None:
    config = make_diary(TEN)
    place = config.root / ".paperdiary" / "published.json"
    place.parent.mkdir()
    place.write_text(sealed(value) if whole else str(value))
    assert nightly.read(config) is None
    look(config)


def test_page_of_the_run(make_diary: Make) -> None:
    config = make_diary(TEN | {"n0.md": "# <b>@all</b> [x](javascript:1) `|` see http://example.org\n\nA bed.\n"})
    before = build.run(config)
    (config.notes / "n11.md").write_text("# A new **bed** | {{ x }}\n\nOf roses.\n")
    diary = build.run(config)
    assert isinstance(before.changes, Changes)
    problems = [Problem("warning", "no-date", f"line {n} of <script>", "n0.md", n) for n in range(1, 25)]
    problems.append(Problem("error", "broken-link", "to nowhere", "n3.md", 7))
    text = nightly.report(diary, problems, {"notes": 1.25, "pages": 2.0})
    assert "**11 entries** in 11 notes, 11 read" in text
    assert "New: “A new bed \\| \\{\\{ x \\}\\}”" in text
    assert text.index("error: n3.md, line 7") < text.index("warning: n0.md, line 1:")
    assert "and 5 more" in text
    assert "| **all** | **3.2** |" in text or "| **all** | **3.3** |" in text
    assert "<script>" not in text
    assert "<b>" not in text
    assert "@all" not in text
    assert "http://" not in text


def test_page_of_a_run_in_which_nothing_happened(make_diary: Make) -> None:
    config = make_diary(TEN)
    build.run(config)
    text = nightly.report(build.run(config), [], {})
    assert "Nothing on the map." in text
    assert "finds none" in text


@pytest.mark.parametrize(
    ("days", "says"), [(10, None), (44, None), (50, "in 10 days"), (59, "in 1 day,"), (70, "by now")]
)
def test_schedule_that_is_switched_off(make_diary: Make, days: int, says: str | None) -> None:
    config = make_diary(TEN)
    flows = config.root / ".github" / "workflows"
    flows.mkdir(parents=True)
    (flows / "nightly.yml").write_text("on:\n  schedule:\n    - cron: '1 2 * * *'\n")
    assert idle(config) == []  # no repository
    git(config, "init", "--quiet")
    git(config, "add", "--all")
    when = f"{int(time.time() - days * 86400 - 60)} +0000"
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    subprocess.run(["git", "commit", "-qm", "x"], cwd=config.root, check=True, env={**os.environ, **names, **dates})
    found = idle(config)
    assert [p.code for p in found] == (["schedule-idle"] if says else [])
    assert all(says in p.message and "nightly.yml" in p.message for p in found if says)
    (flows / "nightly.yml").write_text("on:\n  push:\n")
    assert idle(config) == []


def test_paths_outside_ascii(make_diary: Make) -> None:
    config = make_diary({f"Gärten {n} – 園.md": f"# Beet {n}\n\nText {n}.\n" for n in range(8)})
    git(config, "init", "--quiet")
    commit(config)
    nightly.remember(build.read(config))
    for file in sorted(config.notes.iterdir())[:4]:
        file.unlink()
    commit(config)
    look(config)
    assert Path(config.notes / "Gärten 0 – 園.md").name not in {p.name for p in config.notes.iterdir()}
