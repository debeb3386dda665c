"""`diary import`: what lies elsewhere becomes notes; nothing is overwritten, nothing is lost."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from paperdiary import importing, init, notes, slugs
from paperdiary.check import check
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.errors import DiaryError, DuplicateError, UsageError
from paperdiary.importing import Plan, bibtex, captions, csl, junk, moved, text
from paperdiary.importing.item import from_html, is_librarian

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"
Make = Callable[..., Config]
Source = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Writes files below a folder outside the diary, and gives that folder."""

    def write(files: dict[str, str | bytes]) -> Path:
        root = tmp_path / "elsewhere" / "my notes"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


def diary(config: Config, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["-C", str(config.root), "import", *map(str, arguments)])


def run(config: Config, *paths: Path) -> Plan:
    plan = importing.plan(config, paths)
    importing.execute(config, plan)
    return plan


def tree(config: Config) -> dict[str, bytes]:
    return {p.relative_to(config.notes).as_posix(): p.read_bytes() for p in config.notes.rglob("*") if p.is_file()}


def written(plan: Plan) -> set[str]:
    return {draft.name for draft in plan.files}


def reasons(plan: Plan) -> dict[str, str]:
    return {left.source.name: left.reason for left in plan.left_out}


def front(data: bytes) -> tuple[dict[str, Any], str]:
    _, head, body = data.decode().split("---\n", 2)
    return yaml.safe_load(head), body.strip()


# -- folders


def test_a_folder_keeps_its_names_topics_and_links(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    files: dict[str, str | bytes] = {
        "biology/worms.md": "# Worms\n\n![a](img/a 1.png) ![b](<img/b.png>) <img src='../pictures/c%20d.svg'>\n"
        "![[e.png]] [tides](../physics/tides.md#moon) [data](data.csv?raw=1)\n\n[f]: img/f.png\n",
        "biology/img/a 1.png": b"a",
        "biology/img/b.png": b"b",
        "pictures/c d.svg": b"c",
        "attachments/e.png": b"e",
        "biology/data.csv": b"1,2",
        "biology/img/f.png": b"f",
        "biology/img/nobody.png": b"g",
        "physics/tides.md": "# Tides\r\n\r\nThe moon.\r\n",
        "机器学习/注意力.md": "# 注意力\n",
        'odd/what? a: "name" & π  two.md': "# Odd\n",
    }
    root = source(files)
    plan = run(config, root)
    assert reasons(plan) == {"nobody.png": "a picture that no note links to"}
    assert tree(config) == {name: (root / name).read_bytes() for name in files if "nobody" not in name}
    assert all(not d.repairs for d in plan.files)


def test_the_same_folder_again(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    root = source(
        {
            "README.md": "# Notes\n\n[a](a.txt)\n",
            "a.txt": "A note in words. [up](README.md) [b](b/b.md)\n",
            "b/b.md": "# B\n\n![x](x.png)\n",
            "b/x.png": b"x",
        }
    )
    run(config, root)
    before = tree(config)
    assert before["index.md"] == b"# Notes\n\n[a](a.md)\n"
    assert before["a.md"] == b"A note in words. [up](index.md) [b](b/b.md)\n"
    result = diary(config, root)
    assert result.exit_code == 3
    assert "is in the diary already: notes/" in result.stderr
    assert "already there  notes/b/b.md" in result.stdout
    assert tree(config) == before
    (root / "new.md").write_text("# New\n")
    assert written(run(config, root)) == {"new.md"}


def test_what_is_no_note_is_left_out(make_diary: Make, source: Source) -> None:
    paper = "# A Paper\n\nAbstract\n\nWe do.\n\n1 Introduction\n\n" + "Long words of a paper. " * 900
    paper += "\n\nReferences\n\n" + "".join(f"[{n}] A. Author. Title. 2019.\n" for n in range(20))
    root = source(
        {
            "kept.md": "# Kept\n",
            "template-matching.md": "# Template matching\n\nhttps://arxiv.org/abs/2001.00001\n",
            "LICENSE": "MIT",
            "LICENSE.md": "MIT",
            "CONTRIBUTING.md": "x",
            ".hidden.md": "x",
            ".github/workflows/a.yml": "x",
            "node_modules/x/README.md": "# X",
            "templates/paper.md": "# {{title}}",
            "paper-template.md": "# Title\n\n## Summary\n\n## Notes\n",
            "form.md": '---\ntitle: "{{title}}"\n---\n',
            "code/README.md": "# Tool\n\n## Installation\n\npip install tool\n\n## Usage\n\nrun\n",
            "code/setup.py": "x",
            "full/paper.txt": paper,
            "full/notes.md": "# Notes on a paper\n",
            "deep/README.md": "# Notes on another\n",
            "deep/resources/whole.md": paper,
            "requirements.txt": "numpy\n",
            "numbers.txt": "1 2 3\n4 5 6\n" * 9,
            "refs.bib": "@a{b}",
            "lone.pdf": b"%PDF",
            "page.html": "<p>",
            "noise.md": bytes(range(256)) * 20,
        }
    )
    plan = importing.plan(make_diary({}), [root])
    assert written(plan) == {"kept.md", "template-matching.md", "full/notes.md", "deep/README.md"}
    assert reasons(plan) == {
        "LICENSE": "about the repository, no note",
        "LICENSE.md": "about the repository, no note",
        "CONTRIBUTING.md": "about the repository, no note",
        ".hidden.md": "hidden",
        ".github": "hidden",
        "node_modules": "code of other people",
        "templates": "templates",
        "paper-template.md": "a template",
        "form.md": "a template",
        "README.md": "the README of a program",
        "setup.py": "code, and no note links to it",
        "paper.txt": "the full text of a paper, beside its notes",
        "whole.md": "the full text of a paper, beside its notes",
        "requirements.txt": "data for a program, no note",
        "numbers.txt": "data, no words to read",
        "refs.bib": "BibTeX; `diary import FILE` makes notes of its entries",
        "lone.pdf": "a PDF that no note links to; `diary add FILE` makes a note of it",
        "page.html": "not Markdown; convert it first, with pandoc for example",
        "noise.md": "not text",
    }


def test_linked_pdfs_are_kept_and_not_published(make_diary: Make, source: Source) -> None:
    words = "# Heaps\n\n[paper](pdf/heaps%20a.pdf), again <a href='pdf/heaps a.pdf'>here</a>, ![f](f.png) [x](y/a.md)\n"
    root = source(
        {
            "soil/heaps.md": words,
            "soil/pdf/heaps a.pdf": b"%PDF-1.4 heaps",
            "soil/f.png": b"png",
            "soil/y/a.md": "# A\n\n[[heaps a.pdf]]\n",
            "soil/alone.pdf": b"%PDF",
        }
    )
    config = make_diary({})
    result = diary(config, root)
    assert "wrote  papers/soil/pdf/heaps a.pdf  from" in result.stdout
    assert "2 notes, 1 linked file and 1 PDF (into papers/, not published) written, 1 left out." in result.stderr
    assert (config.root / "papers" / "soil" / "pdf" / "heaps a.pdf").read_bytes() == b"%PDF-1.4 heaps"
    assert not list(config.notes.rglob("*.pdf"))
    kept = tree(config)["soil/heaps.md"].decode()
    assert kept.count("../../papers/soil/pdf/heaps%20a.pdf") == 2
    assert "![f](f.png) [x](y/a.md)" in kept
    problems = check(config, notes.read_all(config))
    assert [p for p in problems if p.code == "broken-link"] == []
    before = tree(config)
    assert diary(config, root).exit_code == 3
    assert tree(config) == before
    (root / "soil" / "pdf" / "heaps a.pdf").write_bytes(b"%PDF another")
    (root / "soil" / "new.md").write_text("# New\n\n[paper](pdf/heaps%20a.pdf)\n")
    diary(config, root)
    assert "../../papers/soil/pdf/heaps%20a-2.pdf" in tree(config)["soil/new.md"].decode()


@pytest.mark.parametrize(
    ("words", "beside", "code"),
    [
        ("# T\n\n## Install\n\nx", {"a.py"}, True),
        ("# T\n\n## Install\n\nx", {"a.md"}, False),
        ("# Paper\n\n## Method\n\nx", {"a.py"}, False),
        ("# L\n\n## Usage\n\n[a](a.md) [b](b.md) [c](c.md)", {"a.py"}, False),
    ],
)
def test_code_readme(words: str, beside: set[str], code: bool) -> None:
    assert junk.is_code_readme(words, beside) == code


def test_links_out_loops_and_pipes(make_diary: Make, source: Source, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    root = source({"a/a.md": "# A\n\n[s](../../../secret.md) [t](../b.md)\n", "b.md": "# B\n"})
    (root / "a" / "loop").symlink_to(root)
    (root / "twice").symlink_to(root / "a")
    (tmp_path / "aside").mkdir()
    (root / "out").symlink_to(tmp_path / "aside")
    (root / "secret.md").symlink_to(tmp_path / "secret.md")
    (root / "dead.md").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe.md")
    plan = importing.plan(make_diary({}), [root])
    assert len([n for n in written(plan) if n.endswith("/a.md")]) >= 1
    assert "b.md" in written(plan)
    assert not any("secret" in name for name in written(plan))
    assert reasons(plan)["loop"] == "a link that leads back"
    assert reasons(plan)["out"] == "a link that leads out of the folder"
    assert reasons(plan)["secret.md"] == "a link that leads out of the folder"
    assert reasons(plan)["dead.md"] == "a link that leads nowhere"
    assert reasons(plan)["pipe.md"] == "no file but a device or a pipe"
    assert [p.code for p in plan.problems if p.note.endswith("my notes/a/a.md")] == ["link-leads-out"]


def test_unreadable_files_and_folders(make_diary: Make, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    root = source({"good.md": "# Good\n", "bad.md": "# Bad\n", "closed/x.md": "# X\n"})
    read, scan = Path.read_bytes, os.scandir

    def no_bytes(self: Path) -> bytes:
        if self.name == "bad.md":
            raise PermissionError(13, "Permission denied", str(self))
        return read(self)

    def no_scan(path: Any = ".") -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)  # type: ignore[return-value]

    monkeypatch.setattr(Path, "read_bytes", no_bytes)
    monkeypatch.setattr(os, "scandir", no_scan)
    plan = importing.plan(make_diary({}), [root])
    assert written(plan) == {"good.md"}
    assert {Path(p.note).name for p in plan.problems} == {"bad.md", "closed"}
    assert all("Permission denied" in p.message and "import it again" in p.message for p in plan.problems)


def test_names_that_are_no_text(make_diary: Make, source: Source) -> None:
    root = source({"a.md": "# A\n"})
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.md")).write_text("# Cafe\n")
    config = make_diary({})
    result = diary(config, root)
    assert result.exit_code == 0, result.output
    assert "name: caf" in result.stdout.replace("\\", "") or "name:" in result.stdout
    assert set(tree(config)) == {"a.md", "café.md"}


def test_a_large_note(make_diary: Make, source: Source) -> None:
    words = "# Big\n\n" + "word " * 140_000
    config = make_diary({})
    run(config, source({"big.md": words}))
    assert tree(config) == {"big.md": words.encode()}


def test_two_files_with_one_address(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    files = {"foo.md": "# One\n", "foo.markdown": "# Two\n", "foo.txt": "Three is here.\n", "foo/README.md": "# Four\n"}
    plan = run(config, source({**files, "x.md": "[a](foo.txt) [b](foo/README.md) [[foo]]\n"}))
    names = {d.source.relative_to(source({})).as_posix(): d.name for d in plan.files}
    assert names["foo.md"] == "foo.md"
    assert len({slugs.page_url(name, True) for name in names.values()}) == 5
    assert tree(config)["x.md"].decode() == f"[a]({names['foo.txt']}) [b]({names['foo/README.md']}) [[foo]]\n"
    assert [r.kind for d in plan.files if d.name == "x.md" for r in d.repairs] == ["link", "link"]


# -- where things go


def test_nothing_is_overwritten(make_diary: Make, source: Source) -> None:
    config = make_diary({"a.md": "# Mine\n", "topic/b.md": "# Also mine\n"})
    root = source({"a.md": "# Theirs\n", "topic/c.md": "# C\n\n[a](../a.md)\n"})
    assert written(run(config, root)) == {"my notes/a.md", "my notes/topic/c.md"}
    assert tree(config)["a.md"] == b"# Mine\n"
    (root / "a.md").write_text("# Theirs, changed\n")
    assert written(run(config, root)) == {"my notes/a-2.md"}
    assert tree(config)["my notes/a.md"] == b"# Theirs\n"


def test_a_file_that_came_to_exist_meanwhile(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    plan = importing.plan(config, [source({"a.md": "# A\n"})])
    (config.notes / "a.md").write_text("mine")
    with pytest.raises(DiaryError, match="Run the import again"):
        importing.execute(config, plan)
    assert tree(config) == {"a.md": b"mine"}


MONTHS = (
    "# Diary\n\n### May 2025\n* 23rd: [One](t/one.md): good\n* 24th: [Two](t/two.md)\n* 25th: [Three](t/three.md)\n"
)


def test_a_front_page(make_diary: Make, source: Source, tmp_path: Path) -> None:
    init.init(tmp_path)
    config = make_diary({}, (tmp_path / "mkdocs.yml").read_text())
    root = source({"front.txt": MONTHS, "mac.txt": MONTHS.replace("Diary", "📌 Diary").encode().decode("mac_roman")})
    plan = run(config, root / "mac.txt")
    assert written(plan) == {"index.md"}
    assert plan.files[0].repairs
    assert tree(config)["index.md"].decode() == MONTHS.replace("Diary", "📌 Diary")
    assert written(run(config, root / "front.txt")) == {"front.md"}, "the diary has a front page of its own now"


@pytest.mark.parametrize(
    ("readme", "name"),
    [
        ("# Notes\n\nMine.\n\n- [A](a.md)\n", "index.md"),
        (MONTHS, "index.md"),
        (
            "# Papers\n\n" + "".join(f"- [Paper number {n}](https://arxiv.org/abs/2001.0000{n})\n" for n in range(5)),
            "my notes.md",
        ),
    ],
)
def test_the_readme_of_a_folder(make_diary: Make, source: Source, readme: str, name: str) -> None:
    plan = importing.plan(make_diary({}), [source({"README.md": readme, "a.md": "# A\n"})])
    assert written(plan) == {name, "a.md"}


def test_an_index_and_a_readme(make_diary: Make, source: Source, tmp_path: Path) -> None:
    init.init(tmp_path)
    config = make_diary({}, (tmp_path / "mkdocs.yml").read_text())
    papers = "".join(f"- [Paper number {n}](https://arxiv.org/abs/2001.0000{n})\n" for n in range(5))
    root = source({"README.md": f"# List\n\n{papers}", "index.md": "# Hello\n\n[list](README.md)\n", "a.md": "# A\n"})
    assert written(run(config, root)) == {"index.md", "my notes.md", "a.md"}
    assert tree(config)["index.md"] == b"# Hello\n\n[list](my%20notes.md)\n"
    assert diary(config, root).exit_code == 3


def test_a_single_readme_is_named_after_its_folder(make_diary: Make, source: Source) -> None:
    root = source({"resnet/README.md": "# Deep Residual Learning\n\nDeep.\n"})
    assert written(importing.plan(make_diary({}), [root / "resnet" / "README.md"])) == {"resnet.md"}


def test_a_single_file_brings_its_pictures(make_diary: Make, source: Source) -> None:
    root = source(
        {"n.md": "# N\n\n![a](img/a.png) ![b](../b.png) [c](other.md)\n", "img/a.png": b"a", "other.md": "# O\n"}
    )
    (root.parent / "b.png").write_bytes(b"b")
    plan = importing.plan(make_diary({}), [root / "n.md"])
    assert written(plan) == {"n.md", "img/a.png"}
    assert [p.code for p in plan.problems] == ["link-leads-out"]


def test_paths_that_cannot_be_imported(make_diary: Make, source: Source) -> None:
    config = make_diary({"a.md": "# A\n"})
    root = source(
        {"x.pdf": b"%PDF", "x.docx": b"PK", "none": bytes(range(32)) * 9, "ok.md": "# Ok\n", "data.json": '{"a": 1}'}
    )
    with pytest.raises(UsageError, match=r"It reads a folder of notes; .*BibTeX.*diary add"):
        importing.plan(config, [root / "x.pdf"])
    with pytest.raises(UsageError, match="pandoc"):
        importing.plan(config, [root / "x.docx"])
    with pytest.raises(UsageError, match="is not text"):
        importing.plan(config, [root / "none"])
    with pytest.raises(UsageError, match="no CSL-JSON"):
        importing.plan(config, [root / "data.json"])
    with pytest.raises(UsageError, match="does not exist"):
        importing.plan(config, [root / "nowhere.md"])
    with pytest.raises(UsageError, match="in the diary already"):
        importing.plan(config, [config.notes / "a.md"])
    empty = root / "empty"
    empty.mkdir()
    with pytest.raises(DiaryError, match="nothing to import"):
        importing.plan(config, [empty])
    plan = importing.plan(config, [root / "ok.md", root / "x.docx"])
    assert written(plan) == {"ok.md"}
    assert "pandoc" in reasons(plan)["x.docx"]
    result = diary(config, root / "x.pdf")
    assert (result.exit_code, result.stdout) == (2, "")


def test_the_folder_that_the_diary_is_in(make_diary: Make, tmp_path: Path) -> None:
    config = make_diary({"a.md": "# A\n"})
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "b.md").write_text("# B\n")
    plan = importing.plan(config, [tmp_path])
    assert written(plan) == {"old/b.md"}
    assert reasons(plan)["notes"] == "part of this diary"


# -- duplicates


def test_entries_that_are_in_the_diary(make_diary: Make, source: Source) -> None:
    config = make_diary(
        {
            "a.md": "# Attention\n\nhttps://arxiv.org/abs/1706.03762\n",
            "b.md": "---\ntitle: Deep Learning\nauthors: [Ian Goodfellow]\n---\n",
        }
    )
    root = source(
        {
            "same id.md": "# Transformers\n\nhttps://arxiv.org/pdf/1706.03762v5.pdf\n",
            "same title.md": "---\ntitle: deep learning\nauthor: Goodfellow, I.\n---\n\nA book.\n",
            "other author.md": "---\ntitle: Deep Learning\nauthor: Yann LeCun\n---\n\nA paper.\n",
            "half.md": "## [One](https://arxiv.org/abs/1706.03762)\nx\n\n## [Two](https://arxiv.org/abs/2001.00002)\ny\n",
        }
    )
    plan = importing.plan(config, [root])
    assert written(plan) == {"other author.md", "half.md"}
    assert {(d.source.name, d.line, d.entry and d.entry.note, d.written) for d in plan.duplicates} == {
        ("same id.md", 1, "a.md", False),
        ("same title.md", 1, "b.md", False),
        ("half.md", 1, "a.md", True),
    }
    result = diary(config, root / "same id.md")
    assert result.exit_code == 3
    assert "“Transformers” is in the diary already: “Attention” in notes/a.md, line 1." in result.stderr
    assert set(tree(config)) == {"a.md", "b.md"}


def test_duplicates_inside_the_import(make_diary: Make, source: Source) -> None:
    root = source(
        {
            "a.md": "# One\n\nhttps://arxiv.org/abs/2001.00001\n",
            "b.md": "# Other words\n\nhttps://arxiv.org/abs/2001.00001\n\nMore.\n",
            "c.md": "# [X](https://a.org/x)\nx\n\n# [Y](https://a.org/y)\ny\n\n# [Z](https://a.org/x)\nz\n",
        }
    )
    plan = importing.plan(make_diary({}), [root])
    assert written(plan) == {"a.md", "b.md", "c.md"}, "both are the reader's words"
    assert [
        (d.source.name, d.line, d.inside and d.inside[0].name, d.inside and d.inside[1]) for d in plan.duplicates
    ] == [
        ("b.md", 1, "a.md", 1),
        ("c.md", 7, "c.md", 1),
    ]


def test_links_to_a_duplicate_lead_to_the_entry_that_is_there(make_diary: Make, source: Source) -> None:
    config = make_diary({"old/name.md": "# A\n\nhttps://arxiv.org/abs/2001.00001\n"})
    root = source(
        {
            "a.md": "# A again\n\nhttps://arxiv.org/abs/2001.00001\n\n![p](p.png)\n",
            "p.png": b"p",
            "b.md": "[a](a.md#x)\n",
        }
    )
    assert written(run(config, root)) == {"b.md"}, "the picture of a note that is not written stays out too"
    assert tree(config)["b.md"] == b"[a](old/name.md#x)\n"


def test_the_example_keeps_nothing_away(make_diary: Make, source: Source, tmp_path: Path) -> None:
    init.init(tmp_path)
    config = make_diary({}, (tmp_path / "mkdocs.yml").read_text())
    plan = importing.plan(config, [source({"t.md": "# Attention\n\nhttps://arxiv.org/abs/1706.03762\n\nMy words.\n"})])
    assert written(plan) == {"t.md"}
    assert len(plan.duplicates) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "# Paper\n\n- **Title**: A Heap That Is the Same\n- **Link**: https://a.org/1\n"),
        ("A Heap That Is the Same 阅读笔记.md", "Words.\n\nhttps://a.org/2\n"),
        ("a.md", "# 论文笔记：A Heap That Is the Same\n\nhttps://a.org/3\n"),
        ("a.md", "---\ntitle: >-\n  A Heap That\n  Is the Same\nurl: https://a.org/4\n---\n"),
        ("a.md", "| Title | Link |\n|---|---|\n" + "".join(f"| A{n} b c | https://a.org/{n} |\n" for n in "5673")
         + "| A Heap That Is the Same | https://a.org/8 |\n"),
        ("a.md", "<h1>A Heap That Is the Same</h1>\n\n[link](https://a.org/9)\n"),
    ],
)  # fmt: skip
def test_many_notes_lose_no_duplicate(make_diary: Make, source: Source, name: str, text: str) -> None:
    """However a title is written, and however many notes there are."""
    files = {f"{n}.md": f"# The note number {n} here\n\nhttps://arxiv.org/abs/2001.{n:05}\n" for n in range(310)}
    twin = {"z.md": "---\ntitle: A heap that is the same\nurl: https://c.org/d\n---\n"}
    plan = importing.plan(make_diary({}), [source({**files, name: text, **twin})])  # type: ignore[dict-item]
    assert [d.title.lower() for d in plan.duplicates] == ["a heap that is the same"]
    assert len(plan.files) == 312


# -- captions

VTT = """\
WEBVTT
Kind: captions
Language: en

STYLE
::cue {color: red}

NOTE made by a machine

1
00:00:00.160 --> 00:00:02.070 align:start position:0%

hello<00:00:01.000><c> world.</c>

00:00:02.070 --> 00:00:02.080 align:start position:0%
hello world.


00:00:02.080 --> 00:00:04.000 align:start position:0%
hello world.
next<00:00:03.000><c> line &amp; more</c>

00:00:04.000 --> 00:00:04.010
next line &amp; more
"""


def test_rolled_captions(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    plan = run(config, source({"A_talk-on worms [dQw4w9WgXcQ].en.vtt": VTT}) / "A_talk-on worms [dQw4w9WgXcQ].en.vtt")
    assert [r.kind for r in plan.files[0].repairs] == ["captions"]
    assert list(tree(config)) == ["A_talk-on worms.md"]
    meta, body = front(tree(config)["A_talk-on worms.md"])
    assert meta["kind"] == "talk"
    assert meta["title"] == "A talk on worms"
    assert meta["url"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert body == "hello world. next line & more"


def test_subtitles_that_do_not_roll() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\n<i>Yes.</i>\n\n2\n00:00:02,000 --> 00:00:03,000\nYes.\n\n"
    srt += "3\n00:01:02,000 --> 00:01:03,000\n<v Ann>It is\n42\n\n4\n00:01:05,000 --> 00:01:06,000\n- No.\n"
    assert captions.is_captions(srt)
    assert captions.parse(srt).lines == ("Yes.", "Yes.", "Ann: It is", "42", "- No.")


@pytest.mark.parametrize(
    "line",
    ["0:{0:02}\nsome words number {1}", "0:{0:02} some words number {1}", "0:{0:02}{0} seconds some words number {1}"],
)
def test_a_transcript_copied_from_youtube(line: str) -> None:
    words = "\n".join(line.format(n * 4, n) for n in range(14))
    assert captions.is_captions(words)
    assert captions.parse(words).lines == tuple(f"some words number {n}" for n in range(14))


def test_what_is_no_captions() -> None:
    assert not captions.is_captions("".join(f"{n * 7}:03 chapter {n}\n" for n in range(12)))
    assert not captions.is_captions("# Notes\n\n- 10:15 coffee\n- 10:20 talk\n")
    assert not captions.is_captions("")


def test_plain_rolled_lines_become_paragraphs() -> None:
    lines = [f"and so the sentence number {n} ends" + ("." if n % 5 == 4 else "") for n in range(100)]
    rolled = "Kind: captions\nLanguage: en\n" + "\n".join(line for line in lines for _ in range(2)) + "\n"
    assert captions.is_captions(rolled)
    found = captions.parse(rolled)
    assert found.lines == tuple(lines)
    assert (found.language, found.rolled) == ("en", 100)
    whole = captions.paragraphs(found.lines)
    assert " ".join(whole).split() == " ".join(lines).split()
    assert all(90 <= len(p.split()) <= 165 for p in whole[:-1])
    assert all(p.endswith(".") for p in whole[:-1])


def test_spoken_words_are_no_markdown() -> None:
    note = captions.as_note(captions.Captions((">> so <b> & *x* # 1. $5",)), "T")
    assert note.endswith("\\>> so &lt;b> & \\*x\\* # 1. $5\n")


# -- bibliographies

BIB = r"""% mine
@article{vaswani, title = {Attention Is All You {Need}}, author = {Vaswani, Ashish and Shazeer, Noam and others},
  year = 2017, month = jun, eprint = {1706.03762}, archivePrefix = {arXiv}, keywords = {transformers, nlp},
  url = {https://arxiv.org/abs/1706.03762v5}, abstract = {A <b>simple</b> network: 5\% < $O(n^2)$.}}

@inproceedings{broken, title = {A title with an {open brace, author = {A. Nobody},
  year = {2019}
}

@article{goedel, title = {{\"U}ber S{\"a}tze: {\'e}t{\'e}}, author = {G{\"o}del, Kurt and {OpenAI Team}},
  year = {1931}, doi = {10.1007/BF01700692}, groups = {Logic / Old}, annote = {I liked it.

  Very \textbf{good}, 100% of it.}}
@book{deep, title = "Deep {L}earning", author = "Ian Goodfellow and van der Berg, Jan", year = "2016"}
@misc{note, title = {Half Read}, note = {arXiv:2001.12345 [cs]}, year = {2020}}
@misc{own, title = {Whole Read}, note = {The proof of lemma 3 is wrong.}, year = {2020}}
@online{blog, title = {A Post}, url = {https://lilianweng.github.io/x/}, date = {2023-06-23}, author = {Weng, Lilian}}
@misc{untitled, year = {2001}}
@article{again, title = {Attention is all you need}, journal = {arXiv preprint arXiv:1706.03762}, year = 2017}
"""


def test_bibtex(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    result = diary(config, source({"refs.bib": BIB}) / "refs.bib")
    assert result.exit_code == 0, result.output
    found = {name: front(data) for name, data in tree(config).items()}
    assert set(found) == {
        "inbox/attention-is-all-you-need.md",
        "logic/old/uber-satze-ete.md",
        "inbox/deep-learning.md",
        "inbox/half-read.md",
        "inbox/whole-read.md",
        "inbox/a-post.md",
    }
    meta, body = found["inbox/attention-is-all-you-need.md"]
    assert meta == {
        "title": "Attention Is All You Need",
        "authors": ["Ashish Vaswani", "Noam Shazeer"],
        "et_al": True,
        "year": 2017,
        "published": "2017-06",
        "citation_key": "vaswani",
        "keep_case": ["Need"],
        "arxiv": "1706.03762",
        "kind": "paper",
        "status": "queued",
        "tags": ["transformers", "nlp"],
        "description": "",
    }
    assert body == (
        "<details>\n<summary>Abstract</summary>\n\nA <b>simple</b> network: 5% &lt; $O(n^2)$.\n\n</details>"
    )
    meta, body = found["logic/old/uber-satze-ete.md"]
    assert (meta["title"], meta["authors"]) == ("Über Sätze: été", ["Kurt Gödel", "OpenAI Team"])
    assert (meta["doi"], meta["status"]) == ("10.1007/bf01700692", "read")
    assert body == "I liked it.\n\nVery good, 100% of it."
    assert found["inbox/deep-learning.md"][0]["authors"] == ["Ian Goodfellow", "Jan van der Berg"]
    assert found["inbox/deep-learning.md"][0]["kind"] == "book"
    assert (found["inbox/half-read.md"][0]["arxiv"], found["inbox/half-read.md"][0]["status"]) == (
        "2001.12345",
        "queued",
    )
    assert found["inbox/whole-read.md"][1] == "The proof of lemma 3 is wrong."
    assert found["inbox/whole-read.md"][0]["status"] == "read"
    assert (found["inbox/a-post.md"][0]["kind"], found["inbox/a-post.md"][0]["published"]) == ("blog", "2023-06-23")
    assert re.search(r"refs\.bib, line 6: the entry “@inproceedings\{broken.* is broken and left out", result.stderr)
    assert "refs.bib, line 18: the entry “untitled” has no title" in result.stderr
    assert "refs.bib:19  “Attention is all you need” is" in result.stdout
    entries = {e.id: e for note in notes.read_all(config) for e in note.entries}
    assert {"arxiv:1706.03762", "doi:10.1007/bf01700692"} <= set(entries)


@pytest.mark.parametrize(
    ("written_as", "plain"),
    [
        (r"Erd{\H o}s and \v{S}krabal", "Erdős and Škrabal"),
        (r"50\% of C\# \& more", "50% of C# & more"),
        ("100% of {A}{B}", "100% of AB"),
        (r"``quoted'' --- $\ell_2$ 100% \emph{so}", "“quoted” — $\\ell_2$ 100% so"),
        (r"\'{e}t\'e", "été"),
        ("plain_name", "plain_name"),
    ],
)
def test_latex(written_as: str, plain: str) -> None:
    assert bibtex.decode(written_as) == plain


def test_a_bib_without_a_good_entry(make_diary: Make, source: Source) -> None:
    path = source({"x.bib": "@article{a, title = {open\n"}) / "x.bib"
    with pytest.raises(DiaryError, match=r"nothing to import in .*x\.bib, line 1: .*broken"):
        importing.plan(make_diary({}), [path])


CSL = """[
 {"id": "a", "type": "article-journal", "title": "Mastering <i>Go</i>", "DOI": "10.1038/NATURE16961",
  "author": [{"family": "Silver", "given": "David"}, {"family": "Berg", "given": "Jan",
  "non-dropping-particle": "van der"}, {"literal": "DeepMind"}], "issued": {"date-parts": [["2016", 1, 28]]},
  "abstract": "<jats:p>The game</jats:p>", "note": "PMID: 123\\narXiv:1512.00001 [cs]", "keyword": "games; go"},
 {"id": "b", "type": "webpage", "title": "A talk", "URL": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
  "issued": {"raw": "June 2020"}, "annote": "<p>Nice <b>talk</b></p><ul><li>one</li></ul>"},
 {"id": "c", "type": "book"},
 {"id": "d", "type": "article", "title": "One", "number": "arXiv:2101.00001", "collection": "Robots"},
 {"id": broken}
]"""


def test_csl_json(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    plan = run(config, source({"z.json": CSL}) / "z.json")
    found = {name: front(data) for name, data in tree(config).items()}
    assert set(found) == {"inbox/mastering-go.md", "inbox/a-talk.md", "robots/one.md"}
    meta, body = found["inbox/mastering-go.md"]
    assert meta["authors"] == ["David Silver", "Jan van der Berg", "DeepMind"]
    assert (meta["doi"], meta["arxiv"], meta["published"]) == ("10.1038/nature16961", "1512.00001", "2016-01-28")
    assert meta["tags"] == ["games", "go"]
    assert "The game" in body
    assert meta["status"] == "queued"
    meta, body = found["inbox/a-talk.md"]
    assert (meta["kind"], meta["published"], meta["status"]) == ("talk", "2020-06", "read")
    assert body == "Nice **talk**\n\n- one"
    assert [(p.line, p.code) for p in plan.problems] == [(8, "csl-no-title"), (10, "json-broken")]


def test_better_bibtex_json() -> None:
    item = {
        "itemID": 7, "itemType": "journalArticle", "title": "Diffusion Policy", "date": "2023-03-07",
        "creators": [{"firstName": "Cheng", "lastName": "Chi", "creatorType": "author"}],
        "url": "http://arxiv.org/abs/2303.04137", "notes": [{"note": "<p>mine</p>"}], "tags": [{"tag": "robots"}],
    }  # fmt: skip
    whole = {
        "collections": {"K": {"name": "Robot Learning", "items": [7]}},
        "items": [item, {"itemType": "attachment"}],
    }
    items, problems = csl.parse(json.dumps(whole), "z.json")
    assert problems == []
    assert [(i.title, i.authors, i.topics, i.arxiv, i.notes, i.tags) for i in items] == [
        ("Diffusion Policy", ("Cheng Chi",), ("Robot Learning",), "2303.04137", ("mine",), ("robots",))
    ]


def test_remarks() -> None:
    assert is_librarian("arXiv:1706.03762 [cs]")
    assert is_librarian("Publisher: Nature Publishing Group")
    assert is_librarian("Accepted at ICLR 2020")
    assert not is_librarian("I do not believe table 2")
    assert from_html('<h1>A</h1><p>x &amp; <a href="u">y</a></p>') == "### A\n\nx & [y](u)"


# -- the command


def test_a_dry_run_writes_nothing(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    root = source({"a.md": "# It’s A\n".encode().decode("cp1252"), "LICENSE": "x"})
    result = diary(config, root, "--dry-run")
    assert result.exit_code == 0
    assert "would write  notes/a.md  from " in result.stdout
    assert "a.md:1  read-back: # Itâ€™s A -> # It’s A" in result.stdout
    assert "LICENSE: about the repository" in result.stdout
    assert "1 note would be written, 1 left out." in result.stderr
    assert tree(config) == {}


def test_json(make_diary: Make, source: Source) -> None:
    config = make_diary({"old.md": "# Old\n\nhttps://arxiv.org/abs/2001.00001\n"})
    root = source({"a.md": "# A\x07\n", "b.md": "# B\n\nhttps://arxiv.org/abs/2001.00001\n", "x.zip": b"PK"})
    result = diary(config, "--json", root)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert list(found) == ["dry_run", "files", "there", "left_out", "duplicates", "problems"]
    assert [(f["note"], f["role"], [r["kind"] for r in f["repairs"]]) for f in found["files"]] == [
        ("a.md", "note", ["control"])
    ]
    assert found["duplicates"][0]["entry"]["note"] == "old.md"
    assert (config.notes / "a.md").read_text() == "# A\n"
    again = diary(config, "--json", root / "b.md")
    assert again.exit_code == 3
    assert json.loads(again.stdout)["files"] == []


def test_refusing_duplicates_needs_nothing_to_write(make_diary: Make, source: Source) -> None:
    config = make_diary({})
    plan = importing.plan(config, [source({"a.md": "# A\n"})])
    importing.refuse_duplicates(plan)
    importing.execute(config, plan)
    with pytest.raises(DuplicateError):
        importing.refuse_duplicates(importing.plan(config, [source({})]))


def test_every_importer_says_what_it_reads() -> None:
    assert list(importing.READS) == list(importing.IMPORTERS)


def test_relative_links() -> None:
    words = "[a](b.md) ![c](<d e.png>) [w](https://x.org) [m](mailto:a@b) [h](#x) ![](f (1).png 'T') [[g|H]]"
    words += ' <a href="i.md?x#y">'
    assert [link.path for link in moved.links(words)] == ["b.md", "d e.png", "f (1).png", "g", "i.md?x#y"]


@pytest.mark.parametrize("name", ["a.txt", "b", "c.bib.txt"])
def test_what_a_file_is(source: Source, name: str) -> None:
    words = "% x\n@article{a, title={T}}\n" if "bib" in name else "plain words\n"
    assert importing.kind_of(source({name: words}) / name) == ("bibtex" if "bib" in name else "text")


def test_binary() -> None:
    assert text.is_binary(bytes(range(256)) * 10)
    assert not text.is_binary("文字 words\x00 more".encode())
    assert not text.is_binary("words".encode("utf-16"))
    assert not text.is_binary("文字の例です".encode("gbk", "ignore"))


# -- the five documents


@pytest.mark.skipif(not SEEDS.exists(), reason="the five documents are not here")
def test_the_five_documents(make_diary: Make, tmp_path: Path) -> None:
    init.init(tmp_path)
    config = make_diary({}, (tmp_path / "mkdocs.yml").read_text())
    seeds = sorted(SEEDS.glob("0*.txt"))
    plan = run(config, *seeds)
    assert written(plan) == {
        "000_e20e770365df6d6e.md",
        "001_ecc5f48c1f3c9460.md",
        "index.md",
        "003_a13df92a51c2bb69.md",
        "004_6495bb3579a7f48c.md",
    }
    assert not plan.problems
    found = tree(config)
    for seed in (seeds[0], seeds[1]):
        assert found[f"{seed.stem}.md"] == seed.read_bytes()
    meta, body = front(found["004_6495bb3579a7f48c.md"])
    assert (meta["kind"], len(body.split())) == ("talk", 35_004)
    assert len(seeds[4].read_text().split()) == 65_720
    assert 250 < len(body.split("\n\n")) < 400
    assert "Montezuma’s" in found["003_a13df92a51c2bb69.md"].decode()
    assert "📌" in found["index.md"].decode()
    twins = [d for d in plan.duplicates if "Sky Computing" in d.title]
    assert len(twins) == 1
    assert twins[0].written
    result = diary(config, *seeds)
    assert result.exit_code == 3
    assert tree(config) == found
