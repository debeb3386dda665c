"""A build in which nothing changed: the site is as the last build left it, and so it stays.

A build writes down what it was made of (`inputs`), what it made (`outputs`) and what it had to say. The next
one compares both before anything is imported. Where it cannot be known what a site is made of, since mkdocs.yml
names plugins or hooks of others, every build is a whole one.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from paperdiary import bibkeys, copies, embed
from paperdiary.config import Config, read_yaml_config
from paperdiary.errors import DiaryError
from paperdiary.files import walk
from paperdiary.store import Store, sealed, write_atomic

VERSION = 1
#: plugins and extensions of Markdown that make pages from the notes and mkdocs.yml alone
_PLUGINS = frozenset({"paperdiary", "search", "material/search", "tags", "material/tags"})
_EXTENSIONS = frozenset(
    {
        "abbr", "admonition", "attr_list", "codehilite", "def_list", "extra", "fenced_code", "footnotes",
        "legacy_attrs", "legacy_em", "md_in_html", "meta", "nl2br", "sane_lists", "smarty", "tables",
        "toc", "wikilinks",
    }
)  # fmt: skip
_READ_FILES = ("snippets", "b64")  #: parts of extensions' names that read other files
_LIBRARIES = ("jinja2", "markdown", "mkdocs", "mkdocs-material", "plotly", "pymdown-extensions", "numpy", "opentsne")
#: under .paperdiary/, what reading commands write, or what the site is not made from
_ASIDE = ("notes.sqlite", "cache.sqlite", "pages.sqlite", "built.json", "published.json", "answers")


@dataclass(frozen=True, slots=True)
class Built:
    """What the last whole build left."""

    inputs: str
    outputs: str
    said: tuple[str, ...] = ()  #: warnings that hold as long as nothing changes
    warnings: int = 0  #: how many, for --strict
    version: int = VERSION


def find(config: Config) -> Built | None:
    """The last build, where another would do the same again; None where anything changed or cannot be known."""
    found = _read(config)
    if found is None or found.outputs != outputs(config) or found.inputs != inputs(config):
        return None
    return found


def remember(config: Config, before: str | None, said: Sequence[str], warnings: int) -> None:
    """Write down a whole build.

    Args:
        before: `inputs` when it began; nothing is written where they are others now, since it is not known
            which of them the build saw.
    """
    made_of = inputs(config, atlas=False)
    if made_of is None or made_of != before:
        forget(config)
        return
    built = Built(made_of + _atlas(config), outputs(config), tuple(said), warnings)
    write_atomic(_path(config), sealed(asdict(built)), durable=False)


def forget(config: Config) -> None:
    """The next build is a whole one."""
    _path(config).unlink(missing_ok=True)


def inputs(config: Config, *, atlas: bool = True) -> str | None:
    """A hash of all that the site is made of; None where that cannot be known.

    Args:
        atlas: with atlas.json, which a build reads and writes.
    """
    try:
        settings = settings_of(config)
        if settings is None:
            return None
        digest = hashlib.blake2b(f"{settings}\0{date.today().year}".encode(), digest_size=16)
        digest.update(_stamps(config.root / "papers") + copies.due(config))
        for path, name in _files(config.notes):
            stamp = _stamp(path) if not name.lower().endswith((".md", ".markdown", ".mdown", ".mkdn", ".mkd")) else b""
            digest.update(b"\0" + os.fsencode(name) + b"\0" + (stamp or hashlib.blake2b(path.read_bytes()).digest()))
        return digest.hexdigest() + (_atlas(config) if atlas else "")
    except (OSError, DiaryError):
        return None


def _atlas(config: Config) -> str:
    """A hash of what a build reads and writes: atlas.json and citations.json."""
    found = (file.read_bytes() if file.exists() else b"" for file in (Store(config).atlas, bibkeys.path(config)))
    return hashlib.blake2b(b"\0".join(found), digest_size=16).hexdigest()


def settings_of(config: Config) -> str | None:
    """A hash of what the site is made of besides notes/, papers/ and atlas.json; None where that cannot be known.

    Raises:
        DiaryError: mkdocs.yml cannot be read.
        OSError: or another file.
    """
    settings = read_yaml_config(config.root / "mkdocs.yml")
    texts = list(_texts(config.root / "mkdocs.yml"))
    if b"!ENV" in b"".join(texts) or not _is_known(settings):
        return None
    digest = hashlib.blake2b(f"{VERSION}\0{sys.version}".encode(), digest_size=16)
    digest.update(repr([(name, _version(name)) for name in _LIBRARIES]).encode())
    digest.update(repr((texts, settings, embed.identity(config.options))).encode("utf-8", "surrogatepass"))
    digest.update(_stamps(Path(__file__).parent))
    head = config.root / ".git" / "HEAD"  # the branch that links to edit a page name
    digest.update(head.read_bytes() if settings.get("repo_url") and head.is_file() else b"")
    custom = custom_dir(settings)
    digest.update(_stamps(config.root / custom) if custom else b"")
    return digest.hexdigest()


def custom_dir(settings: dict[str, Any]) -> str:
    """The folder of the reader's own templates, "" where there is none."""
    theme = settings.get("theme")
    return str(theme.get("custom_dir") or "") if isinstance(theme, dict) else ""


def _is_known(settings: dict[str, Any]) -> bool:
    """Whether a site is made of its notes, mkdocs.yml, the theme and this package alone."""
    plugins = {name for name, _ in _named(settings.get("plugins"))}
    extensions = [name for name, _ in _named(settings.get("markdown_extensions"))]
    return (
        plugins <= _PLUGINS
        and not settings.get("hooks")
        and all(
            (name in _EXTENSIONS or name.startswith(("pymdownx.", "markdown.extensions.")))
            and not any(part in name for part in _READ_FILES)
            for name in extensions
        )
    )


def _texts(file: Path) -> Iterator[bytes]:
    """mkdocs.yml and the files that it inherits from."""
    for _ in range(10):
        data = file.read_bytes()
        yield data
        found = re.search(rb"^INHERIT:[ \t]*[\"']?([^\s\"'#]+)", data, re.M)
        if not found:
            return
        file = file.parent / os.fsdecode(found[1])


def _named(items: Any) -> Iterator[tuple[str, Any]]:
    """A list of names and of mappings with one name, or one mapping, as MkDocs takes them."""
    if isinstance(items, dict):
        yield from items.items()
    for item in items if isinstance(items, list) else ():
        yield from item.items() if isinstance(item, dict) else ((str(item), None),)


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def outputs(config: Config) -> str:
    """Changes when a file of the site, or of what commands read from .paperdiary/, is written, comes or goes."""
    store = Store(config)
    kept = _stamps(store.cache, skip=_ASIDE, hidden=False)
    return hashlib.blake2b(_stamps(config.site, hidden=False) + kept, digest_size=16).hexdigest()


def _stamps(folder: Path, skip: Iterable[str] = (), *, hidden: bool = True) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for path, name in _files(folder):
        parts = name.split("/")
        if any(part.startswith(tuple(skip)) for part in parts if skip) or parts[-1].endswith(".lock"):
            continue
        if not hidden and parts[0].startswith("."):
            continue
        digest.update(os.fsencode(name) + b"\0" + _stamp(path))
    return digest.digest()


def _stamp(path: Path) -> bytes:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}\0".encode()


def _files(folder: Path) -> list[tuple[Path, str]]:
    """Every file below a folder with its path from there, sorted."""
    found = walk(folder, lambda at, name: name != "__pycache__")
    return sorted(((folder / at / name, f"{at}/{name}" if at else name) for at, names in found for name in names))


def _path(config: Config) -> Path:
    return Store(config).cache / "built.json"


def _read(config: Config) -> Built | None:
    value = Store(config).read_sealed(_path(config))
    try:
        built = Built(**{**value, "said": tuple(map(str, value["said"]))})
    except (TypeError, LookupError):
        return None
    return built if built.version == VERSION else None
