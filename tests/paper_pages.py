"""Papers set with PyMuPDF for the tests of pdf.py: invented titles, abstracts and text in many layouts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REGULAR, BOLD, ITALIC, SANS, SANS_BOLD = "tiro", "tibo", "tiit", "helv", "hebo"
TITLE = "Slow Clocks for Gardens: Measuring Growth with Borrowed Shadows"
AUTHORS = "Ada Quill, Bruno Marsh, and Chidi Okello"
PLACE = "Institute of Horology, University of Nowhere"
ABSTRACT = (
    "Gardeners judge growth by eye, and their judgement drifts with the season. We describe a clock that borrows the "
    "shadow of the plant itself: a camera notes where the shadow falls at noon, and a small model turns the drift of "
    "its tip into centimetres. On forty beds observed for two summers the error stays below three percent, without "
    "any marker in the soil. The method needs no calibration beyond the latitude of the garden, and it fails only "
    "where two plants share one shadow. We close with advice for balconies that see the sun for less than an hour."
)
_SENTENCES = (
    "A shadow is long in winter and short in summer, which every sundial has to take into account.",
    "We placed the camera on the northern wall, two metres above the bed.",
    "Its pictures are kept for a week and then thrown away.",
    "The wind moves the tip of a shadow, so that we average over ten minutes around noon.",
    "Earlier work measured growth with rulers, threads and patient students.",
    "None of these was left in the rain for two summers.",
    "The model has four parameters, all of which a gardener can read off a map.",
    "Clouds cost us a third of the days, and the remaining ones were enough.",
    "When two plants touch, their shadows become one, and the estimate jumps.",
    "Such jumps are easy to see, and we leave those beds out.",
)


_LENGTHS: dict[tuple[str, str], float] = {}  #: of a text in a font, in its size


def prose(words: int, seed: int = 0) -> str:
    """Sentences of about as many words, the same ones for the same seed."""
    chance = random.Random(seed)
    out: list[str] = []
    while sum(len(s.split()) for s in out) < words:
        out.append(chance.choice(_SENTENCES))
    return " ".join(out)


class Sheet:
    """A PDF in the making: type is put on pages line by line."""

    def __init__(self, width: float = 612, height: float = 792) -> None:
        import pymupdf

        self.document: Any = pymupdf.open()
        self.width, self.height = width, height
        self.fonts: dict[str, Any] = {}
        self.turn()

    def turn(self) -> Sheet:
        """Begin a new page."""
        self.page = self.document.new_page(width=self.width, height=self.height)
        return self

    def _length(self, text: str, font: str, size: float) -> float:
        import pymupdf

        if (font, text) not in _LENGTHS:
            self.fonts[font] = self.fonts.get(font) or pymupdf.Font(font)
            _LENGTHS[font, text] = self.fonts[font].text_length(text, fontsize=1)
        return float(_LENGTHS[font, text] * size)

    def at(self, x: float, y: float, text: str, size: float = 10, font: str = REGULAR, rotate: int = 0) -> Sheet:
        """One line; `y` is its baseline."""
        import pymupdf

        if all(ord(c) < 256 for c in text) or font in {"china-s", "japan"}:
            self.page.insert_text((x, y), text, fontsize=size, fontname=font, rotate=rotate)
        else:
            self.fonts[font] = self.fonts.get(font) or pymupdf.Font(font)
            writer = pymupdf.TextWriter(self.page.rect)
            writer.append((x, y), text, font=self.fonts[font], fontsize=size)
            writer.write_text(self.page)
        return self

    def centred(self, y: float, text: str, size: float = 10, font: str = REGULAR) -> Sheet:
        return self.at((self.width - self._length(text, font, size)) / 2, y, text, size, font)

    def small_capitals(self, x: float, y: float, text: str, size: float, font: str = REGULAR) -> Sheet:
        """Capitals of two sizes, as LaTeX makes small capitals for Times: letter by letter, close together."""
        for letter in text:
            now = 0.8 * size if letter.islower() else size
            if letter != " ":
                self.at(x, y, letter.upper(), now, font)
            x += self._length(letter.upper(), font, now) if letter != " " else 0.3 * size
        return self

    def lines(self, text: str, width: float, size: float, font: str) -> list[str]:
        """Greedy line breaks."""
        out: list[list[str]] = [[]]
        taken, space = 0.0, self._length(" ", font, size)
        for word in text.split():
            length = self._length(word, font, size)
            if out[-1] and taken + space + length > width:
                out.append([])
                taken = 0.0
            taken += length + (space if out[-1] else 0.0)
            out[-1].append(word)
        return [" ".join(words) for words in out]

    def block(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = 10,
        font: str = REGULAR,
        *,
        lead: str = "",
        lead_font: str = BOLD,
        centred: bool = False,
        leading: float = 1.2,
    ) -> float:
        """A paragraph, whose first words may be in another face; the baseline below it."""
        first = f"{lead} {text}".strip()
        for number, line in enumerate(self.lines(first, width, size, font)):
            start = x + (width - self._length(line, font, size)) / 2 if centred else x
            if number == 0 and lead:
                self.at(start, y, lead, size, lead_font)
                rest = line[len(lead) :].strip()
                self.at(start + self._length(f"{lead} ", lead_font, size), y, rest, size, font)
            else:
                self.at(start, y, line, size, font)
            y += leading * size
        return y

    def columns(self, top: float, *, seed: int = 1, size: float = 10, heading: str = "1 Introduction") -> Sheet:
        """Two columns of text from `top` to the foot of the page."""
        width = (self.width - 2 * 54 - 18) / 2
        for number in range(2):
            x = 54 + number * (width + 18)
            y = top
            if heading and not number:
                y = self.block(x, y, width, heading, size + 2, BOLD) + 6
            rows = int((self.height - 60 - y) / (1.2 * size))
            for line in self.lines(prose(500, seed + number), width, size, REGULAR)[:rows]:
                self.at(x, y, line, size)
                y += 1.2 * size
        return self

    def one_column(self, top: float, *, seed: int = 1, size: float = 10, heading: str = "1 Introduction") -> Sheet:
        """One column of text from `top` to the foot of the page."""
        y = self.block(90, top, 432, heading, size + 2, BOLD) + 4 if heading else top
        rows = int((self.height - 60 - y) / (1.2 * size))
        for line in self.lines(prose(700, seed), 432, size, REGULAR)[:rows]:
            self.at(90, y, line, size)
            y += 1.2 * size
        return self

    def stamp(self, text: str = "arXiv:2103.01234v2  [cs.CV]  15 Mar 2021") -> Sheet:
        """arXiv's stamp, turned, in the left margin of this page."""
        return self.at(32, 560, text, 20, rotate=90)

    def more(self, pages: int, *, head: str = "", two: bool = True) -> Sheet:
        """Further pages of text, with a running head and page numbers."""
        for number in range(pages):
            self.turn()
            if head:
                self.at(54, 40, head, 8, ITALIC)
            self.at(self.width / 2, self.height - 30, str(number + 2), 9)
            (self.columns if two else self.one_column)(70, seed=10 * number + 7, heading=f"{number + 2} More")
        return self

    def save(self, path: Path, **options: Any) -> Path:
        self.document.save(str(path), **options)
        return path


def title_of(sheet: Sheet, y: float = 90, size: float = 17, font: str = BOLD, parts: Sequence[str] = ()) -> float:
    """The usual title, centred over as many lines as it needs; the baseline below it."""
    return sheet.block(80, y, sheet.width - 160, " ".join(parts) or TITLE, size, font, centred=True)
