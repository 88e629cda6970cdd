"""Figures of evaluations as tables, and of single questions as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from rag.evaluate import Comparison, Evaluation, Figure, QuestionResult, summary_rows


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
