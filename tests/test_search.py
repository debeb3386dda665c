from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from paperdiary import embed, search, sources
from paperdiary.config import Config, Options
from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError, NotFoundError
from paperdiary.store import Store

HASHING = Options(embedder="hashing")


def entry(name: str, title: str, *passages: str, **more: object) -> Entry:
    rows = tuple(Passage(f"note:{name}", n, "", text) for n, text in enumerate(passages or (title,)))
    page = f"{name}/"
    return Entry(f"note:{name}", title, "note", f"{name}.md", 1, **{"page": page, "passages": rows, **more})


ENTRIES = [
    entry("whales", "Whale song", "Humpback whales sing for hours.", "Their songs change every year."),
    entry("bread", "Sourdough", "Flour, water and time.", "A long rest makes the dough sour."),
    entry("café", "Café culture", "Naïve espresso in Zürich.", "機械学習 は 面白い"),
]
IDS = {e.id for e in ENTRIES}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Config(root=tmp_path))


def vectors(texts: list[str]) -> np.ndarray:
    return embed.hashing(HASHING)(texts)


def index(store: Store, entries: list[Entry]) -> search.Index:
    texts = [t for e in entries for t in embed.passage_texts(e)]
    found = vectors(texts) if texts else np.zeros((0, 0), np.float32)
    search.write_index(store, entries, found, search.fingerprint(entries, "id"))
    return search.Index(store)


def test_index_gives_back_passages_and_vectors(store: Store) -> None:
    found = index(store, ENTRIES)
    assert found.passages == [p for e in ENTRIES for p in e.passages]
    assert np.allclose(found.vectors, vectors([t for e in ENTRIES for t in embed.passage_texts(e)]))
    assert found.titles[0] == "Whale song"


def test_index_file_is_flat_inner_product(store: Store) -> None:
    index(store, ENTRIES)
    raw = store.index.read_bytes()
    assert raw[:4] == b"IxFI"
    assert np.frombuffer(raw[4:8], "<i4")[0] == 384
    assert np.frombuffer(raw[8:16], "<i8")[0] == 6
    first = np.frombuffer(raw[45:], "<f4")[:384]
    assert np.allclose(first, vectors(embed.passage_texts(ENTRIES[0]))[0])


@pytest.mark.parametrize(
    ("query", "best", "number"),
    [
        ("humpback whales", "note:whales", 0),
        ("SONGS that change", "note:whales", 1),
        ("dough", "note:bread", 1),
        ("zürich", "note:café", 0),
        ("機械学習", "note:café", 1),
    ],
)
@pytest.mark.parametrize("semantic", [True, False])
def test_best_passage_comes_first(store: Store, query: str, best: str, number: int, semantic: bool) -> None:
    hits = index(store, ENTRIES).search(query, vectors([query])[0] if semantic else None, IDS, 3)
    assert (hits[0].entry, hits[0].passage.number, hits[0].rank) == (best, number, 1)
    assert hits[0].keyword > 0
    assert (hits[0].semantic > 0) is semantic


def test_hits_are_one_an_entry_in_order(store: Store) -> None:
    found = index(store, ENTRIES)
    hits = found.search("whale song", vectors(["whale song"])[0], IDS, 10)
    assert [h.rank for h in hits] == [1, 2, 3]
    assert len({h.entry for h in hits}) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len(found.search("whale song", vectors(["whale song"])[0], IDS, 2)) == 2


def test_score_is_the_sum_of_standard_scores(store: Store) -> None:
    found = index(store, ENTRIES)
    query = vectors(["sour dough"])[0]
    words, meaning = found.keyword("sour dough"), found.vectors @ query
    total = (words - words.mean()) / words.std() + (meaning - meaning.mean()) / meaning.std()
    assert found.search("sour dough", query, IDS, 1)[0].score == pytest.approx(total.max(), abs=1e-3)


def test_words_alone_find_only_what_holds_them(store: Store) -> None:
    found = index(store, ENTRIES)
    assert [h.entry for h in found.search("dough", None, IDS, 9)] == ["note:bread"]
    assert found.search("zebra", None, IDS, 9) == []


def test_entries_that_are_gone_are_not_found(store: Store) -> None:
    found = index(store, ENTRIES)
    hits = found.search("whale", vectors(["whale"])[0], IDS - {"note:whales"}, 9)
    assert {h.entry for h in hits} == IDS - {"note:whales"}
    assert found.search("whale", None, set(), 9) == []


@pytest.mark.parametrize("query", ["", " ", "!!!", "\0", "a" * 10_000, "\ud800", "(unclosed [regex"])
@pytest.mark.parametrize("semantic", [True, False])
def test_odd_queries_have_finite_scores(store: Store, query: str, semantic: bool) -> None:
    for hit in index(store, ENTRIES).search(query, vectors([query])[0] if semantic else None, IDS, 3):
        assert math.isfinite(hit.score)


def test_bm25(store: Store) -> None:
    entries = [entry("a", "", "cat cat dog"), entry("b", "", "dog bird fish"), entry("c", "", "dog")]
    got = index(store, entries).keyword("cat")
    weight, mean = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5)), 7 / 3
    wanted = weight * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / mean))
    assert got.tolist() == pytest.approx([wanted, 0, 0])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Whales' songs", ["whale", "song"]),
        ("GPT-4o_mini", ["gpt", "4o", "mini"]),
        ("class bus analysis gas", ["class", "bus", "analysis", "gas"]),
        ("ÉTÉ Straße 機械", ["été", "straße", "機械"]),
        ("\r\n\t", []),
    ],
)
def test_tokens(text: str, wanted: list[str]) -> None:
    assert search.tokens(text) == wanted


def test_equal_entries_are_both_found(store: Store) -> None:
    twins = [entry("one", "Same", "the same words"), entry("two", "Same", "the same words"), ENTRIES[0]]
    hits = index(store, twins).search("same words", vectors(["same words"])[0], {e.id for e in twins}, 2)
    assert {h.entry for h in hits} == {"note:one", "note:two"}
    near = search.nearest(["a", "b", "c"], vectors(["x y", "x y", "z w"]), 1)
    assert (near["a"], near["b"]) == ([("b", 1.0)], [("a", 1.0)])


def test_empty_diary_has_an_index(store: Store) -> None:
    found = index(store, [])
    assert found.search("anything", vectors(["anything"])[0], set(), 5) == []
    assert found.entry_vectors()[0] == []
    assert search.is_current(store, search.fingerprint([], "id"))


def test_single_passage_is_found(store: Store) -> None:
    one = [entry("one", "Only")]
    hits = index(store, one).search("only", vectors(["only"])[0], {"note:one"}, 5)
    assert [h.entry for h in hits] == ["note:one"]


def test_entry_vectors_are_unit_means(store: Store) -> None:
    ids, means = index(store, ENTRIES).entry_vectors()
    assert ids == [e.id for e in ENTRIES]
    texts = [t for e in ENTRIES for t in embed.passage_texts(e)]
    assert np.allclose(means, embed.entry_vectors(vectors(texts), ENTRIES), atol=1e-6)


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


def test_index_is_current_until_its_file_is_touched(store: Store) -> None:
    made = search.fingerprint(ENTRIES, "id")
    assert not search.is_current(store, made)
    index(store, ENTRIES)
    assert search.is_current(store, made)
    assert not search.is_current(store, "other")


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "absent"])
def test_damaged_index_is_recognised(store: Store, damage: str) -> None:
    index(store, ENTRIES)
    raw = store.index.read_bytes()
    if damage == "absent":
        store.index.unlink()
    else:
        new = {"truncated": raw[:-1], "flipped": raw[:99] + bytes([raw[99] ^ 1]) + raw[100:], "empty": b""}[damage]
        store.index.write_bytes(new)
    assert not search.is_current(store, search.fingerprint(ENTRIES, "id"))
    with pytest.raises(DiaryError, match="diary build"):
        search.Index(store)


@pytest.mark.parametrize("data", [None, b"", b"[]", b"{", b"\xff", b"null", b"{}"])
def test_damaged_passages_are_recognised(store: Store, data: bytes | None) -> None:
    index(store, ENTRIES)
    if data is None:
        store.passages.unlink()
    else:
        store.passages.write_bytes(data)
    assert not search.is_current(store, search.fingerprint(ENTRIES, "id"))
    with pytest.raises(DiaryError, match="diary build"):
        search.Index(store)


@pytest.mark.parametrize("damage", ["text", "row", "key"])
def test_passages_that_were_changed_are_recognised(store: Store, damage: str) -> None:
    index(store, ENTRIES)
    head = json.loads(store.passages.read_text(encoding="utf-8"))
    if damage == "text":
        head["passages"][0][3] = "other words"
    elif damage == "row":
        head["passages"].pop()
    else:
        del head["passages"]
    store.passages.write_text(json.dumps(head))
    assert not search.is_current(store, search.fingerprint(ENTRIES, "id"))


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
