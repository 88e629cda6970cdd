"""Figures with their uncertainty: the bootstrap over questions, and a paired randomisation test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES = 2_000  # the ends of a 95 % interval rest on 50 resamples each
N_PERMUTATIONS = 10_000  # p = 0.05 is then known to ± 0.004
CONFIDENCE_LEVEL = 95.0  # per cent
SEED = 0  # the same answers give the same intervals
BLOCK_SIZE = 2_000_000  # numbers drawn at a time: 16 MB

Statistic = Callable[[NDArray[np.intp]], NDArray[np.float64]]
"""From rows of question numbers, shape ``(b, n)``, to a value a row; NaN where it has none."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value over ``n`` questions with its 95 % interval; all ``None`` for ``n = 0``."""

    value: float | None
    n: int
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | int | None]:
        """Return the figure as an object for JSON."""
        return {"value": self.value, "n": self.n, "low": self.low, "high": self.high}


NO_FIGURE = Figure(None, 0, None, None)


def estimate(n: int, statistic: Statistic) -> Figure:
    """Return a statistic of ``n`` questions with its percentile bootstrap interval.

    The questions are resampled with replacement 2,000 times; the interval holds the middle 95 %
    of the resampled statistics. It is seeded: equal input gives an equal figure. Resamples for
    which the statistic has no value are left out.

    Source: Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 1979.
    """
    if n == 0:
        return NO_FIGURE
    value = float(statistic(np.arange(n)[None, :])[0])
    if np.isnan(value):
        return NO_FIGURE
    generator = np.random.default_rng(SEED)
    samples = np.concatenate(
        [
            statistic(generator.integers(0, n, size=(n_rows, n)))
            for n_rows in _block_rows(N_RESAMPLES, n)
        ]
    )
    tail = (100.0 - CONFIDENCE_LEVEL) / 2
    low, high = np.percentile(samples[~np.isnan(samples)], [tail, 100.0 - tail])
    return Figure(value, n, float(low), float(high))


def estimate_mean(values: Sequence[float]) -> Figure:
    """Return the mean of the values, one a question, with its interval.

    >>> estimate_mean([1.0, 1.0])
    Figure(value=1.0, n=2, low=1.0, high=1.0)
    """
    array = np.asarray(values, dtype=np.float64)
    return estimate(len(array), lambda rows: array[rows].mean(axis=1))


def estimate_percentile(values: Sequence[float], percent: float) -> Figure:
    """Return a percentile of the values, between neighbours by linear interpolation."""
    array = np.asarray(values, dtype=np.float64)
    return estimate(len(array), lambda rows: np.percentile(array[rows], percent, axis=1))


def paired_permutation_p(differences: Sequence[float]) -> float:
    """Return the two-sided p-value of a mean difference, one difference a question.

    If the two runs did not differ, each difference would as soon have the other sign. The p-value
    is the share of 10,000 seeded random choices of signs whose mean is at least as far from 0 as
    the one seen, which counts as one of them: ``(1 + n_as_far) / (1 + 10,000)``. No differences,
    or none other than 0, give 1.

    Source: Smucker, Allan and Carterette, A comparison of statistical significance tests for
    information retrieval evaluation, CIKM 2007.
    """
    array = np.asarray(differences, dtype=np.float64)
    array = array[array != 0.0]  # zeros keep their sum whatever their sign
    if array.size == 0:
        return 1.0
    generator = np.random.default_rng(SEED)
    seen = abs(array.sum()) * (1 - 1e-9)  # sums of the same terms in another order are equal
    n_as_far = 0
    for n_rows in _block_rows(N_PERMUTATIONS, array.size):
        signs = generator.integers(0, 2, size=(n_rows, array.size)) * 2.0 - 1.0
        n_as_far += int(np.count_nonzero(np.abs(signs @ array) >= seen))
    return (1 + n_as_far) / (1 + N_PERMUTATIONS)


def _block_rows(n_rows: int, row_size: int) -> Iterator[int]:
    """Yield how many rows to draw at a time, so that memory stays small at any size."""
    at_once = max(1, BLOCK_SIZE // row_size)
    while n_rows > 0:
        yield min(at_once, n_rows)
        n_rows -= at_once
