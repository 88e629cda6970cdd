"""Query and text, term by term: how near the text comes to each thing that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.records import Encoder, Vectors
from rag.retrieve.terms import Term, query_terms


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """A query's content terms, their weights, which add up to 1, and the rows of their tokens."""

    terms: tuple[Term, ...]
    weights: NDArray[np.float64]
    rows: tuple[Vectors, ...]

    @classmethod
    def of(cls, query: str, encoder: Encoder) -> QueryTokens:
        """Return the tokens of a query, in its context."""
        terms = tuple(query_terms(query))
        weights = np.array([term.weight for term in terms])
        ((vectors, spans),) = encoder.embed_tokens([query])
        rows = tuple(vectors[tokens_within(spans, term.start, term.end)] for term in terms)
        return cls(terms, weights / weights.sum() if terms else weights, rows)

    def match(self, text: Vectors) -> NDArray[np.float64]:
        """Return for each term the cosine of the nearest token of a text, mean over its tokens.

        Source: Khattab and Zaharia, ColBERT, SIGIR 2020: the best cosine of each token of the
        query; here for content terms only, and with an encoder that was not trained for it.
        """
        return np.array(
            [
                float((rows @ text.T).max(axis=1).mean()) if len(rows) and len(text) else 0.0
                for rows in self.rows
            ]
        )


def tokens_within(spans: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """Return the positions of the tokens that touch the characters ``[start, end)``."""
    return [i for i, (first, last) in enumerate(spans) if first < end and last > start]
