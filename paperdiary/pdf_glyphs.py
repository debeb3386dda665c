"""Letters of fonts that name their glyphs by number: TeX's bitmap fonts as PostScript converters wrote them.

Their names, `a101` for the letter with code 101, are also those of the Zapf Dingbats, as which MuPDF reads
them: `❡` for "e". The codes are those of TeX's encodings.
"""

from __future__ import annotations

from typing import Any

#: Dingbats in the order of their glyphs' numbers, from `a` number on (Adobe's glyph list for Zapf Dingbats)
_RUNS = (
    (11, "☛☞✌✍✎✏✑✒✓✔✕✖✗✘✙✚✛✜✢✣✤"),
    (34, "✧★✩✪✫✬✭✮✯✰✱✲✳✴✵✶✷✸✹✺✻✼✽✾✿❀❁❂❃❄❅❆❇❈❉❊❋●❍■❏❑▲▼◆❖"),
    (81, "◗❘❙❚❯❱❲❳❨❩❬❭❪❫❴❵❛❜❝❞❡❢❣❤✐❥❦❧♠♥♦♣"),
    (117, "✉✈✇①②③"),
)
_CODES = {sign: first + i for first, signs in _RUNS for i, sign in enumerate(signs)}
#: ligatures and dashes of TeX's OT1 and T1 encodings, which other fonts give as control characters
LIGATURES = {
    11: "ff", 12: "fi", 13: "fl", 14: "ffi", 15: "ffl",
    21: "–", 22: "—", 27: "ff", 28: "fi", 29: "fl", 30: "ffi", 31: "ffl",
}  # fmt: skip
_LETTERS = {sign: LIGATURES.get(code) or (chr(code) if 32 < code < 127 else " ") for sign, code in _CODES.items()}
_LETTERS["✬"] = "’"


def numbered(text: str) -> bool:
    """True where text is written in such a font."""
    signs = sum(c in _LETTERS for c in text)
    return signs > 20 and signs > 0.3 * len(text)


def respelt(text: str) -> str:
    """Such text in letters."""
    return "".join(_LETTERS.get(c, c) for c in text)


def respelt_lines(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """PyMuPDF's `rawdict` blocks of a page in such fonts -> blocks as `dict` gives, spaces put where there are gaps.

    The fonts do not say how wide a space is, so that MuPDF misses many.
    """
    for block in blocks:
        for line in block.get("lines", ()):
            end = None
            for span in line["spans"]:
                text = ""
                for char in span.pop("chars"):
                    if end is not None and char["bbox"][0] - end > 0.17 * span["size"] and not text.endswith(" "):
                        text += " "
                    text += _LETTERS.get(char["c"], char["c"])
                    end = char["bbox"][2]
                span["text"] = text
    return blocks
