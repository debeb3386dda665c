"""The HTML of the reader's pages made harmless: notes come from strangers too.

What Markdown and its extensions made of a page goes through nh3 (the sanitiser ammonia, which reads HTML as a
browser does), so it does not matter by which way a script, an attribute or an address got there. Words are
never lost: of what may not stay the tag goes, and its words remain; of `script` and `style` the source goes too.
The option `trust_html` leaves all this out. docs/privacy.md lists what stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from typing import Any

from paperdiary import pictures


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HTML = _names(
    """a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup data
dd del details dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 header hgroup footer hr i img input ins kbd
label li main map area mark menu meter nav ol p picture pre progress q rp rt ruby s samp section small source span
strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var wbr video audio"""
)
_SVG = _names(
    """svg g defs symbol use marker switch desc path rect circle ellipse line polyline polygon image text tspan
textPath linearGradient radialGradient stop pattern clipPath mask filter feGaussianBlur feOffset feMerge feMergeNode
feFlood feComposite feBlend feColorMatrix feDropShadow foreignObject title"""
)
_MATHS = _names(
    """math semantics annotation mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose
mfenced merror msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd
maction"""
)
_EVERYWHERE = "class id style title lang dir role hidden align valign"
_OWN: dict[str, str] = {
    "a": "href name target download hreflang type rel",
    "area": "href shape coords alt target",
    "col": "span width",
    "colgroup": "span width",
    "data": "value",
    "del": "datetime",
    "details": "open",
    "div": "data-pd data-tabs",
    "font": "color face size",
    "hr": "size noshade color width",
    "img": "src alt width height srcset sizes loading decoding hspace vspace border usemap",
    "input": "id name checked disabled",
    "ins": "datetime",
    "label": "for",
    "li": "value type",
    "map": "name",
    "meter": "value min max low high optimum",
    "ol": "start type reversed",
    "progress": "value max",
    "source": "src srcset sizes media type width height",
    "span": "data-linenos",
    "table": "border cellpadding cellspacing width height bgcolor summary rules frame",
    "tbody": "data-search-exclude",
    "td": "colspan rowspan headers scope width height bgcolor abbr nowrap data-linenos",
    "th": "colspan rowspan headers scope width height bgcolor abbr nowrap",
    "time": "datetime",
    "tr": "bgcolor",
    "track": "src kind srclang label default",
    "ul": "type",
    "video": "src poster width height loop muted preload playsinline",
    "audio": "src loop muted preload",
}
_DRAWN = """fill fill-opacity fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray
stroke-dashoffset stroke-opacity stroke-miterlimit opacity transform d x y x1 x2 y1 y2 cx cy r rx ry fx fy width height
viewBox preserveAspectRatio points offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod
patternUnits patternTransform patternContentUnits clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits
filter filterUnits in in2 result stdDeviation dx dy flood-color flood-opacity mode operator values type marker-start
marker-mid marker-end markerWidth markerHeight markerUnits refX refY orient text-anchor dominant-baseline
alignment-baseline baseline-shift font-family font-size font-weight font-style letter-spacing word-spacing
text-decoration textLength lengthAdjust startOffset color display visibility vector-effect shape-rendering version
focusable pathLength rotate href"""
_FORMULA = """display alttext encoding mathvariant mathsize mathcolor mathbackground stretchy symmetric largeop
movablelimits lspace rspace minsize maxsize accent accentunder linethickness columnalign rowalign columnspacing
rowspacing columnlines rowlines columnspan rowspan displaystyle scriptlevel width height depth voffset form fence
separator notation open close separators"""
#: properties that change a text's look and cannot lay it over anything else
_STYLES = _names(
    """text-align vertical-align text-decoration text-indent text-transform text-wrap white-space word-break
    overflow-wrap font font-family font-size font-style font-weight font-variant line-height letter-spacing color
    background background-color width height max-width max-height min-width min-height float clear display
    border border-top border-right border-bottom border-left border-width border-style border-color border-radius
    border-collapse border-spacing padding padding-top padding-right padding-bottom padding-left margin margin-top
    margin-right margin-bottom margin-left list-style list-style-type table-layout justify-items justify-content
    align-items align-self gap flex flex-direction flex-wrap object-fit aspect-ratio columns column-count
    fill fill-opacity stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity opacity
    stop-color stop-opacity text-anchor dominant-baseline font-stretch math-depth"""
)
_VALUE = re.compile(r"(?:[\w\s#%.,+/!-]|\b(?:rgba?|hsla?)\([\d\s.,%/]*\))*")
_HUGE = re.compile(r"\d{5}|(?<![\w.])-\s*[\d.]")  #: lengths that reach out of the text
_FAR = re.compile(r"(?<![\d.])\d{3}")  #: of spaces in a formula
_SPACES = frozenset(("width", "height", "depth", "voffset", "lspace", "rspace"))
#: classes that the site's own scripts and styles look for: all that begin so, but these
_OURS = ("pd-", "md-", "__")
_MEANT = _names(
    """pd-anchor pd-block pd-embed pd-plain pd-math pd-math--block pd-tex pd-remote
    pd-remote__kind pd-remote__name pd-remote__host
    md-button md-button--primary md-tag md-annotation"""
)
_TABS = re.compile(r"__tabbed_\d{1,4}(?:_\d{1,4})?")
_MADE_IDS = re.compile(rf"{_TABS.pattern}|__(?:codelineno|span)-[\w-]{{1,40}}")
#: ids that would stand in the place of a script's own variable
_GLOBALS = _names(
    "PaperDiary Plotly document$ location$ target$ keyboard$ viewport$ tablet$ screen$ print$ alert$ progress$"
    " component$ MathJax mermaid_ defaultView ownerDocument"
)
_ADDRESSES = frozenset(("href", "src", "poster", "srcset"))
_INLINE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]")
_INPUT = re.compile(r"<input((?: [\w:-]+=\"[^\"<>]*\")*)>")
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_BREAK = "{\ue1f7"  #: private use: a brace that begins no template
_SNIPPET = re.compile(r"(?m)^(?P<space>[ \t]*)(?P<mark>-+8<-+)(?P<rest>[^\n]*)$")


class Cleaner:
    """Makes the HTML of a page harmless.

    Args:
        pictures: what becomes of pictures of other hosts: "card", "copy" or "link".
        mermaid: whether the site draws Mermaid's diagrams, for which the theme asks another host.
    """

    def __init__(self, pictures: str = "card", *, mermaid: bool = False) -> None:
        self.pictures = pictures
        self.mermaid = mermaid
        self._nh3 = _nh3(self._attribute)

    def __call__(self, html: str) -> str:
        """The page's HTML; addresses of pictures that are not to be asked for are tokens (`pictures.token`)."""
        html = self._nh3.clean(pictures.without_frames(html, keep_media=self.pictures == "link"))
        return _INPUT.sub(_input, html)

    def title(self, text: str) -> str:
        """An entry of a page's table of contents, which the theme prints as it is."""
        return escape(unescape(_words().clean(text))) if "<" in text else text

    def _attribute(self, element: str, name: str, value: str) -> str | None:
        """The value that an attribute may have, None for none. nh3 has looked at schemes of href and src by now."""
        if name == "class":
            kept = [c for c in value.split() if c in _MEANT or not c.startswith(_OURS)]
            return " ".join(c for c in kept if c != "mermaid" or self.mermaid) or None
        if name == "style":
            return style(value) or None
        if name in ("id", "for") or (name == "name" and element in ("a", "map")):
            free = not value.startswith(_OURS) and value not in _GLOBALS
            return value if free or _MADE_IDS.fullmatch(value) else None
        if name == "name":
            return value if _TABS.fullmatch(value) else None
        if name == "target":
            return "_blank" if value == "_blank" else None
        if name == "rel":
            return " ".join(w for w in value.lower().split() if w in _RELATIONS) or None
        if name == "data-pd":
            return value if re.fullmatch(r"\d{1,6}", value) else None
        if name in _ADDRESSES:
            return self._address(element, name, value)
        if element in _MATHS and name in _SPACES:
            return None if _FAR.search(value) else value
        return None if "url(" in value.lower() and not _is_inside(value) else value

    def _address(self, element: str, name: str, value: str) -> str | None:
        read = re.sub(r"[\x00-\x20]+", "", value).replace("\\", "/")  # as a browser reads it
        scheme = (re.match(r"[a-z][a-z0-9+.-]*(?=:)", read, re.I) or ("",))[0].lower()
        if element in ("a", "area") and name == "href":
            return value if scheme in ("", "http", "https") else None
        if scheme == "data":
            picture = element in ("img", "image") and re.match(
                r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]", read
            )
            return value if picture else None
        if name == "srcset":
            far = re.search(r"(?:^|,)[a-z][a-z0-9+.-]*:|//", read, re.I)
            return None if far and (self.pictures != "link" or re.search(r"(?:data|script):", read, re.I)) else value
        if element == "use" and not read.startswith("#"):
            return None
        if not scheme and not read.startswith("//"):
            return value
        if scheme not in ("", "http", "https"):
            return None
        if self.pictures == "link":
            return value
        return pictures.token(value) if element == "img" else None


_RELATIONS = _names("nofollow noopener noreferrer external license author bookmark tag help me")


def _nh3(attribute: Callable[[str, str, str], str | None]) -> Any:
    import nh3

    everywhere = set(_EVERYWHERE.split())
    allowed = {name: set(words.split()) for name, words in _OWN.items()}
    for names, words in ((_SVG, _DRAWN), (_MATHS, _FORMULA)):
        for name in names:
            allowed[name] = allowed.get(name, set()) | set(words.split())
    for element in ("table", "td", "th", "hr", "col", "colgroup", "tbody"):
        allowed[element] |= {"width"}
    return nh3.Cleaner(
        tags={*_HTML, *_SVG, *_MATHS},
        attributes={"*": everywhere, **allowed},
        attribute_filter=attribute,
        clean_content_tags={"script", "style"},
        generic_attribute_prefixes={"aria-"},
        tag_attribute_values={"input": {"type": {"checkbox", "radio"}}},
        set_tag_attribute_values={"video": {"controls": ""}, "audio": {"controls": ""}},
        url_schemes={"http", "https", "data"},
        link_rel=None,
    )


@lru_cache(maxsize=1)
def _words() -> Any:
    import nh3

    return nh3.Cleaner(tags=set(), attributes={}, clean_content_tags={"script", "style"})


def _input(match: re.Match[str]) -> str:
    """Boxes of task lists and of tabs; any other could pretend to ask for something."""
    given = dict(re.findall(r' ([\w:-]+)="([^"]*)"', match[1]))
    if given.get("type") == "radio" and _TABS.fullmatch(given.get("name", "")):
        return match[0]
    return match[0] if given.get("type") == "checkbox" else ""


def _is_inside(value: str) -> bool:
    """Whether all that a value fetches is part of the same page."""
    return (
        all(found.startswith("#") for found in re.findall(r"url\(\s*[\"']?\s*(.?)", value, re.I)) and "\\" not in value
    )


def style(text: str) -> str:
    """The declarations of a style attribute that change how its own element looks.

    >>> style("color: red; position: fixed; background: url(https://a.org/x)")
    'color: red'
    """
    out = []
    for declaration in text.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        name = name.lower()
        if name in _STYLES and _VALUE.fullmatch(value) and value and not _HUGE.search(value):
            out.append(f"{name}: {value}")
    return "; ".join(out)


# -- before Markdown


def untemplated(text: str) -> str:
    """Markdown in which nothing begins a template (`{{`, `{%`, `{#`) for plugins that fill those in.

    Its front matter stays as it is.
    """
    head, mark, body = text.partition("\n---\n") if text.startswith("---\n") else ("", "", text)
    return f"{head}{mark}{_TEMPLATE.sub(_BREAK, body)}"


def templated(text: str) -> str:
    """Such Markdown as it was."""
    return text.replace(_BREAK, "{")


def without_snippets(text: str) -> str:
    """Markdown in which `--8<-- "file"` names no file but those that are shown anyway.

    The extension `pymdownx.snippets` puts any file below the diary's folder in its place, `.git/config` too. Paths
    that leave the folder, hidden ones and addresses of the web are left as they stand (`;` says so to the extension).
    """
    if "8<-" not in text:
        return text
    out: list[str] = []
    at, opened = 0, None
    for match in _SNIPPET.finditer(text):
        rest = match["rest"].strip()
        if not rest and opened is None:
            opened = match
            continue
        paths = [rest.strip("\"'")]
        if opened is not None and not rest:
            paths = [line.strip() for line in text[opened.end() : match.start()].split("\n") if line.strip()]
        if not all(map(_is_shown, paths)):
            for one in [opened, match] if opened and not rest else [match]:
                out += [text[at : one.start("mark")], ";"]
                at = one.start("mark")
        opened = None if not rest else opened
    if opened is not None:
        out += [text[at : opened.start("mark")], ";"]
        at = opened.start("mark")
    return "".join([*out, text[at:]])


def _is_shown(path: str) -> bool:
    path = path.lstrip("; ").replace("\\", "/")
    return not re.match(r"/|~|[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", path) and not any(
        part.startswith(".") for part in path.split("/")
    )


class Kept:
    """The HTML that is the site's own, kept out of a page while that is made harmless."""

    def __init__(self) -> None:
        self._html: list[str] = []

    def __call__(self, html: str) -> str:
        self._html.append(html.strip("\n"))
        return f'<div data-pd="{len(self._html) - 1}"></div>'

    def restored(self, html: str) -> str:
        """The page with all of it in its place."""

        def put(match: re.Match[str]) -> str:
            number = int(match[1])
            return self._html[number] if number < len(self._html) else ""

        return re.sub(r'<div data-pd="(\d{1,6})"></div>', put, html) if self._html else html
