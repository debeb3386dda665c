"""PDFs in many layouts, set by these tests: title, abstract, text in reading order; damaged and odd files."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from paper_pages import ABSTRACT, AUTHORS, BOLD, ITALIC, PLACE, SANS, SANS_BOLD, TITLE, Sheet, prose, title_of

from paperdiary import pdf, pdf_text
from paperdiary.errors import PdfError

SHARED = Path(__file__).parent.parent.parent / "shared" / "pdfs"


def authors(s: Sheet, y: float) -> float:
    s.centred(y, AUTHORS, 11)
    s.centred(y + 14, PLACE, 9, ITALIC)
    return y + 28


def neurips(s: Sheet) -> None:
    y = authors(s, title_of(s, 110) + 20)
    s.centred(y + 30, "Abstract", 12, BOLD)
    s.block(144, y + 50, 324, ABSTRACT)
    s.at(108, 740, "Preprint. Under review.", 9)
    s.one_column(y + 200)


def neurips_with_stamp(s: Sheet) -> None:
    neurips(s)
    s.stamp()


def iclr(s: Sheet) -> None:
    s.at(108, 40, "Published as a conference paper at ICLR 2021", 10)
    s.small_capitals(108, 96, "Slow Clocks for Gardens: Measuring", 17.2)
    s.small_capitals(108, 116, "Growth with Borrowed Shadows", 17.2)
    s.at(108, 146, AUTHORS, 10, BOLD).at(108, 158, PLACE, 10)
    s.small_capitals(276, 200, "Abstract", 12)
    y = s.block(144, 220, 324, ABSTRACT)
    s.small_capitals(108, y + 20, "1 Introduction", 12)
    s.one_column(y + 40, heading="")


def icml(s: Sheet) -> None:
    y = title_of(s, 90, 14.3)
    s.centred(y + 16, AUTHORS, 10, BOLD)
    s.at(151, 150, "Abstract", 12, BOLD)
    s.block(74, 170, 200, ABSTRACT)
    s.block(54, 690, 234, f"1 {PLACE}. Correspondence to: Ada Quill <a@nowhere.example>.", 8)
    s.block(54, 712, 234, "Proceedings of the 38th International Conference on Clocks, 2021. Copyright 2021.", 8)
    s.at(54, 430, "1. Introduction", 12, BOLD)
    for n, line in enumerate(s.lines(prose(400), 234, 10, "tiro")[:18]):
        s.at(54, 450 + 12 * n, line)
    for n, line in enumerate(s.lines(prose(900, 2), 234, 10, "tiro")[:48]):
        s.at(306, 150 + 12 * n, line)


def acl(s: Sheet) -> None:
    y = authors(s, title_of(s, 80, 14.3) + 16)
    s.at(150, y + 40, "Abstract", 12, BOLD)
    s.block(72, y + 56, 200, ABSTRACT, 9)
    s.columns(y + 56 + 270)
    for n, line in enumerate(s.lines(prose(300, 9), 234, 10, "tiro")[:22]):
        s.at(324, y + 40 + 12 * n, line)


def cvpr_in_italics(s: Sheet) -> None:
    y = authors(s, title_of(s, 100, 14.3) + 16)
    s.at(145, y + 30, "Abstract", 12, BOLD)
    end = s.block(54, y + 50, 234, ABSTRACT, 10, ITALIC)
    s.at(54, end + 14, "1. Introduction", 12, BOLD)
    for n, line in enumerate(s.lines(prose(300, 4), 234, 10, "tiro")[:20]):
        s.at(54, end + 32 + 12 * n, line)
    for n, line in enumerate(s.lines(prose(900, 5), 234, 10, "tiro")[:44]):
        s.at(306, y + 30 + 12 * n, line)


def ieee_run_in(s: Sheet) -> None:
    s.at(54, 36, "IEEE TRANSACTIONS ON HOROLOGY, VOL. 14, NO. 8, AUGUST 2015", 7)
    s.at(550, 36, "1", 7)
    y = title_of(s, 80, 24, "tiro")
    s.centred(y + 10, AUTHORS, 11)
    end = s.block(54, y + 50, 234, ABSTRACT, 9, BOLD, lead="Abstract—", lead_font="tibi")
    end = s.block(54, end + 8, 234, "shadows, gardens, growth, clocks.", 9, BOLD, lead="Index Terms—", lead_font="tibi")
    s.at(130, end + 16, "I. INTRODUCTION", 10)
    for n, line in enumerate(s.lines(prose(300, 4), 234, 10, "tiro")[:18]):
        s.at(54, end + 32 + 12 * n, line)
    for n, line in enumerate(s.lines(prose(900, 5), 234, 10, "tiro")[:44]):
        s.at(306, y + 50 + 12 * n, line)


def springer_run_in(s: Sheet) -> None:
    y = title_of(s, 120, 14)
    s.centred(y + 14, "Ada Quill1, Bruno Marsh2, and Chidi Okello1", 10)
    s.centred(y + 30, PLACE, 9)
    end = s.block(120, y + 60, 372, ABSTRACT, 9, lead="Abstract.")
    end = s.block(120, end + 8, 372, "Shadows · Gardens · Growth", 9, lead="Keywords:")
    s.one_column(end + 30)


def elsevier_box(s: Sheet) -> None:
    s.centred(50, "Contents lists available at ScienceDirect", 8)
    s.centred(75, "Journal of Garden Horology", 20)
    s.centred(95, "journal homepage: www.elsevier.com/locate/jgh", 8)
    y = s.block(54, 140, 500, TITLE, 17)
    s.at(54, y + 10, AUTHORS, 12).at(54, y + 26, PLACE, 8, ITALIC)
    top = y + 60
    s.at(54, top, "A R T I C L E   I N F O", 9).at(220, top, "A B S T R A C T", 9)
    for n, text in enumerate(
        ("Article history:", "Received 3 March 2020", "Accepted 9 May 2020", "Keywords:", "Shadow")
    ):
        s.at(54, top + 20 + 11 * n, text, 8)
    end = s.block(220, top + 20, 338, ABSTRACT, 8)
    s.at(400, end + 4, "© 2020 Elsevier B.V. All rights reserved.", 8)
    s.columns(end + 40, heading="1. Introduction")


def nature(s: Sheet) -> None:
    s.at(54, 50, "nature gardening", 26, SANS_BOLD)
    s.at(54, 75, "Article", 9, SANS).at(400, 75, "https://doi.org/10.9999/s41467-020-1", 8, SANS)
    y = s.block(54, 120, 500, TITLE, 22, SANS_BOLD)
    s.at(54, y, AUTHORS, 10, SANS_BOLD)
    end = s.block(54, y + 30, 500, ABSTRACT, 10, SANS_BOLD)
    s.columns(end + 30, heading="")


def revtex(s: Sheet) -> None:
    y = title_of(s, 70, 12)
    s.centred(y + 10, AUTHORS, 10)
    s.centred(y + 22, PLACE, 9, ITALIC)
    s.centred(y + 34, "(Dated: March 4, 2019)", 9)
    end = s.block(108, y + 56, 396, ABSTRACT, 9)
    s.columns(end + 30, heading="")


def acm_small_without_heading(s: Sheet) -> None:
    y = s.block(54, 90, 500, TITLE, 14, SANS_BOLD)
    s.at(54, y + 10, "ADA QUILL, University of Nowhere, Utopia", 11, SANS)
    s.at(54, y + 24, "BRUNO MARSH, Institute of Horology, Erewhon", 11, SANS)
    end = s.block(54, y + 46, 500, ABSTRACT, 9)
    end = s.block(54, end + 6, 500, "CCS Concepts: • Applied computing → Gardening.", 9)
    end = s.block(54, end + 6, 500, "Additional Key Words and Phrases: shadows, clocks", 9)
    s.one_column(end + 30, heading="1 INTRODUCTION")


def acm_conference(s: Sheet) -> None:
    y = title_of(s, 90, 17, SANS_BOLD)
    for n, name in enumerate(("Ada Quill", "Bruno Marsh", "Chidi Okello")):
        s.at(80 + 180 * n, y + 10, name, 12).at(80 + 180 * n, y + 24, "University of Nowhere", 10)
    s.at(54, y + 60, "ABSTRACT", 11, BOLD)
    end = s.block(54, y + 74, 240, ABSTRACT, 9)
    s.at(54, end + 8, "CCS CONCEPTS", 11, BOLD)
    s.block(54, end + 22, 240, "• Applied computing → Gardening.", 9)
    s.block(54, 660, 240, "Permission to make digital or hard copies of all or part of this work is granted.", 7)
    s.at(54, 690, "https://doi.org/10.1145/3580305.3599001", 7)
    for n, line in enumerate(s.lines(prose(900, 5), 240, 9, "tiro")[:50]):
        s.at(318, y + 60 + 10.8 * n, line, 9)


def jmlr(s: Sheet) -> None:
    s.at(90, 50, "Journal of Garden Research 15 (2014) 1929-1958", 9)
    s.at(400, 50, "Submitted 11/13; Published 6/14", 9)
    y = title_of(s, 110, 14.3)
    s.at(90, y + 20, "Ada Quill", 11, BOLD).at(420, y + 20, "ada@nowhere.example", 9)
    s.at(90, y + 34, PLACE, 10, ITALIC)
    s.at(90, y + 60, "Editor: Dora Finch", 10)
    s.centred(y + 90, "Abstract", 12, BOLD)
    end = s.block(110, y + 108, 392, ABSTRACT)
    end = s.block(90, end + 6, 432, "shadows, gardens", lead="Keywords:")
    s.one_column(end + 24)


def mathematics(s: Sheet) -> None:
    s.centred(110, TITLE.upper()[:34], 10, BOLD)
    s.centred(123, TITLE.upper()[34:].strip(), 10, BOLD)
    s.centred(150, AUTHORS.upper(), 8)
    end = s.block(120, 190, 372, ABSTRACT, 8, lead="Abstract.", lead_font="tiro")
    s.at(90, 700, "2020 Mathematics Subject Classification. Primary 11A41.", 8)
    s.one_column(end + 30, heading="1. Introduction")


def old_report_in_capitals(s: Sheet) -> None:
    s.at(440, 50, "HEP-TH-95-123", 10)
    s.centred(120, TITLE.upper()[:34], 12).centred(136, TITLE.upper()[34:].strip(), 12)
    s.centred(170, AUTHORS, 12).centred(186, PLACE, 12, ITALIC)
    s.centred(230, "ABSTRACT", 12)
    s.block(108, 254, 396, ABSTRACT, 12)
    s.turn().one_column(80, size=12)


def abstract_on_page_two(s: Sheet) -> None:
    s.centred(100, "UNIVERSITY OF NOWHERE", 14)
    y = title_of(s, 200, 24)
    s.centred(y + 40, "by", 12).centred(y + 60, "Ada Quill", 14)
    s.centred(y + 160, "A thesis submitted in partial fulfillment of the requirements", 12)
    s.centred(y + 176, "for the degree of Doctor of Philosophy", 12)
    s.centred(700, "May 2019", 12)
    s.turn().at(90, 110, "Abstract", 24, BOLD)
    s.block(90, 150, 432, ABSTRACT, 12)
    s.turn().at(90, 110, "Contents", 24, BOLD)
    for n in range(12):
        s.at(90, 150 + 16 * n, f"{n + 1} A chapter about gardens . . . . . . . . . . . . . . . {9 * n + 1}", 12)
    s.turn().one_column(120, size=12, heading="Chapter 1 Introduction")


def report_with_cover(s: Sheet) -> None:
    s.at(72, 80, "Technical Report No. 2019-04", 16, BOLD)
    y = s.block(72, 200, 460, TITLE, 22)
    s.at(72, y + 30, AUTHORS, 12).at(72, 720, PLACE, 12)
    s.turn().centred(100, "Executive Summary", 14, BOLD)
    s.block(90, 130, 432, ABSTRACT, 11)
    s.turn().one_column(100, size=11)


def summary_as_heading(s: Sheet) -> None:
    y = authors(s, title_of(s, 90) + 10)
    s.at(54, y + 20, "SUMMARY", 10, BOLD)
    end = s.block(54, y + 36, 504, ABSTRACT)
    s.columns(end + 30, heading="INTRODUCTION")


def structured(s: Sheet) -> None:
    y = authors(s, title_of(s, 90) + 10)
    s.at(54, y + 20, "Abstract", 12, BOLD)
    parts = re.split(r"(?<=\.)\s", ABSTRACT)
    for name, text in zip(("Background:", "Methods:", "Results:", "Conclusions:"), parts, strict=False):
        y = s.block(54, y + 36 if name == "Background:" else y, 504, text, lead=name)
    s.columns(y + 30)


def two_paragraphs_and_code(s: Sheet) -> None:
    y = authors(s, title_of(s, 90) + 10)
    s.centred(y + 20, "Abstract", 12, BOLD)
    first, rest = ABSTRACT[: ABSTRACT.index(" On forty")], ABSTRACT[ABSTRACT.index("On forty") :]
    end = s.block(144, y + 40, 324, first)
    end = s.block(144, end + 6, 324, rest)
    s.block(144, end + 2, 324, "Code: https://github.com/nowhere/clocks")
    s.one_column(end + 30)


def left_aligned_sans(s: Sheet) -> None:
    s.at(54, 40, "2023-11-02", 9, SANS)
    y = s.block(54, 90, 500, TITLE, 22, SANS_BOLD)
    s.at(54, y + 4, "Ada Quill1, Bruno Marsh1 and Chidi Okello2", 10, SANS_BOLD)
    s.at(54, y + 16, "1 Institute of Horology, 2 Nowhere Research", 9, SANS)
    end = s.block(54, y + 40, 504, ABSTRACT, 10, SANS)
    s.one_column(end + 30, heading="1. Introduction")


def line_numbers(s: Sheet) -> None:
    y = authors(s, title_of(s, 110) + 10)
    s.centred(y + 20, "Abstract", 12, BOLD)
    end = s.block(144, y + 40, 324, ABSTRACT)
    s.one_column(end + 30)
    for n in range(54):
        s.at(60, 80 + 12.4 * n, f"{n:03d}", 8, SANS)


def unnumbered_journal_box(s: Sheet) -> None:
    s.at(54, 50, "RESEARCH ARTICLE", 12, SANS_BOLD).at(450, 50, "Open Access", 10, SANS)
    y = s.block(54, 90, 500, TITLE, 20, SANS_BOLD)
    s.at(54, y + 6, AUTHORS, 11, SANS_BOLD)
    s.at(60, y + 40, "Abstract", 11, SANS_BOLD)
    end = s.block(60, y + 56, 490, ABSTRACT, 10)
    s.block(60, end + 6, 490, "Shadows, Gardens", 10, lead="Keywords:")
    s.columns(end + 50, heading="Background")


def title_over_three_lines(s: Sheet) -> None:
    for n, part in enumerate(("Slow Clocks for Gardens:", "Measuring Growth", "with Borrowed Shadows")):
        s.centred(90 + 24 * n, part, 20, BOLD)
    y = authors(s, 170)
    s.centred(y + 20, "Abstract", 12, BOLD)
    end = s.block(120, y + 40, 372, ABSTRACT)
    s.one_column(end + 30)


def smaller_subtitle(s: Sheet) -> None:
    s.centred(90, "Slow Clocks for Gardens:", 22, BOLD)
    s.centred(114, "Measuring Growth with Borrowed Shadows", 15, BOLD)
    y = authors(s, 150)
    s.centred(y + 20, "Abstract", 12, BOLD)
    end = s.block(120, y + 40, 372, ABSTRACT)
    s.one_column(end + 30)


def abstract_over_the_column(s: Sheet) -> None:
    """The abstract begins low in the first column, a footnote below it, and goes on at the head of the second."""
    y = authors(s, title_of(s, 90, 14) + 10)
    s.at(150, 500, "Abstract", 12, BOLD)
    rows = s.lines(ABSTRACT, 234, 10, "tiro")
    for n, line in enumerate(rows[:10]):
        s.at(54, 520 + 12 * n, line)
    s.block(54, 690, 234, "Both authors contributed in equal parts to the watering of the beds.", 8)
    for n, line in enumerate(rows[10:]):
        s.at(306, y + 60 + 12 * n, line)
    top = y + 60 + 12 * (len(rows) - 10)
    s.at(306, top + 14, "1 Introduction", 12, BOLD)
    for n, line in enumerate(s.lines(prose(300, 4), 234, 10, "tiro")[:20]):
        s.at(306, top + 34 + 12 * n, line)


def figure_above_abstract(s: Sheet) -> None:
    import pymupdf

    y = authors(s, title_of(s, 80, 14) + 10)
    s.page.draw_rect(pymupdf.Rect(54, y, 558, y + 150), fill=(0.5, 0.7, 0.5))
    s.block(54, y + 165, 504, "Figure 1: A clock in its garden. The shadow is borrowed and given back.", 9)
    s.at(150, y + 210, "Abstract", 12, BOLD)
    end = s.block(54, y + 228, 234, ABSTRACT, 10, ITALIC)
    s.at(54, end + 14, "1. Introduction", 12, BOLD)
    for n, line in enumerate(s.lines(prose(900, 5), 234, 10, "tiro")[:30]):
        s.at(306, y + 210 + 12 * n, line)


def sidebar_on_the_left(s: Sheet) -> None:
    s.at(40, 60, "gardens", 20, SANS_BOLD).at(500, 60, "MDPI", 12, SANS)
    s.at(40, 100, "Article", 10, ITALIC)
    y = s.block(40, 130, 520, TITLE, 18, BOLD)
    s.at(40, y + 8, "Ada Quill 1, Bruno Marsh 2,* and Chidi Okello 1", 10, BOLD)
    for n, text in enumerate(
        ("Citation: Quill, A.; Marsh, B.", "Slow Clocks. Gardens 2021,", "12, 345.", "Received: 3 May 2021")
    ):
        s.at(40, y + 60 + 10 * n, text, 7)
    s.block(40, y + 300, 120, "Copyright: © 2021 by the authors. Licensee Nowhere.", 7)
    s.at(175, y + 30, f"1 {PLACE}", 8)
    end = s.block(175, y + 56, 390, ABSTRACT, 10, lead="Abstract:")
    end = s.block(175, end + 8, 390, "shadow; garden; clock", 10, lead="Keywords:")
    end = s.block(175, end + 16, 390, "1. Introduction", 11, BOLD)
    s.block(175, end + 8, 390, prose(260), 10)


def conference_cover(s: Sheet) -> None:
    s.centred(100, TITLE, 15, BOLD)
    s.centred(130, AUTHORS, 12)
    s.centred(300, "This paper is included in the Proceedings of the", 18, BOLD)
    s.centred(324, "30th Symposium on Garden Security.", 18, BOLD)
    s.centred(360, "August 11–13, 2021", 14).centred(380, "978-1-000000-00-0", 12)
    s.turn()
    y = authors(s, title_of(s, 100, 15) + 10)
    s.at(150, y + 20, "Abstract", 12, BOLD)
    s.block(54, y + 40, 234, ABSTRACT)
    for n, line in enumerate(s.lines(prose(900, 5), 234, 10, "tiro")[:44]):
        s.at(306, y + 20 + 12 * n, line)


def preprint_server(s: Sheet) -> None:
    s.block(
        40,
        20,
        530,
        "bioRxiv preprint doi: https://doi.org/10.1101/2020.05.04.076543; this version posted May 5, 2020.",
        7,
    )
    s.block(
        40, 29, 530, "The copyright holder for this preprint (which was not certified by peer review) is the author.", 7
    )
    y = s.block(72, 110, 470, TITLE, 14, BOLD)
    s.at(72, y + 10, "Ada Quill1, Bruno Marsh2, Chidi Okello1", 11)
    s.at(72, y + 26, f"1 {PLACE}", 10)
    s.at(72, y + 60, "Abstract", 12, BOLD)
    end = s.block(72, y + 84, 470, ABSTRACT, 11, leading=1.8)
    s.one_column(end + 20, size=11, heading="Introduction")
    for n in range(24):
        s.at(48, 110 + 24 * n, str(n + 1), 9, SANS)


def working_paper(s: Sheet) -> None:
    s.centred(90, "NOWHERE WORKING PAPER SERIES", 12)
    s.centred(160, TITLE.upper()[:34], 12).centred(176, TITLE.upper()[34:].strip(), 12)
    s.centred(220, "Ada Quill", 12).centred(236, "Bruno Marsh", 12)
    s.centred(300, "Working Paper 12345", 12).centred(316, "http://www.nowhere.example/papers/w12345", 12)
    s.turn().centred(100, TITLE, 12).centred(116, AUTHORS, 12).centred(150, "ABSTRACT", 12)
    s.block(90, 180, 432, ABSTRACT, 12)
    s.at(90, 420, "Ada Quill", 12).at(90, 436, PLACE, 12)
    s.turn().one_column(90, size=12)


def abstract_in_a_box(s: Sheet) -> None:
    import pymupdf

    s.page.draw_rect(pymupdf.Rect(54, 60, 558, 330), fill=(0.93, 0.95, 1))
    y = s.block(66, 90, 480, TITLE, 19, SANS_BOLD)
    s.at(66, y + 4, "Ada Quill1, Bruno Marsh1, Chidi Okello2", 10, SANS_BOLD)
    s.at(66, y + 18, "1Nowhere AI, 2University of Nowhere", 9, SANS)
    end = s.block(66, y + 44, 480, ABSTRACT, 10, SANS)
    s.at(66, end + 6, "Date: November 3, 2023", 9, SANS)
    s.at(66, end + 18, "Correspondence: Ada Quill at ada@nowhere.example", 9, SANS)
    s.one_column(370)


LAYOUTS = (
    neurips, neurips_with_stamp, iclr, icml, acl, cvpr_in_italics, ieee_run_in, springer_run_in, elsevier_box, nature,
    revtex, acm_small_without_heading, acm_conference, jmlr, mathematics, old_report_in_capitals,
    abstract_on_page_two, report_with_cover, summary_as_heading, two_paragraphs_and_code, left_aligned_sans,
    line_numbers, unnumbered_journal_box, title_over_three_lines, smaller_subtitle, abstract_over_the_column,
    figure_above_abstract, sidebar_on_the_left, conference_cover, preprint_server, working_paper, abstract_in_a_box,
)  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda f: f.__name__)
def test_title_and_abstract(layout: Callable[[Sheet], None], tmp_path: Path) -> None:
    sheet = Sheet()
    layout(sheet)
    sheet.document.set_metadata({"title": "Microsoft Word - final2.doc", "author": "admin"})
    found = pdf.read(sheet.more(2).save(tmp_path / "a.pdf"))
    assert found.title.lower() == TITLE.lower()
    assert found.abstract == ABSTRACT
    assert not found.scanned
    assert not found.garbled


def test_a_title_in_capitals_is_written_in_small_letters(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.centred(90, "THE NASA CLOCK AND ITS SHADOWS", 16, BOLD)
    sheet.centred(120, AUTHORS, 11).centred(160, "Abstract", 12, BOLD)
    sheet.block(120, 180, 372, f"{ABSTRACT} This clock of NASA is older than its shadows.")
    found = pdf.read(sheet.one_column(400).save(tmp_path / "a.pdf"))
    assert found.title == "The NASA Clock and Its Shadows"


def test_a_title_in_small_capitals_keeps_its_capitals(tmp_path: Path) -> None:
    sheet = Sheet()
    iclr(sheet)
    assert pdf.read(sheet.save(tmp_path / "a.pdf")).title == TITLE


def test_parts_of_a_structured_abstract_stay(tmp_path: Path) -> None:
    sheet = Sheet()
    structured(sheet)
    found = pdf.read(sheet.save(tmp_path / "a.pdf")).abstract
    for part in ("Background: Gardeners", "Methods: We describe", "Results: On forty", "Conclusions: The method"):
        assert part in found
    assert "Introduction" not in found


@pytest.mark.parametrize(
    "text",
    [
        "Received signal strength as a clock",
        "Draft horses and the shadows that they cast",
        "Journal entries of a gardener: what the shadows knew",
        "What do letters to gardeners tell of the weather?",
        "Deep beds, high walls and long shadows",
    ],
)
def test_titles_that_begin_like_something_else(text: str, tmp_path: Path) -> None:
    sheet = Sheet()
    y = title_of(sheet, parts=[text])
    y = authors(sheet, y + 10)
    sheet.centred(y + 20, "Abstract", 12, BOLD)
    sheet.block(120, y + 40, 372, ABSTRACT)
    assert pdf.read(sheet.one_column(420).save(tmp_path / "a.pdf")).title == text


def test_no_abstract_where_there_is_none(tmp_path: Path) -> None:
    sheet = Sheet()
    title_of(sheet)
    sheet.centred(140, "Ada Quill", 11)
    found = pdf.read(sheet.one_column(170, heading="").more(1, two=False).save(tmp_path / "a.pdf"))
    assert found.title == TITLE
    assert found.abstract == ""


def test_a_table_of_contents_is_no_abstract(tmp_path: Path) -> None:
    sheet = Sheet()
    title_of(sheet, 200, 24)
    sheet.turn().at(90, 100, "Contents", 20, BOLD)
    for n, name in enumerate(("Abstract", "Preface", "1 Shadows", "2 Clocks", "3 Gardens", "4 Weather", "Index")):
        sheet.at(90, 140 + 16 * n, f"{name} . . . . . . . . . . . . . . . . . . . . . {n + 3}", 11)
    sheet.turn().at(90, 100, "Abstract", 20, BOLD)
    sheet.block(90, 140, 432, ABSTRACT, 11)
    found = pdf.read(sheet.more(2, two=False).save(tmp_path / "a.pdf"))
    assert (found.title, found.abstract) == (TITLE, ABSTRACT)


def test_slides(tmp_path: Path) -> None:
    sheet = Sheet(960, 540)
    y = sheet.block(100, 200, 760, TITLE, 40, SANS_BOLD, centred=True)
    sheet.centred(y + 30, "Ada Quill", 20, SANS)
    for n in range(5):
        sheet.turn().at(60, 80, f"A point about shadows, part {n}", 32, SANS_BOLD)
        for k in range(4):
            sheet.at(80, 150 + 50 * k, f"• {prose(8, 10 * n + k)[:60]}", 20, SANS)
    assert pdf.read(sheet.save(tmp_path / "a.pdf")).title == TITLE


def test_book(tmp_path: Path) -> None:
    sheet = Sheet(430, 650)
    sheet.block(60, 180, 310, "The Book of Borrowed Shadows", 26, BOLD, centred=True)
    sheet.centred(400, "Ada Quill", 14).centred(600, "Nowhere University Press", 10)
    sheet.turn().block(60, 300, 310, "© 2011 Ada Quill. ISBN 978-0-00-000000-2", 9)
    for n in range(3):
        sheet.turn().block(60, 80, 310, prose(300, n), 10)
    found = pdf.read(sheet.save(tmp_path / "a.pdf"))
    assert found.title == "The Book of Borrowed Shadows"
    assert found.abstract == ""


@pytest.mark.parametrize(
    ("font", "title", "heading", "text", "next_heading"),
    [
        (
            "china-s",
            "基于影子的花园慢钟：植物生长的测量",
            "摘要：",
            "园丁凭眼睛判断植物的生长，而判断会随季节变化。本文提出一种借用植物影子的时钟，用相机记录正午影子的位置，再用小模型换算成厘米。",
            "关键词：影子；花园",
        ),
        (
            "japan",
            "庭のための遅い時計：影による成長の測定",
            "概要",
            "庭師は目で成長を判断するが、その判断は季節とともに変わる。本論文では植物の影を借りる時計を提案し、正午の影の位置をカメラで記録して長さに換算する。",
            "キーワード：影、庭",
        ),
    ],
)
def test_chinese_and_japanese(
    font: str, title: str, heading: str, text: str, next_heading: str, tmp_path: Path
) -> None:
    sheet = Sheet()
    sheet.at(120, 90, title, 18, font).at(250, 120, "影山 時子", 11, font)
    y = 170
    sheet.at(90, y, heading, 10, font)
    for start in range(0, len(text), 36):
        y += 14
        sheet.at(90, y, text[start : start + 36], 10, font)
    sheet.at(90, y + 20, next_heading, 10, font)
    sheet.at(90, y + 50, "1 はじめに" if font == "japan" else "1 引言", 12, font)
    for n in range(12):
        sheet.at(90, y + 70 + 14 * n, text[n : n + 36], 10, font)
    found = pdf.read(sheet.save(tmp_path / "a.pdf"))
    assert found.title == title
    assert found.abstract == text


# Text in reading order ----------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    """A table over both columns parts the page in two; nothing is lost, heads and page numbers go."""
    sheet = Sheet()
    for number in range(4):
        if number:
            sheet.turn()
        sheet.at(54, 40, "A. Quill et al.: Slow clocks", 8).at(300, 770, str(number + 1), 9)
        y = 80.0
        for half in range(2):
            for column in range(2):
                for row in range(12):
                    sheet.at(
                        54 + 260 * column, y + 12 * row, f"p{number} h{half} c{column} r{row:02d} words of the text"
                    )
            y += 12 * 12
            if not half:
                sheet.centred(
                    y + 20, f"Table {number + 1}: spans both columns of the page, from one side to the other side of it"
                )
                y += 60
    text = pdf.read(sheet.save(tmp_path / "a.pdf")).text
    found = re.findall(r"p(\d) h(\d) c(\d) r(\d\d)", text)
    assert found == [
        (str(p), str(h), str(c), f"{r:02d}") for p in range(4) for h in range(2) for c in range(2) for r in range(12)
    ]
    assert "Quill et al" not in text
    assert text.count("spans both columns") == 4
    assert len(text.split("\f")) == 4
    assert not re.search(r"^\d+$", text, re.M)


def test_three_columns(tmp_path: Path) -> None:
    sheet = Sheet()
    for column in range(3):
        for row in range(40):
            sheet.at(50 + 175 * column, 80 + 14 * row, f"c{column}r{row:02d} with some words", 10)
    found = re.findall(r"c(\d)r(\d\d)", pdf.read(sheet.save(tmp_path / "a.pdf")).text)
    assert found == [(str(c), f"{r:02d}") for c in range(3) for r in range(40)]


def test_footnotes_and_captions_do_not_cut_a_paragraph(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.at(90, 90, "1 Shadows", 14, BOLD)
    sheet.block(90, 120, 432, "A clock without hands is read by those who know the garden and its plants, one")
    sheet.block(90, 400, 432, "Figure 3: The garden at noon.", 9)
    sheet.block(90, 700, 432, "1 It rained in the second summer, which is not the fault of the clock at all.", 7)
    sheet.turn().block(90, 90, 432, "of whom is the gardener.")
    sheet.at(90, 130, "2 Clocks", 14, BOLD)
    sheet.block(90, 160, 432, prose(200))
    text = pdf.read(sheet.save(tmp_path / "a.pdf")).text
    assert "its plants, one of whom is the gardener." in text
    assert "## 1 Shadows" in text
    assert "It rained in the second summer" in text


def test_a_large_first_letter_belongs_to_its_word(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.at(90, 128, "C", 34)
    sheet.at(114, 114, "LOCKS without hands are read by those who know the garden").at(
        114, 126, "well, be it in the rain."
    )
    sheet.block(90, 138, 432, prose(200))
    text = pdf.read(sheet.save(tmp_path / "a.pdf")).text
    assert "CLOCKS without hands are read by those who know the garden well, be it in the rain." in text


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["we use embed-", "ding vectors"], "we use embedding vectors"),
        (["a state-of-the-", "art method"], "a state-of-the-art method"),
        (["the state-of-", "the-art method"], "the state-of-the-art method"),
        (["English-to-", "German pairs"], "English-to-German pairs"),
        (["an image-", "based model of an image"], "an image-based model of an image"),
        (["it is self-", "similar. This is self-similar"], "it is self-similar. This is self-similar"),
        (["infor-", "mation of 2020-", "21"], "information of 2020-21"),
        (["see https://example.org/a/", "b.html for"], "see https://example.org/a/b.html for"),
        (["plain words", "go on"], "plain words go on"),
        (["园丁凭眼睛", "判断"], "园丁凭眼睛判断"),
    ],
)
def test_hyphens_at_line_ends(lines: list[str], expected: str) -> None:
    assert pdf_text.Words(lines).paragraph(lines) == expected


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("e\ufb03cient \ufb01elds of \ufb02owers", "efficient fields of flowers"),
        ("the \x1cgures di\x1ber in e\x1eect", "the figures differ in effiect"),
        ("Schr¨odinger and Poincar´e, G¨odel", "Schrödinger and Poincaré, Gödel"),
        ("Cafe\u0301 \u00a0au  lait", "Café au lait"),
        ("a\x00b\u200bc\u202ed", "a b c d"),
        ("the set X . A space Y , and", "the set X. A space Y, and"),
        ("园 丁 凭 眼睛", "园丁凭眼睛"),
    ],
)
def test_letters_are_mended(drawn: str, expected: str) -> None:
    assert pdf_text.mend(drawn) == expected


def test_marks_of_footnotes_are_left_out_and_powers_kept(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.at(90, 100, "The gardeners", 10)
    x = 90 + sheet._length("The gardeners", "tiro", 10)
    sheet.at(x, 96, "12", 6).at(x + 7, 100, " counted 10", 10)
    x += 7 + sheet._length(" counted 10", "tiro", 10)
    sheet.at(x, 96, "5", 6).at(x + 4, 100, " leaves in the garden.", 10)
    sheet.block(90, 140, 432, prose(100))
    assert "The gardeners counted 10^5 leaves in the garden." in pdf.read(sheet.save(tmp_path / "a.pdf")).text


# Identifiers --------------------------------------------------------------------------------------------------------


def test_the_stamp_gives_the_arxiv_id_and_is_no_title(tmp_path: Path) -> None:
    sheet = Sheet()
    neurips(sheet)
    found = pdf.read(sheet.stamp("arXiv:math/0411343v1  [math.DS]  15 Nov 2004").save(tmp_path / "a.pdf"))
    assert found.arxiv == "math/0411343"
    assert found.title == TITLE
    assert "arXiv" not in found.text


def test_an_id_of_somebody_else_is_not_the_papers(tmp_path: Path) -> None:
    sheet = Sheet()
    neurips(sheet)
    sheet.block(90, 640, 432, "We follow earlier work (arXiv:2001.01234, doi 10.1000/else) and others.", 10)
    found = pdf.read(sheet.save(tmp_path / "a.pdf"))
    assert found.arxiv is None


def test_doi_of_the_first_page(tmp_path: Path) -> None:
    sheet = Sheet()
    acm_conference(sheet)
    assert pdf.read(sheet.save(tmp_path / "a.pdf")).doi == "10.1145/3580305.3599001"
    other = Sheet()
    neurips(other)
    other.at(54, 760, "https://doi.org/10.1145/nnnnnnn.nnnnnnn", 7)
    assert pdf.read(other.save(tmp_path / "b.pdf")).doi is None


# Scans, damage, size ------------------------------------------------------------------------------------------------


def scan(path: Path, pages: int = 3) -> Path:
    import pymupdf

    source = Sheet()
    neurips(source)
    image = source.page.get_pixmap(dpi=60)
    sheet = Sheet()
    for number in range(pages):
        if number:
            sheet.turn()
        sheet.page.insert_image(pymupdf.Rect(0, 0, 612, 792), pixmap=image)
    return sheet.save(path)


def test_a_scan_is_recognised(tmp_path: Path) -> None:
    found = pdf.read(scan(tmp_path / "a.pdf"))
    assert found.scanned
    assert (found.title, found.abstract, found.text.strip()) == ("", "", "")
    assert "scan" in found.problem


def test_a_scan_with_a_stamp_is_still_a_scan(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open(scan(tmp_path / "a.pdf")) as document:
        document[0].insert_text((32, 560), "arXiv:2103.01234v2", fontsize=20, rotate=90)
        document.save(tmp_path / "b.pdf")
    found = pdf.read(tmp_path / "b.pdf")
    assert found.scanned
    assert found.arxiv == "2103.01234"


def test_an_empty_page_is_no_scan(tmp_path: Path) -> None:
    found = pdf.read(Sheet().save(tmp_path / "a.pdf"))
    assert not found.scanned
    assert found.problem


def test_text_that_means_nothing_is_not_given(tmp_path: Path) -> None:
    sheet = Sheet()
    shift = str.maketrans({chr(c): chr(c - 29) for c in range(48, 123)})
    sheet.at(90, 90, TITLE.translate(shift), 18)
    for n in range(30):
        sheet.at(90, 120 + 14 * n, prose(12, n).translate(shift))
    found = pdf.read(sheet.save(tmp_path / "a.pdf"))
    assert found.garbled
    assert (found.title, found.abstract, found.text) == ("", "", "")
    assert "fonts" in found.problem


def test_meaning_is_not_doubted_in_other_languages() -> None:
    for text in (
        "Der Schatten einer Pflanze ist im Winter lang und im Sommer kurz, was jede Sonnenuhr wissen muss. ",
        "Тень растения зимой длинна, а летом коротка, и это должны знать все солнечные часы. ",
        "植物の影は冬に長く、夏に短い。日時計はそれを知らなければならない。",
        "W krzakach brzmi szmer, a strząśnięte źdźbła trwożą chrząszcze w trzcinie. ",
        "for x in range(10): y += f(x) * 2.5; assert y > 0, 'y must grow' ",
    ):
        assert not pdf_text.garbled(text * 30)


def test_glyphs_named_by_number_are_letters() -> None:
    from paperdiary import pdf_glyphs

    assert pdf_glyphs.respelt("❆❜str❛❝t ♦❢ ✜❣✉r❡s") == "Abstract of figures"
    assert not pdf_glyphs.numbered("A tick ✓ and a heart ♥ are no font." * 3)


def test_files_that_are_no_readable_pdf(tmp_path: Path) -> None:
    good = Sheet()
    neurips(good)
    whole = good.more(3).save(tmp_path / "good.pdf").read_bytes()
    cases = {
        "web.pdf": (b"<!DOCTYPE html><html><head><title>Not found</title></head></html>", "web page"),
        "bom.pdf": (b"\xef\xbb\xbf\n<html lang=en>", "web page"),
        "empty.pdf": (b"", "empty"),
        "word.pdf": (b"PK\x03\x04" + b"\0" * 500, "not a PDF"),
        "text.pdf": (b"Rate exceeded.", "not a PDF"),
        "head.pdf": (b"%PDF-1.7\n", "PDF"),
        "half.pdf": (whole[: len(whole) // 2], "ends too early"),
        "noise.pdf": (b"%PDF-1.4\n" + random.Random(1).randbytes(5000) + b"\n%%EOF", "damaged"),
    }
    for name, (content, message) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PdfError, match=message) as raised:
            pdf.read(tmp_path / name)
        assert name in str(raised.value)
        assert str(raised.value).endswith(".")
    with pytest.raises(PdfError, match="cannot be read"):
        pdf.read(tmp_path / "absent.pdf")


def test_locked(tmp_path: Path) -> None:
    import pymupdf

    sheet = Sheet()
    neurips(sheet)
    locked = sheet.save(tmp_path / "a.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    with pytest.raises(PdfError, match="password"):
        pdf.read(locked)
    open_to_read = sheet.save(tmp_path / "b.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="y")
    assert pdf.read(open_to_read).title == TITLE


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet()
    path = sheet.save(tmp_path / "a.pdf")
    monkeypatch.setattr(pdf, "BYTES", 100)
    with pytest.raises(PdfError, match="MB"):
        pdf.read(path)


def test_a_file_cut_off_anywhere_raises_nothing_else(tmp_path: Path) -> None:
    sheet = Sheet()
    neurips(sheet)
    whole = sheet.more(1).save(tmp_path / "good.pdf").read_bytes()
    chance = random.Random(3)
    path = tmp_path / "a.pdf"
    for number in range(40):
        data = bytearray(whole[: chance.randrange(20, len(whole))] if number % 2 else whole)
        for _ in range(chance.randrange(0, 30)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(PdfError):
            pdf.read(path)


def test_two_thousand_pages(tmp_path: Path) -> None:
    """The text of the first pages alone is read, in bounded time; the count is the file's."""
    import pymupdf

    sheet = Sheet()
    neurips(sheet)
    sheet.more(9, head="Slow clocks")
    big = pymupdf.open()
    for _ in range(200):
        big.insert_pdf(sheet.document)
    big.save(tmp_path / "a.pdf")
    started = time.process_time()
    front = pdf.read(tmp_path / "a.pdf", text=False)
    assert time.process_time() - started < 3
    assert (front.pages, front.title, front.abstract, front.text) == (2000, TITLE, ABSTRACT, "")
    started = time.process_time()
    found = pdf.read(tmp_path / "a.pdf")
    assert time.process_time() - started < 40
    assert (found.pages, found.read) == (2000, pdf.PAGES)
    assert len(found.text.split("\f")) == pdf.PAGES


def test_a_drawing_with_thousands_of_labels(tmp_path: Path) -> None:
    import pymupdf

    sheet = Sheet()
    writer = pymupdf.TextWriter(sheet.page.rect)
    for n in range(4000):
        writer.append((40 + 9 * (n % 60), 40 + 10 * (n // 60)), f"{n % 97}", fontsize=4)
    writer.write_text(sheet.page)
    sheet.block(90, 730, 432, "Figure 1: What four thousand points look like in a garden.", 9)
    path = sheet.turn().one_column(80).save(tmp_path / "a.pdf")
    started = time.process_time()
    text = pdf.read(path).text
    assert time.process_time() - started < 6
    assert "four thousand points" in text


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared papers are not here")
@pytest.mark.parametrize(
    ("name", "title", "first", "last"),
    [
        ("1706.03762.pdf", "Attention Is All You Need", "The dominant", "limited training data."),
        ("2401.08281.pdf", "The Faiss Library", "Vector databases", "its broad applicability."),
        ("general_self_similarity.pdf", "General self-similarity: an overview", "Consider a", "theory in outline."),
        (
            "1603.09320.pdf",
            "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs",
            "We present",
            "distributed implementation.",
        ),
    ],
)
def test_real_papers(name: str, title: str, first: str, last: str) -> None:
    found = pdf.read(SHARED / name)
    assert found.title == title
    assert found.abstract.startswith(first)
    assert found.abstract.endswith(last)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared papers are not here")
def test_a_real_scan() -> None:
    assert pdf.read(SHARED / "scan_hundred_impossibility_1989.pdf").scanned
