"""When a site wears the diary's own face, and what the theme needs for it; how it looks is assets/css/face.css."""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.theme import Theme

FOLDER = Path(__file__).parent / "theme"  #: logo, favicon and the page for an address that is not there
PAPER = "paper"  #: the primary colour that asks for the face
MATERIAL = "material"  #: the theme whose classes and type size our style sheets are written for
_REM = re.compile(rb"(?<![\w.-])(\d*\.?\d+)rem\b")
#: Read the Docs gives every item of a list a bullet and an indent, by longer selectors than ours
_BULLETS = b"""
.rst-content :is(ul, ol)[class^="pd-"] { margin-left: 0; }
.rst-content :is(ul, ol)[class^="pd-"] > li { margin-left: 0 !important; list-style: none !important; }
"""
_FONTS = {"text": "Roboto", "code": "Roboto Mono"}  #: the theme's default, fetched from another host
_FAVICON = "assets/images/favicon.png"  #: the theme's default


def asked_for(palette: object) -> bool:
    """Whether `theme.palette` of mkdocs.yml, one scheme or several, has `primary: paper` anywhere."""
    schemes: Iterable[object] = palette if isinstance(palette, list) else [palette]
    return any(isinstance(scheme, MutableMapping) and scheme.get("primary") == PAPER for scheme in schemes)


def dress(theme: Theme) -> bool:
    """Give the theme our logo, icon and templates where its palette asks for the face; whether it does.

    What mkdocs.yml sets itself stays: a logo, a favicon, fonts, and templates under `custom_dir`.
    """
    if not asked_for(theme.get("palette")):
        return False
    theme.dirs.insert(1 if theme.custom_dir else 0, str(FOLDER))
    icons = dict(theme.get("icon") or {})
    theme["icon"] = {"logo": "paperdiary/logo", **icons}
    if theme.get("favicon") in (None, _FAVICON):
        theme["favicon"] = "assets/paperdiary/favicon.svg"
    if theme.get("font") in (None, _FONTS):
        theme["font"] = False
    return True


def fitting(css: bytes, theme: str | None) -> bytes:
    """A style sheet of ours for a site with this theme.

    Material for MkDocs marks its text with a class and sets 1rem to 20 pixels. On a site of another theme our rules
    hold in the whole page, and the lengths are those that they had.
    """
    if theme == MATERIAL:
        return css
    for ours, theirs in ((b"[dir] .md-typeset", b"body"), (b".md-typeset", b"body"), (b"[dir] .pd-", b"html .pd-")):
        css = css.replace(ours, theirs)
    css = _REM.sub(lambda m: b"%grem" % (float(m[1]) * 1.25), css)
    return css + _BULLETS if theme == "readthedocs" else css


def headed(html: str, title: str, theme: str | None) -> str:
    """A page of the diary with its title above it, on a site whose theme does not show it as Material does.

    Args:
        title: as HTML, since themes print it so; `page.safe` made it.
    """
    if theme == MATERIAL or "<h1" in html or 'class="pd-' not in html:
        return html
    return f"<h1>{title}</h1>\n{html}"
