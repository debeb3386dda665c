from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from paperdiary.config import Config
from paperdiary.entry import Entry, Note
from paperdiary.frontmatter import decode, split_front_matter
from paperdiary.notes import note_paths, read_all
from paperdiary.onenote import read_note
from paperdiary.slugs import page_url, pretty, slug

Make = Callable[..., Config]

ATTENTION = "https://arxiv.org/abs/1706.03762"


def matter(**values: str) -> str:
    return "---\n" + "".join(f"{k}: {v}\n" for k, v in values.items()) + "---\nText of the note.\n"


@pytest.fixture
def note(make_diary: Make) -> Callable[..., Note]:
    def read(text: str | bytes, path: str = "n.md") -> Note:
        return read_note(make_diary({path: text}), path)

    return read


@pytest.fixture
def entry(note: Callable[..., Note]) -> Callable[..., Entry]:
    def read(text: str | bytes, path: str = "n.md") -> Entry:
        (only,) = note(text, path).entries
        return only

    return read


# -- bytes


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfhi", "hi"),
        ("hé 深".encode("utf-16"), "hé 深"),
        (b"\xfe\xff\x00h", "h"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\rb\rc", "a\nb\nc"),
        (b"a\r\nb\nc", "a\nb\nc"),
        ("深 π 📌 \ufffd".encode(), "深 π 📌 \ufffd"),
        (b"a\tb\n\n", "a\tb\n\n"),
    ],
)
def test_decode(data: bytes, text: str) -> None:
    assert decode(data, "n.md") == (text, [])


@pytest.mark.parametrize(
    "data",
    [
        b"a\x00b\x02\x07\x08\x0b\x0c\x1e\x7f\nc",
        "a\u2028b\u2029c\x85d\ne".encode(),
        b"a\rb\nc\r\r\nd\n",
        b"\r\r\n\n",
    ],
)
def test_lines_end_at_line_feeds_only(data: bytes) -> None:
    text, problems = decode(data, "n.md")
    assert not problems
    assert text.count("\n") == data.count(b"\n")  # an editor and the site count alike
    assert len((text + "x").splitlines()) == len(text.split("\n"))


@pytest.mark.parametrize(
    ("data", "text", "line"),
    [
        (b"ok\ncaf\xe9 \x93q\x94", "ok\ncafé “q”", 2),
        (b"\x81", "\ufffd", 1),
        ("中".encode("gbk"), "中", 1),
        (b"a\n\n\xff", "a\n\nÿ", 3),
    ],
)
def test_other_encodings_are_read_with_a_warning(data: bytes, text: str, line: int) -> None:
    found, (problem,) = decode(data, "x/n.md")
    assert found == text
    assert (problem.severity, problem.code, problem.note, problem.line) == ("warning", "not-utf-8", "x/n.md", line)


def test_half_a_utf_16_character_is_no_error() -> None:
    assert decode(b"\xff\xfeh\x00i", "n.md")[0].startswith("h")


# -- front matter


@pytest.mark.parametrize(
    ("text", "meta", "body", "offset"),
    [
        ("", {}, "", 0),
        ("# T", {}, "# T", 0),
        ("---\ntitle: A\n---\nb\n", {"title": "A"}, "b\n", 3),
        ("--- \ntitle: A\n---\t\nb", {"title": "A"}, "b", 3),
        ("---\ntitle: A\n...\nb", {"title": "A"}, "b", 3),
        ("---\n---\nb", {}, "b", 2),
        ("---\n# only a comment\n---\nb", {}, "b", 3),
        ("---\ntitle: >\n  a\n  b: c\n---\n", {"title": "a b: c"}, "", 5),
        ("---\nTitle: A\nDOI: x\n---\n", {"title": "A", "doi": "x"}, "", 4),
        ("---\nown: 1\n2: b\n---\n", {"own": 1, "2": "b"}, "", 4),
        # an opening rule is no front matter
        ("---\nA sentence.\n\n---\nb", {}, "---\nA sentence.\n\n---\nb", 0),
        ("---\n- a\n- b\n---\nc", {}, "---\n- a\n- b\n---\nc", 0),
        ("---\n\n# T\n\nb", {}, "---\n\n# T\n\nb", 0),
        ("---", {}, "---", 0),
        ("----\ntitle: A\n----\n", {}, "----\ntitle: A\n----\n", 0),
        # blank lines and comments may stand before it
        ("\n---\ntitle: A\n---\n", {"title": "A"}, "", 4),
        ("<!-- not for\nsharing -->\n\n---\ntitle: A\n---\nb", {"title": "A"}, "b", 6),
        ("\n---\nA: sentence\n---\nb", {}, "\n---\nA: sentence\n---\nb", 0),
        ("<!-- x -->\n# T\n", {}, "<!-- x -->\n# T\n", 0),
        # TOML, as Hugo and Zola have it
        ('+++\ntitle = "A"\nyear = 2019\n+++\nb', {"title": "A", "year": 2019}, "b", 4),
        ('+++\ntitle = "A"\n[taxonomies]\ntags = ["x"]\n+++\n', {"title": "A", "tags": ["x"]}, "", 5),
        ("+++\nno toml\n+++\nb", {}, "+++\nno toml\n+++\nb", 0),
        ("+++\na = 1\n", {}, "+++\na = 1\n", 0),
        # dashes and spaces in keys; a day of reading is the date
        (
            "---\npaper-url: x\narxiv_id: y\nread: false\n---\n",
            {"url": "x", "arxiv": "y", "read": False, "status": "queued"},
            "",
            5,
        ),
        ("---\nread-date: 2025-06-04\ndate: 2025-06-01\n---\n", {"date": dt.date(2025, 6, 4)}, "", 4),
        ("---\nread-date: \ndate: 2025-06-01\n---\n", {"date": dt.date(2025, 6, 1)}, "", 4),
    ],
)
def test_front_matter(text: str, meta: dict[str, Any], body: str, offset: int) -> None:
    assert split_front_matter(text, "n.md") == (meta, body, offset, [])


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("author", "authors"),
        ("date_read", "date"),
        ("created", "date"),
        ("eprint", "arxiv"),
        ("DOI", "doi"),
        ("link", "url"),
        ("tag", "tags"),
        ("keywords", "tags"),
        ("summary", "description"),
        ("excerpt", "description"),
        ("tldr", "description"),
        ("Reading_Status", "status"),
    ],
)
def test_aliases_give_way_to_the_name_itself(alias: str, name: str) -> None:
    assert split_front_matter(f"---\n{alias}: x\n---\n", "")[0][name] == "x"
    if alias.lower() != name:
        assert split_front_matter(f"---\n{alias}: x\n{name}: y\n---\n", "")[0][name] == "y"


@pytest.mark.parametrize(
    ("yaml", "line", "meta"),
    [
        ("title: A: B", 2, {"title": "A: B"}),
        ("year: 2017\ntitle: A: B\ntags: [x", 3, {"year": "2017", "title": "A: B"}),
        ("title: 'A", None, {"title": "A"}),
        ("title: A\ndate: 2025-13-45", None, {"title": "A", "date": "2025-13-45"}),
        ("title: A\nid: 0x_", None, {"title": "A", "id": "0x_"}),
        ("title: A\nx: !!python/object:os.system x", 3, {"title": "A"}),
        ("title: A\nx: !unknown y", 3, {"title": "A"}),
        ("title: A\nx: *nowhere", 3, {"title": "A"}),
        ("title: A\n\t- x: y", None, {"title": "A"}),
        ("title: A\nx: !!timestamp y", None, {"title": "A"}),
        ("title: A\nx: !!int ''", None, {"title": "A"}),
        ("title: A\nx: !!bool y", None, {"title": "A"}),
    ],
)
def test_broken_yaml_is_reported_and_what_can_be_read_is_kept(
    yaml: str, line: int | None, meta: dict[str, Any]
) -> None:
    found, body, offset, (problem,) = split_front_matter(f"---\n{yaml}\n---\nbody", "n.md")
    assert meta.items() <= found.items()
    assert (body, offset) == ("body", yaml.count("\n") + 3)
    assert (problem.severity, problem.code, problem.note) == ("error", "front-matter-broken", "n.md")
    assert line in (None, problem.line)
    assert 1 < problem.line <= offset


@pytest.mark.parametrize(
    ("text", "body", "offset"),
    [
        ("---\ntitle: A\ntags:\n- x\n\n# H\n\ntext", "\n# H\n\ntext", 4),
        ("---\ntitle: A\n# H", "# H", 2),
        ("---\ntitle: A", "", 2),
    ],
)
def test_front_matter_that_never_closes(text: str, body: str, offset: int) -> None:
    meta, rest, before, (problem,) = split_front_matter(text, "n.md")
    assert (meta["title"], rest, before) == ("A", body, offset)
    assert (problem.severity, problem.code, problem.line) == ("error", "front-matter-open", 1)


def test_front_matter_that_never_closes_swallows_no_text() -> None:
    _, body, _, problems = split_front_matter("---\ntitle: A\n\n# H\n\nFirst part.\n\n---\n\nSecond part.\n", "n.md")
    assert "First part." in body
    assert problems


def test_recursive_yaml_is_no_error(entry: Callable[..., Entry]) -> None:
    assert entry("---\ntitle: A\ntags: &x [*x, b]\n---\n").title == "A"


# -- names and addresses


@pytest.mark.parametrize(
    "path",
    [
        "a.md",
        "s/index.md",
        "s/README.md",
        "a b&c?#.md",
        "a.b.md",
        "100%.md",
        "深/π.md",
        'x"y^z.markdown',
        "a'(1)~!*+=,@$;.md",
        "two  spaces.md",
    ],
)
@pytest.mark.parametrize("directory_urls", [True, False])
def test_page_addresses_are_those_of_mkdocs(path: str, directory_urls: bool) -> None:
    from mkdocs.structure.files import File

    assert page_url(path, directory_urls) == File(path, "docs", "site", directory_urls).url
    assert unquote(page_url(path, directory_urls)).isprintable()


def test_the_front_page_has_an_empty_address() -> None:
    assert page_url("index.md", True) == ""
    assert page_url("index.md", False) == "index.html"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Attention Is All You Need", "attention-is-all-you-need"),
        ("A/B: C? (2)", "a-b-c-2"),
        ("  __x__ ", "x"),
        ("Ångström café", "angstrom-cafe"),
        ("深度学习", "深度学习"),
        ("", "untitled"),
        ("***", "untitled"),
        ("<script>", "script"),
        ("深度学习 BERT", "深度学习-bert"),
        ("map—reduce", "map-reduce"),
    ],
)
def test_slug(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_slug_has_an_end() -> None:
    assert slug("word " * 100).startswith("word-word")
    assert len(slug("word " * 100)) <= 64
    assert not slug("word " * 100).endswith("-")


@pytest.mark.parametrize(
    ("stem", "title"),
    [("my_note-file", "My note file"), ("BERT", "BERT"), ("", "Untitled"), ("__", "Untitled"), ("深_度", "深 度")],
)
def test_pretty(stem: str, title: str) -> None:
    assert pretty(stem) == title


# -- which files


def test_note_paths(make_diary: Make) -> None:
    names = [
        "z.md",
        "A.markdown",
        "s/b.mdown",
        "s/templates/c.mkd",
        "paper/README.md",  # a folder a paper
        "two words & more?.md",
        # pages, not notes
        "index.md",
        "README.md",
        "s/index.md",
        "s/README.md",
        # not published
        "templates/t.md",
        ".hidden/h.md",
        "s/.h.md",
        "s/text.txt",
        "s/noending",
    ]
    config = make_diary(dict.fromkeys(names, "x"))
    assert list(note_paths(config)) == sorted(names[:6])
    found = read_all(config)
    assert [n.path for n in found if n.page is None] == sorted(names[:6])
    assert [n.path for n in found if n.page is not None] == ["index.md", "s/index.md"]


def test_no_notes(make_diary: Make) -> None:
    assert read_all(make_diary({})) == []


def test_exclude_docs_is_read_as_gitignore(make_diary: Make) -> None:
    yml = "site_name: T\ndocs_dir: notes\nexclude_docs: |\n  drafts/*\n  !drafts/ready.md\n  *.private.md\n"
    names = ["a.md", "a.private.md", "drafts/b.md", "drafts/ready.md", "s/drafts.md"]
    assert list(note_paths(make_diary(dict.fromkeys(names, "x"), yml))) == ["a.md", "drafts/ready.md", "s/drafts.md"]


def test_a_link_that_leads_nowhere_is_no_error(make_diary: Make) -> None:
    config = make_diary({"a.md": "x"})
    (config.notes / "b.md").symlink_to(config.notes / "gone.md")
    assert "a.md" in [n.path for n in read_all(config)]


# -- one entry


def test_every_field_of_front_matter(entry: Callable[..., Entry]) -> None:
    found = entry(
        "---\ntitle: A title\nauthors: [A B, C D]\nyear: 2017\ndate: 2025-06-04\npublished: 2017-06-12\n"
        "eprint: 1706.03762v2\nDOI: https://doi.org/10.1145/ABC\nlink: https://example.com/post\nkind: Talk\n"
        "status: Reading\ntags: [nlp, 2017, '#seq', nlp, null]\nsummary: Two\n  lines.\n---\n"
        "\n# A title\n\nText here.\n",
        "ml/nlp/n.md",
    )
    assert found.as_dict() == {
        "id": "arxiv:1706.03762",
        "title": "A title",
        "kind": "talk",
        "url": ATTENTION,
        "arxiv": "1706.03762",
        "doi": "10.1145/abc",
        "authors": ["A B", "C D"],
        "year": 2017,
        "date": "2025-06-04",
        "status": "reading",
        "topic": "ml/nlp",
        "tags": ["nlp", "2017", "seq"],
        "description": "Two lines.",
        "note": "ml/nlp/n.md",
        "line": 1,
        "page": "ml/nlp/n/",
    }
    assert found.published == "2017-06-12"
    assert [s.label for s in found.sources] == ["arXiv", "DOI", "example.com"]
    assert [p.text for p in found.passages] == ["Two lines. Text here."]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# From H1\n\ntext", "From H1"),
        ("#### Deep\n\ntext", "Deep"),
        ("Underlined\n===\n\ntext", "Underlined"),
        ("---\ntitle: ''\n---\n# From H1\n", "From H1"),
        ("---\ntitle: From YAML\n---\n# Other\n", "From YAML"),
        ("---\ntitle: 1984\n---\n", "1984"),
        ("---\ntitle: |\n  Two\n  lines\n---\n", "Two lines"),
        ("# A *b* `c` [d](e.md)\n", "A b c d"),
        ("# Read it [TODO]\n\nx", "Read it"),
        ('# <script>alert(1)</script> & "more"\n', 'alert(1) & "more"'),
        ("no heading at all", "My note"),
        ("```\n# in code\n```", "My note"),
        ("", "My note"),
        ("# \n\ntext", "My note"),
    ],
)
def test_title(entry: Callable[..., Entry], text: str, title: str) -> None:
    assert entry(text, "my_note.md").title == title


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (ATTENTION, ATTENTION),
        (f"[arXiv Link]({ATTENTION}v2)", ATTENTION),
        (f"[arXiv Link]:({ATTENTION})", ATTENTION),
        ("[title][https://example.com/a]", "https://example.com/a"),
        (f"- **Link**: {ATTENTION}", ATTENTION),
        ("www.example.com/a", "https://www.example.com/a"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("https://arxiv.org/pdf/1706.03762v7.pdf#page=8", ATTENTION),
        ("[empty]()", None),
        (f"[{ATTENTION}]({ATTENTION})", ATTENTION),
        (f"论文：{ATTENTION}。", ATTENTION),
    ],
)
def test_the_link_below_the_title(entry: Callable[..., Entry], head: str, url: str | None) -> None:
    assert entry(f"# T\n\n{head}\n\nText of the note.\n").url == url


def test_a_title_that_is_a_link(entry: Callable[..., Entry]) -> None:
    found = entry(f"# [T]({ATTENTION})\n\nText of the note.\n")
    assert (found.title, found.id, found.kind) == ("T", "arxiv:1706.03762", "paper")


@pytest.mark.parametrize(
    "text",
    [
        f"# T\n\nA sentence that cites {ATTENTION} among many other words.\n",
        f"# T\n\nText of the note.\n\n## References\n\n- [x]({ATTENTION})\n",
        f"# T\n\nText of the note.\n\n## To read\n\n- {ATTENTION}\n- https://example.com/b\n",
        f"# T\n\nText.\n\n```\n{ATTENTION}\n```\n",
    ],
)
def test_links_in_the_text_are_not_its_own(entry: Callable[..., Entry], text: str) -> None:
    found = entry(text)
    assert (found.url, found.sources, found.id, found.kind) == (None, (), "note:n.md", "note")


def test_the_id_in_bibtex_counts_where_there_is_no_link(entry: Callable[..., Entry]) -> None:
    bibtex = "```bibtex\n@article{a,\n  journal={arXiv preprint arXiv:2106.09685}\n}\n```\n"
    assert entry(f"# T\n\nText.\n\n{bibtex}").arxiv == "2106.09685"
    assert entry(f"# T\n\n{ATTENTION}\n\n{bibtex}").arxiv == "1706.03762"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("# T\n\n**Date:** 4th June 2025\n\nText.", "2025-06-04"),
        ("# T\n\nDate read: 9th November 2025\n\nText.", "2025-11-09"),
        ("# T\n\n_September 2021_\n\nText.", "2021-09-01"),
        ("# T\n\n30/05/2025\n\nText.", "2025-05-30"),
        (matter(date="30/05/2025"), "2025-05-30"),
        (matter(date_read="2025-06-04"), "2025-06-04"),
        (matter(date="2025-06-04 23:30:00 -05:00"), "2025-06-04"),
        (matter(date="soon"), None),
        (matter(date="[1, 2]"), None),
        ("# T\n\nIt came out on 4th June 2025 and was read by many people.", None),
        ("# T\n\n7/10\n\nText.", None),
    ],
)
def test_date(entry: Callable[..., Entry], text: str, date: str | None) -> None:
    assert entry(text).date == date


def test_front_matter_wins_over_the_fields_below_the_title(entry: Callable[..., Entry]) -> None:
    text = "---\ndate: 2025-01-01\n---\n# T\n\nDate: 4th June 2025\nAuthors: A B, C D\n\nText.\n"
    assert entry(text).date == "2025-01-01"
    assert entry(text).authors == ("A B", "C D")


def test_an_empty_key_leaves_room_for_the_field_below(entry: Callable[..., Entry]) -> None:
    found = entry("---\ndate:\nauthors: ''\n---\n# T\n\nDate: 4th June 2025\nAuthors: A B\n\nText.\n")
    assert (found.date, found.authors) == ("2025-06-04", ("A B",))


@pytest.mark.parametrize(
    ("values", "year", "published"),
    [
        ({"year": "2017"}, 2017, None),
        ({"year": "'2017'"}, 2017, None),
        ({"published": "2017-06-12"}, 2017, "2017-06-12"),
        ({"year": "2018", "published": "2017-06-12"}, 2018, "2017-06-12"),
        ({"year": "soon"}, None, None),
        ({"year": "20170"}, None, None),
        ({}, None, None),
        ({"published": "2017-06"}, 2017, "2017-06"),
    ],
)
def test_year(entry: Callable[..., Entry], values: dict[str, str], year: int | None, published: str | None) -> None:
    found = entry(matter(**values))
    assert (found.year, found.published) == (year, published)


def test_published_may_be_a_year(entry: Callable[..., Entry]) -> None:
    assert entry(matter(published="2017")).year == 2017


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        ("1706.03762", "1706.03762"),
        ("1706.03762v2", "1706.03762"),
        ("arXiv:1706.03762", "1706.03762"),
        (ATTENTION, "1706.03762"),
        ("math.CA/0611800", "math/0611800"),
        ("'2301.00010'", "2301.00010"),
        ("not yet", None),
        ("2301.00010", "2301.00010"),
        ("2106.09680", "2106.09680"),
        ("0704.0001", "0704.0001"),
    ],
)
def test_arxiv_in_front_matter(entry: Callable[..., Entry], value: str, identifier: str | None) -> None:
    assert entry(matter(arxiv=value)).arxiv == identifier


def test_the_doi_of_arxiv_is_the_same_paper(entry: Callable[..., Entry]) -> None:
    assert entry(matter(doi="10.48550/arXiv.1706.03762")).id == "arxiv:1706.03762"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (matter(), "read"),
        (matter(status="Reading"), "reading"),
        (matter(status="in progress"), "reading"),
        (matter(status="to-read"), "queued"),
        (matter(reading_status="TBD"), "queued"),
        (matter(status="done"), "read"),
        (matter(status="whatever"), "read"),
        ("# T [TODO]\n\nText of the note.", "queued"),
        ("# T (to read)\n\nText of the note.", "queued"),
        ("# T [TODO]\n\nStatus: read\n\nText.", "read"),
        ("# T\n\nTODO\n", "queued"),
        ("TODO", "queued"),
        (f"# T\n\n{ATTENTION}\n", "queued"),
        ("", "queued"),
        ("# T\n\nTODO: say more about the method.", "read"),
    ],
)
def test_status(entry: Callable[..., Entry], text: str, status: str) -> None:
    assert entry(text).status == status


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, "note"),
        ({"url": "https://example.com/a"}, "blog"),
        ({"url": "https://youtu.be/x"}, "talk"),
        ({"arxiv": "1706.03762"}, "paper"),
        ({"kind": "Book"}, "book"),
        ({"kind": "zine", "url": "https://youtu.be/x"}, "talk"),
        ({"kind": "book", "arxiv": "1706.03762"}, "book"),
        ({"kind": "3"}, "note"),
    ],
)
def test_kind(entry: Callable[..., Entry], values: dict[str, str], kind: str) -> None:
    assert entry(matter(**values)).kind == kind


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("[a, 1, 2.5, '#b', a]", ("a", "1", "2.5", "b")),
        ("'a, #b; c,,'", ("a", "b", "c")),
        ("", ()),
        ("[]", ()),
        ("[null, '', ' ']", ()),
        ("{a: b}", ()),
        ("'#'", ()),
        ("[a, '#']", ("a",)),
    ],
)
def test_tags(entry: Callable[..., Entry], value: str, tags: tuple[str, ...]) -> None:
    assert entry(matter(tags=value)).tags == tags


@pytest.mark.parametrize(
    ("value", "authors"),
    [
        ("[A B, C D]", ("A B", "C D")),
        ("A B and C D", ("A B", "C D")),
        ("A B; C D, E F", ("A B", "C D", "E F")),
        ("[{name: A B}, null, C D]", ("A B", "C D")),
        ("Sandy Anderson", ("Sandy Anderson",)),
        ("5", ()),
        ("[{given: A}, B C]", ("B C",)),
    ],
)
def test_authors(entry: Callable[..., Entry], value: str, authors: tuple[str, ...]) -> None:
    assert entry(matter(authors=value)).authors == authors


def test_wrong_types_everywhere_are_no_error(entry: Callable[..., Entry]) -> None:
    keys = ["title", "authors", "year", "date", "published", "arxiv", "doi", "url", "kind", "status", "tags"]
    keys += ["description", "aliases", "draft"]
    for value in ("[1, [2]]", "{a: b}", ".nan", "true", "0", "'\\x00'", "2025-06-04"):
        if value == "true":
            keys = keys[:-1]  # a draft has no entry
        entry("---\n" + "".join(f"{k}: {value}\n" for k in keys) + "---\nText.\n")


@pytest.mark.parametrize(("draft", "count"), [("true", 0), ("false", 1), ("yes", 0), ("'true'", 0), ("'no'", 1)])
def test_drafts_have_no_entries(note: Callable[..., Note], draft: str, count: int) -> None:
    found = note(matter(title="T", draft=draft))
    assert (found.title, len(found.entries)) == ("T", count)


def test_description_is_the_first_prose(entry: Callable[..., Entry]) -> None:
    found = entry(
        f"# T\n\n{ATTENTION}\n\nShort.\n\n```\nsome code that is no prose at all\n```\n\nIt says what it is about.\n"
    )
    assert found.description == "It says what it is about."


@pytest.mark.parametrize("text", ["", "# T", f"# T\n\n{ATTENTION}", "---\ntitle: T\n---\n", "TODO", "![](i.png)"])
def test_every_entry_has_a_passage(entry: Callable[..., Entry], text: str) -> None:
    found = entry(text)
    assert found.passages
    assert all(p.text and p.entry == found.id for p in found.passages)
    assert [p.number for p in found.passages] == list(range(len(found.passages)))


def test_links_and_dates_at_the_head_are_no_passage(entry: Callable[..., Entry]) -> None:
    found = entry(f"# T\n\n{ATTENTION}\n\nDate: 4th June 2025\n\nText of the note.\n")
    assert [p.text for p in found.passages] == ["Text of the note."]


@pytest.mark.parametrize("path", ["n.md", "a b/c&d?.md", "深/π.md", "-x.md", "a'\"b.md", "x.y.md"])
def test_odd_file_names(entry: Callable[..., Entry], path: str) -> None:
    found = entry("Text of the note.", path)
    assert (found.note, found.id) == (path, f"note:{path}")
    assert found.topic == path.rpartition("/")[0]


def test_a_text_may_have_any_line_ends(entry: Callable[..., Entry]) -> None:
    text = f"---\ntitle: T\n---\n\n# T\n\n{ATTENTION}\n\nText of the note.\n"
    assert entry(text) == entry(text.replace("\n", "\r\n").encode()) == entry(text.replace("\n", "\r").encode())
    assert entry(text) == entry(text.encode("utf-16")) == entry(text.encode("utf-8-sig"))


# -- several entries

MANY = f"""\
# A week

Words before the entries.

## [First]({ATTENTION})

Text of the first.

### A part

More of the first.

## Second

https://example.com/b

Text of the second.

## Third [TODO]

# End

Text after.
"""


@pytest.mark.parametrize("before", ["", "---\ntags: x\n---\n"])
def test_many_entries_in_a_file(note: Callable[..., Note], before: str) -> None:
    found = note(before + MANY, "w/week.md")
    lines = (before + MANY).split("\n")
    assert found.title == "A week"
    assert [(e.title, e.id, e.status) for e in found.entries] == [
        ("First", "arxiv:1706.03762", "read"),
        ("Second", "url:example.com/b", "read"),
        ("Third", "note:w/week.md-third", "queued"),
    ]
    # `line` is the heading's line in the file, and no entry reaches into the next
    assert [lines[e.line - 1].split()[0] for e in found.entries] == ["##"] * 3
    assert all(a.end < b.line for a, b in zip(found.entries, found.entries[1:], strict=False))
    assert [e.page for e in found.entries] == [f"w/week/#{e.anchor}" for e in found.entries]
    assert [[p.text for p in e.passages] for e in found.entries] == [
        ["Text of the first.", "More of the first."],
        ["Text of the second."],
        ["Third"],
    ]
    assert {e.topic for e in found.entries} == {"w"}


@pytest.mark.parametrize("count", [2, 5])
def test_entries_of_one_title_have_their_own_anchors(note: Callable[..., Note], count: int) -> None:
    text = (
        "".join(f"## Same\n\nhttps://example.com/{i}\n\nText.\n\n" for i in range(count))
        + "## Same 2\n\nhttps://a.org\n"
    )
    anchors = [e.anchor for e in note(text).entries]
    assert len(anchors) == len(set(anchors)) == count + 1


@pytest.mark.parametrize(
    "text",
    [
        f"# T\n\n{ATTENTION}\n\n## Method\n\ntext\n\n## Results\n\ntext\n",
        f"# T\n\n## Related work\n\n{ATTENTION}\n\n## Links\n\nhttps://example.com\n",
        f"---\ntitle: T\n---\n\n## [A]({ATTENTION})\n\n## [B](https://example.com)\n",
        f"```\n## [A]({ATTENTION})\n\n## [B](https://example.com)\n```\n",
        f"## [A]({ATTENTION})\n\ntext\n",
    ],
)
def test_sections_do_not_make_entries(note: Callable[..., Note], text: str) -> None:
    assert len(note(text).entries) == 1


# -- the whole diary


def test_ids_are_unique_and_duplicates_reported(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": f"# A\n\n{ATTENTION}\n\nText of a.\n",
            "b.md": f"## [B]({ATTENTION}v2)\n\nText.\n\n## [C](https://arxiv.org/pdf/1706.03762)\n\nText.\n",
            "c.md": "# A\n\nThe title alone is no duplicate.\n",
        }
    )
    notes = read_all(config)
    entries = [e for n in notes for e in n.entries]
    assert [e.id for e in entries] == ["arxiv:1706.03762", "arxiv:1706.03762~2", "arxiv:1706.03762~3", "note:c.md"]
    assert all({p.entry for p in e.passages} == {e.id} for e in entries)
    problems = [p for n in notes for p in n.problems]
    assert [(p.severity, p.code, p.note, p.line) for p in problems] == [
        ("warning", "duplicate", "b.md", 1),
        ("warning", "duplicate", "b.md", 5),
    ]
    assert all("a.md" in p.message for p in problems)


def test_a_broken_file_stops_nothing(make_diary: Make) -> None:
    notes = read_all(
        make_diary({"a.md": b"\xff\xfe\x00", "b.md": b"caf\xe9", "c.md": "---\na: b: c\n---\nx", "d.md": "ok"})
    )
    assert [len(n.entries) for n in notes] == [1, 1, 1, 1]
    assert [p.code for n in notes for p in n.problems] == ["not-utf-8", "front-matter-broken"]


def test_reading_writes_nothing(make_diary: Make) -> None:
    config = make_diary({"a.md": b"\xef\xbb\xbf# T\r\n\r\ncaf\xe9\x00\r\n"})
    read_all(config)
    assert {p.name: p.read_bytes() for p in config.notes.iterdir()} == {
        "a.md": b"\xef\xbb\xbf# T\r\n\r\ncaf\xe9\x00\r\n"
    }
