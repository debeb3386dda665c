from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from paperdiary import embed, search, shards, sources
from paperdiary.config import Config, Options
from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError, NotFoundError
from paperdiary.store import Store

HASHING = Options(embedder="hashing")
SHARED = Path(__file__).parent.parent.parent / "shared"


def entry(name: str, title: str, *passages: str, **more: object) -> Entry:
    rows = tuple(Passage(f"note:{name}", n, "", text) for n, text in enumerate(passages or (title,)))
    page = f"{name}/"
    return Entry(f"note:{name}", title, "note", f"{name}.md", 1, **{"page": page, "passages": rows, **more})


ENTRIES = [
    entry("whales", "Whale song", "Humpback whales sing for hours.", "Their songs change every year."),
    entry("bread", "Sourdough", "Flour, water and time.", "A long rest makes the dough sour."),
    entry("café", "Café culture", "Naïve espresso in Zürich.", "機械学習 は 面白い"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Config(root=tmp_path))


def vectors(texts: list[str]) -> np.ndarray:
    return embed.hashing(HASHING)(texts)


def cloud(rows: int, d: int = 16, seed: int = 0) -> np.ndarray:
    """Unit vectors that lie in heaps, as those of texts do."""
    rng = np.random.default_rng(seed)
    heaps = rng.normal(size=(12, d))
    return embed.normalised((heaps[rng.integers(0, 12, rows)] + 0.7 * rng.normal(size=(rows, d))).astype(np.float32))


def test_few_passages_are_kept_as_they_are() -> None:
    rows = cloud(5)
    data, kind, probe = search.index_bytes(rows)
    assert (kind, probe, data[:4]) == ("flat", 0, b"IxFI")
    assert struct.unpack_from("<iq", data, 4) == (16, 5)
    assert np.array_equal(np.frombuffer(data[45:], "<f4").reshape(5, 16), rows)
    found = search.Vectors(data)
    assert np.array_equal(found.rows(), rows)
    scores, missing = found.scores(rows[0])
    assert missing == 0
    assert scores == pytest.approx(rows.astype(np.float64) @ rows[0].astype(np.float64), abs=1e-12)


@pytest.mark.parametrize("kind", ["flat", "sq8", "ivf"])
def test_faiss_finds_the_same(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(search, "FLAT", 10**6 if kind == "flat" else 0)
    monkeypatch.setattr(search, "LISTS", 1000 if kind == "ivf" else 10**6)
    rows, queries = cloud(3000), cloud(40, seed=1)
    data, got, _ = search.index_bytes(rows)
    assert got == kind
    theirs = faiss.deserialize_index(np.frombuffer(data, np.uint8))
    assert theirs.ntotal == 3000
    ours = search.Vectors(data)
    similar, numbers = theirs.search(queries, 10)
    for query, cosines, wanted in zip(queries, similar, numbers, strict=True):
        scores, _ = ours.scores(query)
        assert scores[wanted] == pytest.approx(cosines, abs=1e-5)
        assert set(np.argsort(-scores, kind="stable")[:10]) == set(wanted)
    assert np.allclose(ours.rows(), theirs.reconstruct_n(0, 3000) if kind != "ivf" else rows, atol=0.02)


@pytest.mark.parametrize(("kind", "least"), [("sq8", 0.98), ("ivf", 0.95)])
def test_recall_of_the_compact_kinds(monkeypatch: pytest.MonkeyPatch, kind: str, least: float) -> None:
    path = SHARED / "corpus" / "vectors-minilm-f16.npy"
    if not path.is_file():
        pytest.skip("the corpus is not at hand")
    monkeypatch.setattr(search, "LISTS", 5000 if kind == "ivf" else 10**6)
    some = np.asarray(np.load(path, mmap_mode="r")[:10_100], dtype=np.float32)
    rows, queries = some[100:], some[:100]
    found = search.Vectors(search.index_bytes(rows)[0])
    recall = []
    for query in queries:
        scores, missing = found.scores(query)
        exact = rows @ query
        recall.append(len(set(np.argsort(-exact)[:10]) & set(np.argsort(-scores)[:10])) / 10)
        # z-scores are those of the whole, whatever was visited
        assert scores.mean() == pytest.approx(exact.mean(), abs=0.03)
        assert np.sqrt(scores.var() + missing) == pytest.approx(exact.std(), rel=0.12)
    assert np.mean(recall) >= least


def test_same_vectors_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in (10**6, 500):
        monkeypatch.setattr(search, "LISTS", limit)
        rows = cloud(1000)
        assert search.index_bytes(rows) == search.index_bytes(rows.copy())


def test_lists_are_made_beside_a_pdf_reader() -> None:
    """PyMuPDF and faiss, loaded in this order, know C++ vectors by the same names."""
    code = (
        "import pymupdf; import numpy as np; from paperdiary import search; search.LISTS = 500;"
        "rows = np.random.default_rng(0).normal(size=(1000, 16)).astype('f4');"
        "print(search.index_bytes(rows)[1], search.Vectors(search.index_bytes(rows)[0]).count)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["ivf", "1000"], run.stderr


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_vectors_of_any_kind(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(search, "FLAT", 0)
    rows = cloud(3)[:count]
    found = search.Vectors(search.index_bytes(rows)[0])
    assert found.count == count
    assert np.isfinite(found.scores(cloud(1)[0])[0]).all()
    assert np.isfinite(found.rows()).all()


@pytest.mark.parametrize("size", [0, 3, 30, 60, 500])
@pytest.mark.parametrize("limit", [10**6, 100])
def test_half_an_index_is_no_index(monkeypatch: pytest.MonkeyPatch, size: int, limit: int) -> None:
    monkeypatch.setattr(search, "LISTS", limit)
    data = search.index_bytes(cloud(400))[0]
    with pytest.raises(ValueError, match=r".+"):
        search.Vectors(data[:size])
    with pytest.raises(ValueError, match=r".+"):
        search.Vectors(b"IxHN" + data[4:])


def test_entry_vectors_are_unit_means(store: Store) -> None:
    texts = [t for e in ENTRIES for t in embed.passage_texts(e)]
    shards.update(shards.place(store), ENTRIES, lambda: vectors(texts), "model")
    ids, means = search.Index(store).entry_vectors()
    assert ids == [e.id for e in ENTRIES]
    assert np.allclose(means, embed.entry_vectors(vectors(texts), ENTRIES), atol=1e-6)


def test_entry_vectors_of_an_index_without_vectors(store: Store) -> None:
    with pytest.raises(DiaryError, match="diary build"):
        search.Index(store)
    shards.update(shards.place(store), ENTRIES, None, "")
    assert search.Index(store).entry_vectors()[0] == []


def test_equal_entries_are_each_others_nearest() -> None:
    near = search.nearest(["a", "b", "c"], vectors(["x y", "x y", "z w"]), 1)
    assert (near["a"], near["b"]) == ([("b", 1.0)], [("a", 1.0)])


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"note": "moved.md", "page": "moved/", "date": "2025-01-01"}, True),
        ({"title": "Other"}, False),
        ({"passages": (*ENTRIES[0].passages[:1], Passage("note:whales", 1, "", "new"))}, False),
        ({"passages": ENTRIES[0].passages[:1]}, False),
        ({"passages": tuple(replace(p, entry="x") for p in ENTRIES[0].passages)}, False),
    ],
)
def test_fingerprint(change: dict[str, object], same: bool) -> None:
    changed = [replace(ENTRIES[0], **change), *ENTRIES[1:]]
    assert (search.fingerprint(changed, "id") == search.fingerprint(ENTRIES, "id")) is same
    assert search.fingerprint(ENTRIES, "other") != search.fingerprint(ENTRIES, "id")


@pytest.mark.parametrize(("k", "wanted"), [(0, 0), (1, 1), (2, 2), (9, 2)])
def test_nearest_gives_k_others(k: int, wanted: int) -> None:
    rows = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    got = search.nearest(["a", "b", "c"], rows, k)
    assert all(len(v) == wanted for v in got.values())
    assert all(name not in dict(v) for name, v in got.items())
    if k == 9:
        assert got["a"] == [("b", 0.6), ("c", 0.0)]
        assert got["c"] == [("b", 0.8), ("a", 0.0)]


@pytest.mark.parametrize("count", [0, 1])
def test_nearest_of_too_few(count: int) -> None:
    assert search.nearest(["a"][:count], np.ones((count, 2), np.float32), 5) == {name: [] for name in ["a"][:count]}


def test_nearest_of_many_is_the_same_in_every_block() -> None:
    rng = np.random.default_rng(0)
    rows = embed.normalised(rng.normal(size=(1100, 8)).astype(np.float32))
    got = search.nearest([str(n) for n in range(1100)], rows, 3)
    for n in (0, 1023, 1024, 1099):
        assert got[str(n)] == search.nearest_to(str(n), [str(m) for m in range(1100)], rows)[:3]


def test_nearest_of_zero_vectors() -> None:
    got = search.nearest(["a", "b"], np.zeros((2, 3), np.float32), 5)
    assert got == {"a": [("b", 0.0)], "b": [("a", 0.0)]}


ATTENTION = sources.resolve("https://arxiv.org/abs/1706.03762")
assert ATTENTION is not None
NAMED = [
    entry("nlp/attention", "Attention Is All You Need", sources=(ATTENTION,)),
    entry("nlp/attention-2", "Attention", page="nlp/attention-2/"),
    entry("other", "The same title"),
    entry("more", "The same title"),
]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("note:nlp/attention", 0),
        ("1706.03762", 0),
        ("https://arxiv.org/pdf/1706.03762v5.pdf", 0),
        ("arXiv:1706.03762", 0),
        ("nlp/attention.md", 0),
        ("notes/nlp/attention.md", 0),
        ("nlp/attention/", 0),
        ("NLP/Attention-2", 1),
        ("attention", 1),
        ("  all you NEED ", 0),
        ("other.md", 2),
        ("note:more", 3),
    ],
)
def test_entry_is_found_by(name: str, wanted: int) -> None:
    assert search.find_entry(NAMED, name) is NAMED[wanted]


@pytest.mark.parametrize("name", ["", "  ", "nothing of that name", "9999.99999", "note:"])
def test_unknown_entry(name: str) -> None:
    with pytest.raises(NotFoundError, match="diary list"):
        search.find_entry(NAMED, name)


def test_name_of_several_entries_lists_them() -> None:
    with pytest.raises(NotFoundError) as caught:
        search.find_entry(NAMED, "the same title")
    assert "note:other" in str(caught.value)
    assert "note:more" in str(caught.value)


def test_address_of_several_entries_lists_them() -> None:
    twice = [*NAMED, entry("copy", "A copy", sources=(ATTENTION,))]
    with pytest.raises(NotFoundError, match=r"can mean 2 entries.*note:copy"):
        search.find_entry(twice, "1706.03762")
