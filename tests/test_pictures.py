"""Pictures of other hosts: a card, a copy that a build fetched, or the picture; nothing is asked unasked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from loopback import Loopback, Reply

from paperdiary import copies, pictures, web, wire
from paperdiary.cli import main
from paperdiary.config import Config
from paperdiary.copies import Copies, drawing, due, is_public, kind_of
from paperdiary.sanitise import Cleaner

Make = Callable[..., Config]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9"/>{}</svg>'
YML = """\
site_name: P
docs_dir: notes
theme: {{name: material, font: false}}
plugins:
  - paperdiary: {{embedder: hashing, pictures: {}}}
"""


@pytest.fixture
def near(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """A host that counts as one of the public network."""
    monkeypatch.setattr(copies, "is_public", lambda url: loopback.url in url)
    monkeypatch.setattr(web, "_BACKOFF", 0.01)
    return loopback


def page(html: str, mode: str = "card", copy: Callable[[str], str | None] = lambda url: None) -> str:
    return pictures.shown(Cleaner(mode)(html), copy)


def test_a_card_names_the_host_and_leads_to_the_picture() -> None:
    made = page('<p><img src="https://img.e.org/a%20b/fig.png?x=1&y=2" alt="A <fine> figure" width="40"></p>')
    assert 'href="https://img.e.org/a%20b/fig.png?x=1&amp;y=2"' in made
    assert "A &lt;fine&gt; figure" in made
    assert ">img.e.org<" in made
    assert "<img" not in made
    assert "fig.png</span>" in page('<img src="//e.org/fig.png">')


def test_in_a_link_the_link_stays() -> None:
    made = page('<a href="https://e.org/paper"><img src="https://e.org/badge.svg" alt="arXiv"></a>')
    assert made.count("<a ") == 1
    assert 'href="https://e.org/paper"' in made
    assert "arXiv" in made


@pytest.mark.parametrize("src", ["a.png", "../b/a.png", "data:image/png;base64,AAAA", "/a.png", "#x"])
def test_pictures_of_the_site_are_shown(src: str) -> None:
    for mode in pictures.CHOICES:
        assert f'src="{src}"' in page(f'<img src="{src}" alt="x">', mode)


def test_link_leaves_them() -> None:
    made = page(
        '<img src="https://e.org/a.png" srcset="https://e.org/b.png 2x"><video src="//e.org/v.mp4"></video>', "link"
    )
    assert made.count("//e.org/") == 3
    assert "pd-remote" not in made


def test_frames_and_media_are_cards() -> None:
    made = page('<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk?start=9" title="The talk"></iframe>')
    assert 'href="https://www.youtube.com/watch?v=abcdefghijk&amp;start=9"' in made
    assert "The talk" in made
    assert ">Video<" in made
    made = page('<video controls><source src="https://e.org/v.mp4">Not shown</video><audio src="a.mp3"></audio>')
    assert "<video" not in made
    assert '<audio src="a.mp3" controls' in made


def test_trusted_html_too() -> None:
    made = pictures.shown(pictures.tokens('<img alt=x src=https://e.org/a.png><img src="a.png"><script>1</script>'))
    assert "pd-remote" in made
    assert '<img src="a.png"><script>1</script>' in made


# -- copies


def test_a_copy_is_fetched_once(near: Loopback, make_diary: Make) -> None:
    near.on("/a.png", Reply(body=PNG, type="text/plain"))  # what it is said to be does not count
    config = make_diary({})
    url = f"{near.url}/a.png"
    for _ in range(2):
        found = Copies(config)
        found.fetch([url, url])
        ((path, file),) = found.files()
        assert file.read_bytes() == PNG
        made = page(f'<img src="{url}" alt="x" width="4">', "copy", found.seen_from("rl/a-note/"))
        assert (
            f'<img src="../../{path}" alt="x" width="4">' in made.replace(' alt="x" width="4" src', " src")
            or path in made
        )
        assert near.url not in made
    assert len(near.asked("/a.png")) == 1


def test_only_pictures_are_copied(near: Loopback, make_diary: Make) -> None:
    said: list[str] = []
    near.on("/page", Reply(body="<html><script>alert(1)</script></html>", type="image/png"))
    near.on("/evil.svg", Reply(body=SVG.format("<script>alert(1)</script><image href='https://e.org/t.png'/>")))
    near.on("/gone.png", Reply(404))
    near.on("/huge.png", Reply(body=PNG + b"\0" * 200_000))
    near.on("/inside", Reply(302, headers={"Location": "http://127.0.0.2:9/latest/meta-data"}))
    urls = [f"{near.url}/{name}" for name in ("page", "evil.svg", "gone.png", "huge.png", "inside")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "LARGEST", 100_000)
        found = Copies(make_diary({}), said.append)
        found.fetch(urls)
    ((_, file),) = found.files()
    assert file.suffix == ".svg"
    text = file.read_text()
    assert "<rect" in text
    assert "script" not in text
    assert "e.org" not in text
    assert len(said) == 1
    assert said[0].startswith("4 pictures could not be copied and are shown as cards (")
    assert "<a" in page(f'<img src="{urls[2]}">', "copy", found.seen_from("x/"))


def test_machines_of_this_network_are_not_asked(loopback: Loopback, make_diary: Make) -> None:
    assert not is_public("http://127.0.0.1/x")
    assert not is_public("http://[::1]/x")
    assert not is_public("http://10.0.0.7/x")
    assert not is_public("http://169.254.169.254/latest/")
    assert is_public("http://93.184.215.14/x")
    Copies(make_diary({})).fetch([f"{loopback.url}/router?reboot=1"])
    assert not loopback.requests


def test_what_failed_is_asked_again_later(near: Loopback, make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_diary({}, YML.format("copy"))
    now = 1_700_000_000.0
    monkeypatch.setattr(copies.time, "time", lambda: now)
    near.on("/a.png", Reply(500), Reply(500), Reply(body=PNG))
    url = f"{near.url}/a.png"
    Copies(config).fetch([url])
    Copies(config).fetch([url])
    assert len(near.asked("/a.png")) == 1
    assert due(config) == b""
    now += copies.AGAIN[0] + 1
    assert due(config)
    Copies(config).fetch([url])
    assert due(config) == b""
    now += copies.AGAIN[1] + 1
    last = Copies(config)
    last.fetch([url])
    assert last.get(url)
    assert len(near.asked("/a.png")) == 3


def test_a_copy_that_no_page_shows_is_forgotten(
    near: Loopback, make_diary: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_diary({})
    now = 1_700_000_000.0
    monkeypatch.setattr(copies.time, "time", lambda: now)
    near.on("/a.png", Reply(body=PNG))
    Copies(config).fetch([f"{near.url}/a.png"])
    folder = config.root / ".paperdiary" / "pictures"
    now += copies.UNUSED - 9
    Copies(config).fetch([])
    assert len(list(folder.glob("*.png"))) == 1
    now += 20
    Copies(config).fetch([])
    assert not list(folder.glob("*.png"))


def test_a_damaged_copy_is_fetched_anew(near: Loopback, make_diary: Make) -> None:
    config = make_diary({})
    near.on("/a.png", Reply(body=PNG))
    for damage in (
        lambda f: f.write_bytes(b"x"),
        lambda f: f.unlink(),
        lambda f: (f.parent / "pictures.json").write_text("{"),
    ):
        found = Copies(config)
        found.fetch([f"{near.url}/a.png"])
        ((_, file),) = found.files()
        assert file.read_bytes() == PNG
        damage(file)
    assert len(near.asked("/a.png")) == 3


def test_kinds_by_their_bytes() -> None:
    found = [PNG, b"\xff\xd8\xff\xe0", b"GIF89a..", b"RIFF1234WEBPVP8 ", b"\0\0\0\x1cftypavif"]
    assert list(map(kind_of, found)) == ["png", "jpg", "gif", "webp", "avif"]
    assert kind_of(SVG.encode()) == "svg"
    assert not any(kind_of(d) for d in (b"", b"<html><svg>", b"%PDF-1.7", b"MZ\x90"))


@pytest.mark.parametrize(
    "text",
    [
        "no drawing",
        "<svg><text>never closed",
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="x"><text>&a;</text></svg>',
        "<svg><text>&nbsp;&amp</text></svg>",
    ],
)
def test_drawings_that_are_none(text: str) -> None:
    assert not drawing(text) or b"&a;" not in drawing(text)


def test_a_build_copies_and_one_without_changes_asks_nobody(near: Loopback, make_diary: Make) -> None:
    near.on("/fig.png", Reply(body=PNG))
    text = f"# On gardens\n\nhttps://example.org/g\n\n![a bed]({near.url}/fig.png) ![gone]({near.url}/gone.png)\n"
    config = make_diary({"t/a.md": text}, YML.format("copy"))
    told = ""
    for _ in range(2):
        ran = CliRunner().invoke(main, ["-C", str(config.root), "build", "--strict"])
        assert ran.exit_code == 0, ran.output
        told += ran.output
    assert len(near.requests) == 2
    assert told.count("1 picture could not be copied and is shown as a card (") == 1
    html = (config.root / "site" / "t" / "a" / "index.html").read_text()
    (file,) = (config.root / "site" / "assets" / "pictures").iterdir()
    assert file.read_bytes() == PNG
    assert f'src="../../assets/pictures/{file.name}"' in html
    assert "pd-remote:" not in html
    assert html.count('class="pd-remote"') == 1


def test_a_host_that_is_down_is_left_alone(near: Loopback, make_diary: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def down(url: str, **_: object) -> wire.Answer:
        asked.append(url)
        raise web.NetworkError("e.org cannot be found.")

    monkeypatch.setattr(web, "fetch", down)
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    Copies(make_diary({})).fetch([f"https://e.org/{n}.png" for n in range(9)])
    assert len(asked) == copies.TRUST
