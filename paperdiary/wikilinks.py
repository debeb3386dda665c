"""Links by name, `[[note|label]]` and `![[image.png]]`, and the addresses that they mean."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from paperdiary.files import walk

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_WIKILINK = re.compile(r"(?P<embed>!?)\[\[(?P<target>[^\[\]|\n]+)(?:\|(?P<label>[^\[\]\n]*))?\]\](?![(\[])")
_SPACED = re.compile(
    r"(?P<image>!?)\[(?P<label>[^\[\]\n]{0,500})\]\((?!\s*[a-z][a-z0-9+.-]+:)"
    r"(?P<target>[^()<>\"\s][^()<>\"\n]{0,200} [^()<>\"\n]{0,200}\.[A-Za-z0-9]{2,5}(?:#[^()\s]{0,200})?)"
    r"(?: +\"(?P<title>[^\"\n]{0,300})\")? *\)",
    re.I,
)
_NOTES = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".apng")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|\?)", re.I)
_SIZE = re.compile(r"^(\d+)(?:x(\d+))?$")


@dataclass(frozen=True, slots=True)
class Wikilink:
    """One `[[...]]` as it was written."""

    target: str  #: name of a note or file, "" for a heading of the same note
    heading: str  #: after the last `#`, "" for none
    label: str  #: what is shown
    embed: bool  #: it began with `!`
    size: tuple[str, str] = ("", "")  #: width and height of an image


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
    heading = "" if heading.startswith("^") else heading.rpartition("#")[2].strip()
    label = label.strip()
    size = _SIZE.match(label.rpartition("|")[2].strip()) if embed and is_image(name) else None
    if size:
        label = label.rpartition("|")[0].strip()
    shown = posixpath.basename(name) if embed or name.lower().endswith(_NOTES) else name
    shown = shown[: -len(posixpath.splitext(shown)[1])] if shown.lower().endswith(_NOTES) else shown
    if not label:
        label = " > ".join(part for part in (shown, heading) if part) or target.strip()
    return Wikilink(name, heading, label, embed, (size[1], size[2] or "") if size else ("", ""))


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


class Vault:
    """The files of a diary, found by the names people link them with."""

    def __init__(self, paths: Iterable[str], names: Iterable[tuple[str, str]] = ()) -> None:
        """`paths` are relative to notes/; `names` are other names of notes, (name, path)."""
        self.paths = frozenset(paths)
        self._files: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, str] = {}
        for path in sorted(self.paths, key=lambda p: (p.count("/"), p)):
            self._files[_key(posixpath.basename(path))].append(path)
        for name, path in names:
            self._names.setdefault(_key(name), path)

    def find(self, name: str, here: str) -> str | None:
        """The file that `name` means in the note at `here`: nearest first, in any case, with folders or without."""
        folder = posixpath.dirname(here)
        wanted = name.strip().replace("\\", "/")
        for path in (posixpath.normpath(posixpath.join(folder, wanted)), posixpath.normpath(wanted.lstrip("/"))):
            if path in self.paths:
                return path
        key = _key(posixpath.normpath(wanted).lstrip("./"))
        found = [p for p in self._files[_key(posixpath.basename(key))] if f"/{_key(p)}".endswith(f"/{key}")]
        found.sort(key=lambda p: (not p.lower().endswith(_NOTES) and "." not in key, posixpath.dirname(p) != folder))
        return found[0] if found else self._names.get(_key(wanted))


def _key(name: str) -> str:
    """What spellings of one name share; the suffix of a note is no part of it."""
    name = unicodedata.normalize("NFC", name).casefold().strip()
    stem, suffix = posixpath.splitext(name)
    return stem if suffix in _NOTES else name


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as seen from one page."""

    vault: Vault
    here: str  #: source path of the page
    seen: Callable[[str], str]  #: source path of a file -> its address seen from the built page
    letters: bool = False  #: anchors of headings keep all letters, see `heading_id`

    def source(self, link: Wikilink) -> str | None:
        """The address of a wikilink for a Markdown link, None if there is no such file."""
        found = heading_id(link.heading, self.letters)
        anchor = f"#{found}" if found else ""
        if not link.target:
            return anchor or None
        path = self.vault.find(link.target, self.here)
        return None if path is None else self._relative(path) + (anchor if path.lower().endswith(_NOTES) else "")

    def _relative(self, path: str) -> str:
        return quote(posixpath.relpath(path, posixpath.dirname(self.here) or "."), safe="/~!$&'*+,;=:@")

    def rooted(self, address: str) -> str:
        """A Markdown link's address; one that starts at the root of notes/ is made relative."""
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
        if not path.startswith("/") or unquote(path[1:]) not in self.vault.paths:
            return address
        return f"{self._relative(unquote(path[1:]))}{mark}{rest}"

    def html(self, address: str) -> str:
        """An address in a raw HTML tag, which MkDocs leaves as it is, for the page as it is built."""
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
        if not path or _SCHEME.match(address):
            return address
        plain = unquote(path)
        whole = plain[1:] if plain.startswith("/") else posixpath.join(posixpath.dirname(self.here), plain)
        whole = posixpath.normpath(whole)
        return f"{self.seen(whole)}{mark}{rest}" if whole in self.vault.paths else address


def is_image(address: str) -> bool:
    return posixpath.splitext(address.partition("#")[0])[1].lower() in _IMAGES


def files_under(folder: Path) -> Iterator[str]:
    """Paths of all files under a folder, relative to it; hidden ones are left out, links that lead back end."""
    for here, files in walk(folder, lambda at, f: not f.startswith(".")):
        yield from (posixpath.join(here, f) for f in files if not f.startswith("."))
