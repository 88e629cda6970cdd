"""What an evaluation found: a result a question, the figures over them, and their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.evaluate.answer_measures import ANSWER_MEASURES
from rag.evaluate.citation_measures import CITATION_MEASURES
from rag.evaluate.confidence import ConfidenceReport, Judgement, report_confidence
from rag.evaluate.intervals import Figure, estimate_mean, estimate_percentile
from rag.evaluate.questions import TestQuestion
from rag.evaluate.retrieval_measures import PASSAGE_MEASURES, RANKING_MEASURES, SPAN_MEASURES
from rag.records import Answer

GROUPS = {
    "retrieval": (*RANKING_MEASURES, *PASSAGE_MEASURES, *SPAN_MEASURES),
    "answer": (*ANSWER_MEASURES, *CITATION_MEASURES, "rejected"),
    "abstention": ("refused_unanswerable", "refused_answerable"),
}
KIND_MEASURES = ("hit@1", "contains", "refused_unanswerable", "refused_answerable")
LATENCIES = {"p50": 50.0, "p95": 95.0}


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What became of one test question.

    ``measures`` has those that apply to the question. ``latency_ms`` is the time of the answer in
    milliseconds. ``passed``: refused where the documents do not answer it; where they do, answered
    and a right answer is in the text, or, with no right answer known, evidence among the first
    five hits (with passages given, any answer); where all that is known is an answer that was
    rated wrong, any other. Such a question says nothing about refusals or the confidence.
    ``supported`` is as for `Judgement`. A question that raised an error has no answer and no
    latency, and ``error`` says why.
    """

    question: TestQuestion
    answer: Answer | None
    measures: Mapping[str, float]
    latency_ms: float | None
    passed: bool
    supported: bool = False
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the result as an object for JSON; ``answer`` is ``None`` where it failed."""
        answer = self.answer
        row: dict[str, Any] = {
            "id": self.question.question_id,
            "question": self.question.question,
            "answer": answer.text if answer else None,
            "abstained": answer.abstained if answer else None,
            "confidence": answer.confidence if answer else None,
            "citations": [
                {
                    "number": citation.number,
                    "doc_id": citation.passage.doc_id,
                    "passage_id": citation.passage.passage_id,
                    "start": citation.start,
                    "end": citation.end,
                    "quote": citation.quote,
                }
                for citation in (answer.citations if answer else ())
            ],
            "hits": [
                {
                    "rank": hit.rank,
                    "score": hit.score,
                    "doc_id": hit.passage.doc_id,
                    "passage_id": hit.passage.passage_id,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                }
                for hit in (answer.hits if answer else ())
            ],
            "latency_ms": self.latency_ms,
            "passed": self.passed,
            "measures": dict(self.measures),
        }
        if self.question.kind:
            row["kind"] = self.question.kind
        if self.error:
            row["error"] = self.error
        return row


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of a table of figures."""

    group: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one evaluation, and the results that they are taken over.

    ``groups`` is group → measure → figure for retrieval, answer and abstention, ``kinds`` the same
    for each kind of question, where the questions say theirs. ``run`` holds facts about the run,
    such as the date and the name of the encoder.
    """

    results: tuple[QuestionResult, ...]
    groups: Mapping[str, Mapping[str, Figure]]
    latency_ms: Mapping[str, Figure]
    kinds: Mapping[str, Mapping[str, Figure]]
    confidence: ConfidenceReport
    run: Mapping[str, str | int | float]

    @classmethod
    def from_results(
        cls, results: Iterable[QuestionResult], run: Mapping[str, str | int | float] | None = None
    ) -> Evaluation:
        """Return the figures over the results."""
        results = tuple(results)
        latencies = [r.latency_ms for r in results if r.latency_ms is not None]
        kinds = dict.fromkeys(r.question.kind for r in results if r.question.kind)
        return cls(
            results=results,
            groups={group: _figures(results, names) for group, names in GROUPS.items()},
            latency_ms={
                name: estimate_percentile(latencies, percent) for name, percent in LATENCIES.items()
            },
            kinds={
                kind: {
                    name: figure
                    for name, figure in _figures(
                        [r for r in results if r.question.kind == kind], KIND_MEASURES
                    ).items()
                    if figure.n
                }
                for kind in kinds
            },
            confidence=report_confidence(
                [
                    _judge(r, r.answer)
                    for r in results
                    if r.answer is not None and not r.question.is_undecided
                ]
            ),
            run=dict(run or {}),
        )

    @property
    def n_failed(self) -> int:
        """How many questions raised an error instead of giving an answer."""
        return sum(1 for result in self.results if result.error)

    def to_json(self) -> dict[str, Any]:
        """Return everything as one object that ``json.dumps`` takes; no NaN, no infinity."""
        return {
            "run": dict(self.run),
            **{group: _to_json(figures) for group, figures in self.groups.items()},
            "latency_ms": _to_json(self.latency_ms),
            "kinds": {kind: _to_json(figures) for kind, figures in self.kinds.items()},
            "confidence": self.confidence.to_json(),
            "questions": [result.to_json() for result in self.results],
        }


def summary_rows(evaluation: Evaluation) -> list[SummaryRow]:
    """Return the lines of the summary table in order; a measure that no question has is left out.

    The groups are those of the JSON; that of a kind of question is ``kind: …``.
    """
    groups: dict[str, Mapping[str, Figure]] = {
        **evaluation.groups,
        "confidence": {"auroc": evaluation.confidence.auroc},
        "latency_ms": evaluation.latency_ms,
        **{f"kind: {kind}": figures for kind, figures in evaluation.kinds.items()},
    }
    return [
        SummaryRow(group, measure, figure.value, figure.low, figure.high, figure.n)
        for group, figures in groups.items()
        for measure, figure in figures.items()
        if figure.n
    ]


def _judge(result: QuestionResult, answer: Answer) -> Judgement:
    """Return what the confidence of the result's answer is held against."""
    return Judgement(
        confidence=answer.confidence,
        answerable=result.question.is_answerable,
        supported=result.supported,
        abstained=answer.abstained,
        correct=result.passed and not answer.abstained,
    )


def _figures(results: Sequence[QuestionResult], names: Sequence[str]) -> dict[str, Figure]:
    """Return the mean of each measure over the results that have it."""
    return {
        name: estimate_mean([r.measures[name] for r in results if name in r.measures])
        for name in names
    }


def _to_json(figures: Mapping[str, Figure]) -> dict[str, dict[str, float | int | None]]:
    """Return measure → figure as objects for JSON."""
    return {name: figure.to_json() for name, figure in figures.items()}
