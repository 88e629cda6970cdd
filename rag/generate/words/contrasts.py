"""A sentence that gives several values, each for something else → the one that is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.generate.entities.quantities import read_quantities
from rag.generate.words.measures import like_units, unit_of
from rag.generate.words.wanted import find_numbers, is_new
from rag.retrieve.kinds import expected_kind
from rag.retrieve.terms import WORD, content_terms, is_content, read_stems, read_terms

Span = tuple[int, int]

KINDS = ("number", "other")  # of questions; a follow-up as "And for guests?" is of none
# Where one part of a sentence ends and the next begins, the strongest first; a comma in a number
# does not part it.
CUTS = (
    re.compile(r";|\s[–—]\s"),
    re.compile(r",(?!\d)"),
    re.compile(r"\b(?:and|but|or|while|whereas|against|versus)\b"),
)
CUTS_BEHIND = CUTS[:2]  # "and" may go on with what is said of the last value
AND_ANOTHER = re.compile(
    r"(?P<first>.+?),? (?:and|but|while|whereas) (?P<lead>(?:[a-z][\w-]* )+)"
    r"(?:in|at|by|from|to|on) (?P<second>.+)"
)
BRACKETS = re.compile(r"\([^()]*\)")
OF_WHAT = re.compile(r"[^,;]{0,20}?\bof\s+(?:[\w-]+\s+)?[\w-]+(?=\s*$)")  # 7 g of ground coffee


def keep_part(sentence: str, question: str, span: Span) -> Span:
    """Return a number or place that was read without the contrast that was read with it.

    The second is kept where the question has the words that lead to it, else the first.

    >>> said = "It was largest in Vienna and smallest in Athens."
    >>> keep_part(said, "Where was it smallest?", (18, 47))
    (41, 47)
    """
    both = AND_ANOTHER.fullmatch(sentence, *span)
    if both is None or expected_kind(question) not in ("number", "where"):
        return span
    is_second = read_stems(both["lead"]) & {term.stem for term in content_terms(question)}
    return both.span("second" if is_second else "first")


def choose_value(sentence: str, question: str, span: Span, *, is_read: bool) -> Span:
    """Return the quantity beside the question's own words, where there are several like the span.

    ``is_read`` says that a reader found the span: it is right more often, so less is like it.

    >>> said = "Lunch costs €5 for us and €9 for guests."
    >>> choose_value(said, "How much is lunch for guests?", (12, 14), is_read=True)
    (26, 28)
    """
    if expected_kind(question) not in KINDS:
        return span
    values = find_alike(sentence, question, span, is_read=is_read)
    chosen = choose_part(sentence, question, span, values)
    last = max((q.end for q in read_quantities(sentence) if q.start < span[1]), default=span[1])
    behind = sentence[last : span[1]]  # "points" of "7.9 points", which is to be with the other too
    has_same = chosen != span and sentence.startswith(behind, chosen[1])
    return (chosen[0], chosen[1] + len(behind)) if has_same else chosen


def find_alike(sentence: str, question: str, span: Span, *, is_read: bool) -> list[Span]:
    """Return the quantities of a sentence that measure the same as the one in the span, in order.

    But for those that the question says and those in brackets, which say another once more. Beside
    a span that is read, numbers without a unit have to count the same, or nothing that is told.
    """
    known = read_stems(question)
    found = [
        (quantity, like_units(unit_of(sentence, quantity)), _counted(sentence, quantity))
        for quantity in find_numbers(sentence)
        if is_new(sentence[slice(*quantity)], known) and not _is_in_brackets(sentence, quantity)
    ]
    own = next((row for row in found if row[0][0] < span[1] and row[0][1] > span[0]), None)
    if own is None:
        return []
    _, units, counted = own
    alike = [row for row in found if row[1] == units]
    if is_read and units == {""} and counted:
        same = [row for row in alike if row[2] == counted]
        alike = same if len(same) > 1 else [row for row in alike if row[2] in ("", counted)]
    return [quantity for quantity, _, _ in alike]


def choose_part(sentence: str, question: str, span: Span, values: Sequence[Span]) -> Span:
    """Return the value in the part of a sentence that alone has words of the question, or the span.

    Each value is in a part of its own where the sentence can be cut between them; what stands
    before the first is said of all. The span is kept where its own part has a word of the question
    that no other has, and where that can be said of two others.
    """
    parts = cut_parts(sentence, values)
    met = [n for n, (start, end) in enumerate(parts) if span[0] < end and span[1] > start]
    if len(parts) < 2 or len(met) != 1:  # noqa: PLR2004 - nothing is contrasted
        return span
    asked = {term.stem for term in content_terms(question)}
    said = [read_stems(sentence[start:end]) & asked for start, end in parts]
    own = [stems - set().union(*said[:n], *said[n + 1 :]) for n, stems in enumerate(said)]
    behind_first = values[0][1], parts[0][1]
    others = [
        n
        for n, stems in enumerate(own)
        if n not in met and (stems if n else stems & read_stems(sentence[slice(*behind_first)]))
    ]
    if len(others) != 1:
        return span
    start, end = parts[others[0]]
    inside = [value for value in values if start <= value[0] and value[1] <= end]
    if len(inside) != 1:
        return span
    kept = own[met[0]]
    if met == [0]:
        kept &= read_stems(sentence[_find_tail(sentence, *behind_first, inside[0]) : parts[0][1]])
    return span if kept else inside[0]


def cut_parts(sentence: str, values: Sequence[Span]) -> list[Span]:
    """Return the parts of a sentence, cut at the strongest place that there is between two values.

    >>> cut_parts("12 trams and 40 buses", [(0, 2), (13, 15)])
    [(0, 9), (9, 21)]
    """
    gaps = [(end, start) for (_, end), (start, _) in zip(values, values[1:], strict=False)]
    cuts = [0, *(cut for gap in gaps if (cut := _find_cut(sentence, *gap, CUTS)) is not None)]
    last = _find_cut(sentence, values[-1][1], len(sentence), CUTS_BEHIND) if values else None
    return list(zip(cuts, [*cuts[1:], last or len(sentence)], strict=True))


def _find_cut(sentence: str, start: int, end: int, cuts: Sequence[re.Pattern[str]]) -> int | None:
    found = (cut.search(sentence, start, end) for cut in cuts)
    return next((match.start() for match in found if match), None)


def _find_tail(sentence: str, start: int, end: int, other: Span) -> int:
    """Return where the first part, behind its value, begins to say what is only of that value.

    What it counts is said of all, and so is what stands before the word that is behind the other
    value too: "€100 on your card for city bikes and €300 for others".
    """
    of = OF_WHAT.match(sentence, start, end)
    behind = WORD.search(BRACKETS.sub("", sentence[other[1] :]))
    if behind is not None:
        again = re.compile(rf"\b{re.escape(behind[0])}\b").search(sentence, start, end)
        if again is not None:
            return again.start()
    return of.end() if of else start


def _counted(sentence: str, quantity: Span) -> str:
    """Return the word behind a number if that says what it counts, else nothing."""
    terms = read_terms(sentence[quantity[1] :])[:1]
    return next((term.stem for term in terms if term.start == 1 and is_content(term)), "")


def _is_in_brackets(sentence: str, span: Span) -> bool:
    return sentence.count("(", 0, span[0]) > sentence.count(")", 0, span[0])
