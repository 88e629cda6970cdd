"""Text → the names in it, and how much each looks like a person's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.ingest.boundaries import MONTHS
from rag.ingest.tokens import is_usually_capital
from rag.retrieve.roles import is_role
from rag.retrieve.terms import is_content, read_terms, without_possessive

BEFORE_PLACE = re.compile(r"\b(?:in|at|from|of|to|near|on|for|by)\s+(?:the\s+)?$", re.IGNORECASE)
# People stand behind the others too: "a letter from", "a proposal by".
WITHIN = re.compile(
    r"\b(?:in|at|of|near|on|around|across|outside|into)\s+(?:the\s+)?$", re.IGNORECASE
)
TITLE = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady)\b")
_BODIES = """
    Association Agency Authority Bank Board Bureau Centre Center Chamber Church Circle Club College
    Commission Committee Company Conference Conservatives Cooperative Corporation Council Court
    Department Federation Foundation Friends Fund Greens Group Guild Hospital House Institute
    Institution League Left Library Ltd Ministry Museum Mutual Network Office Orchestra Organisation
    Organization Parish Parliament Party Press School Senate Service Society Theatre Trust Union
    University Works
"""
_PLACES = """
    Abbey Alley Avenue Bay Beach Bridge Castle City Close County Farm Garden Gardens Gate Hall
    Harbor Harbour Hill Hotel Inn Island Isle Lake Lane Market Mill Mount Park Pier Place Point Port
    Quay River Road Saint Square St Station Street Tower Town Valley Village Wharf Wood
"""
NO_PERSON = frozenset((_BODIES + _PLACES).split())
WHEN = re.compile(rf"(?:{MONTHS}|\w+days?|Christmas|Easter|Lent|Advent|Ramadan)")
# What people do, or how it goes on where somebody is introduced: ", 58,", ", who", ", the mayor".
DOES = re.compile(
    r",?\s+(?:(?:has|had|also|now|then|never|still)\s+)*"
    r"(?:says?|said|writes?|wrote|calls?|called|tells?|told|asks?|asked|answers?|answered|thinks?"
    r"|thought|believes?|wants?|wanted|warns?|warned|promises?|promised|explains?|explained"
    r"|complains?|complained|suggests?|suggested|recalls?|recalled|argues?|argued|insists?|insisted"
    r"|admits?|admitted|died|retires?|retired|married|became)\b"
    r"|,\s+(?:(?:aged\s+)?\d\d|who|(?:an?|the|his|her|its|their)\s+[a-z]+)\b"
)
WORD_BEFORE = re.compile(r"(\w+),?\s+$")
OPENS = re.compile(r"(?:^|[.!?:]|[“\"])\W*$")
JOINS = (" ", ". ", " & ")  # what stands between two words of a name


@dataclass(frozen=True, slots=True)
class WholeName:
    """A name with all its words: "Dr Ana Reis".

    The larger ``person`` is, the more it looks like a person's; one word of which nothing tells has
    0. ``is_placed`` says that it follows "in" or the like.
    """

    text: str
    person: float
    is_placed: bool


def find_whole_names(text: str) -> list[WholeName]:
    """Return the names of a text in order; a first word may be one, months, days and feasts not.

    >>> names = find_whole_names("In Graz the mayor, Ana Reis, closed the School in May.")
    >>> [(name.text, name.person) for name in names]
    [('Graz', -4.0), ('Ana Reis', 3.5), ('School', -6.0)]
    """
    return [
        WholeName(
            without_possessive(text[start:end]),
            _measure_person(text, start, end),
            BEFORE_PLACE.search(text[:start]) is not None,
        )
        for start, end in _find_spans(text)
        if not WHEN.fullmatch(text[start:end])
    ]


def _measure_person(text: str, start: int, end: int) -> float:
    """Return the sum of the signs; what each counts was chosen on 385 follow-ups.

    Their articles are of training/written, others of benchmarks/written/pronouns.jsonl.
    """
    name, before, after = text[start:end], text[:start], text[end:]
    words = without_possessive(name).split()
    role = WORD_BEFORE.search(before)
    signs = (
        (3.0, TITLE.match(name)),
        (1.5, len(words) > 1),
        (2.0, role is not None and is_role(role[1])),
        (1.5, DOES.match(after)),
        (-2.0, WITHIN.search(before)),
        (-0.75, BEFORE_PLACE.search(before) and not WITHIN.search(before)),
        (-4.0, not NO_PERSON.isdisjoint(words)),
        (-2.0, len(words) == 1 and is_usually_capital(words[0]) is not None),
        (-0.5, name.endswith(("'s", "’s"))),
        (-2.0, name.isupper() and len(name) > 1),
    )
    return sum(counts for counts, is_there in signs if is_there)


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the names stand."""
    start = end = 0
    for term in read_terms(text):
        if not term.is_name or not is_content(term):
            continue
        opens = OPENS.search(text[: term.start]) is not None
        if opens and is_usually_capital(without_possessive(term.text)) is False:
            continue
        if end and text[end : term.start] in JOINS:
            end = term.end
            continue
        if end:
            yield start, end
        start, end = term.start, term.end
    if end:
        yield start, end
