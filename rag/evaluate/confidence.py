"""How far ``Answer.confidence`` can be trusted: ranking, calibration, and where to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.intervals import NO_FIGURE, Figure, estimate

N_BINS = 10
N_THRESHOLDS = 100  # more would not be seen in a plot


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one answer's confidence is held against.

    ``answerable``: the documents answer the question. ``supported``: they do, and the hits of the
    answer hold the evidence, as far as it is known. ``correct``: answered, and rightly.
    """

    confidence: float
    answerable: bool
    supported: bool
    abstained: bool
    correct: bool

    @property
    def is_risk(self) -> bool:
        """Whether answering is wrong here.

        It is where the hits do not hold the answer, and where the answer given is not right. A
        refusal has no answer to be judged: only the hits count.
        """
        return not self.supported or not (self.correct or self.abstained)


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What happens when only questions with at least this confidence are answered.

    ``coverage`` is the share of all questions that are answered, ``risk`` the share of those for
    which answering is wrong. The other two are the shares refused of the questions without and
    with an answer, ``None`` where there are none of them.
    """

    threshold: float
    coverage: float
    risk: float
    refused_unanswerable: float | None
    refused_answerable: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The questions with confidence in ``[low, high)``, the last bin with 1 itself.

    ``supported`` and ``correct`` are the shares of those that the hits answer and that are
    answered correctly; these and ``confidence``, the mean, are ``None`` for an empty bin.
    Confidence that is calibrated equals ``supported``.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    supported: float | None
    correct: float | None


@dataclass(frozen=True, slots=True)
class ConfidenceReport:
    """``auroc`` tells answerable from unanswerable; the rest is for plots and for thresholds."""

    auroc: Figure
    risk_coverage: tuple[RiskPoint, ...]
    reliability: tuple[ReliabilityBin, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as an object for JSON."""
        return asdict(self)


def report_confidence(judgements: Sequence[Judgement]) -> ConfidenceReport:
    """Return all that is known about the confidences."""
    return ConfidenceReport(
        auroc=estimate_auroc(
            [judgement.confidence for judgement in judgements],
            [judgement.answerable for judgement in judgements],
        ),
        risk_coverage=tuple(trace_risk(judgements)),
        reliability=tuple(bin_reliability(judgements)),
    )


def estimate_auroc(scores: Sequence[float], is_positive: Sequence[bool]) -> Figure:
    """Return the area under the ROC curve with its interval; no value unless both classes occur.

    It is the probability that a positive has a higher score than a negative; ties count half.

    Source: Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 1982.
    """
    positive = np.asarray(is_positive, dtype=bool)
    if positive.all() or not positive.any():
        return NO_FIGURE
    distinct, level = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)

    def area(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        n_rows, n_levels = len(rows), len(distinct)
        cell = level[rows] + n_levels * np.arange(n_rows)[:, None]

        def count(chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
            counts = np.bincount(cell[chosen], minlength=n_rows * n_levels)
            return counts.reshape(n_rows, n_levels)

        positives, negatives = count(positive[rows]), count(~positive[rows])
        below = np.cumsum(negatives, axis=1) - negatives
        n_pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        wins = (positives * (below + negatives / 2)).sum(axis=1)
        areas: NDArray[np.float64] = np.where(n_pairs > 0, wins / np.maximum(n_pairs, 1), np.nan)
        return areas

    return estimate(len(positive), area)


def trace_risk(judgements: Sequence[Judgement]) -> list[RiskPoint]:
    """Return the risk–coverage curve by falling threshold; ``[]`` without judgements.

    Thresholds are confidences that occur: all of them, or a hundred quantiles where there are
    more.

    Source: El-Yaniv and Wiener, On the foundations of noise-free selective classification, JMLR
    2010.
    """
    if not judgements:
        return []
    confidence = np.array([judgement.confidence for judgement in judgements])
    risky = np.array([judgement.is_risk for judgement in judgements])
    answerable = np.array([judgement.answerable for judgement in judgements])
    thresholds = np.unique(confidence)
    if len(thresholds) > N_THRESHOLDS:
        shares = np.linspace(0.0, 1.0, N_THRESHOLDS)
        thresholds = np.unique(np.quantile(confidence, shares, method="nearest"))
    points = []
    for threshold in thresholds[::-1]:
        answered = confidence >= threshold
        points.append(
            RiskPoint(
                threshold=float(threshold),
                coverage=float(answered.mean()),
                risk=float(risky[answered].mean()),
                refused_unanswerable=_share(~answered[~answerable]),
                refused_answerable=_share(~answered[answerable]),
            )
        )
    return points


def bin_reliability(judgements: Sequence[Judgement]) -> list[ReliabilityBin]:
    """Return ten bins of equal width from 0 to 1, empty ones too.

    Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017.
    """
    bins = []
    for number in range(N_BINS):
        within = [
            judgement
            for judgement in judgements
            if min(int(judgement.confidence * N_BINS), N_BINS - 1) == number
        ]
        bins.append(
            ReliabilityBin(
                low=number / N_BINS,
                high=(number + 1) / N_BINS,
                n=len(within),
                confidence=_share([judgement.confidence for judgement in within]),
                supported=_share([judgement.supported for judgement in within]),
                correct=_share([judgement.correct for judgement in within]),
            )
        )
    return bins


def _share(values: Sequence[float] | NDArray[np.bool_]) -> float | None:
    """Return the mean, ``None`` of nothing."""
    return float(np.mean(values)) if len(values) else None
