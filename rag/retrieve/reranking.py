"""Hits → the same hits, in the order of their scores and of what a reader says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rag.ingest.split import read_above
from rag.read.reader import Reader
from rag.records import Hit

N_RERANKED = 6  # hits that are read; with 10 no more is found, and each takes 14 ms
READER_WEIGHT = 0.2  # of the reader's probability beside the score; 0.1 and 0.3 are as good


def rescore(
    question: str,
    texts: Sequence[str],
    scores: Sequence[float],
    reader: Reader,
    contexts: Sequence[str] = (),
) -> NDArray[np.float64]:
    """Return the weighted mean of each text's score and the probability that it answers.

    The texts come best first, each with its context if there are any. The first `N_RERANKED` are
    read; the others stay below them, as if they answered nothing. Scores between 0 and 1 stay
    there. Shape ``(n,)``, in the order of the texts.

    Source: after Nogueira and Cho, Passage re-ranking with BERT, 2019, which drops the first score.
    """
    readings = reader.read(question, texts[:N_RERANKED], contexts[:N_RERANKED])
    likely = np.zeros(len(texts))
    likely[: len(readings)] = [1 / (1 + np.exp(-reading.answerable)) for reading in readings]
    return (np.array(scores) + READER_WEIGHT * likely) / (1 + READER_WEIGHT)


def rerank(question: str, hits: Sequence[Hit], reader: Reader, k: int) -> list[Hit]:
    """Return the ``k`` best of the hits by score and reader, ranked from 1; ties as before."""
    scores = rescore(
        question,
        [hit.passage.text for hit in hits],
        [hit.score for hit in hits],
        reader,
        [read_above(hit.passage) for hit in hits],
    )
    order = np.argsort(-scores, kind="stable")[:k]
    return [
        replace(hits[i], score=float(scores[i]), rank=rank) for rank, i in enumerate(order, start=1)
    ]
