"""The panel beside the conversation: the sources of an answer, and an article to read."""

from dataclasses import dataclass
from typing import Any

from rag.blocks.events import QUICK
from rag.page import conversation, script
from rag.page.conversation import draw_welcome
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
        shown = gr.Markdown(draw_welcome(loading), elem_id=script.PANEL_ID)
    target = gr.Textbox(elem_id=script.TARGET_ID, visible="hidden")
    return Panel(shown, target)


def wire_panel(loading: Loading, panel: Panel, exchanges: Any, loaded: Any) -> None:
    """Connect the links to sources, and show the articles after the event ``loaded``."""
    import gradio as gr

    def welcome(exchanges: Any) -> Any:
        return gr.skip() if exchanges else draw_welcome(loading)

    def open_source(target: str, exchanges: Any) -> str:
        return conversation.open_source(loading, target, exchanges)

    loaded.then(welcome, exchanges, panel.shown, **QUICK)
    panel.target.change(open_source, [panel.target, exchanges], panel.shown, **QUICK)
