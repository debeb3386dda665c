"""Text that was damaged on its way is mended, and nothing else is touched."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from paperdiary.repair import Repair, repair

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"
WHOLE = "## 📌 Notes\n\nIt’s “good” — V‑JEPA learns π_{0.5}; see ├── marl/ and ⚙️ too.\n\nNothing here.\n"


def kinds(repairs: list[Repair]) -> list[str]:
    return [r.kind for r in repairs]


def test_sound_text_is_left_alone() -> None:
    text = WHOLE + "模型训练的“方法”，100 °C ± 5 µm, „Öl“, naïve, $\\alpha$, ≤ ∑ π ∞, 2√π and √± x\n"
    assert repair(text.encode()) == (text, [])
    assert repair(text) == (text, [])
    assert repair(b"") == ("", [])
    assert repair(b"a\r\nb\r\n") == ("a\nb\n", [])


@pytest.mark.parametrize("codec", ["mac_roman", "cp1252"])
def test_a_whole_file_read_back(codec: str) -> None:
    text = WHOLE.replace("📌", "♞").replace("”", "’").replace("⚙️ ", "") if codec == "cp1252" else WHOLE
    found, repairs = repair(text.encode().decode(codec))
    assert found == text
    assert set(kinds(repairs)) == {"read-back"}
    assert [r.line for r in repairs] == [1, 3]


def read_as_gbk(text: str) -> str:
    """What an editor makes of UTF-8 that it takes for GBK; bytes that it cannot read become a question mark."""
    return text.encode().decode("gbk", errors="replace").replace("\ufffd", "?")


@pytest.mark.parametrize(
    "meant",
    [
        "It’s the paper’s “idea” of heaps",
        "# 温暖的堆肥\n\n我们训练的模型很大\n\nabc",
        "don’t",
        "日本語のテキストです。これは論文のメモ",
        "训练数据很多。\n\n结果很好，比之前好",
    ],
)
def test_utf_8_read_as_gbk(meant: str) -> None:
    damaged = read_as_gbk(meant)
    assert damaged != meant
    mended, repairs = repair(damaged)
    assert kinds(repairs)[0] == "read-back"
    assert ("lost" in kinds(repairs)) == ("\ufffd" in mended)
    kept = [c for c in mended if c not in "\ufffd?"]
    rest = iter(meant)
    assert all(c in rest for c in kept)  # in this order
    assert len(kept) >= len(meant) - damaged.count("?")


def test_chinese_is_not_taken_for_misread_text() -> None:
    chance = random.Random(1)
    hanzi = [
        bytes((a, b)).decode("gbk")
        for a in range(0xB0, 0xF7)
        for b in range(0xA1, 0xFF)
        if (a, b) < (0xD7, 0xFA) or a > 0xD7
    ]
    for _ in range(300):
        text = "\n".join("".join(chance.choices(hanzi, k=chance.randint(1, 15))) + "，" for _ in range(5))
        assert repair(text) == (text, [])
    for text in (
        "联通",
        "鈥 is a character, and so is 锛",
        "多媒体：鐨字、锛字、銆字，都是汉字。",
        "it鈥檚 a 字 that 鈥? is not",
    ):
        assert repair(text)[0] in {text, text.replace("鈥檚", "’s")}


def test_a_repair_says_what_it_changed() -> None:
    _, repairs = repair('one\nfor "Montezumaâ€™s Revenge" by four times the state of the art\n')
    assert repairs == [Repair(2, "read-back", '…r "Montezumaâ€™s Revenge" b…', '…r "Montezuma’s Revenge" b…')]
    assert repairs[0].as_dict() == {
        "line": 2,
        "kind": "read-back",
        "before": repairs[0].before,
        "after": repairs[0].after,
    }


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("deep Ã¢â‚¬â„¢ down", "deep ’ down"),  # read back twice
        (
            "donâ€™t, he wrote, 你好 and ‘fine’ and “more” and … “so on”",
            "don’t, he wrote, 你好 and ‘fine’ and “more” and … “so on”",
        ),
        ("don’t ‚Äúquote‚Äù me", "don’t “quote” me"),
        ("caf√© d√©j√† vu", "café déjà vu"),
        ("a naÃ¯ve guess", "a naïve guess"),
    ],
)
def test_damage_among_sound_text(damaged: str, meant: str) -> None:
    assert repair(damaged)[0] == meant


def test_code_and_latex_of_a_sound_file_stay() -> None:
    text = "“a” ‘b’ … “c” ‘d’ – “e”\n" * 3 + "\n`â€™` and $â€™$ but â€™\n\n```\nâ€™\n```\n"
    assert repair(text)[0] == text.replace("but â€™", "but ’")


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("gb18030", "# 注意力机制\n\n阅读日期：2020.02.23\n"),
        ("big5", "學習的方法，我們在這裡說明論文的主要內容"),
        ("cp932", "この論文では、画像認識のための新しい手法を提案する。"),
        ("euc_jp", "この論文では、画像認識のための新しい手法を提案する。"),
        ("euc_kr", "이 논문은 새로운 방법을 제안한다."),
        ("cp1252", "It’s Schrödinger’s “cat” – déjà vu"),
        ("mac_roman", "Señor Muñoz, déjà vu"),
        ("utf-16", "Notes on π 模型"),
        ("utf-16-le", "plain words without a mark"),
        ("utf-32", "words"),
    ],
)
def test_other_encodings(codec: str, text: str) -> None:
    found, repairs = repair(text.encode(codec))
    assert found == text
    assert kinds(repairs) == ["encoding"]


def test_byte_order_mark() -> None:
    text, repairs = repair(b"\xef\xbb\xbf# A\n")
    assert text == "# A\n"
    assert kinds(repairs) == ["encoding"]


def test_utf8_with_bad_bytes() -> None:
    text, repairs = repair("模型 caf".encode() + b"\xe9 ok\nand \xe6\xa8\n")
    assert text == "模型 café ok\nand \ufffd\n"
    assert kinds(repairs) == ["encoding", "lost"]
    assert repairs[1].line == 2


def test_characters_that_have_no_place() -> None:
    text, repairs = repair(b"a\x00b\x07c\none\x0ctwo \x0c three\nx\ry\rz\n")
    assert text == "abc\none two  three\nx\ny\nz\n"
    assert [(r.kind, r.line) for r in repairs] == [("line-end", 3), ("control", 1), ("control", 2)]
    assert repairs[1].before == "a\\x00b\\x07c"


def test_what_is_lost_stays_and_is_reported() -> None:
    text, repairs = repair("fine\nlost \ufffd here\n")
    assert text == "fine\nlost \ufffd here\n"
    assert repairs == [Repair(2, "lost", "lost \ufffd here", "lost \ufffd here")]


def test_any_bytes_give_text() -> None:
    rnd = random.Random(7)
    for _ in range(300):
        data = bytearray(WHOLE.encode(rnd.choice(["utf-8", "utf-16", "mac_roman"]), "replace"))
        for _ in range(rnd.randrange(1, 10)):
            data[rnd.randrange(len(data))] = rnd.randrange(256)
        text, _ = repair(bytes(data))
        assert repair(text)[0].count("\n") == text.count("\n")
        text.encode()


def test_a_line_of_five_million_characters() -> None:
    text = "word’s " * 700_000
    assert repair(text) == (text, [])


@pytest.mark.skipif(not SEEDS.exists(), reason="the five documents are not here")
def test_the_five_documents() -> None:
    repaired = {path.name[:3]: repair(path.read_bytes()) for path in SEEDS.glob("0*.txt")}
    for words in ("📌", "⚙️", "V‑JEPA", "π_{0.5}", "RL’S RAZOR"):
        assert words in repaired["002"][0]
    assert "Montezuma’s" in repaired["003"][0]
    assert {name: len(repairs) for name, (_, repairs) in repaired.items() if name != "002"} == {
        "000": 0,
        "001": 0,
        "003": 1,
        "004": 0,
    }
    assert not set("‚Äëîúüì\uf8ff") & set(repaired["002"][0])
