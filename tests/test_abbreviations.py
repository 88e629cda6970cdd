"""What a short form stands for is read where it is written, and only where it is asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.abbreviations import find_definitions, long_forms
from rag.generate.evidence import find_hit_sentences
from rag.ingest.split import make_passage
from rag.records import Document, Hit

TEXT = (
    "The Special Assistant to the Prime Minister (SAPM) met the Chief Executive Officer (CEO). "
    "The SAPM smiled. It was a day for IT (information technology), and for sport utility "
    "vehicles (SUVs; called jeeps here)."
)


def ask(question: str, text: str = TEXT) -> list[str]:
    document = Document("a", "A", text)
    passage = make_passage(document, 0, len(text))
    return list(find_definitions(question, find_hit_sentences(Hit(passage, 1.0, 1))).values())


@pytest.mark.parametrize(
    ("question", "long_form"),
    [
        ("What does SAPM stand for?", "Special Assistant to the Prime Minister"),
        ("what does the abbreviation 'ceo' stand for", "Chief Executive Officer"),
        ("Do you know what C.E.O. stands for?", "Chief Executive Officer"),
        ("What is CEO short for?", "Chief Executive Officer"),
        ("What is the full form of the SAPM?", "Special Assistant to the Prime Minister"),
        ("What does IT stand for?", "information technology"),
        ("What does SUV stand for?", "sport utility vehicles"),
    ],
)
def test_the_long_form_is_found(question: str, long_form: str) -> None:
    assert ask(question) == [long_form]


@pytest.mark.parametrize(
    "question",
    [
        "Who is the CEO?",
        "What does it stand for?",
        "What does the SAPM stand for in the election?",
        "What does NATO stand for?",
        "What is the CEO's full name of honour?",
        "What does the Special Assistant stand for?",
    ],
)
def test_other_questions_and_other_forms_find_nothing(question: str) -> None:
    assert ask(question) == []


def test_what_is_said_twice_is_found_once_and_what_differs_is_all_found() -> None:
    text = "An electric vehicle (EV) came. An Electric Vehicle (EV) went. Extra value (EV) is left."
    assert ask("What does EV stand for?", text) == ["electric vehicle", "Extra value"]


@pytest.mark.parametrize(
    "text",
    [
        "They came late (LOL) again.",  # its letters are not there
        "Electric cars came (EV).",  # nor these, in order
        "(EV) is at the start.",
        "The EV (see page 4) is new.",
        "EV (ev) twice.",
    ],
)
def test_a_bracket_that_defines_nothing_is_not_taken(text: str) -> None:
    assert list(long_forms(text, "EV")) == list(long_forms(text, "LOL")) == []


def test_a_long_form_is_at_most_so_many_words() -> None:
    words = "Every one of the many things that were said about a new car (EV)"
    assert list(long_forms(f"{words} vehicle", "EV")) == []


@given(st.text(max_size=60), st.text(max_size=8))
@settings(derandomize=True, deadline=None)
def test_any_text_can_be_looked_through(text: str, short: str) -> None:
    for long_form in long_forms(f"{text} ({short})", short):
        assert long_form in text
