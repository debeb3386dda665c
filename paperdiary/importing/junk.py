"""What a folder of notes holds besides notes: why a file or folder is not imported."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from paperdiary import sources
from paperdiary.markup import urls_in

#: folders that are never a reader's
_FOLDERS = {
    **dict.fromkeys(("node_modules", "bower_components", "site-packages", "vendor", "venv"), "code of other people"),
    **dict.fromkeys(("__pycache__", "_site", "_book", "__macosx"), "made by a program"),
    **dict.fromkeys(("templates", "_templates", "template", "模板"), "templates"),
    **dict.fromkeys(("_layouts", "_includes", "_sass", "_data"), "parts of a site"),
}
_HOUSEKEEPING = re.compile(
    r"(?i:(?:un)?licen[cs]e|contributing|code[-_ ]of[-_ ]conduct|(?:pull[-_ ]request|issue)[-_ ]template)"
    r"|AGENTS|CLAUDE|GEMINI|SKILL|COPYING|(?:THIRD[-_]PARTY[-_])?NOTICES?|CONTRIBUTORS|SECURITY|CHANGELOG|CHANGES|HISTORY|AUTHORS|MAINTAINERS|CODEOWNERS|CITATION|FUNDING"
    r"|SUPPORT"  # in capitals: "support.md" may be a note
)
_LISTS = re.compile(
    r"requirements.*|constraints.*|cmakelists|robots|humans|ads|manifest.*|.*vocab.*|labels?|stopwords.*|log|output",
    re.I,
)
_TEMPLATE = re.compile(
    r"(?:.*[-_ .])?(?P<whole>_?templates?)|.*模板|.*テンプレート|_?templates?[-_ .](?P<rest>.*)", re.I
)
_PLACEHOLDER = re.compile(
    r"\{\{\s*(?:title|date|time|authors?|VALUE:)[^{}]*\}\}|<%[-_*+]?\s*tp\.|\{%\s*persist\b", re.I
)
CODE = frozenset(
    (
        ".py", ".ipynb", ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".java", ".js", ".ts", ".jsx", ".tsx", ".rs", ".go",
        ".rb", ".jl", ".m", ".lua", ".scala", ".swift", ".kt", ".sh", ".cs", ".toml", ".cfg", ".lock", ".gradle",
    )
)  # fmt: skip
_BUILD = frozenset({"makefile", "dockerfile", "setup.py", "package.json", "cargo.toml", "go.mod", "pom.xml"})
_CODE_SECTION = re.compile(
    r"^#{1,6}\s*\W*(?:install(?:ation|ing)?|usage|requirements|prerequisites|dependencies|getting started|quick ?start"
    r"|set-?up|building?|running?|run|train(?:ing)?|deploy(?:ment)?|testing|docker|how to (?:run|use|install))\b",
    re.I | re.M,
)
_KINDS = {
    ".pdf": "a PDF that no note links to; `diary add FILE` makes a note of it",
    ".canvas": "an Obsidian canvas; copy the words you want to keep into a note",
    ".base": "a table that Obsidian makes of notes",
    ".excalidraw": "an Excalidraw drawing",
    ".edn": "data of Logseq",
    ".bib": "BibTeX; `diary import FILE` makes notes of its entries",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp"), "a picture that no note links to"),
    **dict.fromkeys(
        (".org", ".rst", ".tex", ".html", ".htm", ".docx", ".odt", ".rtf", ".adoc", ".textile"),
        "not Markdown; convert it first, with pandoc for example",
    ),
}


def folder(name: str) -> str:
    """Why a folder of this name is left out with all that is in it; "" where it is not."""
    return "hidden" if name.startswith(".") else _FOLDERS.get(name.lower(), "")


def by_name(path: PurePosixPath) -> str:
    """Why a text file is left out for its name alone, "" where it is not."""
    if path.name.startswith((".", "~$")) or path.name.endswith("~"):
        return "hidden"
    if _HOUSEKEEPING.fullmatch(path.stem):
        return "about the repository, no note"
    if path.suffix.lower() in {".txt", ".text"} and _LISTS.fullmatch(path.stem):
        return "data for a program, no note"
    return ""


def other(path: PurePosixPath) -> str:
    """Why a file that is no text is left out, once it is known that no note links to it."""
    named = by_name(path)
    if named:
        return named
    if path.suffix.lower() in CODE or path.name.lower() in _BUILD:
        return "code, and no note links to it"
    return _KINDS.get(path.suffix.lower(), "no note, and no note links to it")


def role(name: str) -> str:
    """Of a file that a note links to: "paper" for what is not to be published, else "file"."""
    return "paper" if PurePosixPath(name).suffix.lower() in {".pdf", ".djvu", ".ps", ".epub"} else "file"


def is_code(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in CODE or name.lower() in _BUILD


def by_text(path: PurePosixPath, text: str, beside: Collection[str], above: Collection[str] = ()) -> str:
    """Why a text file is left out for what is in it, "" where it is not.

    Args:
        path: relative to the folder that is imported.
        text: repaired.
        beside: names of the files in its folder, and of the folders in it with a trailing slash.
        above: the same of the folder above.
    """
    if is_template(path.stem, text):
        return "a template"
    if re.search(r"^excalidraw-plugin\s*:", text[:1000], re.M):
        return "an Excalidraw drawing"
    if re.search(r"\bthis file provides guidance to\b", text[:500], re.I):
        return "instructions for a program"
    if path.stem.lower() == "readme" and is_code_readme(text, beside):
        return "the README of a program"
    if is_full_text(text) and (_has_note(path, beside) or _is_aside(path, above)):
        return "the full text of a paper, beside its notes"
    if path.suffix.lower() in {".txt", ".text"} and not is_prose(text):
        return "data, no words to read"
    return ""


def is_template(stem: str, text: str) -> bool:
    """A form to fill in: by its placeholders, or by its name where it holds little and no paper."""
    filled = len(_PLACEHOLDER.sub("", text).split())
    if _PLACEHOLDER.search(text[:2000]) and filled < 120:
        return True
    named = _TEMPLATE.fullmatch(stem)
    if not named or any(s.kind == "paper" for url in urls_in(text) if (s := sources.resolve(url))):
        return False
    return filled < (40 if named["rest"] else 300)  # "template-matching.md" may be a note


def is_code_readme(text: str, beside: Collection[str]) -> bool:
    """A README beside source code, with sections on installing and running, and no list of papers."""
    if not any(is_code(name) for name in beside) or not _CODE_SECTION.search(text):
        return False
    papers = {s.identity for url in urls_in(text) if (s := sources.resolve(url)) and s.kind == "paper"}
    notes = re.findall(r"\]\((?!https?:)[^()\n]+\.md[^()\n]*\)", text)
    return len(papers) < 3 and len(notes) < 3


def is_full_text(text: str) -> bool:
    """A paper itself and not a note about it: long, with an abstract, an introduction and many references."""
    if len(text) < 15_000:
        return False
    head = text[:6000].lower()
    listed = [m.end() for m in re.finditer(r"^\W*(?:\d+\W+)?(?:references|bibliography)\W*$", text, re.I | re.M)]
    if (
        "abstract" not in head
        or not re.search(r"^\W*(?:\d+\W+|I\W+)?introduction\W*$", text, re.I | re.M)
        or not listed
    ):
        return False
    tail = text[listed[-1] :]
    references = re.findall(r"^\W*\[\d+\]|^\W*\d+\.\s+\w|\((?:19|20)\d\d\)|,\s(?:19|20)\d\d\w?\.", tail, re.M)
    return len(references) >= 10 and listed[-1] > 0.4 * len(text)


def _has_note(path: PurePosixPath, beside: Collection[str]) -> bool:
    """There is a note of the reader's in the same folder, or this file is plain text of a PDF there."""
    if any(PurePosixPath(name).suffix.lower() in {".md", ".markdown"} for name in beside if name != path.name):
        return True
    return f"{path.stem}.pdf" in beside


def _is_aside(path: PurePosixPath, above: Collection[str]) -> bool:
    """It lies in a folder for what belongs to the note above: resources/paper.md below README.md."""
    aside = re.fullmatch(
        r"resources?|assets?|files?|papers?|pdfs?|src|source|raw|full[-_ ]?text|attachments?", path.parent.name, re.I
    )
    return bool(aside) and any(PurePosixPath(name).suffix.lower() in {".md", ".markdown"} for name in above)


def is_prose(text: str) -> bool:
    """Words in lines, not numbers or a list of single words."""
    sample = [line for line in text[:20_000].split("\n") if line.strip()]
    if not sample:
        return True
    words = sum(len(line.split()) for line in sample)
    letters = sum(c.isalpha() for line in sample for c in line)
    solid = sum(not c.isspace() for line in sample for c in line)
    wide = sum("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for line in sample for c in line)
    return letters >= 0.6 * solid and (wide >= 20 or words >= 2 * len(sample) or len(sample) < 5)
