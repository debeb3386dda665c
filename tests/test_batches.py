from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paperdiary import batches, embed
from paperdiary.config import DEFAULT_MODEL

torch = pytest.importorskip("torch")


class Model:
    """Each text's vector tells its length; more than `memory` padded tokens do not fit."""

    max_seq_length = 256

    def __init__(self, memory: int = 10**9, error: Exception | None = None) -> None:
        self.memory = memory
        self.error = error or torch.cuda.OutOfMemoryError("too much")
        self.device = torch.device("cpu")
        self.sizes: list[tuple[int, int]] = []

    def eval(self) -> Model:
        return self

    def preprocess(self, texts: Sequence[str]) -> dict[str, Any]:
        longest = max(len(t) for t in texts)
        return {"input": torch.tensor([[len(t), 1] for t in texts], dtype=torch.float32), "longest": longest}

    def __call__(self, features: dict[str, Any]) -> dict[str, Any]:
        count = len(features["input"])
        if count * features["longest"] > self.memory:
            raise self.error
        self.sizes.append((count, features["longest"]))
        return {"sentence_embedding": features["input"]}


TEXTS = ["x" * n for n in (3, 900, 40, 41, 5, 400, 42, 3)]


def lengths(vectors: np.ndarray) -> list[int]:
    return [round(float(a / b)) for a, b in vectors]


def test_vectors_are_in_the_order_of_the_texts() -> None:
    vectors = batches.Encoder(Model())(TEXTS)
    assert lengths(vectors) == [len(t) for t in TEXTS]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors.dtype == np.float32


def test_texts_of_like_length_go_together() -> None:
    model = Model()
    batches.Encoder(model)(["x" * (1000 if n % 2 else 20) for n in range(400)])
    assert all(count <= 2 * batches.BUDGET["cpu"] / 8 for count, _ in model.sizes)
    assert sum(longest == 1000 for _, longest in model.sizes) >= 200 * 1000 / 4 / batches.BUDGET["cpu"]
    assert {longest for _, longest in model.sizes} == {20, 1000}  # none is padded but where the two kinds meet


def test_nothing_gives_no_rows() -> None:
    assert batches.Encoder(Model())([]).shape[0] == 0


def test_batch_that_does_not_fit_is_halved() -> None:
    model = Model(memory=1000)
    encoder = batches.Encoder(model)
    assert lengths(encoder(TEXTS * 3)) == [len(t) for t in TEXTS * 3]
    assert encoder.budget < batches.BUDGET["cpu"]


def test_mps_says_it_in_words() -> None:
    encoder = batches.Encoder(Model(memory=1000, error=RuntimeError("MPS backend out of memory (allocated: 9 GB)")))
    assert lengths(encoder(TEXTS)) == [len(t) for t in TEXTS]


def test_other_errors_are_not_taken_for_lack_of_memory() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        batches.Encoder(Model(memory=1000, error=RuntimeError("shapes do not match")))(TEXTS)


def test_one_text_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        batches.Encoder(Model(memory=10))(TEXTS)


@pytest.mark.model
def test_vectors_agree_with_the_plain_way() -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(embed.find_weights(DEFAULT_MODEL)), device="cpu", local_files_only=True)
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8").split("\n\n")
    texts = ["", "a", "猫と本 😀", "word " * 600, *readme]
    plain = model.encode(texts, normalize_embeddings=True)
    assert float((plain * batches.Encoder(model)(texts)).sum(axis=1).min()) > 0.999
