"""Predictions of a reader → the published measures of SQuAD 2.0 and CLAPNQ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from examples import Example
from numpy.typing import NDArray

from rag.evaluate.answer_measures import exact_match, rouge_l, token_f1
from rag.evaluate.intervals import estimate_mean
from rag.ingest.sentences import find_sentences
from rag.read.decode import Reading, decode, merge
from rag.read.pairs import PairTokens

BATCH = 64
MARGIN = 1.5  # log-odds below the best sentence that still belongs to the answer
N_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Prediction:
    """An example and what a network that did not see its article says of it."""

    example: Example
    reading: Reading

    @property
    def confidence(self) -> float:
        """The log-odds of there being an answer: the mean of the two heads that know."""
        if self.example.source != "clapnq":
            return (self.reading.answerable + self.reading.span) / 2
        return self.reading.answerable


def predict(
    network: torch.nn.Module, examples: Sequence[Example], tokens: PairTokens, device: torch.device
) -> list[Prediction]:
    """Return the network's reading of every example."""
    windows = [
        (number, window)
        for number, example in enumerate(examples)
        for window in tokens.windows(example.question, [example.text], [example.context])
    ]
    windows.sort(key=lambda pair: len(pair[1].ids))
    readings: dict[int, list[Reading]] = {}
    for start in range(0, len(windows), BATCH):
        batch = windows[start : start + BATCH]
        arrays = tokens.pad([window for _, window in batch])
        inputs = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
        with torch.inference_mode():
            first, last, support, answerable = (
                output.float().cpu().numpy() for output in network(**inputs)
            )
        for row, (number, window) in enumerate(batch):
            n = len(window.ids)
            reading = decode(
                window, first[row, :n], last[row, :n], support[row, :n], float(answerable[row])
            )
            readings.setdefault(number, []).append(reading)
    return [Prediction(example, merge(readings[number])) for number, example in enumerate(examples)]


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Write what the networks said of examples they had not seen, a JSON object a line.

    ``support`` has the log-odds of each sentence of the text, in order.
    """
    with path.open("w", encoding="utf-8") as lines:
        for prediction in predictions:
            example, reading = prediction.example, prediction.reading
            row = {
                "source": example.source,
                "id": example.identity,
                "is_answerable": example.is_answerable,
                "answerable": round(reading.answerable, 4),
                "span": round(reading.span, 4),
                "text": example.text[reading.start : reading.end],
                "support": [
                    round(reading.support_of(*sentence), 4)
                    for sentence in find_sentences(example.text)
                ],
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def measure(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return the measures of the sets, with intervals, and the curve of refusals."""
    return {
        source: measure_set([p for p in predictions if p.example.source == source])
        for source, measure_set in MEASURES.items()
    }


def measure_spans(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return exact match and F1 with refusal, and the AUC of refusal.

    The threshold of each half is chosen on the other.

    Source: Rajpurkar, Jia and Liang, Know what you don't know, ACL 2018.
    """
    if not predictions:
        return {}
    f1, exact = np.zeros(len(predictions)), np.zeros(len(predictions))
    confidences = np.array([p.confidence for p in predictions])
    said = np.array([score_span(p) for p in predictions])  # F1 and exact match, never refusing
    is_none = np.array([not p.example.is_answerable for p in predictions], dtype=float)
    half = np.arange(len(predictions)) % 2 == 0
    for part in (half, ~half):
        threshold = best_threshold(confidences[~part], said[~part, 0], is_none[~part])
        refused = confidences < threshold
        f1[part] = np.where(refused, is_none, said[:, 0])[part]
        exact[part] = np.where(refused, is_none, said[:, 1])[part]
    return {
        "n": len(predictions),
        "f1": describe_mean(f1),
        "exact": describe_mean(exact),
        "f1 of the answerable, never refusing": describe_mean(said[is_none == 0, 0]),
        "auc of refusal": area(confidences, is_none == 0),
    }


def score_span(prediction: Prediction) -> tuple[float, float]:
    """Return F1 and exact match of the best span; 0 where there is no answer."""
    example, reading = prediction.example, prediction.reading
    text = example.text[reading.start : reading.end]
    golds = [example.text[start:end] for start, end in example.spans]
    return (
        max((token_f1(text, gold) for gold in golds), default=0.0),
        max((exact_match(text, gold) for gold in golds), default=0.0),
    )


def best_threshold(
    confidences: NDArray[np.float64], said: NDArray[np.float64], is_none: NDArray[np.float64]
) -> float:
    """Return the threshold with the largest mean: an answer's score above, a refusal's below."""
    order = np.argsort(confidences)
    gains = np.concatenate([[0.0], np.cumsum(is_none[order] - said[order])])
    best = int(gains.argmax())
    return float(confidences[order[best]]) if best < len(order) else float("inf")


def measure_clapnq(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return RougeL of the chosen sentences with the share refused, along the curve.

    A refusal of an answerable question scores 0.

    Source: Rosenthal et al., CLAPNQ, 2024, table 5.
    """
    answerable = [p for p in predictions if p.example.is_answerable]
    none = [p for p in predictions if not p.example.is_answerable]
    if not answerable or not none:  # of a few examples
        return {}
    scores = np.array(
        [max(rouge_l(choose(p), right) for right in p.example.references) for p in answerable]
    )
    curve = []
    for share in (0.0, 0.5, 0.7, 0.82, 0.9):
        threshold = np.quantile([p.confidence for p in none], share) if share else -np.inf
        kept = np.array([p.confidence >= threshold for p in answerable])
        curve.append({"refused": share, "rouge_l": describe_mean(scores * kept)})
    labels = np.array([p.example.is_answerable for p in predictions])
    confidences = np.array([p.confidence for p in predictions])
    return {"n": len(predictions), "auc of refusal": area(confidences, labels), "curve": curve}


MEASURES = {
    "squad2": measure_spans,
    "written": measure_spans,
    "follow_ups": measure_spans,
    "clapnq": measure_clapnq,
}
"""What is measured of each set, of which cross-validation holds articles out."""


def choose(prediction: Prediction) -> str:
    """Return the text of the sentences that support an answer, in reading order."""
    example, reading = prediction.example, prediction.reading
    sentences = find_sentences(example.text)
    scores = [reading.support_of(start, end) for start, end in sentences]
    best = sorted(range(len(sentences)), key=lambda i: -scores[i])[:N_SENTENCES]
    chosen = sorted(i for i in best if scores[i] >= max(scores) - MARGIN)
    return " ".join(example.text[slice(*sentences[i])] for i in chosen)


def area(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the probability that an answerable example scores above an unanswerable one."""
    ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1.0
    n, m = int(labels.sum()), int((~labels).sum())
    return float((ranks[labels].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def describe_mean(values: NDArray[np.float64]) -> dict[str, float | None]:
    """Return mean and bootstrap 95 % interval, in percent."""
    found = estimate_mean([100 * float(value) for value in values])
    return {"value": found.value, "low": found.low, "high": found.high}
