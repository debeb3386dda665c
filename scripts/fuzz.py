"""Inputs that nobody would write, by the thousand: each gives a result or one clear error, and never a wrong result.

usage: fuzz.py [KIND ...] [--share 1.0] [--seed 1]

What is mutated, and what must hold of what comes out, is that of the tests (test_mutations.py, test_nothing_lost.py,
test_importing.py); here it is more of it, with another seed. A kind is a line in KINDS. Inputs are tried in processes
of their own, so that one that kills or hangs its process counts as well.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import random
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from fault_common import ROOT, TESTS, Tally

from paperdiary.config import Config
from paperdiary.errors import DiaryError

sys.path.insert(0, str(TESTS))
CHUNK = 50
SLOW = 20.0  #: seconds for one input
HANGS = 600  #: seconds for a chunk
SHARED = ROOT.parent / "shared"


def _plain(text: str) -> bool:
    """Whether a text holds no sign that steers a terminal."""
    return not any(unicodedata.category(c) == "Cc" and not c.isspace() for c in text)


def note(rng: random.Random, folder: Path) -> None:
    """Any bytes as a note: entries within the file."""
    import test_mutations as tests

    tests.check(tests.mutated(rng.choice(tests.SOURCES), rng))


def pile(rng: random.Random, folder: Path) -> None:
    """Marks of Markdown in heaps: every word is on the page, in its order."""
    import test_nothing_lost as tests

    text = tests.mutated(rng)
    lost = tests.lost(text, tests.page_of(text, folder))
    assert not lost, f"{lost!r} is not on the page"


def front(rng: random.Random, folder: Path) -> None:
    """Anything between the lines of front matter: the text below stays."""
    import test_mutations as tests

    keys = b"title: A: b\ndate: 2024-05-06\nauthors: [B, 'C']\ntags:\n  - a\n  - {b: 1}\nstatus: read\nurl: https://x.org\n"
    found = tests.check(b"---\n" + tests.mutated(keys, rng) + b"\n---\n\nThe text below stays.\n")
    assert "The text below stays." in found.text.replace("\0", "")


@functools.cache
def _papers() -> list[bytes]:
    """PDFs to damage: one that is set here, and those that are at hand."""
    from paper_pages import Sheet, prose, title_of

    sheet = Sheet()
    title_of(sheet)
    sheet.page.insert_textbox((72, 150, 540, 700), prose(300), fontsize=10)
    return [sheet.document.tobytes(), *(p.read_bytes() for p in sorted((SHARED / "pdfs").glob("*.pdf"))[:2])]


def paper(rng: random.Random, folder: Path) -> None:
    """A PDF with bytes changed, cut or put in: read, or refused in a sentence."""
    from paperdiary import pdf

    data = bytearray(rng.choice(_papers()))
    for _ in range(rng.choice([1, 4, 40])):
        at = rng.randrange(len(data) or 1)
        data = data or bytearray(b"%PDF-1.7")
        how = rng.random()
        if how < 0.6:
            data[at] = rng.randrange(256)
        elif how < 0.8:
            del data[at : at + rng.randint(1, 3000)]
        else:
            data[at:at] = rng.choice([b"endobj", b"stream\n", b"/Kids [1 0 R]", b"\0" * 99, b"<<", b"/Length 99999999"])
    file = folder / "paper.pdf"
    file.write_bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data)
    assert _plain(pdf.read(file).title or "")


def _imported(name: str, data: bytes, folder: Path) -> None:
    """Import a file: drafts that are notes, or an error in a sentence."""
    import test_mutations as tests

    from paperdiary import importing

    file = folder / name
    file.write_bytes(data)
    for draft in importing.plan(Config(root=folder / "diary", notes=folder / "diary" / "notes"), [file]).files:
        assert draft.name.endswith(".md"), draft.name
        assert ".." not in draft.name.split("/"), draft.name
        tests.check(draft.data or b"")


def bibtex(rng: random.Random, folder: Path) -> None:
    """A bibliography."""
    import test_importing as tests
    import test_mutations

    _imported("x.bib", test_mutations.mutated(tests.BIB.encode(), rng), folder)


def csl(rng: random.Random, folder: Path) -> None:
    """A library as Zotero exports it."""
    import test_importing as tests
    import test_mutations

    _imported("x.json", test_mutations.mutated(tests.CSL.encode(), rng), folder)


def captions(rng: random.Random, folder: Path) -> None:
    """Captions of a talk."""
    import test_importing as tests
    import test_mutations

    _imported(rng.choice(["x.vtt", "x.srt", "x.txt"]), test_mutations.mutated(tests.VTT.encode(), rng), folder)


@functools.cache
def _feeds() -> list[bytes]:
    from loopback import RECORDINGS, SHARED

    files = [*sorted(RECORDINGS.glob("*.json")), *sorted(SHARED.glob("*.json"))]
    return [json.loads(file.read_text(encoding="utf-8"))["body"].encode() for file in files]


def atom(rng: random.Random, folder: Path) -> None:
    """An answer of arXiv: papers that were asked for, in plain text, or an error in a sentence."""
    from test_mutations import mutated

    from paperdiary import arxiv, web
    from paperdiary.errors import NetworkError

    body = mutated(rng.choice(_feeds()), rng)

    def fetch(url: str, *, busy: Callable[[web.Answer], str], **_: Any) -> web.Answer:
        answer = web.Answer(url, 200, {"content-type": "application/atom+xml; charset=utf-8"}, body)
        if why := busy(answer):
            raise NetworkError(f"arXiv {why}.")
        return answer

    web.fetch = fetch  # this process fuzzes and does nothing else
    arxiv._keep = lambda paper: None
    ids = ["2601.00001", "2601.00002", "2602.00003", "1707.08567"]
    for identifier, found in arxiv.papers(ids, fresh=True).papers.items():
        assert identifier in ids, identifier
        texts = [found.title, found.abstract, *found.authors]
        assert all(map(_plain, texts)), texts


def html(rng: random.Random, folder: Path) -> None:
    """A page of the web: what it says of itself, in plain text."""
    import test_metadata as tests
    from test_mutations import mutated

    from paperdiary import webpage

    found = webpage.read(mutated(tests.SCHOLARLY.encode(), rng).decode("utf-8", "replace"), "https://example.org/p")
    assert _plain(found.title or ""), found.title


def query(rng: random.Random, folder: Path) -> None:
    """Words in the search box."""
    from test_mutations import mutated

    from paperdiary import query as queries

    seed = b'rose -bean "garden soil" topic:beds author:"A B" year:2020..2024 status:read (a OR b) '
    queries.parse(mutated(seed, rng).decode("utf-8", "replace"))


#: name -> (what it is, how many inputs, the function that tries one)
KINDS: dict[str, tuple[str, int, Callable[[random.Random, Path], None]]] = {
    "notes": ("notes mutated byte by byte", 5000, note),
    "markdown": ("piles of Markdown: every word is on its page", 2000, pile),
    "front-matter": ("front matter", 5000, front),
    "pdf": ("PDFs", 500, paper),
    "bibtex": ("BibTeX", 2000, bibtex),
    "csl": ("CSL-JSON", 2000, csl),
    "captions": ("captions", 2000, captions),
    "atom": ("arXiv's answers", 2000, atom),
    "html": ("pages of the web", 2000, html),
    "query": ("queries", 5000, query),
}


def _chunk(name: str, first: int, count: int, seed: int) -> tuple[int, float, list[str]]:
    """Try some inputs: (errors in a sentence, seconds of the slowest, what was wrong)."""
    function, said, slowest, wrong = KINDS[name][2], 0, 0.0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "diary" / "notes").mkdir(parents=True)
        for number in range(first, first + count):
            started = time.perf_counter()
            try:
                function(random.Random(f"{name} {seed} {number}"), Path(folder))
            except DiaryError as e:
                said += 1
                if len(str(e)) > 1000 or "\n" in str(e):
                    wrong.append(f"{name} {number}: no sentence: {str(e)[:200]!r}")
            except Exception as e:  # what the script is there to find
                wrong.append(f"{name} {number}: {type(e).__name__}: {str(e)[:300]}")
            took = time.perf_counter() - started
            slowest = max(slowest, took)
            if took > SLOW:
                wrong.append(f"{name} {number}: took {took:.0f} s")
    return said, slowest, wrong


def tries(name: str, share: float = 1.0, seed: int = 1) -> tuple[Tally, float]:
    """Try a share of a kind's inputs; (what came of it, seconds of the slowest)."""
    tally, slowest = Tally(), 0.0
    count = max(1, int(KINDS[name][1] * share))
    fork = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, fork)
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        tally.tried += size
        try:
            said, took, wrong = pool.submit(_chunk, name, first, size, seed).result(HANGS)
            tally.said += said
            slowest = max(slowest, took)
            tally.wrong += wrong
        except (BrokenProcessPool, TimeoutError) as e:
            tally.wrong.append(f"{name} {first} to {first + size - 1}: {type(e).__name__}")
            pool.shutdown(wait=False, cancel_futures=True)
            pool = ProcessPoolExecutor(1, fork)
    pool.shutdown()
    return tally, slowest


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    arguments.add_argument("--share", type=float, default=1.0, help="of the inputs")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    bad = False
    for name in given.kinds or KINDS:
        tally, slowest = tries(name, given.share, given.seed)
        print(f"{name}: {tally.tried} inputs, {tally.said} refused, slowest {slowest:.1f} s, wrong: {len(tally.wrong)}")
        print("\n".join(f"  {line}" for line in tally.wrong[:40]), flush=True)
        bad = bad or bool(tally.wrong)
    sys.exit(bad)


if __name__ == "__main__":
    main()
