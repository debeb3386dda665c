"""Dates as people write them -> ISO 8601."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_RANGE = r"(?:\d{1,2}(?:st|nd|rd|th)?\s*(?:-|–|—|to|and|&)\s*)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_SEP = r"(?:[-/.]|,?\s+)"
_SLIP = r"(?P<year>(?:19|20)\d\d|2[pPoO]\d\d)"  # a key beside the 0
_FORMS = (
    re.compile(rf"(?<!\d){_YEAR}(?P<sep>[-./])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<![A-Za-z0-9]){_RANGE}{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_SLIP}(?!\d)", re.I),
    re.compile(rf"(?<![A-Za-z]){_MONTH}\s+{_RANGE}{_DAY},?\s+{_SLIP}(?!\d)", re.I),
    re.compile(rf"(?<!\d)(?P<a>\d{{1,2}})(?P<sep>[-./])(?P<b>\d{{1,2}})(?P=sep){_YEAR}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?!\d)"),
    re.compile(rf"(?<![A-Za-z])(?<!\d )(?<!\d\w\w )(?<!\d)(?<!of ){_MONTH},?\s+{_YEAR}(?!\d)", re.I),
    re.compile(rf"(?<!\d){_YEAR}\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?:(?P<day>\d{{1,2}})\s*[日号號일])?"),
    re.compile(rf"(?<!\d){_YEAR}{_SEP}{_MONTH}{_SEP}{_DAY}(?![\dA-Za-z])", re.I),
    re.compile(rf"(?<![A-Za-z0-9]){_DAY}[-/.]{_MONTH}[-/.]{_YEAR}(?!\d)", re.I),
    re.compile(rf"(?<![A-Za-z]){_MONTH}[-/.]{_DAY}[-/.]{_YEAR}(?!\d)", re.I),
)


def find_date(text: str, *, day_first: bool = True) -> str | None:
    """The first date in `text` as YYYY-MM-DD, or None.

    A range of days counts as its last day, a month alone as its first. `day_first` decides 04/05/2025
    where both readings are dates.
    """
    first: tuple[int, int, str] | None = None
    text = text[:100_000] if re.search(r"\d", text) else ""
    for rank, form in enumerate(_FORMS):
        for found in form.finditer(text):
            day = _day(found.groupdict(), day_first)
            if day and (first is None or (found.start(), rank) < first[:2]):
                first = (found.start(), rank, day)
    return first[2] if first else None


def _day(parts: dict[str, str | None], day_first: bool) -> str | None:
    if parts.get("a"):
        a, b = int(parts["a"] or 0), int(parts["b"] or 0)
        day, month = (a, b) if (day_first and b <= 12) or a > 12 else (b, a)
    else:
        name = str(parts["month"]).lower()
        month = int(name) if name.isdigit() else _MONTHS[name]
        day = int(parts.get("day") or 1)
    try:
        return dt.date(int(re.sub(r"[pPoO]", "0", parts["year"] or "0")), month, day).isoformat()
    except ValueError:
        return None


_ALONE = re.compile(
    rf"^\W*{_MONTH}(?:[\s,]+{_YEAR})?\W*$"
    rf"|^\W*{_YEAR.replace('<year>', '<first>')}[\s,年/-]+(?:{_MONTH.replace('<month>', '<named>')}"
    r"|(?P<number>0?[1-9]|1[0-2])月?)\W*$",
    re.I,
)


def order_of(text: str) -> bool | None:
    """True where a date has its day first beyond doubt (30/05/2025), False where its month, None in doubt."""
    found = _FORMS[3].search(text)
    if not found:
        return None
    a, b = int(found["a"]), int(found["b"])
    if a > 12 >= b:
        return True
    return False if b > 12 >= a else None


def find_month(text: str) -> tuple[int | None, int] | None:
    """(year or None, month) of a heading that names a month and nothing else: "May 2025", "October", "2025-05"."""
    found = _ALONE.match(text.strip())
    if not found:
        return None
    name = (found["month"] or found["named"] or "").lower()
    month = _MONTHS[name] if name else int(found["number"])
    year = found["year"] or found["first"]
    return (int(year) if year else None), month


def as_date(value: object) -> str | None:
    """A value from YAML (date, datetime, text) as YYYY-MM-DD, or None."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return find_date(str(value)) if value is not None else None
