"""The real MiniLM: where its weights come from, and that search and neighbours make sense."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from paperdiary import embed
from paperdiary.cli import main
from paperdiary.config import Options
from paperdiary.errors import ModelError

pytestmark = pytest.mark.model
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def encode() -> embed.Encode:
    return embed.load(Options())


def test_weights_come_from_the_package() -> None:
    folder = embed.packaged_weights()
    assert folder is not None
    assert embed.find_weights(Options().model) == folder


def test_vectors_are_those_of_sentence_transformers(encode: embed.Encode) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["A short one.", "Robots that fold laundry", "word " * 400, "", "阅读"]
    plain = SentenceTransformer(str(embed.packaged_weights())).encode(texts, normalize_embeddings=True)
    ours = encode(texts)
    assert ours.shape == (5, 384)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert ((ours * plain).sum(axis=1) > 0.999).all()


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("how to keep many agents from confusing each other while they learn", "multi-agent"),
        ("finding boxes around objects in a picture quickly", "detection-and-segmentation"),
        ("arms that clean up a room after listening to a person", "robot-learning"),
        ("is a confident network right", "how-networks-learn"),
    ],
)
def test_search_by_meaning(starter: Path, query: str, topic: str) -> None:
    result = CliRunner().invoke(main, ["-C", str(starter), "search", query, "-k", "5", "--json"])
    assert result.exit_code == 0
    hits = json.loads(result.stdout)
    assert topic in [h["topic"] for h in hits[:3]]
    assert all(0 < h["semantic"] <= 1 for h in hits)


def test_neighbours_share_topics(starter: Path) -> None:
    """Most first neighbours lie in the same folder, as the reader filed them."""
    listed = json.loads(CliRunner().invoke(main, ["-C", str(starter), "list", "--json"]).stdout)
    same = 0
    for entry in listed[:30]:
        answer = CliRunner().invoke(main, ["-C", str(starter), "related", entry["id"], "-k", "1", "--json"])
        same += json.loads(answer.stdout)[0]["topic"] == entry["topic"]
    assert same >= 12


class Hub(BaseHTTPRequestHandler):
    """As much of a model hub as its client asks for, over a folder."""

    folder: Path
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/api/models/me/tiny/tree/"):
            files = [p for p in self.folder.rglob("*") if p.is_file()]
            rows = [
                {"type": "file", "path": str(p.relative_to(self.folder)), "size": p.stat().st_size, "oid": "0" * 40}
                for p in files
            ]
            self.answer(200, json.dumps(rows).encode(), "application/json")
        elif path.startswith("/api/models/me/tiny"):
            names = [str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()]
            body = json.dumps({"id": "me/tiny", "sha": SHA, "siblings": [{"rfilename": n} for n in names]}).encode()
            self.answer(200, body, "application/json")
        elif path.startswith("/me/tiny/resolve/"):
            file = self.folder / path.split("/", 5)[5]
            self.answer(200, file.read_bytes()) if file.is_file() else self.answer(404, b"")
        else:
            self.answer(404, b"")

    def answer(self, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hash(body) & 0xFFFFFFFF:x}"')
        self.send_header("X-Repo-Commit", SHA)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub() -> Iterator[str]:
    folder = embed.packaged_weights()
    assert folder
    handler = type("Handler", (Hub,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_download_from_a_hub(hub: str, tmp_path: Path) -> None:
    """In a process of its own, since the hub's client reads its environment when it is imported."""
    import os
    import subprocess
    import sys

    env = {**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
    code = (
        "from paperdiary import embed; from paperdiary.config import Options; o = Options(model='me/tiny');"
        "v = embed.load(o)(['a text']); print(v.shape, embed.find_weights('me/tiny') is not None)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert run.stdout.strip() == "(1, 384) True", run.stderr


def test_the_hub_does_not_have_it(hub: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(ModelError, match="no model of that name"):
        embed.download("me/nothing")


def test_the_hub_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(ModelError, match="cannot be reached"):
        embed.download("me/tiny")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "config.json").write_text("not json")
    with pytest.raises(ModelError, match="could not be loaded"):
        embed.load(Options(model=str(tmp_path)))
