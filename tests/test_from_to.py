import re

import pytest

from rag.generate.words.marks import mark_answer

REVENUE = "Revenue rose by 18 % to €7.4 million."
TRAIL = "The trail is open from 15 June to 20 September, and free."


def marks_of(sentence: str, question: str, read: str = "") -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", mark_answer(sentence, question, read))


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("How much did revenue rise?", "18 %"),
        ("By how much did it grow?", "18 %"),
        ("How much did revenue rise to?", "€7.4 million"),
        ("What was the revenue?", "€7.4 million"),
    ],
)
def test_how_much_something_rose_is_not_what_it_rose_to(question: str, marked: str) -> None:
    assert marks_of(REVENUE, question, "€7.4 million") == [marked]


def test_what_changed_from_one_value_to_another_stays() -> None:
    sentence = "The share grew from 15 % to 30 % in a year."
    assert marks_of(sentence, "How much did the share grow?", "30 %") == ["30 %"]


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("When is the trail open?", "15 June to 20 September"),
        ("From when to when is it open?", "15 June to 20 September"),
        ("When does the trail open?", "15 June"),
        ("From when is it open?", "15 June"),
        ("On which day is it open?", "15 June"),
    ],
)
def test_a_time_is_marked_with_both_its_dates_unless_one_is_asked_for(
    question: str, marked: str
) -> None:
    assert marks_of(TRAIL, question, "15 June") == [marked]


def test_years_are_dates_of_a_time_too() -> None:
    sentence = "The restoration of the clock, from 1986 to 1989, made him known."
    assert marks_of(sentence, "When was the clock restored?", "1989") == ["1986 to 1989"]
