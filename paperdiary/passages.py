"""Blocks of an entry -> passages of about 120 words, the unit that search finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from paperdiary.markup import Block

WORDS = 120  #: a passage is closed once it has as many
MOST = 160  #: no passage is longer
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[A-Z0-9])|(?<=[。！？])")
#: scripts written without spaces: two characters count as a word
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
_WIDE = re.compile(rf"{_UNSPACED.pattern}|[。！？，；：]")


def length(text: str) -> int:
    """Words of a text; in scripts without spaces, half its characters."""
    return len(_UNSPACED.sub(" ", text).split()) + (len(_UNSPACED.findall(text)) + 1) // 2


def cut(blocks: Iterable[Block], title: str, description: str = "") -> Iterator[tuple[str, str]]:
    """(heading, text) of each passage, in order.

    The first holds the description where there is one; an entry without any text has its title as its
    only passage, so that every entry is found.
    """
    heading, text, size, any_text = "", "", 0, False
    texts = ((b.kind, b.text) for b in blocks if b.kind != "rule")
    for kind, block in (("text", description), *texts):
        if kind == "heading":
            if text:
                any_text = True
                yield heading, text
            heading, text, size = " ".join(block.split()), "", 0
            continue
        for piece in _pieces(block):
            more = length(piece)
            if text and size + more > MOST:
                any_text = True
                yield heading, text
                text, size = "", 0
            text, size = _joined(text, piece), size + more
            if size >= WORDS:
                any_text = True
                yield heading, text
                text, size = "", 0
    if text:
        any_text = True
        yield heading, text
    if not any_text:
        yield "", title


def _joined(before: str, after: str) -> str:
    unspaced = before and (_UNSPACED.match(before[-1]) or before[-1] in "。！？，；：")
    return f"{before}{'' if unspaced else ' '}{after}".strip()


def _pieces(text: str) -> Iterator[str]:
    """Sentences, cut where they are longer than WORDS."""
    for line in text.split("\n"):
        for sentence in _SENTENCE.split(line):
            if not _WIDE.search(sentence):
                words = sentence.split()
                yield from (" ".join(words[at : at + WORDS]) for at in range(0, len(words), WORDS))
                continue
            part, most = "", 0  # `most` is at least the length, and quicker to know
            for word in sentence.split():
                for bit in _bits(word):
                    more = length(bit)
                    if part and most + more > WORDS and (most := length(part)) + more > WORDS:
                        yield part
                        part, most = "", 0
                    part, most = _joined(part, bit), most + more
            if part:
                yield part


def _bits(word: str) -> Iterator[str]:
    """A run of characters without a space, cut where it is longer than a passage."""
    step = WORDS if _UNSPACED.search(word) else len(word) or 1
    for at in range(0, len(word), step):
        yield word[at : at + step]


def first_sentences(texts: Iterable[str], limit: int = 240) -> str:
    """The beginning of the first prose that has at least five words, whole sentences where they fit."""
    for text in texts:
        text = " ".join(text.split())
        if length(text) < 5:
            continue
        out = ""
        for sentence in _SENTENCE.split(text):
            longer = _joined(out, sentence)
            if out and len(longer) > limit:
                break
            out = longer
        if len(out) > limit:
            out = out[:limit].rsplit(" ", 1)[0].rstrip(",;:") + "…"
        return out
    return ""
