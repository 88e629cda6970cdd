from rag.evaluate.evaluation import Evaluation, QuestionResult, SummaryRow, summary_rows
from rag.evaluate.questions import TestQuestion
from rag.records import Answer


def make_result(
    question_id: str, measures: dict[str, float], *, latency_ms: float = 10.0, kind: str = ""
) -> QuestionResult:
    question = TestQuestion(question_id, "?", answers=("yes",), kind=kind)
    return QuestionResult(question, Answer("yes"), measures, latency_ms, passed=True)


def test_a_figure_is_over_the_questions_that_have_the_measure() -> None:
    evaluation = Evaluation.from_results(
        [make_result("a", {"contains": 1.0, "hit@1": 0.0}), make_result("b", {"contains": 0.0})]
    )
    assert evaluation.groups["answer"]["contains"].n == 2
    assert evaluation.groups["retrieval"]["hit@1"].n == 1
    assert evaluation.groups["answer"]["rouge_l"].value is None


def test_the_table_has_a_line_for_each_figure_that_there_is() -> None:
    evaluation = Evaluation.from_results([make_result("a", {"contains": 1.0}, kind="easy")])
    assert summary_rows(evaluation) == [
        SummaryRow("answer", "contains", 1.0, 1.0, 1.0, 1),
        SummaryRow("latency_ms", "p50", 10.0, 10.0, 10.0, 1),
        SummaryRow("latency_ms", "p95", 10.0, 10.0, 10.0, 1),
        SummaryRow("kind: easy", "contains", 1.0, 1.0, 1.0, 1),
    ]


def test_the_row_of_a_question_names_its_kind_and_error_only_where_it_has_one() -> None:
    plain = make_result("a", {}).to_json()
    assert "kind" not in plain
    assert "error" not in plain
    failed = QuestionResult(
        TestQuestion("b", "?", kind="easy"), None, {}, None, passed=False, error="no"
    ).to_json()
    assert (failed["kind"], failed["error"], failed["citations"]) == ("easy", "no", [])
