from __future__ import annotations

import contextlib
import gzip
import os
import socket
import subprocess
import sys
import time
import zlib
from email.utils import formatdate
from pathlib import Path

import pytest
from loopback import Asked, Loopback, Reply

from paperdiary import web, wire
from paperdiary.errors import DiaryError, NetworkError, NotFoundError


@pytest.fixture(autouse=True)
def quick(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """No long waits where a server names none, and none for a turn: here the server is not arXiv's."""
    monkeypatch.delenv("PAPERDIARY_ARXIV_URL", raising=False)
    monkeypatch.setattr(web, "_BACKOFF", 0.01)


def test_a_page_comes_as_it_is(loopback: Loopback) -> None:
    loopback.on("/a", Reply(body="<p>Grüße</p>", type="Text/HTML; Charset=utf-8"))
    answer = web.fetch(f"{loopback.url}/a")
    assert (answer.status, answer.type, answer.text, answer.whole) == (200, "text/html", "<p>Grüße</p>", True)
    assert answer.url == f"{loopback.url}/a"


def test_it_says_who_asks_and_what_it_takes(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.on("/a", Reply())
    web.fetch(f"{loopback.url}/a", accept="application/json")
    headers = loopback.asked("/a")[0].headers
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("paperdiary/")
    assert "mailto" not in headers["user-agent"]
    monkeypatch.setenv("PAPERDIARY_MAILTO", "ada@example.org\r\nX-Evil: 1")
    web.fetch(f"{loopback.url}/a")
    headers = loopback.asked("/a")[1].headers
    assert headers["accept"] == "*/*"
    assert "mailto:ada@example.orgX-Evil1" in headers["user-agent"]
    assert "x-evil" not in headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(loopback: Loopback, status: int) -> None:
    loopback.on("/a", Reply(status, headers={"Location": "/b?x=1"}))
    loopback.on("/b", Reply(status, headers={"Location": f"{loopback.url}/c"}))
    loopback.on("/c", Reply(body="here"))
    answer = web.fetch(f"{loopback.url}/a")
    assert (answer.text, answer.url) == ("here", f"{loopback.url}/c")


def test_a_redirect_to_another_host_and_back_keeps_cookies_apart(loopback: Loopback) -> None:
    other = Loopback()
    try:
        loopback.on("/a", Reply(302, headers={"Location": f"{other.url}/b", "Set-Cookie": "seen=1; Path=/"}))
        other.on("/b", Reply(302, headers={"Location": f"{loopback.url}/c"}))
        loopback.on("/c", Reply(body="here"))
        assert web.fetch(f"{loopback.url}/a").text == "here"
        assert loopback.asked("/c")[0].headers.get("cookie") == "seen=1"
    finally:
        other.close()


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", "data:text/html,x"]
)
def test_a_redirect_leads_to_the_web_only(loopback: Loopback, target: str) -> None:
    loopback.on("/a", Reply(302, headers={"Location": target}))
    with pytest.raises(NetworkError, match="no address of the web"):
        web.fetch(f"{loopback.url}/a")


@pytest.mark.parametrize("target", ["http://[bad", "https://", "http://a b/", "//", "http://" + "x" * 70_000])
def test_a_redirect_to_nonsense_is_one_sentence(loopback: Loopback, target: str) -> None:
    loopback.on("/a", Reply(302, headers={"Location": target}))
    with pytest.raises(DiaryError):
        web.fetch(f"{loopback.url}/a")


def test_a_circle_ends(loopback: Loopback) -> None:
    loopback.on("/a", Reply(302, headers={"Location": "/a"}))
    with pytest.raises(NetworkError, match="circle"):
        web.fetch(f"{loopback.url}/a")
    assert len(loopback.asked("/a")) <= 10


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "", "http://[bad", "x", "http://"])
def test_what_is_no_address_of_the_web(url: str) -> None:
    with pytest.raises(DiaryError):
        web.fetch(url)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 418, 451, 500])
def test_other_answers_are_the_callers_to_judge(loopback: Loopback, status: int) -> None:
    loopback.on("/a", Reply(status, "why"))
    answer = web.fetch(f"{loopback.url}/a")
    assert (answer.status, answer.text) == (status, "why")
    assert len(loopback.asked("/a")) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(loopback: Loopback, status: int) -> None:
    loopback.on("/a", Reply(status, headers={"Retry-After": "0"}), Reply(status), Reply(body="now"))
    assert web.fetch(f"{loopback.url}/a").text == "now"
    assert len(loopback.asked("/a")) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_three_times_busy_is_enough(loopback: Loopback, status: int) -> None:
    loopback.on("/a", Reply(status))
    with pytest.raises(NetworkError, match=rf"HTTP {status}\)\. Run the command again later\."):
        web.fetch(f"{loopback.url}/a")
    assert len(loopback.asked("/a")) == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept(loopback: Loopback, form: str) -> None:
    said: list[str] = []
    # a date has no fractions: two seconds ahead are between one and two
    after = "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)
    loopback.on("/a", Reply(429, headers={"Retry-After": after}), Reply(body="now"))
    assert web.fetch(f"{loopback.url}/a", say=said.append).text == "now"
    first, second = loopback.asked("/a")
    assert 0.95 <= second.time - first.time <= 15
    assert len(said) == 1
    assert "asks for fewer requests" in said[0]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("600", "10 minutes"),
        ("45", "45 s"),
        ("99999999", "27778 hours"),
        ("a date", "2 hours"),
    ],
)
def test_a_long_wait_is_left_to_the_reader(loopback: Loopback, after: str, words: str) -> None:
    if after == "a date":
        after = formatdate(time.time() + 7200, usegmt=True)
    loopback.on("/a", Reply(429, headers={"Retry-After": after}))
    started = time.perf_counter()
    with pytest.raises(NetworkError, match=words):
        web.fetch(f"{loopback.url}/a")
    assert time.perf_counter() - started < 10
    assert len(loopback.asked("/a")) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("-7", 0),
        ("soon", 0),
        ("", 0),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0),
        ("9" * 30, 0),
        ("٣", 0),
    ],
)
def test_retry_after_in_every_spelling(value: str, seconds: float) -> None:
    assert wire.retry_after(value) == seconds


def test_a_silent_server_is_given_up(loopback: Loopback) -> None:
    loopback.on("/a", Reply(delay=5))
    with pytest.raises(NetworkError, match=r"did not answer within 0\.2 s"):
        web.fetch(f"{loopback.url}/a", timeout=0.2)


def test_silence_is_waited_for_half_a_minute_at_most(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_PATIENCE", 0.5)
    loopback.on("/a", Reply(delay=5))
    with pytest.raises(NetworkError, match=r"did not answer within 0\.4 s\. Run the command again later"):
        web.fetch(f"{loopback.url}/a", timeout=0.4)
    assert len(loopback.asked("/a")) == 2


def test_a_machine_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is neither made nor refused: the queue of a listener that never accepts."""
    monkeypatch.setattr(wire, "_CONNECT", 0.3)
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        started = time.perf_counter()
        with pytest.raises(NetworkError, match="cannot be reached"):
            web.fetch("http://127.0.0.1:{1}/".format(*listener.getsockname()))
        assert time.perf_counter() - started < 10


def test_a_dripping_server_is_given_up(loopback: Loopback) -> None:
    """Each byte comes within the timeout; all of them would take an hour."""
    loopback.on("/a", Reply(body="x" * 200, drip=0.02))
    started = time.perf_counter()
    with pytest.raises(NetworkError, match="too slowly"):
        web.fetch(f"{loopback.url}/a", limit=0.2)
    assert time.perf_counter() - started < 10


def test_a_half_sent_body_is_asked_for_again(loopback: Loopback) -> None:
    loopback.on("/a", Reply(body="x" * 1000, cut=10), Reply(body="whole"))
    assert web.fetch(f"{loopback.url}/a").text == "whole"
    loopback.on("/b", Reply(body="x" * 1000, cut=10))
    with pytest.raises(NetworkError, match="broke off"):
        web.fetch(f"{loopback.url}/b")


def test_a_reset_connection_is_tried_again(loopback: Loopback) -> None:
    loopback.on("/a", Reply(reset=True), Reply(body="now"))
    assert web.fetch(f"{loopback.url}/a").text == "now"


def test_nobody_listens() -> None:
    server = Loopback()
    server.close()
    started = time.perf_counter()
    with pytest.raises(NetworkError, match="refuses connections"):
        web.fetch(f"{server.url}/a")
    assert time.perf_counter() - started < 5  # no second try: nothing will change


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NetworkError, match=r"no-such-host\.invalid cannot be found"):
        web.fetch("https://no-such-host.invalid/x")


def test_no_tls_there(loopback: Loopback) -> None:
    with pytest.raises(NetworkError, match="cannot be"):
        web.fetch(loopback.url.replace("http:", "https:"))


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate"])
def test_packed_answers(loopback: Loopback, coding: str) -> None:
    text = b"a page " * 50_000
    packer = zlib.compressobj(wbits=-15)
    packed = {"deflate": zlib.compress(text), "raw deflate": packer.compress(text) + packer.flush()}
    body = packed.get(coding, gzip.compress(text))
    loopback.on("/a", Reply(body=body, headers={"Content-Encoding": coding.removeprefix("raw ")}))
    assert web.fetch(f"{loopback.url}/a").body == text


def test_a_gzip_bomb_stays_small(loopback: Loopback) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 1)
    loopback.on("/a", Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    code = (
        "import resource, sys\nfrom paperdiary import web\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    web.fetch(sys.argv[1], max_bytes=1_000_000)\n"
        "except Exception as e:\n    print(type(e).__name__, e)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    run = subprocess.run([sys.executable, "-c", code, f"{loopback.url}/a"], capture_output=True, text=True, check=True)
    error, grown = run.stdout.splitlines()
    assert error.startswith("NetworkError")
    assert "more than 1 MB" in error
    assert int(grown) < 60_000  # kilobytes, the HTTP library included


def test_damaged_and_unknown_packing(loopback: Loopback) -> None:
    loopback.on("/a", Reply(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(NetworkError, match="damaged"):
        web.fetch(f"{loopback.url}/a")
    loopback.on("/b", Reply(body=gzip.compress(b"x" * 9999)[:-20], headers={"Content-Encoding": "gzip"}))
    with pytest.raises(NetworkError, match="half an answer"):
        web.fetch(f"{loopback.url}/b")
    loopback.on("/c", Reply(body=b"?", headers={"Content-Encoding": "br"}))
    with pytest.raises(NetworkError, match="not asked for"):
        web.fetch(f"{loopback.url}/c")


def test_too_long_a_body(loopback: Loopback) -> None:
    loopback.on("/a", Reply(body=b"x" * 100_000))
    with pytest.raises(NetworkError, match="more than 50 kB"):
        web.fetch(f"{loopback.url}/a", max_bytes=50_000)
    answer = web.fetch(f"{loopback.url}/a", max_bytes=50_000, cut=True)
    assert (len(answer.body), answer.whole) == (50_000, False)
    assert web.fetch(f"{loopback.url}/a", max_bytes=100_000).whole


def test_a_body_of_another_type_is_not_read(loopback: Loopback) -> None:
    loopback.on("/a", Reply(body=b"%PDF-" + b"x" * 1_000_000, type="application/pdf", drip=0.1))
    started = time.perf_counter()
    answer = web.fetch(f"{loopback.url}/a", types=("text/html",))
    assert (answer.type, answer.body, answer.whole) == ("application/pdf", b"", False)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("type", "body", "text"),
    [
        ("text/html; charset=iso-8859-1", "é".encode("latin-1"), "é"),
        ("text/html", '<meta charset="windows-1252">é'.encode("cp1252"), '<meta charset="windows-1252">é'),
        ("text/html; charset=gbk", "论文".encode("gbk"), "论文"),
        ("text/html; charset=no-such", "é".encode(), "é"),
        ("text/html; charset=base64", b"eA==", "eA=="),
        ("text/html; charset=latin-1", b"\xef\xbb\xbfx", "x"),
        ("text/html", "é".encode("utf-16"), "é"),
        ("", b"\xff\xfe", ""),
        ("", b"a\xffb", "a\ufffdb"),
    ],
)
def test_encodings(type: str, body: bytes, text: str) -> None:
    assert wire.Answer("", 200, {"content-type": type}, body).text == text


def test_a_file_is_there_as_a_whole_or_not_at_all(loopback: Loopback, tmp_path: Path) -> None:
    target = tmp_path / "papers" / "a.pdf"
    loopback.on("/a.pdf", Reply(body=b"%PDF-1.7 whole", type="application/pdf"))
    answer = web.download(f"{loopback.url}/a.pdf", target)
    assert target.read_bytes() == b"%PDF-1.7 whole"
    assert (answer.type, answer.body) == ("application/pdf", b"")
    assert target.stat().st_mode & 0o777 == 0o644
    loopback.on("/b.pdf", Reply(body=b"%PDF-1.7" + b"x" * 10_000, cut=100))
    with pytest.raises(NetworkError):
        web.download(f"{loopback.url}/b.pdf", target)
    assert target.read_bytes() == b"%PDF-1.7 whole"
    assert [p.name for p in target.parent.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(404), NotFoundError),
        (Reply(410), NotFoundError),
        (Reply(403), NetworkError),
        (Reply(500), NetworkError),
        (Reply(body=b"x" * 2000), NetworkError),
        (Reply(body=b"x" * 2000, headers={"Content-Length": "", "Connection": "close"}), NetworkError),
    ],
)
def test_what_is_not_downloaded(loopback: Loopback, tmp_path: Path, reply: Reply, error: type[DiaryError]) -> None:
    loopback.on("/a.pdf", reply)
    with pytest.raises(error):
        web.download(f"{loopback.url}/a.pdf", tmp_path / "a.pdf", max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_checked_before_it_gets_its_name(loopback: Loopback, tmp_path: Path) -> None:
    loopback.on("/a.pdf", Reply(body=b"<html>no PDF</html>"))
    seen: list[bytes] = []

    def check(path: Path) -> None:
        seen.append(path.read_bytes())
        raise DiaryError("This is no PDF.")

    with pytest.raises(DiaryError, match="no PDF"):
        web.download(f"{loopback.url}/a.pdf", tmp_path / "a.pdf", check=check)
    assert seen == [b"<html>no PDF</html>"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(loopback: Loopback, tmp_path: Path) -> None:
    (tmp_path / "papers").write_text("a file")
    with pytest.raises(DiaryError, match="cannot be written"):
        web.download(f"{loopback.url}/a.pdf", tmp_path / "papers" / "a.pdf")


def test_a_killed_download_leaves_nothing_with_the_name(loopback: Loopback, tmp_path: Path) -> None:
    loopback.on("/a.pdf", Reply(body=b"%PDF-" + b"x" * 5000, drip=0.01))
    code = "import sys, pathlib; from paperdiary import web; web.download(sys.argv[1], pathlib.Path(sys.argv[2]))"
    target = tmp_path / "a.pdf"
    process = subprocess.Popen([sys.executable, "-c", code, f"{loopback.url}/a.pdf", str(target)])
    while not loopback.asked("/a.pdf"):
        time.sleep(0.02)
    time.sleep(0.1)
    process.kill()
    process.wait()
    assert not target.exists()
    left = list(tmp_path.glob(".*.part"))
    assert len(left) == 1
    old = time.time() - 7200
    os.utime(left[0], (old, old))
    loopback.on("/a.pdf", Reply(body=b"%PDF-now"))
    web.download(f"{loopback.url}/a.pdf", target)
    assert [p.name for p in tmp_path.iterdir()] == ["a.pdf"]


def test_arxiv_is_told_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERDIARY_ARXIV_URL", "http://mirror.example:8080/arxiv")
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "0.5")
    assert wire.pace("https://export.arxiv.org/api/query") == ("arxiv.org", 3.0)  # the variable is for mirrors alone
    assert wire.pace("http://arxiv.org/pdf/2302.07515") == ("arxiv.org", 3.0)
    assert wire.pace("http://mirror.example:8080/pdf/2302.07515") == ("mirror.example:8080", 0.5)
    assert wire.pace("https://notarxiv.org/") is None
    assert wire.pace("https://arxiv.org.example.com/") is None
    monkeypatch.setenv("PAPERDIARY_ARXIV_INTERVAL", "quickly")
    assert wire.pace("http://mirror.example:8080/pdf/2302.07515") == ("mirror.example:8080", 3.0)
    monkeypatch.delenv("PAPERDIARY_ARXIV_URL")
    assert wire.pace("/relative") is None


def test_importing_the_client_loads_no_http_library() -> None:
    code = "import sys; from paperdiary import arxiv, metadata, sources, web; "
    code += "print({'httpx2', 'filelock', 'platformdirs', 'html.parser', 'yaml'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_the_loopback_counts_connections(loopback: Loopback) -> None:
    def reply(asked: Asked) -> Reply:
        return Reply(body=asked.query["x"])

    loopback.on("/a*", reply)
    assert web.fetch(f"{loopback.url}/a/b?x=1").text == "1"
    assert loopback.most_open == 1
