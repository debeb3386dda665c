"""What the map costs a reader: bytes and time until it is seen and until it answers, frames a second while panning.

usage: bench_pages.py CORPUS [--sizes 100,1000,10000] [--runs 5] [--work DIR] [--as-is] [--network 4g] [--out FILE]

CORPUS is a folder as corpus_diary.py reads it. A diary of each size is built under --work (a temporary folder without
it; --as-is takes what was built there before). Chromium, its processor slowed down four times, opens the home page and
the map with an empty cache; the files come over the loopback, gzipped as GitHub Pages does it.

first sight   the first frame that shows the map as SVG
answers       the map shows the name of the point under the pointer; from then on it can be explored
drawn         Plotly, which loads once the reader pauses, has drawn the points in its turn
panning       frames between two stamps of requestAnimationFrame, while the pointer drags the map for two seconds; the
              slowest 5 %; how often a second the map really moved; the processor time that a move takes the page,
              not slowed down, which is what remains comparable on a machine that does other things as well

The bytes are those that Chromium had received by then, headers included. Each figure is the median of the runs, with
the least and the most. The Chromium is PAPERDIARY_CHROMIUM or the one on the PATH.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gzip
import itertools
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import corpus_diary
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --enable-unsafe-swiftshader --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
SLOWER = 4  #: times
PAGES = {"home": "", "map": "map/"}
PAN = 2.0  #: seconds
#: name -> (bits a second, milliseconds there and back)
NETWORKS = {"none": (0, 0), "4g": (9_000_000, 170), "slow-4g": (1_600_000, 562)}
SIGHT_KB, SIGHT_MS, FPS = 100, 1000, 30  #: what is to be reached
PACKED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")

#: runs before the page: when the map was first painted, when Plotly had drawn it
STAMPS = """
window.pdBench = { sight: null, drawn: null };
const look = () => {
  const svg = document.querySelector('.pd-map__plot svg'), box = svg?.getBoundingClientRect();
  if (pdBench.sight === null && (pdBench.drawn !== null || (box && box.width && box.top < innerHeight)))
    setTimeout(() => { pdBench.sight ??= performance.now(); });
  if (document.querySelector('.pd-map--live')) pdBench.drawn ??= performance.now();
  if (pdBench.drawn === null || pdBench.sight === null) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
#: a point of the map that lies alone, in the window
POINT = """() => {
  const map = document.querySelector('.pd-map').diaryMap, box = map.plotElement.getBoundingClientRect(), at = [];
  map.visible().forEach((seen, row) => {
    const place = seen && map.at(row);
    if (place) at.push([box.left + place.x, box.top + place.y]);
  });
  const inside = at.filter(([x, y]) => x > box.left + 80 && x < box.right - 80 && y > Math.max(box.top, 0) + 60
    && y < Math.min(box.bottom, innerHeight) - 40 && map.plotElement.contains(document.elementFromPoint(x, y)));
  const alone = ([x, y]) => Math.min(...at.map(([u, v]) => (u === x && v === y ? 1e9 : Math.hypot(u - x, v - y))));
  return inside.slice(0, 200).map((p) => [alone(p), p]).sort((a, b) => b[0] - a[0])[0]?.[1] ?? null;
}"""
#: any label beside the pointer, Plotly's or our own
ANSWERS = """() => {
  if (!document.querySelector('.hoverlayer .hovertext, .pd-hover:not([hidden])')) return false;
  pdBench.answered ??= performance.now();
  return true;
}"""
WATCH = """() => {
  const map = document.querySelector('.pd-map').diaryMap;
  window.pdFrames = { stamps: [], places: [], going: true };
  const frame = (now) => {
    pdFrames.stamps.push(now);
    pdFrames.places.push(map.lens.cx);
    if (pdFrames.going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def chromium() -> str | None:
    return os.environ.get("PAPERDIARY_CHROMIUM") or shutil.which("chromium")


class Packed(SimpleHTTPRequestHandler):
    """A folder served as GitHub Pages does: text gzipped, connections kept open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def send_head(self) -> Any:
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if path.is_dir() else path
        if not file.is_file() or file.suffix not in PACKED:
            return super().send_head()
        data = packed(file)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        return BytesIO(data)


@functools.cache
def packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Packed, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@dataclass
class Traffic:
    """What a page received, and when (seconds since its navigation began)."""

    begun: float | None = None
    parts: list[tuple[float, float]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  #: of each request
    answered: dict[str, float] = field(default_factory=dict)  #: when the answer to each request began
    sizes: dict[str, float] = field(default_factory=dict)

    def follow(self, cdp: Any) -> None:
        cdp.on("Network.requestWillBeSent", self._asked)
        cdp.on("Network.responseReceived", lambda e: self._got(e, e["response"]["encodedDataLength"]))
        cdp.on("Network.dataReceived", lambda e: self._got(e, e["encodedDataLength"]))
        cdp.on("Network.loadingFinished", self._finished)
        cdp.send("Network.enable")

    def _asked(self, event: Any) -> None:
        self.begun = event["timestamp"] if self.begun is None else self.begun
        self.names[event["requestId"]] = event["request"]["url"].split("?")[0].split("/", 3)[3] or "index.html"

    def _got(self, event: Any, count: int) -> None:
        when = event["timestamp"] - (self.begun or 0)
        self.answered.setdefault(event["requestId"], when)
        self._add(event["requestId"], when, count)

    def _finished(self, event: Any) -> None:
        """What Chromium had not told of, which is so of the page itself, counts from the answer's beginning."""
        name = event["requestId"]
        if rest := event["encodedDataLength"] - self.sizes.get(self.names.get(name, "?"), 0):
            self._add(name, self.answered.get(name, 0.0), rest)

    def _add(self, request: str, when: float, count: float) -> None:
        self.parts.append((when, count))
        name = self.names.get(request, "?")
        self.sizes[name] = self.sizes.get(name, 0) + count

    def until(self, milliseconds: float) -> float:
        """Kilobytes (1,000 bytes) received by then."""
        return sum(count for when, count in self.parts if when * 1000 <= milliseconds) / 1000


def open_page(browser: Browser, address: str, network: str) -> tuple[Any, Page, Traffic]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(STAMPS)
    cdp, traffic = context.new_cdp_session(page), Traffic()
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    traffic.follow(cdp)
    bits, delay = NETWORKS[network]
    if bits:
        rate = {"latency": delay, "downloadThroughput": bits / 8, "uploadThroughput": bits / 8, "offline": False}
        cdp.send("Network.emulateNetworkConditions", rate)
    page.goto(address, wait_until="commit")
    return context, page, traffic


def first_look(browser: Browser, address: str, network: str) -> tuple[dict[str, float], dict[str, int]]:
    """Milliseconds and kilobytes of one visit; what was fetched."""
    context, page, traffic = open_page(browser, address, network)
    ready = "() => pdBench.sight !== null && document.querySelector('.pd-map')?.diaryMap"
    page.wait_for_function(ready, timeout=120_000)
    point, deadline, step = page.evaluate(POINT), time.monotonic() + 60, 0
    if point is None:
        raise SystemExit(f"{address}: no point of the map is in the window")
    while not page.evaluate(ANSWERS):
        if time.monotonic() > deadline:
            raise SystemExit(f"{address}: the map does not answer the pointer")
        page.mouse.move(point[0] + (4, 0)[step % 2], point[1])
        step += 1
    page.mouse.move(2, 2)
    page.wait_for_function("() => pdBench.drawn !== null", timeout=120_000)
    at = page.evaluate("() => pdBench")
    page.wait_for_timeout(100)
    out = {f"{name} ms": at[key] for name, key in (("sight", "sight"), ("answers", "answered"), ("drawn", "drawn"))}
    out |= {f"{name} KB": traffic.until(out[f"{name} ms"]) for name in ("sight", "answers", "drawn")}
    context.close()
    return out, traffic.sizes


async def panning(address: str, runs: int) -> list[dict[str, float]]:
    """Frames a second while the pointer drags the map, of each run.

    The pointer goes on whether or not the page keeps up, as a hand does.
    """
    out = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
        for _ in range(runs):
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            await page.add_init_script(STAMPS)
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
            await page.goto(address)
            await page.wait_for_function("() => pdBench.drawn !== null", timeout=120_000)
            await page.wait_for_timeout(300)
            before = await busy(cdp)
            moved = await drag(page, cdp)
            work = (await busy(cdp) - before) / moved["moved"]
            await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            await page.wait_for_timeout(500)
            out.append({**await drag(page, cdp), "work": work})
            await page.close()
        await browser.close()
    return out


async def busy(cdp: Any) -> float:
    """Milliseconds of processor time that the page's main thread has used."""
    metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
    return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


async def drag(page: Any, cdp: Any) -> dict[str, float]:
    box = await page.locator(".pd-map__plot").first.bounding_box()
    top = max(box["y"], 0)
    x, y = box["x"] + box["width"] / 2, top + (min(box["y"] + box["height"], 900) - top) / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 12, y)
    await page.evaluate(WATCH)
    begun, sent = time.perf_counter(), []
    while (now := time.perf_counter() - begun) < PAN:
        at = {"x": x + 180 * math.sin(now * 2.6), "y": y + 90 * math.sin(now * 3.7)}
        event = {"type": "mouseMoved", "button": "left", "buttons": 1, **at}
        sent.append(asyncio.ensure_future(cdp.send("Input.dispatchMouseEvent", event)))
        await asyncio.sleep(1 / 125)
    await page.evaluate("() => { pdFrames.going = false; }")
    await asyncio.gather(*sent)
    await page.mouse.up()
    got = await page.evaluate("() => pdFrames")
    between = [b - a for a, b in itertools.pairwise(got["stamps"])]
    moved = sum(a != b for a, b in itertools.pairwise(got["places"]))
    if not moved:
        raise SystemExit(f"{page.url}: the map did not move under the pointer")
    slow = statistics.quantiles(between, n=20)[-1]
    seconds = (got["stamps"][-1] - got["stamps"][0]) / 1000
    return {
        "fps": 1000 / statistics.median(between),
        "fps slowest": 1000 / slow,
        "moves": moved / seconds,
        "moved": moved,
    }


@dataclass(frozen=True)
class Figure:
    """Some runs of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        digits = 0 if self.median >= 100 else 1
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def together(runs: Sequence[dict[str, float]]) -> dict[str, Figure]:
    return {key: Figure(tuple(run[key] for run in runs)) for key in runs[0]}


def make(size: int, corpus: Path, work: Path, as_is: bool) -> Path:
    """The site of a diary of `size` entries."""
    root = work / str(size)
    if not (as_is and (root / "site" / "index.html").is_file()):
        if not (root / "notes").is_dir():
            corpus_diary.write(root, corpus, size)
            corpus_diary.fill_cache(root, corpus)
        subprocess.run([sys.executable, "-m", "paperdiary", "-C", str(root), "-q", "build"], check=True)
    return root / "site"


def verdict(good: bool) -> str:
    return "reached" if good else "**not reached**"


def measure(browser: Browser, site: Path, size: int, runs: int, network: str) -> list[str]:
    lines = []
    with served(site) as address:
        for name, path in PAGES.items():
            visits = [first_look(browser, address + path, network) for _ in range(runs)]
            f = together([visit for visit, _ in visits])
            lines.append(
                f"| {size:,} | {name} | {f['sight KB']} | {f['sight ms']} | {f['answers KB']} | {f['answers ms']}"
                f" | {f['drawn KB']} | {f['drawn ms']} |"
            )
            print(lines[-1], flush=True)
            sizes = sorted(visits[-1][1].items(), key=lambda item: -item[1])
            print("  " + ", ".join(f"{name} {count / 1000:.1f}" for name, count in sizes if count > 500), flush=True)
            if size == 100:
                reached = f["sight KB"].median <= SIGHT_KB and f["sight ms"].median < SIGHT_MS
                print(f"  first sight in {SIGHT_KB} KB and {SIGHT_MS} ms: {verdict(reached)}")
    return lines


def pan(site: Path, size: int, runs: int) -> str:
    with served(site) as address:
        f = together(asyncio.run(panning(address + PAGES["map"], runs)))
    line = f"| {size:,} | {f['fps']} | {f['fps slowest']} | {f['moves']} | {f['work']} |"
    print(f"panning {line}", flush=True)
    if size >= 10_000:
        print(f"  {FPS} frames a second while panning: {verdict(min(f['fps'].median, f['moves'].median) >= FPS)}")
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=Path, help="where the diaries are kept, a folder each")
    parser.add_argument("--as-is", action="store_true", help="take the sites that were built under --work before")
    parser.add_argument("--network", choices=NETWORKS, default="none", help="slow the connection down as well")
    parser.add_argument("--out", type=Path, help="write the tables to this Markdown file")
    given = parser.parse_args()
    first, second = [], []
    with tempfile.TemporaryDirectory() as folder:
        sizes = [int(size) for size in given.sizes.split(",")]
        sites = {size: make(size, given.corpus, given.work or Path(folder), given.as_is) for size in sizes}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
            version = browser.version
            for size, site in sites.items():
                first += measure(browser, site, size, given.runs, given.network)
            browser.close()
        for size, site in sites.items():
            second.append(pan(site, size, given.runs))
        where = (
            f"Chromium {version} at a processor slowed down {SLOWER} times, {os.cpu_count()} cores"
            f" ({platform.machine()}), load {os.getloadavg()[0]:.1f}, network: {given.network}; median of {given.runs}"
            " runs (least–most)."
        )
    head = (
        "| entries | page | first sight KB | ms | answers the pointer KB | ms | Plotly has drawn KB | ms |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    )
    moving = (
        "| entries | frames/s panning | slowest 5 % | moves/s | processor ms a move, not slowed down |",
        "|---:|---:|---:|---:|---:|",
    )
    text = "\n".join(["# The map, measured", "", where, "", *head, *first, "", *moving, *second, ""])
    print(f"\n{text}")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
