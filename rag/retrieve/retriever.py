"""Query → hits, from an index: dense and lexical candidates, fused, without repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.ingest.split import embedded_text
from rag.read.reader import Reader
from rag.records import Encoder, Hit, Passage, check_k
from rag.retrieve.copies import normalize_text, overlap
from rag.retrieve.fusion import Ranking, add_neighbours, combine
from rag.retrieve.match import QueryTokens
from rag.retrieve.reranking import N_RERANKED, rerank
from rag.retrieve.said import find_articles

Mode = Literal["dense", "lexical", "hybrid"]

N_CANDIDATES = 100  # of each ranking; 50 or 200 make no difference in benchmarks/chunking.py
DENSE_WEIGHT = 0.5  # equal parts; 0.4 is as good
NEIGHBOUR_WEIGHT = 0.3  # 0 loses a point of recall there, beyond 0.4 nothing is gained
N_MATCHED = 10  # candidates compared term by term; 20 cost twice the time for half a point
MATCH_WEIGHT = 2.0  # of that comparison beside the fused score; 1 and 4 are as good
# Of standing in the article spoken of. Of 342 follow-ups of training/written 98.5 % have the answer
# among five hits then, not 95.9; of 300 questions that turn to another article 88.0, not 88.7.
SAID_WEIGHT = 0.1


class Searchable(Protocol):
    """What a retriever needs of an index; passages are numbered."""

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102


class IndexRetriever:
    """Finds the passages of an index for a query; see `rag.records.Retriever`.

    ``mode`` says what counts. In ``dense`` mode a hit's score is the cosine, in ``lexical`` mode
    BM25's. In ``hybrid`` mode both rankings and the passage's neighbours count, and the best
    candidates are compared with the query term by term; the score is between 0 and 1. Where there
    is a ``reader``, it reads the best of them and counts, too.
    """

    def __init__(
        self,
        index: Searchable,
        encoder: Encoder,
        *,
        mode: Mode = "hybrid",
        reader: Reader | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.mode = mode
        self.reader = reader if mode == "hybrid" else None

    def retrieve(self, query: str, k: int) -> list[Hit]:
        """Return at most ``k`` hits, best first; ties in order of the index.

        Raises:
            ValueError: ``k`` is below 1.
        """
        return self.retrieve_all([(query, 1.0)], k)

    def retrieve_all(
        self, queries: Sequence[tuple[str, float]], k: int, *, said: str = ""
    ) -> list[Hit]:
        """Return at most ``k`` hits for several weighted forms of one question.

        The score is the weighted mean over the forms; ranks in the single rankings are the best.
        In ``hybrid`` mode the articles count in which that stands which was ``said`` before.

        Raises:
            ValueError: ``k`` is below 1, or there is no query.
        """
        check_k(k)
        if not queries:
            raise ValueError("queries must hold at least one query, got none")
        depth = max(N_CANDIDATES, 2 * k)
        vectors = (
            self.encoder.encode_queries([query for query, _ in queries])
            if self.mode != "lexical"
            else [None] * len(queries)
        )
        scores: dict[int, float] = {}
        ranks: tuple[dict[int, int], dict[int, int]] = ({}, {})
        total = sum(weight for _, weight in queries)
        for (query, weight), vector in zip(queries, vectors, strict=True):
            dense = [] if vector is None else self.index.search_dense(vector, depth)
            lexical = [] if self.mode == "dense" else self.index.search_lexical(query, depth)
            for passage, score in self._score(dense, lexical).items():
                scores[passage] = scores.get(passage, 0.0) + score * weight / total
            for best, ranking in zip(ranks, (dense, lexical), strict=True):
                for rank, (passage, _) in enumerate(ranking, start=1):
                    best[passage] = min(rank, best.get(passage, rank))
        ids = sorted(scores)
        passages = dict(zip(ids, self.index.passages(ids), strict=True))
        if self.mode == "hybrid":
            sections = {number: (p.doc_id, p.heading) for number, p in passages.items()}
            scores = add_neighbours(scores, sections, weight=NEIGHBOUR_WEIGHT)
            if said:
                spoken_of = find_articles(self.index, said)
                scores = {
                    number: (score + SAID_WEIGHT * (passages[number].doc_id in spoken_of))
                    / (1 + SAID_WEIGHT)
                    for number, score in scores.items()
                }
            # The last form is the one with all its context.
            scores = self._compare(queries[-1][0], scores, passages, max(k, N_MATCHED))
        if self.reader is None:
            return select_hits(scores, passages, ranks, k)
        hits = select_hits(scores, passages, ranks, max(k, N_RERANKED))
        return rerank(queries[-1][0], hits, self.reader, k)

    def _score(self, dense: Ranking, lexical: Ranking) -> dict[int, float]:
        if self.mode == "hybrid":
            return combine(dense, lexical, dense_weight=DENSE_WEIGHT)
        return dict(dense or lexical)

    def _compare(
        self, query: str, scores: dict[int, float], passages: dict[int, Passage], n: int
    ) -> dict[int, float]:
        """Return the scores with the match of the best ``n``; the others stay below them."""
        best = sorted(scores, key=lambda number: (-scores[number], number))[:n]
        tokens = QueryTokens.of(query, self.encoder)
        texts = self.encoder.embed_tokens([embedded_text(passages[number]) for number in best])
        compared = {number: score / (1 + MATCH_WEIGHT) for number, score in scores.items()}
        for number, (rows, _) in zip(best, texts, strict=True):
            match = max(0.0, float(tokens.match(rows) @ tokens.weights))
            compared[number] += match * MATCH_WEIGHT / (1 + MATCH_WEIGHT)
        return compared


def select_hits(
    scores: Mapping[int, float],
    passages: Mapping[int, Passage],
    ranks: tuple[Mapping[int, int], Mapping[int, int]],
    k: int,
) -> list[Hit]:
    """Return the ``k`` best passages as hits, without those that repeat or overlap a better one."""
    hits: list[Hit] = []
    seen: set[str] = set()
    dense_ranks, lexical_ranks = ranks
    for number in sorted(scores, key=lambda number: (-scores[number], number)):
        passage = passages[number]
        text = normalize_text(passage.text)
        if text in seen or any(overlap(passage, hit.passage) for hit in hits):
            continue
        seen.add(text)
        rank = len(hits) + 1
        found_at = dense_ranks.get(number), lexical_ranks.get(number)
        hits.append(Hit(passage, scores[number], rank, *found_at))
        if len(hits) == k:
            break
    return hits
