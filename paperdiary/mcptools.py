"""The tools of `diary mcp` as a client sees them: what each takes and gives. One line in `TOOLS` each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from paperdiary import mcpanswers as answers
from paperdiary.entry import STATUSES
from paperdiary.errors import UsageError
from paperdiary.mcpanswers import clean

Schema = Mapping[str, Any]
CHARACTERS = 20_000  #: of a note's text in one answer, where nothing else is asked for
LONGEST = 10_000  #: characters of an argument
NEVER_WRITES = "This server only reads. Start it as `diary mcp --allow-writes` to let it add notes."


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a client sees it."""

    name: str
    title: str
    about: str
    run: Callable[..., dict[str, Any]]  #: (library, every argument by name)
    takes: Mapping[str, Schema]  #: JSON schema of each argument; one without a default must be given
    gives: Mapping[str, Schema] = field(default_factory=dict)  #: of what is always in the answer
    writes: bool = False

    @property
    def input_schema(self) -> dict[str, Any]:
        required = [name for name, schema in self.takes.items() if "default" not in schema]
        return {"type": "object", "properties": dict(self.takes), "required": required, "additionalProperties": False}

    @property
    def output_schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": dict(self.gives), "required": list(self.gives)}


def _text_of(about: str, **more: Any) -> Schema:
    return {"type": "string", "description": about, **more}


def _maybe(about: str, **more: Any) -> Schema:
    return _text_of(about, default=None, **more)


def _number(about: str, default: int, least: int, most: int) -> Schema:
    return {"type": "integer", "description": about, "default": default, "minimum": least, "maximum": most}


def _flag(about: str, default: bool) -> Schema:
    return {"type": "boolean", "description": about, "default": default}


def _listed(item: Schema, about: str) -> Schema:
    return {"type": "array", "items": item, "description": about}


_NULLABLE = {"type": ["string", "null"]}
ENTRY: Schema = {
    "type": "object",
    "description": "One thing that was read: its title, where it is found, when it was read, how it is filed.",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "title", "kind", "status", "topic", "description")},
        **dict.fromkeys(("url", "arxiv", "doi", "date", "cluster", "cluster_name"), _NULLABLE),
        "authors": {"type": "array", "items": {"type": "string"}},
        "year": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": _text_of("path of its file under notes/"),
        "line": {"type": "integer", "description": "where it starts in that file, from 1"},
        "page": _text_of("its path in the site"),
    },
    "required": ["id", "title", "kind", "status", "note", "line"],
}
_WHICH = _text_of("An id, an arXiv id or address, a DOI, the path of a note, a title or a part of one.", minLength=1)
_NEXT = {"type": ["integer", "null"], "description": "offset of what follows, null at the end"}
_SAID = _listed({"type": "string"}, "what the reader should know of this answer")

#: name -> tool, in the order in which they are listed
TOOLS: dict[str, Tool] = {
    t.name: t
    for t in (
        Tool(
            "search", "Search the diary",
            "Find the entries of the diary that answer a query, by words and by meaning, each with its best passage. "
            'The query is words, a "quoted phrase", a title, an arXiv id or an address; tag:, topic:, status:, kind:, '
            "before: and after: narrow it.",
            answers.search,
            {
                "query": _text_of("What to look for.", minLength=1, maxLength=2_000),
                "k": _number("How many entries at most.", 10, 1, 100),
                "exact": _flag("Read the query with the whole model: slow the first time, a little better.", False),
            },
            {
                "query": {"type": "string"},
                "hits": _listed(ENTRY, "best first; with rank, score, passage {heading, text, from} and found_by"),
                "not_indexed": _listed(ENTRY, "entries with all these words that no build has placed yet"),
                "messages": _SAID,
            },
        ),
        Tool(
            "related", "Nearest entries",
            "List the entries that are nearest to one entry by the meaning of their notes.",
            answers.related,
            {"entry": _WHICH, "k": _number("How many.", 5, 1, 100)},
            {"entry": ENTRY, "related": _listed(ENTRY, "nearest first; with rank and similarity (cosine)")},
        ),
        Tool(
            "get", "Read one entry",
            "Give one entry with what the reader wrote about it, as Markdown.",
            answers.get,
            {
                "entry": _WHICH,
                "offset": _number("First character of the text.", 0, 0, 10**9),
                "limit": _number("How many characters of the text at most.", CHARACTERS, 1, 200_000),
            },
            {
                "entry": ENTRY,
                "text": _text_of("Markdown"),
                "characters": {"type": "integer", "description": "length of the whole text"},
                "next_offset": _NEXT,
            },
        ),
        Tool(
            "list", "List entries",
            "List entries, newest first; of status queued, nearest first to what was read lately.",
            answers.list_,
            {
                "status": _maybe("Only entries with this status.", enum=[*STATUSES]),
                "topic": _maybe("Only entries in this folder under notes/."),
                "since": _maybe("Only entries read on or after this day: YYYY, YYYY-MM or YYYY-MM-DD."),
                "limit": _number("How many at most.", 50, 1, 500),
                "offset": _number("How many to pass over.", 0, 0, 10**9),
            },
            {
                "count": {"type": "integer", "description": "how many there are in all"},
                "entries": _listed(ENTRY, "of the queue also near and why"),
                "next_offset": _NEXT,
            },
        ),
        Tool(
            "stats", "Figures of the diary",
            "Give the figures of the diary: entries by status, kind, topic, month and cluster, and since when.",
            answers.stats,
            {},
            {
                **{name: {"type": "integer"} for name in ("notes", "entries", "read", "reading", "queued", "topics")},
                **{name: {"type": "object"} for name in ("by_kind", "by_topic", "by_month", "by_cluster")},
                "name": {"type": "string"},
            },
        ),
        Tool(
            "add", "Start a note",
            "Start a note about a paper, post, talk or book from its address; what is known of it is looked up. "
            "What is in the diary already is not added again.",
            answers.add,
            {
                "source": _text_of("An arXiv id, a DOI or an address of the web.", minLength=1, maxLength=2_000),
                "topic": _maybe("The folder under notes/; without it the nearest entries decide."),
                "status": _maybe("To be read, being read, or read; read where nothing is said.", enum=[*STATUSES]),
                "date": _maybe("The day it was read, YYYY-MM-DD; today where nothing is said."),
                "pdf": _flag("Keep its PDF in papers/, which is never published.", True),
            },
            {
                "results": _listed({"type": "object"}, "result (added, duplicate, failed), path, entry, topic"),
                "messages": _SAID,
            },
            writes=True,
        ),
    )
}  # fmt: skip


def checked(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of a tool, those not given by their default.

    Raises:
        UsageError: one is missing, unknown, of another type or out of range.
    """
    unknown = sorted(given.keys() - tool.takes.keys())
    if unknown:
        takes = ", ".join(tool.takes) or "no arguments"
        raise UsageError(f"`{tool.name}` has no argument {clean(unknown[0])[:60]}; it takes: {takes}.")
    return {name: _value(tool, name, schema, given.get(name)) for name, schema in tool.takes.items()}


_KINDS: dict[str, tuple[type, str]] = {
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
}


def _value(tool: Tool, name: str, schema: Schema, value: Any) -> Any:
    if value is None:
        if "default" in schema:
            return schema["default"]
        raise UsageError(f"`{tool.name}` needs {name}: {schema['description']}")
    kind = str(schema["type"])
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value):
        value = int(value)  # as models write numbers
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in {"true", "false"}:
        value = value.lower() == "true"
    wanted, words = _KINDS[kind]
    if type(value) is not wanted:
        raise UsageError(f"`{tool.name}`: {name} must be {words}, not {clean(repr(value))[:60]}.")
    value = clean(value)
    if "enum" in schema and value not in schema["enum"]:
        raise UsageError(f"`{tool.name}`: {name} must be one of {', '.join(schema['enum'])}, not {value[:60]}.")
    if isinstance(value, int) and kind == "integer" and not schema["minimum"] <= value <= schema["maximum"]:
        raise UsageError(f"`{tool.name}`: {name} must be from {schema['minimum']} to {schema['maximum']}, not {value}.")
    if isinstance(value, str) and len(value.strip()) < schema.get("minLength", 0):
        raise UsageError(f"`{tool.name}`: {name} is empty. {schema['description']}")
    if isinstance(value, str) and len(value) > schema.get("maxLength", LONGEST):
        raise UsageError(f"`{tool.name}`: {name} is longer than {schema.get('maxLength', LONGEST)} characters.")
    return value
