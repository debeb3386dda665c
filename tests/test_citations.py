"""BibTeX that a BibTeX library reads back, keys that stay, citations in words."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from paperdiary import bibkeys, bibnames, bibtext, build, citations
from paperdiary.bibnames import Person
from paperdiary.config import Config
from paperdiary.entry import KINDS, Entry
from paperdiary.importing import bibtex as reader

Make = Callable[..., Config]


def entry(title: str = "On Heaps", kind: str = "paper", **fields: object) -> Entry:
    values: dict[str, object] = {"authors": ("Ada Moor", "Bo Lind"), "year": 2019} | fields
    return Entry("arxiv:1903.01234", title, kind, "x.md", 1, "x/", **values)  # type: ignore[arg-type]


def parsed(text: str) -> tuple[str, str, dict[str, str]]:
    """(type, key, fields) of the one entry in a text."""
    from bibtexparser.entrypoint import parse_string

    library = parse_string(text)
    assert not library.failed_blocks, text
    assert len(library.entries) == 1, text
    (one,) = library.entries
    return one.entry_type, one.key, {f.key: str(f.value) for f in one.fields}


def test_the_examples_of_the_module() -> None:
    for module in (bibnames, bibtext, citations):
        assert doctest.testmod(module).failed == 0


HOSTILE = [
    "Rates & Costs: 100 % of $5_000 #1 ~ ^up",
    "A } that closes what nobody opened {{",
    "\\input{/etc/passwd} \\end{document}",
    "@article{evil, title={x}}",
    'Quotes "all" the ‘way’ – and, commas = signs',
    "<script>alert(1)</script>",
    "機械学習の実際",
    "تعلم الآلة \u202eabc\u202c",
    "Lines\nthat\r\nbreak\x00\x07",
    "$O(n \\log n)$ attention for $L_0$",
    "An unbalanced $x_{1$ formula",
    "x" * 300,
    "% a comment",
    "ends with a backslash \\",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_read_back(title: str) -> None:
    text = citations.bibtex(entry(title, authors=(title, "Bo Lind")))
    kind, _, fields = parsed(text)
    assert kind == "misc"
    assert set(fields) == {"title", "author", "year"}
    assert bibtext.balanced(text)
    letters = re.sub(r"\W|_", "", reader.decode(fields["title"]))
    if "$" not in title and "\\" not in title:
        assert letters == re.sub(r"\W|_", "", title)
    assert "\u202e" not in text
    assert not re.search(r"(?<!\\)%", fields["title"])


@pytest.mark.parametrize("title", HOSTILE)
def test_what_the_importer_reads_is_what_was_written(title: str) -> None:
    text = citations.bibtex(entry(title, authors=(f"{{{title}}}", "Bo Lind")))
    items, problems = reader.parse(text, "x.bib")
    assert not problems
    wanted = " ".join(re.sub(r"[\u202e\u202c\x00\x07]", "", title).split())
    assert items[0].title == wanted
    assert items[0].people == (bibnames.whole(wanted), Person("Lind", "Bo"))
    assert items[0].published == "2019"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Deep Learning with BERT", "Deep Learning with {BERT}"),
        ("Q-learning in AlphaZero", "{Q}-learning in {AlphaZero}"),
        ("A Tale of I and A", "A Tale of I and A"),
        ("On the heat of compost in Bergen", "On the heat of compost in {Bergen}"),
        ("Compost: Heat and all that follows from it", "Compost: Heat and all that follows from it"),
        ("3D maps", "{3D} maps"),
        ("Learning $\\mathcal{O}(n)$ things", "Learning $\\mathcal{O}(n)$ things"),
        ("C# and F_1", "{C}\\# and {F\\_1}"),
    ],
)
def test_capitals_that_mean_something_are_kept(title: str, written: str) -> None:
    assert parsed(citations.bibtex(entry(title)))[2]["title"] == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada Moor", "Ada Moor"),
        ("Moor, Ada", "Ada Moor"),
        ("Aäron van den Oord", "van den Oord, Aäron"),
        ("Lind, Jr., Sammy", "Lind, Jr., Sammy"),
        ("{Two Words}", "{Two Words}"),
        ("bell hooks", "hooks, bell"),
        ("山田 太郎", "太郎 山田"),
        ("Sammy Lind Jr.", "Lind, Jr., Sammy"),
        ("The ALEPH Collaboration", "{The ALEPH Collaboration}"),
        ("Salt and Pepper", "{Salt and Pepper}"),
        ("et al.", "others"),
        ("R&D_7", "R\\&D\\_7"),
    ],
)
def test_names(name: str, written: str) -> None:
    assert parsed(citations.bibtex(entry(authors=(name,))))[2]["author"] == written


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_entry(kind: str) -> None:
    one = entry(kind=kind, url="https://a.org/x", date="2024-05-06")
    type_, key, fields = parsed(citations.bibtex(one))
    assert type_ == {"book": "book"}.get(kind, "misc")
    assert key == "moor2019heaps"
    assert fields["url"] == "https://a.org/x"
    how = {"blog": "Blog post", "talk": "Talk", "code": "Software", "note": "Note"}
    assert fields.get("howpublished") == how.get(kind, "Paper" if kind == "paper" else None)
    assert fields.get("urldate") == ("2024-05-06" if kind in {"blog", "code"} else None)


def test_a_preprint_a_paper_with_a_doi_and_a_venue() -> None:
    preprint = entry(arxiv="1903.01234", doi="10.48550/arxiv.1903.01234", published="2019-03-04")
    kind, _, fields = parsed(citations.bibtex(preprint))
    assert (kind, fields["eprint"], fields["archiveprefix"]) == ("misc", "1903.01234", "arXiv")
    assert "doi" not in fields
    assert "month = mar," in citations.bibtex(preprint)
    kind, _, fields = parsed(citations.bibtex(entry(doi="10.1000/182")))
    assert (kind, fields["doi"]) == ("article", "10.1000/182")
    meta = {"venue": "Proceedings of Heaps & Co", "pages": "12–19", "volume": 3, "publisher": True}
    kind, _, fields = parsed(citations.bibtex(entry(), "", meta))
    assert kind == "inproceedings"
    assert fields["booktitle"] == "Proceedings of Heaps \\& Co"
    assert (fields["pages"], fields["volume"]) == ("12--19", "3")
    assert "publisher" not in fields
    assert parsed(citations.bibtex(entry(), "", {"venue": "Journal of Heaps"}))[0] == "article"


def test_an_address_cannot_end_its_field() -> None:
    fields = parsed(citations.bibtex(entry(url='https://a.org/a}b{c\\d"e f?x=1&y=2#z_%20')))[2]
    assert fields["url"] == "https://a.org/a%7Db%7Bc%5Cd%22e%20f?x=1&y=2#z_%20"


def test_nothing_is_known() -> None:
    one = Entry("note:x.md", "", "note", "x.md", 1, "x/")
    kind, key, fields = parsed(citations.bibtex(one))
    assert (kind, fields) == ("misc", {"howpublished": "Note"})
    assert re.fullmatch(r"entry-[0-9a-f]{6}", key)


def test_a_whole_entry_of_the_reader_is_kept() -> None:
    own = "@inproceedings{moor19, title={X}, year=2019}"
    assert citations.bibtex(entry(), "", {"bibtex": f"{own}\n"}) == own
    assert citations.bibtex(entry(), "", {"bibtex": "@x{moor19, title={X}"}).startswith("@misc{")


# -- keys


def made(config: Config) -> dict[str, str]:
    found = bibkeys.keys(build.read(config).notes)
    return {title.removeprefix("url:a.org/"): key for title, key in found.items()}


def note(number: str, title: str, head: str = "", date: str = "") -> str:
    when = f"date: {date}\n" if date else ""
    front = f"---\nauthors: [Ada Moor]\nyear: 2019\nurl: https://a.org/{number}\n{when}{head}---\n"
    return f"{front}# {title}\n\nText.\n"


def test_keys_are_unique_and_stay_when_an_entry_comes(make_diary: Make) -> None:
    first = {
        "b.md": note("1", "Heaps of Soil", date="2024-01-02"),
        "c.md": note("2", "Heaps of Straw", date="2024-01-03"),
        "d.md": note("3", "Über Éclairs", "citation_key: my key{7}\n"),
    }
    before = made(make_diary(first))
    assert before == {"1": "moor2019heaps", "2": "moor2019heapsstraw", "3": "mykey7"}
    after = made(make_diary(first | {"a.md": note("4", "Heaps of Soil", date="2024-02-01")}))
    assert {k: v for k, v in after.items() if k in before} == before
    assert after["4"] == "moor2019heapssoil"


def test_a_thousand_of_one_name_have_keys(make_diary: Make) -> None:
    one = entry()
    notes = build.read(make_diary({"x.md": note("1", "X")})).notes
    many = tuple(replace(one, id=f"arxiv:{n}") for n in range(1000))
    found = bibkeys.keys([replace(notes[0], entries=many)])
    assert len(set(found.values())) == 1000


@pytest.mark.parametrize(
    ("title", "authors", "key"),
    [
        ("Attention Is All You Need", ("Ashish Vaswani",), "vaswani2019attention"),
        ("The Ångström Scale", ("Jörg Müller-Łódź",), "mullerlodz2019angstrom"),
        ("機械学習", ("山田 太郎",), None),
        ("機械学習 with BERT", (), "2019bert"),
        ("The of and", ("The ALEPH Collaboration",), "thealephcollaboration2019"),
        ("$L_0$ nets", ("Moor, Ada",), "moor2019l0"),
    ],
)
def test_what_a_key_is_made_of(title: str, authors: tuple[str, ...], key: str | None) -> None:
    got = bibkeys.key_of(entry(title, authors=authors))
    assert got == key if key else re.fullmatch(r"2019-[0-9a-f]{6}", got)


# -- in words


def test_in_words() -> None:
    one = entry("Are Heaps Warm?", arxiv="1903.01234", url="https://arxiv.org/abs/1903.01234")
    words = "Ada Moor and Bo Lind (2019). Are Heaps Warm? arXiv:1903.01234. https://arxiv.org/abs/1903.01234"
    assert citations.in_words(one) == words
    talk = entry("Heaps", "talk", authors=(), year=None, url="https://v.org/1")
    assert citations.in_words(talk) == "Heaps [Talk]. https://v.org/1"
    meta = {"journal": "Journal of Heaps", "volume": 3, "number": 2, "pages": "12--19"}
    assert citations.in_words(entry(authors=("Ada Moor",), doi="10.1000/182"), meta) == (
        "Ada Moor (2019). On Heaps. Journal of Heaps, 3(2), 12–19. https://doi.org/10.1000/182"
    )
    assert citations.in_words(entry(authors=tuple("ABCDEFGHIJKL"))).startswith(
        "A, B, C, D, E, F, G, H, I, J and 2 more (2019)."
    )
    assert citations.in_words(entry("$L_0$ nets", authors=())) == "(2019). L₀ nets."
