"""Everything `diary check` looks for. Reads the notes as text: no model, no numbers, no MkDocs.

A finding is something its reader would agree with; where a note may be right, nothing is said.
docs/check.md has a row for every code.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from paperdiary import bibkeys
from paperdiary.check_entries import dates, no_date, no_source, same_title
from paperdiary.check_links import Files
from paperdiary.check_schedule import idle
from paperdiary.config import Config
from paperdiary.entry import Entry, Note, Problem
from paperdiary.frontmatter import decode
from paperdiary.links import Scan, scan

#: code -> severity of what is found here; parsing adds its own. A broken link to a heading, or by a name that has no
#: note yet, is a warning: its reader still comes somewhere, or reads the name
CODES = {
    "almost-link": "hint",
    "bad-characters": "warning",
    "big-file": "hint",
    "broken-link": "error",
    "captions-rolled": "warning",
    "citation-key-signs": "warning",
    "control-bytes": "warning",
    "empty-link": "warning",
    "empty-note": "hint",
    "fence-open": "error",
    "impossible-date": "error",
    "list-no-colon": "hint",
    "no-date": "hint",
    "no-source": "hint",
    "same-citation-key": "error",
    "paper-private": "hint",
    "same-title": "hint",
    "unwritten-notes": "hint",
}
_ANY_LINK = re.compile(r"\]\(\s*[^)\s]|https?://|\bwww\.|\[\[\s*\w|\bhref\b|^\[[^\]]+\]:\s", re.M)
PLANNED = 5  #: names in [[…]] without a note, from which on they are a reader's plan and no slips
MOST = 20  #: findings of one code in one note; the rest is one line
BIG = 1_000_000  #: bytes
_LINKS = ("](", "]:", "[[", "href", "src=", "```", "~~~")
_BLANKED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]|\r(?!\n)")
_NAMES = {
    "\0": "NUL",
    "\b": "backspace",
    "\x0b": "vertical tab",
    "\x0c": "form feed",
    "\r": "carriage return inside a line",
    "\x1b": "escape",
    "\x1e": "record separator",
    "\x7f": "delete",
    "\x85": "next line",
    "\u2028": "line separator",
    "\u2029": "paragraph separator",
}


def check(config: Config, notes: Sequence[Note]) -> list[Problem]:
    """All problems of a diary, sorted by note and line; at most `MOST` of one code in each note.

    Args:
        config: of the diary.
        notes: all of them, from `notes.read_all`; their own problems are taken over.
    """
    texts = {note.path: note.text for note in notes}
    scans: dict[str, Scan] = {}

    def scan_of(path: str) -> Scan | None:
        if path not in scans and path in texts:
            scans[path] = scan(texts[path])
        return scans.get(path)

    files = Files(config, notes, scan_of)
    found: list[Problem] = []
    one_line: set[str] = set()
    for note in notes:
        data = _bytes(config, note.path)
        if b"\r" in data and b"\n" not in data:
            one_line.add(note.path)
        found += [*note.problems, *_in_bytes(note.path, data)]
        if note.meta.get("draft") is not True:
            head = decode(data, note.path)[0].split("\n")[: note.offset] if note.offset else []
            found += [*_in_text(files, note), *_empty(note), *dates(note, head)]
    entries = [entry for note in notes for entry in note.entries]
    lines = {note.path: (note.offset, note.text.split("\n")) for note in notes if len(note.entries) > 1}

    def linked(entry: Entry) -> bool:
        offset, rows = lines.get(entry.note, (0, []))
        text = "\n".join(rows[entry.line - offset - 1 : entry.end - offset]) if rows else texts[entry.note]
        return bool(_ANY_LINK.search(text))

    found += [*no_date(entries), *no_source(entries, linked), *same_title(entries)]
    found += bibkeys.problems(notes, bibkeys.read(config))
    found = [*_planned(found), *idle(config)]
    found = [replace(p, line=1) if p.note in one_line else p for p in found]
    return _few(_unlike(found))


def _problem(code: str, message: str, note: str, line: int = 1) -> Problem:
    return Problem(CODES[code], code, message, note, line)


def _bytes(config: Config, path: str) -> bytes:
    try:
        return (config.notes / path).read_bytes()
    except OSError:  # told as unreadable
        return b""


def _unlike(found: list[Problem]) -> list[Problem]:
    """Without a second finding about the same thing."""
    lists = {(p.note, p.line) for p in found if p.code == "list-empty-link"}
    nowhere = lists | {(p.note, p.line) for p in found if p.code == "empty-link"}
    days = {p.note for p in found if p.code == "impossible-date"}
    kept: dict[tuple[str, int, str, str], Problem] = {}
    for p in (p if p.code == "broken-link" else replace(p, severity=CODES.get(p.code, p.severity)) for p in found):
        if p.code == "empty-link" and (p.note, p.line) in lists:
            continue
        if p.code == "no-source" and (p.note, p.line) in nowhere:
            continue
        if p.code == "front-matter-broken" and p.note in days and re.search(r"\b(?:day|month|year)\b", p.message):
            continue  # YAML stumbled over the date
        kept.setdefault((p.note, p.line, p.code, p.message if p.code != "impossible-date" else ""), p)
    return sorted(kept.values(), key=lambda p: (p.note, p.line, p.code))


def _planned(found: list[Problem]) -> list[Problem]:
    """Many names in [[…]] without a note are told once: people link to notes that they have yet to write."""
    named = [(p, m[1]) for p in found if (m := re.match(r"\[\[(.+)\]\] names no note; write", p.message))]
    names = list(dict.fromkeys(name for _, name in named))
    if len(names) < PLANNED:
        return found
    some = ", ".join(f"[[{name}]]" for name in names[:3])
    message = (
        f"{len(names)} names in double brackets have no note ({some}, …), first here; they are shown as words."
        " Write the notes, or mend the names."
    )
    first = min((p for p, _ in named), key=lambda p: (p.note, p.line))
    there = {id(p) for p, _ in named}
    rest = [p for p in found if id(p) not in there]
    return [*rest, _problem("unwritten-notes", message, first.note, first.line)]


def _few(found: list[Problem]) -> list[Problem]:
    """At most `MOST` of one code in a note, then one line for the rest."""
    out: list[Problem] = []
    count: Counter[tuple[str, str]] = Counter((p.note, p.code) for p in found)
    seen: Counter[tuple[str, str]] = Counter()
    for p in found:
        key = (p.note, p.code)
        seen[key] += 1
        if seen[key] <= MOST:
            out.append(p)
        elif seen[key] == MOST + 1:
            more = f"and {count[key] - MOST} more of this kind from here on."
            out.append(Problem(p.severity, p.code, more, p.note, p.line))
    return out


# -- text


def _in_text(files: Files, note: Note) -> Iterator[Problem]:
    """Links, fences and captions."""
    path, offset = note.path, note.offset
    seen = files.scans(path) if any(mark in note.text for mark in _LINKS) else None
    if seen:
        if seen.open_fence:
            message = "this code fence is never closed and takes in what follows; close it, with the same indent."
            yield _problem("fence-open", message, path, offset + seen.open_fence)
        empty: dict[int, list[str]] = defaultdict(list)
        for link in seen.links:
            if not link.target:
                empty[link.line].append(link.text)
                continue
            private = files.private(link, path)
            if private:
                yield _problem("paper-private", private, path, offset + link.line)
            complaint = files.complaint(link, path)
            if complaint:
                grade = "warning" if link.kind == "wiki" or complaint.startswith("there is no ") else "error"
                yield Problem(grade, "broken-link", complaint, path, offset + link.line)
        for line, names in empty.items():
            named = ", ".join(f"“{name}”" for name in names if name)
            message = f"the link {named} has no address" if named else "a link has no address"
            yield _problem("empty-link", f"{message}; put one between the brackets.", path, offset + line)
    yield from _rolled(path, note.text, offset)


def _rolled(path: str, text: str, offset: int) -> Iterator[Problem]:
    """Captions in which each line is repeated when the next one comes."""
    rows = [(number, _spoken(line)) for number, line in enumerate(text.split("\n"), 1)]
    said = [(number, words) for number, words in rows if words]
    twice = [at for at in range(1, len(said)) if said[at][1] == said[at - 1][1]]
    if len(twice) >= 12 and len(twice) >= 0.3 * (twice[-1] - twice[0] + 1):
        message = (
            f"{len(twice)} lines repeat the line before, as captions do;"
            " `diary import` of the captions drops the repetitions."
        )
        yield _problem("captions-rolled", message, path, offset + said[twice[0] - 1][0])


def _spoken(line: str) -> str:
    """The words of a caption line; "" for times, numbers and Markdown's rules."""
    words = re.sub(r"<[^<>]*>", "", line).strip()
    return words if re.search(r"[^\W\d_]{2}|[^\W\d_]\W+[^\W\d_]", words) and "-->" not in words else ""


def _empty(note: Note) -> Iterator[Problem]:
    says = any(note.meta.get(key) for key in ("title", "url", "arxiv", "doi", "description"))
    unread = any(p.code == "unreadable" for p in note.problems)
    if not says and not unread and note.page is None and not any(c.isalnum() for c in note.text):
        yield _problem("empty-note", "there is nothing in this note; write something, or remove the file.", note.path)


# -- bytes


def _in_bytes(path: str, data: bytes) -> Iterator[Problem]:
    if len(data) > BIG:
        message = (
            f"this file has {len(data) / 1e6:.1f} MB; split it, or keep raw full texts outside of notes/."
            " Everything in notes/ is on the site and in the search."
        )
        yield _problem("big-file", message, path)
    if data.isascii() and not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)", data):
        return
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:  # told as not-utf-8
        return
    yield from _control(path, text)
    yield from _characters(path, text)


def _control(path: str, text: str) -> Iterator[Problem]:
    """One finding for each control character, where it is first."""
    places: dict[str, list[int]] = defaultdict(list)
    line, since = 1, 0
    for match in _BLANKED.finditer(text):
        line += text.count("\n", since, match.start())
        since = match.start()
        places[match[0]].append(line)
    if len(places.get("\0", ())) > 0.2 * len(text):
        yield _problem("control-bytes", "every other byte is NUL: this is UTF-16; save the file as UTF-8.", path)
        return
    for char, lines in places.items():
        name = _NAMES.get(char, "control character")
        times = f", {len(lines)} times from here on" if len(lines) > 1 else ""
        blank = "line ends" if char == "\r" and "\n" not in text else "a blank is shown"
        message = f"U+{ord(char):04X} ({name}){times}; {blank} in its place. Delete it."
        if char == "\r":
            message = f"carriage returns that end no line{times}; save the file with plain line ends (LF)."
        yield _problem("control-bytes", message, path, lines[0])


def _characters(path: str, text: str) -> Iterator[Problem]:
    """Characters that were lost, and text that was once read in the wrong encoding and saved so."""
    from paperdiary.repair import repair

    if "\ufffd" not in text and not _misread().search(text):
        return
    damaged = repair(text.replace("\r", " "))[1]
    for lost in (r for r in damaged if r.kind == "lost"):
        if "FFFD" not in lost.before.upper():  # a text about this very character
            yield _problem("bad-characters", f"a character is lost in “{lost.before}”; type it anew.", path, lost.line)
    misread = [r for r in damaged if r.kind in {"read-back", "mojibake"}]
    for r in misread if len(misread) <= 5 else misread[:1]:
        message = f"“{r.before}” is probably “{r.after}”, read in the wrong encoding"
        if len(misread) > 5:
            message += f", as are {len(misread) - 1} lines below"
        mend = "type it anew, or bring the file in again with `diary import`, which repairs it."
        yield _problem("bad-characters", f"{message}; {mend}", path, r.line)


@lru_cache(maxsize=1)
def _misread() -> re.Pattern[str]:
    """Two neighbours that may come from UTF-8 read as something else; says which texts are worth a repair."""
    pairs = []
    for codec in ("latin-1", "cp1252", "mac_roman", "cp437"):
        lead, follow = (bytes(range(*ends)).decode(codec, "ignore") for ends in ((0xC2, 0xF5), (0x80, 0xC0)))
        pairs.append(f"[{re.escape(lead)}][{re.escape(follow)}]")
    return re.compile("|".join([*pairs, "[鈥锛銆鐨]"]))  # and of UTF-8 read as GBK: ’ ， 。 的
