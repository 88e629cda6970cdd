"""Query and hits → every sentence of the hits, with what speaks for its being the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generate.asked import read_query
from rag.generate.claims import split_plain
from rag.generate.features import FEATURES, Sentence, embed_sentences, read_hit
from rag.ingest.split import embedded_text
from rag.records import Encoder, Hit
from rag.retrieve.terms import Kind, Term


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of the hits, in order of the hits, and the numbers that speak for each.

    ``features`` has a row for each sentence and a column for each of `FEATURES`. ``matches`` has
    a row for each sentence and a column for each of ``terms``, the content terms of the query:
    the cosine of the term and the nearest token of the sentence, both in context. ``overlaps``
    has the same shape: whether the sentence holds the term. ``weights`` and ``local_weights`` of
    the terms add up to 1; the latter fall with the number of sentences that hold the term.
    """

    kind: Kind
    terms: tuple[Term, ...]
    weights: NDArray[np.float64]
    local_weights: NDArray[np.float64]
    sentences: tuple[Sentence, ...]
    features: NDArray[np.float64]
    matches: NDArray[np.float64]
    overlaps: NDArray[np.float64]


def gather_evidence(query: str, hits: Sequence[Hit], encoder: Encoder) -> Evidence:
    """Return every sentence of the hits with its features; headings are not sentences."""
    asked = read_query(query, encoder)
    embedded = encoder.embed_tokens([embedded_text(hit.passage) for hit in hits])
    sentences: list[Sentence] = []
    tables = []
    for hit, tokens in zip(hits, embedded, strict=True):
        found = find_hit_sentences(hit)
        if found:
            sentences += found
            tables.append(read_hit(asked, hit, found, embed_sentences(hit, found, tokens, encoder)))
    n_terms = len(asked.tokens.terms)
    features = np.vstack([np.zeros((0, len(FEATURES))), *(table[0] for table in tables)])
    matches = np.vstack([np.zeros((0, n_terms)), *(table[1] for table in tables)])
    overlaps = np.vstack([np.zeros((0, n_terms)), *(table[2] for table in tables)])
    local = weigh_locally(asked.tokens.weights, overlaps)
    if sentences:
        features[:, FEATURES.index("match local")] = matches @ local
        features[:, FEATURES.index("overlap local")] = overlaps @ local
        for below, name in (("similarity below best", "similarity"), ("match below best", "match")):
            column = features[:, FEATURES.index(name)]
            features[:, FEATURES.index(below)] = column - column.max()
    terms, weights = asked.tokens.terms, asked.tokens.weights
    return Evidence(
        asked.kind, terms, weights, local, tuple(sentences), features, matches, overlaps
    )


def weigh_locally(
    weights: NDArray[np.float64], overlaps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights times an inverse frequency of the terms in these sentences, sum 1.

    In articles that are all about one thing its words tell little; what few sentences hold, or
    none, is what is asked.
    """
    n = len(overlaps)
    rarity = np.log((n + 1) / (overlaps.sum(axis=0) + 0.5))
    local: NDArray[np.float64] = weights * np.maximum(rarity, 0.05)  # no term stops counting
    return local / local.sum() if len(local) else local


def find_hit_sentences(hit: Hit) -> list[Sentence]:
    """Return the sentences of a hit in order, without headings and what has no word."""
    passage = hit.passage
    return [
        Sentence(hit, passage.start + start, passage.start + end)
        for start, end, _ in split_plain(passage.text)
    ]
