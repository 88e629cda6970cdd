from __future__ import annotations

from typing import Any

import pytest

from rag.page.rules import API, CONVERSATION_BODY, SMALL_BODY, UPLOAD_BODY, Head, Rules

LOCAL = Rules(("answer",), local_only=True)
OPEN = Rules(("answer",), local_only=False, suffixes=(".md", ".pdf"), more=(f"{API}/mcp",))


def head(path: str = "/", method: str = "GET", query: str = "", **headers: str) -> Head:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Head(method, path, query, {"host": "localhost:7860", **named})


def status(rules: Rules, request: Head) -> int | None:
    refusal = rules.find_refusal(request)
    return refusal.status if refusal else None


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:1", "[::1]:7860"])
def test_this_machine_is_answered_under_its_own_names(host: str) -> None:
    assert status(LOCAL, head(host=host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.nip.io:7860",
        "192.168.1.5:7860",
        "0.0.0.0:7860",
        "[::]:7860",
        "localhost:7860, evil.example",
        "localhost@evil.example",
        "",
    ],
)
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    assert status(LOCAL, head(host=host)) == 421


def test_with_a_password_any_name_may_lead_here() -> None:
    assert status(OPEN, head(host="articles.example.org")) is None
    assert status(OPEN, head(host="a b")) == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"origin": "http://localhost:7860.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},
    ],
)
@pytest.mark.parametrize("path", [f"{API}/queue/join", f"{API}/run/predict", "/login"])
def test_nothing_is_taken_from_another_site(path: str, headers: dict[str, str]) -> None:
    assert status(LOCAL, head(path, "POST", **headers)) == 403
    assert status(LOCAL, head(path, "POST", origin="http://localhost:7860")) is None


def test_a_link_from_elsewhere_leads_to_the_page_and_to_nothing_else() -> None:
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert status(LOCAL, head("/", **link, sec_fetch_dest="document")) is None
    assert status(LOCAL, head("/", **link, sec_fetch_dest="iframe")) == 403
    assert status(LOCAL, head("/logout", **link, sec_fetch_dest="document")) == 403
    assert status(LOCAL, head("/config", sec_fetch_site="cross-site")) == 403


@pytest.mark.parametrize(
    "path",
    [
        "/config",
        "/theme.css",
        "/assets/index-1.js",
        f"{API}/info",
        f"{API}/queue/data",
        f"{API}/heartbeat/abc",
        f"{API}/call/answer/0f",
        f"{API}/mcp/sse",
    ],
)
def test_what_the_page_needs_is_there(path: str) -> None:
    assert status(OPEN, head(path)) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{API}/file=/etc/passwd"),
        ("GET", f"{API}/file/etc/passwd"),
        ("GET", f"{API}/proxy=http://127.0.0.1:22/"),
        ("GET", f"{API}/openapi.json"),
        ("GET", f"{API}/runs"),
        ("GET", f"{API}/dev/reload"),
        ("GET", f"{API}/deep_link"),
        ("GET", f"{API}/custom_component/1/client/component/index.js"),
        ("GET", f"{API}/stream/a/1/2/playlist.m3u8"),
        ("GET", "/monitoring"),
        ("GET", "/docs"),
        ("GET", "/svelte/a.js"),
        ("GET", "/assets/../../../etc/passwd"),
        ("GET", f"{API}/mcpx"),
        ("GET", f"{API}/call/answer"),
        ("POST", f"{API}/call/answer/0f"),
        ("POST", f"{API}/call/settle"),
        ("POST", f"{API}/call/v2/ask"),
        ("POST", f"{API}/run/answer"),
        ("POST", f"{API}/api/predict"),
        ("POST", f"{API}/stream/0f"),
        ("POST", f"{API}/component_server"),
        ("POST", f"{API}/process_recording"),
        ("POST", f"{API}/vibe-edit"),
        ("PUT", "/"),
        ("DELETE", f"{API}/upload"),
        ("OPTIONS", "/"),
    ],
)
def test_what_the_page_does_not_need_is_not_there(method: str, path: str) -> None:
    assert status(OPEN, head(path, method)) == 404


def test_a_body_may_be_as_large_as_what_it_is_for() -> None:
    limits: dict[str, Any] = {
        f"{API}/call/answer": SMALL_BODY,
        f"{API}/call/v2/answer": SMALL_BODY,
        f"{API}/mcp": SMALL_BODY,
        "/login": SMALL_BODY,
        f"{API}/queue/join": CONVERSATION_BODY,
        f"{API}/run/predict": CONVERSATION_BODY,
        f"{API}/upload": UPLOAD_BODY,
    }
    assert {path: OPEN.body_limit(head(path, "POST")) for path in limits} == limits
    assert OPEN.body_limit(head("/config")) == 0


def test_without_kinds_of_files_nothing_is_uploaded() -> None:
    assert status(LOCAL, head(f"{API}/upload", "POST")) == 404
    assert status(OPEN, head(f"{API}/upload", "POST")) is None


@pytest.mark.parametrize("length", ["-1", "1e9", "٣", "", "1, 2"])
def test_a_length_is_a_number(length: str) -> None:
    assert status(LOCAL, head("/login", "POST", content_length=length)) == 400


def test_an_address_is_not_a_place_for_a_text() -> None:
    assert status(LOCAL, head("/", query="q=" + "x" * 3_000)) == 414
