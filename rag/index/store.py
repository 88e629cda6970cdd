"""The published index as SQLite holds it: one file, the truth that the rest is derived from."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.database import FILE, checksum, connect, damaged, explained
from rag.index.fingerprint import Fingerprint, check_format
from rag.index.location import index_command
from rag.records import Document, Passage, Vectors

PAGE = 1024  # passages read at once: 1.5 MB of vectors, so a whole pass needs little memory
QUICK_CHECK_BYTES = 64 * 2**20  # a check of every page takes about 0.1 s up to this size

Ids = NDArray[np.int64]

_PASSAGES = (
    'SELECT passages.id, passage_id, doc_id, start, "end", heading, passages.text, title, '
    "passages.checksum FROM passages JOIN documents USING (document_id)"
)
_VECTORS = (
    "SELECT passages.id, passages.key, vector, vectors.checksum "
    "FROM passages LEFT JOIN vectors ON vectors.key = passages.key"
)


@dataclass(frozen=True, slots=True)
class Generation:
    """One published state of the index. ``number`` is 0 as long as nothing has been published.

    ``edition`` names this state and no other, also where a killed run had used the number;
    ``built_at`` is in UTC, ISO 8601.
    """

    number: int = 0
    edition: str = ""
    built_at: str = ""
    n_documents: int = 0
    n_passages: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What a list of the documents shows; the text stays on disk."""

    doc_id: str
    title: str
    source: str
    published: str
    n_passages: int


def document_checksum(document: Document) -> bytes:
    """Return the checksum of what is kept of a document, which is all but its path."""
    facts = (document.title, document.source, document.url, document.author, document.published)
    return checksum(document.doc_id, *facts, document.sha256, document.text)


def passage_checksum(passage: Passage) -> bytes:
    """Return the checksum of a passage, its place and its context included."""
    place = (passage.passage_id, passage.doc_id, passage.start, passage.end)
    return checksum(*place, passage.title, passage.heading, passage.text)


class Store:
    """A snapshot of one generation: what is published later is not seen.

    One thread at a time. Row ids of passages grow and are never given twice, so that an id of
    another generation may be unknown here, but is never another passage.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.folder = folder
        self._connection = connection
        # Several threads may hold a snapshot; the last one that lets go of it closes it.
        self._close = weakref.finalize(self, connection.close)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Return the published generation.

        Raises:
            FileNotFoundError: if nothing has been published in the folder.
            IndexMismatchError: if another version of this program wrote it.
            IndexDamagedError: if SQLite finds it damaged.
        """
        missing = f"there is no index in '{folder}'; to build it, run: {index_command(folder)}"
        if not (folder / FILE).exists():
            raise FileNotFoundError(missing)
        with explained(folder):
            connection = connect(folder)
        store = cls(connection, folder)
        try:
            store._select("BEGIN")
            (version,) = store._select("PRAGMA user_version")[0]
            if version == 0:  # its tables were never made
                raise FileNotFoundError(missing)
            check_format(folder, version)
            if store.generation.number == 0:
                raise FileNotFoundError(missing)
        except BaseException:
            store.close()
            raise
        return store

    def check(self) -> None:
        """Look over every page of a small index; a large one is checked as it is read.

        Raises:
            IndexDamagedError: if a page is not what it should be.
        """
        if (self.folder / FILE).stat().st_size <= QUICK_CHECK_BYTES:
            (verdict,) = self._select("PRAGMA quick_check(1)")[0]
            if verdict != "ok":
                raise damaged(self.folder, verdict)

    def close(self) -> None:
        """End the snapshot."""
        self._close()

    def _select(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self.folder):
            return self._connection.execute(sql, values).fetchall()

    def _iterate(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with explained(self.folder):
            yield from self._connection.execute(sql, values)

    def _meta(self, key: str) -> dict[str, Any]:
        rows = self._select("SELECT value, checksum FROM meta WHERE key = ?", key)
        if not rows or checksum(key, rows[0][0]) != rows[0][1]:
            raise damaged(self.folder, f"its {key} is unreadable")
        content: dict[str, Any] = json.loads(rows[0][0])
        return content

    @property
    def generation(self) -> Generation:
        """The state that is read."""
        return Generation(**self._meta("generation"))

    @property
    def fingerprint(self) -> Fingerprint:
        """What the published index was built with."""
        return Fingerprint(**self._meta("fingerprint"))

    @property
    def staged_fingerprint(self) -> Fingerprint:
        """What the staged part of the next generation was built with."""
        return Fingerprint(**self._meta("staged"))

    def files(self) -> dict[str, str]:
        """Return the sha256 of every published file, by its path relative to the corpus."""
        return dict(self._select("SELECT relative, sha256 FROM files WHERE live ORDER BY relative"))

    def skipped(self) -> list[tuple[str, str]]:
        """Return path and reason of what was skipped within the published files."""
        return self._select(
            "SELECT skipped.relative, reason FROM skipped JOIN files USING (file_id) "
            "WHERE live ORDER BY skipped.relative"
        )

    def documents(self) -> list[DocumentRow]:
        """Return all documents, ordered by ``doc_id``."""
        rows = self._select(
            "SELECT doc_id, title, source, published, (SELECT count(*) FROM passages "
            "WHERE passages.document_id = documents.document_id) "
            "FROM documents JOIN files USING (file_id) WHERE live ORDER BY doc_id"
        )
        return [DocumentRow(*row) for row in rows]

    def document(self, doc_id: str) -> Document:
        """Return a document with its whole text; ``path`` is relative to the corpus.

        Raises:
            KeyError: if there is no such document.
        """
        rows = self._select(
            "SELECT doc_id, title, text, source, url, author, published, documents.sha256, "
            "relative, checksum FROM documents JOIN files USING (file_id) "
            "WHERE live AND doc_id = ?",
            doc_id,
        )
        if not rows:
            raise KeyError(f"no document has the id '{doc_id}'")
        *facts, sha256, relative, found = rows[0]
        document = replace(Document(*facts), path=Path(relative), sha256=sha256)
        if document_checksum(document) != found:
            raise damaged(self.folder, f"the text of '{doc_id}' has changed on disk")
        return document

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these row ids, in the order given.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        rows = self._select(
            f"{_PASSAGES} WHERE passages.id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        found = dict(self._passage(row) for row in rows)
        self._check_found(ids, found)
        return [found[row_id] for row_id in ids]

    def page(self, after: int = 0) -> list[tuple[int, Passage]]:
        """Return row id and passage of the next passages above an id, by ascending id."""
        rows = self._select(
            f"{_PASSAGES} JOIN files USING (file_id) "
            "WHERE live AND passages.id > ? ORDER BY passages.id LIMIT ?",
            after,
            PAGE,
        )
        return [self._passage(row) for row in rows]

    def iter_passages(self) -> Iterator[tuple[int, Passage]]:
        """Yield row id and passage of all passages, by ascending id."""
        page = self.page()
        while page:
            yield from page
            page = self.page(after=page[-1][0])

    def passage_ids(self) -> Ids:
        """Return the row ids of all passages, ascending, ``(n,)``."""
        # Both tables are read by their indexes alone, without the texts.
        rows = self._iterate(
            "SELECT id FROM passages WHERE document_id NOT IN (SELECT document_id "
            "FROM documents JOIN files USING (file_id) WHERE NOT live)"
        )
        return np.sort(np.fromiter((row_id for (row_id,) in rows), dtype=np.int64))

    def iter_vectors(self) -> Iterator[tuple[Ids, Vectors]]:
        """Yield row ids ``(n,)`` and unit rows ``(n, d)`` of all passages, by ascending id."""
        after = 0
        while rows := self._select(
            f"{_VECTORS} JOIN documents USING (document_id) JOIN files USING (file_id) "
            "WHERE live AND passages.id > ? ORDER BY passages.id LIMIT ?",
            after,
            PAGE,
        ):
            yield self._unit_rows(rows)
            after = rows[-1][0]

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Vectors]:
        """Return row ids ``(n,)`` and unit rows ``(n, d)`` of these passages, by ascending id.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        rows = self._select(
            f"{_VECTORS} WHERE passages.id IN (SELECT value FROM json_each(?)) "
            "ORDER BY passages.id",
            json.dumps(list(ids)),
        )
        self._check_found(ids, {row[0] for row in rows})
        return self._unit_rows(rows)

    def _passage(self, row: tuple[Any, ...]) -> tuple[int, Passage]:
        row_id, *facts, found = row
        passage = Passage(*facts)
        if passage_checksum(passage) != found:
            raise damaged(self.folder, f"passage {row_id} has changed on disk")
        return row_id, passage

    def _unit_rows(self, rows: Sequence[tuple[Any, ...]]) -> tuple[Ids, Vectors]:
        dimension = self.fingerprint.dimension
        for row_id, key, vector, found in rows:
            if vector is None or len(vector) != 4 * dimension or checksum(key, vector) != found:
                raise damaged(self.folder, f"the vector of passage {row_id} has changed on disk")
        matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4")
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        return ids, matrix.reshape(len(rows), dimension)

    def _check_found(self, ids: Sequence[int], found: Collection[int]) -> None:
        for row_id in ids:
            if row_id not in found:
                raise damaged(self.folder, f"passage {row_id} is missing")
