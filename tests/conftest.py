"""Fixtures: small diaries, and a guard against any connection off this machine."""

from __future__ import annotations

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
    """The starter diary, built with the real model; the folder that holds notes/ and site/."""
    from click.testing import CliRunner

    from paperdiary.cli import main

    root = copy_starter(tmp_path_factory.mktemp("starter"))
    result = CliRunner().invoke(main, ["-C", str(root), "build", "--strict"])
    assert result.exit_code == 0, result.output
    return root
