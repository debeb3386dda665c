"""HTML in notes: what is a tag is kept and closed, what only looks like one is text.

Python-Markdown and a browser each take everything after `<script>` or a lone `<div>` into it, and show
nothing of `<T>`. So tags are read here first: those that HTML knows are written again in one form and in
pairs, every other `<` is written as `&lt;`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from paperdiary import foreign
from paperdiary.escapes import calm, value


def _names(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


_VOID = _names("area br col embed hr img input source track wbr")
_BARE = _names("br hr wbr col")  #: void ones that mean something without attributes
#: elements that hold Markdown blocks when there are any between their tags
CONTAINERS = _names(
    "address article aside blockquote center details dialog div fieldset figure footer form header main nav section"
    " dd dl dt li ol ul table tbody td tfoot th thead tr p"
)
_BLOCK = CONTAINERS | _names("caption colgroup figcaption h1 h2 h3 h4 h5 h6 hgroup legend menu pre summary")
_INLINE = _names(
    "a abbr acronym audio b bdi bdo big button canvas cite code data del dfn em font i iframe ins kbd label map mark"
    " marquee meter nobr object option output optgroup picture progress q rp rt ruby s samp select small span strike"
    " strong sub sup time tt u var video"
)
KNOWN = _VOID | _BLOCK | _INLINE
_TAGS = KNOWN | foreign.KNOWN | _names("script style html head body title meta link base noscript template textarea")
_REPLACED = _names("audio canvas object select video")  #: what they hold is no text of the page
#: attributes that mean something without a value
_BOOLEAN = _names(
    "allowfullscreen async autoplay checked compact controls default defer disabled download hidden inert ismap"
    " itemscope loop markdown multiple muted noshade novalidate nowrap open playsinline readonly required reversed"
    " selected"
)
#: a start tag closes what HTML lets stay open before it
_IMPLIED = {
    "li": ("li",),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "tbody": ("td", "th", "tr", "thead"),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "option": ("option",),
    **dict.fromkeys(_BLOCK - _names("li td th tr tbody thead tfoot caption colgroup dt dd"), ("p",)),
}
_ATTRIBUTE = r"""\s+[A-Za-z_:@][\w:.@-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
_TAG = re.compile(
    rf"(?P<comment><!--)|<(?P<raw>script|style)(?:{_ATTRIBUTE})*\s*>|<(?P<foreign>svg|math)\b[^<>]*>"
    rf"|<(?P<start>[A-Za-z][A-Za-z0-9-]*)(?P<attrs>(?:{_ATTRIBUTE})*)\s*(?P<closed>/?)>"
    r"|</(?P<end>[A-Za-z][A-Za-z0-9-]*)\s*>",
    re.I,
)
_PAIR = re.compile(r"""([A-Za-z_:@][\w:.@-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_ADDRESSES = frozenset(("src", "href", "poster", "data"))
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of HTML source."""

    kind: str  #: "text", "start", "end", "void", "comment" or "raw"
    source: str  #: as it was written
    name: str = ""  #: of a tag, lower case
    html: str = ""  #: of anything but text: how it is written again


def pieces(html: str, address: Address | None = None, block: bool = False) -> list[Piece]:
    """HTML cut into tags and text. Scripts and styles are kept in an HTML `block` only.

    `address` maps the addresses in attributes.
    """
    out: list[Piece] = []
    at = place = 0
    absent: set[str] = set()
    while match := _TAG.search(html, place):
        made, place = _piece(match, address, block, absent)
        if made is None:
            continue
        if match.start() > at:
            out.append(Piece("text", html[at : match.start()]))
        out.append(made)
        at = place
    if at < len(html):
        out.append(Piece("text", html[at:]))
    return out


def is_text(tag: str) -> bool:
    """True for what looks like a tag and is none that HTML knows: the `<T>` of `Vec<T>`."""
    found = re.match(r"</?([A-Za-z][A-Za-z0-9-]*)", tag)
    return bool(found and found[1].lower() not in _TAGS)


def _piece(match: re.Match[str], address: Address | None, block: bool, absent: set[str]) -> tuple[Piece | None, int]:
    """(what begins with this match, None for text; where it ends). What has no end is looked for once (`absent`)."""
    html, end = match.string, match.end()
    if match["comment"]:
        close = -1 if "-->" in absent else html.find("-->", end)
        if close < 0:
            absent.add("-->")
            return None, end
        source = html[match.start() : close + 3]
        words = source[4:].startswith((">", "->"))
        return None if words else Piece("comment", source, html=source.replace("--!>", "-- !>")), close + 3
    name = (match["raw"] or match["foreign"] or "").lower()
    if name:
        last = foreign.ending(html, name, end, absent)
        source = html[match.start() : last]
        if last < 0:
            return None, end
        if match["foreign"]:
            drawn = foreign.drawing(source)
            return (None, end) if drawn is None else (Piece("raw", source, name, drawn), last)
        return Piece("raw", source, name, source) if block else None, last
    return _tag(match, address), end


def _tag(match: re.Match[str], address: Address | None) -> Piece | None:
    source = match[0]
    name = (match["start"] or match["end"]).lower()
    if name not in KNOWN:
        return None
    if match["end"]:
        return Piece("end", source, name, f"</{name}>") if name not in _VOID else None
    attributes = _attributes(match["attrs"] or "", address)
    if attributes is None or (name in _VOID and not attributes and name not in _BARE):
        return None
    if name in _VOID:
        return Piece("void", source, name, f"<{name}{attributes}>")
    if match["closed"]:
        return Piece("raw", source, name, f"<{name}{attributes}></{name}>") if attributes else None
    return Piece("start", source, name, f"<{name}{attributes}>")


def _attributes(text: str, address: Address | None) -> str | None:
    """Attributes in one form; None for words that are no attributes, as in `<a list of words>`."""
    out = ""
    for match in _PAIR.finditer(text):
        name = match[1].lower()
        given = next((v for v in match.groups()[1:] if v is not None), None)
        if given is None:
            if name not in _BOOLEAN and not name.startswith(("data-", "aria-")):
                return None
            out += f" {match[1]}"
            continue
        if address and name in _ADDRESSES:
            given = address(given.strip())
        out += f' {match[1]}="{value(given)}"'
    return out


@dataclass(slots=True)
class Pairs:
    """What becomes of the tags of several runs of pieces, (run, number of the piece) each."""

    text: set[tuple[int, int]] = field(default_factory=set)  #: shown as text
    dropped: set[tuple[int, int]] = field(default_factory=set)
    before: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))  #: end tags to add
    after: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))  #: end tags after a run
    at_once: set[tuple[int, int]] = field(default_factory=set)  #: start tags that end where they begin
    across: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)  #: start and end, two runs
    opened: set[tuple[int, int]] = field(default_factory=set)  #: the starts of these
    closed: set[tuple[int, int]] = field(default_factory=set)  #: and the ends


def pair(
    runs: Sequence[Sequence[Piece]], starts: Collection[str] = (), ends: Collection[str] = (), *, inline: bool = False
) -> Pairs:
    """Match the start and end tags of runs of HTML that follow each other.

    An element that is never closed ends with its run; a start tag of an inline element without attributes is
    text then, unless an end tag of that name is somewhere in the note (`ends`), and so is one of a block `inline`.
    An end tag alone is dropped if the note has such a start tag (`starts`), and text otherwise.
    """
    out = Pairs()
    stack: list[tuple[tuple[int, int], Piece]] = []
    still: Counter[str] = Counter()  #: how many of a name are on the stack
    furthest: dict[int, int] = {}  #: run -> its last start tag that goes on

    def left_open(opened: tuple[tuple[int, int], Piece], now: tuple[int, int] | None) -> None:
        place, piece = opened
        still[piece.name] -= 1
        if furthest.get(place[0], -1) > place[1]:
            out.dropped.add(place)  # what it holds goes on in a later run
            return
        bare = piece.name not in _BLOCK and piece.html == f"<{piece.name}>" and piece.name not in ends
        if bare or (inline and piece.name in _BLOCK):
            out.text.add(place)
        elif piece.name in _REPLACED:
            out.at_once.add(place)
        elif now and now[0] == place[0]:
            out.before[now].append(piece.name)
        else:
            out.after[place[0]].append(piece.name)

    for run, content in enumerate(runs):
        for number, piece in enumerate(content):
            here = (run, number)
            if piece.kind == "start" and piece.name == "iframe":
                out.at_once.add(here)  # a browser shows nothing of what is inside
            elif piece.kind == "start":
                while stack and stack[-1][1].name in _IMPLIED.get(piece.name, ()):
                    left_open(stack.pop(), here)
                stack.append((here, piece))
                still[piece.name] += 1
            elif piece.kind == "end":
                if not still[piece.name]:
                    (out.dropped if piece.name in starts or piece.name in _BLOCK else out.text).add(here)
                    continue
                while stack[-1][1].name != piece.name:
                    left_open(stack.pop(), here)
                place, _ = stack.pop()
                still[piece.name] -= 1
                if place[0] != run:
                    out.across.append((place, here))
                    out.opened.add(place)
                    out.closed.add(here)
                    furthest[place[0]] = max(place[1], furthest.get(place[0], -1))
    while stack:
        left_open(stack.pop(), None)
    return out


def write(content: Sequence[Piece], run: int, pairs: Pairs, across: bool = False) -> str:
    """A run of HTML again, every element closed. With `across`, elements that go on in a later run hold Markdown."""
    asked = any(piece.kind == "start" and re.search(r"\smarkdown\b", piece.html) for piece in content)
    out: list[str] = []
    for number, piece in enumerate(content):
        here = (run, number)
        out += [f"</{name}>" for name in pairs.before.get(here, ())]
        if piece.kind == "text":
            out.append(piece.source.replace("<", "&lt;") if asked else calm(piece.source))
        elif here in pairs.text:
            out.append(calm(piece.source))
        elif here in pairs.dropped:
            continue
        elif across and here in pairs.opened:
            if name := _container(piece.name):
                rest = piece.html[len(piece.name) + 1 : -1]
                rest = rest if " markdown" in rest else f'{rest} markdown="block"'
                out.append(f"\n<{name}{rest}>\n")
        elif across and here in pairs.closed:
            name = _container(piece.name)
            out.append(f"\n</{name}>\n" if name else "")
        else:
            out.append(piece.html + (f"</{piece.name}>" if here in pairs.at_once else ""))
    out += [f"</{name}>" for name in pairs.after.get(run, ())]
    return "".join(out)


def is_block(html: str) -> bool:
    """True for HTML that Python-Markdown takes as it is when a line begins with it."""
    found = re.match(r"<([A-Za-z][A-Za-z0-9-]*)", html)
    if not found:
        return html.startswith("<!--")
    name = found[1].lower()
    return name in _BLOCK or name in {"script", "style", "iframe", "hr", "math"}


def _container(name: str) -> str:
    """The element that holds blocks in place of one: a paragraph cannot, an inline one need not."""
    return ("div" if name == "p" else name) if name in CONTAINERS else ""
