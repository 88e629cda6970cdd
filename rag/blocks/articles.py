"""The articles: which there are."""

from typing import Any

from rag.blocks.events import QUICK
from rag.page.conversation import draw_welcome
from rag.page.loading import Loading


def lay_out_articles(loading: Loading) -> Any:
    """Place the list of the articles, and return it."""
    import gradio as gr

    with gr.Column(elem_id="articles", elem_classes=["page-view"]):
        return gr.Markdown(draw_welcome(loading))


def wire_articles(loading: Loading, listed: Any, loaded: Any) -> None:
    """Show the articles after the event ``loaded``."""
    loaded.then(lambda: draw_welcome(loading), None, listed, **QUICK)
