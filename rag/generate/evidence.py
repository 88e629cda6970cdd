"""Query and hits → every sentence of the hits, with what speaks for its being the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.generate.asked import read_query
from rag.generate.check.claims import split_plain
from rag.generate.continuing import add_continuing
from rag.generate.features import (
    FEATURES,
    READ,
    SURE,
    Sentence,
    Span,
    embed_sentences,
    read_hit,
)
from rag.ingest.split import embedded_text, read_above
from rag.read.reader import Reader
from rag.records import Encoder, Hit
from rag.retrieve.kinds import Kind
from rag.retrieve.terms import Term, split_context

MARGIN_OF_SPAN = 2.0  # log-odds below the best short answer that another sentence's may have
LEAST_SPAN = -4.0  # log-odds of an answer that is marked; at 0 fewer are, and no more are right


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of the hits, in order of the hits, and the numbers that speak for each.

    ``features`` has a row for each sentence and a column for each of `FEATURES` and, where a reader
    has read the hits, of `READ`; then ``answers`` has the best short answer in each sentence, as
    characters of its document, and else nothing. ``matches`` has a row for each sentence and a
    column for each of ``terms``, the content terms of the query: the cosine of the term and the
    nearest token of the sentence, both in context. ``overlaps`` has the same shape: whether the
    sentence holds the term. ``weights`` and ``local_weights`` of the terms add up to 1; the latter
    fall with the number of sentences that hold the term. ``is_terse`` says that the query has no
    question mark, as what is typed into a search engine.
    """

    kind: Kind
    terms: tuple[Term, ...]
    weights: NDArray[np.float64]
    local_weights: NDArray[np.float64]
    sentences: tuple[Sentence, ...]
    features: NDArray[np.float64]
    matches: NDArray[np.float64]
    overlaps: NDArray[np.float64]
    answers: tuple[Span | None, ...] = ()
    is_terse: bool = False

    @property
    def is_read(self) -> bool:
        """Whether a reader has read the hits."""
        return bool(self.features.shape[1] > len(FEATURES))

    def short_answers(self) -> dict[Sentence, str]:
        """Return what a reader takes for the answer itself, for the sentences where it is sure."""
        if not self.is_read:
            return {}
        spans = self.features[:, len(FEATURES) + READ.index("read span")]
        return {
            sentence: sentence.hit.passage.cut(*answer)
            for sentence, answer, span in zip(self.sentences, self.answers, spans, strict=True)
            if answer is not None and span > max(LEAST_SPAN, spans.max() - MARGIN_OF_SPAN)
        }


def gather_evidence(
    query: str,
    hits: Sequence[Hit],
    encoder: Encoder,
    reader: Reader | None = None,
    *,
    said: str = "",
) -> Evidence:
    """Return every sentence of the hits with its features; headings are not sentences.

    ``said`` is the answer that the query follows up on.
    """
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
        if said:
            add_continuing(features, sentences, said)
    terms, weights = asked.tokens.terms, asked.tokens.weights
    evidence = Evidence(
        *(asked.kind, terms, weights, local, tuple(sentences), features, matches, overlaps),
        is_terse=not split_context(query)[0].rstrip().endswith("?"),
    )
    return evidence if reader is None else add_readings(evidence, query, hits, reader)


def add_readings(evidence: Evidence, query: str, hits: Sequence[Hit], reader: Reader) -> Evidence:
    """Return the evidence with what a reader says of each sentence."""
    texts = [hit.passage.text for hit in hits]
    read = reader.read(query, texts, [read_above(hit.passage) for hit in hits])
    readings = dict(zip(hits, read, strict=True))
    table = np.zeros((len(evidence.sentences), len(READ)))
    answers: list[Span | None] = []
    for row, sentence in zip(table, evidence.sentences, strict=True):
        reading, origin = readings[sentence.hit], sentence.hit.passage.start
        within = sentence.start - origin, sentence.end - origin
        span, start, end = reading.span_in(*within)
        row[:3] = np.clip([reading.support_of(*within), span, reading.answerable], -SURE, SURE)
        answers.append((origin + start, origin + end) if start < end else None)
    if len(table):
        table[:, 3:] = table[:, :3] - table[:, :3].max(axis=0)
    features = np.hstack([evidence.features, table])
    return replace(evidence, features=features, answers=tuple(answers))


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
        for start, end, _ in split_plain(passage.text, passage.context)
    ]
