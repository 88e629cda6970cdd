"""Brings an index to the state of its corpus: read, cut, encode what is new, publish at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.index.derived import derive, drop_editions
from rag.index.fingerprint import Fingerprint, check_encoder
from rag.index.lock import exclusive
from rag.index.plan import IndexPlan, compare, is_cut_otherwise, note_kept
from rag.index.staging import Staging
from rag.index.store import Store
from rag.ingest.files import ReaderProcess, SkippedFile, SourceFile, find_files
from rag.ingest.split import SIZE, embedded_text, split_document
from rag.records import Encoder, Vectors

FILES_AT_ONCE = 16  # between two syncs to disk, which take as long as reading a short article
TEXTS_AT_ONCE = 128  # encoded between two syncs: a kill costs a few seconds of work
NORM_ERROR = 0.01  # of a unit row; normalising in bfloat16 is off by up to 0.4 %


@dataclass(frozen=True, slots=True)
class Progress:
    """How far indexing is: ``done`` of ``total`` files read, texts encoded, or steps published."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What indexing did.

    ``skipped`` are all files, and parts of files, that the index lacks or has an older version
    of. ``n_encoded`` texts were encoded; ``n_cached`` new passages needed no encoding, because a
    passage with the same text, or a run that was interrupted, had it done.
    """

    plan: IndexPlan
    skipped: tuple[SkippedFile, ...]
    n_documents: int
    n_passages: int
    n_encoded: int
    n_cached: int
    seconds: float
    generation: int


def update_index(
    corpus: Path,
    folder: Path,
    encoder: Encoder,
    *,
    size: int = SIZE,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Bring the index in the folder to the state of the corpus, and return what that took.

    Unchanged files cost a hash; nothing is written where nothing has changed. What was indexed
    before is served until the last moment, and whoever is killed at any moment leaves it as it
    was; the next run goes on where that one stopped. A file that cannot be read any more stays
    as it was indexed, one that is gone is removed.

    Raises:
        FileNotFoundError, NotADirectoryError: as `find_files`.
        IndexMismatchError: if there is an index of another encoder or format.
        IndexDamagedError: if there is an index that cannot be trusted.
        LockedError: if somebody else is writing it.
        OSError: if the disk is full or does not let itself be written.
    """
    started = time.monotonic()
    tell = on_progress or (lambda progress: None)
    files, skipped = find_files(corpus)
    try:
        store = Store.open(folder)
    except FileNotFoundError:
        pass
    else:
        with closing(store):
            plan = _plan(store, files, skipped, encoder, size)
            if not plan.to_read and not plan.to_remove:
                return _report(store, plan, [], started)
    with exclusive(folder), Staging.open(folder, Fingerprint.of(encoder, size)) as staging:
        plan = _plan(staging.store, files, skipped, encoder, size)  # others may have published
        waiting = [file for file in files if file.relative in plan.to_read]
        unread = _stage(staging, waiting, encoder, size, tell)
        n_encoded = _encode(staging, encoder, tell)
        n_cached = staging.n_passages - n_encoded
        if staging.n_files or plan.to_remove or not staging.store.generation.number:
            _publish(staging, plan, tell)
        return _report(staging.store, plan, unread, started, n_encoded=n_encoded, n_cached=n_cached)


def _plan(
    store: Store,
    files: Sequence[SourceFile],
    skipped: Sequence[SkippedFile],
    encoder: Encoder,
    size: int,
) -> IndexPlan:
    if not store.generation.number:
        return compare(files, skipped, {})
    check_encoder(store.folder, store.fingerprint, encoder)
    return compare(files, skipped, store.files(), all_changed=is_cut_otherwise(store, size))


def _stage(
    staging: Staging,
    files: Sequence[SourceFile],
    encoder: Encoder,
    size: int,
    tell: Callable[[Progress], None],
) -> list[SkippedFile]:
    """Read and cut the files that an earlier run has not staged; return what had no document."""

    def fits(text: str) -> bool:
        return encoder.count_tokens([text])[0] <= encoder.max_tokens

    staged = staging.keep_staged({file.relative: file.sha256 for file in files})
    indexed = staging.store.files()
    unread: list[SkippedFile] = []
    tell(Progress("reading", len(staged), len(files)))
    files = [file for file in files if file.relative not in staged]
    with ReaderProcess() as reader:
        for first in range(0, len(files), FILES_AT_ONCE):
            with staging.transaction():
                for number, file in enumerate(files[first : first + FILES_AT_ONCE], first + 1):
                    result = reader.read(file)
                    if result.documents:
                        documents = (
                            (document, split_document(document, size=size, fits=fits))
                            for document in result.documents
                        )
                        staging.stage(file, documents, result.skipped)
                    elif file.relative in indexed:
                        unread += map(note_kept, result.skipped)
                    else:
                        unread += result.skipped
                    tell(Progress("reading", len(staged) + number, len(staged) + len(files)))
    return unread


def _encode(staging: Staging, encoder: Encoder, tell: Callable[[Progress], None]) -> int:
    """Encode the staged texts that have no vector; return how many there were."""
    missing = staging.missing()
    tell(Progress("encoding", 0, len(missing)))
    for first in range(0, len(missing), TEXTS_AT_ONCE):
        passages = staging.store.passages(missing[first : first + TEXTS_AT_ONCE])
        texts = [embedded_text(passage) for passage in passages]
        vectors = encoder.encode_passages(texts)
        check_vectors(vectors, (len(texts), encoder.dimension))
        staging.add_vectors(texts, vectors)
        tell(Progress("encoding", first + len(texts), len(missing)))
    return len(missing)


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


def _publish(staging: Staging, plan: IndexPlan, tell: Callable[[Progress], None]) -> None:
    tell(Progress("publishing", 0, 1))
    before = staging.store.generation
    after = staging.publish(plan.to_remove, derive)
    # Whoever has opened the generation before a moment ago still finds its files.
    drop_editions(staging.folder, keep={before.edition, after.edition})
    tell(Progress("publishing", 1, 1))


def _report(
    store: Store,
    plan: IndexPlan,
    unread: Sequence[SkippedFile],
    started: float,
    *,
    n_encoded: int = 0,
    n_cached: int = 0,
) -> IndexReport:
    within = [SkippedFile(relative, reason) for relative, reason in store.skipped()]
    generation = store.generation
    return IndexReport(
        plan=plan,
        skipped=(*plan.skipped, *unread, *within),
        n_documents=generation.n_documents,
        n_passages=generation.n_passages,
        n_encoded=n_encoded,
        n_cached=n_cached,
        seconds=time.monotonic() - started,
        generation=generation.number,
    )
