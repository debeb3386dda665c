"""Tables for Embedding Atlas and the Embedding Projector."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pyarrow import parquet
from small_diary import build_quickly, write

from paperdiary import build, export, exporttables
from paperdiary import config as configs
from paperdiary.atlas import Group
from paperdiary.cli_export import export as command
from paperdiary.errors import DiaryError, UsageError
from paperdiary.export import Wanted
from paperdiary.session import Session

SUBJECTS = ("moon tide water sea", "dough flour yeast oven", "whale song sea water", "tea leaf cup water")
NOTES = {
    **{
        f"{'sea' if n % 2 == 0 else 'food'}/n{n:02}.md": f"---\ntitle: Note {n}\ndate: 2025-01-{n + 1:02}\n---\n"
        f"{SUBJECTS[n % 4]} and word{n % 3} in a sentence of its own.\n"
        for n in range(14)
    },
    "odd.md": '---\ntitle: "Tab\\there, \\"quotes\\" and $x^2$"\nauthors: [Ada Example, Bob O\'Neil]\nyear: 2024\n'
    "tags: [a tag, b]\narxiv: 1706.03762\nstatus: queued\ndescription: |\n  Two\n  lines.\n---\nSome sea water.\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tables")
    write(root, NOTES)
    build_quickly(root)
    return root


@pytest.fixture
def diary(built: Path, tmp_path: Path) -> build.Diary:
    shutil.copytree(built, tmp_path / "diary")
    return build.read(configs.load(tmp_path / "diary"))


def wanted(diary: build.Diary, target: Path, said: list[str] | None = None, **more: Any) -> Wanted:
    found = Wanted(diary, diary.entries, target, say=(said if said is not None else []).append)
    return replace(found, **more)


def read(files: export.Files, path: Path) -> Any:
    path.write_bytes(files[path])  # type: ignore[arg-type]
    return parquet.read_table(path)


# -- Embedding Atlas


def test_the_columns_embedding_atlas_takes(diary: build.Diary, tmp_path: Path) -> None:
    target = tmp_path / "diary.parquet"
    files = exporttables.parquet(wanted(diary, target))
    assert set(files) == {target, tmp_path / "diary-labels.parquet"}
    table = read(files, target)
    assert table.num_rows == len(diary.entries) == 15
    assert str(table.schema.field("projection_x").type) == str(table.schema.field("projection_y").type) == "double"
    assert str(table.schema.field("neighbors").type) == (
        "struct<ids: list<element: int64>, distances: list<element: double>>"
    )
    rows = {r["id"]: r for r in table.to_pylist()}
    for entry in diary.entries:
        assert (rows[entry.id]["projection_x"], rows[entry.id]["projection_y"]) == diary.atlas.point(entry.id, "tsne")
    odd = rows["arxiv:1706.03762"]
    assert (odd["title"], odd["authors"], odd["tags"]) == (
        'Tab here, "quotes" and x²',
        "Ada Example, Bob O'Neil",
        "a tag, b",
    )
    assert (odd["year"], odd["date"], odd["status"], odd["topic"]) == (2024, None, "queued", None)
    assert odd["text"] == 'Tab here, "quotes" and x² – Two lines.'
    assert odd["cluster"] in {"Sea", "Food"}
    first = rows["note:food/n01.md"]
    assert (first["date"], first["year"], first["topic"]) == (dt.date(2025, 1, 2), None, "food")
    assert first["text"].startswith("Note 1 – dough flour")
    labels = read(files, tmp_path / "diary-labels.parquet")
    assert labels.column_names == ["x", "y", "text", "content", "level", "priority"]
    assert labels["content"] == labels["text"]
    assert {(r["text"], r["level"]) for r in labels.to_pylist()} == {("Sea", 0), ("Food", 0)}
    assert sum(labels["priority"].to_pylist()) == 15


def test_neighbours_are_those_of_the_build(diary: build.Diary, tmp_path: Path) -> None:
    table = read(exporttables.parquet(wanted(diary, tmp_path / "d.parquet")), tmp_path / "d.parquet")
    rows, vectors = exporttables._vectors(exporttables.Store(diary.config), diary.entries)
    assert rows == list(range(15))
    cosines = vectors.astype(np.float64) @ vectors.T
    for n, near in enumerate(table["neighbors"].to_pylist()):
        assert len(near["ids"]) == len(near["distances"]) == 10
        assert n not in near["ids"]
        assert near["distances"] == sorted(near["distances"])
        assert near["distances"] == pytest.approx([1 - cosines[n, other] for other in near["ids"]], abs=1e-4)
        others = sorted(1 - cosines[n, o] for o in range(15) if o != n)[:10]
        assert near["distances"] == pytest.approx(others, abs=1e-4)


def test_of_some_entries_the_neighbours_are_rows_of_the_table(diary: build.Diary, tmp_path: Path) -> None:
    some = [e for e in diary.entries if e.topic == "sea"][::-1]
    near = exporttables.nearest(diary, some)
    assert [len(n) for n in near] == [len(some) - 1] * len(some)
    assert {row for n in near for row, _ in n} == set(range(len(some)))
    table = read(exporttables.parquet(wanted(diary, tmp_path / "d.parquet", entries=some)), tmp_path / "d.parquet")
    assert table["id"].to_pylist() == [e.id for e in some]
    assert table["neighbors"].to_pylist()[0]["ids"] == [row for row, _ in near[0]]


def test_an_export_changes_nothing_of_the_build(diary: build.Diary, tmp_path: Path) -> None:
    (diary.config.notes / "new.md").write_text("# New\n\nUnseen sea water.\n", encoding="utf-8")
    now = build.read(diary.config)
    before = {p: p.read_bytes() for p in (diary.config.root / ".paperdiary").glob("*.bin")}
    said: list[str] = []
    table = read(exporttables.parquet(wanted(now, tmp_path / "d.parquet", said)), tmp_path / "d.parquet")
    assert table.num_rows == 15
    assert said == ["1 entry not on the map yet and left out; `diary build` places them."]
    assert {p: p.read_bytes() for p in before} == before
    assert all(len(n["ids"]) == 10 for n in table["neighbors"].to_pylist())


def test_each_view(diary: build.Diary) -> None:
    moved = {
        i: replace(p, points={**p.points, "umap": (p.points["umap"][0] + 100, 0.0)})
        for i, p in diary.atlas.places.items()
    }
    other = replace(diary, atlas=replace(diary.atlas, places=moved))
    tsne, umap = (exporttables.placed(other.entries, other.atlas, view)[1] for view in ("tsne", "umap"))
    assert all(x + 100 == u and v == 0.0 for (x, _), (u, v) in zip(tsne, umap, strict=True))
    chosen = replace(other, config=replace(other.config, options=replace(other.config.options, projection="umap")))
    assert exporttables._view(wanted(chosen, Path("x.parquet"))) == "umap"


def test_names_of_groups_are_seen_from_afar(diary: build.Diary) -> None:
    atlas = replace(diary.atlas, groups=(Group("g1", "All of it", ("c1", "c2"), ("c1", "c2"), 15),))
    entries, points = exporttables.placed(diary.entries, atlas, "tsne")
    names = exporttables.names_on_map(entries, points, atlas)
    assert [(n.text, n.level, n.priority) for n in names] == [("All of it", 0, 15), ("Sea", 1, 8), ("Food", 1, 7)]
    sea = [p for e, p in zip(entries, points, strict=True) if atlas.places[e.id].cluster == "c1"]
    assert min(x for x, _ in sea) <= names[1].x <= max(x for x, _ in sea)
    few = exporttables.names_on_map(entries[:1], points[:1], atlas)
    assert [(n.text, n.priority) for n in few] == [("All of it", 1), ("Sea", 1)]


def test_without_a_search_index_there_are_no_neighbours(diary: build.Diary, tmp_path: Path) -> None:
    shutil.rmtree(diary.config.root / ".paperdiary")
    said: list[str] = []
    table = read(exporttables.parquet(wanted(diary, tmp_path / "d.parquet", said)), tmp_path / "d.parquet")
    assert said == ["There is no search index here, so the table has no neighbours; `diary build` makes it."]
    assert table["neighbors"].to_pylist() == [{"ids": [], "distances": []}] * 15


def test_nothing_on_the_map(tmp_path: Path) -> None:
    diary = build.read(write(tmp_path, NOTES))
    with pytest.raises(DiaryError, match="None of these entries is on the map yet"):
        exporttables.parquet(wanted(diary, tmp_path / "d.parquet"))
    with pytest.raises(DiaryError, match="There is no search index yet"):
        exporttables.tsv(wanted(diary, tmp_path / "p"))


def test_a_name_that_embedding_atlas_would_not_open(diary: build.Diary, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"end it in .parquet, as `-o .*table.parquet`"):
        exporttables.parquet(wanted(diary, tmp_path / "table"))


def test_without_pyarrow(diary: build.Diary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DiaryError, match=r'Install it with `pip install "paperdiary\[parquet\]"`.'):
        exporttables.parquet(wanted(diary, tmp_path / "d.parquet"))


# -- Embedding Projector


def test_vectors_and_metadata_have_the_same_rows(diary: build.Diary, tmp_path: Path) -> None:
    files = exporttables.tsv(wanted(diary, tmp_path))
    vectors = np.array([line.split("\t") for line in str(files[tmp_path / "vectors.tsv"]).splitlines()], dtype=float)
    assert vectors.shape == (15, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(15), abs=1e-4)
    header, *rows = (line.split("\t") for line in str(files[tmp_path / "metadata.tsv"]).removesuffix("\n").split("\n"))
    assert header == list(exporttables.COLUMNS)
    assert len(rows) == 15
    assert {len(row) for row in rows} == {len(header)}
    odd = next(row for row in rows if row[1] == "arxiv:1706.03762")
    assert odd[0] == 'Tab here, "quotes" and x²'
    settings = str(files[tmp_path / "projector_config.pbtxt"])
    assert "tensor_shape: 15\n  tensor_shape: 384\n" in settings
    assert 'metadata_path: "metadata.tsv"' in settings


def test_what_the_index_does_not_know_is_left_out(diary: build.Diary, tmp_path: Path) -> None:
    (diary.config.notes / "a.md").write_text("# A new one\n\nSea.\n", encoding="utf-8")
    said: list[str] = []
    files = exporttables.tsv(wanted(build.read(diary.config), tmp_path, said))
    assert len(str(files[tmp_path / "vectors.tsv"]).splitlines()) == 15
    assert "A new one" not in str(files[tmp_path / "metadata.tsv"])
    assert said == ["1 entry not in the index yet and left out; `diary build` embeds them."]


# -- the command


def test_the_command_writes_them_and_says_what_to_type(diary: build.Diary, tmp_path: Path) -> None:
    session = Session(diary.config.root, 0)
    target = tmp_path / "my atlas.parquet"
    found = CliRunner().invoke(command, ["parquet", "-o", str(target)], obj=session)
    assert found.exit_code == 0, found.output
    assert parquet.read_table(target).num_rows == 15
    assert f"embedding-atlas '{target}' --text text --x projection_x --y projection_y" in found.stderr
    assert f"--neighbors neighbors --labels '{tmp_path / 'my atlas-labels.parquet'}'" in found.stderr
    found = CliRunner().invoke(command, ["tsv", "-o", str(tmp_path / "projector")], obj=session)
    assert found.exit_code == 0, found.output
    assert sorted(p.name for p in (tmp_path / "projector").iterdir()) == [
        "metadata.tsv",
        "projector_config.pbtxt",
        "vectors.tsv",
    ]
    assert "tensorboard --logdir" in found.stderr


def test_a_view_that_is_none(diary: build.Diary) -> None:
    odd = replace(diary, config=replace(diary.config, options=replace(diary.config.options, projection="globe")))
    with pytest.raises(UsageError, match="There is no map globe; there are: tsne, umap, pca"):
        exporttables._view(wanted(odd, Path("d.parquet")))
