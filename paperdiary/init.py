"""`diary init`: the files of a new diary. Nothing that exists is overwritten."""

from __future__ import annotations

from pathlib import Path

from paperdiary.errors import UsageError
from paperdiary.store import write_new

_FIRST_NOTE = """\
---
title: "Attention Is All You Need"
authors: [Ashish Vaswani, Noam Shazeer, Niki Parmar]
year: 2017
url: https://arxiv.org/abs/1706.03762
status: queued
tags: [transformers]
description: An example to replace. A sequence model made of attention alone.
---

Delete this file once you have notes of your own.

## Key points

## Methods

## What to take away

## Open questions
"""
_INDEX = """\
# My paper diary

Write here whatever a visitor should see first. The comments below are replaced by what they name; move
them where you like.

<!-- diary:stats -->

<!-- diary:map -->

## Newest

<!-- diary:recent -->

## Over time

<!-- diary:timeline -->
"""
_GITIGNORE = """\
/site/
/.paperdiary/
/papers/
/.venv/
/night/
atlas.json.before*
"""


def files() -> dict[str, str]:
    """Path -> text of everything a new diary begins with."""
    here = Path(__file__).parent / "templates" / "init"
    out = {
        "mkdocs.yml": (here / "mkdocs.yml").read_text(encoding="utf-8"),
        "notes/index.md": _INDEX,
        "notes/examples/attention-is-all-you-need.md": _FIRST_NOTE,
        ".gitignore": _GITIGNORE,
    }
    out[".github/dependabot.yml"] = (here / "dependabot.yml").read_text(encoding="utf-8")
    for folder in ("workflows", "ISSUE_TEMPLATE"):
        for file in sorted((here / folder).glob("*.yml")):
            out[f".github/{folder}/{file.name}"] = file.read_text(encoding="utf-8")
    return out


def init(directory: Path) -> list[Path]:
    """Write what `directory` lacks of a diary; the example only where notes/ holds no note yet.

    Returns:
        The paths that were written.

    Raises:
        UsageError: `directory` is a file.
    """
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file; name a folder for the diary.")
    has_notes = (directory / "notes").is_dir() and any((directory / "notes").rglob("*.md"))
    written = []
    for name, text in files().items():
        if has_notes and name.startswith("notes/examples/"):
            continue
        if write_new(directory / name, text):
            written.append(directory / name)
    return written
