"""Text that was damaged on its way -> the text that was meant, and a list of everything that was changed.

Three kinds of damage: bytes in another encoding than UTF-8; UTF-8 that a program once read in another
encoding and saved again ("‚Äú" for “); characters that have no place in text (NUL, a lone \\r).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from paperdiary.encodings import byte_table, decode, from_gbk, gbk_table

#: encodings that UTF-8 is read in by mistake
_READERS = {"Mac Roman": "mac_roman", "Windows-1252": "cp1252", "DOS (437)": "cp437"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_SPACING = re.compile(r"[\x0b\x0c\x1c-\x1f\u2028\u2029]")  #: what other programs break lines or pages at
_C1 = re.compile(r"[\x80-\x9f]")
#: parts of a line that are left alone: code and LaTeX
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$|\$[^$\n]+\$|\\[A-Za-z]+")
_ROOT = re.compile(r"(?<![A-Za-z])[√≈∆∂][\u0370-\u03ff\u2200-\u22ff±µ∞∆Ω]")  #: mathematics that ftfy takes for damage
#: two neighbours such as damage leaves; not of East Asia, where looking for damage would take long
_PAIR = re.compile(r"[\x80-\u052f\u1e00-\u2bff\ue000-\uf8ff]\s?[\x80-\u052f\u1e00-\u2bff\ue000-\uf8ff]")
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Repair:
    """One place that was changed, or that cannot be mended ("lost")."""

    line: int  #: 1-based, lines end at \n
    kind: str  #: encoding, line-end, control, read-back, mojibake, lost; in an import also captions, link, name
    before: str  #: shortened to what changed
    after: str

    def as_dict(self) -> dict[str, Any]:
        """The public JSON form."""
        return {"line": self.line, "kind": self.kind, "before": self.before, "after": self.after}


def repair(data: bytes | str) -> tuple[str, list[Repair]]:
    """The text of a file with \\n line ends, and what was changed in it; never fails.

    Text without damage comes back as it is, but for \\r\\n. Characters that are lost (U+FFFD) stay and are reported.
    """
    repairs: list[Repair] = []
    text = data if isinstance(data, str) else _decode(data, repairs)
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = _by_line(text, lambda line: line, "line-end", repairs, sub=("\r", "\n"))
    if _CONTROL.search(text) or _SPACING.search(text):
        text = _by_line(text, _without_controls, "control", repairs)
    if not text.isascii():
        text = _undo_gbk(text, repairs)
        text = _undo_reading(text, repairs)
        text = _by_ftfy(text, repairs)
        if _C1.search(text):
            text = _by_line(text, lambda line: _C1.sub("", line), "control", repairs)
        lines = enumerate(text.split("\n"), 1) if "\ufffd" in text else ()
        repairs += [Repair(n, "lost", *_difference(line, line, "\ufffd")) for n, line in lines if "\ufffd" in line]
    return text, repairs


def _by_line(
    text: str, mend: Callable[[str], str], kind: str, repairs: list[Repair], sub: tuple[str, str] | None = None
) -> str:
    """Mend each line; `sub` replaces a character that moves the lines below instead."""
    out: list[str] = []
    moved = 0
    for number, line in enumerate(text.split("\n"), 1):
        mended = line.replace(*sub) if sub else mend(line)
        if mended != line:
            repairs.append(Repair(number + moved, kind, *_difference(line, mended)))
            moved += mended.count("\n")
        out.append(mended)
    return "\n".join(out)


def _without_controls(line: str) -> str:
    """A control character goes; one that other programs break lines at leaves a space between two words."""
    line = _SPACING.sub(lambda m: " " if line[m.start() - 1 : m.start()].strip() else "", line)
    return _CONTROL.sub("", line)


def _difference(before: str, after: str, around: str = "") -> tuple[str, str]:
    """Two versions of a line, cut down to where they differ (or to where `around` stands)."""
    start, tail = 0, 0
    if around:
        start, tail = before.find(around), len(before) - before.find(around) - 1
    else:
        shorter = min(len(before), len(after))
        while start < shorter and before[start] == after[start]:
            start += 1
        while tail < shorter - start and before[-1 - tail] == after[-1 - tail]:
            tail += 1
    return _short(before, start, tail), _short(after, start, tail)


def _short(line: str, start: int, tail: int, room: int = 12, most: int = 60) -> str:
    first, last = max(0, start - room), min(len(line), len(line) - tail + room)
    piece = line[first : min(last, first + most)]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in piece)
    return f"{'…' if first else ''}{shown}{'…' if first + len(piece) < len(line) else ''}"


def _decode(data: bytes, repairs: list[Repair]) -> str:
    """Bytes as text; another encoding than UTF-8 is reported."""
    if data[:3] == b"\xef\xbb\xbf":
        repairs.append(Repair(1, "encoding", "a byte order mark", "none"))
        data = data[3:]
    text, name = decode(data)
    if name:
        shown = next((line.strip() for line in text.split("\n") if not line.isascii()), text.split("\n", 1)[0].strip())
        repairs.append(Repair(1, "encoding", f"bytes in {name}", _short(shown, 0, 0)))
    return text


# -- text that was read in the wrong encoding and saved again


@lru_cache(maxsize=8)
def _pattern(codec: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """What UTF-8 sequences look like in that encoding, and character -> byte."""
    table = byte_table(codec)
    back = {c: byte for byte, c in table.items()}
    if codec == "cp1252":  # Latin-1 has control characters where Windows has quotes
        back.update({chr(byte): byte for byte in range(0x80, 0xA0) if chr(byte) not in back})
    if codec == "mac_roman":
        back["\u2126"] = back["Ω"]

    def some(low: int, high: int) -> str:
        return "[" + "".join(re.escape(c) for c, byte in back.items() if low <= byte <= high) + "]"

    follow = some(0x80, 0xBF)
    long = f"{some(0xF0, 0xF4)}{follow}{{3}}|{some(0xE0, 0xEF)}{follow}{{2}}"
    return re.compile(f"(?P<long>{long})|{some(0xC2, 0xDF)}{follow}"), back


def _undo_reading(text: str, repairs: list[Repair]) -> str:
    """Undo a wrong reading of the whole file where the file as a whole speaks for it, twice at most."""
    for _ in range(2):
        best: tuple[int, str, Callable[[str], str]] | None = None
        for codec in _READERS.values():
            count = _evidence(text, codec)
            if count and (best is None or count > best[0]):
                best = count, codec, lambda line, codec=codec: _reread(line, codec)
        if best is None:
            return text
        text = _by_line(text, best[2], "read-back", repairs)
    return text


def _sequences(text: str, codec: str) -> Iterator[tuple[re.Match[str], str]]:
    """Every run of characters that is one UTF-8 character read in `codec`, with that character."""
    pattern, back = _pattern(codec)
    for match in pattern.finditer(text):
        try:
            found = bytes(back[c] for c in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            continue
        if found.isprintable() or found in "\u00a0\u00ad\u200b\u200c\u200d\u2009\u200a\u202f\u2060\u2028\ufeff\u3000":
            yield match, found


def _undo_gbk(text: str, repairs: list[Repair]) -> str:
    """Undo a reading of UTF-8 as GBK: "鈥檚" for ’s, "鐨勬" for 的.

    Three bytes of UTF-8 in a row are rare in real Chinese, so where they make up half of a file's bytes beyond
    ASCII, all of it was misread; elsewhere only lines with 鈥, a character that nobody uses, are put right.
    """
    heads, table = gbk_table()
    if not heads.search(text):
        return text
    found = {line: from_gbk(line, table) for line in set(text.split("\n")) if heads.search(line)}
    beyond = sum(len(table.get(c, b"???")) for c in text if c > "\x7f")
    long = sum(count for _, count, _ in found.values())
    whole = long >= 6 and long >= 0.5 * beyond

    def mend(line: str) -> str:
        mended, count, lost = found.get(line, (line, 0, 0))
        return mended if count and (whole or ("鈥" in line and not lost)) else line

    return _by_line(text, mend, "read-back", repairs)


def _evidence(text: str, codec: str) -> int:
    """How many characters are explained by this wrong reading; 0 where too few of them are.

    Three bytes in the right order are hardly ever chance. Two may be ("√±" in mathematics), so those count
    alone only as letters within words, more than once, with nothing that speaks against it.
    """
    long = explained = 0
    doubtful = False
    for match, found in _sequences(text, codec):
        explained += len(match[0])
        if match["long"]:
            long += 1
        else:
            beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
            doubtful |= not (found.isalpha() and any(c.isascii() and c.isalpha() for c in beside))
    if not explained:
        return 0
    back = _pattern(codec)[1]
    could = sum(count for c, count in Counter(text).items() if c in back)
    if long:
        return explained if explained >= 0.5 * could else 0
    return explained if explained >= 4 and explained == could and not doubtful else 0


def _reread(line: str, codec: str) -> str:
    """A line with its sequences put right; whatever else is in it stays."""
    if line.isascii():
        return line
    out, at = [], 0
    for match, found in _sequences(line, codec):
        out += [line[at : match.start()], found]
        at = match.end()
    return "".join([*out, line[at:]])


def _by_ftfy(text: str, repairs: list[Repair]) -> str:
    """What a line alone gives away, by ftfy's rules; code and LaTeX are left alone."""
    import ftfy
    from ftfy.badness import is_bad

    careful = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        normalization=None,
    )

    def mend(piece: str) -> str:
        return ftfy.fix_text(piece, careful) if is_bad(piece) and not _ROOT.search(piece) else piece

    lines = text.split("\n")
    for at in _outside_fences(lines):
        line = lines[at]
        if line.isascii() or not _PAIR.search(line) or not is_bad(line):
            continue
        parts, since = [], 0
        for code in _CODE.finditer(line):
            parts += [mend(line[since : code.start()]), code[0]]
            since = code.end()
        mended = "".join([*parts, mend(line[since:])])
        if mended != line and "\n" not in mended:
            repairs.append(Repair(at + 1, "mojibake", *_difference(line, mended)))
            lines[at] = mended
    return "\n".join(lines)


def _outside_fences(lines: list[str]) -> Iterator[int]:
    """Numbers of the lines that are not fenced code; a fence that never closes is none."""
    inside: list[int] = []
    mark = ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if mark:
            inside.append(number)
            if fence and fence["mark"].startswith(mark) and not fence["info"].strip():
                mark, inside = "", []
        elif fence and "`" not in fence["info"]:
            mark, inside = fence["mark"], [number]
        else:
            yield number
    yield from inside
