"""What comes into an index: files are read and cut ahead, staged, and encoded as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.index.plan import note_kept
from rag.index.staging import Staging
from rag.ingest.ahead import read_ahead
from rag.ingest.files import (
    Limits,
    ReaderProcess,
    ReadError,
    SkippedFile,
    SourceFile,
    describe_readers,
)
from rag.ingest.split import embedded_text, split_document
from rag.records import Document, Encoder, Passage, Vectors

PARTS_AT_ONCE = 16  # at most, between two syncs to disk; a sync takes as long as reading an article
DOCUMENTS_A_PART = 32  # at most, of a .jsonl file; others have one
CHARACTERS_A_PART = 250_000  # about; 64 articles
TEXTS_AT_ONCE = 256  # encoded between two syncs, by length: a kill costs a few seconds of work
FEWEST_AT_ONCE = 64  # passages: as many fill batches evenly, and the encoder waits for no more
PASSAGES_AT_ONCE = 2048  # at most, where reading is that far ahead
ROOM = 4_000_000  # characters read ahead: as many as `PASSAGES_AT_ONCE` hold, and some more
NORM_ERROR = 0.01  # of a unit row; normalising in bfloat16 is off by up to 0.4 %


@dataclass(frozen=True, slots=True)
class Progress:
    """How far indexing is: ``done`` of ``total`` files read, passages encoded, or steps published.

    As long as there are files to be read, how many passages they have is estimated.
    """

    phase: str
    done: int
    total: int


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class _Part:
    """Some of what a file holds; of its last part, ``failure`` says why none of it counts.

    ``is_lasting`` is false where the same content may be read another time.
    """

    file: SourceFile
    documents: list[tuple[Document, Sequence[Passage]]] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    n_characters: int = 0
    is_last: bool = False
    failure: str = ""
    is_lasting: bool = True

    @property
    def is_full(self) -> bool:
        """Whether no more should be put in."""
        n = len(self.documents) + len(self.skipped)
        return n >= DOCUMENTS_A_PART or self.n_characters >= CHARACTERS_A_PART


def take_in(
    staging: Staging,
    files: Sequence[SourceFile],
    encoder: Encoder,
    size: int,
    limits: Limits,
    tell: Tell,
) -> tuple[list[SkippedFile], int]:
    """Stage the files and encode their passages; return what had no document, and how many texts.

    Reading and cutting run ahead of encoding, in a thread. What an earlier run has staged is not
    read again, and what it has encoded is not encoded again. A long file is staged in parts, so
    that memory depends neither on the size of a file nor on how many there are of its documents.
    """
    staged = staging.keep_staged({file.relative: file.sha256 for file in files})
    intake = _Intake(staging, files, staged, encoder, describe_readers(limits), tell)
    waiting = [file for file in files if file.relative not in staged]
    parts = _read(waiting, encoder, size, limits)
    with read_ahead(
        parts, size=lambda part: part.n_characters, room=ROOM, most=PARTS_AT_ONCE
    ) as ahead:
        for group in ahead:
            with staging.transaction():
                for part in group:
                    intake.stage(part)
            intake.encode(FEWEST_AT_ONCE)
    intake.encode(1)
    return intake.unread, intake.n_encoded


def _read(
    files: Sequence[SourceFile], encoder: Encoder, size: int, limits: Limits
) -> Generator[_Part, None, None]:
    """Yield what the files hold, cut into passages."""

    def fits(text: str) -> bool:
        return encoder.count_tokens([text])[0] <= encoder.max_tokens

    with ReaderProcess(limits) as reader:
        for file in files:
            part = _Part(file)
            try:
                for one in reader.iter_read(file):
                    if isinstance(one, SkippedFile):
                        part.skipped.append(one)
                    else:
                        part.documents.append((one, split_document(one, size=size, fits=fits)))
                        part.n_characters += len(one.text)
                    if part.is_full:
                        yield part
                        part = _Part(file)
                part.is_last = True
                yield part
            except ReadError as error:
                yield _Part(file, is_last=True, failure=error.reason, is_lasting=error.is_lasting)


class _Intake:
    """How far the files have come."""

    def __init__(
        self,
        staging: Staging,
        files: Sequence[SourceFile],
        staged: set[str],
        encoder: Encoder,
        readers: str,
        tell: Tell,
    ) -> None:
        self.unread: list[SkippedFile] = []
        self.n_encoded = 0
        self.n_staged = staging.n_passages
        self._staging = staging
        self._encoder = encoder
        self._readers = readers
        self._tell = tell
        self._indexed = staging.store.files()
        self._n_files, self._n_read = len(files), len(staged)
        self._n_bytes = sum(file.n_bytes for file in files)
        self._n_bytes_read = sum(file.n_bytes for file in files if file.relative in staged)
        self._file_id: int | None = None  # of the file that is being staged
        self._has_documents = False
        self._skipped: list[SkippedFile] = []  # of that file, as long as it has no document
        self._n_bytes_of_file = 0
        self._after = staging.staged_after  # the row id up to which all is encoded
        self._n_done = 0
        self._told: Progress | None = None
        self._tell_read()

    def stage(self, part: _Part) -> None:
        """Stage a part of a file, in a transaction; where the file has no document, forget it."""
        staging, file = self._staging, part.file
        if self._file_id is None:
            self._file_id, self._has_documents, self._skipped = staging.begin(file), False, []
            self._n_bytes_of_file = 0
        self.n_staged += staging.add(self._file_id, file, part.documents, part.skipped)
        self._n_bytes_of_file += part.n_characters
        self._has_documents = self._has_documents or bool(part.documents)
        if not self._has_documents:
            self._skipped += part.skipped
        if not part.is_last:
            return
        if part.failure:
            self._skipped = [SkippedFile(file.relative, part.failure)]
        if part.failure or not self._has_documents:
            staging.drop(self._file_id)
            is_indexed = file.relative in self._indexed
            self.unread += map(note_kept, self._skipped) if is_indexed else self._skipped
            if part.is_lasting:
                reasons = [skipped.reason for skipped in self._skipped]
                staging.note_unread(file, self._readers, reasons)
        else:
            staging.finish(self._file_id, file)
        self._file_id = None
        self._n_read += 1
        self._n_bytes_read += file.n_bytes
        self._n_bytes_of_file = 0
        self._tell_read()

    def encode(self, n: int) -> None:
        """Encode what is staged and has no vector, if there are ``n`` passages or more."""
        staging = self._staging
        while (last := staging.last_id) - self._after >= n:
            upto = min(last, self._after + PASSAGES_AT_ONCE)
            missing = staging.missing(self._after, upto)
            self._n_done += staging.count(self._after, upto) - len(missing)
            self._tell_encoded()
            for first in range(0, len(missing), TEXTS_AT_ONCE):
                ids = missing[first : first + TEXTS_AT_ONCE]
                self._encode(ids)
                self._n_done += len(ids)
                self._tell_encoded()
            self._after = upto

    def _encode(self, ids: Sequence[int]) -> None:
        texts = [embedded_text(passage) for passage in self._staging.store.passages(ids)]
        vectors = self._encoder.encode_passages(texts)
        check_vectors(vectors, (len(texts), self._encoder.dimension))
        self._staging.add_vectors(texts, vectors)
        self.n_encoded += len(texts)

    def _tell_read(self) -> None:
        if self._told is None or self._told.phase == "reading":  # encoding says more
            self._say(Progress("reading", self._n_read, self._n_files))

    def _tell_encoded(self) -> None:
        total, n_bytes = self.n_staged, self._n_bytes_read + self._n_bytes_of_file
        if self._n_read < self._n_files and n_bytes:
            total = max(total, round(total * self._n_bytes / n_bytes))
        self._say(Progress("encoding", self._n_done, total))

    def _say(self, progress: Progress) -> None:
        if progress != self._told:
            self._told = progress
            self._tell(progress)


def check_vectors(vectors: Vectors, shape: tuple[int, int]) -> None:
    """Raise a ``ValueError`` unless an encoder has returned unit rows of this shape."""
    if vectors.shape != shape or vectors.dtype != np.float32:
        raise ValueError(
            f"encoder must return float32 rows of shape {shape}, "
            f"got {vectors.dtype} of shape {vectors.shape}"
        )
    # Written so that NaN, which compares false with everything, does not pass.
    if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < NORM_ERROR).all():
        raise ValueError("encoder must return unit rows of finite numbers, got others")
