"""The search page's scripts in Node, against what they have to agree with: tokenizers, FAISS, zlib."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import search_site

from paperdiary import encoder, keywords, search, searchpage
from paperdiary.searcher import Searcher

NODE = shutil.which("node")
DRIVER = Path(__file__).parent / "js" / "driver.mjs"
VOCABULARY = encoder.PACKAGED / "vocab.txt"
STRINGS = 20_000
D = 24
Ask = Callable[..., Any]

pytestmark = pytest.mark.skipif(
    NODE is None, reason="needs Node 20, which runs the page's scripts outside of a browser"
)


@pytest.fixture(scope="module")
def node() -> Iterator[Ask]:
    """Runs a task of driver.mjs."""
    command = [str(NODE), "--no-warnings", str(DRIVER), str(searchpage.SCRIPTS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(task: str, **values: Any) -> Any:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"task": task, **values}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"{task} ended the process"
            return json.loads(line)

        yield ask
        process.stdin.close()


# -- the tokenizer


def alphabets() -> list[list[str]]:
    """Characters of many kinds, from which strings are made."""

    def between(first: int, last: int) -> list[str]:
        return [chr(c) for c in range(first, last + 1)]

    everything = [chr(c) for c in (*range(0xD800), *range(0xE000, 0x110000))]
    named = [c for c in everything if unicodedata.category(c) not in {"Cn", "Co"}]
    return [
        between(0x20, 0x7E),
        between(0x61, 0x7A) * 3 + [" ", "-", "'", "."],
        between(0xC0, 0x24F) + between(0x1E00, 0x1EFF) + [" "],
        between(0x61, 0x7A) + between(0x300, 0x36F),
        between(0, 0x20)
        + between(0x7F, 0xA0)
        + ["\u2028", "\u2029", "\ufeff", "\u200b", "\u00ad", "\ufffd"]
        + ["a"] * 9,
        between(0x4E00, 0x4FFF) + between(0x3041, 0x30FF) + between(0xAC00, 0xAD00) + ["a", " ", "。", "、"],
        between(0x1100, 0x11FF) + between(0xAC00, 0xACFF),
        between(0x0590, 0x06FF) + between(0x0900, 0x097F) + between(0x0E00, 0x0E7F),
        [*between(0x0370, 0x052F), *" ςΣİıßẞ"],
        [*between(0x1F300, 0x1F6FF), *"\u200d\ufe0fa 🏳🇬🇧"],
        [*between(0x2000, 0x2BFF), "x", "1"],
        between(0xF900, 0xFAFF) + between(0xFF00, 0xFFEF) + between(0x2F800, 0x2FA1D) + between(0x20000, 0x200FF),
        named,
        everything,
    ]


def varied_strings(words: list[str]) -> list[str]:
    chance = random.Random(5)
    kinds = alphabets()
    out = [
        "",
        " ",
        "\x00",
        "a" * 100,
        "a" * 101,
        "é" * 100,
        "[SEP] [MASK] [UNK]",
        "don't",
        "ﬁ ﬂ",
        "Ångström",
        "a\u0338\u0301\u0327",
    ]
    while len(out) < STRINGS:
        pick = chance.random()
        if pick < 0.25:
            pieces = [chance.choice(words).removeprefix("##") for _ in range(chance.randint(1, 12))]
            out.append("".join(p + chance.choice(["", " ", " ", "-", ", "]) for p in pieces))
        elif pick < 0.85:
            kind = chance.choice(kinds)
            out.append("".join(chance.choices(kind, k=chance.randint(1, 30))))
        else:
            mixed = [chance.choice(chance.choice(kinds)) for _ in range(chance.randint(1, 40))]
            out.append("".join(mixed))
    return out


def test_tokens_are_those_of_tokenizers(node: Ask) -> None:
    vocabulary = VOCABULARY.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    texts = varied_strings(vocabulary)
    assert len(set(texts)) > 0.95 * STRINGS
    theirs = [e.ids for e in encoder.tokenizer(vocabulary).encode_batch(texts, add_special_tokens=False)]
    ours = node("tokens", vocabulary=str(VOCABULARY), texts=texts)
    wrong = [(ascii(text), a, b) for text, a, b in zip(texts, ours, theirs, strict=True) if a != b]
    assert not wrong, wrong[:5]
    assert len({i for ids in theirs for i in ids}) > 5000


def test_every_character_alone(node: Ask) -> None:
    """No code point is cut, folded or dropped in another way."""
    vocabulary = VOCABULARY.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    chars = [chr(c) for c in (*range(0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE0200))]
    texts = [f"a{''.join(f'{c}b' for c in chars[at : at + 8])}" for at in range(0, len(chars), 8)]
    theirs = [e.ids for e in encoder.tokenizer(vocabulary).encode_batch(texts, add_special_tokens=False)]
    assert node("tokens", vocabulary=str(VOCABULARY), texts=texts) == theirs


def test_halves_of_surrogate_pairs_are_left_out(node: Ask) -> None:
    known = node("tokens", vocabulary=str(VOCABULARY), texts=["ab"])[0]
    for units in ([0x61, 0xD800, 0x62], [0xDC00, 0x61, 0x62], [0x61, 0x62, 0xDBFF]):
        assert node("units", vocabulary=str(VOCABULARY), units=units) == known


def test_unicode_tables_are_current() -> None:
    """unicode.js is what scripts/write_unicode_tables.py would write, looked at in 6,000 places."""
    import importlib.util

    path = Path(__file__).parent.parent / "scripts" / "write_unicode_tables.py"
    spec = importlib.util.spec_from_file_location("write_unicode_tables", path)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.packed([3, 4, 5, 40]) == "3 2 y 0"
    text = (searchpage.SCRIPTS / "unicode.js").read_text(encoding="utf-8")
    held: dict[str, set[int]] = {}
    for name, packed in re.findall(r'export const (\w+) = "([^"]*)"', text):
        held[name], at = set(), 0
        numbers = [int(n, 36) for n in packed.split()]
        for gap, more in zip(numbers[::2], numbers[1::2], strict=True):
            held[name] |= set(range(at + gap, at + gap + more + 1))
            at += gap + more + 1
    assert set(held) == set(script.NOTES)
    chance = random.Random(2)
    edges = {c for codes in held.values() for c in codes if c - 1 not in codes or c + 1 not in codes}
    for code in chance.sample(sorted(edges), 1000) + chance.sample(range(0x30000), 5000):
        if not 0xD800 <= code < 0xE000:
            assert {name for name, codes in held.items() if code in codes} == script.kinds(chr(code)), hex(code)


# -- the index


def some_vectors(rows: int) -> Any:
    import numpy as np

    chance = np.random.default_rng(3)
    values = chance.normal(size=(rows, D)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def make_index(kind: str, rows: int) -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    product, eight = faiss.METRIC_INNER_PRODUCT, faiss.ScalarQuantizer.QT_8bit
    values = some_vectors(max(rows, 1))
    kinds = {
        "flat": lambda: faiss.IndexFlatIP(D),
        "8 bit": lambda: faiss.IndexScalarQuantizer(D, eight, product),
        "half": lambda: faiss.IndexScalarQuantizer(D, faiss.ScalarQuantizer.QT_fp16, product),
        "ivf": lambda: faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(D), D, 9, eight, product, False),
        "ivf of residuals": lambda: faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(D), D, 9, eight, product, True),
        "ivf flat": lambda: faiss.IndexIVFFlat(faiss.IndexFlatIP(D), D, 9, product),
        "sparse ivf": lambda: faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(D), D, 200, eight, product, False),
    }
    index = kinds[kind]()
    if not index.is_trained:
        index.train(some_vectors(400))
    if rows:
        index.add(values)
    return index


def written(index: Any, path: Path) -> str:
    import faiss

    path.write_bytes(faiss.serialize_index(index).tobytes())
    return str(path)


@pytest.mark.parametrize("rows", [0, 1, 3, 250])
@pytest.mark.parametrize("kind", ["flat", "8 bit", "ivf", "ivf of residuals", "ivf flat", "sparse ivf"])
def test_an_index_that_faiss_wrote(node: Ask, tmp_path: Path, kind: str, rows: int) -> None:
    import numpy as np

    index = make_index(kind, rows)
    query = some_vectors(9)[8]
    some = [n for n in (0, 2, rows - 1) if 0 <= n < rows]
    read = node("index", path=written(index, tmp_path / "i"), query=query.tolist(), probe=0, rows=some)
    assert (read["d"], read["rows"]) == (D, rows)
    if "ivf" in kind and rows:
        index.make_direct_map()
    theirs = np.stack([index.reconstruct(n) for n in range(rows)]) if rows else np.zeros((0, D))
    assert np.allclose(read["scores"], theirs @ query, atol=2e-6)
    assert all(np.allclose(values, theirs[n], atol=1e-6) for values, n in zip(read["some"], some, strict=True))
    if rows > 1:
        assert np.std(read["scores"]) > 0.05


def test_lists_that_are_not_looked_into(node: Ask, tmp_path: Path) -> None:
    """Rows outside of the nearest lists have the inner product of their centroid."""
    import faiss
    import numpy as np

    index = make_index("ivf", 250)
    query = some_vectors(9)[8]
    near = index.quantizer.search(query[None], 2)[1][0]
    centroids = index.quantizer.reconstruct_n(0, 9)
    read = node("index", path=written(index, tmp_path / "i"), query=query.tolist(), probe=2, rows=[])
    index.make_direct_map()
    expected = np.zeros(250)
    for number in range(9):
        ids = faiss.rev_swig_ptr(index.invlists.get_ids(number), index.invlists.list_size(number)).copy()
        for row in ids:
            expected[row] = query @ (index.reconstruct(int(row)) if number in near else centroids[number])
    assert np.allclose(read["scores"], expected, atol=2e-6)


@pytest.mark.parametrize("kind", ["flat", "8 bit", "ivf", "ivf flat", "sparse ivf"])
def test_a_damaged_index_is_refused(node: Ask, tmp_path: Path, kind: str) -> None:
    """Cut anywhere it is refused; no changed byte ends in anything but an index or a refusal."""
    path = written(make_index(kind, 40), tmp_path / "i")
    size = Path(path).stat().st_size
    cuts = sorted({*range(min(size, 400)), *range(400, size, 97), size - 1})
    outcomes = node("damaged", path=path, cuts=cuts, flips=[])
    assert outcomes == {"refused": len(cuts)}
    chance = random.Random(1)
    flips = [[at, value] for at in range(min(size, 300)) for value in (0, 1, 127, 255)]
    flips += [[chance.randrange(size), chance.randrange(256)] for _ in range(400)]
    outcomes = node("damaged", path=path, cuts=[], flips=flips)
    assert set(outcomes) <= {"read", "refused"}
    assert outcomes["refused"] > 50


@pytest.mark.parametrize(
    "data", [b"", b"IxFI", b"<!doctype html><title>404</title>" * 9, b"IxPQ" + bytes(400), bytes(5000)]
)
def test_what_is_no_index(node: Ask, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "i").write_bytes(data)
    read = node("index", path=str(tmp_path / "i"), query=[0] * D, probe=0, rows=[])
    assert read["refused"] is True


def test_an_index_of_distances(node: Ask, tmp_path: Path) -> None:
    import faiss

    index = faiss.IndexFlatL2(D)
    index.add(some_vectors(3))
    read = node("index", path=written(index, tmp_path / "i"), query=[0] * D, probe=0, rows=[])
    assert read["refused"] is True


def test_checksums_are_those_of_zlib(node: Ask) -> None:
    texts = ["", "a", "12345678", "123456789", "ü" * 31, "The quick brown fox " * 99]
    assert node("crc", texts=texts) == [f"{zlib.crc32(t.encode()):08x}" for t in texts]


# -- the same answers as `diary search`


@pytest.fixture(scope="module", params=["flat", "sq8", "ivf"])
def diary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("unusual")
    search_site.write_notes(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FLAT", 10**6 if request.param == "flat" else 0)
        patch.setattr(search, "LISTS", 100 if request.param == "ivf" else 10**6)
        found = search_site.site_of(root)
    assert json.loads((root / "site/search/meta.json").read_text())["index"]["kind"] == request.param
    return found


def test_the_same_ten_entries_in_the_same_order(node: Ask, diary: Any) -> None:
    said: list[str] = []
    searcher = Searcher(diary, said.append)
    found = 0
    for query in search_site.QUERIES:
        theirs = searcher.search(query, 10)
        ours = node("search", path=str(diary.config.site / "search"), text=query, k=10)
        assert "failed" not in ours, (query, ours)
        assert [h["id"] for h in ours["hits"]] == [h.entry for h in theirs], query
        for mine, their in zip(ours["hits"], theirs, strict=True):
            assert mine["score"] == pytest.approx(their.score, abs=1e-4), query
            assert (mine["heading"], mine["text"]) == (their.passage.heading, their.passage.text), query
            assert mine["found"] in {their.found_by, ""}, query
        found += len(theirs)
    assert found > 5 * len(search_site.QUERIES)
    assert len(search_site.QUERIES) >= 60


def test_words_are_cut_alike(node: Ask) -> None:
    """The terms of anything at all, in order."""
    chance = random.Random(8)
    kinds = alphabets()
    texts = [f"{title} {text}" for title, text in search_site.ODD.items()] + search_site.QUERIES
    glue = ["-", "'", "’s", " ", "s", "ies", "--", "'s-", "-'"]
    for _ in range(4000):
        kind = chance.choice(kinds[:-2])
        texts.append(
            "".join(chance.choice(kind if chance.random() < 0.7 else glue) for _ in range(chance.randint(1, 24)))
        )
    theirs = [[w.term for w in keywords.words(text)] for text in texts]
    ours = node("terms", texts=texts)
    wrong = [(ascii(text), a, b) for text, a, b in zip(texts, ours, theirs, strict=True) if a != b]
    assert not wrong, wrong[:5]


def test_marks(node: Ask) -> None:
    pairs = [
        ["Größe, size and GROSSE", ["grosse"]],
        ["Cafe\u0301s and a cafe", ["cafe"]],
        ["sim-to-real and simtoreal", ["simtoreal"]],
        ["深度学习的注意力", ["注意", "意力"]],
        ["🦄 unicorns", ["unicorn"]],
        ["nothing here", ["else"]],
    ]
    assert node("marks", pairs=pairs) == [
        ["Größe", "GROSSE"],
        ["Cafe\u0301s", "cafe"],
        ["sim-to-real", "simtoreal"],
        ["注意力"],
        ["unicorns"],
        [],
    ]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the search of a small diary."""
    root = tmp_path_factory.mktemp("small")
    search_site.write_notes(root, size=6)
    return Path(search_site.site_of(root).config.site / "search")


FILES = ["meta.json", "entries.json", "index.faiss", "words/0.bin", "passages/0.json", "words/terms.txt", "vocab.txt"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "page"])
def test_damaged_files(node: Ask, small: Path, name: str, damage: str) -> None:
    """What is needed for any answer ends in a sentence; without the rest the answer is there, with a sentence."""
    path = small / name if name != "vocab.txt" else next(small.glob("encoder/*/vocab.txt"))
    session, whole, text = f"{name} {damage}", path.read_bytes(), "moon unicron 🦄"
    try:
        match damage:
            case "missing":
                path.unlink()
            case "cut":
                path.write_bytes(whole[: len(whole) // 2])
            case "changed":
                path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
            case "page":
                path.write_text("<!doctype html><title>Not found</title>")
        answer = node("search", path=str(small), session=session, text=text, k=10)
    finally:
        path.write_bytes(whole)
    if name in {"index.faiss", "passages/0.json", "vocab.txt"}:
        assert answer["hits"]
        assert any(path.name in notice for notice in answer["notices"]), answer["notices"]
    else:
        assert answer["kind"] == ("Missing" if damage == "missing" else "Damaged")
        assert path.name in answer["failed"]
    again = node("search", path=str(small), session=session, text=text, k=10)
    assert again["hits"], "a file that is whole again is read again"
    assert again["notices"] == ["“unicron” is nowhere in the notes; searched for unicorn instead."]


def test_files_of_another_version(node: Ask, small: Path) -> None:
    path = small / "meta.json"
    whole = path.read_bytes()
    try:
        rest = whole[20:].replace(b'"version":1', b'"version":2')
        path.write_bytes(f'{{"check":"{zlib.crc32(rest):08x}",'.encode() + rest)
        answer = node("search", path=str(small), session="version", text="moon", k=10)
    finally:
        path.write_bytes(whole)
    assert answer["kind"] == "Unknown"


def test_words_that_no_note_has(node: Ask, small: Path) -> None:
    answer = node("search", path=str(small), text="zzzqq wxyv", k=10)
    assert answer["hits"]
    assert {h["found"] for h in answer["hits"]} == {"meaning"}
    assert answer["notices"] == ["None of these words is in the notes; these entries are the nearest in meaning."]


def test_an_empty_diary(node: Ask, tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(search_site.MKDOCS_YML)
    (tmp_path / "notes").mkdir()
    folder = search_site.site_of(tmp_path).config.site / "search"
    for text in ("anything", '"a phrase"', "tag:x", "unknwon words"):
        answer = node("search", path=str(folder), text=text, k=10)
        assert answer["hits"] == []
        assert answer["notices"] == []


def test_an_excerpt_shows_the_marked_words(node: Ask) -> None:
    text = "lead " * 200 + "the comet has a tail " + "end " * 200
    start = text.index("comet")
    found = node("excerpt", shown=text, ranges=[[start, start + 5]])
    assert len(found["text"]) < 340
    assert found["text"].startswith("… ")
    assert found["text"].endswith(" …")
    [[a, b]] = found["ranges"]
    assert found["text"][a:b] == "comet"
