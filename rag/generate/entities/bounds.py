"""The words around a number → whether more, less or about as much is meant."""

from __future__ import annotations

import re
from typing import Literal

Bound = Literal["", ">", "<", "~"]

N_BEFORE = 28  # characters: "not less than an estimated "
# "No more than" is less, so that is asked first.
_BEFORE: dict[Bound, str] = {
    "<": r"(?<!no )(?<!not )(?:fewer|less) than|under|below|at most|up to|nearly|almost"
    r"|(?:no|not) more than|as (?:many|much) as|a maximum of"
    r"|not (?:to )?exceed(?:ing)?|(?:not|never) (?:over|above)",
    ">": r"more than|over|at least|above|exceed(?:s|ed|ing)?|greater than|upwards of|in excess of"
    r"|(?:no|not) (?:fewer|less) than|a minimum of",
    "~": r"about|around|approximately|approx\.?|roughly|some|circa|close to|an? estimated"
    r"|estimated at",
}
_AFTER: dict[Bound, str] = {
    "<": r"\s+(?:or|and) (?:less|fewer|under|below|younger)\b",
    ">": r"\+|[\s-]plus\b|\s+(?:or|and) (?:more|over|above|older)\b",
    "~": r"\s+or so\b",
}
_WORDS = [
    (bound, re.compile(rf"\b(?:{before})\s+$", re.IGNORECASE), re.compile(_AFTER[bound]))
    for bound, before in _BEFORE.items()
]


def read_bound(text: str, start: int, end: int) -> Bound:
    """Return ``>`` where the number ``text[start:end]`` is "more than" it says, ``<`` for "fewer".

    ``~`` is "about"; empty if it is exact. "Nearly" is fewer, and "over" more.

    >>> read_bound("some 250 firms", 5, 8), read_bound("250 or more", 0, 3)
    ('~', '>')
    """
    before = text[max(0, start - N_BEFORE) : start]
    for bound, is_before, is_after in _WORDS:
        if is_before.search(before) or is_after.match(text, end):
            return bound
    return ""
