"""One bot, answers by heart: every figure can be worked out by hand."""

import json
import math
from collections.abc import Sequence

import pytest

from rag.evaluate.evaluation import Evaluation
from rag.evaluate.questions import Evidence, GivenPassage, TestQuestion
from rag.evaluate.run import evaluate_question, hits_from_passages, run_evaluation
from rag.records import Answer, Citation, Document, Hit, Passage, Turn

TEXT = "The treaty was signed in 1648. Münster hosted the talks."
TREATY = Document("treaty.md", "Treaty", TEXT)
SIGNED = Passage("treaty.md:0", "treaty.md", 0, 30, "", TEXT[:30])
HOSTED = Passage("treaty.md:31", "treaty.md", 31, len(TEXT), "", TEXT[31:])


class HeartBot:
    """Knows when and where; refuses the rest; finds the passage on signing first."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Turn, ...], int]] = []

    def ask(self, question: str, *, history: Sequence[Turn] = (), k: int = 5) -> Answer:
        self.asked.append((question, tuple(history), k))
        return self.generate(question, self.retrieve(question, k=k), history=history)

    def retrieve(self, question: str, *, k: int = 5, history: Sequence[Turn] = ()) -> list[Hit]:
        return [Hit(SIGNED, 2.0, 1), Hit(HOSTED, 1.0, 2)][:k]

    def generate(
        self, question: str, hits: Sequence[Hit], *, history: Sequence[Turn] = ()
    ) -> Answer:
        if not question.endswith("?"):
            raise ValueError(f"question must end with a question mark, got {question!r}")
        for number, (word, hit) in enumerate(zip(["When", "Where"], hits, strict=False)):
            if question.startswith(word):
                passage = hit.passage
                citation = Citation(1, passage, passage.start, passage.end)
                text = f"{passage.text} [1]"
                return Answer(text, (citation,), tuple(hits), confidence=0.9 - number / 10)
        return Answer("They do not say.", hits=tuple(hits), abstained=True, confidence=0.2)

    def document(self, doc_id: str) -> Document:
        return {"treaty.md": TREATY}[doc_id]


WHEN = TestQuestion("when", "When?", (), ("1648",), (Evidence("treaty.md", "in 1648"),))
WHERE = TestQuestion("where", "Where?", (), ("Münster",), (Evidence("treaty.md", "Münster"),))
WHO = TestQuestion("who", "Who?", (), ("diplomats",), kind="hard")
WHY = TestQuestion("why", "Why?", kind="near miss")
BROKEN = TestQuestion("broken", "When", (), ("1648",), (Evidence("treaty.md"),))


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return run_evaluation(HeartBot(), [WHEN, WHERE, WHO, WHY, BROKEN], run={"encoder": "none"})


def test_retrieval_is_measured_where_there_is_evidence(evaluation: Evaluation) -> None:
    # when, where and the broken one, which found nothing
    figures = evaluation.groups["retrieval"]
    assert {name: figure.n for name, figure in figures.items()} == {
        "hit@1": 3,
        "hit@5": 3,
        "recall@5": 3,
        "mrr@10": 3,
        "ndcg@10": 3,
        "passage_hit@1": 2,
        "passage_hit@5": 2,
        "passage_recall@5": 2,
        "passage_mrr@10": 2,
        "passage_ndcg@10": 2,
        "span_recall@5": 2,
        "span_precision@5": 2,
        "span_iou@5": 2,
    }
    assert figures["hit@1"].value == pytest.approx((1 + 1 + 0) / 3)
    assert figures["passage_hit@1"].value == pytest.approx((1 + 0) / 2)
    assert figures["passage_mrr@10"].value == pytest.approx((1 + 1 / 2) / 2)
    assert figures["passage_ndcg@10"].value == pytest.approx((1 + 1 / math.log2(3)) / 2)
    retrieved = 30 + (len(TEXT) - 31)
    assert figures["span_iou@5"].value == pytest.approx((7 / retrieved + 7 / retrieved) / 2)


def test_a_refusal_and_an_error_are_worth_nothing_where_there_is_an_answer(
    evaluation: Evaluation,
) -> None:
    contains = evaluation.groups["answer"]["contains"]
    assert (contains.value, contains.n) == ((1 + 1 + 0 + 0) / 4, 4)


def test_citations_are_measured_over_the_answers_given(evaluation: Evaluation) -> None:
    for name in ("citation_precision", "citation_recall"):
        figure = evaluation.groups["answer"][name]
        assert (figure.value, figure.n) == (1.0, 2)


def test_refusals_are_told_apart(evaluation: Evaluation) -> None:
    unanswerable, answerable = evaluation.groups["abstention"].values()
    assert (unanswerable.value, unanswerable.n) == (1.0, 1)
    assert (answerable.value, answerable.n) == (1 / 4, 4)


def test_an_error_is_recorded_and_the_rest_goes_on(evaluation: Evaluation) -> None:
    [*_, broken] = evaluation.results
    assert broken.error == "question must end with a question mark, got 'When'"
    assert (broken.answer, broken.latency_ms, broken.passed) == (None, None, False)
    assert evaluation.n_failed == 1
    assert evaluation.latency_ms["p50"].n == 4


def test_what_passed_is_what_was_dealt_with_rightly(evaluation: Evaluation) -> None:
    passed = {result.question.question_id: result.passed for result in evaluation.results}
    assert passed == {"when": True, "where": True, "who": False, "why": True, "broken": False}


def test_evidence_among_the_hits_passes_where_no_answer_is_known() -> None:
    found = TestQuestion("a", "When?", evidence=(Evidence("treaty.md"),))
    missed = TestQuestion("b", "When?", evidence=(Evidence("other.md"),))
    assert evaluate_question(HeartBot(), found).passed
    assert not evaluate_question(HeartBot(), missed).passed
    assert not evaluate_question(HeartBot(), missed).supported


def test_an_answer_that_should_have_been_a_refusal_fails() -> None:
    result = evaluate_question(HeartBot(), TestQuestion("a", "When?"))
    assert not result.passed
    assert result.measures["refused_unanswerable"] == 0.0


def test_kinds_are_reported_apart(evaluation: Evaluation) -> None:
    assert {kind: dict(figures) for kind, figures in evaluation.kinds.items()} == {
        "hard": {
            "contains": evaluation.kinds["hard"]["contains"],
            "refused_answerable": evaluation.kinds["hard"]["refused_answerable"],
        },
        "near miss": {
            "refused_unanswerable": evaluation.kinds["near miss"]["refused_unanswerable"]
        },
    }
    assert evaluation.kinds["near miss"]["refused_unanswerable"].value == 1.0


def test_confidence_is_judged_over_the_answers(evaluation: Evaluation) -> None:
    # when 0.9, where 0.8 and who 0.2 against why 0.2
    assert evaluation.confidence.auroc.value == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert evaluation.confidence.auroc.n == 4


def test_history_and_k_reach_the_bot_and_progress_is_told() -> None:
    bot = HeartBot()
    history = (Turn("What?", "A treaty."),)
    told: list[tuple[int, int]] = []
    questions = [WHEN, TestQuestion("a", "Where?", history)]
    run_evaluation(bot, questions, k=2, on_progress=lambda done, n: told.append((done, n)))
    assert bot.asked == [("When?", (), 2), ("Where?", history, 2)]
    assert told == [(1, 2), (2, 2)]


def test_given_passages_are_all_that_the_generator_gets() -> None:
    bot = HeartBot()
    passages = (GivenPassage("A", "It was in 1815."), GivenPassage("B", "In Vienna."))
    question = TestQuestion(
        "g", "Where?", (), ("Vienna",), (Evidence("treaty.md", "Münster"),), passages
    )
    result = evaluate_question(bot, question)
    assert bot.asked == []
    assert result.answer is not None
    assert [hit.passage.text for hit in result.answer.hits] == ["It was in 1815.", "In Vienna."]
    assert result.measures == {
        "exact_match": 0.0,
        "token_f1": pytest.approx(2 * (1 / 2) * 1 / (1 / 2 + 1)),
        "rouge_l": pytest.approx(2 * (1 / 2) * 1 / (1 / 2 + 1)),
        "contains": 1.0,
        "refused_answerable": 0.0,
        "citation_precision": 1.0,
        "citation_recall": 1.0,
    }


def test_given_passages_are_whole_documents_in_order() -> None:
    passages = (GivenPassage("A", "Été."), GivenPassage("", "🙂"))
    documents, hits = hits_from_passages(TestQuestion("g", "?", passages=passages))
    assert [hit.rank for hit in hits] == [1, 2]
    for hit in hits:
        document = documents[hit.passage.doc_id]
        assert document.text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert hit.passage.text == document.text


def test_the_json_has_the_documented_keys_and_survives_a_round_trip(
    evaluation: Evaluation,
) -> None:
    tree = evaluation.to_json()
    assert json.loads(json.dumps(tree, allow_nan=False)) == json.loads(
        json.dumps(evaluation.to_json())
    )
    assert list(tree) == [
        "run", "retrieval", "answer", "abstention", "latency_ms", "kinds", "confidence",
        "questions",
    ]  # fmt: skip
    assert tree["run"] == {"encoder": "none"}
    assert set(tree["latency_ms"]) == {"p50", "p95"}
    assert set(tree["abstention"]) == {"refused_unanswerable", "refused_answerable"}
    assert set(tree["retrieval"]["hit@1"]) == {"value", "n", "low", "high"}
    for row in tree["questions"]:
        assert {"id", "question", "answer", "abstained", "confidence", "citations", "hits"} < set(
            row
        )
    [when, *_, broken] = tree["questions"]
    assert when["citations"] == [
        {
            "number": 1,
            "doc_id": "treaty.md",
            "passage_id": "treaty.md:0",
            "start": 0,
            "end": 30,
            "quote": "The treaty was signed in 1648.",
        }
    ]
    assert [hit["rank"] for hit in when["hits"]] == [1, 2]
    assert (broken["answer"], broken["abstained"], broken["error"]) == (
        None,
        None,
        "question must end with a question mark, got 'When'",
    )


def test_wrong_use_is_an_error() -> None:
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        run_evaluation(HeartBot(), [WHEN], k=0)
    with pytest.raises(ValueError, match="questions must not be empty"):
        run_evaluation(HeartBot(), [])


def test_all_that_is_known_of_a_rating_down_is_one_wrong_answer() -> None:
    wrong = TestQuestion("r", "When?", rating="down", rejected="The treaty was signed in 1648.")
    result = evaluate_question(HeartBot(), wrong)
    assert not result.passed
    assert result.measures["rejected"] == 1.0
    better = TestQuestion("s", "Where?", rating="down", rejected="The treaty was signed in 1648.")
    assert evaluate_question(HeartBot(), better).passed
    refused = TestQuestion("t", "Who?", rating="down", rejected="They do not say.")
    assert not evaluate_question(HeartBot(), refused).passed


def test_a_rating_down_is_neither_answerable_nor_unanswerable() -> None:
    rated = TestQuestion("r", "Who?", rating="down", rejected="Kings.")
    evaluation = run_evaluation(HeartBot(), [WHEN, WHY, rated])
    assert evaluation.groups["abstention"]["refused_answerable"].n == 1
    assert evaluation.groups["abstention"]["refused_unanswerable"].n == 1
    assert evaluation.groups["answer"]["rejected"].n == 1
    assert sum(one.n for one in evaluation.confidence.reliability) == 2
    assert evaluation.confidence.auroc.n == 2


def test_a_rating_down_with_the_right_answer_written_in_is_a_question_like_any_other() -> None:
    known = TestQuestion("r", "When?", answers=("1648",), rating="down", rejected="In 1618.")
    result = evaluate_question(HeartBot(), known)
    assert result.passed
    assert result.measures["rejected"] == 0.0
    assert result.measures["refused_answerable"] == 0.0
