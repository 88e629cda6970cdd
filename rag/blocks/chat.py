"""The conversation: the messages, the field for a question, and the query to search with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from typing import Any

from rag.blocks.events import ANSWERING, PRIVATE, QUICK
from rag.page import conversation, wording
from rag.page.conversation import View, draw_welcome
from rag.page.desk import Desk, Desks
from rag.page.keeping import Keeping


@dataclass(frozen=True, slots=True)
class Chat:
    """The components of a conversation; ``exchanges``, the answers behind it, are not seen."""

    messages: Any
    question: Any
    query: Any
    again: Any
    scope: Any
    writer: Any
    exchanges: Any


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ask besides typing: an event, the component it is about, and what follows.

    ``views`` gets the component's value, the session, the messages, the exchanges and the writer.
    """

    event: Any
    source: Any
    views: Callable[[str, str | None, Any, Any, str | None], Iterator[View]]


@dataclass(frozen=True, slots=True)
class Answering:
    """The events that answer, and those that follow once what is shown is to stay."""

    events: Sequence[Any]
    settled: Sequence[Any]


def lay_out_messages(starters: Sequence[str]) -> Any:
    """Place the messages; ``starters`` are questions to begin with."""
    import gradio as gr

    return gr.Chatbot(
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


def lay_out_fields(messages: Any, writers: Sequence[str]) -> Chat:
    """Place the fields below the messages, and return the whole conversation.

    ``writers`` are who may write the answers, the first chosen; for none there is no choice.
    """
    import gradio as gr

    scope = gr.Radio(
        [(wording.SCOPE_ALL, False), (wording.SCOPE_OWN, True)],
        value=False,
        label=wording.SCOPE,
        visible=False,  # as long as there is no choice
        elem_id="scope",
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
        visible=bool(writers),
        elem_id="writer",
    )
    with gr.Accordion(wording.QUERY, open=False, elem_id="again"):
        query = gr.Textbox(label=wording.QUERY_HINT, max_lines=3)
        again = gr.Button(wording.ASK_AGAIN, size="sm")
    return Chat(messages, question, query, again, scope, writer, gr.State(()))


def wire_answers(
    desks: Desks, keeping: Keeping, chat: Chat, panel: Any, clear: Any, ways: Sequence[Way]
) -> Answering:
    """Connect all that a question can come from with the answer to it.

    ``panel`` shows the sources, ``clear`` begins a new conversation; ``ways`` are further ways to
    ask. ``keeping`` keeps what is said.
    """
    import gradio as gr

    def desk(request: gr.Request) -> Desk:
        return desks.at(request.session_hash)

    def play(views: Iterator[View], request: gr.Request, typed: bool = False) -> Iterator[Any]:
        seat = keeping.seats.at(request.session_hash)
        with closing(keeping.keep(desk(request), seat, views)) as kept:
            yield from _play(kept, typed=typed)

    def follow(way: Way) -> Callable[..., Iterator[list[Any]]]:
        def ask_so(
            value: str, messages: Any, exchanges: Any, writer: Any, request: gr.Request
        ) -> Iterator[list[Any]]:
            session = request.session_hash
            yield from play(way.views(value, session, messages, exchanges, writer), request)

        return ask_so

    def ask(
        text: str, messages: Any, exchanges: Any, writer: Any, request: gr.Request
    ) -> Iterator[list[Any]]:
        views = conversation.converse(desk(request), text, messages, exchanges, writer=writer)
        yield from play(views, request, typed=True)

    def start(
        messages: Any, exchanges: Any, writer: Any, event: gr.SelectData, request: gr.Request
    ) -> Iterator[list[Any]]:
        text = str(event.value["text"])
        views = conversation.converse(desk(request), text, messages, exchanges, writer=writer)
        yield from play(views, request)

    def retry(
        messages: Any, exchanges: Any, writer: Any, event: gr.RetryData, request: gr.Request
    ) -> Iterator[list[Any]]:
        place = _place(event)
        views = conversation.ask_at(desk(request), messages, exchanges, place, writer=writer)
        yield from play(views, request)

    def edit(
        messages: Any, exchanges: Any, writer: Any, event: gr.EditData, request: gr.Request
    ) -> Iterator[list[Any]]:
        text, place = unescape(str(event.value)), _place(event)
        views = conversation.ask_at(
            desk(request), messages, exchanges, place, question=text, writer=writer
        )
        yield from play(views, request)

    def repeat(
        query: str, messages: Any, exchanges: Any, writer: Any, request: gr.Request
    ) -> Iterator[list[Any]]:
        views = conversation.repeat(desk(request), messages, exchanges, query, writer)
        yield from play(views, request)

    state = [chat.messages, chat.exchanges, chat.writer]
    outputs = [chat.messages, chat.exchanges, panel, chat.query, chat.question]
    options = {"outputs": outputs, **PRIVATE, **ANSWERING}
    answering = [
        chat.question.submit(ask, [chat.question, *state], **options),
        chat.messages.example_select(start, state, **options),
        chat.messages.retry(retry, state, **options),
        chat.messages.edit(edit, state, **options),
        chat.query.submit(repeat, [chat.query, *state], **options),
        chat.again.click(repeat, [chat.query, *state], **options),
        *(way.event(follow(way), [way.source, *state], **options) for way in ways),
    ]
    return _wire_ends(desks, keeping, chat, outputs, answering, clear)


def wire_scope(desks: Desks, chat: Chat, changes: Sequence[Any]) -> None:
    """Connect the choice of what answers, which is there while the person has own articles.

    ``changes`` are the events after which there are others.
    """
    import gradio as gr

    def choose(only_own: bool, request: gr.Request) -> None:
        desks.at(request.session_hash).only_own = only_own

    def offer(request: gr.Request) -> Any:
        desk = desks.at(request.session_hash)
        if not desk.n_own:
            desk.only_own = False
        return gr.update(visible=bool(desk.n_own), value=desk.only_own)

    chat.scope.input(choose, chat.scope, None, **QUICK)
    for event in changes:
        event.then(offer, None, chat.scope, **QUICK)


def _wire_ends(
    desks: Desks,
    keeping: Keeping,
    chat: Chat,
    outputs: list[Any],
    answering: Sequence[Any],
    clear: Any,
) -> Answering:
    """Connect what ends an answer, in its time or before."""
    import gradio as gr

    def settle(messages: Any, exchanges: Any) -> list[Any]:
        view = conversation.settle(messages, exchanges)
        return [*([gr.skip()] * 4 if view is None else show(view)), _ready()]

    def begin(request: gr.Request) -> list[Any]:
        keeping.seats.turn_to(request.session_hash)
        desk = desks.at(request.session_hash)
        return [*show(View([], (), draw_welcome(desk), "")), _ready()]

    options = {"outputs": outputs, "queue": False, **PRIVATE}
    # Not on stop itself: what is stopped goes on for a moment, and drops what is asked then.
    settled = [
        event.then(settle, [chat.messages, chat.exchanges], **options) for event in answering
    ]
    cancels = {"cancels": answering, "api_visibility": "private"}
    chat.question.stop(None, None, None, **cancels)
    # After the answer has ended: what it still says must not bring back what was cleared.
    settled.append(clear.click(None, None, None, **cancels).then(begin, None, **options))
    return Answering(answering, settled)


def _play(views: Iterator[View], *, typed: bool = False) -> Iterator[list[Any]]:
    """Yield what the outputs show, view by view; what was ``typed`` is taken from its field."""
    import gradio as gr

    busy = {"submit_btn": False, "stop_btn": True}
    question = gr.update(value="", **busy) if typed else gr.update(**busy)
    view: View | None = None
    ended = False
    try:
        for view in views:
            yield [*show(view), question]
            question = gr.skip()
        ended = True
    except GeneratorExit:  # stopped by the person
        ended = True
        raise
    finally:
        if not ended and view is not None:  # a bug: the page says so, and Gradio logs it
            yield [*show(conversation.fail(view.messages, view.exchanges)), _ready()]


def show(view: View) -> list[Any]:
    """Return what a view shows in messages, exchanges, panel and query; None leaves it as it is."""
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
