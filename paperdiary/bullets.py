"""The list items of a Markdown list as a tree, by their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from paperdiary import fields
from paperdiary.dates import find_date, find_month
from paperdiary.markup import Block

BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*+•]|\d{1,4}[.)])\s+(?P<rest>\S.*)$")


@dataclass(slots=True)
class Bullet:
    """One item of a list with the items below it. Lines are 0-based and inclusive."""

    start: int
    end: int  #: last line of its own text
    indent: int
    text: str  #: its own lines; "\n" where a line ends for good
    below: list[Bullet] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Its last line with all that is below it."""
        bullet = self
        while bullet.below:
            bullet = bullet.below[-1]
        return max(self.end, bullet.end)

    def walk(self) -> Iterator[Bullet]:
        """Itself and every item below it."""
        stack = [self]
        while stack:
            bullet = stack.pop()
            yield bullet
            stack.extend(reversed(bullet.below))


def tree(block: Block, lines: list[str]) -> list[Bullet]:
    """The items of a list at its highest rank, each with those below it."""
    roots: list[Bullet] = []
    open_: list[Bullet] = []
    fenced = broken = False
    for number in range(block.start, block.end):
        line = lines[number].replace("\t", "    ")
        if re.match(r"^\s*(?:```|~~~)", line):
            fenced = not fenced
            continue
        if fenced:
            continue
        if not line.strip():
            broken = True
            continue
        found = BULLET.match(line)
        if found:
            indent = len(found["indent"])
            while open_ and indent - open_[-1].indent < 2:  # a space before a sign makes no list in a list
                open_.pop()
            bullet = Bullet(number, number, indent, found["rest"].rstrip("\\"))
            (open_[-1].below if open_ else roots).append(bullet)
            open_.append(bullet)
        elif open_:
            bullet = open_[-1]
            hard = broken or lines[number - 1].endswith(("  ", "\\"))
            bullet.text += ("\n" if hard else " ") + line.strip().rstrip("\\")
            bullet.end = number
        broken = False
    return roots


TO_READ = re.compile(r"to[ -]?read|todo|queue|backlog|待读|想读", re.I)


@dataclass(frozen=True, slots=True)
class Under:
    """What the headings and groups above say."""

    date: str | None = None
    queued: bool = False
    tool: bool = False
    part: int = 0


def date_of(heading: str, date: str | None, year: int) -> tuple[str | None, int]:
    """(date, year) that hold below a heading: "2019", "May 2019", "May", "2019-05-03"."""
    heading = re.sub(r"\s*[\[(（]\s*\d+\s*(?:papers?|篇|items?)?\s*[\])）]\s*", " ", heading).strip(" :：")
    alone = re.fullmatch(r"\W*((?:19|20)\d\d)\W*年?\W*", heading)
    month = find_month(heading)
    year = int(alone[1]) if alone else (month[0] if month and month[0] else year)
    if month and (month[0] or year):
        return f"{month[0] or year}-{month[1]:02}-01", year
    return find_date(heading), year


def below(bullet: Bullet, under: Under) -> Under:
    """What a group such as "- May 2021" says of the items in it."""
    date, _ = date_of(fields.words_of(bullet.text[:200]), None, 0) if len(bullet.text) < 60 else (None, 0)
    return replace(under, date=date or under.date, queued=under.queued or bool(TO_READ.search(bullet.text[:60])))
