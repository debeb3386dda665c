from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from paperdiary import build, embed
from paperdiary.build import Diary
from paperdiary.config import Config, Options
from paperdiary.errors import DiaryError
from paperdiary.searcher import Searcher

NOTES = {
    "whales.md": "# Whale song\n\nHumpback whales sing for hours on end.\n",
    "bread.md": "# Sourdough\n\nFlour, water and time make the dough rise.\n",
    "tea.md": "# Green tea\n\nWater of eighty degrees, two minutes.\n",
}


@pytest.fixture
def diary(make_diary: Callable[..., Config]) -> Diary:
    return build.run(make_diary(NOTES))


def quiet(message: str) -> None:
    pytest.fail(f"said: {message}")


def test_query_finds_its_entry(diary: Diary) -> None:
    hits = Searcher(diary, quiet).search("how whales sing", 2)
    assert len(hits) == 2
    assert hits[0].entry == diary.entries[[e.title for e in diary.entries].index("Whale song")].id
    assert "Humpback" in hits[0].passage.text


def test_model_is_loaded_once_and_only_for_a_query(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Options] = []

    def load(options: Options) -> embed.Encode:
        loads.append(options)
        return embed.hashing(options)

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", load)
    searcher = Searcher(diary, quiet)
    assert loads == []
    for query in ("whales", "tea", "whales"):
        searcher.search(query, 1)
    assert len(loads) == 1


def test_before_the_first_build(make_diary: Callable[..., Config]) -> None:
    with pytest.raises(DiaryError, match="diary build"):
        Searcher(build.read(make_diary(NOTES)), quiet)


def test_notes_that_changed_are_told_of_and_gone_ones_not_found(diary: Diary) -> None:
    (diary.config.notes / "whales.md").unlink()
    said: list[str] = []
    hits = Searcher(build.read(diary.config), said.append).search("whales sing", 9)
    assert len(said) == 1
    assert "diary build" in said[0]
    assert len(hits) == 2
    assert all("Humpback" not in h.passage.text for h in hits)


def test_without_a_model_words_are_searched(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    monkeypatch.setenv("HF_HOME", str(diary.config.root / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    config = replace(diary.config, options=replace(diary.config.options, embedder="sentence-transformers"))
    said: list[str] = []
    searcher = Searcher(replace(diary, config=config), said.append)
    assert [h.passage.text for h in searcher.search("dough", 5)] == ["Flour, water and time make the dough rise."]
    assert len(searcher.search("water", 5)) == 2
    assert searcher.search("zebra", 5) == []
    assert sum("words alone" in s for s in said) == 1


def test_index_of_another_model_is_searched_by_words(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embed.EMBEDDERS, "small", lambda options: lambda texts: np.ones((len(texts), 8), np.float32))
    config = replace(diary.config, options=replace(diary.config.options, embedder="small"))
    said: list[str] = []
    hits = Searcher(replace(diary, config=config), said.append).search("dough", 5)
    assert "Flour" in hits[0].passage.text
    assert any("diary build" in s for s in said)


def test_empty_diary(make_diary: Callable[..., Config]) -> None:
    assert Searcher(build.run(make_diary({})), quiet).search("anything", 5) == []
