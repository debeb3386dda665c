"""What a build and a search make of state that was damaged.

usage: damage_state.py [--tries 500]

Builds a small diary with a paper, then, try by try, flips bits of one file of its state, cuts it off, empties it or
fills it with noise: atlas.json and every file under .paperdiary. After each the diary is read, built and searched, and
where the file is one that the site's pages come from the site is built too. What comes out must be what came out
before, or, where a place on the map is lost, that entry alone may lie elsewhere; a search that finds its index damaged
before a build may only say so.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash_build import MKDOCS_YML, garden
from fault_common import tree

from paperdiary import atlas_file, build, mkdocs_run, nightly
from paperdiary import config as configs
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.searcher import Searcher
from paperdiary.store import Store

#: files that only a build of the whole site reads
PAGES = frozenset({"pages.sqlite", "built.json"})
QUERIES = ("rose soil", "frost", '"apple" bee', "hedge topic:none", "bed 7")


@dataclass
class Found:
    """What came of the tries."""

    tries: Counter[str] = field(default_factory=Counter)  #: by file
    told: int = 0  #: something was said
    wrong: list[str] = field(default_factory=list)


def answers(config: Config, said: list[str]) -> Any:
    """What the reader sees of a search."""
    searcher = Searcher(build.read(config), said.append)
    return [[(h.entry, round(h.score, 4)) for h in searcher.search(query, 5)] for query in QUERIES]


def result(config: Config, said: list[str]) -> dict[str, Any]:
    """What the reader sees of a build and a search."""
    diary = build.run(config, said.append)
    return {
        "entries": diary.entries,
        "related": diary.related,
        "clusters": [(c.id, c.name, c.size) for c in diary.atlas.clusters],
        "places": {i: (p.points, p.cluster) for i, p in diary.atlas.places.items()},
        "answers": answers(config, []),
        "published": nightly.read(config),
    }


def site(config: Config, said: list[str]) -> dict[str, bytes]:
    """The site's pages after a build of it."""
    mkdocs_run.build(config, said.append, build.no_bar)
    return {name: data for name, data in tree(config.site).items() if not name.startswith("sitemap.xml")}


def _paper(path: Path) -> None:
    """A PDF of a few pages, so that there is a text of it, and an index of its passages."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    from paper_pages import Sheet, prose

    sheet = Sheet()
    for number in range(3):
        sheet.page.insert_textbox((72, 90, 540, 700), prose(250, number), fontsize=10)
        sheet.turn()
    path.parent.mkdir()
    path.write_bytes(sheet.document.tobytes())


def spoil(data: bytes, rng: random.Random) -> bytes:
    """Damaged bytes."""
    way = rng.random()
    if way < 0.6 and data:
        out = bytearray(data)
        for _ in range(rng.choice([1, 1, 1, 8])):
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
        return bytes(out)
    if way < 0.85:
        return data[: rng.randrange(len(data) + 1)]
    return b"" if way < 0.92 else rng.randbytes(max(len(data), 16))


def tries(root: Path, count: int, seed: int = 1) -> Found:
    """Damage `count` times."""
    garden(root / "notes", 30)
    (root / "mkdocs.yml").write_text(MKDOCS_YML.format(number=0), encoding="utf-8")
    _paper(root / "papers" / "bed-3.pdf")
    config, found, rng = configs.load(root), Found(), random.Random(seed)
    heard_first: list[str] = []
    right_site = site(config, heard_first)
    nightly.remember(build.read(config))
    right = result(config, [])
    state = Store(config)
    kept = root / "kept"
    shutil.copytree(state.cache, kept / "cache")
    shutil.copy(state.atlas, kept / "atlas.json")
    kept_site = shutil.copytree(config.site, kept / "site")
    files = sorted(p.relative_to(root) for p in state.cache.rglob("*") if p.is_file() and p.suffix != ".lock")
    for number in range(count):
        shutil.rmtree(state.cache)
        shutil.copytree(kept / "cache", state.cache)
        shutil.copy(kept / "atlas.json", state.atlas)
        name = Path("atlas.json") if number % 5 == 0 else files[number % len(files)]
        (root / name).write_bytes(spoil((root / name).read_bytes(), rng))
        found.tries[name.as_posix()] += 1
        where = f"try {number}, {name}"
        try:
            heard: list[str] = []
            if answers(config, heard) != right["answers"] and not heard:
                found.wrong.append(f"{where}: a search before the build")
        except DiaryError:
            found.told += 1
        except Exception as e:  # what the script is there to find
            found.wrong.append(f"{where}: {type(e).__name__} in a search: {e}")
        said: list[str] = []
        try:
            now = result(config, said)
        except DiaryError as e:
            if name.name == "atlas.json" and "version" in str(e):
                found.told += 1
            else:
                found.wrong.append(f"{where}: {e}")
            continue
        except Exception as e:
            found.wrong.append(f"{where}: {type(e).__name__} in a build: {e}")
            continue
        found.told += bool(said)
        if name.name in PAGES:
            shutil.rmtree(config.site)
            shutil.copytree(kept_site, config.site)
            if name.name != "built.json":  # else nothing changed, and no page is made
                (state.cache / "built.json").unlink(missing_ok=True)
            heard = []
            if site(config, heard) != right_site:
                found.wrong.append(f"{where}: the pages")
            if set(heard) - set(heard_first):
                found.wrong.append(f"{where}: said {heard[0]}")
        parts = ("entries", "related", "answers") if name.name == "atlas.json" else tuple(right)
        for part in parts:
            if part == "published" and now[part] is None and name.name == "published.json":
                continue  # it is damaged, and not believed
            if now[part] != right[part]:
                found.wrong.append(f"{where}: {part}")
        if name.name == "atlas.json":
            moved = {i for i, place in now["places"].items() if place != right["places"][i]}
            if moved and not said and atlas_file.loads((kept / "atlas.json").read_text())[0].made in _text(root / name):
                found.wrong.append(f"{where}: {len(moved)} moved without a word")
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tries", type=int, default=500)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = tries(Path(folder), given.tries)
    print(
        f"{sum(found.tries.values())} tries on {len(found.tries)} files, {found.told} told; wrong: {len(found.wrong)}"
    )
    print("\n".join(found.wrong[:40]))
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
