"""Links by name, on the built page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from paperdiary.cli import main
from paperdiary.config import Config

Make = Callable[..., Config]


@pytest.fixture
def page(make_diary: Make) -> str:
    notes: dict[str, str | bytes] = {
        "soil/Warm Compost.md": "# Warm Compost\n\n## What lives in it\n\nWorms.\n",
        "soil/heap.png": b"\x89PNG\r\n",
        "reading/a.md": (
            "# A\n\n[[Warm Compost]] and [[warm compost|heaps]] and [[Warm Compost#What lives in it]]"
            " and [[nowhere at all|lost]]\n\n"
            "![[heap.png]]\n\n`[[Warm Compost]]`\n"
        ),
    }
    config = make_diary(notes)
    result = CliRunner().invoke(main, ["-C", str(config.root), "build"])
    assert result.exit_code == 0, result.output
    return (config.root / "site" / "reading" / "a" / "index.html").read_text(encoding="utf-8")


def test_a_note_is_found_by_its_name_in_any_case(page: str) -> None:
    assert '<a href="../../soil/Warm%20Compost/">Warm Compost</a>' in page
    assert '<a href="../../soil/Warm%20Compost/">heaps</a>' in page


def test_a_heading_of_a_note(page: str) -> None:
    assert 'href="../../soil/Warm%20Compost/#what-lives-in-it"' in page


def test_an_image(page: str) -> None:
    assert 'src="../../soil/heap.png"' in page


def test_what_is_not_there_is_shown_as_text(page: str) -> None:
    assert "lost" in page
    assert "[[nowhere" not in page


def test_code_stays(page: str) -> None:
    assert "<code>[[Warm Compost]]</code>" in page
