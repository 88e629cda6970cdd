"""Two indexes searched as one: the articles of everybody, and those of one person."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.index.opened import OpenIndex
from rag.index.tables import DocumentRow
from rag.records import Document, Passage

SECOND = 1 << 200  # beyond every row id, those of Milvus included
_WORD = re.compile(r"[^\W_]+")


class JoinedIndex:
    """What `Index` offers, over the documents of two of them, which share their encoder.

    No document of one has the ``doc_id`` of one of the other: where it did, the first would hide
    the second. A passage keeps its row id if it is the first's, and has it beyond `SECOND` if it
    is the second's, so that passages of one document stay one apart. May be shared by threads.
    """

    def __init__(self, first: OpenIndex, second: OpenIndex) -> None:
        self._parts = (first, second)

    @property
    def n_documents(self) -> int:
        """How many documents there are."""
        return sum(part.n_documents for part in self._parts)

    @property
    def n_passages(self) -> int:
        """How many passages there are."""
        return sum(part.n_passages for part in self._parts)

    @property
    def built_at(self) -> str:
        """When the newer one was built, in ISO 8601."""
        return max(part.built_at for part in self._parts)

    @property
    def edition(self) -> str:
        """The name of this state of both, and of no other."""
        return "+".join(part.edition for part in self._parts)

    @property
    def notices(self) -> tuple[str, ...]:
        """The notices of both."""
        return tuple(notice for part in self._parts for notice in part.notices)

    def refresh(self) -> JoinedIndex:
        """Return this, or a joined index of newer generations where there are some.

        Raises:
            IndexMismatchError, IndexDamagedError: as `Index.refresh`.
        """
        first, second = (part.refresh() for part in self._parts)
        return self if (first, second) == self._parts else JoinedIndex(first, second)

    def documents(self) -> list[DocumentRow]:
        """Return what a list of the documents shows, ordered by ``doc_id``."""
        rows = [row for part in self._parts for row in part.documents()]
        return sorted(rows, key=lambda row: row.doc_id)

    def document(self, doc_id: str) -> Document:
        """Return a document with its whole text.

        Raises:
            KeyError: if there is no such document.
        """
        first, second = self._parts
        try:
            return first.document(doc_id)
        except KeyError:
            return second.document(doc_id)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these row ids, in the order given.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        found: dict[int, Passage] = {}
        for side, part in enumerate(self._parts):
            here = [number for number in ids if (number >= SECOND) == bool(side)]
            passages = part.passages([number - side * SECOND for number in here])
            found.update(zip(here, passages, strict=True))
        return [found[number] for number in ids]

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return row id and cosine of the ``k`` passages nearest to a query's unit vector.

        Raises:
            ValueError: as `Index.search_dense`.
        """
        return _merge([part.search_dense(vector, k) for part in self._parts], k)

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return row id and score of the ``k`` passages that best match a query's words.

        A word is as rare as it is in both together. BM25 adds up its terms, and each index weighs
        them by its own: the scores of each are scaled by how much rarer or more common the query's
        words are in both. For a query of one word that is exact, but for the lengths of passages,
        which are compared with the average of their own index.

        Raises:
            ValueError: if ``k`` is below 1.
        """
        words = list(dict.fromkeys(_WORD.findall(query.lower())))
        both = self.document_frequency(words)
        rankings = []
        for part in self._parts:
            own = part.document_frequency(words)
            there = [word for word in words if own[word]]
            rarity = sum(_rarity(part.n_passages, own[word]) for word in there)
            jointly = sum(_rarity(self.n_passages, both[word]) for word in there)
            scale = jointly / rarity if rarity else 1.0
            ranking = part.search_lexical(query, k)
            rankings.append([(number, score * scale) for number, score in ranking])
        return _merge(rankings, k)

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of a query's unit vector with each of the passages, by row id.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        found: dict[int, float] = {}
        for side, part in enumerate(self._parts):
            origin = side * SECOND
            here = [number - origin for number in ids if (number >= SECOND) == bool(side)]
            cosines = part.cosines(vector, here) if here else {}
            found.update({origin + number: cosine for number, cosine in cosines.items()})
        return found

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word how many passages have it, in any of its forms."""
        counts = [part.document_frequency(words) for part in self._parts]
        return {word: sum(count[word] for count in counts) for word in words}


def _merge(rankings: Sequence[Sequence[tuple[int, float]]], k: int) -> list[tuple[int, float]]:
    """Return the best ``k`` of two rankings, best first, ties by id."""
    merged = [
        (number + side * SECOND, score)
        for side, ranking in enumerate(rankings)
        for number, score in ranking
    ]
    return sorted(merged, key=lambda hit: (-hit[1], hit[0]))[:k]


def _rarity(n_passages: int, n_with: int) -> float:
    """Return BM25's weight of a term that so many of the passages have."""
    return math.log(1 + (n_passages - n_with + 0.5) / (n_with + 0.5))
