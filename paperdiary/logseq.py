"""What Logseq writes in notes besides Markdown: properties, names of blocks, macros, blocks of Org."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from paperdiary.frontmatter import ALIASES, canonical

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_PROPERTY = re.compile(r"(?P<key>[A-Za-z][\w ./-]{0,40}?)::(?: (?P<value>.*))?$")
#: keys by one of which a page's properties are known; what else is written so may be a definition
_PAGE = frozenset(
    ("title", "tags", "alias", "aliases", "type", "icon", "public", "template", "filters", "file", "file-path")
)
#: properties of blocks that are the program's own, and its clock
_OWN = (
    r"id|collapsed|heading|background-color|created-at|updated-at|template(?:-including-parent)?|icon|public"
    r"|logseq\.[\w.-]+|hl-(?:page|color|type|stamp)|ls-type|query-(?:table|properties|sort-by|sort-desc)|card-[\w-]+"
)
_OWN_LINE = re.compile(rf"\n[ \t]*(?:(?P<key>{_OWN}):: ?(?P<value>[^\n]*)|:LOGBOOK:|CLOCK: ?\[[^\n]*|:END:)(?=\n|$)")
UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_REFERENCE = re.compile(rf"\(\((?P<id>{UUID})\)\)")
_MACRO = re.compile(r"\{\{(?P<name>[a-z][\w-]*)[ \t]+(?P<value>[^\n]{1,2000}?)\}\}", re.I)
_EMBED = re.compile(rf"(?:\[\[(?P<page>[^\[\]\n]+)\]\]|\(\((?P<block>{UUID})\)\))\s*$")
_SHOWN = frozenset(("video", "youtube", "vimeo", "bilibili", "tweet", "twitter", "pdf", "img", "iframe"))
_BEGIN = re.compile(
    r"(?P<indent>[ \t]*(?:[-*+][ \t]+)?)#\+BEGIN_(?P<kind>[A-Z]+)(?:[ \t]+(?P<rest>[^\n]*))?[ \t]*$", re.I
)
_CODE = {"src": "", "example": "text", "query": "clojure", "export": ""}
_QUOTES = ("quote", "note", "tip", "important", "caution", "warning", "pinned", "center", "verse", "comment")
_SIZE = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,300})\]\((?P<to>[^()\n]{1,500})\)\{(?=[^{}\n]*:(?:height|width)\b)(?P<size>[^{}\n]{0,80})\}"
)


def split_properties(text: str) -> tuple[dict[str, Any], str]:
    """(the properties of a page with canonical keys, the text with blank lines in their place).

    They are the `key:: value` lines before everything else, or a first item that has nothing but such lines.
    """
    if "::" not in text[:4000]:
        return {}, text
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    item = re.match(r"[-*][ \t]+(?=\S)", lines[first]) if first < len(lines) else None
    found: dict[str, str] = {}
    at = first
    while at < len(lines):
        line = lines[at][item.end() if at == first and item else 0 :]
        match = _PROPERTY.match(line.strip()) if not (item and at > first and line[:1] not in " \t") else None
        if not match:
            break
        found[match["key"].strip()] = (match["value"] or "").strip()
        at += 1
    stops = at == len(lines) or not lines[at].strip() or re.match(r"[-*][ \t]|#", lines[at])
    if not stops or not any(key.lower() in _PAGE or _is_read(key) for key in found):
        return {}, text
    return canonical({key: value(given) for key, given in found.items()}), "\n".join(
        ["", *[""] * (at - 1), *lines[at:]]
    )


def _is_read(key: str) -> bool:
    name = re.sub(r"[\s-]+", "_", key.lower())
    return name in ALIASES or name in ALIASES.values()


def value(text: str) -> str:
    """A property's value without the brackets of links by name.

    >>> value("[[Reading]], #[[to do]], #ml")
    'Reading, to do, ml'
    """
    text = re.sub(r"#?\[\[([^\[\]]+)\]\]", r"\1", text)
    return re.sub(r"(?:(?<=^)|(?<=, )|(?<=,))#(?=[^\s#])", "", text)


def with_markdown(text: str) -> str:
    """Blocks of Org (`#+BEGIN_QUOTE`) as quotes and code, sizes of pictures out of the way; lines stay lines."""
    if "#+" not in text and "{:" not in text:
        return text
    if "{:" in text:
        text = _SIZE.sub(_size, text)
    if not re.search(r"(?i)#\+begin_", text):
        return text
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        begun = _BEGIN.match(lines[at])
        at += 1
        kind = begun["kind"].lower() if begun else ""
        if not begun or kind not in (*_CODE, *_QUOTES):
            continue
        end = re.compile(rf"[ \t]*#\+END_{kind}[ \t]*$", re.I)
        last = next((n for n in range(at, min(len(lines), at + 2000)) if end.match(lines[n])), 0)
        if not last:
            continue
        lead = begun["indent"]
        inner = re.sub(r"[-*+](?=[ \t])", " ", lead)
        if kind in _CODE:
            lines[at - 1] = f"{lead}```{(begun['rest'] or _CODE[kind]).split(' ')[0]}"
            lines[last] = f"{inner}```"
        else:
            lines[at - 1] = f"{lead}> [!{'quote' if kind in {'center', 'verse', 'comment'} else kind}]"
            for number in range(at, last):
                lines[number] = f"{inner}> {lines[number].strip()}".rstrip()
            lines[last] = f"{inner}>"
        at = last + 1
    return "\n".join(lines)


def _size(match: re.Match[str]) -> str:
    """A picture with its size as Obsidian writes it, of which the width is enough."""
    given = dict(re.findall(r":(height|width)\s+(\d{1,4})\b", match["size"]))
    size = f"|{given['width']}" + (f"x{given['height']}" if "height" in given else "") if "width" in given else ""
    return f"![{match['alt']}{size}]({match['to']})"


def property_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for lines that are the program's own: its `id::` names the block, the others go."""
    found = _OWN_LINE.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "\n" else None
    if not found:
        return False
    if not silent and found["key"] == "id":
        state.push("block_name", "", 0).content = found["value"].strip()
    state.pos = found.end()
    return True


def macro_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for `((id of a block))` and `{{name value}}`."""
    sign = state.src[state.pos]
    if sign == "(":
        found = _REFERENCE.match(state.src, state.pos, state.posMax)
        if not found:
            return False
        if not silent:
            _block(state, found[0], found["id"], False)
    elif sign == "{":
        found = _MACRO.match(state.src, state.pos, state.posMax)
        if not found or not _known(found):
            return False
        if not silent:
            _macro(state, found)
    else:
        return False
    state.pos = found.end()
    return True


def _known(found: re.Match[str]) -> bool:
    return found["name"].lower() in {"embed", "query", "renderer", "function", "cloze", *_SHOWN}


def _macro(state: StateInline, found: re.Match[str]) -> None:
    name, given = found["name"].lower(), found["value"].strip()
    embed = _EMBED.match(given) if name == "embed" else None
    if embed and embed["block"]:
        _block(state, found[0], embed["block"], True)
    elif embed:
        from paperdiary.wikilinks import parse

        token = state.push("wikilink", "", 0)
        token.markup, token.meta = found[0], {"link": parse(embed["page"], "", True)}
    elif name in _SHOWN and re.match(r"https?://\S+$", given):
        state.push("link_open", "a", 1).attrs = {"href": given}
        state.push("text", "", 0).content = given
        state.push("link_close", "a", -1)
    elif name == "cloze":
        state.push("text", "", 0).content = given
    else:
        token = state.push("code_inline", "code", 0)
        token.markup, token.content = "`", found[0]


def _block(state: StateInline, source: str, name: str, embed: bool) -> None:
    from paperdiary.wikilinks import Wikilink

    token = state.push("wikilink", "", 0)
    token.markup, token.meta = source, {"link": Wikilink("", "", source, embed, block=name.lower())}


def embed_of(content: str) -> str:
    """`{{embed [[page]]}}` alone in a line as the wikilink that Obsidian has for it, "" for anything else."""
    found = _MACRO.fullmatch(content.strip())
    inside = _EMBED.match(found["value"].strip()) if found and found["name"].lower() == "embed" else None
    return f"![[{inside['page'] or '#^' + inside['block']}]]" if inside else ""


def page_name(stem: str) -> str:
    """The name of a page from that of its file: `a%2Fb` and `a___b` are the page a/b.

    >>> page_name("ml___Attention%3A again")
    'ml/Attention: again'
    """
    return re.sub(r"(?<=[^_])___(?=[^_])", "/", unquote(stem) if "%" in stem else stem)


def named_blocks(text: str) -> dict[str, str]:
    """id of a block, lower case -> the first line of its words, of a text with `id::` lines."""
    out: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = re.match(rf"[ \t]*(?:[-*][ \t]+)?id:: ?(?P<id>{UUID})[ \t]*$", line) if "id::" in line else None
        if found:
            above = number - 1
            while above >= 0 and _PROPERTY.match(lines[above].strip()) and not re.match(r"[ \t]*[-*] ", lines[above]):
                above -= 1
            words = lines[above] if above >= 0 else ""
            out[found["id"].lower()] = re.sub(r"^\s*(?:[-*]\s+)?(?:#+\s+)?", "", words).strip()
    return out
