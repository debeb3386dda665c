"""The face: every variable is set once for both schemes, nothing is coloured beside them, a guest is not disturbed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from colours import contrast
from mkdocs.config import load_config
from mkdocs.theme import Theme

from paperdiary import face, palette

PACKAGE = Path(face.__file__).parent
CSS = PACKAGE / "assets" / "css" / "face.css"
SHEETS = sorted([*(PACKAGE / "assets").rglob("*.css")])
SCRIPTS = sorted([*(PACKAGE / "assets").rglob("*.js"), *(PACKAGE / "templates").rglob("*.html")])
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SET = re.compile(r"^  (--pd-[\w-]+): ([^;]+);", re.MULTILINE)
_GIVEN = re.compile(
    r"(?:setProperty\(\s*[\"'])?(--pd-[a-z0-9-]+)(?=\s*:|[\"'],)"
)  #: set by a rule, a style or a script
_BOTH = re.compile(r"var\(--pd-day, (.+?)\) var\(--pd-night, (.+)\)$")
_LITERAL = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|oklch|oklab|lab|lch)a?\((?!from var\()|:\s*(?:black|white)\b", re.I
)
_HOST = re.compile(r"@import|url\(\s*['\"]?\s*(?:[a-z][a-z0-9+.-]*:)?//", re.I)


def rules(path: Path) -> str:
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def variables() -> dict[str, str]:
    """The block at the head of face.css."""
    text = rules(CSS)
    start = text.index(":where(:root) {")
    return dict(_SET.findall(text[start : text.index("\n}", start)]))


def schemes() -> dict[str, tuple[str, str]]:
    """Colour -> (by day, by night)."""
    return {name: both.groups() for name, value in variables().items() if (both := _BOTH.match(value))}  # type: ignore[misc]


def test_every_variable_has_a_line_of_its_own_that_says_what_it_is() -> None:
    text = CSS.read_text(encoding="utf-8")
    head = text[text.index(":where(:root) {") : text.index("\n}\n")]
    for name in variables():
        lines = [line for line in head.split("\n") if line.lstrip().startswith(f"{name}:")]
        assert len(lines) == 1, name
        assert "/*" in lines[0], f"{name} has no comment"


def test_every_colour_is_set_for_both_schemes() -> None:
    shapes = {"day", "serif", "sans", "mono", "size", "measure", "radius"}
    plain = {name for name in variables() if name not in schemes()}
    assert plain == {f"--pd-{shape}" for shape in shapes}


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_every_variable_that_is_used_is_set(path: Path) -> None:
    text = rules(path)
    used = set(re.findall(r"var\((--pd-[a-z0-9-]+)\b(?!,)", text))
    used |= set(re.findall(r"[\"'`](--pd-[a-z0-9]+(?:-[a-z0-9]+)*)[\"'`]", text))
    elsewhere = {name for file in [*SHEETS, *SCRIPTS] for name in _GIVEN.findall(rules(file))}
    assert used <= set(variables()) | elsewhere, used - elsewhere


@pytest.mark.parametrize("path", [p for p in SHEETS if p != CSS], ids=lambda p: p.name)
def test_no_colour_is_written_beside_the_face(path: Path) -> None:
    assert _LITERAL.findall(rules(path)) == []
    assert re.findall(r"var\(--md-[\w-]*(?:color|shadow)[\w-]*", rules(path)) == [], "use --pd-*: a guest sets them"


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.name)
def test_nothing_is_fetched_from_another_host(path: Path) -> None:
    assert not _HOST.search(rules(path))


def test_after_the_head_the_face_writes_no_colour_either() -> None:
    text = rules(CSS)
    assert _LITERAL.findall(text[text.index("\n}\n") :]) == []


def test_pictures_and_pages_of_the_theme_fetch_nothing() -> None:
    files = [p for p in face.FOLDER.rglob("*") if p.is_file()]
    assert {p.name for p in files} == {"404.html", "favicon.svg", "logo.svg", "source.html"}
    for path in files:
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "//" not in text, path
        assert "<script" not in text


def test_the_clusters_are_those_of_the_palette() -> None:
    found = schemes()
    assert [found[f"--pd-c{n}"] for n in range(1, 11)] == list(zip(palette.LIGHT, palette.DARK, strict=True))
    assert found["--pd-paper"] == (palette.PAPER, palette.NIGHT)
    for n in range(1, 11):
        assert f".pd-c{n} {{ --pd-colour: var(--pd-c{n}); }}" in rules(CSS)


GROUNDS = ("paper", "raised", "sunken", "accent-soft")


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("name", ["ink", "soft", "faint", "accent", "good", "care", "blue"])
def test_text_can_be_read_on_every_ground(name: str, night: bool) -> None:
    found = schemes()
    for ground in GROUNDS:
        assert contrast(found[f"--pd-{name}"][night], found[f"--pd-{ground}"][night]) >= 4.5, ground


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_marks_buttons_and_borders_can_be_seen(night: bool) -> None:
    found = {name.removeprefix("--pd-"): both[night] for name, both in schemes().items()}
    assert contrast(found["ink"], found["mark"]) >= 4.5
    assert contrast(found["accent-ink"], found["accent"]) >= 4.5
    for ground in ("paper", "raised", "sunken"):
        assert contrast(found["edge"], found[ground]) >= 3
        assert contrast(found["accent"], found[ground]) >= 3  # focus
    for n in range(1, 11):
        assert contrast(found[f"c{n}"], found["raised"]) >= 3


def test_a_guest_gets_every_colour_from_its_host() -> None:
    text = rules(CSS)
    block = text[text.index(':where(body:has(> .md-container):not([data-md-color-primary="paper"]))') :]
    given = dict(_SET.findall(block[: block.index("\n}")]))
    keeps = {f"--pd-{name}" for name in ("good", "care", "blue", "shade", *(f"c{n}" for n in range(11)))}
    assert set(given) >= set(schemes()) - keeps
    assert given.pop("--pd-measure") == "100%"
    assert all("--md-" in value for value in given.values())


def test_the_theme_changes_only_where_the_palette_asks_for_paper() -> None:
    """Every rule that speaks of the theme's own classes lies under the palette's `paper`."""
    text = rules(CSS)
    start = text.index('\n[data-md-color-primary="paper"] {')
    before = text[:start]
    assert set(re.findall(r"\.md-[\w-]+", before)) == {".md-container"}
    depth, outside = 0, ""
    for char in text[start:]:
        depth += char == "{"
        outside += char if depth == 0 and char != "}" else ""
        depth -= char == "}"
    for selector in outside.split("\n"):
        assert not selector.strip() or "paper" in selector or selector.startswith("@"), selector


def test_our_sheets_fit_a_site_of_another_theme() -> None:
    for path in SHEETS:
        css = path.read_bytes()
        assert face.fitting(css, "material") == css
        fitted = face.fitting(css, "mkdocs").decode()
        assert ".md-typeset" not in fitted
        assert "[dir] .pd-" not in fitted
    css = b"[dir] .md-typeset .pd-item { margin: 0 .64rem; font-size: 1rem; --pd-x3rem: 2px; } .a-2rem { top: 10rem }"
    expected = "body .pd-item { margin: 0 0.8rem; font-size: 1.25rem; --pd-x3rem: 2px; } .a-2rem { top: 12.5rem }"
    assert face.fitting(css, None).decode() == expected


def test_another_theme_gets_the_title_that_material_shows() -> None:
    note = '<div class="pd-card"></div><p>Text</p>'
    assert face.headed(note, "A &amp; B", "mkdocs") == f"<h1>A &amp; B</h1>\n{note}"
    assert face.headed(note, "A", "material") == note
    assert face.headed(f"<h1>Own</h1>{note}", "A", "mkdocs") == f"<h1>Own</h1>{note}"
    assert face.headed("<p>A page of the site's own</p>", "A", "mkdocs") == "<p>A page of the site's own</p>"


def theme(**settings: Any) -> Theme:
    return Theme("material", **settings)


PAPER = [{"scheme": "default", "primary": "paper"}, {"scheme": "slate", "primary": "paper"}]


def test_a_site_that_asks_is_dressed() -> None:
    ours = theme(palette=PAPER)
    assert face.dress(ours)
    assert ours.dirs[0] == str(face.FOLDER)
    assert ours["icon"] == {"logo": "paperdiary/logo"}
    assert ours["favicon"] == "assets/paperdiary/favicon.svg"
    assert ours["font"] is False


def test_what_a_site_sets_itself_stays(tmp_path: Path) -> None:
    own = theme(
        palette={"primary": "paper"},
        custom_dir=str(tmp_path),
        favicon="mine.png",
        icon={"logo": "material/owl", "menu": "material/menu"},
        font={"text": "Lora"},
    )
    assert face.dress(own)
    assert own.dirs[:2] == [str(tmp_path), str(face.FOLDER)]
    assert (own["favicon"], own["icon"]["logo"], own["font"]) == ("mine.png", "material/owl", {"text": "Lora"})


@pytest.mark.parametrize("palette", [None, {}, {"primary": "indigo"}, [{"primary": "teal"}, {}], "paper"])
def test_any_other_site_is_left_alone(palette: Any) -> None:
    before = theme(palette=palette)
    dirs, icon, favicon, font = list(before.dirs), before["icon"], before["favicon"], before["font"]
    assert not face.dress(before)
    assert (before.dirs, before["icon"], before["favicon"], before["font"]) == (dirs, icon, favicon, font)


def test_a_theme_that_is_not_material_is_left_alone() -> None:
    assert not face.dress(Theme("mkdocs"))


@pytest.mark.parametrize("file", ["mkdocs.yml", "paperdiary/templates/init/mkdocs.yml"])
def test_a_new_diary_wears_the_face_and_its_own_styles_come_last(file: str, tmp_path: Path) -> None:
    text = (PACKAGE.parent / file).read_text(encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(text + "\nextra_css: [mine.css]\n", encoding="utf-8")
    (tmp_path / "notes").mkdir()
    config = load_config(str(tmp_path / "mkdocs.yml"))
    config = config.plugins.on_config(config)
    assert config.extra_css[-1] == "mine.css"
    assert config.extra_css[0] == "assets/paperdiary/paperdiary.css"
    assert config.theme["icon"]["logo"] == "paperdiary/logo"
    assert "Material for MkDocs" in config.copyright or config.extra.get("generator") is not False
