"""The page of a note: card, citation, what is related and why, what was read around it, where it can be edited."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paperdiary import build, editlink, why
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.entry import Entry
from paperdiary.pages import Site

Make = Callable[..., Config]


def note(title: str, date: str = "", body: str = "Text.", **front: str) -> str:
    fields = "".join(f"{k}: {v}\n" for k, v in ({"date": date} | front).items() if v)
    return f"---\n{fields}---\n# {title}\n\n{body}\n"


def pages(make_diary: Make, notes: dict[str, str], related: dict[str, list[str]] | None = None) -> Site:
    """A site whose notes are related as said, by path."""
    config = make_diary(notes)
    read = build.read(config)
    ids = {e.note: e.id for e in read.entries}
    near = {ids[a]: [(ids[b], 0.9 - 0.2 * n) for n, b in enumerate(bs)] for a, bs in (related or {}).items()}
    return Site(Diary(config, read.notes, read.entries, related=near))


def words(text: str | None) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text or "")).split())


ONE = {"authors": "[Ada Moor, Bo Lind]", "arxiv": "1903.01234", "year": "2019"}
ONE["description"] = "Learns world models of a kitchen and plans in them."
OTHER = {"authors": "[Lind, Cy Dale]", "tags": "[planning]", "description": "A robot plans in its world models."}
TWO = {
    "a.md": note("World Models for Robots", "2024-05-06", "It builds on [that one](b.md).", **ONE),
    "b.md": note("Planning with World Models", "2024-05-01", "Text.", **OTHER),
    "c.md": note("Soil", "2024-06-01", "See arXiv 1903.01234 for a start."),
}


def test_related_entries_say_why(make_diary: Make) -> None:
    site = pages(make_diary, TWO, {"a.md": ["b.md", "c.md"], "b.md": ["a.md"], "c.md": ["a.md"]})
    plain = words(site.source("a.md"))
    assert "links to it · both on world models" in plain
    assert "90 %" in plain
    assert "is linked from it" in plain.partition("Soil")[2]
    assert "very near: cosine" in str(site.source("a.md"))
    assert "links to it" in words(site.source("c.md"))
    assert "is linked from it · both on world models" in words(site.source("b.md"))


def test_before_and_after_in_the_diary(make_diary: Make) -> None:
    site = pages(make_diary, TWO | {"q.md": note("Queued", status="queued")})
    text = str(site.source("a.md"))
    assert 'rel="prev" href="../b/"' in text
    assert 'rel="next" href="../c/"' in text
    assert "Read before, 1 May 2024" in words(text)
    assert 'rel="prev"' not in str(site.source("b.md"))
    assert "pd-turn" not in str(site.source("q.md"))


def test_a_citation_can_be_copied_and_read_without_a_script(make_diary: Make) -> None:
    text = str(pages(make_diary, TWO).source("a.md"))
    pre = html.unescape(re.search(r"<pre[^>]*data-copy>(.*?)</pre>", text)[1])  # type: ignore[index]
    assert pre.startswith("@misc{moor2019world,\n  title = {World Models for Robots},\n")
    assert "Ada Moor and Bo Lind (2019). World Models for Robots. arXiv:1903.01234." in words(text)
    assert text.count('class="pd-button pd-copy" hidden') == 2
    assert "pd-cite" not in str(pages(make_diary, {"n.md": note("Jottings")}).source("n.md"))


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "A $x^2$ \\\\ title", "مرحبا \u202e abc", "long " * 70, "`code` *b* _c_ ```"]
)
def test_hostile_titles(make_diary: Make, title: str) -> None:
    notes = {"a.md": f"# {title}\nhttps://a.org/1\n\nText.\n", "b.md": f"# {title}\n\nhttps://b.org/2\n\nOther text.\n"}
    site = pages(make_diary, notes, {"a.md": ["b.md"], "b.md": ["a.md"]})
    for path in notes:
        text = str(site.source(path))
        assert "<script>alert" not in text.partition("pd-card")[2]
        for block in re.findall(
            r'<(?:div class="pd-card|section class="pd-related).*?(?:</div>|</section>)\n', text, re.S
        ):
            assert "\n\n" not in block


def test_a_note_of_many_entries_folds_what_is_near_each(make_diary: Make) -> None:
    body = "".join(f"# [E{n}](https://a.org/{n})\n\nDate: {n} May 2024\n\ntext {n}\n\n" for n in range(1, 5))
    config = make_diary({"list.md": body})
    site = Site(build.run(config))
    text = str(site.source("list.md"))
    assert text.count("pd-related--folded") == text.count("<summary>Related in this diary</summary>") == 4
    assert text.count('class="pd-card"') == 4


# -- where it can be edited


def test_only_the_readers_pages_can_be_edited(make_diary: Make) -> None:
    site = pages(make_diary, {"a.md": note("A"), "index.md": "# Home\n\nWords.\n", "about.md": "# About\n\n    code\n"})
    address = "https://github.com/o/r/edit/main/notes/a.md"
    assert f'<a href="{address}" rel="noopener">Edit this page</a>' in str(site.source("a.md", address))
    assert "pd-edit" in str(site.source("about.md", address))
    assert "pd-edit" not in str(site.source("index.md", address))
    assert "pd-edit" not in str(site.source("a.md"))
    assert all("pd-edit" not in page.text for page in site.generated())


@pytest.mark.parametrize(
    ("repo", "uri"),
    [
        ("https://github.com/o/r", "edit/trunk/my%20diary/notes/"),
        ("https://www.github.com/o/r/", "edit/trunk/my%20diary/notes/"),
        ("https://gitlab.com/o/r", "-/edit/trunk/my%20diary/notes/"),
        ("https://codeberg.org/o/r", "_edit/trunk/my%20diary/notes/"),
        ("https://git.example.org/r", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_address_of_the_editor(tmp_path: Path, repo: str | None, uri: str) -> None:
    notes = tmp_path / "my diary" / "notes"
    notes.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/trunk\n")
    assert editlink.edit_uri(repo, notes) == uri


@pytest.mark.parametrize("head", [None, "0123456789abcdef\n", b"\xff\xfe"])
def test_a_branch_that_is_not_known(tmp_path: Path, head: str | bytes | None) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    if head is None:
        (tmp_path / ".git").write_text("gitdir: ../elsewhere\n")
    else:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_bytes(head if isinstance(head, bytes) else head.encode())
    assert editlink.edit_uri("https://github.com/o/r", notes) == "edit/main/notes/"


def test_an_address_that_can_stand_in_a_link() -> None:
    assert editlink.address('https://github.com/o/r/edit/main/night sky/a&b".md') == (
        "https://github.com/o/r/edit/main/night%20sky/a&b%22.md"
    )
    assert editlink.address(None) == editlink.address("javascript:alert(1)") == ""


# -- why


def entry(name: str, title: str, description: str = "", **fields: object) -> Entry:
    return Entry(name, title, "paper", f"{name}.md", 1, f"{name}/", description=description, **fields)  # type: ignore[arg-type]


def filler(count: int) -> list[Entry]:
    return [entry(f"f{n}", f"Something else number {n}", "On other matters.") for n in range(count)]


def test_shared_words_are_rare_ones_and_phrases() -> None:
    one = entry("a", "Q-Learning with World Models", "We propose world models of Atari games.")
    two = entry("b", "Planning in World Models for Atari", "We propose a method.", tags=("planning",))
    shared = why.Why([one, two, *filler(30)], []).shared(one, two)
    assert shared == ("world models", "Atari")


def test_common_words_are_no_reason() -> None:
    entries = [entry(f"e{n}", f"Robots {n} alone", "Text") for n in range(100)]
    assert why.Why(entries, []).shared(entries[0], entries[1]) == ()


def test_words_without_spaces_between_them() -> None:
    one, two = entry("a", "強化学習の理論"), entry("b", "強化学習とロボット")
    assert why.Why([one, two, *filler(20)], []).shared(one, two)


def test_authors_are_found_however_they_are_written() -> None:
    one = entry("a", "A", authors=("Aäron van den Oord", "Moor, Ada", "Madonna"))
    two = entry("b", "B", authors=("A. van den Oord", "Ada Moor", "Madonna", "Bo"))
    reasons = why.Why([one, two], []).reasons(one, two, 0.5)
    assert reasons.authors == one.authors
    assert why.sentence(replace(reasons, words=()), True) == (
        "both by Aäron van den Oord, Moor, Ada and 1 other · same cluster"
    )


@pytest.mark.parametrize(
    ("cosine", "near", "percent"),
    [
        (0.8, "very near", 80),
        (0.5, "fairly near", 50),
        (-0.2, "far, but the nearest", 0),
        (1.0000001, "very near", 100),
    ],
)
def test_nearness_in_words(cosine: float, near: str, percent: int) -> None:
    one, two = entry("a", "A"), entry("b", "B")
    reasons = why.Why([one, two], []).reasons(one, two, cosine)
    assert (reasons.near, reasons.percent) == (near, percent)


def test_a_new_entry_does_not_change_what_is_said_of_others() -> None:
    one, two = entry("a", "World Models"), entry("b", "World Models again")
    before, after = why.Why([one, two, *filler(40)], []), why.Why([one, two, *filler(41)], [])
    assert before.shared(one, two) == after.shared(one, two)
