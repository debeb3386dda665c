"""Everything written in a note is on its page: its words, in their order, whatever the Markdown around them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from paperdiary import build, frontmatter, obsidian, onenote
from paperdiary.config import Config, read_yaml_config
from paperdiary.dialect import extensions_in, for_mkdocs
from paperdiary.pages import Site

ROOT = Path(__file__).parent.parent
NASTY = sorted((Path(__file__).parent / "corpus-nasty").glob("*.md"))
SEEDS = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
EXTENSIONS = extensions_in(read_yaml_config(ROOT / "mkdocs.yml"))
Make = Callable[..., Config]


@cache
def mkdocs() -> MkDocsConfig:
    return load_config(str(ROOT / "mkdocs.yml"))


def convert(text: str) -> str:
    """As MkDocs does it, with the extensions of the project's own mkdocs.yml."""
    config = mkdocs()
    return markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs).convert(text)


class Seen(HTMLParser):
    """What a reader sees of a page: its text, with the descriptions of images and the LaTeX of formulas."""

    VOID = frozenset(re.findall(r"\w+", "area br col embed hr img input link meta param source track wbr"))
    HIDDEN = frozenset(re.findall(r"\w+", "script style template title noscript textarea"))
    INLINE = frozenset(re.findall(r"\w+", "a abbr b code del em i kbd mark s small span strong sub sup u"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.hidden = 0  #: how many elements deep in something that is not read as text
        self.parts: list[str] = []
        self.feed(html + "<i>END</i>")
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if not self.hidden:
            self.parts += [f" {found[k]} " for k in ("alt", "title", "alttext") if found.get(k)]
        if tag not in self.INLINE:
            self.parts.append(" ")
        if tag in self.VOID:
            return
        self.open.append(tag)
        link = found.get("class") in ("headerlink", "footnote-backref")
        if (
            self.hidden
            or tag in self.HIDDEN
            or (tag == "math" and "alttext" in found)
            or link
            or "data-search-exclude" in found
        ):
            self.hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert tag in self.open or tag in self.INLINE, f"</{tag}> ends nothing"
        while tag in self.open:
            self.hidden -= bool(self.hidden)
            if self.open.pop() == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)

    @property
    def text(self) -> str:
        assert not self.open, f"left open: {self.open}"
        text = "".join(self.parts)
        assert text.endswith("END"), "the end of the page is swallowed"
        return text.removesuffix("END")


#: what is no word of the text: addresses, tags, comments, marks, labels
NO_WORDS = (
    r"(?s)!\[\[[^\[\]]*\]\]",
    r"!?\[\[[^\[\]|]*\|",
    r"(?is)<(script|style)\b.*?</\1\s*>",
    r"(?s)<!--.*?-->",
    r"(?m)^[\s>*+\-\d.)]*(?:```|~~~).*$",
    r"""<[A-Za-z/!?](?:"[^"]*"|'[^']*'|[^<>"'\n]|\n(?!\s*\n))*>""",  # a tag ends with its paragraph
    r"<[A-Za-z/!?](?:[^<>\n]|\n(?!\s*\n))*>",
    r"(?<=\])\((?:\\.|[^)])*\)?",
    r"(?<=\])\[[^\]]*\]?",
    r"(?m)\[[^\]]+\]:.*\n?.*$",
    r"\[\^[^\]]*\]",
    r"\[![^\]]*\]",
    r"\[[ xX]\]",
    r"(?:https?://|www\.)\S+",
    r"\{[^{}\n]*[.#=:][^{}\n]*\}",
    r"&#?\w+;?",
    r"(?m)^.*(?:!!!|\?\?\?|===).*$",
    r"(?<!\w)\d+[.)](?=\s|$)",
    r"(?m)(?:^|\s)\^[A-Za-z0-9][A-Za-z0-9-]*[ \t]*$",
)
WORD = re.compile(r"[^\W_]+")


def written(text: str) -> list[str]:
    """The words of a note, those left out that may be part of an address, a tag, a mark or a comment."""
    text = obsidian.without_comments(text)
    for pattern in NO_WORDS:
        text = re.sub(pattern, " ", text)
    return WORD.findall(text)


def lost(text: str, page: str) -> str:
    """The first word of a note that is not on its page, or not in its order; "" for none.

    `page` is Markdown with front matter. Footnotes are shown at the end, so that notes with footnotes are
    compared without order.
    """
    text = frontmatter.split_front_matter(text, "")[1]
    _, front, body = page.split("---\n", 2)
    meta = yaml.safe_load(front)
    html = convert(body)
    shown = ("" if "<h1" in html else f"{meta.get('title', '')} ") + Seen(html).text
    words = WORD.findall(shown)
    if "[^" in text:
        return " ".join((Counter(written(text)) - Counter(words)).elements()) if not _inside(text, words) else ""
    missing = _first_missing(written(text), "".join(words))
    return missing


def _first_missing(wanted: list[str], glued: str) -> str:
    at = 0
    for word in wanted:
        found = glued.find(word, at)
        if found < 0:
            return word
        at = found + len(word)
    return ""


def _inside(text: str, words: list[str]) -> bool:
    """Whether every word is on the page; emphasis may have joined or parted some."""
    missing = Counter(written(text)) - Counter(words)
    glued = "".join(words)
    return all(word in glued for word in missing)


@cache
def empty(tmp: Path) -> Config:
    return Config(root=ROOT, notes=tmp)


def page_of(text: str, tmp: Path) -> str:
    """What MkDocs is given for a note with this text."""
    config = empty(tmp)
    note = onenote.parse(text.encode(), "folder/note.md")
    return Site(build.Diary(config, (note,), note.entries)).source("folder/note.md") or ""


@pytest.mark.parametrize("path", NASTY, ids=lambda p: p.stem)
def test_the_nasty_notes(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not lost(text, page_of(text, tmp_path))


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem[:3])
def test_the_seeds(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not lost(text, page_of(text, tmp_path))


def test_source_files_stay_as_they_are(make_diary: Make) -> None:
    files = {f"{p.stem}/{p.name}": p.read_bytes() for p in NASTY}
    config = make_diary(dict(files), (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    site = Site(build.read(config))
    for name in files:
        assert site.source(name)
    assert {name: (config.notes / name).read_bytes() for name in files} == files


BITS = re.findall(
    r"\S+",
    """` `` ``` * ** _ $ $$ ␤$$␤ ]( [ ] ( ) > >␣ -␣ 1.␣ ␣␣␣␣ | \\ { } & ␤␤ ␤ ⇥ #␣ === --- ␤---␤ +␣ *␣ *␣*␣* = + ~~ ~~~␤
    ^
    <div> </div> <p␣align=center> </p> <!-- --> <T> <b> </b> <script> </script> <details> </details> <br> <summary>
    <table> <td> <pre> </pre> <textarea> <title> <svg> <math> <iframe␣src=x> <!DOCTYPE> <?php <![CDATA[ &lt;
    <span␣style='x'> <a␣href=" "> http://x.y/ |␣a␣|␣b␣|␤|--|--|␤ [ref]:␣ [ref] ![ [^1] [^1]:␣ [[ ]] [!note]
    !!!␣note␤␣␣␣␣ ???␣ ===␣"T"␤
    \\[ \\] \\( \\) \\begin{align} \\end{align} {%␣raw␣%} {.x} {: }} {{ %% == 中文词 é 　""",
)
BITS = [bit.replace("␣", " ").replace("␤", "\n").replace("⇥", "\t") for bit in BITS]
BLOCKS = [block for path in NASTY for block in path.read_text(encoding="utf-8").split("\n\n")]


def mutated(rng: random.Random) -> str:
    """A few blocks of the nasty notes with something put in, taken out or moved."""
    text = "\n\n".join(rng.sample(BLOCKS, rng.randint(1, 6)))
    for _ in range(rng.randint(1, 8)):
        kind, at = rng.random(), rng.randrange(len(text) + 1)
        lines = text.split("\n")
        row = rng.randrange(len(lines))
        if kind < 0.6:
            text = text[:at] + rng.choice(BITS) + text[at:]
        elif kind < 0.75:
            text = text[:at] + text[at + rng.randint(1, 40) :]
        elif kind < 0.85:
            lines[row] = rng.choice(["    ", "  ", "> ", "- ", "\t"]) + lines[row]
            text = "\n".join(lines)
        else:
            lines.insert(rng.randrange(len(lines)), lines.pop(row))
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(10))
def test_mutated_notes(seed: int, tmp_path: Path) -> None:
    for number in range(seed * 50, seed * 50 + 50):
        text = mutated(random.Random(number))
        assert not lost(text, page_of(text, tmp_path)), f"mutation {number}: {text!r}"


words = st.text(alphabet="abcdefghijklmnopqrstuvwxyzé深学習0123456789", min_size=1, max_size=6)
pieces = st.one_of(words, words, st.sampled_from(BITS), st.sampled_from([" ", "\n", "\n\n", "\n    ", "\n- ", "\n> "]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces, max_size=30).map(" ".join))
@example("    1 \n 0 \n- ")  # code right above an underlined title
@example("这是**}“引号”**{% raw %}内，**| a | b |\n|--|--|\n（括号）**后")  # a brace after marks that open nothing
def test_any_pile_of_marks(tmp_path: Path, text: str) -> None:
    assert not lost(text, page_of(text, tmp_path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text(tmp_path: Path, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    Seen(convert(page_of(text, tmp_path).split("---\n", 2)[2])).text  # noqa: B018 - it checks itself


def test_ten_thousand_headings(tmp_path: Path) -> None:
    for heading in ("Notes", "笔记", "Notes on {}"):
        text = "\n".join(f"## {heading.format(n)}\n\nw{n}x\n" for n in range(10_000))
        html = convert(for_mkdocs(text, extensions=EXTENSIONS))
        assert html.count("<h2") == 10_000
        assert len(set(re.findall(r'<h2 id="([^"]*)"', html))) == 10_000
        assert "w9999x" in html


@pytest.mark.parametrize(
    "unit", ["word ", "*a* ", "[x](", "$a$ ", "<b>x", "深度学习", "`", "\\(", "| a ", "![x]", "<p>x"]
)
def test_a_line_of_five_megabytes(unit: str) -> None:
    text = f"first\n\n{unit * (5_000_000 // len(unit))} last\n\nend\n"
    html = convert(for_mkdocs(text, extensions=EXTENSIONS))
    assert len(WORD.findall(Seen(html).text)) >= 2 + len(WORD.findall(unit))


@pytest.mark.parametrize("mark", ["- ", "> ", "1. ", "  ", ">"])
def test_nested_without_end(mark: str) -> None:
    text = "\n".join(f"{mark * depth}- w{depth}x" for depth in range(150))
    shown = Seen(convert(for_mkdocs(text, extensions=EXTENSIONS))).text
    assert all(f"w{depth}x" in shown for depth in range(150))
