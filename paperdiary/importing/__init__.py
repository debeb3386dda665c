"""`diary import`: what other programs and other habits left, as notes. A plan first, then its execution.

    path -IMPORTERS-> drafts -places.py-> names -duplicates.py-> Plan -execute-> files under notes/
              |-- folder.py (junk.py: what stays out), text.py, captions.py, bibtex.py and csl.py (item.py)
              '-- paperdiary/repair.py mends what is read; moved.py keeps links working; report.py says it all

One file an importer; a new one is a function and a line in `IMPORTERS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.errors import DiaryError, DuplicateError, UsageError
from paperdiary.importing import bibtex, captions, csl, folder, text
from paperdiary.importing.draft import Draft, Duplicate, Found, LeftOut, Plan, shown
from paperdiary.store import Store, write_all_new, write_atomic

__all__ = ["IMPORTERS", "READS", "Draft", "Duplicate", "Found", "LeftOut", "Plan", "execute", "kind_of", "plan"]

#: name -> function that gives the drafts in a path
IMPORTERS: dict[str, Callable[[Path, Config], Found]] = {
    "folder": folder.read,
    "text": text.read,
    "captions": captions.read,
    "bibtex": bibtex.read,
    "csl": csl.read,
}
#: what each of them reads, in words
READS = {
    "folder": "a folder of notes",
    "text": "Markdown or text (.md, .txt)",
    "captions": "captions (.vtt, .srt, or copied from YouTube)",
    "bibtex": "BibTeX (.bib)",
    "csl": "CSL-JSON, as Zotero exports it (.json)",
}
BATCH, BYTES = 200, 32_000_000  #: files that go to the disk together, and how much of them
_SUFFIXES = {
    ".bib": "bibtex",
    ".bibtex": "bibtex",
    ".json": "csl",
    **dict.fromkeys(captions.SUFFIXES, "captions"),
    **dict.fromkeys(text.SUFFIXES, "text"),
}


def kind_of(path: Path) -> str:
    """The importer for a path.

    Raises:
        UsageError: none reads such a file; the message says what they read.
    """
    if path.is_dir():
        return "folder"
    suffix = path.suffix.lower()
    kind = _SUFFIXES.get(suffix, "")
    if kind != "text" and (kind or suffix):
        if not kind:
            raise UsageError(f"{shown(path)} is nothing that `diary import` reads. {_kinds()} {_advice(path)}".strip())
        return kind
    data = _head(path)
    if not kind and text.is_binary(data):
        raise UsageError(f"{shown(path)} is not text. {_kinds()}")
    return "bibtex" if re.match(rb"\s*(?:%[^\n]*\s+)*@\w+\s*\{", data) else "text"


def _kinds() -> str:
    return f"It reads {'; '.join(READS.values())}."


def _advice(path: Path) -> str:
    if path.suffix.lower() == ".pdf":
        return f"For a PDF, type `diary add {shown(path)}`."
    return "Convert it to Markdown first, with pandoc for example."


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8192)
    except OSError as e:
        raise DiaryError(f"{shown(path)} cannot be read ({e.strerror}). Mend its permissions.") from None


def plan(config: Config, paths: Sequence[Path]) -> Plan:
    """What importing `paths` would write, leave out and find to be in the diary; writes nothing.

    Raises:
        UsageError: a path does not exist, lies in notes/, or is of no kind that is read.
        DiaryError: nothing in them can be read.
    """
    from paperdiary.importing import duplicates, places

    found = [_read(path, config, len(paths) > 1) for path in dict.fromkeys(_absolute(p) for p in paths)]
    new, there = places.place(config, found)
    kept, twice, known = duplicates.sift(config, new)
    kept = places.relink(kept, {**known, **places.places_of(*kept, *there)})
    result = Plan(
        tuple(sorted(duplicates.without_loose_files(kept, there), key=lambda d: d.name)),
        tuple(there),
        tuple(left for one in found for left in one.left_out),
        tuple(twice),
        tuple(p for one in found for p in one.problems),
    )
    if not (result.files or result.there or result.duplicates):
        raise DiaryError(_nothing(paths, result))
    return result


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))


def _read(path: Path, config: Config, several: bool) -> Found:
    """What is in one path; where there are several, one that cannot be read does not stop the others."""
    if not path.exists():
        raise UsageError(f"{shown(path)} does not exist. Name a folder or file to import.")
    if path.resolve().is_relative_to(config.notes):
        raise UsageError(f"{shown(path)} lies in notes/ and so is in the diary already.")
    try:
        return IMPORTERS[kind_of(path)](path, config)
    except DiaryError as e:
        if not several:
            raise
        return Found(left_out=(LeftOut(path, str(e)),))
    except OSError as e:
        message = f"this cannot be read ({e.strerror}); mend its permissions and import it again."
        if not several:
            raise DiaryError(f"{shown(path)}: {message}") from None
        return Found(problems=(Problem("error", "unreadable", message, shown(path)),))


def _nothing(paths: Sequence[Path], result: Plan) -> str:
    names = ", ".join(shown(_absolute(p)) for p in paths)
    why = ""
    if result.problems:
        first = result.problems[0]
        why = f" {first.note}, line {first.line}: {first.message}"
    elif result.left_out:
        first_left = result.left_out[0]
        more = f" (and {len(result.left_out) - 1} more)" if len(result.left_out) > 1 else ""
        why = f" Left out: {shown(first_left.source)}: {first_left.reason}{more}."
    return f"There is nothing to import in {names}.{why}"


def execute(config: Config, planned: Plan) -> list[Path]:
    """Write what was planned; what has come to exist meanwhile is left alone.

    Returns:
        The paths that were written.

    Raises:
        DiaryError: a file cannot be read or written; what was written before stays, and the same import goes on.
    """
    written: list[Path] = []
    waiting: list[tuple[Path, bytes]] = []
    with Store(config).writing() as staging:
        for draft in planned.files:
            target, data = Path(os.path.normpath(config.notes / draft.name)), _data(draft)
            written.append(target)
            if draft.replaces:
                write_atomic(target, data, staging=staging)
                continue
            waiting.append((target, data))
            if len(waiting) >= BATCH or sum(len(raw) for _, raw in waiting) > BYTES:
                _write(waiting, staging)
                waiting = []
        _write(waiting, staging)
    return written


def _write(files: Sequence[tuple[Path, bytes]], staging: Path) -> None:
    there = write_all_new(files, staging)
    if there:
        raise DiaryError(f"{shown(there[0])} has come to exist since the plan was made. Run the import again.")


def _data(draft: Draft) -> bytes:
    try:
        return draft.source.read_bytes() if draft.data is None else draft.data
    except OSError as e:
        raise DiaryError(f"{shown(draft.source)} cannot be read ({e.strerror}). Mend it and import again.") from None


def refuse_duplicates(planned: Plan) -> None:
    """Stop where there is nothing to write because all of it is in the diary.

    Raises:
        DuplicateError: names the entry that is there.
    """
    if planned.files:
        return
    if planned.duplicates:
        first = planned.duplicates[0]
        more = f" So are {len(planned.duplicates) - 1} more." if len(planned.duplicates) > 1 else ""
        raise DuplicateError(f"“{first.title}” is in the diary already: {first.where}.{more} Nothing was written.")
    same = planned.there[0]
    more = f" So are {len(planned.there) - 1} more." if len(planned.there) > 1 else ""
    raise DuplicateError(f"{shown(same.source)} is in the diary already: notes/{same.name}.{more} Nothing was written.")
