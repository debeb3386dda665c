"""The links, pictures and HTML of one row, in plain Markdown."""

from __future__ import annotations

import html
import re

from paperdiary import sources
from paperdiary.listitem import HOSTED

LONGEST = 4_000  #: signs of a row that are looked at
LINK = re.compile(r"\[(?P<title>(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,600})\]\((?P<target>[^()]*(?:\([^()]*\)[^()]*)*)\)")
_WIKI = re.compile(
    r"(?<!!)\[\[(?P<target>[^\[\]|#\n]{1,200})(?:#[^\[\]|]{0,100})?(?:\|(?P<title>[^\[\]]{1,300}))?\]\](?!\()"
)
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]]{0,300})\]\((?P<target>[^()\s]{1,500})[^()]{0,200}\)")
_HTML_LINK = re.compile(
    r"<a\b[^<>]{0,300}?href\s*=\s*[\"']?(?P<url>[^\"'<>\s]{1,600})[\"']?[^<>]{0,300}>(?P<text>.{0,600}?)</a\s*>",
    re.I | re.S,
)
_HTML_IMAGE = re.compile(r"<img\b[^<>]{0,600}>", re.I)
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\s*/?>", re.I)
_BOLD_TAG = re.compile(r"</?(?:b|strong)\s*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|<!--.{0,300}?-->")


def clean(text: str) -> str:
    """A row in plain Markdown: HTML links and pictures become links or their words, breaks become line ends."""
    text = text[:LONGEST]
    if "<" in text:
        text = _HTML_IMAGE.sub(_alt, text)
        text = _HTML_LINK.sub(lambda m: f"[{_TAG.sub(' ', m['text']).strip()}]({m['url']})", text)
        text = _BOLD_TAG.sub("**", _BREAK.sub("\n", text))
        text = re.sub(r"<(https?://[^<>\s]+)>", r"\1", text)
        text = _TAG.sub("", text)
    if "![" in text:
        text = _IMAGE.sub(_picture, text)
    text = re.sub(r"\][ \t]+\((?=https?://[^()\s]+\))", "](", text)
    text = re.sub(r"\s?\[(?:[JCMDPRA]|OL|EB/OL)\](?:\s*//\s*|(?=[.,;\s]|$))", ". ", text).replace(". .", ".")
    text = (
        re.sub(r"\*{3}(?=\S)|(?<=\S)\*{3}|_{3}(?=\S)|(?<=\S)_{3}", "**", text)
        if "***" in text or "___" in text
        else text
    )
    return html.unescape(text).replace("\\[", "[").replace("\\]", "]").replace("\\_", "_")


def _alt(found: re.Match[str]) -> str:
    alt = re.search(r"alt\s*=\s*[\"']([^\"']{0,60})", found[0], re.I)
    return alt[1] if alt else ""


def _picture(found: re.Match[str]) -> str:
    """A picture's words; one that leads to a paper was meant as a link."""
    source = sources.resolve(found["target"])
    if source and source.kind == "paper" and not re.search(r"\.(?:png|jpe?g|gif|svg|webp)$", found["target"], re.I):
        return f"[{found['alt']}]({found['target']})"
    after = found.string[found.end() : found.end() + 2]
    return (found["alt"] or "link") if after == "](" else " "


def is_local(target: str) -> bool:
    """A note, or a paper, that lies beside the list or in a repository."""
    if HOSTED.match(target):
        return True
    if not target or sources.is_link(target) or re.match(r"#|[a-z][\w+.-]*:", target, re.I):
        return False
    return bool(re.search(r"\.(?:md|markdown|pdf)(?:#[^#]*)?$|(?:^|/)[^./#]+/?$", target, re.I))


def _wiki(found: re.Match[str]) -> str:
    target = found["target"].strip()
    return f"[{(found['title'] or target).strip()}]({target.replace(' ', '%20')}.md)"


def with_wikilinks(text: str) -> str:
    """A row with its links by name as links to notes."""
    return _WIKI.sub(_wiki, text)
