"""`diary export`: entries in the forms that other programs read. One function a format, one line in `FORMATS`.

A function takes a `Wanted` and gives {path: content}; it writes nothing itself. The command writes them through
`store.write_atomic`, or prints the only one where it is text and no `-o` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paperdiary.errors import NotFoundError

if TYPE_CHECKING:
    from paperdiary.build import Diary
    from paperdiary.entry import Entry

Files = Mapping[Path, "str | bytes"]  #: str is written as UTF-8 with \n


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported, and where to."""

    diary: Diary  #: from `build.read`: notes, entries and the last atlas; no vectors
    entries: Sequence[Entry]  #: those that were chosen, in the order of the notes, or as they were named
    target: Path  #: `-o`, or `Format.default`; a file, or a folder where `Format.shape` is "folder"
    named: bool = False  #: True where the reader named each entry
    view: str = ""  #: the map whose places are wanted, "" for the diary's own; of formats with `views`
    say: Callable[[str], None] = lambda message: None  #: for what was left out and why


@dataclass(frozen=True, slots=True)
class Format:
    """A form that entries can be exported in."""

    name: str  #: as it is typed
    about: str  #: what it is and what reads it, for --help
    shape: str  #: "text": printed without -o; "file": one binary file; "folder": files in a folder
    default: str  #: name of the file or folder where no -o is given, "diary.bib"; text is printed then
    #: -> every file with its content; for a text or a file `target` is among them, others may stand beside it.
    #: Heavy imports belong inside it. Raises DiaryError.
    make: Callable[[Wanted], Files]
    #: what to type next with the target, "" for nothing; shown on stderr once the files are written
    next: Callable[[Path], str] = lambda target: ""
    views: bool = False  #: whether it holds places on a map, and so takes --view


def _bibtex(wanted: Wanted) -> Files:
    from paperdiary import bibliography

    return {wanted.target: bibliography.bibtex(wanted)}


def _biblatex(wanted: Wanted) -> Files:
    from paperdiary import bibliography

    return {wanted.target: bibliography.biblatex(wanted)}


def _csl(wanted: Wanted) -> Files:
    from paperdiary import bibliography

    return {wanted.target: bibliography.csl(wanted)}


def _parquet(wanted: Wanted) -> Files:
    from paperdiary import exporttables

    return exporttables.parquet(wanted)


def _open_atlas(target: Path) -> str:
    from paperdiary import exporttables

    return exporttables.open_atlas(target)


def _tsv(wanted: Wanted) -> Files:
    from paperdiary import exporttables

    return exporttables.tsv(wanted)


def _open_projector(target: Path) -> str:
    from paperdiary import exporttables

    return exporttables.open_projector(target)


#: name -> format
FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("bibtex", "BibTeX, for LaTeX and every reference manager", "text", "diary.bib", _bibtex),
        Format("biblatex", "biblatex (UTF-8, for biber)", "text", "diary.bib", _biblatex),
        Format("csl", "CSL-JSON, for Zotero, pandoc and citeproc", "text", "diary.json", _csl),
        Format("parquet", "a table for Embedding Atlas", "file", "diary.parquet", _parquet, _open_atlas, True),
        Format("tsv", "vectors for the Embedding Projector", "folder", "projector", _tsv, _open_projector),
    )
}


def choose(
    diary: Diary,
    names: Sequence[str],
    *,
    topic: str | None = None,
    cluster: str | None = None,
    status: str | None = None,
) -> list[Entry]:
    """The entries that are meant: those named, or all, of which the topic, the cluster and the status fit.

    Args:
        names: each an id, an address, a note's path, a title or a part of one, or a citation key.
        cluster: its id or its name.

    Raises:
        UsageError: there is no such topic.
        NotFoundError: there is no such entry or cluster.
    """
    from paperdiary import listing

    found = _named(diary, names) if names else list(diary.entries)
    fits = {id(e) for e in listing.select(diary.entries, status=status, topic=topic)}
    group = _cluster(diary, cluster) if cluster is not None else None
    places = diary.atlas.places
    return [e for e in found if id(e) in fits and (group is None or (e.id in places and places[e.id].cluster == group))]


def _named(diary: Diary, names: Sequence[str]) -> list[Entry]:
    from paperdiary import bibkeys
    from paperdiary.search import find_entry

    keys = {key: identifier for identifier, key in bibkeys.keys(diary.notes, bibkeys.read(diary.config)).items()}
    by_id = {e.id: e for e in diary.entries}
    found = [by_id.get(keys.get(name, "")) or find_entry(diary.entries, name) for name in names]
    return list({id(e): e for e in found}.values())


def _cluster(diary: Diary, wanted: str) -> str:
    """The id of the cluster that is meant."""
    clusters = diary.atlas.clusters
    if not clusters:
        raise NotFoundError("There are no clusters yet. Run `diary build` first.")
    names = {c.id: c.id for c in clusters} | {c.name.lower(): c.id for c in clusters}
    found = names.get(wanted) or names.get(wanted.strip().lower())
    if not found:
        listed = ", ".join(f"{c.name} ({c.id})" for c in clusters)
        raise NotFoundError(f"There is no cluster {wanted}; there are: {listed}.")
    return found
