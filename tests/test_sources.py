from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperdiary import sources
from paperdiary.entry import Source


@pytest.mark.parametrize(
    "form",
    [
        "1706.03762",
        "1706.03762v7",
        "  1706.03762\n",
        "<https://arxiv.org/abs/1706.03762>",
        "arXiv:1706.03762",
        "arxiv: 1706.03762v2",
        "arxiv.org/abs/1706.03762",
        "//arxiv.org/abs/1706.03762",
        "http://arxiv.org/abs/1706.03762",
        "https://www.arxiv.org/abs/1706.03762",
        "https://export.arxiv.org/abs/1706.03762",
        "http://de.arxiv.org/abs/1706.03762",
        "https://arxiv.org:443/abs/1706.03762",
        "HTTPS://ARXIV.ORG/ABS/1706.03762V7",
        "https://arxiv.org/abs/1706.03762/",
        "https://arxiv.org/abs/1706.03762v1?context=cs",
        "https://arxiv.org/abs/1706.03762#comments",
        "https://arxiv.org/abs/arXiv:1706.03762",
        "https://arxiv.org/abs/arXiv%3A1706.03762v3",
        "https://arxiv.org/pdf/1706.03762",
        "https://arxiv.org/pdf/1706.03762.pdf",
        "https://arxiv.org/pdf/1706.03762v7.pdf#page=8",
        "https://arxiv.org/html/1706.03762v7#S3",
        "https://arxiv.org/src/1706.03762v1",
        "https://arxiv.org/e-print/1706.03762",
        "https://arxiv.org/format/1706.03762",
        "https://arxiv.org/ftp/arxiv/papers/1706/1706.03762.pdf",
        "https://ar5iv.org/abs/1706.03762",
        "https://ar5iv.labs.arxiv.org/html/1706.03762",
        "https://alphaxiv.org/abs/1706.03762",
        "https://www.alphaxiv.org/pdf/1706.03762v2",
        "https://www.alphaxiv.org/overview/1706.03762v2",
        "https://huggingface.co/papers/1706.03762",
        "https://doi.org/10.48550/arXiv.1706.03762",
        "http://dx.doi.org/10.48550/arxiv.1706.03762",
        "https://www.semanticscholar.org/arxiv/1706.03762",
        "semanticscholar.org/arxiv/1706.03762",
        "10.48550/arXiv.1706.03762",
        "doi:10.48550/arXiv.1706.03762",
        "https://arxiv.org/ abs/1706.03762",
        "https://arxiv.org/abs/1706. 03762",
        "https://arxiv.org/abs/1706.03762v7.pdf",
        "https://arxiv.org/pdf/1706.03762v7/",
        "https://arxiv.org/pdf/arXiv:1706.03762.pdf",
        "https://browse.arxiv.org/html/1706.03762v7",
        "https://lanl.arxiv.org/abs/1706.03762",
        "https://arxiv.org/bibtex/1706.03762",
        "https://arxiv.org/ps/1706.03762",
        "http://www.arxiv.org/ftp/arxiv/papers/1706/1706.03762.pdf?x=1#page=2",
        "https://arxiv.org/abs/1706.03762?utm_source=share&utm_medium=app",
        "https://arxiv.org/abs/1706.03762#:~:text=attention,is%20all",
        "https://ar5iv.labs.arxiv.org/html/1706.03762v5#S3.F1",
        "https://alphaxiv.org/overview/1706.03762v7?chatId=01",
        "https://huggingface.co/papers/1706.03762#community",
        "hf.co/papers/1706.03762",
        "https://api.semanticscholar.org/arXiv:1706.03762",
        "https://www.arxiv-vanity.com/papers/1706.03762/",
        "https://scirate.com/arxiv/1706.03762",
        "https://papers.cool/arxiv/1706.03762",
        "https://www.emergentmind.com/papers/1706.03762",
        "https://ui.adsabs.harvard.edu/abs/arXiv:1706.03762",
        "https://dblp.org/rec/journals/corr/abs-1706-03762",
        "https://doi.org/10.48550/ARXIV.1706.03762",
        "https://doi.org/10.48550/arXiv.1706.03762v7",
        "doi.org/10.48550/arXiv.1706.03762",
        "DOI:10.48550/ARXIV.1706.03762",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Farxiv.org%2Fpdf%2F1706.03762&usg=x",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&h=AT0",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&data=05",
        "https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/1706.03762&hl=en",
        "https://web.archive.org/web/20240102030405/https://arxiv.org/abs/1706.03762",
    ],
)
def test_every_form_of_an_arxiv_address_is_one_source(form: str) -> None:
    source = sources.resolve(form)
    assert source is not None
    assert (source.identity, source.url, source.arxiv, source.kind, source.label) == (
        "arxiv:1706.03762",
        "https://arxiv.org/abs/1706.03762",
        "1706.03762",
        "paper",
        "arXiv",
    )


@pytest.mark.parametrize(
    ("form", "identifier"),
    [
        ("0704.0001", "0704.0001"),
        ("1412.9999v2", "1412.9999"),
        ("1501.00001", "1501.00001"),
        ("math.CA/0611800v2", "math/0611800"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("HEP-TH/9901001", "hep-th/9901001"),
        ("arXiv:cs.CL/0001001", "cs/0001001"),
        ("https://arxiv.org/abs/math.CA/0611800v2/", "math/0611800"),
        ("https://arxiv.org/pdf/cs/9901001.pdf", "cs/9901001"),
        ("https://arxiv.org/ftp/math/papers/0611/0611800.pdf", "math/0611800"),
        ("https://arxiv.org/abs/hep-th/9901001#", "hep-th/9901001"),
        ("https://doi.org/10.48550/arXiv.math/0611800", "math/0611800"),
        ("https://ar5iv.org/abs/cond-mat/0204001v3", "cond-mat/0204001"),
        ("https://arxiv.org/html/quant-ph/0201082v1", "quant-ph/0201082"),
        ("arXiv:astro-ph.CO/0601001", "astro-ph/0601001"),
    ],
)
def test_old_and_short_ids_are_canonical(form: str, identifier: str) -> None:
    assert sources.arxiv_id(form) == identifier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1713.03762",  # there is no 13th month
        "1700.03762",
        "1706.037",
        "1706.037621",
        "https://arxiv.org/list/cs.CL/1706",
        "https://arxiv.org/list/cs.CL/1706.03762",
        "https://arxiv.org/",
        "https://arxiv.org/a/hinton_g_1",
        "https://www.alphaxiv.org/abs/some-own-name",
        "https://arxiv.org.example.com/abs/1706.03762",
        "https://notarxiv.org/abs/1706.03762",
        "https://example.com/abs/1706.03762",
        "https://huggingface.co/models/1706.03762",
        "https://doi.org/10.1145/1706.03762",
        "see 1706.03762",
        "１７０６.０３７６２",
        "1706.0376",
        "1312.12345",
        "0612.0001",
        "0808.05394",  # five digits before 2015
        "1501.0001",  # four digits since
        "abc",
        "arXiv:abc",
        "2302.07515v",
        "2302.07515 v2",
        "2302.07515v2v3",
        "https://arxiv.org/abs/",
        "https://arxiv.org/abs/2302.07515/extra",
        "https://arxiv.org/list/cs.LG/recent",
        "https://arxiv.org/list/cs.LG/2302.07515?skip=0",
        "https://arxiv.org/search/?query=2302.07515",
        "https://arxiv.org/archive/math",
        "https://info.arxiv.org/help/api/index.html",
        "https://www.alphaxiv.org/overview/my-own-paper-v1",
        "https://www.alphaxiv.org/abs/66d5f0a1",
        "https://www.alphaxiv.org/list/2302.07515",
        "https://huggingface.co/papers",
        "https://huggingface.co/papers/date/2025-06-04",
        "https://huggingface.co/datasets/2302.07515",
        "https://semanticscholar.org/paper/2302.07515",
        "https://doi.org/10.48550/",
        "math/061180",
        "math/0613800",
        "math.CAX/0611800",
        "https://evil.example/?u=https://arxiv.org/abs/2302.07515",
    ],
)
def test_what_is_no_arxiv_id(text: str) -> None:
    assert sources.arxiv_id(text) is None


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("journal={arXiv preprint arXiv:2106.09685}", "2106.09685"),
        ("In ARXIV : 2106.09685v2 [cs.CL], then arXiv:1706.03762", "2106.09685"),
        ("arXiv:math.CA/0611800v2", "math/0611800"),
        ("score 1706.03762", None),
        ("notarxiv:2106.09685", None),
        ("", None),
    ],
)
def test_arxiv_in_running_text(text: str, identifier: str | None) -> None:
    assert sources.arxiv_in_text(text) == identifier


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("doi: 10.1145/ABC.", "10.1145/abc"),
        ("(see 10.1145/abc)", "10.1145/abc"),
        ("https://doi.org/10.1016/0004-3702(81)90024-2", "10.1016/0004-3702(81)90024-2"),
        ("https://dl.acm.org/doi/10.1145/3292500?casa=1#x", "10.1145/3292500"),
        ("https://doi.org/10.1002%2Fabc.1", "10.1002/abc.1"),
        ("https://link.springer.com/content/pdf/10.1007/s11263-015-0816-y.pdf", "10.1007/s11263-015-0816-y"),
        ("https://dl.acm.org/doi/10.1145/1.2/pdf", "10.1145/1.2"),
        ("10.1/x", None),
        ("version 10.1145", None),
        ("", None),
        ("10.1016/S0140-6736(05)", "10.1016/s0140-6736(05)"),
        (
            "10.5555/(SICI)1-2(199806)49:8<693::AID-X4>3.0.CO;2-O",
            "10.5555/(sici)1-2(199806)49:8<693::aid-x4>3.0.co;2-o",
        ),
        ("https://doi.org/10.5555/(SICI)1:8%3C69::AID-X4%3E3.0.CO;2-O", "10.5555/(sici)1:8<69::aid-x4>3.0.co;2-o"),
        ("10.5555/abc</a>", "10.5555/abc"),
    ],
)
def test_doi_in(text: str, doi: str | None) -> None:
    assert sources.doi_in(text) == doi


@pytest.mark.parametrize(
    "form",
    [
        "10.1145/3292500.3330701",
        "doi:10.1145/3292500.3330701",
        "DOI: 10.1145/3292500.3330701",
        "https://doi.org/10.1145/3292500.3330701",
        "http://dx.doi.org/10.1145/3292500.3330701",
        "https://dl.acm.org/doi/10.1145/3292500.3330701",
        "https://dl.acm.org/doi/abs/10.1145/3292500.3330701",
        "https://dl.acm.org/doi/pdf/10.1145/3292500.3330701?download=true",
        "doi.org/10.1145/3292500.3330701",
        "dl.acm.org/doi/10.1145/3292500.3330701",
    ],
)
def test_every_form_of_a_doi_is_one_identity(form: str) -> None:
    source = sources.resolve(form)
    assert source is not None
    assert (source.identity, source.kind) == ("doi:10.1145/3292500.3330701", "paper")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://example.com/a", "https://example.com/a"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://EXAMPLE.com/a#part", "https://example.com/a"),
        ("https://example.com/a?utm_source=x&utm_medium=y", "https://example.com/a"),
        ("https://youtu.be/dQw4?t=30", "https://www.youtube.com/watch?v=dQw4"),
        ("https://m.youtube.com/watch?v=dQw4&t=30s", "https://www.youtube.com/watch?v=dQw4"),
        ("https://youtube.com/live/dQw4?si=x", "https://www.youtube.com/watch?v=dQw4"),
        ("https://youtube.com/shorts/dQw4", "https://www.youtube.com/embed/dQw4"),
        ("https://openreview.net/pdf?id=aB1", "https://openreview.net/forum?id=aB1"),
        (
            "https://www.biorxiv.org/content/10.1101/2020.01.02.123456v1.full.pdf",
            "https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2",
        ),
        ("https://aclanthology.org/P19-1001.pdf", "https://aclanthology.org/P19-1001/"),
        ("https://aclanthology.org/2023.acl-long.1v2.pdf", "https://aclanthology.org/2023.acl-long.1"),
        ("http://www.aclweb.org/anthology/P19-1001", "https://aclanthology.org/P19-1001/"),
        ("https://openreview.net/forum?id=aB1&noteId=x&referrer=%5Bhome%5D", "https://openreview.net/forum?id=aB1"),
        ("openreview.net/forum?id=aB1", "https://openreview.net/forum?id=aB1"),
        (
            "https://proceedings.mlr.press/v139/made21a/made21a.pdf",
            "http://proceedings.mlr.press/v139/made21a.html",
        ),
        (
            "https://proceedings.neurips.cc/paper_files/paper/2023/file/0ab1-Paper-Conference.pdf",
            "https://proceedings.neurips.cc/paper_files/paper/2023/hash/0ab1-Abstract-Conference.html",
        ),
        (
            "https://papers.nips.cc/paper/2017/file/0ab1-Paper.pdf",
            "https://papers.nips.cc/paper/2017/hash/0ab1-Abstract.html",
        ),
        (
            "https://openaccess.thecvf.com/content/CVPR2023/papers/Made_Up_paper.pdf",
            "https://openaccess.thecvf.com/content/CVPR2023/html/Made_Up_paper.html",
        ),
        (
            "https://www.jmlr.org/papers/volume21/20-074/20-074.pdf",
            "https://www.jmlr.org/papers/v21/20-074.html",
        ),
        ("https://www.youtube.com/redirect?q=https%3A%2F%2Fexample.com%2Fa", "https://example.com/a"),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.com%2Fa", "https://example.com/a"),
        ("https://example.com/a?igsh=x&_hsenc=y", "https://example.com/a"),
    ],
)
def test_two_addresses_of_one_thing(first: str, second: str) -> None:
    a, b = sources.resolve(first), sources.resolve(second)
    assert a is not None
    assert b is not None
    assert a.identity == b.identity


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.com/a?p=1", "https://example.com/a?p=2"),
        ("https://example.com/A", "https://example.com/a"),  # paths know case
        ("https://www.youtube.com/watch?v=aaa", "https://www.youtube.com/watch?v=AAA"),
        ("https://openreview.net/forum?id=a", "https://openreview.net/forum?id=b"),
        ("https://aclanthology.org/P19-1001.pdf", "https://aclanthology.org/P19-1002.pdf"),
        ("https://www.google.com/search?q=https://example.com/a", "https://example.com/a"),
    ],
)
def test_two_things_stay_two(first: str, second: str) -> None:
    a, b = sources.resolve(first), sources.resolve(second)
    assert a is not None
    assert b is not None
    assert a.identity != b.identity


@pytest.mark.parametrize(
    ("url", "kind", "label"),
    [
        ("https://www.youtube.com/watch?v=x", "talk", "YouTube"),
        ("https://youtu.be/x", "talk", "YouTube"),
        ("https://vimeo.com/1", "talk", "Vimeo"),
        ("https://github.com/a/b", "code", "GitHub"),
        ("https://openreview.net/forum?id=x", "paper", "OpenReview"),
        ("https://aclanthology.org/P19-1001/", "paper", "ACL Anthology"),
        ("https://www.nature.com/articles/nature14539", "paper", "Nature"),
        ("https://example.com/paper.PDF", "paper", "example.com"),
        ("https://onlinelibrary.wiley.com/doi/10.1002/abc", "paper", "onlinelibrary.wiley.com"),
        ("https://www.example.com/post", "blog", "example.com"),
        ("www.example.com/post", "blog", "example.com"),
        ("https://例え.jp/記事", "blog", "例え.jp"),
    ],
)
def test_kind_and_label(url: str, kind: str, label: str) -> None:
    source = sources.resolve(url)
    assert source is not None
    assert (source.kind, source.label) == (kind, label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a title",
        "note.md",
        "mailto:a@b.org",
        "ftp://a/b",
        "javascript:alert(1)",
        "https://",
        "http://[bad",
        "#x",
    ],
)
def test_what_is_no_source(text: str) -> None:
    assert sources.resolve(text) is None
    assert not sources.is_link(text)


@pytest.mark.parametrize(
    "text",
    ["https://example.com", "HTTP://example.com/x", "<https://example.com>", "www.example.com/x", "http://[::1]/a"],
)
def test_is_link(text: str) -> None:
    assert sources.is_link(text)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("  <HTTPS://Example.COM/A?b=1>  ", "https://example.com/A?b=1"),
        ("www.example.com/a", "https://www.example.com/a"),
        ("https://example.com/a b", "https://example.com/ab"),  # a target broken over two lines
        ("https://example.com/a?x=1&utm_campaign=n&fbclid=2&y=", "https://example.com/a?x=1&y="),
        ("https://www.youtube.com/playlist?list=q&si=1", "https://www.youtube.com/playlist?list=q"),
        ("https://example.com/show?name", "https://example.com/show?name"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert sources.canonical_url(url) == canonical
    assert sources.canonical_url(canonical) == canonical


def test_from_arxiv_is_what_resolve_gives() -> None:
    assert sources.from_arxiv("math/0611800") == sources.resolve("math.CA/0611800v1")
    assert sources.from_arxiv("1706.03762") == Source(
        "https://arxiv.org/abs/1706.03762", "paper", arxiv="1706.03762", label="arXiv"
    )


@pytest.mark.parametrize(
    ("text", "identities"),
    [
        ("A title https://arxiv.org/abs/2302.07515 via @someone", ["arxiv:2302.07515"]),
        ("“Lanterns” (https://arxiv.org/pdf/2302.07515v2.pdf).", ["arxiv:2302.07515"]),
        ("[a](https://arxiv.org/abs/2302.07515), <https://x.org/a_(b)>!", ["arxiv:2302.07515", "url:x.org/a_(b)"]),
        ("看这篇：https://arxiv.org/abs/2302.07515，很好。", ["arxiv:2302.07515"]),
        ("2302.07515\n2106.09685v2\n\nmath/0611800", ["arxiv:2302.07515", "arxiv:2106.09685", "arxiv:math/0611800"]),
        ("- 2302.07515, 2106.09685", ["arxiv:2302.07515", "arxiv:2106.09685"]),
        ("arXiv:2302.07515 [cs.LG] and arXiv:2302.07515v3", ["arxiv:2302.07515"]),
        ("see doi:10.1145/32925.33307. Then https://doi.org/10.1145/32925.33307", ["doi:10.1145/32925.33307"]),
        ("arxiv.org/abs/2302.07515 github.com/a/b", ["arxiv:2302.07515", "url:github.com/a/b"]),
        ("Watch https://youtu.be/dQw4w9WgXcQ?si=abc now", ["url:www.youtube.com/watch?v=dQw4w9WgXcQ"]),
        ("It cost 1706.03762 crowns on 2024-05-06 at 10:30", []),
        ("write to me@arxiv.org/abs or see notes/arxiv.org.md", []),
        ("", []),
        ("http:// https://[bad www. 10.1/x", []),
        ("a\r\nhttps://example.com/x\rb", ["url:example.com/x"]),
    ],
)  # fmt: skip
def test_addresses_in_any_text(text: str, identities: list[str]) -> None:
    assert [s.identity for s in sources.in_text(text)] == identities


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.com/post", "https://example.com/post"),
        ("github.com/a/b", "https://github.com/a/b"),
        ("2302.07515", "https://arxiv.org/abs/2302.07515"),
        (" https://example.com/x ", "https://example.com/x"),
        ("localhost:8000/x", None),
        ("note.md", None),
        ("topic/note", None),
        ("a title with words/slashes", None),
        ("../paper.pdf", None),
    ],
)
def test_what_is_typed_on_the_command_line(text: str, url: str | None) -> None:
    found = sources.typed(text)
    assert (found.url if found else None) == url


def test_more_than_sixty_forms_are_tried() -> None:
    """The issue asks for it: arXiv's forms in the first table, those refused in the third."""
    tables = [
        mark.args[1]
        for test in (test_every_form_of_an_arxiv_address_is_one_source, test_what_is_no_arxiv_id)
        for mark in test.pytestmark  # type: ignore[attr-defined]
    ]
    assert [len(set(table)) >= n for table, n in zip(tables, (60, 40), strict=True)] == [True, True]


def test_hostile_text_is_read_in_no_time() -> None:
    for text in (
        "https://" * 20_000,
        "www." * 50_000,
        "arXiv:" * 50_000,
        "10.1234/" * 30_000,
        ")" * 100_000,
        "(" * 9 + "x" * 99_999,
    ):
        started = time.perf_counter()
        sources.in_text(text)
        sources.resolve(text)
        sources.doi_in(f"10.1234/{text}")
        assert time.perf_counter() - started < 10


@given(
    st.sampled_from(
        ["", "https://", "www.", "https://www.google.com/url?q=https://", "arxiv.org/abs/", "doi:10.1234/"]
    ),
    st.text(alphabet="htps:/w.arxivog10abdnlm[]()?#=&%@℀é ,;0123456789v-_", max_size=60),
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_an_address_or_not(start: str, rest: str) -> None:
    """Nothing is raised, and what an address is resolved to is resolved to itself."""
    sources.typed(start + rest)
    for found in [sources.resolve(start + rest), *sources.in_text(start + rest)]:
        if found:
            again = sources.resolve(found.url)
            assert again
            assert again.identity == found.identity
