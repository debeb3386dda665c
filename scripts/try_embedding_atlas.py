"""Open an exported diary in Embedding Atlas and look whether every point is there.

usage: try_embedding_atlas.py DIARY [--venv DIR] [--view tsne|umap|pca] [--shot FILE]

DIARY must have been built. Makes the environment DIR (with embedding-atlas, which brings torch and much else; some
minutes, once) where it is absent, exports DIARY, starts the documented call on loopback and opens its page in Chromium
(PAPERDIARY_CHROMIUM or the one on the PATH). From then on nothing may be asked of another machine: the server is told
of no network, and a request of the page that leaves this machine is a failure. Ends with 1 where something is amiss.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

#: litellm, which is not used here, would otherwise be tried in a hundred versions
VERSIONS = ("embedding-atlas==0.26.0", "litellm==1.91.5")
CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
FLAGS = "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update"
#: WebGPU without a graphics card
DRAWN = (
    "--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader --enable-features=Vulkan --use-vulkan=swiftshader "
    "--use-angle=swiftshader --enable-unsafe-swiftshader --ignore-gpu-blocklist"
)
#: the page asks for numbers of 16 bits on the graphics card, which a Chromium without one has not: they get 32 there
HALVES = """
    const has = GPUSupportedFeatures.prototype.has, device = GPUAdapter.prototype.requestDevice;
    const shader = GPUDevice.prototype.createShaderModule, buffer = GPUDevice.prototype.createBuffer;
    const missing = (adapter) => !has.call(adapter.features, 'shader-f16');
    GPUSupportedFeatures.prototype.has = function (name) { return name === 'shader-f16' || has.call(this, name); };
    GPUAdapter.prototype.requestDevice = function (wish) {
        if (!missing(this)) return device.call(this, wish);
        GPUDevice.prototype.createShaderModule = function (one) {
            const code = one.code.replace('enable f16;', '').replaceAll('<f16>', '<f32>').replaceAll('f16(', 'f32(');
            return shader.call(this, {...one, code}); };
        GPUDevice.prototype.createBuffer = function (one) {
            const twice = one.usage === GPUBufferUsage.STORAGE;
            return buffer.call(this, twice ? {...one, size: 2 * one.size} : one); };
        return device.call(this, {...wish, requiredFeatures: wish.requiredFeatures.filter(f => f !== 'shader-f16')}); };
"""
PATIENCE = 120  #: seconds


def environment(folder: Path) -> Path:
    """The program embedding-atlas in an environment of its own."""
    program = folder / "bin" / "embedding-atlas"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        torch = next(line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("torch=="))
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", torch, *VERSIONS], check=True)
    return program


def exported(diary: Path, target: Path, view: str) -> list[str]:
    """Export a diary; the call that the command says comes next, in words."""
    command = [sys.executable, "-m", "paperdiary", "-C", diary, "export", "parquet", "-o", target]
    done = subprocess.run([*command, *(["--view", view] if view else [])], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return shlex.split(done.stderr.split("`")[1])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def served(program: Path, call: list[str]) -> Iterator[str]:
    """The documented call, on loopback; gives its address."""
    port = free_port()
    nowhere = "http://127.0.0.1:9"  # the port of a service that throws away what it gets; nobody listens
    away = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
    there = {**os.environ, **away, "no_proxy": "127.0.0.1,localhost", "HF_HUB_OFFLINE": "1"}
    command = [str(program), *call[1:], "--host", "127.0.0.1", "--port", str(port), "--no-auto-port"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=there, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(PATIENCE * 2):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/data/metadata.json", timeout=5):
                    break
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"embedding-atlas ended with {process.returncode}:\n{log.read()}")
                time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(10)


def asked(page: Page, sql: str) -> list[dict[str, object]]:
    """What the page's own database answers."""
    found = page.evaluate(
        """async (sql) => {
            const answer = await fetch('/data/query', {method: 'POST', body: JSON.stringify({type: 'json', sql})});
            return answer.json(); }""",
        sql,
    )
    if not isinstance(found, list):
        raise SystemExit(f"the page's database does not answer: {found}")
    return found


def coloured(page: Page) -> int:
    """How many points of the largest canvas have a colour that is no grey: those of the map's points."""
    box = page.locator("canvas").evaluate_all(
        "all => all.map(c => c.getBoundingClientRect()).sort((a, b) => b.width * b.height - a.width * a.height)[0]"
    )
    picture = page.screenshot(clip={key: box[key] for key in ("x", "y", "width", "height")})
    return int(
        page.evaluate(
            """async (data) => {
                const image = new Image(); image.src = 'data:image/png;base64,' + data; await image.decode();
                const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d');
                context.drawImage(image, 0, 0);
                const p = context.getImageData(0, 0, image.width, image.height).data;
                let n = 0;
                for (let i = 0; i < p.length; i += 4)
                    n += Math.max(p[i], p[i + 1], p[i + 2]) - Math.min(p[i], p[i + 1], p[i + 2]) > 40;
                return n; }""",
            base64.b64encode(picture).decode(),
        )
    )


def look(address: str, shot: Path | None) -> list[str]:
    """What is amiss with the page."""
    wrong: list[str] = []
    chromium = os.environ.get("PAPERDIARY_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS.split(), *DRAWN.split()])
        page = browser.new_page(viewport={"width": 1280, "height": 860})

        def only_here(route: Route) -> None:
            if urlsplit(route.request.url).hostname in {"127.0.0.1", None}:
                route.continue_()
                return
            wrong.append(f"the page asks {route.request.url}")
            route.abort()

        page.route("**/*", only_here)
        page.add_init_script(f"if (navigator.gpu) {{ {HALVES} }}")
        page.on("pageerror", lambda error: wrong.append(f"a script of the page failed: {error}"))
        page.goto(address)
        page.locator("canvas").first.wait_for(timeout=PATIENCE * 1000)
        rows = asked(page, "SELECT count(*) AS n, count(projection_x) AS placed, count(text) AS texts FROM dataset")
        print(f"rows in the page's database: {rows[0]}")
        if len(set(rows[0].values())) != 1 or not rows[0]["n"]:
            wrong.append(f"not every row has a place and a text: {rows[0]}")
        near = "SELECT count(*) AS n FROM (SELECT unnest(neighbors.ids) AS id FROM dataset) WHERE id NOT BETWEEN 0 AND "
        if asked(page, f"{near} {rows[0]['n']} - 1")[0]["n"]:
            wrong.append("a neighbour is no row of the table")
        points = 0
        for _ in range(20):
            page.wait_for_timeout(1000)
            points = coloured(page)
            if points > 200:
                break
        print(f"coloured pixels on the map: {points}")
        if points <= 200:
            wrong.append("nothing is drawn on the map")
        if shot:
            page.screenshot(path=shot)
        browser.close()
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("diary", type=Path)
    parser.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "paperdiary-embedding-atlas")
    parser.add_argument("--view", default="")
    parser.add_argument("--shot", type=Path)
    given = parser.parse_args()
    program = environment(given.venv)
    with tempfile.TemporaryDirectory() as folder:
        call = exported(given.diary, Path(folder) / "diary.parquet", given.view)
        print(shlex.join(call))
        with served(program, call) as address:
            wrong = look(address, given.shot)
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        raise SystemExit(1)
    print("Every point is there.")


if __name__ == "__main__":
    main()
