"""What `diary check` prints: the findings of one kind in one note together, and how many there are of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from paperdiary.entry import Problem
from paperdiary.listing import counted

ALIKE = 3  #: findings of one code in one note that are still shown one by one
HINTS = 10  #: hints of one code in a diary that are shown; the rest is one line
_LINES = 8  #: numbers in a row of lines


def rows(found: Sequence[Problem], *, whole: bool = False) -> Iterator[str]:
    """Lines `note:line: severity code: message`, in the order of the notes; `whole` shows each finding."""
    groups: dict[tuple[str, str, str], list[Problem]] = defaultdict(list)
    for p in found:
        groups[p.note, p.code, p.severity].append(p)
    told: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    for p in found:
        group = groups[p.note, p.code, p.severity]
        if not whole and p.severity == "hint" and told[p.code] >= HINTS:
            hidden[p.code] += 1
            continue
        if whole or len(group) <= ALIKE:
            told[p.code] += 1
            yield _row(p, p.message)
        elif p is group[0]:
            told[p.code] += 1
            yield _row(p, p.message)
            rest = list(dict.fromkeys(q.line for q in group[1:]))
            shown = ", ".join(map(str, rest[:_LINES])) + (", …" if len(rest) > _LINES else "")
            yield _row(group[1], f"{len(group) - 1} more of this kind, line{'s' * (len(rest) > 1)} {shown}")
    for code, number in hidden.items():
        yield f"(diary):1: hint {code}: {number} more of this kind; `diary -v check` shows each"


def _row(p: Problem, message: str) -> str:
    return f"{p.note or '(diary)'}:{p.line}: {p.severity} {p.code}: {message}"


def summary(found: Sequence[Problem], notes: int) -> str:
    """One sentence: how many of each severity, and of each code."""
    grades = Counter(p.severity for p in found)
    parts = [counted(grades["error"], "error"), counted(grades["warning"], "warning"), counted(grades["hint"], "hint")]
    head = f"{parts[0]}, {parts[1]} and {parts[2]} in {counted(notes, 'note')}"
    codes = ", ".join(f"{number} {code}" for code, number in Counter(p.code for p in found).most_common())
    return f"{head}{f': {codes}' if len(found) > 1 else ''}."
