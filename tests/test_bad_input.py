"""Input that nobody means to write: each gets a site or one clear sentence, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from helpers import MKDOCS_YML, map_points

from paperdiary.cli import main
from paperdiary.config import Config

Make = Callable[..., Config]
NOTE = "# A title\n\nWords about a thing that was read with care.\n"


def build(config: Config, *more: str) -> Result:
    result = CliRunner().invoke(main, ["-C", str(config.root), "build", *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def points(config: Config) -> int:
    return len(map_points(config.root / "site")["ids"])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 7])
def test_few_notes(make_diary: Make, count: int) -> None:
    config = make_diary({f"n{i}.md": f"# Title {i}\n\nWords number {i} of {count}.\n" for i in range(count)})
    assert build(config).exit_code == 0
    assert points(config) == count
    page = (config.root / "site" / "map" / "index.html").read_text()
    assert page.count("<circle") == count
    assert (config.root / "site" / "index.html").is_file()


def test_notes_that_are_all_alike(make_diary: Make) -> None:
    config = make_diary({f"n{i}.md": NOTE for i in range(9)})
    assert build(config).exit_code == 0
    assert points(config) == 9


def test_no_notes_folder(make_diary: Make) -> None:
    config = make_diary({})
    (config.root / "notes").rmdir()
    result = build(config)
    assert result.exit_code == 1
    assert "notes" in result.stderr


def test_a_megabyte(make_diary: Make) -> None:
    words = "The quick brown fox jumps over the lazy dog, again and again. " * 16
    config = make_diary({"big.md": "# Big\n\n" + "\n\n".join([words] * 1000), "small.md": NOTE})
    assert (config.notes / "big.md").stat().st_size > 990_000
    assert build(config).exit_code == 0
    assert (config.root / "site" / "big" / "index.html").stat().st_size > 900_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("---\ntitle: a: b: c\ntags: [x\n---\n\nBody stays.\n", "front matter is not valid YAML"),
        ("---\ntitle: Never closed\n\nBody stays.\n", "no closing line"),
        ("---\n- a list\n---\n\nBody stays.\n", ""),
        ("---\n\nBody stays.\n", ""),
        ('---\ntitle: "\\ud800"\n---\n\nBody stays.\n', ""),
        ("---\n? [complex, key]\n: value\n---\n\nBody stays.\n", ""),
    ],
)
def test_broken_front_matter(make_diary: Make, text: str, code: str) -> None:
    config = make_diary({"bad.md": text, "good.md": NOTE})
    result = build(config)
    assert result.exit_code == 0
    if code:
        assert "bad.md, line" in result.stderr
        assert code in result.stderr
    assert "Body stays." in (config.root / "site" / "bad" / "index.html").read_text()
    assert points(config) == 2


@pytest.mark.parametrize(
    "data", ["Zoë’s café".encode("cp1252"), "阅读".encode("gbk"), b"\xff\xfe" + "# Hé".encode("utf-16le")]
)
def test_other_encodings(make_diary: Make, data: bytes) -> None:
    config = make_diary({"bad.md": data, "good.md": NOTE})
    result = build(config)
    assert result.exit_code == 0
    assert ("bad.md, line 1" in result.stderr) == (not data.startswith(b"\xff\xfe"))
    assert points(config) == 2


def test_control_characters(make_diary: Make) -> None:
    config = make_diary({"bad.md": b"# T\x00i\x0ct\x1ele\x85\n\n\x02words\x07 here\r\nand \x08there\r"})
    assert build(config).exit_code == 0
    assert points(config) == 1


def test_two_notes_of_one_title(make_diary: Make) -> None:
    config = make_diary({"a.md": NOTE, "b.md": NOTE, "c/a.md": NOTE})
    assert build(config).exit_code == 0
    assert points(config) == 3
    assert len(json.loads((config.root / "atlas.json").read_text())["entries"]) == 3


def test_two_notes_of_one_source(make_diary: Make) -> None:
    text = "# {}\n\nhttps://arxiv.org/abs/2101.00001\n\nWords.\n"
    config = make_diary({"a.md": text.format("First"), "b.md": text.format("Second")})
    result = build(config)
    assert result.exit_code == 0
    assert "b.md, line 1" in result.stderr
    assert points(config) == 2


@pytest.mark.parametrize("name", ["map", "diary", "topics", "clusters", "queue", "timeline", "assets", "search"])
def test_folders_with_names_of_pages(make_diary: Make, name: str) -> None:
    config = make_diary({f"{name}/one.md": NOTE, f"{name}/two.md": NOTE.replace("A title", "Another")})
    assert build(config, "--strict").exit_code == 0
    for note in ("one", "two"):
        assert (config.root / "site" / name / note / "index.html").is_file()
    assert (config.root / "site" / "map" / "index.html").is_file()


@pytest.mark.parametrize("path", ["map.md", "map/index.md", "Map.md", "topics.md", "clusters/index.md"])
def test_notes_with_names_of_pages(make_diary: Make, path: str) -> None:
    config = make_diary({path: "# My own page\n\nIt stays.\n", "other.md": NOTE})
    assert build(config).exit_code == 0
    pages = [p.read_text() for p in (config.root / "site").rglob("*.html")]
    assert sum("It stays." in page for page in pages) >= 1
    assert sum('class="pd-map pd-map--large"' in page for page in pages) == 2  # its page, and the map alone


def test_odd_names(make_diary: Make) -> None:
    names = [
        "a  b.md",
        'q?uo"te.md',
        "am&p.md",
        "π.md",
        "caret^.md",
        "hash#tag.md",
        "100%.md",
        "[x](y).md",
        "阅读/笔记.md",
    ]
    config = make_diary({name: f"# {name}\n\nWords.\n" for name in names})
    assert build(config).exit_code == 0
    assert points(config) == len(names)


def test_markup_in_text(make_diary: Make) -> None:
    title = "</title><script>alert(1)</script>{{ 7 * 7 }}{% raw %}"
    front = (
        f"---\ntitle: '{title}'\nauthors: ['<img src=x onerror=alert(2)>']\ntags: ['<i>']\n"
        "description: '\"><script>'\n---\n"
    )
    config = make_diary({"t<u>/x.md": front + "Body.\n", "good.md": NOTE})
    assert build(config).exit_code == 0
    for page in (config.root / "site").rglob("*.html"):
        text = page.read_text()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert '"><script>' not in text
        assert "<u>" not in text


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("clusters: many", "must be a whole number"),
        ("colour: red", "has no option `colour`"),
        ("projection: flat", "choose one of: tsne, umap, pca"),
        ("clusters: -3", "cannot be negative"),
        ("embedder: magic", "sentence-transformers, hashing"),
    ],
)
def test_configuration(make_diary: Make, block: str, says: str) -> None:
    text = MKDOCS_YML.replace("embedder: hashing", block)
    (make_diary({"a.md": NOTE}).root / "mkdocs.yml").write_text(text)
    result = CliRunner().invoke(main, ["-C", str(make_root(make_diary)), "build"])
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.output


def make_root(make_diary: Make) -> Path:
    """The folder of the diary that was made last, its mkdocs.yml untouched."""
    root: Path = make_diary.__closure__[0].cell_contents  # type: ignore[attr-defined]
    return root


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("site_name: [", "not valid YAML"),
        ("", "is empty"),
        ("site_name: X\ndocs_dir: notes\n", "- paperdiary"),
        ("site_name: X\ndocs_dir: notes\nplugins: [paperdiary, nonsense]\n", "nonsense"),
    ],
)
def test_mkdocs_yml(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "mkdocs.yml").write_text(text)
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "build"])
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_no_weights_and_no_network(make_diary: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "empty"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    config = make_diary({"a.md": NOTE, "b.md": NOTE}, MKDOCS_YML.replace("embedder: hashing", "model: nobody/nothing"))
    result = build(config)
    assert result.exit_code == 1
    assert "nobody/nothing" in result.stderr
    assert "set `model:`" in result.stderr
    assert (config.root / "site" / "a" / "index.html").is_file()
    assert (config.root / "site" / "diary" / "index.html").is_file()


def test_a_map_that_is_there_outlives_the_model(
    make_diary: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "empty"))
    config = make_diary({"a.md": NOTE, "b.md": NOTE})
    assert build(config).exit_code == 0
    before = (config.root / "atlas.json").read_bytes()
    yml = config.root / "mkdocs.yml"
    yml.write_text(yml.read_text().replace("embedder: hashing", "model: nobody/nothing"))
    assert build(config).exit_code == 1
    assert (config.root / "atlas.json").read_bytes() == before
    assert points(config) == 2
