"""The generator that needs no language model: it answers in the articles' own sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.generate.abbreviations import CONFIDENCE_OF_DEFINITION, find_definitions
from rag.generate.check.support import SupportChecker
from rag.generate.citations import ABSTENTION, Statement, Support, cite, plain_text
from rag.generate.descriptions import (
    CONFIDENCE_OF_DESCRIPTION,
    asks_for_description,
    find_descriptions,
)
from rag.generate.disagreement import Disagreement, find_disagreement
from rag.generate.ellipsis import count_others_less, doubt_others
from rag.generate.evidence import Evidence, gather_evidence
from rag.generate.features import Sentence
from rag.generate.headings import add_headings
from rag.generate.lacking import doubt
from rag.generate.lists import find_steps
from rag.generate.releases import CONFIDENCE_OF_RELEASE, find_release
from rag.generate.selection import (
    CONFIDENCE_OF_ITEM,
    asks_for_list,
    estimate_confidence,
    find_fitted,
    has_item,
    score_sentences,
    select_sentences,
)
from rag.generate.topics import CONFIDENCE_OF_TOPIC, find_topic, tell_about
from rag.generate.weights import lower
from rag.generate.words.marks import mark_answer
from rag.read.reader import Reader
from rag.records import Answer, Encoder, Hit, Turn
from rag.retrieve.followup import find_said, split_paste
from rag.retrieve.pointing import asks_for_thing
from rag.retrieve.terms import split_context

N_HITS = 5  # passages that the confidence is estimated from
PATTERNS = (
    (find_definitions, CONFIDENCE_OF_DEFINITION),
    (find_descriptions, CONFIDENCE_OF_DESCRIPTION),
    (tell_about, CONFIDENCE_OF_TOPIC),
)
"""What tells what a short form stands for, what a name is, and all about a subject; how surely."""

# Log-odds, where what a name is, or all about a subject, is asked and nothing is found that tells
# it: of 86 such questions about articles of training/written that these do not answer, 8 more are
# refused for it, of 38 that they do answer, 4 more.
DOUBT_UNTOLD = 0.4
# The same where a thing or place was named just before ("What's that place?"), so that its
# sentences are found in any case: of 35 such that are not answered, 13 more are refused for it, of
# 33 that are, 1 more. Of people more is told in other words: it would take 6 of 226 right answers.
DOUBT_UNTOLD_THING = 2.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The sentences of the hits, their scores, and whether they answer the question.

    ``telling`` are the sentences that answer a question of one of the `PATTERNS`, with the words
    that do, and ``released`` what is told of the version that it asks for, see `find_release`.
    """

    evidence: Evidence
    scores: NDArray[np.float64]
    confidence: float
    is_answered: bool
    telling: dict[Sentence, str]
    released: list[Sentence]


class ExtractiveGenerator:
    """Answers with one to three sentences of the hits, or abstains; see `rag.records.Generator`.

    What it says stands in the articles, word for word, so it cannot invent. Whether the sentences
    answer the question is estimated; below ``threshold`` the answer abstains. Every sentence passes
    through the check that a language model's sentences pass through. With a ``reader``, what that
    says of the hits counts in the choice and the estimate.
    """

    name = "extractive"

    def __init__(
        self, encoder: Encoder, reader: Reader | None = None, *, threshold: float | None = None
    ) -> None:
        """Take an encoder and, unless the fitted one will do, a threshold between 0 and 1."""
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1, got {threshold}")
        self.encoder = encoder
        self.reader = reader
        self.checker = SupportChecker(encoder)
        fitted = find_fitted(is_read=reader is not None)["threshold"]
        self.threshold = fitted if threshold is None else threshold

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """Yield the answer, a sentence more each time."""
        pasted, question = split_paste(question)
        history = () if pasted else history  # what it is about stands in the question
        judged = self.judge(question, hits, query=query, history=history)
        frame = Answer(
            ABSTENTION,
            hits=tuple(hits),
            abstained=True,
            confidence=judged.confidence,
            query=query,
            generator=self.name,
        )
        if not judged.is_answered:
            yield frame
            return
        evidence, scores = judged.evidence, judged.scores
        if len(hits) > N_HITS:
            evidence, scores = self._weigh(question, hits, query, history)
        sentences, as_list, notice = _choose(question, judged, evidence, scores)
        frame = replace(frame, notices=(notice,) if notice else ())
        read = judged.telling or evidence.short_answers()
        nothing = "" if evidence.is_read else None
        stated = [(s, state(s)) for s in sentences if s in judged.released or self._is_supported(s)]
        if not as_list:
            stated = [
                (s, replace(said, text=mark_answer(said.text, question, read.get(s, nothing))))
                for s, said in stated
            ]
        lead, statements = add_headings(stated, as_list=as_list)
        for n in range(1, len(statements) + 1):
            cited = cite(statements[:n], as_list=as_list, lead=lead)
            yield replace(frame, text=cited.text, citations=cited.citations, abstained=False)
        if not statements:  # one at the least was chosen, and it stands in its passage
            yield frame

    def judge(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Judgement:
        """Return what the hits say about the question, and whether that answers it.

        The estimate was fitted on five passages; a list may be gathered from more.
        """
        evidence, scores = self._weigh(question, hits[:N_HITS], query, history)
        confidence = estimate_confidence(evidence, scores)
        if history:
            confidence = doubt_others(confidence, question, evidence, scores)
        if asks_for_list(question) and evidence.terms and has_item(evidence):
            confidence = max(confidence, CONFIDENCE_OF_ITEM)
        best = evidence.sentences[scores.argmax()] if evidence.sentences else None
        confidence = doubt(confidence, question, evidence, best)
        telling: dict[Sentence, str] = {}
        for find, sure in PATTERNS:
            telling = find(query, evidence.sentences)
            if telling:
                confidence = max(confidence, sure)
                break
        if not telling and (find_topic(split_context(query)[0]) or asks_for_description(query)):
            is_thing = bool(history) and asks_for_thing(question)
            confidence = lower(confidence, DOUBT_UNTOLD_THING if is_thing else DOUBT_UNTOLD)
        released = find_release(query, evidence)
        if released:
            confidence = max(confidence, CONFIDENCE_OF_RELEASE)
        is_answered = confidence >= self.threshold and bool(evidence.sentences)
        return Judgement(evidence, scores, confidence, is_answered, telling, released)

    def _weigh(
        self, question: str, hits: Sequence[Hit], query: str, history: Sequence[Turn]
    ) -> tuple[Evidence, NDArray[np.float64]]:
        """Return the sentences of the hits and their scores."""
        said = find_said(question, history)
        evidence = gather_evidence(query, hits, self.encoder, self.reader, said=said)
        scores = score_sentences(evidence, history[-1].answer if history else "")
        if history:
            scores = count_others_less(question, evidence.sentences, scores)
        return evidence, scores

    def _is_supported(self, sentence: Sentence) -> bool:
        return self.checker.check(state(sentence).text, [sentence.hit.passage]).supported


def _choose(
    question: str, judged: Judgement, evidence: Evidence, scores: NDArray[np.float64]
) -> tuple[list[Sentence], bool, str]:
    """Return the sentences of the answer, whether they are a list, and a notice if some differ."""
    listed = judged.released or find_steps(question, evidence, scores)
    chosen = [*judged.telling] or listed or select_sentences(question, evidence, scores)
    differing = Disagreement() if listed else find_disagreement(question, evidence, scores)
    sentences = [*chosen, *(s for s in differing.sentences if s not in chosen)]
    is_list = chosen is listed or (asks_for_list(question) and not judged.telling)
    return sentences, is_list and len(sentences) > 1, differing.notice


def state(sentence: Sentence) -> Statement:
    """Return a sentence of an article as a sentence of an answer, supported by itself."""
    support = Support(sentence.hit.passage, sentence.start, sentence.end)
    return Statement(plain_text(sentence.text), (support,))
