from __future__ import annotations

import pytest

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
