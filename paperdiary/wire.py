"""One exchange with a web server: redirects followed, the answer unpacked, every failure one sentence."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from paperdiary import __version__, turns
from paperdiary.errors import DiaryError, NetworkError

if TYPE_CHECKING:
    import httpx2

_HOPS = 8
_CONNECT = 8.0  #: seconds for reaching a machine at all; a network that is not there often says nothing
_CHUNK = 1 << 16
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    url: str  #: after all redirects
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case
    body: bytes = b""
    whole: bool = True  #: False where the body was cut at its limit, or not read

    @property
    def type(self) -> str:
        """The media type, lower case, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body in the encoding that its byte order mark, header or first bytes name; UTF-8 otherwise."""
        for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if self.body.startswith(mark):
                return self.body.decode(name, "replace")
        named = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.I)
        inside = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", self.body[:2048], re.I)
        for charset in (named and named[1], inside and inside[1].decode("ascii", "replace"), "utf-8"):
            with contextlib.suppress(LookupError, ValueError):  # an unknown name, or one of no text encoding
                if charset:
                    return self.body.decode(charset, "replace")
        return ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to ask."""

    accept: str = "*/*"
    timeout: float = 20.0  #: seconds of silence
    limit: float = 60.0  #: seconds for one request and its answer as a whole
    allowed: Callable[[str], bool] = lambda url: True  #: whether an address may be asked, after a redirect as well


class Again(Exception):
    """The connection broke; the same request may well succeed. A sentence without its full stop."""


def exchange(url: str, wish: Wish, take: Callable[[Answer, Iterator[bytes]], _T]) -> _T:
    """Ask for `url` and let `take` read the answer: its head, and the body in pieces.

    Raises:
        Again: nothing usable came, but might.
        NetworkError: nothing usable came.
        DiaryError: `url` is no address of the web.
    """
    headers = {"User-Agent": user_agent(), "Accept": wish.accept, "Accept-Encoding": "gzip, deflate"}
    headers["Accept-Language"] = "en, *;q=0.5"
    address = url
    with _said_plainly(url, wish), _client(headers, wish) as client:
        for _ in range(_HOPS):
            if urlsplit(address).scheme not in {"http", "https"} and address != url:
                raise NetworkError(f"{host(url)} redirects to {address[:80]}, which is no address of the web.")
            if not wish.allowed(address):
                raise NetworkError(f"{host(address)} is no host of the public network and is not asked.")
            paced = pace(address)
            with turns.turn(*paced) if paced else contextlib.nullcontext() as turn:
                deadline = time.monotonic() + wish.limit  # waiting for a turn is not the server's slowness
                response = client.send(client.build_request("GET", address), stream=True)
                try:
                    target = response.headers.get("location")
                    if turn and response.status_code in {429, 503}:
                        turn.seconds = max(turn.seconds, retry_after(response.headers.get("retry-after", "")))
                    if response.status_code not in {301, 302, 303, 307, 308} or not target:
                        small = {k.lower(): v for k, v in response.headers.items()}
                        return take(Answer(address, response.status_code, small), _body(response, deadline))
                finally:
                    response.close()
            address = urljoin(address, target)
    raise NetworkError(f"{host(url)} redirects in a circle. Open {url} in a browser to see where it leads.")


def _client(headers: dict[str, str], wish: Wish) -> httpx2.Client:
    import httpx2

    silence = httpx2.Timeout(wish.timeout, connect=min(wish.timeout, _CONNECT))
    return httpx2.Client(headers=headers, timeout=silence, verify=_certificates())


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than many an answer: once a process."""
    import httpx2

    return httpx2.create_ssl_context()


def _body(response: httpx2.Response, deadline: float) -> Iterator[bytes]:
    """The body in pieces of a bounded size, unpacked: an answer that unpacks to terabytes stays harmless."""
    name = response.url.host
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise NetworkError(f"{name} packs its answer as “{coding[:20]}”, which was not asked for.")
    unpack: Any = None if coding in {"", "identity"} else zlib.decompressobj(wbits=47)
    empty = True
    for piece in response.iter_raw():
        raw = piece
        if time.monotonic() > deadline:
            raise Again(f"{name} sends its answer too slowly")
        if unpack is None:
            yield raw
            continue
        if empty and coding == "deflate" and raw and raw[0] & 0x0F != 8:
            unpack = zlib.decompressobj(wbits=-15)  # some servers leave the zlib header out
        while raw:
            empty = False
            try:
                out = unpack.decompress(raw, _CHUNK)
            except zlib.error:
                raise Again(f"{name} sent a damaged answer") from None
            yield out
            raw = unpack.unconsumed_tail
            if unpack.eof:
                break
    if unpack is not None and not empty and not unpack.eof:
        raise Again(f"{name} sent half an answer")


@contextlib.contextmanager
def _said_plainly(url: str, wish: Wish) -> Iterator[None]:
    """What the HTTP library raises, as one sentence."""
    import httpx2

    name = host(url)
    try:
        yield
    except httpx2.ConnectTimeout:
        raise NetworkError(f"{name} cannot be reached. Check the connection, then run the command again.") from None
    except httpx2.TimeoutException:
        raise Again(f"{name} did not answer within {wish.timeout:g} s") from None
    except httpx2.ConnectError as e:
        cause = _cause(e)
        if isinstance(cause, ssl.SSLError):
            what = getattr(cause, "verify_message", "") or cause.reason or "TLS"
            raise NetworkError(f"{name} cannot be trusted: {what}. Check this machine's clock and network.") from None
        if isinstance(cause, ConnectionRefusedError):
            raise NetworkError(f"{name} refuses connections. Run the command again later.") from None
        if isinstance(cause, socket.gaierror):
            hint = "Check the address and the connection to the internet, then run the command again."
            raise NetworkError(f"{name} cannot be found. {hint}") from None
        raise NetworkError(f"{name} cannot be reached. Check the connection, then run the command again.") from None
    except httpx2.ProxyError:
        raise NetworkError(f"The proxy does not let through to {name}. Check HTTPS_PROXY and NO_PROXY.") from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError, ValueError):
        raise DiaryError(f"{url[:200]} is no address of the web. Look for a typing error in it.") from None
    except httpx2.TransportError:
        raise Again(f"{name} broke off its answer") from None


def _cause(error: BaseException) -> BaseException:
    """The first error of the operating system below what a library made of it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (ssl.SSLError, socket.gaierror, ConnectionRefusedError)):
            return seen
        seen = seen.__cause__ or seen.__context__
    return error


def pace(url: str) -> tuple[str, float] | None:
    """Whose requests wait for their turn, and the seconds between them; None for other hosts.

    A mirror of one's own (PAPERDIARY_ARXIV_URL) may be asked faster (PAPERDIARY_ARXIV_INTERVAL); arXiv may not.
    """
    try:
        parts = urlsplit(url)
        mirror = urlsplit(os.environ.get("PAPERDIARY_ARXIV_URL", "")).netloc
    except ValueError:
        return None
    name = parts.hostname or ""
    if name == "arxiv.org" or name.endswith(".arxiv.org"):
        return "arxiv.org", 3.0
    if not mirror or parts.netloc != mirror:
        return None
    interval = 3.0
    with contextlib.suppress(ValueError):
        interval = max(float(os.environ.get("PAPERDIARY_ARXIV_INTERVAL", "3")), 0.0)
    return mirror, interval


def retry_after(value: str) -> float:
    """Seconds that a server asks to be left alone: a number, or a date (RFC 9110, section 10.2.3)."""
    from email.utils import parsedate_to_datetime

    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0) if value else 0.0
    except (ValueError, OverflowError, TypeError):
        return 0.0


def user_agent() -> str:
    """Who asks. An e-mail address in PAPERDIARY_MAILTO is sent along: Crossref serves such callers better."""
    contact = re.sub(r"[^\w.+@-]", "", os.environ.get("PAPERDIARY_MAILTO", ""), flags=re.A)
    return f"paperdiary/{__version__} (a reading diary{f'; mailto:{contact}' if contact else ''})"


def host(url: str) -> str:
    """The part of an address that a sentence names."""
    with contextlib.suppress(ValueError):
        return urlsplit(url).netloc.rpartition("@")[2] or url[:60]
    return url[:60]
