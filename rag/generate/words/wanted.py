"""A sentence → the words of the kind that a question asks for: numbers, dates, names or places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.generate.cues import IN_PLACE, RELATIVE_DATE
from rag.generate.entities.dates import read_dates
from rag.generate.entities.names import read_names
from rag.generate.entities.quantities import Quantity, read_quantities
from rag.generate.entities.units import MONEY
from rag.retrieve.kinds import Kind, expected_kind
from rag.retrieve.terms import read_stems

Span = tuple[int, int]

YEAR = re.compile(r"\b(?:1[0-9]\d\d|20\d\d)(?:[–-]\d{2,4})?\b")
BOUND = re.compile(
    r"(?:about|around|almost|nearly|over|under|up to|at (?:least|most)|(?:more|fewer|less) than) $",
    re.IGNORECASE,
)
# What a number of four digits counts, so that it is no year, unless a word of time is before it.
COUNTED = re.compile(r"\s(?:people|persons|men|women|children|inhabitants|residents|visitors)\b")
IN_TIME = re.compile(r"\b(?:in|by|since|until|from|during|before|after) $", re.IGNORECASE)
RANGE = re.compile(r"\s?[–-]\s?|\sto\s")


def find_new(sentence: str, question: str) -> list[Span]:
    """Return all of the kind of words that a question asks for, but for those it has itself."""
    find = _FINDERS.get(expected_kind(question))
    known = read_stems(question)
    found = find(sentence) if find else ()
    return [span for span in found if is_new(sentence[slice(*span)], known)]


def is_new(text: str, known: set[str]) -> bool:
    """Return whether a text has a word whose stem is not known."""
    return not read_stems(text) <= known


def find_numbers(sentence: str) -> Iterator[Span]:
    """Yield the quantities of a sentence, each range as one; days, years and ordinals are none."""
    taken = [(date.start, date.end) for date in read_dates(sentence)]
    quantities = read_quantities(sentence)
    counts = {quantity.start for quantity in quantities if _counts(sentence, quantity)}
    years = (found.span() for found in YEAR.finditer(sentence))
    taken += [span for span in years if span[0] not in counts]
    for quantity, last in find_ranges(sentence):
        if quantity.unit != "th" and not any(start <= quantity.start < end for start, end in taken):
            before = BOUND.search(sentence[: quantity.start])
            yield before.start() if before else quantity.start, last.end


def find_ranges(sentence: str) -> Iterator[tuple[Quantity, Quantity]]:
    """Yield the first and the last quantity of each range, and each other one as both."""
    first = last = None
    for quantity in read_quantities(sentence):
        if first and last:
            is_range = last.bound == quantity.bound == "~" and last.unit == quantity.unit
            if is_range and RANGE.fullmatch(sentence, last.end, quantity.start):
                yield first, quantity
                first = last = None
                continue
            yield first, last
        first = last = quantity
    if first and last:
        yield first, last


def _counts(sentence: str, quantity: Quantity) -> bool:
    """Return whether a number says of what it is the number, so that it cannot be a year."""
    is_measure = quantity.unit != "" and quantity.unit not in MONEY  # not: 2014 $5 bn
    is_count = is_measure or COUNTED.match(sentence, quantity.end) is not None
    return is_count and IN_TIME.search(sentence[: quantity.start]) is None


def find_dates(sentence: str) -> Iterator[Span]:
    """Yield the dates of a sentence, then its other years, then what is said as "last week"."""
    dates = [(date.start, date.end) for date in read_dates(sentence)]
    yield from dates
    for pattern in (YEAR, RELATIVE_DATE):
        for found in pattern.finditer(sentence):
            if not any(start <= found.start() < end for start, end in dates):
                yield found.span()


def _names(sentence: str) -> Iterator[Span]:
    start = end = -1
    for name in read_names(sentence):
        gap = sentence[end : name.start] if start >= 0 else "…"
        is_initial = gap.startswith(".") and sentence[start:end].rsplit(maxsplit=1)[-1].isupper()
        if gap in (" ", "-") or (is_initial and gap in (".", ". ")):
            end = name.end
            continue
        if start >= 0:
            yield start, end
        start, end = name.start, name.end
    if start >= 0:
        yield start, end


def _places(sentence: str) -> Iterator[Span]:
    dates = list(find_dates(sentence))
    for start, end in _names(sentence):
        is_date = any(first < end and last > start for first, last in dates)
        if not is_date and IN_PLACE.search(sentence, 0, start):
            yield start, end


_FINDERS: dict[Kind, Callable[[str], Iterator[Span]]] = {
    "number": find_numbers,
    "when": find_dates,
    "who": _names,
    "where": _places,
}
