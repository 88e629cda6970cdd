"""The rows of a run that is under way: nobody sees them until the run is published."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rag.index.builder import Progress
from rag.index.intake import check_vectors
from rag.index.milvus.records import (
    DocumentRecord,
    Version,
    document_records,
    file_key,
    file_records,
)
from rag.index.milvus.runs import Run
from rag.index.milvus.schema import digest, passage_key, passage_row
from rag.ingest.files import SkippedFile, SourceFile
from rag.ingest.split import embedded_text
from rag.records import Document, Encoder, Passage, Vectors

TEXTS_AT_ONCE = 128  # encoded between two writes: a kill costs a few seconds of work

Cut = tuple[SourceFile, Sequence[tuple[Document, Sequence[Passage]]], Sequence[SkippedFile]]
"""A file, its documents with their passages, and what was skipped within it."""


class StagedRun:
    """What one run adds. Rows have ids made from what they hold: writing them again does nothing.

    The record of a file is written last: a file that has one is there as a whole.
    """

    def __init__(self, version: Version, run: Run, *, resumed: bool) -> None:
        self.version = version
        self.run = run
        self._resumed = resumed
        self._mine = f"since == {run.run}"

    def files(self) -> dict[str, str]:
        """Return the sha256 of every file that is staged whole, by relative path."""
        return self.version.files(self._mine)

    def documents(self) -> list[DocumentRecord]:
        """Return the documents that are staged."""
        return self.version.documents(self._mine)

    def keep(self, files: Mapping[str, str]) -> set[str]:
        """Return which of the files, sha256 by path, are staged; whatever else is, is dropped.

        Of a file that was cut short, the rows stay if its content is still the same.
        """
        if not self._resumed:
            return set()
        wanted = {digest(relative, sha256) for relative, sha256 in files.items()}
        stale = [found for found in self.version.find(self._mine) if found["file"] not in wanted]
        for document in self.documents():
            if document.file not in wanted:
                self.version.server.remove(self.version.passages, document.passage_keys())
        self.version.server.remove(self.version.records, [found["id"] for found in stale])
        return {path for path, sha256 in self.files().items() if files.get(path) == sha256}

    def add(
        self,
        files: Sequence[Cut],
        encoder: Encoder,
        known: Mapping[str, Vectors],
        tell: Callable[[Progress], None],
    ) -> tuple[int, int]:
        """Write the files' documents and passages; return how many texts were encoded, and not.

        ``known`` are vectors of embedded texts that need no encoding.

        Raises:
            ValueError: if the encoder does not return what it should, or a text is too long.
        """
        waiting: list[tuple[str, Passage]] = []
        for file, documents, _ in files:
            rows = []
            for document, passages in _first_of_each_id(documents):
                rows += document_records(document, len(passages), file, self.run.run)
                key = digest(file_key(file), document.doc_id)
                waiting += ((passage_key(key, place), p) for place, p in enumerate(passages))
            self.version.write(rows)
        n_all = len(waiting)
        waiting = self._without_present(waiting)
        n_encoded = 0
        tell(Progress("encoding", 0, len(waiting)))
        for first in range(0, len(waiting), TEXTS_AT_ONCE):
            n_encoded += self._add_passages(waiting[first : first + TEXTS_AT_ONCE], encoder, known)
            self._touch()
            tell(Progress("encoding", min(first + TEXTS_AT_ONCE, len(waiting)), len(waiting)))
        for file, documents, skipped in files:
            parts = [*skipped, *_repeated(documents)]
            self.version.write(file_records(file, parts, self.run.run))
        return n_encoded, n_all - n_encoded

    def _without_present(self, waiting: list[tuple[str, Passage]]) -> list[tuple[str, Passage]]:
        """Return the passages that a run which was cut short has not written."""
        if not self._resumed:
            return waiting
        server, collection = self.version.server, self.version.passages
        rows = server.get(collection, [key for key, _ in waiting], ("id", "since"))
        present = {row["id"] for row in rows if row["since"] == self.run.run}
        return [(key, passage) for key, passage in waiting if key not in present]

    def _add_passages(
        self,
        waiting: Sequence[tuple[str, Passage]],
        encoder: Encoder,
        known: Mapping[str, Vectors],
    ) -> int:
        texts = [embedded_text(passage) for _, passage in waiting]
        unknown = list(dict.fromkeys(text for text in texts if text not in known))
        vectors = dict(known)
        if unknown:
            rows = encoder.encode_passages(unknown)
            check_vectors(rows, (len(unknown), encoder.dimension))
            vectors.update(zip(unknown, rows, strict=True))
        self.version.server.upsert(
            self.version.passages,
            [
                passage_row(passage, key, vectors[text], self.run.run)
                for (key, passage), text in zip(waiting, texts, strict=True)
            ],
        )
        return len(unknown)

    def _touch(self) -> None:
        """Tell other indexers that this one is alive."""
        self.run = replace(self.run, touched=time.time())
        self.version.write_run(self.run)


def _first_of_each_id(
    documents: Sequence[tuple[Document, Sequence[Passage]]],
) -> list[tuple[Document, Sequence[Passage]]]:
    found: dict[str, tuple[Document, Sequence[Passage]]] = {}
    for document, passages in documents:
        found.setdefault(document.doc_id, (document, passages))
    return list(found.values())


def _repeated(documents: Sequence[tuple[Document, Sequence[Passage]]]) -> list[SkippedFile]:
    seen: set[str] = set()
    repeated = []
    for document, _ in documents:
        if document.doc_id in seen:
            repeated.append(SkippedFile(document.doc_id, "another document has this id"))
        seen.add(document.doc_id)
    return repeated
