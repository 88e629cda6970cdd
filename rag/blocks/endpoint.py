"""The endpoint ``answer``, for programs."""

from typing import Any

from rag.blocks.events import ANSWERING
from rag.export import answer_to_json
from rag.failures import EXPECTED, explain
from rag.page.loading import Loading, LoadingError


def offer_endpoint(loading: Loading) -> None:
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

    gr.api(answer, api_name="answer", **ANSWERING)
