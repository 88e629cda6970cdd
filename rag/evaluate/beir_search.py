"""The product's three ways to rank, over the whole documents of a BEIR set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rag.evaluate.beir import whole_text
from rag.index.texts import LocalTexts, TextRanker
from rag.read.reader import Reader
from rag.records import Document, Encoder
from rag.retrieve.fusion import Ranking, combine
from rag.retrieve.reranking import rescore
from rag.retrieve.retriever import DENSE_WEIGHT, N_CANDIDATES, Mode

TEXTS_AT_ONCE = 64  # encoded between two reports of progress: a second or two


class DocumentSearch:
    """Documents to be searched, each as one passage: its title, a space and its text.

    Nothing is cut into passages, so that the figures compare with published ones; of what the
    encoder does not see it knows nothing, BM25 has it all.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        ranker: TextRanker,
        encoder: Encoder | None = None,
    ) -> None:
        self._texts = texts
        self._doc_ids = list(texts)
        self._ranker = ranker
        self._encoder = encoder

    @classmethod
    def from_documents(
        cls,
        documents: Sequence[Document],
        encoder: Encoder | None,
        *,
        ranker: TextRanker | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> DocumentSearch:
        """Return the search over these documents; with no encoder it is lexical only.

        The ``ranker`` holds what is searched; by default it is the local one, in memory.
        ``on_progress`` is told how many documents are encoded and how many there are.

        Raises:
            ValueError: if there are no documents.
        """
        if not documents:
            raise ValueError("documents must not be empty, got none; give at least one")
        by_id = {document.doc_id: whole_text(document) for document in documents}
        texts = list(by_id.values())
        ranker = LocalTexts() if ranker is None else ranker
        if encoder is None:
            ranker.add(texts, None)
            return cls(by_id, ranker)
        blocks = []
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            vectors = encoder.encode_passages(texts[first : first + TEXTS_AT_ONCE])
            blocks.append(vectors)
            if on_progress is not None:
                on_progress(first + len(vectors), len(texts))
        ranker.add(texts, np.concatenate(blocks))
        return cls(by_id, ranker, encoder)

    def search(
        self, queries: Sequence[str], *, mode: Mode = "hybrid", depth: int = N_CANDIDATES
    ) -> list[dict[str, float]]:
        """Return ``doc_id → score`` for each query, in order.

        ``dense`` is the exact inner product, ``lexical`` BM25, ``hybrid`` the fusion of the two
        with the weight of retrieval. ``depth`` is how many documents of each ranking count.

        Raises:
            ValueError: if ``mode`` needs an encoder and there is none.
        """
        lexical: list[Ranking] = []
        if mode != "dense":
            lexical = [self._ranker.search_lexical(query, depth) for query in queries]
        if mode == "lexical":
            return [self._by_id(dict(ranking)) for ranking in lexical]
        dense = self._search_dense(queries, depth)
        if mode == "dense":
            return [self._by_id(dict(ranking)) for ranking in dense]
        return [
            self._by_id(combine(*rankings, dense_weight=DENSE_WEIGHT))
            for rankings in zip(dense, lexical, strict=True)
        ]

    def rerank(
        self, queries: Sequence[str], rankings: Sequence[Mapping[str, float]], reader: Reader
    ) -> list[dict[str, float]]:
        """Return the rankings in the order that retrieval gives them where a reader reads."""
        reranked = []
        for query, scores in zip(queries, rankings, strict=True):
            order = sorted(scores, key=lambda doc_id: -scores[doc_id])
            read = rescore(
                query, [self._texts[i] for i in order], [scores[i] for i in order], reader
            )
            reranked.append(dict(zip(order, map(float, read), strict=True)))
        return reranked

    def _search_dense(self, queries: Sequence[str], depth: int) -> list[Ranking]:
        if self._encoder is None:
            raise ValueError("mode must be 'lexical' without an encoder; give one for the others")
        vectors = self._encoder.encode_queries(queries)
        return [self._ranker.search_dense(vector, depth) for vector in vectors]

    def _by_id(self, scores: dict[int, float]) -> dict[str, float]:
        return {self._doc_ids[number]: score for number, score in scores.items()}
