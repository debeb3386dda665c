"""`<svg>` and `<math>` in notes: their shapes, formulas and words; nothing of them runs or asks another host."""

from __future__ import annotations

import itertools
import re
from html import unescape
from typing import TYPE_CHECKING

from paperdiary.escapes import calm, value

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


#: what may be drawn; `animate` and `set` could change an address, `style` and `script` reach the whole page
_DRAWN = _names(
    "svg g defs symbol use marker switch title desc path rect circle ellipse line polyline polygon image text tspan"
    " textPath linearGradient radialGradient stop pattern clipPath mask filter feGaussianBlur feOffset feMerge"
    " feMergeNode feFlood feComposite feBlend feColorMatrix feDropShadow a foreignObject div span p b i em strong br"
)
_FORMULAS = _names(
    "math semantics annotation mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose mfenced"
    " merror msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd maction"
)
KNOWN = _DRAWN | _FORMULAS
#: elements whose words are shown
_WORDED = _names("text tspan textPath title desc a div span p b i em strong mi mn mo ms mtext annotation")
_HIDDEN = _names("script style animate animateTransform animateMotion set handler")
_OPEN = re.compile(r"<(svg|math)(?=[\s/>])", re.I)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.I) for name in ("svg", "math", "script", "style")}
_NESTED = {name: re.compile(rf"<(/?){name}(?=[\s/>])[^<>]*>", re.I) for name in ("svg", "math")}
_NESTS = 200  #: tags of drawings in one drawing
_PART = re.compile(
    r"<!--.*?(?:-->|$)|<(?P<end>/?)(?P<name>[A-Za-z][\w:.-]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>", re.S
)
_PAIR = re.compile(r"""([A-Za-z_][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_LINKS = _names("href xlink:href src")
#: addresses that ask no other host of themselves; a link is followed by the reader's own hand
_INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp);|(?![a-z][a-z0-9+.-]*:|//))", re.I)
_WEB = re.compile(r"\s*(?:https?:|mailto:|#|(?![a-z][a-z0-9+.-]*:|//))", re.I)
_FETCHES = re.compile(r"url\([\"']?(?!#)|@import|expression\(|script:|\\", re.I)


def ending(html: str, name: str, start: int, absent: set[str]) -> int:
    """Where the end tag of an element that began before `start` ends, -1 for nowhere; `absent` remembers that."""
    found = None if name in absent else _ENDS[name].search(html, start)
    if not found:
        absent.add(name)
        return -1
    return outermost(html, name, start, len(html)) or found.end()


def outermost(html: str, name: str, start: int, stop: int) -> int:
    """Where an `<svg>` or `<math>` that began before `start` ends, those in it passed over; 0 where it holds none."""
    parts = _NESTED.get(name)
    depth = 1
    for match in itertools.islice(parts.finditer(html, start, stop), _NESTS) if parts else ():
        depth += -1 if match[1] else 0 if match[0].endswith("/>") else 1
        if depth == 0:
            return match.end()
    return 0


def inline_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for a whole drawing or formula inside text."""
    found = _OPEN.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if not found:
        return False
    left = state.cache.get(-4, 4 * len(state.src))  # signs that may yet be looked at; the other keys are places
    name = found[1].lower()
    end = _ENDS[name].search(state.src, found.end(), state.posMax) if left > 0 else None
    last = (outermost(state.src, name, found.end(), state.posMax) or end.end()) if end else state.posMax
    source = state.src[state.pos : last]
    state.cache[-4] = left - len(source)
    if not end or drawing(source) is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = source
    state.pos = last
    return True


def drawing(source: str) -> str | None:
    """An `<svg>` or `<math>` element on one line: known elements and harmless attributes, all of them closed.

    None where it holds words that a browser would not show, as in "`<svg>` ends with `</svg>`".
    """
    out: list[str] = []
    opened: list[str] = []
    hidden = ""
    at = 0
    for match in _PART.finditer(source):
        name = (match["name"] or "").lower()
        words = source[at : match.start()]
        at = match.end()
        if hidden:
            hidden = "" if match["end"] and name == hidden else hidden
            continue
        if words.strip() and not (opened and opened[-1].lower() in _WORDED):
            return None
        out.append(re.sub(r"\s*\n\s*", " ", calm(words)))
        alone = match["attributes"].rstrip().endswith("/") if name else True
        if name in _HIDDEN:
            hidden = "" if match["end"] or alone else name
        elif name in KNOWN and match["end"]:
            while match["name"] in opened:
                out.append(f"</{(last := opened.pop())}>")
                if last == match["name"]:
                    break
        elif name in KNOWN:
            alone = alone or name == "br"
            out.append(f"<{match['name']}{_attributes(name, match['attributes'])}{' /' if alone else ''}>")
            opened += [] if alone else [match["name"]]
    return None if opened or hidden or source[at:] or len(out) < 4 else "".join(out)


def _attributes(element: str, text: str) -> str:
    out = ""
    for match in _PAIR.finditer(text):
        name = match[1].lower()
        given = next((v for v in match.groups()[1:] if v is not None), "")
        read = re.sub(r"[\x00-\x20]+", "", unescape(given))  # as a browser does before it looks
        if name.startswith(("on", "xmlns")):
            continue
        if name in _LINKS and not (_WEB if element == "a" else _INSIDE).match(read):
            continue
        if name not in _LINKS and _FETCHES.search(read):
            continue
        out += f' {match[1]}="{value(given)}"'
    return out
