"""The query encoder: its files, how it cuts and adds up, which model it stands for."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from paperdiary import embed, encoder
from paperdiary.config import Config, Options
from paperdiary.encoder import PACKAGED, QueryEncoder
from paperdiary.errors import DiaryError
from paperdiary.store import Store

VOCAB = ["deep", "net", "##s", "learning", "-", "naive", "你", "[UNK]", "rare"]
TABLE = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 0.5], [1, 1, 0], [0, 0, 0], [-1, 0, 3], [0, -4, 0]], np.float32)


@pytest.fixture
def small(tmp_path: Path) -> QueryEncoder:
    return encoder.write(tmp_path / "table", VOCAB, TABLE, "some model", {"texts": 7})


@pytest.fixture(scope="module")
def packaged() -> QueryEncoder:
    return QueryEncoder(PACKAGED)


def test_a_table_is_read_as_it_was_written(small: QueryEncoder) -> None:
    again = QueryEncoder(small.folder)
    assert again.vocab == VOCAB
    assert again.rows.shape == TABLE.shape
    assert again.rows.dtype == np.int8
    assert again.made_for == "some model"
    assert again.about["texts"] == 7
    assert np.abs(again.rows * again.scale[:, None] - TABLE).max() <= again.scale.max() / 2


def test_the_identity_changes_with_rows_scales_and_vocabulary(tmp_path: Path) -> None:
    others = [(VOCAB, TABLE), (VOCAB, TABLE * 2), (VOCAB, TABLE[::-1]), ([*VOCAB[:-1], "seldom"], TABLE)]
    names = {
        encoder.write(tmp_path / str(n), vocab, table, "m", {}).identity for n, (vocab, table) in enumerate(others)
    }
    assert len(names) == len(others)
    assert encoder.write(tmp_path / "same", VOCAB, TABLE, "m", {"texts": 1}).identity in names


def test_a_vector_is_the_sum_of_rows_at_length_one(small: QueryEncoder) -> None:
    wanted = TABLE[0] + TABLE[1] + TABLE[2] + TABLE[3]
    got = small.encode(["Deep nets, learning"])[0]
    assert got.dtype == np.float32
    assert got == pytest.approx(wanted / np.linalg.norm(wanted), abs=0.01)
    twice = TABLE[0] * 2 + TABLE[3]
    assert small.encode(["deep deep learning"])[0] == pytest.approx(twice / np.linalg.norm(twice), abs=0.01)


@pytest.mark.parametrize("text", ["", "  \t\n", "qqq", "rare", "[UNK] [CLS]", "\x00\ud800", "-", "🙂"])
def test_a_text_without_a_known_token_is_zeros(small: QueryEncoder, text: str) -> None:
    assert not small.encode([text]).any()


def test_opposite_rows_that_cancel_are_zeros(tmp_path: Path) -> None:
    table = encoder.write(tmp_path, ["up", "down", "[UNK]"], np.array([[1, 2], [-1, -2]], np.float32), "m", {})
    assert not table.encode(["up down"]).any()


def test_no_texts_no_rows(small: QueryEncoder) -> None:
    assert small.encode([]).shape == (0, 3)


def test_ids_leave_out_unknown_tokens_and_keep_those_without_a_row(small: QueryEncoder) -> None:
    assert small.tokens("deep zzz rare NETS") == [0, 8, 1, 2]
    assert small.tokens("na\u00efve") == small.tokens("nai\u0308ve") == [5]
    assert small.tokens("de\ud800ep") == small.tokens("deep")
    assert small.tokens("deep你learning") == [0, 6, 3]


def test_only_the_first_tokens_count(small: QueryEncoder) -> None:
    assert len(small.tokens("deep " * 1000)) == encoder.MOST_TOKENS
    assert small.tokens("zzz " * 300 + "deep") == [0]
    assert len(small.tokens("deep " * 100_000)) == encoder.MOST_TOKENS


def test_ids_one_by_one_give_what_texts_give(packaged: QueryEncoder) -> None:
    texts = ["graph neural networks", "self-attention is all you need?", "Schrödinger's cat 你好"]
    together = packaged.encode(texts)
    for text, row in zip(texts, together, strict=True):
        assert (packaged.vector(packaged.tokens(text)).astype(np.float32) == row).all()


def test_a_vector_is_added_up_in_the_order_of_its_tokens(packaged: QueryEncoder) -> None:
    """As a program without numpy does it, to the last bit."""
    ids = packaged.tokens("contrastive learning of sentence embeddings without supervision")
    total = [0.0] * packaged.rows.shape[1]
    for i in ids:
        scale = float(packaged.scale[i])
        for j, code in enumerate(packaged.rows[i].tolist()):
            total[j] += code * scale
    length = 0.0
    for value in total:
        length += value * value
    assert packaged.vector(ids).tolist() == [value / length**0.5 for value in total]


# -- the table in the package


def test_the_packaged_table_is_whole_and_small(packaged: QueryEncoder) -> None:
    digest = hashlib.blake2b((PACKAGED / "vocab.txt").read_bytes(), digest_size=5)
    digest.update(packaged.rows.tobytes())
    digest.update(packaged.scale.tobytes())
    assert digest.hexdigest() == packaged.identity
    assert sum(f.stat().st_size for f in PACKAGED.iterdir()) <= 10_000_000
    assert packaged.rows.shape == (len(packaged.scale), 384)
    assert packaged.made_for == embed.identity(Options())
    assert len(set(packaged.vocab)) == len(packaged.vocab) == 30_522
    assert np.isfinite(packaged.scale).all()


def test_every_letter_and_common_mark_has_a_row(packaged: QueryEncoder) -> None:
    for token in "abcdefghijklmnopqrstuvwxyz0123456789?-,.":
        assert packaged.vocab.index(token) < len(packaged.rows), token


def test_the_packaged_table_knows_what_is_alike(packaged: QueryEncoder) -> None:
    query, near, far = packaged.encode(
        ["large language models", "pretrained transformers for text", "growing tomatoes"]
    )
    assert query @ near > query @ far + 0.2


@pytest.mark.model
def test_tokens_are_those_of_the_model(packaged: QueryEncoder) -> None:
    from tokenizers import Tokenizer

    folder = embed.find_weights(Options().model)
    assert folder is not None
    model = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model.no_truncation()
    model.no_padding()
    unknown = {"[UNK]", "[CLS]", "[SEP]"}
    for text in odd_texts():
        wanted = [t for t in model.encode(text).tokens if t not in unknown]
        assert [packaged.vocab[i] for i in packaged.tokens(text)] == wanted[: encoder.MOST_TOKENS], ascii(text)


def odd_texts() -> list[str]:
    planes = [chr(c) for c in range(0, 0x3000, 7) if unicodedata.category(chr(c)) != "Cs"]
    mixed = [
        "Ångström–Größe ﬁne x²",
        "日本語 한국어 中文",
        "a\u00ad\u200bb \ufeff\x07c",
        "🧠🤖 e\u0301\u0328",
        "İstanbul ǅ ß ſ",
    ]
    return [*mixed, *(f"pre{c}training {c}" for c in planes), "word" * 30, "hyper-" * 50]


@pytest.mark.model
def test_the_packaged_table_points_where_the_model_does(packaged: QueryEncoder) -> None:
    texts = ["federated learning with differential privacy", "cells that repair DNA", "how do birds find their way?"]
    model = embed.load(Options())(texts)
    assert ((packaged.encode(texts) * model).sum(axis=1) > 0.7).all()


# -- damage


@pytest.mark.parametrize("name", ["table.json", "vocab.txt", "rows.npy", "scale.npy"])
@pytest.mark.parametrize("damage", ["gone", "empty", "half", "other"])
def test_damage_is_said_in_a_sentence(small: QueryEncoder, name: str, damage: str) -> None:
    path = small.folder / name
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "other": b"[1]\n"}[damage])
    with pytest.raises(DiaryError, match="damaged or incomplete"):
        QueryEncoder(small.folder).encode(["deep"])


def test_a_table_for_another_number_of_rows_is_damage(small: QueryEncoder) -> None:
    head = json.loads((small.folder / "table.json").read_text())
    (small.folder / "table.json").write_text(json.dumps({**head, "rows": 3}))
    with pytest.raises(DiaryError, match="Delete that folder"):
        QueryEncoder(small.folder).encode(["deep"])


# -- which table stands for which model


def test_the_default_model_has_the_packaged_table_under_both_names(make_diary: Callable[..., Config]) -> None:
    store = Store(make_diary({}))
    for model in (Options().model, "all-MiniLM-L6-v2"):
        table = encoder.load(Options(model=model), store)
        assert table is not None
        assert table.folder == PACKAGED


@pytest.mark.parametrize(
    "options",
    [Options(model="BAAI/bge-small-en-v1.5"), Options(query_encoder="full"), Options(embedder="hashing")],
    ids=["another model", "full", "no model"],
)
def test_nothing_stands_for_another_model(make_diary: Callable[..., Config], options: Options) -> None:
    assert encoder.load(options, Store(make_diary({}))) is None


def test_a_folder_of_the_models_name_is_another_model(make_diary: Callable[..., Config]) -> None:
    config = make_diary({})
    (config.root / "all-MiniLM-L6-v2").mkdir()
    (config.root / "all-MiniLM-L6-v2" / "config.json").write_text("{}")
    assert encoder.load(replace(config.options, model="all-MiniLM-L6-v2"), Store(config)) is None


def test_a_fitted_table_is_used_for_its_own_model_only(make_diary: Callable[..., Config]) -> None:
    store = Store(make_diary({}))
    options = Options(model="some/model", query_encoder="fit")
    encoder.write(encoder.fitted_folder(store), VOCAB, TABLE, embed.identity(options), {})
    table = encoder.load(options, store)
    assert table is not None
    assert table.vocab == VOCAB
    assert encoder.load(replace(options, query_encoder="auto"), store) is None
    assert encoder.load(replace(options, model="another/model"), store) is None
    default = encoder.load(Options(query_encoder="fit"), store)
    assert default is not None
    assert default.folder == PACKAGED


def test_what_the_build_says() -> None:
    assert encoder.notice(Options(query_encoder="full")) == encoder.notice(Options(embedder="hashing")) == ""
    assert "query_encoder: fit" in encoder.notice(Options(model="some/model"))


# -- speed


def test_it_is_ready_at_once_and_without_the_model() -> None:
    """In 60 ms, or, on a machine that is busy with other tests, not much later than numpy; the best of five."""
    code = (
        "import sys, time\n"
        "s = time.perf_counter()\n"
        "import numpy\n"
        "t = time.perf_counter()\n"
        "from paperdiary.encoder import PACKAGED, QueryEncoder\n"
        "QueryEncoder(PACKAGED).encode(['graph neural networks'])\n"
        "print(time.perf_counter() - t, t - s)\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'scipy', 'faiss', 'mkdocs'}\n"
        "print({m.partition('.')[0] for m in sys.modules} & heavy)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    lines = [run.stdout.splitlines() for run in runs]
    assert all(line[1] == "set()" for line in lines)
    took = [tuple(map(float, line[0].split())) for line in lines]
    assert min(ready for ready, _ in took) < 0.06 or min(ready / numpy for ready, numpy in took) < 1.2
