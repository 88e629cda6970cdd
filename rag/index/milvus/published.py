"""What is published of a version, as the next run finds it: to be kept, reused or replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from rag.index.fingerprint import identify_vectors
from rag.index.milvus.records import DocumentRecord, Version
from rag.index.milvus.runs import Edition
from rag.index.milvus.schema import FACTS, digest, read_passage
from rag.index.milvus.server import Row
from rag.ingest.split import embedded_text
from rag.records import Encoder, Vectors

ROWS_AT_ONCE = 500  # read and written again: a few megabytes
_FIELDS = ("id", "since", "until", *FACTS, "terms", "vector")


class Published:
    """The files, documents and passages of one edition of a version."""

    def __init__(self, version: Version, edition: Edition) -> None:
        self.version = version
        self.edition = edition

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The sha256 of every file, by relative path."""
        return self.version.files(self.edition.seen) if self.edition.runs else {}

    def find_vectors(self, encoder: Encoder, paths: Iterable[str]) -> dict[str, Vectors]:
        """Return the vectors of these files' passages by embedded text; of other files, none.

        None, too, where another encoder made them.
        """
        if self.edition.head.fingerprint.vectors != identify_vectors(encoder):
            return {}
        return {
            embedded_text(read_passage(row)): np.asarray(row["vector"], dtype=np.float32)
            for document in self._documents(set(paths))
            for rows in self._rows(document)
            for row in rows
        }

    def remove(self, paths: Collection[str], attempt: int) -> list[DocumentRecord]:
        """Mark these files as removed by an attempt; return the documents that they had."""
        gone = self._documents(paths)
        for document in gone:
            for rows in self._rows(document):
                marked = [{**row, "until": attempt} for row in rows]
                self.version.server.upsert(self.version.passages, marked)
        for condition in self._conditions(paths):
            records = list(self.version.find(condition))
            self.version.write({**row, "until": attempt, "vector": [0.0, 0.0]} for row in records)
        return gone

    def drop_removed(self) -> None:
        """Delete what the runs of this edition have marked as removed."""
        if self.edition.runs:
            attempts = [run.attempt for run in self.edition.runs]
            for collection in (self.version.passages, self.version.records):
                self.version.server.delete(collection, f"until in {attempts}")

    def _documents(self, paths: Collection[str]) -> list[DocumentRecord]:
        return [
            document
            for condition in self._conditions(paths)
            for document in self.version.documents(condition)
        ]

    def _conditions(self, paths: Collection[str]) -> Iterator[str]:
        """Yield conditions for what belongs to those of the paths that are published."""
        here = [path for path in sorted(paths) if path in self.files]
        keys = [digest(path, self.files[path]) for path in here]
        for first in range(0, len(keys), ROWS_AT_ONCE):
            yield f"file in {keys[first : first + ROWS_AT_ONCE]} and {self.edition.seen}"

    def _rows(self, document: DocumentRecord) -> Iterator[list[Row]]:
        keys = document.passage_keys()
        for first in range(0, len(keys), ROWS_AT_ONCE):
            page = keys[first : first + ROWS_AT_ONCE]
            yield self.version.server.get(self.version.passages, page, _FIELDS)
