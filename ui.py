"""The chat page: layout and wiring. ``python ui.py --help`` says how to start it.

What the page shows is drawn in ``rag.page``; this module alone knows Gradio, and imports it when a
page is built, since that takes seconds. Annotations are evaluated here, because Gradio reads from
them which functions want to know more of an event.
"""

import argparse
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from rag.chatbot import Chatbot
from rag.export import answer_to_json
from rag.failures import BROKEN, EXPECTED, exit_code, explain
from rag.index import default_folder
from rag.index.weights import DEFAULT_MODEL
from rag.ingest.files import check_corpus
from rag.page import colours, conversation, script, style, wording
from rag.page.conversation import View, draw_welcome
from rag.page.loading import Loading, LoadingError
from rag.page.starters import pick_starters
from rag.page.status import draw_status
from rag.page.writer import WRITERS, LanguageModel, find_language_model

HOST = "127.0.0.1"
MAX_WAITING = 32  # questions in the queue: more would wait longer than anyone does
AT_ONCE = 2  # questions answered at a time: a core each
MAX_UPLOAD = "20mb"  # of a file; without a limit Gradio stores anything
WATCH = 0.4  # seconds between two looks at how far the reading of the articles is
FAREWELL = 3.0  # seconds in which an open page learns why there will be no answers


def serve(
    corpus: Path,
    *,
    index: Path | None = None,
    host: str = HOST,
    port: int | None = None,
    auth: tuple[str, str] | None = None,
    model: str = DEFAULT_MODEL,
    language_model: LanguageModel | None = None,
) -> None:
    """Serve the page until the process is interrupted; print its address when it is there.

    The page comes up while the articles are still being read. With a ``language_model`` a person
    may choose whether it writes the answers. Without a ``port`` the first free
    one from 7860 on is taken.

    Raises:
        ValueError: if others could reach the page without a password, or the port is in use.
        FileNotFoundError, NotADirectoryError: if there is no such folder, or no article in it.
        LoadingError: if the articles cannot be read; its cause says why.
    """
    check_use(host, port, auth)
    check_corpus(corpus)  # what is wrong with the folder is told before a model is loaded
    folder = default_folder(corpus) if index is None else index
    loading = Loading(
        lambda tell: Chatbot.from_corpus(
            corpus, folder=folder, model=model, generator=language_model, on_progress=tell
        )
    )
    page = build_page(
        loading, starters=pick_starters(corpus), writers=WRITERS if language_model else ()
    )
    if loading.failed:
        loading.chatbot()
    _, address, _ = page.launch(**launch_options(host, port, auth, [corpus, folder]))
    try:
        sys.stdout.write(f"{wording.TITLE} is at {address} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        loading.wait()
        if loading.failed:
            time.sleep(FAREWELL)
        loading.chatbot()
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        page.close(verbose=False)


def check_use(host: str, port: int | None, auth: tuple[str, str] | None) -> None:
    """Raise a ``ValueError`` if the page must not, or cannot, be served like that."""
    if auth is None and not _is_loopback(host):
        raise ValueError(
            f"host must be this machine unless there is a password, got {host}; "
            "add --auth USER:PASSWORD"
        )
    if auth is not None and not all(auth):
        raise ValueError("auth must have a user and a password, got a blank one; fill it in")
    if port is not None and not 0 < port < 65536:
        raise ValueError(f"port must be between 1 and 65535, got {port}")
    if port is not None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise ValueError(
                    f"port must be free, got {port} ({explain(error)}); "
                    "name another, or leave --port out"
                ) from None


def launch_options(
    host: str, port: int | None, auth: tuple[str, str] | None, private: Sequence[Path]
) -> dict[str, Any]:
    """Return how Gradio is launched: nothing leaves the machine, nothing is served but the page."""
    import gradio as gr

    theme = gr.themes.Base(
        font=[gr.themes.Font(name) for name in colours.FONT],
        font_mono=[gr.themes.Font(name) for name in colours.MONO],
    ).set(**colours.theme_variables())
    return {
        "server_name": host,
        "server_port": port,
        "auth": auth,
        "theme": theme,
        "css": style.draw_css(),
        "head": style.draw_head_style() + script.draw_head(),
        "prevent_thread_lock": True,
        "quiet": True,
        "inbrowser": False,
        "share": False,
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": [],
        "allowed_paths": [],
        "blocked_paths": [str(path.absolute()) for path in private],
        "max_file_size": MAX_UPLOAD,
        "ssr_mode": False,
        "mcp_server": False,
        "pwa": False,
    }


def build_page(
    loading: Loading, *, starters: Sequence[str] = (), writers: Sequence[str] = ()
) -> Any:
    """Return the page, a ``gradio.Blocks`` that is ready to be launched.

    ``writers`` are what a person may choose from, the first chosen; nothing is shown for none.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before the import: no call home
    import gradio as gr

    with gr.Blocks(title=wording.TITLE, fill_width=True, fill_height=True) as page:
        parts = _lay_out(loading, starters, writers)
        _wire_answers(loading, parts)
        _wire_panel(page, loading, parts)
        _offer_endpoint(loading)
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=AT_ONCE)
    return page


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the page is made of; ``exchanges`` and ``target`` are not seen."""

    status: Any
    chat: Any
    question: Any
    writer: Any
    query: Any
    again: Any
    clear: Any
    panel: Any
    target: Any
    exchanges: Any


def _lay_out(loading: Loading, starters: Sequence[str], writers: Sequence[str]) -> _Parts:
    """Place the components: the conversation, and the panel of sources beside it."""
    import gradio as gr

    with gr.Row(elem_id="top"):
        gr.Markdown(f"<div><h1>{wording.TITLE}</h1><p>{wording.TAGLINE}</p></div>", elem_id="title")
        status = gr.Markdown(draw_status(loading), elem_id="status")
        clear = gr.Button(wording.CLEAR, size="sm", elem_id="clear", scale=0)
    with gr.Row(elem_id="columns"):
        with gr.Column(elem_id="conversation"):
            chat = gr.Chatbot(
                label=wording.CHAT,
                show_label=False,
                container=False,
                elem_id="chat",
                height="100%",
                # Messages are HTML that rag.page has escaped; Gradio cleans it once more.
                render_markdown=False,
                sanitize_html=True,
                allow_tags=False,
                latex_delimiters=[],
                editable="user",
                buttons=[],
                group_consecutive_messages=False,
                placeholder=f"<h2>{wording.GREETING}</h2><p>{wording.GREETING_MORE}</p>",
                examples=[{"text": question} for question in starters],
            )
            question = gr.Textbox(
                label=wording.QUESTION,
                show_label=False,
                container=False,
                placeholder=wording.QUESTION_HINT,
                elem_id="question",
                submit_btn=True,
                max_lines=6,
            )
            writer = gr.Radio(
                list(writers),
                value=writers[0] if writers else None,
                label=wording.WRITER,
                container=False,
                elem_id="writer",
                visible=bool(writers),
            )
            with gr.Accordion(wording.QUERY, open=False, elem_id="again"):
                query = gr.Textbox(label=wording.QUERY_HINT, max_lines=3)
                again = gr.Button(wording.ASK_AGAIN, size="sm")
        with gr.Column(elem_id="side"):
            panel = gr.Markdown(draw_welcome(loading), elem_id=script.PANEL_ID)
    target = gr.Textbox(elem_id=script.TARGET_ID, visible="hidden")
    exchanges = gr.State(())
    return _Parts(status, chat, question, writer, query, again, clear, panel, target, exchanges)


def _wire_answers(loading: Loading, parts: _Parts) -> None:
    """Connect all that a question can come from with the answer to it."""
    import gradio as gr

    def ask(text: str, messages: Any, exchanges: Any, writer: Any) -> Iterator[list[Any]]:
        views = conversation.converse(loading, text, messages, exchanges, writer=writer)
        yield from _play(views, typed=True)

    def start(
        messages: Any, exchanges: Any, writer: Any, event: gr.SelectData
    ) -> Iterator[list[Any]]:
        text = str(event.value["text"])
        yield from _play(conversation.converse(loading, text, messages, exchanges, writer=writer))

    def retry(
        messages: Any, exchanges: Any, writer: Any, event: gr.RetryData
    ) -> Iterator[list[Any]]:
        place = _place(event)
        yield from _play(conversation.ask_at(loading, messages, exchanges, place, writer=writer))

    def edit(messages: Any, exchanges: Any, writer: Any, event: gr.EditData) -> Iterator[list[Any]]:
        place, text = _place(event), unescape(str(event.value))
        views = conversation.ask_at(
            loading, messages, exchanges, place, question=text, writer=writer
        )
        yield from _play(views)

    def repeat(query: str, messages: Any, exchanges: Any, writer: Any) -> Iterator[list[Any]]:
        yield from _play(conversation.repeat(loading, messages, exchanges, query, writer))

    state = [parts.chat, parts.exchanges, parts.writer]
    options = _options(parts, concurrency_id="answers", concurrency_limit=AT_ONCE)
    answering = [
        parts.question.submit(ask, [parts.question, *state], **options),
        parts.chat.example_select(start, state, **options),
        parts.chat.retry(retry, state, **options),
        parts.chat.edit(edit, state, **options),
        parts.query.submit(repeat, [parts.query, *state], **options),
        parts.again.click(repeat, [parts.query, *state], **options),
    ]
    _wire_ends(loading, parts, answering)


def _wire_ends(loading: Loading, parts: _Parts, answering: Sequence[Any]) -> None:
    """Connect what ends an answer, in its time or before."""

    def settle(messages: Any, exchanges: Any) -> list[Any]:
        return [*_show(conversation.settle(messages, exchanges)), _ready()]

    def clear() -> list[Any]:
        return [*_show(View([], (), draw_welcome(loading), "")), _ready()]

    options = _options(parts, queue=False)
    for event in answering:
        # Not on stop itself: what is stopped goes on for a moment, and drops what is asked then.
        event.then(settle, [parts.chat, parts.exchanges], **options)
    parts.question.stop(None, None, None, cancels=answering, api_visibility="private")
    parts.clear.click(clear, None, cancels=answering, **options)


def _options(parts: _Parts, **more: Any) -> dict[str, Any]:
    """Return what the events of a conversation have in common."""
    outputs = [parts.chat, parts.exchanges, parts.panel, parts.query, parts.question]
    return {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden", **more}


def _play(views: Iterator[View], *, typed: bool = False) -> Iterator[list[Any]]:
    """Yield what the outputs show, view by view; what was ``typed`` is taken from its field."""
    import gradio as gr

    busy = {"submit_btn": False, "stop_btn": True}
    question = gr.update(value="", **busy) if typed else gr.update(**busy)
    view: View | None = None
    ended = False
    try:
        for view in views:
            yield [*_show(view), question]
            question = gr.skip()
        ended = True
    except GeneratorExit:  # stopped by the person
        ended = True
        raise
    finally:
        if not ended and view is not None:  # a bug: the page says so, and Gradio logs it
            yield [*_show(conversation.fail(view.messages, view.exchanges)), _ready()]


def _show(view: View) -> list[Any]:
    """Return what a view shows; what is None stays as it is."""
    import gradio as gr

    values = (view.messages, view.exchanges, view.panel, view.query)
    return [gr.skip() if value is None else value for value in values]


def _ready() -> Any:
    """Return the field for the next question."""
    import gradio as gr

    return gr.update(submit_btn=True, stop_btn=False)


def _place(event: Any) -> int:
    """Return which message an event is about."""
    return int(event.index[0] if isinstance(event.index, (list, tuple)) else event.index)


def _wire_panel(page: Any, loading: Loading, parts: _Parts) -> None:
    """Connect the links to sources, and what the page shows while the articles are read."""
    import gradio as gr

    quiet: dict[str, Any] = {
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": None,
    }

    def watch() -> Iterator[str]:
        while not loading.wait(WATCH):
            yield draw_status(loading)
        yield draw_status(loading)

    def welcome(exchanges: Any) -> Any:
        return gr.skip() if exchanges else draw_welcome(loading)

    def open_source(target: str, exchanges: Any) -> str:
        return conversation.open_source(loading, target, exchanges)

    page.load(watch, None, parts.status, **quiet).then(
        welcome, parts.exchanges, parts.panel, **quiet
    )
    parts.target.change(open_source, [parts.target, parts.exchanges], parts.panel, **quiet)


def _offer_endpoint(loading: Loading) -> None:
    """Offer the answer to a question to programs."""
    import gradio as gr

    def answer(question: str) -> dict[str, Any]:
        """Answer a question from the articles, each sentence with the passage it rests on.

        Args:
            question: what to ask, at most 2,000 characters.
        """
        try:
            bot = loading.chatbot()
            bot.refresh()
            return answer_to_json(question, bot.ask(question), bot.document)
        except (LoadingError, *EXPECTED) as error:
            raise gr.Error(explain(error), print_exception=False) from error

    gr.api(answer, api_name="answer", concurrency_id="answers", concurrency_limit=AT_ONCE)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python ui.py", description="Serve the chat page of a folder of articles."
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path("corpus"),
        metavar="DIR",
        help="the folder of articles (default: ./corpus)",
    )
    parser.add_argument(
        "--index",
        type=Path,
        metavar="DIR",
        help="where the index is kept (default: .rag beside the corpus)",
    )
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, help="port to listen on (default: the first free one from 7860)"
    )
    parser.add_argument(
        "--auth", metavar="USER:PASSWORD", help="ask for these; needed on any host but this machine"
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help="encoder, a name or a path (default: %(default)s)",
    )
    parser.add_argument("--llm", metavar="URL", help="a language model's server (OPENAI_BASE_URL)")
    parser.add_argument(
        "--llm-model",
        metavar="NAME",
        help="the language model that writes the answers (OPENAI_MODEL)",
    )
    options = parser.parse_args(arguments)
    try:
        serve(
            options.corpus,
            index=options.index,
            host=options.host,
            port=options.port,
            auth=parse_auth(options.auth),
            model=options.model,
            language_model=find_language_model(os.environ, options.llm, options.llm_model),
        )
    except LoadingError as error:
        return _refuse(error, BROKEN)
    except EXPECTED as error:
        return _refuse(error, exit_code(error))
    return 0


def parse_auth(text: str | None) -> tuple[str, str] | None:
    """Return user and password of ``USER:PASSWORD``, the password may have colons.

    >>> parse_auth("ann:a:b")
    ('ann', 'a:b')
    """
    if text is None:
        return None
    user, colon, password = text.partition(":")
    if not colon or not user or not password:
        raise ValueError("auth must be USER:PASSWORD, got something else; put a colon between them")
    return user, password


def _refuse(error: Exception, code: int) -> int:
    sys.stderr.write(f"error: {explain(error)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
