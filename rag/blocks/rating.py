"""What people say of an answer: a test question for ``rag evaluate``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.blocks.chat import Chat
from rag.blocks.events import DRAWN, QUICK
from rag.failures import EXPECTED, explain
from rag.page import actions, wording
from rag.page.answers import draw_note
from rag.page.feedback import keep_question, make_question
from rag.page.keeping import Keeping
from rag.page.loading import Loading, LoadingError
from rag.records import Turn


@dataclass(frozen=True, slots=True)
class Rating:
    """``said`` tells what became of a rating; the buttons of an answer write into ``given``."""

    said: Any
    given: Any


def lay_out_rating() -> Rating:
    """Place the line that tells what became of a rating."""
    import gradio as gr

    said = gr.Markdown("", elem_id="said", **DRAWN)
    return Rating(said, gr.Textbox(elem_id=actions.RATE_ID, visible="hidden"))


def wire_rating(
    loading: Loading,
    keeping: Keeping,
    chat: Chat,
    rating: Rating,
    file: Path,
    settled: Sequence[Any],
) -> None:
    """Connect the buttons with the file of test questions.

    What became of a rating is said until the next of the events.
    """
    import gradio as gr

    def rate(given: str, exchanges: Any, request: gr.Request) -> str:
        action = actions.parse_action(given)
        if action is None or action.verb not in ("up", "down"):
            return ""
        places = [n for n, each in enumerate(exchanges) if str(each.turn) == action.name]
        if not places:
            return draw_note(wording.SOURCE_GONE)
        before = exchanges[: places[0]]
        history = [Turn(each.question, each.answer.text) for each in before]
        name = keeping.seats.at(request.session_hash).conversation_id
        try:
            bot = loading.chatbot()
            exchange = exchanges[places[0]]
            row = make_question(exchange, history, action.verb, name, bot.document)
            keep_question(file, row)
        except (LoadingError, *EXPECTED) as error:
            return draw_note(wording.NOT_RATED.format(reason=explain(error)))
        return draw_note(wording.RATED.format(name=file.name))

    rating.given.change(rate, [rating.given, chat.exchanges], rating.said, **QUICK)
    for event in settled:
        event.then(lambda: "", None, rating.said, **QUICK)
