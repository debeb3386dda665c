"""Notes that no one would write: parsing any bytes gives entries within the file, and never an error."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_shapes import MONTHS

from paperdiary.entry import KINDS, STATUSES, Note
from paperdiary.onenote import parse

CORPUS = Path(__file__).parent / "corpus" / "notes"
SOURCES = [p.read_bytes() for p in sorted(CORPUS.rglob("*.md"))] + [
    MONTHS.encode(),
    b"# T\n\n| Paper | Date |\n|---|---|\n| [A b](https://arxiv.org/abs/2301.00001) | 2024-01-02 |\n" * 3,
    b"---\ntitle: A\ntags: [a, 1]\nauthors:\n  - B\n---\n\n$$x_1$$ [[wiki]] `code`\n\n```py\nopen\n",
    "# 堆肥\n\n阅读日期：2020.02.23\n\n- 作者：张三\n\n> Warm Compost\n".encode(),
    "# Heiß\n\nDatum: 30/05/2025\n".encode("cp1252"),
    "# BOM\r\n\r\ntext\r\n".encode("utf-16"),
]
BITS = [
    b"\x00",
    b"\r",
    b"\xff",
    b"\n---\n",
    b"\n# ",
    b"[",
    b"](",
    b"`",
    b"```\n",
    b"|",
    b"$$",
    b"<div>",
    b": ",
    b"\t",
    b"- ",
]
BITS += [
    b"&x: *x",
    b"{{",
    b"\xe2\x80",
    "\u2028".encode(),
    b"https://",
    b"arXiv:",
    b"2025-13-45",
    b"> ",
    b"![[",
    b"!!python/x ",
]


def check(data: bytes) -> Note:
    note = parse(data, "some/note.md")
    last = note.text.count("\n") + 1 + note.offset
    for entry in note.entries:
        assert 1 <= entry.line <= max(entry.end, 1) <= last + 1
        assert entry.title.strip()
        assert entry.kind in KINDS
        assert entry.status in STATUSES
        assert entry.passages
        assert entry.date is None or len(entry.date) == 10
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        assert len({p.number for p in entry.passages}) == len(entry.passages)
    return note


def mutated(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        upto = min(len(data), at + rng.randint(0, 40))
        how = rng.random()
        if how < 0.3:
            data = data[:at] + data[upto:]
        elif how < 0.7:
            data = data[:at] + rng.choice(BITS) * rng.choice([1, 1, 2, 9]) + data[at:]
        elif how < 0.85:
            data = data[:at] + rng.choice(SOURCES)[:200] + data[at:]
        else:
            data = data[:at] + bytes(rng.randrange(256) for _ in range(4)) + data[at:]
    return data


@pytest.mark.parametrize("part", range(20))
def test_two_thousand_mutated_notes(part: int) -> None:
    rng = random.Random(part)
    for _ in range(100):
        data = mutated(rng.choice(SOURCES), rng)
        try:
            check(data)
        except Exception as e:
            raise AssertionError(f"{e!r} for {data!r}") from e


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([b.decode("utf-8", "ignore") for b in BITS] + ["word ", "\n", "\n\n", "2024-05-06", "Date"])
    )
)
def test_any_pile_of_signs(parts: list[str]) -> None:
    check("".join(parts).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 5_000_000,
        b"# h\n" * 10_000,
        b"---\n" + b"a: &a [x]\n" + b"".join(b"b%d: &b%d [*a,*a,*a]\n" % (n, n) for n in range(50)) + b"---\ntext\n",
        b"---\na: " + b"[" * 100_000 + b"\n---\ntext\n",
        b"- " * 2_000 + b"deep",
        b">" * 3_000 + b" deep",
        b"| a " * 20_000 + b"|\n" + b"|---" * 20_000 + b"|\n",
        b"[" * 5_000,
        b"*" * 50_000 + b"a",
        b"\x00" * 10_000,
    ],
    ids=[
        "line of 5 MB",
        "10,000 headings",
        "YAML bomb",
        "brackets",
        "lists",
        "quotes",
        "table",
        "open links",
        "stars",
        "NUL",
    ],
)
def test_heaps(data: bytes) -> None:
    check(data)
