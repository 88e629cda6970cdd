"""An index, opened for reading: one generation, for as long as it is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index.clusters import N_CANDIDATES
from rag.index.dense import DenseIndex
from rag.index.derived import open_dense, open_lexical
from rag.index.fingerprint import Fingerprint, check_encoder, check_splitter
from rag.index.lexical import LexicalIndex
from rag.index.store import Store
from rag.index.tables import DocumentRow
from rag.records import Document, Encoder, Passage


class Index:
    """One generation of an index: its documents, its passages, and the search for them.

    What is published later is not seen; `refresh` gives it. May be shared by threads. Passages
    are known by row ids, which are never given twice. ``notices`` are sentences for the person,
    such as "the dense index was damaged and has been rebuilt".
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        dense: DenseIndex,
        lexical: LexicalIndex,
        notices: tuple[str, ...] = (),
    ) -> None:
        generation = store.generation
        self.folder = store.folder
        self.fingerprint: Fingerprint = store.fingerprint
        self.generation = generation.number
        self.edition = generation.edition
        self.built_at = generation.built_at
        self.n_documents = generation.n_documents
        self.n_passages = generation.n_passages
        self.dense_card = dense.card
        self.notices = notices
        self._store = store
        self._encoder = encoder
        self._dense = dense
        self._lexical = lexical
        self._lock = threading.Lock()  # the connection is for one thread at a time

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> Index:
        """Return the published generation of the index in the folder.

        A dense or lexical index that is missing, damaged or of another version is rebuilt from
        the store, without encoding anything, and ``notices`` says so.

        Raises:
            FileNotFoundError: if nothing has been indexed there.
            IndexMismatchError: if it was built with another encoder, splitter or format.
            IndexDamagedError: if the store cannot be trusted.
        """
        store = Store.open(folder)
        try:
            store.check()
            check_encoder(folder, store.fingerprint, encoder)
            check_splitter(folder, store.fingerprint)
            dense, dense_notice = open_dense(store)
            lexical, lexical_notice = open_lexical(store)
            notices = tuple(notice for notice in (dense_notice, lexical_notice) if notice)
            return cls(store, encoder, dense, lexical, notices)
        except BaseException:
            store.close()
            raise

    def refresh(self) -> Index:
        """Return this index, or the newer generation where one has been published since.

        Takes less than a millisecond where nothing is new, and nothing is new where the index has
        been deleted. This index stays open for those who hold it.

        Raises:
            IndexMismatchError: if the newer one was built with another encoder or format.
            IndexDamagedError: if the newer one cannot be trusted.
        """
        try:
            newest = Store.open(self.folder)
        except FileNotFoundError:
            return self
        with closing(newest):
            if newest.generation.edition == self.edition:
                return self
        return Index.open(self.folder, self._encoder)

    def close(self) -> None:
        """Let go of the store; nothing can be read afterwards."""
        self._store.close()

    def documents(self) -> list[DocumentRow]:
        """Return what a list of the documents shows, ordered by ``doc_id``."""
        with self._lock:
            return self._store.documents()

    def document(self, doc_id: str) -> Document:
        """Return a document with its whole text; its ``path`` is relative to the corpus.

        Raises:
            KeyError: if there is no such document.
        """
        with self._lock:
            return self._store.document(doc_id)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these row ids, in the order given.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        with self._lock:
            return self._store.passages(ids)

    def iter_passages(self) -> Iterator[tuple[int, Passage]]:
        """Yield row id and passage of all passages by ascending id, a page in memory at a time."""
        after = 0
        while True:
            with self._lock:
                page = self._store.page(after)
            if not page:
                return
            yield from page
            after = page[-1][0]

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return row id and cosine of the ``k`` passages nearest to a query's unit vector.

        Best first, ties by id; fewer where there are fewer, none for an empty index. In a large
        index some of the nearest may be missing, see ``dense_card``; the cosines are exact.

        Raises:
            ValueError: if ``k`` is below 1, or the vector is not one finite row of the dimension.
        """
        if self._dense.is_exact:
            return self._dense.search(vector, k)
        near = self._dense.search(vector, max(k, N_CANDIDATES))
        cosines = self.cosines(vector, [row_id for row_id, _ in near])
        return sorted(cosines.items(), key=lambda hit: (-hit[1], hit[0]))[:k]

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return row id and BM25 score of the ``k`` passages that best match a query's words.

        Best first, ties by id; only passages with at least one of the words.

        Raises:
            ValueError: if ``k`` is below 1.
        """
        return self._lexical.search(query, k)

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of a query's unit vector with each of the passages, by row id.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        with self._lock:
            found, vectors = self._store.vectors(ids)
        cosines = vectors @ np.asarray(vector, dtype=np.float32).reshape(-1)
        return dict(zip(found.tolist(), cosines.tolist(), strict=True))

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word how many passages have it, in any of its forms."""
        return self._lexical.document_frequency(words)
