"""Front matter, written and changed. A change touches the values it is about and no other byte of the file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperdiary.errors import DiaryError
from paperdiary.frontmatter import ALIASES, canonical, load_yaml

if TYPE_CHECKING:
    import yaml

#: the order in which keys are written; a new key goes after the last of those before it
ORDER = (
    "title authors year published arxiv doi url kind venue status date added incomplete tags description".split()  # noqa: SIM905
)
_DAYS = ("date", "published", "added")
_TAIL = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r)[ \t]*(?:#[^\r\n]*)?)+\Z")  #: blank lines and comments at an end


def line(key: str, value: Any) -> str:
    """`key: value` in YAML on one line, quoted where YAML needs it; a list in brackets, a day without quotes."""
    import yaml

    if key in _DAYS and isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        value = dt.date.fromisoformat(value)
    flow = isinstance(value, (list, tuple))
    plain = {key: list(value) if flow else value}
    text = yaml.safe_dump(plain, allow_unicode=True, width=10**9, default_flow_style=flow, sort_keys=False).strip()
    return text[1:-1] if flow else text


def front_matter(values: Mapping[str, Any]) -> str:
    """Front matter of the values that are there, in `ORDER`, others after them as they come."""
    rank = {key: n for n, key in enumerate(ORDER)}
    keys = sorted(values, key=lambda key: rank.get(key, len(rank)))
    lines = [line(key, values[key]) for key in keys if values[key] not in (None, "", [], ())]
    return "\n".join(["---", *lines, "---"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Parts:
    """A file cut into pieces that make it up again when joined."""

    mark: str  #: byte order mark, or ""
    opening: str  #: the line "---" with its end, "" where there is no front matter
    yaml: str
    rest: str  #: from the closing line on
    newline: str


def _parts(text: str) -> _Parts:
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text[len(mark) :]
    found = re.search(r"\r\n|\n|\r", body)
    newline = found[0] if found and (found[0] != "\r" or "\n" not in body) else "\n"
    opened = re.match(r"---[ \t]*(?:\r\n|\n|\r)", body)
    closed = re.search(r"^(?:---|\.\.\.)[ \t]*\r?$", body[opened.end() :].replace("\r", "\n"), re.M) if opened else None
    if not opened or not closed:
        return _Parts(mark, "", "", body, newline)
    at = opened.end() + closed.start()
    return _Parts(mark, opened[0], body[opened.end() : at], body[at:], newline)


def change(data: bytes, values: Mapping[str, Any], where: str, drop: Sequence[str] = ()) -> bytes:
    """The file with these values in its front matter; without any, front matter is put before the text.

    Args:
        data: a file in UTF-8; bytes that are not stay as they are.
        values: canonical key -> value. A key that the reader wrote under another name keeps it.
        where: names the file in messages.
        drop: keys to be taken out, with their lines.

    Raises:
        DiaryError: the front matter is not YAML, or of a form in which nothing can be changed safely.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DiaryError(f"{where} is UTF-16. Save it as UTF-8, then try again.")
    parts = _parts(data.decode("utf-8", "surrogateescape"))
    if not parts.opening:
        if re.match(r"---[ \t]*\r?\n[A-Za-z_][\w .-]*:\s", parts.rest):
            raise DiaryError(f"{where}: the front matter has no closing line. Add `---` after it, then try again.")
        head = front_matter(values).replace("\n", parts.newline)
        gap = "" if re.match(r"\r?\n|\Z", parts.rest) else parts.newline
        return _encoded(f"{parts.mark}{head}{gap}{parts.rest}")
    before = _load(parts.yaml, where)
    text = parts.yaml
    for key in drop:
        text = _without(text, key, where)
    for key, value in values.items():
        text = _with(text, key, value, parts.newline, where)
    after = _load(text, where)
    wanted = {**{k: v for k, v in before.items() if k not in drop}, **values}
    if {k: str(v) for k, v in after.items()} != {k: str(_plain(v)) for k, v in wanted.items()}:
        shown = ", ".join(f"`{line(k, v)}`" for k, v in values.items())
        raise DiaryError(f"{where}: the front matter is of a form that cannot be changed safely. Write {shown} there.")
    return _encoded(f"{parts.mark}{parts.opening}{text}{parts.rest}")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _load(text: str, where: str) -> dict[str, Any]:
    try:
        found = load_yaml(text)
    except Exception as e:  # PyYAML's constructors raise what they like
        reason = str(getattr(e, "problem", None) or e).splitlines()[0]
        raise DiaryError(f"{where}: the front matter is not valid YAML ({reason}). Mend it, then try again.") from None
    if found is not None and not isinstance(found, dict):
        raise DiaryError(f"{where} begins with `---` and no front matter. Write `key: value` lines there.")
    return canonical(found or {})


def _nodes(text: str, where: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """(key in lower case, its node, the value's node) of front matter, in order."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise DiaryError(f"{where}: the front matter cannot be read. `diary check` says where it is broken.") from None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise DiaryError(f"{where}: write the front matter as `key: value`, a line each, then try again.")
    return [(str(key.value).lower(), key, value) for key, value in root.value]


def _find(text: str, key: str, where: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that gives `key` its value: under its own name, else under the first other one."""
    nodes = _nodes(text, where)
    own = [(k, v) for name, k, v in nodes if name == key]
    return next(iter([*own, *((k, v) for name, k, v in nodes if ALIASES.get(name, name) == key)]), None)


def _end(text: str, node: yaml.Node) -> int:
    """Where a value ends; the end that YAML gives a block lies after the comments that follow it."""
    stop = int(node.end_mark.index)
    return stop - len(found[0]) if (found := _TAIL.search(text[:stop])) else stop


def _with(text: str, key: str, value: Any, newline: str, where: str) -> str:
    written = line(key, value)
    found = _find(text, key, where)
    if found:
        name, node = found
        colon = text.index(":", name.end_mark.index)
        new = written.partition(": ")[2]
        if node.start_mark.line == name.end_mark.line and node.start_mark.index > colon + 1:
            return f"{text[: node.start_mark.index]}{new}{text[max(_end(text, node), node.start_mark.index) :]}"
        return f"{text[: colon + 1]} {new}{text[max(_end(text, node), colon + 1) :]}"
    before = set(ORDER[: ORDER.index(key)]) if key in ORDER else set(ORDER)
    ends = [_end(text, node) for name, _, node in _nodes(text, where) if ALIASES.get(name, name) in before]
    at = 0
    if ends:
        rest = re.compile(r"[^\r\n]*(\r\n|\n|\r)?").match(text, max(ends))
        at = rest.end() if rest else len(text)
        if rest and not rest[1]:
            written = newline + written
    return f"{text[:at]}{written}{newline}{text[at:]}"


def _without(text: str, key: str, where: str) -> str:
    found = _find(text, key, where)
    if not found:
        return text
    name, node = found
    start = max(text.rfind("\n", 0, name.start_mark.index), text.rfind("\r", 0, name.start_mark.index)) + 1
    rest = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?").match(text, max(_end(text, node), name.end_mark.index))
    return text[:start] + text[rest.end() if rest else len(text) :]
