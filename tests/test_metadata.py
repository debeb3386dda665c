"""What is known of a source: arXiv's papers, DOIs, pages of all kinds, videos; and what hostile pages can do."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Loopback, Reply

from paperdiary import metadata, sites, sources, web, webpage
from paperdiary.entry import KINDS, Source
from paperdiary.errors import DiaryError, NotFoundError
from paperdiary.metadata import Metadata
from paperdiary.tidy import clean, day, name

JSON = "application/vnd.citationstyles.csl+json; charset=utf-8"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_BACKOFF", 0.01)


def source(text: str) -> Source:
    found = sources.resolve(text)
    assert found, text
    return found


def known(*wanted: str | Source) -> list[Metadata]:
    out = metadata.look_up([w if isinstance(w, Source) else source(w) for w in wanted])
    for one in out:
        assert isinstance(one, Metadata), one
    return [one for one in out if isinstance(one, Metadata)]


def page(loopback: Loopback, html: str, label: str = "", kind: str = "blog", path: str = "/p") -> Metadata:
    loopback.on(path, Reply(body=html))
    (one,) = known(Source(loopback.url + path, kind, label=label or "a host"))
    return one


def csl(loopback: Loopback, doi: str, **values: Any) -> None:
    value = {"type": "journal-article", "title": "Lanterns", "DOI": doi} | values
    loopback.on(f"/{doi}", Reply(body=json.dumps(value), type=JSON))


# arXiv


def test_an_arxiv_paper(loopback: Loopback) -> None:
    loopback.arxiv()
    (one,) = known("https://arxiv.org/pdf/2601.00001v1")
    assert one.source == sources.from_arxiv("2601.00001")
    assert one.title == r"Counting lanterns: an $\ell_1$ view of Kähler harbours"
    assert one.authors == ("Zoë Lantern", "Martín Ørsted", "Li Na")
    assert (one.published, one.arxiv, one.doi) == ("2026-01-01", "2601.00001", "10.5555/lantern.2026.7")
    assert (one.url, one.pdf) == ("https://arxiv.org/abs/2601.00001", f"{loopback.url}/pdf/2601.00001")
    assert (one.kind, one.venue, one.tags) == ("paper", "J. Made-up Res. 7 (2026) 1–12", ("machine learning",))
    assert (one.withdrawn, one.complete, one.problem) == (False, True, "")
    assert one.abstract.startswith("We count the lanterns")


def test_a_withdrawn_paper_has_no_pdf(loopback: Loopback) -> None:
    loopback.arxiv()
    (one,) = known("2601.00002")
    assert (one.withdrawn, one.pdf, one.complete) == (True, None, True)


def test_a_hundred_papers_and_other_things_are_one_request(loopback: Loopback) -> None:
    ids = [f"2603.{n:05}" for n in range(1, 101)]
    loopback.arxiv(*ids)
    loopback.on(
        "/post", Reply(body='<title>A post</title><link rel="canonical" href="https://arxiv.org/abs/2603.00007">')
    )
    csl(loopback, "10.5555/a")
    found = known(*ids[:50], f"{loopback.url}/post", "10.5555/a", *ids[50:])
    assert [m.title for m in found[:2]] == [
        "A made-up paper numbered 2603.00001",
        "A made-up paper numbered 2603.00002",
    ]
    assert found[50].title == "A post"
    assert found[51].title == "Lanterns"
    assert len(loopback.asked("/api/query")) == 1


def test_the_same_thing_is_asked_for_once(loopback: Loopback) -> None:
    loopback.arxiv()
    loopback.on("/post", Reply(body="<title>A post</title>"))
    first, second = f"{loopback.url}/post", f"{loopback.url}/post#part"
    found = known("2601.00001", first, "arXiv:2601.00001v2", second)
    assert [m.title for m in found] == [found[0].title, "A post", found[0].title, "A post"]
    assert len(loopback.requests) == 2


def test_unknown_things_are_not_found(loopback: Loopback) -> None:
    loopback.arxiv()
    wanted = ["2610.99999", "10.5555/none", f"{loopback.url}/none", "2601.00001"]
    loopback.on("/gone", Reply(410))
    out = metadata.look_up([source(w) for w in [*wanted, f"{loopback.url}/gone"]])
    assert [type(one) for one in out] == [NotFoundError, NotFoundError, NotFoundError, Metadata, NotFoundError]
    assert str(out[0]).startswith("arXiv has no paper 2610.99999.")
    assert str(out[1]).startswith("There is no DOI 10.5555/none.")


def test_without_a_network_what_is_known_is_kept(monkeypatch: pytest.MonkeyPatch, loopback: Loopback) -> None:
    loopback.close()
    wanted = ["2601.00001", "10.5555/a", "https://youtu.be/abcdefghijk", f"{loopback.url}/post"]
    found = known(*wanted)
    assert [m.complete for m in found] == [False] * 4
    assert [m.url for m in found] == [source(w).url for w in wanted]
    assert [(m.arxiv, m.doi) for m in found] == [("2601.00001", None), (None, "10.5555/a"), (None, None), (None, None)]
    assert [m.kind for m in found] == ["paper", "paper", "talk", "blog"]
    assert all("refuses connections" in m.problem for m in found)
    assert not any("the command again" in m.problem for m in found)  # it would find the note that is there now
    assert not any(m.title or m.authors for m in found)


def test_tags_are_words() -> None:
    assert metadata.tags(("cs.CL", "cs.LG", "stat.ML", "math.AP", "nlin.CD")) == (
        "natural language processing",
        "machine learning",
        "analysis of PDEs",
        "chaotic dynamics",
    )
    assert metadata.tags(("q-bio.NC", "astro-ph", "cs.XX", "cmp-lg")) == (
        "neuroscience",
        "astrophysics",
        "cs.XX",
        "natural language processing",
    )
    assert metadata.tags(()) == ()


def test_every_category_has_a_tag_that_front_matter_can_hold() -> None:
    table = metadata._categories()
    assert len(table) >= 170
    assert not [t for t in table.values() if not t.strip() or "," in t or ";" in t or t != t.strip()]
    assert {"cs.lg", "stat.ml", "math.ag", "cond-mat.str-el", "quant-ph", "eess.iv", "econ.em", "q-fin.tr"} <= set(
        table
    )


# DOIs


def test_a_doi(loopback: Loopback) -> None:
    csl(
        loopback,
        "10.5555/(sici)1:8<69::aid-x4>3.0.co;2-o",
        title="Lanterns <i>in</i> harbours",
        subtitle=["A count"],
        author=[
            {"given": 'Zo\\"e', "family": "Lantern"},
            {"family": "Na", "given": "Li"},
            {"literal": "The Harbour Group"},
        ],
        issued={"date-parts": [[2024, 3, 9]]},
        abstract="<jats:title>Abstract</jats:title><jats:p>We <jats:italic>see</jats:italic> &amp; n &lt; 4.</jats:p>",
        license=[{"URL": "https://creativecommons.org/licenses/by/4.0/"}],
        link=[{"URL": "https://pub.example/x.pdf", "content-type": "application/pdf"}],
        **{"container-title": "Journal of Harbours"},
    )
    (one,) = known("10.5555/(SICI)1:8<69::AID-X4>3.0.CO;2-O")
    assert one == Metadata(
        source("10.5555/(sici)1:8<69::aid-x4>3.0.co;2-o"),
        title="Lanterns in harbours: A count",
        authors=("Zoë Lantern", "Li Na", "The Harbour Group"),
        published="2024-03-09",
        abstract="We see & n < 4.",
        doi="10.5555/(sici)1:8<69::aid-x4>3.0.co;2-o",
        url="https://doi.org/10.5555/(sici)1:8<69::aid-x4>3.0.co;2-o",
        venue="Journal of Harbours",
        pdf="https://pub.example/x.pdf",
    )
    assert "citationstyles.csl+json" in loopback.requests[0].headers["accept"]


def test_a_closed_pdf_is_not_offered(loopback: Loopback) -> None:
    link = [{"URL": "https://pub.example/x.pdf", "content-type": "application/pdf"}]
    csl(loopback, "10.5555/a", link=link, license=[{"URL": "https://pub.example/terms"}])
    assert known("10.5555/a")[0].pdf is None


def test_a_doi_whose_preprint_is_known(loopback: Loopback) -> None:
    loopback.arxiv()
    csl(loopback, "10.5555/a", relation={"has-preprint": [{"id-type": "doi", "id": "10.48550/arXiv.2602.00003"}]})
    (one,) = known("10.5555/a")
    assert (one.arxiv, one.doi, one.title) == ("2602.00003", "10.5555/a", "Lanterns")
    assert one.url == "https://doi.org/10.5555/a"
    assert one.tags == ("computer vision",)
    assert one.abstract == "We replace a withdrawn dataset of tea leaves with a new one."
    assert one.pdf == f"{loopback.url}/pdf/2602.00003"


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("book", "book"),
        ("dataset", "code"),
        ("journal-article", "paper"),
        ("article-journal", "paper"),
        ("post-weblog", "blog"),
    ],
)
def test_kinds_of_dois(loopback: Loopback, type: str, kind: str) -> None:
    csl(loopback, "10.5555/a", type=type)
    assert known("10.5555/a")[0].kind == kind


@pytest.mark.parametrize("status", [204, 300, 406, 500])
def test_a_registrar_without_metadata_leads_to_the_page(loopback: Loopback, status: int) -> None:
    html = '<meta name="citation_title" content="Of lamps"><meta name="citation_author" content="Li, Na">'
    loopback.on("/10.5555/a", Reply(status), Reply(302, headers={"Location": "/landing"}))
    loopback.on("/landing", Reply(body=html))
    (one,) = known("10.5555/a")
    assert (one.title, one.authors, one.doi) == ("Of lamps", ("Na Li",), "10.5555/a")
    assert one.url == "https://doi.org/10.5555/a"


def test_a_page_with_a_doi_in_its_address_is_looked_up_by_it(loopback: Loopback) -> None:
    csl(loopback, "10.1145/1.2")
    (one,) = known("https://dl.acm.org/doi/10.1145/1.2")
    assert (one.title, one.doi, one.url) == ("Lanterns", "10.1145/1.2", "https://dl.acm.org/doi/10.1145/1.2")
    assert [r.path for r in loopback.requests] == ["/10.1145/1.2"]


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", "null", "[[[[", '{"title": 3}', '{"title": ["a"], "author": 7}', '{"title": null}', "[" * 100_000],
)
def test_a_registrar_that_answers_nonsense(loopback: Loopback, body: str) -> None:
    loopback.on("/10.5555/a", Reply(body=body, type=JSON), Reply(body="<title>The page</title>"))
    (one,) = metadata.look_up([source("10.5555/a")])
    assert isinstance(one, Metadata)
    assert one.doi == "10.5555/a"


@pytest.mark.parametrize(
    "value", [None, 3, "x", [], {}, [None], [3], ["x"], [{}], [[[]]], {"a": 1}, [{"date-parts": 3}]]
)
def test_odd_values_of_a_registrar(loopback: Loopback, value: Any) -> None:
    for key in (
        "author",
        "issued",
        "container-title",
        "subtitle",
        "abstract",
        "relation",
        "license",
        "link",
        "type",
        "note",
    ):
        csl(loopback, "10.5555/a", **{key: value})
        (one,) = known("10.5555/a")
        assert one.title.startswith("Lanterns")


# pages

SCHOLARLY = """<html><head><title>Of lamps - Anthology</title>
<meta content="Of lamps &amp; ``light''" name="citation_title">
<meta content="Li, Na" name="citation_author"><meta content="Otto Knot" name="citation_author">
<meta content="Proceedings of the Made-up Meeting" name="citation_conference_title">
<meta content="2019/7" name="citation_publication_date"><meta content="10.18653/v1/X19-1" name="citation_doi">
<meta content="/X19-1.pdf" name="citation_pdf_url"><meta property="og:description" content="Li, Knot. 2019.">
<meta property="og:site_name" content="Anthology"><link rel="canonical" href="/p"></head><body>
<div class="card-body acl-abstract"><h5>Abstract</h5><span>We compare the light of <b>nine</b> lamps &amp; find
that all of them are made up, which is as it should be.</span></div></body></html>"""


def test_a_scholarly_page(loopback: Loopback) -> None:
    one = page(loopback, SCHOLARLY, "ACL Anthology", "paper")
    assert one.title == "Of lamps & “light”"
    assert one.authors == ("Na Li", "Otto Knot")
    assert (one.published, one.venue) == ("2019-07", "Proceedings of the Made-up Meeting")
    assert (one.doi, one.pdf, one.kind) == ("10.18653/v1/x19-1", f"{loopback.url}/X19-1.pdf", "paper")
    assert one.abstract.startswith("We compare the light of nine lamps & find that")
    assert one.url == f"{loopback.url}/p"
    assert one.complete


@pytest.mark.parametrize(
    "tags",
    [
        '<meta name="citation_arxiv_id" content="2602.00003v1">',
        '<meta name="citation_doi" content="10.48550/arXiv.2602.00003">',
        '<link rel="canonical" href="https://arxiv.org/abs/2602.00003">',
        '<meta name="citation_pdf_url" content="https://arxiv.org/pdf/2602.00003v1">',
    ],
)
def test_a_page_that_names_its_arxiv_paper(loopback: Loopback, tags: str) -> None:
    loopback.arxiv()
    one = page(loopback, f"<title>Tea</title>{tags}")
    assert (one.arxiv, one.doi, one.title, one.kind) == ("2602.00003", None, "Tea", "paper")
    assert one.authors == ("Mei Leaf", "The Teapot Collaboration")
    assert one.tags == ("computer vision",)
    assert one.pdf == f"{loopback.url}/pdf/2602.00003"


def test_a_page_that_only_links_to_a_paper_is_not_the_paper(loopback: Loopback) -> None:
    one = page(
        loopback, '<title>My week</title><p>I read <a href="https://arxiv.org/abs/2602.00003">this</a> arXiv:2602.00003'
    )
    assert (one.arxiv, one.title, one.kind) == (None, "My week", "blog")


def test_a_page_whose_arxiv_paper_is_unknown_or_silent(loopback: Loopback) -> None:
    loopback.arxiv()
    one = page(loopback, '<title>Tea</title><meta name="citation_arxiv_id" content="2610.99999">')
    assert (one.title, one.complete) == ("Tea", True)
    loopback.on("/api/query", Reply(403))
    one = page(loopback, '<title>Tea</title><meta name="citation_arxiv_id" content="2610.99998">')
    assert (one.title, one.arxiv, one.complete) == ("Tea", "2610.99998", False)
    assert "blocked" in one.problem


def test_a_shortened_link_to_arxiv(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.arxiv()
    answer = web.Answer("https://arxiv.org/abs/2602.00003v1", 200, {"content-type": "text/html"}, b"<title>x</title>")
    fetch = web.fetch
    monkeypatch.setattr(web, "fetch", lambda url, **more: answer if "t.example" in url else fetch(url, **more))
    (one,) = known(Source("https://t.example/abc", "blog", label="t.example"))
    assert (one.arxiv, one.url, one.kind) == ("2602.00003", "https://arxiv.org/abs/2602.00003", "paper")
    assert one.title.startswith("Tea & tensors")


def test_a_blog_post(loopback: Loopback) -> None:
    html = """<title>My post | The Site</title><meta property="og:title" content="My post | The Site">
    <meta property="og:site_name" content="The Site"><meta name="author" content="Bo Li">
    <meta property="article:author" content="https://site.example/bo"><meta name="description" content=" About  it. ">
    <meta property="article:published_time" content="2024-05-06T07:08:09+02:00"><h1>Other</h1>"""
    one = page(loopback, html)
    assert (one.title, one.authors, one.published) == ("My post", ("Bo Li",), "2024-05-06")
    assert (one.abstract, one.venue, one.kind, one.pdf) == ("About it.", "The Site", "blog", None)


def test_json_ld(loopback: Loopback) -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "no"},
            {"@type": "WebPage", "name": "neither"},
            {
                "@type": ["BlogPosting"],
                "headline": "Tea &amp; time",
                "author": [{"@type": "Person", "name": "Mei Leaf"}, "Otto Knot"],
                "datePublished": "2023-02-01",
                "description": "On tea.",
            },
        ],
    }
    one = page(loopback, f'<title>x</title><script type="application/ld+json">{json.dumps(data)}</script>')
    assert (one.title, one.authors, one.published) == ("Tea & time", ("Mei Leaf", "Otto Knot"), "2023-02-01")
    article = {
        "@type": "ScholarlyArticle",
        "name": "T",
        "identifier": "https://doi.org/10.5555/Q",
        "isPartOf": {"name": "J"},
    }
    one = page(loopback, f'<script type="application/ld+json">{json.dumps(article)}</script>')
    assert (one.kind, one.doi, one.venue) == ("paper", "10.5555/q", "J")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<h1>Only a <em>heading</em></h1>", "Only a heading"),
        ("<title>First</title><svg><title>Icon</title></svg>", "First"),
        ("<svg><title>Icon</title></svg><title>Second</title>", "Second"),
        ("<TITLE>Upper\n case</TITLE>", "Upper case"),
        ("<title>A &lt;b&gt; C</title>", "A C"),
        ("<title>x &lt; y</title>", "x < y"),
        ("<title>a\x00b\u202ec\u200bd</title>", "abcd"),
        ('<meta name="twitter:title" content="Bird">', "Bird"),
        ('<meta property="og:title" content="">\n<title>Fallback</title>', "Fallback"),
        ("<title>Unclosed", "Unclosed"),
        ("<title>Lamps - Wikipedia</title>", "Lamps - Wikipedia"),
        ('<meta property="og:site_name" content="Lamp World"><title>Oil | lampworld</title>', "Oil"),
        ('<meta property="og:site_name" content="Oil"><title>Oil</title>', "Oil"),
        ("<script>document.title='no'</script><title>Yes</title>", "Yes"),
        ("<noscript><h1>Enable JavaScript</h1></noscript><h1>Real</h1>", "Real"),
        (f"<title>{'long ' * 1000}</title>", None),
    ],
)
def test_titles(loopback: Loopback, html: str, title: str | None) -> None:
    found = page(loopback, html).title
    assert found == title if title else len(found) <= 500 and found.endswith("…")


def test_a_title_goes_without_the_name_of_its_host() -> None:
    html = "<title>Lamps – a history - Wikipedia</title>"
    assert webpage.read(html, "https://en.wikipedia.org/wiki/Lamps").title == "Lamps – a history"
    assert webpage.read("<title>Wikipedia</title>", "https://en.wikipedia.org/").title == "Wikipedia"
    assert webpage.read("<title>Self-Attention</title>", "https://attention.example/").title == "Self-Attention"


def test_an_encoding_without_a_header(loopback: Loopback) -> None:
    loopback.on("/p", Reply(body='<meta charset="gbk"><title>论文</title>'.encode("gbk"), type="text/html"))
    assert known(Source(f"{loopback.url}/p", "blog"))[0].title == "论文"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(403, "<title>Just a moment...</title>"), "HTTP 403"),
        (Reply(401), "HTTP 401"),
        (Reply(451), "HTTP 451"),
        (Reply(500), "HTTP 500"),
        (Reply(503), "not available"),
        (Reply(429, headers={"Retry-After": "900"}), "15 minutes"),
        (Reply(body="<title>Just a moment...</title>"), "only in a browser"),
        (Reply(body="<title>Attention Required! | Cloudflare</title>"), "only in a browser"),
        (Reply(body='<div id="root"></div><script src="app.js"></script>'), "only in a browser"),
        (Reply(body="<title>OpenReview</title>"), "only in a browser"),
        (Reply(302, headers={"Location": "/login?next=/p"}), "only in a browser"),
        (Reply(body="<title>x</title>" * 9, cut=20), "broke off"),
    ],
)
def test_a_page_that_is_not_shown(loopback: Loopback, reply: Reply, words: str) -> None:
    loopback.on("/p", reply)
    loopback.on("/login", Reply(body="<title>Welcome to us</title>"))
    (one,) = known(Source(f"{loopback.url}/p", "paper", label="OpenReview2"))
    assert (one.complete, one.title, one.url, one.kind) == (False, "", f"{loopback.url}/p", "paper")
    assert words in one.problem


def test_an_address_of_a_pdf(loopback: Loopback) -> None:
    loopback.on("/x.pdf", Reply(body=b"%PDF-1.7", type="application/pdf"))
    (one,) = known(f"{loopback.url}/x.pdf")
    assert (one.kind, one.pdf, one.title, one.complete) == ("paper", f"{loopback.url}/x.pdf", "", True)
    loopback.on("/y", Reply(body=b"%PDF-1.7", type=""))
    assert known(Source(f"{loopback.url}/y", "blog"))[0].pdf == f"{loopback.url}/y"
    loopback.on("/z.zip", Reply(body=b"PK", type="application/zip"))
    (one,) = known(Source(f"{loopback.url}/z.zip", "blog"))
    assert (one.title, one.pdf) == ("z.zip", None)


@pytest.mark.parametrize(
    ("canonical", "kept"),
    [
        ("", "/p"),
        ("/better", "/better"),
        ("https://elsewhere.example/p", "/p"),  # a page may claim to be another site's
        ("/", "/p"),
        ("javascript:alert(1)", "/p"),
        ("http://[bad", "/p"),
        ("/p?utm_source=x", "/p"),
    ],
)
def test_the_address_that_is_kept(loopback: Loopback, canonical: str, kept: str) -> None:
    one = page(loopback, f'<title>T</title><link rel="canonical" href="{canonical}">')
    assert one.url == loopback.url + kept


# videos, forums, code


def test_a_video(loopback: Loopback) -> None:
    loopback.on(
        "/oembed", Reply(body='{"title": "A talk on tea", "author_name": "Tea Channel"}', type="application/json")
    )
    (one,) = known("https://youtu.be/abcdefghijk?t=30")
    assert (one.title, one.authors, one.venue, one.kind) == ("A talk on tea", ("Tea Channel",), "YouTube", "talk")
    assert one.url == "https://www.youtube.com/watch?v=abcdefghijk"
    assert loopback.requests[0].query == {"url": "https://www.youtube.com/watch?v=abcdefghijk", "format": "json"}


def test_a_video_that_is_not_there(loopback: Loopback) -> None:
    (one,) = metadata.look_up([source("https://youtu.be/abcdefghijk")])
    assert isinstance(one, NotFoundError)


def test_a_video_elsewhere(loopback: Loopback) -> None:
    loopback.on("/api/oembed.json", Reply(body='{"title": "Waves", "author_name": 3}', type="application/json"))
    (one,) = known("https://vimeo.com/76979871")
    assert (one.title, one.authors, one.venue) == ("Waves", ("3",), "Vimeo")


FORUM = {
    "title": {"value": "Of $k$ lamps"},
    "authors": {"value": ["Na Li", "Otto Knot"]},
    "abstract": {"value": "We count\nlamps."},
    "venue": {"value": "Made-up 2026 oral"},
    "pdf": {"value": "/pdf/1.pdf"},
}


@pytest.mark.parametrize("version", [1, 2])
def test_a_forum(loopback: Loopback, version: int) -> None:
    content = FORUM if version == 2 else {k: v["value"] for k, v in FORUM.items()}
    note = {"id": "aB1-_xyz", "forum": "aB1-_xyz", "pdate": 1768435200000, "content": content}
    loopback.on("/notes", Reply(body=json.dumps({"notes": [note]}), type="application/json"))
    (one,) = known("https://openreview.net/forum?id=aB1-_xyz")
    assert (one.title, one.authors, one.abstract) == ("Of $k$ lamps", ("Na Li", "Otto Knot"), "We count lamps.")
    assert (one.published, one.venue) == ("2026-01-15", "Made-up 2026 oral")
    assert (one.pdf, one.withdrawn) == ("https://openreview.net/pdf?id=aB1-_xyz", False)


def test_a_withdrawn_submission(loopback: Loopback) -> None:
    content = FORUM | {"venue": {"value": "Made-up 2026 Conference Withdrawn Submission"}}
    loopback.on(
        "/notes", Reply(body=json.dumps({"notes": [{"id": "aB1xyz", "content": content}]}), type="application/json")
    )
    assert known("https://openreview.net/forum?id=aB1xyz")[0].withdrawn


@pytest.mark.parametrize(
    "body", ["", "[]", '{"notes": []}', '{"notes": [3]}', '{"notes": [{"content": 3}]}', '{"name": "ForbiddenError"}']
)
def test_a_forum_that_keeps_programs_out(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """The page is asked instead; where it refuses as well, that is said."""
    loopback.on("/notes", Reply(403 if "name" in body else 200, body, "application/json"))
    loopback.on("/forum", Reply(403))
    forum = Source(f"{loopback.url}/forum?id=aB1xyz", "paper", label="OpenReview")
    (one,) = known(forum)
    assert (one.complete, one.url) == (False, forum.url)
    assert "does not show this page to programs" in one.problem
    loopback.on("/forum", Reply(body=SCHOLARLY))
    (one,) = known(forum)
    assert (one.complete, one.title) == (True, "Of lamps & “light”")
    loopback.on("/forum", Reply(body=SCHOLARLY.replace('<meta content="Li, Na" name="citation_author">', "")))
    (one,) = known(forum)
    assert one.complete is False
    assert "one of several authors" in one.problem


def test_code(loopback: Loopback) -> None:
    html = """<title>GitHub - ada/lamp: A lamp</title><meta property="og:title" content="GitHub - ada/lamp: A lamp">
    <meta property="og:description"
    content="A lamp in code. Contribute to ada/lamp development by creating an account on GitHub.">"""
    one = page(loopback, html, "GitHub", "code", "/ada/lamp")
    assert (one.title, one.authors, one.abstract, one.kind) == ("ada/lamp", ("ada",), "A lamp in code", "code")


def test_a_new_site_is_one_function_and_one_line(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sites.LOOKERS, "Lamps", lambda source, say: Metadata(source, title="from the lamp shop"))
    (one,) = known(Source("https://lamps.example/1", "blog", label="Lamps"))
    assert one.title == "from the lamp shop"


def test_an_address_that_is_none(loopback: Loopback) -> None:
    (one,) = metadata.look_up([Source("http://[bad", "blog")])
    assert isinstance(one, DiaryError)


def test_a_doi_that_is_known_already_stays(loopback: Loopback) -> None:
    loopback.arxiv()
    (one,) = known(
        Source("https://arxiv.org/abs/2602.00003", "paper", arxiv="2602.00003", doi="10.5555/a", label="arXiv")
    )
    assert (one.doi, one.arxiv, one.tags) == ("10.5555/a", "2602.00003", ("computer vision",))


# what strangers write


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a \n\t b ", "a b"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("e\u0301", "é"),
        ("a\u00adb\ufeff", "ab"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),  # Persian needs this one
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("x\U000e0041\U000e0042y", "xy"),  # letters that nobody sees
        ("a\ud800b", "ab"),
        ("H<sub>2</sub>O &amp; <script>alert(1)</script>", "H2O & <script>alert(1)</script>"),
        ("&#8212;", "—"),
        ("https://x.org/?a=1&copy=2&lt=3", "https://x.org/?a=1&copy=2&lt=3"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(max_size=400), st.integers(min_value=1, max_value=100))
@settings(max_examples=200, deadline=None)
def test_clean_is_short_and_visible(text: str, limit: int) -> None:
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0x85 or 0x86 <= ord(c) < 0xA0 for c in shown)
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Li, Na", "Na Li"),
        ("Na Li", "Na Li"),
        ("King, Martin, Jr.", "Martin King Jr."),
        ("Lamps, Inc.", "Lamps, Inc."),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("Knot, Otto,", "Otto Knot"),
        ("By Otto Knot", "Otto Knot"),
        ("a, b, c, d", "a, b, c, d"),
        ("", ""),
    ],
)
def test_names(given: str, shown: str) -> None:
    assert name(given) == shown


@pytest.mark.parametrize(
    ("given", "iso"),
    [
        ("2019/07/28", "2019-07-28"),
        ("2019/7", "2019-07"),
        ("2019-07-28T01:02:03Z", "2019-07-28"),
        ("2019", "2019"),
        ("2019-13-01", "2019"),
        ("2019-02-40", "2019-02"),
        ("28 July 2019", "2019-07-28"),
        ("July 28, 2019", "2019-07-28"),
        ("July 2019", "2019-07"),
        ("Spring 2019", "2019"),
        ("soon", None),
        ("", None),
        (None, None),
        (20190728, "2019-07-28"),
        ("99999", None),
    ],
)
def test_days(given: Any, iso: str | None) -> None:
    assert day(given) == iso


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!",
        "<!--",
        "<a ",
        "<a b=",
        '<meta name="citation_author" content="',
        "<div class=abstract>",
        "&#x",
        "<![CDATA[",
        "</",
        "<script>",
        "<title>",
    ],
)
def test_hostile_pages_end(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.perf_counter()
    webpage.read(text, "https://example.com/")
    assert time.perf_counter() - started < 20


@given(st.text(alphabet="<>/!-=\"' abmetitlscrp\n&#x;{}[]@", max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_page(text: str) -> None:
    webpage.read(text, "https://example.com/a")
    webpage.read(f'<script type="application/ld+json">{text}</script>', "https://example.com/a")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["@type", "@graph", "author", "name", "headline", "datePublished", "identifier", "isPartOf", "value"]
            ),
            inner | st.sampled_from(["Article", "VideoObject", "ScholarlyArticle"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
@settings(max_examples=200, deadline=None)
def test_any_json_ld_is_read(value: Any) -> None:
    found = webpage.read(f'<script type="application/ld+json">{json.dumps(value)}</script>', "https://example.com/a")
    assert found.kind in {"", *KINDS}


def test_too_many_authors_are_cut(loopback: Loopback) -> None:
    people = "".join(f'<meta name="citation_author" content="Person {n}">' for n in range(9000))
    one = page(loopback, f"<title>Big</title>{people}")
    assert len(one.authors) == 5000
