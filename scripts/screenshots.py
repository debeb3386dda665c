"""Pictures of every kind of page, for looking at; and those of the README.

usage: screenshots.py [--out shots] [--set NAME ...] [--corpus DIR] [--only TEXT] [--work DIR] [--as-is]
       screenshots.py --readme [--work DIR] [--as-is]

Sets: `starter` (the project's own diary), `few` (five entries of it), `corpus` (5,000 papers; needs --corpus, a
folder as corpus_diary.py reads it) and `odd` (text that tries to break the pages). Each is built under --work (a
temporary folder without it; --as-is takes what was built there before) and taken in light, dark and at 390 px into
OUT/NAME/LOOK-PAGE.png; --only takes those whose name has TEXT. With --readme the pictures in docs/ are made anew.
The Chromium is PAPERDIARY_CHROMIUM or the one on the PATH.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import corpus_diary
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
LOOKS = {"light": ("light", 1280, 900), "dark": ("dark", 1280, 900), "phone": ("light", 390, 844)}
LONGEST = 2600  #: px of a page that are taken
COLOURS = 255  #: of a picture in docs/


# -- diaries


def starter(root: Path, _: Path | None) -> None:
    """The project's own diary, with its vectors where it was built before."""
    for name in ("mkdocs.yml", "atlas.json"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "notes", root / "notes")
    if (ROOT / ".paperdiary").is_dir():
        shutil.copytree(ROOT / ".paperdiary", root / ".paperdiary")


def few(root: Path, corpus: Path | None) -> None:
    """Five notes of it."""
    starter(root, corpus)
    (root / "atlas.json").unlink()
    keep = sorted((root / "notes").glob("*/*.md"))[::17][:5]
    for file in (root / "notes").rglob("*.md"):
        if file not in keep:
            file.unlink()


def corpus(root: Path, folder: Path | None) -> None:
    if not folder:
        raise SystemExit("the set `corpus` needs --corpus, a folder with papers.jsonl.gz")
    corpus_diary.write(root, folder, 5000)
    corpus_diary.fill_cache(root, folder)


def odd(root: Path, _: Path | None) -> None:
    import nasty_diary

    nasty_diary.write_hostile(root)


SETS: dict[str, Callable[[Path, Path | None], None]] = {"starter": starter, "few": few, "corpus": corpus, "odd": odd}


def make(name: str, work: Path, folder: Path | None, as_is: bool) -> Path:
    """Builds a set's diary; the folder that holds notes/ and site/."""
    root = work / name
    if as_is and (root / "site" / "index.html").is_file():
        return root
    if not (root / "notes").is_dir():
        root.mkdir(parents=True, exist_ok=True)
        SETS[name](root, folder)
    subprocess.run([sys.executable, "-m", "paperdiary", "-C", str(root), "-q", "build"], check=True)
    return root


# -- pages, and what a reader does there


#: the map shows the projection that the address asks for, and is still
ARRIVED = """() => { const map = document.querySelector('.pd-map').diaryMap;
  return !map?.plotted || (map.drawn === map.view.get('projection') && !map.mover.animation); }"""


def settle(page: Page) -> None:
    page.wait_for_load_state("load")
    if page.locator(".pd-map").count():
        page.locator(".pd-map").first.scroll_into_view_if_needed()
        page.wait_for_selector(".pd-map--live, .pd-map--still", timeout=120_000)
        page.evaluate("() => scrollTo(0, 0)")
        page.wait_for_function(ARRIVED)
    page.wait_for_timeout(500)


def place(page: Page, row: int) -> dict[str, float]:
    """Where a row of the map lies in the window; a small row number is the best known kind of entry."""
    return dict(
        page.evaluate(
            """(row) => { const map = document.querySelector('.pd-map').diaryMap, at = map.at(row);
              const box = map.plotElement.getBoundingClientRect();
              return { x: box.left + map.plotElement.clientLeft + at.x, y: box.top + map.plotElement.clientTop + at.y };
            }""",
            row,
        )
    )


def hover(page: Page) -> None:
    at = place(page, 0)
    page.mouse.move(at["x"] - 3, at["y"])
    page.mouse.move(at["x"], at["y"])


def card(page: Page) -> None:
    at = place(page, 0)
    page.mouse.click(at["x"], at["y"])
    page.wait_for_timeout(1200)


def press(*keys: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator(".pd-map__plot").first.click(position={"x": 5, "y": 5})
        for key in keys:
            page.keyboard.press(key)

    return act


@dataclass(frozen=True)
class Shot:
    """A page, or a state of it."""

    name: str
    path: str
    act: Callable[[Page], None] | None = None
    sets: tuple[str, ...] = tuple(SETS)
    whole: bool = True  #: all of a long page, and not what fits in the window


def shots(root: Path) -> list[Shot]:
    """A page of each kind, and what the map and the search can show."""
    import looking

    out = [
        Shot(name.replace(" ", "-"), path, whole=name not in {"map", "embed"})
        for name, path in looking.kinds(root).items()
    ]
    some = ("starter", "corpus")
    return [
        *out,
        Shot("search-answers", "search/?q=attention"),
        Shot("map-hover", "map/", hover, whole=False),
        Shot("map-card", "map/", card, whole=False),
        Shot("map-table", "map/?table=1", None, some),
        Shot("map-umap", "map/?view=umap&hulls=1", None, some, whole=False),
        Shot("map-order", "map/?view=pca&order=1", None, some, whole=False),
        Shot("map-status", "map/?colour=status", None, some, whole=False),
        Shot("map-read", "map/?colour=read", None, some, whole=False),
        Shot("map-topic", "map/?colour=topic", None, whole=False),
        Shot("map-found", "map/?q=attention", None, some, whole=False),
        Shot("map-since", "map/?from=2024-01", None, some, whole=False),
        Shot("map-keys", "map/", press("?"), ("starter",), whole=False),
    ]


def take(browser: Browser, address: str, shot: Shot, look: str, file: Path) -> None:
    scheme, width, height = LOOKS[look]
    options: dict[str, Any] = {"has_touch": True} if look == "phone" else {}
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
    page.on("pageerror", lambda e: print(f"{file.name}: {e}"))
    page.goto(address + shot.path)
    settle(page)
    if shot.act:
        shot.act(page)
        page.wait_for_timeout(700)
    tall = min(int(page.evaluate("() => document.documentElement.scrollHeight")), LONGEST)
    clip: Any = {"x": 0, "y": 0, "width": width, "height": tall if shot.whole else height}
    page.screenshot(path=file, full_page=shot.whole, clip=clip)
    page.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def all_of(browser: Browser, name: str, root: Path, out: Path, only: str) -> None:
    address = serve(root / "site")
    (out / name).mkdir(parents=True, exist_ok=True)
    for shot in shots(root):
        for look in LOOKS:
            file = out / name / f"{shot.name}-{look}.png"
            if name in shot.sets and only in file.stem:
                try:
                    take(browser, address, shot, look, file)
                except Exception as e:  # the others are worth having
                    print(f"{file}: {str(e).splitlines()[0]}", flush=True)


# -- the README's


def indexed_png(rgb: Any) -> bytes:
    """A picture (height, width, 3) of uint8 as a PNG of at most 256 colours, chosen by k-means.

    Pages have large plain areas and few colours; a third of the bytes with no difference to be seen.
    """
    import numpy as np
    from sklearn.cluster import MiniBatchKMeans

    height, width, _ = rgb.shape
    known, where, count = np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    if len(known) > COLOURS:
        model = MiniBatchKMeans(COLOURS, random_state=1, n_init=1, batch_size=4096)
        model.fit(known.astype(np.float32), sample_weight=np.sqrt(count))
        palette, which = np.rint(model.cluster_centers_).astype(np.uint8), model.labels_
        for n in np.argsort(-count)[:40]:  # the plain areas keep their very colour
            palette[which[n]] = known[n] if count[n] == count[which == which[n]].max() else palette[which[n]]
    else:
        palette, which = known, np.arange(len(known))
    rows = which[where.reshape(-1)].astype(np.uint8).reshape(height, width)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"PLTE", palette.tobytes()),
            chunk(b"IDAT", zlib.compress(lines, 9)),
            chunk(b"IEND", b""),
        ]
    )


def small(file: Path) -> None:
    """Write a picture anew with few colours."""
    import numpy as np
    import pymupdf

    pixels = pymupdf.Pixmap(str(file))
    if pixels.alpha:
        pixels = pymupdf.Pixmap(pixels, 0)
    rgb = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
    file.write_bytes(indexed_png(rgb))
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} KB")


#: picture in docs/ -> (page, scheme, height, what is done there)
README: dict[str, tuple[str, str, int, Callable[[Page], None] | None]] = {
    "screenshot": ("", "light", 1080, None),
    "map": ("map/", "light", 860, card),
    "map-dark": ("map/?view=umap&hulls=1", "dark", 860, None),
    "note": ("a note", "light", 860, None),
}


def readme(browser: Browser, root: Path) -> None:
    import looking

    address, kinds = serve(root / "site"), looking.kinds(root)
    for name, (path, scheme, height, act) in README.items():
        options: Any = {"viewport": {"width": 1280, "height": height}, "device_scale_factor": 1.5}
        page = browser.new_page(color_scheme=scheme, **options)
        page.goto(address + kinds.get(path, path))
        settle(page)
        if act:
            act(page)
            page.wait_for_timeout(700)
        file = ROOT / "docs" / f"{name}.png"
        page.screenshot(path=file)
        page.close()
        small(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    parser.add_argument("--set", action="append", choices=SETS, help="only these (all that can be made)")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--work", type=Path, help="where the diaries are kept, a folder each")
    parser.add_argument("--as-is", action="store_true")
    parser.add_argument("--readme", action="store_true")
    given = parser.parse_args()
    chromium = os.environ.get("PAPERDIARY_CHROMIUM") or shutil.which("chromium")
    names = given.set or [name for name in SETS if name != "corpus" or given.corpus]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        work = given.work or Path(folder)
        if given.readme:
            readme(browser, make("starter", work, None, given.as_is))
        for name in [] if given.readme else names:
            all_of(browser, name, make(name, work, given.corpus, given.as_is), given.out, given.only)
        browser.close()


if __name__ == "__main__":
    main()
