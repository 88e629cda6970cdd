"""Vectors, searched by cosine: FAISS, derived from the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.tables import Ids
from rag.records import Vectors

FACTORY = "IDMap,Flat"  # exact: every vector is compared
FILE = "vectors.faiss"


class DenseIndex:
    """Unit vectors under the row ids of their passages. May be searched by several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, blocks: Iterable[tuple[Ids, Vectors]], dimension: int) -> DenseIndex:
        """Return the index of all blocks of row ids ``(n,)`` and unit rows ``(n, dimension)``."""
        import faiss

        index = faiss.index_factory(dimension, FACTORY, faiss.METRIC_INNER_PRODUCT)
        for ids, vectors in blocks:
            _check_width(vectors, dimension)
            index.add_with_ids(vectors, ids)
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Return the index saved in the folder, whose checksum the caller has verified.

        FAISS loads most files with flipped bits without complaint.
        """
        import faiss

        return cls(faiss.read_index(str(folder / FILE)))

    def save(self, folder: Path) -> None:
        """Write the index into the folder.

        The bytes pass through Python: FAISS's own writer says nothing of a full disk where the
        index is smaller than its buffer.
        """
        import faiss

        with (folder / FILE).open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined]  # by SWIG
            faiss.write_index(self._index, writer)

    @staticmethod
    def maker() -> str:
        """Return what a saved index depends on besides the vectors."""
        import faiss

        return f"faiss {faiss.__version__} {FACTORY}"

    @property
    def n_vectors(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return row id and cosine of the ``k`` nearest vectors, best first, ties by id.

        ``vector`` is one unit row of shape ``(d,)`` or ``(1, d)``. Fewer than ``k`` come back
        where there are fewer.

        Raises:
            ValueError: if ``k`` is below 1, or the vector is not one finite row of the dimension.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        row = np.ascontiguousarray(vector, dtype=np.float32).reshape(-1, vector.shape[-1])
        _check_width(row, self._index.d)
        if len(row) != 1 or not np.isfinite(row).all():
            raise ValueError(f"vector must be one row of finite numbers, got {len(row)} rows")
        scores, ids = self._index.search(row, min(k, max(self.n_vectors, 1)))
        # FAISS fills up with id -1, and passages[-1] would be a passage.
        found = [
            (int(row_id), float(score))
            for row_id, score in zip(ids[0], scores[0], strict=True)
            if row_id >= 0 and np.isfinite(score)
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


def _check_width(vectors: Vectors, dimension: int) -> None:
    # FAISS has an assert for this, which python -O removes: it then reads past the row.
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise ValueError(f"vectors must have {dimension} columns, got shape {vectors.shape}")
