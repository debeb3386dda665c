"""Bytes of unknown encoding -> text, by what the text would look like. UTF-8 is the rule, all else a guess."""

from __future__ import annotations

import re
from functools import lru_cache

#: encodings of text that is not UTF-8; GB18030 contains GBK and GB2312
_LEGACY = {"GB18030": "gb18030", "Big5": "big5", "Shift JIS": "cp932", "EUC-JP": "euc_jp", "EUC-KR": "euc_kr"}
#: characters that make up about half of any Chinese (simplified, then traditional forms) or Korean text
_COMMON = frozenset(
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过"
    "家十用发如然作方成者多日都三小二无同法当起与好看学种将还分此心前面又定见只主没公从模型论文习网络数据训练输入算"
    "這為來個們說國時於會對發過還與學無種將論經網絡訓練輸數據"
    "이은는을를의에다고하한가로도지기사서시인자어대나정해있리으그과와"
)


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of its encoding) of bytes without a UTF-8 mark; the name is "" for UTF-8. Never fails."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _other(data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or _is_utf16(data):
        return _other(data)
    return text, ""


def _is_utf16(data: bytes) -> str:
    """The byte order of UTF-16 without its mark, as every second byte of plain words is 0; "" for none."""
    sample = data[:4096]
    if len(sample) < 4 or sample.count(0) < len(sample) * 0.3:
        return ""
    odd = sample[1::2].count(0)
    return "le" if odd > sample.count(0) * 0.9 else "be" if odd < sample.count(0) * 0.1 else ""


def _other(data: bytes) -> tuple[str, str]:
    """(text, name) of bytes that are not UTF-8."""
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        return data.decode("utf-32", errors="replace"), "UTF-32"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    order = _is_utf16(data)
    if order:
        return data.decode(f"utf-16-{order}", errors="replace"), "UTF-16"
    data = data.removeprefix(b"\xef\xbb\xbf")
    high = sum(byte > 0x7F for byte in data)
    kept = data.decode("utf-8", errors="ignore")
    if sum(len(c.encode()) for c in kept if c > "\x7f") > 0.5 * high:  # UTF-8 with some bad bytes
        return _patched(data), "UTF-8 with other bytes in it"
    best = (_one_byte(data, "cp1252"), "Windows-1252")
    mac = (_one_byte(data, "mac_roman"), "Mac Roman")
    if _plausible(mac[0]) > _plausible(best[0]):
        best = mac
    highest = max(0.4, _plausible(best[0]) / high)
    for name, codec in _LEGACY.items():
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        score = 2 * _plausible(text) / high
        if score > highest:
            best, highest = (text, name), score
    return best


def _one_byte(data: bytes, codec: str) -> str:
    table = byte_table(codec)
    return "".join(table[byte] if byte > 0x7F else chr(byte) for byte in data)


def _patched(data: bytes) -> str:
    """UTF-8 in which a lone byte between plain ones is read as Windows-1252; a torn character is lost."""

    def one(match: re.Match[bytes]) -> bytes:
        torn = len(match[0]) > 1 or match[0] < b"\xa0"
        return "\ufffd".encode() if torn else byte_table("cp1252")[match[0][0]].encode()

    valid = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    parts = re.split(rb"((?:" + valid + rb")+)", data)
    mended = [part if at % 2 else re.sub(rb"[\x80-\xff]+", one, part) for at, part in enumerate(parts)]
    return b"".join(mended).decode("utf-8", errors="replace")


def _plausible(text: str) -> float:
    """How many characters of a decoded text look as if they were meant."""
    score = 0.0
    kana = sum("\u3041" <= c <= "\u30fa" for c in text)
    for match in re.finditer(r"[^\x00-\x7f]", text):
        c = match[0]
        if "\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3":
            score += 1 if c in _COMMON else 0.45 + (0.2 if kana else 0)
        elif "\u3041" <= c <= "\u30fa" or c in "，。、：；！？「」『』（）【】《》“”‘’…—·\u3000":
            score += 0.9
        elif c.isalpha() and c < "\u0250":
            beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
            score += 0.9 if c.islower() and any(b.isascii() and b.isalpha() for b in beside) else -0.3
        elif not c.isprintable() or "\ue000" <= c <= "\uf8ff" or "\uff61" <= c <= "\uff9f":
            score -= 1
    return score


@lru_cache(maxsize=8)
def byte_table(codec: str) -> dict[int, str]:
    """Byte -> character for the upper half of a one-byte encoding; bytes without one stand for themselves."""
    out = {}
    for byte in range(0x80, 0x100):
        try:
            out[byte] = bytes([byte]).decode(codec)
        except UnicodeDecodeError:
            out[byte] = chr(byte)
    return out


@lru_cache(maxsize=1)
def gbk_table() -> tuple[re.Pattern[str], dict[str, bytes]]:
    """(characters that begin a character of UTF-8 read as GBK, character -> its bytes in Windows' GBK)."""
    table = {"€": b"\x80"}
    for lead in range(0x81, 0xFF):
        for follow in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            pair = bytes((lead, follow))
            try:
                table[pair.decode("gbk")] = pair
            except UnicodeDecodeError:
                continue
    heads = "".join(c for c, pair in table.items() if 0xE2 <= pair[0] <= 0xEF and 0x80 <= pair[-1] <= 0xBF)
    return re.compile(f"[{heads}]"), table


def from_gbk(line: str, table: dict[str, bytes]) -> tuple[str, int, int]:
    """(a line as it was before GBK, bytes in its characters of three, characters that are lost).

    A byte that GBK could not read became "?" or U+FFFD; what it belonged to is U+FFFD. A line that cannot have
    come from UTF-8 stays as it is.
    """
    data = b"".join(c.encode() if c < "\x80" else table.get(c, b"?" if c == "\ufffd" else b"\xff") for c in line)
    out: list[str] = []
    at = long = lost = 0
    while at < len(data):
        size = 1 if data[at] < 0x80 else 2 if data[at] < 0xE0 else 3 if data[at] < 0xF0 else 4
        piece = data[at : at + size]
        try:
            out.append(piece.decode("utf-8"))
            long += size if size > 2 else 0
        except UnicodeDecodeError:
            torn = re.match(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\?[\x80-\xbf]?", data[at : at + 4])
            if not torn:
                return line, 0, 0
            out.append("\ufffd")
            lost += 1
            size = torn.end()
        at += size
    mended = "".join(out)
    return (mended, long, lost) if mended != line else (line, 0, 0)
