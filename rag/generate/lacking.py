"""What a question names and the hits do not: the fact may be there, but of another."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.generate.cues import MONTH, RELATIVE_DATE
from rag.generate.entities.names import Name, NameFinder, fold, opens_sentence, read_names
from rag.generate.evidence import Evidence
from rag.generate.features import Sentence
from rag.generate.weights import lower
from rag.generate.words.rows import lacks_name
from rag.records import Passage
from rag.retrieve.spelling import edit
from rag.retrieve.terms import is_content, read_terms, split_context

# A year, or a version such as 4.2.1.
DATE_OR_VERSION = re.compile(
    r"(?<![\d.,])(?:1\d{3}|20\d\d)(?![\d,.]*\d)|(?<![\d.])\d+(?:\.\d+){2,}(?!\.?\d)"
)
# A time told from the day of asking; but "last year of his life" is not.
RELATIVE = re.compile(
    r"\b(?:(?:last|this|next) (?:week|month|year)\b(?! of\b)|(?:yesterday|tomorrow|tonight)\b)",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Mm]e)\b")
CONFIDENCE_WITHOUT_ROW = 0.05  # see `lacks_name`
# Log-odds, see `lacks_date` and `lacks_relative_date`. Of 45 questions about articles of
# training/written where one of these is so and the articles answer it, 21 are answered right and 22
# refused (31 and 7 without this), of 34 that they do not answer, 29 are refused (23); of 87 of
# SQuAD 2.0, all of them without an answer, 1 is answered (10).
DOUBT_WITHOUT_DATE = 1.5
DOUBT_WITHOUT_NAME = 1.0  # log-odds; with 1.5, five right answers more are refused as well


def doubt(
    confidence: float, question: str, evidence: Evidence, best: Sentence | None = None
) -> float:
    """Return the confidence in an answer, lowered by what the question has and no hit.

    Where the ``best`` sentence is a row of a table, a missing name says more, see `lacks_name`.

    The fitted model, which adds up signs, takes one name or date among many words too lightly.
    Of 1,835 questions with an answer in their passages that were answered (SQuAD 2.0, CLAPNQ,
    MTRAG-UN, Chroma's), a missing name makes 2 refused; of 1,687 without, 53.
    """
    if lacks_date(question, evidence) or lacks_relative_date(question, evidence):
        confidence = lower(confidence, DOUBT_WITHOUT_DATE)
    if best is not None and lacks_name(best, evidence.sentences, question):
        confidence = min(confidence, CONFIDENCE_WITHOUT_ROW)
    if find_missing_names(question, evidence):
        confidence = lower(confidence, DOUBT_WITHOUT_NAME)
    return confidence


def lacks_date(question: str, evidence: Evidence) -> bool:
    """Return whether a year or version of the question stands in no hit, but others do.

    Of 112 such questions of SQuAD 2.0, CLAPNQ and MTRAG-UN, 107 have no answer in their passages.
    Passages without any year may speak of that one: their article's date says so.
    """
    asked = DATE_OR_VERSION.findall(split_context(question)[0])
    if not asked:
        return False
    known = _read_hits(evidence)
    return DATE_OR_VERSION.search(known) is not None and not all(date in known for date in asked)


def lacks_relative_date(question: str, evidence: Evidence) -> bool:
    """Return whether the question asks of "last year" or the like, and hits have other dates alone.

    Of 141 questions of QAMR, SQuADShifts and SubjQA that ask so, it is so for 1 where the passage
    that answers is among five, and for 63 where it is taken away.
    """
    asked = RELATIVE.findall(split_context(question)[0].lower())
    if not asked:
        return False
    known = _read_hits(evidence)
    has_date = any(dates.search(known) for dates in (DATE_OR_VERSION, MONTH, RELATIVE_DATE))
    return has_date and not all(date in known.lower() for date in asked)


def find_missing_names(question: str, evidence: Evidence) -> list[str]:
    """Return the names of the question that no hit has, in any form or with an error of typing.

    None where any word may be written with a capital letter, and none where hits are told by an
    "I", whom the question may name and the text does not.
    """
    asked = split_context(question)[0]
    if not any(term.text[0].islower() and is_content(term) for term in read_terms(asked)):
        return []
    names = _find_names(asked)
    known = _read_hits(evidence) if names else ""
    if not names or FIRST_PERSON.search(known):
        return []
    finder = NameFinder(known)
    missing = [name for name in names if not finder.has(name)]
    if finder.has_expansion(names):
        return []
    words = set(finder.words)
    return [name.text for name in missing if words.isdisjoint(edit(fold(name.text)))]


def find_strangers(
    question: str, evidence: Evidence, scores: NDArray[np.float64], margin: float
) -> set[int]:
    """Return the sentences little below the best whose article no hit gives a name of the question.

    They may say the same of another: who the first keeper of one lighthouse was is not told by the
    first keeper of the next. There are none where no article among them has a name, and where the
    best sentence is one of them and above all others by half the ``margin``.
    """
    asked = split_context(question)[0]
    names = _find_names(asked)
    near = np.flatnonzero(scores >= scores.max() - margin).tolist()
    articles = {evidence.sentences[n].hit.passage.doc_id for n in near}
    if not names or len(articles) == 1:
        return set()
    passages = dict.fromkeys(sentence.hit.passage for sentence in evidence.sentences)
    named = {p.doc_id for p in passages if p.doc_id in articles and _names_any(p, names)}
    strange = {n for n in near if evidence.sentences[n].hit.passage.doc_id not in named}
    others = [scores[n] for n in near if n not in strange]
    return strange if others and max(others) >= scores.max() - margin / 2 else set()


def _find_names(asked: str) -> list[Name]:
    """Return the names of a question, but for a first word, whose capital letter tells nothing."""
    return [name for name in read_names(asked) if not opens_sentence(asked, name.start)]


def _names_any(passage: Passage, names: Sequence[Name]) -> bool:
    """Return whether a passage has one of the names, in any form."""
    text = f"{passage.context}\n{passage.text}"
    if any(name.text in text for name in names):  # as it is written: nearly always, and quick
        return True
    finder = NameFinder(text)
    return any(map(finder.has, names))


def _read_hits(evidence: Evidence) -> str:
    passages = dict.fromkeys(sentence.hit.passage for sentence in evidence.sentences)
    return "\n".join(f"{passage.context}\n{passage.text}" for passage in passages)
