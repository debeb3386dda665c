from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from paperdiary import build, siteassets
from paperdiary.config import Config
from paperdiary.pages import Site
from paperdiary.siteassets import PLACE

NOTES: dict[str, str | bytes] = {f"t/n{n}.md": f"# Title {n}\n\nWords of note {n}.\n" for n in range(6)}


@pytest.fixture
def site(make_diary: Callable[..., Config]) -> Site:
    return Site(build.run(make_diary(NOTES)))


def content(data: bytes | Path) -> bytes:
    return data.read_bytes() if isinstance(data, Path) else data


def test_a_site_has_each_file_once(site: Site) -> None:
    paths = [asset.path for asset in site.assets()]
    assert len(paths) == len(set(paths))
    names = {"paperdiary.css", "paperdiary.js", "map.js", "map-points.js", "map-cards.js", "plotly.min.js"}
    assert {f"{PLACE}/{name}" for name in names} <= set(paths)
    assert "map/embed/index.html" in paths


def test_styles_come_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "css").mkdir()
    for name in ("a-last", "map", "face", "pages"):
        (tmp_path / "css" / f"{name}.css").write_bytes(f".{name} {{}}\r\n\r\n".encode())
    monkeypatch.setattr(siteassets, "HERE", tmp_path)
    assert siteassets.styles() == b".face {}\n.pages {}\n.map {}\n.a-last {}\n"


def test_scripts_are_joined_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "map").mkdir()
    for name, text in {"20-b": "const b = a;", "10-a": "const a = 1;\n// end", "99-z": "go(b);\n"}.items():
        (tmp_path / "map" / f"{name}.js").write_text(text, encoding="utf-8")
    (tmp_path / "map" / "notes.md").write_text("no script", encoding="utf-8")
    monkeypatch.setattr(siteassets, "HERE", tmp_path)
    assert siteassets.joined("map") == b"const a = 1;\n// end\nconst b = a;\ngo(b);\n"
    scoped = siteassets.in_one_scope(siteassets.joined("map")).decode()
    assert scoped.startswith('(() => {\n"use strict";\n')
    assert scoped.endswith("go(b);\n})();\n")


def test_no_style_or_script_names_another_host() -> None:
    texts = [siteassets.styles(), siteassets.joined("site"), siteassets.joined("map")]
    allowed = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    for text in texts:
        assert text
        found = set(re.findall(rb"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", text))
        assert {f.decode() for f in found} <= allowed
        assert b"@import" not in text


def test_what_every_page_loads_is_small() -> None:
    import gzip

    assert len(gzip.compress(siteassets.joined("site"))) < 4096
    assert len(gzip.compress(siteassets.styles())) < 20_000


def test_data_files_are_calls_that_a_browser_can_read(site: Site) -> None:
    files = {asset.path.removeprefix(f"{PLACE}/"): content(asset.data) for asset in site.assets()}
    for name in ("points", "cards"):
        text = files[f"map-{name}.js"].decode("utf-8")
        assert text.startswith(f"PaperDiary.{name}(")
        value = json.loads(text[len(f"PaperDiary.{name}(") : -len(");\n")])
        assert value["version"] == 2
        assert len(value["ids" if name == "points" else "bibtex"]) == 6


def test_plotly_is_that_of_the_installed_package() -> None:
    file = siteassets.plotly_bundle()
    assert file is not None
    assert file.name == "plotly.min.js"
    assert file.stat().st_size > 1_000_000
