"""Logits of the tokens → the short answer, its probability, and what each sentence supports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.read.pairs import Window

MAX_ANSWER = 30  # tokens of a short answer, as in the training data; more is a sentence
N_BEST = 20  # starts and ends that are paired; more find nothing better
NOTHING = -20.0  # log-odds of what has not been read

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader says of a passage.

    ``answerable`` is the log-odds of the passage's answering the question, ``span`` those of the
    best short answer against none; ``start`` and ``end`` are its characters in the passage's text,
    half-open, and equal where there is none. Of each token ``offsets`` of shape ``(n, 2)`` are the
    characters, ``support`` of ``(n,)`` the log-odds of its sentence's supporting the answer;
    ``starts`` and ``ends``, of ``(n,)`` each, add up to the log-odds of a short answer.
    """

    answerable: float
    span: float
    start: int
    end: int
    offsets: NDArray[np.int64]
    support: NDArray[np.float32]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]

    def support_of(self, start: int, end: int) -> float:
        """Return the mean log-odds of the tokens within the characters ``[start, end)``."""
        within = self._within(start, end)
        return float(self.support[within].mean()) if len(within) else NOTHING

    def span_in(self, start: int, end: int) -> tuple[float, int, int]:
        """Return the best short answer within ``[start, end)``: log-odds, first character, end.

        The characters are equal where there is none.
        """
        within = self._within(start, end)
        best = _best_span(self.starts[within], self.ends[within])
        if best is None:
            return NOTHING, start, start
        first, last, score = best
        offsets = self.offsets[within]
        return score, int(offsets[first, 0]), int(offsets[last, 1])

    def _within(self, start: int, end: int) -> NDArray[np.int64]:
        """Return the tokens of the characters, each once: windows of a long passage overlap."""
        within = np.flatnonzero((self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end))
        _, first = np.unique(self.offsets[within, 0], return_index=True)
        return within[first]


def decode(
    window: Window, start: Logits, end: Logits, support: Logits, answerable: float
) -> Reading:
    """Return the reading of a window from the logits of its tokens, without padding.

    The best short answer is the pair of tokens of the passage with the largest sum of logits, at
    most 30 tokens apart; ties go to the first. It is compared with the first token, which stands
    for no answer.
    """
    inside = np.flatnonzero(window.in_passage)
    offsets = window.offsets[inside]
    starts, ends = start[inside] - start[0], end[inside] - end[0]
    best = _best_span(starts, ends)
    span, first, last = NOTHING, 0, 0
    if best is not None:
        span, first, last = best[2], int(offsets[best[0], 0]), int(offsets[best[1], 1])
    return Reading(float(answerable), span, first, last, offsets, support[inside], starts, ends)


def merge(readings: Sequence[Reading]) -> Reading:
    """Return the reading of a passage from those of its windows: the best of each."""
    best = max(readings, key=lambda reading: reading.span)
    return Reading(
        max(reading.answerable for reading in readings),
        best.span,
        best.start,
        best.end,
        *(
            np.concatenate([getattr(reading, name) for reading in readings])
            for name in ("offsets", "support", "starts", "ends")
        ),
    )


def _best_span(start: Logits, end: Logits) -> tuple[int, int, float] | None:
    """Return first and last token of the best span and its score; ``None`` without tokens."""
    if not len(start):
        return None
    starts = np.sort(np.argsort(-start, kind="stable")[:N_BEST])
    ends = np.sort(np.argsort(-end, kind="stable")[:N_BEST])
    scores = start[starts][:, None] + end[ends][None, :]
    length = ends[None, :] - starts[:, None]
    scores = np.where((length >= 0) & (length < MAX_ANSWER), scores, -np.inf)
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    if not np.isfinite(scores[row, column]):  # no likely end behind a likely start: one token
        token = int((start + end).argmax())
        return token, token, float(start[token] + end[token])
    return int(starts[row]), int(ends[column]), float(scores[row, column])
