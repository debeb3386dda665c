"""Words from outside (titles, abstracts) as one line of text, or as Markdown that does nothing but show them."""

from __future__ import annotations

import re

from paperdiary.markup import urls_in

#: what has no place in a line of text: control characters, halves of surrogate pairs, marks that turn text round
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
#: $…$ as most tools read it: no space inside its ends, no digit after it; code signs would reach out of it
_MATH = re.compile(r"(?<![\\$\w])(\$\$?)(?=[^\s$])[^$`]{1,400}(?<=[^\s\\$])\1(?![\w$])")
_SIGNS = re.compile(r"[`*_\[{}|~^=#$]|(?<=\{)%|%(?=\})")
#: no backslash but those that are put here, so that none begins or ends a formula
_ENTITIES = {"\\": "&#92;", "<": "&lt;", ">": "&gt;"}
#: what begins a block when a paragraph begins with it
_LEAD = re.compile(r"^(?:[-+:!?;@%'\"](?=[-+:!?;@%'\"\s\d]|$)|\d{1,9}(?=[.)]))")


def one_line(text: str, most: int) -> str:
    """Text without control characters, its white space brought together, cut at a word after `most` characters."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) > most:
        line = (line[:most].rsplit(" ", 1)[0] or line[:most]).rstrip(",;:") + " …"
    return line


def markdown(text: str) -> str:
    """One line of plain text as Markdown that shows just this; formulas between dollars and addresses stay."""
    text = one_line(text, 20_000)
    urls = {url for url in urls_in(text) if re.match(r"https?://[^\s<>{}\[\]\\`|^]+$", url, re.I)}
    kept = [_MATH.pattern, *(re.escape(url) for url in sorted(urls, key=len, reverse=True))]
    out, at = "", 0
    for found in re.finditer("|".join(kept), text):
        out += _escaped(text[at : found.start()])
        out += f"<{found[0]}>" if found[0] in urls else _formula(found[0])
        at = found.end()
    out += _escaped(text[at:])
    lead = _LEAD.match(out)
    if lead:
        out = f"{lead[0]}\\{out[lead.end() :]}" if lead[0][0].isdigit() else f"\\{out}"
    return out


def _escaped(text: str) -> str:
    text = re.sub(r"&(?=#?\w{1,40};)", "&amp;", text)
    text = re.sub(r"[\\<>]", lambda m: _ENTITIES[m[0]], text)
    return _SIGNS.sub(lambda m: m[0] if text.startswith("&#", m.start() - 1) else f"\\{m[0]}", text)


def _formula(text: str) -> str:
    """A formula in which no tag and no placeholder begins; a space means nothing there. With a link it is none."""
    if re.search(r"\]\(|\[\[|\]:|://", text):
        return _escaped(text)
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
    return re.sub(r"([{}])(?=[{}%#])|(?<=[%#])(?=\})", lambda m: f"{m[0]} ", text)
