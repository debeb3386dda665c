"""How long the search page takes to answer, and how much it fetches, with made-up diaries of several sizes.

usage: bench_browser_search.py [--passages 10000,100000] [--queries 100]

Writes the files of the search of a diary of made-up words, opens the page's scripts in Chromium and asks queries of
two to six words, each new. Prints the time from a question to its full answer (words and meaning, ten hits with their
passages) in milliseconds, the longest that the page itself was kept from answering a key, and the bytes of a first
search. The Chromium is PAPERDIARY_CHROMIUM or the one on the PATH; the files come over the loopback.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import os
import random
import shutil
import statistics
import tempfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from paperdiary import encoder, searchpage, shards
from paperdiary.entry import Entry, Passage
from paperdiary.shards import Place

FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
WORDS = 120  #: of a passage
EACH = 5  #: passages of an entry
KNOWN = 40_000  #: different words

ASK = """async ([queries]) => {
  const { Client } = await import('/scripts/client.js');
  const client = new Client(new URL('/search/', location.href).href);
  const ask = (text) => new Promise((done, failed) => client.ask(text, 10, (data) => {
    if (data.failed) failed(new Error(data.failed));
    else if (data.answer.notices.length) failed(new Error(data.answer.notices.join(' ')));
    else if (data.answer.complete) done(data.answer);
  }));
  const opened = performance.now();
  await ask(queries[0]);
  const first = performance.now() - opened;
  let last = performance.now(), longest = 0;
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 4);
    last = performance.now();
  }, 4);
  const times = [], again = [];
  for (const list of [times, again])
    for (const query of queries.slice(1)) {
      const start = performance.now();
      const answer = await ask(query);
      list.push(performance.now() - start);
      if (!answer.hits.length) throw new Error(`nothing for ${query}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  clearInterval(beat);
  return { first, times, again, longest };
}"""


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a small answer waits 40 ms for an acknowledgement

    def log_message(self, *_: object) -> None:
        pass


def made_up_words(vocabulary: list[str]) -> list[str]:
    """Words as texts have them: whole tokens of the encoder, and compounds of two."""
    chance = random.Random(1)
    whole = [w for w in vocabulary if w.isascii() and w.isalpha() and len(w) > 2]
    out = dict.fromkeys(whole)
    while len(out) < KNOWN:
        out["".join(chance.sample(whole, 2))] = None
    return list(out)[:KNOWN]


def diary(passages: int, words: list[str]) -> Iterator[Entry]:
    """Entries whose words are as frequent as words are (Zipf)."""
    chance = np.random.default_rng(2)
    share = 1 / np.arange(2, len(words) + 2)
    share /= share.sum()
    for n in range(passages // EACH):
        picked = chance.choice(len(words), size=EACH * WORDS + 8, p=share)
        text = [words[i] for i in picked]
        name, title = f"note:n/{n}.md", " ".join(text[:8])
        found = tuple(
            Passage(name, k, "Method", " ".join(text[8 + k * WORDS : 8 + (k + 1) * WORDS])) for k in range(EACH)
        )
        yield Entry(name, title, "paper", f"n/{n}.md", 1, f"n/{n}/", date="2025-01-01", topic="n", passages=found)


def some_queries(words: list[str], count: int) -> list[str]:
    chance = random.Random(3)
    return [" ".join(chance.sample(words[30:6000], chance.randint(2, 6))) for _ in range(count + 1)]


def write_site(root: Path, passages: int, table: encoder.QueryEncoder, words: list[str]) -> None:
    """root/search with all files, root/scripts with the page's scripts."""
    vectors = np.random.default_rng(4).normal(size=(passages, table.rows.shape[1])).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    place = Place(root / "search", root / "index.faiss")
    shards.update(place, list(diary(passages, words)), lambda: vectors, "bench", {}, table)
    place.index.rename(root / "search" / "index.faiss")
    folder = root / "search" / "encoder" / table.identity
    folder.mkdir(parents=True)
    for name, data in encoder_files(table):
        (folder / name).write_bytes(data)
    shutil.copytree(searchpage.SCRIPTS, root / "scripts")
    (root / "index.html").write_text("<!doctype html><title>bench</title>", encoding="utf-8")


def encoder_files(table: encoder.QueryEncoder) -> Iterator[tuple[str, bytes]]:
    yield "vocab.txt", "".join(f"{token}\n" for token in table.vocab).encode()
    for n, at in enumerate(range(0, table.rows.shape[0], shards.TOKENS)):
        part = slice(at, at + shards.TOKENS)
        yield f"{n}.bin", table.scale[part].astype("<f4").tobytes() + table.rows[part].tobytes()


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def report_bytes(root: Path, passages: int, asked: list[str], query: str) -> None:
    """What the first search fetched, gzipped: what every diary needs, and what is this diary's own."""
    parts = {"scripts": 0, "tokens of the encoder": 0, "rows of the encoder": 0, "meta.json": 0}
    own = {"index.faiss": 0, "words": 0, "passages": 0, "entries.json": 0}
    for name in asked:
        size = zipped(root / name)
        if name.startswith("scripts/"):
            parts["scripts"] += size
        elif name.endswith("vocab.txt"):
            parts["tokens of the encoder"] += size
        elif name.startswith("search/encoder/"):
            parts["rows of the encoder"] += size
        elif name == "search/meta.json":
            parts["meta.json"] += size
        else:
            key = next(k for k in own if name.removeprefix("search/").startswith(k))
            own[key] += size
    print(f"\nfirst search, “{query}”, gzipped:")
    for name, size in parts.items():
        print(f"  {name:24}{size / 1024:8.1f} KB")
    print(f"  {'together':24}{sum(parts.values()) / 1024:8.1f} KB (at most 400)")
    print("this diary's own:")
    for name, size in own.items():
        print(f"  {name:24}{size / 1024:8.1f} KB")
    print(f"  {'per 1,000 passages':24}{sum(own.values()) / 1024 / passages * 1000:8.1f} KB")


def measure(page: Page, address: str, queries: list[str]) -> dict[str, Any]:
    page.goto(address)
    return dict(page.evaluate(ASK, [queries]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", default="10000,100000")
    parser.add_argument("--queries", type=int, default=100)
    arguments = parser.parse_args()
    table = encoder.QueryEncoder(encoder.PACKAGED)
    words = made_up_words(table.vocab)
    queries = some_queries(words, arguments.queries)
    chromium = os.environ.get("PAPERDIARY_CHROMIUM") or shutil.which("chromium")
    print("milliseconds to the full answer      p50     p95    most | again p50     p95 | first | page held up")
    for passages in map(int, arguments.passages.split(",")):
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            root = Path(folder)
            write_site(root, passages, table, words)
            server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
            page = browser.new_page()
            asked: list[str] = []
            page.on("request", lambda r, asked=asked: asked.append(r.url.split("?")[0].split("/", 3)[3]))
            address = f"http://127.0.0.1:{server.server_port}/index.html"
            measure(page, address, queries[:1])
            fetched = [a for a in dict.fromkeys(asked) if a not in {"index.html", "favicon.ico"}]
            got = measure(page, address, queries)
            new, again = ([round(q, 1) for q in quantiles(got[k])] for k in ("times", "again"))
            print(
                f"{passages:>9,} passages{'':15}{new[0]:9}{new[1]:8}{new[2]:8} |{again[0]:10}{again[1]:8}"
                f" |{got['first']:6.0f} |{got['longest']:8.1f}",
                flush=True,
            )
            if passages <= 10_000:
                report_bytes(root, passages, fetched, queries[0])
            browser.close()
            server.shutdown()


def quantiles(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), float(np.quantile(values, 0.95)), max(values)


if __name__ == "__main__":
    main()
