"""A web server on this machine that answers as arXiv, doi.org, YouTube and any page would, faults included.

The fixture `loopback` (conftest.py) starts one and points the program at it, subprocesses included:

    def test_x(loopback):
        loopback.arxiv()                                      # the made-up papers of tests/recordings
        loopback.on("/post", Reply(body="<title>A post</title>"))
        loopback.on("/slow", Reply(503, headers={"Retry-After": "0"}), Reply(body="now"))   # in turn; the last repeats
        ...
        assert len(loopback.asked("/api/query")) == 1
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

RECORDINGS = Path(__file__).parent / "recordings"
SHARED = Path(__file__).parent.parent.parent / "shared" / "arxiv-atom"


@dataclass(frozen=True)
class Reply:
    """What is sent for one request."""

    status: int = 200
    body: bytes | str = b""
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  #: seconds before the first byte
    cut: int | None = None  #: send so many bytes of the body, then close the connection
    drip: float = 0.0  #: seconds between single bytes of the body
    reset: bool = False  #: no answer at all: the connection is reset


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    time: float  #: time.monotonic() of its arrival
    method: str
    path: str  #: decoded, without the query
    query: dict[str, str]
    headers: dict[str, str]  #: names in lower case
    raw: str = ""  #: path and query as sent
    address: str = ""  #: IP:port it came from


Answerer = Callable[[Asked], Reply]


class Loopback:
    """The server; `url` is its address without a slash at the end."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self._replies: dict[str, list[Reply | Answerer]] = {}
        self._lock = threading.Lock()
        self.open = 0  #: connections being answered now
        self.most_open = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            do_HEAD = do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: Any) -> None:
                pass  # a client that hangs up early is part of the tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def on(self, path: str, *replies: Reply | Answerer) -> None:
        """Answer requests for `path` with `replies` in turn, then with the last; `path*` for all that begin so."""
        self._replies[path] = list(replies)

    def asked(self, path: str = "") -> list[Asked]:
        """The requests so far whose path begins with `path`, in order."""
        return [r for r in self.requests if r.path.startswith(path)]

    def arxiv(self, *papers: str, folders: tuple[Path, ...] = (RECORDINGS,)) -> ArxivApi:
        """Answer /api/query and /pdf/ID as arXiv does, from recorded answers and with made-up `papers` (ids)."""
        api = ArxivApi(folders)
        for identifier in papers:
            api.make_up(identifier)
        self.on("/api/query", api.answer)
        self.on("/pdf/*", api.pdf)
        return api

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        asked = Asked(
            time.monotonic(),
            handler.command,
            unquote(parts.path),
            {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()},
            {k.lower(): v for k, v in handler.headers.items()},
            handler.path,
            "{}:{}".format(*handler.client_address[:2]),
        )
        with self._lock:
            self.requests.append(asked)
            self.open += 1
            self.most_open = max(self.open, self.most_open)
            reply = self._choose(asked.path)
        try:
            self._send(handler, reply(asked) if callable(reply) else reply)
        except (OSError, ValueError):
            handler.close_connection = True
        finally:
            with self._lock:
                self.open -= 1

    def _choose(self, path: str) -> Reply | Answerer:
        found = self._replies.get(path)
        if found is None:
            starts = [p for p in self._replies if p.endswith("*") and path.startswith(p[:-1])]
            found = self._replies[max(starts, key=len)] if starts else [Reply(404, "There is no such page.")]
        return found.pop(0) if len(found) > 1 else found[0]

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.delay)
        if reply.reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        handler.send_response(reply.status)
        headers = {"Content-Type": reply.type, "Content-Length": str(len(body)), **reply.headers}
        for name, value in headers.items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        sent = body if reply.cut is None else body[: reply.cut]
        if reply.drip:
            for n in range(len(sent)):
                handler.wfile.write(sent[n : n + 1])
                handler.wfile.flush()
                time.sleep(reply.drip)
        else:
            handler.wfile.write(sent)
        if reply.cut is not None:
            handler.close_connection = True


class ArxivApi:
    """arXiv's answers: entries by id, in whatever order; what it does not know it leaves out without a word."""

    def __init__(self, folders: tuple[Path, ...] = (RECORDINGS,)) -> None:
        self.entries: dict[str, str] = {}
        self.pdfs: dict[str, bytes] = {}
        for folder in folders:
            for path in sorted(folder.glob("*.json")):
                recorded = json.loads(path.read_text(encoding="utf-8"))
                if recorded["status_code"] == 200:
                    for entry in re.findall(r"<entry>.*?</entry>", recorded["body"], re.S):
                        identifier = re.search(r"<id>https?://arxiv\.org/abs/(.+?)v\d+</id>", entry)
                        if identifier:
                            self.entries.setdefault(identifier[1], entry)

    def make_up(self, identifier: str, **values: str) -> str:
        """A paper nobody wrote; `values` replace title, summary, author, category, comment, doi, version."""
        v = {"title": f"A made-up paper numbered {identifier}", "author": "Ada Example", "category": "cs.LG"}
        v |= {"summary": f"We make up the paper {identifier} so that nothing is copied.", "version": "1"} | values
        extra = f"<arxiv:comment>{v['comment']}</arxiv:comment>" if "comment" in v else ""
        extra += f"<arxiv:doi>{v['doi']}</arxiv:doi>" if "doi" in v else ""
        self.entries[identifier] = (
            f"<entry><id>http://arxiv.org/abs/{identifier}v{v['version']}</id><title>{v['title']}</title>"
            f"<updated>2026-02-03T04:05:06Z</updated><summary>{v['summary']}</summary>"
            f'<category term="{v["category"]}" scheme="http://arxiv.org/schemas/atom"/>'
            f'<published>2026-01-02T03:04:05Z</published>{extra}<arxiv:primary_category term="{v["category"]}"/>'
            f"<author><name>{v['author']}</name></author></entry>"
        )
        return identifier

    def answer(self, asked: Asked) -> Reply:
        if "accept" not in asked.headers:
            return Reply(406, "Not Acceptable", "text/plain")
        wanted = [i for i in asked.query.get("id_list", "").split(",") if i]
        bad = [i for i in wanted if not re.fullmatch(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", i)]
        if bad and len(wanted) == 1:
            return Reply(400, error_feed(bad[0]), "application/atom+xml; charset=utf-8")
        known = [self.entries[k] for i in wanted if (k := re.sub(r"v\d+$", "", i)) in self.entries]
        most = int(asked.query.get("max_results", "10"))
        return Reply(200, feed(*known[::-1][:most]), "application/atom+xml; charset=utf-8")

    def pdf(self, asked: Asked) -> Reply:
        identifier = re.sub(r"v\d+$", "", asked.path.removeprefix("/pdf/").removesuffix(".pdf"))
        if identifier not in self.pdfs:
            return Reply(404, "No PDF.")
        return Reply(200, self.pdfs[identifier], "application/pdf")


def feed(*entries: str) -> str:
    """An Atom answer in arXiv's form."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"'
        ' xmlns="http://www.w3.org/2005/Atom">\n<id>https://arxiv.org/api/made-up</id>\n<title>arXiv Query</title>\n'
        f"<opensearch:totalResults>{len(entries)}</opensearch:totalResults>\n" + "\n".join(entries) + "\n</feed>\n"
    )


def error_feed(identifier: str) -> str:
    """What arXiv answers, with status 400, to an id it cannot read."""
    return feed(
        f"<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_{identifier}</id><title>Error</title>"
        f"<summary>incorrect id format for {identifier}</summary><author><name>arXiv api core</name></author></entry>"
    )


def point_at(server: Loopback, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and those it starts ask `server`, keep answers under `cache` and wait 0 s between requests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(server, cache).items():
        monkeypatch.setenv(name, value)


def environment(server: Loopback, cache: Path) -> dict[str, str]:
    """The variables by which all that would be asked elsewhere is asked of `server`."""
    services = ("ARXIV", "DOI", "YOUTUBE", "VIMEO", "OPENREVIEW")
    return {
        **{f"PAPERDIARY_{name}_URL": server.url for name in services},
        "PAPERDIARY_CACHE": str(cache),
        "PAPERDIARY_ARXIV_INTERVAL": "0",
    }
