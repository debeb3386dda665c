"""Screenshots of a built site, for the README and for looking at.

usage: screenshots.py SITE OUT [PATH...]

Takes each PATH (the home page without one) in light, in dark and at 390 px width. The Chromium is
PAPERDIARY_CHROMIUM or the one on the PATH.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
LOOKS = {"light": ("light", 1280, 900), "dark": ("dark", 1280, 900), "phone": ("light", 390, 844)}


def main(site: str, out: str, *paths: str) -> None:
    handler = functools.partial(SimpleHTTPRequestHandler, directory=site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Path(out).mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("PAPERDIARY_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        for look, (scheme, width, height) in LOOKS.items():
            for path in paths or ("",):
                page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": height})
                page.goto(f"http://127.0.0.1:{server.server_port}/{path}")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(800)
                name = path.strip("/").replace("/", "_").replace("#", "_") or "home"
                page.screenshot(path=f"{out}/{look}-{name}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
