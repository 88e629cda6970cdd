"""Vectors too many to compare each: FAISS's inverted lists, chosen and measured here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rag.index.dense import EXACT, DenseCard, DenseIndex, one_thread
from rag.index.tables import Ids
from rag.records import Vectors

EXACT_UP_TO = 100_000  # vectors of 384 numbers: 8 ms a question, and 150 MB
TRAINING = 40  # vectors a list; FAISS warns below 39, and more takes longer and finds no more
RECALL = 0.99  # of what stands in for questions; real questions found 0.98 then
N_MEASURED = 200  # stand-ins: the error is half a percent
N_MIXED = 3  # passages in each; of 1, 2, 3 and 4 what 3 find is nearest to what questions find
N_NEAREST = 10
N_CANDIDATES = 100  # what retrieval asks for, and has their exact cosines compared
LEAST_PROBES = 16
MOST_SHARE = 0.25  # of all lists: a search must stay fast, whatever it finds


def choose_factory(n: int) -> str:
    """Return FAISS's name of the index for so many vectors.

    Up to `EXACT_UP_TO` each vector is compared. Beyond it, vectors lie in lists by the nearest of
    about 2 √n centres, of which a search looks through some, and a number takes one byte instead
    of four. benchmarks/scale.py has the figures.

    >>> choose_factory(31_000), choose_factory(200_000), choose_factory(1_000_000)
    ('IDMap,Flat', 'IVF1024,SQ8', 'IVF2048,SQ8')
    """
    if n <= EXACT_UP_TO:
        return EXACT
    # A power of two, so that an index may grow a good deal before it is trained anew.
    return f"IVF{2 ** round(math.log2(2 * math.sqrt(n)))},SQ8"


def n_training(factory: str) -> int:
    """Return how many vectors the index is trained and measured with."""
    return TRAINING * int(factory.partition(",")[0].removeprefix("IVF")) + N_MEASURED * N_MIXED


def build_clusters(
    factory: str, sample: Vectors, blocks: Iterable[tuple[Ids, Vectors]]
) -> DenseIndex:
    """Return the index of all blocks of row ids ``(n,)`` and unit rows ``(n, d)``.

    It is trained on the ``sample``, random rows of the same vectors. Questions lie between the
    subjects of passages rather than at one of them, and are harder to find the nearest for; means
    of random passages stand in for them, and as many lists are looked through as they need.
    """
    import faiss

    first = N_MEASURED * N_MIXED
    means = sample[:first].reshape(N_MEASURED, N_MIXED, -1).mean(axis=1)
    nearest = _Nearest(means / np.linalg.norm(means, axis=1, keepdims=True))
    index: Any = faiss.index_factory(sample.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    index.train(sample[first:])
    dense = DenseIndex(index, DenseCard(factory))
    dense.add(nearest.watch(blocks))
    dense.card = _choose_probes(index, factory, nearest)
    return dense


def _choose_probes(index: Any, factory: str, nearest: _Nearest) -> DenseCard:
    """Let the index look through as few lists as find enough, and return its card.

    Where many passages are alike, which of them are nearest is chance, and no number of lists
    finds just those; so there is a most.
    """
    n_probes, most = LEAST_PROBES, max(LEAST_PROBES, int(MOST_SHARE * index.nlist))
    while True:
        index.nprobe = n_probes
        with one_thread():
            _, found = index.search(nearest.vectors, N_CANDIDATES)
        recall = nearest.recall(found)
        if recall >= RECALL or n_probes >= most:
            return DenseCard(factory, n_probes, recall, len(nearest.vectors))
        n_probes = min(2 * n_probes, most)


class _Nearest:
    """The passages nearest to some vectors, found exactly while all passages go by."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self._scores = np.full((len(vectors), N_NEAREST), -np.inf, dtype=np.float32)
        self._ids = np.full((len(vectors), N_NEAREST), -1, dtype=np.int64)

    def watch(self, blocks: Iterable[tuple[Ids, Vectors]]) -> Iterator[tuple[Ids, Vectors]]:
        """Yield the blocks as they are, and keep what is nearest."""
        for ids, vectors in blocks:
            scores = np.hstack([self._scores, self.vectors @ vectors.T])
            every = np.hstack([self._ids, np.broadcast_to(ids, (len(self.vectors), len(ids)))])
            best = np.argpartition(-scores, N_NEAREST - 1, axis=1)[:, :N_NEAREST]
            self._scores = np.take_along_axis(scores, best, axis=1)
            self._ids = np.take_along_axis(every, best, axis=1)
            yield ids, vectors

    def recall(self, found: Ids) -> float:
        """Return the mean share of the nearest that are in the rows of ids found."""
        pairs = zip(self._ids, found, strict=True)
        return float(
            np.mean([np.isin(nearest, candidates).mean() for nearest, candidates in pairs])
        )
