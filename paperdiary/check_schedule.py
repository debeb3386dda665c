"""A schedule that GitHub is about to switch off.

It does so after 60 days without a commit (its documentation, "Disabling and enabling a workflow").
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path

from paperdiary.config import Config
from paperdiary.entry import Problem
from paperdiary.gitrepo import git
from paperdiary.listing import counted

IDLE_DAYS, WARN_DAYS = 60, 45


def idle(config: Config) -> list[Problem]:
    """A warning where a schedule in .github/workflows is about to be switched off, or was."""
    file = next(iter(_scheduled(config.root)), None)
    if file is None:
        return []
    last = (git(config.root, "log", "-1", "--format=%ct") or "").strip()
    days = int((time.time() - int(last)) // 86400) if last.isdigit() else 0
    if days < WARN_DAYS:
        return []
    left = IDLE_DAYS - days
    when = f"in {counted(left, 'day')}" if left > 0 else "by now"
    message = (
        f"The last commit is {days} days old. GitHub switches the schedule of {file.name} off {when}, {IDLE_DAYS} days"
        " after the last commit: commit something, or switch it on again under Actions."
    )
    return [Problem("warning", "schedule-idle", message, "")]


def _scheduled(root: Path) -> Iterable[Path]:
    for file in sorted((root / ".github" / "workflows").glob("*.y*ml")):
        try:
            if re.search(r"^\s+schedule:\s*$", file.read_text(encoding="utf-8", errors="replace"), re.M):
                yield file
        except OSError:
            continue
