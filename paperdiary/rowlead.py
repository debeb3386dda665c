"""What people put before a title: a checkbox, a date, a number, "[CVPR 2020]", "arXiv 2023.10,", a link."""

from __future__ import annotations

import re

from paperdiary.dates import find_date
from paperdiary.listsyntax import LINK
from paperdiary.listwords import VENUES, YEAR, says_what, words_in

_EMOJI = r"(?:[\u2190-\u2bff\u3030\U0001f000-\U0001faff]\ufe0f?|:[a-z0-9_+-]{2,30}:)"
_BOX = re.compile(r"^\[(?P<mark>[ xX✓✔-])\]\s+|^(?P<sign>[☐⬜🔲☑✅✔])\ufe0f?\s*")
_LEAD_DATE = re.compile(
    rf"^[\[(（【*_`]{{0,3}}(?P<date>{YEAR}(?:[01]\d[0-3]\d|[-/.][01]?\d[-/.][0-3]?\d)|[0-3]?\d[-/.][01]?\d[-/.]{YEAR}|{YEAR}年\d{{1,2}}月\d{{1,2}}日?)[\])）】*_`]{{0,3}}\s*[:：,|]?\s*[-–—]?\s*(?=\S)"
)
_LEAD_NUMBER = re.compile(r"^(?:\(?\[?\d{1,3}\]?\)?[.)、]|\[\d{1,3}\](?!\())\s+")
_LEAD_TAG = re.compile(
    r"^[*_`]{0,3}[\[(（【](?P<tag>[^\[\]()（）【】]{1,40})[\])）】][*_`]{0,3}(?!\()\s*[:：,-]?\s*(?=\S)"
)
_LEAD_CODE = re.compile(r"^`(?P<tag>[^`]{1,40})`\s*[:：,|-]?\s*(?=\S)")
_LEAD_VENUE = re.compile(
    rf"^[*_]{{0,3}}(?P<venue>(?:(?:arXiv|arxiv|bioRxiv|[A-Z])[\w.&/'’-]*\s+){{0,4}}(?P<year>{YEAR})(?:[./-]\d{{1,2}})?)[*_]{{0,3}}(?P<more>(?:\s+\(?[\w-]+\)?){{0,5}}?)[*_]{{0,3}}\s*(?P<sep>[,，:：]|\s[-–—|])\s*(?=\S)"
)
_LEAD_SHORT = re.compile(
    rf"^[*_]{{0,3}}(?:{VENUES})(?:\W?(?:'|’)?(?P<year>{YEAR}|\d\d)(?!\d))?[*_]{{0,3}}\s*(?:[,，:：|]|-\s)\s*(?=\S)"
)
_LEAD_LINK = re.compile(
    rf"^(?:{_EMOJI}\s*)*[\[(（]?\[?\[?(?P<label>[^\[\]]{{0,60}})\]?\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)[\])）]?\s*[:：,|/-]?\s*"
)
_LEAD_SIGN = re.compile(rf"^(?:{_EMOJI}|[~★☆•·‣>|]|⭐)\s*")


def lead(row: str) -> tuple[int, str, str, str, bool]:
    """(where the title may begin, checkbox, date, year, whether a link was passed): what people put before a title."""
    at, box, day, year, lead = 0, "", "", "", False
    for _ in range(8):
        rest = row[at:]
        space = len(rest) - len(rest.lstrip())
        if space:
            at += space
            continue
        found = _BOX.match(rest)
        if found and not box:
            mark = found["mark"] or ("x" if found["sign"] in "☑✅✔" else " ")
            box = "x" if mark in "xX✓✔" else " "
            at += found.end()
            continue
        found = _LEAD_DATE.match(rest)
        if found and not day:
            day = find_date(found["date"].replace("年", "-").replace("月", "-").replace("日", "")) or ""
            at += found.end()
            continue
        filed = re.match(rf"^(?P<year>{YEAR}|\d\d)_(?:[A-Za-z][A-Za-z&-]{{1,10}}_)?(?=[A-Z])", rest)
        if filed:
            year = year or (filed["year"] if len(filed["year"]) == 4 else "")
            at += filed.end()
            continue
        numbered = (
            _LEAD_NUMBER.match(rest)
            or _LEAD_SIGN.match(rest)
            or re.match(rf"^{YEAR}[01]\d00\s+", rest)
            or re.match(rf"^{YEAR}0000\s+", rest)
        )
        if numbered:
            at += numbered.end()
            continue
        tag = _LEAD_TAG.match(rest) or _LEAD_CODE.match(rest)
        if tag and words_in(tag["tag"]) <= 5 and not re.match(r"[a-z]+ ", tag["tag"]):
            named = re.search(rf"(?<!\d){YEAR}(?!\d)", tag["tag"])
            year = year or (named[0] if named else "")
            at += tag.end()
            continue
        link = _LEAD_LINK.match(rest)
        if link and says_what(link["label"]) and re.search(r"[^\W\d_]{3}", LINK.sub(" ", rest[link.end() :])):
            named = re.search(rf"(?<!\d){YEAR}(?!\d)", link["label"])
            year = year or (named[0] if named else "")
            at += link.end()
            lead = True
            continue
        venue = _LEAD_VENUE.match(rest)
        if venue and (venue["sep"] in ",，" or not venue["more"].strip()) and re.search(r"\w", rest[venue.end() :]):
            year = year or venue["year"]
            at += venue.end()
            continue
        short = _LEAD_SHORT.match(rest)
        if short:
            digits = short["year"] or ""
            year = year or (digits if len(digits) == 4 else f"20{digits}" if digits else "")
            at += short.end()
            continue
        break
    return at, box, day, year, lead
