"""Links by name, `[[note|label]]` and `![[image.png]]`; `vault.py` finds the files that they mean."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_WIKILINK = re.compile(r"(?P<embed>!?)\[\[(?P<target>[^\[\]|\n]+)(?:\|(?P<label>[^\[\]\n]*))?\]\](?![(\[])")
_SPACED = re.compile(
    r"(?P<image>!?)\[(?P<label>(?:!\[[^\[\]\n]{0,200}\]\([^()\n]{0,300}\)|[^\[\]\n]){0,500}?)\]\((?!\s*[a-z][a-z0-9+.-]+:)"
    r"(?P<target>[^()<>\"\s][^()<>\"\n]{0,200} [^()<>\"\n]{0,200}\.[A-Za-z0-9]{2,5}(?:#[^()\s]{0,200})?)"
    r"(?: +\"(?P<title>[^\"\n]{0,300})\")? *\)",
    re.I,
)
NOTES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".apng")
_SIZE = re.compile(r"^(\d+)(?:x(\d+))?$")


@dataclass(frozen=True, slots=True)
class Wikilink:
    """One `[[...]]` as it was written."""

    target: str  #: name of a note or file, "" for a heading of the same note
    heading: str  #: after the last `#`, "" for none
    label: str  #: what is shown
    embed: bool  #: it began with `!`
    size: tuple[str, str] = ("", "")  #: width and height of an image
    block: str = ""  #: name of a block, after `#^`; a target of "" is this note, or for Logseq's names any


def inline_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for a wikilink; what follows a letter (`df[["x"]]`) is an index."""
    if state.src[state.pos] not in "[!":
        return False
    found = _WIKILINK.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos]
    if not found or not found["target"].strip() or (before.isascii() and (before.isalnum() or before in list("_)]"))):
        return False
    if not silent:
        token = state.push("wikilink", "", 0)
        token.markup = found[0]
        token.meta = {"link": parse(found["target"], found["label"] or "", bool(found["embed"]))}
    state.pos = found.end()
    return True


def spaced_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for a link to a file with spaces in its name, `![x](my figure.png)`, none in CommonMark."""
    found = _SPACED.match(state.src, state.pos, state.posMax) if state.src[state.pos] in "![" else None
    if not found:
        return False
    if not silent:
        attributes: dict[str, str | int | float] = {"src" if found["image"] else "href": found["target"].strip()}
        if found["title"]:
            attributes["title"] = found["title"]
        if found["image"]:
            token = state.push("image", "img", 0)
            token.attrs, token.children, token.content = attributes, [], found["label"]
            state.md.inline.parse(found["label"], state.md, state.env, token.children)
        else:
            behind, state.pos, state.posMax = state.posMax, *found.span("label")
            state.push("link_open", "a", 1).attrs = attributes
            state.md.inline.tokenize(state)
            state.push("link_close", "a", -1)
            state.posMax = behind
    state.pos = found.end()
    return True


def parse(target: str, label: str, embed: bool) -> Wikilink:
    """The parts of a wikilink.

    >>> parse("a/Note#Part", "", False).label
    'Note > Part'
    """
    name, _, heading = (part.strip() for part in target.rstrip("\\").partition("#"))
    heading = heading.rpartition("#")[2].strip()
    block = heading[1:].strip() if heading.startswith("^") else ""
    heading = "" if block else heading
    label = label.strip()
    size = _SIZE.match(label.rpartition("|")[2].strip()) if embed and is_image(name) else None
    if size:
        label = label.rpartition("|")[0].strip()
    shown = posixpath.basename(name) if embed or name.lower().endswith(NOTES) else name
    shown = shown[: -len(posixpath.splitext(shown)[1])] if shown.lower().endswith(NOTES) else shown
    page = re.fullmatch(r"page=(\d+)(?:&.*)?", heading)
    if not label and page:
        label = f"{shown}, page {page[1]}"
    if not label:
        label = " > ".join(part for part in (shown, heading) if part) or target.strip("# ")
    return Wikilink(name, heading, label, embed, (size[1], size[2] or "") if size else ("", ""), block)


def heading_id(text: str, letters: bool = False) -> str:
    """The anchor of a heading on its page, without what Markdown marks in it.

    With `letters` it is what `pymdownx.slugs` makes, which keeps the letters of every script; otherwise what
    Python-Markdown makes, and for headings of which that leaves nothing, their letters.

    >>> heading_id("The *Loss*, again"), heading_id("损失 函数"), heading_id("1. 介绍", letters=True)
    ('the-loss-again', '损失-函数', '1-介绍')
    """
    text = re.sub(r"\]\([^()]*\)|<[^<>]*>|[*`\[\]]", "", text)
    if letters:
        return re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text).strip().lower()).replace(" ", "-")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    made = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
    if re.search(r"[a-z]", made) or text.isascii():
        return made
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text).lower()).strip("-")[:64].strip("-") or made


def is_image(address: str) -> bool:
    return posixpath.splitext(address.partition("#")[0])[1].lower() in _IMAGES
