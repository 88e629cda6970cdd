"""Test questions asked in the background, one run at a time for everybody who looks at the page."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.chatbot import Chatbot
from rag.evaluate import Evaluation, QuestionResult, TestQuestion, read_questions
from rag.evaluate.run import evaluate_question
from rag.failures import EXPECTED, explain
from rag.page import wording
from rag.page.loading import Loading, LoadingError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``total`` is 0 before the questions are read."""

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found in a file; of ``n_questions`` all were asked, unless it was stopped.

    Without an evaluation, because none was asked or the file is wrong, ``failed`` says why.
    """

    file: str
    n_questions: int
    evaluation: Evaluation | None
    failed: str = ""


class Evaluating:
    """The run that is under way, if any, and what the last one found. May be shared by threads.

    A run goes on when whoever began it has left; it ends with the process, and loses nothing but
    itself.
    """

    def __init__(self, loading: Loading) -> None:
        self.outcome: Outcome | None = None
        self._loading = loading
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._ended = threading.Event()
        self._ended.set()
        self._stop = threading.Event()

    @property
    def progress(self) -> Progress | None:
        """How far the run is; None while there is none."""
        return self._progress

    def start(self, file: Path) -> bool:
        """Begin a run over the test questions of a file; return False where one is under way."""
        with self._lock:
            if not self._ended.is_set():
                return False
            self._ended.clear()
            self._stop.clear()
            self._progress = Progress()
        threading.Thread(target=self._run, args=(file,), name="evaluating", daemon=True).start()
        return True

    def stop(self) -> None:
        """End the run after the question that is being asked; what was found by then stays."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether no run is under way, after at most so many seconds."""
        return self._ended.wait(timeout)

    def _run(self, file: Path) -> None:
        outcome = Outcome(file.name, 0, None, wording.UNEXPECTED)  # unless all goes well
        try:
            bot = self._loading.chatbot()
            bot.refresh()
            questions = read_questions(file, find_document=bot.document)
            results = self._ask(bot, questions)
            evaluation = None
            if results:
                evaluation = Evaluation.from_results(results, _describe(bot, file))
            outcome = Outcome(file.name, len(questions), evaluation)
        except (LoadingError, *EXPECTED) as error:
            outcome = Outcome(file.name, 0, None, explain(error))
        finally:  # a bug, too, ends the run; its traceback goes to stderr
            self.outcome = outcome
            self._progress = None
            self._ended.set()

    def _ask(self, bot: Chatbot, questions: Sequence[TestQuestion]) -> list[QuestionResult]:
        results: list[QuestionResult] = []
        for question in questions:
            if self._stop.is_set():
                break
            self._progress = Progress(len(results), len(questions))
            results.append(evaluate_question(bot, question, k=bot.k))
        return results


def list_failures(outcome: Outcome | None) -> list[QuestionResult]:
    """Return the questions of a run that were not dealt with rightly, in order."""
    if outcome is None or outcome.evaluation is None:
        return []
    return [result for result in outcome.evaluation.results if not result.passed]


def _describe(bot: Chatbot, file: Path) -> dict[str, str | int | float]:
    """Return the facts about a run that are kept with its figures."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions": str(file),
        "documents": bot.index.n_documents,
        "passages": bot.index.n_passages,
        "encoder": bot.encoder.name,
        "retriever": bot.mode,
        "generator": bot.generator.name,
        "k": bot.k,
    }
