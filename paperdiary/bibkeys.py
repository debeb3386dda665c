"""Citation keys: made once of author, year and a word of the title ("moor2019compost"), then kept.

`citations.json`, committed beside atlas.json, remembers them: neither a new entry nor a title that is mended changes a
key that is in use somewhere. A reader's own `citation_key` (or `citekey`) in the front matter goes first.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paperdiary import shown
from paperdiary.bibnames import person
from paperdiary.bibrecord import WHOLE
from paperdiary.entry import Entry, Note, Problem
from paperdiary.store import Store, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from paperdiary.config import Config

NAMES = ("citation_key", "citation-key", "citationkey", "citekey", "bibkey", "key")
LONGEST = 60  #: characters of a key that is made
_LONGEST_SET = 200
_ILLEGAL = re.compile(r"[\s,{}()\"#%~\\'=@\x00-\x20\x7f]")
_LINE = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*")\s*,?\s*$')
_GREEK = re.compile("[α-ωΑ-Ω]")
_LETTERS = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
})  # fmt: skip
_LITTLE = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by can do does for from how in into is it its more need of on or over the their this to"
        " toward towards under via we what when where which why with without you your",
    )
)


def keys(notes: Iterable[Note], kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """Entry id -> citation key; no two are the same, in upper or lower case.

    Args:
        kept: the keys that are in use, from `read`.
    """
    kept = kept or {}
    wishes: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    for note in notes:
        for entry in note.entries:
            if entry.id not in entries:
                entries[entry.id] = entry
                if len(note.entries) == 1 and (own := own_key(note.meta)):
                    wishes[entry.id] = own
    out: dict[str, str] = {}
    taken: set[str] = set()

    def take(identifier: str, key: str) -> None:
        if key.lower() not in taken and identifier not in out:
            out[identifier] = key
            taken.add(key.lower())

    first = sorted(entries, key=lambda i: (entries[i].date or "9999", i))  # by when it was read
    used = {i: kept[i] for i in first if i in kept and not _ILLEGAL.search(kept[i])}
    for identifier in first:  # what is in use stays, but where the reader set another
        if identifier in used and used[identifier] == wishes.get(identifier, used[identifier]):
            take(identifier, used[identifier])
    for identifier in first:
        if identifier in wishes:
            take(identifier, wishes[identifier])
    for identifier in first:
        if identifier in used:
            take(identifier, used[identifier])
    for identifier in first:
        if identifier not in out:
            take(identifier, next(k for k in _candidates(entries[identifier]) if k.lower() not in taken))
    return out


def key_of(entry: Entry) -> str:
    """The key that an entry gets where no other one has it."""
    return next(_candidates(entry))


def set_key(meta: Mapping[str, Any]) -> str:
    """The key as the reader wrote it, "" for none."""
    whole = WHOLE.match(str(meta.get("bibtex") or "")) if meta.get("bibtex") else None
    given = next((str(meta[name]) for name in NAMES if isinstance(meta.get(name), (str, int)) and meta[name]), "")
    return (given or (whole["key"] if whole else "")).strip()


def own_key(meta: Mapping[str, Any]) -> str:
    """The key that the reader gave, without the signs that would end it."""
    return _ILLEGAL.sub("", set_key(meta))[:_LONGEST_SET]


def _candidates(entry: Entry) -> Iterator[str]:
    """Keys from short to certain: name, year and a word; two words, three; and a hash of the entry's id."""
    one = person(entry.authors[0]) if entry.authors else None
    family = _ascii(one.literal or one.particle + one.family) if one else ""
    words = [w for part in re.findall(r"[\w’'-]+", shown.plain(entry.title)) if (w := _ascii(part)) not in _LITTLE]
    words = [w for w in words if w and not w.isdigit()] or [w for w in words if w]
    head = f"{family}{entry.year or ''}"
    for count in (1, 2, 3) if head else (3,):
        out = f"{head}{''.join(words[:count])}"[: LONGEST - 7]
        if re.search("[a-z]", out):
            yield out
    digest = hashlib.blake2b(entry.id.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    base = f"{head}{words[0] if words else ''}"[: LONGEST - 7] or "entry"
    for size in (6, 16):
        yield f"{base}-{digest[:size]}"


def _ascii(text: str) -> str:
    plain = _GREEK.sub(lambda m: _greek(m[0]), unicodedata.normalize("NFKD", text.translate(_LETTERS)))
    return re.sub(r"[^a-z0-9]", "", plain.encode("ascii", "ignore").decode().lower())


def _greek(letter: str) -> str:
    """ "π" -> "pi"."""
    return unicodedata.name(letter, "").rpartition(" LETTER ")[2].partition(" ")[0]


# -- citations.json


def path(config: Config) -> Path:
    """Of the file that remembers the keys."""
    return config.root / "citations.json"


def read(config: Config) -> dict[str, str]:
    """Entry id -> key, as remembered; of a file with the marks of a merge every line that can be read."""
    try:
        text = path(config).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    try:
        found = json.loads(text)["keys"]
        pairs = list(found.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        lines = (_LINE.match(line) for line in text.split("\n"))
        pairs = [(_string(m[1]), _string(m[2])) for m in lines if m]
    out: dict[str, str] = {}
    for identifier, key in pairs:
        if isinstance(key, str) and key and identifier:
            out.setdefault(identifier, key)
    return out


def _string(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return ""


def remember(config: Config, notes: Sequence[Note]) -> dict[str, str]:
    """The keys of all entries; what is new is written to citations.json.

    The key of an entry that is gone stays written there until another one takes it.

    Raises:
        DiaryError: the file cannot be written.
    """
    kept = read(config)
    now = keys(notes, kept)
    taken = {key.lower() for key in now.values()}
    gone = {i: key for i, key in kept.items() if i not in now and key.lower() not in taken}
    if {**gone, **now} != kept:
        rows = (f"{_json(i)}: {_json(key)}" for i, key in sorted({**gone, **now}.items()))
        text = '{"version": 1, "keys": {\n' + ",\n".join(rows) + "\n}}\n"
        write_atomic(path(config), text, staging=Store(config).cache)
    return now


def _json(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)


def _keeps(notes: Sequence[Note], entry: Entry, key: str) -> bool:
    """Whether an entry's reader set no other key for it."""
    note = next((n for n in notes if n.path == entry.note), None)
    own = own_key(note.meta) if note and len(note.entries) == 1 else ""
    return own.lower() in {"", key}


# -- what `diary check` says of them


def problems(notes: Sequence[Note], kept: Mapping[str, str]) -> list[Problem]:
    """Keys set in the front matter that two entries have, or that no .bib can have.

    Args:
        kept: from `read`; a key that another entry got without being asked counts too.
    """
    out = []
    holders: dict[str, list[tuple[Note, str]]] = defaultdict(list)
    made = {key.lower(): i for i, key in kept.items()}
    ids = {e.id: e for note in notes for e in note.entries}
    for note in notes:
        wish = set_key(note.meta) if len(note.entries) == 1 and not note.hidden else ""
        if not wish:
            continue
        own = own_key(note.meta)
        if own != wish:
            message = f"no .bib can have the citation key “{wish[:80]}”; it is written as “{own}”. Set it so."
            out.append(Problem("warning", "citation-key-signs", message, note.path))
        if own:
            holders[own.lower()].append((note, own))
    for lower, found in holders.items():
        other = ids.get(made.get(lower, ""))
        if len(found) == 1 and other and other.note != found[0][0].path and _keeps(notes, other, lower):
            text = f"the citation key “{found[0][1]}” is in use for {other.note}, and this entry gets another"
            out.append(
                Problem("error", "same-citation-key", f"{text}; set a free one here or there.", found[0][0].path)
            )
        for note, own in found if len(found) > 1 else ():
            others = ", ".join(n.path for n, _ in found if n is not note)
            text = f"the citation key “{own}” is set in {others} too, and only one entry can have it; change one."
            out.append(Problem("error", "same-citation-key", text, note.path))
    return out
