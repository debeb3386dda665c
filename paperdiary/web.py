"""The one HTTP client: polite, patient, and with a limit for everything.

`fetch` gives an answer of any status, `download` a file. Redirects are followed to web addresses only.
A server that is busy is asked again when it says so; one that cannot be reached is not. Requests to arXiv
wait for their turn (turns.py), whoever makes them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from paperdiary import turns, wire
from paperdiary.errors import DiaryError, NetworkError, NotFoundError
from paperdiary.wire import Answer, Wish, host

__all__ = ["Answer", "busy", "download", "fetch"]

#: what a server says when it is to be asked again later
_BUSY = {
    429: "asks for fewer requests (HTTP 429)",
    502: "is out of order at the moment (HTTP 502)",
    503: "is not available at the moment (HTTP 503)",
    504: "is too slow at the moment (HTTP 504)",
}
_TRIES = 3
_BACKOFF = 1.0  #: seconds before the second try where the server names none; doubles
_PATIENCE = 30.0  #: seconds spent on such waits


def busy(answer: Answer) -> str:
    """Why the same request should be made again, in words that follow the server's name; "" where it should not."""
    return _BUSY.get(answer.status, "")


def fetch(
    url: str,
    *,
    accept: str = "*/*",
    timeout: float = 20.0,
    limit: float = 60.0,
    max_bytes: int = 20_000_000,
    cut: bool = False,
    types: tuple[str, ...] = (),
    busy: Callable[[Answer], str] = busy,
    say: Callable[[str], None] = lambda message: None,
    allowed: Callable[[str], bool] = lambda url: True,
    tries: int = 3,
) -> Answer:
    """Ask for `url`; an answer of any status that is not `busy` is given as it is.

    Args:
        timeout: seconds of silence after which the server counts as gone.
        limit: seconds for one request and its answer as a whole.
        max_bytes: size of the body, unpacked. Longer ones are an error, or with `cut` are cut there.
        types: media types whose body is wanted; of others (a PDF behind a link to a page) it is not read.
        say: is told when there is something to wait for.
        allowed: whether an address may be asked; each redirect is looked at too.
        tries: how often at most.

    Raises:
        NetworkError: nothing usable came.
        DiaryError: `url` is no address of the web.
    """

    def take(answer: Answer, pieces: Iterator[bytes]) -> Answer:
        if types and answer.status == 200 and answer.type and answer.type not in types:
            return replace(answer, whole=False)
        body = bytearray()
        for piece in pieces:
            body += piece
            if len(body) > max_bytes:
                if not cut:
                    raise NetworkError(f"{host(url)} sent more than {_size(max_bytes)}, which cannot be right.")
                return replace(answer, body=bytes(body[:max_bytes]), whole=False)
        return replace(answer, body=bytes(body))

    return _patiently(url, Wish(accept, timeout, limit, allowed), take, busy, say, tries)


def download(
    url: str,
    path: Path,
    *,
    accept: str = "application/pdf, */*;q=0.5",
    timeout: float = 20.0,
    limit: float = 600.0,
    max_bytes: int = 100_000_000,
    check: Callable[[Path], None] | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> Answer:
    """Fetch a file to `path`: the whole of it or nothing.

    Args:
        check: looks at the finished file before it gets its name, and raises to refuse it.

    Raises:
        NotFoundError: there is no such file.
        NetworkError: nothing usable came, or more than `max_bytes`.
        DiaryError: `path` cannot be written.
    """
    temporary = _temporary(path)

    def take(answer: Answer, pieces: Iterator[bytes]) -> Answer:
        if answer.status != 200:
            return answer
        length = answer.headers.get("content-length", "")
        size = int(length) if length.isdigit() else 0  # said beforehand, what is too large need not be sent
        with temporary.open("wb") as out:
            if size <= max_bytes:
                size = 0
                for piece in pieces:
                    size += len(piece)
                    if size > max_bytes:
                        break
                    out.write(piece)
            if size > max_bytes:
                raise NetworkError(f"{url} is larger than {_size(max_bytes)} and was not downloaded.")
            out.flush()
            os.fsync(out.fileno())
        return answer

    try:
        answer = _patiently(url, Wish(accept, timeout, limit), take, busy, say)
        if answer.status in {404, 410}:
            raise NotFoundError(f"There is no file at {url}.")
        if answer.status != 200:
            raise NetworkError(f"{host(url)} does not give out {url} (HTTP {answer.status}).")
        if check:
            check(temporary)
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        temporary.replace(path)
        return answer
    except OSError as e:
        raise _unwritable(path, e) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    """A new empty file beside `path`; those that an earlier, killed download left are removed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(".*.part"):
            with contextlib.suppress(OSError):
                if time.time() - old.stat().st_mtime > 3600:
                    old.unlink()
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False) as f:
            return Path(f.name)
    except OSError as e:
        raise _unwritable(path, e) from None


def _unwritable(path: Path, error: OSError) -> DiaryError:
    return DiaryError(f"{path} cannot be written: {error.strerror}. Free space or change its permissions.")


def _patiently(
    url: str,
    wish: Wish,
    take: Callable[[Answer, Iterator[bytes]], Answer],
    busy: Callable[[Answer], str],
    say: Callable[[str], None],
    tries: int = _TRIES,
) -> Answer:
    """Ask up to three times, with the waits that the server asks for, all told half a minute."""
    left = _PATIENCE
    paced = wire.pace(url)
    for attempt in range(1, tries + 1):
        began = time.monotonic()
        pause = (paced[1] if paced else _BACKOFF) * 2 ** (attempt - 1)
        try:
            answer = wire.exchange(url, wish, take)
            reason = busy(answer)
            if not reason:
                return answer
            pause = max(pause, wire.retry_after(answer.headers.get("retry-after", "")))
            reason = f"{host(url)} {reason}"
        except wire.Again as e:
            reason = str(e)
            left -= time.monotonic() - began  # silence was waited for as well
        if attempt == tries or pause > left:
            again = f"in {turns.spoken(pause)}" if pause > _PATIENCE else "later"
            raise NetworkError(f"{reason}. Run the command again {again}.")
        if pause >= 1:
            say(f"{reason}; trying again in {turns.spoken(pause)} …")
        left -= pause
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _size(count: int) -> str:
    return f"{count / 1_000_000:.0f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"
