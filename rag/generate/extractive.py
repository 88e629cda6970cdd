"""The generator that needs no language model: it answers in the articles' own sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.generate.citations import ABSTENTION, Statement, Support, cite, plain_text
from rag.generate.disagreement import find_disagreement
from rag.generate.evidence import gather_evidence
from rag.generate.features import Sentence
from rag.generate.marks import mark_answer
from rag.generate.selection import (
    CONFIDENCE_OF_ITEM,
    LIST_QUESTION,
    estimate_confidence,
    has_item,
    score_sentences,
    select_sentences,
)
from rag.generate.support import SupportChecker
from rag.generate.weights import read_weights
from rag.records import Answer, Encoder, Hit, Turn

N_HITS = 5  # passages that the confidence is estimated from


class ExtractiveGenerator:
    """Answers with one to three sentences of the hits, or abstains; see `rag.records.Generator`.

    What it says stands in the articles, word for word, so it cannot invent. Whether the sentences
    answer the question is estimated; below ``threshold`` the answer abstains. Every sentence passes
    through the check that a language model's sentences pass through.
    """

    name = "extractive"

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Take an encoder and, unless the fitted one will do, a threshold between 0 and 1."""
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1, got {threshold}")
        self.encoder = encoder
        self._checker = SupportChecker(encoder)
        self.threshold = read_weights()["threshold"] if threshold is None else threshold

    def stream(
        self, question: str, hits: Sequence[Hit], *, query: str, history: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """Yield the answer, a sentence more each time."""
        said = history[-1].answer if history else ""
        # The estimate was fitted on five passages; a list may be gathered from more.
        evidence = gather_evidence(query, hits[:N_HITS], self.encoder)
        scores = score_sentences(evidence, said)
        confidence = estimate_confidence(evidence, scores)
        if LIST_QUESTION.search(question) and evidence.terms and has_item(evidence):
            confidence = max(confidence, CONFIDENCE_OF_ITEM)
        if len(hits) > N_HITS and confidence >= self.threshold:
            evidence = gather_evidence(query, hits, self.encoder)
            scores = score_sentences(evidence, said)
        frame = Answer(
            ABSTENTION,
            hits=tuple(hits),
            abstained=True,
            confidence=confidence,
            query=query,
            generator=self.name,
        )
        if confidence < self.threshold or not evidence.sentences:
            yield frame
            return
        sentences = select_sentences(question, evidence, scores)
        differing = find_disagreement(question, evidence, scores)
        sentences += [s for s in differing.sentences if s not in sentences]
        frame = replace(frame, notices=(differing.notice,) if differing.notice else ())
        as_list = len(sentences) > 1 and LIST_QUESTION.search(question) is not None
        statements = [s for s in map(state, sentences) if self._is_supported(s)]
        if not as_list:
            statements = [replace(s, text=mark_answer(s.text, question)) for s in statements]
        for n in range(1, len(statements) + 1):
            cited = cite(statements[:n], as_list=as_list)
            yield replace(frame, text=cited.text, citations=cited.citations, abstained=False)
        if not statements:  # one at the least was chosen, and it stands in its passage
            yield frame

    def _is_supported(self, statement: Statement) -> bool:
        passages = [support.passage for support in statement.supports]
        return self._checker.check(statement.text, passages).supported


def state(sentence: Sentence) -> Statement:
    """Return a sentence of an article as a sentence of an answer, supported by itself."""
    support = Support(sentence.hit.passage, sentence.start, sentence.end)
    return Statement(plain_text(sentence.text), (support,))
