"""Where the names of clusters go on a map: beside their points, clear of each other and of the frame."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

LONGEST = 26  #: signs in a line of a name
LEADING = 1.22  #: height of a line, in sizes of the type
EDGE = 4.0  #: free to the frame
GAP = 3.0  #: free between two names
REACH = 0.25  #: of the frame's diagonal: how far from the middle of the points a place is looked for
FARTHEST = 2.6  #: sizes of the type between a name and its points; farther away it would not be read as theirs
CELL = 6.0  #: side of the squares in which points are counted
RINGS, TURNS = 12, 12  #: distances and directions in which a place is looked for
NEAR = 7.0  #: a point so near to a name counts as covered
COVERED, MOST = 32.0, 5  #: what a covered point costs, of so many at most
SPARSE = 150  #: points; where there are more, one that is covered costs less
FAR, MIDDLE = 1.0, 0.14  #: what a unit of distance costs to the nearest of the points, and to their middle
STRANGE, AROUND = 24.0, 26.0  #: what it costs to stand among others' points alone; how far around that is looked at
SAMPLE = 24  #: points of a group beside which a place is looked for
_NARROW = frozenset("iljtfrI.,:;'’|!()[] -")
_WIDE = frozenset("mwMW@%—")


@dataclass(frozen=True, slots=True)
class Label:
    """A name in its place."""

    number: int  #: of what it names
    x: float  #: middle
    y: float  #: middle of all lines
    lines: tuple[str, ...]

    def baselines(self, size: float) -> list[float]:
        """y of each line's baseline."""
        top = self.y - (len(self.lines) - 1) / 2 * LEADING * size
        return [top + n * LEADING * size + 0.35 * size for n in range(len(self.lines))]

    def box(self, size: float) -> Box:
        """What it covers, with the GAP around it."""
        half = max(text_width(line, size) for line in self.lines) / 2 + GAP
        high = len(self.lines) * LEADING * size / 2 + GAP
        return self.x - half, self.y - high, self.x + half, self.y + high


def text_width(text: str, size: float) -> float:
    """About how wide a line of semibold type is; rather too wide, since the reader's typeface is not known."""
    wide = 0.0
    for sign in text:
        if unicodedata.combining(sign):
            continue
        if unicodedata.east_asian_width(sign) in "WF":
            wide += 1.02
        elif sign in _NARROW:
            wide += 0.4
        elif sign in _WIDE:
            wide += 0.98
        else:
            wide += 0.77 if sign.isupper() else 0.66
    return wide * size


def wrapped(name: str, longest: int = LONGEST) -> tuple[str, ...]:
    """A name in one line or two, cut with an ellipsis where it is longer than both."""
    words = name.split()
    if len(" ".join(words)) <= longest:
        return (" ".join(words),)
    whole = " ".join(words)
    if len(whole) <= 2 * longest:
        breaks = [n for n, sign in enumerate(whole) if sign == " " and n <= longest and len(whole) - n - 1 <= longest]
        if breaks:
            middle = min(breaks, key=lambda n: (abs(2 * n - len(whole)), n))
            return whole[:middle], whole[middle + 1 :]
    lines: list[str] = []
    rest = whole
    for last in (False, True):
        if len(rest) <= longest:
            return (*lines, rest)
        at = rest.rfind(" ", 0, longest + (0 if last else 1))
        at = at if at > longest // 3 else longest - last
        lines.append(rest[:at].rstrip(" ,;:–-") + "…" if last else rest[:at])
        rest = rest[at:].strip()
    return tuple(lines)


def place(
    names: Sequence[str],
    members: Sequence[Sequence[Point]],
    frame: tuple[float, float],
    size: float,
    others: Sequence[Point] = (),
    taken: Sequence[Box] = (),
) -> list[Label | None]:
    """A place for each name, the largest group's first; None where there is none near its points.

    Args:
        members: the points of each group in the frame, y downwards; a group without any gets no name.
        frame: width and height.
        size: of the type, in the frame's units.
        others: points that are there besides.
        taken: boxes that are to stay free.
    """
    field = _Field([p for group in members for p in group] + list(others), frame)
    boxes = list(taken)
    out: list[Label | None] = [None] * len(names)
    for number in sorted(range(len(names)), key=lambda n: (-len(members[n]), n)):
        if not members[number] or not names[number].strip():
            continue
        for longest in (LONGEST, 16):  # a name that does not fit in one line may fit in two
            lines = wrapped(names[number], longest)
            half = max(text_width(line, size) for line in lines) / 2
            high = len(lines) * LEADING * size / 2
            found = _place(members[number], half, high, frame, field, boxes, FARTHEST * size)
            if found:
                x, y = found
                boxes.append((x - half - GAP, y - high - GAP, x + half + GAP, y + high + GAP))
                out[number] = Label(number, round(x, 1), round(y, 1), lines)
                break
    return out


class _Field:
    """How many points lie in a box (a summed-area table, Crow, 1984)."""

    def __init__(self, points: Sequence[Point], frame: tuple[float, float]) -> None:
        self._wide, self._high = int(frame[0] // CELL) + 1, int(frame[1] // CELL) + 1
        self.count = len(points)
        rows = [[0] * (self._wide + 1) for _ in range(self._high + 1)]
        for x, y in points:
            if 0 <= x <= frame[0] and 0 <= y <= frame[1]:
                rows[int(y // CELL) + 1][int(x // CELL) + 1] += 1
        for above, row in itertools.pairwise(rows):
            running = 0
            for n, count in enumerate(row):
                running += count
                row[n] = running + above[n]
        self._rows = rows

    def inside(self, box: Box) -> int:
        left, top = max(int(box[0] // CELL), 0), max(int(box[1] // CELL), 0)
        right, bottom = min(int(box[2] // CELL) + 1, self._wide), min(int(box[3] // CELL) + 1, self._high)
        rows = self._rows
        return rows[bottom][right] - rows[top][right] - rows[bottom][left] + rows[top][left]


def _place(
    points: Sequence[Point],
    half: float,
    high: float,
    frame: tuple[float, float],
    field: _Field,
    boxes: Sequence[Box],
    farthest: float,
) -> Point | None:
    """The middle of the best free place for a name of 2 half x 2 high.

    What it covers decides first, then how far it is from the group's points and whose points are around it.
    """
    wide, tall = frame
    if 2 * (half + EDGE) > wide or 2 * (high + EDGE) > tall:
        return None
    xs, ys = sorted(p[0] for p in points), sorted(p[1] for p in points)
    x, y = xs[len(xs) // 2], ys[len(ys) // 2]
    some = sorted(points)[:: -(-len(points) // SAMPLE)]
    share = len(points) / len(some)
    price = COVERED * min(1.0, (SPARSE / max(field.count, 1)) ** 0.5)
    best: tuple[float, Point] | None = None
    for px, py in _candidates(x, y, some, half, high, REACH * math.hypot(wide, tall)):
        px = min(max(px, half + EDGE), wide - half - EDGE)
        py = min(max(py, high + EDGE), tall - high - EDGE)
        cost = MIDDLE * math.hypot(px - x, py - y)
        if best and cost >= best[0]:
            continue
        box = (px - half, py - high, px + half, py + high)
        under = field.inside(_wider(box, NEAR))
        cost += price * min(under, MOST) + 0.05 * under
        if (best and cost >= best[0]) or any(_meet(box, other) for other in boxes):
            continue
        gaps = [max(abs(px - a) - half, abs(py - b) - high, 0.0) for a, b in some]
        if min(gaps) > farthest:
            continue
        mine = share * sum(gap < AROUND for gap in gaps)
        every = max(field.inside(_wider(box, AROUND)), mine, 1)
        cost += FAR * max(min(gaps) - 2 * NEAR, 0) + STRANGE * (1 - mine / every)
        if best is None or cost < best[0]:
            best = (cost, (px, py))
    return best[1] if best else None


def _candidates(x: float, y: float, some: Sequence[Point], half: float, high: float, reach: float) -> Iterator[Point]:
    """Middles that may do: beside and above the points, and around their middle at growing distances."""
    yield x, y
    for a, b in some:
        for side in (-1, 1):
            yield a, b + side * (high + NEAR + 2)
            yield a + side * (half + NEAR + 2), b
            yield a + 0.7 * half * side, b - high - NEAR - 2
            yield a + 0.7 * half * side, b + high + NEAR + 2
    for ring in range(1, RINGS):
        away = reach * ring / (RINGS - 1)
        for turn in range(TURNS):
            angle = (2 * turn / TURNS + 1.5) * math.pi
            yield x + math.cos(angle) * away * 1.3, y + math.sin(angle) * away * 0.8


def _wider(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]
