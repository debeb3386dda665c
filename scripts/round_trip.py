"""Papers of a corpus as notes, exported and imported again in each bibliographic form, compared field by field.

    python scripts/round_trip.py CORPUS [--count 500] [--seed 1] [--keep DIR]

CORPUS holds papers.jsonl.gz. Each form is exported from one diary and imported into an empty one; then the entries,
the records (what a citation is made of) and a second export are compared. Prints a table; ends with 1 where anything
differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from paperdiary import abstract, build, config, export, importing
from paperdiary.bibkeys import remember
from paperdiary.bibrecord import Record, abstract_of
from paperdiary.build import Diary
from paperdiary.citations import record_of
from paperdiary.frontedit import front_matter
from paperdiary.slugs import slug

FORMS = {"bibtex": "x.bib", "biblatex": "x.bib", "csl": "x.json"}
MKDOCS_YML = "site_name: Round trip\ndocs_dir: notes\nplugins:\n  - paperdiary\n"
#: of an entry; its date of reading, status and folder are the reader's and no part of a bibliography
FIELDS = ("title", "kind", "url", "arxiv", "doi", "authors", "year", "published", "tags")


def papers(corpus: Path, count: int, seed: int) -> list[dict[str, Any]]:
    """Some papers, each drawn once."""
    with gzip.open(corpus / "papers.jsonl.gz") as file:
        lines = file.readlines()
    return [json.loads(line) for line in random.Random(seed).sample(lines, min(count, len(lines)))]


def note(paper: dict[str, Any], number: int) -> str:
    """A paper as `diary add` would write it."""
    values = {
        "title": paper["title"],
        "authors": paper["authors"],
        "year": paper["year"],
        "venue": paper["venue"],
        "url": f"https://papers.example.org/{number}",
        "kind": "paper",
        "tags": paper["keywords"],
    }
    return f"{front_matter(values)}\n{abstract.fold(paper['abstract'])}\n"


def empty(root: Path) -> Path:
    """A diary without notes."""
    (root / "notes").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    return root


def records(diary: Diary) -> dict[str, Record]:
    """Citation key -> what is known of its work."""
    keys = remember(diary.config, diary.notes)
    out = {}
    for one in diary.notes:
        meta = one.meta if len(one.entries) == 1 else {}
        for entry in one.entries:
            out[keys[entry.id]] = record_of(entry, keys[entry.id], meta, abstract_of(one, entry))
    return out


def entries(diary: Diary) -> dict[str, dict[str, Any]]:
    """Citation key -> the entry's fields."""
    keys = remember(diary.config, diary.notes)
    return {keys[e.id]: {name: getattr(e, name) for name in FIELDS} for e in diary.entries}


def write(root: Path, form: str) -> Path:
    """The whole diary in a form."""
    diary = build.read(config.load(root))
    target = root / FORMS[form]
    wanted = export.Wanted(diary, export.choose(diary, ()), target)
    target.write_text(str(export.FORMATS[form].make(wanted)[target]), encoding="utf-8")
    return target


def differences(before: Path, after: Path) -> Iterator[tuple[str, str, Any, Any]]:
    """(citation key, field, value before, value after) of all that is not the same in two diaries."""
    old, new = (build.read(config.load(root)) for root in (before, after))
    pairs = [(entries(old), entries(new))]
    pairs += [tuple({k: asdict(r) for k, r in records(d).items()} for d in (old, new))]  # type: ignore[list-item]
    for one, other in pairs:
        for key in {**one, **other}:
            mine, theirs = one.get(key, {}), other.get(key, {})
            for name in {**mine, **theirs}:
                if mine.get(name) != theirs.get(name):
                    yield key, name, mine.get(name), theirs.get(name)


def trip(before: Path, form: str, after: Path) -> list[tuple[str, str, Any, Any]]:
    """Export, import into an empty diary, compare; a second export must be the same text too."""
    file = write(before, form)
    settings = config.load(empty(after))
    planned = importing.plan(settings, [file])
    importing.execute(settings, planned)
    found = list(differences(before, after))
    found += [(str(p.line), p.code, p.message, "") for p in planned.problems]
    again = write(after, form)
    if again.read_bytes() != file.read_bytes():
        found.append(("", "second export", file.name, again.name))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave the diaries in this folder")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="round-trip-"))
    before = empty(folder / "before")
    for number, paper in enumerate(papers(options.corpus, options.count, options.seed)):
        name = f"{number:05}-{slug(paper['title'])[:80]}.md"
        (before / "notes" / name).write_text(note(paper, number), encoding="utf-8")
    wrong = 0
    for form in FORMS:
        start = time.perf_counter()
        found = trip(before, form, folder / form)
        wrong += len(found)
        seconds = time.perf_counter() - start
        by_field = dict(Counter(name for _, name, _, _ in found))
        print(f"{form:9} {options.count} papers, {len(found)} differences {by_field or ''}, {seconds:.1f} s")
        for key, name, one, other in found[:10]:
            print(f"  {key} {name}: {one!r} -> {other!r}")
    if not options.keep:
        shutil.rmtree(folder)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
