"""docs/site.md says what the pages can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paperdiary.markers import MARKERS

ROOT = Path(__file__).parent.parent
SITE = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
MAP = ROOT / "paperdiary" / "assets" / "map"


@pytest.mark.parametrize("name", MARKERS)
def test_every_marker_with_its_options(name: str) -> None:
    row = next(line for line in SITE.split("\n") if line.startswith(f"| `<!-- diary:{name} -->`"))
    if "the same" in row:
        assert MARKERS[name].options == MARKERS["list"].options
    else:
        assert set(re.findall(r"`([\w-]+)`", row.split("|")[3])) >= set(MARKERS[name].options)


def test_every_parameter_of_a_view() -> None:
    keys = (MAP / "20-state.js").read_text(encoding="utf-8").partition("class View")[0]
    named = re.findall(r"""(?:flag|word|month|some)\("(\w+)"|url: "(\w+)\"""", keys)
    urls = {first or second for first, second in named}
    assert len(urls) >= 18
    table = SITE.partition("### A view has an address")[2].partition("\n## ")[0]
    assert urls == set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*)\|", table, re.M))))


def test_every_key() -> None:
    source = (MAP / "74-keys.js").read_text(encoding="utf-8").partition("KEYS_HELP = [")[2].partition("];")[0]
    helps = re.findall(r'\["([^"]*)", "([^"]*)"\]', source)
    assert len(helps) >= 8
    for keys, what in helps:
        assert what in SITE
        for key in re.split(r", | ", keys):
            assert f"`{key}`" in SITE or f"`{key.replace('−', '-')}`" in SITE
