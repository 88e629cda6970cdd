"""Reports of indexing and figures of evaluations as lines and tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.filesize import decimal
from rich.table import Table

from rag.cli.screen import count
from rag.evaluate import Comparison, Evaluation, Figure, QuestionResult, summary_rows
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


def tabulate_evaluation(evaluation: Evaluation) -> Table:
    """Return the figures of an evaluation; all run from 0 to 1 but for the latencies."""
    table = _table("group", "measure", numbers=("value", "95 % interval", "n"))
    previous = ""
    for row in summary_rows(evaluation):
        digits = 1 if row.group == "latency_ms" else 3
        figure = Figure(row.value, row.n, row.low, row.high)
        group = row.group if row.group != previous else ""
        table.add_row(group, row.measure, *_cells(figure, digits))
        previous = row.group
    return table


def tabulate_retrievers(figures: Mapping[str, Mapping[str, Figure]]) -> Table:
    """Return the figures of several retrievers, retriever → measure → figure."""
    table = _table("retriever", "measure", numbers=("value", "95 % interval", "n"))
    for retriever, by_measure in figures.items():
        for number, (measure, figure) in enumerate(by_measure.items()):
            table.add_row("" if number else retriever, measure, *_cells(figure, 4))
    return table


def tabulate_comparison(comparison: Comparison) -> Table:
    """Return the changes of the measures from an old run to a new one."""
    table = _table("measure", numbers=("old", "new", "difference", "p", "n"))
    for change in comparison.changes:
        table.add_row(
            change.measure,
            f"{change.old:.3f}",
            f"{change.new:.3f}",
            f"{change.difference:+.3f}",
            f"{change.p_value:.4f}",
            str(change.n),
        )
    return table


def list_failures(results: Iterable[QuestionResult]) -> list[str]:
    """Return a line for each question that was not dealt with rightly."""
    return [_describe_failure(result) for result in results if not result.passed]


def list_moves(comparison: Comparison) -> list[str]:
    """Return a line for each way in which single questions differ between two runs, if any do."""
    groups = {
        "newly failed": comparison.newly_failed,
        "newly passed": comparison.newly_passed,
        "only in the old run": comparison.only_old,
        "only in the new run": comparison.only_new,
    }
    return [f"{name}: {', '.join(ids)}" for name, ids in groups.items() if ids]


def _describe_failure(result: QuestionResult) -> str:
    question = result.question
    if result.error:
        what = f"error: {result.error}"
    elif result.measures.get("rejected"):
        what = "the answer that was rated wrong"
    elif result.answer is not None and result.answer.abstained:
        what = "refused, though the articles answer it"
    elif not question.is_answerable:
        what = "answered, though the articles do not say"
    elif question.answers:
        what = f"no {' / '.join(question.answers)} in the answer"
    else:
        what = "the evidence is not among the first five hits"
    return f"{question.question_id}  {question.question}  – {what}"


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


def _table(*texts: str, numbers: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in texts:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(figure: Figure, digits: int) -> tuple[str, str, str]:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–", "–", str(figure.n)
    interval = f"{figure.low:.{digits}f} – {figure.high:.{digits}f}"
    return f"{figure.value:.{digits}f}", interval, str(figure.n)
