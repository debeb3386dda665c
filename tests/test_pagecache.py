"""A build that renders only what changed gives the same site as one that renders everything."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from test_unchanged import NOTES, build, files

from paperdiary.config import Config
from paperdiary.pagecache import PageCache
from paperdiary.store import Store

Make = Callable[..., Config]


def site(config: Config) -> dict[str, bytes]:
    """The site's files, without the day of the build."""
    found = files(config.site)
    found.pop("sitemap.xml.gz", None)
    return {name: re.sub(rb"<lastmod>.*?</lastmod>", b"", data) for name, data in found.items()}


def write(config: Config, name: str, text: str) -> None:
    path = config.notes / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


EDITS: dict[str, Callable[[Config], object]] = {
    "words": lambda c: write(c, "tides/salt.md", "# Salt\n\nDate: 2024-05-04\n\nThe wind takes a share.\n"),
    "title": lambda c: write(c, "tides/salt.md", "# Brine\n\nDate: 2024-05-04\n\nRivers bring it.\n"),
    "date": lambda c: write(c, "tides/salt.md", "# Salt\n\nDate: 2023-01-09\n\nRivers bring it, the sun leaves it.\n"),
    "heading": lambda c: write(c, "tides/salt.md", "# Salt\n\nDate: 2024-05-04\n\n## Rivers\n\nThey bring it.\n"),
    "new note": lambda c: write(c, "tides/foam.md", "# Foam\n\nDate: 2024-06-01\n\nAir in water.\n"),
    "new topic": lambda c: write(c, "clouds/rain.md", "# Rain\n\nDate: 2024-06-01\n\nIt falls.\n"),
    "note gone": lambda c: (c.notes / "tides/moon.md").unlink(),
    "target of a link gone": lambda c: (c.notes / "birds/wings.md").unlink(),
    "note moved": lambda c: (c.notes / "birds/wings.md").rename(c.notes / "tides/wings.md"),
    "draft": lambda c: write(c, "birds/wings.md", "---\ndraft: true\n---\n# How wings fold\n\nFeathers slide.\n"),
    "home page": lambda c: write(c, "index.md", "# My own\n\n<!-- diary:recent -->\n"),
    "settings": lambda c: (c.root / "mkdocs.yml").write_text(
        (c.root / "mkdocs.yml").read_text(encoding="utf-8").replace("site_name:", "site_name: Other #"), "utf-8"
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_site_is_that_of_a_whole_build(make_diary: Make, edit: str) -> None:
    config = make_diary(NOTES)
    build(config)
    EDITS[edit](config)
    build(config)
    quick = site(config)
    (Store(config).cache / "pages.sqlite").unlink()
    (Store(config).cache / "built.json").unlink()
    build(config)
    whole = site(config)
    assert quick.keys() == whole.keys()
    assert [name for name in whole if whole[name] != quick[name]] == []


def test_only_what_changed_is_rendered(make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from mkdocs.structure.pages import Page

    words = (
        "sea salt tide wave foam",
        "wing song nest egg flight",
        "star moon orbit comet dust",
        "root leaf seed bark moss",
    )
    config = make_diary(
        {
            f"{line.split()[0]}/{n}.md": f"# {word.title()} {n}\n\nDate: 2020-01-{n + 1:02}\n\n{line} {word} {n}.\n"
            for line in words
            for n, word in enumerate(2 * line.split())
        }
    )
    build(config)
    rendered: list[str] = []
    plain = Page.render

    def render(self: Page, *args: object) -> None:
        rendered.append(self.file.src_uri)
        plain(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Page, "render", render)
    with (config.notes / "sea/3.md").open("a", encoding="utf-8") as note:
        note.write("\n## Later\n\nRead again.\n")
    build(config)
    notes = [path for path in rendered if (config.notes / path).is_file()]
    assert "sea/3.md" in notes
    assert not [path for path in notes if path.startswith(("star/", "root/"))]  # those near it show how near it is


@pytest.mark.parametrize("damage", ["bits", "bytes", "rows", "folder"])
def test_damaged_cache_is_made_again(make_diary: Make, damage: str) -> None:
    config = make_diary(NOTES)
    build(config)
    whole = site(config)
    path = Store(config).cache / "pages.sqlite"
    if damage == "bits":
        data = bytearray(path.read_bytes())
        for at in range(4096, len(data), 97):
            data[at] ^= 4
        path.write_bytes(data)
    elif damage == "bytes":
        path.write_bytes(b"no database" * 400)
    elif damage == "rows":
        with sqlite3.connect(path) as db:
            db.execute("UPDATE pages SET data = 'text'")
    else:
        path.unlink()
        path.mkdir()
    (Store(config).cache / "built.json").unlink()
    build(config)
    assert site(config) == whole


def test_cache_forgets_what_was_used_longest_ago(tmp_path: Path) -> None:
    path = tmp_path / "pages.sqlite"

    def build(*names: str) -> list[str]:
        """A build that shows these pages; those that had to be made."""
        cache = PageCache(path, "salt")
        made = [name for name in names if cache.get(cache.key(name)) is None]
        for name in made:
            cache.put(cache.key(name), f"{name} " + random.Random(name).randbytes(9_000).hex())
        cache.save()
        return made

    one, other = [f"a{n}" for n in range(30)], [f"b{n}" for n in range(30)]
    assert build(*one) == one
    assert build(*other) == other
    assert build(*one, "x") == ["x"]  # a setting that is set back, `diary serve` beside `diary build`
    assert build(*other, "y") == ["y"]
    sizes = []
    for night in range(100):
        assert build(*one[:-1], f"changed {night}") == [f"changed {night}"]
        sizes.append(path.stat().st_size)
    assert build(*one[:-1], "changed 90", "z") == ["z"]  # not long ago
    assert "b3" in build(*one, *other)  # long ago
    assert max(sizes) <= 1.2 * sizes[0]
    for _ in range(2):
        build("a0", "a1", f"last {_}")
    assert path.stat().st_size < sizes[0] / 4  # what is free goes back to the disk


def test_other_themes_and_own_templates_are_rendered_each_time(make_diary: Make) -> None:
    config = make_diary(NOTES)
    folder = config.root / "own"
    folder.mkdir()
    (folder / "main.html").write_text('{% extends "base.html" %}{% block footer %}{{ build_date_utc }}{% endblock %}')
    text = (config.root / "mkdocs.yml").read_text(encoding="utf-8")
    text = re.sub(r"^theme:.*\n(?:[ \t]+.*\n)*", "", text, flags=re.M)
    (config.root / "mkdocs.yml").write_text(f"{text}\ntheme:\n  name: material\n  font: false\n  custom_dir: own\n")
    build(config)
    first = site(config)["tides/salt/index.html"]
    (Store(config).cache / "built.json").unlink()
    build(config)
    assert site(config)["tides/salt/index.html"] != first  # the time of the build


def test_site_may_be_removed(make_diary: Make) -> None:
    config = make_diary(NOTES)
    build(config)
    whole = site(config)
    shutil.rmtree(config.site)
    build(config)
    assert site(config) == whole
