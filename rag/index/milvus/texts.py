"""Whole texts in Milvus, ranked as it ranks passages; they are gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex

import numpy as np
from numpy.typing import NDArray

from rag.index.milvus.rankings import rank_dense, rank_lexical
from rag.index.milvus.schema import KEY_LENGTH, passage_key, passage_row, passages_schema
from rag.index.milvus.server import Server
from rag.records import Passage, Vectors

ROWS_AT_ONCE = 500  # written at once: a few megabytes
_DOCUMENT = "0" * KEY_LENGTH  # all texts are numbered as the passages of one


class MilvusTexts:
    """Texts in a collection of their own; see `rag.index.texts.TextRanker`."""

    def __init__(self, server: Server, collection: str) -> None:
        self._server = server
        self._collection = collection

    @classmethod
    @contextmanager
    def open(cls, server: Server) -> Iterator[MilvusTexts]:
        """Give a collection for texts, which is dropped at the end of the block."""
        texts = cls(server, f"{server.address.alias}__texts_{token_hex(4)}")
        try:
            yield texts
        finally:
            server.drop(texts._collection)

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Take all texts, once, and unit rows for them, if they are to be searched by vector."""
        rows = np.ones((len(texts), 2), np.float32) if vectors is None else vectors
        exact = self._server.address.path is not None
        self._server.create(self._collection, *passages_schema(rows.shape[1], exact=exact))
        self._server.load(self._collection)
        for first in range(0, len(texts), ROWS_AT_ONCE):
            page = range(first, min(first + ROWS_AT_ONCE, len(texts)))
            passages = [Passage("", "", 0, len(texts[n]), "", texts[n]) for n in page]
            written = [
                passage_row(passage, passage_key(_DOCUMENT, n), rows[n], run=0)
                for n, passage in zip(page, passages, strict=True)
            ]
            self._server.upsert(self._collection, written)
        self._server.settle(self._collection)

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return number and cosine of the ``k`` nearest texts, best first, ties by number."""
        return rank_dense(self._server, self._collection, vector, k)

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return number and BM25 score of the ``k`` best texts, best first, ties by number."""
        return rank_lexical(self._server, self._collection, query, k)
