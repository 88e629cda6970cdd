"""What an opened index offers, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.index.fingerprint import Fingerprint
from rag.index.tables import DocumentRow
from rag.records import Document, Passage


class OpenIndex(Protocol):
    """One generation of an index, opened for reading; `Index` says what each part promises.

    Passages are numbered; those of one document follow each other, one apart.
    """

    @property
    def edition(self) -> str: ...  # noqa: D102
    @property
    def built_at(self) -> str: ...  # noqa: D102
    @property
    def n_documents(self) -> int: ...  # noqa: D102
    @property
    def n_passages(self) -> int: ...  # noqa: D102
    @property
    def notices(self) -> tuple[str, ...]: ...  # noqa: D102

    def refresh(self) -> OpenIndex: ...  # noqa: D102
    def documents(self) -> list[DocumentRow]: ...  # noqa: D102
    def document(self, doc_id: str) -> Document: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102
    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]: ...  # noqa: D102
    def document_frequency(self, words: Sequence[str]) -> dict[str, int]: ...  # noqa: D102


class StoredIndex(OpenIndex, Protocol):
    """An opened index that a store holds as a whole."""

    @property
    def fingerprint(self) -> Fingerprint: ...  # noqa: D102
    @property
    def generation(self) -> int: ...  # noqa: D102

    def refresh(self) -> StoredIndex: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
    def iter_passages(self) -> Iterator[tuple[int, Passage]]: ...  # noqa: D102
