"""What `diary add` and `diary read` say: paths to stdout, all else to stderr, or JSON. Asks for a topic."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from paperdiary.add import Added
from paperdiary.errors import UsageError
from paperdiary.importing.draft import shown
from paperdiary.session import echo
from paperdiary.topics import INBOX, Near, Suggestion

Say = Callable[[str], None]
NEAREST = 3  #: entries that are named as neighbours


def day(text: str | None) -> str | None:
    """A day that somebody typed, ISO 8601; `today` and `yesterday` are days too.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    word = text.strip().lower()
    if word in {"today", "yesterday"}:
        return (dt.date.today() - dt.timedelta(days=word == "yesterday")).isoformat()
    try:
        found = dt.date.fromisoformat(word)
    except ValueError:
        found = None
    if found is None or len(word) != 10:
        raise UsageError(f"--date {text} is not a day; write it as 2025-06-04.")
    return found.isoformat()


def ask(title: str, near: Suggestion, topics: Sequence[str]) -> str:
    """Ask on the terminal where a note belongs; the question goes to stderr."""
    best, _ = near.best
    some = ", ".join(f"{t} ({s:.0%})" for t, s in near.topics[:3]) or ", ".join(topics[:12])
    echo(f"“{title}”: which topic?" + (f" {some}" if some else ""), err=True)
    answer = click.prompt("Topic", default=best or INBOX, err=True)
    return str(answer)


def results(found: Iterable[Added], say: Say, as_json: bool) -> list[Added]:
    """Say what became of each as soon as it is there, its path on stdout unless JSON will be printed."""
    out = []
    for one in found:
        out.append(one)
        if one.path and one.result != "failed" and not as_json:
            echo(shown(one.path))
        _explain(one, say)
    return out


def _explain(one: Added, say: Say) -> None:
    title = one.entry.title if one.entry else one.asked
    if one.error:
        name = f"“{title}”: " if one.entry else ""
        echo(f"diary: {name}{one.error}", err=True)
        return
    if one.result == "duplicate" and one.entry:
        say(f"“{title}” is in the diary already: notes/{one.entry.note}, line {one.entry.line} ({one.entry.status}).")
        if one.entry.status == "queued":
            say("  `diary read` with its path says that it has been read.")
    elif one.result == "added":
        say(f"“{title}” is in {_where(one)}.")
        for near in one.suggestion.nearest[:NEAREST]:
            say(f"  near {_near(near)}")
    elif one.result == "completed":
        say(f"“{title}”: what was missing and could be found is filled in.")
    elif one.result == "unchanged":
        say(f"“{title}”: there was nothing to fill in.")
    if one.paper:
        say(f"  PDF: {shown(one.paper)}")
    if one.incomplete:
        why = re.sub(r"\s*Run the command again[^.]*\.", "", one.incomplete)
        say(f"  Not complete: {why} `diary add --complete` fills it in later.")
    for remark in one.remarks:
        say(f"  {remark}")


def _where(one: Added) -> str:
    best, share = one.suggestion.best
    if one.chosen == "nearest":
        return f"{one.topic} ({share:.0%} of the nearest entries' votes; `--topic` decides otherwise)"
    if one.chosen == "inbox" and best:
        return f"{one.topic}: {best} is not sure enough ({share:.0%} of the votes, cosine {one.suggestion.close:.2f})"
    return one.topic


def _near(near: Near) -> str:
    cosine = f"{near.similarity:.2f} " if near.similarity else ""
    return f"{cosine}“{near.entry.title}”  [{near.entry.note}:{near.entry.line}]"


def as_dict(one: Added) -> dict[str, Any]:
    """The public JSON form of a result."""
    best, share = one.suggestion.best
    return {
        "asked": one.asked,
        "result": one.result,
        "path": _text(one.path),
        "entry": one.entry.as_dict() if one.entry else None,
        "topic": one.topic or None,
        "chosen": one.chosen or None,
        "suggestion": {"topic": best, "confidence": round(share, 4), "sure": one.suggestion.sure} if best else None,
        "nearest": [
            {**near.entry.as_dict(), "score": near.score, "similarity": near.similarity}
            for near in one.suggestion.nearest[:NEAREST]
        ],
        "pdf": _text(one.paper),
        "complete": one.result != "failed" and not one.incomplete,
        "remarks": [*([one.incomplete] if one.incomplete else []), *one.remarks],
        "error": str(one.error) if one.error else None,
        "exit_code": one.exit_code,
    }


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
