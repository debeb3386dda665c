"""A map in a page: the picture, what the script needs to know, the legend; and the page that is the map alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from paperdiary import mapdata, mapmarks, mapsvg, palette, shown
from paperdiary.atlas import PROJECTIONS
from paperdiary.mapdata import Addresses
from paperdiary.mapsvg import Picture
from paperdiary.page import relative, topic_name

if TYPE_CHECKING:
    from paperdiary.entry import Entry
    from paperdiary.pages import Site

#: options of a marker that the map's script is told; the others decide only what is drawn in the page
_FOR_SCRIPT = (
    "topic", "cluster", "kind", "status", "since", "until", "view", "colour", "height", "names", "tools", "hulls",
    "order",
)  # fmt: skip


def map_html(site: Site, base: str, options: Mapping[str, Any], large: bool = False, *, alone: bool = False) -> str:
    """The map as HTML.

    Args:
        base: URL path of the page that holds it.
        options: of a marker, checked: topic (folder), cluster (id), kind, status, since, until (ISO 8601 or the
            beginning of one), view (projection), colour (field), height (px), names, tools (bool).
        large: everything that the map's own page has.
        alone: for a frame in another page: links leave it.
    """
    placed = site.placed
    projection = str(options.get("view") or site.config.options.projection)
    picture = Picture(
        placed,
        tuple(row for row, entry in enumerate(placed.entries) if _is_meant(site, entry, options)),
        projection if projection in PROJECTIONS else "tsne",
        str(options.get("colour") or "cluster"),
        options.get("names") is not False,
        site.atlas.groups,
    )

    def url(target: str) -> str:
        return relative(target, base)

    return str(
        site.template("map.html").map(
            {
                "large": large,
                "placed": bool(placed.entries),
                "count": len(picture.rows),
                "url": url,
                "assets": url(f"{_assets()}/"),
                "map": site.page("map"),
                "view": picture.projection,
                "height": options.get("height"),
                "options": json.dumps({k: options[k] for k in _FOR_SCRIPT if options.get(k) not in (None, "")}),
                "svg": Markup(
                    mapsvg.svg(picture, url, lambda c: site.url(site.cluster_path(c)), target="_top" if alone else "")
                ),
                "legend": _legend(site, picture),
                "code": embed_code(site) if large and not alone else "",
                "embed": embed_path(site),
                "published": bool(site.config.site_url),
            }
        )
    )


def _assets() -> str:
    from paperdiary.siteassets import PLACE

    return PLACE


def _is_meant(site: Site, entry: Entry, options: Mapping[str, Any]) -> bool:
    """Whether a marker's options ask for this entry."""
    date = entry.date or ""
    since, until = str(options.get("since") or ""), str(options.get("until") or "")
    place = site.atlas.places[entry.id]
    return (
        all(not options.get(name) or getattr(entry, name) == options[name] for name in ("topic", "kind", "status"))
        and (not options.get("cluster") or place.cluster == options["cluster"])
        and (not since or date >= since)
        and (not until or (date > "" and date[: len(until)] <= until))
    )


def _legend(site: Site, picture: Picture) -> list[dict[str, Any]]:
    """The clusters that are shown, the largest first."""
    counts = [0] * len(picture.placed.clusters)
    for row in picture.rows:
        counts[picture.placed.own[row]] += 1
    shown_clusters = [(c, n) for c, n in zip(picture.placed.clusters, counts, strict=True) if n]
    return [
        {"page": site.url(site.cluster_path(c)), "name": shown.plain(c.name), "count": n, "key": key(c.id)}
        for c, n in sorted(shown_clusters, key=lambda pair: (-pair[1], pair[0].name))
    ]


def key(cluster: str) -> Markup:
    """The colour and the symbol of a cluster, to stand before its name."""
    colour, symbol = palette.look(cluster)
    paint = mapmarks.both(colour)
    return Markup(
        f'<svg class="pd-key {mapmarks.css_class(colour)}" viewBox="-8 -8 16 16" width="12" height="12" fill="{paint}"'
        f' aria-hidden="true"><path d="M0 0{mapmarks.outline(symbol, 5.5)}"/></svg>'
    )


# -- the data files


def addresses(site: Site) -> Addresses:
    return Addresses(
        lambda topic: (topic_name(topic), site.url(site.topic_path(topic))),
        lambda cluster: site.url(site.cluster_path(cluster)),
        site.page("search"),
        site.page("map"),
    )


def points(site: Site) -> dict[str, Any]:
    """What map-points.js holds."""
    return mapdata.points(
        site.entries, site.atlas, site.diary.neighbours, site.config.options.projection, addresses(site)
    )


def cards(site: Site) -> dict[str, Any]:
    """What map-cards.js holds."""
    return mapdata.cards(site.entries, site.atlas, site.diary.neighbours, site.bibtex)


# -- the map alone


def embed_path(site: Site) -> str:
    """URL path of the map alone."""
    folder = site.paths["map"].removesuffix(".md")
    return f"{folder}/embed/index.html"


def embed(site: Site) -> bytes:
    """The map alone, for an iframe: a whole page, without the theme; links open in the page around it."""
    base = embed_path(site)
    page = site.template("map.html").alone(
        {
            "title": site.config.site_name,
            "url": lambda target: relative(target, base),
            "assets": relative(f"{_assets()}/", base),
            "map": site.page("map"),
            "body": Markup(map_html(site, base, {}, large=True, alone=True)),
        }
    )
    return f"{page}\n".encode("utf-8", "replace")


def embed_code(site: Site) -> str:
    """The HTML that shows the map in another page."""
    address = site.config.site_url.rstrip("/") or "https://example.org/diary"
    return (
        f'<iframe src="{escape(address)}/{embed_path(site).removesuffix("index.html")}" title="'
        f'{escape(site.config.site_name)}: map" width="100%" height="600" loading="lazy" style="border: 0"></iframe>'
    )
