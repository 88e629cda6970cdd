import math

import pytest

from rag.evaluate.rankings import measure_run

NAMES = ("hit@1", "hit@5", "recall@5", "mrr@10", "ndcg@10")


def test_a_worked_example() -> None:
    qrels = {"q": {"a": 1, "b": 1, "c": 1}}
    run = {"q": {"x": 9.0, "a": 8.0, "y": 7.0, "b": 6.0}}
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert measure_run(qrels, run, NAMES)["q"] == pytest.approx(
        {
            "hit@1": 0.0,
            "hit@5": 1.0,
            "recall@5": 2 / 3,
            "mrr@10": 1 / 2,
            "ndcg@10": (1 / math.log2(3) + 1 / math.log2(5)) / ideal,
        }
    )


def test_relevance_is_a_linear_gain() -> None:
    measured = measure_run({"q": {"a": 1, "b": 3}}, {"q": {"a": 2.0, "b": 1.0}}, ["ndcg@10"])
    assert measured["q"]["ndcg@10"] == pytest.approx(
        (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    )


def test_a_query_that_the_run_lacks_has_zero_and_one_without_qrels_is_left_out() -> None:
    measured = measure_run({"q": {"a": 1}}, {"other": {"a": 1.0}}, NAMES)
    assert measured == {"q": dict.fromkeys(NAMES, 0.0)}
    assert measure_run({"q": {"a": 1}}, {"q": {}}, NAMES) == measured


def test_reciprocal_rank_ends_at_its_cutoff() -> None:
    run = {"q": {f"d{rank:02}": -float(rank) for rank in range(1, 20)}}
    assert measure_run({"q": {"d10": 1}}, run, ["mrr@10"])["q"] == {"mrr@10": 1 / 10}
    assert measure_run({"q": {"d11": 1}}, run, ["mrr@10"])["q"] == {"mrr@10": 0.0}


@pytest.mark.parametrize("name", ["map@10", "ndcg", "ndcg@0", "ndcg@ten", "@5"])
def test_an_unknown_measure_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"measure must be hit@k, .* got "):
        measure_run({"q": {"a": 1}}, {}, [name])
