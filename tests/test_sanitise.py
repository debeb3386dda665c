"""What may stand on a note's page: words always, tags that show, addresses of the web and of the site."""

from __future__ import annotations

import html as entities
import re
from html.parser import HTMLParser

import pytest
from test_nothing_lost import BLOCKS, EXTENSIONS, Seen, convert

from paperdiary import sanitise
from paperdiary.dialect import for_mkdocs
from paperdiary.mathml import Formulas
from paperdiary.pictures import shown
from paperdiary.sanitise import Cleaner, style, templated, untemplated, without_snippets

CLEAN = Cleaner()


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def harm(html: str) -> list[str]:
    """What could run, ask another host, lead elsewhere than http, https and the site, or pretend to be the site's."""
    out = []
    for tag, attributes in Tags(html).found:
        if tag in {
            "script",
            "style",
            "iframe",
            "form",
            "base",
            "meta",
            "link",
            "object",
            "embed",
            "button",
            "template",
        }:
            out.append(tag)
        for name, value in attributes.items():
            read = re.sub(r"[\x00-\x20]", "", entities.unescape(value)).replace("\\", "/").lower()
            scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:)", read)
            far = read.startswith("//") or bool(scheme)
            if name.startswith("on") or name in {"srcdoc", "formaction", "ping", "background"}:
                out.append(f"{tag} {name}")
            elif name.endswith("href") and tag == "a":
                out += [f"{tag} {name}={value}"] if scheme and scheme[0] not in {"http", "https"} else []
            elif name.endswith(("src", "href", "poster", "srcset")) and far and not read.startswith("data:image/"):
                out.append(f"{tag} {name}={value}")
            elif name == "style" and re.search(r"position|url|z-index|expression|-\d", read):
                out.append(f"{tag} style={value}")
            elif name in {"id", "name"} and read.startswith(("pd-", "__config", "__search")):
                out.append(f"{tag} {name}={value}")
            elif name == "class" and re.search(r"(?:^| )(?:pd-map|pd-search|md-overlay|mermaid)\b", value):
                out.append(f"{tag} class={value}")
    return out


#: Markdown and HTML of notes; what a reader must still be able to read
BODIES = {
    "script": ("<script>alert(1)</script>\n\nafter", "after"),
    "script inside": ("<div><b>before</b><script>alert(1)</script></div>", "before"),
    "handler": ("<p onclick='alert(1)'>words</p>", "words"),
    "attribute list": (
        "# head {: onclick=alert(1) style='position:fixed' }\n\nwords *em*{: onclick=alert(1) }",
        "words",
    ),
    "link list": ("[words](https://a.org){: href='javascript:alert(1)' onclick=alert(1) }", "words"),
    "javascript": ("[words](javascript:alert(1)) <a href='jAva\tscript:alert(1)'>more</a>", "more"),
    "entities": ("<a href='&#106;avascript&#58;alert(1)'>words</a>", "words"),
    "data": ("<a href='data:text/html,<script>alert(1)</script>'>words</a>", "words"),
    "other schemes": ("[words](file:///etc/passwd) [ftp](ftp://a.org) [v](vbscript:x) <a@b.org>", "a@b.org"),
    "form": ("<form action='//e.org'><input name=q value=x><button>words</button></form>", "words"),
    "meta": ("<meta http-equiv=refresh content='0;url=//e.org'>\n<base href='//e.org/'>\n\nwords", "words"),
    "style": ("<style>*{display:none}</style>\n\n<p style='position:fixed;top:0;color:red'>words</p>", "words"),
    "overlay": ("<div class='md-overlay pd-map' data-assets='//e.org/' style='margin:-99em'>words</div>", "words"),
    "clobber": ("<a id=pd-hits name=__config>words</a><img name=currentScript id=__search src=a.png>", "words"),
    "frame": ("<iframe src='https://e.org/v' title='a talk'></iframe><iframe srcdoc='<script>'></iframe>", "a talk"),
    "object": ("<object data='https://e.org/x.swf'>old</object><embed src='//e.org/y'>\n\nwords", "words"),
    "media": (
        "<video src='//e.org/v.mp4' poster='//e.org/p.png' autoplay></video> <audio src=//e.org/a></audio>",
        "e.org",
    ),
    "picture": (
        "![the figure](https://e.org/a.png) <img src='/\\e.org/x.png' alt='more' srcset='//e.org/b 2x'>",
        "more",
    ),
    "sources": ("<picture><source srcset='https://e.org/a.webp'><img src=a.png alt=words></picture>", "words"),
    "drawing": (
        "<svg viewBox='0 0 9 9' onload=alert(1)><rect fill='url(//e.org/x#y)'/><text>words</text></svg>",
        "words",
    ),
    "drawing's link": (
        "<svg><a xlink:href='javascript:alert(1)'><text>words</text></a><use href='//e.org/x#a'/></svg>",
        "words",
    ),
    "background": ("<table background='//e.org/x.png'><tr><td background='//e.org/y'>words</td></tr></table>", "words"),
    "footnote": ("words[^1]\n\n[^1]: <img src=x onerror=alert(1)> [l](javascript:alert(1)) foot", "foot"),
    "table": ("| a | b |\n|---|---|\n| <img src=x onerror=alert(1)> | words {: onclick=alert(1) } |", "words"),
    "callout": ('!!! note "<img src=x onerror=alert(1)>"\n\n    words', "words"),
    "diagram": ("<pre class='mermaid'>graph words</pre>", "graph words"),
    "broken": ("<p title='</p><script>alert(1)</script>'>words<svg><p><style><img src=x onerror=alert(1)>", "words"),
    "mutation": (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>words",
        "words",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_nothing_of_a_note_does_anything(name: str) -> None:
    body, words = BODIES[name]
    for extensions in (EXTENSIONS, EXTENSIONS | {"def_list", "abbr"}):
        page = shown(CLEAN(convert(for_mkdocs(body, extensions=extensions))))
        assert not harm(page), page
        assert words in Seen(page).text
    assert not harm(shown(CLEAN(body)))  # even where nothing looked at it before


def test_the_words_of_any_note_stay() -> None:
    """Those of the notes that were made to be hard to read, in their order."""
    word = re.compile(r"[^\W_]+")
    for block in BLOCKS:
        page = convert(for_mkdocs(block, extensions=EXTENSIONS))
        before, after = Seen(page).text, Seen(Cleaner("link")(page)).text
        if "<iframe" not in page:
            assert word.findall(after) == word.findall(before), block


def test_what_extensions_make_stays() -> None:
    made = convert(
        for_mkdocs(
            "- [x] done\n- [ ] open\n\n```python title='x.py'\nx = 1\n```\n\n??? note \"More\"\n\n    inside\n\n"
            "| a | b |\n|--:|:-:|\n| 1 | 2 |\n\nA[^1] ~~b~~\n\n[^1]: c\n\n## Head {#my-head .mine}\n",
            extensions=EXTENSIONS,
        )
    )
    page = CLEAN(made)
    assert told(page) == told(made)


def told(html: str) -> list[tuple[str, dict[str, str]]]:
    """The tags of a page; how a style is spaced does not matter."""
    return [(tag, {k: re.sub(r"[; ]", "", v) for k, v in found.items()}) for tag, found in Tags(html).found]


@pytest.mark.parametrize("latex", [r"\frac{a}{b} < c", r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\cancel{x}\;y"])
def test_formulas_stay_as_they_are(latex: str) -> None:
    drawn = Formulas().html(latex, latex, True)
    page = CLEAN(drawn)
    assert Seen(page).text == Seen(drawn).text
    assert told(page) == told(drawn)


def test_boxes_are_those_of_lists_and_tabs() -> None:
    tabs = '<input type="radio" name="__tabbed_1" id="__tabbed_1_1" checked=""><label for="__tabbed_1_1">A</label>'
    assert CLEAN(tabs).count("__tabbed_1_1") == 2
    for box in ("<input>", "<input type=password>", "<input type=radio name=q>", "<input type=image src=//e.org/x>"):
        assert "<input" not in CLEAN(f"{box}words")


def test_a_diagram_where_the_site_draws_them() -> None:
    assert "mermaid" in Cleaner(mermaid=True)('<pre class="mermaid">graph</pre>')


def test_titles_of_a_table_of_contents() -> None:
    assert CLEAN.title("a &lt; b") == "a &lt; b"
    assert CLEAN.title("<img src=x onerror=alert(1)><b>bold</b> &amp; on") == "bold &amp; on"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("text-align: center; WIDTH:50%", "text-align: center; width: 50%"),
        ("color: rgb(1, 2, 3) !important", "color: rgb(1, 2, 3) !important"),
        ("background: url(x)", ""),
        ("position: fixed; z-index: 9", ""),
        ("margin: -20px", ""),
        ("margin-top: 2em", "margin-top: 2em"),
        ("width: 100000px", ""),
        ("color: red\\; position: fixed", ""),
        ("background: image-set('//e.org/x' 1x)", ""),
        ("color:red;behavior:url(#x);-moz-binding:url(//e.org)", "color: red"),
    ],
)
def test_styles(text: str, kept: str) -> None:
    assert style(text) == kept


def test_templates_are_for_nobody_else() -> None:
    text = "{{ 7 * 7 }} {% raw %} {# c #} { {x} }}"
    assert not re.search(r"\{[{%#]", untemplated(text))
    assert templated(untemplated(text)) == text
    assert untemplated("---\ntitle: '{{ x }}'\n---\n{x}") == "---\ntitle: '{{ x }}'\n---\n{x}"


def test_snippets_name_files_that_are_shown() -> None:
    inside = '--8<-- "part.md"\n\n--8<--\na.md\nsub/b.md:2:9\n--8<--\n'
    assert without_snippets(inside) == inside
    for path in (".git/config", "../x", "/etc/passwd", "a/../../x", "https://e.org/x", "C:\\x", "a/.env", "~/.ssh/id"):
        for text in (f'--8<-- "{path}"', f"  --8<-- '{path}'", f"--8<--\nok.md\n{path}\n--8<--", f"--8<--\n{path}\n"):
            escaped = without_snippets(text)
            assert not re.search(r"(?m)^[ \t]*-+8<-", escaped), escaped
            assert escaped.replace(";", "") == text.replace(";", "")


def test_the_sites_own_is_put_back_as_it_was() -> None:
    kept = sanitise.Kept()
    card = '<div class="pd-card"><button onclick="x">1</button></div>'
    page = f"<p>{kept('<i>a</i>')}</p>{kept(card)}"
    assert kept.restored(CLEAN(page)) == f"<p></p><i>a</i><p></p>{card}"
    assert kept.restored('<div data-pd="77"></div>') == ""
