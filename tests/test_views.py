"""Short texts cut from longer ones."""

from __future__ import annotations

import random

import pytest

from paperdiary.views import VIEWS, Document, sentences, stop_words, views, words

PAPER = Document(
    "Sparse gates for deep mixtures",
    "Large networks are slow. We route each token to two experts (of many); the gate is sparse, cheap and easy to"
    " train. On translation it wins by 2.3 points. Dr. Ruiz asked why.",
    ("sparse gating", "mixture of experts", "translation"),
)


def test_all_kinds_are_cut() -> None:
    cut = views([PAPER], random.Random(1), 5)
    assert PAPER.title in cut
    assert set(PAPER.keywords) <= set(cut)
    assert any(s in cut for s in sentences(PAPER.text))
    assert any("what is" in t or "how" in t or "papers about" in t for t in views([PAPER], random.Random(2), 40))
    assert len(cut) > 15


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize(
    "document",
    [
        Document(),
        Document("One"),
        Document(text="..."),
        Document("", "the of and", ("x",)),
        Document("的 了", "( , ) “”"),
    ],
)
def test_poor_documents_give_nothing_or_themselves(name: str, document: Document) -> None:
    for seed in range(20):
        for text in VIEWS[name](document, random.Random(seed)):
            assert "{}" not in text
            own = text in document.whole or text in document.keywords
            assert own or name == "question" or not text.strip()


def test_phrases_have_two_to_five_words_and_no_stop_words_at_their_ends() -> None:
    chance = random.Random(3)
    for _ in range(300):
        for phrase in VIEWS["phrase"](PAPER, chance):
            parts = phrase.split()
            assert 2 <= len(parts) <= 5
            assert phrase in PAPER.whole
            assert not {parts[0].lower(), parts[-1].lower()} & stop_words()


def test_a_text_comes_once_whatever_its_case() -> None:
    cut = views([Document("Deep Nets"), Document("deep nets"), Document("DEEP  NETS")], random.Random(1))
    assert [t for t in cut if t.lower() == "deep nets"] == ["Deep Nets"]


def test_views_are_short_and_on_one_line() -> None:
    long = Document("word " * 500, "no end " * 2000 + "\n\nEnd here. " * 30)
    assert all(len(t) <= 400 and "\n" not in t for t in views([long], random.Random(1), 5))


def test_the_same_seed_gives_the_same_views() -> None:
    assert views([PAPER], random.Random(4), 3) == views([PAPER], random.Random(4), 3)
    assert views([PAPER], random.Random(4), 3) != views([PAPER], random.Random(5), 3)


def test_words_that_enough_documents_hold() -> None:
    documents = [Document("red fox"), Document("Red hen"), Document("red fox fox"), Document("owl")]
    assert list(words(documents, 2)) == ["red", "fox"]
    assert set(words(documents, 1)) == {"red", "fox", "hen", "owl"}
