"""Examples → tensors: what the network sees, and what it should say of each token."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from examples import Example
from numpy.typing import NDArray

from rag.read.pairs import PairTokens, Window

IGNORED = -100  # what cross-entropy leaves out: the answer is in no token, but there is one


@dataclass(frozen=True, slots=True)
class Target:
    """What is right of a window: first and last token of the answer, 0 for none.

    ``support`` says of each token whether its sentence supports the answer; -1 for tokens that
    are not the passage's.
    """

    start: int
    end: int
    support: NDArray[np.int8]
    is_answerable: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A window of an example, and what is right of it."""

    example: int
    window: Window
    target: Target


def make_rows(examples: Sequence[Example], tokens: PairTokens) -> list[Row]:
    """Return the windows of all examples; a long text has several, and answers in some."""
    return [
        Row(number, window, find_target(example, window))
        for number, example in enumerate(examples)
        for window in tokens.windows(example.question, [example.text], [example.context])
    ]


def find_target(example: Example, window: Window) -> Target:
    """Return what is right of one window of an example."""
    starts, ends = window.offsets[:, 0], window.offsets[:, 1]
    inside = window.in_passage
    support = np.full(len(starts), -1, dtype=np.int8)
    support[inside] = 0
    for first, last in example.support:
        support[inside & (starts < last) & (ends > first)] = 1
    for first, last in example.spans:
        touched = np.flatnonzero(inside & (starts < last) & (ends > first))
        if len(touched) and starts[touched[0]] <= first and ends[touched[-1]] >= last:
            return Target(int(touched[0]), int(touched[-1]), support, True)
    if example.is_answerable and not example.spans:  # answered at length: no short answer is known
        has_support = bool((support == 1).any())
        where = IGNORED if has_support else 0
        return Target(where, where, support, has_support)
    return Target(0, 0, support, False)


def shuffle(rows: Sequence[Row], size: int, chance: random.Random) -> Iterator[list[Row]]:
    """Yield all rows once, in batches of similar length and random order."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i].window.ids), chance.random()))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    chance.shuffle(batches)
    for batch in batches:
        yield [rows[i] for i in batch]


def to_tensors(
    rows: Sequence[Row], tokens: PairTokens, device: torch.device
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Return the inputs of the network, and what it should say."""
    arrays = tokens.pad([row.window for row in rows])
    width = arrays["input_ids"].shape[1]
    support = np.full((len(rows), width), -1, dtype=np.float32)
    for number, row in enumerate(rows):
        support[number, : len(row.target.support)] = row.target.support
    targets = {
        "start": np.array([row.target.start for row in rows]),
        "end": np.array([row.target.end for row in rows]),
        "support": support,
        "answerable": np.array([row.target.is_answerable for row in rows], dtype=np.float32),
    }
    return (
        {name: torch.from_numpy(array).to(device) for name, array in arrays.items()},
        {name: torch.from_numpy(array).to(device) for name, array in targets.items()},
    )
