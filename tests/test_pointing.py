"""Who "he" is, is the name of the last answer, where it is asked who he is."""

import pytest

from rag.records import Turn
from rag.retrieve.followup import find_said, write_queries, write_query
from rag.retrieve.pointing import resolve_name

REIS = Turn("Who called?", "In Graz, **Ana Reis** called the Borvale Trust. [1]")


@pytest.mark.parametrize(
    ("question", "resolved"),
    [
        ("Who is she?", "Who is Ana Reis?"),
        ("And who's that?", "And who's Ana Reis?"),
        ("who was she again", "who was Ana Reis again"),
        ("What does she do?", "What does Ana Reis do?"),
        ("What is her job?", "What is Ana Reis's job?"),
        ("Then tell me what office she holds.", "Then tell me what office Ana Reis holds."),
        ("What is that place?", "What is Graz?"),
        ("whos she anyway?", "whos Ana Reis anyway?"),
        ("Who is that woman?", "Who is Ana Reis?"),
    ],
)
def test_the_name_stands_where_the_pronoun_was(question: str, resolved: str) -> None:
    assert resolve_name(question, REIS) == resolved


@pytest.mark.parametrize(
    "question",
    ["When did she call?", "Who is the mayor?", "What is that made of?", "What does she think?"],
)
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert resolve_name(question, REIS) is None


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Horalek said that it went off. [1]", "Horalek"),
        ("Last summer Weissová bought a tray. [1]", "Weissová"),
        ("Rahmatshoeva's office answered. [1]", "Rahmatshoeva"),
        ("Fetch it from Casimir. [1]", "Casimir"),
    ],
)
def test_a_first_word_is_a_name_if_it_is_hardly_a_word(answer: str, name: str) -> None:
    assert resolve_name("Who is he?", Turn("?", answer)) == f"Who is {name}?"


@pytest.mark.parametrize(
    ("asked", "told", "name"),
    [
        (
            "Why?",
            "In September Askeby's debt grew, as the treasurer, Halvard Nkemelu, put it.",
            "Halvard Nkemelu",
        ),
        (
            "Why?",
            "The Friends of the Park fear it. Their chairman, Ulrich Fairweather, does not.",
            "Ulrich Fairweather",
        ),
        (
            "What did Maren Solheim's group ask?",
            "Her group asked for the clinic at Storvik.",
            "Maren Solheim",
        ),
        ("Where is Bakari-Lenz going?", "He is going to the German school.", "Bakari-Lenz"),
        ("Whom do I ask?", "Ask Philippa Nkemelu on Tuesdays.", "Philippa Nkemelu"),
        ("Who has the shop?", "Tsukada left it to Dr Ostrander.", "Dr Ostrander"),
    ],
)
def test_of_a_person_the_name_is_that_looks_most_like_one(asked: str, told: str, name: str) -> None:
    assert resolve_name("Who is that?", Turn(asked, told)) == f"Who is {name}?"


def test_a_title_tells_whether_it_is_he_or_she() -> None:
    told = Turn("Who is against it?", "Mrs Oduya believes so. Mr Corrigan believed the reverse.")
    assert resolve_name("Who is he?", told) == "Who is Mr Corrigan?"
    assert resolve_name("Who is she?", told) == "Who is Mrs Oduya?"


def test_of_a_thing_the_name_is_no_persons() -> None:
    told = Turn(
        "Who pays?", "Dr Ana Reis, who is 58, and the fund Northlight Seed put in a million."
    )
    assert resolve_name("What is that?", told) == "What is Northlight Seed?"
    assert resolve_name("Who are they?", Turn("?", "Szymanski & Daughters built it.")) == (
        "Who are Szymanski & Daughters?"
    )


def test_who_was_said_is_still_known_where_the_name_is_put_in() -> None:
    assert find_said("Who is she?", [REIS]) == REIS.answer
    assert find_said("Who is the mayor of Lyon?", [REIS]) == ""


def test_where_nothing_was_named_nothing_is_resolved() -> None:
    nothing = Turn("Who called?", "The articles do not say.")
    assert resolve_name("Who is he?", nothing) is None
    assert write_query("Who is he?", [nothing]) == "Who is he? (called)"


def test_where_nothing_was_said_it_is_who_was_asked_about() -> None:
    nothing = Turn("How old is Ana Reis?", "The articles do not say.")
    assert resolve_name("What is her job?", nothing) == "What is Ana Reis's job?"
    told = Turn("Does Ana Reis swim?", "The lifeguards answered at once.")
    assert resolve_name("Who are they?", told) is None


def test_what_is_resolved_is_retrieved_and_shown_as_it_is() -> None:
    assert write_query("Who is she?", [REIS]) == "Who is Ana Reis?"
    assert write_queries("Who is she?", [REIS]) == [("Who is Ana Reis?", 1.0)]
    assert write_query("Who is she?") == "Who is she?"
