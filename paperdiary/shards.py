"""The files of the search, written and read; docs/search-format.md describes every byte.

They are made once, under .paperdiary/, where `diary search` reads them; the site gets the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperdiary import keywords, postings, search
from paperdiary.entry import Entry, Passage
from paperdiary.errors import DiaryError
from paperdiary.search import FORMAT, checksum
from paperdiary.store import Store, has_bytes, write_atomic

if TYPE_CHECKING:
    import numpy as np

    from paperdiary.build import Diary
    from paperdiary.encoder import QueryEncoder

    Array = np.ndarray[Any, np.dtype[np.floating[Any]]]

BLOCK = 16 * 1024  #: bytes of text in a file of passages, more where there would be over BLOCKS files
BLOCKS = 1000
WRITING = 3600  #: seconds that a file under a passing name is left alone
FOLDER = "search"  #: of the site
TOKENS = 64  #: rows of the query encoder in a file
FUSION = {"words": 0.5, "short": 4.0, "meaning": 1.0}  #: weights of the two z-scores; chosen on held-out pairs
_HEAD = len('{"check":"00000000",')
DAMAGED = "The search index is damaged. `diary build` makes it again."


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one index lie."""

    folder: Path  #: meta.json, entries.json, passages/, words/
    index: Path  #: index.faiss


def place(store: Store) -> Place:
    """Where the index of the notes lies."""
    return Place(store.search, store.index)


def paper_place(store: Store) -> Place:
    """Where the index of the papers' texts lies; it never becomes part of the site."""
    return Place(store.papers_search, store.papers_index)


def update(
    place: Place,
    entries: Sequence[Entry],
    vectors: Callable[[], Array] | None,
    model: str,
    clusters: Mapping[str, str] = {},
    encoder: QueryEncoder | None = None,
) -> str:
    """Bring the files up to date, meta.json last; what has not changed is not written.

    Args:
        vectors: gives (p, d) unit vectors of all passages, entry by entry; None leaves words alone.
        model: `embed.identity` of what made the vectors.
        clusters: id of an entry -> id of its cluster.
        encoder: stands for the model in the page.

    Returns:
        Fingerprint of all files.
    """
    meta = _whole(place)
    text = search.fingerprint(entries, model)
    files: dict[str, bytes] = {}
    if meta is None or meta["text"] != text or (meta["index"] is None) != (vectors is None):
        meta = {"passages": sum(len(e.passages) for e in entries), "entries": len(entries), "d": 0, "index": None}
        meta["blocks"] = _blocks(entries, files)
        meta["words"] = _words(entries, files)
        if vectors is not None:
            rows = vectors()
            data, kind, probe = search.index_bytes(rows)
            _write(place.index, data)
            meta["d"] = int(rows.shape[1])
            meta["index"] = {"bytes": len(data), "crc32": checksum(data), "kind": kind, "probe": probe}
    files["entries.json"] = listing(entries, clusters)
    meta["list"] = _summary(files["entries.json"])
    meta["encoder"] = _encoder(encoder) if encoder else None
    meta |= {"version": FORMAT, "text": text, "model": hidden(model), "made": "", "check": "", "fusion": FUSION}
    meta["made"] = hashlib.blake2b(json.dumps(meta, sort_keys=True).encode(), digest_size=10).hexdigest()
    for name, data in files.items():
        _write(place.folder / name, data)
    _write(place.folder / "meta.json", _checked(meta))
    if vectors is None:
        place.index.unlink(missing_ok=True)
    _remove_others(place.folder, set(names(meta)) | {"meta.json"})
    return str(meta["made"])


def hidden(model: str) -> str:
    """A hash that tells models apart; a model's name may hold a path of the reader's machine."""
    return hashlib.blake2b(model.encode(), digest_size=6).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Write a file where it would change."""
    if not has_bytes(path, data):
        write_atomic(path, data, durable=path.name == "meta.json")  # which tells whether the others are whole


def remove(place: Place) -> None:
    """Delete an index and its files."""
    _remove_others(place.folder, set())
    place.index.unlink(missing_ok=True)


def _remove_others(folder: Path, wanted: set[str]) -> None:
    """Delete the files of an older index, but nothing that another process is just writing."""
    for path in folder.rglob("*"):
        if path.relative_to(folder).as_posix() in wanted:
            continue
        with contextlib.suppress(OSError):
            if path.is_file() and not (path.name.startswith(".") and time.time() - path.stat().st_mtime < WRITING):
                path.unlink()


def _checked(meta: Mapping[str, Any]) -> bytes:
    body = json.dumps({k: v for k, v in meta.items() if k != "check"}, ensure_ascii=False, separators=(",", ":"))
    rest = body[1:].encode("utf-8", "surrogatepass")
    return f'{{"check":"{checksum(rest)}",'.encode() + rest


def _summary(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "crc32": checksum(data)}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # half a surrogate pair is no UTF-8, and no text


def listing(entries: Sequence[Entry], clusters: Mapping[str, str]) -> bytes:
    """entries.json."""
    row, out = 0, []
    for e in entries:
        out.append(
            {
                "id": e.id,
                "title": e.title,
                "page": e.page,
                "date": e.date,
                "status": e.status,
                "topic": e.topic,
                "kind": e.kind,
                "tags": list(e.tags),
                "cluster": clusters.get(e.id),
                "year": e.year,
                "authors": list(e.authors),
                "description": e.description,
                "row": row,
                "count": len(e.passages),
                "keys": keys(e),
                "url": e.url,
            }
        )
        row += len(e.passages)
    return b"[" + b",\n".join(map(_json, out)) + b"]"


def keys(entry: Entry) -> list[str]:
    """The identities of an entry's addresses, as a query may name them."""
    out = [source.identity for source in entry.sources]
    out += [f"arxiv:{entry.arxiv}"] if entry.arxiv else []
    out += [f"doi:{entry.doi}"] if entry.doi else []
    out += [f"doi:10.48550/{key.replace(':', '.')}" for key in out if key.startswith("arxiv:")]
    out += [address(source.url) for source in entry.sources]
    return list(dict.fromkeys(address(k[4:]) if k.startswith("url:") else k.lower() for k in out))


def address(url: str) -> str:
    """The key of a web address: without scheme, www., anchor and closing slash."""
    bare = re.sub(r"^https?://", "", url, flags=re.I).partition("#")[0]
    return "url:" + re.sub(r"^www\.", "", bare, flags=re.I).rstrip("/").lower()


def _blocks(entries: Sequence[Entry], files: dict[str, bytes]) -> dict[str, Any]:
    """passages/<n>.json into `files`; their first rows and checksums."""
    passages = [p for e in entries for p in e.passages]
    total = sum(len(p.text) + len(p.heading) for p in passages)
    limit = max(BLOCK, total // BLOCKS)
    first: list[int] = []
    sums: list[str] = []
    batch: list[list[str]] = []
    size = 0
    for row, p in enumerate(passages):
        if not batch:
            first.append(row)
        batch.append([p.heading, p.text])
        size += len(p.text) + len(p.heading)
        if size >= limit or row + 1 == len(passages):
            data = _json(batch)
            files[f"passages/{len(sums)}.json"] = data
            sums.append(checksum(data))
            size, batch = 0, []
    return {"first": first, "crc32": sums}


def _words(entries: Sequence[Entry], files: dict[str, bytes]) -> dict[str, Any]:
    """words/ into `files`; first terms and checksums."""
    found = postings.index((e.title, p.heading, p.text) for e in entries for p in e.passages)
    first: list[str] = []
    sums: list[str] = []
    for n, (term, data) in enumerate(postings.shards(found)):
        files[f"words/{n}.bin"] = data
        first.append(term)
        sums.append(checksum(data))
    lines = [f"{t}\t{found.df(n)}\n" for n, t in enumerate(found.terms) if 3 <= len(t) <= 32 and keywords.is_letter(t)]
    files["words/terms.txt"] = terms = "".join(lines).encode()
    stop = sorted(keywords.STOP)
    return {"first": first, "crc32": sums, "terms": _summary(terms), "unit": postings.UNIT, "stop": stop}


def _encoder(encoder: QueryEncoder) -> dict[str, Any]:
    vocab = _vocab(encoder)
    return {
        "identity": encoder.identity,
        "rows": TOKENS,
        "tokens": int(encoder.rows.shape[0]),
        "crc32": [checksum(data) for data in _token_files(encoder)],
        "vocab": _summary(vocab),
    }


def _vocab(encoder: QueryEncoder) -> bytes:
    return "".join(f"{token}\n" for token in encoder.vocab).encode()


def _token_files(encoder: QueryEncoder) -> Iterator[bytes]:
    for at in range(0, encoder.rows.shape[0], TOKENS):
        scale = encoder.scale[at : at + TOKENS].astype("<f4").tobytes()
        yield scale + encoder.rows[at : at + TOKENS].tobytes()


def names(meta: Mapping[str, Any]) -> dict[str, str]:
    """Every file that belongs to a meta.json, but index.faiss and those of the encoder, with its checksum."""
    out = {"entries.json": meta["list"]["crc32"], "words/terms.txt": meta["words"]["terms"]["crc32"]}
    out |= {f"passages/{n}.json": crc for n, crc in enumerate(meta["blocks"]["crc32"])}
    return out | {f"words/{n}.bin": crc for n, crc in enumerate(meta["words"]["crc32"])}


def read_meta(folder: Path) -> dict[str, Any] | None:
    """meta.json, or None where it is absent, damaged or of another version."""
    try:
        data = (folder / "meta.json").read_bytes()
        meta = json.loads(data)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(meta, dict) or meta.get("version") != FORMAT or meta.get("check") != checksum(data[_HEAD:]):
        return None
    return meta


def _whole(place: Place) -> dict[str, Any] | None:
    """meta.json where all files it speaks of are there and whole."""
    meta = read_meta(place.folder)
    if meta is None:
        return None
    wanted = {place.folder / name: crc for name, crc in names(meta).items() if name != "entries.json"}
    if meta["index"]:
        wanted[place.index] = meta["index"]["crc32"]
    try:
        whole = all(checksum(path.read_bytes()) == crc for path, crc in wanted.items())
    except OSError:
        return None
    return meta if whole else None


def publish(diary: Diary, site: Path) -> None:
    """Put the files into the site; what is there already and the same stays.

    MkDocs has emptied the site by now, which is why this comes after it.
    """
    store = Store(diary.config)
    here, encoder, target = place(store), diary.encoder, site / FOLDER
    meta = read_meta(here.folder)
    if meta is None or meta["made"] != diary.made:
        raise DiaryError(DAMAGED)
    for name in (*names(meta), "meta.json"):
        _put(target / name, (here.folder / name).read_bytes())
    if meta["index"]:
        _put(target / "index.faiss", here.index.read_bytes())
    if encoder:
        folder = target / "encoder" / encoder.identity
        _put(folder / "vocab.txt", _vocab(encoder))
        for n, data in enumerate(_token_files(encoder)):
            _put(folder / f"{n}.bin", data)


def _put(path: Path, data: bytes) -> None:
    """Write a file of the site, which is output only and made again at will: no need to reach the disk."""
    if not has_bytes(path, data):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def of_passages(entries: Iterable[Entry], passages: Mapping[str, Sequence[Passage]]) -> list[Entry]:
    """Entries with other passages in place of their own, those without any left out."""
    from dataclasses import replace

    return [replace(e, passages=tuple(passages[e.id])) for e in entries if passages.get(e.id)]
