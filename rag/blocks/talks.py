"""The conversations: the list, what can be done with the open one, and the files it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rag.blocks.chat import Answering, Chat, show
from rag.blocks.events import DRAWN, PRIVATE, QUICK
from rag.page import actions, wording
from rag.page.conversation import View, draw_welcome
from rag.page.conversations import make_token, name_owner, shorten
from rag.page.desk import Desks
from rag.page.keeping import Keeping, list_changed
from rag.page.status import format_time
from rag.page.transcript import name_file, write_json, write_markdown

# What the browser keeps under this name is a secret; that it is encrypted there adds nothing.
STORAGE_KEY = STORAGE_SECRET = "footnote"
WRITERS = {"md": write_markdown, "json": write_json}


@dataclass(frozen=True, slots=True)
class Talks:
    """The components; ``browser``, ``wanted`` and ``parcel`` are not seen.

    ``browser`` is the secret that the browser is known by, ``wanted`` what the buttons of the list
    write into, ``parcel`` a file for the page's script to save.
    """

    listed: Any
    title: Any
    rename: Any
    saves: dict[str, Any]
    browser: Any
    wanted: Any
    parcel: Any


def lay_out_talks() -> Talks:
    """Place the list, folded, and below it what can be done with the open conversation."""
    import gradio as gr

    with gr.Accordion(wording.CONVERSATIONS, open=False, elem_id="talks"):
        listed = gr.Markdown("", elem_id="talk-list", **DRAWN)
        with gr.Row(elem_id="talk-open"):
            title = gr.Textbox(label=wording.RENAME_HINT, max_lines=1, scale=1, min_width=120)
            rename = gr.Button(wording.RENAME, size="sm", scale=0)
            saves = {
                "md": gr.Button(wording.EXPORT_MARKDOWN, size="sm", scale=0),
                "json": gr.Button(wording.EXPORT_JSON, size="sm", scale=0),
            }
    browser = gr.BrowserState("", storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
    wanted = gr.Textbox(elem_id=actions.TALK_ID, visible="hidden")
    parcel = gr.Markdown("", elem_id=actions.PARCEL_ID, visible="hidden", **DRAWN)
    return Talks(listed, title, rename, saves, browser, wanted, parcel)


def restore_talk(
    page: Any, desks: Desks, keeping: Keeping, talks: Talks, chat: Chat, panel: Any, loaded: Any
) -> Any:
    """Know the browser again, and open its last conversation once the articles are read.

    Return the event after which it is open. A person who has asked by then is left alone.
    """
    import gradio as gr

    def greet(browser: Any, request: gr.Request) -> Any:
        owner = name_owner(browser, request.username)
        token = "" if owner else make_token()
        keeping.seats.take(request.session_hash, owner or name_owner(token, request.username))
        return token or gr.skip()

    def restore(browser: Any, exchanges: Any, request: gr.Request) -> list[Any]:
        session = request.session_hash
        owner = name_owner(browser, request.username)
        latest = keeping.latest(owner)
        if exchanges or not latest:
            seat = keeping.seats.at(session)
            return [*[gr.skip()] * 4, *_list(keeping, seat)]
        keeping.seats.take(session, owner)
        seat = keeping.seats.turn_to(session, latest)
        return [*show(keeping.open(desks.at(session), seat)), *_list(keeping, seat)]

    outputs = [chat.messages, chat.exchanges, panel, chat.query, talks.listed, talks.title]
    page.load(greet, talks.browser, talks.browser, **QUICK)
    return loaded.then(restore, [talks.browser, chat.exchanges], outputs, **QUICK)


def wire_talks(
    desks: Desks, keeping: Keeping, talks: Talks, chat: Chat, panel: Any, answering: Answering
) -> Sequence[Any]:
    """Connect the list and what is done with the open conversation; return what changes that."""
    import gradio as gr

    def turn(wanted: str, request: gr.Request) -> list[Any]:
        session = request.session_hash
        action, seat = actions.parse_action(wanted), keeping.seats.at(session)
        if action is None or action.verb not in ("open", "delete"):
            return [gr.skip()] * 6
        if action.verb == "delete":
            keeping.delete(seat.owner, action.name)
            if action.name != seat.conversation_id:
                return [*[gr.skip()] * 4, *_list(keeping, seat)]
            seat = keeping.seats.turn_to(session)
            view = View([], (), draw_welcome(desks.at(session)), "")
        else:
            seat = keeping.seats.turn_to(session, action.name)
            view = keeping.open(desks.at(session), seat)
        return [*show(view), *_list(keeping, seat)]

    def rename(title: str, request: gr.Request) -> list[Any]:
        seat = keeping.seats.at(request.session_hash)
        keeping.rename(seat, title)
        return _list(keeping, seat)

    def refresh(request: gr.Request) -> list[Any]:
        return _list(keeping, keeping.seats.at(request.session_hash))

    listed = [talks.listed, talks.title]
    outputs = [chat.messages, chat.exchanges, panel, chat.query, *listed]
    turned = talks.wanted.change(
        turn, talks.wanted, outputs, cancels=answering.events, queue=False, **PRIVATE
    )
    talks.rename.click(rename, talks.title, listed, **QUICK)
    talks.title.submit(rename, talks.title, listed, **QUICK)
    for event in answering.settled:
        event.then(refresh, None, listed, **QUICK)
    for kind, button in talks.saves.items():
        _wire_save(desks, keeping, talks, chat, button, kind)
    return [turned]


def _wire_save(
    desks: Desks, keeping: Keeping, talks: Talks, chat: Chat, button: Any, kind: str
) -> None:
    """Connect a button with the file that the open conversation becomes."""
    import gradio as gr

    def save(exchanges: Any, request: gr.Request) -> str:
        if not exchanges:
            raise gr.Error(wording.NOTHING_TO_EXPORT, print_exception=False)
        desk = desks.at(request.session_hash)
        seat = keeping.seats.at(request.session_hash)
        saved = keeping.exported(desk, seat, exchanges)
        title = keeping.title(seat) or shorten(saved[0].question)
        when = format_time(datetime.now(UTC).isoformat())
        text = WRITERS[kind](title, when, saved, list_changed(desk, exchanges))
        return actions.draw_parcel(name_file(title, kind), text)

    button.click(save, chat.exchanges, talks.parcel, **QUICK)


def _list(keeping: Keeping, seat: Any) -> list[Any]:
    """Return the list and the title of the open conversation."""
    return [keeping.draw_list(seat), keeping.title(seat)]
