"""`diary add`: from an address to a note; one identity; nothing lost, nothing overwritten."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from helpers import MKDOCS_YML
from loopback import Loopback, Reply, error_feed

from paperdiary import add as adding
from paperdiary import build, topics, wishes
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.errors import UsageError
from paperdiary.notes import read_all
from paperdiary.search import Hit

Make = Callable[..., Config]
TODAY = re.compile(r"20\d\d-\d\d-\d\d")


def diary(config: Config, *words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["-C", str(config.root), *words], input=stdin)


def added(config: Config, *words: str, code: int = 0, stdin: str | None = None) -> list[Path]:
    """The paths that are printed."""
    result = diary(config, "add", *words, stdin=stdin)
    assert result.exit_code == code, result.output
    return [Path(row) for row in result.stdout.split("\n") if row]


def entries(config: Config) -> list[Entry]:
    return [e for note in read_all(config) for e in note.entries]


@pytest.fixture
def empty(make_diary: Make) -> Config:
    return make_diary({})


# -- the note


def test_a_note_with_all_that_is_known(empty: Config, loopback: Loopback) -> None:
    api = loopback.arxiv()
    api.make_up("2302.07515", title='Robots: a "#1" study', doi="10.1000/R.1", category="cs.RO", author="Zoë Ω")
    [path] = added(empty, "2302.07515", "--no-pdf")
    assert path == empty.notes / "inbox" / "robots-a-1-study.md"
    text = path.read_text(encoding="utf-8")
    keys = "title authors year published arxiv doi url kind status date tags".split()  # noqa: SIM905
    assert re.findall(r"^(\w+):", text.split("---")[1], re.M) == keys
    assert "\n<details>\n<summary>Abstract</summary>\n\nWe make up the paper" in text
    assert re.findall(r"^## (.+)", text, re.M) == ["Key points", "Methods", "What to take away", "Open questions"]
    [entry] = entries(empty)
    assert (entry.title, entry.authors, entry.year) == ('Robots: a "#1" study', ("Zoë Ω",), 2026)
    assert (entry.arxiv, entry.doi, entry.published) == ("2302.07515", "10.1000/r.1", "2026-01-02")
    assert entry.url == "https://arxiv.org/abs/2302.07515"
    assert (entry.kind, entry.status, entry.topic) == ("paper", "read", "inbox")
    assert entry.date
    assert TODAY.fullmatch(entry.date)
    assert entry.tags
    assert entry.description.startswith("We make up")


@pytest.mark.parametrize("title", [
    "---", "Yes", "A: b # c", "'quoted\" \\both", "{{ secrets }} {% x %}", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "中文：标题", "🦊 e\u0301 tail", "$\\alpha$-things \\emph{x}", "- item", "&amp;amp; @x `y` *z*", "[a](b) ![c](d)",
    "index",
    "README", "..", "2302.0751", "null", "x" * 900, "word " * 200,
])  # fmt: skip
def test_any_title_makes_a_note_of_one_entry(empty: Config, loopback: Loopback, title: str) -> None:
    summary = "&lt;/details&gt; # x\n\n---\n\n[[a]] &lt;img src=x onerror=y&gt; {{z}}"
    loopback.arxiv().make_up("2302.07515", title=title, summary=summary)
    [path] = added(empty, "2302.07515", "--no-pdf", "--status", "queued")
    assert path.parent == empty.notes / "inbox"
    assert len(path.name.encode()) < 200
    [entry] = entries(empty)
    assert entry.id == "arxiv:2302.07515"
    assert (entry.status, entry.date) == ("queued", None)
    assert added(empty, "2302.07515", code=3) == [path]
    problems = json.loads(diary(empty, "check", "--json").stdout)
    assert not [p for p in problems if p["severity"] == "error"], problems


def test_the_readers_options_decide(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515", "2302.07516", "2302.07517")
    (empty.notes / ".template.md").write_text("---\nstatus: reading\ntags: [new]\nrating:\n---\n## Mine\n", "utf-8")
    [one] = added(empty, "2302.07515", "--topic", "robot learning/grasping", "--date", "2025-06-04", "--no-pdf")
    assert one.parent == empty.notes / "robot learning" / "grasping"
    [two] = added(empty, "2302.07516", "--topic", "Robot Learning/", "--status", "queued", "--no-pdf")
    [three] = added(empty, "2302.07517", "--status", "read", "--no-pdf", "--topic", "notes/robot learning/grasping")
    assert three.parent == one.parent
    found = {e.arxiv: e for e in entries(empty)}
    assert (found["2302.07515"].status, found["2302.07515"].date) == ("reading", "2025-06-04")
    assert (found["2302.07516"].status, found["2302.07516"].date) == ("queued", None)
    assert found["2302.07517"].tags[0] == "new"
    assert "added: 20" in two.read_text(encoding="utf-8")
    assert re.search(r"\n---\n\n<details>.*</details>\n\n## Mine\n$", two.read_text(encoding="utf-8"), re.S)


def test_names_never_collide(make_diary: Make, loopback: Loopback) -> None:
    config = make_diary({"inbox/same-name.md": "# Mine\n\nuntouched", "inbox/same-name-3.md": "# Too"})
    api = loopback.arxiv()
    for number, author in enumerate(("Ada A", "Bea B", "Cyd C")):
        api.make_up(f"2302.0751{number}", title="Same name", author=author)
    paths = added(config, "2302.07510", "2302.07511", "2302.07512", "--no-pdf")
    assert [p.name for p in paths] == ["same-name-2.md", "same-name-4.md", "same-name-5.md"]
    assert (config.notes / "inbox/same-name.md").read_text() == "# Mine\n\nuntouched"


def test_everything_at_once_in_one_request(empty: Config, loopback: Loopback) -> None:
    api = loopback.arxiv()
    ids = [api.make_up(f"2302.{n:05}") for n in range(1, 101)]
    assert len(added(empty, *ids, "--no-pdf")) == 100
    assert len(loopback.asked("/api/query")) == 1
    assert len(entries(empty)) == 100


# -- one identity


@pytest.mark.parametrize("form", [
    "2302.07515v2", "arXiv:2302.07515", "https://arxiv.org/pdf/2302.07515v1.pdf", "http://arxiv.org/html/2302.07515",
    "https://doi.org/10.48550/arXiv.2302.07515", "https://huggingface.co/papers/2302.07515", "10.1000/r.1",
    "https://dx.doi.org/10.1000/R.1", "Read this! https://arxiv.org/abs/2302.07515?context=cs via @x",
])  # fmt: skip
def test_a_second_add_prints_the_note_that_is_there(empty: Config, loopback: Loopback, form: str) -> None:
    loopback.arxiv().make_up("2302.07515", doi="10.1000/R.1")
    [path] = added(empty, "2302.07515", "--no-pdf")
    before = path.read_bytes()
    result = diary(empty, "add", form)
    assert (result.exit_code, result.stdout) == (3, f"{path}\n")
    assert "is in the diary already: notes/inbox/" in result.stderr
    assert path.read_bytes() == before
    assert len(loopback.asked("/api/query")) == 1  # what is known is not asked


def test_a_publishers_doi_is_the_paper_once_arxiv_names_it(make_diary: Make, loopback: Loopback) -> None:
    config = make_diary({"a.md": "---\ntitle: As published\ndoi: 10.1000/r.1\n---\n"})
    loopback.arxiv().make_up("2302.07515", doi="10.1000/R.1")
    assert added(config, "2302.07515", code=3) == [config.notes / "a.md"]


@pytest.mark.parametrize(
    "note",
    [
        "# Many\n\n## [One](https://arxiv.org/abs/2302.07515v3)\n\nwords\n\n## [Two](https://arxiv.org/abs/2302.07516)\n\nw",
        "# A paper\n\nhttps://arxiv.org/pdf/2302.07515.pdf\n\nIt is good.",
        "# Papers\n\n| paper | link |\n|---|---|\n| One | [arXiv](https://arxiv.org/abs/2302.07515) |\n"
        "| Two | [arXiv](https://arxiv.org/abs/2302.07516) |\n",
    ],
)
def test_a_link_in_any_note_counts(make_diary: Make, loopback: Loopback, note: str) -> None:
    config = make_diary({"x/papers.md": note})
    assert added(config, "2302.07515", code=3) == [config.notes / "x" / "papers.md"]
    assert not loopback.requests


def test_title_and_author_are_an_identity_too(make_diary: Make, loopback: Loopback) -> None:
    note = "---\ntitle: A made up paper, numbered 2302.07515\nauthors: [A. Example]\ndoi: 10.1000/other\n---\n"
    config = make_diary({"a.md": note, "b.md": note.replace("07515", "07516").replace("Example", "Other")})
    loopback.arxiv("2302.07515", "2302.07516")
    assert added(config, "2302.07515", "2302.07516", "--no-pdf", code=3)[0] == config.notes / "a.md"
    assert len(entries(config)) == 3


def test_a_papers_code_is_another_thing(make_diary: Make, loopback: Loopback) -> None:
    config = make_diary({"a.md": "# [P](https://arxiv.org/abs/2302.07515)\n\nCode: https://github.com/a/b\n\nwords"})
    from paperdiary.known import Known
    from paperdiary.sources import resolve

    known = Known(entries(config))
    assert known.source(resolve("https://arxiv.org/abs/2302.07515"))
    assert known.source(resolve("https://github.com/a/b")) is None


def test_twice_in_one_call(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515")
    one, two = added(empty, "2302.07515", "https://arxiv.org/abs/2302.07515v4", "--no-pdf", code=3)
    assert one == two
    assert len(entries(empty)) == 1


# -- what goes wrong


def test_each_is_tried_and_the_gravest_decides(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515")
    result = diary(empty, "add", "foo", "2302.07515", "2302.09999", "gone.pdf", "--no-pdf")
    assert result.exit_code == 4
    assert len(result.stdout.split()) == 1
    for said in ("“foo” is no arXiv id", "arXiv has no paper 2302.09999", "gone.pdf does not exist"):
        assert said in result.stderr
    assert "Traceback" not in result.output
    assert diary(empty, "add", "foo").exit_code == 2
    assert diary(empty, "add", "https://arxiv.org/list/cs.LG/recent").exit_code == 2


def test_gravest() -> None:
    kinds = {0: {}, 3: {"result": "duplicate"}, 5: {"incomplete": "x"}, 2: {"error": UsageError("x")}}
    one = {code: replace(adding.Added("a", "added"), **values) for code, values in kinds.items()}  # type: ignore[arg-type]
    assert {code: result.exit_code for code, result in one.items()} == {c: c for c in kinds}
    assert adding.gravest(list(one.values())) == 5
    assert adding.gravest([one[0], one[3], one[2]]) == 2
    assert adding.gravest([one[3], one[0]]) == 3
    assert adding.gravest([]) == 0


def test_without_a_network_and_completed_later(empty: Config, loopback: Loopback) -> None:
    loopback.on("/api/query", Reply(reset=True))
    [path] = added(empty, "2302.07515", "--status", "queued", "--topic", "x", code=5)
    text = path.read_text(encoding="utf-8")
    assert "incomplete: true" in text
    assert "arxiv: '2302.07515'" in text
    assert "\n<!-- abstract -->\n" in text
    assert [(e.id, e.status, e.title) for e in entries(empty)] == [("arxiv:2302.07515", "queued", "arXiv:2302.07515")]
    assert added(empty, "2302.07515", code=3) == [path]
    assert diary(empty, "add", "--complete").exit_code == 5
    assert path.read_text(encoding="utf-8") == text
    mine = text.replace("status: queued", "own: [1,   2] # mine\nyear:\nstatus: reading").replace("\n", "\r\n")
    mine = mine.replace("## Key points", "## Key points\r\n\r\nI wrote  this.")
    path.write_bytes(mine.encode())
    loopback.arxiv().make_up("2302.07515", title="The title", doi="10.1000/r")
    assert added(empty, "--complete", "--no-pdf") == [path]
    done = path.read_bytes().decode()
    assert done.count("\n") == done.count("\r\n")
    for row in ("title: The title", "authors: [Ada Example]", "year: 2026", "doi: 10.1000/r", "status: reading",
                "own: [1,   2] # mine", "I wrote  this.", "<summary>Abstract</summary>"):  # fmt: skip
        assert f"\r\n{row}\r\n" in done, row
    assert "incomplete" not in done
    assert abstract_free(done) == abstract_free(mine)
    assert diary(empty, "add", "--complete").stderr.startswith("No note is marked")


def abstract_free(text: str) -> str:
    """The body without abstract."""
    return re.sub(r"<details>.*?</details>|<!-- abstract -->", "", text.split("---", 2)[2], flags=re.S)


def test_completing_leaves_the_readers_title_and_needs_no_place(empty: Config, loopback: Loopback) -> None:
    note = "---\ntitle: Mine\narxiv: 2302.07515\nincomplete: true\ntags: []\n---\nwords\n"
    (empty.notes / "a.md").write_text(note)
    loopback.arxiv("2302.07515")
    assert added(empty, "--complete", "a.md", "--no-pdf") == [empty.notes / "a.md"]
    text = (empty.notes / "a.md").read_text()
    assert text.startswith("---\ntitle: Mine\nauthors: [Ada Example]\n")
    assert text.endswith("---\nwords\n")
    result = diary(empty, "add", "--complete", "a.md", "--no-pdf")
    assert (result.exit_code, "nothing to fill in" in result.stderr) == (0, True)
    assert diary(empty, "add", "--complete", "a.md", "--topic", "x").exit_code == 2
    assert diary(empty, "add", "--complete", "nothing like it").exit_code == 4


def test_a_page_that_refuses_leaves_its_address(empty: Config, loopback: Loopback) -> None:
    loopback.on("/post", Reply(403, "no"))
    [path] = added(empty, f"{loopback.url}/post", code=5)
    [entry] = entries(empty)
    assert entry.url == f"{loopback.url}/post"
    assert path.stem.startswith("127-0-0-1")


def test_a_post(empty: Config, loopback: Loopback) -> None:
    loopback.on("/post", Reply(body="<html><head><title>On tides &amp; moons</title></head><body>x</body></html>"))
    [path] = added(empty, f"{loopback.url}/post")
    [entry] = entries(empty)
    assert (entry.title, entry.kind, path.stem) == ("On tides & moons", "blog", "on-tides-moons")


def test_a_malformed_id(empty: Config, loopback: Loopback) -> None:
    loopback.on("/api/query", Reply(400, error_feed("2302.07515"), "application/atom+xml"))
    result = diary(empty, "add", "2302.07515")
    assert result.exit_code in {4, 5}
    assert "Traceback" not in result.output


# -- where it belongs

BAD_TOPICS = [
    "..", "../x", "a/../../b", "/etc", "\\x", "a\\b", ".hidden", "a/.b", "", " ", "a//b", "templates", "templates/x",
    "~", "a\x00b", "C:", "x" * 200, "a\nb", "notes/../..", "./a",
]  # fmt: skip


@pytest.mark.parametrize("topic", BAD_TOPICS)
def test_no_topic_leads_out_of_notes(empty: Config, loopback: Loopback, topic: str) -> None:
    before = sorted(p.as_posix() for p in empty.root.parent.rglob("*"))
    with pytest.raises(UsageError, match="topic"):
        topics.folder(empty, topic)
    if "\0" not in topic:
        assert diary(empty, "add", "2302.07515", f"--topic={topic}").exit_code == 2
    after = sorted(p.as_posix() for p in empty.root.parent.rglob("*") if ".paperdiary" not in p.parts)
    assert after == [p for p in before if ".paperdiary" not in p]
    assert not loopback.requests


def test_a_topic_that_is_a_link_out_of_notes(empty: Config, tmp_path_factory: pytest.TempPathFactory) -> None:
    (empty.notes / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(UsageError, match="leads out"):
        topics.folder(empty, "out/deep")


def test_an_excluded_folder_is_no_topic(make_diary: Make) -> None:
    config = make_diary({"a.md": "# A"}, f"{MKDOCS_YML}exclude_docs: |\n  private/\n")
    with pytest.raises(UsageError, match="not part of the site"):
        topics.folder(config, "private")


def test_topics_vote() -> None:
    def entry(number: int, topic: str) -> Entry:
        return Entry(f"n{number}", f"T{number}", "paper", f"{topic}/n{number}.md", 1, "", topic=topic)

    by_id = {f"n{n}": entry(n, t) for n, t in enumerate(["a", "b", "b", "inbox", "", "inbox/x"])}
    hits = [Hit(f"n{n}", n + 1, 5.0 - n, 0.5, 0.0, None) for n in (3, 0, 1, 2, 4, 5)]  # type: ignore[arg-type]
    found = topics.suggest(hits, by_id)
    assert [topic for topic, _ in found.topics] == ["a", "b"]
    assert sum(share for _, share in found.topics) == pytest.approx(1)
    assert found.best == ("a", pytest.approx(0.563, abs=0.01))
    assert [n.entry.id for n in found.nearest[:3]] == ["n3", "n0", "n1"]
    assert found.sure
    assert not replace(found, nearest=tuple(replace(n, similarity=0.3) for n in found.nearest)).sure
    words = replace(found, nearest=tuple(replace(n, similarity=0.0, keyword=2.0) for n in found.nearest))
    assert words.sure  # where there is no model, shared words must do
    assert not replace(words, nearest=tuple(replace(n, keyword=0.0) for n in words.nearest)).sure
    assert topics.suggest([], by_id).best == ("", 0.0)
    assert not topics.Suggestion().sure


@pytest.fixture
def filed(make_diary: Make) -> Config:
    """A built diary of two topics."""
    words = {
        "gardens": ["roses and tulips in clay soil", "mulch keeps the soil of roses moist", "pruning roses in soil"],
        "oceans": ["tides move water along the coast", "waves and tides at the coast", "currents of water and tides"],
    }
    notes = {
        f"{topic}/n{n}.md": f"---\ntitle: {text.title()}\ndate: 2026-01-0{n + 1}\n---\n{text} again and again\n"
        for topic, texts in words.items()
        for n, text in enumerate(texts)
    }
    config = make_diary(notes)
    build.run(config)
    return config


def test_the_nearest_suggest_a_topic(filed: Config, loopback: Loopback) -> None:
    api = loopback.arxiv()
    api.make_up("2302.07515", title='Tides: "water" at the coast', summary="Waves, tides and water at the coast.")
    api.make_up("2302.07516", title="Zzyzx", summary="Qwfp")
    result = diary(filed, "add", "2302.07515", "--no-pdf")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{filed.notes / 'oceans' / 'tides-water-at-the-coast.md'}\n"
    assert "is in oceans (" in result.stderr
    assert len(re.findall(r"^  near .*\[oceans/n\d\.md:1\]$", result.stderr, re.M)) == 3
    found = json.loads(diary(filed, "add", "2302.07516", "--no-pdf", "--json").stdout)[0]
    assert (found["topic"], found["chosen"]) == ("inbox", "inbox")


def test_json_has_all_of_it(filed: Config, loopback: Loopback) -> None:
    loopback.arxiv().make_up(
        "2302.07515", title="Roses in soil", summary="Mulch keeps the soil of roses moist again and again."
    )
    result = diary(filed, "add", "2302.07515", "2302.07515", "foo", "--json", "--no-pdf")
    one, two, three = json.loads(result.stdout)
    assert result.exit_code == 2
    assert (one["result"], one["topic"], one["chosen"]) == ("added", "gardens", "nearest")
    assert one["path"] == str(filed.notes / "gardens" / "roses-in-soil.md")
    assert one["suggestion"]["topic"] == "gardens"
    assert one["suggestion"]["sure"]
    assert topics.SURE <= one["suggestion"]["confidence"] <= 1
    assert len(one["nearest"]) == 3
    assert one["entry"]["id"] == "arxiv:2302.07515"
    assert (two["result"], two["exit_code"], two["path"]) == ("duplicate", 3, one["path"])
    assert (three["result"], three["exit_code"], three["path"]) == ("failed", 2, None)


def test_it_asks_on_a_terminal(filed: Config, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.arxiv("2302.07515", "2302.07516")
    asked: list[Any] = []

    def ask(title: str, near: topics.Suggestion, known: Any) -> str:
        asked.append((title, near.best[0], known))
        return ["../x", "Oceans", ""][len(asked) - 1]

    things = wishes.read(["2302.07515", "2302.07516"])
    found = list(adding.add(filed, things, adding.Options(pdf=False), lambda message: None, ask))
    assert [(r.topic, r.chosen) for r in found] == [("oceans", "asked"), ("inbox", "inbox")]
    assert asked[0][2] == ["gardens", "oceans"]
    assert len(asked) == 3  # a topic that cannot be is asked for again


def test_a_file_is_asked_for_no_terminal(filed: Config, loopback: Loopback) -> None:
    """In a pipe nothing waits for an answer."""
    loopback.arxiv("2302.07515")
    command = [sys.executable, "-m", "paperdiary", "-C", str(filed.root), "add", "--no-pdf", "2302.07515"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.rstrip("\n")).is_file()


# -- shared text


def test_addresses_in_any_text(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515", "2302.07516", "2302.07517")
    text = "Look at\nA title https://arxiv.org/abs/2302.07515v1, via @x\n2302.07516\nhttps://arxiv.org/pdf/2302.07515\n"
    assert len(added(empty, "-", "--no-pdf", stdin=text)) == 2
    assert diary(empty, "add", "-", stdin="nothing here").exit_code == 2
    assert diary(empty, "add", "-", stdin=b"\xff\xfe \x00").exit_code == 2
    assert len(added(empty, "Title https://arxiv.org/abs/2302.07517 via @x", "--no-pdf")) == 1


def test_wishes(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "b.txt").write_text("x")
    pdf, text, folder, gone = wishes.read([str(tmp_path / n) for n in ("a.pdf", "b.txt", "", "c.pdf")])
    assert pdf.file == tmp_path / "a.pdf"
    assert wishes.read([(tmp_path / "a.pdf").as_uri()])[0].file == tmp_path / "a.pdf"
    assert [w.error.exit_code for w in (text, folder, gone) if w.error] == [2, 4, 4]


# -- PDFs


def pdf(title: str, *lines: str, size: float = 18, stamp: str = "") -> bytes:
    """A page with a title in large letters; `stamp` stands upright in the margin."""
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 90), title, fontsize=size)
        for row, text in enumerate(lines):
            page.insert_text((72, 140 + 14 * row), text, fontsize=10)
        page.insert_text((24, 560), stamp, fontsize=16, rotate=90)
        return bytes(document.tobytes())


LINES = ("Abstract", "We count boats at night and by day, and find that there are fewer of them in winter.",
         "The method is a pair of eyes and a notebook that we kept for seven years.", "",
         "1 Introduction", "Boats have been counted before, though never by us.")  # fmt: skip


def test_the_pdf_is_kept_and_never_in_notes(empty: Config, loopback: Loopback) -> None:
    api = loopback.arxiv("2302.07515", "cond-mat/0601001")
    api.pdfs = {"2302.07515": pdf("One", *LINES), "cond-mat/0601001": pdf("Two", *LINES)}
    result = diary(empty, "add", "2302.07515", "cond-mat/0601001", "--json")
    assert result.exit_code == 0, result.output
    assert [Path(r["pdf"]).name for r in json.loads(result.stdout)] == ["2302.07515.pdf", "cond-mat_0601001.pdf"]
    assert (empty.root / "papers" / "2302.07515.pdf").read_bytes() == api.pdfs["2302.07515"]
    assert {p.suffix for p in empty.notes.rglob("*") if p.is_file()} == {".md"}


@pytest.mark.parametrize("reply", [
    Reply(body="<html>log in</html>", type="application/pdf"), Reply(404, "no"),
    Reply(503, "no", headers={"Retry-After": "0"}),
    Reply(body=b"%PDF-1.7 cut off", type="application/pdf"), Reply(body=b""), Reply(reset=True),
])  # fmt: skip
def test_a_pdf_that_cannot_be_had_stops_nothing(empty: Config, loopback: Loopback, reply: Reply) -> None:
    loopback.arxiv("2302.07515")
    loopback.on("/pdf/*", reply)
    result = diary(empty, "add", "2302.07515")
    assert result.exit_code == 0, result.output
    assert "No PDF is kept: " in result.stderr
    assert Path(result.stdout.strip()).is_file()
    assert not list((empty.root / "papers").glob("*")) if (empty.root / "papers").exists() else True


def test_a_local_pdf_without_an_identifier(empty: Config, loopback: Loopback, tmp_path: Path) -> None:
    file = tmp_path / "download (3).pdf"
    file.write_bytes(pdf("Counting Boats in Seven Winters", *LINES))
    [path] = added(empty, str(file))
    assert path.name == "counting-boats-in-seven-winters.md"
    assert "We count boats at night" in path.read_text(encoding="utf-8")
    assert (empty.root / "papers" / "counting-boats-in-seven-winters.pdf").read_bytes() == file.read_bytes()
    assert added(empty, str(file), code=3) == [path]
    other = tmp_path / "again.pdf"
    other.write_bytes(pdf("Counting Boats in Seven Winters", *LINES, "more"))
    assert added(empty, str(other), code=3) == [path]
    assert not loopback.requests


def test_a_local_pdf_that_says_what_it_is(empty: Config, loopback: Loopback, tmp_path: Path) -> None:
    loopback.arxiv().make_up("2302.07515", title="As arXiv has it")
    file = tmp_path / "x.pdf"
    file.write_bytes(pdf("A Title Read From the Page", *LINES, stamp="arXiv:2302.07515v2  [cs.LG]  3 Feb 2023"))
    [path] = added(empty, str(file))
    assert path.name == "as-arxiv-has-it.md"
    assert (empty.root / "papers" / "2302.07515.pdf").read_bytes() == file.read_bytes()
    assert not loopback.asked("/pdf")
    assert added(empty, "https://arxiv.org/abs/2302.07515", code=3) == [path]


@pytest.mark.parametrize("name", ["2302.07515.pdf", "2302.07515v3.pdf", "2302.07515v3 (1).pdf"])
def test_a_local_pdf_named_as_arxiv_names_its_files(
    empty: Config, loopback: Loopback, tmp_path: Path, name: str
) -> None:
    loopback.arxiv().make_up("2302.07515", title="As arXiv has it")
    (tmp_path / name).write_bytes(pdf("As ar- Xiv has it", *LINES))
    [path] = added(empty, str(tmp_path / name))
    assert path.name == "as-arxiv-has-it.md"
    assert added(empty, "2302.07515", code=3) == [path]


def test_a_local_pdf_without_a_network(empty: Config, loopback: Loopback, tmp_path: Path) -> None:
    loopback.on("/api/query", Reply(reset=True))
    file = tmp_path / "x.pdf"
    file.write_bytes(pdf("A Title Read From the Page", *LINES, stamp="arXiv:2302.07515v2  [cs.LG]  3 Feb 2023"))
    [path] = added(empty, str(file), code=5)
    text = path.read_text(encoding="utf-8")
    assert "title: A Title Read From the Page" in text
    assert "incomplete: true" in text
    assert "We count boats" in text


@pytest.mark.parametrize("data", [b"", b"<html>no</html>", b"%PDF-1.7\nbroken"])
def test_a_file_that_is_no_pdf(empty: Config, loopback: Loopback, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(data)
    result = diary(empty, "add", str(file))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert not list(empty.notes.iterdir())


def test_notes_of_one_name_keep_their_own_pdfs(empty: Config, loopback: Loopback, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.pdf").write_bytes(pdf("Tides", f"{number} is the number of this paper", size=20))
    one, two = (added(empty, str(tmp_path / f"{n}.pdf"), "--topic", f"t{n}")[0] for n in (1, 2))
    assert (one.parent.name, two.parent.name) == ("t1", "t2")
    assert one.stem != two.stem
    for number, path in ((1, one), (2, two)):
        assert (empty.root / "papers" / f"{path.stem}.pdf").read_bytes() == (tmp_path / f"{number}.pdf").read_bytes()


# -- many processes, and sudden ends


def test_several_processes_write_one_note(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515")
    command = [sys.executable, "-m", "paperdiary", "-C", str(empty.root), "add", "--no-pdf", "2302.07515"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    outs = [run.communicate(timeout=120) for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 3, 3, 3], outs
    assert len({out for out, _ in outs}) == 1
    assert len(entries(empty)) == 1


def test_what_a_killed_add_left_is_swept_away(empty: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515")
    left = empty.root / ".paperdiary" / "new" / ".new.abc123"
    left.parent.mkdir(parents=True)
    left.write_text("half a note")
    added(empty, "2302.07515", "--no-pdf")
    assert not left.exists()
    assert sorted(p.name for p in empty.notes.rglob("*")) == ["a-made-up-paper-numbered-2302-07515.md", "inbox"]


def test_killed_at_any_moment(empty: Config, loopback: Loopback) -> None:
    """Five of the hundred tries of scripts/crash_add.py."""
    import runpy

    tries = runpy.run_path(str(Path(__file__).parent.parent / "scripts" / "crash_add.py"))["tries"]
    loopback.arxiv(*(f"2302.{n:05}" for n in range(1, 40)))
    found = tries(empty, 5)
    assert found.half == []
    assert found.completed == found.tries == 5


def test_no_model_is_loaded(filed: Config, loopback: Loopback) -> None:
    loopback.arxiv("2302.07515")
    code = (
        "import sys; from paperdiary.cli import main\n"
        f"try: main(['-C', {str(filed.root)!r}, 'add', '--no-pdf', '2302.07515'])\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "heavy = {'torch', 'sklearn', 'mkdocs', 'umap', 'sentence_transformers', 'pymupdf'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env={**os.environ})
    assert done.returncode == 0, done.stderr


def test_two_threads_may_not_take_one_name(tmp_path: Path) -> None:
    from paperdiary.store import write_new

    wins: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=n: wins.append(write_new(tmp_path / "x" / "a.md", str(n) * 1000, tmp_path)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]
    assert len(set((tmp_path / "x" / "a.md").read_text())) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_what_is_half_known_is_filled_in_and_stays_marked(empty: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from paperdiary import complete
    from paperdiary.metadata import bare
    from paperdiary.sources import from_arxiv

    half = replace(bare(from_arxiv("2302.07515")), title="Found", complete=False, problem="The page names one author.")
    monkeypatch.setattr(complete, "look_up", lambda sources, say: [half])
    (empty.notes / "a.md").write_text("---\ntitle: arXiv:2302.07515\narxiv: '2302.07515'\nincomplete: true\n---\nx\n")
    result = diary(empty, "add", "--complete")
    assert result.exit_code == 5, result.output
    assert "The page names one author." in result.stderr
    text = (empty.notes / "a.md").read_text()
    assert text.startswith("---\ntitle: Found\n")
    assert "incomplete: true\n" in text
