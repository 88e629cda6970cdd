import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.entities.quantities import Quantity, read_quantities
from rag.generate.entities.units import UNITS


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
        ("at 10.30 am", [(630, "time")]),
        ("at 5 pm", [(1020, "time")]),
        ("at 12 am", [(0, "time")]),
        ("at 12 pm", [(720, "time")]),
        ("at 12:30 am", [(30, "time")]),
        ("at 12:30", [(750, "time")]),
        ("half a million", [(500_000, "")]),
        ("half-a-million", [(500_000, "")]),
        ("a half million", [(500_000, "")]),
        ("half a dozen", [(6, "")]),
        ("a quarter of a million dollars", [(250_000, "$")]),
        ("three-quarters of a million", [(750_000, "")]),
        ("one and a half million", [(1_500_000, "")]),
        ("a million and a half", [(1_500_000, "")]),
        ("two and a half years", [(2.5, "year")]),
        ("two-and-a-half-year", [(2.5, "year")]),
        ("2½ years", [(2.5, "year")]),
        ("2 1/2 years", [(2.5, "year")]),
        ("½ million", [(500_000, "")]),
        ("half an hour", [(0.5, "hour")]),
        ("a half-hour", [(0.5, "hour")]),
        ("an hour and a half", [(1.5, "hour")]),
        ("half a percent", [(0.5, "%")]),
        ("fell by half", [(50, "%")]),
        ("fell by a third in 2024", [(100 * (1 / 3), "%"), (2024, "")]),
        ("one-third", [(100 * (1 / 3), "%")]),
        ("1/4 of them", [(25, "%")]),
        ("the first quarter of 2024", [(1, "th"), (2024, "")]),
        ("the second half of 2024", [(2024, "")]),
        ("the first three quarters", [(1, "th"), (3, "")]),
        ("over the last half year", []),
        ("five quarters", [(5, "")]),
        ("half past nine", [(9, "")]),
        ("at half-time", []),
        ("third of five", [(3, "th"), (5, "")]),
        ("a third of five", [(100 * (1 / 3), "%"), (5, "")]),
        ("by a third party", [(3, "th")]),
        ("Rs150,000", [(150_000, "rupee")]),
        ("Rs.500", [(500, "rupee")]),
        ("PKR5bn", [(5_000_000_000, "rupee")]),
        ("EUR5m", [(5_000_000, "€")]),
        ("USD5 million", [(5_000_000, "$")]),
        ("£5 m", [(5_000_000, "£")]),
        ("$5B", [(5_000_000_000, "$")]),
        ("5 million US dollars", [(5_000_000, "$")]),
        ("5 million U.S. dollars", [(5_000_000, "$")]),
        ("500 Pakistani rupees", [(500, "rupee")]),
        ("5m people", [(5_000_000, "")]),
        ("5.5m new cars", [(5_500_000, "")]),
        ("5m tonnes", [(5_000_000, "tonne")]),
        ("5 lakh", [(500_000, "")]),
        ("two crore rupees", [(20_000_000, "rupee")]),
        ("Rs1.2 lakh crore", [(1_200_000_000_000, "rupee")]),
        ("1,50,000", [(150_000, "")]),
        ("1,00,00,000", [(10_000_000, "")]),
        ("a thousand million", [(1_000_000_000, "")]),
        ("one thousand two hundred and five", [(1205, "")]),
        ("five million two years ago", [(5_000_000, ""), (2, "year")]),
        ("five six seven", [(5, ""), (6, ""), (7, "")]),
        ("mid-2030", [(2030, "")]),
        ("pre-2035 and Post-2040", [(2035, ""), (2040, "")]),
        ("300 square miles", [(300, "square mile")]),
        ("300 sq km", [(300, "square km")]),
        ("300 km²", [(300, "square km")]),
        ("5+ years", [(5, "year")]),
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
        ("$3–5m", [(3_000_000, "$"), (5_000_000, "$")]),
        ("2 km and 3 million people", [(2, "km"), (3_000_000, "")]),
    ],
)
def test_a_range_has_its_unit_and_its_scale_at_both_ends(
    text: str, expected: list[tuple[float, str]]
) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text", ["one of the causes", "the O2 Arena", "COVID-19", "an F-16", "a second later"]
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
    ("a third of", "33%"),
    ("33%", "a third of"),
    ("33.3%", "a third of"),
    ("half of", "50.3%"),
    ("13%", "12.7%"),
    ("1.2 million", "1,212,345"),
    ("500,000", "half a million"),
    ("2.5 years", "two and a half years"),
    ("hundreds of thousands", "250,000"),
    ("several hundred", "300"),
    ("5 million dollars", "$5m"),
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
    ("3.1%", "2.8%"),
    ("4.3%", "4.6%"),
    ("3%", "2.8%"),
    ("2.8%", "3%"),
    ("33.6%", "a third of"),
    ("34%", "a third of"),
    ("1,212,345", "1.2 million"),
    ("5 million", "4.7 million"),
    ("a million", "half a million"),
    ("12 am", "12 pm"),
    ("100", "several hundred"),
    ("300 square miles", "300 sq km"),
    ("more than 250", "not exceeding 250"),
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
        unit = quantity.unit.removeprefix("square ").removeprefix("cubic ")
        assert unit in {*UNITS.values(), "", "th", "time", "decade of years"}
        end = quantity.start


def test_the_span_of_a_quantity_is_how_it_is_written() -> None:
    text = "They sold about 20 % of it for US$ 3 million."
    spans = [text[quantity.start : quantity.end] for quantity in read_quantities(text)]
    assert spans == ["20 %", "US$ 3 million"]


def test_the_ends_of_a_range_are_not_exact_and_those_of_a_change_are() -> None:
    for text in ("between 250 and 300", "250–300", "250 to 300"):
        assert [quantity.bound for quantity in read_quantities(text)] == ["~", "~"]
    for text in ("from 250 to 300", "250 and 300"):
        assert [quantity.bound for quantity in read_quantities(text)] == ["", ""]


def test_a_vague_number_says_another_of_its_kind() -> None:
    dozens = Quantity(24, "", "", 0, 6, most=200)
    assert dozens.is_said_by(dozens)


DIFFERENT = [("12", "13"), ("1.2 million", "1.3 million"), ("a million", "half a million")]
ALIKE = [
    ("1.2 million", "1.21 million"),
    ("a third of", "33%"),
    ("half of", "50.3%"),
    ("3%", "2.8%"),
    ("500,000", "half a million"),
    ("half a million", "520,000"),
    ("about 250", "251"),
    ("some 250", "251"),
    ("nearly 250", "249"),
    ("250+", "260"),
    ("several hundred", "250"),
]


@pytest.mark.parametrize(("first", "second"), [*DIFFERENT, *ALIKE])
def test_numbers_contradict_if_they_differ_as_precisely_as_the_rounder_is_written(
    first: str, second: str
) -> None:
    (one,), (other,) = read_quantities(first), read_quantities(second)
    assert one.contradicts(other) is other.contradicts(one) is ((first, second) in DIFFERENT)


@pytest.mark.parametrize(
    "text", ["hundred " * 2000, "1,2" * 2000, "one and a half million " * 500, "a half of " * 500]
)
def test_what_repeats_without_end_is_read_all_the_same(text: str) -> None:
    for quantity in read_quantities(text):
        assert quantity.value > 0


def test_letters_that_pass_for_others_are_read_as_those() -> None:
    for text in ("5 hourſ", "fıve", "ten dollarſ", "fıfth", "1ſt", "hundredſ", "5 K", "FİVE"):
        assert len(read_quantities(text)) == 1


def test_a_number_ends_before_a_letter_that_is_no_scale() -> None:
    text = "room 5 b"
    assert [text[q.start : q.end] for q in read_quantities(text)] == ["5"]
