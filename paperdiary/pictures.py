"""Pictures that notes show from other hosts: a card that names the host, a copy in the site, or a link as it was.

    card   no request: a card in the picture's place links to it
    copy   the build fetches each picture once, and the site shows its copy (`Copies`); else the card
    link   the reader's browser asks the host

Videos, sounds and frames of other hosts are cards too. In a page that is being made, the address of a picture is a
token, which `shown` turns into one of these at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import unquote, urlsplit

PLACE = "assets/pictures"  #: folder of the copies in the site
CHOICES = ("card", "copy", "link")
_TOKEN = "pd-remote:"
_IMAGE = re.compile(rf'<img((?: [\w:-]+="[^"<>]*")*?) src="{_TOKEN}([0-9a-f]+)"((?: [\w:-]+="[^"<>]*")*)>')
_VALUES = r"(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*"
_FRAME = re.compile(
    rf"<(?P<name>iframe|object|video|audio)\b(?P<given>{_VALUES})>(?P<inside>.*?)</(?P=name)\s*>"
    rf"|<(?P<alone>embed)\b(?P<more>{_VALUES})>",
    re.S | re.I,
)
_ATTRIBUTE = re.compile(r"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_PICTURE = re.compile(rf"<img\b(?P<given>{_VALUES})>", re.I)
_KINDS = {"video": "Video", "audio": "Sound", "iframe": "Frame", "object": "Frame", "embed": "Frame"}


def token(url: str) -> str:
    """What stands for a picture's address until it is known what becomes of it."""
    return _TOKEN + url.encode("utf-8", "replace").hex()


def urls(html: str) -> list[str]:
    """The addresses whose tokens are in a page, each once."""
    if _TOKEN not in html:
        return []
    return list(dict.fromkeys(_url(found) for found in re.findall(rf'src="{_TOKEN}([0-9a-f]+)"', html)))


def shown(html: str, copy: Callable[[str], str | None] = lambda url: None) -> str:
    """A page with a picture or a card for each token.

    Args:
        copy: the address of the copy of a picture as seen from this page, None for none.
    """
    if _TOKEN not in html:
        return html

    def put(match: re.Match[str]) -> str:
        url = _url(match[2])
        here = copy(url)
        if here:
            return f'<img{match[1]} src="{escape(here)}"{match[3]}>'
        given = dict(re.findall(r' ([\w:-]+)="([^"]*)"', match[1] + match[3]))
        words = unescape(given.get("alt", "")).strip() or unescape(given.get("title", "")).strip()
        before = html[: match.start()]
        linked = max(before.rfind("<a "), before.rfind("<a>")) > before.rfind("</a>")
        return card("Picture", url, words, linked=linked)

    return _IMAGE.sub(put, html)


def card(kind: str, url: str, words: str = "", *, linked: bool = False) -> str:
    """What is seen in the place of something on another host.

    Args:
        words: that describe it; without any, its name.
        linked: it stands inside a link, which it leaves as it is.
    """
    address = re.sub(r"[\x00-\x20]+", "", url)
    try:
        parts = urlsplit(f"https:{address}" if address.startswith("//") else address)
        host, path = parts.hostname or "", parts.path
    except ValueError:
        host, path = "", ""
    name = words or unquote(path.rstrip("/").rpartition("/")[2])[:80]
    inside = f'<span class="pd-remote__kind">{kind}</span>'
    inside += f' <span class="pd-remote__name">{escape(name)}</span>' if name else ""
    inside += f' <span class="pd-remote__host">{escape(host)}</span>' if host else ""
    if linked:
        return f'<span class="pd-remote">{inside}</span>'
    return f'<a class="pd-remote" href="{escape(address)}" rel="noopener noreferrer">{inside}</a>'


def without_frames(html: str, *, keep_media: bool = False) -> str:
    """HTML with a card in the place of each frame, and of each video and sound of another host.

    Args:
        keep_media: leave videos and sounds as they are.
    """
    if not re.search(r"<(?:iframe|object|embed|video|audio)\b", html, re.I):
        return html

    def put(match: re.Match[str]) -> str:
        name = (match["name"] or match["alone"]).lower()
        given = _given(match["given"] or match["more"] or "")
        first = re.search(rf"<source\b({_VALUES})>", match["inside"] or "", re.I)
        url = given.get("src") or given.get("data") or (_given(first[1]).get("src") if first else "") or ""
        media = name in ("video", "audio")
        if media and (keep_media or not is_far(url)):
            return match[0]
        url = re.sub(r"(//(?:www\.)?youtube)(?:-nocookie)?(\.com/)embed/([\w-]{11})\b\??", r"\1\2watch?v=\3&", url)
        kind = _KINDS[name] if media else "Video" if re.search(r"youtube|youtu\.be|vimeo", url) else "Frame"
        return card(kind, url.rstrip("&"), given.get("title", "")) if url else ""

    return _FRAME.sub(put, html)


def tokens(html: str) -> str:
    """HTML that is trusted, with tokens in the place of the addresses of its pictures on other hosts."""

    def put(match: re.Match[str]) -> str:
        given = _given(match["given"])
        if not is_far(given.pop("src", "")):
            return match[0]
        given.pop("srcset", None)
        rest = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if not name.startswith("on"))
        return f'<img src="{token(_given(match["given"])["src"])}"{rest}>'

    return _PICTURE.sub(put, html)


def is_far(url: str) -> bool:
    """Whether an address leads to another host."""
    read = re.sub(r"[\x00-\x20]+", "", url).replace("\\", "/")
    return bool(re.match(r"//|https?:", read, re.I))


def _given(text: str) -> dict[str, str]:
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(text)}


def _url(hexed: str) -> str:
    try:
        return bytes.fromhex(hexed).decode("utf-8", "replace")
    except ValueError:
        return ""
