import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.evaluate.intervals import (
    NO_FIGURE,
    estimate,
    estimate_mean,
    estimate_percentile,
    paired_permutation_p,
)


def test_a_mean_comes_with_the_interval_of_the_normal_approximation() -> None:
    values = [1.0] * 70 + [0.0] * 30
    figure = estimate_mean(values)
    half = 1.96 * math.sqrt(0.7 * 0.3 / 100)
    assert (figure.value, figure.n) == (0.7, 100)
    assert figure.low == pytest.approx(0.7 - half, abs=0.015)
    assert figure.high == pytest.approx(0.7 + half, abs=0.015)


def test_nineteen_of_twenty_intervals_hold_the_true_mean() -> None:
    generator = np.random.default_rng(7)
    n_trials, n_held = 200, 0
    for _ in range(n_trials):
        figure = estimate_mean(generator.random(60).tolist())
        assert figure.low is not None
        assert figure.high is not None
        n_held += figure.low <= 0.5 <= figure.high
    # binomial(200, 0.95): three standard deviations are 9
    assert 190 - 9 <= n_held <= 190 + 9


def test_equal_values_give_an_equal_figure_every_time() -> None:
    values = np.random.default_rng(3).random(50).tolist()
    assert estimate_mean(values) == estimate_mean(values)


def test_nothing_measured_has_no_value() -> None:
    assert estimate_mean([]) == estimate_percentile([], 50.0) == NO_FIGURE
    assert json.loads(json.dumps(NO_FIGURE.to_json())) == {
        "value": None,
        "n": 0,
        "low": None,
        "high": None,
    }


def test_one_question_is_its_own_interval() -> None:
    assert estimate_mean([0.25]).to_json() == {"value": 0.25, "n": 1, "low": 0.25, "high": 0.25}


def test_percentiles_lie_between_neighbours() -> None:
    values = [10.0, 20.0, 30.0, 40.0]
    assert estimate_percentile(values, 50.0).value == 25.0
    assert estimate_percentile(values, 95.0).value == pytest.approx(30 + 10 * (0.95 * 3 - 2))


def test_resamples_without_a_value_are_left_out() -> None:
    def share_if_mixed(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        share: NDArray[np.float64] = rows.mean(axis=1)
        share[(rows == rows[:, :1]).all(axis=1)] = np.nan
        return share

    figure = estimate(2, share_if_mixed)
    assert (figure.value, figure.low, figure.high) == (0.5, 0.5, 0.5)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_holds_the_value_and_stays_among_the_values(values: list[float]) -> None:
    figure = estimate_mean(values)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    slack = 1e-9
    assert min(values) - slack <= figure.low <= figure.high <= max(values) + slack


def test_ten_differences_of_one_sign_are_two_in_a_thousand() -> None:
    # Only all plus and all minus are as far from 0: 2 of 2**10 choices of signs.
    assert paired_permutation_p([0.3] * 10) == pytest.approx(2 / 2**10, abs=0.002)


def test_three_differences_of_one_sign_prove_little() -> None:
    assert paired_permutation_p([1.0, 1.0, 1.0, 0.0]) == pytest.approx(2 / 2**3, abs=0.02)


def test_runs_that_do_not_differ_have_p_of_one() -> None:
    assert paired_permutation_p([]) == 1.0
    assert paired_permutation_p([0.0, 0.0]) == 1.0
    assert paired_permutation_p([0.1, -0.1]) == 1.0


def test_p_does_not_depend_on_the_direction() -> None:
    differences = [0.5, 0.1, -0.2, 0.7, 0.3, -0.1]
    reverse = [-difference for difference in differences]
    assert paired_permutation_p(differences) == paired_permutation_p(reverse)
