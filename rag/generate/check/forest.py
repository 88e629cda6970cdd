"""Fitted decision trees, read from ``support.npz``, and the probability that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

LEAF = -1


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves vote; their nodes stand one after the other in arrays of shape ``(n,)``.

    ``feature`` is the number of the feature that a node asks for, `LEAF` for a leaf. Up to
    ``threshold`` it goes on at the node ``left``, beyond it at ``right``; a leaf's ``value`` is the
    share of true examples in it. ``roots`` has the first node of each tree.

    Source: Geurts, Ernst and Wehenkel, Extremely randomized trees, Machine Learning 63, 2006.
    """

    feature: NDArray[np.int8]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]

    @classmethod
    def from_package(cls, name: str) -> Forest:
        """Return the forest in a file of this package."""
        with (
            as_file(files("rag.generate.check").joinpath(name)) as path,
            np.load(path, allow_pickle=False) as arrays,
        ):
            return cls(**{field: arrays[field] for field in cls.__slots__})

    def estimate(self, features: NDArray[np.float64] | Sequence[float]) -> float:
        """Return the mean vote of the trees on one row of features, between 0 and 1."""
        row = np.asarray(features, dtype=np.float32)  # as they were grown
        nodes = self.roots
        while (asked := self.feature[nodes]).max() != LEAF:
            below = row[asked] <= self.threshold[nodes]
            onward = np.where(below, self.left[nodes], self.right[nodes])
            nodes = np.where(asked == LEAF, nodes, onward)
        return float(self.value[nodes].mean())
