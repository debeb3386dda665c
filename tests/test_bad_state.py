"""State that is not what the last build of this diary left."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from paperdiary import atlas_file, build
from paperdiary.atlas import Atlas, Cluster, Place
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.store import Store

Make = Callable[..., Config]
HERE = {
    "a.md": "# Robot arms\n\nArms that grasp.\n",
    "b.md": "# Robot legs\n\nLegs that walk.\n",
    "c.md": "# Robot eyes\n\nEyes that see.\n",
}
#: a map with a name that its reader chose
ELSEWHERE = """{
"version": 1,
"made": "0.0",
"retired": ["c7"],
"events": [
],
"clusters": [
{"id": "c1", "name": "Bees and flowers", "pinned": true, "size": 2, "named": 2}
],
"entries": {
"note:hives": {"tsne": [1, 2], "umap": [1, 2], "pca": [1, 2], "cluster": "c1", "text": "aa"},
"note:wax": {"tsne": [2, 2], "umap": [1, 3], "pca": [1, 4], "cluster": "c1", "text": "bb"}
}
}
"""


def before(config: Config) -> list[Path]:
    return sorted(config.root.glob("atlas.json.before*"))


def test_map_of_another_diary_is_said_and_kept(make_diary: Make) -> None:
    config = make_diary(HERE)
    path = Store(config).atlas
    path.write_text(ELSEWHERE, encoding="utf-8")
    said: list[str] = []
    found = build.run(config, said.append)
    assert ["none of this diary" in s for s in said] == [True]
    assert "2 entries" in said[0]
    assert [p.read_text(encoding="utf-8") for p in before(config)] == [ELSEWHERE]
    assert [c.id for c in found.atlas.clusters] == ["c1"]
    assert found.atlas.clusters[0].name != "Bees and flowers"
    assert not found.changes.gone
    build.run(config, said.append)
    assert len(said) == 1
    path.write_text(ELSEWHERE, encoding="utf-8")  # the same once more is not kept twice
    build.run(config, said.append)
    assert len(before(config)) == 1


def test_notes_that_all_moved_are_the_same_diary(make_diary: Make) -> None:
    config = make_diary(HERE)
    first = build.run(config).atlas
    (config.notes / "robots").mkdir()
    for name in HERE:
        (config.notes / name).rename(config.notes / "robots" / name)
    said: list[str] = []
    second = build.run(config, said.append).atlas
    assert said == []
    assert not before(config)
    assert [p.points for p in second.places.values()] == [p.points for p in first.places.values()]


def test_map_of_a_later_version_stops_the_build_and_stays(make_diary: Make) -> None:
    config = make_diary(HERE)
    path = Store(config).atlas
    later = ELSEWHERE.replace('"version": 1', '"version": 2')
    path.write_text(later, encoding="utf-8")
    with pytest.raises(DiaryError, match=r"version 2.*pip install"):
        build.run(config)
    assert path.read_text(encoding="utf-8") == later
    assert build.read(config).atlas == Atlas()  # what needs no map goes on


def test_each_damaged_map_is_kept_as_it_was(make_diary: Make) -> None:
    config = make_diary(HERE)
    path = Store(config).atlas
    damaged = []
    for share in (0.9, 0.6):
        build.run(config)
        damaged.append(path.read_bytes()[: int(path.stat().st_size * share)])
        path.write_bytes(damaged[-1])
        said: list[str] = []
        build.run(config, said.append)
        assert len(said) == 1
        assert before(config)[-1].name in said[0]
    assert sorted(p.read_bytes() for p in before(config)) == sorted(damaged)


def test_reading_a_damaged_map_writes_nothing(make_diary: Make) -> None:
    config = make_diary(HERE)
    build.run(config)
    path = Store(config).atlas
    path.write_bytes(path.read_bytes()[:-9])
    build.read(config)
    assert not before(config)


def test_clock_set_back(make_diary: Make) -> None:
    """Files and events of tomorrow: the next build takes them as they are."""
    config = make_diary(HERE)
    build.run(config)
    path = Store(config).atlas
    data = json.loads(path.read_text(encoding="utf-8"))
    data["events"] = [{"date": "2999-01-01", "what": "born", "cluster": "c1", "name": "Of tomorrow"}]
    path.write_text(json.dumps(data), encoding="utf-8")
    for file in [*config.root.rglob("*")]:
        os.utime(file, (32_000_000_000, 32_000_000_000))
    (config.notes / "d.md").write_text("# Robot ears\n\nEars that hear.\n", encoding="utf-8")
    found = build.run(config)
    assert len(found.entries) == 4
    assert found.changes.new == ("note:d.md",)
    assert "Of tomorrow" not in [e.name for e in found.changes.events]
    assert [e.name for e in atlas_file.read(Store(config)).events].count("Of tomorrow") == 1
    again = build.run(config)
    assert again.atlas == atlas_file.read(Store(config))
    assert again.changes.events == ()


@pytest.mark.parametrize("name", ["a.md", "c.md"])
def test_text_changed_under_the_same_time_and_size_is_seen(make_diary: Make, name: str) -> None:
    """As `rsync --times` or an unpacked archive leave it."""
    config = make_diary(HERE)
    build.run(config)
    file = config.notes / name
    stat = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("Robot", "Human"), encoding="utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    assert next(e.title for e in build.run(config).entries if e.note == name).startswith("Human")


def test_flipped_bytes_give_the_right_map_or_none() -> None:
    """A flip is recognised, or what it changes is not used: a place, a name and an id are never wrong."""
    places = {
        f"note:{n}": Place(dict.fromkeys(("tsne", "umap", "pca"), (n * 1.25, -n / 3)), f"c{n % 3 + 1}", f"{n:012x}")
        for n in range(30)
    }
    clusters = tuple(
        Cluster(f"c{n}", f"Fields of {name}", 10, named=8) for n, name in enumerate(("rye", "oat", "pea"), 1)
    )
    whole = Atlas(clusters, places, "1234.5678")
    data = atlas_file.dumps(whole).encode()
    names = {c.id: c.name for c in clusters}
    rng = random.Random(7)
    told = 0
    for _ in range(500):
        damaged = bytearray(data)
        at = rng.randrange(len(damaged))
        damaged[at] ^= 1 << rng.randrange(8)
        if re.search(rb'"version": [2-9]', damaged):
            continue  # taken for a later one, and left as it is
        found, fine = atlas_file.loads(damaged.decode("utf-8", "replace"))
        told += not fine
        assert all(found.places[i].points == places[i].points for i in found.places)
        assert all(found.places[i].cluster == places[i].cluster for i in found.places)
        assert {c.name for c in found.clusters if not c.pinned} <= {"", *names.values()}
        assert all(c.name in {"", names.get(c.id)} for c in found.clusters if not c.pinned)
    assert told > 430


def test_line_that_the_reader_wrote_is_believed_where_it_is_pinned() -> None:
    text = atlas_file.dumps(Atlas((Cluster("c1", "Rye", 1),), {"note:a": Place({"tsne": (1.0, 2.0)}, "c1", "aa")}))
    pinned = text.replace('"name": "Rye", "pinned": false', '"name": "Bread", "pinned": true')
    found, fine = atlas_file.loads(pinned)
    assert fine
    assert found.clusters == (Cluster("c1", "Bread", 1, pinned=True),)
    assert atlas_file.loads(atlas_file.dumps(found)) == (found, True)


def test_damaged_name_is_found_again(make_diary: Make) -> None:
    config = make_diary(HERE)
    name = build.run(config).atlas.clusters[0].name
    path = Store(config).atlas
    path.write_text(
        path.read_text(encoding="utf-8").replace(f'"name": "{name}"', f'"name": "{name}x"'), encoding="utf-8"
    )
    said: list[str] = []
    assert build.run(config, said.append).atlas.clusters[0].name == name
    assert len(said) == 1
