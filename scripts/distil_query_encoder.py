"""Fit the query encoder's table to the embedding model, and write it into the package.

usage: distil_query_encoder.py [--model NAME] [--out DIR] [--work DIR] [--without FILE] [--each N] [--texts N] FILE...

A FILE is one of
    *.jsonl, *.jsonl.gz    an object a line with title, abstract or text, keywords: views are cut from each
    data.noun and so on    WordNet's definitions, examples and compounds
    *.dict, *.dict.dz      a dictionary for dictd
    *.dic                  a word list for hunspell
    anything else          a text a line, taken as it is (.gz is unpacked)

The model's vectors are kept under --work, so that a run that was interrupted goes on where it was. Prints the mean
cosine on texts that were kept back, for each penalty that is tried. docs/query-encoder.md says what the table in
the package was made from; scripts/bench_search.py measures it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paperdiary import distil, embed, encoder
from paperdiary.config import DEFAULT_MODEL, Options
from paperdiary.views import Document, sentences, views, words

PENALTIES = (0.3, 1.0, 3.0)
CHUNK = 6000  #: texts embedded between two files under --work


def lines(path: Path) -> Iterator[str]:
    """Lines of a text file, unpacked where it is gzip."""
    opened = gzip.open if path.read_bytes()[:2] == b"\x1f\x8b" else open
    with opened(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            yield line.rstrip("\n")


def papers(path: Path) -> Iterator[Document]:
    for line in lines(path):
        paper = json.loads(line)
        text = paper.get("abstract") or paper.get("text") or ""
        yield Document(paper.get("title") or "", text, tuple(paper.get("keywords") or ()))


def wordnet(path: Path) -> Iterator[str]:
    for line in lines(path):
        head, bar, gloss = line.partition(" | ")
        if not bar or line.startswith(" "):
            continue
        fields = head.split()
        names = [fields[4 + 2 * n].replace("_", " ").partition("(")[0] for n in range(int(fields[3], 16))]
        definition = re.sub(r';\s*"[^"]*"', "", gloss).strip(" ;")
        yield from (definition, f"{names[0]}: {definition}", *(n for n in names if " " in n))
        yield from re.findall(r'"([^"]{12,})"', gloss)


def dictionary(path: Path) -> Iterator[str]:
    text = re.sub(r"[{}]|<[^>]*>|\[[^\]]*\]", "", "\n".join(lines(path)))
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (s for s in sentences(paragraph) if "http" not in s)


def word_list(path: Path) -> Iterator[str]:
    return (line.partition("/")[0].strip() for line in lines(path))


#: what the end (or beginning) of a file's name says about how to read it
READERS: dict[str, Callable[[Path], Iterator[Any]]] = {
    ".jsonl": papers,
    ".jsonl.gz": papers,
    "data.": wordnet,
    ".dict": dictionary,
    ".dict.dz": dictionary,
    ".dic": word_list,
}


def read(path: Path, without: frozenset[str], chance: random.Random) -> list[str]:
    """The short texts of one file."""
    reader = next((r for end, r in READERS.items() if path.name.endswith(end) or path.name.startswith(end)), lines)
    first, second = itertools.tee(reader(path))
    if reader is not papers:
        return [" ".join(t.split()) for t in first if t.strip()]
    documents = [d for d in second if plain(d.title) not in without]
    return [*views(documents, chance), *words(documents)]


def gather(
    files: Sequence[Path], without: Path | None, vocab: Sequence[str], each: int, most: int, chance: random.Random
) -> list[str]:
    """The texts to fit to, in the order of chance: the vocabulary's tokens, and what the files give."""
    titles = frozenset(plain(d.title) for d in papers(without)) if without else frozenset()
    always = dict.fromkeys(sorted({t.removeprefix("##") for t in vocab if distil.is_word_piece(t) and t.isascii()}))
    rest: dict[str, None] = {}
    for path in files:
        some = read(path, titles, chance)
        print(f"{path.name}: {len(some)} texts", flush=True)
        rest.update(dict.fromkeys(some if len(some) <= each else chance.sample(some, each)))
    others = [text for text in rest if text not in always]
    chance.shuffle(others)
    texts = [*always, *others[: max(0, most - len(always))]]
    chance.shuffle(texts)
    return texts


def plain(title: str) -> str:
    return re.sub(r"[\W_]+", " ", title.lower()).strip()


def teacher(options: Options, texts: Sequence[str], work: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The model's vectors, from `work` where they are there: one file a chunk, named by its texts."""
    work.mkdir(parents=True, exist_ok=True)
    encode, parts, started = None, [], time.perf_counter()
    for at in range(0, len(texts), CHUNK):
        chunk = list(texts[at : at + CHUNK])
        name = hashlib.blake2b("\n".join([embed.identity(options), *chunk]).encode(), digest_size=12).hexdigest()
        file = work / f"{name}.npy"
        if not file.is_file():
            encode = encode or embed.load(options)
            vectors = encode(chunk).astype(np.float16)
            with (work / f"{name}.part").open("wb") as out:
                np.save(out, vectors)
            (work / f"{name}.part").rename(file)
            print(f"{at + len(chunk)} of {len(texts)} texts, {time.perf_counter() - started:.0f} s", flush=True)
        parts.append(np.load(file))
    return np.concatenate(parts).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=encoder.PACKAGED)
    parser.add_argument("--work", type=Path, default=Path(".distil"), help="where the model's vectors are kept")
    parser.add_argument("--without", type=Path, help="a .jsonl file with papers whose titles are left out")
    parser.add_argument("--each", type=int, default=600_000, help="most texts of one file")
    parser.add_argument("--texts", type=int, default=1_000_000, help="most texts")
    parser.add_argument("--rows", type=int, default=distil.ROWS)
    parser.add_argument("--penalty", type=float, action="append", help="try only these")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    vocab = encoder.QueryEncoder(encoder.PACKAGED).vocab
    texts = gather(given.files, given.without, vocab, given.each, given.texts, random.Random(given.seed))
    options = Options(model=given.model, device=given.device)
    vectors = teacher(options, texts, given.work)
    started = time.perf_counter()
    order, table, about = distil.fit(
        texts,
        vectors,
        vocab,
        given.penalty or PENALTIES,
        distil.alone(vocab, texts, vectors),
        given.rows,
        lambda text: print(text, flush=True),
    )
    written = encoder.write(given.out, order, table, embed.identity(options), about)
    print(f"fitted in {time.perf_counter() - started:.0f} s: {given.out}, identity {written.identity}, {about}")


if __name__ == "__main__":
    main()
