import numpy as np
import pytest

from rag.generate.check.alignment import FEATURES
from rag.generate.check.forest import LEAF, Forest
from rag.generate.check.support import load_forest

# The first tree: x₁ ≤ 0.5 → 0.2, else x₀ ≤ 2 → 0.4, else 1. The second: a leaf that says 0.
FOREST = Forest(
    feature=np.array([1, LEAF, 0, LEAF, LEAF, LEAF], dtype=np.int8),
    threshold=np.array([0.5, 0, 2, 0, 0, 0], dtype=np.float32),
    left=np.array([1, -1, 3, -1, -1, -1], dtype=np.int32),
    right=np.array([2, -1, 4, -1, -1, -1], dtype=np.int32),
    value=np.array([0, 0.2, 0, 0.4, 1, 0], dtype=np.float32),
    roots=np.array([0, 5], dtype=np.int32),
)


@pytest.mark.parametrize(
    ("row", "votes"),
    [((9.0, 0.5), 0.2), ((2.0, 0.6), 0.4), ((2.1, 0.6), 1.0), ((-1.0, -1.0), 0.2)],
)
def test_the_trees_vote(row: tuple[float, float], votes: float) -> None:
    assert FOREST.estimate(row) == pytest.approx(votes / 2)


def test_up_to_the_threshold_is_compared_in_the_precision_of_the_fit() -> None:
    assert FOREST.estimate((0.0, np.nextafter(0.5, 1))) == pytest.approx(0.1)


def test_the_fitted_trees_are_whole() -> None:
    forest = load_forest()
    inner = np.flatnonzero(forest.feature != LEAF)
    assert forest.feature.min() == LEAF
    assert forest.feature.max() < len(FEATURES)
    # Every node but the roots is the child of one other, further on: no walk goes in circles.
    children = np.concatenate([forest.left[inner], forest.right[inner]])
    assert (np.minimum(forest.left[inner], forest.right[inner]) > inner).all()
    assert sorted([*children, *forest.roots]) == list(range(len(forest.feature)))
    leaves = forest.value[forest.feature == LEAF]
    assert leaves.min() >= 0
    assert leaves.max() <= 1


ALIKE = dict.fromkeys(FEATURES, 0.0) | dict.fromkeys(
    (
        "overlap", "overlap in passage", "match", "match of worst term", "two worst matches",
        "similarity", "similarity of best line", "pairs kept", "pairs kept where both stand",
    ),
    1.0,
)  # fmt: skip


@pytest.mark.parametrize(
    "altered",
    [
        {"only sentence negated": 1.0, "negation differs": 1.0},
        {"opposite": 1.0},
        {"names replaced": 1.0, "name's neighbours": -1.0},
        {"new terms without match": 4.0, "match of worst term": 0.0, "weightiest new term": 0.5},
    ],
)
def test_what_is_altered_is_less_likely_to_be_said(altered: dict[str, float]) -> None:
    assert set(ALIKE) >= set(altered)
    forest = load_forest()
    said = forest.estimate(list(ALIKE.values()))
    assert said > 0.8
    assert forest.estimate(list((ALIKE | altered).values())) < said - 0.1
