"""An index in Milvus, opened for reading: one edition, for as long as it is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.index.milvus.faults import check_encoder, check_splitter, damaged, missing
from rag.index.milvus.rankings import rank_dense, rank_lexical
from rag.index.milvus.records import Version
from rag.index.milvus.runs import Edition
from rag.index.milvus.schema import FACTS, read_passage, to_key, to_number
from rag.index.milvus.server import LARGEST, Row, Server
from rag.index.tables import DocumentRow
from rag.records import Document, Encoder, Passage


class MilvusIndex:
    """One edition of an index: its documents, its passages, and the search for them.

    What is published later is not seen; `refresh` gives it. May be shared by threads. Passages
    are known by numbers made from their file, its content and their place in it: the same in
    every store that holds them, and one apart for neighbours.
    """

    def __init__(self, version: Version, edition: Edition, encoder: Encoder) -> None:
        self.fingerprint = edition.head.fingerprint
        self.generation = edition.number
        self.edition = edition.name
        self.built_at = max(run.built_at for run in edition.runs)
        self.n_documents = sum(run.n_documents for run in edition.runs)
        self.n_passages = sum(run.n_passages for run in edition.runs)
        self.notices: tuple[str, ...] = ()
        self._version = version
        self._head = edition.head
        self._seen = edition.seen
        self._encoder = encoder
        self._rows: list[DocumentRow] | None = None
        self._lock = threading.Lock()  # so that the list of documents is fetched once

    @classmethod
    def open(cls, server: Server, encoder: Encoder) -> MilvusIndex:
        """Return what is published of the index that the server's address names.

        Raises:
            FileNotFoundError: if nothing has been published there.
            IndexMismatchError: if it was built with another encoder, splitter or format.
            IndexDamagedError: if it contradicts itself.
            OSError: if the server does not give it.
        """
        version = Version.served(server)
        edition = version.edition() if version else None
        if version is None or edition is None or not edition.runs:
            raise missing(server.address)
        check_encoder(server.address, edition.head.fingerprint, encoder)
        check_splitter(server.address, edition.head.fingerprint)
        version.load()
        server.settle(version.passages)
        return cls(version, edition, encoder)

    def refresh(self) -> MilvusIndex:
        """Return this index, or the newer edition where one has been published since.

        Takes a few short calls where nothing is new, and nothing is new where the index has been
        deleted.

        Raises:
            IndexMismatchError: if the newer one was built with another encoder or format.
            OSError: if the server does not answer.
        """
        version = Version.served(self._version.server)
        if version is None:
            return self
        version.load()  # it may have started again since
        if version.passages == self._version.passages:
            runs = tuple(run for run in version.runs() if run.published)
            if Edition(self._head, runs).name == self.edition:
                return self
        return MilvusIndex.open(version.server, self._encoder)

    def close(self) -> None:
        """Let go of the index. The connection is the store's, and stays."""

    def documents(self) -> list[DocumentRow]:
        """Return what a list of the documents shows, ordered by ``doc_id``."""
        with self._lock:
            if self._rows is None:
                self._rows = sorted(
                    (
                        DocumentRow(
                            found.facts["doc_id"],
                            found.facts["title"],
                            found.facts["source"],
                            found.facts["published"],
                            found.n_passages,
                        )
                        for found in self._version.documents(self._seen)
                    ),
                    key=lambda row: row.doc_id,
                )
            return list(self._rows)

    def document(self, doc_id: str) -> Document:
        """Return a document with its whole text; its ``path`` is relative to the corpus.

        Raises:
            KeyError: if there is no such document.
            IndexDamagedError: if its text is not what was written.
        """
        return self._version.document(doc_id, self._seen)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers, in the order given.

        Raises:
            IndexDamagedError: if there is no passage with one of them.
        """
        found = self._get(ids, FACTS)
        return [read_passage(found[number]) for number in ids]

    def iter_passages(self) -> Iterator[tuple[int, Passage]]:
        """Yield number and passage of all passages by ascending number, page by page."""
        version = self._version
        rows = version.server.iterate(version.passages, self._seen, ("id", *FACTS))
        return ((to_number(row["id"]), read_passage(row)) for row in rows)

    def search_dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return number and cosine of the ``k`` passages nearest to a query's unit vector.

        Best first, ties by number; fewer where there are fewer, none for an empty index.

        Raises:
            ValueError: if ``k`` is below 1, or the vector is not one finite row of the dimension.
        """
        version = self._version
        return rank_dense(version.server, version.passages, vector, k, self._seen)

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return number and BM25 score of the ``k`` passages that best match a query's words.

        Best first, ties by number; only passages with at least one of the words.

        Raises:
            ValueError: if ``k`` is below 1.
        """
        version = self._version
        return rank_lexical(version.server, version.passages, query, k, self._seen)

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of a query's unit vector with each of the passages, by number.

        Raises:
            IndexDamagedError: if there is no passage with one of the numbers.
        """
        found = self._get(ids, ("vector",))
        row = np.asarray(vector, dtype=np.float32).reshape(-1)
        return {
            number: float(np.asarray(found[number]["vector"], dtype=np.float32) @ row)
            for number in ids
        }

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word how many passages have it, in any of its forms.

        More than 16,384 are not counted: Milvus gives no more. What makes several terms, such as
        ``top-down``, is had by a passage that has any of them.
        """
        return {word: len(self.search_lexical(word, LARGEST)) for word in words}

    def _get(self, ids: Sequence[int], fields: Sequence[str]) -> dict[int, Row]:
        version = self._version
        rows = version.server.get(version.passages, [to_key(i) for i in ids], ("id", *fields))
        found = {to_number(row["id"]): row for row in rows}
        for number in ids:
            if number not in found:
                raise damaged(version.server.address, f"passage {to_key(number)} is missing")
        return found
