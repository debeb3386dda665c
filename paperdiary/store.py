"""Every path, cache and atomic write of the project. Steps take and return values; files are touched here.

.paperdiary/cache.sqlite   vectors by content hash (git-ignored, may be deleted at any time)
.paperdiary/notes.sqlite   parsed notes by path, see notecache.py
.paperdiary/index.faiss    the passages' vectors, and in search/ their words and texts
.paperdiary/papers.faiss   the same of the papers' texts, with papers-search/; never published
atlas.json                 the map's memory (committed)
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary.errors import DiaryError

if TYPE_CHECKING:
    from paperdiary.config import Config


def write_atomic(path: Path, data: bytes | str, *, durable: bool = True, staging: Path | None = None) -> None:
    """Write a whole file or nothing: a temporary file, flushed to disk, then renamed.

    Args:
        staging: folder for what is unfinished, else beside `path`; see `Store.writing`.
        durable: False spares the wait for the disk; for what is checked when it is read and can be made again.

    Raises:
        DiaryError: the folder cannot be written, or the disk is full.
    """
    raw = data.encode("utf-8") if isinstance(data, str) else data
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = staging or path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_dev != path.parent.stat().st_dev:  # a rename stays on one file system
            folder = path.parent
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new.", delete=False) as out:
            temporary = out.name
            out.write(raw)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as e:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise DiaryError(f"{path} cannot be written: {e.strerror}. Free space or change its permissions.") from None


def has_bytes(path: Path, data: bytes) -> bool:
    """True where the file at `path` holds just this."""
    try:
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


def write_new(path: Path, data: bytes | str, staging: Path | None = None) -> bool:
    """Write a file that does not exist yet; False, and nothing written, where it does.

    It appears whole and under its name at once, and of two processes that write it one does.

    Args:
        staging: folder for what is unfinished, else beside `path`; see `Store.writing`.

    Raises:
        DiaryError: the folder cannot be written, or the disk is full.
    """
    if os.path.lexists(path):
        return False
    folder = staging or path.parent
    raw = data.encode("utf-8") if isinstance(data, str) else data
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new.", delete=False) as out:
            temporary = Path(out.name)
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o666 & ~_umask())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        except OSError:  # no hard links here, or another file system
            if os.path.lexists(path):
                return False
            write_atomic(path, raw)
        return True
    except OSError as e:
        raise DiaryError(f"{path} cannot be written: {e.strerror}. Free space or change its permissions.") from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                temporary.unlink()


def write_all_new(files: Sequence[tuple[Path, bytes]], staging: Path) -> list[Path]:
    """Write files that do not exist yet, all of them to the disk before the first has its name.

    Waiting for the disk once is many times faster than once a file.

    Returns:
        Those that do exist, of which nothing was written.

    Raises:
        DiaryError: as for `write_new`; what has its name by then stays.
    """
    there: list[Path] = []
    waiting: list[tuple[Path, Path, bytes]] = []
    path = staging
    try:
        staging.mkdir(parents=True, exist_ok=True)
        for path, data in files:
            if os.path.lexists(path):
                there.append(path)
                continue
            with tempfile.NamedTemporaryFile(dir=staging, prefix=".new.", delete=False) as out:
                waiting.append((path, Path(out.name), data))
                out.write(data)
        for path, temporary, _ in waiting:  # noqa: B007 - the kernel writes what is left together
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
        for path, temporary, data in waiting:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o666 & ~_umask())
            try:
                path.hardlink_to(temporary)
            except FileExistsError:
                there.append(path)
            except OSError:  # no hard links here, or another file system
                if os.path.lexists(path):
                    there.append(path)
                else:
                    write_atomic(path, data)
        return there
    except OSError as e:
        raise DiaryError(f"{path} cannot be written: {e.strerror}. Free space or change its permissions.") from None
    finally:
        for _, temporary, _ in waiting:
            with contextlib.suppress(OSError):
                temporary.unlink()


@contextlib.contextmanager
def only_one(path: Path, patience: float, busy: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Only one process at a time is inside; the lock goes with it, however it ends.

    Args:
        path: of the lock's file.
        patience: seconds to wait for another.
        busy: the error's message once they are over.
        waiting: is called where there is another.

    Raises:
        DiaryError: the other is not done in time, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire(timeout=patience, poll_interval=0.1)
    except Timeout:
        raise DiaryError(busy) from None
    except OSError as e:
        raise DiaryError(f"{path} cannot be written ({e.strerror}). Mend the permissions of its folder.") from None
    except NotImplementedError:  # a file system without locks
        yield
        return
    try:
        yield
    finally:
        lock.release()


def sealed(value: Any) -> str:
    """A value as JSON with a checksum, for what nobody else writes; see `Store.read_sealed`."""
    return json.dumps({"check": _check(value), "value": value}, ensure_ascii=False, indent=0)


def _check(value: Any) -> str:
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"


PASSING = 3600  #: seconds that a file under a passing name is left alone


class Store:
    """The paths of one diary."""

    def __init__(self, config: Config) -> None:
        self.root = config.root
        self.cache = config.root / ".paperdiary"
        self.atlas = config.root / "atlas.json"
        self.index = self.cache / "index.faiss"
        self.search = self.cache / "search"
        self.papers_index = self.cache / "papers.faiss"
        self.papers_search = self.cache / "papers-search"
        self.vectors = self.cache / "cache.sqlite"
        self.notes = self.cache / "notes.sqlite"
        self.staging = self.cache / "new"  #: what is being written into notes/

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """Only one process at a time writes notes; gives the folder for what is unfinished.

        Raises:
            DiaryError: another process holds the diary for a minute.
        """
        busy = "Another `diary add`, `read` or `import` holds the diary. Wait for it, then try again."
        with only_one(self.cache / "add.lock", 60, busy):
            for left in self.staging.glob(".new.*"):  # of a process that was killed; nobody else is here now
                left.unlink(missing_ok=True)
            yield self.staging

    def sweep(self) -> None:
        """Remove the unfinished files that processes which were killed left beside their places."""
        folders = (self.root, self.cache, self.root / "papers", *self.cache.glob("*/"))
        for left in (path for folder in folders for path in folder.glob(".new.*")):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > PASSING:
                    left.unlink()

    def read_json(self, path: Path) -> Any:
        """The value in a JSON file, or None where it is absent or damaged."""
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None

    def read_sealed(self, path: Path) -> Any:
        """The value in a file that `sealed` made, or None where it is absent, or other than it was written."""
        found = self.read_json(path)
        if not isinstance(found, dict) or found.get("check") != _check(found.get("value")):
            return None
        return found["value"]


class VectorCache:
    """Vectors by key (a hash of embedder, model, settings and text), each with a checksum.

    A file that is damaged is begun anew, since all in it can be computed again; a row that is damaged
    counts as absent. A file that another process holds or that cannot be written is left alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = self._open()
            except sqlite3.DatabaseError as e:
                if not _is_damage(e):
                    raise
                path.unlink(missing_ok=True)
                self._db = self._open()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as e:
            reason = getattr(e, "strerror", None) or str(e)
            hint = "Free space, mend its permissions, wait for another build, or delete the folder .paperdiary."
            raise DiaryError(f"{self.path} cannot be used ({reason}). {hint}") from None

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=60)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, crc INTEGER, data BLOB) WITHOUT ROWID")
        db.execute("SELECT key FROM vectors LIMIT 1").fetchone()
        return db

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """Those of `keys` that are kept: key -> (d,) float32."""
        import numpy as np

        wanted = list(dict.fromkeys(keys))
        found: dict[str, Any] = {}
        for batch in _batches(wanted, 500):
            marks = ",".join("?" * len(batch))
            rows = self._ask(f"SELECT key, crc, data FROM vectors WHERE key IN ({marks})", batch)
            for key, crc, data in rows:
                if isinstance(key, str) and isinstance(data, bytes) and zlib.crc32(key.encode() + data) == crc:
                    found[key] = np.frombuffer(data, dtype="<f4")
        return found

    def _ask(self, query: str, values: list[str]) -> list[Any]:
        """Rows; none where the file turns out to be damaged, which is then begun anew."""
        with self._errors():
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.DatabaseError as e:
                if not _is_damage(e):
                    raise
                self._db.close()
                self.path.unlink(missing_ok=True)
                self._db = self._open()
                return []

    def put(self, vectors: Mapping[str, Any]) -> None:
        """Keep vectors; one transaction."""
        rows = []
        for key, vector in vectors.items():
            data = vector.astype("<f4").tobytes()
            rows.append((key, zlib.crc32(key.encode() + data), data))
        with self._errors(), self._db:
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forget vectors of texts that are gone, once they are more than those in use."""
        live = set(keys)
        stored = {row[0] for row in self._ask("SELECT key FROM vectors", [])}
        if len(stored - live) <= len(live) + 1000:
            return
        with self._errors(), self._db:
            self._db.executemany("DELETE FROM vectors WHERE key = ?", [(k,) for k in stored - live])


#: SQLite's codes for a file that is fine but cannot be used now: no permission, busy, locked, no memory,
#: read-only, interrupted, I/O error, full, cannot be opened
_NOT_DAMAGE = frozenset({3, 5, 6, 7, 8, 9, 10, 13, 14})


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 11) & 0xFF not in _NOT_DAMAGE


def open_spare(path: Path, prepare: Callable[[sqlite3.Connection], None], timeout: float) -> sqlite3.Connection | None:
    """A file of what can be made again, with its tables.

    One that is damaged is begun anew; None where it cannot be written, or another process holds it.

    Args:
        prepare: makes the tables.
        timeout: seconds to wait for another process.
    """
    for _ in range(2):
        db = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=timeout)
            db.execute("PRAGMA synchronous=OFF")  # what a crash damages is begun anew
            prepare(db)
            return db
        except (sqlite3.DatabaseError, OSError) as e:
            if db:
                db.close()
            if isinstance(e, (sqlite3.OperationalError, OSError)):  # held, or not to be written
                return None
            with contextlib.suppress(OSError):
                path.unlink()
    return None


def _batches(items: list[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
