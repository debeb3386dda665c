"""The fit of the query encoder's table: the numbers are right, and a diary gets its own where it asks for one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paperdiary import build, distil, embed, encoder
from paperdiary.config import Config, Options
from paperdiary.errors import DiaryError
from paperdiary.store import Store

WORDS = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(300)]
VOCAB = ["[PAD]", "[UNK]", "[unused1]", *WORDS]


def texts_of(words: Sequence[str], number: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(words, k=chance.randint(1, 9))) for _ in range(number)]


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    """A model that is a table of words: each text lies at the mean of its words."""
    chance = np.random.default_rng(1)
    return dict(zip(WORDS, chance.normal(size=(len(WORDS), 16)).astype(np.float32), strict=True))


def model_of(planted: dict[str, Any], texts: Sequence[str]) -> Any:
    return embed.normalised(np.stack([np.mean([planted[w] for w in t.split()], axis=0) for t in texts]))


def test_counts_are_divided_by_a_power_of_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [[0, 2, 2, 9], [], [7, 9], [1]]
    monkeypatch.setattr(distil, "LENGTH", 1.0)
    assert distil.counts(ids, 3).toarray() == pytest.approx(np.array([[1, 0, 2], [0, 0, 0], [0, 0, 0], [0, 3, 0]]) / 3)
    monkeypatch.setattr(distil, "LENGTH", 0.5)
    root = 3**-0.5
    wanted = np.array([[root, 0, 2 * root], [0, 0, 0], [0, 0, 0], [0, 1, 0]])
    assert distil.counts(ids, 3).toarray() == pytest.approx(wanted)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("with_prior", [False, True])
@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
def test_conjugate_gradients_find_what_the_closed_form_gives(
    penalty: float, with_prior: bool, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "CLOSE", 1e-6)
    monkeypatch.setattr(distil, "ROUNDS", 400)
    chance = np.random.default_rng(2)
    ids = [chance.integers(0, 40, chance.integers(1, 8)).tolist() for _ in range(200)]
    x, y = distil.counts(ids, 43), chance.normal(size=(200, 5)).astype(np.float32)
    prior = chance.normal(size=(43, 5)).astype(np.float32) if with_prior else None
    weights = chance.uniform(0.2, 3, 200).astype(np.float32) if weighted else None
    got = distil.ridge(x, y, penalty, prior, weights)
    dense, w = x.toarray().astype(float), np.diag(np.ones(200) if weights is None else weights)
    start = np.zeros((43, 5)) if prior is None else prior
    left = dense.T @ w @ dense + penalty * np.eye(43)
    assert got == pytest.approx(np.linalg.solve(left, dense.T @ w @ y + penalty * start), abs=2e-4)


def test_tokens_that_no_text_holds_stay_at_the_prior() -> None:
    prior = np.arange(8, dtype=np.float32).reshape(4, 2)
    got = distil.ridge(distil.counts([[0], [0, 1]], 4), np.ones((2, 2), np.float32), 0.1, prior)
    assert (got[2:] == prior[2:]).all()
    assert not (got[:2] == prior[:2]).any()


def test_texts_without_any_token_give_an_empty_table() -> None:
    assert not distil.ridge(distil.counts([[], [9]], 3), np.ones((2, 4), np.float32), 0.1).any()


def test_a_planted_table_is_found_again(planted: dict[str, Any]) -> None:
    texts = texts_of(WORDS, 6000, 3)
    order, table, about = distil.fit(texts, model_of(planted, texts), VOCAB, (0.01, 0.1, 30.0))
    assert about["texts"] == 6000
    assert about["penalty"] < 30
    assert about["held_out_cosine"] > 0.97
    assert len(table) == len(WORDS)
    new = texts_of(WORDS, 300, 4)
    x = distil.counts([[order.index(w) for w in t.split()] for t in new], len(table))
    assert distil.cosines(x, model_of(planted, new), table).mean() > 0.97


def test_int8_rows_lose_nothing(planted: dict[str, Any], tmp_path: Path) -> None:
    texts = texts_of(WORDS, 3000, 5)
    order, table, about = distil.fit(texts, model_of(planted, texts), VOCAB, (0.01,))
    written = encoder.write(tmp_path, order, table, "planted", about)
    place = {token: n for n, token in enumerate(order)}
    for text in texts[:200]:
        exact = np.sum([table[place[w]] for w in text.split()], axis=0)
        assert written.encode([text])[0] @ exact / np.linalg.norm(exact) > 0.999


def test_frequent_tokens_come_first_and_rare_ones_get_no_row(planted: dict[str, Any]) -> None:
    texts = [*["wab"] * 3, *["waa wac"] * 2, "wad"]
    order, table, _ = distil.fit(texts, model_of(planted, texts), VOCAB, limit=3)
    assert order[:3] == ["wab", "waa", "wac"]
    assert sorted(order) == sorted(VOCAB)
    assert table.shape == (3, 16)


def test_a_prior_is_in_the_order_of_the_vocabulary(planted: dict[str, Any]) -> None:
    prior = np.stack([planted.get(t, np.zeros(16)) for t in VOCAB]).astype(np.float32)
    texts = ["waa wab", "wab wab wac"]
    order, table, _ = distil.fit(texts, model_of(planted, texts), VOCAB, (1e6,), prior)
    for word in ("waa", "wac", "wzz", "wba"):
        if word in planted:
            assert table[order.index(word)] == pytest.approx(planted[word], abs=1e-3)


def test_few_texts_are_all_fitted(planted: dict[str, Any]) -> None:
    _, table, about = distil.fit(["waa"], model_of(planted, ["waa"]), VOCAB)
    assert table.any()
    assert about["held_out_cosine"] == -1


# -- for one diary

NOTE = """# Tides of the northern sea

arXiv:2101.00001

The moon pulls the water twice a day. Currents follow the coast, and the salt stays behind in shallow bays.
A gauge of brass measures the height of the tide. Its float hangs in a well beside the quay.
"""
CHANGED = "\n".join(
    f"## Part {n}\n\n{' '.join(['Sand moves with the waves along the beach.'] * 20)}\n" for n in range(6)
)


@pytest.fixture
def few_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vocabulary of a few hundred tokens in place of the packaged one."""
    letters = [chr(c) for c in range(97, 123)]
    words = ["the", "tide", "tides", "moon", "water", "coast", "sea", "salt", "gauge", "brass", "sand", "beach", "day"]
    vocab = ["[UNK]", *words, *letters, *(f"##{x}" for x in letters), ".", ","]
    folder = tmp_path / "packaged"
    encoder.write(folder, vocab, np.eye(len(vocab), 4, dtype=np.float32), "nothing", {})
    monkeypatch.setattr(encoder, "PACKAGED", folder)


@pytest.fixture
def fitting(make_diary: Callable[..., Config], few_tokens: None) -> Config:
    config = make_diary({"tides.md": NOTE})
    return replace(config, options=replace(config.options, embedder="hashing", query_encoder="fit"))


def run(config: Config, said: list[str] | None = None) -> encoder.QueryEncoder | None:
    entries = build.read(config).entries
    return distil.update(config.options, Store(config), entries, (said if said is not None else []).append)


def test_a_diary_gets_a_table_of_its_own(fitting: Config) -> None:
    said: list[str] = []
    table = run(fitting, said)
    assert table is not None
    assert "Fitting a query encoder" in said[0]
    assert table.made_for == embed.identity(fitting.options)
    assert table.folder == encoder.fitted_folder(Store(fitting))
    query, tide, sand = table.encode(["moon and water", "The moon pulls the water", "brass gauge"])
    assert query @ tide > query @ sand
    loaded = encoder.load(fitting.options, Store(fitting))
    assert loaded is not None
    assert loaded.identity == table.identity


def test_it_is_made_once(fitting: Config) -> None:
    first, said = run(fitting), []
    again = run(fitting, said)
    assert first is not None
    assert again is not None
    assert again.identity == first.identity
    assert not said


def test_it_is_made_again_when_the_diary_has_grown(fitting: Config) -> None:
    first = run(fitting)
    (fitting.notes / "sand.md").write_text(f"# Sand\n\n{CHANGED}", encoding="utf-8")
    again = run(fitting)
    assert first is not None
    assert again is not None
    assert again.identity != first.identity
    assert again.about["passages"] > first.about["passages"]


def test_it_is_made_again_for_another_model(fitting: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    run(fitting)
    monkeypatch.setitem(
        embed.EMBEDDERS, "eight", lambda options: lambda texts: embed.normalised(np.ones((len(texts), 8)))
    )
    monkeypatch.setattr(embed, "identity", lambda options: f"another|{options.embedder}")
    table = run(replace(fitting, options=replace(fitting.options, embedder="eight")))
    assert table is not None
    assert table.rows.shape[1] == 8


def test_nothing_is_made_unless_asked_for(fitting: Config) -> None:
    for choice in ("auto", "full"):
        assert run(replace(fitting, options=replace(fitting.options, query_encoder=choice))) is None
    assert not encoder.fitted_folder(Store(fitting)).exists()


def test_the_same_diary_gives_the_same_table(fitting: Config) -> None:
    first = run(fitting)
    for file in encoder.fitted_folder(Store(fitting)).iterdir():
        file.unlink()
    again = run(fitting)
    assert first is not None
    assert again is not None
    assert first.identity == again.identity


def test_a_damaged_table_is_said_and_not_used(fitting: Config) -> None:
    table = run(fitting)
    assert table is not None
    (table.folder / "rows.npy").write_bytes(b"")
    found = encoder.load(fitting.options, Store(fitting))
    assert found is not None
    with pytest.raises(DiaryError, match="run `diary build`"):
        found.encode(["tide"])


def test_an_empty_diary_is_fitted_to_the_vocabulary(make_diary: Callable[..., Config], few_tokens: None) -> None:
    config = make_diary({})
    config = replace(config, options=Options(embedder="hashing", query_encoder="fit"))
    table = run(config)
    assert table is not None
    assert table.encode(["tide"]).any()
