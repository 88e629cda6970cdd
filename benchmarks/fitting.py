"""Fits which sentences answer and whether any does, and scores each question without its article.

Both models are logistic regressions on standardised features. What is measured with them is in
``answering.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gathering import Example
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.generate.lacking import doubt
from rag.generate.selection import count_less, summarize, tabulate

N_FOLDS = 5
STRENGTH = 0.1  # inverse regularisation of the first model; 0.03 and 1 change nothing
STRENGTH_OF_SECOND = 0.01  # 0.003 and 0.05 fit some ways of reading better, others worse
WEIGHTS = {"clapnq": 120.0, "written": 3.0}  # of sentences of which there are few, in the first fit
# In the second fit, beside 1 for any other part, answerable or not: what is most like what people
# ask counts more, and so does what CLAPNQ's passages do not answer, of which 70 % are to be refused
# at a threshold that refuses little elsewhere.
WEIGHTS_OF_PARTS = {("written", True): 1.5, ("written", False): 1.5, ("clapnq", False): 1.5}


def fit(
    rows: NDArray[np.float64], labels: NDArray[np.float64], weights: Any, strength: float
) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    return model.fit(rows, labels, logisticregression__sample_weight=weights)


def fit_sentences(examples: Sequence[Example]) -> Pipeline:
    chosen = [e for e in examples if e.is_answerable and e.is_support.any()]
    weights = [WEIGHTS.get(e.data, 1.0) for e in chosen]
    return fit(
        np.vstack([tabulate(e.evidence) for e in chosen]),
        np.concatenate([e.is_support for e in chosen]),
        np.repeat(weights, [len(e.is_support) for e in chosen]),
        STRENGTH,
    )


def fit_answerable(rows: NDArray[np.float64], examples: Sequence[Example]) -> Pipeline:
    """Fit on parts of the data sets and, in each, of answerable and not: equal, but for weights."""
    chosen = [i for i, example in enumerate(examples) if is_natural(example)]
    parts = [(examples[i].data, examples[i].is_answerable) for i in chosen]
    counts = {part: parts.count(part) for part in set(parts)}
    shares = {part: WEIGHTS_OF_PARTS.get(part, 1.0) / counts[part] for part in counts}
    weights = np.array([len(parts) / len(counts) * shares[part] for part in parts])
    labels = np.array([examples[i].is_answerable for i in chosen], dtype=float)
    return fit(rows[chosen], labels, weights, STRENGTH_OF_SECOND)


def is_natural(example: Example) -> bool:
    """Return whether an example is like what people ask and get.

    SQuAD's own unanswerable questions were written to fool readers. Without a reader they are only
    measured: fitted on, they make the refusal of all others worse (of CLAPNQ's from 69 to 64 %, of
    MTRAG-UN's from 77 to 73 %). With one, which sees through some of them, those among passages
    that were found count, too.
    """
    if example.data != "squad2":
        return True
    if example.way == "found":
        return example.is_answerable or example.evidence.is_read
    return example.way == "removed"


def cross_validate(
    examples: Sequence[Example],
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], NDArray[np.float64]]:
    """Return every example's sentence scores, summary and confidence, from other articles."""
    groups = [example.reading.article for example in examples]
    folds = list(GroupKFold(N_FOLDS).split(groups, groups=groups))
    scores: list[NDArray[np.float64]] = [np.zeros(0)] * len(examples)
    for train, test in folds:
        model = fit_sentences([examples[i] for i in train])
        for i in test:
            scores[i] = model.decision_function(tabulate(examples[i].evidence))
            scores[i] -= count_less(examples[i].evidence, examples[i].said)
    summaries = np.array([summarize(e.evidence, s) for e, s in zip(examples, scores, strict=True)])
    probabilities = np.zeros(len(examples))
    for train, test in folds:
        model = fit_answerable(summaries[train], [examples[i] for i in train])
        probabilities[test] = model.predict_proba(summaries[test])[:, 1]
    # As an answer tells it: lower where the hits lack a name or year of the question.
    confidences = [
        doubt(float(p), e.reading.question, e.evidence, e.evidence.sentences[s.argmax()])
        for e, s, p in zip(examples, scores, probabilities, strict=True)
    ]
    return scores, summaries, np.array(confidences)


def describe(model: Pipeline, names: Sequence[str]) -> dict[str, Any]:
    scaler, regression = model[0], model[-1]
    return {
        "intercept": round(float(regression.intercept_[0]), 4),
        "features": {
            name: {"mean": round(mean, 4), "scale": round(scale, 4), "weight": round(weight, 4)}
            for name, mean, scale, weight in zip(
                names,
                map(float, scaler.mean_),
                map(float, scaler.scale_),
                map(float, regression.coef_[0]),
                strict=True,
            )
        },
    }
