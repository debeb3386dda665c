"""One file of words -> a draft: a note, captions, or a diary's front page. Its words stay as they are."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.importing import captions, junk, moved
from paperdiary.importing.draft import Draft, Found, shown
from paperdiary.repair import Repair, repair

MARKDOWN = (".md", ".markdown", ".mdown", ".mkdn", ".mkd")  #: what MkDocs makes pages of
SUFFIXES = (*MARKDOWN, ".txt", ".text", ".mdx", ".qmd", ".rmd")
MOST = 20_000_000  #: bytes of a note
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\v\f\r")
_PLAIN = bytes(range(32, 127)) + b"\r\n\t"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = re.compile(rf"^#{{1,6}}\s.*\b(?:{_MONTHS}|{'|'.join(m[:3] for m in _MONTHS.split('|'))})\b", re.I | re.M)
_DAY = re.compile(r"^\s*(?:[-*+]\s+)?(?:\d{1,2}\w{0,2}\s*[-–]\s*)?\d{1,2}(?:st|nd|rd|th)\b\s*:?\s*\[", re.I | re.M)


def read(path: Path, config: Config) -> Found:
    """One file as a draft, with the files beside it that it links to."""
    draft, words = make(path, path.name, path.read_bytes())
    draft = replace(draft, front=is_month_list(words) or path.stem.lower() in {"index", "readme"})
    files: dict[Path, Draft] = {}
    problems: list[Problem] = []
    links: dict[str, Path] = {}
    root = path.parent
    for link in moved.links((draft.data or b"").decode("utf-8", "replace")):
        file = find(link, root)
        if file is None:
            continue
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else ""
        if not name or not file.resolve().is_relative_to(root.resolve()):
            message = f"it links to {link.path}, outside of its folder; import the folder above to bring that along."
            problems.append(Problem("warning", "link-leads-out", message, shown(path)))
        elif file.suffix.lower() not in SUFFIXES and not any(p.startswith(".") for p in PurePosixPath(name).parts):
            links[link.path] = file
            files[file] = Draft(file, name, None, role=junk.role(name))
    return Found((replace(draft, links=tuple(links.items())), *files.values()), problems=tuple(problems))


def find(link: moved.Link, root: Path) -> Path | None:
    """The file that a link in a file directly in `root` means."""
    if link.wiki:
        return None
    for spelling in moved.spellings(link.path):
        file = Path(os.path.normpath(root / spelling.lstrip("/")))
        try:
            if file.is_file():
                return file
        except (OSError, ValueError):  # too long a name, a NUL in it
            continue
    return None


def make(path: Path, name: str, data: bytes) -> tuple[Draft, str]:
    """(draft, repaired words) of a text file that lies at `name` in what is imported."""
    words, repairs = repair(data)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in captions.SUFFIXES or (suffix not in MARKDOWN[1:] and captions.is_captions(words)):
        return captions.draft(path, servable(name), words, repairs), words
    target, renamed = _target(name)
    whole = data if not repairs else words.encode()
    return Draft(path, target, whole, repairs=(*renamed, *repairs)), words


def _target(name: str) -> tuple[str, list[Repair]]:
    """A name that MkDocs can serve, and the change where its words had to change."""
    kept = servable(name)
    pure = PurePosixPath(kept)
    if pure.suffix.lower() not in MARKDOWN:
        stem = kept[: -len(pure.suffix)] if pure.suffix.lower() in SUFFIXES else kept
        return f"{stem}.md", [] if kept == name else [Repair(1, "name", shown(Path(name)), f"{stem}.md")]
    return kept, [] if kept == name else [Repair(1, "name", shown(Path(name)), kept)]


def servable(name: str) -> str:
    """The same name where a site can have it; bytes that are no UTF-8 are decoded, control characters go."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = repair(os.fsencode(name))[0]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ufffd]", "_", name)


def is_binary(data: bytes) -> bool:
    """True where control bytes are too many for text; UTF-16 is text."""
    sample = data[:8192]
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff") or not sample:
        return False
    control = len(sample) - len(sample.translate(None, _CONTROL))
    plain = len(sample) - len(sample.translate(None, _PLAIN))
    return control > 0.1 * len(sample) and plain < 0.45 * len(sample)


def is_month_list(words: str) -> bool:
    """A diary's list: headings that name months, items that begin with a day and a link."""
    return bool(_MONTH.search(words)) and len(_DAY.findall(words)) >= 3
