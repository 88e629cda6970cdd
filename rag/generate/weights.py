"""The fitted numbers: ``weights.json`` (which sentences answer) and ``check/support.json``.

Beside the latter lie the trees of `rag.generate.check.forest`. All are made by
``benchmarks/answering.py`` and ``benchmarks/support.py``; the files say on what data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A logistic regression over standardised features."""

    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]
    intercept: float

    @classmethod
    def from_json(cls, model: Mapping[str, Any], names: Sequence[str]) -> LinearModel:
        """Return the model whose features are ``names``, in their order.

        Raises:
            RuntimeError: The file's features are others: it was made for another version.
        """
        rows = model["features"]
        if list(rows) != list(names):
            raise RuntimeError(
                "the fitted numbers must be of the features of this version; "
                "run the script again that the file names under 'made by'"
            )
        table = np.array([[row["mean"], row["scale"], row["weight"]] for row in rows.values()])
        return cls(table[:, 0], table[:, 1], table[:, 2], float(model["intercept"]))

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each row; shape ``(n, d)`` gives ``(n,)``."""
        scores: NDArray[np.float64] = (features - self.means) / self.scales @ self.weights
        return scores + self.intercept


@cache
def read_weights(name: str = "weights.json") -> Mapping[str, Any]:
    """Return the content of a file: its models, a threshold, and their origin."""
    content: dict[str, Any] = json.loads(
        files("rag.generate").joinpath(name).read_text(encoding="utf-8")
    )
    return content


def lower(confidence: float, by: float) -> float:
    """Return a probability lowered by so much in log-odds; 0 and 1 stay.

    >>> lower(0.5, 0.0), round(lower(0.5, 1.0), 2), lower(1.0, 1.0)
    (0.5, 0.27, 1.0)
    """
    if not 0 < confidence < 1:
        return confidence
    return sigmoid(math.log(confidence / (1 - confidence)) - by)


def sigmoid(score: float) -> float:
    """Return the probability of a log-odds.

    >>> sigmoid(0.0)
    0.5
    """
    return float(np.exp(-np.logaddexp(0, -score)))
