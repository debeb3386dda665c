"""What a new note holds below its front matter: the reader's own `notes/.template.md`, or a good default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paperdiary import abstract
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.frontedit import ORDER
from paperdiary.frontmatter import decode, split_front_matter
from paperdiary.inert import markdown, one_line

NAME = ".template.md"
DEFAULT = """\
{{abstract}}

## Key points

## Methods

## What to take away

## Open questions
"""
#: what may stand between double braces; a format after a colon, as Obsidian has it, is passed over
FIELDS = ("title", "authors", "year", "published", "date", "url", "arxiv", "doi", "venue", "kind", "topic", "abstract")
_FIELD = re.compile(rf"\{{\{{[ \t]*(?P<name>{'|'.join(FIELDS)})[ \t]*(?::[^{{}}\n]*)?\}}\}}", re.I)
_ABSTRACT = re.compile(r"\{\{[ \t]*abstract[ \t]*\}\}", re.I)
_BARE = re.compile(r"^([\w-]+[ \t]*:[ \t]*|[ \t]*-[ \t]+)(\{\{[^{}\n]*\}\}[^\n'\"]*)$", re.M)


@dataclass(frozen=True, slots=True)
class Template:
    """The reader's template."""

    body: str = DEFAULT
    meta: Mapping[str, Any] = field(default_factory=dict)  #: its front matter, canonical keys

    @property
    def tags(self) -> list[str]:
        found = self.meta.get("tags")
        return [str(tag) for tag in found if tag is not None] if isinstance(found, list) else []

    @property
    def status(self) -> str:
        return str(self.meta.get("status") or "")

    def extra(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Keys of the reader's own, their placeholders filled in."""
        own = {k: v for k, v in self.meta.items() if k not in ORDER}
        return {k: _filled(v, values) for k, v in own.items()}


def read(config: Config) -> Template:
    """The template of a diary.

    Raises:
        DiaryError: it cannot be read, or its front matter is not YAML.
    """
    path = config.notes / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Template()
    except OSError as e:
        raise DiaryError(f"{path} cannot be read ({e.strerror}). Mend its permissions, or delete it.") from None
    text, _ = decode(data, NAME)
    head = re.match(r"---[ \t]*\n.*?^---[ \t]*$", text, re.S | re.M)
    if head:  # {{date}} alone would be a mapping to YAML
        text = _BARE.sub(lambda m: f'{m[1]}"{m[2].strip()}"', head[0]) + text[head.end() :]
    meta, body, _, problems = split_front_matter(text, NAME)
    wrong = next((p for p in problems if p.severity == "error"), None)
    if wrong:
        raise DiaryError(f"{path}, line {wrong.line}: {wrong.message}")
    return Template(body, meta)


def body(template: Template, values: Mapping[str, str], text: str, pending: bool = False) -> str:
    """The text of a note.

    Args:
        values: what the placeholders stand for, as plain text; it can do nothing in the note but be shown.
        text: the abstract, "" for none. It stands where the template says {{abstract}}, else at the top.
        pending: the abstract is not known yet; its place is marked.
    """
    folded = abstract.fold(text) or (abstract.PLACE if pending else "")
    wanted = template.body if _ABSTRACT.search(template.body) else f"{{{{abstract}}}}\n\n{template.body.lstrip()}"

    def fill(found: re.Match[str]) -> str:
        name = found["name"].lower()
        return f"\0{found['name']}\0" if name == "abstract" else markdown(values.get(name, ""))

    out = _FIELD.sub(fill, wanted)
    first, *more = re.split(r"\0abstract\0", out, flags=re.I)
    out = _block(first, folded, more[0]) + "".join(more[1:]) if more else first
    return re.sub(r"\A\s*\n", "", out).rstrip() + "\n"


def _block(before: str, folded: str, after: str) -> str:
    """The abstract as a block of its own between two pieces of text."""
    gap = "\n\n" if before.strip() else ""
    if not folded:
        return before.rstrip() + ("\n\n" if before.strip() and after.strip() else "") + after.lstrip("\n \t")
    return f"{before.rstrip()}{gap}{folded}\n\n{after.lstrip()}"


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(v, values) for v in value]
    if not isinstance(value, str):
        return value
    return _FIELD.sub(lambda m: one_line(values.get(m["name"].lower(), ""), 500), value)
