"""The page's own JavaScript, from ``look``, with the sentences of the page in it.

It stands in the head of the page, uses no ``eval``, and asks nothing of the network: a click is
handed to the page's hidden field, and the server answers with a new panel.
"""

from __future__ import annotations

import json

from rag.page import wording
from rag.page.style import LOOK

# What the script finds in the page, by id.
TARGET_ID = "target"
PANEL_ID = "panel"
REMOVAL_ID = "removal"

SCRIPTS = ("page.js", "actions.js")
_PLACE = "const words = {};"  # in the script, for the sentences


def draw_head() -> str:
    """Return what the page adds to its head."""
    words = {
        "send": wording.SEND,
        "stop": wording.STOP,
        "answer": wording.ANSWER,
        "examples": wording.EXAMPLES,
        "sources": wording.SOURCES,
        "copy": wording.COPY,
        "copied": wording.COPIED,
        "sure": wording.DELETE_SURE,
    }
    script = "".join((LOOK / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f"<script>{script.replace(_PLACE, f'const words = {_quote(words)};')}</script>"


def _quote(words: dict[str, str]) -> str:
    r"""Return the sentences as a JavaScript object that cannot end a script element.

    >>> _quote({"copy": "</script>"})
    '{"copy": "\\u003c/script>"}'
    """
    return json.dumps(words).replace("<", "\\u003c")
