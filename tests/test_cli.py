"""The contracts of the `diary` command: output, JSON and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from paperdiary.cli import main
from paperdiary.config import Config

CORPUS = Path(__file__).parent / "corpus"
KEYS = (
    "id title kind url arxiv doi authors year date status topic tags description note line page cluster".split()  # noqa: SIM905
)


def diary(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The corpus, built once."""
    root = tmp_path_factory.mktemp("cli")
    shutil.copytree(CORPUS, root, dirs_exist_ok=True)
    result = diary("-C", str(root), "build")
    assert result.exit_code == 0, result.output
    assert "10 entries in 9 notes" in result.stderr
    assert result.stdout == ""
    return str(root)


def answer(*arguments: str, stdin: str | None = None) -> Any:
    result = diary(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_json(built: str) -> None:
    rows = answer("-C", built, "list", "--json")
    assert len(rows) == 10
    assert all(list(row) == KEYS for row in rows)
    dates = [row["date"] or "" for row in rows]
    assert dates == sorted(dates, reverse=True)
    atlas = json.loads(Path(built, "atlas.json").read_text())
    assert {row["cluster"] for row in rows} <= {c["id"] for c in atlas["clusters"]}
    assert set(atlas["entries"]) == {row["id"] for row in rows}


def test_cluster_is_absent_before_the_first_build(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path, dirs_exist_ok=True)
    assert list(answer("-C", str(tmp_path), "list", "--json")[0]) == KEYS[:-1]


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--status", "reading"], {"Tides"}),
        (["--status", "queued"], {"Mulch in Dry Summers", "Empty"}),
        (["--topic", "night sky"], {"Tides", "Telescope Mirrors", "Comets & <b>Dust</b>"}),
        (["--topic", "notes/night sky/"], {"Tides", "Telescope Mirrors", "Comets & <b>Dust</b>"}),
        (["--since", "2024-05"], {"Pruning in January", "Comets & <b>Dust</b>"}),
        (["--since", "2025"], set()),
    ],
)
def test_list_selects(built: str, options: list[str], titles: set[str]) -> None:
    assert {row["title"] for row in answer("-C", built, "list", "--json", *options)} == titles


def test_list_in_words(built: str) -> None:
    result = diary("-C", built, "list", "--topic", "gardens")
    assert "2024-03-02  read     Compost: a Slow Fire  [gardens/compost.md:1]" in result.stdout.splitlines()


def test_stats(built: str) -> None:
    found = answer("-C", built, "stats", "--json")
    assert (found["entries"], found["read"], found["reading"], found["queued"]) == (10, 7, 1, 2)
    assert (found["first"], found["last"], found["days"], found["dated"]) == ("2024-03-02", "2024-05-01", 61, 4)
    assert found["average_per_day"] == round(4 / 61, 3)
    assert "read            7" in diary("-C", built, "stats").stdout


def test_search(built: str) -> None:
    hits = answer("-C", built, "search", "jets of a comet", "-k", "3", "--json")
    assert hits[0]["title"] == "Comets & <b>Dust</b>"
    assert [h["rank"] for h in hits] == [1, 2, 3]
    assert list(hits[0]) == [*KEYS, "rank", "score", "semantic", "keyword", "passage", "found_by"]
    assert list(hits[0]["passage"]) == ["heading", "text", "from"]
    assert "jets" in hits[0]["passage"]["text"]
    assert hits[0]["keyword"] > 0
    assert len({h["id"] for h in hits}) == 3


def test_search_reads_queries_from_stdin(built: str) -> None:
    result = diary("-C", built, "search", "-", "--json", "-k", "1", stdin="worms\n\npruning apple trees\n")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [[h["title"] for h in line] for line in lines] == [
        ["Worms Move More Soil Than Ploughs"],
        [],
        ["Pruning in January"],
    ]


def test_related(built: str) -> None:
    near = answer("-C", built, "related", "arXiv:1903.01234v1", "-k", "4", "--json")
    assert len(near) == 4
    assert "arxiv:1903.01234" not in {n["id"] for n in near}
    similar = [n["similarity"] for n in near]
    assert similar == sorted(similar, reverse=True)
    for name in ("https://arxiv.org/pdf/1903.01234.pdf", "gardens/compost.md", "compost: a slow fire", "Slow Fire"):
        assert answer("-C", built, "related", name, "-k", "4", "--json") == near


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["related", "no such thing"], 4, "diary list"),
        (["related", "in"], 4, "can mean"),
        (["search", "  "], 2, "diary search"),
        (["list", "--since", "last week"], 2, "2025-06-04"),
        (["list", "--topic", "cooking"], 2, "gardens, night sky"),
        (["list", "--status", "lost"], 2, "queued"),
        (["nonsense"], 2, "No such command"),
        (["search", "x", "-k", "0"], 2, "0 is not in the range"),
    ],
)
def test_mistakes(built: str, arguments: list[str], code: int, says: str) -> None:
    result = diary("-C", built, *arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_no_diary_here(tmp_path: Path) -> None:
    result = diary("-C", str(tmp_path), "list")
    assert result.exit_code == 1
    assert "diary init" in result.stderr


def test_search_before_build(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path, dirs_exist_ok=True)
    result = diary("-C", str(tmp_path), "search", "worms")
    assert result.exit_code == 1
    assert "diary build" in result.stderr


def test_a_stale_index_is_said(built: str, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    (tmp_path / "notes" / "new.md").write_text("# New\n\nNothing in the index knows this.\n")
    result = diary("-C", str(tmp_path), "search", "worms")
    assert result.exit_code == 0
    assert "diary build" in result.stderr


def test_found_from_a_folder_below(built: str) -> None:
    assert len(answer("-C", str(Path(built, "notes", "gardens")), "list", "--json")) == 10


def test_quiet(built: str) -> None:
    assert diary("-C", built, "-q", "build").output == ""


def test_init_and_build(tmp_path: Path) -> None:
    target = tmp_path / "new"
    assert diary("init", str(target)).exit_code == 0
    names = {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()}
    assert {"mkdocs.yml", "notes/index.md", ".gitignore", ".github/workflows/nightly.yml"} <= names
    text = (target / "mkdocs.yml").read_text()
    (target / "mkdocs.yml").write_text(text.replace("  - paperdiary", "  - paperdiary:\n      embedder: hashing\n#"))
    assert diary("-C", str(target), "build", "--strict").exit_code == 0


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.md").write_text("# Mine\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: Mine\n")
    result = diary("init", str(tmp_path))
    assert result.exit_code == 0
    assert (tmp_path / "mkdocs.yml").read_text() == "site_name: Mine\n"
    assert (tmp_path / "notes" / "mine.md").read_text() == "# Mine\n"
    assert not (tmp_path / "notes" / "examples").exists()
    again = diary("init", str(tmp_path))
    assert again.stdout == ""
    assert "nothing was written" in again.stderr


def test_pipe_that_closes(built: str) -> None:
    """`diary list | head -1` ends without a traceback."""
    run = subprocess.run(
        ["sh", "-c", '"$0" -m paperdiary -C "$1" list | head -1', sys.executable, built],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        check=True,
    )
    assert run.stdout
    assert "Traceback" not in run.stderr


def test_links_that_lead_nowhere_are_said_briefly(make_diary: Callable[..., Config]) -> None:
    links = " ".join(f"[x](gone{n}.md)" for n in range(40))
    config = make_diary({"a.md": f"# A\n\n{links}\n", "b.md": "# B\n\n[a](a.md) [c](c.md)\n"})
    result = diary("-C", str(config.root), "build")
    assert result.exit_code == 0
    said = [line for line in result.stderr.splitlines() if "nothing" in line]
    assert said == [
        *(f"a.md: the link gone{n}.md leads to nothing." for n in range(3)),
        "b.md: the link c.md leads to nothing.",
        "a.md: 37 more links lead to nothing.",
    ]
    assert diary("-C", str(config.root), "build", "--strict").exit_code == 1
