"""An answer of a language model -> names of clusters, and why a name is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paperdiary import cluster, describe_check, describe_words
from paperdiary.entry import Entry

LEAST, MOST = 2, 4  #: words of a name
LONGEST = 48  #: signs of a name
_TRIED = 60  #: brackets of an answer at which JSON is looked for
_READ = 100_000  #: signs of an answer that are looked at
_PLAIN = re.compile(r"[^\W_](?:[\w '’&/+.,-]*[\w+])?")
_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.S | re.I)


class RefusedError(Exception):
    """An answer that is no object of names; the message says why."""


@dataclass(frozen=True, slots=True)
class Named:
    """What becomes of a cluster's name."""

    name: str
    reason: str = ""  #: why it is refused; "" where it is not


def parse(answer: str, ids: Sequence[str]) -> dict[str, Any]:
    """Id -> what an answer gives it, from JSON that may stand in a fence or between other words.

    The object {id: name}, or a list of objects with `id` and `name`, alone or inside of another object.

    Raises:
        RefusedError: there is no such JSON, an id is given twice, or one is missing or too many.
    """
    found: list[dict[str, Any]] = []
    for value in _values(_THINKING.sub(" ", answer[:_READ])):
        names = _names(value, frozenset(ids))
        if names:
            found.append(names)
    if not found:
        raise RefusedError("it holds no JSON object with a name for each id")
    best = max(found, key=lambda names: len(names.keys() & set(ids)))
    missing = [i for i in ids if i not in best]
    if missing:
        raise RefusedError(f"there is no name for {', '.join(missing[:5])}")
    if other := [i for i in best if i not in ids]:
        raise RefusedError(f"there is no cluster {shown(other[0])}")
    return best


def shown(text: str) -> str:
    """A stranger's word in a message."""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(text))[:40]


def _values(text: str) -> Iterator[Any]:
    """Every outermost JSON object or list in a text."""
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    at = 0
    for _ in range(_TRIED):
        opened = re.compile(r"[{\[]").search(text, at)
        if not opened:
            return
        try:
            value, at = decoder.raw_decode(text, opened.start())
            yield value
        except (ValueError, RecursionError):
            at = opened.end()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise RefusedError(f"{shown(twice[0])} is there twice")
    return dict(pairs)


def _names(value: Any, ids: frozenset[str]) -> dict[str, Any]:
    """Id -> name in one of the shapes that models give; {} where it is none."""
    if isinstance(value, dict):
        if value.keys() & ids:
            return {k: v.get("name") if isinstance(v, dict) else v for k, v in value.items()}
        inside = [_names(v, ids) for v in value.values() if isinstance(v, (dict, list))]
        return next((names for names in inside if names), {})
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict) and {"id", "name"} <= row.keys()]
        return _once([(str(row["id"]), row["name"]) for row in rows]) if len(rows) == len(value) else {}
    return {}


def check(
    given: Mapping[str, Any], members: Mapping[str, Sequence[Entry]], taken: Sequence[str] = ()
) -> dict[str, Named]:
    """Each cluster's name, with the reason where it is refused.

    Args:
        given: id -> what the model answered.
        members: the entries of each of those clusters.
        taken: names of other clusters, which are not given again.
    """
    out: dict[str, Named] = {}
    others = [describe_words.roots(name) for name in taken]
    written = {i: _plain(given[i]) for i in members}
    for identifier, entries in members.items():
        name = written[identifier]
        reason = _form(given[identifier], name) or _backing(name, entries)
        own = describe_words.roots(name)
        same = [n for i, n in written.items() if i != identifier and describe_words.roots(n) == own]
        if not reason and (same or own in others):
            reason = "another cluster has the same name"
        out[identifier] = Named(name, reason)
    return out


def _plain(value: Any) -> str:
    return " ".join(value.strip(" \t\"'“”").split(" ")) if isinstance(value, str) else ""


def _form(value: Any, name: str) -> str:
    if not isinstance(value, str):
        return "it is no text"
    if not name:
        return "it is empty"
    if reason := describe_check.damage(name):
        return reason
    if len(name) > LONGEST or not LEAST <= describe_words.count(name) <= MOST:
        return f"it has not {LEAST} to {MOST} words"
    if not _PLAIN.fullmatch(name) or "  " in name:
        return "it is not plain words"
    if len(name) > 6 and name.isupper():
        return "it is in capitals"
    return "" if describe_words.roots(name) else "it says nothing about a subject"


def _backing(name: str, entries: Sequence[Entry]) -> str:
    """Every word of a name that says something is in the texts of as many members as in names made of words."""
    texts = [describe_words.roots(text_of(e)) for e in entries]
    least = cluster.least(len(entries))
    weak = {root: n for root in describe_words.roots(name) if (n := sum(root in t for t in texts)) < least}
    if describe_words.language(name) in {"zh", "ja", "thai"} and 2 * len(weak) <= len(describe_words.roots(name)):
        return ""  # pairs of signs that reach from one word into the next
    if not weak:
        return ""
    root = min(weak, key=lambda r: (weak[r], r))
    word = describe_words.spoken(name).get(root, root)
    return f"“{word}” is in {weak[root]} of its {len(entries)} entries"


def text_of(entry: Entry) -> str:
    """All the words of an entry."""
    passages = (f"{p.heading} {p.text}" for p in entry.passages)
    return "\n".join([entry.title, entry.description, " ".join(entry.tags), entry.topic.replace("-", " "), *passages])
