"""Write paperdiary/assets/search/unicode.js: what Hugging Face `tokenizers` does to each character.

    python scripts/write_unicode_tables.py

The normalizer and the pre-tokenizer of BERT follow the Unicode version that `tokenizers` was built with, browsers
follow their own. The page therefore asks these tables, which are read off `tokenizers` code point by code point.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

TARGET = Path(__file__).parent.parent / "paperdiary" / "assets" / "search" / "unicode.js"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

HEAD = """/* Made by scripts/write_unicode_tables.py from Hugging Face tokenizers: ranges of code points, each as
   (distance from the end of the last, length - 1) in base 36. */
"""
NOTES = {
    "CONTROL": "left out of a text",
    "SPACE": "white space, between words",
    "CHINESE": "a word each",
    "MARK": "accents: left out after decomposition",
    "DECOMPOSES": "have a canonical decomposition",
    "PUNCTUATION": "a word each",
}


_OFF = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
_CLEAN = normalizers.BertNormalizer(**{**_OFF, "clean_text": True})
_CHINESE = normalizers.BertNormalizer(**{**_OFF, "handle_chinese_chars": True})
_ACCENTS = normalizers.BertNormalizer(**{**_OFF, "strip_accents": True})
_SPLIT = pre_tokenizers.BertPreTokenizer()


def kinds(char: str) -> set[str]:
    """The names of the tables that a character belongs to."""
    between = f"a{char}b"
    pieces = [piece for piece, _ in _SPLIT.pre_tokenize_str(between)]
    mark = _ACCENTS.normalize_str(between) == "ab"
    belongs = {
        "CONTROL": _CLEAN.normalize_str(between) == "ab",
        "SPACE": pieces == ["a", "b"],
        "CHINESE": _CHINESE.normalize_str(char) == f" {char} ",
        "MARK": mark,
        "DECOMPOSES": not mark and _ACCENTS.normalize_str(char) != char,
        "PUNCTUATION": len(pieces) == 3,
    }
    return {name for name, yes in belongs.items() if yes}


def tables() -> dict[str, list[int]]:
    """Name -> the code points it holds, ascending."""
    out: dict[str, list[int]] = {name: [] for name in NOTES}
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        for name in kinds(chr(code)):
            out[name].append(code)
    return out


def packed(codes: Iterable[int]) -> str:
    """Ranges as (gap, length - 1) pairs in base 36.

    >>> packed([3, 4, 5, 40])
    '3 2 y 0'
    """
    out: list[str] = []
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    last = 0
    for first, end in runs:
        out += [base36(first - last), base36(end - first)]
        last = end + 1
    return " ".join(out)


def base36(number: int) -> str:
    digits = DIGITS[number % 36]
    while number := number // 36:
        digits = DIGITS[number % 36] + digits
    return digits


def module() -> str:
    """The text of unicode.js."""
    parts = [HEAD]
    for name, codes in tables().items():
        parts.append(f'/** {NOTES[name]} */\nexport const {name} = "{packed(codes)}";\n')
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(module(), encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
