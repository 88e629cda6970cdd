from dataclasses import replace
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.page.answers import draw_answer, draw_note
from rag.page.history import (
    Message,
    answer_message,
    last_question,
    question_message,
    read_answer,
    read_history,
    read_question,
    read_turns,
)
from rag.records import Turn
from tests.fakes_page import ROWS, make_answer, refusal


def test_a_conversation_is_read_back_as_plain_text() -> None:
    messages = [
        question_message("When does it rise?"),
        answer_message(draw_answer(make_answer(), 1, ROWS)),
        question_message("Who lives there?"),
        answer_message(draw_answer(refusal(), 2, ROWS)),
    ]
    assert read_history(messages) == [
        Turn("When does it rise?", "The river rises in May. [1]"),
        Turn("Who lives there?", "The articles do not say."),
    ]
    assert read_turns(messages) == {1, 2}
    assert last_question(messages) == 2


def test_content_may_be_text_instead_of_blocks() -> None:
    messages: list[Message] = [
        {"role": "user", "content": "R&amp;D &lt;3?"},
        {"role": "assistant", "content": draw_answer(make_answer(), 1, ROWS), "metadata": None},
    ]
    assert read_history(messages) == [Turn("R&D <3?", "The river rises in May. [1]")]


def test_blocks_that_are_not_text_say_nothing() -> None:
    blocks = [{"type": "file", "file": {"path": "x"}}, {"type": "text", "text": "And when?"}]
    assert read_question({"role": "user", "content": blocks}) == "And when?"


def test_notes_thoughts_and_questions_without_an_answer_are_no_history() -> None:
    thought = answer_message(draw_answer(make_answer(), 1, ROWS))
    messages = [
        question_message("one"),
        answer_message(draw_note("Stopped.")),
        question_message("two"),
        {**thought, "metadata": {"title": "Looking"}},
    ]
    assert read_history(messages) == []


def test_a_list_is_read_back_with_its_dashes() -> None:
    answer = replace(make_answer(), text="Two of them:\n- **one** & a [1]\n- <two> [1]")
    assert read_answer(draw_answer(answer, 1, ROWS)) == ("Two of them:\n- one & a [1]\n- <two> [1]")


@pytest.mark.parametrize("html", ["", "<p>x</p>", '<div class="answer"><p>x</p></div>', "</div>"])
def test_what_is_no_answer_reads_as_nothing(html: str) -> None:
    assert read_answer(html) == ""


@given(st.text(max_size=80))
def test_a_question_comes_back_character_for_character(question: str) -> None:
    assert read_question(question_message(question)) == question


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="*[]"), max_size=60
    )
)
def test_the_words_of_an_answer_come_back(text: str) -> None:
    answer = replace(make_answer(), text=text, notices=(f"not {escape(text)}",))
    read = read_answer(draw_answer(answer, 1, ROWS))
    assert read.replace("-", "").split() == text.replace("-", "").split()
