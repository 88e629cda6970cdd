import numpy as np
import pytest

from rag.evaluate.confidence import (
    Judgement,
    RiskPoint,
    bin_reliability,
    estimate_auroc,
    report_confidence,
    trace_risk,
)
from rag.evaluate.intervals import NO_FIGURE


def judge(
    confidence: float, *, answerable: bool = True, abstained: bool = False, correct: bool = True
) -> Judgement:
    return Judgement(confidence, answerable, answerable, abstained, correct and answerable)


def test_the_area_is_the_share_of_pairs_in_order_with_ties_as_half() -> None:
    figure = estimate_auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
    assert figure.value == (1 + 1 + 0.5 + 1) / 4
    assert figure.n == 4


def test_the_area_is_that_of_counting_every_pair() -> None:
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 8, size=60) / 8
    positive = generator.random(60) < 0.4
    difference = scores[positive][:, None] - scores[~positive][None, :]
    expected = ((difference > 0) + (difference == 0) / 2).mean()
    figure = estimate_auroc(scores.tolist(), positive.tolist())
    assert figure.value == pytest.approx(expected)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < expected < figure.high


def test_one_class_alone_has_no_area() -> None:
    assert estimate_auroc([0.1, 0.9], [True, True]) == NO_FIGURE
    assert estimate_auroc([], []) == NO_FIGURE


def test_two_questions_have_an_area_though_many_resamples_have_none() -> None:
    figure = estimate_auroc([0.9, 0.1], [True, False])
    assert (figure.value, figure.low, figure.high) == (1.0, 1.0, 1.0)


def test_risk_is_traced_from_the_surest_question_down() -> None:
    judgements = [
        judge(0.9),
        judge(0.7, correct=False),
        judge(0.7, answerable=False),
        judge(0.2, abstained=True, correct=False),  # its hits hold the answer: no risk
    ]
    assert trace_risk(judgements) == [
        RiskPoint(0.9, 1 / 4, 0.0, 1.0, 2 / 3),
        RiskPoint(0.7, 3 / 4, 2 / 3, 0.0, 1 / 3),
        RiskPoint(0.2, 1.0, 2 / 4, 0.0, 0.0),
    ]


def test_shares_of_nothing_are_none() -> None:
    assert trace_risk([]) == []
    assert trace_risk([judge(0.5)]) == [RiskPoint(0.5, 1.0, 0.0, None, 0.0)]


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    confidences = np.random.default_rng(2).random(500)
    points = trace_risk([judge(float(confidence)) for confidence in confidences])
    assert len(points) == 100
    assert points[0].threshold == confidences.max()
    assert points[-1].threshold == confidences.min()
    assert points[-1].coverage == 1.0


def test_reliability_has_ten_bins_and_the_last_holds_one() -> None:
    bins = bin_reliability(
        [judge(0.0, answerable=False), judge(0.12), judge(0.18, correct=False), judge(1.0)]
    )
    assert [one.n for one in bins] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert bins[1].confidence == pytest.approx((0.12 + 0.18) / 2)
    assert (bins[1].supported, bins[1].correct) == (1.0, 0.5)
    assert (bins[0].supported, bins[0].correct) == (0.0, 0.0)
    assert (bins[2].confidence, bins[2].supported, bins[2].correct) == (None, None, None)


def test_a_report_without_answers_is_empty_and_not_an_error() -> None:
    report = report_confidence([])
    assert report.auroc == NO_FIGURE
    assert report.risk_coverage == ()
    assert sum(one.n for one in report.reliability) == 0
