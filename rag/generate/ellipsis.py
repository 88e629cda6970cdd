"""A follow-up that only names something else, "And drones?": what is said should be of that."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.generate.citations import plain_text
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence
from rag.generate.weights import lower
from rag.retrieve.kinds import ASKING
from rag.retrieve.scope import AND_ALSO, BOUND
from rag.retrieve.terms import is_content, read_stems, read_terms

N_WORDS = 7  # a longer question says more than what is put in the place of something else
# In log-odds. Of 238 such follow-ups that articles of training/written answer, 228 are answered
# right and 4 are refused (231 and none without both), of 48 that they do not answer, 20 are refused
# (11); of 54 and 14 of benchmarks/written/others.jsonl, 50 are right and 10 refused (50 and 6).
LESS_OF_OTHERS = 2.0  # by which a sentence that does not speak of what is named counts less
MARGIN_OF_NAMED = 2.0  # below the best, within which a sentence that speaks of it is looked for
DOUBT_OF_OTHERS = 1.5  # where there is none: it may be said in other words
CONFIDENCE_UNHEARD_OF = 0.05  # see `is_unheard_of`; 3 of 4 in training/written are not answered
_ASKS_MORE = re.compile(
    rf"{ASKING}|\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b"
    r"|^(?:if|unless)\b",
    re.IGNORECASE,
)


def find_named(question: str) -> set[str]:
    """Return the stems of what a follow-up puts in the place of what was asked of; mostly none.

    >>> sorted(find_named("What about solar panels?")), find_named("And what did he say?")
    (['panel', 'solar'], set())
    """
    return {term.stem for term in read_terms(_read_topic(question)) if is_content(term)}


def doubt_others(
    confidence: float, question: str, evidence: Evidence, scores: NDArray[np.float64]
) -> float:
    """Return the confidence in an answer, lowered where it is of something else than is named."""
    if not is_told(question, evidence, scores):
        confidence = lower(confidence, DOUBT_OF_OTHERS)
    return (
        min(confidence, CONFIDENCE_UNHEARD_OF) if is_unheard_of(question, evidence) else confidence
    )


def count_others_less(
    question: str, sentences: Sequence[Sentence], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the scores, less for sentences that do not speak of what a follow-up names.

    They stay as they are where none speaks of it, and for any other question.
    """
    named = find_named(question)
    if not named:
        return scores
    others = np.array([not _speaks_of(named, sentence) for sentence in sentences], dtype=bool)
    return scores if others.all() else scores - LESS_OF_OTHERS * others


def is_told(question: str, evidence: Evidence, scores: NDArray[np.float64]) -> bool:
    """Return whether one of the best sentences has a word of what a follow-up names.

    So it is for any other question.
    """
    named = find_named(question)
    best = np.flatnonzero(scores >= scores.max(initial=-np.inf) - MARGIN_OF_NAMED)
    return not named or any(_speaks_of(named, evidence.sentences[number]) for number in best)


def is_unheard_of(question: str, evidence: Evidence) -> bool:
    """Return whether a follow-up names something, "And helicopters?", that no sentence speaks of.

    What it names with an article or the like, "And the press?", may be there in other words.
    """
    named = set() if BOUND.match(_read_topic(question)) else find_named(question)
    return bool(named) and not any(_speaks_of(named, sentence) for sentence in evidence.sentences)


def _read_topic(question: str) -> str:
    """Return the words of a follow-up that only name something; empty for any other question."""
    also = AND_ALSO.fullmatch(question)
    if also is None or len(also["topic"].split()) > N_WORDS or _ASKS_MORE.search(also["topic"]):
        return ""
    return also["topic"]


def _speaks_of(named: set[str], sentence: Sentence) -> bool:
    return not named.isdisjoint(read_stems(plain_text(sentence.text)))
