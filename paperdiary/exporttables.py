"""Entries as tables for programs that draw embeddings: Embedding Atlas (Parquet) and the Embedding Projector (TSV).

docs/embedding-atlas.md shows what to type. A row's neighbours are numbers of rows of the same table.
"""

from __future__ import annotations

import datetime as dt
import shlex
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from paperdiary import __version__, embed, neighbours, shown
from paperdiary.atlas import PROJECTIONS, Atlas, Point
from paperdiary.build import Diary
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError, UsageError
from paperdiary.inert import one_line
from paperdiary.listing import counted
from paperdiary.store import Store

if TYPE_CHECKING:
    import numpy as np

    from paperdiary.export import Files, Wanted

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]
    Near = list[list[tuple[int, float]]]  #: of each row: (row, cosine distance), nearest first

LONGEST = 2_000  #: characters of a cell
#: columns of Parquet, in the order in which Embedding Atlas draws a chart of each
FIRST = ("title", "cluster", "topic", "status", "kind")
THEN = ("authors", "tags", "description", "url", "page", "arxiv", "doi", "note", "id")
COLUMNS = ("title", "id", "kind", "status", "topic", "cluster", "authors", "year", "date", "tags", "url", "note")


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map."""

    x: float
    y: float
    text: str
    level: int  #: 0 is seen from afar
    priority: int  #: how many entries bear it


# -- Embedding Atlas


def parquet(wanted: Wanted) -> Files:
    """{target: a row an entry, target's name with "-labels": a row a name on the map}.

    Raises:
        DiaryError: pyarrow is not installed, or nothing that was chosen is on the map.
    """
    try:
        import pyarrow
        from pyarrow import parquet as file
    except ImportError:
        raise DiaryError(
            '`diary export parquet` needs pyarrow. Install it with `pip install "paperdiary[parquet]"`.'
        ) from None
    if wanted.target.suffix.lower() != ".parquet":
        raise UsageError(
            f"Embedding Atlas knows a table by its name: end it in .parquet, as `-o {wanted.target}.parquet`."
        )
    diary = wanted.diary
    view = _view(wanted)
    entries, points = placed(wanted.entries, diary.atlas, view)
    left = len(wanted.entries) - len(entries)
    if not entries:
        raise DiaryError("None of these entries is on the map yet. Run `diary build` first.")
    if left:
        wanted.say(f"{counted(left, 'entry', 'entries')} not on the map yet and left out; `diary build` places them.")
    near = nearest(diary, entries)
    if not any(near) and len(entries) > 1:
        wanted.say("There is no search index here, so the table has no neighbours; `diary build` makes it.")
    texts, numbers = pyarrow.string(), pyarrow.float64()
    near_type = pyarrow.struct([("ids", pyarrow.list_(pyarrow.int64())), ("distances", pyarrow.list_(numbers))])
    rows = list(map(cells(diary), entries))
    columns = {
        **{name: (texts, [row[name] for row in rows]) for name in FIRST},
        "year": (pyarrow.int32(), [e.year for e in entries]),
        "date": (pyarrow.date32(), [dt.date.fromisoformat(e.date) if e.date else None for e in entries]),
        **{name: (texts, [row[name] for row in rows]) for name in THEN},
        "text": (texts, [_text(e) for e in entries]),
        "projection_x": (numbers, [x for x, _ in points]),
        "projection_y": (numbers, [y for _, y in points]),
        "neighbors": (near_type, [{"ids": [r for r, _ in n], "distances": [d for _, d in n]} for n in near]),
    }
    table = pyarrow.table({name: pyarrow.array(values, kind) for name, (kind, values) in columns.items()})
    table = table.replace_schema_metadata({"paperdiary": __version__, "view": view})
    names = names_on_map(entries, points, diary.atlas)
    labels = pyarrow.table(
        {
            "x": pyarrow.array([n.x for n in names], numbers),
            "y": pyarrow.array([n.y for n in names], numbers),
            "text": pyarrow.array([n.text for n in names], texts),
            "content": pyarrow.array([n.text for n in names], texts),  # what its page reads, whatever its manual says
            "level": pyarrow.array([n.level for n in names], pyarrow.int32()),
            "priority": pyarrow.array([n.priority for n in names], pyarrow.int32()),
        }
    )
    files = {}
    for path, content in ((wanted.target, table), (labels_beside(wanted.target), labels)):
        out = pyarrow.BufferOutputStream()
        file.write_table(content, out)
        files[path] = out.getvalue().to_pybytes()
    return files


_LABELS = (
    "kind",
    "status",
    "topic",
    "cluster",
    "authors",
    "tags",
    "description",
    "url",
    "arxiv",
    "doi",
    "note",
    "page",
)


def labels_beside(target: Path) -> Path:
    """Where the names on the map are written."""
    return target.with_name(f"{target.stem}-labels{target.suffix}")


def open_atlas(target: Path) -> str:
    """What to type next."""
    table, labels = shlex.quote(str(target)), shlex.quote(str(labels_beside(target)))
    columns = "--text text --x projection_x --y projection_y --neighbors neighbors"
    return f"Open it with `embedding-atlas {table} {columns} --labels {labels}`."


def _view(wanted: Wanted) -> str:
    view = wanted.view or wanted.diary.config.options.projection
    if view not in PROJECTIONS:
        raise UsageError(f"There is no map {view}; there are: {', '.join(PROJECTIONS)}.")
    return view


def placed(entries: Sequence[Entry], atlas: Atlas, view: str) -> tuple[list[Entry], list[Point]]:
    """The entries that are on a map, and where; y upwards, as on the site."""
    points = [(e, atlas.point(e.id, view)) for e in entries]
    found = [(e, p) for e, p in points if p is not None]
    return [e for e, _ in found], [p for _, p in found]


def names_on_map(entries: Sequence[Entry], points: Sequence[Point], atlas: Atlas) -> list[Name]:
    """The names of clusters, and above them those of groups where there are any, in the middle of their entries."""
    at: dict[str, list[Point]] = {}
    for entry, point in zip(entries, points, strict=True):
        at.setdefault(atlas.places[entry.id].cluster, []).append(point)
    out = [_name(g.name, [p for c in g.clusters for p in at.get(c, ())], 0) for g in atlas.groups]
    out += [_name(c.name, at.get(c.id, []), 1 if atlas.groups else 0) for c in atlas.clusters]
    return [name for name in out if name]


def _name(text: str, points: Sequence[Point], level: int) -> Name | None:
    if not points:
        return None
    x, y = (round(statistics.median(p[n] for p in points), 4) for n in (0, 1))
    return Name(x, y, one_line(shown.plain(text), LONGEST), level, len(points))


class _Changed(Exception):
    """The notes are others than those of the last build."""


def nearest(diary: Diary, entries: Sequence[Entry]) -> Near:
    """Of each of `entries` the nearest others among them: those of the last build where that knew the same entries.

    Otherwise they are found anew in the search index; an entry that it does not know has none.
    """
    options, store = diary.config.options, Store(diary.config)
    if [e.id for e in entries] == [e.id for e in diary.entries]:

        def changed() -> Any:
            raise _Changed

        try:
            identity = embed.identity(options)
            kept = neighbours.update(store, entries, diary.atlas, identity, options.related, changed)
            return [[(row, round(1 - c, 4)) for row, c in kept.near(n)] for n in range(len(entries))]
        except _Changed:
            pass
    return _nearest_anew(store, entries)


def _nearest_anew(store: Store, entries: Sequence[Entry]) -> Near:
    from paperdiary import knn

    out: Near = [[] for _ in entries]
    try:
        rows, vectors = _vectors(store, entries)
    except DiaryError:
        return out
    found, squares = knn.nearest(vectors, neighbours.FEWEST)
    for n, row in enumerate(rows):
        pairs = zip(found[n].tolist(), squares[n].tolist(), strict=True)
        out[row] = [(rows[other], round(square / 2, 4)) for other, square in pairs]
    return out


def _vectors(store: Store, entries: Sequence[Entry]) -> tuple[list[int], Array]:
    """(positions of those entries that the search index knows, their (n, d) unit vectors).

    Raises:
        DiaryError: there is no index, or it is damaged.
    """
    from paperdiary.search import Index

    ids, vectors = Index(store).entry_vectors()
    at = {name: n for n, name in enumerate(ids)}
    rows = [n for n, e in enumerate(entries) if e.id in at]
    return rows, vectors[[at[entries[n].id] for n in rows]]


def cells(diary: Diary) -> Callable[[Entry], dict[str, str | None]]:
    """A function that gives an entry's cells, each one line of text; None where there is nothing to say."""
    names = {c.id: shown.plain(c.name) for c in diary.atlas.clusters}
    places, site = diary.atlas.places, diary.config.site_url

    def of(entry: Entry) -> dict[str, str | None]:
        row: dict[str, Any] = {
            **{name: getattr(entry, name) for name in ("id", "kind", "status", "topic", "url", "arxiv", "doi", "note")},
            "title": shown.plain(entry.title),
            "description": shown.plain(entry.description),
            "cluster": names.get(places[entry.id].cluster) if entry.id in places else None,
            "authors": ", ".join(entry.authors),
            "tags": ", ".join(entry.tags),
            "year": str(entry.year) if entry.year else None,
            "date": entry.date,
            "page": urljoin(site, entry.page) if site else entry.page,
        }
        return {name: one_line(value, LONGEST) or None if value else None for name, value in row.items()}

    return of


def _text(entry: Entry) -> str:
    """What a point shows, on one line: the title, then the description or the note's first words."""
    below = entry.description or (entry.passages[0].text if entry.passages else "")
    parts = [one_line(shown.plain(entry.title), LONGEST), one_line(shown.plain(below), LONGEST)]
    return " – ".join(part for part in parts if part)


# -- Embedding Projector


def tsv(wanted: Wanted) -> Files:
    """vectors.tsv (no header), metadata.tsv (a header, for it has several columns) and TensorBoard's settings.

    Raises:
        DiaryError: there is no search index, or it has no vectors.
    """
    diary = wanted.diary
    rows, vectors = _vectors(Store(diary.config), wanted.entries)
    if not rows:
        raise DiaryError("The search index has no vectors of these entries. Run `diary build` first.")
    if left := len(wanted.entries) - len(rows):
        wanted.say(f"{counted(left, 'entry', 'entries')} not in the index yet and left out; `diary build` embeds them.")
    cell = cells(diary)
    lines = ["\t".join(COLUMNS)]
    for row in rows:
        found = cell(wanted.entries[row])
        lines.append("\t".join(found[name] or ("-" if name == "title" else "") for name in COLUMNS))
    settings = (
        f'embeddings {{\n  tensor_name: "diary"\n  tensor_shape: {len(rows)}\n  tensor_shape: {vectors.shape[1]}\n'
        '  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
    )
    return {
        wanted.target / "vectors.tsv": "".join("\t".join(f"{x:.6g}" for x in v) + "\n" for v in vectors.tolist()),
        wanted.target / "metadata.tsv": "\n".join(lines) + "\n",
        wanted.target / "projector_config.pbtxt": settings,
    }


def open_projector(target: Path) -> str:
    """What to type next."""
    return f"Open it with `tensorboard --logdir {shlex.quote(str(target))}`, at the tab Projector."
