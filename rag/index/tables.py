"""The tables of the index: their schema, what a row stands for, and the checksum it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.index.database import checksum, damaged
from rag.records import Document, Passage, Vectors

Ids = NDArray[np.int64]

SCHEMA = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum BLOB NOT NULL
) WITHOUT ROWID;

-- A file is live once it has been published. Its next version is staged beside it.
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY AUTOINCREMENT,
    relative TEXT NOT NULL, sha256 TEXT NOT NULL,
    live INTEGER NOT NULL DEFAULT 0, checksum BLOB NOT NULL, UNIQUE (relative, live)
);
-- Contents that nothing could be read from, so that they are not parsed again and again; of which
-- `readers`, and with which limits. The reasons are a JSON list.
CREATE TABLE unread (
    sha256 TEXT NOT NULL, suffix TEXT NOT NULL, readers TEXT NOT NULL, reasons TEXT NOT NULL,
    checksum BLOB NOT NULL, PRIMARY KEY (sha256, suffix)
) WITHOUT ROWID;
CREATE TABLE skipped (
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    relative TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX skipped_of_file ON skipped (file_id);

CREATE TABLE documents (
    document_id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    doc_id TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
    author TEXT NOT NULL, published TEXT NOT NULL, sha256 TEXT NOT NULL,
    n_passages INTEGER NOT NULL,
    checksum BLOB NOT NULL, text_checksum BLOB NOT NULL, text TEXT NOT NULL,
    UNIQUE (doc_id, file_id)
);
CREATE INDEX document_of_file ON documents (file_id);

-- The text is kept here too: k passages are k small rows, however long their documents are.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    passage_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    heading TEXT NOT NULL, text TEXT NOT NULL, before TEXT NOT NULL,
    key BLOB NOT NULL, checksum BLOB NOT NULL,
    UNIQUE (document_id, passage_id)
);
CREATE INDEX passage_of_key ON passages (key);

-- By the sha256 of the embedded text: passages with the same text share a row.
CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, checksum BLOB NOT NULL);
"""


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


def file_checksum(relative: str, sha256: str, *, live: int) -> bytes:
    """Return the checksum of what is kept of a file."""
    return checksum(relative, sha256, live)


def document_checksum(relative: str, facts: Sequence[str | int], of_text: bytes) -> bytes:
    """Return the checksum of what is kept of a document, with that of its text.

    ``facts`` are its fields in the order of the table, and how many passages it has; so a list of
    documents is checked without reading their texts.
    """
    return checksum(relative, *facts, of_text)


def passage_checksum(passage: Passage) -> bytes:
    """Return the checksum of a passage, its place and its context included."""
    place = (passage.passage_id, passage.doc_id, passage.start, passage.end)
    return checksum(*place, passage.title, passage.heading, passage.text, passage.before)


def read_document(folder: Path, row: Sequence[Any]) -> tuple[Document, int]:
    """Return a document without its text, and how many passages it has.

    The row is its fields, that number, its path and two checksums.

    Raises:
        IndexDamagedError: if one of them has changed since it was written.
    """
    *facts, relative, found, of_text = row
    if document_checksum(relative, facts, of_text) != found:
        raise damaged(folder, f"what is kept of '{facts[0]}' has changed on disk")
    doc_id, title, source, url, author, published, sha256, n_passages = facts
    document = Document(doc_id, title, "", source, url, author, published, Path(relative), sha256)
    return document, n_passages


def read_passage(folder: Path, row: Sequence[Any]) -> tuple[int, Passage]:
    """Return the row id and the passage of a row of its id, its fields and its checksum.

    Raises:
        IndexDamagedError: if one of them has changed since it was written.
    """
    row_id, *facts, found = row
    passage = Passage(*facts)
    if passage_checksum(passage) != found:
        raise damaged(folder, f"passage {row_id} has changed on disk")
    return row_id, passage


def read_vectors(
    folder: Path, dimension: int, rows: Sequence[Sequence[Any]]
) -> tuple[Ids, Vectors]:
    """Return row ids ``(n,)`` and vectors ``(n, dimension)`` of rows of id, key, vector, checksum.

    Raises:
        IndexDamagedError: if one of them is missing, or has changed since it was written.
    """
    for row_id, key, vector, found in rows:
        is_whole = isinstance(vector, bytes) and len(vector) == 4 * dimension
        if not is_whole or checksum(key, vector) != found:
            raise damaged(folder, f"the vector of passage {row_id} has changed on disk")
    matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4")
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    return ids, matrix.reshape(len(rows), dimension)
