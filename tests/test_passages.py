from __future__ import annotations

import pytest

from paperdiary.markup import outline
from paperdiary.passages import MOST, WORDS, cut, first_sentences


def passages(text: str, description: str = "") -> list[tuple[str, str]]:
    return list(cut(outline(text), "The title", description))


def words(count: int, stop: str = "") -> str:
    return " ".join(f"w{i}" for i in range(count)) + stop


@pytest.mark.parametrize("text", ["", "\n\n", "---", "***\n\n---", "[a]: https://example.com"])
def test_an_entry_without_text_has_its_title(text: str) -> None:
    assert passages(text) == [("", "The title")]


def test_headings_alone_still_make_one_passage() -> None:
    assert [text for _, text in passages("# One\n\n## Two")] == ["The title"]


def test_each_passage_has_the_heading_above_it() -> None:
    found = passages("before\n\n# One\n\n## Two  `x`\ntext\n\nmore\n\n---\n\nend\n\n# Three\n- item")
    assert found == [("", "before"), ("Two x", "text more end"), ("Three", "item")]


def test_the_description_comes_first() -> None:
    assert passages("text", "A\nline.") == [("", "A line. text")]
    assert passages("# H\n\ntext", "A line.") == [("", "A line."), ("H", "text")]
    assert passages("", "A line.") == [("", "A line.")]


@pytest.mark.parametrize("count", [1, WORDS - 1, WORDS, WORDS + 1, 2 * WORDS, 1000])
def test_no_word_is_lost_or_moved(count: int) -> None:
    texts = [text for _, text in passages(words(count))]
    assert " ".join(texts) == words(count)
    assert all(0 < len(t.split()) <= MOST for t in texts)


def test_passages_end_where_sentences_end() -> None:
    sentence = "The " + words(48) + "."
    texts = [text for _, text in passages(" ".join([sentence] * 9))]
    assert len(texts) > 1
    assert all(t.startswith("The ") and t.endswith(".") for t in texts)
    assert all(WORDS <= len(t.split()) <= MOST for t in texts)


def test_code_tables_lists_and_quotes_are_found() -> None:
    text = "```py\nalpha = 1\n```\n\n| beta | gamma |\n|--|--|\n| delta | x |\n\n- epsilon\n  - zeta\n\n> eta\n"
    text += "\n<p>theta</p>\n"
    whole = " ".join(t for _, t in passages(text))
    assert whole == "alpha = 1 beta gamma delta x epsilon zeta eta theta"


def test_each_passage_is_one_line() -> None:
    found = passages("a\nb\tc\n\n```\nd\n\ne\n```\n\n- f\n- g")
    assert found == [("", "a b c d e f g")]


def test_a_long_description_is_cut_as_well() -> None:
    texts = [text for _, text in passages("text", words(500))]
    assert max(len(t.split()) for t in texts) <= MOST


def test_text_without_spaces_is_cut_as_well() -> None:
    texts = [text for _, text in passages("这是一个没有空格的句子，讲的是阅读。" * 150)]
    assert max(map(len, texts)) <= 1000  # 120 English words have about 700 characters


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([], ""),
        ([""], ""),
        (["Too few words"], ""),
        (["Too few words", "This one has five  words\nat least."], "This one has five words at least."),
        (["One two three four five. Six.", "Another text that is long enough."], "One two three four five. Six."),
        (["Is 3.5 in it? Yes, 3.5 it is."], "Is 3.5 in it? Yes, 3.5 it is."),
    ],
)
def test_first_sentences(texts: list[str], found: str) -> None:
    assert first_sentences(texts) == found


def test_first_sentences_keeps_whole_sentences_under_the_limit() -> None:
    text = "The first has six words here. " + "The second is " + "very " * 60 + "long."
    assert first_sentences([text], limit=60) == "The first has six words here."


@pytest.mark.parametrize("text", [words(200), "x" * 500 + " a b c d", "One two three " + "y" * 500 + " four"])
def test_a_sentence_over_the_limit_is_cut_with_an_ellipsis(text: str) -> None:
    found = first_sentences([text], limit=240)
    assert found.endswith("…")
    assert len(found) <= 241
    assert text.startswith(found[:-1])


def test_a_description_in_chinese() -> None:
    assert first_sentences(["这篇论文提出了一种新的方法。它很快。"]).startswith("这篇论文")
