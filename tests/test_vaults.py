"""Notes of Obsidian, Logseq, Quartz and Zotero: read, shown, imported."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import markdown
import pytest

from paperdiary import check as checks
from paperdiary import check_report, embeds, hashtags, importing, logseq, obsidian, onenote
from paperdiary import notes as parsing
from paperdiary.config import Config
from paperdiary.dialect import for_mkdocs
from paperdiary.entry import Entry, Problem
from paperdiary.markup import outline
from paperdiary.paperlinks import PaperLinks
from paperdiary.vault import Links, Vault, names_of

Make = Callable[..., Config]
UUID = "65f0aaaa-1111-2222-3333-444455556666"
TEXTS = {
    "rl/bees.md": (
        "# Bees\n\nIntro with ![hive](img/hive.png), [wax](wax.md) and a note[^1].\n\n## Dance\n\n"
        "They waggle. ^dance\n\n- east\n- west ^west\n  - far ^far-1\n\n> a saying\n\n^said\n\n"
        "### Deeper\n\nmore\n\n## Food\n\nnectar\n\n[^1]: small\n"
    ),
    "rl/round.md": "Before.\n\n![[rounder]]\n\nAfter.\n",
    "rl/rounder.md": "![[round]]\n\n![[bees#Food]]\n",
    "rl/wax.md": "# Wax\n",
    "pages/lab___Hive.md": f"- Hive *one*\n  id:: {UUID}\n  collapsed:: true\n\t- child\n",
    "journals/2026_11_20.md": "- opened the hive\n",
}
VAULT = Vault(
    [*TEXTS, "rl/img/hive.png", "rl/hum.mp3", "rl/talk.webm"],
    [("Apis", "rl/bees.md")],
    lambda path: onenote.parse(TEXTS[path].encode(), path).text,
    lambda path, here: "https://arxiv.org/pdf/1706.03762" if "known" in path else "",
)


def made(text: str, here: str = "notes/page.md") -> str:
    return unescape(raw(text, here)).strip()


def raw(text: str, here: str) -> str:
    note = onenote.parse(text.encode(), here)
    return for_mkdocs(note.text, links=Links(VAULT, here, lambda path: f"SEEN/{path}"))


def html(text: str, here: str = "notes/page.md") -> str:
    return markdown.markdown(raw(text, here), extensions=["admonition", "footnotes", "pymdownx.details", "tables"])


# -- comments


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a %%secret%% b", "a  b"),
        ("a%%secret%% b", "a%%secret%% b"),
        ("50%% and 60%% of", "50%% and 60%% of"),
        ("%%\nsecret\n\n```\nx\n```\n%%\nb", "\n\n\n\n\n\n\nb"),
        ("a %%one\ntwo%%\nb", "a \n \nb"),
        ("%%never closed\n\na", "%%never closed\n\na"),
        ("```matlab\n%% Load\nx\n%%\n```", "```matlab\n%% Load\nx\n%%\n```"),
        ("`%%a%%` and %%b%%", "`%%a%%` and "),
        ("%% Load\nx = 1\n%% Plot\ny", "%% Load\nx = 1\n%% Plot\ny"),
        ("%%one%% a %%two%%", " a "),
        ("%%%%%%", "%%%%%%"),
    ],
)
def test_comments_are_taken_out_and_lines_stay(text: str, left: str) -> None:
    assert obsidian.without_comments(text) == left


def test_a_comment_is_nowhere(make_diary: Make) -> None:
    config = make_diary({"a.md": "# Bees\n\nThey fly far and wide over %%mysecret%% the fields.\n\n%%\nmysecret\n%%\n"})
    (note,) = parsing.read_all(config)
    said = [note.text, note.entries[0].description, *(p.text for p in note.entries[0].passages)]
    assert not [text for text in said if "mysecret" in text]
    assert "far and wide" in said[1]


# -- blocks and what is shown of other notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Words. ^name-1", '<span class="pd-block" id="^name-1"></span>Words.'),
        ("- item ^item1", '-   <span class="pd-block" id="^item1"></span>item'),
        ("## Part ^part1\n\na", '## <span class="pd-block" id="^part1"></span>Part'),
        ("Cost x ^2", "Cost x ^2"),
        ("of A ^T", "of A ^T"),
        ("^alone", '<span class="pd-block" id="^alone"></span>'),
    ],
)
def test_the_name_of_a_block_is_an_anchor(text: str, expected: str) -> None:
    assert made(text).split("\n")[0] == expected


def test_the_name_below_a_table_is_above_it() -> None:
    rows = made("| a |\n|---|\n| 1 |\n\n^tab1\n\nnext").split("\n")
    assert rows[0] == '<span class="pd-block" id="^tab1"></span>'
    assert rows[2:] == ["| a |", "| --- |", "| 1 |", "", "next"]


@pytest.mark.parametrize(
    ("text", "shows", "hides"),
    [
        ("![[bees]]", ["with ![hive](../rl/img/hive.png), [wax](../rl/wax.md)", "nectar", "[^e1-1]: small"], "# Bees"),
        ("![[apis#dance]]", ['"[apis > dance](../rl/bees.md#dance)"', "<strong>Deeper</strong>", "more"], "nectar"),
        ("![[bees#^dance]]", ["    They waggle."], "^dance\n"),
        ("![[bees#^west]]", ["-   west\n        -   far"], "east"),
        ("![[bees#^said]]", ["    > a saying"], "^said\n"),
        ("![[bees#^FAR-1|so far]]", ['"[so far](../rl/bees.md#^FAR-1)"', "-   far"], "west"),
        ("{{embed [[bees#Food]]}}", ["nectar"], "{{"),
        (f"{{{{embed (({UUID}))}}}}", ["Hive *one*", "-   child"], "{{"),
    ],
)  # fmt: skip
def test_an_embed_shows_the_note(text: str, shows: list[str], hides: str) -> None:
    page = made(text)
    assert page.startswith("!!! quote pd-embed ")
    assert [part for part in shows if part not in page] == []
    assert hides not in page


def test_embeds_that_go_round_end_in_a_link() -> None:
    page = made(TEXTS["rl/round.md"], "rl/round.md")
    assert "nectar" in page
    assert "[round](round.md)" in page
    assert page.count("!!! quote") == 2


def test_what_no_note_holds_is_a_link() -> None:
    assert made("![[bees#Nothing]]") == "[bees > Nothing](../rl/bees.md#nothing)"
    assert made("![[nowhere]]") == "nowhere"
    assert "See [bees](../rl/bees.md) here" in made("See ![[bees]] here")


def test_an_embed_is_no_part_of_the_pages_headings() -> None:
    page = html("# Mine\n\n- one\n- ![[bees]]\n- two")
    assert page.count("<h1") == 1
    assert "<h2" not in page
    assert '<li>\n<p><a href="../rl/bees.md">bees</a></p>\n<blockquote>' in page
    assert page.count("<li>") >= 5


def test_a_page_that_shows_itself_is_bounded() -> None:
    texts = {f"n{n}.md": "\n\n".join(f"![[n{m}]]" for m in range(12)) + "\n\n" + "word " * 2000 for n in range(12)}
    vault = Vault(texts, (), texts.get)
    page = for_mkdocs(texts["n0.md"], links=Links(vault, "n0.md", str))
    assert len(page) < 1_000_000
    assert all(f"n{m}.md" in page for m in range(12))


def test_sounds_films_and_sizes() -> None:
    assert '<audio controls preload="metadata" src="SEEN/rl/hum.mp3"' in made("![[hum.mp3]]")
    assert "<video controls" in made("![[talk.webm]]")
    assert (
        made("![hive|300x20](../rl/img/hive.png)")
        == '<img alt="hive" src="SEEN/rl/img/hive.png" width="300" height="20">'
    )
    assert made("![2021](a.png)") == "![2021](a.png)"


def test_callouts_of_a_kind_of_ones_own() -> None:
    page = html("> [!Paper Idea|right]- Mine\n> body\n> > [!tip]\n> > inside")
    assert '<details class="note paper-idea">' in page
    assert "<summary>Mine</summary>" in page
    assert ">Tip<" in page


# -- Logseq


def test_logseq_properties_are_front_matter() -> None:
    text = "title:: Bees\ntags:: [[ml]], #deep, #[[two words]]\nalias:: Apis, hive\nurl:: https://arxiv.org/abs/1706.03762\n"
    note = onenote.parse(f"{text}date-read:: [[Nov 20th, 2026]]\n\n- They fly #far [[away]]\n".encode(), "pages/x.md")
    (entry,) = note.entries
    assert (entry.title, entry.arxiv, entry.date) == ("Bees", "1706.03762", "2026-11-20")
    assert entry.tags == ("ml", "deep", "two words", "far")
    assert names_of(note.meta) == ["Apis", "hive"]
    assert "::" not in note.text
    assert note.text.split("\n")[6] == "- They fly #far [[away]]"


def test_logseq_blocks_and_macros() -> None:
    page = made(
        f"- a (({UUID})) b\n  collapsed:: true\n  id:: 00000000-aaaa-bbbb-cccc-000000000000\n- {{{{query (todo)}}}}"
    )
    assert f"[Hive one](../pages/lab___Hive.md#^{UUID}) b" in page.replace("*", "")
    assert "collapsed" not in page
    assert 'id="^00000000-aaaa-bbbb-cccc-000000000000"' in page
    assert "<code>{{query (todo)}}</code>" in page
    assert made(f"[here]((({UUID})))") == f"[here](../pages/lab___Hive.md#^{UUID})"
    assert made("std::vector<int> x\nfoo:: bar\n\na") == "std::vector<int> x\nfoo:: bar\n\na"
    assert made("{{video https://x.org/v}}") == "[https://x.org/v](https://x.org/v)"
    assert '!!! tip "Tip"\n\n    so\n    it is' in made("#+BEGIN_TIP\nso\nit is\n#+END_TIP")
    assert made("#+BEGIN_SRC python\nx = 1\n#+END_SRC") == "``` python\nx = 1\n```"
    assert logseq.page_name("a___b%3Fc") == "a/b?c"


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("lab/Hive", "pages/lab___Hive.md"),
        ("Nov 20th, 2026", "journals/2026_11_20.md"),
        ("2026-11-20", "journals/2026_11_20.md"),
        ("APIS", "rl/bees.md"),
        ("Nov 21st, 2026", None),
    ],
)
def test_names_of_pages_and_days(link: str, path: str | None) -> None:
    assert VAULT.find(link, "x.md") == path


def test_a_journal_is_called_after_its_day() -> None:
    (entry,) = onenote.parse(b"- read [[2026-11-19]] again\n", "journals/2026_11_20.md").entries
    assert (entry.title, entry.date) == ("2026-11-20", "2026-11-20")
    (entry,) = onenote.parse(b"Words.\n", "pages/ml%2FBees and wax.md").entries
    assert entry.title == "Bees and wax"


# -- front matter and tags


@pytest.mark.parametrize(
    "line", ["publish: false", "published: false", "public: false", "draft: 'true'", "draft: true"]
)
def test_what_is_not_to_be_published_is_not(line: str) -> None:
    assert onenote.parse(f"---\ntitle: T\n{line}\n---\nText.\n".encode(), "a.md").hidden


def test_front_matter_of_many_tools() -> None:
    head = '---\ntitle: T\nauthors: ["[[Ada Moor]]"]\ntags: ["#bees", "[[wax]]"]\n'
    head += "created: 2026-01-02T10:11\nread: 2026-02-03\n---\n"
    (entry,) = onenote.parse(head.encode(), "a.md").entries
    assert (entry.authors, entry.tags, entry.date) == (("Ada Moor",), ("bees", "wax"), "2026-02-03")
    (entry,) = onenote.parse(b"---\nparent: On Bees\n$itemKey: A1\n---\n# Annotations\n\nwords\n", "x/N-A1.md").entries
    assert entry.title == "On Bees"
    assert names_of({"aliases": "One, two", "permalink": "/p/x/"}) == ["One", "two", "p/x"]
    assert names_of({"aliases": [1, None, {"a": 1}, " b "]}) == ["1", "b"]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#rl #Deep/Sub", ["rl", "Deep/Sub"]),
        ("Tags: #a, #b", ["a", "b"]),
        ("#Introduction", []),
        ("#lower", ["lower"]),
        ("it has #params of #bees and C#", []),
        ("[[x]] it has #params of #bees, #123 and #ff0000", ["bees"]),
        ("`#code #two` [x](#part)", []),
        ("#论文 #深度学习", ["论文", "深度学习"]),
    ],
)
def test_tags_in_the_words(text: str, tags: list[str]) -> None:
    assert list(hashtags.tags_in(outline(text), text.split("\n"), {})) == tags


# -- import


def plan(config: Config, root: Path, files: dict[str, str | bytes]) -> importing.Plan:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return importing.plan(config, [root])


def test_an_obsidian_vault(make_diary: Make, tmp_path: Path) -> None:
    found = plan(
        make_diary({}), tmp_path / "vault",
        {
            ".obsidian/templates.json": json.dumps({"folder": "Meta/Forms"}),
            ".obsidian/plugins/quickadd/data.json": "no JSON",
            ".trash/old.md": "# Old",
            "Meta/Forms/Paper.md": "A form that nobody has filled in, with many words. " * 40,
            "Board.canvas": "{}",
            "Sketch.excalidraw.md": "---\nexcalidraw-plugin: parsed\n---\n%%\n```json\n{}\n```\n%%",
            "Daily/2026-03-06.md": "",
            "Files/hive.png": b"\x89PNG1", "Files/paper.pdf": b"%PDF", "Files/left.png": b"\x89PNG2",
            "Bees.md": "---\naliases: [Apis]\n---\n![[hive.png|300]] ![[paper.pdf#page=2]] [[Board.canvas]]\n",
            "sub/Wax.md": "See [[apis]] and [[Other/Honey]].\n",
            "Other/Honey.md": "Sweet.\n", "More/Honey.md": "Old.\n",
        },
    )  # fmt: skip
    assert sorted(d.place for d in found.files) == [
        "notes/Bees.md", "notes/Files/hive.png", "notes/More/Honey.md", "notes/Other/Honey.md", "notes/sub/Wax.md",
        "papers/Files/paper.pdf",
    ]  # fmt: skip
    reasons = {left.source.name: left.reason for left in found.left_out}
    assert reasons[".trash"] == "hidden"
    assert reasons["Forms"] == "the vault's templates"
    assert "canvas" in reasons["Board.canvas"]
    assert "Excalidraw" in reasons["Sketch.excalidraw.md"]
    assert reasons["2026-03-06.md"] == "empty"
    (wax,) = [d for d in found.files if d.name == "sub/Wax.md"]
    assert [path.name for _, path in wax.links] == ["Bees.md", "Honey.md"]
    assert wax.links[1][1].parent.name == "Other"


def test_what_was_imported_is_as_it_was(make_diary: Make, tmp_path: Path) -> None:
    words = "---\naliases: [Apis]\n---\n# Bees\n\n[[wax|w]] %%mine%% ==m== ^id-1\n\n![[wax#^id-2]]\n"
    config = make_diary({})
    found = plan(config, tmp_path / "v", {".obsidian/app.json": "{}", "Bees.md": words, "wax.md": "Wax. ^id-2\n"})
    importing.execute(config, found)
    assert (config.notes / "Bees.md").read_text() == words


def test_a_logseq_graph_and_a_quartz_site(make_diary: Make, tmp_path: Path) -> None:
    config = make_diary({})
    found = plan(
        config, tmp_path / "graph",
        {
            "logseq/config.edn": "{}", "logseq/bak/pages/x.md": "old", "whiteboards/a.edn": "{}",
            "assets/a.png": b"\x89PNG",
            "pages/ml___Bees.md": "title:: ml/Bees\n\n- ![a](../assets/a.png)\n", "journals/2026_11_20.md": "- ",
            "journals/2026_11_21.md": "- read [[ml/Bees]]\n",
        },
    )  # fmt: skip
    assert {d.name for d in found.files} == {"pages/ml___Bees.md", "assets/a.png", "journals/2026_11_21.md"}
    found = plan(
        config, tmp_path / "site",
        {
            "quartz.config.ts": "", "docs/a.md": "# Of the program", "content/private/p.md": "# Mine",
            "content/papers/bees.md": "---\ntitle: Bees\n---\nWords of mine.\n",
        },
    )  # fmt: skip
    assert [d.name for d in found.files] == ["papers/bees.md"]
    assert "private" in {left.source.name for left in found.left_out}


def test_an_export_of_zotero_with_notes(make_diary: Make, tmp_path: Path) -> None:
    note = '<html><head><title>x</title></head><body><div data-schema-version="8"><h1>On bees</h1>'
    note += "<p>My <em>own</em> words</p>"
    found = plan(
        make_diary({}), tmp_path / "zot",
        {
            "Library.bib": "@article{a, title={On Wax}, year={2019}, doi={10.1000/wax}, annote={<p>Mine</p>}}\n",
            "files/1/n.html": f"{note}</div></body></html>",
            "files/2/snapshot.html": "<html><script>x</script><p>zotero://select/x</p></html>",
        },
    )  # fmt: skip
    texts = {d.name: (d.data or b"").decode() for d in found.files}
    assert len(texts) == 2
    assert "My *own* words" in texts["on-bees.md"]
    assert any("Mine" in text and "On Wax" in text for text in texts.values())
    assert [left.source.name for left in found.left_out] == ["snapshot.html"]


# -- papers/, and what check says


def test_links_into_papers_lead_to_the_papers_own_address() -> None:
    assert made("[the PDF](../../papers/known.pdf)") == "[the PDF](https://arxiv.org/pdf/1706.03762)"
    assert made("[the PDF](../papers/known.pdf)") == "[the PDF](../papers/known.pdf)"  # a folder of notes
    assert made("[the PDF](../papers/known.pdf)", "page.md") == "[the PDF](https://arxiv.org/pdf/1706.03762)"
    assert made("[the *PDF*](../papers/other.pdf) here", "page.md") == "the *PDF* here"
    assert made("![[known.pdf#page=3]]") == "[known.pdf, page 3](https://arxiv.org/pdf/1706.03762)"
    entry = Entry("arxiv:1", "On Bees", "paper", "rl/bees.md", 1, "", url="https://x.org/p", doi="10.1/a")
    note = onenote.parse(b"# On Bees\n", "rl/bees.md")
    links = PaperLinks([type(note)("rl/bees.md", "", 0, {}, "", (entry,))])
    assert links.address("bees.pdf", "else.md") == "https://x.org/p"
    assert links.address("whatever.pdf", "rl/bees.md") == "https://x.org/p"
    assert links.address("whatever.pdf", "else.md") == ""


def test_check_of_papers_and_blocks(make_diary: Make) -> None:
    config = make_diary(
        {
            "a.md": "---\ntitle: A\ndate: 2026-01-02\n---\nWords. ^here\n\n"
            "[p](../papers/a.pdf) [[a#^here]] [[a#^gone]] [[b]]\n",
            "c.md": "---\narxiv: 1706.03762\ndate: 2026-01-02\n---\n"
            "[p](../papers/1706.03762.pdf) [[x.canvas]] {{query [[y]]}}\n",
        }
    )
    found = [(p.note, p.code, p.severity) for p in checks.check(config, parsing.read_all(config))]
    assert found == [
        ("a.md", "broken-link", "warning"),
        ("a.md", "broken-link", "warning"),
        ("a.md", "paper-private", "hint"),
    ]


def test_the_report_is_short() -> None:
    found = [Problem("error", "broken-link", f"m{n}", "a.md", n) for n in range(1, 13)]
    found += [Problem("hint", "no-source", "h", f"n{n}.md", 1) for n in range(15)]
    rows = list(check_report.rows(found))
    assert rows[:2] == [
        "a.md:1: error broken-link: m1",
        "a.md:2: error broken-link: 11 more of this kind, lines 2, 3, 4, 5, 6, 7, 8, 9, …",
    ]
    assert len(rows) == 2 + check_report.HINTS + 1
    assert rows[-1] == "(diary):1: hint no-source: 5 more of this kind; `diary -v check` shows each"
    assert len(list(check_report.rows(found, whole=True))) == 27
    assert (
        check_report.summary(found, 16)
        == "12 errors, 0 warnings and 15 hints in 16 notes: 15 no-source, 12 broken-link."
    )


# -- what was shown plain


def test_a_paragraph_of_thousands_of_links_is_one() -> None:
    text = " ".join(f"[p{n}](a{n}.md) *e{n}* `c<{n}`" for n in range(2000)) + " **[[bees]]** <b>x"
    page = html(text)
    assert page.count("<a href") == 2001
    assert page.count("<em>") == 2000
    assert page.count("<code>c&lt;") == 2000
    assert "&lt;b&gt;x" in page


def test_a_row_of_dashes_with_a_tab_makes_no_table() -> None:
    assert "<table" not in html("| a | b |\n|---|--\t-|\n| 1 | 2 | kept |")
    assert "kept" in html("| a | b |\n|---|--\t-|\n| 1 | 2 | kept |")


def test_drawings_in_drawings_and_pictures_that_are_links() -> None:
    inner = '<svg x="1"><rect width="5" height="5"/></svg>'
    assert "&lt;svg" not in html(f'a <svg width="9"><g>{inner}</g><circle r="2"/></svg> b')
    assert "&lt;svg" not in html(f'<svg width="9">\n{inner}\n<circle r="2"/>\n</svg>\n\nb')
    assert made("[![p](a b.png)](c d.md)") == "[![p](a%20b.png)](c%20d.md)"
    assert embeds.part("# T\n\na", "nothing") is None
