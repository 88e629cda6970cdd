"""What stands before the server of the page: nothing is answered that the page does not need."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from rag.page import wording
from rag.page.attempts import Attempts
from rag.page.headers import NOTHING, Header, find_scripts, secure, write_policy
from rag.page.multipart import check_upload
from rag.page.rules import UPLOAD_BODY, Head, Refusal, Rules, too_large

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_OPEN = 400  # requests at a time: an open page keeps two
MAX_HELD = 64 * 1024 * 1024  # bytes of bodies at a time: each is held until it is whole and checked
BODY_WAIT = 60.0  # seconds for a body to arrive: 20 MB at 3 Mbit/s
BUSY_AGAIN = 5  # seconds: a full queue is answered in about two
FULL = 0.2  # seconds for which a full queue counts as full: to ask it costs more than to refuse

_log = logging.getLogger("rag.page")


class Guard:
    """An ASGI middleware that holds the rules of the page, and gives its answers their headers.

    ``scripts`` are hashes of the scripts that the page adds to itself when it runs. Of a request
    that fails unexpectedly the log has the kind of the error and where it was raised; with
    ``verbose`` its message, too, which may quote what somebody typed.
    """

    def __init__(
        self,
        app: Application,
        *,
        rules: Rules,
        scripts: tuple[str, ...] = (),
        verbose: bool = False,
    ) -> None:
        self._app = app
        self._rules = rules
        self._scripts = scripts
        self._verbose = verbose
        self._attempts = Attempts()
        self._n_open = 0
        self._n_held = 0
        self._full_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:  # the page has no other connections
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = read_head(scope)
        refusal = self._rules.find_refusal(head) or self._find_crowd(head, _address(scope))
        if refusal is not None:
            await _refuse(refusal, send)
            return
        held = bytearray()
        self._n_open += 1
        try:
            body = await self._read(head, receive, held)
            if isinstance(body, Refusal):
                await _refuse(body, send)
            else:
                await self._pass_on(scope, head, body, receive, send)
        finally:
            self._n_open -= 1
            self._n_held -= len(held)

    def _find_crowd(self, head: Head, address: str) -> Refusal | None:
        """Return the refusal where there are too many requests already, of whom or what it be."""
        if head.is_queued and time.monotonic() < self._full_until:
            return busy(head)
        if self._n_open >= MAX_OPEN:
            return Refusal(429, wording.BUSY, BUSY_AGAIN)
        wait = self._attempts.wait_for(address) if head.is_login else 0
        return Refusal(429, wording.TOO_MANY_ATTEMPTS.format(seconds=wait), wait) if wait else None

    async def _read(self, head: Head, receive: Receive, held: bytearray) -> bytes | Refusal:
        """Return the whole body, or why it is refused; ``held`` is what there is of it so far."""
        limit = self._rules.body_limit(head) or 0
        if int(head.headers.get("content-length", 0)) > limit:
            return too_large(limit)
        try:
            async with asyncio.timeout(BODY_WAIT):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return Refusal(400, wording.BAD_REQUEST)
                    piece = message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(held) + len(piece) > limit:
                        return too_large(limit)
                    if self._n_held + len(piece) > MAX_HELD:
                        return Refusal(429, wording.BUSY, BUSY_AGAIN)
                    held += piece
                    self._n_held += len(piece)
        except TimeoutError:
            return Refusal(408, wording.TOO_SLOW)
        if limit == UPLOAD_BODY:
            kind = head.headers.get("content-type", "")
            refusal = check_upload(kind, bytes(held), self._rules.suffixes)
            if refusal is not None:
                return refusal
        return bytes(held)

    async def _pass_on(
        self, scope: Scope, head: Head, body: bytes, receive: Receive, send: Send
    ) -> None:
        """Have a request answered, its body as it was read."""
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()  # waits until the other side hangs up
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        reply = _Reply(head, self._scripts, send)
        try:
            await self._app(scope, replay, reply.send)
        except Exception as error:  # the outermost boundary: whatever it is, it ends here
            report(error, verbose=self._verbose)
            if not reply.started:
                await _refuse(Refusal(500, wording.UNEXPECTED), send)
        if head.is_queued and reply.status == 503:
            self._full_until = time.monotonic() + FULL
        if head.is_login:
            self._attempts.note(_address(scope), succeeded=reply.status < 400)


class _Reply:
    """An answer on its way to the browser, from which nothing is sent that is not protected."""

    def __init__(self, head: Head, scripts: tuple[str, ...], send: Send) -> None:
        self.started = False
        self.status = 0
        self._head = head
        self._scripts = scripts
        self._send = send
        self._start: Message | None = None  # of an answer that is held until it is whole
        self._held = bytearray()

    async def send(self, message: Message) -> None:
        """Send a part of the answer, or hold it until the rest is there."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status == 503 or _kind(message["headers"]).startswith(b"text/html"):
                self._start = message
            else:
                keep = self._head.path.startswith(("/assets/", "/static/", "/theme.css"))
                message["headers"] = secure(message["headers"], NOTHING, keep=keep)
                await self._forward(message)
        elif self._start is None:
            await self._forward(message)
        else:
            self._held += message.get("body", b"")
            if not message.get("more_body", False):
                await self._release(self._start)

    async def _release(self, start: Message) -> None:
        self.started = True
        if start["status"] == 503:  # the queue is full
            await _refuse(busy(self._head), self._send)
            return
        body = bytes(self._held)
        policy = write_policy(dict.fromkeys([*find_scripts(body), *self._scripts]))
        start["headers"] = secure(start["headers"], policy)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def _forward(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def read_head(scope: Scope) -> Head:
    """Return the head of a request; of a header that is there twice, all values."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    query = scope.get("query_string", b"").decode("latin-1")
    return Head(scope["method"], scope["path"], query, headers)


def busy(head: Head) -> Refusal:
    """Return the refusal of what the queue has no place for.

    The page shows what it is told with any status but 503, which is the one that programs know.
    """
    return Refusal(429 if "origin" in head.headers else 503, wording.BUSY, BUSY_AGAIN)


def report(error: Exception, *, verbose: bool = False) -> None:
    """Log an unexpected error: its kind and where it was raised, with ``verbose`` all of it."""
    if verbose:
        _log.error("an unexpected error", exc_info=error)
        return
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    _log.error("an unexpected %s at %s", type(error).__name__, " < ".join(reversed(places)))


async def _refuse(refusal: Refusal, send: Send) -> None:
    """Send a refusal, in the form in which Gradio's own are."""
    body = json.dumps({"detail": refusal.sentence}).encode("ascii")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode("ascii")))
    start = {"type": "http.response.start", "status": refusal.status}
    await send({**start, "headers": secure(headers, NOTHING)})
    await send({"type": "http.response.body", "body": body})


def _kind(headers: list[Header]) -> bytes:
    return next((value for name, value in headers if name.lower() == b"content-type"), b"")


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
