"""Two rankings of passages → one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

Ranking = Sequence[tuple[int, float]]
"""``(passage, score)``, best first."""


def normalize(ranking: Ranking) -> dict[int, float]:
    """Return each passage's score, scaled to 0 (the worst of the ranking) to 1 (the best).

    Where all scores are equal, all are 1. No ranking gives no scores.

    >>> normalize([(7, 3.0), (8, 2.0), (9, 1.0)])
    {7: 1.0, 8: 0.5, 9: 0.0}

    Source: Lee, Analyses of multiple evidence combination, SIGIR 1997 (min–max).
    """
    if not ranking:
        return {}
    scores = [score for _, score in ranking]
    low, high = min(scores), max(scores)
    if high == low:
        return dict.fromkeys((passage for passage, _ in ranking), 1.0)
    return {passage: (score - low) / (high - low) for passage, score in ranking}


def combine(dense: Ranking, lexical: Ranking, *, dense_weight: float) -> dict[int, float]:
    """Return the weighted mean of the normalised scores; 0 where a ranking lacks a passage.

    >>> combine([(1, 0.9), (2, 0.1)], [(2, 5.0)], dense_weight=0.5) == {1: 0.5, 2: 0.5}
    True

    Source: Bruch, Gai and Ingber, An analysis of fusion functions for hybrid retrieval, ACM TOIS
    2023: the convex combination, which they and benchmarks/chunking.py find better than
    reciprocal rank fusion.
    """
    first, second = normalize(dense), normalize(lexical)
    return {
        passage: dense_weight * first.get(passage, 0.0)
        + (1 - dense_weight) * second.get(passage, 0.0)
        for passage in [*first, *(passage for passage in second if passage not in first)]
    }


def add_neighbours(
    scores: Mapping[int, float], sections: Mapping[int, Hashable], *, weight: float
) -> dict[int, float]:
    """Return the scores with a share of the better neighbour's: what stands beside an answer.

    Passages of one document have consecutive numbers, in reading order; only those of one section
    are neighbours. The result is divided by ``1 + weight``, so that scores stay between 0 and 1.

    >>> add_neighbours({4: 1.0, 5: 0.5}, {4: "a", 5: "a"}, weight=1.0)
    {4: 0.75, 5: 0.75}
    >>> add_neighbours({4: 1.0, 5: 0.5}, {4: "a", 5: "b"}, weight=1.0)
    {4: 0.5, 5: 0.25}

    Source: a passage's surroundings as evidence, as in Fernández, Losada and Azzopardi, Extending
    the language modeling framework for sentence retrieval to include local context, 2011.
    """

    def neighbour(passage: int, other: int) -> float:
        return scores[other] if sections.get(other) == sections[passage] else 0.0

    return {
        passage: (
            score + weight * max(neighbour(passage, passage - 1), neighbour(passage, passage + 1))
        )
        / (1 + weight)
        for passage, score in scores.items()
    }
