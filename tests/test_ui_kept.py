"""What the page keeps, in a browser: conversations, files, ratings, what to ask next, measures.

The articles are the two of ``fakes_page``, whose answers can be followed by hand.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from rag.evaluate import read_questions
from rag.page import wording
from tests.fakes_page import write_articles
from tests.test_ui import Visit, in_browser, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
RISE = "When does the river rise?"
OLD = "How old is the wood?"
MILL = "---\ntitle: The mill\n---\n## Flour and bread\n\nThe mill grinds flour for the baker."
QUESTIONS = (
    {"id": "q1", "question": RISE, "answers": ["in May"]},
    {"id": "q2", "question": "Does the river fall?", "answers": ["in June"]},
    {
        "id": "q3",
        "question": "And the wood, how old?",
        "answers": ["ninety"],
        "history": [{"question": RISE, "answer": "It rises in May."}],
    },
)


SERVE = """
import sys, threading
from pathlib import Path
from rag.blocks.app import build_page
from rag.blocks.launch import launch_options
from rag.page.loading import Loading
from tests.fakes_page import quoting_bot

folder, port = Path(sys.argv[1]), int(sys.argv[2])
corpus, index = folder / "corpus", folder / ".rag" / "corpus"
loading = Loading(lambda tell: quoting_bot(folder, tell))
page = build_page(loading, corpus=corpus, index=index)
page.launch(**launch_options("127.0.0.1", port, None, [corpus, index], mcp=True))
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass
class Server:
    """A page over the two articles in a process of its own, which can be killed and started."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def index(self) -> Path:
        return self.folder / ".rag" / "corpus"

    def start(self) -> None:
        command = [sys.executable, "-c", SERVE, str(self.folder), str(self.port)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe)
        assert self.process.stdout is not None
        assert "ready\n" in iter(self.process.stdout.readline, "")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("kept")
    write_articles(folder / "corpus")
    (folder / "corpus" / "mill.md").write_text(MILL, "utf-8")
    questions = "\n".join(map(json.dumps, QUESTIONS))
    (folder / "corpus" / "questions.jsonl").write_text(questions, "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Server(folder, probe.getsockname()[1])
    server.start()
    yield server
    server.kill()


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visit]:
    """Somebody new, whose page asks for nothing outside and complains of nothing."""
    seen = visit(browser, server.address, viewport={"width": 1280, "height": 800})
    seen.page.wait_for_selector("#panel .articles")
    yield seen
    seen.page.context.close()
    assert seen.outside == []
    assert seen.complaints == []


def settle(seen: Visit) -> None:
    """Wait until the page is ready for the next question."""
    seen.page.wait_for_selector("#question button[aria-label=Ask]")


def titles(seen: Visit) -> list[str]:
    return seen.page.locator("#talk-list .open").all_text_contents()


def open_list(seen: Visit) -> None:
    seen.page.click("#talks > button")
    seen.page.wait_for_selector("#talk-list :is(.talks, .more)")


def shown(seen: Visit) -> list[str]:
    return seen.page.locator("#chat .answer .answer-text").all_inner_texts()


@in_browser
def test_a_conversation_survives_a_reload_and_a_server_that_was_killed(
    visitor: Visit, server: Server
) -> None:
    page = visitor.page
    visitor.ask(RISE, 1)
    visitor.ask(OLD, 2)
    settle(visitor)
    server.kill()
    server.start()
    page.reload()
    page.wait_for_selector("#answer-2 .foot")
    visitor.complaints.clear()  # of the connection that was lost
    assert shown(visitor) == ["The river rises in May. 1", "The wood is old. 1"]
    assert page.inner_text("#panel mark.cited") == "The wood is old."
    page.click("#answer-1 a.cite")
    page.wait_for_selector("#cited")
    assert page.inner_text("#cited") == "The river rises in May."
    visitor.ask("What of the mill?", 3)
    assert "flour" in shown(visitor)[2]


@in_browser
def test_two_people_see_their_own_conversations_only(
    visitor: Visit, browser: Browser, server: Server
) -> None:
    other = visit(browser, server.address)
    visitor.ask(RISE, 1)
    other.ask(OLD, 1)
    for seen, title in ((visitor, RISE), (other, OLD)):
        settle(seen)
        open_list(seen)
        seen.page.wait_for_selector("#talk-list .open")
        assert titles(seen) == [title]
    forged = visitor.page.get_attribute("#talk-list .open", "id")
    other.page.evaluate(
        """id => {
            const button = document.querySelector("#talk-list .open");
            button.id = id;
            button.click();
        }""",
        forged,
    )
    other.page.wait_for_selector("#panel .articles")
    assert shown(other) == []
    other.page.reload()
    other.page.wait_for_selector("#answer-1 .foot")
    assert shown(other) == ["The wood is old. 1"]
    other.page.context.close()


@in_browser
def test_conversations_are_begun_named_switched_and_deleted(visitor: Visit) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    open_list(visitor)
    visitor.ask(RISE, 1)
    settle(visitor)
    page.wait_for_selector("#talk-list .here")
    page.fill("#talk-open :is(input, textarea)", "The river")
    page.click(f"#talk-open >> text={wording.RENAME}")
    page.wait_for_selector("#talk-list .here >> text=The river")
    page.click("#clear")
    page.wait_for_selector("#panel .articles")
    visitor.ask(OLD, 1)
    page.wait_for_selector(f"#talk-list .here >> text={OLD}")
    assert titles(visitor) == [OLD, "The river"]
    page.click("#talk-list .open >> text=The river")
    page.wait_for_selector("#talk-list .here >> text=The river")
    assert shown(visitor) == ["The river rises in May. 1"]
    page.click("#talk-list .here .sure")
    page.wait_for_selector("#panel .articles")
    assert titles(visitor) == [OLD]
    assert shown(visitor) == []


@in_browser
def test_an_edited_a_retried_and_a_stopped_answer_are_kept_as_they_are_shown(
    visitor: Visit,
) -> None:
    page = visitor.page
    visitor.ask(RISE, 1)
    settle(visitor)
    page.click('#chat button[aria-label="Edit"]')
    page.fill("#chat textarea", OLD)
    page.click('#chat button[aria-label="Submit"]')
    page.wait_for_selector("#answer-2 .foot")
    settle(visitor)
    page.click('#chat button[aria-label="Retry"]')
    page.wait_for_selector("#answer-3 .foot")
    settle(visitor)
    page.fill("#question textarea", "slow river")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("text=Word 3")
    page.click("#question button[aria-label=Stop]")
    settle(visitor)
    page.reload()
    page.wait_for_selector("#answer-4")
    visitor.complaints.clear()  # of what was still asked for when the page was left
    first, second = shown(visitor)
    assert first == "The wood is old. 1"
    assert second.startswith("Word ")
    asked = page.locator('#chat [data-testid="user"]').all_inner_texts()
    assert [text.strip() for text in asked] == [OLD, "slow river"]


@in_browser
def test_a_conversation_is_saved_as_markdown_and_as_json(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask(f"{RISE} 100 % “Über” <b>", 1)
    settle(visitor)
    open_list(visitor)
    with page.expect_download() as download:
        page.click(f"text={wording.EXPORT_MARKDOWN}")
    assert download.value.suggested_filename == "When does the river rise 100 Über b.md"
    text = Path(download.value.path()).read_text("utf-8")
    assert "## When does the river rise? 100 % “Über” \\<b>" in text
    assert (
        "- [1] The river, The Gazette, 2024-05-01 (`river.md`): “The river rises in May.”" in text
    )
    with page.expect_download() as download:
        page.click(f"text={wording.EXPORT_JSON}")
    told = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert told["exchanges"][0]["citations"][0]["quote"] == "The river rises in May."


@in_browser
def test_a_question_to_ask_next_is_asked_with_one_click(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask(RISE, 1)
    button = page.locator("#next button").first
    button.wait_for()
    question = button.inner_text().strip()
    assert question == "What do the articles say about flour and bread?"
    button.click()
    page.wait_for_selector("#answer-2 .foot")
    assert shown(visitor)[1] == "The mill grinds flour for the baker. 1"


@in_browser
def test_ratings_become_test_questions_that_can_be_run(visitor: Visit, server: Server) -> None:
    page = visitor.page
    visitor.ask(RISE, 1)
    visitor.ask(OLD, 2)
    settle(visitor)
    page.click("#rate-up-1")
    page.wait_for_selector("#said .note")
    assert page.inner_text("#said") == wording.RATED.format(name="feedback.jsonl")
    page.click("#rate-down-2")
    page.wait_for_selector("#rate-down-2[aria-pressed=true]")
    path = server.index / "feedback.jsonl"
    for _ in range(100):
        if len(path.read_text("utf-8").splitlines()) == 2:
            break
        page.wait_for_timeout(50)
    up, down = read_questions(path)
    assert (up.question, up.rating, up.answers) == (RISE, "up", ("The river rises in May.",))
    assert (down.question, down.rating, down.rejected) == (OLD, "down", "The wood is old.")
    assert down.history[0].question == RISE
    visitor.ask(RISE, 3)
    page.wait_for_selector("#said .note", state="detached")
    page.click(f"button[role=tab]:has-text('{wording.EVALUATION_TAB}')")
    page.click(f"text={wording.EVALUATION_FEEDBACK}")
    page.click("#evaluate")
    page.wait_for_selector("text=1 of 2 questions of feedback.jsonl passed")
    assert page.locator(".failures .act").all_inner_texts() == [OLD]


@in_browser
def test_the_evaluation_shows_measures_plots_and_failures_to_ask_again(visitor: Visit) -> None:
    page = visitor.page
    page.click(f"button[role=tab]:has-text('{wording.EVALUATION_TAB}')")
    page.click(f"text={wording.EVALUATION_CORPUS}")
    page.click("#evaluate")
    page.wait_for_selector("text=1 of 3 questions of questions.jsonl passed")
    page.wait_for_selector(".outcome svg.chart")
    assert page.locator(".outcome svg.chart").count() == 3
    assert page.locator(".outcome td", has_text="refused_answerable").count() == 1
    page.click(".failures .act >> text=And the wood, how old?")
    page.wait_for_selector("#answer-2 .foot")
    assert page.is_visible("#question textarea")
    assert shown(visitor) == ["It rises in May.", "The wood is old. 1"]
    assert wording.GIVEN_BY_TEST in page.inner_text("#answer-1")


def test_the_answer_is_the_one_tool_of_the_mcp_server(server: Server) -> None:
    mcp = pytest.importorskip("mcp")
    from mcp.client.streamable_http import streamable_http_client

    async def use() -> tuple[list[str], Any, Any]:
        address = f"{server.address}/gradio_api/mcp/"
        async with (
            streamable_http_client(address) as (reading, writing, _),
            mcp.ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            told = await session.call_tool(tools[0].name, {"question": RISE})
            wrong = await session.call_tool(tools[0].name, {"question": " "})
            return [tool.name for tool in tools], told, wrong

    with ThreadPoolExecutor() as elsewhere:  # the browser has the loop of this thread
        names, told, wrong = elsewhere.submit(anyio.run, use).result()
    assert names == ["answer"]
    assert not told.isError
    assert "The river rises in May." in told.content[0].text
    assert wrong.isError
    assert "must not be blank" in wrong.content[0].text
