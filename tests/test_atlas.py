from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from paperdiary import atlas, atlas_file, embed, reduce
from paperdiary.atlas import Atlas, Cluster, Event, Place
from paperdiary.config import Config, Options
from paperdiary.entry import Entry, Passage
from paperdiary.store import Store

WORDS = ("robot arm grasp", "quantum qubit gate", "protein fold amino", "speech audio phoneme", "graph node edge")
OPTIONS = Options(embedder="hashing")


@pytest.fixture(autouse=True)
def no_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow start of UMAP is paid in test_build.py only."""
    monkeypatch.setitem(reduce.REDUCERS, "umap", reduce.two_axes)


def entry(name: str, text: str, description: str = "", tags: tuple[str, ...] = ()) -> Entry:
    return Entry(
        id=name, title=text, kind="note", note="a.md", line=1, page="a/", description=description, tags=tags,
        passages=(Passage(name, 0, "", text),),
    )  # fmt: skip


def fields(numbers: range, per: int = 6) -> list[Entry]:
    """`per` entries in each of the fields with these numbers."""
    return [entry(f"note:{f}-{n}", f"{WORDS[f]} number{f}x{n}") for f in numbers for n in range(per)]


def config(**options: object) -> Config:
    return Config(root=Path("nowhere"), options=replace(OPTIONS, **options))


def update(entries: list[Entry], last: Atlas | None = None, **options: object) -> Atlas:
    made = config(**options)
    vectors = embed.hashing(made.options)([t for e in entries for t in embed.passage_texts(e)])
    return atlas.update(made, entries, vectors, last or Atlas())


def consistent(found: Atlas) -> bool:
    counts = {c.id: sum(p.cluster == c.id for p in found.places.values()) for c in found.clusters}
    return all(c.size == counts[c.id] for c in found.clusters) and sum(counts.values()) == len(found.places)


SAMPLE = Atlas(
    (Cluster("c1", "Robots, “grasping”", 2), Cluster("c10", 'My "own" \\ name\n', 1, True, 1)),
    {
        "arxiv:1706.03762": Place({"tsne": (1.5, -2.25), "umap": (0.0, 1.0), "pca": (0.1, 0.2)}, "c1", "aa"),
        'note:ü "x"\\.md': Place({"tsne": (3.0, 4.0), "umap": (1.0, 1.0), "pca": (0.3, 0.2)}, "c1", "bb", True),
        "url:example.org/?a={b}": Place({"tsne": (-3.0, 4.0), "umap": (1.0, 2.0), "pca": (0.3, 0.9)}, "c10", "cc"),
    },
    "0123456789ab",
    ("c2", "c9"),
    (Event("2026-02-03", "split", "c10", "My “own”", "c1"), Event("2026-02-04", "gone", "c9", "Old")),
)


@pytest.mark.parametrize("value", [Atlas(), SAMPLE, Atlas(made="x", retired=("c1",))])
def test_file_gives_back_what_was_written(value: Atlas) -> None:
    assert atlas_file.loads(atlas_file.dumps(value)) == (value, True)


def test_file_is_one_entry_a_line_sorted() -> None:
    text = atlas_file.dumps(SAMPLE)
    data = json.loads(text)
    assert data["version"] == 1
    assert data["clusters"][1].pop("check")
    assert data["clusters"][1] == {"id": "c10", "name": 'My "own" \\ name\n', "pinned": True, "size": 1, "named": 1}
    assert data["entries"]["arxiv:1706.03762"]["tsne"] == [1.5, -2.25]
    assert data["entries"]["arxiv:1706.03762"]["cluster"] == "c1"
    lines = [line for line in text.split("\n") if '"tsne"' in line]
    assert len(lines) == 3
    assert lines == sorted(lines)
    assert text.endswith("}\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_truncated_file_gives_its_whole_lines(share: float, end: str) -> None:
    whole = update(fields(range(4)))
    text = atlas_file.dumps(whole).replace("\n", end)
    cut = text[: int(len(text) * share)]
    found, fine = atlas_file.loads(cut)
    lines = [line for line in cut.split(end)[:-1] if '"tsne"' in line]
    assert not fine
    assert len(found.places) >= len(lines)
    assert all(whole.places[i] == place for i, place in found.places.items())
    assert {(c.id, c.name) for c in found.clusters} <= {(c.id, c.name) for c in whole.clusters}
    assert sum(c.size for c in found.clusters) == len(found.places)
    assert share < 0.5 or (found.made == whole.made and found.places)


def conflict(ours: Atlas, theirs: Atlas) -> str:
    """What git leaves where both sides changed the same lines."""
    import difflib

    a, b = atlas_file.dumps(ours).splitlines(), atlas_file.dumps(theirs).splitlines()
    out: list[str] = []
    for how, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if how == "equal":
            out += a[a0:a1]
        else:
            out += ["<<<<<<< HEAD", *a[a0:a1], "=======", *b[b0:b1], ">>>>>>> branch"]
    return "\n".join(out) + "\n"


def test_conflict_gives_the_entries_of_both_sides() -> None:
    base = fields(range(4))
    last = update(base)
    ours = update([*base, entry("note:ours", "robot arm news")], last)
    theirs = update([*base, entry("note:theirs", "speech audio news")], last)
    text = conflict(ours, theirs)
    assert "<<<<<<<" in text
    found, fine = atlas_file.loads(text)
    assert not fine
    assert set(found.places) == set(ours.places) | set(theirs.places)
    assert {c.id for c in found.clusters} == {c.id for c in ours.clusters}
    assert found.made == ours.made


def test_pinned_name_outlives_a_conflict() -> None:
    base = fields(range(4))
    last = update(base)
    last = replace(last, clusters=(replace(last.clusters[0], name="Mine", pinned=True), *last.clusters[1:]))
    text = conflict(
        update([*base, entry("note:ours", "robot arm news")], last),
        update([*base, entry("note:theirs", "speech audio news")], last),
    )
    kept = {c.id: c for c in atlas_file.loads(text)[0].clusters}[last.clusters[0].id]
    assert (kept.name, kept.pinned) == ("Mine", True)


def test_retired_ids_outlive_damage() -> None:
    text = atlas_file.dumps(SAMPLE)
    assert set(atlas_file.loads(text[: int(len(text) * 0.8)])[0].retired) >= set(SAMPLE.retired)


@pytest.mark.parametrize("seed", range(80))
def test_any_damage_is_read_without_an_error(seed: int) -> None:
    rng = random.Random(seed)
    raw = bytearray(atlas_file.dumps(SAMPLE).encode())
    for _ in range(rng.randint(1, 5)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    if seed % 2:
        del raw[rng.randrange(len(raw)) :]
    found, _ = atlas_file.loads(raw.decode(errors="replace"))
    assert np.isfinite([c for p in found.places.values() for point in p.points.values() for c in point]).all()


def whole(**changes: object) -> str:
    data = {
        "version": 1,
        "made": "x",
        "retired": [],
        "clusters": [{"id": "c1", "name": "A", "pinned": False, "size": 1}],
        "entries": {"a": {"tsne": [1, 2], "cluster": "c1", "text": ""}},
    }
    return json.dumps({**data, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "3", "{}", "<<<<<<<", '{"version": 1}', '"version": 1', whole(version="1"), whole(version=0),
        whole(clusters=None), whole(entries=[]), whole(clusters=[3]), whole(entries={"a": None}),
        whole(entries={"a": {"tsne": [1e999, 0], "cluster": "c1"}}),
        whole(entries={"a": {"tsne": [float("nan"), 0], "cluster": "c1"}}),
        whole(entries={"a": {"tsne": ["x", 0], "cluster": "c1"}}),
        whole(entries={"a": {"tsne": [1, 2]}}),
        whole(entries={"a": {"tsne": [1], "cluster": "c1"}}),
        pytest.param(
            whole(clusters=[{"id": "c1", "name": "A", "pinned": False, "size": float("inf")}])),
        whole(entries={"a": {"tsne": [1, 2], "cluster": "c9", "text": ""}}),
    ],
)  # fmt: skip
def test_nonsense_is_told_from_an_atlas(text: str) -> None:
    found, fine = atlas_file.loads(text)
    assert not fine
    assert not found.places


def test_read_says_when_the_file_had_to_be_mended(tmp_path: Path) -> None:
    store = Store(Config(root=tmp_path))
    said: list[str] = []
    assert atlas_file.read(store, said.append) == Atlas()
    atlas_file.write(store, SAMPLE)
    assert atlas_file.read(store, said.append) == SAMPLE
    assert said == []
    store.atlas.write_bytes(store.atlas.read_bytes()[:-90] + b"\xff\xfe")
    assert atlas_file.read(store, said.append).places
    assert len(said) == 1
    assert "atlas.json" in said[0]


def test_write_leaves_an_equal_file_alone(tmp_path: Path) -> None:
    import os

    store = Store(Config(root=tmp_path))
    atlas_file.write(store, SAMPLE)
    os.utime(store.atlas, (1, 1))
    atlas_file.write(store, SAMPLE)
    assert store.atlas.stat().st_mtime == 1
    atlas_file.write(store, Atlas())
    assert atlas_file.read(store) == Atlas()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 6, 9])
def test_any_number_of_entries_has_a_map(count: int) -> None:
    found = update(fields(range(5), 2)[:count])
    assert len(found.places) == count
    assert consistent(found)
    assert atlas_file.loads(atlas_file.dumps(found)) == (found, True)
    assert all(set(p.points) == set(atlas.PROJECTIONS) for p in found.places.values())


@pytest.mark.parametrize("text", ["the very same words", "!!!", ""])
@pytest.mark.parametrize("count", [2, 8])
def test_equal_and_empty_texts_all_have_a_place(text: str, count: int) -> None:
    found = update([entry(f"note:{n}", text) for n in range(count)])
    assert len(found.places) == count
    assert atlas_file.loads(atlas_file.dumps(found)) == (found, True)


@pytest.mark.parametrize("on", ["map", "vectors"])
def test_clusters_are_the_fields(on: str) -> None:
    found = update(fields(range(4)), cluster_on=on, clusters=4)
    assert consistent(found)
    groups = [{found.places[f"note:{f}-{n}"].cluster for n in range(6)} for f in range(4)]
    assert [len(g) for g in groups] == [1] * 4
    assert len(set.union(*groups)) == 4


def test_names_are_of_the_members() -> None:
    found = update(fields(range(4)), clusters=4)
    name = {c.id: c.name.lower() for c in found.clusters}
    for f in range(4):
        assert set(WORDS[f].split()) & set(name[found.places[f"note:{f}-0"].cluster].replace(",", "").split())


@pytest.mark.parametrize("on", ["map", "vectors"])
def test_ids_stay_when_entries_come_and_go(on: str) -> None:
    entries = fields(range(4))
    one = update(entries, cluster_on=on)
    more = [entry("note:new", "quantum qubit news"), *entries]
    two = update(more, one, cluster_on=on)
    three = update(more[:-1], two, cluster_on=on)
    for before, after in ((one, two), (two, three)):
        both = before.places.keys() & after.places.keys()
        assert all(before.places[i].cluster == after.places[i].cluster for i in both)
        assert consistent(after)
    assert [c.id for c in one.clusters] == [c.id for c in two.clusters]
    assert two.places["note:new"].cluster == two.places["note:1-0"].cluster


def test_order_of_the_notes_does_not_matter_once_there_is_a_map() -> None:
    entries = fields(range(4))
    one = update(entries)
    two = update(entries[::-1], one)
    assert all(one.places[i].cluster == two.places[i].cluster for i in one.places)


def test_id_of_a_cluster_that_is_gone_is_never_given_again() -> None:
    one = update(fields(range(4)), clusters=4)
    two = update(fields(range(3)), one, clusters=4)
    three = update(fields(range(5)), two, clusters=4)
    ever = [c.id for c in one.clusters]
    for before, after in ((one, two), (two, three)):
        ids = {c.id for c in after.clusters}
        assert set(after.retired).isdisjoint(ids)
        assert not (ids - {c.id for c in before.clusters}) & set(ever)
        ever += ids
    empty = update([], three)
    again = update(fields(range(4)), empty, clusters=4)
    assert not {c.id for c in again.clusters} & set(ever)


def pin(found: Atlas, name: str) -> tuple[Atlas, str]:
    first = found.clusters[0]
    return replace(found, clusters=(replace(first, name=name, pinned=True), *found.clusters[1:])), first.id


def test_pinned_name_is_kept() -> None:
    entries = fields(range(4))
    last, which = pin(update(entries), "Things <I> like & “quote”")
    for n in range(3):
        entries.append(entry(f"note:more{n}", "robot arm news"))
        last = update(entries, last)
        kept = {c.id: c for c in last.clusters}[which]
        assert (kept.name, kept.pinned) == ("Things <I> like & “quote”", True)
    assert sum(c.pinned for c in last.clusters) == 1


@pytest.mark.parametrize("options", [{"perplexity": 10.0}, {"seed": 1}, {"cluster_on": "vectors"}])
def test_pinned_name_outlives_other_settings(options: dict[str, object]) -> None:
    entries = fields(range(4))
    last, _ = pin(update(entries), "Mine")
    assert ("Mine", True) in {(c.name, c.pinned) for c in update(entries, last, **options).clusters}


def test_name_that_is_not_pinned_follows_the_texts() -> None:
    last = update([entry(f"note:{n}", f"robot grasping {n}") for n in "abc"])
    now = update([entry(f"note:{n}", f"sourdough baking {n}") for n in "abc"], last)
    assert "obot" in last.clusters[0].name
    assert "obot" not in now.clusters[0].name


def test_name_stays_until_a_third_of_the_members_changed() -> None:
    entries = fields(range(4))
    last = update(entries, clusters=4)
    which = last.places["note:0-0"].cluster
    seen = []
    for n in range(5):  # one a day, so that no single day changes a third
        entries = [*entries, entry(f"note:new{n}", f"robot arm grasp tactile skin{n}", "Tactile skin sensing.")]
        last = update(entries, last, clusters=4)
        assert last.places[f"note:new{n}"].cluster == which
        seen.append({c.id: c for c in last.clusters}[which])
    first = update(fields(range(4)), clusters=4)
    name = {c.id: c.name for c in first.clusters}[which]
    assert [c.name for c in seen[:3]] == [name] * 3  # 6 of 6 + 3 are two thirds
    assert [c.named for c in seen] == [6, 6, 6, 10, 10]
    assert [last.places[f"note:new{n}"].late for n in range(5)] == [False] * 4 + [True]


def test_renamed_note_keeps_its_place() -> None:
    entries = fields(range(4))
    last = update(entries)
    now = update([*entries[1:], replace(entries[0], id="note:elsewhere")], last)
    assert now.places["note:elsewhere"] == last.places["note:0-0"]
    assert set(now.places) == {*(e.id for e in entries[1:]), "note:elsewhere"}


def test_two_equal_notes_do_not_take_each_others_place() -> None:
    entries = [*fields(range(4)), entry("note:twin", f"{WORDS[0]} number0x0")]
    last = update(entries)
    assert set(update(entries[1:], last).places) == {e.id for e in entries[1:]}


def test_what_happens_to_clusters_is_written_down_with_its_day() -> None:
    four = fields(range(4))
    made = config(clusters=4)

    def step(entries: list[Entry], last: Atlas, day: str, count: int = 4) -> Atlas:
        settings = config(clusters=count)
        vectors = embed.hashing(made.options)([t for e in entries for t in embed.passage_texts(e)])
        return atlas.update(settings, entries, vectors, last, today=day)

    one = step(four, Atlas(), "2026-01-01")
    assert one.events == ()
    two = step(four[:18], one, "2026-01-02", 3)
    lost = one.places["note:3-0"].cluster
    assert [(e.date, e.what, e.cluster) for e in two.events] == [("2026-01-02", "gone", lost)]
    three = step([*four[:18], *fields(range(4, 5))], two, "2026-01-03", 4)
    new = three.places["note:4-0"].cluster
    assert [(e.date, e.what, e.cluster) for e in three.events[1:]] == [("2026-01-03", "born", new)]
    four_again = step([*four[:18], *fields(range(4, 5))], three, "2026-01-04", 3)
    assert [e.what for e in four_again.events[2:]] == ["merged"]
    assert four_again.events[2].other in {c.id for c in four_again.clusters}
    five = step([*four[:18], *fields(range(4, 5))], four_again, "2026-01-05", 4)
    assert [e.what for e in five.events[3:]] == ["split"]
    assert five.events[:3] == four_again.events
    assert atlas_file.loads(atlas_file.dumps(five)) == (five, True)


def test_refit_lays_out_anew_in_the_frame_of_the_last_map() -> None:
    entries = fields(range(4))
    last, which = pin(update(entries), "Mine")
    made = config()
    vectors = embed.hashing(made.options)([t for e in entries for t in embed.passage_texts(e)])
    turned = replace(
        last,
        places={
            i: replace(p, points={n: (-y + 7, x) for n, (x, y) in p.points.items()}) for i, p in last.places.items()
        },
    )
    now = atlas.update(made, entries, vectors, turned, refit=True)
    assert {c.id: c.name for c in now.clusters}[which] == "Mine"
    before = np.array([turned.places[e.id].points["pca"] for e in entries])
    after = np.array([now.places[e.id].points["pca"] for e in entries])
    assert np.allclose(before, after, atol=0.01)  # principal components are the same, only turned
    assert now.places != turned.places


@pytest.mark.parametrize(
    ("change", "current"),
    [
        ({}, True),
        ({"note": "b.md", "line": 9, "page": "b/", "date": "2025-01-01", "status": "queued"}, True),
        ({"title": "other"}, False),
        ({"description": "other"}, False),
        ({"tags": ("x",)}, False),
        ({"passages": (Passage("note:0-0", 0, "H", "robot"),)}, False),
        ({"id": "note:other"}, False),
    ],
)
def test_what_makes_an_atlas_old(change: dict[str, object], current: bool) -> None:
    entries = fields(range(2), 2)
    found = update(entries)
    assert atlas.is_current(found, [replace(entries[0], **change), *entries[1:]], OPTIONS) is current


@pytest.mark.parametrize(
    ("options", "current"),
    [
        ({"related": 1, "recent": 1, "projection": "umap", "device": "cpu"}, True),
        ({"perplexity": 3.0}, False),
        ({"seed": 1}, False),
        ({"clusters": 2}, False),
        ({"cluster_on": "vectors"}, False),
        ({"embedder": "sentence-transformers"}, False),
    ],
)
def test_what_settings_make_an_atlas_old(options: dict[str, object], current: bool) -> None:
    entries = fields(range(2), 2)
    assert atlas.is_current(update(entries), entries, replace(OPTIONS, **options)) is current


def test_entry_more_or_less_makes_an_atlas_old() -> None:
    entries = fields(range(2), 2)
    found = update(entries)
    assert not atlas.is_current(found, entries[1:], OPTIONS)
    assert not atlas.is_current(found, [*entries, entry("note:new", "x")], OPTIONS)
    assert not atlas.is_current(Atlas(), [], OPTIONS)
    assert atlas.is_current(update([]), [], OPTIONS)


def test_part_of_an_atlas_has_the_sizes_of_that_part() -> None:
    entries = fields(range(4))
    last, which = pin(update(entries), "Mine")
    part = atlas.for_entries(last, [*entries[:7], entry("note:new", "x")])
    assert set(part.places) == {e.id for e in entries[:7]}
    assert consistent(part)
    assert all(c.size for c in part.clusters)
    assert which not in {c.id for c in part.clusters} or any(c.name == "Mine" for c in part.clusters)
    assert atlas.for_entries(last, []).clusters == ()


def test_point_of_an_entry() -> None:
    assert SAMPLE.point("arxiv:1706.03762", "tsne") == (1.5, -2.25)
    assert SAMPLE.point("arxiv:1706.03762", "other") is None
    assert SAMPLE.point("nothing", "tsne") is None


def test_settings_that_change_lay_out_anew_with_new_ids() -> None:
    entries = fields(range(4))
    one = update(entries)
    two = update(entries, one, seed=7)
    assert two.made != one.made
    assert set(two.places) == set(one.places)
    assert consistent(two)
