"""The files beside the pages: styles and scripts put together from assets/, the map's data, Plotly.

assets/css/*.css     -> paperdiary.css   face, pages, map, then any other
assets/site/*.js     -> paperdiary.js    on every page: loads the rest when a map is near the window
assets/map/*.js      -> map.js           the map, in one scope
assets/search/*      -> search/          as they are: modules
mapdata.py           -> map-points.js, map-cards.js
plotly (installed)   -> plotly.min.js
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from paperdiary import mapdata, searchpage
from paperdiary.page import Asset

PLACE = "assets/paperdiary"  #: folder in the site
HERE = Path(__file__).parent / "assets"
FIRST = ("face", "pages", "map")  #: stylesheets, in this order; what they say of one thing, the last one decides


def assets(
    points: Callable[[], Mapping[str, Any]],
    cards: Callable[[], Mapping[str, Any]],
) -> list[Asset]:
    """Every file of the site that is not a page.

    Args:
        points: makes what the map is drawn from, `mapdata.points`.
        cards: and what its cards show.
    """
    out = [
        Asset(f"{PLACE}/paperdiary.css", styles()),
        Asset(f"{PLACE}/paperdiary.js", joined("site")),
        Asset(f"{PLACE}/map.js", in_one_scope(joined("map"))),
        Asset(f"{PLACE}/map-points.js", mapdata.script("points", points())),
        Asset(f"{PLACE}/map-cards.js", mapdata.script("cards", cards())),
        *(Asset(f"{PLACE}/search/{file.name}", file) for file in searchpage.scripts()),
    ]
    plotly = plotly_bundle()
    if plotly:
        out.append(Asset(f"{PLACE}/plotly.min.js", plotly))
    return out


def styles() -> bytes:
    """The one stylesheet."""
    found = {file.stem: file for file in sorted((HERE / "css").glob("*.css"))}
    order = [*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST)]
    return b"".join(_text(found[name]) for name in order)


def joined(folder: str) -> bytes:
    """The scripts of a folder of assets/, in the order of their names."""
    return b"".join(_text(file) for file in sorted((HERE / folder).glob("*.js")))


def in_one_scope(script: bytes) -> bytes:
    """A script whose functions and classes see each other and are seen by no other script."""
    return b'(() => {\n"use strict";\n' + script + b"})();\n"


@lru_cache(maxsize=1)
def plotly_bundle() -> Path | None:
    """The script that the installed plotly package carries; the package itself is not imported."""
    spec = find_spec("plotly")
    file = Path(str(spec.origin)).parent / "package_data" / "plotly.min.js" if spec and spec.origin else None
    return file if file and file.is_file() else None


def _text(file: Path) -> bytes:
    """A file with a line end at its end, however it was checked out."""
    return file.read_bytes().replace(b"\r\n", b"\n").rstrip() + b"\n"
