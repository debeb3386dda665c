"""Folders that a program keeps: an Obsidian vault, a Logseq graph, a Quartz site, an export of Zotero."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paperdiary.importing.draft import Draft
from paperdiary.importing.item import from_html, front_matter
from paperdiary.slugs import slug

#: files of an Obsidian vault's settings -> where in them the folder of templates stands
_TEMPLATES = {
    "templates.json": "folder",
    "plugins/templater-obsidian/data.json": "templates_folder",
    "plugins/quickadd/data.json": "templateFolderPath",
}
_BIBLIOGRAPHIES = (".bib", ".bibtex", ".json")
_NOTE = re.compile(r"data-schema-version=|class=[\"']zotero-note|zotero://(?:select|open-pdf|note)/", re.I)


@dataclass(frozen=True, slots=True)
class Tool:
    """What keeps a folder."""

    name: str  #: "" for nothing that is known
    root: Path  #: where its notes lie
    out: Mapping[str, str] = field(default_factory=dict)  #: folder relative to `root`, lower case -> why it is left out
    bibliographies: tuple[Path, ...] = ()  #: whose items are imported with the folder


def look(root: Path) -> Tool:
    """Which program keeps the folder."""
    if (root / ".obsidian").is_dir():
        return Tool("Obsidian", root, dict.fromkeys(_templates(root / ".obsidian"), "the vault's templates"))
    if (root / "logseq" / "config.edn").is_file():
        out = {"logseq": "Logseq's settings and backups", "whiteboards": "whiteboards of Logseq", "draws": "drawings"}
        return Tool("Logseq", root, out)
    quartz = any((root / name).is_file() for name in ("quartz.config.ts", "quartz.config.js", "quartz.layout.ts"))
    if quartz and (root / "content").is_dir():
        return Tool("Quartz", root / "content", {"private": "private, as Quartz has it"})
    if (root.parent / "quartz.config.ts").is_file() and root.name == "content":
        return Tool("Quartz", root, {"private": "private, as Quartz has it"})
    return _zotero(root)


def _templates(settings: Path) -> set[str]:
    found = set()
    for name, key in _TEMPLATES.items():
        data: Any = None
        with contextlib.suppress(OSError, ValueError, RecursionError):
            data = json.loads((settings / name).read_text(encoding="utf-8"))
        folder = data.get(key) if isinstance(data, dict) else None
        if isinstance(folder, str) and folder.strip("/. "):
            found.add(folder.strip("/ ").lower())
    return found


def _zotero(root: Path) -> Tool:
    """An export of a reference manager: a bibliography, beside it at most its `files/` and no Markdown."""
    try:
        inside = sorted(root.iterdir())
    except OSError:
        return Tool("", root)
    top = [f for f in inside if f.is_file() and not f.name.startswith(".")]
    folders = [f.name for f in inside if f.is_dir() and not f.name.startswith(".")]
    listed = tuple(f for f in top if f.suffix.lower() in _BIBLIOGRAPHIES and _is_bibliography(f))
    if not listed or any(f.suffix.lower() in {".md", ".markdown", ".txt"} for f in top):
        return Tool("", root)
    return (
        Tool("Zotero", root, bibliographies=listed)
        if set(folders) <= {"files", "storage", "attachments"}
        else Tool("", root)
    )


def _is_bibliography(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(4096).decode("utf-8", "replace")
    except OSError:
        return False
    if file.suffix.lower() == ".json":
        return bool(re.match(r"\s*\[\s*\{", head) and re.search(r'"(?:type|id|issued)"\s*:', head))
    return bool(re.search(r"@\w+\s*[{(]", head))


def html_note(file: Path, name: str, text: str) -> Draft | None:
    """A note that Zotero wrote as HTML, as Markdown; None for other pages, such as snapshots of the web."""
    if not _NOTE.search(text[:200_000]) or re.search(r"<(?:script|link|meta\s+property)\b", text, re.I):
        return None
    body = re.sub(r"(?is)<head\b.*?</head>", "", text)
    words = from_html(body).strip()
    heading = re.search(r"(?is)<h1\b[^>]*>(.*?)</h1>", body)
    title = " ".join(re.sub(r"<[^>]+>", " ", heading[1]).split()) if heading else ""
    if title:
        words = re.sub(rf"\A#+ {re.escape(title)}\s*", "", words)
    head = front_matter({"title": title}) if title else ""
    stem = slug(title) if title else slug(Path(name).stem)
    return Draft(file, f"{stem}.md", f"{head}\n{words}\n".lstrip().encode())
