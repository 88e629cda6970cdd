"""What an evaluation found, as a view of the page: failures, plots and figures."""

from __future__ import annotations

from rag.evaluate import QuestionResult, summary_rows
from rag.evaluate.report import draw_charts, draw_figures
from rag.page import wording
from rag.page.actions import draw_drawing
from rag.page.answers import without_emphasis
from rag.page.cleaning import clean
from rag.page.evaluating import Evaluating, Outcome, list_failures
from rag.page.markup import escape_line, escape_text
from rag.page.sources import Exchange
from rag.page.status import format_time
from rag.records import Answer, Turn

MAX_FAILURES = 100  # in the list: more are for the report of the command line
ANSWER_LENGTH = 300  # characters of an answer that tell what went wrong


def draw_progress(evaluating: Evaluating) -> str:
    """Return the line that says how far a run is, or what the last one came to."""
    progress = evaluating.progress
    if progress is not None:
        sentence = wording.EVALUATION_BEGINS
        if progress.total:
            number = progress.done + 1
            sentence = wording.EVALUATING.format(number=number, total=progress.total)
        return f'<div class="run busy" role="status"><p>{escape_text(sentence)}</p></div>'
    sentence = _sum_up(evaluating.outcome)
    return f'<div class="run" role="status"><p>{escape_line(sentence)}</p></div>'


def draw_outcome(outcome: Outcome | None) -> str:
    """Return the figures with their intervals, the plots and the failures; empty before a run."""
    if outcome is None or outcome.evaluation is None:
        return ""
    failures = list_failures(outcome)
    items = "".join(_draw_failure(n, each) for n, each in enumerate(failures[:MAX_FAILURES]))
    listed = f'<p class="more">{escape_text(wording.NO_FAILURES)}</p>'
    if failures:
        hint = f'<p class="more">{escape_text(wording.FAILURES_MORE)}</p>'
        listed = f'{hint}<ol class="failures">{items}</ol>'
    if len(failures) > MAX_FAILURES:
        more = wording.MORE_FAILURES.format(n=len(failures) - MAX_FAILURES)
        listed += f'<p class="more">{escape_text(more)}</p>'
    charts = draw_charts(outcome.evaluation.confidence)
    return clean(
        f'<div class="outcome"><h2>{escape_text(wording.FAILURES)} ({len(failures)})</h2>{listed}'
        f"<h2>{escape_text(wording.PLOTS)}</h2>{draw_drawing(charts)}"
        f"<h2>{escape_text(wording.FIGURES)}</h2>"
        f"{draw_figures(summary_rows(outcome.evaluation))}</div>"
    )


def replay(turns: tuple[Turn, ...]) -> tuple[Exchange, ...]:
    """Return what a test question says was asked and answered before it, as a conversation."""
    return tuple(
        Exchange(number, turn.question, Answer(turn.answer, notices=(wording.GIVEN_BY_TEST,)))
        for number, turn in enumerate(turns, start=1)
    )


def _sum_up(outcome: Outcome | None) -> str:
    if outcome is None:
        return wording.EVALUATION_NONE
    if outcome.failed:
        return wording.EVALUATION_FAILED.format(reason=outcome.failed)
    evaluation = outcome.evaluation
    done = 0 if evaluation is None else len(evaluation.results)
    stopped = ""
    if done < outcome.n_questions:
        stopped = wording.EVALUATION_STOPPED.format(done=done, total=outcome.n_questions)
    if evaluation is None:
        return stopped
    passed = done - len(list_failures(outcome))
    when = format_time(str(evaluation.run["date"]))
    return stopped + wording.EVALUATION_DONE.format(
        passed=passed, total=done, when=when, file=outcome.file
    )


def _draw_failure(number: int, result: QuestionResult) -> str:
    """Return one question as a button that asks it, with what was expected and what came."""
    facts = {
        wording.EXPECTED: _expected(result),
        wording.GOT: _got(result),
    }
    rows = "".join(
        f"<dt>{escape_text(name)}</dt><dd>{escape_line(value)}</dd>"
        for name, value in facts.items()
    )
    return (
        f'<li><button type="button" class="act" id="ask-{number}">'
        f"{escape_line(result.question.question)}</button><dl>{rows}</dl></li>"
    )


def _expected(result: QuestionResult) -> str:
    question = result.question
    if question.answers:
        return " / ".join(map(without_emphasis, question.answers))
    if question.is_undecided:
        return wording.EXPECTED_OTHER
    if question.evidence:
        named = dict.fromkeys(each.doc_id for each in question.evidence)
        return wording.EXPECTED_IN.format(documents=", ".join(named))
    return wording.EXPECTED_REFUSAL


def _got(result: QuestionResult) -> str:
    if result.answer is None:
        return wording.GOT_ERROR.format(reason=result.error)
    text = without_emphasis(result.answer.text)
    return text if len(text) <= ANSWER_LENGTH else f"{text[:ANSWER_LENGTH]}…"
