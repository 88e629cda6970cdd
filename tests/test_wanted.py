import pytest

from rag.generate.words.wanted import find_dates, find_numbers


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("Most walkers need seven to eight hours.", ["seven to eight hours"]),
        ("It killed 30–60% of them.", ["30–60%"]),
        ("Only about 100–150 kinds are known.", ["about 100–150"]),
        ("It fell from 15 % to 9 % in May 2020.", ["15 %", "9 %"]),
        ("It rose by 18 % to €7 million.", ["18 %", "€7 million"]),
        ("They got 1,000 or 4,000 units.", ["1,000", "4,000"]),
        ("They came 1st in 2024, all 12 of them.", ["12"]),
        ("", []),
    ],
)
def test_a_range_is_one_number(sentence: str, numbers: list[str]) -> None:
    assert [sentence[slice(*span)] for span in find_numbers(sentence)] == numbers


def test_dates_come_before_other_years_and_what_is_said_of_today() -> None:
    sentence = "Last week he spoke of 1755 and of 4 May 2024."
    assert [sentence[slice(*span)] for span in find_dates(sentence)] == [
        "4 May 2024",
        "1755",
        "Last week",
    ]
