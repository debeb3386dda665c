"""Names of people and organisations: as a note has them, as BibTeX and as CSL have them.

A note holds names as they are spoken ("Ludwig van Beethoven"). Where that leaves open which words are the family name,
`surnames` in the front matter lists it: `surnames: [García Márquez]`. A whole name in that list, or one in braces as
BibTeX writes them, is an organisation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from paperdiary.bibtext import escaped_plainly, line

OTHERS = "others"  #: BibTeX's word for those who are not named
_OTHERS = re.compile(r"(?:and |& )?(?:et\.? al\.?|others|\d+ more)", re.I)
_SUFFIX = r"(?:Jr|Sr|Esq)\.?|II|III|IV|2nd|3rd"
_TAIL = re.compile(rf"(?P<name>.+?),?\s+(?P<suffix>{_SUFFIX})$")
_COMPANY = re.compile(r"(?:inc|ltd|llc|gmbh|co|corp|plc|s\.a|ag|b\.v)\.?", re.I)
_GROUP = re.compile(
    r"\b(?:team|group|lab|labs|collaboration|consortium|project|foundation|institute|university|inc|ltd|llc|gmbh)\b",
    re.I,
)
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・]+ [\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・]+")


@dataclass(frozen=True, slots=True)
class Person:
    """One author: the parts of a name, or `literal` alone for an organisation and for `OTHERS`."""

    family: str = ""
    given: str = ""
    particle: str = ""  #: "van der"
    suffix: str = ""  #: "Jr."
    literal: str = ""

    @property
    def display(self) -> str:
        """As it is spoken."""
        if self.literal:
            return "et al." if self.literal == OTHERS else self.literal
        if self.given and _HAN.fullmatch(f"{self.family} {self.given}"):
            return f"{self.family} {self.given}"
        return " ".join(part for part in (self.given, self.particle, self.family, self.suffix) if part)


def person(name: str, surnames: Sequence[str] = ()) -> Person:
    """The parts of a name in a note.

    >>> person("Ludwig van Beethoven")
    Person(family='Beethoven', given='Ludwig', particle='van', suffix='', literal='')
    >>> person("Gabriel García Márquez", ["García Márquez"]).family
    'García Márquez'
    """
    return _person(line(name), tuple(surnames))


@lru_cache(maxsize=1 << 14)
def _person(name: str, surnames: tuple[str, ...]) -> Person:
    if _OTHERS.fullmatch(name):
        return Person(literal=OTHERS)
    braced = re.fullmatch(r"\{(.*)\}", name)
    if braced or name in surnames:
        return whole(line(braced[1]) if braced else name)
    if "," in name:
        return _inverted(name)
    bare, suffix = _without_suffix(name)
    for surname in sorted(surnames, key=len, reverse=True):
        if bare.endswith(f" {surname}"):
            particle, family = _particle(surname.split())
            return Person(family, bare[: -len(surname) - 1], particle, suffix)
    if _GROUP.search(name) or re.search(r"\sand\s|^and\s|\sand$", name, re.I):
        return Person(literal=name)
    words = bare.split()
    if _HAN.fullmatch(bare):
        return Person(words[0], words[1])
    first = next((n for n, word in enumerate(words[:-1]) if word[0].islower()), len(words) - 1)
    if first == 0 and not any(word[0].isupper() for word in words):  # bell hooks
        first = len(words) - 1
    last = next((n for n in range(len(words) - 2, first - 1, -1) if words[n][0].islower()), first - 1) + 1
    return Person(" ".join(words[last:]), " ".join(words[:first]), " ".join(words[first:last]), suffix)


def whole(name: str) -> Person:
    """A name that has no parts; one word is as good a family name."""
    if _OTHERS.fullmatch(name):
        return Person(literal=OTHERS)
    return Person(literal=name) if " " in name or "," in name else Person(name)


def _inverted(name: str) -> Person:
    """ "Moor, Ada", "Moor, Jr., Ada", "Ada Moor, Jr."; "Acme, Inc." and what has more commas is one name."""
    parts = [part.strip() for part in name.split(",")]
    suffixes = [n for n, part in enumerate(parts) if re.fullmatch(_SUFFIX, part)]
    if len(parts) == 2 and suffixes == [1] and " " in parts[0]:
        plain = person(parts[0])
        return plain if plain.literal else Person(plain.family, plain.given, plain.particle, parts[1])
    if len(parts) == 3 and suffixes in ([1], [2]):
        particle, family = _particle(parts[0].split())
        return Person(family, parts[3 - suffixes[0]], particle, parts[suffixes[0]])
    if len(parts) != 2 or not all(parts) or _COMPANY.fullmatch(parts[1]) or re.search(r"\sand\s", name, re.I):
        return Person(literal=name)
    particle, family = _particle(parts[0].split())
    return Person(family, parts[1], particle)


def _particle(words: list[str]) -> tuple[str, str]:
    """(the words in lower case before a family name, the family name)."""
    at = next((n for n, word in enumerate(words[:-1]) if not word[0].islower()), max(len(words) - 1, 0))
    return " ".join(words[:at]), " ".join(words[at:])


def _without_suffix(name: str) -> tuple[str, str]:
    found = _TAIL.match(name)
    return (found["name"], found["suffix"]) if found and " " in found["name"] else (name, "")


def in_note(people: Iterable[Person]) -> tuple[list[str], list[str]]:
    """(names as a note has them, the surnames that must be listed so that they can be told apart again)."""
    people = [p for p in people if p.display]
    surnames: list[str] = []
    for one in people:
        if person(one.display, surnames) != one and one.literal != OTHERS:
            known = one.literal or f"{one.particle} {one.family}".strip()
            surnames += [known] if known not in surnames else []
    return [one.display for one in people], surnames


def in_bibtex(one: Person) -> str:
    """A name as BibTeX reads it: an organisation in braces, what is not plain "First Last" with commas."""
    if one.literal:
        return OTHERS if one.literal == OTHERS else f"{{{escaped_plainly(one.literal)}}}"
    family, given, particle = (_part(text) for text in (one.family, one.given, one.particle))
    plain = not one.suffix and not one.particle and " " not in one.family
    if plain and (not given or not any(word[0].islower() for word in one.given.split())):
        return f"{given} {family}".strip()
    parts = [f"{particle} {family}".strip(), escaped_plainly(one.suffix), given]
    return ", ".join(part for part in parts if part)


def _part(text: str) -> str:
    """A part of a name in which nothing parts names."""
    plain = escaped_plainly(text)
    return (
        f"{{{plain}}}" if "," in text or plain[:1] == "\\" or re.search(r"(?:^|\s)and(?:\s|$)", text, re.I) else plain
    )


def in_csl(one: Person) -> dict[str, str]:
    """A name as CSL-JSON has it."""
    if one.literal:
        return {"literal": one.display}
    parts = (("family", one.family), ("given", one.given), ("non-dropping-particle", one.particle))
    return {name: value for name, value in (*parts, ("suffix", one.suffix)) if value}
