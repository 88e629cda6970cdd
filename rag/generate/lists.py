"""A question and the lists below headings → the list that is asked for: parts, or steps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.generate.antecedents import add_antecedents, opens_item, stands_in_list
from rag.generate.citations import plain_text
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence, holds
from rag.generate.headings import read_path
from rag.generate.words.rows import read_cells
from rag.records import Passage
from rag.retrieve.terms import read_stems

FEWEST_ITEMS = 2  # of a list
SHARE_OF_STEPS = 0.5  # of the weight of what is to be done; else a step says more than the headings
Section = tuple[str, str]  # of which article, below which headings
HOW_TO = re.compile(
    r"^\W*(?:(?:and|so|but|then)\W+)?"
    r"(?:how (?:do|can|should|must|could|would) (?:I|we|you|one)|how to|what (?:are the )?steps)\b"
    r"(?! (?:know|tell|see|notice|recogni[sz]e|find out|contact|reach|pay)\b)",
    re.IGNORECASE,
)
STEP = re.compile(r"\s*\d{1,3}[.)][ \t]+\S")
STEP_STEM = "step"  # what is asked for in "the steps of"; no step says it
# Headings that only say that steps stand below them.
OF_STEPS = re.compile(
    r"\W*(?:the )?(?:method|steps|instructions|directions|preparation|procedure)\W*$", re.IGNORECASE
)


def find_named_lists(evidence: Evidence, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each sentence whether it stands in a section that is the list asked for.

    It is one with items of a list whose title and headings hold every term of the question, and
    its own heading one: "Ingredients" of "Apple cake". All are False where the article of the best
    sentence has none; rows of a table are no such items.
    """
    items = [s for s in evidence.sentences if opens_item(s) and not read_cells(plain_text(s.text))]
    n_items = Counter(map(read_section, items))
    passages = {read_section(s): s.hit.passage for s in evidence.sentences}
    named = {
        section
        for section, passage in passages.items()
        if n_items[section] >= FEWEST_ITEMS
        and _names(evidence, passage)
        and _find_held(evidence, passage.context).all()
    }
    best = evidence.sentences[int(scores.argmax())].hit.passage.doc_id if len(scores) else ""
    is_in_best = any(doc_id == best for doc_id, _ in named)
    return np.array([is_in_best and read_section(s) in named for s in evidence.sentences], bool)


def find_steps(question: str, evidence: Evidence, scores: NDArray[np.float64]) -> list[Sentence]:
    """Return the numbered steps of the best sentence's section, if the question is how to do that.

    That is where title and headings hold half of what is to be done, and its own heading some of
    it or that it is of steps; else one of the steps may be what is asked for. They come in order,
    with the line above them, and nothing from elsewhere.
    """
    if not HOW_TO.match(question) or not evidence.sentences:
        return []
    best = evidence.sentences[int(scores.argmax())].hit.passage
    own = read_path(best)[-1:]
    is_of_steps = not own or OF_STEPS.match(own[0]) is not None
    if not (is_of_steps or _names(evidence, best)):
        return []
    if _share_held(evidence, best.context) < SHARE_OF_STEPS:
        return []
    section = sorted(
        (s for s in evidence.sentences if read_section(s) == (best.doc_id, best.heading)),
        key=lambda sentence: sentence.start,
    )
    return [section[i] for i in sorted(add_antecedents(_find_numbered(section), section))]


def read_section(sentence: Sentence) -> Section:
    """Return which section a sentence stands in."""
    return sentence.hit.passage.doc_id, sentence.hit.passage.heading


def _find_numbered(section: Sequence[Sentence]) -> range:
    """Return the places of numbered steps, with what stands between them and items of their own."""
    numbered = [i for i, s in enumerate(section) if stands_in_list(s, STEP)]
    if sum(opens_item(section[i]) for i in numbered) < FEWEST_ITEMS:
        return range(0)
    end = numbered[-1] + 1
    while end < len(section) and stands_in_list(section[end]):
        end += 1
    return range(numbered[0], end)


def _share_held(evidence: Evidence, text: str) -> float:
    """Return the share of the weight of what is asked for, steps aside, that a text holds."""
    held = _find_held(evidence, text)
    weights = evidence.weights * [term.stem != STEP_STEM for term in evidence.terms]
    return float(held @ weights / weights.sum()) if weights.any() else 0.0


def _names(evidence: Evidence, passage: Passage) -> bool:
    """Return whether the heading right above a passage holds a term of the question."""
    own = read_path(passage)[-1:]
    return bool(own) and bool(_find_held(evidence, own[0]).any())


def _find_held(evidence: Evidence, text: str) -> NDArray[np.float64]:
    return holds(evidence.terms, read_stems(text))
