"""The line at the top: the name, what is indexed, and the way to a new conversation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.blocks.events import DRAWN, QUICK
from rag.page import wording
from rag.page.loading import Loading
from rag.page.status import draw_status

WATCH = 0.4  # seconds between two looks at how far the reading of the articles is


@dataclass(frozen=True, slots=True)
class Header:
    """The components of the line."""

    status: Any
    clear: Any


def lay_out_header(loading: Loading) -> Header:
    """Place the line."""
    import gradio as gr

    with gr.Row(elem_id="top"):
        gr.Markdown(f"<div><h1>{wording.TITLE}</h1><p>{wording.TAGLINE}</p></div>", elem_id="title")
        status = gr.Markdown(draw_status(loading), elem_id="status", **DRAWN)
        clear = gr.Button(wording.CLEAR, size="sm", elem_id="clear", scale=0)
    return Header(status, clear)


def wire_status(loading: Loading, header: Header, changes: Sequence[Any]) -> None:
    """Show what is indexed after each event of ``changes``."""
    for event in changes:
        event.then(lambda: draw_status(loading), None, header.status, **QUICK)


def watch_loading(page: Any, loading: Loading, header: Header) -> Any:
    """Show how far the articles are read; return the event that follows once they are."""

    def watch() -> Iterator[str]:
        while not loading.wait(WATCH):
            yield draw_status(loading)
        yield draw_status(loading)

    return page.load(watch, None, header.status, **QUICK)
