"""What the commands make of a full disk, of folders that cannot be written, and of a cache that is gone.

usage: fault_disk.py [full|locked|removed ...] [--tries 120]

full: a file system of its own (a tmpfs, which needs the right to mount; otherwise a limit on the size of files) has
room for a share of what a command writes; it must end with one sentence, lose nothing, and complete once there is
room. locked: everything, or one folder, cannot be written. removed: .paperdiary/, or one file in it, is deleted before
a build or while it runs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import damage_state
from crash_build import garden, told, write
from fault_common import Tally, arxiv, ended, tree
from forks import start

from paperdiary import config as configs

DISK = 64 * 1024 * 1024
#: command -> exit codes of success, when it is run for the first time and when it is run again
COMMANDS = {"build": {0}, "first build": {0}, "add": {0, 3}, "import": {0, 3}, "read": {0}}


@contextlib.contextmanager
def disk(size: int = DISK) -> Iterator[tuple[Path, bool]]:
    """A small file system (True) or a folder (False)."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "diary", folder]
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            yield Path(folder), mounted
        finally:
            if mounted:
                subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def room_for(folder: Path, size: int, mounted: bool) -> Iterator[None]:
    """Meanwhile no more than `size` bytes can be written."""
    ballast, before = folder / "ballast", resource.getrlimit(resource.RLIMIT_FSIZE)
    if mounted:
        found = os.statvfs(folder)
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(1, found.f_bavail * found.f_frsize - size))
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(1, size // 8), before[1]))
    try:
        yield
    finally:
        ballast.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _words(command: str, root: Path, paper: str) -> list[str]:
    return {
        "add": ["add", "--no-pdf", paper],
        "import": ["import", str(root.parent / "garden")],
        "read": ["read", "bed-3.md", "--date", "2024-05-06"],
    }.get(command, ["build"])


def full(count: int) -> Tally:
    """Fill the disk `count` times."""
    tally = Tally()
    with disk() as (place, mounted), arxiv(1) as (_, (paper,)), tempfile.TemporaryDirectory() as aside:
        root, kept = place / "diary", Path(aside) / "diary"
        garden(place / "garden", 20, first=500)
        garden(kept / "notes", 12)
        write(kept, 0)
        assert start(kept, "build").wait() == 0
        wanted: dict[str, dict[str, bytes]] = {}
        needs: dict[str, int] = {}
        for number in range(-len(COMMANDS), count):  # the first rounds measure what is written with room enough
            command = list(COMMANDS)[number % len(COMMANDS)]
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(kept, root)
            if command == "first build":
                shutil.rmtree(root / "site")
                shutil.rmtree(root / ".paperdiary")
            write(root, 1)
            before, words = tree(root / "notes"), _words(command, root, paper)
            if number < 0:
                free = _free(place)
                assert start(root, *words).wait() == 0
                wanted[command] = tree(root / "notes")
                needs[command] = max(free - _free(place), 64 * 1024) + 2_000_000 * ("build" in command)
                continue
            room = int(needs[command] * (number * 0.618 % 1)) // 4096 * 4096
            tally.tried += 1
            tally.kinds[command] += 1
            where = f"try {number}: `{command}` with room for {room // 1024} KB"
            with room_for(place, room, mounted):
                code, odd = ended(start(root, *words), frozenset(COMMANDS[command]))
            tally.said += code not in COMMANDS[command]
            notes = tree(root / "notes")
            if odd:
                tally.wrong.append(f"{where}: {odd}")
            if any(data not in (before.get(name), wanted[command].get(name)) for name, data in notes.items()):
                tally.wrong.append(f"{where}: a note is half written")
            if before.keys() - notes.keys():
                tally.wrong.append(f"{where}: a note is gone")
            old = {"1"} if command == "first build" else {"0"}
            if "build" in command and told(root / "site")[0] not in (set(), old, {"1"}):
                tally.wrong.append(f"{where}: the site is half of this build")
            if command == "build" and not told(root / "site")[0]:
                tally.wrong.append(f"{where}: the site is gone")
            code, odd = ended(start(root, *words), frozenset(COMMANDS[command]))
            if odd or code not in COMMANDS[command] or tree(root / "notes") != wanted[command]:
                tally.wrong.append(f"{where}: the next run did not complete ({code}) {odd}")
            if "build" in command and told(root / "site")[0] != {"1"}:
                tally.wrong.append(f"{where}: the next build did not make the site")
    return tally


def _free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


#: what cannot be written: (name, folders of the diary)
LOCKED = {
    "the whole diary": (".",),
    "notes/": ("notes",),
    ".paperdiary/": (".paperdiary",),
    "site/": ("site",),
    "a new diary": (".", "notes"),
}
READING = (["list"], ["search", "rose soil"], ["check"], ["stats"], ["list", "--json"])


def locked(count: int) -> Tally:
    """Run the commands with folders that cannot be written: by their rights, and of a disk mounted to be read."""
    tally = Tally()
    with disk() as (place, mounted), arxiv(1) as (_, (paper,)):
        place.chmod(0o755)
        garden(place / "garden", 5, first=500)
        kept = place / "kept"
        garden(kept / "notes", 6)
        write(kept, 0)
        assert start(kept, "build").wait() == 0
        ways = [*LOCKED, *(["a disk mounted to be read"] if mounted else [])]
        commands = [
            *({c: _words(c, place / "diary", paper) for c in COMMANDS if c != "first build"}).values(),
            *READING,
        ]
        for way in ways:
            for words in commands:
                tally.tried += 1
                tally.kinds[way] += 1
                root = place / "diary"
                shutil.rmtree(root, ignore_errors=True)
                shutil.copytree(kept, root)
                if way == "a new diary":
                    shutil.rmtree(root / ".paperdiary")
                    shutil.rmtree(root / "site")
                else:
                    write(root, 1)
                before = tree(root / "notes")
                site = tree(root / "site") if (root / "site").exists() else {}
                paths = [p for part in LOCKED.get(way, ()) for p in [root / part, *_folders(root / part)]]
                with _read_only(paths, place if way not in LOCKED else None):
                    code, odd = ended(start(root, *words, plain=True), frozenset({0, 3}))
                tally.said += code not in {0, 3}
                where = f"try {tally.tried}: `{' '.join(words[:1])}`, locked: {way}"
                if words in READING and way != "a new diary" and words[0] != "check" and code:
                    tally.wrong.append(f"{where}: what only reads ended with {code}")
                if odd:
                    tally.wrong.append(f"{where}: {odd}")
                after = tree(root / "notes")
                if code and (after != before or site != (tree(root / "site") if site else {})):
                    tally.wrong.append(f"{where}: it failed, and changed something")
                if any(after.get(name) != data for name, data in before.items()) and words[0] != "read":
                    tally.wrong.append(f"{where}: a note changed")
                code, odd = ended(start(root, "build", plain=True))
                if code or odd or told(root / "site")[0] != {"0" if way == "a new diary" else "1"}:
                    tally.wrong.append(f"{where}: the next build did not complete ({code}) {odd}")
                if tally.tried >= count:
                    return tally
    return tally


def _folders(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_dir()]


@contextlib.contextmanager
def _read_only(folders: list[Path], mount: Path | None) -> Iterator[None]:
    for folder in folders:
        folder.chmod(0o555)
    if mount:
        subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
    try:
        yield
    finally:
        if mount:
            subprocess.run(["mount", "-o", "remount,rw", str(mount)], check=True)
        for folder in folders:
            folder.chmod(0o755)


def removed(count: int, seed: int = 3) -> Tally:
    """Delete the cache, or one file of it, before a build and while it runs."""
    tally, rng = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        garden(root / "notes", 20)
        write(root, 0)
        assert start(root, "build").wait() == 0
        config = configs.load(root)
        right = damage_state.result(config, [])
        started = time.monotonic()
        cache = root / ".paperdiary"
        files = sorted(p.relative_to(cache) for p in cache.rglob("*") if p.is_file() and p.suffix != ".lock")
        write(root, 0)
        assert start(root, "build").wait() == 0
        whole = time.monotonic() - started
        for number in range(count):
            tally.tried += 1
            write(root, 0)
            name = files[number // 2 % len(files)] if number % 4 else None
            target = cache / name if name else cache
            where = f"try {number}: {name or '.paperdiary/'}"
            if number % 2:
                tally.kinds["while a build ran"] += 1
                (root / "mkdocs.yml").touch()
                (cache / "built.json").unlink(missing_ok=True)
                run = start(root, "build")
                time.sleep(whole * rng.random())
                _remove(target)
                code, odd = ended(run)
                tally.said += bool(code)
                if odd:
                    tally.wrong.append(f"{where}, removed while a build ran: {odd}")
            else:
                tally.kinds["before a build"] += 1
                _remove(target)
            code, odd = ended(start(root, "build"))
            if code or odd or told(root / "site")[0] != {"0"}:
                tally.wrong.append(f"{where}: the next build did not complete ({code}) {odd}")
            if damage_state.result(config, []) != right:
                tally.wrong.append(f"{where}: another result")
    return tally


def _remove(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)


FAULTS = {"full": full, "locked": locked, "removed": removed}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", nargs="*", choices=[*FAULTS, []], default=[])
    arguments.add_argument("--tries", type=int, default=120)
    given = arguments.parse_args()
    bad = False
    for what in given.what or FAULTS:
        tally = FAULTS[what](given.tries)
        print(f"{what}: {tally.tried} tries {dict(tally.kinds)}, {tally.said} said so; wrong: {len(tally.wrong)}")
        print("\n".join(f"  {line}" for line in tally.wrong[:40]), flush=True)
        bad = bad or bool(tally.wrong)
    sys.exit(bad)


if __name__ == "__main__":
    main()
