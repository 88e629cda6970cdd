"""The panel beside the conversation: the sources of an answer, and an article to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.blocks.events import DRAWN, QUICK
from rag.page import conversation, script
from rag.page.conversation import draw_welcome
from rag.page.desk import Desks
from rag.page.loading import Loading


@dataclass(frozen=True, slots=True)
class Panel:
    """What is seen, and the hidden field that links of the page write their target into."""

    shown: Any
    target: Any


def lay_out_panel(loading: Loading) -> Panel:
    """Place the panel."""
    import gradio as gr

    with gr.Column(elem_id="side"):
        shown = gr.Markdown(draw_welcome(loading), elem_id=script.PANEL_ID, **DRAWN)
    target = gr.Textbox(elem_id=script.TARGET_ID, visible="hidden")
    return Panel(shown, target)


def wire_panel(desks: Desks, panel: Panel, exchanges: Any, changes: Sequence[Any]) -> None:
    """Connect the links to sources, and show the articles after each event of ``changes``."""
    import gradio as gr

    def welcome(exchanges: Any, request: gr.Request) -> Any:
        return gr.skip() if exchanges else draw_welcome(desks.at(request.session_hash))

    def open_source(target: str, exchanges: Any, request: gr.Request) -> str:
        return conversation.open_source(desks.at(request.session_hash), target, exchanges)

    for event in changes:
        event.then(welcome, exchanges, panel.shown, **QUICK)
    panel.target.change(open_source, [panel.target, exchanges], panel.shown, **QUICK)
