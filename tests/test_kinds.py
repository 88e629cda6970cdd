"""What a question asks for is told by how it is put."""

from __future__ import annotations

from typing import get_args

import pytest

from rag.retrieve.kinds import KINDS, Kind, expected_kind

QUESTIONS: dict[str, Kind] = {
    "How many cars were sold?": "number",
    "What percentage of sales is it?": "number",
    "What is the price of a tram?": "number",
    "What is the 2030 target?": "number",
    "What is the EV target?": "number",
    "Which share should it be?": "number",
    "When does it open?": "when",
    "In which year did it open?": "when",
    "And by when?": "when",
    "What is the deadline?": "when",
    "In which Chinese city is it?": "where",
    "What did he say when they met?": "what",
    "Which day did it open, when it rained?": "when",
    "Was the deadline moved?": "yes/no",
    "Did the price of cars rise?": "yes/no",
    "Do you know who said so?": "who",
    "Does it say how many were sold?": "number",
    "What is the daily dose?": "number",
    "Who said so?": "who",
    "To whom was it sold?": "who",
    "Which company makes drones?": "who",
    "Where is it built?": "where",
    "In what city is it?": "where",
    "Why is it red?": "why",
    "What led to this?": "why",
    "Is it red?": "yes/no",
    "And does it run?": "yes/no",
    "Isn't it red?": "yes/no",
    "Could you tell me whether it is red?": "yes/no",
    "I wonder if it is red.": "yes/no",
    "If it rains, will it run?": "yes/no",
    "It is hot there. Is there a pool?": "yes/no",
    "I know why it is hot: is there a pool?": "yes/no",
    "Is it red? Thank you very much.": "yes/no",
    "Could you tell me when it runs?": "when",
    "When, in her view, did it run?": "when",
    "It is red. How many are there?": "number",
    "Could you give me an example?": "other",
    "How does it run?": "how",
    "Which tram is it?": "which",
    "What is a tram?": "what",
    "tram lines in Lahore": "other",
    "": "other",
}


@pytest.mark.parametrize(("question", "kind"), QUESTIONS.items())
def test_the_kind_of_answer_is_told_by_how_is_asked(question: str, kind: Kind) -> None:
    assert expected_kind(question) == expected_kind(question.upper()) == kind


def test_an_acronym_is_no_word_of_asking() -> None:
    for question in ("What does the WHO recommend?", "What tariffs did the US impose?"):
        assert expected_kind(question) == "what"


def test_every_kind_but_the_last_has_a_pattern() -> None:
    assert sorted(kind for kind, _ in KINDS) == sorted(get_args(Kind)[:-1])
    assert set(QUESTIONS.values()) == set(get_args(Kind))
