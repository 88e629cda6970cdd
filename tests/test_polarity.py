import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.check.polarity import (
    find_negated,
    find_opposites,
    is_hedged,
    is_negated,
    opposites_of,
)
from rag.retrieve.terms import describe_word, read_terms


def negated(text: str) -> list[str]:
    terms = read_terms(text)
    return [terms[i].text for i in sorted(find_negated(text, terms))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He did not sell the red car, and he left.", ["sell", "red", "car"]),
        ("He didn't sell it.", ["sell"]),
        ("He denied buying trams.", ["buying", "trams"]),
        ("He failed to open it; trams run.", ["open"]),
        ("He not only sells but rents trams.", []),
        ("No fewer than 20 trams run.", []),
        ("It is not without charm.", []),
        ("It runs.", []),
        ("", []),
    ],
)
def test_a_negation_reaches_to_the_end_of_its_clause(text: str, expected: list[str]) -> None:
    assert negated(text) == expected


def test_a_negation_reaches_four_content_words_at_most() -> None:
    text = "It never shows green trams crossing wide empty bridges"
    assert negated(text) == ["shows", "green", "trams", "crossing"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cannot run.", True),
        ("He rejected it.", True),
        ("They ruled out a strike.", True),
        ("It is no doubt true.", False),
        ("It lasted no longer than a notice.", True),
        ("Notices are noted.", False),
    ],
)
def test_a_no_is_heard(text: str, expected: bool) -> None:
    assert is_negated(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It may run.", True),
        ("They hope to run.", True),
        ("It is expected to run.", True),
        ("It runs.", False),
        ("Maybelle ran.", False),
    ],
)
def test_a_hedge_is_heard(text: str, expected: bool) -> None:
    assert is_hedged(text) is expected


def opposites(said: str, found: str) -> list[str]:
    stems = {term.stem for term in read_terms(found)}
    return [word for word, _ in find_opposites(read_terms(said), stems)]


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        ("Costs increased.", "Costs decreased.", ["increased"]),
        ("Costs rise.", "Costs will fall.", ["rise"]),
        ("It is unsafe.", "It is safe.", ["unsafe"]),
        ("It is possible.", "It is impossible.", ["possible"]),
        ("He approved it.", "He rejected it.", ["approved"]),
        ("Costs rise and fall.", "Costs fall.", []),
        ("Costs rise.", "Costs rise, others fall.", []),
        ("Trams run.", "Boats float.", []),
    ],
)
def test_a_word_is_opposed_where_the_other_text_has_its_opposite_instead(
    said: str, found: str, expected: list[str]
) -> None:
    assert opposites(said, found) == expected


@pytest.mark.parametrize("word", ["increase", "luxury", "approve", "north", "never"])
def test_opposites_are_mutual_and_no_word_is_its_own(word: str) -> None:
    stem = describe_word(word)[0]
    assert stem not in opposites_of(stem)
    assert all(stem in opposites_of(other) for other in opposites_of(stem))


@given(st.text(max_size=60))
@settings(derandomize=True)
def test_no_text_opposes_itself(text: str) -> None:
    assert opposites(text, text) == []
