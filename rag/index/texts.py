"""Whole texts to be ranked, each as one passage: what retrieval benchmarks search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.index.dense import DenseIndex
from rag.index.lexical import LexicalIndex
from rag.records import Vectors


class TextRanker(Protocol):
    """Ranks texts, which are numbered in the order in which they were added, from 0."""

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Take all texts, once, and unit rows for them, if they are to be searched by vector."""
        ...

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return number and cosine of the ``k`` nearest texts, best first, ties by number."""
        ...

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return number and BM25 score of the ``k`` best texts, best first, ties by number."""
        ...


class LocalTexts:
    """Texts in memory, ranked as the local index ranks passages."""

    def __init__(self) -> None:
        self._lexical = LexicalIndex.build(())
        self._dense = DenseIndex.build((), 1)

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Take all texts, once, and unit rows for them, if they are to be searched by vector."""
        self._lexical = LexicalIndex.build(enumerate(texts))
        if vectors is not None:
            ids = np.arange(len(texts), dtype=np.int64)
            self._dense = DenseIndex.build([(ids, vectors)], vectors.shape[1])

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return number and cosine of the ``k`` nearest texts, best first, ties by number."""
        return self._dense.search(vector, k)

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return number and BM25 score of the ``k`` best texts, best first, ties by number."""
        return self._lexical.search(query, k)
