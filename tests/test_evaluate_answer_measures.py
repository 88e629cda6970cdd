import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.answer_measures import (
    contains,
    exact_match,
    find_words,
    measure_answer,
    normalise,
    remove_markers,
    rouge_l,
    token_f1,
)

TEXTS = st.text(st.sampled_from("ab the 3.5%,'é中"), max_size=20)


def test_the_normalisation_is_that_of_squad() -> None:
    assert normalise("  The  Quick, brown\tfox's AN-a a. ") == "quick brown foxs ana"
    assert normalise("the") == ""


def test_exact_match_ignores_case_punctuation_and_articles() -> None:
    assert exact_match("The Beatles!", "beatles") == 1.0
    assert exact_match("The Beatles sang", "beatles") == 0.0


def test_token_f1_counts_repeated_words() -> None:
    precision, recall = 2 / 4, 2 / 3
    assert token_f1("b b b c", "b b d") == 2 * precision * recall / (precision + recall)
    assert token_f1("x", "y") == 0.0


def test_token_f1_of_texts_without_words_is_that_of_squad() -> None:
    assert token_f1("the", "a") == 1.0
    assert token_f1("the", "cat") == 0.0


def test_rouge_l_follows_the_order_of_words() -> None:
    precision, recall = 2 / 3, 2 / 4
    assert rouge_l("police ended it", "the police it ended") == pytest.approx(
        2 * precision * recall / (precision + recall)
    )
    assert rouge_l("", "word") == rouge_l("word", "!") == rouge_l("a", "b") == 0.0


def test_rouge_l_is_that_of_rouge_score() -> None:
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    generator = random.Random(5)
    words = ["The", "cats", "cat", "sat.", "3.5%", "U.S.", "naïve", "on-line", "_", "it's"]
    for _ in range(200):
        left = " ".join(generator.choices(words, k=generator.randrange(12)))
        right = " ".join(generator.choices(words, k=generator.randrange(12)))
        expected = scorer.score(right, left)["rougeL"].fmeasure
        assert rouge_l(left, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("It should be 30% by 2030.", "30 percent"),
        ("It should be 30 per cent.", "30 %"),
        ("They sold 1,250,000 cars.", "1250000"),
        ("They sold 1\u202f250 cars.", "1,250 cars"),
        ("the U.S. Army said", "US Army"),
        ("a “well-known” place", "well known"),
        ("**Ahsan Iqbal** said so", "Ahsan Iqbal"),
        ("in the year of the snake", "year of snake"),
        ("it grew by 3.5.", "3.5"),
        ("Pakistan's embassy", "Pakistan’s embassy"),
        ("2025–2030", "2025-2030"),
        ("这是北京。", "北京"),
        ("STRASSE", "straße"),
        ("costs \uff13\uff10\uff05 more", "30%"),
    ],
)
def test_an_answer_contains_what_means_the_same(text: str, right: str) -> None:
    assert contains(text, right) == 1.0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("It was 30.", "3"),
        ("It was 3.5.", "5"),
        ("It was 3.5.", "35"),
        ("It was 13,000.", "3,000"),
        ("catalogue", "cat"),
        ("new electric cars", "new cars"),
        ("anything", "the"),
        ("anything", "!"),
        ("", "word"),
    ],
)
def test_an_answer_does_not_contain_what_only_looks_alike(text: str, right: str) -> None:
    assert contains(text, right) == 0.0


def test_every_measure_takes_the_best_of_the_right_answers() -> None:
    measured = measure_answer("in 2030", ["by the year 2030", "2030"])
    assert measured == {
        "exact_match": 0.0,
        "token_f1": pytest.approx(2 * (1 / 2) * 1 / (1 / 2 + 1)),
        "rouge_l": pytest.approx(2 * (1 / 2) * 1 / (1 / 2 + 1)),
        "contains": 1.0,
    }


def test_an_empty_answer_is_worth_nothing_and_no_right_answer_is_no_measure() -> None:
    assert set(measure_answer(" ", ["the"]).values()) == {0.0}
    assert measure_answer("text", []) == {}


def test_only_markers_of_citations_are_removed() -> None:
    assert remove_markers("One [1][2]. Two. [1] In [2019] and [3].", {1, 2}) == (
        "One. Two. In [2019] and [3]."
    )


@given(TEXTS)
def test_a_text_matches_itself(text: str) -> None:
    assert exact_match(text, text) == token_f1(text, text) == 1.0
    assert contains(text, text) == float(bool(find_words(text)))


@given(TEXTS, TEXTS)
def test_measures_are_shares_and_f1_is_symmetric(left: str, right: str) -> None:
    for measure in (exact_match, token_f1, rouge_l):
        assert 0 <= measure(left, right) <= 1
        assert measure(left, right) == pytest.approx(measure(right, left))


@given(st.text(string.ascii_lowercase + " ", max_size=30), st.integers(0, 10_000_000))
def test_a_number_is_found_however_its_thousands_are_set(text: str, number: int) -> None:
    assert contains(f"{text} {number:,} cars", str(number)) == 1.0
