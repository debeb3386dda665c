from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from typing import Any

import numpy as np
import pytest

from paperdiary import build, embed, encoder, ranking, searcher, shards
from paperdiary.build import Diary
from paperdiary.config import Config, Options
from paperdiary.errors import DiaryError
from paperdiary.query import parse
from paperdiary.searcher import Searcher
from paperdiary.shardreader import Shards
from paperdiary.store import Store

NOTES = {
    "sea/whales.md": "---\ntags: [animals, song]\ndate: 2025-03-04\n---\n# Whale song\n\nHumpback whales sing for hours"
    " on end.\n\n## Method\n\nMicrophones under water for three winters.\n",
    "food/bread.md": "---\ntags: [baking]\ndate: 2025-01-02\n---\n# Sourdough\n\n"
    "Flour, water and time make the dough rise.\n",
    "food/tea.md": "---\nstatus: queued\n---\n# Green tea\n\nWater of eighty degrees, two minutes.\n",
    "food/kitchen.md": "---\ndate: 2025-02-03\n---\n# Water in the kitchen\n\n[arXiv](https://arxiv.org/abs/1706.03762)\n\n"
    "Hot water, cold water, and dough that rests in the bowl.\n",
}


@pytest.fixture
def diary(make_diary: Callable[..., Config]) -> Diary:
    return build.run(make_diary(NOTES))


def quiet(message: str) -> None:
    pytest.fail(f"said: {message}")


def titles(diary: Diary, query: str, k: int = 9, say: Callable[[str], None] = quiet) -> list[str]:
    by_id = {e.id: e.title for e in diary.entries}
    return [by_id[h.entry] for h in Searcher(diary, say).search(query, k)]


def test_query_finds_its_entry(diary: Diary) -> None:
    hits = Searcher(diary, quiet).search("how whales sing", 2)
    assert [h.rank for h in hits] == [1, 2]
    assert hits[0].entry == "note:sea/whales.md"
    assert "Humpback" in hits[0].passage.text
    assert hits[0].score > hits[1].score
    assert hits[0].found_by == "both"
    assert {"whale", "sing"} <= hits[0].marks


@pytest.mark.parametrize(
    ("query", "heading", "number"),
    [("humpback", "", 0), ("microphones", "Method", 1), ("under water winters", "Method", 1)],
)
def test_best_passage_stands_for_its_entry(diary: Diary, query: str, heading: str, number: int) -> None:
    hit = Searcher(diary, quiet).search(query, 1)[0]
    assert (hit.entry, hit.passage.heading, hit.passage.number) == ("note:sea/whales.md", heading, number)
    assert not hit.passage.paper


def test_one_hit_an_entry(diary: Diary) -> None:
    found = titles(diary, "water")
    assert len(found) == len(set(found)) == 4
    assert titles(diary, "water", 2) == found[:2]


def test_score_is_made_of_standard_scores(diary: Diary) -> None:
    found = Shards(shards.place(Store(diary.config)))
    asked = ranking.look_up(parse("dough bowl"), found)
    words = ranking.sums(asked, found.count) * found.unit
    assert found.vectors is not None
    meaning, _ = found.vectors.scores(embed.hashing(diary.config.options)(["dough bowl"])[0])
    z = [(v - v.mean()) / v.std() for v in (words, meaning)]
    total = (found.fusion["words"] + found.fusion["short"] / 2) * z[0] + found.fusion["meaning"] * z[1]
    hits = Searcher(diary, quiet).search("dough bowl", 9)
    assert hits[0].score == pytest.approx(total.max(), abs=1e-4)
    best = int(total.argmax())
    assert hits[0].keyword == pytest.approx(words[best], abs=1e-4)
    assert hits[0].semantic == pytest.approx(meaning[best], abs=1e-4)


def test_ways_to_be_found(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds the words is found by words; what lies near, by meaning."""
    rows = {e.id: n for n, e in enumerate(diary.entries)}

    def towards_tea(options: Options) -> embed.Encode:
        tea = diary.entries[rows["note:food/tea.md"]]
        return lambda texts: embed.hashing(options)(embed.passage_texts(tea)[:1] * len(texts))

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", towards_tea)
    ways = {h.entry: h.found_by for h in Searcher(diary, quiet).search("flour", 9)}
    assert ways["note:food/bread.md"] == "words"
    assert ways["note:food/tea.md"] == "meaning"
    ways = {h.entry: h.found_by for h in Searcher(diary, quiet).search("eighty", 9)}
    assert ways["note:food/tea.md"] == "both"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("tag:baking", ["Sourdough"]),
        ("topic:food", ["Water in the kitchen", "Sourdough", "Green tea"]),
        ("status:queued", ["Green tea"]),
        ("kind:paper", ["Water in the kitchen"]),
        ("after:2025-02", ["Whale song", "Water in the kitchen"]),
        ("before:2025-03 topic:food", ["Water in the kitchen", "Sourdough"]),
        ("tag:nothing", []),
        ("1706.03762", ["Water in the kitchen"]),
        ("https://arxiv.org/pdf/1706.03762v3", ["Water in the kitchen"]),
        ("status:queued 1706.03762", []),
    ],
)
def test_filters_and_addresses(diary: Diary, query: str, wanted: list[str]) -> None:
    if wanted or query.startswith("tag"):
        assert titles(diary, query) == wanted
    else:
        assert "Water in the kitchen" not in titles(diary, query)


def test_filters_leave_out_what_words_find(diary: Diary) -> None:
    assert titles(diary, "water status:queued") == ["Green tea"]
    hit = Searcher(diary, quiet).search("tag:baking", 9)[0]
    assert (hit.found_by, hit.score, hit.passage.number) == ("filter", 0, 0)
    assert Searcher(diary, quiet).search("1706.03762", 9)[0].found_by == "address"


def test_filters_follow_the_notes_of_today(diary: Diary) -> None:
    path = diary.config.notes / "food" / "tea.md"
    path.write_text(path.read_text().replace("queued", "read"))
    now = build.read(diary.config)
    assert titles(now, "status:queued") == []
    assert "Green tea" in titles(now, "water status:read")


def test_wrong_filter_is_told(diary: Diary) -> None:
    said: list[str] = []
    assert titles(diary, "status:done", say=said.append) == []
    assert len(said) == 1
    assert "queued" in said[0]


def test_title_comes_first(diary: Diary) -> None:
    assert titles(diary, "water in the kitchen")[0] == "Water in the kitchen"
    assert titles(diary, "Green Tea")[0] == "Green tea"


def test_phrases(diary: Diary) -> None:
    assert titles(diary, '"the dough rise"') == ["Sourdough"]
    assert titles(diary, '"cold water"') == ["Water in the kitchen"]
    assert titles(diary, '"water dough"') == []
    assert titles(diary, '"in the kitchen" hot') == ["Water in the kitchen"]


def test_typing_errors_are_told_and_forgiven(diary: Diary) -> None:
    said: list[str] = []
    assert titles(diary, "huumpback wahles", 1, said.append) == ["Whale song"]
    assert len(said) == 2
    assert "humpback" in said[0]


@pytest.mark.parametrize("query", ["the of and", "☃ ☃", "!?", "\0", "\ud800", "<script>x()</script>", "a" * 10_000])
def test_odd_queries_have_an_answer(diary: Diary, query: str) -> None:
    hits = Searcher(diary, lambda message: None).search(query, 9)
    assert all(np.isfinite(h.score) for h in hits)
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))


def test_unknown_characters_find_nothing(diary: Diary) -> None:
    assert Searcher(diary, quiet).search("☃☃", 9) == []
    assert Searcher(diary, quiet).search("   ", 9) == []


def test_hits_of_equal_notes_are_in_the_notes_order(make_diary: Callable[..., Config]) -> None:
    diary = build.run(make_diary({f"{n}.md": "# Same\n\nThe same words.\n" for n in "cab"}))
    hits = Searcher(diary, quiet).search("words that are the same", 9)
    assert [h.entry for h in hits] == [e.id for e in diary.entries]


def test_model_is_loaded_once_and_only_for_a_query(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Options] = []

    def load(options: Options) -> embed.Encode:
        loads.append(options)
        return embed.hashing(options)

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", load)
    found = Searcher(diary, quiet)
    found.search("tag:baking", 1)
    assert loads == []
    for query in ("whales", "tea", "whales"):
        found.search(query, 1)
    assert len(loads) == 1


def test_query_encoder_stands_for_the_model(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    class Table:
        def tokens(self, text: str) -> list[int]:
            return [ord(c) for c in text]

        def vector(self, ids: list[int]) -> Any:
            assert len(ids) <= searcher.TOKENS
            return np.full(384, len(ids) / 1000)

    monkeypatch.setattr(encoder, "load", lambda options, store: Table())
    monkeypatch.setitem(embed.EMBEDDERS, "hashing", lambda options: pytest.fail("the model was loaded"))
    assert Searcher(diary, quiet).search("whales", 1)[0].found_by in ("words", "both")
    assert searcher.vector(Table(), "x" * 999)[0] == np.float32(0.256)  # type: ignore[arg-type]
    monkeypatch.setitem(embed.EMBEDDERS, "hashing", embed.hashing)
    exact = Searcher(diary, quiet, exact=True).search("whales", 1)[0]
    assert exact.semantic > 0.1


def test_before_the_first_build(make_diary: Callable[..., Config]) -> None:
    with pytest.raises(DiaryError, match="diary build"):
        Searcher(build.read(make_diary(NOTES)), quiet)


def test_notes_that_changed_are_told_of_and_gone_ones_not_found(diary: Diary) -> None:
    (diary.config.notes / "sea" / "whales.md").unlink()
    said: list[str] = []
    hits = Searcher(build.read(diary.config), said.append).search("whales sing", 9)
    assert len(said) == 1
    assert "diary build" in said[0]
    assert len(hits) == 3
    assert all("Humpback" not in h.passage.text for h in hits)


def test_without_a_model_words_are_searched(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    monkeypatch.setenv("HF_HOME", str(diary.config.root / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    config = replace(diary.config, options=replace(diary.config.options, embedder="sentence-transformers"))
    said: list[str] = []
    found = Searcher(replace(diary, config=config), said.append)
    assert [h.passage.text for h in found.search("flour", 5)] == ["Flour, water and time make the dough rise."]
    assert found.search("flour", 5)[0].found_by == "words"
    assert len(found.search("water", 5)) == 4
    assert found.search("zebra", 5) == []
    assert sum("words alone" in s for s in said) == 1


def test_model_that_is_missing_is_told_once(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(options: object) -> None:
        raise embed.ModelError("No weights.")

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", refuse)
    said: list[str] = []
    found = Searcher(diary, said.append)
    assert [h.found_by for h in found.search("flour", 5)] == ["words"]
    found.search("water", 5)
    assert said == ["No weights. Searching by words alone."]


def test_index_of_another_model_is_searched_by_words(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embed.EMBEDDERS, "small", lambda options: lambda texts: np.ones((len(texts), 8), np.float32))
    config = replace(diary.config, options=replace(diary.config.options, embedder="small"))
    said: list[str] = []
    hits = Searcher(replace(diary, config=config), said.append).search("dough", 5)
    assert {h.found_by for h in hits} == {"words"}
    assert len(hits) == 2
    assert any("diary build" in s for s in said)


@pytest.mark.parametrize("name", ["search/words/0.bin", "search/passages/0.json", "search/entries.json", "index.faiss"])
def test_damaged_file_is_one_sentence(diary: Diary, name: str) -> None:
    path = diary.config.root / ".paperdiary" / name
    data = path.read_bytes()
    path.write_bytes(data[:-3] + b"abc")
    with pytest.raises(DiaryError, match=r"damaged.*diary build"):
        Searcher(diary, quiet).search("water", 3)


def test_empty_diary(make_diary: Callable[..., Config]) -> None:
    found = Searcher(build.run(make_diary({})), quiet)
    assert found.search("anything", 5) == []
    assert found.search("status:read", 5) == []
    assert found.search("1706.03762", 5) == []


def test_single_passage_is_found(make_diary: Callable[..., Config]) -> None:
    diary = build.run(make_diary({"one.md": "# Only\n\nOne.\n"}))
    assert titles(diary, "only") == ["Only"]
