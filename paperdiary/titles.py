"""What an entry is called, and what its file's name says."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from paperdiary import fields
from paperdiary.markup import Block, urls_in
from paperdiary.slugs import pretty
from paperdiary.spans import TODO, Span

_EMOJI = re.compile(r"^(?:[\u2190-\u2bff\u3030\U0001f000-\U0001faff]\ufe0f?\s*)+")
_YEAR = r"(?:19|20)\d\d"
_VENUE = r"[A-Za-z][A-Za-z+&'’ .-]{0,24}"
TITLE_YEAR = re.compile(
    rf"\s*[\[(（【]\s*(?:{_VENUE}[,\s'’]*)?(?P<year>{_YEAR})(?:[,\s]+{_VENUE})?\s*[\])）】]\s*$"
    rf"|^\s*[\[(【]\s*(?:{_VENUE}[,\s'’]*)?(?P<first>{_YEAR})(?:[,\s]+{_VENUE})?\s*[\])】]\s*[:：-]?\s*"
)
_GENERIC = re.compile(
    r"^\W*(?:paper|the paper|papers?|paper notes?|notes?|paper title|title|reading notes?|paper summary|summary"
    r"|paper review|review|"
    r"论文|论文笔记|论文阅读|阅读笔记|笔记|論文|論文メモ)\W*$",
    re.I,
)
_NAME_DATE = re.compile(r"^(?P<lead>(?:19|20)\d\d-\d\d-\d\d)[-_ ]+|[-_ ](?P<tail>(?:20)?\d{6})$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def clean_title(text: str) -> str:
    """A title without its marks: [TODO], signs of status, emphasis."""
    text = _EMOJI.sub("", TODO.sub(" ", text))
    return " ".join(fields.words_of(text).split()).strip(" *_")


def title_block(blocks: list[Block], meta: dict[str, Any]) -> Block | None:
    """The heading that shows the title of a note with one entry."""
    heading = next((b for b in blocks if b.kind == "heading"), None)
    if heading is None or blocks.index(heading) > 3:
        return None
    title = str(meta.get("title") or "").strip()
    if title:
        return heading if _letters(heading.text) == _letters(title) else None
    if fields.SECTION.match(heading.text) and not _GENERIC.match(heading.text):
        return None
    return heading


def _letters(text: str) -> str:
    """What two spellings of one title share."""
    return re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", text)).lower()


def name_title(path: str) -> str:
    """A title from the file's name; a README is called after its folder."""
    pure = PurePosixPath(path)
    stem = (
        pure.parent.name
        if pure.stem.lower() in {"readme", "note", "notes", "index"} and pure.parent.name
        else pure.stem
    )
    found = _NAME_DATE.search(stem)
    if found:
        stem = stem[: found.start()] + stem[found.end() :] or stem
    return pretty(stem)


def find_title(span: Span, values: dict[str, Any], lines: list[str], path: str, single: bool) -> tuple[str, str]:
    """(title, as it was written)."""
    given = str(values.get("title") or "").strip()
    raw = span.heading.text if span.heading else ""
    if given and not fields.unfilled(given):
        return clean_title(given), raw or given
    if raw and not _GENERIC.match(raw) and not fields.unfilled(raw):
        if single and _CJK.search(raw) and len(re.findall(r"[A-Za-z]{2,}", raw)) < 3:
            original = _originalfind_title(span)
            if original:
                return original, raw
        return clean_title(raw), raw
    below = next((b for b in span.blocks[:3] if b.kind in {"text", "list", "heading", "quote"}), None)
    if raw and below and below.text:
        first = below.text.split("\n")[0]
        if 2 <= len(first.split()) <= 30 and not fields.parse_row(first) and not urls_in(first):
            return clean_title(first), raw
    if not raw:
        rows = [line for line in lines[span.start : span.end] if line.strip()][:1]
        bold = re.match(r"^\s*(?:\*\*|__)(?P<title>[^*_]{3,200})(?:\*\*|__)\s*[:：]?\s*$", rows[0]) if rows else None
        if bold and not fields.SECTION.match(bold["title"]):
            return clean_title(bold["title"]), bold["title"]
        tag = re.search(
            r"<h[1-3][^>]*>(?P<title>.*?)</h[1-3]>", "\n".join(lines[span.start : span.start + 12]), re.S | re.I
        )
        if tag:
            return clean_title(re.sub(r"<[^>]+>", " ", tag["title"])), tag["title"]
    return (name_title(path), "") if single or not raw else (clean_title(raw), raw)


def _originalfind_title(span: Span) -> str | None:
    """The title in the paper's own language, quoted below a heading in the reader's."""
    for block in span.blocks[:2]:
        first = block.text.split("\n")[0].strip()
        if (
            block.kind == "quote"
            and 3 <= len(first.split()) <= 25
            and not _CJK.search(first)
            and first[-1:] not in ".。"
        ):
            return clean_title(first)
    return None


def name_date(path: str) -> str:
    """The day in a file's name, as YYYY-MM-DD text: "2020-04-26-title" or "title-200426"."""
    found = _NAME_DATE.search(PurePosixPath(path).stem)
    if not found:
        return ""
    digits = found["lead"] or found["tail"]
    if len(digits) == 6:
        digits = f"20{digits}"
    return digits if "-" in digits else f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def common_words(a: str, b: str) -> set[str]:
    """Words that two titles share."""
    words = [set(re.findall(r"\w{3,}", t.lower())) for t in (a, b)]
    return words[0] & words[1]
