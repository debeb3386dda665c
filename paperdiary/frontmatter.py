"""The bytes of a note as text, and its front matter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from paperdiary.dates import as_date
from paperdiary.entry import Problem

#: other names of the keys that are read; dashes and spaces count as underscores
ALIASES = {
    "author": "authors",
    "date_read": "date",
    "read_date": "date",
    "dateread": "date",
    "read_on": "date",
    "read_at": "date",
    "reading_date": "date",
    "created": "date",
    "created_at": "date",
    "created_on": "date",
    "date_created": "date",
    "creation_date": "date",
    "eprint": "arxiv",
    "arxiv_id": "arxiv",
    "arxivid": "arxiv",
    "doi": "doi",
    "link": "url",
    "links": "url",
    "paper": "url",
    "paper_url": "url",
    "paper_link": "url",
    "arxiv_url": "url",
    "arxiv_link": "url",
    "source": "url",
    "source_url": "url",
    "pdf": "url",
    "pdf_url": "url",
    "publication_date": "published",
    "publish_date": "published",
    "published_date": "published",
    "date_published": "published",
    "tag": "tags",
    "keywords": "tags",
    "summary": "description",
    "excerpt": "description",
    "tldr": "description",
    "one_liner": "description",
    "reading_status": "status",
    "read_status": "status",
}
#: those that name the day of reading beyond doubt, where `date` may be that of the file
_OF_READING = (
    "date_read", "read_date", "dateread", "read_on", "read_at", "reading_date", "read", "last_read", "finished",
    "finished_on", "date_finished",
)  # fmt: skip
_COMMENT = re.compile(r"\A(?:[ \t]*\n|[ \t]*<!--(?:(?!-->).){0,2000}-->[ \t]*\n)*", re.S)


def decode(data: bytes, path: str) -> tuple[str, list[Problem]]:
    """Bytes of a file as text with \\n line ends; never fails.

    UTF-8 and UTF-16 with its mark are read as they are. Anything else is warned of, and read as UTF-8 with a
    few bad bytes or else as Windows-1252.
    """
    problems = []
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as e:
            line = data[: e.start].count(b"\n") + 1
            text = data.decode("utf-8-sig", errors="replace")
            if text.count("\ufffd") > 0.05 * sum(c > "\x7f" for c in text):  # more than a slip
                text = _legacy(data)
            problems.append(
                Problem(
                    "warning",
                    "not-utf-8",
                    "this file is not UTF-8; some characters may be wrong on the page. Save it as UTF-8.",
                    path,
                    line,
                )
            )
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = text.replace("\r", " " if "\n" in text else "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]", " ", text), problems


def _legacy(data: bytes) -> str:
    """Text that is not UTF-8: Chinese in GB 18030 where that gives Chinese, otherwise Windows-1252."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
    beyond = [c for c in text if c > "\x7f"]
    common = sum("\u4e00" <= c <= "\u9fff" or c in "，。、：；（）《》“”" for c in beyond)
    return text if beyond and common >= 0.9 * len(beyond) else data.decode("cp1252", errors="replace")


def split_front_matter(text: str, path: str) -> tuple[dict[str, Any], str, int, list[Problem]]:
    """(front matter with canonical keys, body, lines before the body, problems).

    YAML between `---`, or TOML between `+++` as Hugo has it; blank lines and comments may stand before.
    """
    above = _COMMENT.match(text)
    if above and above.end() and re.match(r"(?:---|\+\+\+)[ \t]*\n", text[above.end() :]):
        meta, body, offset, problems = split_front_matter(text[above.end() :], path)
        before = above[0].count("\n")
        if not problems and {"title", "date", "tags", "authors", "url", "layout"} & set(meta):
            return meta, body, offset + before, problems
        return {}, text, 0, []  # a rule
    if re.match(r"\+\+\+[ \t]*\n", text):
        return _split_toml(text)
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, text, 0, []
    close = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), None)
    looks_yaml = len(lines) > 1 and re.match(r"^[A-Za-z_][\w .-]*:(\s|$)", lines[1])
    if close is None:
        if not looks_yaml:
            return {}, text, 0, []
        close = _first_prose(lines)
        problem = Problem("error", "front-matter-open", _NOT_CLOSED, path, 1)
        meta = _salvage(lines[1:close])
        return canonical(meta), "\n".join(lines[close:]), close, [problem]
    body = "\n".join(lines[close + 1 :])
    try:
        data = load_yaml("\n".join(lines[1:close]))
    except Exception as e:  # PyYAML's constructors raise what they like
        if not looks_yaml:
            return {}, text, 0, []
        prose = _first_prose(lines)
        if prose < close:
            problem = Problem("error", "front-matter-open", _NOT_CLOSED, path, 1)
            return canonical(_salvage(lines[1:prose])), "\n".join(lines[prose:]), prose, [problem]
        mark = getattr(e, "problem_mark", None)
        reason = getattr(e, "problem", None) or str(e)
        problem = Problem(
            "error",
            "front-matter-broken",
            f"the front matter is not valid YAML ({reason}); put values that hold `: ` or start with a sign in quotes.",
            path,
            mark.line + 2 if mark else 2,
        )
        return canonical(_salvage(lines[1:close])), body, close + 1, [problem]
    if data is None:
        return {}, body, close + 1, []
    if not isinstance(data, dict):
        return {}, text, 0, []
    return canonical(data), body, close + 1, []


def _split_toml(text: str) -> tuple[dict[str, Any], str, int, list[Problem]]:
    """Front matter between lines of `+++`; text that is no TOML is text."""
    import tomllib

    lines = text.split("\n")
    close = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "+++"), 0)
    try:
        data = tomllib.loads("\n".join(lines[1:close]))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}, text, 0, []
    if not close or not data:
        return {}, text, 0, []
    nested = data.pop("taxonomies", None)
    extra = data.pop("extra", None)
    for more in (nested, extra):  # where Zola keeps tags and whatever is the reader's own
        data = {**more, **data} if isinstance(more, dict) else data
    return canonical(data), "\n".join(lines[close + 1 :]), close + 1, []


_NOT_CLOSED = "the front matter has no closing line; add `---` after it."


def _first_prose(lines: list[str]) -> int:
    """The first line after the opening one that cannot be YAML: no key, no item, not indented."""
    keys = re.compile(r"^(?:[\w .-]+:(?:\s|$)|\s+\S|- |#|\s*$)")
    found = next((i for i, line in enumerate(lines[1:], 1) if not keys.match(line)), len(lines))
    while found > 1 and (not lines[found - 1].strip() or lines[found - 1].startswith("#")):
        found -= 1  # headings and blank lines before prose belong to the text
    return found


def load_yaml(text: str) -> Any:
    """YAML in which numbers with a point stay text: 2301.00010 is an arXiv id, not 2301.0001."""
    import yaml

    # libyaml does not survive a hundred thousand brackets; the slow loader answers with an exception
    loader = yaml.SafeLoader if text.count("[") + text.count("{") > 1000 else _fast_loader()
    return yaml.load(text, _without_floats(loader))


def _fast_loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=2)
def _without_floats(loader: Any) -> Any:
    resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:float"]
        for first, known in loader.yaml_implicit_resolvers.items()
    }
    return type("NoteLoader", (loader,), {"yaml_implicit_resolvers": resolvers})


def _salvage(lines: list[str]) -> dict[str, Any]:
    """What can be read from front matter that is not YAML: plain `key: value` lines."""
    pairs = (re.match(r"^([A-Za-z_][\w -]*):\s*(.+?)\s*$", line) for line in lines)
    return {m[1]: m[2].strip("\"'") for m in pairs if m and not m[2].startswith(("[", "{", ">", "|"))}


def canonical(data: dict[Any, Any]) -> dict[str, Any]:
    """Keys in lower case under their canonical names; a canonical key wins over its alias.

    Only a day of reading wins over `date`, which may be the day of the file.
    """
    lower = {str(k).lower(): v for k, v in data.items()}
    named = {key: ALIASES.get(re.sub(r"[\s-]+", "_", key.strip()), key) for key in lower}
    out = {k: v for k, v in lower.items() if named[k] == k}
    for key, value in lower.items():
        if value not in (None, "", []) or named[key] == key:
            out.setdefault(named[key], value)
    for key, value in lower.items():
        if re.sub(r"[\s-]+", "_", key) in _OF_READING and as_date(value):
            out["date"] = value
    if "$itemkey" in lower and isinstance(lower.get("parent"), str):  # a note that Zotero's Better Notes wrote
        out.setdefault("title", lower["parent"])
    hidden = any(out.get(key) is False for key in ("publish", "published", "public"))  # Obsidian, Jekyll, Logseq
    if hidden or str(out.get("draft")).strip().lower() == "true":
        out["draft"] = True
    if isinstance(out.get("read"), bool):
        out.setdefault("status", "read" if out["read"] else "queued")
    return out
