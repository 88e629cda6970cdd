"""The articles: which there are, and the ways to add some and to remove them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.blocks.events import DRAWN, PRIVATE, QUICK
from rag.ingest.formats import FORMATS
from rag.page import script, wording
from rag.page.library import Library
from rag.page.multipart import MAX_FILES
from rag.page.offered import MAX_BYTES, Offered

# Indexing takes both cores: who comes second waits for the first.
ADDING: dict[str, Any] = {**PRIVATE, "concurrency_id": "adding", "concurrency_limit": 1}


@dataclass(frozen=True, slots=True)
class Articles:
    """The components of the view; ``removal`` is not seen: buttons of the list write into it."""

    files: Any
    keep: Any
    title: Any
    text: Any
    add_text: Any
    outcome: Any
    listed: Any
    removal: Any


def lay_out_articles(library: Library) -> Articles:
    """Place what adds articles, and the list of them."""
    import gradio as gr

    formats = " ".join(FORMATS)
    hint = wording.ADD_HINT.format(formats=formats, files=MAX_FILES, limit=MAX_BYTES / 1e6)
    with gr.Column(elem_id="articles", elem_classes=["page-view"]):
        gr.Markdown(f"<h2>{wording.ADD_TITLE}</h2><p>{hint}</p><p>{wording.OWN_MORE}</p>")
        files = gr.File(
            label=wording.DROP,
            file_count="multiple",
            file_types=list(FORMATS),
            height=120,
            elem_id="drop",
        )
        with gr.Accordion(wording.PASTE, open=False, elem_id="paste"):
            title = gr.Textbox(label=wording.PASTE_TITLE, max_lines=1)
            text = gr.Textbox(label=wording.PASTE_TEXT, lines=6, max_lines=14)
            add_text = gr.Button(wording.PASTE_ADD, size="sm")
        keep = gr.Checkbox(
            label=wording.KEEP, info=wording.KEEP_MORE, visible=library.is_open, elem_id="keep"
        )
        outcome = gr.Markdown("", elem_id="outcome", **DRAWN)
        listed = gr.Markdown("", elem_id="library", **DRAWN)
    removal = gr.Textbox(elem_id=script.REMOVAL_ID, visible="hidden")
    return Articles(files, keep, title, text, add_text, outcome, listed, removal)


def wire_articles(library: Library, articles: Articles, loaded: Any) -> list[Any]:
    """Connect what adds and removes articles; return the events after which there are others."""
    import gradio as gr

    def show(request: gr.Request) -> str:
        return library.draw(request.session_hash)

    def add(paths: Any, keep: bool, request: gr.Request) -> Iterator[list[Any]]:
        offered = [Offered(Path(path), Path(path).name) for path in paths or []]
        for shown in library.add(request.session_hash or "", offered, keep=keep):
            yield [shown, None]  # the field is free for the next files

    def paste(title: str, text: str, keep: bool, request: gr.Request) -> Iterator[list[Any]]:
        session = request.session_hash or ""
        for shown in library.paste(session, title, text, keep=keep):
            yield [shown, gr.skip(), gr.skip()]
        if text.strip():
            yield [gr.skip(), "", ""]

    def remove(target: str, request: gr.Request) -> str:
        return library.remove(request.session_hash, target)

    each = articles
    changes = [
        loaded.then(library.catch_up, None, each.outcome, **QUICK),
        each.files.upload(add, [each.files, each.keep], [each.outcome, each.files], **ADDING),
        each.add_text.click(
            paste,
            [each.title, each.text, each.keep],
            [each.outcome, each.title, each.text],
            **ADDING,
        ),
        each.removal.change(remove, each.removal, each.outcome, **ADDING),
    ]
    for event in (loaded, *changes):
        event.then(show, None, each.listed, **QUICK)
    return changes
