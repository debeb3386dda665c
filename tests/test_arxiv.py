"""arXiv's answers and faults, and the distance between requests, with real processes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from loopback import RECORDINGS, SHARED, Asked, Loopback, Reply, error_feed, feed

from paperdiary import arxiv, turns, web
from paperdiary.arxiv import Found, Paper
from paperdiary.errors import NetworkError
from paperdiary.latex import readable

ATOM = "application/atom+xml; charset=utf-8"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&i;</title></entry></feed>'
)
ASK = """
import sys, json
from paperdiary import arxiv
found = arxiv.papers(sys.argv[1:])
print(json.dumps([sorted(found.papers), found.missing, {k: str(v) for k, v in found.failed.items()}]))
"""


def recorded(name: str, folder: Path = RECORDINGS) -> Reply:
    value = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    type = ATOM if value["body"].lstrip().startswith("<?xml") else "text/plain"
    return Reply(value["status_code"], value["body"], type)


def ask(*ids: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", ASK, *ids], stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> list[object]:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return list(json.loads(out))


def one(found: Found) -> Paper:
    (paper,) = found.papers.values()
    return paper


def test_a_paper(loopback: Loopback) -> None:
    loopback.on("/api/query", recorded("id_2601.00001"))
    assert arxiv.papers(["2601.00001"]) == Found(
        {
            "2601.00001": Paper(
                id="2601.00001",
                version=3,
                title=r"Counting lanterns: an $\ell_1$ view of Kähler harbours",
                authors=("Zoë Lantern", "Martín Ørsted", "Li Na"),
                abstract=(
                    r"We count the lanterns of a harbour at night with an $\ell_1$ penalty and show that José's bound "
                    "holds for n < 40 boats, 50% faster than before. The made-up data are three postcards."
                ),
                published="2026-01-01",
                updated="2026-03-04",
                doi="10.5555/lantern.2026.7",
                journal_ref="J. Made-up Res. 7 (2026) 1–12",
                categories=("stat.ML", "cs.LG"),
                comment="12 pages, 3 figures; accepted at the Made-up Conference",
            )
        }
    )
    (asked,) = loopback.requests
    assert asked.query == {"id_list": "2601.00001", "start": "0", "max_results": "1"}
    assert "atom" in asked.headers["accept"]


def test_answers_are_kept(loopback: Loopback) -> None:
    loopback.arxiv()
    first = arxiv.papers(["2601.00001", "math/0601001"])
    assert arxiv.papers(["math/0601001", "2601.00001"]).papers == first.papers
    assert len(loopback.requests) == 1
    arxiv.papers(["2602.00003", "2601.00001"])
    assert loopback.requests[-1].query["id_list"] == "2602.00003"
    arxiv.papers(["2601.00001"], fresh=True)
    assert len(loopback.requests) == 3


def test_old_answers_are_asked_for_again_and_better_than_none(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.arxiv()
    paper = one(arxiv.papers(["2601.00001"]))
    monkeypatch.setattr(arxiv, "_FRESH", -1)
    loopback.arxiv().make_up("2601.00001", title="A newer title", version="4")
    assert one(arxiv.papers(["2601.00001"])).title == "A newer title"
    loopback.on("/api/query", Reply(403))
    found = arxiv.papers(["2601.00001", "2601.00002"])
    assert one(found).version == 4 != paper.version
    assert list(found.failed) == ["2601.00002"]


@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", '{"paper": 1}', "half", "flip", "folder"])
def test_a_damaged_answer_counts_as_absent(loopback: Loopback, damage: str) -> None:
    loopback.arxiv()
    paper = one(arxiv.papers(["2601.00001"]))
    (path,) = (turns.cache_dir() / "arxiv").iterdir()
    whole = path.read_text(encoding="utf-8")
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        changed = {"half": whole[: len(whole) // 2], "flip": whole.replace("lanterns", "lanterms", 1)}
        path.write_text(changed.get(damage, damage), encoding="utf-8")
    assert one(arxiv.papers(["2601.00001"])) == paper
    assert len(loopback.requests) == 2


def test_a_hundred_papers_are_one_request(loopback: Loopback) -> None:
    ids = [f"2603.{n:05}" for n in range(1, 101)]
    loopback.arxiv(*ids)
    found = arxiv.papers(ids)
    assert list(found.papers) == ids  # in the order asked for; the server answers in another
    assert len(loopback.requests) == 1
    assert loopback.requests[0].query["max_results"] == "100"
    assert len(loopback.requests[0].raw) < 2000


def test_five_hundred_papers_fit_into_addresses(loopback: Loopback) -> None:
    ids = [f"2603.{n:05}" for n in range(1, 501)]
    loopback.arxiv(*ids)
    assert len(arxiv.papers(ids).papers) == 500
    assert len(loopback.requests) == 2
    assert max(len(r.raw) for r in loopback.requests) < 4200


def test_nothing_asked_for_is_no_request(loopback: Loopback) -> None:
    assert arxiv.papers([]) == Found()
    loopback.arxiv()
    arxiv.papers(["2601.00001", "2601.00001"])
    assert [r.query["id_list"] for r in loopback.requests] == ["2601.00001"]


def test_unknown_papers_are_missing(loopback: Loopback) -> None:
    loopback.on("/api/query", recorded("id_2610.99999_unknown"))
    found = arxiv.papers(["2610.99999"])
    assert found == Found(missing={"2610.99999": "arXiv has no paper 2610.99999."})
    loopback.on("/api/query", recorded("ids_three_one_unknown"))
    found = arxiv.papers(["2601.00001", "2610.99999", "2602.00003"])
    assert (list(found.papers), list(found.missing)) == (["2601.00001", "2602.00003"], ["2610.99999"])
    assert len(loopback.requests) == 2  # neither is asked for twice


def test_a_malformed_id(loopback: Loopback) -> None:
    loopback.on("/api/query", recorded("id_abc_malformed"))
    found = arxiv.papers(["abc"])
    assert "does not accept the id abc" in found.missing["abc"]
    assert len(loopback.requests) == 1


def test_a_malformed_id_among_others_is_left_out(loopback: Loopback) -> None:
    def reply(asked: Asked) -> Reply:
        if "abc" in asked.query["id_list"]:
            return Reply(400, error_feed("abc"), ATOM)
        return recorded("id_2601.00001")

    loopback.on("/api/query", reply)
    found = arxiv.papers(["2601.00001", "abc"])
    assert (list(found.papers), list(found.missing)) == (["2601.00001"], ["abc"])
    assert len(loopback.requests) == 2
    loopback.on("/api/query", Reply(400, error_feed("somebody-else"), ATOM))
    found = arxiv.papers(["2601.00002", "2602.00003"])
    assert list(found.failed) == ["2601.00002", "2602.00003"]


FAULTS = {
    "429": (recorded("fault_429"), "asks for fewer requests (HTTP 429)", 3),
    "503": (recorded("fault_503"), "is not available at the moment (HTTP 503)", 3),
    "500": (Reply(500), "is out of order at the moment (HTTP 500)", 3),
    "rate exceeded": (recorded("fault_rate_exceeded"), "asks for fewer requests (“Rate exceeded.”)", 3),
    "empty page": (recorded("fault_empty_page"), "sent an empty answer in place of 2 papers", 3),
    "half a feed": (Reply(body=recorded("id_2601.00001").body[:900], type=ATOM), "cannot be read", 3),
    "half a body": (Reply(body="x" * 5000, cut=100), "broke off its answer", 3),
    "a page": (Reply(body="<html><body>We are down.</body></html>"), "cannot be read", 3),
    "nothing": (Reply(), "cannot be read", 3),
    "entity bomb": (Reply(body=BOMB, type=ATOM), "cannot be read", 3),
    "reset": (Reply(reset=True), "broke off its answer", 3),
    "406": (recorded("fault_406"), "does not accept how it was asked (HTTP 406)", 1),
    "403": (Reply(403), "has blocked this machine's address (HTTP 403)", 1),
    "404": (Reply(404), "refuses the request (HTTP 404)", 1),
    "400 without a feed": (Reply(400, "Bad Request"), "answer (HTTP 400) cannot be read", 1),
    "400 with an empty feed": (Reply(400, feed()), "refuses the request (HTTP 400)", 1),
    "gzip bomb": (
        Reply(body=gzip.compress(b" " * 60_000_000, 1), headers={"Content-Encoding": "gzip"}),
        "more than 20 MB",
        1,
    ),
    "circle": (Reply(302, headers={"Location": "/api/query"}), "redirects in a circle", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_apart(loopback: Loopback, fault: str) -> None:
    reply, words, requests = FAULTS[fault]
    loopback.on("/api/query", reply)
    found = arxiv.papers(["2601.00001"])
    assert (found.papers, found.missing) == ({}, {})
    error = found.failed["2601.00001"]
    assert words in str(error)
    assert isinstance(error, NetworkError)
    assert "\n" not in str(error)
    if requests:
        assert len(loopback.requests) == requests


@pytest.mark.parametrize("fault", [f for f, (_, _, requests) in FAULTS.items() if requests == 3])
def test_what_passes_is_tried_again(loopback: Loopback, fault: str) -> None:
    loopback.on("/api/query", FAULTS[fault][0], recorded("id_2601.00001"))
    assert one(arxiv.papers(["2601.00001"])).version == 3
    assert len(loopback.requests) == 2


def test_silence(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = web.fetch
    monkeypatch.setattr(web, "fetch", lambda url, **more: fetch(url, **more | {"timeout": 0.2}))
    loopback.on("/api/query", Reply(delay=3))
    assert "did not answer within 0.2 s" in str(arxiv.papers(["2601.00001"]).failed["2601.00001"])


def test_no_network() -> None:
    """Without a server: one sentence at once, and no second try."""
    server = Loopback()
    server.close()
    environment = os.environ | {"PAPERDIARY_ARXIV_URL": server.url, "PAPERDIARY_ARXIV_INTERVAL": "0"}
    started = time.perf_counter()
    run = subprocess.run([sys.executable, "-c", ASK, "2601.00001"], capture_output=True, text=True, env=environment)
    assert "refuses connections" in run.stdout
    assert time.perf_counter() - started < 15


def test_redirects_are_followed(loopback: Loopback) -> None:
    loopback.on("/api/query", Reply(301, headers={"Location": f"{loopback.url}/elsewhere?id_list=2601.00001"}))
    loopback.on("/elsewhere", recorded("id_2601.00001"))
    assert one(arxiv.papers(["2601.00001"])).id == "2601.00001"


def test_without_accept_header_the_server_would_refuse(loopback: Loopback) -> None:
    api = loopback.arxiv()
    assert api.answer(Asked(0, "GET", "/api/query", {"id_list": "2601.00001"}, {})).status == 406
    assert one(arxiv.papers(["2601.00001"])).id == "2601.00001"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("", None),
        ("<id>http://arxiv.org/abs/2601.00001</id><title>no version</title>", None),
        ("<id>http://arxiv.org/abs/nonsensev1</id>", None),
        ("<id>https://arxiv.org/abs/2601.00001v2</id>", ""),  # arXiv may write https one day
        ("<id>http://arxiv.org/abs/2601.00001v12</id><title>\n Two\n  lines </title>", "Two lines"),
        ("<id>http://arxiv.org/abs/2601.00001v1</id><title>a&#x202e;b &lt;i&gt;</title>", "ab <i>"),
    ],
)
def test_odd_entries(loopback: Loopback, entry: str, expected: str | None) -> None:
    loopback.on("/api/query", Reply(body=feed(f"<entry>{entry}</entry>"), type=ATOM))
    found = arxiv.papers(["2601.00001"])
    assert [p.title for p in found.papers.values()] == ([] if expected is None else [expected])


def test_two_dois_and_arxivs_own(loopback: Loopback) -> None:
    api = loopback.arxiv()
    api.make_up("2601.00009", doi="10.5555/A.1 10.5555/B.2")
    api.make_up("2601.00010", doi="10.48550/arXiv.2601.00010")
    found = arxiv.papers(["2601.00009", "2601.00010"])
    assert [p.doi for p in found.papers.values()] == ["10.5555/a.1", None]


def test_withdrawn_papers_of_the_recordings(loopback: Loopback) -> None:
    loopback.arxiv()
    found = arxiv.papers(["2601.00001", "2601.00002", "math/0601001", "2602.00003"])
    assert {i for i, p in found.papers.items() if p.withdrawn} == {"2601.00002", "math/0601001"}


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author",
        "This submission has been withdrawn by arXiv administrators due to disputed authorship",
        "Withdrawn",
        "withdrawn.",
        "Paper withdrawn due to an error in Lemma 2",
        "This paper is withdrawn because of a mistake",
        "12 pages. Withdrawn: equation 3 is wrong",
        "This article has been temporarily withdrawn by the authors",
        "The authors have withdrawn this paper",
        "The author withdraws this manuscript, since the data were lost",
        "We withdraw this paper",
        "the paper has been retracted by the authors",
        "Withdrawn by the author, see 2601.00001",
        "(withdrawn)",
        "Preprint was withdrawn",
        "20 pages, 3 figures; this work has now been withdrawn",
    ],
)
def test_withdrawn(comment: str) -> None:
    assert arxiv.is_withdrawn(comment, "We show that lanterns are bright.")


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("", ""),
        ("12 pages", "We study how papers are withdrawn."),
        ("An earlier version of this paper was withdrawn", ""),
        ("Replaces a withdrawn paper", ""),
        ("Theorem 3 has been withdrawn", ""),
        ("v2: section 5 withdrawn, title changed", ""),
        ("supersedes the withdrawn submission 2601.00002", ""),
        ("The withdrawn dataset is replaced", ""),
        ("5 pages", "Withdrawn fluids flow back. The authors withdraw liquid from the tank."),
        ("", "Funds withdrawn by customers are modelled; this note has a model of withdrawal."),
        ("", "We collect " + "many " * 200 + "abstracts that say: this paper has been withdrawn."),
    ],
)
def test_not_withdrawn(comment: str, abstract: str) -> None:
    assert not arxiv.is_withdrawn(comment, abstract)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("plain", "plain"),
        (r"Erd\H{o}s--R\'enyi", "Erdős–Rényi"),
        (r"Bj\"orn \AA{}kesson, S{\o}ren, \L{}ukasz", "Björn Åkesson, Søren, Łukasz"),
        (r"Mart\'{\i}nez, Mart\'\i nez, {\'E}cole", "Martínez, Martínez, École"),
        (r"\v{S}imon, \v Simon, \c{C}elik", "Šimon, Šimon, Çelik"),
        (r"Nguy\~{\^e}n", "Nguyễn"),
        (r"Stra\ss e, Gr\"{o}bner, {\"O}zg\"ur", "Straße, Gröbner, Özgür"),
        (r"$\ell_1$ and \(x\) and $\mathcal{O}(n^{-3/2})$", r"$\ell_1$ and \(x\) and $\mathcal{O}(n^{-3/2})$"),
        (r"$\"a$", r"$\"a$"),  # a formula is not touched
        ("{BERT} and {B}ayes in {0,1}^n", "BERT and Bayes in {0,1}^n"),
        ("50% of A_b, C&D #1", "50% of A_b, C&D #1"),
        (r"50\% of A\_b, C\&D \#1, \$5", "50% of A_b, C&D #1, $5"),
        ("costs $35,000 in total, $5 each", "costs $35,000 in total, $5 each"),
        (r"{\it Kepler}-10b, {\em a} \textbf{bold \emph{x}}", "Kepler-10b, a bold x"),
        ("``quoted'' --- and 'single'", "“quoted” — and 'single'"),
        ("Fig.~3, about ~100, use --help", "Fig. 3, about ~100, use --help"),
        (r"\alpha-decay, \Lambda CDM, H\alpha", "α-decay, Λ CDM, Hα"),
        (r"\url{https://x.org/~me} \href{http://a}{link}", "https://x.org/~me link"),
        (r"an \unknown{command} stays", r"an \unknown{command} stays"),
        ("two\n  lines", "two lines"),
        ("\\", "\\"),
        ("$", "$"),
        (r"\'", r"\'"),
        ("{{{{}}}}", "{{{{}}}}"),
    ],
)  # fmt: skip
def test_latex(latex: str, text: str) -> None:
    assert readable(latex) == text
    assert readable(text) == text or "$" in text or "\\" in text  # what reads well stays


def test_latex_takes_no_time() -> None:
    for text in (
        "{" * 50_000,
        "$" * 50_000,
        "\\" * 50_000,
        r"\'" * 30_000,
        r"\textbf{" * 10_000,
        "{a" * 30_000,
        "`" * 50_000,
    ):
        started = time.perf_counter()
        readable(text)
        assert time.perf_counter() - started < 5


# the distance between requests, with real processes


def test_two_processes_are_three_seconds_apart(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real three seconds, measured where the requests arrive, as 3 s after the last answer."""
    monkeypatch.delenv("PAPERDIARY_ARXIV_INTERVAL")
    api = loopback.arxiv()
    loopback.on("/api/query", lambda asked: Reply(200, api.answer(asked).body, ATOM, delay=0.3))
    processes = [ask("2601.00001"), ask("2602.00003")]
    assert sorted(str(said(p)[0]) for p in processes) == ["['2601.00001']", "['2602.00003']"]
    first, second = loopback.requests
    assert 3.0 <= second.time - first.time < 30
    assert loopback.most_open == 1


def test_five_processes_take_turns(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.4")
    ids = [f"2603.{n:05}" for n in range(1, 6)]
    api = loopback.arxiv(*ids)
    loopback.on("/api/query", lambda asked: Reply(200, api.answer(asked).body, ATOM, delay=0.1))
    for process in [ask(i) for i in ids]:
        said(process)
    times = [r.time for r in loopback.requests]
    assert len(times) == 5
    assert min(b - a for a, b in pairwise(times)) >= 0.4
    assert loopback.most_open == 1


def test_pdfs_wait_for_the_same_turn(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.4")
    api = loopback.arxiv()
    api.pdfs["2601.00001"] = b"%PDF-1.7"
    arxiv.papers(["2601.00001"])
    web.download(arxiv.pdf_url("2601.00001"), tmp_path / "a.pdf")
    first, second = loopback.requests
    assert second.path == "/pdf/2601.00001"
    assert second.time - first.time >= 0.4


def test_every_step_of_a_redirect_waits(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.3")
    loopback.on("/api/query", Reply(301, headers={"Location": "/elsewhere"}))
    loopback.on("/elsewhere", recorded("id_2601.00001"))
    arxiv.papers(["2601.00001"])
    first, second = loopback.requests
    assert second.time - first.time >= 0.3


def test_a_killed_process_does_not_keep_the_turn(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it waits for an answer: the next comes after the interval, not after a timeout."""
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.5")
    api = loopback.arxiv()
    loopback.on("/api/query", Reply(delay=30), api.answer)
    process = ask("2601.00001")
    while not loopback.requests:
        time.sleep(0.01)
    process.kill()
    process.wait()
    started = time.monotonic()
    assert one(arxiv.papers(["2601.00001"])).id == "2601.00001"
    assert time.monotonic() - started < 15
    first, second = loopback.requests
    assert second.time - first.time >= 0.5  # what was asked counts, though nobody waited for the answer


def test_what_arxiv_asks_of_one_process_holds_for_all(loopback: Loopback) -> None:
    loopback.arxiv()
    api = loopback.arxiv()
    loopback.on("/api/query", Reply(429, headers={"Retry-After": "1"}), api.answer)
    first = ask("2601.00001")
    while not loopback.requests:
        time.sleep(0.01)
    second = ask("2602.00003")
    assert [said(first)[2], said(second)[2]] == [{}, {}]
    times = [r.time for r in loopback.requests]
    assert len(times) == 3
    assert min(times[1:]) - times[0] >= 1


def test_a_long_wait_is_remembered_and_said(loopback: Loopback) -> None:
    loopback.on("/api/query", Reply(429, headers={"Retry-After": "600"}))
    assert "10 minutes" in str(arxiv.papers(["2601.00001"]).failed["2601.00001"])
    out = said(ask("2601.00001"))
    assert "asked this machine to wait" in str(out[2])
    assert len(loopback.requests) == 1


@pytest.mark.parametrize("stamp", ["", "soon", "nan", "inf", "-1", "1e300", "of days to come", "\xff"])
def test_a_damaged_stamp_is_no_obstacle(loopback: Loopback, stamp: str) -> None:
    loopback.arxiv()
    arxiv.papers(["2601.00001"])
    (path,) = turns.cache_dir().glob("*.next")
    text = str(time.time() + 1e6) if stamp == "of days to come" else stamp
    path.write_bytes(text.encode("latin-1"))
    started = time.monotonic()
    assert one(arxiv.papers(["2602.00003"])).id == "2602.00003"
    assert time.monotonic() - started < 10


def test_without_a_folder_to_write(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither cache nor lock: this process still keeps the distance, and the answer comes."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PAPERDIARY_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.3")
    loopback.arxiv()
    assert one(arxiv.papers(["2601.00001"])).id == "2601.00001"
    assert one(arxiv.papers(["2601.00001"])).id == "2601.00001"
    first, second = loopback.requests
    assert second.time - first.time >= 0.3


def test_a_lock_that_is_held_for_long(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        turns.turn("somebody", 0),
        pytest.raises(NetworkError, match="Another `diary`"),
        turns.turn("somebody", 0, patience=0.1),
    ):
        pass


# the real recordings


@pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings of arXiv's own answers here")
@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("id_1605.08386_s0_m100_199195aa31ad", ["1605.08386"]),
        ("id_1707.08567_s0_m100_6a1afebfc6a3", ["1707.08567"]),
        ("id_2104.12255v1_s0_m100_6ae69987ffe1", ["2104.12255"]),
        ("id_astro-ph_0601001_s0_m100_3150dca9dc76", ["astro-ph/0601001"]),
        ("id_quant-ph_0201082v1_s0_m100_86989fe779ef", ["quant-ph/0201082"]),
        ("id_0000.0000_s0_m100_8b51d9633a68", []),
        ("id_0808.05394_s0_m100_7b0c7d0a7cdd", []),
        ("id_abc_s0_m100_b79c8dcf6bc3", []),
    ],
)
def test_recorded_answers(loopback: Loopback, name: str, ids: list[str]) -> None:
    loopback.on("/api/query", recorded(name, SHARED))
    found = arxiv.papers(ids or ["abc"])
    assert list(found.papers) == ids
    assert len(found.missing) == (0 if ids else 1)
    assert not found.failed
    for paper in found.papers.values():
        assert paper.title
        assert paper.authors
        assert len(paper.abstract) > 200
        assert paper.published <= paper.updated
        assert paper.categories
        assert not paper.withdrawn
        assert "\n" not in paper.title + paper.abstract


@pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings of arXiv's own answers here")
def test_recorded_list_of_ten(loopback: Loopback) -> None:
    api = loopback.arxiv(folders=(SHARED,))
    ids = sorted(api.entries)
    found = arxiv.papers(ids)
    assert len(ids) >= 14
    assert sorted(found.papers) == ids
    assert len(loopback.requests) == 1
    assert found.papers["2202.12139"].doi == "10.1109/icstw55395.2022.00035"
