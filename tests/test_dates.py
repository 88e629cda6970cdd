import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.entities.dates import MONTH_NUMBERS, read_dates

FOURTH = [
    "September 4",
    "Sept. 4",
    "Sep 4",
    "4 September",
    "4th September",
    "the 4th of September",
    "September 4th",
]


@pytest.mark.parametrize("text", FOURTH)
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert [(d.year, d.month, d.day) for d in read_dates(f"It opens on {text}.")] == [(None, 9, 4)]


WITH_YEAR = [
    "4 September 2025",
    "September 4, 2025",
    "Sept. 4 , 2025",
    "2025-09-04",
    "4.9.2025",
    "the 4th of September 2025",
]


@pytest.mark.parametrize("text", WITH_YEAR)
def test_a_whole_date_is_the_same_however_it_is_written(text: str) -> None:
    assert [(d.year, d.month, d.day) for d in read_dates(f"On {text} it rose")] == [(2025, 9, 4)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in May 2024", [(2024, 5, None)]),
        ("in May", [(None, 5, None)]),
        ("in September of 2024", [(2024, 9, None)]),
        ("4–6 May", [(None, 5, 4), (None, 5, 6)]),
        ("May 4 to 6", [(None, 5, 4), (None, 5, 6)]),
        ("04/09/2025", [(2025, 9, 4)]),
        ("25/12/2025", [(2025, 12, 25)]),
        ("12/25/2025", [(2025, 12, 25)]),
        ("25/13/2025", []),
        ("4 SEPTEMBER 2025", [(2025, 9, 4)]),
        ("4 SEPT.", [(None, 9, 4)]),
        ("in DECEMBER", [(None, 12, None)]),
        ("IT MAY RISE; DEC and MAR fell.", []),
        ("You may go.", []),
        ("They march on.", []),
        ("May I go?", []),
        ("in 2025", []),
        ("", []),
    ],
)
def test_what_is_a_date_is_read_and_what_is_none_is_not(
    text: str, expected: list[tuple[int | None, int, int | None]]
) -> None:
    assert [(d.year, d.month, d.day) for d in read_dates(text)] == expected


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        ("Sept. 4", "4 September 2025", True),
        ("September 2025", "4 September 2025", True),
        ("in September", "2025-09-04", True),
        ("4 September 2025", "4 September", False),
        ("4 September", "September 2025", False),
        ("5 September", "4 September", False),
        ("4 October", "4 September", False),
        ("4 September 2024", "4 September 2025", False),
        ("4/9/2025", "4 September 2025", True),
        ("4/9/2025", "9 April 2025", True),
        ("9 April 2025", "4/9/2025", True),
        ("4/9/2025", "4 October 2025", False),
        ("25/9/2025", "25 October 2025", False),
    ],
)
def test_a_date_is_said_by_one_that_says_as_much(said: str, found: str, expected: bool) -> None:
    assert read_dates(said)[0].is_said_by(read_dates(found)[0]) is expected


def test_a_date_without_a_year_has_that_of_its_surroundings() -> None:
    said, found = read_dates("4 September 2025")[0], read_dates("4 September")[0]
    assert said.is_said_by(found, {2025})
    assert not said.is_said_by(found, {2024})


@given(st.sampled_from(sorted(MONTH_NUMBERS)), st.integers(1, 28), st.integers(1000, 2999))
@settings(derandomize=True, max_examples=100)
def test_both_orders_of_day_and_month_are_one_date(month: str, day: int, year: int) -> None:
    name = month.capitalize()
    first, second = read_dates(f"{day} {name} {year}"), read_dates(f"{name} {day}, {year}")
    numbers = [(d.year, d.month, d.day) for d in first]
    assert numbers == [(d.year, d.month, d.day) for d in second]
    assert numbers == [(year, MONTH_NUMBERS[month], day)]


@given(st.text(max_size=60))
@settings(derandomize=True)
def test_the_dates_of_any_text_stand_in_it_and_say_themselves(text: str) -> None:
    for date in read_dates(text):
        assert 0 <= date.start < date.end <= len(text)
        assert date.is_said_by(date)
