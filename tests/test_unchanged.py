"""A build in which nothing changed leaves the site as it is; whatever changed is noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import MKDOCS_YML

from paperdiary import mkdocs_run, nightly, unchanged
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.store import Store

Make = Callable[..., Config]
NOTES: dict[str, str | bytes] = {
    "birds/wings.md": "# How wings fold\n\n<https://example.org/wings>\n\nDate: 2024-05-01\n\nFeathers slide.\n",
    "birds/songs.md": "# Songs at dawn\n\nDate: 2024-05-02\n\nA song carries far. See [wings](wings.md).\n",
    "tides/moon.md": "# Tides and the moon\n\nDate: 2024-05-03\n\nThe sea rises twice a day.\n",
    "tides/salt.md": "# Salt\n\nDate: 2024-05-04\n\nRivers bring it, the sun leaves it.\n",
    "tides/salt.png": b"\x89PNG no picture",
}
HEAVY = {"torch", "sklearn", "umap", "faiss", "openTSNE", "mkdocs", "scipy", "numpy", "markdown_it", "jinja2", "plotly"}


def build(config: Config, **options: bool) -> tuple[mkdocs_run.Result, list[str]]:
    said: list[str] = []
    from paperdiary.build import no_bar

    return mkdocs_run.build(config, said.append, no_bar, **options), said


def is_whole(result: mkdocs_run.Result) -> bool:
    return "nothing changed" not in result.summary


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def built(make_diary: Make) -> Config:
    config = make_diary(NOTES)
    result, _ = build(config)
    assert is_whole(result)
    return config


def test_second_build_does_nothing_and_loads_nothing(built: Config) -> None:
    before = files(built.site)
    stamps = {p: p.stat().st_mtime_ns for p in built.site.rglob("*")}
    code = (
        "import json, sys\nfrom paperdiary.cli import main\n"
        "main(['-C', sys.argv[1], 'build'], standalone_mode=False)\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(built.root)], capture_output=True, text=True, check=True)
    assert not set(json.loads(run.stdout.splitlines()[-1])) & HEAVY
    assert "4 entries, nothing changed" in run.stderr
    assert files(built.site) == before
    assert {p: p.stat().st_mtime_ns for p in built.site.rglob("*")} == stamps


def test_what_a_guarded_build_notes_is_no_change(built: Config) -> None:
    result, _ = build(built)
    nightly.remember(result.diary)
    assert not is_whole(build(built)[0])


def test_it_knows_the_diary(built: Config) -> None:
    result, _ = build(built)
    assert not is_whole(result)
    assert len(result.diary.entries) == 4
    assert result.diary.atlas.places
    assert not result.diary.changes.new


CHANGES: dict[str, Callable[[Config], object]] = {
    "note": lambda c: (c.notes / "tides/salt.md").write_text("# Salt\n\nOther words.\n", encoding="utf-8"),
    "note, its time as before": lambda c: _rewrite_with_its_time(c.notes / "tides/salt.md"),
    "new note": lambda c: (c.notes / "tides/foam.md").write_text("# Foam\n\nAir.\n", encoding="utf-8"),
    "note gone": lambda c: (c.notes / "tides/salt.md").unlink(),
    "note renamed": lambda c: (c.notes / "tides/salt.md").rename(c.notes / "tides/brine.md"),
    "picture": lambda c: (c.notes / "tides/salt.png").write_bytes(b"another"),
    "settings": lambda c: (c.root / "mkdocs.yml").write_text(MKDOCS_YML + "\nsite_author: Ada\n", encoding="utf-8"),
    "atlas": lambda c: (c.root / "atlas.json").unlink(),
    "page gone": lambda c: (c.site / "tides/salt/index.html").unlink(),
    "page cut off": lambda c: (c.site / "index.html").write_bytes(b"<html>"),
    "file too many": lambda c: (c.site / "left.html").write_text("left", encoding="utf-8"),
    "site gone": lambda c: __import__("shutil").rmtree(c.site),
    "index damaged": lambda c: Store(c).index.write_bytes(b"IxFI"),
    "search gone": lambda c: (Store(c).search / "meta.json").unlink(),
    "record damaged": lambda c: (Store(c).cache / "built.json").write_text("{", encoding="utf-8"),
    "caches gone": lambda c: __import__("shutil").rmtree(Store(c).cache),
}


def _rewrite_with_its_time(path: Path) -> None:
    found = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("sun", "sky"), encoding="utf-8")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_noticed(built: Config, what: str) -> None:
    CHANGES[what](built)
    assert unchanged.find(built) is None


def test_damaged_site_is_made_again(built: Config) -> None:
    before = files(built.site)
    (built.site / "tides/salt/index.html").write_bytes(b"")
    (built.site / "map/index.html").unlink()
    assert is_whole(build(built)[0])
    after = files(built.site)
    assert after == {**before, "sitemap.xml": after["sitemap.xml"], "sitemap.xml.gz": after["sitemap.xml.gz"]}


def test_touched_note_is_the_same_note(built: Config) -> None:
    os.utime(built.notes / "tides/salt.md")
    assert unchanged.find(built)


def test_warnings_are_repeated(make_diary: Make) -> None:
    config = make_diary({**NOTES, "tides/foam.md": "# Foam\n\nSee [this](nowhere.md).\n"})
    _, first = build(config)
    result, second = build(config)
    assert not is_whole(result)
    assert first == second
    assert any("nowhere.md" in message for message in second)
    for _ in range(2):
        with pytest.raises(DiaryError, match="1 warning"):
            build(config, strict=True)


@pytest.mark.parametrize("option", ["refit", "verbose"])
def test_what_asks_for_a_whole_build_gets_one(built: Config, option: str) -> None:
    assert is_whole(build(built, **{option: True})[0])


@pytest.mark.parametrize(
    "settings",
    [
        "hooks: [hook.py]\n",
        "site_author: !ENV AUTHOR\n",
        "markdown_extensions: [pymdownx.snippets]\n",
        "markdown_extensions: [somebody.else]\n",
        "plugins: [paperdiary, git-dates]\n",
    ],
)
def test_what_others_add_is_built_each_time(make_diary: Make, settings: str) -> None:
    config = make_diary(NOTES)
    (config.root / "mkdocs.yml").write_text(f"site_name: x\ndocs_dir: notes\n{settings}", encoding="utf-8")
    assert unchanged.inputs(config) is None
    unchanged.remember(config, None, [], 0)
    assert unchanged.find(config) is None


def test_note_that_changed_while_the_site_was_built_is_built_next_time(make_diary: Make) -> None:
    config = make_diary(NOTES)
    before = unchanged.inputs(config, atlas=False)
    (config.notes / "tides/salt.md").write_text("# Salt\n\nJust now.\n", encoding="utf-8")
    unchanged.remember(config, before, [], 0)
    assert unchanged.find(config) is None


def test_inherited_settings_count(make_diary: Make) -> None:
    config = make_diary(NOTES)
    (config.root / "mkdocs.yml").write_text(f"INHERIT: base.yml\n{MKDOCS_YML}", encoding="utf-8")
    (config.root / "base.yml").write_text("site_author: Ada\n", encoding="utf-8")
    one = unchanged.inputs(config)
    (config.root / "base.yml").write_text("site_author: Eve\n", encoding="utf-8")
    assert one
    assert unchanged.inputs(config) not in {one, None}


def test_command_says_so(built: Config) -> None:
    result = CliRunner().invoke(main, ["-C", str(built.root), "build"])
    assert result.exit_code == 0
    assert "nothing changed" in result.output
