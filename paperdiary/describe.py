"""`diary describe`: a language model writes the description of notes that have none. Steps, in order:

1 which notes, 2 what is asked for each, 3 the answer, kept or new, 4 its check, 5 the front matter. The model's words
go nowhere but into the key `description`; a note whose text or other keys would read otherwise is not written.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from paperdiary import abstract, describe_words, fields, frontedit, onenote
from paperdiary.build import Diary
from paperdiary.config import Config
from paperdiary.describe_ask import Answer, NoAnswerError
from paperdiary.describe_check import ASKED, About, Checked, check
from paperdiary.describe_kept import Kept
from paperdiary.describe_prompt import Prompt, Template, fenced, load
from paperdiary.entry import Entry, Note
from paperdiary.errors import DiaryError
from paperdiary.inert import one_line
from paperdiary.listing import newest
from paperdiary.markup import outline
from paperdiary.search import find_entry
from paperdiary.spans import Span
from paperdiary.store import Store, only_one, write_atomic
from paperdiary.titles import title_block

Say = Callable[[str], None]
TRIES = 2  #: requests for a note: one more where the first answer is refused, with the reason
LEAST = 25  #: words of a note below which there is nothing to describe
MOST = 12_000  #: signs of a note that a model is shown
ANSWERED = 90  #: tokens of an answer, about
FAILED = 3  #: requests in a row that come to nothing, after which no more are sent
PATIENCE = 10.0  #: seconds to wait for another `diary describe`


class Asker(Protocol):
    """What is asked: `describe_ask.Model`, or one of the tests' own."""

    id: str
    signature: str

    def ask(self, prompt: Prompt) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A note to be described."""

    entry: Entry
    about: About
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do."""

    tasks: tuple[Task, ...] = ()
    left_out: tuple[tuple[Entry, str], ...] = ()  #: entries without a description of their own, and why they get none
    described: int = 0  #: entries that have one


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a note."""

    entry: Entry
    result: str  #: "described", "refused" (the answer), "failed" (the request or the note), "left" (it has one by now)
    text: str = ""  #: the description
    reason: str = ""  #: why there is none
    diff: str = ""
    kept: bool = False  #: the answer is of an earlier run
    asked: int | None = 0  #: tokens, as the provider counts them; None where it does not say
    answered: int | None = 0


def plan(diary: Diary, names: Sequence[str] = (), most: int = 0) -> Plan:
    """The notes that are to be described, newest first.

    Args:
        names: of entries; none for all that have no description.
        most: how many at most; 0 for all.

    Raises:
        DiaryError: no entry answers to a name, or the prompt's file cannot be used.
    """
    template = load(diary.config, "describe")
    notes = {note.path: note for note in diary.notes}
    wanted = [find_entry(diary.entries, name) for name in dict.fromkeys(names)] or newest(diary.entries)
    tasks: list[Task] = []
    left: list[tuple[Entry, str]] = []
    described = 0
    lists = any(note.listed for note in diary.notes)
    for entry in dict.fromkeys(wanted):
        note = notes[entry.note]
        if has_own(diary.config, note, entry, lists):
            described += 1
            continue
        about = about_of(note, entry)
        if reason := _obstacle(note, entry, about):
            left.append((entry, reason))
        elif not most or len(tasks) < most:
            tasks.append(Task(entry, about, request(template, entry, about)))
    return Plan(tuple(tasks), tuple(left), described)


def has_own(config: Config, note: Note, entry: Entry, lists: bool) -> bool:
    """Whether somebody wrote a description: in the front matter, at the note's head, or in a list that leads to it.

    Args:
        lists: there are lists in the diary.
    """
    if len(note.entries) != 1 or entry.listed:
        return False
    if str(note.meta.get("description") or "").strip():
        return True
    lines = note.text.split("\n")
    blocks = outline(note.text)
    heading = title_block(blocks, note.meta, note.path)
    span = Span(0, len(lines), heading, tuple(b for b in blocks if b is not heading))
    span, lines, _ = abstract.set_aside(span, lines)
    if fields.read(span.blocks, lines).values.get("description"):
        return True
    if not lists:
        return False
    alone = onenote.read_note(config, note.path).entries
    return len(alone) == 1 and alone[0].description != entry.description


def about_of(note: Note, entry: Entry) -> About:
    """What a description of an entry must be about: its title and its plain text, by headings."""
    parts: list[str] = []
    heading = ""
    for passage in entry.passages:
        if passage.heading != heading:
            parts.append(passage.heading)
            heading = passage.heading
        parts.append(passage.text)
    text = "\n".join(p for p in parts if p)
    if len(text) > MOST:
        text = text[:MOST].rsplit(" ", 1)[0] + " …"
    year = " ".join(str(v) for v in (entry.year, entry.published) if v)
    return About(one_line(entry.title, 300), text, year)


def _obstacle(note: Note, entry: Entry, about: About) -> str:
    if len(note.entries) != 1 or entry.listed:
        return "its file holds several entries, and front matter describes one"
    if any(p.code in {"front-matter-open", "front-matter-broken"} for p in note.problems):
        return "its front matter is broken; `diary check` says where"
    found = describe_words.count(about.text) - describe_words.count(about.title) * (about.title in about.text)
    return f"it has only {max(found, 0)} words to describe" if found < LEAST else ""


def request(template: Template, entry: Entry, about: About) -> Prompt:
    """What is asked about a note."""
    head = [f"Title: {about.title}"]
    if entry.authors:
        head.append(f"Authors: {one_line(', '.join(entry.authors[:8]), 300)}")
    if entry.year:
        head.append(f"Year: {entry.year}")
    mark, note = fenced("\n".join([*head, "", about.text]))
    language = describe_words.NAMES.get(about.language, "")
    return template.fill(
        {
            "note": note,
            "mark": mark,
            "title": about.title,
            "language": f"{language}, the language of the note" if language else "the language of the note",
            "least": str(ASKED[0]),
            "most": str(ASKED[1]),
        }
    )


def estimate(prompts: Sequence[Prompt], answered: int = ANSWERED) -> tuple[int, int]:
    """(tokens asked, tokens answered) of so many requests, about; twice as many where every answer is refused once."""
    return sum(p.tokens for p in prompts), answered * len(prompts)


@contextlib.contextmanager
def alone(store: Store, say: Say) -> Iterator[None]:
    """Only one process at a time asks for a diary.

    Raises:
        DiaryError: another is at it for longer than a moment.
    """
    busy = "Another `diary describe` of this diary is running. Wait for it, then try again."
    with only_one(store.cache / "describe.lock", PATIENCE, busy, lambda: say("Waiting for another `diary describe`.")):
        yield


def run(config: Config, tasks: Sequence[Task], model: Asker, *, anew: bool = False) -> Iterator[Result]:
    """Describe notes one by one; each is written before the next is asked for.

    Args:
        anew: ask again where an answer is kept.

    Raises:
        NetworkError, DiaryError: nothing more can be asked; what is done stays.
    """
    kept = Kept(Store(config), model.signature)
    failed = 0
    for task in tasks:
        result = _described(config, task, model, kept, anew)
        yield result
        failed = failed + 1 if result.result == "failed" and not result.text else 0
        if failed == FAILED:
            raise DiaryError(f"{failed} requests in a row failed; no more are sent. Mend what they say, then go on.")


def from_kept(config: Config, task: Task, kept: Kept) -> Result | None:
    """What would be written from an answer that is kept; nothing is asked or written."""
    checked = _checked(kept.get(task.prompt), task.about)
    if checked is None:
        return None
    try:
        data, note = onenote.to_change(config, task.entry.note)
        new = changed(config, data, note, checked.text)
    except DiaryError as e:
        return Result(task.entry, "failed", checked.text, str(e), kept=True)
    return Result(task.entry, "described", checked.text, "", diff(task.entry.note, data, new), kept=True)


def _checked(answer: str | None, about: About) -> Checked | None:
    found = check(answer, about) if answer is not None else None
    return found if found and not found.reason else None


def _described(config: Config, task: Task, model: Asker, kept: Kept, anew: bool) -> Result:
    ready = None if anew else _checked(kept.get(task.prompt), task.about)
    if ready:
        return settle(config, task, ready, kept=True)
    prompt, asked, answered = task.prompt, Sum(), Sum()
    checked = Checked("", "")
    for _ in range(TRIES):
        try:
            answer = model.ask(prompt)
        except NoAnswerError as e:
            return Result(task.entry, "failed", "", str(e), asked=asked.total, answered=answered.total)
        asked.add(answer.asked)
        answered.add(answer.answered)
        checked = check(answer.text, task.about)
        if answer.cut and not checked.reason:
            checked = Checked(checked.text, "it was cut off before its end")
        if not checked.reason:
            kept.put(task.prompt, answer.text)
            break
        prompt = task.prompt.again(checked.reason)
    return settle(config, task, checked, asked=asked.total, answered=answered.total)


@dataclass(slots=True)
class Sum:
    """Tokens of several requests; None as soon as one of them is not known."""

    total: int | None = 0

    def add(self, count: int | None) -> None:
        self.total = None if self.total is None or count is None else self.total + count


def settle(config: Config, task: Task, checked: Checked, **more: Any) -> Result:
    """Write an answer into its note, where it passed the checks and the note is still the one it was asked for."""
    if checked.reason:
        return Result(task.entry, "refused", checked.text, checked.reason, **more)
    shown = f"notes/{task.entry.note}"
    try:
        with Store(config).writing() as staging:
            data, note = onenote.to_change(config, task.entry.note)
            if str(note.meta.get("description") or "").strip():
                return Result(task.entry, "left", "", f"{shown} has a description by now", **more)
            if len(note.entries) != 1 or about_of(note, note.entries[0]).text != task.about.text:
                again = f"{shown} was changed meanwhile. Run the command again for it."
                return Result(task.entry, "failed", checked.text, again, **more)
            new = changed(config, data, note, checked.text)
            write_atomic((config.notes / task.entry.note).resolve(), new, staging=staging)
    except DiaryError as e:
        return Result(task.entry, "failed", checked.text, str(e), **more)
    return Result(task.entry, "described", checked.text, "", diff(task.entry.note, data, new), **more)


def changed(config: Config, data: bytes, note: Note, text: str) -> bytes:
    """The bytes of a note with its description; all else must read as before.

    Raises:
        DiaryError: it would not, or the front matter cannot be changed safely.
    """
    shown = f"notes/{note.path}"
    new = frontedit.change(data, {"description": text}, shown)
    now = onenote.parse(new, note.path, config.directory_urls)
    rest = [{k: str(v) for k, v in n.meta.items() if k != "description"} for n in (note, now)]
    same = now.text.strip("\n") == note.text.strip("\n") and rest[0] == rest[1] and len(now.entries) == 1
    if not same or now.meta.get("description") != text or now.entries[0].id != note.entries[0].id:
        raise DiaryError(f"{shown} cannot be changed safely. Write `{frontedit.line('description', text)}` into it.")
    return new


_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def diff(note: str, old: bytes, new: bytes) -> str:
    """What changes in a note, as `diff -u` shows it, without what could move a terminal's cursor."""
    before, after = (data.decode("utf-8", "replace").splitlines() for data in (old, new))
    rows = difflib.unified_diff(before, after, f"notes/{note}", f"notes/{note}", n=1, lineterm="")
    return "\n".join(_HIDDEN.sub("\ufffd", row) for row in rows)
