"""Numbers and names of a claim → whether they stand among the same words in a passage.

"250 firms came from Pakistan, 200 from China" has both numbers, and does not say that 250 came
from China.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rag.generate.check.claims import Claim, PassageLines, PassageVectors, mean_vector
from rag.generate.entities.names import fold
from rag.retrieve.match import tokens_within
from rag.retrieve.terms import Term, is_content

N_AROUND = 3  # content words on each side in the claim; in the passage, which says more, 6

Span = tuple[int, int]


def compare_numbers(
    claim: Claim, read: PassageLines, vectors: PassageVectors
) -> tuple[float, float]:
    """Return how well the worst-placed number stands, as `compare_places` does; 1 for none."""
    worst = (1.0, 1.0)
    for quantity in claim.facts.quantities:
        there = [
            (other.start, other.end)
            for other in read.source.facts.quantities
            if quantity.is_said_by(other)
        ]
        worst = _lower(
            worst, compare_places(claim, (quantity.start, quantity.end), read, there, vectors)
        )
    return worst


def compare_names(claim: Claim, read: PassageLines, vectors: PassageVectors) -> tuple[float, float]:
    """Return how well the worst-placed name stands, as `compare_places` does; 1 for none."""
    worst = (1.0, 1.0)
    for name in claim.names:
        stem = fold(name.text)
        there = [
            (line.start + term.start, line.start + term.end)
            for line in read.lines
            for term in line.terms
            if fold(term.text) == stem
        ]
        worst = _lower(worst, compare_places(claim, (name.start, name.end), read, there, vectors))
    return worst


def compare_places(
    claim: Claim, here: Span, read: PassageLines, there: Sequence[Span], vectors: PassageVectors
) -> tuple[float, float]:
    """Return the cosine of the place here and the likest there, and the share of words around.

    The share is of the weight of the content words around the place in the claim, 0 to 1. Both
    are 1 where nothing can be compared.
    """
    rows, spans = claim.tokens
    own = mean_vector(rows[tokens_within(spans, *here)])
    cosines, shares = [], []
    around = list(_find_around(claim.words, here, N_AROUND))
    total = sum(term.weight for term in around)
    for start, end in there:
        line = next((line for line in read.lines if line.start <= start < line.end), None)
        if line is None:  # in the title or a heading
            continue
        cosines.append(float(mean_vector(vectors.rows_at(start, end)) @ own))
        stems = {
            term.stem
            for term in _find_around(
                line.terms, (start - line.start, end - line.start), 2 * N_AROUND
            )
        }
        shared = sum(term.weight for term in around if term.stem in stems)
        shares.append(shared / total if total else 1.0)
    return max(cosines, default=1.0), max(shares, default=1.0)


def _find_around(words: Sequence[Term], place: Span, n: int) -> Iterator[Term]:
    content = [term for term in words if is_content(term)]
    yield from [term for term in content if term.end <= place[0]][-n:]
    yield from [term for term in content if term.start >= place[1]][:n]


def _lower(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    return min(first[0], second[0]), min(first[1], second[1])


def pairs_kept(
    terms: Sequence[Term], lines: Sequence[Sequence[Term]], stems: frozenset[str]
) -> tuple[float, float]:
    """Return the share of neighbouring terms that are near, in that order, in one of the lines.

    The second share is of the pairs of which the lines have both; 1 where there are none.
    """
    pairs = [(a.stem, b.stem) for a, b in zip(terms, terms[1:], strict=False) if a.stem != b.stem]
    if not pairs:
        return 1.0, 1.0
    near: set[tuple[str, str]] = set()
    for line in lines:
        content = [term.stem for term in line if is_content(term)]
        for i, first in enumerate(content):
            near.update((first, second) for second in content[i + 1 : i + 1 + N_AROUND])
    kept = np.array([pair in near for pair in pairs])
    both = np.array([first in stems and second in stems for first, second in pairs])
    return float(kept.mean()), float(kept[both].mean()) if both.any() else 1.0
