"""The guard before a small application, spoken to as a server speaks to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rag.page import guard, wording
from rag.page.attempts import MAX_FAILURES
from rag.page.guard import Application, Guard, Message, Receive, Scope, Send
from rag.page.headers import hash_script
from rag.page.rules import API, CONVERSATION_BODY, SMALL_BODY, Rules

SECRET = "what somebody typed"
CALL = f"{API}/call/answer"


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns; in this thread a browser's event loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def answering(
    body: bytes = b"{}", kind: bytes = b"application/json", status: int = 200, **more: bytes
) -> Application:
    """An application that reads a request to its end, and answers this."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        scope["read"] = message["body"]
        headers = [(b"content-type", kind)]
        headers += [(name.replace("_", "-").encode(), value) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": body[5:]})

    return application


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError(SECRET)


async def failing_midway(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError(SECRET)


class Answered:
    """What came back."""

    def __init__(self, messages: Sequence[Message], scope: Scope) -> None:
        self.status = messages[0]["status"]
        self.headers = {n.decode().lower(): v.decode() for n, v in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])
        self.read = scope.get("read")

    @property
    def sentence(self) -> str:
        return str(json.loads(self.body)["detail"])


def send_request(
    guarded: Guard, path: str = CALL, chunks: Sequence[bytes] = (b"{}",), **headers: str
) -> Answered:
    answered: Answered = run(_send_request(guarded, path, chunks, headers))
    return answered


async def _send_request(
    guarded: Guard, path: str, chunks: Sequence[bytes], headers: dict[str, str]
) -> Answered:
    named = {"host": "localhost", **{n.replace("_", "-"): v for n, v in headers.items()}}
    scope: dict[str, Any] = {
        "type": "http",
        "method": named.pop("method", "POST"),
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": (named.pop("client", "192.0.2.1"), 1),
    }
    waiting = list(chunks)
    sent: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    await guarded(scope, receive, send)
    return Answered(sent, scope)


def guarding(application: Application | None = None, **options: Any) -> Guard:
    rules = Rules(("answer",), local_only=True, suffixes=(".md",))
    return Guard(application or answering(), rules=rules, **options)


def test_a_request_is_passed_on_whole_and_its_answer_protected() -> None:
    answered = send_request(guarding(answering(b'{"event_id": 1}')), chunks=[b'{"da', b'ta": []}'])
    assert answered.status == 200
    assert answered.read == b'{"data": []}'
    assert answered.body == b'{"event_id": 1}'
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_page_may_run_its_own_scripts_and_no_other() -> None:
    html = b"<html><script>one()</script></html>"
    guarded = guarding(answering(html, b"text/html; charset=utf-8"), scripts=("'sha256-x'",))
    answered = send_request(guarded, "/", [b""], method="GET")
    assert answered.body == html
    script = f"script-src 'self' {hash_script(b'one()')} 'sha256-x';"
    assert script in answered.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "limit", "sentence"),
    [
        (CALL, SMALL_BODY, wording.BODY_TOO_LARGE),
        (f"{API}/queue/join", CONVERSATION_BODY, wording.CONVERSATION_TOO_LONG),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_above_its_limit_is_refused_announced_or_not(
    path: str, limit: int, sentence: str, declared: bool
) -> None:
    chunks = [b"x" * 50_000] * (limit // 50_000 + 1)
    size = str(sum(map(len, chunks)))
    headers: dict[str, Any] = {"content_length": size} if declared else {}
    answered = send_request(guarding(), path, [] if declared else chunks, **headers)
    assert (answered.status, answered.sentence) == (413, sentence)
    assert answered.read is None
    assert send_request(guarding(), path, [b"x" * limit]).status == 200


def test_an_upload_of_another_kind_never_reaches_the_server() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.%s"\r\n\r\n\r\n--b--\r\n'
    )
    kind = "multipart/form-data; boundary=b"
    refused = send_request(guarding(), f"{API}/upload", [body % b"exe"], content_type=kind)
    assert (refused.status, refused.read) == (415, None)
    assert refused.sentence == "This kind of file cannot be read; choose one of .md."
    taken = send_request(guarding(), f"{API}/upload", [body % b"md"], content_type=kind)
    assert (taken.status, taken.read) == (200, body % b"md")


def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WAIT", 0.01)
    answered = send_request(guarding(), chunks=[])
    assert (answered.status, answered.sentence) == (408, wording.TOO_SLOW)


@pytest.mark.parametrize(("origin", "status"), [("http://localhost", 429), ("", 503)])
def test_a_full_queue_is_one_sentence_with_the_way_out(origin: str, status: int) -> None:
    full = answering(b'{"detail": "Queue is full. Max size is 32 and size is 32."}', status=503)
    headers: dict[str, Any] = {"origin": origin} if origin else {}
    answered = send_request(guarding(full), **headers)
    assert (answered.status, answered.sentence) == (status, wording.BUSY)
    assert answered.headers["retry-after"] == "5"


def test_a_queue_that_was_full_a_moment_ago_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await answering(status=503)(scope, receive, send)

    guarded = guarding(full)
    assert [send_request(guarded).sentence for _ in range(3)] == [wording.BUSY] * 3
    send_request(guarded, f"{API}/cancel")  # what does not wait is not refused
    assert asked == [CALL, f"{API}/cancel"]
    monkeypatch.setattr(guard, "FULL", 0.0)
    guarded = guarding(full)
    assert [send_request(guarded).status for _ in range(2)] == [503] * 2
    assert len(asked) == 4


def test_whoever_guesses_passwords_has_to_wait() -> None:
    guarded = guarding(answering(status=400))
    guesses = [send_request(guarded, "/login").status for _ in range(MAX_FAILURES + 1)]
    assert guesses == [400] * MAX_FAILURES + [429]
    assert int(send_request(guarded, "/login").headers["retry-after"]) > 50
    assert send_request(guarded, "/login", client="192.0.2.2").status == 400


def test_more_requests_than_the_server_can_hold_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "MAX_OPEN", 1)

    async def crowd(scope: Scope, receive: Receive, send: Send) -> None:
        inner = await _send_request(guarded, CALL, [b"{}"], {})
        assert (inner.status, inner.sentence) == (429, wording.BUSY)
        await answering()(scope, receive, send)

    guarded = guarding(crowd)
    assert send_request(guarded).status == 200
    assert send_request(guarded).status == 200


def test_all_bodies_together_are_no_more_than_the_memory_is_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "MAX_HELD", 100)

    async def crowd(scope: Scope, receive: Receive, send: Send) -> None:
        inner = await _send_request(guarded, CALL, [b"x" * 21], {})
        assert (inner.status, inner.sentence) == (429, wording.BUSY)
        await answering()(scope, receive, send)

    guarded = guarding(crowd)
    assert send_request(guarded, chunks=[b"x" * 80]).status == 200
    assert send_request(guarded, chunks=[b"x" * 80]).status == 200


@pytest.mark.parametrize("application", [failing, failing_midway])
def test_an_unexpected_error_tells_neither_side_what_was_typed(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    answered = send_request(guarding(application))
    assert SECRET.encode() not in answered.body
    assert SECRET not in caplog.text
    assert "an unexpected RuntimeError at test_page_guard.py" in caplog.text
    if application is failing:
        assert (answered.status, answered.sentence) == (500, wording.UNEXPECTED)


def test_an_unexpected_error_is_told_in_full_where_that_is_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    send_request(guarding(failing, verbose=True))
    assert f"RuntimeError: {SECRET}" in caplog.text


def test_a_connection_of_another_kind_is_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    run(guarding()({"type": "websocket"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
