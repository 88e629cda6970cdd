"""Vectors, searched by cosine: FAISS, derived from the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.tables import Ids
from rag.records import Vectors, check_k

EXACT = "IDMap,Flat"  # every vector is compared
FILE, CARD = "vectors.faiss", "dense.json"
_VERSION = 2  # raised with every change of what is saved, or of which index is chosen


@dataclass(frozen=True, slots=True)
class DenseCard:
    """Which index was chosen, as FAISS's factory names it, and what it was measured to find.

    ``recall`` is the share of the ten nearest passages that are among the candidates of a search,
    over ``n_measured`` stand-ins for questions, see `rag.index.clusters`; it is 1 for an exact
    index. ``n_probes`` is how many lists a search looks through, 0 for an exact one.
    """

    factory: str = EXACT
    n_probes: int = 0
    recall: float = 1.0
    n_measured: int = 0

    @classmethod
    def read(cls, folder: Path) -> DenseCard:
        """Return the card in the folder, whose checksum the caller has verified."""
        return cls(**json.loads((folder / CARD).read_bytes()))


class DenseIndex:
    """Unit vectors under the row ids of their passages. May be searched by several threads.

    Exact, or one that `rag.index.clusters` has built, whose scores are near the cosine.
    """

    def __init__(self, index: Any, card: DenseCard | None = None) -> None:
        self._index = index
        self.card = card or DenseCard()

    @classmethod
    def build(cls, blocks: Iterable[tuple[Ids, Vectors]], dimension: int) -> DenseIndex:
        """Return the exact index of all blocks of row ids ``(n,)`` and unit rows ``(n, d)``."""
        import faiss

        index = cls(faiss.index_factory(dimension, EXACT, faiss.METRIC_INNER_PRODUCT))
        index.add(blocks)
        return index

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Return the index saved in the folder, whose checksums the caller has verified.

        FAISS loads most files with flipped bits without complaint. A large index stays on disk,
        and what is searched of it is kept in memory by the operating system.
        """
        import faiss

        card = DenseCard.read(folder)
        if card.factory == EXACT:
            return cls(faiss.read_index(str(folder / FILE)), card)
        index: Any = faiss.read_index(str(folder / FILE), faiss.IO_FLAG_MMAP)
        lists: Any = faiss.downcast_InvertedLists(index.invlists)
        # It would start threads for every search, which read ahead what is in memory already.
        lists.prefetch_nthread = 0
        return cls(index, card)

    @classmethod
    def update(cls, folder: Path, removed: Ids, added: Iterable[tuple[Ids, Vectors]]) -> DenseIndex:
        """Return the index in the folder, after taking out row ids and putting in blocks.

        The file is replaced: a new one is written, the old one may have other names. Costs
        reading and writing it, and nothing is trained again.
        """
        import faiss

        card = DenseCard.read(folder)
        index = cls(faiss.read_index(str(folder / FILE)), card)
        if len(removed):
            index._index.remove_ids(np.ascontiguousarray(removed, dtype=np.int64))
        index.add(added)
        for name in (FILE, CARD):
            (folder / name).unlink()
        index.save(folder)
        return index

    def save(self, folder: Path) -> None:
        """Write the index into the folder.

        The bytes pass through Python: FAISS's own writer says nothing of a full disk where the
        index is smaller than its buffer.
        """
        import faiss

        (folder / CARD).write_text(json.dumps(asdict(self.card)), encoding="utf-8")
        with (folder / FILE).open("wb") as file:
            writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined]  # by SWIG
            faiss.write_index(self._index, writer)

    @staticmethod
    def maker() -> str:
        """Return what a saved index depends on besides the vectors."""
        import faiss

        return f"faiss {faiss.__version__} dense {_VERSION}"

    @property
    def n_vectors(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    @property
    def is_exact(self) -> bool:
        """Whether every vector is compared, and scores are cosines."""
        return self.card.factory == EXACT

    def add(self, blocks: Iterable[tuple[Ids, Vectors]]) -> None:
        """Put in blocks of row ids ``(n,)`` and unit rows ``(n, d)``."""
        for ids, vectors in blocks:
            _check_width(vectors, self._index.d)
            self._index.add_with_ids(vectors, ids)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return row id and score of the ``k`` nearest vectors, best first, ties by id.

        ``vector`` is one unit row of shape ``(d,)`` or ``(1, d)``. Fewer than ``k`` come back
        where there are fewer.

        Raises:
            ValueError: if ``k`` is below 1, or the vector is not one finite row of the dimension.
        """
        check_k(k)
        row = np.ascontiguousarray(vector, dtype=np.float32).reshape(-1, vector.shape[-1])
        _check_width(row, self._index.d)
        if len(row) != 1 or not np.isfinite(row).all():
            raise ValueError(f"vector must be one row of finite numbers, got {len(row)} rows")
        with one_thread():
            scores, ids = self._index.search(row, min(k, max(self.n_vectors, 1)))
        # FAISS fills up with id -1, and passages[-1] would be a passage.
        found = [
            (int(row_id), float(score))
            for row_id, score in zip(ids[0], scores[0], strict=True)
            if row_id >= 0 and np.isfinite(score)
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep FAISS from sharing out one question: 2.5 ms instead of 12, at 31,000 vectors."""
    import faiss

    usual = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(usual)


def _check_width(vectors: Vectors, dimension: int) -> None:
    # FAISS has an assert for this, which python -O removes: it then reads past the row.
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise ValueError(f"vectors must have {dimension} columns, got shape {vectors.shape}")
