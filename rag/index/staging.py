"""The writing side of the store: what is staged is unseen until one transaction publishes it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from rag.index.database import checksum, connect, explained
from rag.index.fingerprint import FORMAT, Fingerprint, check_format
from rag.index.store import Store
from rag.index.tables import (
    SCHEMA,
    Generation,
    document_checksum,
    file_checksum,
    passage_checksum,
)
from rag.ingest.article import SkippedFile, SourceFile
from rag.ingest.split import embedded_text
from rag.records import Document, Passage, Vectors


class Staging:
    """The next generation in the making. The caller holds the lock of the index.

    Everything staged outlives a kill and is taken up by the next run.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.folder = folder
        self.store = Store(connection, folder)  # sees what is published, and `publish` as it goes
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, folder: Path, fingerprint: Fingerprint) -> Iterator[Staging]:
        """Give the staging area of the index in the folder, which is made where it is missing.

        What was staged by a run with another fingerprint is dropped.
        """
        with explained(folder), closing(connect(folder, writing=True)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            staging = cls(connection, folder)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                staging._create(fingerprint)
            else:
                check_format(folder, version)
            if staging.store.staged_fingerprint != fingerprint:
                staging._start_over(fingerprint)
            yield staging

    def _create(self, fingerprint: Fingerprint) -> None:
        with self.transaction():
            for statement in SCHEMA.split(";\n"):
                self._connection.execute(statement)
            self._put("generation", asdict(Generation()))
            self._put("staged", asdict(fingerprint))
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _start_over(self, fingerprint: Fingerprint) -> None:
        with self.transaction():
            self._connection.execute("DELETE FROM files WHERE NOT live")
            if not self.store.generation.number:  # vectors of another encoder, perhaps
                self._connection.execute("DELETE FROM vectors")
            self._put("staged", asdict(fingerprint))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written in the block permanent at its end, or none of it."""
        with explained(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _put(self, key: str, value: Mapping[str, Any]) -> None:
        content = json.dumps(value)
        row = (key, content, checksum(key, content))
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", row)

    def keep_staged(self, files: Mapping[str, str]) -> set[str]:
        """Return which of the files, sha256 by path, are staged; whatever else is, is dropped."""
        rows = self._connection.execute(
            "SELECT file_id, relative, sha256 FROM files WHERE NOT live"
        ).fetchall()
        kept = {relative for _, relative, sha256 in rows if files.get(relative) == sha256}
        with self.transaction():
            self._connection.executemany(
                "DELETE FROM files WHERE file_id = ?",
                [(file_id,) for file_id, relative, _ in rows if relative not in kept],
            )
        return kept

    def note_unread(self, file: SourceFile, readers: str, reasons: Sequence[str]) -> None:
        """Remember, inside a `transaction`, why nothing could be read from a file's content."""
        row = (file.sha256, file.suffix, readers, json.dumps(reasons))
        self._connection.execute(
            "INSERT OR REPLACE INTO unread VALUES (?, ?, ?, ?, ?)",
            (*row, checksum(*row)),
        )

    def keep_unread(self, files: Iterable[SourceFile], readers: str) -> None:
        """Forget what is remembered of other files than these, or of other readers."""
        with self.transaction():
            self._connection.execute("DELETE FROM unread WHERE readers <> ?", (readers,))
            found = self._connection.execute("SELECT sha256, suffix FROM unread").fetchall()
            gone = set(found) - {(file.sha256, file.suffix) for file in files}
            self._connection.executemany(
                "DELETE FROM unread WHERE sha256 = ? AND suffix = ?", list(gone)
            )

    def stage(
        self,
        file: SourceFile,
        documents: Iterable[tuple[Document, Sequence[Passage]]],
        skipped: Iterable[SkippedFile],
    ) -> None:
        """Add what a file holds, inside a `transaction`; ``skipped`` is remembered with it.

        A document is skipped where another one has its id.

        Raises:
            ValueError: if a passage is not the span of its document that it says it is.
        """
        file_id = self.begin(file)
        self.add(file_id, file, documents, skipped)
        self.finish(file_id, file)

    def begin(self, file: SourceFile) -> int:
        """Return the id of a file of which nothing is staged yet; until `finish` it has no hash.

        So a file may be staged in several transactions: after a kill, what there is of it is
        dropped by `keep_staged`.
        """
        row = self._connection.execute(
            "INSERT INTO files (relative, sha256, checksum) VALUES (?, '', ?)",
            (file.relative, file_checksum(file.relative, "", live=0)),
        )
        return int(row.lastrowid or 0)

    def add(
        self,
        file_id: int,
        file: SourceFile,
        documents: Iterable[tuple[Document, Sequence[Passage]]],
        skipped: Iterable[SkippedFile],
    ) -> int:
        """Add a part of what a file holds, as `stage`; return how many passages it has."""
        n_passages = 0
        parts = [(part.relative, part.reason) for part in skipped]
        for document, passages in documents:
            if self._is_taken(document.doc_id, file.relative):
                parts.append((document.doc_id, "another document has this id"))
            else:
                self._stage_document(file_id, file.relative, document, passages)
                n_passages += len(passages)
        self._connection.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?)", [(file_id, *part) for part in parts]
        )
        return n_passages

    def finish(self, file_id: int, file: SourceFile) -> None:
        """Let the file count as staged."""
        found = file_checksum(file.relative, file.sha256, live=0)
        self._connection.execute(
            "UPDATE files SET sha256 = ?, checksum = ? WHERE file_id = ?",
            (file.sha256, found, file_id),
        )

    def drop(self, file_id: int) -> None:
        """Forget what is staged of a file."""
        self._connection.execute("DELETE FROM files WHERE file_id = ?", (file_id,))

    def _is_taken(self, doc_id: str, relative: str) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM documents JOIN files USING (file_id) "
            "WHERE doc_id = ? AND (NOT live OR relative <> ?)",
            (doc_id, relative),
        )
        return found.fetchone() is not None

    def _stage_document(
        self,
        file_id: int,
        relative: str,
        document: Document,
        passages: Sequence[Passage],
    ) -> None:
        facts = (
            *(document.doc_id, document.title, document.source, document.url, document.author),
            *(document.published, document.sha256, len(passages)),
        )
        of_text = checksum(document.text)
        document_id = self._connection.execute(
            "INSERT INTO documents (file_id, doc_id, title, source, url, author, published, "
            "sha256, n_passages, checksum, text_checksum, text) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(file_id, *facts, document_checksum(relative, facts, of_text)),
                *(of_text, document.text),
            ),
        ).lastrowid
        for passage in passages:
            if passage.text != document.text[passage.start : passage.end]:
                raise ValueError(
                    f"a passage must be the span of its document that it says it is, got one of "
                    f"'{document.doc_id}' at [{passage.start}, {passage.end})"
                )
            self._connection.execute(
                'INSERT INTO passages (document_id, passage_id, start, "end", heading, text, '
                "before, key, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(document_id, passage.passage_id, passage.start, passage.end),
                    *(passage.heading, passage.text, passage.before),
                    text_key(embedded_text(passage)),
                    passage_checksum(passage),
                ),
            )

    @property
    def n_files(self) -> int:
        """How many files are staged."""
        (n,) = self._connection.execute("SELECT count(*) FROM files WHERE NOT live").fetchone()
        return int(n)

    @property
    def n_passages(self) -> int:
        """How many passages are staged."""
        (n,) = self._connection.execute(
            "SELECT count(*) FROM passages JOIN documents USING (document_id) "
            "JOIN files USING (file_id) WHERE NOT live"
        ).fetchone()
        return int(n)

    @property
    def last_id(self) -> int:
        """The highest row id that a passage has, staged or published; 0 where there is none."""
        (found,) = self._connection.execute("SELECT max(id) FROM passages").fetchone()
        return int(found or 0)

    @property
    def staged_after(self) -> int:
        """The row id below all that are staged, and above all that are published."""
        (found,) = self._connection.execute(
            "SELECT min(id) FROM passages WHERE document_id IN (SELECT document_id "
            "FROM documents JOIN files USING (file_id) WHERE NOT live)"
        ).fetchone()
        return self.last_id if found is None else int(found) - 1

    def count(self, after: int, upto: int) -> int:
        """Return how many passages have row ids above ``after`` and up to ``upto``."""
        rows = self._connection.execute(
            "SELECT count(*) FROM passages WHERE id > ? AND id <= ?", (after, upto)
        )
        return int(rows.fetchone()[0])

    def missing(self, after: int = 0, upto: int = 2**62) -> list[int]:
        """Return row ids of staged passages without a vector, one for each text, longest first.

        Only ids above ``after`` and up to ``upto`` are looked at. Texts of similar length are
        encoded together, which wastes little on filling up, and what needs the most memory and
        time comes first.
        """
        rows = self._connection.execute(
            "SELECT min(passages.id) FROM passages JOIN documents USING (document_id) "
            "JOIN files USING (file_id) LEFT JOIN vectors ON vectors.key = passages.key "
            "WHERE NOT live AND vectors.key IS NULL AND passages.id > ? AND passages.id <= ? "
            "GROUP BY passages.key ORDER BY length(passages.text) DESC",
            (after, upto),
        )
        return [row_id for (row_id,) in rows]

    def add_vectors(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of these embedded texts; no reader sees a difference."""
        with self.transaction():
            for text, vector in zip(texts, vectors, strict=True):
                key, content = text_key(text), vector.astype("<f4").tobytes()
                self._connection.execute(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    (key, content, checksum(key, content)),
                )

    def publish(self, removed: Iterable[str], derive: Callable[[Store], None]) -> Generation:
        """Make what is staged the next generation, without the ``removed`` files, and return it.

        A staged file replaces the one at the same path. ``derive`` is called with the store of
        the new generation while nobody else sees it: where it raises, nothing has happened.
        """
        execute = self._connection.execute
        with self.transaction():
            self._connection.executemany(
                "DELETE FROM files WHERE live AND relative = ?", [(path,) for path in removed]
            )
            execute(
                "DELETE FROM files "
                "WHERE live AND relative IN (SELECT relative FROM files WHERE NOT live)"
            )
            self._make_live()
            # The inner query reads the keys alone, not the gigabytes beside them.
            execute(
                "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors "
                "WHERE key NOT IN (SELECT key FROM passages))"
            )
            number = self.store.generation.number + 1
            generation = Generation(
                number=number,
                edition=f"{number:06d}-{token_hex(4)}",
                built_at=datetime.now(UTC).isoformat(timespec="seconds"),
                n_documents=execute("SELECT count(*) FROM documents").fetchone()[0],
                n_passages=execute("SELECT count(*) FROM passages").fetchone()[0],
            )
            self._put("generation", asdict(generation))
            self._put("fingerprint", asdict(self.store.staged_fingerprint))
            derive(self.store)
        return generation

    def _make_live(self) -> None:
        staged = self._connection.execute(
            "SELECT file_id, relative, sha256 FROM files WHERE NOT live"
        ).fetchall()
        self._connection.executemany(
            "UPDATE files SET live = 1, checksum = ? WHERE file_id = ?",
            [
                (file_checksum(relative, sha256, live=1), file_id)
                for file_id, relative, sha256 in staged
            ],
        )


def text_key(text: str) -> bytes:
    """Return what the vector of an embedded text is kept under."""
    return hashlib.sha256(text.encode()).digest()
