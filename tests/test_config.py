from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from paperdiary import config, embed
from paperdiary.config import Options, make_options, public_options
from paperdiary.errors import ConfigError

HERE = Path("here.yml")


def write(root: Path, text: str | bytes) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def test_no_options_are_the_defaults() -> None:
    assert make_options({}, HERE) == Options()


def test_every_option_has_help_and_a_default_among_its_choices() -> None:
    for option in public_options():
        assert option.metadata["help"]
        assert not option.metadata["choices"] or option.default in option.metadata["choices"]


def test_unknown_option_lists_the_valid_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        make_options({"perplexty": 3}, HERE)
    assert "perplexty" in str(caught.value)
    for option in public_options():
        assert option.name in str(caught.value)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"clusters": "7"}, "whole number"),
        ({"clusters": 7.5}, "whole number"),
        ({"clusters": True}, "whole number"),
        ({"perplexity": "15"}, "a number"),
        ({"perplexity": False}, "a number"),
        ({"model": 3}, "text"),
        ({"model": None}, "text"),
        ({"embedder": ["hashing"]}, "text"),
        ({"projection": "TSNE"}, "tsne, umap, pca"),
        ({"device": "gpu"}, "auto, cpu, cuda, mps"),
        ({"cluster_on": ""}, "map, vectors"),
        ({"related": -1}, "negative"),
        ({"perplexity": -0.5}, "negative"),
        pytest.param({"seed": 2**32}, "seed"),
    ],
)
def test_wrong_value_names_the_option_and_what_it_may_be(values: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_options(values, HERE)
    assert word in str(caught.value)
    assert next(iter(values)) in str(caught.value)
    assert str(caught.value).startswith("here.yml")


def test_whole_number_is_good_for_an_option_with_a_point() -> None:
    value = make_options({"perplexity": 30}, HERE).perplexity
    assert value == 30.0
    assert type(value) is float


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins:\n  - search\n  - paperdiary:\n      clusters: 9\n",
        "plugins:\n  search: {}\n  paperdiary:\n    clusters: 9\n",
        "plugins:\r\n  - paperdiary: {clusters: 9}\r\n",
    ],
)
def test_block_is_found_in_a_list_and_in_a_mapping(tmp_path: Path, plugins: str) -> None:
    assert config.load(write(tmp_path, plugins)).options.clusters == 9


@pytest.mark.parametrize("plugins", ["", "plugins:\n", "plugins:\n  - paperdiary\n", "plugins:\n  - paperdiary:\n"])
def test_without_a_block_the_defaults_hold(tmp_path: Path, plugins: str) -> None:
    assert config.load(write(tmp_path, "site_name: A\n" + plugins)).options == replace(Options(), base=tmp_path)


def test_load_reads_what_mkdocs_reads(tmp_path: Path) -> None:
    text = (
        "site_name: Lektüre\nsite_url: https://example.org/d/\ndocs_dir: notes\nsite_dir: out\n"
        "use_directory_urls: false\nexclude_docs: |\n  drafts/\n  *.tmp.md\n"
    )
    got = config.load(write(tmp_path, text))
    assert (got.root, got.notes, got.site) == (tmp_path, tmp_path / "notes", tmp_path / "out")
    assert (got.site_name, got.site_url, got.directory_urls) == ("Lektüre", "https://example.org/d/", False)
    assert got.exclude.split() == ["drafts/", "*.tmp.md"]


def test_defaults_are_those_of_mkdocs(tmp_path: Path) -> None:
    got = config.load(write(tmp_path, "site_name: A\n"))
    assert (got.notes, got.site, got.directory_urls) == (tmp_path / "docs", tmp_path / "site", True)


def test_byte_order_mark_and_tags_of_mkdocs_are_read(tmp_path: Path) -> None:
    text = (
        "\ufeffsite_name: A\nmarkdown_extensions:\n  - emoji:\n"
        "      f: !!python/name:material.extensions.emoji.twemoji\n"
        "site_url: !ENV [URL, 'x']\nplugins:\n  - paperdiary: {related: 2}\n"
    )
    got = config.load(write(tmp_path, text.encode()))
    assert got.site_name == "A"
    assert got.options.related == 2
    assert "material" not in got.site_url


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "empty"),
        (b"- a\n", "empty"),
        (b"site_name: A\nplugins: [search\n", "line 3"),
        (b"site_name: A\n\tdocs_dir: b\n", "line 2"),
        (b"site_name: \xff\xfe\n", "cannot be read"),
        (b"site_name: \x00\n", "cannot be read"),
        pytest.param(b"extra: {since: 2025-02-30}\n", "cannot be read"),
    ],
)
def test_broken_file_is_named_with_its_line(tmp_path: Path, text: bytes, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path, text))
    assert word in str(caught.value)
    assert "mkdocs.yml" in str(caught.value)


def test_nearest_parent_wins(tmp_path: Path) -> None:
    write(tmp_path, "site_name: outer\n")
    write(tmp_path / "a", "site_name: inner\n")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    assert config.load(tmp_path / "a" / "b" / "c").site_name == "inner"
    assert config.find_root(tmp_path) == tmp_path


def test_no_diary_says_how_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="diary init"):
        config.find_root(tmp_path / "nowhere")


def test_model_folder_lies_beside_mkdocs_yml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "diary", "plugins:\n  - paperdiary: {model: weights}\n")
    (root / "weights").mkdir()
    (root / "weights" / "config.json").write_text("{}")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    options = config.load(root).options
    assert embed.find_weights(options.model, options.base) == root / "weights"


def test_folder_of_the_diary_is_no_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no option `base`"):
        config.load(write(tmp_path, "plugins:\n  - paperdiary: {base: /}\n"))
