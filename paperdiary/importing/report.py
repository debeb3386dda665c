"""A plan in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from paperdiary.importing.draft import Plan, shown

SHOWN = 5  #: names after each reason; `--json` has all


def lines(plan: Plan, dry_run: bool) -> Iterator[str]:
    """What is (or would be) written, repaired, left out and found twice, a line each."""
    verb = "would write" if dry_run else "wrote"
    for draft in plan.files:
        place = f"{shown(draft.source)}:{draft.line}" if draft.role == "item" else shown(draft.source)
        yield f"{verb}  {draft.place}  from {place}"
    for draft in plan.files:
        for repair in draft.repairs:
            change = f"{repair.before} -> {repair.after}" if repair.kind != "lost" else f"{repair.before} (not mended)"
            yield f"repair  {shown(draft.source)}:{repair.line}  {repair.kind}: {change}"
    for draft in plan.there:
        if not draft.loose:
            yield f"already there  {draft.place}  like {shown(draft.source)}"
    for double in plan.duplicates:
        result = "written all the same" if double.written else "not written"
        yield f"duplicate  {shown(double.source)}:{double.line}  “{double.title}” is {double.where}; {result}"
    reasons: dict[str, list[str]] = defaultdict(list)
    for left in plan.left_out:
        reasons[left.reason].append(shown(left.source))
    for reason, names in reasons.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"left out  {', '.join(names[:SHOWN])}{more}: {reason}"


def problems(plan: Plan) -> Iterator[str]:
    """What went wrong, with file and line."""
    for problem in plan.problems:
        yield f"{problem.note}, line {problem.line}: {problem.message}"


def summary(plan: Plan, dry_run: bool) -> str:
    """One sentence: how much, and what to type next."""
    notes = sum(not d.loose for d in plan.files)
    papers = sum(d.role == "paper" for d in plan.files)
    files = len(plan.files) - notes - papers
    parts = [f"{notes} note{'s' * (notes != 1)}", f"{files} linked file{'s' * (files != 1)}" if files else ""]
    parts = [p for p in parts if p] + (
        [f"{papers} PDF{'s' * (papers != 1)} (into papers/, not published)"] if papers else []
    )
    head = " and ".join(parts) if len(parts) < 3 else f"{parts[0]}, {parts[1]} and {parts[2]}"
    parts = [head]
    parts += [f"{len(plan.left_out)} left out"] if plan.left_out else []
    parts += [f"{len(plan.duplicates)} duplicate{'s' * (len(plan.duplicates) != 1)}"] if plan.duplicates else []
    done = "would be written" if dry_run else "written"
    told = f"{parts[0]} {done}{''.join(f', {p}' for p in parts[1:])}."
    return f"{told} Type the same without --dry-run to write." if dry_run else f"{told} `diary build` makes the site."
