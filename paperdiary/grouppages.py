"""The pages of topics, which are the reader's own folders, and of clusters, which were found."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from paperdiary import bibsite, feeds, shares
from paperdiary.addresses import PAGES
from paperdiary.atlas import Atlas, Cluster, Event
from paperdiary.entry import Entry
from paperdiary.glance import page
from paperdiary.listing import counted, newest
from paperdiary.page import Page, long_date, safe, topic_name

if TYPE_CHECKING:
    from paperdiary.pages import Site

SAMPLE = 4  #: titles shown with a topic or cluster
NEIGHBOURS = 5  #: other clusters shown with a cluster
FULL = 300  #: newest entries of a page that are shown with their descriptions; the others are titles


def topic_pages(site: Site) -> list[Page]:
    """The list of topics, and a page for each."""
    path = site.paths["topics"]
    rows = [
        {
            "page": site.url(site.topic_path(t)),
            "name": topic_name(t),
            "size": len(es),
            "sample": [e.title for e in es[:SAMPLE]],
        }
        for t, es in site.topics.items()
    ]
    text = str(site.parts(path).table(rows)) if rows else "A folder under `notes/` is a topic; there is none yet."
    text += f"\n\n{site.parts(path).whole_bib(bibsite.WHOLE)}" if any(map(site.bibtex, site.entries)) else ""
    return [page(path, PAGES["topics"], text), *(_topic(site, t, es) for t, es in site.topics.items())]


def _topic(site: Site, topic: str, entries: list[Entry]) -> Page:
    path = site.topic_path(topic)
    inside = [t for t in site.topics if t.startswith(f"{topic}/")]
    clusters = Counter(c.id for e in entries if (c := site.cluster_of(e)))
    links = [
        ("Topics in it", [_link(site.url(site.topic_path(t)), topic_name(t), len(site.topics[t])) for t in inside]),
        (
            "Lies in the clusters",
            [
                _link(site.url(site.cluster_path(site.clusters[c])), site.clusters[c].name, n, site.clusters[c])
                for c, n in _most(clusters)
            ],
        ),
    ]
    row = shares.Row(topic_name(topic), entries)
    return page(path, topic_name(topic), _group(site, path, entries, row, links, {"topic": topic}))


def cluster_pages(site: Site) -> list[Page]:
    """The list of clusters, a page for each, and one at the old address of each that is gone."""
    path = site.paths["clusters"]
    inside: dict[str, list[Entry]] = defaultdict(list)
    for entry in site.entries:
        if entry.id in site.atlas.places:
            inside[site.atlas.places[entry.id].cluster].append(entry)
    inside = {name: newest(entries) for name, entries in inside.items()}
    rows = [
        {
            "page": site.url(site.cluster_path(c)),
            "name": c.name,
            "size": c.size,
            "cluster": c,
            "sample": [e.title for e in inside.get(c.id, [])[:SAMPLE]],
        }
        for c in site.by_size
    ]
    text = str(site.parts(path).table(rows)) if rows else "There are no clusters yet."
    near = neighbours(site)
    out = [page(path, PAGES["clusters"], text)]
    out += [_cluster(site, c, inside.get(c.id, []), near.get(c.id, [])) for c in site.atlas.clusters]
    gone = [c for c in dict.fromkeys(site.atlas.retired) if c not in site.clusters and site.is_cluster_address(c)]
    return [*out, *(_retired(site, c) for c in gone)]


def _cluster(site: Site, cluster: Cluster, entries: list[Entry], near: list[tuple[str, int]]) -> Page:
    path = site.cluster_path(cluster)
    topics = Counter(e.topic for e in entries if e.topic)
    links = [
        (
            "Next to it",
            [_link(site.url(site.cluster_path(c)), c.name, None, c) for c in (site.clusters[i] for i, _ in near)],
        ),
        ("Filed under", [_link(site.url(site.topic_path(t)), topic_name(t), n) for t, n in _most(topics)]),
    ]
    row = shares.Row(cluster.name, entries, look=site.mark(cluster))
    body = _group(site, path, entries, row, links, {"cluster": cluster.id})
    events = history(site.atlas, cluster.id)
    if events:
        lines = [_sentence(site, path, event, cluster.id) for event in events]
        body += f"\n\n{site.parts(path).history([Markup(line) for line in lines])}"
    return page(path, cluster.name, body)


def _group(
    site: Site,
    path: str,
    entries: list[Entry],
    row: shares.Row,
    links: list[tuple[str, list[Any]]],
    on_map: dict[str, str],
) -> str:
    """What a topic and a cluster have in common: facts, their share over time, where they lead, their entries."""
    days = sorted(e.date for e in entries if e.date and e.status != "queued")
    queued = sum(e.status == "queued" for e in entries)
    facts = [counted(len(entries), "entry", "entries")]
    if queued:
        facts.append(f"{queued} to read")
    if days:
        first, last = long_date(days[0]), long_date(days[-1])
        facts.append(f"read on {first}" if first == last else f"read from {first} to {last}")
    parts = site.parts(path)
    strip = Markup(shares.strip(row, site.entries))
    bib = bibsite.found(site, path, entries)
    feed = feeds.topic_feed(site, on_map["topic"]) if "topic" in on_map and site.config.options.feed else ""
    head = parts.group(facts, [(title, found) for title, found in links if found], on_map, strip, bib, feed)
    known = {"show_topic": "topic" not in on_map, "show_cluster": "cluster" not in on_map}
    body = f"{head}\n\n{parts.items(entries[:FULL], show_date=True, **known)}"
    return body + (f"\n\n{parts.titles(entries[FULL:])}" if len(entries) > FULL else "")


def _link(address: str, name: str, count: int | None, cluster: Cluster | None = None) -> dict[str, Any]:
    return {"page": address, "name": name, "count": count, "cluster": cluster}


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:NEIGHBOURS]


def neighbours(site: Site) -> dict[str, list[tuple[str, int]]]:
    """Cluster -> (cluster, how many near pairs of entries lie across the two), most first.

    Pairs are counted and not the distance of centroids: of two far ends of a map t-SNE says nothing. Where no pair
    lies across, as in a very small diary, the centroids decide.
    """
    across: dict[str, Counter[str]] = defaultdict(Counter)
    places = site.atlas.places
    for one, near in site.diary.related.items():
        if one not in places:
            continue
        for other, _ in near:
            if other in places and places[other].cluster != places[one].cluster:
                across[places[one].cluster][places[other].cluster] += 1
                across[places[other].cluster][places[one].cluster] += 1
    out = {}
    centres = _centres(site.atlas)
    for cluster in site.clusters:
        found = [(c, n) for c, n in _most(across[cluster]) if c in site.clusters]
        if not found and cluster in centres:
            x, y = centres[cluster]
            far = sorted((((x - a) ** 2 + (y - b) ** 2, c) for c, (a, b) in centres.items() if c != cluster))
            found = [(c, 0) for _, c in far[:2]]
        out[cluster] = found
    return out


def _centres(atlas: Atlas) -> dict[str, tuple[float, float]]:
    inside: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for place in atlas.places.values():
        if "tsne" in place.points:
            inside[place.cluster].append(place.points["tsne"])
    return {c: (sum(x for x, _ in ps) / len(ps), sum(y for _, y in ps) / len(ps)) for c, ps in inside.items()}


# -- what became of clusters


def history(atlas: Atlas, cluster: str) -> list[Event]:
    """What happened to a cluster, oldest first: events of its own, and of others that came out of it or into it."""
    return [e for e in atlas.events if cluster in (e.cluster, e.other)]


def heir(atlas: Atlas, cluster: str) -> str:
    """The living cluster that holds what a gone one held; "" where there is none."""
    alive = {c.id for c in atlas.clusters}
    seen = set()
    while cluster and cluster not in alive and cluster not in seen:
        seen.add(cluster)
        last = [e for e in atlas.events if e.cluster == cluster and e.what in {"merged", "gone"}]
        cluster = last[-1].other if last else ""
    return cluster if cluster in alive else ""


def _sentence(site: Site, path: str, event: Event, about: str) -> str:
    """An event as HTML, as seen from the page of the cluster `about`."""
    name, other, day = _named(site, path, event.cluster), _named(site, path, event.other), _day(event.date)
    if event.cluster == about:
        return {
            "born": f"Found on {day}.",
            "split": f"Split from {other} on {day}.",
            "merged": f"Became part of {other} on {day}.",
        }.get(event.what, f"Ended on {day}: none of its entries was left.")
    verb = {"split": "split from it", "merged": "became part of it"}.get(event.what, "changed")
    return f"{name} {verb} on {day}."


def _day(date: str) -> str:
    try:
        return long_date(date)
    except ValueError:  # written by hand
        return safe(date)


def _named(site: Site, path: str, cluster: str) -> str:
    """A cluster by its name, with a link where it has a page."""
    if cluster in site.clusters:
        return str(site.parts(path).cluster_link(site.clusters[cluster]))
    names = [e.name for e in site.atlas.events if e.cluster == cluster]
    text = str(Markup("<bdi>{}</bdi>").format(names[-1])) if names else "another cluster"
    if cluster in site.atlas.retired and site.is_cluster_address(cluster):
        return str(
            Markup('<a href="{}">{}</a>').format(site.seen(site.url(site.cluster_file(cluster)), path), Markup(text))
        )
    return text


def _retired(site: Site, cluster: str) -> Page:
    """The page at a cluster's old address."""
    path = site.cluster_file(cluster)
    events = history(site.atlas, cluster)
    names = [e.name for e in events if e.cluster == cluster]
    heir_ = heir(site.atlas, cluster)
    if heir_:
        text = f"This cluster is gone; what was in it is now in {_named(site, path, heir_)}."
    else:
        text = "This cluster is gone, and none is left that took its place."
    lines = [Markup(_sentence(site, path, event, cluster)) for event in events]
    body = site.parts(path).retired(Markup(text), lines, site.page("clusters"))
    return page(path, names[-1] if names else f"Cluster {cluster}", str(body), listed=False)
