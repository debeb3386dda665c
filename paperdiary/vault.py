"""The files of a diary by the names that people link them with, and their addresses as seen from a page."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from paperdiary import logseq, paperlinks
from paperdiary.dates import find_date
from paperdiary.files import walk
from paperdiary.wikilinks import NOTES, Wikilink, heading_id

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#|\?)", re.I)
_DAY = re.compile(r"(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d")


class Vault:
    """The files of a diary, found by the names people link them with."""

    def __init__(
        self,
        paths: Iterable[str],
        names: Iterable[tuple[str, str]] = (),
        texts: Callable[[str], str | None] = lambda path: None,
        papers: Callable[[str, str], str] = lambda path, here: "",
    ) -> None:
        """`paths` are relative to notes/; `names` are other names of notes, (name, path); `texts` gives their words.

        `papers` gives the address of the paper in a file of papers/ for a note, see `PaperLinks.address`.
        """
        self.paths = frozenset(paths)
        self.papers = papers
        self.texts = texts
        self._files: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, str] = {}
        self._days: dict[str, str] = {}
        self._blocks: dict[str, tuple[str, str]] | None = None
        pages: list[tuple[str, str]] = []
        for path in sorted(self.paths, key=lambda p: (p.count("/"), not p.endswith(".md"), p)):
            base = posixpath.basename(path)
            self._files[_key(base)].append(path)
            stem, suffix = posixpath.splitext(base)
            if suffix.lower() in NOTES and ("___" in stem or "%" in stem):
                pages.append((logseq.page_name(stem), path))
            if suffix.lower() in NOTES and _DAY.fullmatch(stem):
                day = find_date(stem.replace("_", "-"))
                if day:
                    self._days.setdefault(day, path)
        for name, path in (*names, *pages):
            self._names.setdefault(_key(name), path)

    def find(self, name: str, here: str) -> str | None:
        """The file that `name` means in the note at `here`: nearest first, in any case, with folders or without.

        The name of a day means the note of that day, however its file is called.
        """
        folder = posixpath.dirname(here)
        wanted = name.strip().replace("\\", "/")
        for path in (posixpath.normpath(posixpath.join(folder, wanted)), posixpath.normpath(wanted.lstrip("/"))):
            if path in self.paths:
                return path
        key = _key(posixpath.normpath(wanted).lstrip("./"))
        found = [p for p in self._files[_key(posixpath.basename(key))] if f"/{_key(p)}".endswith(f"/{key}")]
        found.sort(key=lambda p: (not p.lower().endswith(NOTES) and "." not in key, posixpath.dirname(p) != folder))
        if found:
            return found[0]
        named = self._names.get(_key(wanted))
        if named or not self._days or len(wanted) > 40:
            return named
        day = find_date(re.sub(r"(?<=\d)_(?=\d)", "-", wanted))
        return self._days.get(day) if day else None

    def block(self, name: str) -> tuple[str, str] | None:
        """(path of the note, words) of the block that Logseq calls by this id."""
        if self._blocks is None:
            self._blocks = {}
            for path in sorted(p for p in self.paths if p.lower().endswith(NOTES)):
                text = self.texts(path) or ""
                if "id::" in text:
                    for key, words in logseq.named_blocks(text).items():
                        self._blocks.setdefault(key, (path, words))
        return self._blocks.get(name.lower())


def names_of(meta: Mapping[str, Any]) -> list[str]:
    """The other names that front matter gives a note: `aliases` or `alias`, a list or words with commas."""
    out: list[str] = []
    for key in ("aliases", "alias"):
        given = meta.get(key)
        if isinstance(given, str):
            given = given.split(",")
        if isinstance(given, (list, tuple)):
            out += [str(name).strip() for name in given if isinstance(name, (str, int, float)) and str(name).strip()]
        elif isinstance(given, int):
            out.append(str(given))
    permalink = meta.get("permalink")
    return [*out, permalink.strip("/ ")] if isinstance(permalink, str) and permalink.strip("/ ") else out


def _key(name: str) -> str:
    """What spellings of one name share; the suffix of a note is no part of it."""
    name = unicodedata.normalize("NFC", name).casefold().strip()
    stem, suffix = posixpath.splitext(name)
    return stem if suffix in NOTES else name


@dataclass(slots=True)
class Shown:
    """What a page shows of other notes, counted so that it ends."""

    left: int = 200_000  #: signs that may yet be shown
    number: int = 0  #: of the last part


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as seen from one page."""

    vault: Vault
    here: str  #: source path of the note that the words are in
    seen: Callable[[str], str]  #: source path of a file -> its address seen from the built page
    letters: bool = False  #: anchors of headings keep all letters, see `heading_id`
    page: str = ""  #: source path of the page that shows them, where that is another note's
    around: tuple[str, ...] = ()  #: what they are shown in, from the outside in
    shown: Shown = field(default_factory=Shown)

    def source(self, link: Wikilink) -> str | None:
        """The address of a wikilink for a Markdown link, None if there is no such file."""
        if link.block and not link.target:
            found = self.vault.block(link.block) if len(link.block) == 36 else None
            path: str | None = found[0] if found else self.here if link.label[:2] != "((" else None
        elif link.target:
            path = self.vault.find(link.target, self.here)
        else:
            path = self.here if self.page else ""
        if path is None:
            return None
        part = f"^{link.block}" if link.block else heading_id(link.heading, self.letters)
        anchor = f"#{part}" if part else ""
        if path in {"", self.page or self.here}:
            return anchor or (self._relative(path) if path and link.target else None)
        return self._relative(path) + (
            anchor if path.lower().endswith(NOTES) else f"#{link.heading}" if _is_place(link) else ""
        )

    def _relative(self, path: str) -> str:
        return quote(posixpath.relpath(path, posixpath.dirname(self.page or self.here) or "."), safe="/~!$&'*+,;=:@")

    def rooted(self, address: str) -> str:
        """A Markdown link's address as it is from the page; one that starts at the root of notes/ is made relative."""
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
        if path.startswith("/"):
            whole = unquote(path[1:])
        elif self.page and not _SCHEME.match(address):
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(self.here), unquote(path)))
        elif self.page and address.startswith("#"):
            whole = self.here
        else:
            return address
        return f"{self._relative(whole)}{mark}{rest}" if whole in self.vault.paths else address

    def paper(self, address: str, wiki: bool = False) -> str | None:
        """Where a link into papers/ leads, "" for words without a link; None for links that lead elsewhere."""
        if wiki:
            name = posixpath.basename(address) if paperlinks.is_paper(address) else ""
        else:
            name = paperlinks.path_of(address, self.here)
        place = re.search(r"#page=\d+$", address)
        return self.vault.papers(name.partition("#")[0] + (place[0] if place else ""), self.here) if name else None

    def html(self, address: str) -> str:
        """An address in a raw HTML tag, which MkDocs leaves as it is, for the page as it is built."""
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
        if not path or _SCHEME.match(address):
            return address
        plain = unquote(path)
        whole = plain[1:] if plain.startswith("/") else posixpath.join(posixpath.dirname(self.here), plain)
        whole = posixpath.normpath(whole)
        return f"{self.seen(whole)}{mark}{rest}" if whole in self.vault.paths else address

    def file(self, link: Wikilink) -> str | None:
        """The source path of what a wikilink means."""
        if link.block and len(link.block) == 36 and not link.target:
            found = self.vault.block(link.block)
            return found[0] if found else None
        return self.vault.find(link.target, self.here) if link.target else self.here

    def within(self, path: str, part: str) -> Links | None:
        """The links of words of the note at `path` that are shown here; None where that would go round, or too deep."""
        key = f"{path}#{part}"
        whole = {f"{p.partition('#')[0]}" for p in self.around} | {self.page or self.here}
        if len(self.around) >= 4 or key in self.around or (path in whole and not part) or self.shown.left <= 0:
            return None
        return replace(self, here=path, page=self.page or self.here, around=(*self.around, key))


def _is_place(link: Wikilink) -> bool:
    """`paper.pdf#page=3`."""
    return bool(re.match(r"(?:page|height)=", link.heading))


def files_under(folder: Path) -> Iterator[str]:
    """Paths of all files under a folder, relative to it; hidden ones are left out, links that lead back end."""
    for here, files in walk(folder, lambda at, f: not f.startswith(".")):
        yield from (posixpath.join(here, f) for f in files if not f.startswith("."))
