"""The pages that are read at a glance: the map, the diary and its years, the queue, and all of it over time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from paperdiary import charts, feeds, shares, stats
from paperdiary.addresses import PAGES
from paperdiary.entry import Entry
from paperdiary.listing import counted, newest
from paperdiary.page import Page, front_matter, long_date, topic_name

if TYPE_CHECKING:
    from paperdiary.pages import Site

WHOLE = 300  #: up to so many entries the diary is one page; above, it shows the newest months and leads to the years
LATEST = 60  #: entries that the first page of a long diary shows at least, where it has them
MONTH = 200  #: entries of its months that it shows at most


def page(path: str, title: str, body: str, hide: Sequence[str] = (), *, listed: bool = True) -> Page:
    """A generated page; `hide` names the theme's parts that it has no need of."""
    meta = {"hide": list(hide)} if hide else {}
    return Page(path, title, front_matter(title, meta, False) + f"{body}\n", listed)


def map_page(site: Site) -> Page:
    path = site.paths["map"]
    return page(path, PAGES["map"], site.map(path, {}, large=True), ("navigation", "toc"))


# -- the diary


def diary_pages(site: Site) -> list[Page]:
    """The diary, and a page for each of its years, whose address stays however long the diary grows."""
    path = site.paths["diary"]
    months = _by_month(site)
    total = sum(map(len, months.values()))
    if not total:
        return [page(path, PAGES["diary"], "Nothing has been read yet.", ("navigation",))]
    dated = [month for month in months if month]
    years = sorted({month[:4] for month in dated}, reverse=True)
    jump = str(site.parts(path).jump(_jump(site, months))) if len(dated) > 3 else ""
    body, shown = [jump], 0
    for month in [*dated, *(m for m in months if not m)]:
        if total > WHOLE and (not month or shown >= LATEST):
            break
        entries = months[month][: MONTH - shown] if total > WHOLE else months[month]
        body.append(_month(site, path, month, entries, False))
        shown += len(entries)
    if shown < total:
        body.append(str(site.parts(path).years([(y, *_year_facts(site, months, y)) for y in years])))
    if site.config.options.feed:
        body.append(str(site.parts(path).follow(feeds.NAME)))
    out = [page(path, PAGES["diary"], "\n".join(body), ("navigation",))]
    for n, year in enumerate(years):
        here = site.year_path(year)
        found = [m for m in dated if m[:4] == year]
        around = [(y, site.url(site.year_path(y))) for y in years[max(n - 1, 0) : n + 2] if y != year]
        count = sum(len(months[m]) for m in found)
        text = [_month(site, here, month, months[month], count > LATEST * 5) for month in found]
        text.insert(0, str(site.parts(here).turn_years(counted(count, "entry", "entries"), around)))
        out.append(page(here, f"{PAGES['diary']} {int(year)}", "\n".join(text), ("navigation",), listed=len(years) > 1))
    if months.get("") and total > WHOLE:
        here = site.year_path("")
        items = site.parts(here).items(months[""])
        out.append(page(here, "Without a date", str(items), ("navigation",), listed=False))
    return out


def _by_month(site: Site) -> dict[str, list[Entry]]:
    """Month -> its entries, newest first; "" for those without a date, last."""
    months: dict[str, list[Entry]] = defaultdict(list)
    for entry in newest([e for e in site.entries if e.status != "queued"]):
        months[entry.date[:7] if entry.date else ""].append(entry)
    return months


def _month(site: Site, path: str, month: str, entries: Sequence[Entry], long: bool) -> str:
    """A heading, and the days below it; in a `long` page those that are out of sight are not drawn."""
    parts = site.parts(path)
    if not month:
        return f"## Without a date\n\n{parts.items(entries)}\n"
    days: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        days[str(entry.date)].append(entry)
    name = charts.month_name(dt.date.fromisoformat(f"{month}-01"))
    return f'<div class="pd-anchor" id="{month}"></div>\n\n## {name}\n\n{parts.days(list(days.items()), long)}\n'


def _jump(site: Site, months: dict[str, list[Entry]]) -> list[dict[str, Any]]:
    """The years, newest first, each with its twelve months; those in which nothing was read have no address."""
    out = []
    for year in sorted({month[:4] for month in months if month}, reverse=True):
        row = []
        for number in range(1, 13):
            found = months.get(f"{year}-{number:02}", ())
            day = dt.date(2000, number, 1)
            row.append(
                {
                    "name": f"{day:%b}",
                    "title": f"{day:%B} {int(year)}: {len(found)} read",
                    "page": site.day_page(f"{year}-{number:02}") if found else "",
                }
            )
        out.append({"year": str(int(year)), "page": site.url(site.year_path(year)), "months": row})
    return out


def _year_facts(site: Site, months: dict[str, list[Entry]], year: str) -> tuple[str, int]:
    return site.url(site.year_path(year)), sum(len(found) for month, found in months.items() if month[:4] == year)


def queue_page(site: Site) -> Page:
    path = site.paths["queue"]
    parts = site.parts(path)
    body = []
    for status, title in (("reading", "Being read"), ("queued", "To read")):
        found = newest([e for e in site.entries if e.status == status])
        if found:
            body.append(f"## {title}\n\n{parts.items(found)}\n")
    if not body:
        body.append("The queue is empty: everything has been read.")
    return page(path, PAGES["queue"], "\n".join(body), ("navigation",))


# -- over time


def timeline_page(site: Site) -> Page:
    path = site.paths["timeline"]
    sections = [
        ("How it added up", cumulative(site, path, site.entries)),
        ("On which days", calendar(site, path, site.entries)),
        ("Topics and their time", shares_by(site, path, "topic", 12, site.entries)),
        ("Clusters and their time", shares_by(site, path, "cluster", 20, site.entries)),
    ]
    dated = any(e.date and e.status != "queued" for e in site.entries)
    body = [f"## {title}\n\n{html}\n" for title, html in sections if html] if dated else [sections[0][1]]
    return page(path, PAGES["timeline"], "\n".join(body), ("navigation", "toc"))


def cumulative(site: Site, path: str, entries: Sequence[Entry]) -> str:
    """How many were read up to each day, with the total, the days and the average."""
    figures = stats.figures(entries, site.atlas)
    return str(site.parts(path).timeline(figures, Markup(charts.cumulative(entries))))


def calendar(site: Site, path: str, entries: Sequence[Entry]) -> str:
    """Each day on which something was read leads to that day in the diary."""
    drawn = charts.calendar(entries, lambda day: site.seen(site.day_page(day), path))
    return str(site.parts(path).calendar(Markup(drawn), stats.figures(entries, site.atlas), longest_run(entries)))


def longest_run(entries: Sequence[Entry]) -> str:
    """The most days in a row on which something was read, in words; "" for fewer than three."""
    best: list[dt.date] = []
    run: list[dt.date] = []
    for day, _ in stats.days_read(entries):
        run = [*run[:1], day] if run and (day - run[-1]).days == 1 else [day]
        if not best or (run[-1] - run[0]).days > (best[-1] - best[0]).days:
            best = list(run)
    length = (best[-1] - best[0]).days + 1 if best else 0
    if length < 3:
        return ""
    first, last = (long_date(day.isoformat()) for day in (best[0], best[-1]))
    return f"{length} days, from {first} to {last}"


def shares_by(site: Site, path: str, by: str, most: int, entries: Sequence[Entry]) -> str:
    """A stripe for each topic or cluster: its share of what was read, over time."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        cluster = site.cluster_of(entry)
        name = entry.topic if by == "topic" else cluster.id if cluster else ""
        if name:
            groups[name].append(entry)
    rows = []
    for name, found in groups.items():
        if by == "topic":
            rows.append(shares.Row(topic_name(name), found, site.seen(site.url(site.topic_path(name)), path)))
        else:
            one = site.clusters[name]
            address = site.seen(site.url(site.cluster_path(one)), path)
            rows.append(shares.Row(one.name, found, address, site.mark(one)))
    return str(site.parts(path).shares(Markup(shares.shares(rows, entries, most)), by))
