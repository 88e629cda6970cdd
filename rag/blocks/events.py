"""What the events of the page have in common."""

from typing import Any

MAX_WAITING = 32  # questions in the queue: more would wait longer than anyone does
AT_ONCE = 2  # questions answered at a time: a core each

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Of every event: programs have the endpoint, and the page says itself what is going on."""

QUICK: dict[str, Any] = {**PRIVATE, "concurrency_limit": None}
"""Of events that read what is there and wait for nobody's answer."""

DRAWN: dict[str, Any] = {"latex_delimiters": []}
"""Of every text that `rag.page` draws: what stands between dollars in an article is no formula."""

ANSWERING: dict[str, Any] = {"concurrency_id": "answers", "concurrency_limit": AT_ONCE}
"""Of all that answers questions, from whichever part of the page or program they come."""
