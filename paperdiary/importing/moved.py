"""Relative links of a note: which files they need, and the same links after files got other names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from paperdiary.repair import Repair

#: addresses as Markdown and HTML write them, with spaces too, and wikilinks; code is not left out, a file too many
#: does no harm
_LINK = re.compile(
    r"\]\(\s*(?:<(?P<pointed>[^<>\n]+)>|(?P<plain>(?:[^()\n\"]|\((?:[^()\n])*\))+?))"
    r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?(?:\s+=\d*x\d*)?\s*\)"
    r"|\b(?:src|href)\s*=\s*[\"'](?P<html>[^\"'\n<>]+)[\"']"
    r"|^ {0,3}\[[^\]\n]+\]:\s*<?(?P<defined>[^\s<>]+)>?"
    r"|\[\[(?P<wiki>[^\[\]|#\n]+)",
    re.M,
)
_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#|\?|www\.)", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """One relative link."""

    path: str  #: as written, without what follows # or ?
    start: int  #: of `path` in the text
    end: int
    wiki: bool = False


def links(text: str) -> Iterator[Link]:
    """The links of a text that are no addresses of the web."""
    for match in _LINK.finditer(text):
        name = str(match.lastgroup)
        target = match[name]
        if _ABSOLUTE.match(target.strip()):
            continue
        path = target.rstrip()
        if name == "wiki":
            yield Link(path, match.start(name), match.start(name) + len(path), True)
        else:
            yield Link(path, match.start(name), match.start(name) + len(path))


def spellings(path: str) -> Iterator[str]:
    """What a target may mean: as written, decoded, without its fragment and query."""
    bare = re.split(r"[#?]", path, maxsplit=1)[0]
    yield from dict.fromkeys(p for p in (path, unquote(path), bare, unquote(bare)) if p.strip())


def rewrite(
    text: str, find: Callable[[str], Path | None], here: str, places: Mapping[Path, str]
) -> tuple[str, list[Repair]]:
    """The text with every link to a file that lies elsewhere now, and what was changed.

    Args:
        text: of a note.
        find: the file that a link, as written, meant where the note came from.
        here: where the note will lie, relative to notes/.
        places: file -> where it will lie.
    """
    out: list[str] = []
    repairs: list[Repair] = []
    at = 0
    for link in links(text):
        meant = find(link.path)
        place = places.get(meant) if meant else None
        if not meant or not place:
            continue
        new = _new_path(link, meant, here, place)
        if new != link.path:
            repairs.append(Repair(text.count("\n", 0, link.start) + 1, "link", link.path, new))
            out += [text[at : link.start], new]
            at = link.end
    return "".join([*out, text[at:]]), repairs


def _new_path(link: Link, meant: Path, here: str, place: str) -> str:
    if link.wiki:
        old, new = meant.name, posixpath.basename(place)
        for was, now in ((old, new), (meant.stem, posixpath.splitext(new)[0])):
            if link.path == was or link.path.endswith(f"/{was}"):
                return f"{link.path[: len(link.path) - len(was)]}{now}"
        return link.path
    folder = posixpath.dirname(here)
    for spelling in spellings(link.path):
        rooted = spelling.startswith("/")
        joined = posixpath.normpath(posixpath.join("" if rooted else folder, spelling.lstrip("/")))
        if joined == place or f"{joined}.md" == place:
            return link.path
    mark = re.search(r"[#?]", link.path)
    tail = link.path[mark.start() :] if mark and unquote(link.path) != meant.name else ""
    new = posixpath.relpath(place, folder or ".")
    return re.sub(r"[\s()<>%?#\"']", lambda m: quote(m[0]), new) + tail
