"""A query, read once for all sentences: its kind, what it asks for, its tokens and vector."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generate.cues import Cues, read_cues
from rag.records import Encoder, Vectors
from rag.retrieve.kinds import Kind, expected_kind
from rag.retrieve.match import QueryTokens, tokens_within
from rag.retrieve.terms import Term, is_content, read_stems, read_terms, split_context

ASKING = re.compile(
    r"\b(?:which|what|whose|how many|how much|how|who|whom|when|where|why)\b", re.IGNORECASE
)
ASKING_FOR = re.compile(r"\b(?:which|what|whose|how many|how much|how)\b", re.IGNORECASE)
N_FOCUS = 2  # words: "which Pakistani banks", "how many electric vehicles"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, read once for all sentences."""

    kind: Kind
    tokens: QueryTokens
    focus: NDArray[np.float64]  # see `find_focus`
    asking: Vectors  # the tokens of "who", "how many", …; of the whole question if there are none
    stems: frozenset[str]  # of all its words
    cues: Cues
    vector: NDArray[np.float32]


def read_query(query: str, encoder: Encoder) -> Asked:
    """Return the kind, the terms and the vector of a query; the kind is that of its question."""
    question, context = split_context(query)
    vectors = encoder.encode_queries([question, query] if context else [query])
    ((rows, spans),) = encoder.embed_tokens([query])
    asking = ASKING.search(question)
    within = tokens_within(spans, asking.start(), asking.end()) if asking else []
    tokens = QueryTokens.of(query, encoder)
    return Asked(
        expected_kind(question),
        tokens,
        find_focus(tokens.terms, question),
        rows[within] if within else rows,
        frozenset(read_stems(query)),
        read_cues(question),
        unit(vectors.mean(axis=0)),
    )


def find_focus(terms: Sequence[Term], question: str) -> NDArray[np.float64]:
    """Return weights, sum 1, of the terms that name what is asked for; all 0 if none does.

    >>> terms = read_terms("Which banks will attend?")
    >>> find_focus(terms, "Which banks will attend?").tolist()
    [0.0, 1.0, 0.0, 0.0]
    """
    asking = ASKING_FOR.search(question)
    if asking is None:
        return np.zeros(len(terms))
    starts = set()
    for word in read_terms(question[asking.end() :])[:N_FOCUS]:
        if not is_content(word):
            break
        starts.add(asking.end() + word.start)
    chosen = np.array([float(term.start in starts) for term in terms])
    return chosen / max(float(chosen.sum()), 1.0)


def cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the cosine of two vectors of any length; 0 for a vector of zeros."""
    return float(unit(first) @ unit(second))


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vector scaled to length 1; a vector of zeros stays as it is."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector
