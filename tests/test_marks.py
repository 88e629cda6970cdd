import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.words.marks import find_answer, mark_answer

VISIT = "On 4 September 2025 Ahsan Iqbal met more than 250 firms in Beijing."


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("How many firms did he meet?", "more than 250"),
        ("When did he meet the firms?", "4 September 2025"),
        ("Who met the firms?", "Ahsan Iqbal"),
        ("Where did Iqbal meet them?", "Beijing"),
    ],
)
def test_the_words_of_the_kind_that_is_asked_for_are_marked(question: str, marked: str) -> None:
    assert re.findall(r"\*\*(.+?)\*\*", mark_answer(VISIT, question)) == [marked]


def test_of_several_the_one_beside_the_question_s_words_is_marked() -> None:
    sentence = "It has 12 trams, 40 buses and 3 boats."
    for asked, marked in (("trams", "12"), ("buses", "40"), ("boats", "3")):
        assert f"**{marked}**" in mark_answer(sentence, f"How many {asked} are there?")


def test_a_share_is_a_percentage_and_a_count_is_none() -> None:
    sentence = "Of 250 firms, 30% sell buses."
    assert "**30%**" in mark_answer(sentence, "What share of the firms sell buses?")
    assert "**250**" in mark_answer(sentence, "How many firms sell buses?")


def test_a_name_is_marked_with_its_initials() -> None:
    sentence = "The first keeper was J. R. Branessen."
    assert "**J. R. Branessen**" in mark_answer(sentence, "Who was the first keeper?")


def test_years_and_days_are_no_numbers_and_months_no_places() -> None:
    assert mark_answer("He came in 2030.", "How many came?") == "He came in 2030."
    assert mark_answer("He came in May.", "Where did he come?") == "He came in May."


def test_a_quarter_of_a_year_is_no_number() -> None:
    sentence = "Sales fell in the first quarter of 2024."
    assert mark_answer(sentence, "How far did sales fall?") == sentence


@pytest.mark.parametrize(
    "question",
    ["Why did Iqbal meet them?", "What happened?", "Did Ahsan Iqbal meet anyone in Beijing?", ""],
)
def test_what_asks_for_no_such_words_marks_none(question: str) -> None:
    assert mark_answer(VISIT, question) == VISIT


def test_what_the_question_says_itself_does_not_answer_it() -> None:
    assert find_answer("In 2030 it ends.", "What will happen by when in 2030?") is None
    assert find_answer("Ahsan Iqbal spoke.", "Who is Ahsan Iqbal?") is None


def test_a_sentence_with_stars_of_its_own_stays_as_it_is() -> None:
    assert (
        mark_answer("It has **12** of 30 trams.", "How many trams?") == "It has **12** of 30 trams."
    )


def test_what_a_reader_found_is_marked_and_else_what_the_patterns_find() -> None:
    sentence = "It stands on wooden wheels."
    assert mark_answer(sentence, "What does it stand on?", "wooden **wheels**") == (
        "It stands on **wooden wheels**."
    )
    assert mark_answer(sentence, "What does it stand on?", "iron wheels") == sentence
    assert mark_answer(sentence, "Does it stand on wheels?", "wooden wheels") == sentence
    assert mark_answer(sentence, "What does it do?", "stands on wooden wheels") == sentence
    wheels = "It has ten wheels of 30 cm."
    assert "**30 cm**" in mark_answer(wheels, "How many are they?", "30 cm")
    assert "**ten**" in mark_answer(wheels, "How many wheels has it?", "twenty")


def test_a_name_is_not_guessed_where_a_reader_finds_none() -> None:
    sentence = "Khan met the head of Borvale in Lahore."
    assert (
        mark_answer(sentence, "Who is Khan?", None) == "Khan met the head of **Borvale** in Lahore."
    )
    assert mark_answer(sentence, "Who is Khan?", "") == sentence
    assert mark_answer(sentence, "Where is Khan?", "") == sentence
    assert mark_answer("He met 12 people.", "How many?", "") == "He met **12** people."


@pytest.mark.parametrize(
    ("sentence", "read", "marked"),
    [
        ("In 2010 the company had 10 plants.", "10", "10"),
        ("Wind made 22 % of the power of the land.", "22", "22 %"),
        ("It opened in Jan. 2020 after years of planning.", "Jan", "Jan. 2020"),
        ("The rules are in force from 1 January 2026.", "January", "1 January 2026"),
        ("At Novo (CPH: NHR) it rose on the day.", "CPH: NHR)", "(CPH: NHR)"),
        ("At Novo (CPH: NHR) it rose on the day.", "(CPH", "CPH"),
        ("Shares of Novo (CPH: NHR) rose on the day.", "Novo (CPH: NHR", "Novo (CPH: NHR)"),
        (
            "Shares of Novo (NHR, at last) rose on the first day.",
            "Novo (NHR",
            "Novo (NHR, at last)",
        ),
        ('"We sold more boats, but fewer trams," he said.', '"We sold more', "We sold more"),
        ('He said "we sold boats" to all of them.', '"we sold boats', '"we sold boats"'),
        ("He said “we sold boats” to all of them.", "sold boats”", "sold boats"),
    ],
)
def test_a_mark_cuts_through_no_word_date_quantity_or_pair_of_brackets(
    sentence: str, read: str, marked: str
) -> None:
    assert re.findall(r"\*\*(.+?)\*\*", mark_answer(sentence, "What is it?", read)) == [marked]


@pytest.mark.parametrize(
    ("sentence", "read", "marked"),
    [
        ("The long meeting closed at 9.05 pm.", "9.05 pm.", "9.05 pm"),
        ("The training has to be completed by 15 Dec.", "15 Dec.", "15 Dec"),
        ("Either party may end it with two months' notice.", "two months", "two months'"),
        ("He wrote 'two months' with his own hand.", "two months", "two months"),
        ("The long meeting closed at 9 p.m.", "9 p.m.", "9 p.m."),
        ("Nobody but he was the keeper of J. R.", "J. R.", "J. R."),
        ("The keeper of 9 Dec. was not there at all.", "9 Dec.", "9 Dec."),
        ("Most of the walkers need seven to eight hours.", "eight", "seven to eight hours"),
    ],
)
def test_a_mark_ends_before_the_full_stop_and_takes_a_range_and_an_apostrophe(
    sentence: str, read: str, marked: str
) -> None:
    assert re.findall(r"\*\*(.+?)\*\*", mark_answer(sentence, "What is it?", read)) == [marked]


def test_a_number_of_four_digits_that_counts_something_is_no_year() -> None:
    question = "How many people came?"
    assert mark_answer("They counted 1500 people.", question) == "They counted **1500** people."
    assert mark_answer("In 1500 people came.", question) == "In 1500 people came."
    assert mark_answer("It weighs 1500 kg.", "How heavy is it?") == "It weighs **1500 kg**."
    assert mark_answer("In 1990 $5 were paid.", "How much?") == "In 1990 **$5** were paid."


@given(st.text(max_size=80), st.sampled_from(["How many?", "When?", "Who?", "Where?"]))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_marking_adds_two_pairs_of_stars_and_nothing_else(sentence: str, question: str) -> None:
    marked = mark_answer(sentence, question)
    assert marked == sentence or marked.replace("**", "") == sentence.replace("**", "")
    span = find_answer(sentence, question)
    assert span is None or 0 <= span[0] < span[1] <= len(sentence)
