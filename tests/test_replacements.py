import pytest

from rag.generate.check.claims import Line, find_stems
from rag.generate.check.replacements import count_replaced, find_replacements
from rag.retrieve.terms import read_terms


def replaced(here: str, there: str) -> list[tuple[str, str]]:
    _, found = find_replacements(read_terms(here), read_terms(there))
    return [(" ".join(t.text for t in a), " ".join(t.text for t in b)) for a, b in found]


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ("Iqbal met the firms", "Khan met the firms", [("Iqbal", "Khan")]),
        ("It rose by 20 a year", "It rose by 30 a year", [("20", "30")]),
        ("Costs rise", "Costs rise", []),
        ("Costs rise again", "Costs rise", []),
        ("The old town is fair", "The new city is fair", [("old town", "new city")]),
        ("One two three four stays", "Five six seven eight stays", []),
        ("", "Costs rise", []),
    ],
)
def test_words_in_the_place_of_others_are_found(
    here: str, there: str, expected: list[tuple[str, str]]
) -> None:
    assert replaced(here, there) == expected


def test_the_share_of_common_words_in_order_is_told() -> None:
    here, there = read_terms("a b c d"), read_terms("a b x d")
    assert find_replacements(here, there)[0] == 0.75


def line(text: str) -> Line:
    return Line(0, len(text), text, tuple(read_terms(text)), find_stems(text), frozenset())


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("More than 250 firms from China came to Lahore.", (1, 0, 1)),
        ("More than 200 firms from Pakistan came to Lahore.", (0, 1, 1)),
        ("More than 250 firms from Pakistan came to Lahore.", (0, 0, 0)),
        ("More than 250 firms from Pakistan went to Lahore.", (0, 0, 1)),
    ],
)
def test_replaced_names_and_numbers_are_counted(claim: str, expected: tuple[int, ...]) -> None:
    there = [
        line("Trams run."),
        line("More than 250 firms from Pakistan came to Lahore."),
    ]
    found = count_replaced(tuple(read_terms(claim)), there)
    assert tuple(found.values()) == expected
