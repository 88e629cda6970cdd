"""The questions to ask next, below an answer."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from rag.blocks.chat import Chat, Way
from rag.blocks.events import PRIVATE
from rag.failures import EXPECTED
from rag.page import conversation
from rag.page.conversation import View
from rag.page.desk import Desks
from rag.page.loading import Loading, LoadingError
from rag.page.suggestions import N_SUGGESTIONS, suggest_first, suggest_next
from rag.records import Turn

# Each costs half a second of a core: who is asking goes first.
SUGGESTING: dict[str, Any] = {**PRIVATE, "concurrency_id": "suggesting", "concurrency_limit": 1}


def lay_out_next() -> list[Any]:
    """Place the buttons, which are seen once they have something to ask."""
    import gradio as gr

    with gr.Row(elem_id="next"):
        return [gr.Button("", size="sm", visible=False) for _ in range(N_SUGGESTIONS)]


def ways_next(desks: Desks, buttons: Sequence[Any]) -> list[Way]:
    """Return the ways to ask what the buttons say."""

    def ask(
        question: str, session: str | None, messages: Any, exchanges: Any, writer: str | None
    ) -> Iterator[View]:
        desk = desks.at(session)
        return conversation.converse(desk, question, messages, exchanges, writer=writer)

    return [Way(button.click, button, ask) for button in buttons]


def wire_first(loading: Loading, chat: Chat, loaded: Any) -> None:
    """Offer questions to begin with once the articles are read, made from these."""
    import gradio as gr

    @cache  # looked for once, by whoever comes first
    def look() -> list[dict[str, str]]:
        return [{"text": question} for question in suggest_first(loading.chatbot())]

    def offer() -> Any:
        try:
            return gr.update(examples=look())
        except (LoadingError, *EXPECTED):
            return gr.skip()  # nothing to suggest is nothing to complain of

    loaded.then(offer, None, chat.messages, **SUGGESTING)


def wire_next(desks: Desks, chat: Chat, buttons: Sequence[Any], settled: Sequence[Any]) -> None:
    """Look for questions after each of the events; there are none where none has an answer."""
    import gradio as gr

    def look(exchanges: Any, request: gr.Request) -> list[Any]:
        found: list[str] = []
        if exchanges:
            try:
                bot = desks.at(request.session_hash).chatbot()
                history = [Turn(each.question, each.answer.text) for each in exchanges]
                found = suggest_next(bot, exchanges, history)
            except (LoadingError, *EXPECTED):
                found = []  # as above
        texts = [*found, *[""] * (len(buttons) - len(found))]
        return [gr.update(value=text, visible=bool(text)) for text in texts]

    for event in settled:
        event.then(look, chat.exchanges, list(buttons), **SUGGESTING)
