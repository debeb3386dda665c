"""A server on this machine that answers as OpenAI's API and those that imitate it do, faults included."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Say:
    """One answer."""

    text: str = ""
    status: int = 200
    error: str = ""  #: message of an error
    code: str = ""  #: OpenAI's code of it
    headers: dict[str, str] = field(default_factory=dict)
    usage: bool = True
    end: str | None = "stop"  #: finish_reason
    raw: bytes | None = None  #: sent instead
    cut: int | None = None  #: so many bytes are sent of more that were promised
    delay: float = 0.0
    encoding: str = "utf-8"


class ModelServer:
    """The server; `says` are given in turn, the last again and again."""

    def __init__(self) -> None:
        self.says: list[Say] = [Say()]
        self.asked: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                say = outer.says.pop(0) if len(outer.says) > 1 else outer.says[0]
                time.sleep(say.delay)
                data, kind = outer._body(say, bool(body.get("stream")))
                self.send_response(say.status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **say.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data if say.cut is None else data[: say.cut])
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # a client that does not wait is part of the tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, folder: Path) -> None:
        """Write what llm reads: the model `here`, which streams, and `whole`, which does not."""
        models = [
            {"model_id": name, "model_name": f"{name}-1", "api_base": self.url, "can_stream": name == "here"}
            for name in ("here", "whole")
        ]
        (folder / "extra-openai-models.yaml").write_text(json.dumps(models), encoding="utf-8")

    def _body(self, say: Say, stream: bool) -> tuple[bytes, str]:
        if say.raw is not None:
            return say.raw, "text/event-stream" if stream else "application/json"
        if say.status != 200:
            error = {"error": {"message": say.error, "type": "made_up", "code": say.code or None}}
            return json.dumps(error).encode(), "application/json"
        usage = {"prompt_tokens": 500, "completion_tokens": 60, "total_tokens": 560} if say.usage else None
        top = {"id": "x", "created": 1, "model": "here-1"}
        if not stream:
            message = {"index": 0, "finish_reason": say.end, "message": {"role": "assistant", "content": say.text}}
            value = {**top, "object": "chat.completion", "choices": [message], "usage": usage}
            return json.dumps(value, ensure_ascii=False).encode(say.encoding), "application/json"
        size = max(len(say.text) // 3, 1)
        pieces = [say.text[n : n + size] for n in range(0, len(say.text), size)]
        rows: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": p}, "finish_reason": None}]}
            for p in pieces
        ]
        rows.append({"choices": [{"index": 0, "delta": {}, "finish_reason": say.end}]})
        rows += [{"choices": [], "usage": usage}] if usage else []
        text = "".join(
            f"data: {json.dumps({**top, 'object': 'chat.completion.chunk', **row}, ensure_ascii=False)}\n\n"
            for row in rows
        )
        return f"{text}data: [DONE]\n\n".encode(say.encoding, "replace"), "text/event-stream"
