"""papers/: keeping PDFs, their text beside them, passages for search, and files that cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from paper_pages import ABSTRACT, BOLD, PLACE, TITLE, Sheet, prose, title_of

from paperdiary import papers, pdf
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.errors import PdfError


@pytest.fixture
def diary(tmp_path: Path) -> Config:
    return Config(root=tmp_path)


def entry(note: str, **values: object) -> Entry:
    return Entry(
        **{"id": f"note:{note}", "title": TITLE, "kind": "paper", "note": note, "line": 1, "page": "", **values}
    )  # type: ignore[arg-type]


def paper(path: Path, word: str = "shadow") -> Path:
    """Two pages with an abstract, a section about `word`, references and an appendix."""
    sheet = Sheet()
    y = title_of(sheet)
    sheet.centred(y + 10, "Ada Quill", 11).centred(y + 24, PLACE, 9)
    sheet.centred(y + 50, "Abstract", 12, BOLD)
    y = sheet.block(120, y + 70, 372, ABSTRACT)
    sheet.at(90, y + 20, "1 Introduction", 12, BOLD)
    y = sheet.block(90, y + 40, 432, f"The {word} is what this section is about. {prose(150)}")
    sheet.block(90, y + 10, 432, "0.1 0.2 0.3 0.4 x y z 12 13 14 15 16 a b c", 9)
    sheet.turn().at(90, 90, "References", 12, BOLD)
    sheet.block(90, 110, 432, "[1] A. Finch. A reference that nobody shall find in the search of this diary. 1999.")
    sheet.at(90, 200, "A Proofs", 12, BOLD)
    sheet.block(90, 220, 432, f"The appendix goes on at length about gardens and their owners. {prose(60)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    return sheet.save(path)


def test_names() -> None:
    assert papers.names(entry("a/b.md", arxiv="1706.03762"))[:2] == ("1706.03762", "b")
    assert papers.names(entry("b.md", arxiv="hep-th/9501001"))[0] == "hep-th_9501001"
    assert "10.1000_x.1" in papers.names(entry("b.md", doi="10.1000/x.1"))
    several = papers.names(entry("list.md", anchor="entry-slow-clocks"))
    assert "list" not in several
    assert "slow-clocks" in several


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c:d", " .hidden. ", "\x00\n", "CON?*"])
def test_names_stay_in_the_folder(name: str, diary: Config, tmp_path: Path) -> None:
    kept = papers.keep(diary, name, paper(tmp_path / "x.pdf"))
    assert kept.parent == papers.folder(diary)
    assert not kept.name.startswith(".")


def test_keep_a_file(diary: Config, tmp_path: Path) -> None:
    source = paper(tmp_path / "x.pdf")
    kept = papers.keep(diary, "hep-th/9501001", source)
    assert kept == tmp_path / "papers" / "hep-th_9501001.pdf"
    assert kept.read_bytes() == source.read_bytes()
    assert papers.keep(diary, "hep-th/9501001", kept) == kept
    assert papers.pdf_of(diary, entry("n.md", arxiv="hep-th/9501001")) == kept
    assert papers.pdf_of(diary, entry("n.md")) is None
    assert [p.name for p in papers.folder(diary).iterdir()] == [kept.name]


@pytest.mark.parametrize("content", [b"<html>Rate exceeded</html>", b"", b"%PDF-1.7 and no more"])
def test_what_is_no_pdf_gets_no_name(content: bytes, diary: Config, tmp_path: Path) -> None:
    old = papers.keep(diary, "a", paper(tmp_path / "good.pdf")).read_bytes()
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(PdfError, match=r"x\.pdf"):
        papers.keep(diary, "a", tmp_path / "x.pdf")
    with pytest.raises(PdfError):
        papers.keep(diary, "b", tmp_path / "x.pdf")
    assert {p.name: p.read_bytes() for p in papers.folder(diary).iterdir()} == {"a.pdf": old}


def test_a_cut_off_file_is_refused(diary: Config, tmp_path: Path) -> None:
    whole = paper(tmp_path / "good.pdf").read_bytes()
    (tmp_path / "x.pdf").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(PdfError, match=r"cut off|damaged"):
        papers.keep(diary, "a", tmp_path / "x.pdf")
    assert not papers.folder(diary).exists()


def test_download(diary: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is looked at before the file gets its name; a refusal names the address."""
    from paperdiary import web

    content = {"good": paper(tmp_path / "x.pdf").read_bytes(), "page": b"<!doctype html><p>Sign in</p>"}

    def download(url: str, path: Path, *, max_bytes: int, check: Callable[[Path], None], say: object) -> None:
        assert max_bytes == pdf.BYTES
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content[url.rsplit("/", 1)[1]])
        try:
            check(part)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    monkeypatch.setattr(web, "download", download)
    kept = papers.keep(diary, "2103.01234", "https://a.example/good")
    assert kept.read_bytes() == content["good"]
    with pytest.raises(PdfError, match=r"https://a\.example/page is a web page"):
        papers.keep(diary, "2103.01235", "https://a.example/page")
    assert [p.name for p in papers.folder(diary).iterdir()] == ["2103.01234.pdf"]


def test_passages(diary: Config, tmp_path: Path) -> None:
    paper(tmp_path / "papers" / "2103.01234.pdf")
    entries = [entry("a.md", id="arxiv:2103.01234", arxiv="2103.01234"), entry("b.md")]
    found = papers.passages(diary, entries)
    assert set(found) == {"arxiv:2103.01234"}
    pieces = found["arxiv:2103.01234"]
    assert [p.number for p in pieces] == list(range(len(pieces)))
    assert all(p.paper and p.entry == "arxiv:2103.01234" and len(p.text.split()) <= 160 for p in pieces)
    text = " ".join(p.text for p in pieces)
    assert ABSTRACT[:60] in text
    assert "The shadow is what this section" in text
    assert "The appendix goes on" in text
    assert "nobody shall find" not in text
    assert "0.1 0.2" not in text
    assert PLACE not in text
    assert {p.heading for p in pieces} >= {"Abstract", "1 Introduction", "A Proofs"}
    written = (tmp_path / "papers" / "2103.01234.txt").read_text(encoding="utf-8")
    assert "nobody shall find" in written


def test_a_pdf_is_read_once(diary: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again only where it changed, be it to an older file, or where its text was deleted."""
    reads: list[str] = []
    real = pdf.read
    monkeypatch.setattr(pdf, "read", lambda path, **k: reads.append(path.name) or real(path, **k))
    place = tmp_path / "papers"
    source = paper(place / "a.pdf")
    entries = [entry("a.md")]
    first = papers.passages(diary, entries)
    assert papers.passages(diary, entries) == first
    assert reads == ["a.pdf"]
    paper(source, "moonlight")
    os.utime(source, (1, 1))
    assert "moonlight" in str(papers.passages(diary, entries))
    assert len(reads) == 2
    (place / "a.txt").unlink()
    assert "moonlight" in str(papers.passages(diary, entries))
    assert len(reads) == 3
    (tmp_path / ".paperdiary" / "papers.json").unlink()
    assert "moonlight" in str(papers.passages(diary, entries))
    assert papers.passages(diary, entries)
    assert len(reads) == 3


def test_the_readers_own_text_is_kept(diary: Config, tmp_path: Path) -> None:
    paper(tmp_path / "papers" / "a.pdf")
    papers.passages(diary, [entry("a.md")])
    own = f"## Mended\n\nThe reader mended this text by hand and it stays as it is. {prose(50)}"
    (tmp_path / "papers" / "a.txt").write_text(own, encoding="utf-8")
    assert "mended this text by hand" in str(papers.passages(diary, [entry("a.md")]))
    assert (tmp_path / "papers" / "a.txt").read_text(encoding="utf-8") == own


def test_text_without_a_pdf_is_searched(diary: Config, tmp_path: Path) -> None:
    place = tmp_path / "papers"
    place.mkdir()
    (place / "a.txt").write_bytes(f"A talk, written down by its listener. {prose(40)}".encode() + b" \xff\xfe \x00")
    assert "written down" in papers.passages(diary, [entry("a.md")])["note:a.md"][0].text


def test_what_cannot_be_read_is_said_once(diary: Config, tmp_path: Path) -> None:
    place = tmp_path / "papers"
    place.mkdir()
    (place / "page.pdf").write_bytes(b"<html>no</html>")
    (place / "empty.pdf").write_bytes(b"")
    (place / "noise.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 20)
    Sheet().save(place / "blank.pdf")
    (place / "folder.pdf").mkdir()
    paper(place / "good.pdf")
    entries = [entry(f"{n}.md") for n in ("page", "empty", "noise", "blank", "folder", "good")]
    said: list[str] = []
    assert set(papers.passages(diary, entries, say=said.append)) == {"note:good.md"}
    assert len(said) == 4
    assert all("papers/" in message and str(tmp_path) not in message and message.endswith(".") for message in said)
    assert set(papers.passages(diary, entries, say=said.append)) == {"note:good.md"}
    assert len(said) == 4
    paper(place / "page.pdf")
    assert set(papers.passages(diary, entries, say=said.append)) == {"note:good.md", "note:page.md"}
    (place / "good.pdf").write_bytes(b"broken now, and longer or shorter than before")
    assert set(papers.passages(diary, entries, say=said.append)) == {"note:page.md"}
    assert len(said) == 5


@pytest.mark.parametrize(
    "table",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 1, "papers": {"a": 3, "b": ["x"]}}',
        '{"version": 99, "papers": {}}',
    ],
)
def test_a_damaged_table_costs_only_time(table: str, diary: Config, tmp_path: Path) -> None:
    paper(tmp_path / "papers" / "a.pdf")
    (tmp_path / ".paperdiary").mkdir()
    (tmp_path / ".paperdiary" / "papers.json").write_text(table, encoding="utf-8")
    assert papers.passages(diary, [entry("a.md")])


def test_no_folder_no_passages(diary: Config, tmp_path: Path) -> None:
    assert papers.passages(diary, [entry("a.md")]) == {}
    (tmp_path / "papers").write_text("a file in its place")
    assert papers.passages(diary, [entry("a.md")]) == {}
    assert not (tmp_path / ".paperdiary").exists()


def test_a_long_text_has_an_end(diary: Config, tmp_path: Path) -> None:
    place = tmp_path / "papers"
    place.mkdir()
    (place / "a.txt").write_text("\n\n".join(prose(100, n) for n in range(900)), encoding="utf-8")
    assert len(papers.passages(diary, [entry("a.md")])["note:a.md"]) == papers.PASSAGES


def test_nothing_heavy_is_loaded_for_texts_that_are_there(diary: Config, tmp_path: Path) -> None:
    from test_imports import loaded

    paper(tmp_path / "papers" / "a.pdf")
    papers.passages(diary, [entry("a.md")])
    code = (
        "import sys; from pathlib import Path; from paperdiary import papers; from paperdiary.config import Config; "
        "from paperdiary.entry import Entry; "
        "assert papers.passages(Config(root=Path(sys.argv[1])), [Entry('note:a', 'A', 'paper', 'a.md', 1, '')])"
    )
    assert not loaded(code, str(tmp_path)) & {"pymupdf", "numpy", "httpx2"}
