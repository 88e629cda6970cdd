import re

import pytest

from rag.generate.entities.numerals import (
    FRACTIONS,
    SMALL,
    WORDS,
    read_part,
    read_vague,
    read_words,
)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("nineteen", 19),
        ("a hundred", 100),
        ("ninety-nine", 99),
        ("twenty five", 25),
        ("two hundred and fifty thousand", 250_000),
        ("one million two hundred thousand", 1_200_000),
        ("a hundred million", 100_000_000),
        ("a thousand million", 1_000_000_000),
        ("three lakh", 300_000),
        ("two lakh crore", 2_000_000_000_000),
        ("two thousand and twenty-five", 2025),
    ],
)
def test_words_are_a_number(words: str, number: int) -> None:
    assert read_words(words) == number
    assert re.fullmatch(WORDS, words, re.VERBOSE | re.IGNORECASE)


def test_a_number_in_words_may_be_larger_than_any_in_figures() -> None:
    assert read_words("hundred " * 2000) == float("inf")


@pytest.mark.parametrize("words", ["two and five", "five six", "five million two"])
def test_numbers_beside_each_other_are_not_one(words: str) -> None:
    assert not re.fullmatch(WORDS, words, re.VERBOSE | re.IGNORECASE)


def test_a_part_in_words_is_its_count_of_its_kind() -> None:
    for part, number in FRACTIONS.items():
        assert read_part(f"a {part}") == read_part(part) == 1 / number
        assert read_part(f"three-{part}") == SMALL["three"] / number


def test_a_vague_number_of_a_vague_number_is_both_multiplied() -> None:
    assert read_vague("hundreds of thousands") == (200_000, 2_000_000)
    assert read_vague("Several hundred") == (200, 1000)
    assert read_vague("a couple of million") == (2_000_000, 3_000_000)
