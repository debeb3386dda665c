from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from test_search import entry

from paperdiary import keywords, ranking, shards
from paperdiary import query as language
from paperdiary.query import Query
from paperdiary.ranking import Spread
from paperdiary.shardreader import Shards
from paperdiary.shards import Place


@pytest.mark.parametrize(
    ("query", "text", "filters", "is_open"),
    [
        ("robots that learn", "robots that learn", (), True),
        ("  robots \t learn ", "robots learn", (), False),
        ("tag:nlp", "", (("tag", "nlp"),), False),
        ("TAG:nlp Topic:a/b x", "x", (("tag", "nlp"), ("topic", "a/b")), True),
        ('tag:"two words" x', "x", (("tag", "two words"),), True),
        ("x tag:nlp", "x", (("tag", "nlp"),), False),
        ("tag: nlp", "tag: nlp", (), True),
        ("mytag:nlp url:x", "mytag:nlp url:x", (), True),
        ('a "b c" d', "a b c d", (), True),
        ('a"b c"d', "a b c d", (), True),
        ('"never closed', "never closed", (), True),
        ('never closed"', "never closed", (), False),
        ('""', "", (), False),
        ("", "", (), False),
        ("a\u3000b\ufeffc", "a b c", (), True),
        ("before:2025 after:2024-05-01", "", (("before", "2025"), ("after", "2024-05-01")), False),
        ("https://example.org/a?b=c", "https://example.org/a?b=c", (), True),
        ("<b>x</b>", "<b>x</b>", (), True),
        ("tag:#NLP tag:#", "", (("tag", "#NLP"), ("tag", "#")), False),
    ],
)
def test_query_is_taken_apart(query: str, text: str, filters: tuple[tuple[str, str], ...], is_open: bool) -> None:
    found = language.parse(query)
    assert (found.text, found.filters) == (text, filters)
    assert found.open is is_open or not text


def test_phrases_are_told_apart() -> None:
    assert language.parse('one "two three" four').pieces == (("one", False), ("two three", True), ("four", False))


def test_long_query_is_cut() -> None:
    assert len(language.parse("😀" * 10_000).text) == 2_000
    assert len(language.parse("word " * 10_000).pieces) == 400


CARD: dict[str, Any] = {
    "tags": ["NLP", "Deep Learning", "#étude"],
    "topic": "ai/robots/Arms",
    "status": "read",
    "kind": "paper",
    "date": "2025-06-04",
}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("tag:nlp", True),
        ("tag:#nlp tag:etude", True),
        ('tag:"deep learning"', True),
        ("tag:deep", False),
        ("tag:nlp tag:vision", False),
        ("topic:ai", True),
        ("topic:AI/Robots", True),
        ("topic:arms", True),
        ("topic:robot", False),
        ("topic:vision topic:ai", True),
        ("status:read", True),
        ("status:READ", True),
        ("status:queued status:read", True),
        ("status:queued", False),
        ("status:nonsense", False),
        ("kind:paper", True),
        ("kind:blog", False),
        ("before:2026", True),
        ("before:2025", False),
        ("before:2025-06", False),
        ("before:2025-06-04", False),
        ("before:2025-06-05", True),
        ("after:2025", True),
        ("after:2025-06-04", True),
        ("after:2025-06-05", False),
        ("after:2025-06 before:2025-07", True),
        ("before:yesterday", False),
        ("after:2025-13", False),
        ("words alone", True),
    ],
)
def test_filters(query: str, wanted: bool) -> None:
    assert language.fits(language.parse(query), CARD) is wanted


def test_entries_without_a_date_are_neither_before_nor_after() -> None:
    card = {**CARD, "date": None}
    assert not language.fits(language.parse("before:2999"), card)
    assert not language.fits(language.parse("after:1000"), card)


def test_wrong_filters_are_told_with_the_right_ones() -> None:
    found = language.problems(language.parse("status:done kind:film before:soon after:2025 tag:x"))
    assert len(found) == 3
    assert "queued, reading, read" in found[0]
    assert "paper, blog" in found[1]
    assert "2025-06-04" in found[2]
    assert language.problems(language.parse("Status:Read KIND:Paper")) == []


KEYED = [
    {"keys": ["arxiv:1706.03762", "doi:10.48550/arxiv.1706.03762", "url:arxiv.org/abs/1706.03762"]},
    {"keys": ["arxiv:math/0611800"]},
    {"keys": ["doi:10.1145/abc(5)6"]},
    {"keys": ["url:example.org/a/post"]},
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1706.03762", [0]),
        ("1706.03762v5", [0]),
        ("arXiv:1706.03762v2", [0]),
        ("https://arxiv.org/abs/1706.03762", [0]),
        ("http://www.arxiv.org/pdf/1706.03762v1.pdf#page=3", [0]),
        ("https://doi.org/10.48550/arXiv.1706.03762", [0]),
        ("math/0611800", [1]),
        ("math.CA/0611800v2", [1]),
        ("https://arxiv.org/abs/math/0611800", [1]),
        ("10.1145/ABC(5)6", [2]),
        ("https://doi.org/10.1145/abc(5)6", [2]),
        ("https://www.example.org/a/post/#end", [3]),
        ("Example.org/a/post", [3]),
        ("1706.03763", []),
        ("11706.03762", []),
        ("1706.037621", []),
        ("see 1706.03762", []),
        ("attention", []),
        ("", []),
    ],
)
def test_addresses(text: str, wanted: list[int]) -> None:
    assert language.has_address(text, KEYED) == wanted


TEXTS = [
    "Transformers replace recurrence with attention over all tokens.",
    "Convolutional networks see edges first; the network grows deeper.",
    "The transformer decoder attends to the encoder.",
    "Reinforcement learning from pixels, without a model of the world.",
    "Pretraining on text helps; pre-training on code helps more.",
    "機械学習 と 強化学習",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    folder = tmp_path_factory.mktemp("index")
    place = Place(folder / "search", folder / "index.faiss")
    shards.update(place, [entry(f"n{n}", f"Title {n}", text) for n, text in enumerate(TEXTS)], None, "")
    return Shards(place)


def rows(index: Shards, query: str) -> list[int]:
    """Rows that a query finds by words, best first."""
    sums = ranking.sums(ranking.look_up(language.parse(query), index), index.count)
    return [int(r) for r in ranking.in_order(sums.astype(float), np.flatnonzero(sums))]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("transformer", [2, 0]),
        ("recurrence", [0]),
        ("the", [3, 2, 1]),
        ("the pixels", [3]),
        ("zzzz", []),
        ("強化学習", [5]),
        ("習", [5]),
        ("pretraining", [4]),
        ("pre-training", [4]),
    ],
)
def test_words_find(index: Shards, query: str, wanted: list[int]) -> None:
    assert sorted(rows(index, query)) == sorted(wanted)


@pytest.mark.parametrize(
    ("query", "completed"),
    [
        ("transf", {"transformer"}),
        ("deep edg", {"edge"}),
        ("networks de", {"deeper", "decoder"}),
        ("機", {"機"}),
        ("強化学", {"強化", "化学"}),
    ],
)
def test_unfinished_word_is_completed(index: Shards, query: str, completed: set[str]) -> None:
    asked = ranking.look_up(language.parse(query), index)
    assert completed <= asked.marks
    assert not asked.corrected


@pytest.mark.parametrize("query", ["transf ", "transf learning", '"transf"', "transf tag:x", "t"])
def test_word_that_is_not_the_last_is_not_completed(index: Shards, query: str) -> None:
    assert "transformer" not in ranking.look_up(language.parse(query), index).marks


@pytest.mark.parametrize(
    ("query", "term"),
    [
        ("trasnformer ", "transformer"),
        ("transfromers attention", "transformer"),
        ("netwrk x", "network"),
        ("convolutinal", "convolutional"),
        ("pixles", "pixel"),
        ("ecnoder now", "encoder"),
    ],
)
def test_typing_errors_are_forgiven(index: Shards, query: str, term: str) -> None:
    asked = ranking.look_up(language.parse(query), index)
    assert term in asked.marks
    assert term in next(iter(asked.corrected.values()))
    assert term in ranking.meant(language.parse(query), asked, lambda word: False)
    assert ranking.meant(language.parse(query), asked, lambda word: True) == query.strip()


@pytest.mark.parametrize("query", ["edg x", "wrld x", "12345678 x", "transformer attention", '"trasnformer"'])
def test_short_known_and_quoted_words_are_not_changed(index: Shards, query: str) -> None:
    asked = ranking.look_up(language.parse(query), index)
    assert not asked.corrected
    assert ranking.meant(language.parse(query), asked, lambda word: False) == query.replace('"', "")


def test_exact_word_counts_more_than_a_stand_in(index: Shards) -> None:
    exact = ranking.look_up(language.parse("transformer x"), index).groups[0]
    near = ranking.look_up(language.parse("trasnformer x"), index).groups[0]
    assert exact.weight > near.weight
    assert exact.idf == near.idf


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ac", 1),
        ("ca", "abc", 3), ("abcdef", "badcfe", 3), ("kitten", "sitting", 3),
    ],
)  # fmt: skip
def test_distance(one: str, other: str, wanted: int) -> None:
    assert ranking.distance(one, other, 5) == wanted
    assert ranking.distance(other, one, 5) == wanted
    assert ranking.distance(one, other, 1) == min(wanted, 2)


def test_distance_of_random_words_against_the_definition() -> None:
    def plain(a: str, b: str) -> int:
        table = [[i + j if 0 in (i, j) else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                ways = [table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])]
                if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                    ways.append(table[i - 2][j - 2] + 1)
                table[i][j] = min(ways)
        return table[-1][-1]

    chance = random.Random(0)
    for _ in range(3000):
        a, b = ("".join(chance.choices("abc", k=chance.randrange(7))) for _ in range(2))
        most = chance.randrange(1, 4)
        assert ranking.distance(a, b, most) == min(plain(a, b), most + 1)


def test_terms_of_a_query_are_limited(index: Shards) -> None:
    asked = ranking.look_up(language.parse(" ".join(f"w{n}" for n in range(200)) + " attention"), index)
    assert asked.groups == ()
    assert asked.size == ranking.TERMS


def test_repeated_words_count_once(index: Shards) -> None:
    one, two = (ranking.look_up(language.parse(q), index) for q in ("attention", "Attention attention, ATTENTION"))
    assert ranking.sums(one, index.count).tolist() == ranking.sums(two, index.count).tolist()


def test_few_words_count_more_than_many() -> None:
    fusion = {"words": 1.0, "short": 3.0, "meaning": 2.0}
    one = np.ones(1)
    assert ranking.fused(fusion, 1, one, one)[0] == 6
    assert ranking.fused(fusion, 3, one, one)[0] == 4


def test_spread() -> None:
    values = np.array([1, 2, 3, 6])
    spread = Spread.of(values)
    assert spread.z(values) == pytest.approx((values - 3) / np.sqrt(3.5))
    assert Spread.of(values, 0.5).deviation == pytest.approx(2)
    assert Spread.of(np.array([2.0, 2.0])).z(np.array([2.0, 2.0])).tolist() == [0, 0]
    assert Spread.of(np.zeros(0)).z(np.zeros(0)).tolist() == []


def test_order_of_equal_scores_is_that_of_the_rows() -> None:
    totals = np.array([1.0, 3.0, 1.0 + 1e-13, 3.0 - 1e-13, 2.0])
    assert ranking.in_order(totals, np.arange(5)).tolist() == [1, 3, 4, 0, 2]
    assert ranking.in_order(totals, np.array([4, 2])).tolist() == [4, 2]


def test_phrases(index: Shards) -> None:
    asked = ranking.look_up(language.parse('"the transformer decoder"'), index)
    assert asked.phrases == (("the", "transformer", "decoder"),)
    held = ranking.holding(asked, index)
    assert held is not None
    assert np.flatnonzero(held).tolist() == [2]
    assert ranking.says(asked.phrases[0], TEXTS[2])
    assert not ranking.says(asked.phrases[0], "the decoder, transformer")
    assert ranking.says(("pre", "training"), "all pre-training is")
    assert ranking.says(("機械", "械学"), "機械学習")
    assert ranking.look_up(language.parse('"…"'), index).phrases == ()
    assert not ranking.holding(ranking.look_up(language.parse('"transformer zzz"'), index), index).any()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("attention is all you need", [0]),
        ("Attention: is all — you NEED!", [0]),
        ("attention is all", []),
        ("the the", [1]),
        ("u-net", [2]),
        ("", []),
        ("…", []),
    ],
)
def test_title(query: str, wanted: list[int]) -> None:
    titles = ["Attention Is All You Need", "The The", "U-Net", "…"]
    assert ranking.titled(language.parse(query), enumerate(titles)) == wanted


@pytest.mark.parametrize(
    ("text", "terms", "wanted"),
    [
        ("Whales sing. A whale’s song", {"whale"}, ["Whales", "whale"]),
        ("Naïve Zürich ﬁne", {"zurich", "fine"}, ["Zürich ﬁne"[:6], "ﬁne"]),
        ("pre-trained nets", {"pre"}, ["pre"]),
        ("機械学習だ", {"機械", "械学"}, ["機械学"]),
        ("<b>bold</b>", {"bold"}, ["bold"]),
        ("x\u0301y", {"xy"}, ["x\u0301y"]),
        ("", {"x"}, []),
        ("words", set(), []),
    ],
)
def test_marks(text: str, terms: set[str], wanted: list[str]) -> None:
    assert [text[a:b] for a, b in ranking.marked(text, frozenset(terms))] == wanted


def test_nothing_breaks_a_query(index: Shards) -> None:
    chance = random.Random(1)
    pieces = ["tag:", '"', "x", "before:", "2025", " ", "機", "\0", "\ud800", "'s", "-", "10.1/", "://", "#", "the"]
    for _ in range(500):
        query = "".join(chance.choices(pieces, k=chance.randrange(12)))
        found = language.parse(query)
        assert isinstance(found, Query)
        language.problems(found)
        language.has_address(found.text, KEYED)
        language.fits(found, CARD)
        asked = ranking.look_up(found, index)
        assert (ranking.sums(asked, index.count) >= 0).all()
        ranking.marked(query, asked.marks)


def test_names_of_places_agree_with_words() -> None:
    text = keywords.fold("It's pre-trained, the whale's 機械学 data-set's")
    terms = [t for _, _, t in keywords.places(text)]
    wanted = [w.term for w in keywords.words(text) if not w.compound and w.term.isascii()]
    assert [t for t in terms if t.isascii()] == wanted
