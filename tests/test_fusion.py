import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.fusion import add_neighbours, combine, normalize

SCORES = st.floats(-10, 10, allow_nan=False).map(lambda score: round(score, 3))
RANKINGS = st.dictionaries(st.integers(1, 20), SCORES, max_size=8).map(
    lambda scores: sorted(scores.items(), key=lambda entry: -entry[1])
)


def test_scores_are_scaled_between_the_worst_and_the_best_of_the_ranking() -> None:
    ranking = [(3, 12.0), (1, 6.0), (2, 4.0)]
    assert normalize(ranking) == {3: 1.0, 1: (6 - 4) / (12 - 4), 2: 0.0}


def test_negative_scores_are_scaled_too() -> None:
    assert normalize([(1, -1.0), (2, -2.0), (3, -3.0)]) == {1: 1.0, 2: 0.5, 3: 0.0}


@pytest.mark.parametrize("score", [0.0, -1.0, 7.0])
def test_where_all_scores_are_equal_all_are_one(score: float) -> None:
    assert normalize([(1, score), (2, score)]) == {1: 1.0, 2: 1.0}
    assert normalize([(1, score)]) == {1: 1.0}


def test_no_ranking_gives_no_scores() -> None:
    assert normalize([]) == {}
    assert combine([], [], dense_weight=0.5) == {}


@given(RANKINGS)
def test_scaling_keeps_the_order_and_stays_between_nought_and_one(
    ranking: list[tuple[int, float]],
) -> None:
    scores = list(normalize(ranking).values())
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_two_rankings_are_combined_by_their_weights() -> None:
    dense, lexical = [(1, 0.9), (2, 0.6), (3, 0.5)], [(2, 8.0), (4, 6.0), (1, 4.0)]
    scores = combine(dense, lexical, dense_weight=0.7)
    assert scores == pytest.approx(
        {1: 0.7 * 1 + 0.3 * 0, 2: 0.7 * 0.25 + 0.3 * 1, 3: 0.7 * 0, 4: 0.3 * 0.5}
    )


@given(RANKINGS)
def test_one_ranking_alone_counts_by_its_weight(ranking: list[tuple[int, float]]) -> None:
    expected = normalize(ranking)
    dense, lexical = combine(ranking, [], dense_weight=0.3), combine([], ranking, dense_weight=0.3)
    assert dense == pytest.approx({passage: 0.3 * score for passage, score in expected.items()})
    assert lexical == pytest.approx({passage: 0.7 * score for passage, score in expected.items()})


@given(RANKINGS, RANKINGS, st.floats(0, 1))
def test_combined_scores_are_those_of_every_passage_of_either_ranking_between_nought_and_one(
    dense: list[tuple[int, float]], lexical: list[tuple[int, float]], weight: float
) -> None:
    scores = combine(dense, lexical, dense_weight=weight)
    assert scores.keys() == dict(dense).keys() | dict(lexical).keys()
    assert all(0 <= score <= 1 + 1e-9 for score in scores.values())


def test_a_passage_gains_a_share_of_its_better_neighbour() -> None:
    scores = {1: 0.2, 2: 0.4, 3: 1.0, 5: 0.6}
    found = add_neighbours(scores, dict.fromkeys(scores, "a"), weight=0.5)
    assert found == pytest.approx(
        {
            1: (0.2 + 0.5 * 0.4) / 1.5,
            2: (0.4 + 0.5 * 1.0) / 1.5,
            3: (1.0 + 0.5 * 0.4) / 1.5,
            5: 0.6 / 1.5,  # 4 was not found
        }
    )


def test_passages_of_two_sections_are_no_neighbours() -> None:
    scores = {1: 1.0, 2: 1.0, 3: 1.0}
    sections = {1: ("a.md", "Costs"), 2: ("a.md", "Lines"), 3: ("b.md", "Lines")}
    assert add_neighbours(scores, sections, weight=1.0) == {1: 0.5, 2: 0.5, 3: 0.5}


def test_without_weight_neighbours_change_nothing() -> None:
    scores = {1: 1.0, 2: 0.3}
    assert add_neighbours(scores, {1: "a", 2: "a"}, weight=0.0) == scores


def test_no_scores_have_no_neighbours() -> None:
    assert add_neighbours({}, {}, weight=0.3) == {}


@given(st.dictionaries(st.integers(1, 12), st.floats(0, 1)), st.floats(0, 2))
def test_scores_with_neighbours_stay_between_nought_and_one(
    scores: dict[int, float], weight: float
) -> None:
    sections = {passage: passage // 4 for passage in scores}
    found = add_neighbours(scores, sections, weight=weight)
    assert found.keys() == scores.keys()
    assert all(0 <= score <= 1 + 1e-9 for score in found.values())
