"""The page in a browser, over the shipped corpus. One server answers all tests."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ui
from rag.blocks.app import build_page
from rag.blocks.launch import launch_options
from rag.page import wording
from rag.page.loading import Loading
from tests.conftest import CHROMIUM
from tests.fakes_page import quoting_bot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
SHARE = "What share of new vehicle sales should be electric by 2030?"
UNKNOWN = "Who won the football world cup in 1998?"
# Gradio sets an option that pandas deprecates, when it counts how long its answers took.
PANDAS_IS_DEPRECATED = pytest.mark.filterwarnings("ignore:.future.no_silent_downcasting")


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs a browser, and skip it where there is none."""
    skip = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
    marked: Callable[..., None] = pytest.mark.browser(skip(test))
    return marked


@dataclass
class Visit:
    """A page with all that it asked for outside of its server, and all that it complained of."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str, turn: int) -> str:
        # Before the page is whole, and as long as a turn goes on, Enter asks nothing.
        self.page.wait_for_selector("#question button[aria-label=Ask]")
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")
        self.page.wait_for_selector(f"#answer-{turn} .foot")
        return self.page.inner_text(f"#answer-{turn} .answer-text")


def visit(browser: Browser, address: str, **options: Any) -> Visit:
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)  # a reader is compiled for the first question
    page = context.new_page()
    seen = Visit(page)

    def note_request(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            seen.outside.append(request.url)

    def note_message(message: Any) -> None:
        if message.type in ("error", "warning"):
            seen.complaints.append(message.text)

    page.on("request", note_request)
    page.on("console", note_message)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#question textarea")
    return seen


@pytest.fixture(scope="session")
def address(
    lend_models: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the page over a copy of the shipped corpus, started as a person does."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    lend_models(folder / "index")
    command = [sys.executable, "ui.py", "--corpus", str(folder / "corpus")]
    command += ["--index", str(folder / "index")]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert match is not None, (line, (folder / "log").read_text())
        yield match[0]
        process.terminate()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visit]:
    """A visit to the page that must not have asked for anything outside, nor complained."""
    seen = visit(browser, address, viewport={"width": 1280, "height": 800})
    seen.page.wait_for_selector("#panel .articles")  # else a question waits for the articles
    yield seen
    seen.page.context.close()
    assert seen.outside == []
    assert seen.complaints == []


@in_browser
def test_a_question_is_answered_and_its_citation_opens_the_article(visitor: Visit) -> None:
    page = visitor.page
    assert "30" in visitor.ask(SHARE, 1)
    assert "30%" in page.inner_text("#panel .card mark.cited")
    page.click("#answer-1 a.cite")
    page.wait_for_selector("#panel .reader")
    assert "30%" in page.inner_text("#cited")
    assert "BYD and Chery" in page.inner_text("#panel .reader .text")
    page.wait_for_function(
        """() => {
            const box = document.querySelector("#panel").getBoundingClientRect();
            const mark = document.querySelector("#cited").getBoundingClientRect();
            return mark.top >= box.top && mark.bottom <= box.bottom;
        }"""
    )
    page.click("#panel .ways a")
    page.wait_for_selector("#panel .card")


@in_browser
def test_what_the_index_holds_is_shown(visitor: Visit) -> None:
    assert re.fullmatch(
        r"2 articles, \d+ passages, indexed \d{4}-\d\d-\d\d \d\d:\d\d UTC",
        visitor.page.inner_text("#status .status"),  # beside it stands Gradio's own, at opacity 0
    )
    assert visitor.page.locator("#panel .articles li").count() == 2


@in_browser
def test_a_follow_up_is_understood_and_older_citations_stay_right(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask(SHARE, 1)
    assert "2030" in visitor.ask("And by when?", 2)
    assert "electric" in page.inner_text("#answer-2 .found q")
    visitor.ask("When is the Pakistan-China Business Conference?", 3)
    assert "September" in page.inner_text("#panel")
    page.click("#answer-1 a.cite")
    page.wait_for_selector("#reading-cite-1-1")
    assert "30%" in page.inner_text("#cited")


@in_browser
def test_what_the_articles_do_not_say_is_refused(visitor: Visit) -> None:
    assert visitor.ask(UNKNOWN, 1) == "The articles do not say."
    page = visitor.page
    assert page.locator("#answer-1.abstained a.cite").count() == 0
    assert page.inner_text("#panel h2") == wording.NEAREST
    page.click("#panel .card >> nth=0 >> a.open")
    page.wait_for_selector("#panel .reader #cited")


@in_browser
def test_a_starter_is_asked_with_one_click(visitor: Visit) -> None:
    button = visitor.page.locator("#chat .example").first
    question = button.inner_text().strip()
    button.click()
    visitor.page.wait_for_selector("#answer-1 .foot")
    assert visitor.page.inner_text('#chat [data-testid="user"]') == question


@in_browser
def test_the_query_can_be_edited_and_asked_again(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask(SHARE, 1)
    # As long as the turn goes on, the query that was used may still come, over what is typed.
    page.wait_for_selector("#question button[aria-label=Ask]")
    page.click("#again > button")
    assert page.input_value("#again textarea") == SHARE
    page.wait_for_timeout(500)  # nobody types in the moment in which it unfolds and is filled
    page.fill("#again textarea", "net zero emissions from transport")
    page.click(f"text={wording.ASK_AGAIN}")
    page.wait_for_selector("#answer-2 .foot")
    assert "net zero emissions from transport" in page.inner_text("#answer-2 .found q")
    assert page.locator("#answer-1").count() == 0


@in_browser
def test_a_question_is_edited_retried_and_cleared(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask("Is R&D <b>bold</b>?", 1)
    page.click('#chat button[aria-label="Edit"]')
    page.fill("#chat textarea", SHARE)
    page.click('#chat button[aria-label="Submit"]')
    page.wait_for_selector("#answer-2 .foot")
    assert page.inner_text('#chat [data-testid="user"]') == SHARE
    page.click('#chat button[aria-label="Retry"]')
    page.wait_for_selector("#answer-3 .foot")
    assert page.locator("#chat .answer").count() == 1
    page.click("#clear")
    page.wait_for_selector("#chat .example")
    page.wait_for_selector("#panel .articles")


@in_browser
def test_a_hostile_question_is_only_text(visitor: Visit) -> None:
    hostile = '<img src="https://evil.example/x" onerror="window.harmed=1"><script>1</script>'
    visitor.ask(f"{hostile} {SHARE}", 1)
    page = visitor.page
    assert hostile in page.inner_text('#chat [data-testid="user"]')
    assert page.locator("#chat .message img, #panel img").count() == 0
    assert page.evaluate("window.harmed") is None


@in_browser
def test_the_page_works_with_the_keyboard_alone(visitor: Visit) -> None:
    page = visitor.page
    visitor.ask(SHARE, 1)
    page.focus("#answer-1 a.cite")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .reader")
    page.wait_for_function("document.activeElement.closest('#panel') !== null")
    names = page.eval_on_selector_all(
        "#conversation button, #top button",
        "all => all.map(each => each.innerText.trim() || each.ariaLabel)",
    )
    assert None not in names
    assert "" not in names


@in_browser
def test_a_phone_shows_all_of_it(browser: Browser, address: str) -> None:
    seen = visit(browser, address, viewport={"width": 360, "height": 740}, has_touch=True)
    seen.ask(SHARE, 1)
    width = seen.page.evaluate("document.documentElement.scrollWidth")
    assert width == 360
    seen.page.click("#answer-1 a.cite")
    seen.page.wait_for_function(
        """() => {
            const mark = document.querySelector("#cited");
            const top = mark && mark.getBoundingClientRect().top;
            return mark && top > 0 && top < innerHeight;
        }"""
    )
    seen.page.click(f"text={wording.BACK_TO_ANSWER}")
    seen.page.wait_for_function("document.activeElement.id === 'mark-1-1'")
    seen.page.context.close()


@in_browser
def test_the_dark_is_dark(browser: Browser, address: str) -> None:
    seen = visit(browser, address, color_scheme="dark")
    ground = "getComputedStyle(document.querySelector('.gradio-container')).backgroundColor"
    assert seen.page.evaluate(ground) == "rgb(20, 24, 27)"
    seen.page.context.close()


@in_browser
def test_an_answer_is_copied_with_its_source(browser: Browser, address: str) -> None:
    seen = visit(browser, address, permissions=["clipboard-read", "clipboard-write"])
    seen.ask(SHARE, 1)
    seen.page.click("#answer-1 button.copy")
    seen.page.wait_for_selector(f"text={wording.COPIED}")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"30%.*\[1\]\n\n\[1\] Pakistan turns to China", copied)
    seen.page.context.close()


def test_a_program_gets_the_answer_with_its_citations(address: str) -> None:
    from gradio_client import Client  # type: ignore[import-untyped]

    client = Client(address, verbose=False)
    told = client.predict(SHARE, api_name="/answer")
    assert "30%" in told["citations"][0]["quote"]
    assert json.loads(json.dumps(told))["abstained"] is False
    with pytest.raises(Exception, match="at most 2,000 characters"):
        client.predict("x" * 2_001, api_name="/answer")
    assert list(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == [
        "/answer"
    ]


@pytest.fixture(scope="session")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, threading.Event]]:
    """The address of a page whose generator fails and dawdles as asked, and what it waits for."""
    gate = threading.Event()
    folder = tmp_path_factory.mktemp("by hand")

    def load(tell: Any) -> Any:
        gate.wait()
        return quoting_bot(folder, tell)

    page = build_page(Loading(load))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _, address, _ = page.launch(**launch_options("127.0.0.1", port, None, [folder]))
    yield address, gate
    page.close(verbose=False)


@PANDAS_IS_DEPRECATED
@in_browser
def test_a_question_waits_for_the_articles_and_can_be_stopped(
    browser: Browser, by_hand: tuple[str, threading.Event]
) -> None:
    address, gate = by_hand
    seen = visit(browser, address)
    page = seen.page
    page.wait_for_selector(f"text={wording.WARMING_UP}")
    page.fill("#question textarea", "When does the river rise?")
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"text={wording.WAITING}")
    gate.set()
    page.wait_for_selector("#answer-1 .foot")
    page.wait_for_selector("text=2 articles, 2 passages")
    page.wait_for_selector("#question button[aria-label=Ask]")  # before, Enter asks nothing
    page.fill("#question textarea", "slow river")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("text=Word 3")
    page.click("#question button[aria-label=Stop]")
    page.wait_for_selector("#question button[aria-label=Ask]")
    assert seen.ask("How old is the wood?", 3) == "The wood is old. 1"
    page.wait_for_selector("#question button[aria-label=Ask]")
    page.fill("#question textarea", "slow river")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#answer-4")
    page.click("#clear")
    page.wait_for_selector("#panel .articles")
    page.wait_for_selector("#question button[aria-label=Ask]")
    page.wait_for_selector("#chat .answer", state="detached")
    page.wait_for_timeout(300)  # in which the answer that was cleared could come back
    assert page.locator("#chat .answer").count() == 0
    assert seen.complaints == []
    page.context.close()


@pytest.mark.slow
@PANDAS_IS_DEPRECATED
@in_browser
def test_a_bug_is_one_sentence_and_two_people_do_not_meet(
    browser: Browser, by_hand: tuple[str, threading.Event], caplog: pytest.LogCaptureFixture
) -> None:
    address, gate = by_hand
    gate.set()
    one, two = visit(browser, address), visit(browser, address)
    one.ask("When does the river rise?", 1)
    two.ask("How old is the wood?", 1)
    one.page.fill("#question textarea", "fail")
    one.page.press("#question textarea", "Enter")
    one.page.wait_for_selector(f"text={wording.UNEXPECTED}")
    assert "a bug of the generator" not in one.page.inner_text("body")
    assert "an unexpected RuntimeError at fakes_page.py" in caplog.text
    assert "a bug of the generator" not in caplog.text
    one.page.click("#answer-1 a.cite")
    two.page.click("#answer-1 a.cite")
    one.page.wait_for_selector("#cited")
    two.page.wait_for_selector("#cited")
    assert one.page.inner_text("#cited") == "The river rises in May."
    assert two.page.inner_text("#cited") == "The wood is old."
    one.page.context.close()
    two.page.context.close()


def run_ui(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "ui.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_port_in_use_is_one_line_that_names_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_ui("--corpus", ROOT / "corpus", "--port", str(port))
    assert done.returncode == 2
    assert re.fullmatch(rf"error: port must be free, got {port} .*leave --port out\n", done.stderr)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_nobody_else_is_let_in_without_a_password(host: str) -> None:
    with pytest.raises(ValueError, match="add --auth USER:PASSWORD"):
        ui.check_use(host, None, None)
    ui.check_use(host, None, ("ann", "secret"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_password(host: str) -> None:
    ui.check_use(host, None, None)


@pytest.mark.parametrize("auth", ["ann", "ann:", ":secret", ""])
def test_a_password_needs_its_user(auth: str) -> None:
    assert run_main("--auth", auth) == 2


def run_main(*arguments: str) -> int:
    return ui.main(arguments)


def test_an_mcp_server_needs_its_package_and_has_no_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_main("--mcp", "--auth", "ann:secret") == 2
    assert "leave out --auth, or --mcp" in capsys.readouterr().err
    code = "import sys, ui; sys.modules['mcp'] = None; sys.exit(ui.main(['--mcp']))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: mcp must be installed to be served, got none; "
        "run: pip install 'footnote-rag[mcp]'\n"
    )


def test_a_corpus_that_is_missing_or_empty_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main("--corpus", str(tmp_path / "none")) == 3
    assert run_main("--corpus", str(tmp_path)) == 3
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "create it and put articles" in errors[0]
    assert "no articles in" in errors[1]


@pytest.mark.slow
def test_what_fails_while_the_page_is_up_ends_it_with_one_line(tmp_path: Path) -> None:
    done = run_ui("--corpus", ROOT / "corpus", "--index", tmp_path, "--model", "no such model")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "no such model" in done.stderr


def test_help_comes_without_gradio_and_torch() -> None:
    code = "import sys, ui; print({'gradio', 'torch', 'faiss'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_nothing_leaves_the_machine_and_no_file_is_served() -> None:
    options = launch_options("127.0.0.1", None, None, [Path("/articles")])
    assert options["allowed_paths"] == []
    assert options["blocked_paths"] == ["/articles"]
    assert options["footer_links"] == []
    for name in (
        "share",
        "show_error",
        "enable_monitoring",
        "run_history",
        "ssr_mode",
        "mcp_server",
    ):
        assert options[name] is False, name
