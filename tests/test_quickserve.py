"""`diary serve` shows an edit at once, and ends with the site that a build makes."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import MKDOCS_YML
from test_unchanged import NOTES

from paperdiary import config as configs
from paperdiary import quickserve
from paperdiary.config import Config


class Served:
    """A diary that is served."""

    def __init__(self, config: Config) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"
        words = ["-m", "paperdiary", "-C", str(config.root), "serve", "-a", f"127.0.0.1:{port}"]
        self.process = subprocess.Popen([sys.executable, *words], stderr=subprocess.PIPE, text=True)
        for _ in range(600):
            try:
                self.get("")
                return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.1)
        raise AssertionError("it does not answer")

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=120) as answer:
            return str(answer.read().decode())

    def epoch(self) -> str:
        found = re.search(r"livereload\((\d+)", self.get(""))
        assert found
        return found[1]

    def reloads(self, epoch: str) -> str:
        """Waits until browsers are told to load the page again."""
        return self.get(f"livereload/{epoch}/{epoch}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Config, Served]]:
    """One for all tests, which leave it running."""
    root = tmp_path_factory.mktemp("served")
    (root / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    for name, text in NOTES.items():
        path = root / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    config = configs.load(root)
    one = Served(config)
    yield config, one
    one.process.terminate()
    one.process.wait(20)


def without_reloading(html: str) -> str:
    return re.sub(r"<script>[^<]*livereload.*?</script>", "", re.sub(r"livereload\(.*?\)", "", html), flags=re.S)


def test_edit_is_shown_then_everything_follows(served: tuple[Config, Served]) -> None:
    config, site = served
    epoch = site.epoch()
    note = config.notes / "tides/salt.md"
    started = time.perf_counter()
    note.write_text("# Salt in the sea\n\nDate: 2024-05-04\n\nSaltpans glitter.\n", encoding="utf-8")
    site.reloads(epoch)
    page = site.get("tides/salt/")
    took = time.perf_counter() - started
    assert "Saltpans glitter" in page
    assert took < 8  # 1 s on a machine with nothing else to do
    site.reloads(site.epoch())
    assert "Salt in the sea" in site.get("diary/2024/")  # and all other pages
    last = site.get("tides/salt/")
    assert "Saltpans glitter" in last


def test_new_note_is_shown(served: tuple[Config, Served]) -> None:
    config, site = served
    epoch = site.epoch()
    (config.notes / "tides/foam.md").write_text("# Foam\n\nDate: 2024-06-01\n\nAir.\n", encoding="utf-8")
    site.reloads(epoch)
    assert "Foam" in site.get("tides/foam/")


def test_broken_settings_leave_the_last_site(served: tuple[Config, Served]) -> None:
    config, site = served
    settings = config.root / "mkdocs.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text("plugins: [paperdiary: {clusters: many}]\n", encoding="utf-8")
    time.sleep(2)
    assert "Salt" in site.get("tides/salt/")
    epoch = site.epoch()
    settings.write_text(text, encoding="utf-8")
    site.reloads(epoch)
    assert "Salt" in site.get("tides/salt/")


def test_stamps_tell_what_changed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one", encoding="utf-8")
    before = quickserve.stamps(tmp_path, tmp_path / "not-there.yml")
    assert list(before) == [str(tmp_path / "a.md")]
    (tmp_path / "a.md").write_text("three", encoding="utf-8")
    assert quickserve.stamps(tmp_path) != before
