import re

import pytest

from rag.generate.entities.units import MONEY_BEFORE, UNIT, UNITS, is_same_unit, read_unit

FLAGS = re.VERBOSE | re.IGNORECASE


@pytest.mark.parametrize(("form", "unit"), UNITS.items())
def test_every_form_of_a_unit_is_read_as_that_unit(form: str, unit: str) -> None:
    assert re.fullmatch(UNIT, form, FLAGS)
    assert read_unit(form) == read_unit(form.upper()) == unit


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("per cent", "%"),
        ("US dollars", "$"),
        ("American dollars", "$"),
        ("Indian rupees", "rupee"),
        ("square kilometres", "square km"),
        ("sq. mi", "square mile"),
        ("cubic metres", "cubic m"),
    ],
)
def test_a_unit_may_have_words_of_its_own_before_it(written: str, unit: str) -> None:
    assert re.fullmatch(UNIT, written, FLAGS)
    assert read_unit(written) == unit


@pytest.mark.parametrize(("written", "unit"), [("Rs.", "rupee"), ("US$", "$"), ("PKR", "rupee")])
def test_money_stands_before_its_number_too(written: str, unit: str) -> None:
    found = re.match(MONEY_BEFORE, f"{written}5", FLAGS)
    assert found
    assert read_unit(found[0]) == unit


def test_no_unit_stands_for_any_but_for_one_that_tells() -> None:
    assert is_same_unit("", "km")
    assert not is_same_unit("", "%")
    assert not is_same_unit("km", "")
    assert is_same_unit("pound", "£")
