"""Tags in the words of a note: `#rl`, `#method/transformer`, as Obsidian, Logseq and Zettelkasten have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from paperdiary.markup import Block

_TAG = re.compile(r"(?<![^\s(（,，、;；>|*_])#(?P<tag>[\w][\w/-]*)(?![\w#(\[])")
_HEX = re.compile(r"[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8}", re.I)
_CODE = re.compile(r"(?<![\\`])(`+)(?!`).{1,2000}?(?<!`)\1(?!`)|\$[^$\n]+\$|\]\([^()\s]*\)|<[^<>\n]*>|https?://\S+")
_ONLY = re.compile(
    r"\s*(?:[-*+>]\s+)*(?:[*_]{0,2}(?:tags?|keywords?|topics?|标签|关键词|タグ)[*_]{0,2}\s*[:：]{1,2}[*_]{0,2})?\s*",
    re.I,
)
#: what papers count: "#params"
_COUNTED = re.compile(
    r"(?:params?|parameters?|layers?|flops?|macs?|samples?|class(?:es)?|epochs?|images?|train(?:ing)?|test|val|tokens?|heads?|steps?"
    r"|nodes?|edges?|queries|frames?|videos?|users?|items?|parameter|points?|views?|gpus?|shots?|iter(?:ation)?s?|dims?|features?"
    r"|include|define|ifdef|ifndef|endif|pragma|import|region|endregion|if|else|undef|error)",
    re.I,
)
#: front matter that only these tools write
_KEYS = {"aliases", "alias", "cssclass", "cssclasses", "permalink", "citekey"}


def tags_in(blocks: Sequence[Block], lines: Sequence[str], meta: Mapping[str, Any]) -> Iterator[str]:
    """The tags in the words of an entry, in order; those of lines that are tags and nothing else, in any note.

    In a note with links by name, tags in sentences count too: elsewhere "#params" is a number of things.
    """
    texts = [b for b in blocks if b.kind in {"text", "list", "quote"}]
    rows = [line for b in texts for line in lines[b.start : b.end] if "#" in line]
    if not rows:
        return
    tool = bool(_KEYS & set(meta)) or any("[[" in line for b in texts for line in lines[b.start : b.end])
    for row in rows:
        bare = _CODE.sub(" ", row)
        found = [match for match in _TAG.finditer(bare) if _is_tag(match["tag"])]
        rest = _ONLY.sub("", _TAG.sub(" ", bare), count=1)
        if not found or (re.search(r"\w", rest) and not tool):
            continue
        alone = not re.search(r"\w", rest)
        if alone and len(found) == 1 and bare.lstrip().startswith("#") and not _is_small(found[0]["tag"], tool):
            continue  # a heading without its blank
        yield from (match["tag"].strip("/-") for match in found if alone or not _COUNTED.fullmatch(match["tag"]))


def _is_tag(word: str) -> bool:
    return bool(re.search(r"[^\W\d_]", word)) and not (_HEX.fullmatch(word) and re.search(r"\d", word))


def _is_small(word: str, tool: bool) -> bool:
    return tool or "/" in word or word.islower()


def unique(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags once each, however they are capitalised, in the first spelling."""
    return tuple({tag.lower(): tag for tag in reversed([t for t in tags if t])}.values())[::-1]
