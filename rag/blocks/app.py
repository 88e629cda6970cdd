"""The page, put together from its parts."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.blocks.articles import lay_out_articles, wire_articles
from rag.blocks.chat import lay_out_fields, lay_out_messages, wire_answers, wire_scope
from rag.blocks.discreet import make_blocks
from rag.blocks.endpoint import offer_endpoint
from rag.blocks.evaluation import lay_out_evaluation, way_of_failures, wire_evaluation
from rag.blocks.events import AT_ONCE, MAX_WAITING
from rag.blocks.header import lay_out_header, watch_loading, wire_status
from rag.blocks.next import lay_out_next, ways_next, wire_first, wire_next
from rag.blocks.panel import lay_out_panel, wire_panel
from rag.blocks.rating import lay_out_rating, wire_rating
from rag.blocks.talks import lay_out_talks, restore_talk, wire_talks
from rag.page import wording
from rag.page.conversations import Conversations
from rag.page.desk import Desks
from rag.page.evaluating import Evaluating
from rag.page.feedback import FILE as FEEDBACK
from rag.page.folder import private_folder
from rag.page.keeping import Keeping
from rag.page.library import Library
from rag.page.loading import Loading
from rag.page.starters import QUESTIONS


def build_page(
    loading: Loading,
    *,
    starters: Sequence[str] = (),
    writers: Sequence[str] = (),
    corpus: Path | None = None,
    index: Path | None = None,
    feedback: Path | None = None,
    is_local: bool = True,
    verbose: bool = False,
) -> Any:
    """Return the page, a ``gradio.Blocks`` that is ready to be launched.

    ``starters`` are questions to begin with, made from the articles where none are given;
    ``writers`` are who a person may have the answers written by, see `rag.page.writer`. Each view
    has a tab: the conversation with the panel beside it, the articles, and the evaluation. With a
    ``corpus`` and the folder of its ``index``, articles can be added to it, and what is changed in
    it is noticed, if the index is the ``is_local`` one; without, people add only articles of their
    own, and what they ask is kept no longer than the process runs. Ratings
    go to the file ``feedback``, by default beside the index. With ``verbose`` the log has the
    messages of unexpected errors.
    """
    _prepare_gradio()
    import gradio as gr

    added_to = corpus if is_local else None
    library = Library(loading, _make_folder("own"), corpus=added_to, index=index)
    folder = _make_folder("kept") if index is None else index
    keeping = Keeping(Conversations(folder))
    evaluating = Evaluating(loading)
    feedback = folder / FEEDBACK if feedback is None else feedback
    questions = (folder if corpus is None else corpus) / QUESTIONS
    options = {"title": wording.TITLE, "fill_width": True, "fill_height": True}
    with make_blocks(verbose=verbose, **options) as page:
        header = lay_out_header(loading)
        with gr.Tabs(elem_id="views") as tabs:
            with gr.Tab(wording.CHAT_TAB, id="chat"), gr.Row(elem_id="columns"):
                with gr.Column(elem_id="conversation"):
                    talks = lay_out_talks()
                    messages = lay_out_messages(starters)
                    following = lay_out_next()
                    rating = lay_out_rating()
                    chat = lay_out_fields(messages, writers)
                panel = lay_out_panel(loading)
            with gr.Tab(wording.ARTICLES_TAB, id="articles"):
                articles = lay_out_articles(library)
            with gr.Tab(wording.EVALUATION_TAB, id="evaluation"):
                evaluation = lay_out_evaluation(evaluating)
        loaded = watch_loading(page, loading, header)
        restored = restore_talk(page, library.desks, keeping, talks, chat, panel.shown, loaded)
        changes = wire_articles(library, articles, loaded)
        ways = [
            *ways_next(library.desks, following),
            way_of_failures(library.desks, keeping, evaluating, evaluation),
        ]
        answering = wire_answers(library.desks, keeping, chat, panel.shown, header.clear, ways)
        turned = wire_talks(library.desks, keeping, talks, chat, panel.shown, answering)
        settled = [*turned, *answering.settled]
        wire_next(library.desks, chat, following, [restored, *settled])
        if not starters:
            wire_first(loading, chat, restored)
        wire_rating(loading, keeping, chat, rating, feedback, settled)
        files = {wording.EVALUATION_CORPUS: questions, wording.EVALUATION_FEEDBACK: feedback}
        wire_evaluation(page, tabs, evaluating, evaluation, files)
        wire_scope(library.desks, chat, changes)
        wire_status(loading, header, changes)
        wire_panel(library.desks, panel, chat.exchanges, [restored, *changes])
        _wire_leaving(page, library.desks, keeping)
        offer_endpoint(loading)
    # Closed: what is to wait in the queue cannot be called beside it.
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    return page


def _prepare_gradio() -> None:
    """Set what Gradio reads from the environment, and only when it is imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # no call home
    # What monitoring would show, which is off, is summed up with pandas after every event.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(_make_folder("uploads"))


def _make_folder(name: str) -> Path:
    """Return a private folder for one purpose, which is deleted when the process ends.

    What people own is not among the uploads, which Gradio lets events name by their path.
    """
    folder = private_folder() / name
    folder.mkdir(exist_ok=True)
    return folder


def _wire_leaving(page: Any, desks: Desks, keeping: Keeping) -> None:
    """Forget a session whose page was closed, and its own articles some time after."""
    import gradio as gr

    def leave(request: gr.Request) -> None:
        desks.leave(request.session_hash)
        keeping.seats.leave(request.session_hash)

    page.unload(leave)
