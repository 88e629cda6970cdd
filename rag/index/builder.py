"""Brings an index to the state of its corpus: read, cut, encode what is new, publish at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rag.index.derived import derive, drop_editions
from rag.index.fingerprint import Fingerprint, check_encoder
from rag.index.intake import Progress, take_in
from rag.index.lock import exclusive
from rag.index.plan import IndexPlan, compare_with
from rag.index.staging import Staging
from rag.index.store import Store
from rag.ingest.files import (
    DEFAULT_LIMITS,
    Limits,
    SkippedFile,
    SourceFile,
    describe_readers,
    find_files,
)
from rag.ingest.split import SIZE
from rag.records import Encoder

__all__ = ["IndexReport", "Progress", "update_index"]


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
    limits: Limits = DEFAULT_LIMITS,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Bring the index in the folder to the state of the corpus, and return what that took.

    Unchanged files cost a hash; nothing is written where nothing has changed. What was indexed
    before is served until the last moment, and whoever is killed at any moment leaves it as it
    was; the next run goes on where that one stopped. A file that cannot be read any more stays
    as it was indexed, one that is gone is removed. ``limits`` are on reading one file; a content
    that could not be read is reported again, and is tried again only with other ones.

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
            plan = _plan(store, files, skipped, encoder, size, limits)
            if not plan.to_read and not plan.to_remove:
                return _report(store, plan, [], started)
    with exclusive(folder), Staging.open(folder, Fingerprint.of(encoder, size)) as staging:
        staging.keep_unread(files, describe_readers(limits))
        # Others may have published meanwhile.
        plan = _plan(staging.store, files, skipped, encoder, size, limits)
        waiting = [file for file in files if file.relative in plan.to_read]
        unread, n_encoded = take_in(staging, waiting, encoder, size, limits, tell)
        n_cached = max(0, staging.n_passages - n_encoded)  # a file may have broken off
        if staging.n_files or plan.to_remove or not staging.store.generation.number:
            _publish(staging, plan, tell)
        return _report(staging.store, plan, unread, started, n_encoded=n_encoded, n_cached=n_cached)


def _plan(
    store: Store,
    files: Sequence[SourceFile],
    skipped: Sequence[SkippedFile],
    encoder: Encoder,
    size: int,
    limits: Limits,
) -> IndexPlan:
    if store.generation.number:
        check_encoder(store.folder, store.fingerprint, encoder)
    return compare_with(store, files, skipped, size, limits)


def _publish(staging: Staging, plan: IndexPlan, tell: Callable[[Progress], None]) -> None:
    tell(Progress("publishing", 0, 1))
    before = staging.store.generation
    after = staging.publish(plan.to_remove, partial(derive, before=before.edition))
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
