"""The title of a paper: the lines of its first page that size, place and words speak for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paperdiary.pdf_abstract import Start
from paperdiary.pdf_layout import Line, Page
from paperdiary.pdf_marks import FUNCTION, HEADING, JOURNAL, MASTHEAD, NO_TITLE, NUMBERED, PLACE, STOP
from paperdiary.pdf_text import Words


def title_lines(pages: Sequence[Page], body: float, start: Start | None, hint: str) -> list[Line]:
    """The lines of the title, and of its subtitle."""
    spare: list[Line] = []
    for number, page in enumerate(pages[:3]):
        if start and number > start.page:
            break
        limit = start.index - 1 if start and start.page == number else len(page.lines)
        runs = _runs(page.lines[:limit], body)
        best, best_score = None, 0.5
        scores = [_score(run, index, page, body, hint) for index, run in enumerate(runs)]
        ample = any(
            s > 3 and run[0].size > 1.25 * body and _words(run) > 2 for s, run in zip(scores, runs, strict=True)
        )
        for index, (run, score) in enumerate(zip(runs, scores, strict=True)):
            if ample and _words(run) < 3 and not run[0].text[:1] > "\u2e80":
                score -= 4  # a journal's name, a mark of the publisher
            if score > best_score:
                best, best_score = index, score
        if best is not None:
            return _with_subtitle(runs, best, body)
        if not spare and runs and max(scores) > -4:
            spare = list(runs[scores.index(max(scores))])
    return spare if start else []


def _runs(lines: Sequence[Line], body: float) -> list[list[Line]]:
    """Lines of one face and size, one under the other."""
    out: list[list[Line]] = []
    for line in sorted(lines, key=lambda ln: (round(ln.y0), ln.x0)):
        for run in reversed(out):
            last = run[-1]
            if (
                min(last.y1, line.y1) - max(last.y0, line.y0) > 0.6 * (line.y1 - line.y0)
                and (last.size, last.bold, last.italic) == (line.size, line.bold, line.italic)
                and 0 <= line.x0 - last.x1 < 2.5 * line.size
                and line.size > 1.2 * body
            ):
                run.append(line)  # a wide space in a line of the title
                break
            if (
                abs(last.size - line.size) < 0.06 * line.size
                and (
                    (last.bold, last.italic) == (line.bold, line.italic)
                    or (line.size > 1.25 * body and line.y0 - last.y1 < 0.4 * line.size)
                )
                and (
                    last.text.isupper() == line.text.isupper()
                    or line.y0 - last.y1 < 0.4 * line.size
                    or len(line.text) < 4
                )
                and -0.35 * line.size < line.y0 - last.y1 < (1.05 if line.size > 1.2 * body else 0.75) * line.size
                and not re.match(r"by\s[A-Z]", line.text)
                and min(max(o.x1 for o in run), line.x1) > max(min(o.x0 for o in run), line.x0)
            ):
                run.append(line)
                break
        else:
            out.append([line])
    return out


def _score(run: Sequence[Line], index: int, page: Page, body: float, hint: str) -> float:
    text = " ".join(ln.text for ln in run)
    letters = sum(c.isalpha() for c in text)
    count = len(text.split())
    cjk = sum(c > "\u2e80" for c in text)
    if any(h.fullmatch(text) for h in HEADING) or NO_TITLE.match(text):
        return 0.0
    if letters < 3 or count > 60 or letters < 0.4 * len(text.replace(" ", "")):
        return 0.0
    size = run[0].size
    score = 10 * (min(size / body, 2.4) - 1) + 1.0
    score += 1.5 * run[0].bold + (0.8 if text.isupper() else 0)
    if abs(run[0].middle - page.width / 2) < 0.04 * page.width:
        score += 0.6
    score -= {1: 3.5, 2: 1.2}.get(count, 0) if cjk < 4 else 0
    score -= 6 if count == 1 and any(c.isdigit() for c in text) else 0
    score -= 6 if count > 35 else 0
    score -= 5 * max(0.0, run[0].y0 / page.height - 0.55)
    score -= 0.15 * index
    if MASTHEAD.match(text) or JOURNAL.fullmatch(text):
        score -= 8
    if PLACE.search(text):
        score -= 3 if count <= 9 else 0.5
    if _names(run):
        score -= 5 if size < 1.4 * body else 2.5
    if NUMBERED.match(text) or STOP.match(text) or re.match(r"(?:figure|fig\.|table)\s?\d", text, re.I):
        score -= 10
    if len(run) > 5 and size < 1.15 * body:
        score -= 10
    if (
        len(hint) > 8
        and _plain(hint)
        and (_plain(hint) in _plain(text) or (len(_plain(text)) > 12 and _plain(text) in _plain(hint)))
    ):
        score += 6
    return score


def _words(run: Sequence[Line]) -> int:
    return sum(len(ln.text.split()) for ln in run)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _names(run: Sequence[Line]) -> bool:
    """True for a line of authors: names with commas, initials, marks."""
    text = " ".join(ln.text for ln in run)
    if re.match(r"(?:by|par|von)\s[A-Z]", text):
        return True
    words = re.findall(r"[^\W\d_][\w’'-]*", text)
    if not words or any(
        w in FUNCTION - {"and", "de", "la", "van", "der", "von", "le", "des", "du", "y", "et"} for w in words
    ):
        return False
    chunks = [c.strip() for c in re.split(r",|;|&|·|•|\band\b|\|", text) if c.strip(r" \d*∗†‡§¶")]
    named = [
        c
        for c in chunks
        if re.fullmatch(r"(?:[^\W\d_][\w.’'-]*\s){1,4}[^\W\d_][\w.’'-]*[\d\s*∗†‡§¶,⋆]*", c) and c[0].isupper()
    ]
    if len(chunks) >= 2 and len(named) >= 0.75 * len(chunks) and all(len(c.split()) <= 5 for c in chunks):
        return ":" not in text
    if (
        re.match(r"(?:by\s)?(?:[A-Z][\w.’'-]*\s){2,4}(?:and|&)\s(?:[A-Z][\w.’'-]*(?:\s|$)){2,4}", text)
        and ":" not in text
    ):
        return True
    return bool(re.match(r"(?:by\s)?(?:[A-Z]\.[\s-]?){1,3}\s?[A-Z][\w’'-]+", text)) and len(words) <= 6


def _with_subtitle(runs: Sequence[Sequence[Line]], best: int, body: float) -> list[Line]:
    title = list(runs[best])
    for run in sorted(runs, key=lambda r: r[0].y0):
        if run is runs[best] or run[0].y0 < title[-1].y1 - 0.4 * title[-1].size:
            continue
        text = " ".join(ln.text for ln in run)
        gap = run[0].y0 - title[-1].y1
        if gap > 1.6 * title[-1].size or min(run[0].x1, title[-1].x1) <= max(run[0].x0, title[-1].x0):
            break
        goes_on = re.search(r"[:—–-]$|\b(?:and|of|for|the|in|on|with|to|via|a|an)$", title[-1].text) is not None
        count = len(text.split())
        ordinary = any(w in FUNCTION for w in text.split())
        named = any(_names([ln]) or re.fullmatch(r"(?:[A-Z][\w.’'-]*\s?){2,4}", ln.text) for ln in run)
        alike = run[0].bold == title[0].bold and run[0].size > 1.12 * body
        if MASTHEAD.match(text) or PLACE.search(text) or _names(run) or STOP.match(text) or count > 30:
            break
        if (goes_on and run[0].size > 0.95 * body) or (
            alike and ordinary and count >= 3 and not named and not text.startswith("(")
        ):
            title += run
        break
    return title


def spelt(lines: Sequence[Line], words: Words) -> str:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and abs(groups[-1][-1].size - line.size) < 0.06 * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    parts = [
        re.sub(r"\s*[*∗†‡§¶⋆♯]+$|(?<=[a-z)?])\d$", "", words.paragraph([ln.text for ln in g])).strip() for g in groups
    ]
    title = ""
    for part in parts:
        part = words.titled(part)
        if title:
            title += " " if title.endswith((":", "—", "–", "-", "?", "!", ",")) or part[:1].islower() else ": "
        title += part
    title = re.sub(r"\s+([,:;?!])", r"\1", re.sub(r"[.\s]+$", "", title) if title.count(".") == 1 else title)
    return title.strip(" *∗†‡⋆")
