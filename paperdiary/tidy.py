"""What strangers wrote -> text that can stand in a note: one clean line, a name, a date."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

TITLE, NAME, ABSTRACT = 500, 200, 10_000  #: longest texts in characters
#: control characters, and those that hide or turn text round
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
#: with its semicolon: in an address, `&copy=1` is none
_ESCAPE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|su[bp]|span|p|br|div|font|small|tt|sc|jats:[\w-]+)(?:\s[^<>]*)?/?>", re.I
)


def clean(text: str, limit: int = ABSTRACT) -> str:
    """One line of visible text, no longer than `limit`: no control characters, tags or escapes of HTML."""
    if "&" in text:
        text = _ESCAPE.sub(lambda m: html.unescape(m[0]), text)
    if "<" in text:
        text = _TAG.sub(lambda m: " " if re.match(r"</?(?:p|br|div)\b", m[0], re.I) else "", text)
    text = unicodedata.normalize("NFC", " ".join(INVISIBLE.sub("", text).split()))
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0][: limit - 1].rstrip() + "…"


def name(text: str) -> str:
    """A person as "First Last", whichever way round the page has it."""
    text = re.sub(r"^by\s+", "", clean(text, NAME).strip(" ,;"), flags=re.I)
    parts = [p.strip() for p in text.split(",")]
    if len(parts) == 2 and not re.fullmatch(
        r"(?:inc|ltd|llc|gmbh|co|corp|plc|s\.a|ph\.?d|m\.?d|jr|sr|ii|iii|iv)\.?", parts[1], re.I
    ):
        return f"{parts[1]} {parts[0]}".strip()
    if len(parts) == 3 and re.fullmatch(r"(?:jr|sr|ii|iii|iv)\.?", parts[2], re.I):
        return f"{parts[1]} {parts[0]} {parts[2]}"
    return text


def day(text: Any) -> str | None:
    """ISO 8601 as exact as `text` is: a date, a month or a year."""
    text = str(text or "").strip()[:60]
    found = re.match(r"((?:1[5-9]|20)\d\d)(?:[-/.](\d{1,2})(?![\d])(?:[-/.](\d{1,2})(?!\d))?)?(?!\d)", text)
    if found:
        year, month, date = found[1], int(found[2] or 0), int(found[3] or 0)
        if not 1 <= month <= 12:
            return year
        return f"{year}-{month:02}-{date:02}" if 1 <= date <= 31 else f"{year}-{month:02}"
    from paperdiary.dates import find_date

    exact = find_date(text)
    if exact and re.fullmatch(r"[A-Za-z]+\.?,?\s+\d{4}", text):
        return exact[:7]
    year_only = re.search(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", text)
    return exact or (year_only[0] if year_only else None)
