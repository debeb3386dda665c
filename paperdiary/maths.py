"""Where the formulas of a note lie: rules for its parser. `mathml.py` draws them.

Found are `$..$`, `$$..$$`, `\\(..\\)`, `\\[..\\]`, environments such as `\\begin{align}`, and GitHub's
``$`..`$`` and ```` ```math ````. A dollar opens math under Pandoc's rule (no space after it; the one that
closes has no space before it and no digit after it) and only where what lies between is no prose or price.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_ENVIRONMENTS = "equation|align|alignat|aligned|gather|multline|eqnarray|flalign|displaymath"
_BEGIN = re.compile(rf"\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}")
_OPEN = re.compile(rf"\$\$|\\\\?\[|{_BEGIN.pattern}")
_CLOSE = {"$$": "$$", "\\[": "\\]", "\\\\[": "\\\\]", "\\(": "\\)", "\\\\(": "\\\\)"}
#: what may stand behind a display formula on its last line: a full stop, or its number
_BEHIND = re.compile(r"\s*(?:(?P<stop>[.,;:]?)|\((?P<number>\w{1,8})\))\s*$")
_SIGN = re.compile(r"\$+|\\.?", re.S)
_MARK = re.compile(r"[\\^_{=]")
_WORD = re.compile(r"[A-Za-z]{3,}|[\u3040-\u30ff\u4e00-\u9fff]{2,}")
_ROWS = 80  #: lines of the longest formula that holds blank ones
_MOST_ROWS = 200  #: and of the longest
_LONGEST = 20_000  #: signs of the longest


def find(src: str, pos: int, end: int) -> tuple[int, str, bool] | None:
    """The formula that starts at `pos`: (where it ends, its LaTeX, whether it stands on its own line)."""
    if src[pos] == "$":
        if src.startswith("$$", pos):
            close = _closing(src, "$$", pos + 2, end)
            latex = src[pos + 2 : close]
            if close < 0 or not latex.strip() or "$" in (latex[0], src[close + 2 : close + 3]) or _is_prose(latex):
                return None
            return close + 2, latex, True
        return _dollar(src, pos, end)
    opening = next((o for o in ("\\\\(", "\\\\[", "\\(", "\\[") if src.startswith(o, pos)), "")
    if opening:
        start = pos + len(opening)
        close = src.find(_CLOSE[opening], start, min(end, start + _LONGEST))
        latex = src[start:close]
        square = opening.endswith("[")
        if close < 0 or not latex.strip() or _is_prose(latex):
            return None
        if not (_MARK.search(latex) or (not square and len(latex.strip()) <= 3)):
            return None  # \[1\] and \(see below\) are brackets that someone escaped
        return close + len(opening), latex, square
    begin = _BEGIN.match(src, pos, end)
    if begin:
        closing = f"\\end{{{begin['name']}}}"
        close = src.find(closing, begin.end(), min(end, pos + _LONGEST))
        return (close + len(closing), src[pos : close + len(closing)], True) if close >= 0 else None
    return None


def parts(text: str) -> list[tuple[str, str]]:
    """A line cut into (its source, ""), and (its source, its LaTeX) for each formula in it."""
    out: list[tuple[str, str]] = []
    at = place = 0
    while len(text) <= _LONGEST and (sign := _SIGN.search(text, place)):
        found = find(text, sign.start(), len(text))
        place = found[0] if found else sign.end()
        if found:
            out += [(text[at : sign.start()], ""), (text[sign.start() : place], found[1])]
            at = place
    return [part for part in [*out, (text[at:], "")] if part[0]]


def _closing(src: str, mark: str, start: int, end: int) -> int:
    """Where the next `mark` is that no backslash escapes; -1 for none in reach of a formula."""
    end = min(end, start + _LONGEST)
    at = src.find(mark, start, end)
    while at >= 0:
        slashes = at
        while slashes > start and src[slashes - 1] == "\\":
            slashes -= 1
        if (at - slashes) % 2 == 0:
            break
        at = src.find(mark, at + 1, end)
    return at


def _dollar(src: str, pos: int, end: int) -> tuple[int, str, bool] | None:
    close = _closing(src, "$", pos + 1, end)
    for _ in range(4):
        if close < 0:
            return None
        latex = src[pos + 1 : close]
        if latex.count("{") - latex.count("\\{") <= latex.count("}") - latex.count("\\}"):
            break
        close = _closing(src, "$", close + 1, end)  # this one is inside \text{..}
    else:
        return None
    before, after = src[pos - 1 : pos], src[close + 1 : close + 2]
    if len(latex) > 2 and latex[0] == latex[-1] == "`":  # GitHub's $`..`$
        return close + 1, latex[1:-1], False
    if not latex or latex[0].isspace() or latex[-1].isspace() or after.isdigit() or after == "$":
        return None
    if "`" in latex or "](" in latex or "://" in latex or _is_prose(latex):
        return None
    marked = bool(_MARK.search(latex))
    if before.isascii() and before.isalnum() and not marked:
        return None  # US$5, or a name
    if after.isascii() and after.isalpha() and not marked and len(latex) > 2:
        return None  # $HOME/bin:$PATH
    return close + 1, latex, False


def _is_prose(latex: str) -> bool:
    """True for words or prices between two dollars that have nothing to do with each other."""
    bare = re.sub(r"\\[A-Za-z]+(?:\s*\{[^{}]*\})?|[_^]\{[^{}]*\}", " ", latex)
    words = _WORD.findall(bare)
    if not _MARK.search(latex):
        price = re.match(r"\s*\d[\d.,]*\s?(?:[kKMB]\b|.*[A-Za-z]{2,})", latex, re.S)
        return len(words) >= 2 or bool(price) or bool(re.search(r"[.!?;][\"'”’]?\s", latex))
    return bool(re.match(r"\d[\d.,]*[kKMB]?\s", latex)) and len(words) >= 2 and not re.search(r"\\[a-z]", latex)


def inline_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for a formula inside text."""
    if state.src[state.pos] not in "$\\":
        return False
    found = find(state.src, state.pos, state.posMax)
    if not found:
        return False
    end, latex, display = found
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.info, token.markup = latex, "display" if display else "", state.src[state.pos : end]
    state.pos = end
    return True


def block_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """markdown-it's rule for a formula that has its lines to itself; no line of it is a list or heading."""
    if state.is_code_block(start):
        return False
    first = _line(state, start)
    opening = _OPEN.match(first)
    if not opening:
        return False
    name = opening["name"]
    closing = f"\\end{{{name}}}" if name else _CLOSE[opening[0]]
    place = state.bMarks[start] + state.tShift[start] + opening.end()
    close = following(state, closing, place, state.src)
    if close < 0 or (start + _MOST_ROWS < len(state.bMarks) and close > state.bMarks[start + _MOST_ROWS]):
        return False
    rows: list[str] = []
    blank = False
    for number in range(start, end):
        line = first[opening.end() :] if number == start else _line(state, number)
        if number > start and line and state.sCount[number] < state.blkIndent:
            return False
        blank = blank or not line
        if blank and (number - start > _ROWS or re.match(r"#{1,6}\s|```|~~~", line)):
            return False
        at = line.find(closing)
        if at >= 0:
            behind = _BEHIND.match(line, at + len(closing))
            latex = "\n".join([*rows, line[:at]])
            plain = not _MARK.search(latex) if closing != "$$" else _is_prose(latex)
            if not behind or not latex.strip() or (plain and not name):
                return False
            break
        rows.append(line)
    else:
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.map = [start, number + 1]
        latex = f"\\begin{{{name}}}{latex}{closing}" if name else latex
        tag = f" \\tag{{{behind['number']}}}" if behind["number"] and "\\tag" not in latex else ""
        token.content = latex + (behind["stop"] or "") + tag
        token.markup = "\n".join(_line(state, n) for n in range(start, number + 1))
        state.line = number + 1
    return True


def following(state: StateBlock, mark: str, place: int, text: str) -> int:
    """Where `mark` is next in `text` from `place` on, -1 for nowhere: looked for once, not from each line."""
    known: tuple[int, int] = state.env.get(f"following {mark}", (0, -2))
    since, at = known
    if at == -2 or place < since or 0 <= at < place:
        at = text.find(mark, place)
        state.env[f"following {mark}"] = (place, at)
    return at


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()
