"""Vectors and words ranked by Milvus, as the local index ranks them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.index.milvus.schema import to_number, write_terms
from rag.index.milvus.server import Server
from rag.records import check_k


def rank_dense(
    server: Server, collection: str, vector: NDArray[np.float32], k: int, seen: str = ""
) -> list[tuple[int, float]]:
    """Return number and cosine of the ``k`` passages nearest to a unit vector.

    Best first, ties by number; of the rows that meet the condition ``seen``.

    Raises:
        ValueError: if ``k`` is below 1, or the vector is not one row of finite numbers.
    """
    check_k(k)
    row = np.asarray(vector, dtype=np.float32)
    if row.size != row.shape[-1] or not np.isfinite(row).all():
        raise ValueError(f"vector must be one row of finite numbers, got shape {row.shape}")
    found = server.search(collection, "vector", row.reshape(-1).tolist(), k, seen, "IP")
    return _by_score([(to_number(key), score) for key, score in found])


def rank_lexical(
    server: Server, collection: str, query: str, k: int, seen: str = ""
) -> list[tuple[int, float]]:
    """Return number and BM25 score of the ``k`` passages that best match a query's words.

    Best first, ties by number; of the rows with one of the words that meet the condition ``seen``.

    Raises:
        ValueError: if ``k`` is below 1.
    """
    check_k(k)
    words = dict.fromkeys(write_terms(query).split())  # saying a word twice makes it no weightier
    if not words:
        return []
    found = server.search(collection, "bm25", " ".join(words), k, seen, "BM25")
    # The better, the larger; but milvus-lite gives these scores a minus sign.
    return _by_score([(to_number(key), abs(score)) for key, score in found])


def _by_score(found: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return sorted(found, key=lambda hit: (-hit[1], hit[0]))
