"""Whether two texts repeat each other: word for word, or because they overlap."""

from __future__ import annotations

import re

from rag.records import Passage


def normalize_text(text: str) -> str:
    r"""Return what two copies of a passage have in common: the words, without case and layout.

    >>> normalize_text("Trams,  and\nBUSES!")
    'trams and buses'
    """
    return " ".join(re.findall(r"[^\s.,;:!?…—–()\"“”«»*_|>#`]+", text.casefold()))


def overlap(first: Passage, second: Passage) -> bool:
    """Return whether two passages share characters of one document."""
    return (
        first.doc_id == second.doc_id
        and max(first.start, second.start) < min(first.end, second.end)
    )  # fmt: skip
