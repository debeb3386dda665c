"""What `diary search` prints, and what it costs to start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from paperdiary import answers, build
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.entry import Entry, Passage
from paperdiary.search import Hit

NOTES = {
    "sea/whales.md": "# Whale song\n\nHumpback whales sing for hours.\n",
    "bread.md": "# Sourdough\n\nFlour, water and time make the dough rise.\n",
}
HEAVY = {"torch", "sklearn", "scipy", "mkdocs", "faiss", "umap", "transformers", "sentence_transformers", "plotly"}


def hit(text: str, marks: set[str], *, paper: bool = False, heading: str = "", found_by: str = "both") -> Hit:
    return Hit("x", 1, 1.0, 0.5, 2.0, Passage("x", 0, heading, text, paper), found_by, frozenset(marks))


def entry(title: str) -> Entry:
    return Entry("x", title, "paper", "a/x.md", 7, "a/x/")


def shown(one: Hit, title: str = "On whales") -> list[str]:
    return answers.lines(one, entry(title), lambda text: f"*{text}*")


def test_matching_words_are_marked() -> None:
    first, second = shown(hit("The whales' song.", {"whale", "song"}))
    assert first == "  1. On *whales*  [a/x.md:7]  (words and meaning)"
    assert second == "     The *whales*' *song*."


def test_heading_and_source_are_told() -> None:
    first, second = shown(hit("Text.", set(), heading="Method", paper=True, found_by="meaning"))
    assert first.endswith("(meaning, the paper's text)")
    assert second == "     Method: Text."
    assert shown(hit("Text.", set(), heading="On Whales", found_by="filter")) == [
        "  1. On whales  [a/x.md:7]",
        "     Text.",
    ]


@pytest.mark.parametrize("at", [0, 10, 150, 400, 900])
def test_the_part_with_the_first_mark_is_shown(at: int) -> None:
    words = [f"word{n}" for n in range(1000)]
    words[at] = "whale"
    part = answers.snippet(" ".join(words), frozenset({"whale"}))
    assert "whale" in part
    assert len(part) <= answers.SHOWN + 4
    assert part.startswith(("word0", "… word")) or at == 0
    assert part.endswith(" …") or at == 900


def test_snippet_of_a_text_without_spaces() -> None:
    part = answers.snippet("機械" * 500, frozenset())
    assert len(part) <= answers.SHOWN + 2


def test_terminal_is_not_obeyed() -> None:
    first, second = shown(hit("bad\x1b[2J\u202etext\x07", set(), heading="\x9b2J"), title="T\x1b]0;x\x07")
    assert not set("\x1b\x07\x9b\u202e") & set(first + second)


def test_queries_of_a_file() -> None:
    assert answers.queries("\ufeffone\r\n\n two \u2028x\n".encode()) == ["one", "", "two \u2028x"]
    assert answers.queries(b"\xff\n") == ["\ufffd"]
    assert answers.queries(b"") == []


@pytest.fixture
def built(make_diary: Callable[..., Config]) -> str:
    config = make_diary(NOTES)
    build.run(config)
    return str(config.root)


def diary(*arguments: str, stdin: bytes | None = None, color: bool = False) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, color=color)


def test_bold_on_a_terminal_only(built: str) -> None:
    bold = click.style("whales", bold=True)
    assert bold in diary("-C", built, "search", "whales", color=True).stdout
    assert "\x1b" not in diary("-C", built, "search", "whales").stdout


def test_words_need_no_quotation_marks(built: str) -> None:
    one = diary("-C", built, "search", "water", "and", "flour", "--json").stdout
    assert one == diary("-C", built, "search", "water and flour", "--json").stdout
    assert json.loads(one)[0]["title"] == "Sourdough"
    assert json.loads(one)[0]["passage"]["from"] == "note"


def test_nothing_found_is_said(built: str) -> None:
    found = diary("-C", built, "search", "☃")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "Nothing" in found.stderr
    assert json.loads(diary("-C", built, "search", "☃", "--json").stdout) == []


def test_each_line_of_stdin_is_a_query(built: str) -> None:
    found = diary("-C", built, "search", "-", "--json", "-k", "1", stdin="whales\n\nflour\n\xff".encode("latin-1"))
    assert found.exit_code == 0
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert [[h["title"] for h in row] for row in rows] == [["Whale song"], [], ["Sourdough"], []]


@pytest.mark.parametrize("command", [("search", "whales sing"), ("related", "bread.md"), ("search", "whlaes tag:x")])
def test_starts_without_heavy_libraries(built: str, command: tuple[str, ...]) -> None:
    code = (
        "import json, sys\nfrom paperdiary.cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "-C", built, *command], capture_output=True, text=True, check=True
    )
    assert not set(json.loads(run.stdout.splitlines()[-1])) & HEAVY


@pytest.mark.model
def test_starter_diary_is_searched_without_the_model(starter: Path) -> None:
    """The query encoder answers; a process takes a fraction of a second of the processor's time."""
    import resource

    command = [
        sys.executable,
        "-m",
        "paperdiary",
        "-C",
        str(starter),
        "search",
        "attention without recurrence",
        "--json",
    ]
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    hits = json.loads(run.stdout)
    assert len(hits) == 10
    assert hits[0]["semantic"] > 0.2
    assert run.stderr == ""
    assert min(took) < 0.8
