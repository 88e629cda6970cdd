"""Answered questions → questions about the same things that the passage does not answer."""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from examples import Example

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from alterations import (  # noqa: E402
    name_runs,
    negated,
    opposed,
    other_date,
    other_name,
    other_number,
    other_unit,
    swapped_name,
)

from rag.retrieve.kinds import expected_kind  # noqa: E402

Alter = Callable[[str, str, random.Random], str | None]
OFTEN: dict[Alter, float] = {
    opposed: 4.0,
    swapped_name: 3.0,
    other_number: 2.0,
    other_date: 2.0,
    other_unit: 1.0,
}
ANOTHER_NAME = 1.5  # beside those: a name from another question of the set
NEGATED = 0.05  # of the questions: any can be negated, and "not" alone should say little
N_NAMES = 20  # of other questions, to choose from


def add_altered(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Return the examples and, for a share of the answerable, an altered question without answer.

    Names, numbers, dates or units are others, or a word is its opposite; a question that has none
    of these is left out, and so is one of yes or no: what settles whether a door is open settles
    whether it is closed. Nor is one altered that follows up on others: it would be in what was
    carried over.

    Source: after Rajpurkar, Jia and Liang, Know what you don't know, ACL 2018, whose writers of
    unanswerable questions did this most; by rule, it makes questions of less variety than theirs.
    """
    chance = random.Random(seed)
    names = names_by_source(examples)
    asked = {(example.text, example.question.casefold()) for example in examples}
    made = []
    for example in examples:
        if not example.spans or chance.random() >= share:
            continue
        if example.follows_up or expected_kind(example.question) == "yes/no":
            continue
        pool = names[example.source]
        question = alter(example, chance.sample(pool, min(len(pool), N_NAMES)), chance)
        if question and (example.text, question.casefold()) not in asked:
            unanswered = replace(example, spans=(), support=(), is_answerable=False)
            made.append(replace(unanswered, question=question))
    return [*examples, *made]


def names_by_source(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Return the names in the questions of each set, as often as they are in them."""
    names: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        names[example.source] += [
            example.question[start:end] for start, end in name_runs(example.question)
        ]
    return names


def alter(example: Example, names: Sequence[str], chance: random.Random) -> str | None:
    """Return the example's question with one thing in it another; ``None`` for nothing to alter."""
    ways = {**OFTEN, partial(other_name, pool=names): ANOTHER_NAME}
    if chance.random() < NEGATED:
        ways = {negated: 1.0}
    # Keys in a random order, the heavier the earlier (Efraimidis and Spirakis, 2006).
    for way in sorted(ways, key=lambda way: -(chance.random() ** (1 / ways[way]))):
        question = way(example.question, example.text, chance)
        if question is not None and question != example.question:
            return question
    return None
