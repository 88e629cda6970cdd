"""A follow-up that only names something else, "And drones?": what is said must be said of that."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from rag.generate.citations import plain_text
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence
from rag.retrieve.kinds import ASKING
from rag.retrieve.scope import AND_ALSO
from rag.retrieve.terms import is_content, read_stems, read_terms

N_WORDS = 7  # a longer question says more than what is put in the place of something else
CONFIDENCE_OF_OTHERS = 0.05  # where the best sentences speak of something else
# Log-odds below the best. Of 75 such follow-ups that articles of training/written answer, 1 more is
# refused for it, of 20 that they do not answer, 7 more.
MARGIN_OF_NAMED = 2.0
_ASKS_MORE = re.compile(
    rf"{ASKING}|\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b",
    re.IGNORECASE,
)


def find_named(question: str) -> set[str]:
    """Return the stems of what a follow-up puts in the place of what was asked of; mostly none.

    >>> sorted(find_named("What about solar panels?")), find_named("And what did he say?")
    (['panel', 'solar'], set())
    """
    also = AND_ALSO.fullmatch(question)
    if also is None or len(also["topic"].split()) > N_WORDS or _ASKS_MORE.search(also["topic"]):
        return set()
    return {term.stem for term in read_terms(also["topic"]) if is_content(term)}


def is_told(question: str, evidence: Evidence, scores: NDArray[np.float64]) -> bool:
    """Return whether one of the best sentences has a word of what a follow-up names.

    So it is for any other question.
    """
    named = find_named(question)
    best = np.flatnonzero(scores >= scores.max(initial=-np.inf) - MARGIN_OF_NAMED)
    return not named or any(_speaks_of(named, evidence.sentences[number]) for number in best)


def _speaks_of(named: set[str], sentence: Sentence) -> bool:
    return not named.isdisjoint(read_stems(plain_text(sentence.text)))
