"""Fixtures: small diaries, and a guard against any connection off this machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import MKDOCS_YML, copy_starter
from loopback import Loopback, point_at

from paperdiary import config as configs
from paperdiary.config import Config


def _local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket of the file system
    host = str(address[0])
    return host.startswith("127.") or host in {"::1", "localhost", "0.0.0.0"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that opens a socket off this machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if not _local(address):
            pytest.fail(f"a test connected to {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def make_diary(tmp_path: Path) -> Callable[..., Config]:
    """Writes a diary of {path: text or bytes} under tmp_path and gives its Config."""

    def make(notes: dict[str, str | bytes], mkdocs_yml: str = MKDOCS_YML) -> Config:
        (tmp_path / "notes").mkdir(exist_ok=True)
        (tmp_path / "mkdocs.yml").write_text(mkdocs_yml, encoding="utf-8")
        for name, text in notes.items():
            path = tmp_path / "notes" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return configs.load(tmp_path)

    return make


@pytest.fixture
def loopback(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A web server on this machine that the program takes for arXiv, doi.org and YouTube (loopback.py)."""
    server = Loopback()
    point_at(server, tmp_path_factory.mktemp("cache"), monkeypatch)
    yield server
    server.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter diary, built with the real model; the folder that holds notes/ and site/. Nobody writes there.

    All processes of one run of the tests share it.
    """
    from click.testing import CliRunner
    from filelock import FileLock

    from paperdiary.cli import main

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root = shared / "starter"
    with FileLock(shared / "starter.lock"):
        if not (shared / "starter.built").exists():
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir()
            copy_starter(root)
            result = CliRunner().invoke(main, ["-C", str(root), "build", "--strict"])
            assert result.exit_code == 0, result.output
            (shared / "starter.built").touch()
    return root


#: files that take longest, first: of two processes neither is left with one of them at the end
LONG = (
    "browser/test_map.py",
    "browser/test_search_page.py",
    "browser/test_explorer.py",
    "browser/test_everywhere.py",
    "test_workflows.py",
    "test_nothing_lost.py",
    "browser/test_axe.py",
    "test_docs_examples.py",
    "test_plugin_matrix.py",
    "test_bad_input.py",
    "test_pagecache.py",
    "test_pdf.py",
    "test_unchanged.py",
    "test_mutations.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first; with `--no-loadscope-reorder` xdist keeps the order."""
    order = {name: place for place, name in enumerate(LONG)}

    def place(item: pytest.Item) -> int:
        return order.get(item.path.relative_to(Path(__file__).parent).as_posix(), len(LONG))

    items.sort(key=place)
