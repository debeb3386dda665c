from __future__ import annotations

import math
import re
import unicodedata

import numpy as np
import pytest

from paperdiary import keywords, postings
from paperdiary.postings import IDF, K1, UNIT, WEIGHT, B, Words


def said(text: str) -> list[str]:
    return [w.term for w in keywords.words(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Whales' songs", ["whale", "song"]),
        ("the whale's song", ["the", "whale", "song"]),
        ("class bus analysis gas studies ties", ["class", "bus", "analysis", "gas", "study", "tie"]),
        ("ÉTÉ Straße Łódź Ærø ﬁne Ⅳ", ["ete", "strasse", "lodz", "aero", "fine", "iv"]),
        ("naïve nai\u0308ve", ["naive", "naive"]),
        ("ΣΊΣΥΦΟΣ", ["σισυφοσ"]),
        ("GPT_4o/mini", ["gpt", "4o", "mini"]),
        ("pre-training", ["pre", "training", "pretraining"]),
        ("state-of-the-art x", ["state", "of", "the", "art", "stateoftheart", "x"]),
        ("a--b -c d- - e", ["a", "b", "c", "d", "e"]),
        ("it’s-so", ["it", "so"]),
        ("don't l'été", ["don", "t", "l", "ete"]),
        ("機械学習", ["機械", "械学", "学習"]),
        ("猫", ["猫"]),
        ("深い学習model", ["深い", "い学", "学習", "model"]),
        ("한국어 처리", ["한국어", "처리"]),
        ("машинное обучение", ["машинное", "обучение"]),
        ("x² µm α→β 50% C++ 3.5", ["x2", "μm", "α", "β", "50", "c", "3", "5"]),
        ("👍 ☃ … \r\n\t \0", []),
        ("\ud800 a\udfff", ["a"]),
        ("", []),
    ],
)
def test_words_of_a_query(text: str, wanted: list[str]) -> None:
    assert said(text) == wanted


def test_passages_hold_single_characters_and_pairs() -> None:
    assert keywords.terms("機械学 ok") == (["機", "機械", "械", "械学", "学", "ok"], [])
    assert keywords.terms("Pre-training's end") == (["pre", "training", "end"], ["pretraining"])


@pytest.mark.parametrize("text", ["Self-attention's cost: O(n²)", "Zürich–Genève, l'été", "a-b-c's d"])
def test_words_of_query_and_passage_agree(text: str) -> None:
    plain, compounds = keywords.terms(text)
    words = list(keywords.words(text))
    assert [w.term for w in words if not w.compound] == plain
    assert [w.term for w in words if w.compound] == compounds


def test_place_of_a_word_in_the_folded_text() -> None:
    text = "Über pre-trained models"
    folded = keywords.fold(text)
    for word in keywords.words(text):
        assert folded[: word.end].replace("-", "").endswith(word.text)
    assert [keywords.fold(text)[a:b] for a, b, _ in keywords.places(folded)] == ["uber", "pre", "trained", "models"]


def test_fold_is_stable() -> None:
    """What is folded stays as it is: indexes hold folded words, and readers fold once more."""
    changed = []
    for code in range(0x3000):
        if not 0xD800 <= code < 0xE000:
            once = keywords.fold(chr(code))
            if keywords.fold(once) != once:
                changed.append(hex(code))
    assert changed == []


def test_letters_are_neither_signs_nor_spaces() -> None:
    """Of the characters that Unicode calls letters or digits of living scripts nearly all are word characters."""
    word = re.compile(f"[a-z0-9{keywords.LETTERS}{keywords.JOINED}]")
    wrong = [
        hex(c)
        for c in range(0x20, 0x3000)
        if unicodedata.category(chr(c)) in ("Zs", "Pd", "Ps", "Pe", "Sm", "Sc", "Cc")
        and word.match(chr(c))
        and not 0x600 <= c < 0x2000
    ]
    assert wrong == ["0x3f6"]  # a sign among the Greek letters
    lost = [
        hex(c)
        for c in range(0x20, 0x2000)
        if unicodedata.category(chr(c)) in ("Ll", "Lo", "Nd") and (f := keywords.fold(chr(c))) and not word.match(f)
    ]
    assert lost == ["0x149"]  # becomes 'n


def test_long_words_are_cut() -> None:
    assert said("x" * 10_000) == ["x" * 64]
    assert keywords.terms("ab" * 5_000)[0] == ["ab" * 32]


PASSAGES = [
    ("Cats", "", "cat cat dog"),
    ("Cats", "Birds", "dog bird-fish"),
    ("", "", "dog"),
]


def test_bm25() -> None:
    found = postings.index(PASSAGES)
    n = found.terms.index("cat")
    one = found[n]
    lengths = [4, 5, 1]
    mean = sum(lengths) / 3
    wanted = []
    for tf, length in ((4, 4), (2, 5)):  # the title counts twice
        saturated = tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / mean))
        wanted.append(math.floor(saturated * WEIGHT + 0.5))
    assert one.rows.tolist() == [0, 1]
    assert one.weights.tolist() == wanted
    assert one.idf == math.floor(math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)) * IDF + 0.5)
    score = one.idf * int(one.weights[0]) * 256 * UNIT
    exact = math.log(1 + 1.5 / 2.5) * 4 * 2.2 / (4 + 1.2 * (0.25 + 0.75 * 4 / mean))
    assert score == pytest.approx(exact, rel=0.005)


def test_compounds_are_found_but_make_no_passage_longer() -> None:
    found = postings.index([("", "", "bird-fish"), ("", "", "bird fish")])
    assert found[found.terms.index("birdfish")].rows.tolist() == [0]
    bird = found[found.terms.index("bird")]
    assert bird.weights[0] == bird.weights[1]


def test_terms_are_in_javascripts_order() -> None:
    found = postings.index([("", "", "ﬀ zoo 𐐨 \uffee ȧ 猫 ab a")])
    assert found.terms == sorted(found.terms, key=lambda t: t.encode("utf-16-be"))


def random_words(seed: int, rows: int) -> Words:
    rng = np.random.default_rng(seed)
    return postings.index(("", "", " ".join(f"w{n}" for n in rng.zipf(1.3, 30) if n < 10**6)) for _ in range(rows))


@pytest.mark.parametrize("rows", [0, 1, 2, 200, 3000])
@pytest.mark.parametrize("size", [1, 500, 10**9])
def test_files_give_back_every_posting(rows: int, size: int) -> None:
    found = random_words(rows, rows)
    files = list(postings.shards(found, size))
    assert [first for first, _ in files] == sorted((f for f, _ in files), key=keywords.order)
    names: list[str] = []
    for first, data in files:
        shard = postings.Shard(data)
        assert shard.names[0] == first
        for at, name in enumerate(shard.names):
            number = len(names)
            assert shard.find(name) == at
            if number % 7 == 0 or found.df(number) > 100:
                one, wanted = shard.postings(at), found[number]
                assert (one.term, one.idf) == (wanted.term, wanted.idf)
                assert one.rows.tolist() == wanted.rows.tolist()
                assert one.weights.tolist() == wanted.weights.tolist()
            names.append(name)
    assert names == found.terms


def test_rows_far_apart() -> None:
    rows = np.array([0, 127, 128, 16_511, 16_512, 3_000_000], np.int32)
    words = Words(["a", "b"], [5, 6], np.array([0, 6, 7]), np.append(rows, 2**21), np.arange(1, 8, dtype=np.uint8))
    shard = postings.Shard(next(postings.shards(words))[1])
    assert shard.postings(0).rows.tolist() == rows.tolist()
    assert shard.postings(1).rows.tolist() == [2**21]
    assert shard.postings(1).weights.tolist() == [7]


def test_many_passages_in_bounded_blocks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = random_words(5, 300)
    monkeypatch.setattr(postings, "BATCH", 500)
    parts = random_words(5, 300)
    assert parts.terms == whole.terms
    assert parts.rows.tolist() == whole.rows.tolist()
    assert parts.weights.tolist() == whole.weights.tolist()


@pytest.mark.parametrize("data", [b"", b"PDW1", b"PDW2" + b"\0" * 20, b"PDW1" + b"\xff" * 20])
def test_no_file_of_words(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        postings.Shard(data)


def test_beginning_of_words() -> None:
    shard = postings.Shard(next(postings.shards(postings.index([("", "", "train trained trains tractor zoo")])))[1])
    assert [shard.names[n] for n in shard.beginning_with("tra")] == ["tractor", "train", "trained"]
    assert shard.beginning_with("x") == []
    assert shard.find("trai") is None
