import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from rag.chatbot import Chatbot
from rag.evaluate import Evaluation, QuestionResult, TestQuestion
from rag.page import wording
from rag.page.evaluating import Evaluating, Outcome, list_failures
from rag.page.figures import draw_outcome, draw_progress, replay
from rag.page.loading import Loading
from rag.records import Turn
from tests.fakes_page import make_answer, quoting_bot

RISE = {"id": "r", "question": "When does the river rise?", "answers": ["in May"]}
FALL = {"id": "f", "question": "When does the <river> fall?", "answers": ["June"]}
WHO = {"id": "w", "question": "abstain: who knows?"}
OLD = {"id": "o", "question": "How old is the wood?", "evidence": [{"doc_id": "wood.md"}]}
RATED = {"id": "d", "question": "Is the wood old?", "rating": "down"}
RATED["rejected"] = "The wood is old."
RUN: dict[str, str | int | float] = {"date": "2025-01-02T03:04:05+00:00"}


def write(folder: Path, *rows: Mapping[str, object]) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


@pytest.fixture
def evaluating(tmp_path: Path) -> Evaluating:
    return Evaluating(Loading(lambda tell: quoting_bot(tmp_path, tell)))


def run(evaluating: Evaluating, path: Path) -> None:
    assert evaluating.start(path)
    assert evaluating.wait(60)


def test_the_questions_are_asked_and_the_failures_listed(
    evaluating: Evaluating, tmp_path: Path
) -> None:
    run(evaluating, write(tmp_path, RISE, FALL, WHO, OLD, RATED))
    assert [each.question.question_id for each in list_failures(evaluating.outcome)] == ["f", "d"]
    assert "3 of 5 questions of questions.jsonl passed" in draw_progress(evaluating)


def test_a_failure_is_a_button_with_what_was_expected_and_what_came(
    evaluating: Evaluating, tmp_path: Path
) -> None:
    run(evaluating, write(tmp_path, RISE, FALL, RATED))
    html = draw_outcome(evaluating.outcome)
    assert 'id="ask-0">When does the &lt;river&gt; fall?</button>' in html
    assert "<dd>June</dd>" in html
    assert "<dd>The river rises in May. [1]</dd>" in html
    assert f"<dd>{wording.EXPECTED_OTHER}</dd>" in html
    assert "<river>" not in html


def test_what_came_is_shown_without_the_marks_of_the_words_that_answer() -> None:
    question = TestQuestion("q", "When?", answers=("in **May**",))
    answer = replace(make_answer(), text="The river rises in **May**. [1]")
    evaluation = Evaluation.from_results([QuestionResult(question, answer, {}, 1.0, False)], RUN)
    html = draw_outcome(Outcome("questions.jsonl", 1, evaluation))
    assert "<dd>in May</dd>" in html
    assert "<dd>The river rises in May. [1]</dd>" in html


def test_figures_have_intervals_and_the_confidence_its_plot(
    evaluating: Evaluating, tmp_path: Path
) -> None:
    run(evaluating, write(tmp_path, RISE, WHO))
    html = draw_outcome(evaluating.outcome)
    assert "<td>refused_unanswerable</td>" in html
    assert "95 % bootstrap interval" in html
    assert "Reliability of the confidence" in unquote(html)
    assert wording.NO_FAILURES in html


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no file"),
        ("not json", "must be JSON"),
        ("", "no questions"),
        ('{"id": "a", "question": "b", "evidence": [{"doc_id": "gone.md"}]}', "gone.md"),
    ],
)
def test_what_is_wrong_with_the_file_is_one_line(
    evaluating: Evaluating, tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_text(content, "utf-8")
    run(evaluating, path)
    assert reason in draw_progress(evaluating)
    assert draw_outcome(evaluating.outcome) == ""


def test_a_run_is_stopped_and_keeps_what_it_has(tmp_path: Path) -> None:
    gate = threading.Event()

    def load(tell: object) -> Chatbot:
        gate.wait()
        return quoting_bot(tmp_path)

    evaluating = Evaluating(Loading(load))
    slow = [{**RISE, "id": f"{n}", "question": "slow river"} for n in range(3)]
    assert evaluating.start(write(tmp_path, *slow))
    assert wording.EVALUATION_BEGINS in draw_progress(evaluating)
    assert not evaluating.start(tmp_path / "another")
    evaluating.stop()
    gate.set()
    assert evaluating.wait(60)
    assert "Stopped after 0 of 3 questions" in draw_progress(evaluating)
    run(evaluating, write(tmp_path, RISE))
    assert "1 of 1 questions" in draw_progress(evaluating)


def test_a_corpus_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    evaluating = Evaluating(Loading(lambda tell: Chatbot.from_corpus(tmp_path / "none")))
    run(evaluating, write(tmp_path, RISE))
    assert "cannot be run" in draw_progress(evaluating)


def test_before_a_run_there_is_nothing_to_see(evaluating: Evaluating) -> None:
    assert draw_outcome(evaluating.outcome) == ""
    assert list_failures(None) == []
    assert wording.EVALUATION_NONE in draw_progress(evaluating)


def test_what_was_said_before_a_question_is_a_conversation() -> None:
    one, two = replay((Turn("When?", "In May."), Turn("Why?", "Snow.")))
    assert (one.turn, two.turn) == (1, 2)
    assert two.question == "Why?"
    assert one.answer.text == "In May."
    assert one.answer.notices == (wording.GIVEN_BY_TEST,)
