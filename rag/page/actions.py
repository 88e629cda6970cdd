"""What the buttons of the page ask for: their ids, and what is read from the hidden fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from rag.page.markup import escape_text

# The hidden fields, by id; the first word of a button's id says which one it writes to.
TALK_ID, RATE_ID, ASK_ID = "act-talk", "act-rate", "act-ask"
PARCEL_ID = "parcel"

_ACTION = re.compile(r"(?:(open|delete|up|down)-)?([0-9A-Za-z]{1,40})")


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done with what: ``verb`` is empty where there is only one thing to do."""

    verb: str
    name: str


def parse_action(text: str) -> Action | None:
    """Return what a button asked for, or None for anything that no button writes.

    What follows after a space is left out: the page adds it to tell two clicks apart.

    >>> parse_action("open-1f3a 7"), parse_action("4 8"), parse_action("<b>")
    (Action(verb='open', name='1f3a'), Action(verb='', name='4'), None)
    """
    match = _ACTION.fullmatch(text.rsplit(" ", 1)[0])
    return Action(match[1] or "", match[2]) if match else None


def draw_parcel(name: str, text: str) -> str:
    """Return a file for the page's script to save; the page does not show it.

    The text is percent-encoded, so that nothing on the way takes it for Markdown or HTML.

    >>> draw_parcel("a.md", "1 < 2")
    '<pre class="parcel" hidden title="a.md">1%20%3C%202</pre>'
    """
    content = quote(text, errors="replace")
    return f'<pre class="parcel" hidden title="{escape_text(name)}">{content}</pre>'


def draw_drawing(svg: str) -> str:
    """Return a drawing for the page's script to put in this place, as `draw_parcel`."""
    return f'<pre class="drawing" hidden>{quote(svg)}</pre>'
