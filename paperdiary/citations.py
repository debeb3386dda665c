"""How to cite an entry, for its page: in BibTeX and in words. bibliography.py makes whole files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paperdiary import bibwrite, shown
from paperdiary.bibkeys import key_of, own_key
from paperdiary.bibnames import OTHERS, Person
from paperdiary.bibrecord import TYPES, WHOLE, Record, record, whole
from paperdiary.bibtext import line
from paperdiary.entry import Entry


def bibtex(entry: Entry, key: str = "", meta: Mapping[str, Any] | None = None) -> str:
    r"""The entry in BibTeX, without its abstract.

    Args:
        key: from `bibkeys.keys`; empty for the one made of this entry alone.
        meta: front matter of its note, where the note is this one entry.

    >>> print(bibtex(Entry("x", "Heat & BERT", "paper", "x.md", 1, "x/", authors=("Ada Moor",), year=2019)))
    @misc{moor2019heat,
      title = {Heat \& {BERT}},
      author = {Ada Moor},
      year = {2019},
    }
    """
    return written(record_of(entry, key, meta), meta, full=False)


def record_of(entry: Entry, key: str = "", meta: Mapping[str, Any] | None = None, abstract: str = "") -> Record:
    """The record of an entry, with a key in any case."""
    return record(entry, key or own_key(meta or {}) or key_of(entry), meta, abstract)


def written(one: Record, meta: Mapping[str, Any] | None = None, *, full: bool = True) -> str:
    """A record in BibTeX; an entry that the reader wrote into the front matter stays as it is, but for its key."""
    given = whole(meta or {})
    found = WHOLE.match(given) if given else None
    if found:
        return given[: found.start("key")] + one.key + given[found.end("key") :]
    return bibwrite.bibtex(one, whole=full)


def is_cited(entry: Entry, meta: Mapping[str, Any]) -> bool:
    """Whether an entry is something that can be cited: it has a source or an author."""
    return bool(entry.sources or entry.authors or meta.get("bibtex"))


def in_words(entry: Entry, meta: Mapping[str, Any] | None = None) -> str:
    """One line of plain text: who, when, what, where; what is not known is left out.

    >>> in_words(Entry("x", "On Heaps", "paper", "x.md", 1, "x/", authors=("Ada Moor", "Bo Lind"), year=2019))
    'Ada Moor and Bo Lind (2019). On Heaps.'
    """
    one = record(entry, "", meta)
    known = one.fields
    who = _people(one.authors)
    year = f"({entry.year})" if entry.year else ""
    title = line(shown.plain(entry.title))
    where = next((known[n] for n in ("journal", "booktitle", "publisher", "school", "institution") if n in known), "")
    volume = known.get("volume", "") + (f"({known['number']})" if "number" in known else "")
    where = ", ".join(part for part in (where, volume, known.get("pages", "")) if part)
    how = TYPES[one.type].how if entry.kind in {"blog", "talk", "code"} else ""
    kind = f" [{how}]" if how else ""
    address = f"https://doi.org/{one.doi}" if one.doi else entry.url or ""
    head = " ".join(part for part in (who, year) if part)
    parts = [head, f"{title}{kind}", where, f"arXiv:{entry.arxiv}" if entry.arxiv else ""]
    text = " ".join(part if part[-1] in ".?!" else f"{part}." for part in parts if part)
    return f"{text} {address}".strip() if address else text


def _people(people: tuple[Person, ...]) -> str:
    names = [one.display for one in people if one.literal != OTHERS]
    more = len(names) != len(people)
    if len(names) > 10:
        return f"{', '.join(names[:10])} and {len(names) - 10} more"
    if more:
        return f"{', '.join(names)} et al."
    return " and ".join(([", ".join(names[:-1])] if len(names) > 1 else []) + names[-1:])
