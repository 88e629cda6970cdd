"""What went by one value to another, and what lasted from one date to another → what is asked."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.generate.entities.quantities import read_quantities
from rag.generate.words.wanted import find_dates
from rag.retrieve.kinds import expected_kind

Span = tuple[int, int]

_ABOUT = "(?:about |around |almost |nearly |over )?"
_CHANGES = (
    "rise|rose|risen|raise[ds]?|grow|grew|grown|increased?|fall|fell|fallen|drop|dropped|decreased?"
    "|declined?|reduced?|cut"
)
ASKS_CHANGE = re.compile(
    rf"^(?:and |so |but )?by how\b|\bhow (?:much|many|far)\b.*\b(?:{_CHANGES})\b(?!.*\bto\W*$)",
    re.IGNORECASE,
)
BY = re.compile(rf"\bby {_ABOUT}$")
TO = re.compile(rf",? to {_ABOUT}")
# What asks for one date, so that the other of a time is left out.
ONE_DATE = re.compile(
    r"^(?!.*\bfrom when (?:to|until)\b).*(?:"
    r"\b(?:begin|start|launch|found|end|close|finish|stop|expire|deadline|until|since|from)"
    r"|\bby when\b|\b(?:do|does|did|will|to) .*\bopen"
    r"|\b(?:what|which) (?:\w+ )?(?:year|date|day)\b)",
    re.IGNORECASE,
)
FROM = re.compile(r"\b(?:from|between) $", re.IGNORECASE)
UNTIL = re.compile(r" (?:to|until|till|and|through) ")


def find_change(sentence: str, question: str, span: Span) -> Span | None:
    """Return by how much something changed, if that is asked and the span is what it came to.

    >>> find_change("It rose by 18 % to 59.", "How much did it rise?", (19, 21))
    (11, 15)
    """
    if not ASKS_CHANGE.search(question):
        return None
    for change, target in pairwise(read_quantities(sentence)):
        is_by = BY.search(sentence, 0, change.start) is not None
        is_to = TO.fullmatch(sentence, change.end, target.start) is not None
        if is_by and is_to and target.start < span[1] and target.end > span[0]:
            return change.start, change.end
    return None


def add_other_date(sentence: str, question: str, span: Span) -> Span:
    """Return a date with the other one of "from … to …", unless one of them is asked for.

    >>> add_other_date("Open from May 2 to May 9.", "When is it open?", (10, 15))
    (10, 24)
    """
    if expected_kind(question) != "when" or ONE_DATE.search(question):
        return span
    for first, last in pairwise(sorted(find_dates(sentence))):
        is_from = FROM.search(sentence, 0, first[0]) is not None
        if is_from and UNTIL.fullmatch(sentence, first[1], last[0]) and span in (first, last):
            return first[0], last[1]
    return span
