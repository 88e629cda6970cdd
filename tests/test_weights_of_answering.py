import json
from dataclasses import FrozenInstanceError
from importlib.resources import files

import numpy as np
import pytest

from rag.generate.features import FEATURES, READ
from rag.generate.selection import SUMMARY, SUMMARY_READ, find_fitted, name_columns
from rag.generate.weights import LinearModel, read_weights, sigmoid

MODEL = {
    "intercept": 0.5,
    "features": {
        "a": {"mean": 1.0, "scale": 2.0, "weight": 3.0},
        "b": {"mean": 0.0, "scale": 1.0, "weight": -1.0},
    },
}


def test_a_score_is_the_weighted_sum_of_the_standardised_features() -> None:
    model = LinearModel.from_json(MODEL, ("a", "b"))
    features = np.array([[1.0, 0.0], [5.0, 2.0], [0.0, -4.0]])
    assert model.score(features).tolist() == [
        0.5,
        0.5 + 3 * (5 - 1) / 2 - 2,
        0.5 + 3 * (0 - 1) / 2 + 4,
    ]


def test_no_rows_have_no_scores() -> None:
    assert LinearModel.from_json(MODEL, ("a", "b")).score(np.zeros((0, 2))).shape == (0,)


def test_one_row_has_one_score() -> None:
    model = LinearModel.from_json(MODEL, ["a", "b"])
    assert float(model.score(np.array([1.0, 0.0]))) == 0.5


@pytest.mark.parametrize("names", [(), ("a",), ("b", "a"), ("a", "b", "c"), ("a", "B")], ids=str)
def test_weights_of_other_features_are_an_error_that_says_what_to_run(
    names: tuple[str, ...],
) -> None:
    with pytest.raises(
        RuntimeError, match=r"^the fitted numbers must be of .*; run the script again"
    ):
        LinearModel.from_json(MODEL, names)


def test_the_fitted_models_are_those_of_the_features_of_today() -> None:
    unread = {"sentence": FEATURES, "answerable": SUMMARY}
    read = {"sentence": (*FEATURES, *READ), "answerable": (*SUMMARY, *SUMMARY_READ)}
    for is_read, models in ((False, unread), (True, read)):
        for name, columns in models.items():
            names = name_columns(name, is_read=is_read)
            assert names[: len(columns)] == columns
            model = LinearModel.from_json(find_fitted(is_read=is_read)[name], names)
            assert model.means.shape == model.scales.shape == model.weights.shape == (len(names),)


@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize("name", ["sentence", "answerable"])
def test_the_fitted_numbers_are_finite_and_no_scale_is_nought(name: str, is_read: bool) -> None:
    content = find_fitted(is_read=is_read)[name]
    rows = content["features"].values()
    table = np.array([[row["mean"], row["scale"], row["weight"]] for row in rows])
    assert np.isfinite(table).all()
    assert np.isfinite(content["intercept"])
    assert (table[:, 1] > 0).all()


@pytest.mark.parametrize("is_read", [False, True])
def test_the_fitted_threshold_is_a_probability(is_read: bool) -> None:
    assert 0 < find_fitted(is_read=is_read)["threshold"] < 1


def test_the_file_is_read_once_and_is_plain_json() -> None:
    content = files("rag.generate").joinpath("weights.json").read_text(encoding="utf-8")
    assert json.loads(content) == read_weights()
    assert read_weights() is read_weights()


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        LinearModel.from_json(MODEL, ("a", "b")).intercept = 1.0  # type: ignore[misc]


def test_a_probability_is_that_of_its_log_odds() -> None:
    assert sigmoid(np.log(3)) == pytest.approx(3 / 4)
    assert sigmoid(-np.log(3)) == pytest.approx(1 / 4)
    assert sigmoid(2.5) + sigmoid(-2.5) == pytest.approx(1)


@pytest.mark.parametrize(("score", "expected"), [(1_000.0, 1.0), (-1_000.0, 0.0)])
def test_the_most_certain_log_odds_are_no_overflow(score: float, expected: float) -> None:
    assert sigmoid(score) == pytest.approx(expected)
