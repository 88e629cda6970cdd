"""Questions to start with, taken from the test questions of the corpus."""

from __future__ import annotations

import random
from pathlib import Path

from rag.evaluate.questions import read_questions

QUESTIONS = "questions.jsonl"
MAX_LENGTH = 70  # characters that fit on two lines of a button
SEED = 0  # the same questions at every start


def pick_starters(corpus: Path, n: int = 4) -> list[str]:
    """Return at most ``n`` short questions that the corpus can answer, the same at every call.

    None where the corpus has no test questions, or a file of that name that holds something else.
    """
    try:
        questions = read_questions(corpus / QUESTIONS)
    except (OSError, ValueError):
        return []
    fitting = [
        each.question
        for each in questions
        if each.is_answerable
        and not each.history
        and not each.passages
        and len(each.question) <= MAX_LENGTH
        and each.question[0].isupper()
        and each.question.endswith("?")
    ]
    return random.Random(SEED).sample(fitting, min(n, len(fitting)))
