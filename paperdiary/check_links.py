"""Whether the links of a diary lead anywhere; what `diary check` says of those that do not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from paperdiary.config import Config
from paperdiary.dates import find_date
from paperdiary.entry import Note
from paperdiary.files import walk
from paperdiary.links import Link, Scan, anchor_key
from paperdiary.paperlinks import PaperLinks, is_paper, path_of
from paperdiary.vault import Vault, names_of

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.I)
_ONE_COMPUTER = re.compile(r"file:|[a-z]:[\\/]|/(?:Users|home)/|~/|\\\\", re.I)
_HOST = re.compile(r"(?:www\.|(?:[\w-]+\.)+(?:org|com|net|edu|gov|io|ai|cn|jp|de|fr|uk|dev|me)(?:/|$))", re.I)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\$\{")
#: pages and files that a build makes
_GENERATED = re.compile(
    r"(?:diary-)*(?:(?:map|diary|queue|timeline)(?:/index)?(?:\.md|\.html)?|(?:topics|clusters)(?:/.*)?)"
    r"|assets/paperdiary/.*|(?:index|404)\.(?:md|html)|sitemap\.xml|search(?:/.*)?|feed[\w.]*|rss[\w.]*"
)
#: fragments that name no heading: footnotes, pages of a PDF, text, blocks, lines of code
_NO_HEADING = re.compile(r"fn(?:ref)?:|page=|:~:|\^|L\d|_\d+$|__|top$", re.I)


class Files:
    """What is under notes/, and what links to it may say.

    Args:
        config: of the diary.
        notes: all of them.
        scans: gives the scan of a note by its path, None for other files.
    """

    def __init__(self, config: Config, notes: Sequence[Note], scans: Callable[[str], Scan | None]) -> None:
        self.root = config.notes
        self.papers = config.root / "papers"
        self.scans = scans
        self.all: set[str] = set()
        self.folders: set[str] = {"."}
        for path in _files(config.notes):
            self.all.add(path)
            while path := posixpath.dirname(path):
                self.folders.add(path)
        self.lower = {path.lower(): path for path in sorted(self.all, reverse=True)}
        self.by_name: dict[str, list[str]] = {}
        for path in sorted(self.all):
            name = posixpath.basename(path).lower()
            for key in {name, posixpath.splitext(name)[0]}:
                self.by_name.setdefault(key, []).append(path)
        self.entries = {note.path: frozenset(anchor_key(e.anchor) for e in note.entries) for note in notes}
        self.drafts = {note.path for note in notes if note.meta.get("draft") is True}
        self.vault = Vault((p for p in self.all - self.drafts if not re.search(r"(?:^|/)\.", p)), _aliases(notes))
        self.addresses = PaperLinks(notes)
        self.titles = {_letters(name) for note in notes for name in (note.title, *(e.title for e in note.entries))}

    def complaint(self, link: Link, page: str) -> str | None:
        """Why a link on the page at `page` leads nowhere and how to mend it; None where it leads somewhere."""
        target = unescape(link.target).strip()
        if _TEMPLATE.search(target) or target.startswith("//"):
            return None
        if link.kind == "wiki":
            return self._wiki(target, page)
        if _ONE_COMPUTER.match(target) and not self._find(target, page):
            return f"`{target}` is a place on one computer; copy the file beside the note and link to the copy."
        if _SCHEME.match(target):
            return None
        path, _, fragment = target.partition("#")
        if not path:
            return self._anchor(page, fragment)
        found = self._find(target, page) or self._find(path, page) or self._find(path.split("?")[0], page)
        if found is None:
            return self._missing(target, path, page)
        if link.kind == "spaced" and " " in target:
            return f"`{target}` has spaces and so is no address in Markdown; write it as `<{target}>`."
        if found in self.drafts:
            return f"`{path}` leads to a draft, which is not on the site; take out the link, or `draft: true` there."
        if any(part.startswith(".") and part != "." for part in found.split("/")):
            return f"`{path}` has a name that begins with a dot, and MkDocs leaves such files out; rename it."
        return self._anchor(found, fragment) if found in self.all else None

    def private(self, link: Link, page: str) -> str:
        """What to say of a link into papers/ whose paper has no address that the site could lead to, "" otherwise."""
        if link.kind == "wiki" or not (path := path_of(unescape(link.target), page)):
            return ""
        if self.addresses.address(path, page):
            return ""
        return f"papers/{path} is not on the site, which shows these words without a link; give its entry a `url:`."

    def _find(self, name: str, page: str) -> str | None:
        """The file, folder or made page that `name` means, seen from `page` or from its address in the site."""
        folder, own = posixpath.dirname(page), posixpath.splitext(page)[0]
        for spelling in dict.fromkeys((name, unquote(name))):
            rooted = spelling.startswith("/")
            for base in ("",) if rooted else (folder, own):
                path = posixpath.normpath(posixpath.join(base, spelling.lstrip("/")))
                found = self._at(path)
                if found:
                    return found
        return None

    def _at(self, path: str) -> str | None:
        stem = path.removesuffix(".html")
        for name in (path, *(f"{stem}{suffix}" for suffix in _MARKDOWN)):
            if name in self.all:
                return name
        if path in self.folders:
            return path
        made = _GENERATED.fullmatch(path) and path.split("/")[0] not in self.folders
        return path if made else None

    def _missing(self, target: str, path: str, page: str) -> str | None:
        if path.isdigit() or (path.startswith("/") and not re.search(r"\.\w{2,5}$", path)):
            return None  # "[Sutton](1988)"; another part of the same host
        if _HOST.match(path):
            return f"`{target}` has no `https://` in front and is taken for a file; write it with one."
        if re.fullmatch(r"[^\s/@]+@[^\s/@]+\.\w+", path):
            return f"`{target}` is taken for a file; write `mailto:{target}`."
        folder = "" if path.startswith("/") else posixpath.dirname(page)
        joined = posixpath.normpath(posixpath.join(folder, unquote(path).lstrip("/")))
        if "\\" in path and self._find(path.replace("\\", "/"), page):
            return f"`{target}` is not found; write / in place of \\."
        if path_of(target, page):
            return None  # kept for the reader, not published; see `private`
        if joined.startswith("..") and (self.root / joined).exists():
            return f"`{target}` is outside of notes/ and so not on the site; move it into notes/ or link elsewhere."
        return f"`{target}` leads to nothing; {self._hint(joined, page)}"

    def _hint(self, joined: str, page: str) -> str:
        folder, name = posixpath.split(joined.lower())
        near = [self.lower[joined.lower()]] if joined.lower() in self.lower else []
        if not near:
            stem = posixpath.splitext(name)[0]
            near = [p for p in self.by_name.get(stem, ()) if posixpath.dirname(p).lower() == folder]
        if not near and "." in name and name not in {"readme.md", "index.md", "changelog.md"}:
            near = [p for p in self.by_name.get(name, ()) if p != page]
        if len(near) == 1:
            return f"did you mean `{posixpath.relpath(near[0], posixpath.dirname(page) or '.')}`?"
        return "put the file there, mend the address, or take the link out."

    def _wiki(self, target: str, page: str) -> str | None:
        name, _, heading = target.partition("#")
        name, heading = name.strip(), heading.split("#")[-1]
        if not name:
            return self._anchor(page, heading)
        named = self.vault.find(name, page)
        if named:
            return self._anchor(named, heading)
        if _letters(name) in self.titles or find_date(name):  # a day of a journal
            return None
        if is_paper(name) and (self.addresses.address(name, page) or any(self.papers.rglob(posixpath.basename(name)))):
            return None
        if name.lower().endswith((".canvas", ".base")):
            return None  # Obsidian's, which an import leaves out and says so
        near = self.by_name.get(posixpath.basename(name).lower(), ())
        hint = f"did you mean [[{posixpath.splitext(near[0])[0]}]]?" if near else "write the note, or mend the name."
        return f"[[{name}]] names no note; {hint}"

    def _anchor(self, path: str, fragment: str) -> str | None:
        """None where `fragment` names a heading or an id of the Markdown file at `path`."""
        key = anchor_key(fragment)
        seen = self.scans(path)
        if fragment.startswith("^") and seen and not ({unquote(fragment).lower()} & seen.anchors):
            return f"there is no block `{fragment}` in {posixpath.basename(path)}; mend the part after the #."
        if not key or seen is None or _NO_HEADING.match(fragment):
            return None
        there = seen.anchors | self.entries.get(path, frozenset())
        numbered = anchor_key(re.sub(r"[-_]\d+$", "", fragment))
        if key in there or numbered in there:
            return None
        return f"there is no heading `#{unquote(fragment)}` in {posixpath.basename(path)}; mend the part after the #."


def _files(root: Path) -> Iterator[str]:
    """Every file under a folder, relative to it."""
    for here, files in walk(root, lambda at, f: f not in {".git", ".obsidian"}):
        yield from (posixpath.join(here, file) for file in files)


def _aliases(notes: Sequence[Note]) -> Iterator[tuple[str, str]]:
    yield from ((name, note.path) for note in notes for name in names_of(note.meta))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
