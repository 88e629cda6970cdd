"""A claim beside a passage → the lines that support it best, and the numbers that speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generate.check.claims import (
    Claim,
    Line,
    PassageLines,
    PassageVectors,
    has_term,
    mean_vector,
)
from rag.generate.check.polarity import find_opposites, is_hedged, is_negated
from rag.generate.check.replacements import count_replaced
from rag.generate.check.surroundings import compare_names, compare_numbers, pairs_kept
from rag.generate.cues import DANGLING
from rag.records import Vectors
from rag.retrieve.terms import Term

N_LINES = 3  # that may support a sentence together
LEAST_GAIN = 0.08  # what a further line must add to the weighted mean over the terms

FEATURES = (
    "overlap",  # weighted share of the sentence's content terms that stand in the lines
    "overlap in passage",
    "match",  # weighted mean over the terms of the nearest token (late interaction)
    "match of worst term",
    "two worst matches",
    "weightiest new term",  # that the passage has not; not shared out by the sentence's length
    "new terms without match",
    "longest run of new terms",
    "similarity",  # cosine of the sentence and the lines together
    "similarity of best line",
    "pairs kept",  # share of neighbouring terms that are near, and in order, in a line
    "pairs kept where both stand",
    "negation differs",  # weighted share of shared terms that are negated in one only
    "only sentence negated",
    "only lines negated",
    "opposite",
    "hedge dropped",
    "hedge added",
    "numbers elsewhere",  # share of the numbers that stand in the passage but not in the lines
    "names elsewhere",
    "number in place",  # worst cosine of a number here and there, both in context
    "number's neighbours",  # worst share of the words around a number that are around it there
    "name in place",
    "name's neighbours",
    "name out of line",  # not in the lines, the title or a heading, and no pronoun stands for it
    "names replaced",  # laid on the nearest line, other names stand in their places
    "numbers replaced",
    "words replaced",
    "length",
    "lines",
)
"""The names of what `align` returns as features."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The lines, by number and in order, that support a claim best, and the `FEATURES`.

    ``new`` are the claim's terms that the passage has not, the weightiest first. ``opposites``
    are pairs of a word of the claim and what the lines have instead; ``negated`` are words that
    are negated in one of the two only.
    """

    lines: tuple[int, ...]
    features: NDArray[np.float64]
    new: tuple[Term, ...]
    opposites: tuple[tuple[str, str], ...]
    negated: tuple[Term, ...]


def align(claim: Claim, read: PassageLines, vectors: PassageVectors) -> Alignment:
    """Return how a claim stands beside a passage that has a line."""
    overlaps = np.array(
        [[float(has_term(line.stems, term)) for term in claim.terms] for line in read.lines]
    )
    matches = np.array([match_terms(claim.rows, rows) for rows in vectors.lines])
    chosen = choose_lines(claim.weights, overlaps, matches)
    lines = [read.lines[i] for i in chosen]
    overlap, match = overlaps[chosen].max(axis=0), matches[chosen].max(axis=0)
    known = np.array([float(has_term(read.stems, term)) for term in claim.terms])
    opposites = find_opposites(claim.words, frozenset().union(*(line.stems for line in lines)))
    negated = find_differently_negated(claim, lines)
    named = {
        **compare_terms(claim, overlap, match, known),
        **compare_polarity(claim, lines, negated, overlap),
        **compare_vectors(claim, [vectors.lines[i] for i in chosen]),
        **compare_facts(claim, read, vectors, lines),
        **count_replaced(claim.words, lines),
        "opposite": len(opposites),
        "lines": len(lines),
    }
    return Alignment(
        tuple(chosen),
        np.array([float(named[name]) for name in FEATURES]),
        tuple(
            sorted(
                (term for term, has in zip(claim.terms, known, strict=True) if not has),
                key=lambda term: -term.weight,
            )
        ),
        tuple(opposites),
        tuple(claim.terms[i] for i in negated),
    )


def match_terms(rows: Sequence[Vectors], text: Vectors) -> NDArray[np.float64]:
    """Return for each term the cosine of the nearest token of a text, mean over its tokens."""
    return np.array(
        [
            float((term @ text.T).max(axis=1).mean()) if len(term) and len(text) else 0.0
            for term in rows
        ]
    )


def choose_lines(
    weights: NDArray[np.float64], overlaps: NDArray[np.float64], matches: NDArray[np.float64]
) -> list[int]:
    """Return the numbers of the best line and of up to two more that add to it, in order."""
    worth = (overlaps + matches) / 2
    chosen = [int(np.argmax(worth @ weights))]
    while len(chosen) < min(N_LINES, len(worth)):
        gains = np.maximum(worth - worth[chosen].max(axis=0), 0) @ weights
        best = int(np.argmax(gains))
        if gains[best] < LEAST_GAIN:
            break
        chosen.append(best)
    return sorted(chosen)


def compare_terms(
    claim: Claim,
    overlap: NDArray[np.float64],
    match: NDArray[np.float64],
    known: NDArray[np.float64],
) -> dict[str, float]:
    """Return what the terms say that stand in the lines, or in the passage, and that do not."""
    new = (1 - known) * np.array([term.weight for term in claim.terms])
    return {
        "overlap": overlap @ claim.weights,
        "overlap in passage": known @ claim.weights,
        "match": match @ claim.weights,
        "match of worst term": match.min(),
        "two worst matches": np.sort(match)[:2].mean(),
        "weightiest new term": (new * (1 - match)).max(),
        "new terms without match": (new * (1 - match)).sum(),
        "longest run of new terms": longest_run(known == 0),
        "length": np.log1p(len(claim.terms)),
    }


def compare_polarity(
    claim: Claim, lines: Sequence[Line], negated: Sequence[int], overlap: NDArray[np.float64]
) -> dict[str, float]:
    """Return in what the claim says no, or may, and the lines do not, or the other way round."""
    text = " ".join(line.plain for line in lines)
    says_no, lines_say_no = is_negated(claim.text), is_negated(text)
    hedges, lines_hedge = is_hedged(claim.text), is_hedged(text)
    shared = float(overlap @ claim.weights)
    return {
        "negation differs": claim.weights[list(negated)].sum() / shared if shared else 0.0,
        "only sentence negated": says_no and not lines_say_no,
        "only lines negated": lines_say_no and not says_no,
        "hedge dropped": lines_hedge and not hedges,
        "hedge added": hedges and not lines_hedge,
    }


def find_differently_negated(claim: Claim, lines: Sequence[Line]) -> list[int]:
    """Return the positions of the claim's terms that are negated in it or in all lines only."""
    found = []
    for i, term in enumerate(claim.terms):
        ways = {term.stem in line.negated for line in lines if term.stem in line.stems}
        if ways and (i in claim.negated) not in ways:
            found.append(i)
    return found


def compare_vectors(claim: Claim, rows: Sequence[Vectors]) -> dict[str, float]:
    """Return how near the claim is to the lines together, and to the nearest of them."""
    return {
        "similarity": float(mean_vector(np.vstack(rows)) @ claim.vector),
        "similarity of best line": max(float(mean_vector(line) @ claim.vector) for line in rows),
    }


def compare_facts(
    claim: Claim, read: PassageLines, vectors: PassageVectors, lines: Sequence[Line]
) -> dict[str, float]:
    """Return how the numbers and names of the claim stand in the passage."""
    number, around_number = compare_numbers(claim, read, vectors)
    name, around_name = compare_names(claim, read, vectors)
    stems = frozenset().union(*(line.stems for line in lines))
    kept, kept_of_both = pairs_kept(claim.terms, [line.terms for line in lines], stems)
    inside = [
        other
        for other in read.source.facts.quantities
        if any(line.start <= other.start < line.end for line in lines)
    ]
    away = [
        not any(quantity.is_said_by(other) for other in inside)
        for quantity in claim.facts.quantities
    ]
    names = [not has_term(stems, term) for term in claim.terms if term.is_name]
    context = stems | read.context
    strange = [t for t in claim.terms if t.is_name and not has_term(context, t)]
    has_pronoun = any(DANGLING.match(line.plain) for line in lines)
    return {
        "pairs kept": kept,
        "pairs kept where both stand": kept_of_both,
        "numbers elsewhere": float(np.mean(away)) if away else 0.0,
        "names elsewhere": float(np.mean(names)) if names else 0.0,
        "name out of line": bool(strange) and not has_pronoun,
        "number in place": number,
        "number's neighbours": around_number,
        "name in place": name,
        "name's neighbours": around_name,
    }


def longest_run(flags: NDArray[np.bool_]) -> int:
    """Return the most true values in a row.

    >>> longest_run(np.array([True, False, True, True]))
    2
    """
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
