"""The view of the evaluation: test questions, what came of them, and the way to ask one again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.blocks.chat import Way
from rag.blocks.events import DRAWN, QUICK
from rag.page import actions, wording
from rag.page.answers import draw_answer, draw_note
from rag.page.conversation import View, converse
from rag.page.desk import Desks
from rag.page.evaluating import Evaluating, list_failures
from rag.page.figures import draw_outcome, draw_progress, replay
from rag.page.history import answer_message, question_message
from rag.page.keeping import Keeping

WATCH = 0.4  # seconds between two looks at how far a run is


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """The components; the buttons of the failures write into ``asked``, which is not seen."""

    file: Any
    run: Any
    stop: Any
    progress: Any
    outcome: Any
    asked: Any


def lay_out_evaluation(evaluating: Evaluating) -> EvaluationView:
    """Place the choice of the questions, how far a run is, and what the last one found."""
    import gradio as gr

    with gr.Column(elem_id="evaluation", elem_classes=["page-view"]):
        gr.Markdown(
            f"<h2>{wording.EVALUATION_TAB}</h2><p>{wording.EVALUATION_INTRO}</p>",
            elem_id="evaluation-intro",
        )
        with gr.Row(elem_id="evaluation-run"):
            file = gr.Radio(
                [wording.EVALUATION_CORPUS, wording.EVALUATION_FEEDBACK],
                value=wording.EVALUATION_CORPUS,
                label=wording.EVALUATION_FILE,
            )
            run = gr.Button(wording.EVALUATE, size="sm", scale=0, elem_id="evaluate")
            stop = gr.Button(
                wording.EVALUATE_STOP, size="sm", scale=0, visible=False, elem_id="evaluate-stop"
            )
        progress = gr.Markdown(draw_progress(evaluating), elem_id="evaluation-progress", **DRAWN)
        outcome = gr.Markdown("", elem_id="evaluation-outcome", **DRAWN)
    asked = gr.Textbox(elem_id=actions.ASK_ID, visible="hidden")
    return EvaluationView(file, run, stop, progress, outcome, asked)


def wire_evaluation(
    page: Any, tabs: Any, evaluating: Evaluating, view: EvaluationView, files: Mapping[str, Path]
) -> None:
    """Connect the run; ``files`` are those of test questions by what the choice calls them.

    A failure that is asked again is asked in the chat, which is one of the ``tabs``. Who opens
    the page while a run is under way sees how far it is, too.
    """
    import gradio as gr

    def watch() -> Iterator[list[Any]]:
        while not evaluating.wait(WATCH):
            yield [draw_progress(evaluating), gr.skip(), *_buttons(running=True)]
        drawn = draw_outcome(evaluating.outcome)
        yield [draw_progress(evaluating), drawn, *_buttons(running=False)]

    def run(choice: str) -> Iterator[list[Any]]:
        evaluating.start(files[choice])  # where one is under way, that one is watched
        yield [draw_progress(evaluating), "", *_buttons(running=True)]
        yield from watch()

    outputs = [view.progress, view.outcome, view.run, view.stop]
    view.run.click(run, view.file, outputs, **QUICK)
    view.stop.click(evaluating.stop, None, None, **QUICK)
    view.asked.change(lambda: gr.update(selected="chat"), None, tabs, **QUICK)
    page.load(watch, None, outputs, **QUICK)


def way_of_failures(
    desks: Desks, keeping: Keeping, evaluating: Evaluating, view: EvaluationView
) -> Way:
    """Return the way to ask a failed question: in a new conversation, after what was said before.

    The conversation that is open stays kept.
    """

    def ask(
        asked: str, session: str | None, messages: Any, exchanges: Any, writer: str | None
    ) -> Iterator[View]:
        action = actions.parse_action(asked)
        failures = list_failures(evaluating.outcome)
        if action is None or not action.name.isdecimal() or int(action.name) >= len(failures):
            gone = answer_message(draw_note(wording.FAILURE_GONE))
            return iter([View([*map(dict, messages), gone], tuple(exchanges))])
        question = failures[int(action.name)].question
        keeping.seats.turn_to(session)
        said = replay(question.history)
        shown = [
            message
            for each in said
            for message in (
                question_message(each.question),
                answer_message(draw_answer(each.answer, each.turn, {})),
            )
        ]
        return converse(desks.at(session), question.question, shown, said, writer=writer)

    return Way(view.asked.change, view.asked, ask)


def _buttons(*, running: bool) -> list[Any]:
    """Return the two buttons: one begins a run, the other ends it."""
    import gradio as gr

    return [gr.update(interactive=not running), gr.update(visible=running)]
