"""What the tests that look at whole sites share: kinds of page, watched pages, strict servers, links."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from playwright.sync_api import Browser, Page

from paperdiary import build, config

#: pages of these names are one of a kind; of those below a name, one is as good as another
_MANY = ("topics", "clusters")
#: addresses that lead out of the site, or are none
_OUTSIDE = re.compile(r"[a-zA-Z][\w+.-]*:|//")


def kinds(root: Path) -> dict[str, str]:
    """Name -> address of a page of each kind in the site of the diary at `root`."""
    site = root / "site"
    diary = build.read(config.load(root))
    shapes: dict[str, str] = {}
    of_notes = {e.topic.split("/")[0] for e in diary.entries}
    for note in diary.notes:
        if note.hidden or not note.entries:
            continue
        page = note.entries[0].page.partition("#")[0]
        listed = any(e.listed for e in note.entries)
        shapes.setdefault("a list" if listed else "a note" if len(note.entries) == 1 else "a note with several", page)
        of_notes.add(page.strip("/"))
    out = {"home": ""}
    for file in sorted(site.glob("*/index.html")):
        name = file.parent.name
        if name not in of_notes:
            out[name] = f"{name}/"
    for name in _MANY:
        for file in sorted((site / name).glob("*/index.html"))[:1]:
            out[f"one of {name}"] = f"{name}/{file.parent.name}/"
    if (site / "map" / "embed" / "index.html").is_file():
        out["embed"] = "map/embed/"
    return {**out, **shapes, "not found": "404.html"}


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


class _Targets(HTMLParser):
    """The addresses and anchors of a page."""

    ADDRESSES = ("href", "src", "data-base", "data-map", "action", "poster", "xlink:href")
    FOLDERS = ("data-assets",)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.folders: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.ADDRESSES and value is not None:
                self.links.append(value)
            if name in self.FOLDERS and value is not None:
                self.folders.append(value)
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")

    handle_startendtag = handle_starttag


@functools.cache
def _parsed(file: Path) -> _Targets:
    parser = _Targets()
    parser.feed(file.read_text(encoding="utf-8"))
    return parser


def broken_links(site: Path, under: str = "/") -> Iterator[str]:
    """Internal links of a built site that lead nowhere, as "page -> address: why".

    Args:
        under: the path that the site is served at, such as "/diary/"; a link above it is broken.
    """
    for file in pages(site):
        here = file.relative_to(site).as_posix()
        address = f"{under}{here.removesuffix('index.html')}"
        for link in _parsed(file).links:
            if _OUTSIDE.match(link):
                continue
            parts = urlsplit(urljoin(address, link))
            path, anchor = unquote(parts.path), unquote(parts.fragment)
            if not path.startswith(under):
                yield f"{here} -> {link}: outside the site"
                continue
            target = site / path.removeprefix(under)
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                yield f"{here} -> {link}: no such file"
            elif anchor and target.suffix == ".html" and anchor not in _parsed(target).anchors:
                yield f"{here} -> {link}: no such anchor"
        for folder in _parsed(file).folders:
            if not (site / unquote(urlsplit(urljoin(f"/{here}", folder)).path).lstrip("/")).is_dir():
                yield f"{here} -> {folder}: no such folder"


class Strict(SimpleHTTPRequestHandler):
    """A folder, served with a Content-Security-Policy."""

    policy = ""

    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


def start(folder: Path, policy: str = "") -> ThreadingHTTPServer:
    """A server of `folder` on this machine, in a thread of its own."""
    handler = type("Handler", (Strict,), {"policy": policy})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


#: the driver's remarks on a software renderer are nobody's fault
_DRIVER = re.compile(r"GL Driver Message|software (?:WebGL|rendering)|fallback to software", re.I)


@dataclass
class Look:
    """A page that is watched: what is wrong is gathered, so that a test names all of it at once."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    missing_is_meant: bool = False

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.fault(f"thrown: {e}"))
        self.page.on("request", self._request)
        self.page.on("response", lambda r: self.fault(f"{r.status} {r.url}") if r.status >= 400 else None)

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.page.url.removeprefix(self.base)}: {text}")

    def _console(self, message: Any) -> None:
        if message.type not in {"error", "warning"} or _DRIVER.search(message.text):
            return
        if not (self.missing_is_meant and re.search(r"ERR_FAILED|^Paper Diary: ", message.text)):
            self.fault(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.fault(f"asked of a stranger: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        if self.page.locator(".pd-map").count():
            self.page.locator(".pd-map").first.scroll_into_view_if_needed()
            self.page.wait_for_selector(".pd-map--live, .pd-map--still", timeout=60_000)
        return self.page

    def check(self, where: str, good: bool, what: object) -> None:
        if not good:
            self.faults.append(f"{where}: {what}")

    def done(self) -> None:
        assert not self.faults, "\n".join(dict.fromkeys(self.faults))


@contextmanager
def looked_at(browser: Browser, base: str, **options: Any) -> Iterator[Look]:
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, **options})
    look = Look(context.new_page(), base)
    yield look
    context.close()
    look.done()
