from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from paperdiary import publishing
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.errors import DiaryError
from paperdiary.publishing import Staging
from paperdiary.store import Store


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(Config(root=tmp_path))
    store.cache.mkdir()
    return store


@pytest.fixture(params=["exchange", "rename"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "rename":
        monkeypatch.setattr(publishing, "exchange", lambda one, other: False)
    return str(request.param)


def test_first_site(store: Store, tmp_path: Path) -> None:
    staging = Staging(store, tmp_path / "out" / "site")
    fill(staging.folder, "index.html", "a/index.html")
    staging.publish()
    assert names(tmp_path / "out" / "site") == {"index.html", "a/index.html"}
    assert not staging.folder.exists()


@pytest.mark.usefixtures("way")
def test_new_site_replaces_the_old_and_hidden_files_stay(store: Store, tmp_path: Path) -> None:
    site = tmp_path / "site"
    fill(site, "index.html", "old/index.html", ".git/HEAD", ".nojekyll")
    staging = Staging(store, site)
    fill(staging.folder, "index.html", "new/index.html", ".nojekyll")
    staging.publish()
    assert names(site) == {"index.html", "new/index.html", ".git/HEAD", ".nojekyll"}
    assert [p.name for p in store.cache.iterdir()] == []


@pytest.mark.parametrize("into", ["link", "mount"])
def test_folder_that_cannot_be_renamed_is_filled(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, into: str
) -> None:
    real = tmp_path / "elsewhere"
    fill(real, "index.html", "old/deep/index.html", ".git/HEAD")
    site = tmp_path / "site"
    if into == "link":
        site.symlink_to(real)
    else:
        site = real
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == real)
    staging = Staging(store, site)
    fill(staging.folder, "index.html", "new/index.html")
    staging.publish()
    assert names(real) == {"index.html", "new/index.html", ".git/HEAD"}
    assert not (real / "old").exists()
    assert into == "mount" or site.is_symlink()


def test_kill_between_two_renames_is_undone(store: Store, tmp_path: Path) -> None:
    site = tmp_path / "site"
    fill(site, "index.html", ".git/HEAD")
    staging = Staging(store, site)
    fill(staging.folder, "half.html")
    site.rename(staging._old)
    staging.recover()
    assert names(site) == {"index.html", ".git/HEAD"}
    assert [p.name for p in store.cache.iterdir()] == []


def test_kill_after_the_exchange_keeps_hidden_files(store: Store, tmp_path: Path) -> None:
    site = tmp_path / "site"
    staging = Staging(store, site)
    fill(site, "new.html")
    fill(staging.folder, "old.html", ".git/HEAD")  # the old site, under the name of the new one
    staging.recover()
    assert names(site) == {"new.html", ".git/HEAD"}
    assert not staging.folder.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a system call of Linux")
def test_exchange_is_one_step(tmp_path: Path) -> None:
    fill(tmp_path / "a", "a.html")
    fill(tmp_path / "b", "b.html")
    assert publishing.exchange(tmp_path / "a", tmp_path / "b")
    assert names(tmp_path / "a") == {"b.html"}
    assert not publishing.exchange(tmp_path / "a", tmp_path / "none")
    assert names(tmp_path / "a") == {"b.html"}


HOLD = """
import sys, time
from pathlib import Path
from paperdiary import publishing
from paperdiary.config import Config
from paperdiary.store import Store
with publishing.alone(Store(Config(root=Path(sys.argv[1]))), print):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(root: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(root), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_second_build_waits_and_says_so(store: Store, tmp_path: Path) -> None:
    said: list[str] = []
    process = hold(tmp_path, 0.7)
    started = time.monotonic()
    with publishing.alone(store, said.append):
        assert time.monotonic() - started > 0.3
    process.wait()
    assert len(said) == 1
    assert "waits" in said[0]


def test_build_of_mkdocs_waits_as_well(
    make_diary: Callable[..., Config], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mkdocs build` and `diary serve` come without the command's lock, and write the same state."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = make_diary({"a.md": "# A bed\n\nOf roses.\n"})
    page = config.root / "site" / "a" / "index.html"
    process = hold(config.root, 60)
    caplog.set_level(logging.INFO, "mkdocs")
    monkeypatch.setattr(logging.getLogger("mkdocs"), "propagate", True)  # whoever ran MkDocs before
    other = threading.Thread(target=build, args=[load_config(str(config.root / "mkdocs.yml"))])
    other.start()
    until = time.monotonic() + 30
    while "waits for it" not in caplog.text and time.monotonic() < until:
        time.sleep(0.02)
    assert "waits for it" in caplog.text
    assert not page.exists()
    process.kill()
    process.wait()
    other.join()
    assert page.is_file()
    with publishing.alone(Store(config), lambda message: pytest.fail(message)):
        pass  # it holds nothing any more
    (config.root / "atlas.json").write_text('{"version": 99}')
    with pytest.raises(Exception, match="BuildError"):
        build(load_config(str(config.root / "mkdocs.yml")))
    with publishing.alone(Store(config), lambda message: pytest.fail(message)):
        pass  # nor after one that failed


def test_build_that_gives_up_says_why_once(make_diary: Callable[..., Config]) -> None:
    config = make_diary({"a.md": "# A bed\n\nOf roses.\n"})
    (config.root / "atlas.json").write_text('{"version": 99}')
    result = CliRunner().invoke(main, ["-C", str(config.root), "build"])
    assert result.exit_code == 1
    assert result.stderr.startswith("diary: atlas.json is of version 99")
    assert result.stderr.count("\n") == 1


def test_build_that_was_killed_holds_nothing(store: Store, tmp_path: Path) -> None:
    process = hold(tmp_path, 60)
    process.kill()
    process.wait()
    said: list[str] = []
    with publishing.alone(store, said.append):
        pass
    assert said == []


def test_patience_ends(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_PATIENCE", 0.2)
    process = hold(tmp_path, 60)
    say: Callable[[str], None] = [].append
    with pytest.raises(DiaryError, match="Wait for it, or end it"), publishing.alone(store, say):
        pass
    process.kill()
    process.wait()
