"""The queue: what to read next and why; `diary read`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from paperdiary import build, queue
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.notes import read_all

Make = Callable[..., Config]
TODAY = dt.date.today().isoformat()


def diary(config: Config, *words: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(config.root), *words])


def note(title: str, text: str, **values: str) -> str:
    rows = "".join(f"{key}: {value}\n" for key, value in values.items())
    return f"---\ntitle: {title}\n{rows}---\n{text} {text} {text}\n"


ROSES, TIDES = "roses in clay soil need mulch", "tides move water along the coast"


@pytest.fixture
def waiting(make_diary: Make) -> Config:
    return make_diary(
        {
            "a/old.md": note("Old", TIDES, date="2020-01-01"),
            "a/new.md": note("New roses", ROSES, date="2026-01-02"),
            "q/roses.md": note("Q roses", ROSES, status="queued", added="2026-01-01"),
            "q/tides.md": note("Q tides", TIDES, status="queued", added="2026-01-03"),
            "q/both.md": note("Q other", "a violin concerto", status="queued", added="2026-01-02"),
            "r/reading.md": note("Reading", ROSES, status="reading"),
        }
    )


def queued(config: Config, *words: str) -> Any:
    result = diary(config, "list", "--status", "queued", "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_without_an_index_the_newest_come_first(waiting: Config) -> None:
    rows = queued(waiting)
    assert [row["title"] for row in rows] == ["Q tides", "Q other", "Q roses"]
    assert rows[0]["why"] == "added 2026-01-03; not in the index yet; `diary build` places it"
    assert rows[0]["near"] is None


def test_the_nearest_to_what_was_read_lately_come_first(waiting: Config) -> None:
    build.run(waiting)
    rows = queued(waiting)
    assert [row["title"] for row in rows] == ["Q roses", "Q tides", "Q other"]
    near = rows[0]["near"]
    assert (near["title"], near["date"]) == ("New roses", "2026-01-02")
    assert near["similarity"] > 0.8
    assert rows[0]["why"] == f"near “New roses”, read 2026-01-02 ({near['similarity']:.2f})"
    words = diary(waiting, "list", "--status", "queued").stdout.splitlines()
    assert words[0] == "Q roses  [q/roses.md:1]"
    assert words[1].strip() == rows[0]["why"]


def test_a_new_entry_has_its_place_below(waiting: Config) -> None:
    build.run(waiting)
    (waiting.notes / "q/late.md").write_text(note("Late", ROSES, status="queued"))
    rows = queued(waiting)
    assert [row["title"] for row in rows][-1] == "Late"
    assert "diary build" in rows[-1]["why"]
    assert len(queued(waiting, "--topic", "q")) == 4


def test_what_was_read_last_weighs_most(make_diary: Make) -> None:
    notes = {"a.md": note("A", ROSES, date="2026-01-02"), "b.md": note("B", TIDES, date="2026-01-01")}
    notes |= {"x.md": note("X", TIDES, status="queued"), "y.md": note("Y", ROSES, status="queued")}
    config = make_diary(notes)
    build.run(config)
    assert [row["title"] for row in queued(config)] == ["Y", "X"]
    (config.notes / "b.md").write_text(note("B", TIDES, date="2026-01-03"))
    assert [row["title"] for row in queued(config)] == ["X", "Y"]


def test_nothing_read_and_nothing_queued(make_diary: Make) -> None:
    config = make_diary({"q.md": note("Q", ROSES, status="queued")})
    assert queued(config)[0]["why"] == "nothing has been read yet"
    assert queue.order(build.read(config), []) == []


# -- diary read


def read(config: Config, name: str, *words: str, code: int = 0) -> Result:
    result = diary(config, "read", name, *words)
    assert result.exit_code == code, result.output
    return result


def test_read_changes_status_and_date_alone(make_diary: Make) -> None:
    data = b"\xef\xbb\xbf---\r\n# mine\r\ntitle: 'A:  b'\r\nstatus: queued   # soon\r\nx: [1,  2]\r\n---\r\n"
    data += b"Text  here \r\n"
    config = make_diary({"q/a.md": data})
    result = read(config, "q/a.md")
    assert f"read {TODAY} (notes/q/a.md)" in result.stderr
    wanted = data.replace(b"queued   # soon", f"read   # soon\r\ndate: {TODAY}".encode())
    assert (config.notes / "q/a.md").read_bytes() == wanted
    again = read(config, "q/a.md")
    assert "as it says already" in again.stderr
    assert (config.notes / "q/a.md").read_bytes() == wanted
    read(config, "q/a.md", "--date", "2025-06-04")
    assert b"date: 2025-06-04\r\n" in (config.notes / "q/a.md").read_bytes()
    assert not list(config.notes.rglob(".*"))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("# A paper [TODO]\n\nhttps://arxiv.org/abs/2302.07515\n", "# A paper [TODO]"),
        ("TODO", "TODO"),
        ("---\ntitle: T\n---\n", ""),
        ("---\ntitle: T\nreading_status: TBD\nread on:\n---\ntext\n", "text"),
        ("---\ntitle: T\nstatus: reading\ndate: 2020-01-01\n---\n\n\n    code\n", "    code"),
    ],
)
def test_read_a_note_of_one_entry(make_diary: Make, text: str, rest: str) -> None:
    config = make_diary({"a.md": text})
    [marked] = json.loads(read(config, "a.md", "--json").stdout)
    assert (marked["status"], marked["date"], marked["changed"]) == ("read", TODAY, True)
    [entry] = read_all(config)[0].entries
    assert (entry.status, entry.date) == ("read", TODAY)
    assert f"---\n\n{rest}" in (config.notes / "a.md").read_text() or rest in text.split("---\n")[-1]
    assert (config.notes / "a.md").read_text().endswith(text.split("---\n")[-1])
    assert queued(config) == []


MANY = """\
# My papers

## [One](https://arxiv.org/abs/2302.07515)

Date read: 2026-01-01

It was good and long.

## [TODO] [Two](https://arxiv.org/abs/2302.07516)
what it says

## [Three](https://arxiv.org/abs/2302.07517) [to read]

Some words.
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_read_one_of_several(make_diary: Make, end: str) -> None:
    config = make_diary({"many.md": MANY.replace("\n", end).encode()})
    read(config, "2302.07516", "--date", "2026-02-03")
    wanted = MANY.replace(
        "## [TODO] [Two](https://arxiv.org/abs/2302.07516)\n",
        "## [Two](https://arxiv.org/abs/2302.07516)\n\nDate read: 2026-02-03\n\n",
    ).replace("\n", end)
    assert (config.notes / "many.md").read_bytes() == wanted.encode()
    found = [(e.status, e.date) for e in read_all(config)[0].entries]
    assert found == [("read", "2026-01-01"), ("read", "2026-02-03"), ("queued", None)]
    read(config, "2302.07515", "--date", "2026-02-04")
    assert (config.notes / "many.md").read_bytes().count(b"Date read: 2026-02-04") == 1


def test_what_cannot_be_marked_says_what_to_write(make_diary: Make) -> None:
    rows = "".join(f"| Paper {n} | [arXiv](https://arxiv.org/abs/2302.0751{n}) |\n" for n in range(6))
    table = f"# To read\n\n| paper | link |\n|---|---|\n{rows}"
    config = make_diary({"reading-list.md": table, "b.md": "---\n{title: T, status: queued}\n---\nx\n"})
    before = {p: p.read_bytes() for p in config.notes.rglob("*")}
    assert "notes/reading-list.md, line 10" in read(config, "2302.07515", code=1).stderr
    assert "a line each" in read(config, "b.md", code=1).stderr
    assert {p: p.read_bytes() for p in config.notes.rglob("*")} == before


def test_several_at_once(make_diary: Make) -> None:
    config = make_diary({f"{n}.md": note(f"Number {n}", ROSES, status="queued") for n in "abc"})
    result = diary(config, "read", "Number a", "nothing", "c.md", "--json")
    assert result.exit_code == 4
    assert [m["note"] for m in json.loads(result.stdout)] == ["a.md", "c.md"]
    assert "No entry answers to “nothing”" in result.stderr
    assert [e["note"] for e in queued(config)] == ["b.md"]


@pytest.mark.parametrize("day", ["2026-02-30", "soon", "2026-1-1", "20260101", ""])
def test_a_day_that_is_none(waiting: Config, day: str) -> None:
    assert diary(waiting, "read", "Q roses", "--date", day).exit_code == 2


def test_a_link_to_a_note_stays_a_link(make_diary: Make, tmp_path: Path) -> None:
    config = make_diary({"a.md": note("A", ROSES, status="queued")})
    real = tmp_path / "real.md"
    (config.notes / "a.md").rename(real)
    (config.notes / "a.md").symlink_to(real)
    read(config, "a.md")
    assert (config.notes / "a.md").is_symlink()
    assert f"date: {TODAY}" in real.read_text()
