import numpy as np
import pytest

from rag.records import Encoder, Vectors
from rag.retrieve.match import QueryTokens, tokens_within
from rag.retrieve.terms import query_terms
from tests.fakes import WordEncoder

# Wide enough for no two words of the tests to share a column.
ENCODER = WordEncoder(dimension=4096)


def rows(text: str) -> Vectors:
    ((vectors, _),) = ENCODER.embed_tokens([text])
    return vectors


def test_terms_are_those_of_the_query_and_their_weights_add_up_to_one() -> None:
    query = "What share of new cars should be electric by 2030?"
    tokens = QueryTokens.of(query, ENCODER)
    terms = query_terms(query)
    assert list(tokens.terms) == terms
    weights = np.array([term.weight for term in terms])
    assert tokens.weights.tolist() == (weights / weights.sum()).tolist()
    assert tokens.weights.sum() == pytest.approx(1)


def test_a_term_that_stands_in_the_text_matches_wholly_and_another_not_at_all() -> None:
    tokens = QueryTokens.of("Which trams reach Lahore?", ENCODER)
    assert [term.text for term in tokens.terms] == ["trams", "reach", "Lahore"]
    assert tokens.match(rows("In Lahore the trams stand")).tolist() == [1.0, 0.0, 1.0]


def test_a_term_of_two_tokens_matches_by_their_mean() -> None:
    tokens = QueryTokens.of("sodium-ion", ENCODER)
    assert [len(vectors) for vectors in tokens.rows] == [2]
    assert tokens.match(rows("the sodium price")).tolist() == [0.5]


def test_the_nearest_token_of_the_text_counts_and_not_the_sum() -> None:
    tokens = QueryTokens.of("trams", ENCODER)
    assert tokens.match(rows("trams trams trams trams")).tolist() == [1.0]


def test_a_text_without_tokens_matches_nothing() -> None:
    tokens = QueryTokens.of("Which trams?", ENCODER)
    assert tokens.match(rows("")).tolist() == [0.0]


@pytest.mark.parametrize("query", ["", "???", "🚋", " . "], ids=ascii)
def test_a_query_without_words_has_no_terms_and_matches_nothing(query: str) -> None:
    tokens = QueryTokens.of(query, ENCODER)
    assert (tokens.terms, tokens.rows, tokens.weights.shape) == ((), (), (0,))
    assert tokens.match(rows("A tram")).shape == (0,)


def test_a_term_beyond_what_the_encoder_sees_matches_nothing(encoder: Encoder) -> None:
    tokens = QueryTokens.of(f"{'x1 ' * 400}trams", encoder)
    ((vectors, _),) = encoder.embed_tokens(["Trams run."])
    assert tokens.match(vectors)[-1] == 0.0
    assert tokens.match(vectors)[0] != 0.0


def test_related_words_are_nearer_than_others_and_the_same_word_is_nearest(
    encoder: Encoder,
) -> None:
    tokens = QueryTokens.of("Where are vehicles built?", encoder)
    texts = ["Vehicles are built in Lahore.", "Cars are made in Lahore.", "The soup is hot."]
    found = [float(tokens.match(vectors).mean()) for vectors, _ in encoder.embed_tokens(texts)]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[2] > 0.3


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 4, [0]),
        (3, 6, [0, 1]),
        (4, 5, []),
        (5, 6, [1]),
        (6, 20, [1, 2]),
        (0, 0, []),
        (30, 40, []),
    ],
)
def test_tokens_within_are_those_that_touch_the_characters(
    start: int, end: int, expected: list[int]
) -> None:
    assert tokens_within([(0, 4), (5, 9), (9, 12)], start, end) == expected
