"""Two articles that give different figures or dates for the same thing: both are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generate.citations import plain_text
from rag.generate.entities.dates import Date, read_dates
from rag.generate.entities.names import read_names
from rag.generate.entities.quantities import Quantity, read_quantities
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence, holds
from rag.generate.words.marks import find_answer
from rag.generate.words.wanted import YEAR
from rag.retrieve.terms import is_content, read_stems, read_terms

MARGIN = 2.5  # log-odds below the best: what another article says of it in other words
SHARED = 0.5  # of the content words of the shorter sentence that the other one has
KINDS = ("number", "when")

Value = Quantity | Date | int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sentences of other articles that contradict the best one, and what to tell the person."""

    sentences: tuple[Sentence, ...] = ()
    notice: str = ""


def find_disagreement(
    question: str, evidence: Evidence, scores: NDArray[np.float64]
) -> Disagreement:
    """Return what other articles say instead of the best sentence's figure or date.

    Only questions that ask for one are looked at, and only sentences that are nearly as good an
    answer, hold every term of the question that the best one holds, in the sentence or above it,
    name nobody else, and say half of the same words: two articles may well give different numbers
    of different things, or of different years.
    """
    if evidence.kind not in KINDS or not evidence.sentences:
        return Disagreement()
    place = int(np.argmax(scores))
    best = evidence.sentences[place]
    said = read_value(best, question)
    if said is None:
        return Disagreement()
    found: dict[str, tuple[Sentence, str]] = {}
    for number in np.argsort(-scores, kind="stable"):
        sentence = evidence.sentences[number]
        doc_id = sentence.hit.passage.doc_id
        if scores[number] < scores[place] - MARGIN:
            break
        if doc_id in found or not is_comparable(evidence, place, int(number)):
            continue
        other = read_value(sentence, question)
        if other is not None and contradicts(said[0], other[0]):
            found[doc_id] = sentence, other[1]
    if not found:
        return Disagreement()
    given = [(best, said[1]), *found.values()]
    told = "; ".join(f"{words} ({title_of(sentence)})" for sentence, words in given)
    sentences = tuple(sentence for sentence, _ in found.values())
    return Disagreement(sentences, f"The articles differ here: {told}.")


def read_value(sentence: Sentence, question: str) -> tuple[Value, str] | None:
    """Return the figure or date of a sentence that answers the question, and its words."""
    text = plain_text(sentence.text)
    span = find_answer(text, question)
    if span is None:
        return None
    words = text[slice(*span)]
    values: Sequence[Value] = read_dates(words)
    if not values and YEAR.fullmatch(words):
        values = [int(words[:4])]
    # Read in the sentence: what stands before a number may say that it is not exact.
    values = values or [q for q in read_quantities(text) if span[0] <= q.start < span[1]]
    return (values[0], words) if values else None


def contradicts(first: Value, second: Value) -> bool:
    """Return whether two values cannot both be right: the same unit, another exact number.

    >>> contradicts(2030, 2035), contradicts(2030, 2030)
    (True, False)
    """
    if isinstance(first, Quantity) and isinstance(second, Quantity):
        return first.contradicts(second)
    if isinstance(first, Date) and isinstance(second, Date):
        return all(
            any(None not in pair and pair[0] != pair[1] for pair in zip(one, two, strict=True))
            for one in map(parts_of, first.readings)
            for two in map(parts_of, second.readings)
        )
    return isinstance(first, int) and isinstance(second, int) and first != second


def parts_of(date: Date) -> tuple[int | None, int | None, int | None]:
    """Return year, month and day, as far as they are said."""
    return date.year, date.month, date.day


def is_comparable(evidence: Evidence, place: int, number: int) -> bool:
    """Return whether a sentence of another article speaks of what the one at ``place`` does."""
    best, other = evidence.sentences[place], evidence.sentences[number]
    return (
        other.hit.passage.doc_id != best.hit.passage.doc_id
        and bool((held_in_context(evidence, number) >= held_in_context(evidence, place)).all())
        and is_about_the_same(best, other)
        and not (evidence.kind == "number" and are_of_other_years(best, other))
    )


def held_in_context(evidence: Evidence, number: int) -> NDArray[np.float64]:
    """Return for each term of the question 1 if a sentence, its title or a heading has it."""
    context = read_stems(evidence.sentences[number].hit.passage.context)
    held: NDArray[np.float64] = np.maximum(
        holds(evidence.terms, context), evidence.overlaps[number]
    )
    return held


def are_of_other_years(first: Sentence, second: Sentence) -> bool:
    """Return whether both sentences say of which year they are, or what is above them, of others.

    So many people came in 2023, and so many in 2024.
    """
    one, two = map(_find_years, (first, second))
    return bool(one and two) and not one & two


def _find_years(sentence: Sentence) -> set[str]:
    text = plain_text(sentence.text)
    counted = {quantity.start for quantity in read_quantities(text) if quantity.unit}
    years = {found[0] for found in YEAR.finditer(text) if found.start() not in counted}
    return years or set(YEAR.findall(sentence.hit.passage.context))


def is_about_the_same(first: Sentence, second: Sentence) -> bool:
    """Return whether two sentences share half of the words of the shorter, and name the same.

    Numbers aside; one may name more than the other.
    """
    names, others = (
        {name.text.casefold() for name in read_names(plain_text(sentence.text))}
        for sentence in (first, second)
    )
    if not (names <= others or others <= names):
        return False
    one, two = (
        {
            term.stem
            for term in read_terms(plain_text(sentence.text))
            if is_content(term) and not term.is_number
        }
        for sentence in (first, second)
    )
    return len(one & two) >= SHARED * max(min(len(one), len(two)), 1)


def title_of(sentence: Sentence) -> str:
    """Return the title of a sentence's article, or its name where it has none."""
    passage = sentence.hit.passage
    return passage.title or passage.doc_id
