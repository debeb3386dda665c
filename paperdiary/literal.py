"""Code between fences, and the cells of a table's row: text that is taken apart or kept as it is."""

from __future__ import annotations

import re
from html import escape

_LANGUAGE = re.compile(r"\{?\.?(?P<name>[\w#+-][\w#.+-]*)")
_OPTIONS = re.compile(r"(?:[ \t]+(?:title=\"[^\"\n]*\"|linenums=\"\d+\"|hl_lines=\"\d+(?:-\d+)?(?: \d+(?:-\d+)?)*\"))*")
_PIPES = re.compile(r"\\.|`+|\$|\|", re.S)


def fence(content: str, info: str, mark: str) -> list[str]:
    """Code between fences; what its first line says beside the language is the title."""
    body = content[:-1] if content.endswith("\n") else content
    runs = {sign: max((len(m[1]) for m in re.finditer(rf"(?m)^[ \t]*({sign}+)", body)), default=0) for sign in "`~"}
    sign = mark[:1] or "`"
    if runs[sign] > 100:  # none that anyone wrote
        sign = min(runs, key=lambda s: runs[s])
    mark = sign * max(3, runs[sign] + 1)
    found = _LANGUAGE.match(info)
    name = found["name"] if found else ""
    rest = info[found.end() :] if found else info
    if not _OPTIONS.fullmatch(rest.rstrip()) and not re.fullmatch(r"\{\s*\.[^{}\n]*\}", info):
        words = rest.strip(" \t{}:,")
        rest = f' title="{escape(words)}"' if re.search(r"[^\W\d_]", words) else ""
        info = f"{name}{rest}" if name else rest.strip()
    info = info.replace("<", "&lt;")  # a title is put on the page as it is
    return [f"{mark} {info}".rstrip() if info else mark, *body.split("\n"), mark]


def cells(row: str, columns: int) -> list[str]:
    """The cells of a row; pipes in code and formulas separate nothing where there would be too many."""
    found = _split(row, False)
    if len(found) > columns:
        careful = _split(row, True)
        found = careful if len(careful) <= columns else found
    if len(found) > columns:
        found = [*found[: columns - 1], " | ".join(found[columns - 1 :])]
    return [*found, *[""] * (columns - len(found))]


def _split(row: str, careful: bool) -> list[str]:
    cells, at, until = [""], 0, ""
    row = row.strip()
    for match in _PIPES.finditer(row):
        cells[-1] += row[at : match.start()]
        at = match.end()
        sign = match[0]
        if sign == "|" and not until:
            cells.append("")
            continue
        if careful and sign[0] in "`$":
            until = "" if until == sign else until or (sign if sign in row[at:] else "")
        cells[-1] += "|" if sign == "\\|" else sign
    cells[-1] += row[at:]
    if row.startswith("|"):
        cells.pop(0)
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]
