"""Asks the test questions and measures what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from rag.evaluate.answer_measures import MARKER, measure_answer, normalise, remove_markers
from rag.evaluate.citation_measures import measure_citations
from rag.evaluate.evaluation import Evaluation, QuestionResult
from rag.evaluate.questions import TestQuestion
from rag.evaluate.retrieval_measures import (
    DEPTH,
    Target,
    locate_evidence,
    measure_documents,
    measure_passages,
    measure_spans,
)
from rag.records import Answer, Document, Hit, Passage, Turn, check_k


class Askable(Protocol):
    """What can be evaluated: a chatbot, or anything with these methods of one."""

    def ask(self, question: str, *, history: Sequence[Turn] = (), k: int = 5) -> Answer:
        """Return the answer to the question, from at most ``k`` hits."""
        ...

    def retrieve(self, question: str, *, k: int = 5, history: Sequence[Turn] = ()) -> list[Hit]:
        """Return at most ``k`` hits, best first."""
        ...

    def generate(
        self, question: str, hits: Sequence[Hit], *, history: Sequence[Turn] = ()
    ) -> Answer:
        """Return the answer to the question from exactly these hits."""
        ...

    def document(self, doc_id: str) -> Document:
        """Return a document; raises ``LookupError`` or ``ValueError`` for an unknown id."""
        ...


def run_evaluation(
    bot: Askable,
    questions: Sequence[TestQuestion],
    *,
    k: int = 5,
    run: Mapping[str, str | int | float] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Return the evaluation of a bot: each question is asked once, in order.

    Answers rest on ``k`` hits; retrieval is measured on the first ten whatever ``k``. Questions
    that bring their passages are answered from those, and have no retrieval measures. A question
    for which the bot raises ``ValueError`` does not stop the rest: it is recorded with the error
    and counts as an empty answer with no hits, not refused. The first question pays for whatever
    the bot loads on first use. ``run`` holds facts about the run, to be kept with the figures;
    ``on_progress`` is told, after every question, how many are done and how many there are.

    Raises:
        ValueError: if ``k`` is less than 1 or there are no questions.
    """
    check_k(k)
    if not questions:
        raise ValueError("questions must not be empty, got none; give at least one")
    results = []
    for n_done, question in enumerate(questions, start=1):
        results.append(evaluate_question(bot, question, k=k))
        if on_progress is not None:
            on_progress(n_done, len(questions))
    return Evaluation.from_results(results, run)


def evaluate_question(bot: Askable, question: TestQuestion, *, k: int = 5) -> QuestionResult:
    """Return what becomes of one question; errors of the bot are as for `run_evaluation`."""
    given, given_hits = hits_from_passages(question)

    def find_document(doc_id: str) -> Document:
        return given[doc_id] if given else bot.document(doc_id)

    targets = [] if given else locate_evidence(question.evidence, find_document)
    answer, latency_ms, ranking, error = None, None, [], ""
    try:
        started = time.perf_counter()
        if given:
            answer = bot.generate(question.question, given_hits, history=question.history)
        else:
            answer = bot.ask(question.question, history=question.history, k=k)
        latency_ms = (time.perf_counter() - started) * 1000
        if targets:
            ranking = bot.retrieve(question.question, k=DEPTH, history=question.history)
    except ValueError as raised:
        answer, latency_ms, error = None, None, str(raised)

    measures = measure_documents(ranking, targets)
    measures |= measure_passages(ranking, targets)
    measures |= measure_spans(ranking, targets)
    measures |= _measure_text(answer, question)
    if answer is not None:
        measures |= measure_citations(answer, find_document)
    return QuestionResult(
        question=question,
        answer=answer,
        measures=measures,
        latency_ms=latency_ms,
        passed=_is_passed(question, answer, measures),
        supported=_is_supported(question, answer, targets),
        error=error,
    )


def hits_from_passages(question: TestQuestion) -> tuple[dict[str, Document], list[Hit]]:
    """Return the passages that the question brings, as documents by id and as hits in order.

    Each is a document of its own, whole in one passage; the scores are 1 / rank.
    """
    documents: dict[str, Document] = {}
    hits = []
    for rank, given in enumerate(question.passages, start=1):
        doc_id = f"{question.question_id}/{rank}"
        documents[doc_id] = Document(doc_id, given.title, given.text)
        passage = Passage(
            passage_id=doc_id,
            doc_id=doc_id,
            start=0,
            end=len(given.text),
            heading="",
            text=given.text,
            title=given.title,
        )
        hits.append(Hit(passage, score=1 / rank, rank=rank))
    return documents, hits


def _measure_text(answer: Answer | None, question: TestQuestion) -> dict[str, float]:
    """Return the measures of the answer's text and whether it was refused."""
    text = ""
    if answer is not None and not answer.abstained:
        text = remove_markers(answer.stated, {citation.number for citation in answer.citations})
    measures = measure_answer(text, question.answers)
    if question.rejected:
        measures["rejected"] = float(_is_rejected(answer, question))
    if not question.is_undecided:
        refused = "refused_answerable" if question.is_answerable else "refused_unanswerable"
        measures[refused] = float(answer is not None and answer.abstained)
    return measures


def _is_rejected(answer: Answer | None, question: TestQuestion) -> bool:
    """Whether the answer says what a person called wrong, whatever its ``[n]``."""
    if answer is None:
        return False
    given, rejected = (
        normalise(MARKER.sub("", text)) for text in (answer.stated, question.rejected)
    )
    return given == rejected


def _is_passed(
    question: TestQuestion, answer: Answer | None, measures: Mapping[str, float]
) -> bool:
    """Whether the question was dealt with rightly, as for `QuestionResult`."""
    if answer is None or _is_rejected(answer, question):
        return False
    if question.is_undecided:
        return True
    if not question.is_answerable or answer.abstained:
        return answer.abstained and not question.is_answerable
    return measures.get("contains", measures.get("hit@5", 1.0)) == 1.0


def _is_supported(question: TestQuestion, answer: Answer | None, targets: Sequence[Target]) -> bool:
    """Whether the question has an answer, and the answer's hits hold evidence, if any is known."""
    if answer is None or not question.is_answerable:
        return False
    return not targets or any(
        target.is_covered_by(hit.passage) for target in targets for hit in answer.hits
    )
