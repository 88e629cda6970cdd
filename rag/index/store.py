"""The published index as SQLite holds it: one file, the truth that the rest is derived from."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.database import (
    FILE,
    checksum,
    connect,
    damaged,
    explained,
    has_log,
    unwritable,
)
from rag.index.fingerprint import Fingerprint, check_format
from rag.index.location import index_command
from rag.index.tables import (
    DocumentRow,
    Generation,
    Ids,
    file_checksum,
    read_document,
    read_passage,
    read_vectors,
)
from rag.records import Document, Passage, Vectors

PAGE = 1024  # passages read at once: 1.5 MB of vectors, so a whole pass needs little memory
CHECKED_BYTES = 64 * 2**20  # a check of every page takes 0.1 to 0.3 s up to this size

_PASSAGES = (
    'SELECT passages.id, passage_id, doc_id, start, "end", heading, passages.text, title, '
    "before, passages.checksum FROM passages JOIN documents USING (document_id) "
    "JOIN files USING (file_id)"
)
_DOCUMENTS = (
    "SELECT doc_id, title, source, url, author, published, documents.sha256, n_passages, "
    "relative, documents.checksum, text_checksum{} FROM documents JOIN files USING (file_id) "
    "WHERE live "
)
_VECTORS = (
    "SELECT passages.id, passages.key, vector, vectors.checksum "
    "FROM passages LEFT JOIN vectors ON vectors.key = passages.key"
)


class Store:
    """A snapshot of one generation: what is published later is not seen.

    One thread at a time. Row ids of passages grow and are never given twice, so that an id of
    another generation may be unknown here, but is never another passage.
    """

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, *, is_frozen: bool = False
    ) -> None:
        self.folder = folder
        self._connection = connection
        self._stamp = _stamp(folder) if is_frozen else None
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
        if not (folder / FILE).exists():
            raise _missing(folder)
        try:
            return cls._open(folder)
        except FileNotFoundError:
            raise
        except OSError:
            # On a full disk, on a read-only one or in somebody else's folder SQLite cannot lock
            # what it reads. The file is whole all the same, unless there is a log.
            if has_log(folder):
                raise
            return cls._open(folder, is_frozen=True)

    @classmethod
    def _open(cls, folder: Path, *, is_frozen: bool = False) -> Store:
        with explained(folder):
            connection = connect(folder, is_frozen=is_frozen)
        store = cls(connection, folder, is_frozen=is_frozen)
        try:
            store._select("BEGIN")
            (version,) = store._select("PRAGMA user_version")[0]
            if version == 0:  # its tables were never made
                raise _missing(folder)
            check_format(folder, version)
            if store.generation.number == 0:
                raise _missing(folder)
        except BaseException:
            store.close()
            raise
        return store

    def check(self) -> None:
        """Look over every page of a small index; a large one is checked as it is read.

        Raises:
            IndexDamagedError: if a page is not what it should be.
        """
        if (self.folder / FILE).stat().st_size <= CHECKED_BYTES:
            (verdict,) = self._select("PRAGMA integrity_check(1)")[0]
            if verdict != "ok":
                raise damaged(self.folder, verdict)

    def close(self) -> None:
        """End the snapshot."""
        self._close()

    def _select(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with explained(self.folder):
            rows = self._connection.execute(sql, values).fetchall()
        # Nothing keeps a writer from a file that is read without locks; what has just been read
        # may then be of two generations.
        if self._stamp is not None and self._stamp != _stamp(self.folder):
            raise unwritable(self.folder, "it has changed while it was read; open it again")
        return rows

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
        rows = self._select(
            "SELECT relative, sha256, live, checksum FROM files WHERE live ORDER BY relative"
        )
        for relative, sha256, live, found in rows:
            if file_checksum(relative, sha256, live=live) != found:
                raise damaged(self.folder, "its list of files has changed on disk")
        return {relative: sha256 for relative, sha256, *_ in rows}

    def unread(self, readers: str) -> dict[tuple[str, str], list[str]]:
        """Return why these readers could read nothing from a content, by its sha256 and suffix."""
        rows = self._select(
            "SELECT sha256, suffix, readers, reasons, checksum FROM unread WHERE readers = ?",
            readers,
        )
        return {  # a row that has changed is as good as none: the file is read again
            (row[0], row[1]): json.loads(row[3]) for *row, found in rows if checksum(*row) == found
        }

    def skipped(self) -> list[tuple[str, str]]:
        """Return path and reason of what was skipped within the published files."""
        return self._select(
            "SELECT skipped.relative, reason FROM skipped JOIN files USING (file_id) "
            "WHERE live ORDER BY skipped.relative"
        )

    def documents(self) -> list[DocumentRow]:
        """Return all documents, ordered by ``doc_id``."""
        rows = self._select(_DOCUMENTS.format("") + "ORDER BY doc_id")
        if len(rows) != self.generation.n_documents:
            raise damaged(self.folder, f"it has {len(rows)} documents instead of what it says")
        documents = [read_document(self.folder, row) for row in rows]
        return [DocumentRow(d.doc_id, d.title, d.source, d.published, n) for d, n in documents]

    def document(self, doc_id: str) -> Document:
        """Return a document with its whole text; ``path`` is relative to the corpus.

        Raises:
            KeyError: if there is no such document.
        """
        rows = self._select(_DOCUMENTS.format(", documents.text") + "AND doc_id = ?", doc_id)
        if not rows:
            if doc_id in (row.doc_id for row in self.documents()):  # which looks at every row
                raise damaged(self.folder, f"'{doc_id}' is not found where it should be")
            raise KeyError(f"no document has the id '{doc_id}'")
        *row, text = rows[0]
        document, _ = read_document(self.folder, row)
        if checksum(text) != row[-1]:
            raise damaged(self.folder, f"the text of '{doc_id}' has changed on disk")
        return replace(document, text=text)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these row ids, in the order given.

        Raises:
            IndexDamagedError: if there is no passage with one of the ids.
        """
        rows = self._select(
            f"{_PASSAGES} WHERE passages.id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        found = dict(read_passage(self.folder, row) for row in rows)
        self._check_found(ids, found)
        return [found[row_id] for row_id in ids]

    def page(self, after: int = 0) -> list[tuple[int, Passage]]:
        """Return row id and passage of the next passages above an id, by ascending id."""
        rows = self._select(
            f"{_PASSAGES} WHERE live AND passages.id > ? ORDER BY passages.id LIMIT ?",
            after,
            PAGE,
        )
        return [read_passage(self.folder, row) for row in rows]

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
            yield self._vectors(rows)
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
        return self._vectors(rows)

    def _vectors(self, rows: Sequence[tuple[Any, ...]]) -> tuple[Ids, Vectors]:
        return read_vectors(self.folder, self.fingerprint.dimension, rows)

    def _check_found(self, ids: Sequence[int], found: Collection[int]) -> None:
        for row_id in ids:
            if row_id not in found:
                raise damaged(self.folder, f"passage {row_id} is missing")


def _missing(folder: Path) -> FileNotFoundError:
    return FileNotFoundError(
        f"there is no index in '{folder}'; to build it, run: {index_command(folder)}"
    )


def _stamp(folder: Path) -> tuple[int, int, int]:
    """Return what differs as soon as somebody has written into the file."""
    status = (folder / FILE).stat()
    return status.st_ino, status.st_mtime_ns, status.st_size
