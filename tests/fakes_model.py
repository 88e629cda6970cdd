"""A server that speaks the streaming protocol of chat completions, as well or as badly as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-canary-8d1f0b"


def event(text: str | None, *, finish: str | None = None) -> bytes:
    """An event with a piece of text."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    content = {"id": "1", "object": "chat.completion.chunk", "choices": [choice]}
    return b"data: " + json.dumps(content).encode() + b"\n\n"


DONE = event(None, finish="stop") + b"data: [DONE]\n\n"


@dataclass
class Reply:
    """How one request is answered: what is sent, and the seconds of silence before each part.

    ``cut`` breaks the connection off in the middle of the body.
    """

    parts: list[tuple[float, bytes]] = field(default_factory=list)
    status: int = 200
    kind: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    endless: bytes = b""


def say(*pieces: str, done: bool = True) -> Reply:
    """A model that writes these pieces."""
    return Reply([(0.0, event(piece)) for piece in pieces] + [(0.0, DONE)] * done)


def fail(status: int, **headers: str) -> Reply:
    """A server that answers with a status, and with words that nobody is to read."""
    body = json.dumps({"error": {"message": f"no {KEY} at host.example: SECRET PROMPT"}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply([(0.0, body)], status=status, kind="application/json", headers=named)


Script = Callable[[dict[str, Any], int], Reply]
"""From the body of a request and its number, from 0, to the reply."""


class ModelServer:
    """The server: where it is, and the requests that it had."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.closed = threading.Event()
        self.n_sent = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                number = len(server.requests)
                server.requests.append(body)
                server.keys.append(self.headers.get("authorization", ""))
                server._send(self, server.script(body, number))

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # whoever asked has gone

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(reply.status)
        handler.send_header("content-type", reply.kind)
        handler.send_header("connection", "close")
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.cut:
            handler.send_header("content-length", "100000")
        handler.end_headers()
        for seconds, part in reply.parts:
            if self.closed.wait(seconds):
                return
            self._write(handler, part)
        while reply.endless and not self.closed.is_set():
            self._write(handler, reply.endless)
            time.sleep(0.001)
        handler.close_connection = True

    def _write(self, handler: BaseHTTPRequestHandler, part: bytes) -> None:
        handler.wfile.write(part)
        handler.wfile.flush()
        self.n_sent += len(part)


@contextmanager
def serving(*replies: Reply | Script) -> Iterator[ModelServer]:
    """A server that gives these replies in turn, and the last one from then on."""

    def script(body: dict[str, Any], number: int) -> Reply:
        reply = replies[min(number, len(replies) - 1)]
        return reply if isinstance(reply, Reply) else reply(body, number)

    server = ModelServer(script)
    try:
        yield server
    finally:
        server.close()
