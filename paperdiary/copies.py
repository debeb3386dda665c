"""Copies of other hosts' pictures: fetched once by a build, kept under .paperdiary/pictures, shown by the site.

What comes is taken only if its bytes are a picture's; drawings (SVG) are written anew without anything that runs.
Hosts that are not of the public network are not asked. A picture that could not be had is a card, and is asked for
again after a while that grows; nothing of this ends a build.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.listing import counted
from paperdiary.pictures import PLACE
from paperdiary.store import Store, sealed, write_atomic

LARGEST = 10_000_000  #: bytes of one picture
AT_ONCE = 6  #: requests
TRUST = 2  #: answers of a host that may fail before a build leaves it alone
PATIENCE = 120.0  #: seconds that a build spends on pictures; the others follow with a later one
AGAIN = (3600, 86_400, 7 * 86_400, 30 * 86_400)  #: seconds until the next try, after the first failure, the second …
UNUSED = 90 * 86_400  #: seconds that a copy is kept which no page shows
_VERSION = 1
_DAY = 86_400
_STARTS: tuple[tuple[Any, ...], ...] = (
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpg", b"\xff\xd8\xff"),
    ("gif", b"GIF87a", b"GIF89a"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of the picture at one address."""

    file: str = ""  #: name of the copy, "" where there is none
    digest: str = ""  #: of its bytes
    why: str = ""  #: why there is none
    tries: int = 0  #: that failed
    after: int = 0  #: when the next try is due, seconds since 1970
    seen: int = 0  #: the day on which a page last showed it, seconds since 1970


class Copies:
    """The copies of one diary.

    Args:
        say: is told once a build what could not be had.
    """

    def __init__(self, config: Config, say: Callable[[str], None] = lambda message: None) -> None:
        self._folder = Store(config).cache / "pictures"
        self._say = say
        self._known = _read(config)
        self._shown: set[str] = set()

    def get(self, url: str) -> Path | None:
        """The copy of the picture at an address."""
        known = self._known.get(url)
        return self._folder / known.file if known and known.file else None

    def seen_from(self, page: str) -> Callable[[str], str | None]:
        """For a page at a URL path: address of a picture -> that of its copy, None for none."""

        from paperdiary.page import relative

        def address(url: str) -> str | None:
            file = self.get(url)
            return relative(f"{PLACE}/{file.name}", page) if file else None

        return address

    def files(self) -> list[tuple[str, Path]]:
        """Every copy that pages show: (path in the site, file)."""
        found = {file.name: file for url in self._shown if (file := self.get(url))}
        return [(f"{PLACE}/{name}", file) for name, file in sorted(found.items())]

    def fetch(self, urls: Iterable[str]) -> None:
        """Fetch what is neither here nor known to fail; forget what no page shows for long."""
        now = int(time.time())
        self._shown = set(urls)
        before = dict(self._known)
        self._known = {url: c for url, c in before.items() if url in self._shown or c.seen > now - UNUSED}
        wanted = [u for u in sorted(self._shown) if (k := self._known.get(u, Copy())).file == "" and k.after <= now]
        for url, made in self._fetched(wanted, now).items():
            self._known[url] = made
        for url in self._shown & self._known.keys():
            if self._known[url].seen < now - _DAY:
                self._known[url] = Copy(**{**asdict(self._known[url]), "seen": now})
        if self._known != before:
            self._write()
        missing = sorted({self._known[u].why for u in wanted if u in self._known and self._known[u].why})
        if missing:
            count = sum(1 for u in wanted if not self.get(u))
            more = " and more" if len(missing) > 3 else ""
            self._say(
                f"{counted(count, 'picture')} could not be copied and {'are' if count > 1 else 'is'} shown as"
                f" {'cards' if count > 1 else 'a card'} ({'; '.join(missing[:3])}{more}). A later build tries again."
            )

    def _fetched(self, wanted: list[str], now: int) -> dict[str, Copy]:
        """What became of each address; those for which no time was left are absent."""
        if not wanted:
            return {}
        deadline = time.monotonic() + PATIENCE
        silent: Counter[str] = Counter()  #: host -> how often it did not answer

        def one(url: str) -> Copy | None:
            from paperdiary.wire import host

            if time.monotonic() > deadline:
                return None
            old = self._known.get(url, Copy())
            try:
                if silent[host(url)] >= TRUST:
                    raise DiaryError(f"{host(url)} does not answer.")
                name, data = _picture(url)
                write_atomic(self._folder / name, data, durable=False)
                return Copy(file=name, digest=_digest(data), seen=now)
            except _Gone as e:
                silent[host(url)] += 1
                why = str(e)
            except DiaryError as e:
                why = str(e)
            wait = AGAIN[min(old.tries, len(AGAIN) - 1)]
            return Copy(why=why.partition(". ")[0].rstrip("."), tries=old.tries + 1, after=now + wait, seen=now)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {url: made for url, made in zip(wanted, pool.map(one, wanted), strict=True) if made}

    def _write(self) -> None:
        named = {c.file for c in self._known.values() if c.file}
        value = {"version": _VERSION, "pictures": {url: asdict(c) for url, c in sorted(self._known.items())}}
        with contextlib.suppress(DiaryError):  # the next build fetches them again
            write_atomic(self._folder / "pictures.json", sealed(value), durable=False)
        for file in self._folder.glob("[0-9a-f]*.*"):
            if file.name not in named:
                with contextlib.suppress(OSError):
                    file.unlink()


class _Gone(DiaryError):
    """A host could not be reached."""


def due(config: Config) -> bytes:
    """Changes when a picture that could not be had is to be asked for again; part of what a site is made of."""
    if config.options.pictures != "copy":
        return b""
    now = time.time()
    waiting = [c.after for c in _read(config, whole=False).values() if not c.file and c.after <= now]
    return f"pictures {max(waiting)}".encode() if waiting else b""


def _picture(url: str) -> tuple[str, bytes]:
    """The name and the bytes of the copy of a picture.

    Raises:
        DiaryError: there is none to be had.
    """
    from paperdiary import web
    from paperdiary.errors import NetworkError
    from paperdiary.wire import host

    address = f"https:{url}" if url.startswith("//") else url
    accept = "image/avif,image/webp,image/png,image/jpeg,image/gif,image/svg+xml;q=0.9,*/*;q=0.1"
    try:
        answer = web.fetch(address, accept=accept, timeout=10, limit=40, max_bytes=LARGEST, allowed=is_public, tries=1)
    except NetworkError as e:
        raise _Gone(str(e)) from None
    if answer.status != 200:
        raise DiaryError(f"{host(address)} does not give it out (HTTP {answer.status})")
    data = answer.body
    kind = kind_of(data)
    if kind == "svg":
        data = drawing(answer.text)
    if not kind or not data:
        raise DiaryError(f"what {host(address)} sends is no picture that can be shown")
    return f"{hashlib.sha256(url.encode()).hexdigest()[:20]}.{kind}", data


def kind_of(data: bytes) -> str:
    """What kind of picture bytes are, by what they begin with: the name's ending, "" for none."""
    for start, kind in (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
    ):
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    head = data[:4000].lstrip(b"\xef\xbb\xbf\x00\xff\xfe \t\r\n").lower()
    return "svg" if head.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head else ""


def drawing(text: str) -> bytes:
    """An SVG file with shapes and words alone; b"" for one that cannot be made so."""
    from xml.etree import ElementTree

    from paperdiary import foreign

    start, end = text.find("<svg"), text.rfind("</svg>")
    made = foreign.drawing(text[start : end + 6]) if 0 <= start < end else None
    if made is None:
        return b""
    made = made.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    try:
        ElementTree.fromstring(made)
    except (ElementTree.ParseError, ValueError):
        return b""
    return made.encode()


def is_public(url: str) -> bool:
    """Whether a host is one of the public network: notes from strangers may name machines of this one."""
    import ipaddress
    import socket
    from urllib.parse import urlsplit

    try:
        name = urlsplit(url).hostname or ""
        found = {item[4][0] for item in socket.getaddrinfo(name, None)}
        return bool(found) and all(ipaddress.ip_address(str(at).partition("%")[0]).is_global for at in found)
    except (OSError, ValueError, UnicodeError):
        return True  # no such host: asking says so better


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _read(config: Config, *, whole: bool = True) -> dict[str, Copy]:
    """What is known of pictures; with `whole` none whose file is gone or damaged."""
    folder = Store(config).cache / "pictures"
    value = Store(config).read_sealed(folder / "pictures.json")
    try:
        if value["version"] != _VERSION:
            return {}
        known = {str(url): Copy(**about) for url, about in value["pictures"].items()}
        return {u: c for u, c in known.items() if not (whole and c.file) or _is_whole(folder, c)}
    except (TypeError, LookupError, AttributeError):
        return {}


def _is_whole(folder: Path, copy: Copy) -> bool:
    try:
        return Path(copy.file).name == copy.file and _digest((folder / copy.file).read_bytes()) == copy.digest
    except OSError:
        return False
