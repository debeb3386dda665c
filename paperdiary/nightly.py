"""What a nightly build watches over and tells: entries that vanish, a page about the run."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from paperdiary import atlas_file, changes
from paperdiary.build import Bar, Diary
from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.errors import DiaryError
from paperdiary.gitrepo import git
from paperdiary.listing import counted
from paperdiary.session import visible
from paperdiary.store import Store, sealed, write_atomic

FELL = 0.2  #: share of the entries that may vanish without a commit
SHOWN = 20  #: problems on the run's page
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Published:
    """The notes of the last build that was let through: path -> (number of entries, hash of the file)."""

    notes: dict[str, tuple[int, str]]

    @property
    def entries(self) -> int:
        return sum(count for count, _ in self.notes.values())


def state(diary: Diary) -> Published:
    """What is in a diary now."""
    counts = Counter(entry.note for entry in diary.entries)
    return Published({path: (count, _hash(diary.config.notes / path)) for path, count in sorted(counts.items())})


def _hash(path: Path) -> str:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()
    except OSError:
        return ""


def read(config: Config) -> Published | None:
    """What the last build let through; None where that is not known."""
    value = Store(config).read_sealed(_place(config))
    try:
        if value["version"] != _VERSION:
            return None
        return Published({str(path): (int(count), str(digest)) for path, (count, digest) in value["notes"].items()})
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def remember(diary: Diary) -> None:
    """Keep what this build lets through."""
    value = {"version": _VERSION, "notes": state(diary).notes}
    write_atomic(_place(diary.config), sealed(value))


def _place(config: Config) -> Path:
    return Store(config).cache / "published.json"


def guard(diary: Diary) -> None:
    """Refuse a diary that lost more than a fifth of its entries, unless a commit removed or changed their notes.

    Raises:
        DiaryError: it did; nothing of it should be published.
    """
    last, now = read(diary.config), state(diary)
    if last is None:
        before, gone = _on_the_map(diary.config), []
    else:
        before = last.entries
        gone = _vanished(last, now, _deleted(diary.config))
    fell = before - now.entries
    unexplained = sum(lost for _, lost in gone) if last else fell * (not _changed_since_the_map(diary.config))
    if fell <= FELL * before or unexplained <= FELL * before:
        return
    named = ", ".join(path for path, _ in gone[:3]) + (" and more" if len(gone) > 3 else "")
    raise DiaryError(
        f"{fell} of {before} entries are gone, and no commit removed them{f' ({named})' if named else ''}. Nothing"
        " is published. Look whether the checkout is whole (`fetch-depth: 0`, submodules) and what `diary check`"
        " says; if this is right, build once with --fewer."
    )


def _vanished(last: Published, now: Published, deleted: frozenset[str]) -> list[tuple[str, int]]:
    """Notes that lost entries though their file is as it was, or is gone and no commit deleted it."""
    out = []
    for path, (count, digest) in last.notes.items():
        left, current = now.notes.get(path, (0, ""))
        if left < count:
            changed = bool(current) and current != digest
            if not changed and path not in deleted:
                out.append((path, count - left))
    return sorted(out, key=lambda item: -item[1])


def _deleted(config: Config) -> frozenset[str]:
    """Every path under notes/ that some commit deleted."""
    found = git(config.notes, "log", "-z", "--diff-filter=D", "--no-renames", "--name-only", "--format=", "--relative")
    return frozenset(path for path in (found or "").replace("\n", "\0").split("\0") if path)


def _on_the_map(config: Config) -> int:
    """Number of entries in the atlas.json that was committed last."""
    text = git(config.root, "show", "HEAD:./atlas.json")
    try:
        return len(atlas_file.loads(text)[0].places) if text else 0
    except DiaryError:
        return 0


def _changed_since_the_map(config: Config) -> bool:
    """Whether a commit deleted or changed notes since atlas.json was committed."""
    commit = (git(config.root, "log", "-1", "--format=%H", "--", "atlas.json") or "").strip()
    return bool(
        commit and git(config.notes, "log", "-1", "--diff-filter=DM", "--format=%H", f"{commit}..HEAD", "--", ".")
    )


class Clock:
    """Seconds by step, taken from the progress bars."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self.steps: dict[str, float] = {}

    @contextlib.contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """A progress bar whose time is kept."""
        started = time.perf_counter()
        with self._bar(label, length) as advance:
            yield advance
        self.steps[label] = self.steps.get(label, 0.0) + time.perf_counter() - started

    def all(self, seconds: float) -> dict[str, float]:
        """The steps, and as the last what the `seconds` of the whole leave."""
        return self.steps | {"Notes, pages and all else": max(seconds - sum(self.steps.values()), 0.0)}


def append(path: Path, diary: Diary, steps: Mapping[str, float]) -> None:
    """Append the report on a build, with all that `diary check` finds, to a file.

    Raises:
        DiaryError: it cannot be written.
    """
    from paperdiary.check import check

    text = report(diary, check(diary.config, diary.notes), steps)
    try:
        with path.open("a", encoding="utf-8", errors="replace") as out:
            out.write(f"{text}\n")
    except OSError as e:
        raise DiaryError(f"{path} cannot be written: {e.strerror}.") from None


def report(diary: Diary, problems: Sequence[Problem], steps: Mapping[str, float]) -> str:
    """The build in Markdown, for the page of a workflow's run.

    Args:
        steps: seconds by name, in order.
    """
    read_ = sum(e.status == "read" for e in diary.entries)
    facts = (
        f"**{counted(len(diary.entries), 'entry', 'entries')}** in {counted(len(diary.notes), 'note')}, {read_} read,"
    )
    lines = [f"## {_safe(diary.config.site_name)}", "", f"{facts} {counted(len(diary.atlas.clusters), 'cluster')}.", ""]
    if not diary.complete:
        lines += ["The embedding model was missing: the map is the last one, and search goes by words alone.", ""]
    told = changes.lines(diary)
    lines += ["### What changed", "", *(_bullets(told) if told else ["Nothing on the map."]), ""]
    lines += ["### Problems", "", *_problems(problems), "", "### Time", "", "| step | seconds |", "| --- | ---: |"]
    lines += [f"| {_safe(name)} | {seconds:.1f} |" for name, seconds in steps.items()]
    return "\n".join([*lines, f"| **all** | **{sum(steps.values()):.1f}** |", ""])


def _problems(problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return ["`diary check` finds none."]
    worst = sorted(problems, key=lambda p: p.severity != "error")
    lines = _bullets(f"{p.severity}: {p.note or 'the diary'}, line {p.line}: {p.message}" for p in worst[:SHOWN])
    rest = len(problems) - SHOWN
    return [*lines, *([f"- and {rest} more, which `diary check` prints"] if rest > 0 else [])]


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {_safe(line)}" for line in lines]


def _safe(text: str) -> str:
    """Text as it is in GitHub's Markdown: no markup, no links, no mention of anybody."""
    bare = escape(" ".join(visible(text).split()), quote=False)
    return (
        re.sub(r"([\\`*_{}\[\]|#~$!])", r"\\\1", bare)
        .replace("@", "@\u2060")
        .replace("://", ":\u2060//")
        .replace("www.", "www\u2060.")
    )
