import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.records import Turn
from rag.retrieve.followup import (
    CARRIED_WEIGHT,
    N_CARRIED,
    carry_over,
    find_said,
    is_dependent,
    split_paste,
    write_queries,
    write_query,
)
from rag.retrieve.terms import query_terms, read_terms, split_context

SHARE = Turn(
    "What share of new vehicle sales should be electric?",
    "Pakistan wants 30% of all new vehicles sold to be electric. [1]",
)
NOTHING = Turn("What is the capital of France?", "The articles do not say.")
ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "corpus" / "questions.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def carried(query: str) -> list[str]:
    return split_context(query)[1].split()


def test_a_follow_up_carries_what_it_lacks_of_the_last_question_and_then_of_its_answer() -> None:
    assert write_query("And by when?", [SHARE]) == (
        "And by when? (share new vehicle sales electric Pakistan wants 30% sold)"
    )


def test_a_question_behind_a_pasted_paragraph_is_found_by_the_question() -> None:
    paste = "The bridge at Tarn was opened by the mayor of Lyon on a cold morning. " * 4
    assert write_query(paste + "What is the default port of Larkdb?") == (
        "What is the default port of Larkdb?"
    )
    assert write_query(paste + "How long is it?") == (
        "How long is it? (bridge Tarn opened mayor Lyon cold morning)"
    )
    both = f"{paste}Is that true? What is the port?"
    assert write_query(both) == both
    for text in ("", "???", "One. Two? Three?"):
        assert split_paste(text) == ("", text)


SAID = Turn("What did the minister say about electric cars?", "They are the future. [1]")


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("What about drones?", "What did the minister say about drones?"),
        ("and solar panels", "What did the minister say about solar panels?"),
        ("How about robotics?", "What did the minister say about robotics?"),
    ],
)
def test_another_object_takes_the_place_of_what_was_asked_about(question: str, query: str) -> None:
    assert write_query(question, [SAID]) == query
    assert write_queries(question, [SAID]) == [(query, 1.0)]
    assert find_said(question, [SAID]) == SAID.answer


@pytest.mark.parametrize(
    "question",
    ["And the mayor?", "And Callum Reeve?", "And by when?", "And why?", "And in winter?"],
)
def test_what_may_be_no_object_does_not(question: str) -> None:
    assert write_query(question, [SAID]).startswith(f"{question} (")


def test_who_was_spoken_of_is_carried_beside_another_object() -> None:
    said = Turn("What did he say about cars?", "They are the future. [1]")
    query = write_query("And drones?", [Turn("Who is Ana Reis?", "The mayor. [1]"), said])
    assert query == "What did he say about drones? (Ana Reis mayor)"


def test_a_follow_up_does_not_carry_what_it_has() -> None:
    query = write_query("And which electric vehicles?", [SHARE])
    assert query.startswith("And which electric vehicles? (")
    assert carried(query) == ["share", "new", "sales", "Pakistan", "wants", "30%", "sold"]


def test_of_the_turns_before_the_last_only_two_names_are_carried() -> None:
    older = Turn("What do zebras in Kenya, Peru and Oman eat?", "Grass, says Smith. [1]")
    oldest = Turn("Who is the mayor of Lyon?", "Doucet. [1]")
    alone = carried(write_query("And by when?", [SHARE]))
    assert carried(write_query("And by when?", [oldest, older, SHARE])) == [*alone, "Kenya", "Peru"]


def test_a_name_that_was_said_again_is_carried_once() -> None:
    older = Turn("What does Pakistan want?", "Cars. [1]")
    assert write_query("And by when?", [older, SHARE]) == write_query("And by when?", [SHARE])


def test_markers_are_not_carried() -> None:
    turn = Turn("Which trams?", "Red ones. [1][12] Slow ones [3].")
    assert carried(write_query("And why?", [turn])) == ["trams", "Red", "Slow"]


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the Lahore Museum?",
        "What is the population of France?",
        "When was the tram line in Lahore opened?",
        "How many companies from Germany build batteries?",
    ],
)
def test_a_change_of_subject_is_not_touched(question: str) -> None:
    assert write_query(question, [SHARE]) == question
    assert not is_dependent(question)


@pytest.mark.parametrize(
    "question",
    [
        "And by when?",
        "Who said that?",
        "What about drones?",
        "Why?",
        "Where do they come from?",
        "How old is he?",
        "Which other companies do business there?",
        "But is it cheaper than the lithium-ion battery of Japan?",
        "ok",
    ],
)
def test_what_points_back_continues_or_says_little_is_a_follow_up(question: str) -> None:
    assert is_dependent(question)
    assert len(carried(write_query(question, [SHARE]))) >= 3


def test_without_history_nothing_is_carried() -> None:
    assert write_query("And by when?") == write_query("And by when?", []) == "And by when?"
    assert write_queries("And by when?") == [("And by when?", 1.0)]


@pytest.mark.parametrize(
    "answer",
    [
        "The articles do not say.",
        "I don't know what the zebra is.",
        "I don’t know what the zebra is.",
        "I'm sorry, no zebra.",
        "I’m sorry, no zebra.",
        "The text does not mention a zebra.",
        "There is no specific information about zebras.",
    ],
)
def test_an_answer_that_says_nothing_carries_nothing_but_its_question_does(answer: str) -> None:
    query = write_query("And by when?", [Turn("Which trams were sold?", answer)])
    assert query == "And by when? (trams sold)"


def test_a_turn_without_words_carries_nothing() -> None:
    assert write_query("And by when?", [Turn("", "")]) == "And by when?"
    assert write_query("And by when?", [Turn("???", "…")]) == "And by when?"


def test_no_more_than_twelve_terms_are_carried_and_none_twice() -> None:
    long = Turn("Which trams?", " ".join(f"word{i} trams" for i in range(100)))
    terms = carried(write_query("And why?", [long]))
    assert terms == ["trams", *(f"word{i}" for i in range(N_CARRIED - 1))]


def test_both_forms_are_retrieved_with_and_the_last_has_the_context() -> None:
    question = "And by when?"
    assert write_queries(question, [SHARE]) == [
        (question, 1 - CARRIED_WEIGHT),
        (write_query(question, [SHARE]), CARRIED_WEIGHT),
    ]


def test_a_question_that_stands_alone_is_retrieved_with_its_context_too() -> None:
    question = "Who founded the Lahore Museum?"
    (alone, _), (with_context, _) = write_queries(question, [SHARE])
    assert alone == question
    assert with_context == carry_over(question, [SHARE]) != question


TEXTS = st.text(max_size=50) | st.text(alphabet="aB1 .'()[]?", max_size=30)


@given(TEXTS, st.lists(st.builds(Turn, TEXTS, TEXTS), max_size=2))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_a_query_begins_with_the_question_and_carries_only_what_was_said(
    question: str, history: list[Turn]
) -> None:
    query = carry_over(question, history)
    assert query.startswith(question)
    added = query[len(question) :]
    asked = {term.stem for term in read_terms(question)}
    known = [term.text for turn in history for term in read_terms(turn.question)]
    known += [term.text for turn in history[-1:] for term in read_terms(turn.answer)]
    assert all(term.text in known and term.stem not in asked for term in read_terms(added))
    assert sum(weight for _, weight in write_queries(question, history)) == 1.0
    assert write_query(question, history) in (question, query)
    assert all(query[term.start : term.end] == term.text for term in query_terms(query))


def test_most_shipped_follow_ups_need_their_history_and_most_other_questions_none() -> None:
    follow_ups = [row["question"] for row in ROWS if row.get("history")]
    others = [row["question"] for row in ROWS if not row.get("history")]
    assert sum(map(is_dependent, follow_ups)) / len(follow_ups) > 0.8
    assert sum(map(is_dependent, others)) / len(others) < 0.3
