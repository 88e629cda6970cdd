"""What indexing did or would do, and what an index holds, as lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from rich.filesize import decimal

from rag.cli.screen import count
from rag.index import DocumentRow, IndexPlan, IndexReport
from rag.index.derived import read_card
from rag.index.milvus.store import MilvusStore
from rag.index.store import Store
from rag.ingest.tokens import count_tokens

N_LISTED = 20  # files of one kind that are named; a first run over a library has thousands


def list_changes(plan: IndexPlan, added: Sequence[str] | None = None) -> list[str]:
    """Return a line for each file that indexing adds, changes, moves or removes.

    ``added`` stands in for the plan's own where some of them turned out to be unreadable.
    """
    groups = {
        "added": plan.added if added is None else added,
        "changed": plan.changed,
        "moved": [f"{old} → {new}" for old, new in plan.moved],
        "removed": plan.removed,
    }
    lines = []
    for name, files in groups.items():
        lines += [f"{name:8} {file}" for file in files[:N_LISTED]]
        if len(files) > N_LISTED:
            lines.append(f"{name:8} … and {len(files) - N_LISTED:,} more")
    return lines


def sum_up_plan(plan: IndexPlan) -> str:
    """Return how many files there are of each kind, in one line."""
    return (
        f"{len(plan.added):,} to add, {len(plan.changed):,} changed, {len(plan.moved):,} moved, "
        f"{len(plan.removed):,} to remove, {plan.n_unchanged:,} unchanged"
    )


def describe_report(report: IndexReport, list_documents: Callable[[], list[DocumentRow]]) -> str:
    """Return what indexing did, in lines: the files, what there is now, and what it cost."""
    holds = f"{count(report.n_documents, 'document')}, {count(report.n_passages, 'passage')}"
    if not report.n_encoded + report.n_cached and not report.plan.to_remove:
        return f"nothing to do: {holds}, unchanged; 0 encoded"
    plan = report.plan
    added: Sequence[str] = plan.added
    skipped = {file.relative for file in report.skipped}
    if not skipped.isdisjoint(added):
        doc_ids = {row.doc_id for row in list_documents()}
        added = [file for file in added if file not in skipped or _is_indexed(file, doc_ids)]
    rate = ""
    if report.n_encoded:
        rate = f" ({report.n_encoded / max(report.seconds, 0.001):,.1f} a second)"
    return "\n".join(
        [
            *list_changes(plan, added),
            f"{holds}: {count(len(added), 'file')} added, {len(plan.changed):,} changed, "
            f"{len(plan.moved):,} moved, {len(plan.removed):,} removed, "
            f"{plan.n_unchanged:,} unchanged",
            f"{report.n_encoded:,} encoded{rate}, {report.n_cached:,} taken from the cache, "
            f"in {report.seconds:.1f} s",
        ]
    )


def describe_passed_over(counts: Mapping[str, int]) -> list[str]:
    """Return a line on the files of formats that are not read; none where there are none.

    >>> describe_passed_over({".csv": 2, "": 1})
    ['formats that are not read: 2 .csv, 1 without a suffix']
    """
    files = [f"{n:,} {suffix or 'without a suffix'}" for suffix, n in counts.items()]
    return [f"formats that are not read: {', '.join(files)}"] if files else []


def describe_index(store: Store, on_progress: Callable[[int, int], None]) -> dict[str, str]:
    """Return what an index holds, what it was built with, and its size on disk, name → value.

    ``on_progress`` is told how many passages' tokens are counted and how many there are.
    """
    generation, fingerprint = store.generation, store.fingerprint
    n_tokens = 0
    for done, (_, passage) in enumerate(store.iter_passages(), start=1):
        n_tokens += count_tokens(passage.text)
        on_progress(done, generation.n_passages)
    return {
        "documents": f"{generation.n_documents:,}",
        "passages": f"{generation.n_passages:,}, of up to {fingerprint.size} tokens",
        "tokens": f"{n_tokens:,}",
        "encoder": f"{fingerprint.encoder}, sha256 {fingerprint.weights_sha256[:12]}…",
        "dimension": str(fingerprint.dimension),
        "dense": _describe_dense(store),
        "generation": str(generation.number),
        "built at": generation.built_at,
        "folder": str(store.folder),
        "on disk": _describe_sizes(store.folder),
    }


def describe_milvus(store: MilvusStore, on_progress: Callable[[int, int], None]) -> dict[str, str]:
    """Return what an index in Milvus holds and what it was built with, name → value.

    ``on_progress`` is as for `describe_index`.
    """
    version, edition = store.published()
    fingerprint = edition.head.fingerprint
    n_passages = sum(run.n_passages for run in edition.runs)
    n_tokens = 0
    rows = version.server.iterate(version.passages, edition.seen, ("id", "text"))
    for done, row in enumerate(rows, start=1):
        n_tokens += count_tokens(row["text"])
        on_progress(done, n_passages)
    return {
        "documents": f"{sum(run.n_documents for run in edition.runs):,}",
        "passages": f"{n_passages:,}, of up to {fingerprint.size} tokens",
        "tokens": f"{n_tokens:,}",
        "encoder": f"{fingerprint.encoder}, sha256 {fingerprint.weights_sha256[:12]}…",
        "dimension": str(fingerprint.dimension),
        "generation": str(edition.number),
        "built at": max(run.built_at for run in edition.runs),
        "store": str(store.address),
        "collection": version.passages,
    }


def _is_indexed(file: str, doc_ids: Collection[str]) -> bool:
    """Return whether a file has documents: its own, or those of its lines."""
    return file in doc_ids or any(doc_id.startswith(f"{file}#") for doc_id in doc_ids)


def _describe_dense(store: Store) -> str:
    """Return which index FAISS searches, what it finds, and how much memory it may take."""
    found = read_card(store)
    if found is None:
        return "missing or damaged; it is built again when the index is opened"
    card, n_bytes = found
    if card.n_probes == 0:
        return f"{card.factory}, exact, {decimal(n_bytes)} in memory"
    return (
        f"{card.factory}, {card.n_probes} lists a search, finds {card.recall:.3f} of the ten "
        f"nearest ({card.n_measured} trials when it was trained), {decimal(n_bytes)}, of "
        "which memory holds what is searched"
    )


def _describe_sizes(folder: Path) -> str:
    """Return the size of an index, and that of each part of it."""
    sizes: dict[str, int] = {}
    seen: set[int] = set()
    for path in folder.rglob("*"):
        if path.is_file() and (status := path.stat()).st_ino not in seen:
            part = path.relative_to(folder).parts[0].partition("-")[0]  # index.sqlite-wal and -shm
            sizes[part] = sizes.get(part, 0) + status.st_size
            seen.add(status.st_ino)  # two generations share files
    parts = ", ".join(f"{part} {decimal(size)}" for part, size in sorted(sizes.items()) if size)
    return f"{decimal(sum(sizes.values()))} ({parts})"
