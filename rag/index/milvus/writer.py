"""Brings an index in Milvus to the state of its corpus; many may do so at once, a shard each."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits

from rag.index.builder import IndexReport, Progress
from rag.index.lock import exclusive
from rag.index.milvus.published import Published
from rag.index.milvus.records import Version
from rag.index.milvus.runs import Run, Shard
from rag.index.milvus.server import Server
from rag.index.milvus.staging import StagedRun
from rag.index.milvus.target import (
    Target,
    check_alone,
    choose_target,
    serve_if_whole,
)
from rag.index.plan import IndexPlan, compare, note_kept
from rag.ingest.files import ReaderProcess, SkippedFile, SourceFile, find_files
from rag.ingest.split import SIZE, split_document
from rag.records import Encoder

FILES_AT_ONCE = 16  # staged together: their passages fill a batch of the encoder, and memory


@dataclass(frozen=True, slots=True)
class _Work:
    """How many texts were encoded, how many needed no encoding, and what held no document."""

    n_encoded: int = 0
    n_cached: int = 0
    unread: tuple[SkippedFile, ...] = ()


def plan_milvus(
    corpus: Path,
    server: Server,
    *,
    size: int = SIZE,
    shard: Shard = Shard(),  # noqa: B008  frozen
) -> IndexPlan:
    """Return what `update_milvus` would do to the version that is served; nothing is written.

    Raises:
        FileNotFoundError, NotADirectoryError: as `find_files`.
        OSError: if the server does not answer.
    """
    files, skipped = _find_files(corpus, shard)
    version = Version.served(server)
    edition = version.edition() if version else None
    if version is None or edition is None or not edition.runs:
        return compare(files, skipped, {})
    indexed = _files_of(Published(version, edition), shard)
    return compare(files, skipped, indexed, all_changed=edition.head.fingerprint.is_outdated(size))


def update_milvus(  # noqa: PLR0913  the parts, each with its default
    corpus: Path,
    server: Server,
    encoder: Encoder,
    *,
    folder: Path,
    size: int = SIZE,
    shard: Shard = Shard(),  # noqa: B008  frozen
    rebuild: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Bring the shard's files in the index to the state of the corpus; return what that took.

    Unchanged files cost a hash. What was indexed before is served until one row publishes the
    change. Whoever is killed has published nothing, and the next run of the shard goes on where
    that one stopped. A first build, a ``rebuild``, and passages of another ``size`` go into a new
    version, which is served once all shards of it are published. ``folder`` is where this machine
    keeps the lock of the shard.

    Raises:
        FileNotFoundError, NotADirectoryError: as `find_files`.
        IndexMismatchError: if there is an index of another encoder or format.
        LockedError: if somebody else is writing the shard, or the whole of another cut into shards.
        OSError: if the server does not answer, or does not take what it is given.
    """
    started = time.monotonic()
    tell = on_progress or (lambda progress: None)
    files, skipped = _find_files(corpus, shard)
    with exclusive(folder / "milvus" / server.address.name / f"shard-{shard.number}-of-{shard.of}"):
        target = choose_target(server, encoder, size, rebuild)
        version = target.version
        runs = version.runs()
        check_alone(version, runs, shard)
        plan = compare(files, skipped, _files_of(target.here, shard))
        work = _Work()
        is_covered = any(run.shard == shard for run in target.edition.runs) or target.is_served
        if plan.to_read or plan.to_remove or not is_covered:
            staged = _begin(version, runs, shard)
            work = _stage(target, staged, files, plan, encoder, size, tell)
            tell(Progress("publishing", 0, 1))
            _publish(target.here, staged, plan)
            tell(Progress("publishing", 1, 1))
        serve_if_whole(target)
        return _report(target, plan, shard, work, started)


def _find_files(corpus: Path, shard: Shard) -> tuple[list[SourceFile], list[SkippedFile]]:
    files, skipped = find_files(corpus)
    return (
        [file for file in files if shard.has(file.relative)],
        [part for part in skipped if shard.has(part.relative)],
    )


def _files_of(published: Published, shard: Shard) -> dict[str, str]:
    return {path: sha256 for path, sha256 in published.files.items() if shard.has(path)}


def _begin(version: Version, runs: Sequence[Run], shard: Shard) -> StagedRun:
    """Return the run of the shard that was cut short, taken up again, or a new one."""
    begun = [run for run in runs if not run.published and run.shard == shard]
    run = Run(
        run=begun[0].run if begun else _stamp(),
        attempt=_stamp(),
        shard=shard,
        host=socket.gethostname(),
        touched=time.time(),
    )
    version.write_run(run)
    return StagedRun(version, run, resumed=bool(begun))


def _stamp() -> int:
    return randbits(62) | 1  # never 0, which stands for what has not been removed


def _stage(  # noqa: PLR0913  what the builder of the local index has, and where to
    target: Target,
    staged: StagedRun,
    files: Sequence[SourceFile],
    plan: IndexPlan,
    encoder: Encoder,
    size: int,
    tell: Callable[[Progress], None],
) -> _Work:
    """Read, cut, encode and write the files that are waiting."""

    def fits(text: str) -> bool:
        return encoder.count_tokens([text])[0] <= encoder.max_tokens

    waiting = [file for file in files if file.relative in plan.to_read]
    kept = staged.keep({file.relative: file.sha256 for file in waiting})
    todo = [file for file in waiting if file.relative not in kept]
    old = target.served or target.here
    came_from = {new: before for before, new in plan.moved}
    unread: list[SkippedFile] = []
    n_encoded = n_cached = 0
    tell(Progress("reading", len(kept), len(waiting)))
    with ReaderProcess() as reader:
        for first in range(0, len(todo), FILES_AT_ONCE):
            batch = []
            for number, file in enumerate(todo[first : first + FILES_AT_ONCE], first + 1):
                result = reader.read(file)
                if result.documents:
                    cut = [(d, split_document(d, size=size, fits=fits)) for d in result.documents]
                    batch.append((file, cut, result.skipped))
                elif file.relative in plan.changed:
                    unread += map(note_kept, result.skipped)
                else:
                    unread += result.skipped
                tell(Progress("reading", len(kept) + number, len(waiting)))
            places = [came_from.get(file.relative, file.relative) for file, _, _ in batch]
            known = old.find_vectors(encoder, places)
            encoded, cached = staged.add(batch, encoder, known, tell)
            n_encoded, n_cached = n_encoded + encoded, n_cached + cached
    return _Work(n_encoded, n_cached, tuple(unread))


def _publish(published: Published, staged: StagedRun, plan: IndexPlan) -> None:
    """Make what is staged part of the version, and what it replaces no longer part of it."""
    version = published.version
    added = staged.documents()
    gone = published.remove(set(staged.files()) | plan.to_remove, staged.run.attempt)
    version.server.settle(version.passages)
    version.write_run(
        replace(
            staged.run,
            published=True,
            built_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            n_documents=len(added) - len(gone),
            n_passages=sum(d.n_passages for d in added) - sum(d.n_passages for d in gone),
        )
    )
    # What an earlier publication had removed goes now: whoever still reads what was served until
    # a moment ago finds its rows.
    published.drop_removed()


def _report(
    target: Target, plan: IndexPlan, shard: Shard, work: _Work, started: float
) -> IndexReport:
    version = target.version
    edition = version.edition() or target.edition
    within = version.skipped(edition.seen) if edition.runs else []
    return IndexReport(
        plan=plan,
        skipped=(*plan.skipped, *work.unread, *(part for of, part in within if shard.has(of))),
        n_documents=sum(run.n_documents for run in edition.runs),
        n_passages=sum(run.n_passages for run in edition.runs),
        n_encoded=work.n_encoded,
        n_cached=work.n_cached,
        seconds=time.monotonic() - started,
        generation=edition.number,
    )
