"""Captions of a talk (WebVTT, SRT, a transcript copied from YouTube) -> a note in paragraphs.

Automatic captions roll: each line is shown two or three times, as the one being spoken and as the one above.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from paperdiary.config import Config
from paperdiary.importing.draft import Draft, Found
from paperdiary.importing.item import front_matter
from paperdiary.repair import Repair, repair
from paperdiary.slugs import pretty

SUFFIXES = (".vtt", ".srt", ".sbv")
WORDS = 100  #: of a paragraph, about
_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}"
_CUE = re.compile(rf"^\s*{_CLOCK}[.,]\d{{1,3}}\s*(?:-->|,)\s*{_CLOCK}[.,]\d{{1,3}}")
#: a time as YouTube copies it, alone or before the words; it may be followed by its name ("1 minute, 3 seconds")
_STAMP = re.compile(
    rf"^\s*[\[(]?(?P<clock>{_CLOCK})[\])]?(?:\s*(?:\d+ (?:hours?|minutes?|seconds?),?\s*)+)?(?=\s|$|[^\W\d])"
    r"\s*[-–:]?\s*"
)
_HEAD = re.compile(r"^(?:Kind|Language):\s*\S+\s*$", re.I)
_TAG = re.compile(r"</?(?:c|i|b|u|v|lang|ruby|rt|font)\b[^<>\n]*>|<[\d:.]+>|\{\\an?\d+\}", re.I)
_SPEAKER = re.compile(r"<v(?:\.[\w.-]+)?\s+([^<>\n]+)>", re.I)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"'”’)])\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Captions:
    """What is said."""

    lines: tuple[str, ...]
    language: str = ""  #: "en"
    rolled: int = 0  #: lines that were dropped as repeated


def read(path: Path, config: Config) -> Found:
    """One captions file as a draft of one note of kind talk."""
    data = path.read_bytes()
    text, repairs = repair(data)
    return Found((draft(path, path.name, text, repairs),))


def draft(path: Path, name: str, text: str, repairs: list[Repair]) -> Draft:
    """The note of a captions file that would lie at `name`."""
    found = parse(text)
    folder, _, file = name.rpartition("/")
    stem, video = _stem(file)
    if found.rolled:
        before, after = len(text.split()), sum(len(line.split()) for line in found.lines)
        told = f"{after:,} words, without {found.rolled:,} lines that roll over"
        repairs = [*repairs, Repair(1, "captions", f"{before:,} words", told)]
    note = as_note(found, pretty(stem), f"https://www.youtube.com/watch?v={video}" if video else "")
    return Draft(path, f"{folder}/{stem}.md" if folder else f"{stem}.md", note.encode(), repairs=tuple(repairs))


def _stem(file: str) -> tuple[str, str]:
    """(name without suffix and language, id of the video where the name ends in one, as yt-dlp writes it)."""
    stem = re.sub(r"\.(?:vtt|srt|sbv|txt|text|md)$", "", file, flags=re.I)
    stem = re.sub(r"\.[a-z]{2}(?:-[A-Za-z]{2,4}|-orig)*$", "", stem)
    video = re.search(r"\s*\[(?P<id>[\w-]{11})\]$", stem)
    if video and video.start():
        return stem[: video.start()], video["id"]
    return stem, ""


def is_captions(text: str) -> bool:
    """True for captions with times, with their header, or rolled; and for a transcript copied with its times."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return False
    if re.match(r"WEBVTT(?:\s|$)", lines[0]) or (_HEAD.match(lines[0]) and "captions" in lines[0].lower()):
        return True
    cues = sum(bool(_CUE.match(line)) for line in lines)
    if cues >= 2 and cues >= 0.1 * len(lines):
        return True
    if any(re.match(r"\s*(?:#{1,6}\s|[-*+]\s|```|\|)", line) for line in lines[:200]) or "](" in text:
        return False
    same = sum(a.strip() == b.strip() for a, b in pairwise(lines))
    return (len(lines) >= 40 and same >= 0.35 * len(lines)) or _is_copied(lines)


def _is_copied(lines: list[str]) -> bool:
    """Times go up in small steps; the chapters of a talk, which a reader notes down, are minutes apart."""
    stamps = [_seconds(m["clock"]) for line in lines if (m := _STAMP.match(line))]
    if len(stamps) < 5 or len(stamps) < 0.3 * len(lines):
        return False
    steps = sorted(b - a for a, b in pairwise(stamps))
    return steps[0] >= 0 and steps[len(steps) // 2] <= 30


def _seconds(clock: str) -> int:
    total = 0
    for part in clock.split(":"):
        total = 60 * total + int(part)
    return total


def parse(text: str) -> Captions:
    """The spoken lines of captions, each once."""
    lines = text.split("\n")
    language = next((m[1] for line in lines[:12] if (m := re.match(r"Language:\s*(\S+)\s*$", line, re.I))), "")
    timed = sum(bool(_CUE.match(line)) for line in lines) >= 1
    cues = _cues(lines) if timed else _loose(lines)
    spoken = [line for cue in cues for line in cue]
    repeats = sum(a == b for a, b in pairwise(spoken))
    if repeats < (0.15 if len(spoken) > 20 else 0.4) * len(spoken):  # people do say a word twice
        return Captions(tuple(spoken), language)
    kept = _unrolled(spoken)
    return Captions(tuple(kept), language, len(spoken) - len(kept))


def _cues(lines: list[str]) -> list[list[str]]:
    """The text of each timed cue; header, numbers, styles and comments are no text."""
    out: list[list[str]] = []
    block: list[str] = []
    skipping = True  # until the first cue
    for number, line in enumerate([*lines, ""]):
        if _CUE.match(line):
            if block and (number < 2 or not lines[number - 2].strip()):
                block.pop()  # the cue's number or name
            if block:
                out.append(block)
            block, skipping = [], False
        elif not line.strip():
            out.append(block)
            block = []
        elif re.match(r"(?:NOTE|STYLE|REGION)(?:\s|$)", line) and not block:
            skipping = True
        elif not skipping:
            block.append(line)
    return [cleaned for cue in out if (cleaned := [c for line in cue if (c := _clean(line))])]


def _loose(lines: list[str]) -> list[list[str]]:
    """Lines without cues; times that were copied with them go where the file is full of them."""
    stamped = _is_copied([line for line in lines if line.strip()])
    out = []
    for number, line in enumerate(lines):
        if number < 12 and (_HEAD.match(line) or re.match(r"WEBVTT\b", line)):
            continue
        words = _clean(_STAMP.sub("", line, count=1) if stamped else line)
        if words:
            out.append([words])
    return out


def _clean(line: str) -> str:
    line = _TAG.sub("", _SPEAKER.sub(r"\1: ", line))
    return " ".join(html.unescape(line).split())


def _unrolled(lines: list[str], most: int = 3) -> list[str]:
    """Lines without those that repeat the last one, two or three that were kept."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        same = next((k for k in range(most, 0, -1) if kept[-k:] == lines[at : at + k] and len(kept) >= k), 0)
        if not same:
            kept.append(lines[at])
        at += same or 1
    return kept


def paragraphs(lines: tuple[str, ...]) -> list[str]:
    """About `WORDS` words each, ended with a sentence where there are sentences."""
    out: list[str] = []
    now: list[str] = []
    size = 0
    for line in lines:
        for piece in _SENTENCE.split(line):
            if not piece:
                continue
            now.append(piece)
            size += max(len(piece.split()), len(piece) // 10)
            ended = piece[-1] in '.!?…。！？"”'
            if size >= WORDS and (ended or size >= 1.6 * WORDS):
                out.append(" ".join(now))
                now, size = [], 0
    return [*out, " ".join(now)] if now else out


def as_note(found: Captions, title: str, url: str = "") -> str:
    """Front matter and paragraphs."""
    body = "\n\n".join(_plain(text) for text in paragraphs(found.lines))
    values = {"title": title, "url": url, "kind": "talk", "language": found.language}
    return f"{front_matter(values)}\n{body}\n"


def _plain(text: str) -> str:
    """Spoken words as Markdown that shows just these words."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)
    text = re.sub(r"([*_`\\])", r"\\\1", text)
    return re.sub(r"^(?=[#>+=~:-])|^(\d+)(?=[.)]\s)", r"\1\\", text)
