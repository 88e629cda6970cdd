import pytest

from rag.generate.citations import plain_text
from rag.read.reader import Reader

POLICY = "The plan is that 30% of all new cars should be electric by 2030, said Ada Lovelace."
WEATHER = "Rain fell in Lahore on Friday. The trams were late."


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What share of new cars should be electric?", "30%"),
        ("By which year should new cars be electric?", "2030"),
        ("Who told of the plan?", "Ada Lovelace"),
    ],
)
def test_it_finds_the_short_answer_and_knows_where_there_is_none(
    question: str, answer: str, reader: Reader
) -> None:
    says, silent = reader.read(question, [POLICY, WEATHER])
    assert says.answerable > silent.answerable
    assert POLICY[says.start : says.end] == answer


def test_it_finds_the_sentence_that_answers(reader: Reader) -> None:
    text = f"{WEATHER} {POLICY}"
    (reading,) = reader.read("What share of new cars should be electric?", [text])
    start = len(WEATHER) + 1
    assert reading.support_of(start, len(text)) > reading.support_of(0, start - 1)
    assert plain_text(text[reading.start : reading.end]) == "30%"
