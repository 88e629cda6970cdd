import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.quantities import UNITS, Quantity, read_quantities, read_words


def read(text: str) -> list[tuple[float, str]]:
    return [(quantity.value, quantity.unit) for quantity in read_quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30%", [(30, "%")]),
        ("30 percent", [(30, "%")]),
        ("thirty per cent", [(30, "%")]),
        ("3.25 per cent", [(3.25, "%")]),
        ("1.2 million", [(1_200_000, "")]),
        ("1,200,000", [(1_200_000, "")]),
        ("1\u202f200\u202f000", [(1_200_000, "")]),
        ("a million", [(1_000_000, "")]),
        ("two hundred and fifty", [(250, "")]),
        ("two hundred and fifty thousand", [(250_000, "")]),
        ("twenty-one", [(21, "")]),
        ("two dozen", [(24, "")]),
        ("£5m", [(5_000_000, "£")]),
        ("5m long", [(5, "m")]),
        ("US$1.2bn", [(1_200_000_000, "$")]),
        ("twenty dollars", [(20, "$")]),
        ("Rs. 500", [(500, "rupee")]),
        ("12-hour", [(12, "hour")]),
        ("less than 40 kilometres (25 mi)", [(40, "km"), (25, "mile")]),
        ("-5 degrees", [(-5, "°")]),
        ("half of them", [(50, "%")]),
        ("three-quarters", [(75, "%")]),
        ("the 21st century", [(21, "th")]),
        ("the twenty-first century", [(21, "th")]),
        ("the 1990s", [(1990, "decade of years")]),
        ("at 10:30 am", [(630, "time")]),
        ("at 5 pm", [(1020, "time")]),
    ],
)
def test_a_number_is_the_same_however_it_is_written(
    text: str, expected: list[tuple[float, str]]
) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025–2030", [(2025, ""), (2030, "")]),
        ("2025–30", [(2025, ""), (2030, "")]),
        ("3 to 4 million", [(3_000_000, ""), (4_000_000, "")]),
        ("between 5 and 10 percent", [(5, "%"), (10, "%")]),
        ("5–10 km", [(5, "km"), (10, "km")]),
        ("$20 million to £300 million", [(20_000_000, "$"), (300_000_000, "£")]),
        ("3.2 and 1,200,000", [(3.2, ""), (1_200_000, "")]),
    ],
)
def test_a_range_has_its_unit_and_its_scale_at_both_ends(
    text: str, expected: list[tuple[float, str]]
) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text", ["one of the causes", "the O2 Arena", "COVID-19", "a second later"]
)
def test_what_counts_nothing_is_no_number(text: str) -> None:
    assert read(text) == []


SAID = [
    ("30%", "thirty percent"),
    ("30", "30 firms"),
    ("250", "more than 250"),
    ("more than 250", "250"),
    ("1.2 million", "1,200,000"),
    ("a third of", "33.3%"),
    ("hundreds", "250"),
    ("£5", "5 pounds"),
    ("twelve hours", "a 12-hour"),
]


@pytest.mark.parametrize(("said", "found"), SAID)
def test_a_number_says_what_another_way_of_writing_it_says(said: str, found: str) -> None:
    assert read_quantities(said)[0].is_said_by(read_quantities(found)[0])


OTHER = [
    ("20%", "30%"),
    ("30%", "30"),
    ("30", "30%"),
    ("$30", "€30"),
    ("30 km", "30 miles"),
    ("more than 250", "fewer than 250"),
    ("at least 3", "at most 3"),
    ("hundreds", "12"),
    ("12", "dozens"),
    ("5 million", "5 billion"),
    ("4th", "4"),
    ("-5", "5"),
]


@pytest.mark.parametrize(("said", "found"), OTHER)
def test_another_number_unit_or_bound_does_not_say_it(said: str, found: str) -> None:
    assert not read_quantities(said)[0].is_said_by(read_quantities(found)[0])


@given(st.integers(min_value=2, max_value=999_999))
@settings(derandomize=True, max_examples=200)
def test_thousands_with_and_without_commas_are_one_number(number: int) -> None:
    assert read(f"{number:,} cars") == read(f"{number} cars") == [(float(number), "")]


@given(st.text(max_size=60))
@settings(derandomize=True)
def test_the_quantities_of_any_text_stand_in_it_in_order_and_say_themselves(text: str) -> None:
    end = 0
    for quantity in read_quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert quantity.is_said_by(quantity)
        assert quantity.unit in {*UNITS.values(), "", "th", "time", "decade of years"}
        end = quantity.start


def test_the_span_of_a_quantity_is_how_it_is_written() -> None:
    text = "They sold about 20 % of it for US$ 3 million."
    spans = [text[quantity.start : quantity.end] for quantity in read_quantities(text)]
    assert spans == ["20 %", "US$ 3 million"]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("more than 250", ">"),
        ("over 250", ">"),
        ("at least 250", ">"),
        ("no fewer than 250", ">"),
        ("fewer than 250", "<"),
        ("up to 250", "<"),
        ("nearly 250", "<"),
        ("no more than 250", "<"),
        ("about 250", ""),
    ],
)
def test_a_bound_is_read(text: str, bound: str) -> None:
    (quantity,) = read_quantities(text)
    assert (quantity.value, quantity.bound) == (250, bound)


@pytest.mark.parametrize(
    ("words", "number"), [("nineteen", 19), ("a hundred", 100), ("ninety-nine", 99)]
)
def test_words_are_a_number(words: str, number: int) -> None:
    assert read_words(words) == number


def test_a_vague_number_says_another_of_its_kind() -> None:
    dozens = Quantity(24, "", "", 0, 6, most=200)
    assert dozens.is_said_by(dozens)
