"""Measures of rankings, by ir_measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ir_measures.measures import Measure

Qrels = Mapping[str, Mapping[str, int]]
"""``query_id → doc_id → relevance``; 1 and more is relevant."""

Run = Mapping[str, Mapping[str, float]]
"""``query_id → doc_id → score``; higher is better."""


def measure_run(qrels: Qrels, run: Run, measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return ``query_id → measure → value`` for every query that the qrels have.

    Measures are named ``hit@k`` (1 where a relevant document is among the first k),
    ``recall@k``, ``mrr@k`` (1 / rank of the first relevant document, 0 beyond k) and ``ndcg@k``
    (linear gain, discount log2(rank + 1), as trec_eval has it). A query that the run lacks has 0
    throughout; queries that only the run has are left out. Ties are broken by trec_eval's rule.

    Raises:
        ValueError: if a measure is not one of those.

    Source: MacAvaney, Macdonald and Ounis, Streamlining evaluation with ir-measures, ECIR 2022.
    """
    import ir_measures

    name_of = {_parse_measure(name): name for name in measures}
    values: dict[str, dict[str, float]] = {query_id: {} for query_id in qrels}
    judged = {query_id: dict(relevance) for query_id, relevance in qrels.items()}
    ranked = {query_id: dict(scores) for query_id, scores in run.items() if query_id in qrels}
    for metric in ir_measures.iter_calc(list(name_of), judged, ranked):
        values[metric.query_id][name_of[metric.measure]] = float(metric.value)
    return {
        query_id: {name: found.get(name, 0.0) for name in measures}
        for query_id, found in values.items()
    }


def _parse_measure(name: str) -> Measure:
    """Return ir_measures' object for one of our names."""
    import ir_measures

    families = {
        "hit": ir_measures.Success,
        "recall": ir_measures.R,
        "mrr": ir_measures.RR,
        "ndcg": ir_measures.nDCG,
    }
    family, _, cutoff = name.partition("@")
    if family not in families or not cutoff.isdecimal() or int(cutoff) < 1:
        raise ValueError(
            f"measure must be hit@k, recall@k, mrr@k or ndcg@k with k from 1, got {name!r}"
        )
    return families[family] @ int(cutoff)
