from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from test_search import ENTRIES, entry, vectors

from paperdiary import embed, encoder, postings, shards, sources
from paperdiary.config import Config
from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError
from paperdiary.shardreader import Shards
from paperdiary.shards import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "search", tmp_path / "index.faiss")


def made(place: Place, entries: list[Entry] = ENTRIES, **more: object) -> str:
    texts = [t for e in entries for t in embed.passage_texts(e)]
    return shards.update(place, entries, lambda: vectors(texts) if texts else np.zeros((0, 0)), "model", **more)


def many(count: int) -> list[Entry]:
    words = ["river", "stone", "bridge", "garden", "letter", "winter", "silver", "window", "market", "island"]
    return [
        entry(f"n{n}", f"Title {words[n % 10]}", *(f"{words[n % 7]} {words[m % 9]} no{n * 3 + m}" for m in range(3)))
        for n in range(count)
    ]


def state(place: Place) -> dict[str, tuple[bytes, int]]:
    paths = [place.index, *(p for p in place.folder.rglob("*") if p.is_file())]
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


def test_every_file_is_named_with_its_checksum(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "BLOCK", 300)
    monkeypatch.setattr(postings.shards, "__defaults__", (200,))
    made(place, many(40))
    data = (place.folder / "meta.json").read_bytes()
    assert data[:10] == b'{"check":"'
    assert data[10:18].decode() == f"{zlib.crc32(data[20:]):08x}"
    meta = json.loads(data)
    files = shards.names(meta)
    assert set(files) | {"meta.json"} == {p.relative_to(place.folder).as_posix() for p in place.folder.rglob("*.*")}
    assert len(meta["blocks"]["first"]) > 3
    assert len(meta["words"]["first"]) > 3
    for name, crc in files.items():
        assert f"{zlib.crc32((place.folder / name).read_bytes()):08x}" == crc
    raw = place.index.read_bytes()
    assert meta["index"] == {"bytes": len(raw), "crc32": f"{zlib.crc32(raw):08x}", "kind": "flat", "probe": 0}
    assert (meta["passages"], meta["entries"], meta["d"], meta["version"]) == (120, 40, 384, 1)
    assert not list(place.folder.rglob("*.tmp*"))


def test_what_was_written_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "BLOCK", 300)
    monkeypatch.setattr(postings.shards, "__defaults__", (200,))
    entries = many(40)
    made(place, entries)
    found = Shards(place)
    passages = [p for e in entries for p in e.passages]
    assert [found.passage(n) for n in range(found.count)] == [(p.heading, p.text) for p in passages]
    assert [c["id"] for c in found.entries] == [e.id for e in entries]
    assert [found.entries[n]["id"] for n in found.owners] == [p.entry for p in passages]
    wanted = postings.index((e.title, p.heading, p.text) for e in entries for p in e.passages)
    for n, term in enumerate(wanted.terms):
        at = found.find(term)
        assert at is not None
        assert at[0].postings(at[1]).rows.tolist() == wanted[n].rows.tolist()
    assert found.find("nosuchword") is None
    assert found.find("0") is None
    assert found.find("zzz") is None
    assert found.terms == [(t, wanted.df(n)) for n, t in enumerate(wanted.terms) if t[0].isalpha() and len(t) > 2]
    begun = {shard.names[n] for shard, n in found.beginning_with("no1")}
    assert begun == {t for t in wanted.terms if t.startswith("no1")} or len(begun) > 5


def test_faiss_reads_the_index(place: Place) -> None:
    made(place)
    index = faiss.read_index(str(place.index))
    wanted = vectors([t for e in ENTRIES for t in embed.passage_texts(e)])
    assert np.array_equal(index.reconstruct_n(0, 6), wanted)


def test_nothing_changed_writes_nothing(place: Place) -> None:
    name = made(place)
    before = state(place)
    assert shards.update(place, ENTRIES, lambda: pytest.fail("the vectors were asked for"), "model") == name
    assert state(place) == before


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"date": "2025-02-03"}, {"entries.json", "meta.json"}),
        ({"status": "queued", "tags": ("x",)}, {"entries.json", "meta.json"}),
    ],
)
def test_a_date_alone_makes_no_words_anew(place: Place, change: dict[str, object], parts: set[str]) -> None:
    name = made(place)
    before = state(place)
    changed = [replace(ENTRIES[0], **change), *ENTRIES[1:]]
    assert shards.update(place, changed, lambda: pytest.fail("the vectors were asked for"), "model") != name
    after = state(place)
    assert {Path(p).name for p in after if after[p] != before.get(p)} == parts


def test_other_notes_leave_no_old_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "BLOCK", 100)
    made(place, many(30))
    made(place)
    meta = shards.read_meta(place.folder)
    assert meta is not None
    assert {p.relative_to(place.folder).as_posix() for p in place.folder.rglob("*.*")} == {
        *shards.names(meta),
        "meta.json",
    }
    assert "river" not in (place.folder / "words" / "terms.txt").read_text(encoding="utf-8")


def test_another_model_makes_all_anew(place: Place) -> None:
    name = made(place)
    texts = [t for e in ENTRIES for t in embed.passage_texts(e)]
    assert shards.update(place, ENTRIES, lambda: vectors(texts)[:, :8], "other") != name
    assert shards.read_meta(place.folder)["d"] == 8  # type: ignore[index]


def test_model_is_not_told(place: Place) -> None:
    shards.update(place, ENTRIES, lambda: vectors(["x"] * 6), "sentence-transformers|/home/me/secret|v1")
    assert b"secret" not in (place.folder / "meta.json").read_bytes()


def damaged(data: bytes, how: str) -> bytes:
    at = len(data) // 2
    return {"cut": data[:-1], "flipped": data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :], "empty": b""}[how]


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "absent"])
@pytest.mark.parametrize("name", ["meta.json", "entries.json", "passages/0.json", "words/0.bin", "words/terms.txt", ""])
def test_damage_is_recognised_and_mended(place: Place, name: str, how: str) -> None:
    first = made(place)
    good = {p: data for p, (data, _) in state(place).items()}
    path = place.folder / name if name else place.index
    if how == "absent":
        path.unlink()
    else:
        path.write_bytes(damaged(path.read_bytes(), how))
    assert whole(place) is None
    assert made(place) == first
    assert {p: data for p, (data, _) in state(place).items()} == good


def test_every_flipped_byte_of_meta_is_recognised(place: Place) -> None:
    made(place)
    path = place.folder / "meta.json"
    data = path.read_bytes()
    for at in range(0, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert shards.read_meta(place.folder) is None, at


@pytest.mark.parametrize("text", ["null", "[]", "{}", '{"version": 1}', "[" * 100_000])
def test_other_json_is_no_meta(place: Place, text: str) -> None:
    place.folder.mkdir()
    (place.folder / "meta.json").write_text(text)
    assert shards.read_meta(place.folder) is None
    made(place)
    assert shards.read_meta(place.folder)


def test_files_of_another_version_are_made_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "FORMAT", 0)
    made(place)
    monkeypatch.undo()
    with pytest.raises(DiaryError, match="diary build"):
        Shards(place)
    made(place)
    assert Shards(place).count == 6


def test_index_that_stops_halfway_is_noticed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that is killed after any number of files leaves no index that looks whole and is not."""
    made(place)
    write, left = shards.write_atomic, [0]

    def dies(path: Path, data: bytes, **how: bool) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        write(path, data, **how)

    monkeypatch.setattr(shards, "write_atomic", dies)
    for n in range(20):
        left[0] = n
        try:
            made(place, many(9))
            break
        except KeyboardInterrupt:
            assert whole(place) == (6 if n == 0 else None), n
        left[0] = 10**6
        shutil.rmtree(place.folder)
        made(place)
    else:
        pytest.fail("it never ended")
    assert n > 4
    assert whole(place) == 27


def whole(place: Place) -> int | None:
    """How many passages an index has; None where a part of it is not as it should be."""
    try:
        found = Shards(place)
        _ = (found.entries, found.terms, found.vectors, found.words(0))
        return len([found.passage(row) for row in range(found.count)])
    except DiaryError:
        return None


def test_without_vectors_words_are_there(place: Place) -> None:
    made(place)
    shards.update(place, ENTRIES, None, "")
    found = Shards(place)
    assert found.vectors is None
    assert found.meta["index"] is None
    assert not place.index.exists()
    assert found.find("whale")
    made(place)
    assert Shards(place).vectors is not None


def test_empty_diary(place: Place) -> None:
    made(place, [])
    found = Shards(place)
    assert (found.count, found.entries, found.terms) == (0, [], [])
    assert (found.find("x"), found.beginning_with("x")) == (None, [])


def test_keys_of_an_entry() -> None:
    links = ["https://arxiv.org/abs/1706.03762v5", "https://www.Example.org/A/b/?q=1#top", "doi.org/10.1145/ABC.5"]
    found = [s for link in links if (s := sources.resolve(link))]
    assert shards.keys(entry("x", "X", sources=tuple(found))) == [
        "arxiv:1706.03762",
        "url:example.org/a/b/?q=1",
        "doi:10.1145/abc.5",
        "doi:10.48550/arxiv.1706.03762",
        *[k for k in (shards.address(s.url) for s in found) if "example" not in k],
    ]


def test_hostile_text_is_kept_as_text(place: Place) -> None:
    odd = entry("odd", '<script>alert("1")</script>', "</textarea> \ud800 \0 \u2028 \x1b[2J 😀")
    made(place, [odd])
    found = Shards(place)
    assert found.entries[0]["title"] == odd.title
    assert found.passage(0)[1] == "</textarea> ? \0 \u2028 \x1b[2J 😀"
    assert found.find("alert")


@pytest.mark.skipif(not encoder.PACKAGED.is_dir(), reason="no query encoder in this package")
def test_query_encoder_is_published(place: Place, make_diary: Callable[..., Config], tmp_path: Path) -> None:
    from paperdiary import build
    from paperdiary.build import Diary

    table = encoder.QueryEncoder(encoder.PACKAGED)
    config = make_diary({"a.md": "# A\n\nWords of a note.\n"})
    diary = build.run(config)
    store = shards.Store(config)
    name = shards.update(shards.place(store), diary.entries, None, "", encoder=table)
    published = Diary(config, diary.notes, diary.entries, made=name, encoder=table)
    shards.publish(published, tmp_path / "site")
    target = tmp_path / "site" / "search"
    meta = json.loads((target / "meta.json").read_bytes())["encoder"]
    folder = target / "encoder" / meta["identity"]
    assert (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1] == table.vocab
    d = table.rows.shape[1]
    for n, crc in enumerate(meta["crc32"]):
        data = (folder / f"{n}.bin").read_bytes()
        assert f"{zlib.crc32(data):08x}" == crc
        if n % 50 == 0 or n == len(meta["crc32"]) - 1:
            rows = table.rows[n * 64 : n * 64 + 64]
            scale = np.frombuffer(data, "<f4", len(rows))
            assert np.array_equal(scale, table.scale[n * 64 : n * 64 + 64])
            assert np.array_equal(np.frombuffer(data, np.int8, offset=scale.nbytes).reshape(-1, d), rows)
    times = {p: p.stat().st_mtime_ns for p in target.rglob("*") if p.is_file()}
    shards.publish(published, tmp_path / "site")
    assert {p: p.stat().st_mtime_ns for p in times} == times
    with pytest.raises(DiaryError, match="diary build"):
        shards.publish(replace(published, made="other"), tmp_path / "site")


def test_papers_take_the_place_of_the_notes_passages() -> None:
    text = {"note:bread": (Passage("note:bread", 0, "Method", "Yeast.", True),), "note:gone": (), "note:café": ()}
    found = shards.of_passages(ENTRIES, text)
    assert [(e.id, [p.text for p in e.passages]) for e in found] == [("note:bread", ["Yeast."])]
