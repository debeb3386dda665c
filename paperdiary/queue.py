"""The queue: what is to be read, nearest first to what was read lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paperdiary.build import Diary
from paperdiary.entry import Entry
from paperdiary.errors import DiaryError

LATELY = 10  #: entries that were read last
FADES = 0.97  #: each of them counts so much less than the one read after it


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry in its place, and why it is there."""

    entry: Entry
    near: Entry | None = None  #: what was read lately and drew it here; None where it lies by its date
    similarity: float = 0.0  #: their cosine
    why: str = ""  #: in words

    def as_dict(self) -> dict[str, Any]:
        """What is added to the public JSON form of an entry."""
        near = self.near
        shown = {"id": near.id, "title": near.title, "date": near.date, "similarity": self.similarity} if near else None
        return {"near": shown, "why": self.why}


def order(diary: Diary, entries: Sequence[Entry]) -> list[Queued]:
    """Entries of the queue by nearness to what was read lately, then those that cannot be compared, newest first.

    Near is the largest cosine to one of the `LATELY` entries that were read last, each fading by `FADES`.
    """
    added = {note.path: str(note.meta.get("added") or "") for note in diary.notes}  # as front matter has it
    waiting = _newest(added, entries)
    lately = sorted((e for e in diary.entries if e.status == "read" and e.date), key=lambda e: e.date or "")
    lately = lately[::-1][:LATELY]
    if not lately:
        return [Queued(e, why=_when(added, e, "nothing has been read yet")) for e in waiting]
    near = _nearest(diary, waiting, lately)
    placed = sorted((e for e in waiting if e.id in near), key=lambda e: -near[e.id][0])
    out = []
    for entry in placed:
        _, other, cosine = near[entry.id]
        out.append(Queued(entry, other, cosine, f"near “{other.title}”, read {other.date} ({cosine:.2f})"))
    missing = "not in the index yet; `diary build` places it"
    return out + [Queued(e, why=_when(added, e, missing)) for e in waiting if e.id not in near]


def _nearest(diary: Diary, waiting: Sequence[Entry], lately: Sequence[Entry]) -> dict[str, tuple[float, Entry, float]]:
    """For each entry that the index knows: (faded cosine, what it is near to, cosine)."""
    from paperdiary.search import Index
    from paperdiary.store import Store

    try:
        ids, vectors = Index(Store(diary.config)).entry_vectors()
    except DiaryError:
        return {}
    rows = {name: n for n, name in enumerate(ids)}
    drawn = [(FADES**n, e, rows[e.id]) for n, e in enumerate(lately) if e.id in rows]
    out = {}
    for entry in waiting:
        row = rows.get(entry.id)
        if row is None or not drawn:
            continue
        cosines = [(float(vectors[row] @ vectors[other]), fade, e) for fade, e, other in drawn]
        cosine, fade, nearest = max(cosines, key=lambda c: c[0] * c[1])
        out[entry.id] = (cosine * fade, nearest, round(cosine, 4))
    return out


def _newest(added: Mapping[str, str], entries: Sequence[Entry]) -> list[Entry]:
    by_title = sorted(entries, key=lambda e: e.title.lower())
    return sorted(by_title, key=lambda e: e.date or added.get(e.note, ""), reverse=True)


def _when(added: Mapping[str, str], entry: Entry, reason: str) -> str:
    day = entry.date or added.get(entry.note, "")
    return f"added {day}; {reason}" if day else reason
