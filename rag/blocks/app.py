"""The page, put together from its parts."""

import os
from collections.abc import Sequence
from typing import Any

from rag.blocks.articles import lay_out_articles, wire_articles
from rag.blocks.chat import lay_out_chat, wire_answers
from rag.blocks.discreet import make_blocks
from rag.blocks.endpoint import offer_endpoint
from rag.blocks.events import AT_ONCE, MAX_WAITING
from rag.blocks.header import lay_out_header, watch_loading
from rag.blocks.panel import lay_out_panel, wire_panel
from rag.page import wording
from rag.page.folder import private_folder
from rag.page.loading import Loading


def build_page(loading: Loading, *, starters: Sequence[str] = (), verbose: bool = False) -> Any:
    """Return the page, a ``gradio.Blocks`` that is ready to be launched.

    ``starters`` are questions to begin with. Each view has a tab: the conversation with the panel
    beside it, and the articles. With ``verbose`` the log has the messages of unexpected errors.
    """
    _prepare_gradio()
    import gradio as gr

    options = {"title": wording.TITLE, "fill_width": True, "fill_height": True}
    with make_blocks(verbose=verbose, **options) as page:
        header = lay_out_header(loading)
        with gr.Tabs(elem_id="views"):
            with gr.Tab(wording.CHAT_TAB, id="chat"), gr.Row(elem_id="columns"):
                chat = lay_out_chat(starters)
                panel = lay_out_panel(loading)
            with gr.Tab(wording.ARTICLES_TAB, id="articles"):
                listed = lay_out_articles(loading)
        loaded = watch_loading(page, loading, header)
        wire_answers(loading, chat, panel.shown, header.clear)
        wire_panel(loading, panel, chat.exchanges, loaded)
        wire_articles(loading, listed, loaded)
        offer_endpoint(loading)
    # Closed: what is to wait in the queue cannot be called beside it.
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    return page


def _prepare_gradio() -> None:
    """Set what Gradio reads from the environment, and only when it is imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # no call home
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"  # it sums them up after every error
    os.environ["GRADIO_TEMP_DIR"] = str(private_folder())
