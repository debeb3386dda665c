"""Parsed notes kept between runs, so that only those whose file changed are parsed again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from paperdiary.entry import Entry, Note, Passage, Problem, Source
from paperdiary.listitem import Item
from paperdiary.store import open_spare


class NoteCache:
    """Parsed notes by path, each with the stamp of its file; a damaged row counts as absent.

    A file that is damaged or of another version is begun anew. One that cannot be written, or that another
    process holds, is no error: the notes are parsed again next time.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._db = open_spare(path, lambda db: self._prepare(db, version), timeout=10)

    @staticmethod
    def _prepare(db: sqlite3.Connection, version: str) -> None:
        with db:
            db.execute("CREATE TABLE IF NOT EXISTS version (name TEXT)")
            db.execute("CREATE TABLE IF NOT EXISTS notes (path TEXT PRIMARY KEY, stamp TEXT, crc INTEGER, note BLOB)")
            db.execute("CREATE TABLE IF NOT EXISTS settled (path TEXT PRIMARY KEY, stamp TEXT, crc INTEGER, note BLOB)")
            if db.execute("SELECT name FROM version").fetchall() != [(version,)]:
                db.execute("DELETE FROM notes")
                db.execute("DELETE FROM settled")
                db.execute("DELETE FROM version")
                db.execute("INSERT INTO version VALUES (?)", (version,))

    def __enter__(self) -> NoteCache:
        return self

    def __exit__(self, *_: object) -> None:
        if self._db:
            self._db.close()

    def get(self, stamps: Mapping[str, str]) -> dict[str, Note]:
        """Those notes whose file has the stamp that it had when it was parsed."""
        return self._read("notes", stamps)

    def settled(self, stamps: Mapping[str, str]) -> dict[str, Note] | None:
        """All notes as they are after what is decided over all of them; None where any file changed."""
        stamp = _all(stamps)
        with contextlib.suppress(sqlite3.DatabaseError):
            kept = self._db.execute("SELECT stamp FROM settled WHERE path = ''") if self._db else ()
            if self._db and list(kept) == [(stamp,)]:
                count = self._db.execute("SELECT count(*) FROM settled").fetchone()[0] - 1
                changed = self._read("settled", dict.fromkeys(stamps, stamp))
                if len(changed) == count:
                    found = self._read("notes", {p: s for p, s in stamps.items() if p not in changed}) | changed
                    return found if len(found) == len(stamps) else None
        return None

    def put_settled(self, stamps: Mapping[str, str], changed: Mapping[str, Note]) -> None:
        """Keep those notes that all of them together changed; one transaction."""
        if not self._db or not all(stamps.values()):
            return
        stamp = _all(stamps)
        with contextlib.suppress(sqlite3.DatabaseError), self._db:
            self._db.execute("DELETE FROM settled")
            self._db.execute("INSERT INTO settled VALUES ('', ?, 0, '')", (stamp,))
            rows = _rows({path: (stamp, note) for path, note in changed.items()})
            self._db.executemany("INSERT INTO settled VALUES (?, ?, ?, ?)", rows)

    def _read(self, table: str, stamps: Mapping[str, str]) -> dict[str, Note]:
        out: dict[str, Note] = {}
        with contextlib.suppress(sqlite3.DatabaseError):
            for path, stamp, crc, row in self._db.execute(f"SELECT * FROM {table}") if self._db else ():
                if not stamp or stamps.get(path) != stamp or not isinstance(row, bytes) or zlib.crc32(row) != crc:
                    continue
                with contextlib.suppress(ValueError, LookupError, TypeError):
                    out[path] = note_from(json.loads(row))
        return out

    def put(self, notes: Mapping[str, tuple[str, Note]], keep: Iterable[str]) -> None:
        """Keep parsed notes, and forget those whose path is not among `keep`; one transaction."""
        if not self._db:
            return
        with contextlib.suppress(sqlite3.DatabaseError), self._db:
            gone = {path for (path,) in self._db.execute("SELECT path FROM notes")} - set(keep)
            if not gone and not notes:
                return
            self._db.executemany("DELETE FROM notes WHERE path = ?", [(path,) for path in gone])
            self._db.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?)", _rows(notes))


def _all(stamps: Mapping[str, str]) -> str:
    """Changes when any file of the diary does, or comes or goes."""
    return hashlib.blake2b(json.dumps(sorted(stamps.items())).encode(), digest_size=16).hexdigest()


def _rows(notes: Mapping[str, tuple[str, Note]]) -> Iterable[tuple[str, str, int, bytes]]:
    for path, (stamp, note) in notes.items():
        row = json.dumps(asdict(note), ensure_ascii=True, default=str).encode()
        yield path, stamp, zlib.crc32(row), row


def note_from(value: dict[str, Any]) -> Note:
    """A note from its JSON form."""
    entries = tuple(_entry_from(e) for e in value.pop("entries"))
    listed = tuple(
        Item(**{**i, "urls": tuple(i["urls"]), "values": tuple(tuple(v) for v in i["values"])})
        for i in value.pop("listed")
    )
    problems = tuple(Problem(**p) for p in value.pop("problems"))
    raws = tuple((str(how), str(raw)) for how, raw in value.pop("raw_dates"))
    return Note(**value, entries=entries, problems=problems, raw_dates=raws, listed=listed)


def _entry_from(value: dict[str, Any]) -> Entry:
    for key in ("authors", "tags"):
        value[key] = tuple(value[key])
    value["sources"] = tuple(Source(**s) for s in value["sources"])
    value["passages"] = tuple(Passage(**p) for p in value["passages"])
    return Entry(**value)
