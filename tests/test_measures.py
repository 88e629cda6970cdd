import pytest

from rag.generate.words.marks import mark_answer
from rag.generate.words.measures import asked_units, like_units, named_units


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("How long does it take?", "minute"),
        ("How old is the ice?", "year"),
        ("How many days is it?", "day"),
        ("How long is the panel?", "m"),
        ("How long is the timeout?", "minute"),
        ("How tall is it?", "cm"),
        ("How heavy is it?", "kg"),
        ("How much does it weigh?", "kg"),
        ("How fast is it?", "km/h"),
        ("How cold is it?", "°C"),
        ("How much does it cost?", "€"),
        ("What does it cost?", "$"),
        ("What is the cost of it?", "£"),
    ],
)
def test_a_question_says_in_which_units_it_is_answered(question: str, unit: str) -> None:
    assert unit in asked_units(question)


@pytest.mark.parametrize(
    "question", ["How many came?", "How much butter?", "How high is the rent?", "Who is it?", ""]
)
def test_other_questions_say_none(question: str) -> None:
    assert asked_units(question) == set()


def test_what_takes_long_is_not_measured_in_metres() -> None:
    assert "m" not in asked_units("How long does it take?")


def test_units_are_alike_that_measure_the_same() -> None:
    assert {"day", "month"} <= like_units("day")
    assert like_units("") == {""}
    assert like_units("kWh") == {"kWh"}


def test_a_column_may_name_its_unit() -> None:
    assert named_units("Price (€)") == {"€"}
    assert named_units("Speed in km/h") == {"km/h"}
    assert named_units("Adults") == set()


def test_of_two_measures_that_were_read_the_one_asked_for_is_marked() -> None:
    sentence = "Its treasure is a panel of 1,300 tiles, 23 metres long, that shows the old town."
    read = "1,300 tiles, 23 metres long"
    assert "**23 metres** long" in mark_answer(sentence, "How long is the panel?", read)
    assert f"**{read}**" in mark_answer(sentence, "What is the panel of?", read)


def test_a_measure_that_is_not_asked_for_is_not_marked() -> None:
    sentence = "It costs €20 and takes 40 minutes in all."
    assert "**40 minutes**" in mark_answer(sentence, "How long does it take?", "€20")
    assert "**€20**" in mark_answer("It costs €20 in all.", "How long does it take?", "€20")
