"""A sentence somebody wrote, and passages → whether a passage supports it, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.generate.citations import Support, plain_text
from rag.generate.evidence import find_hit_sentences
from rag.generate.features import Sentence
from rag.records import Encoder, Hit, Passage
from rag.retrieve.match import QueryTokens
from rag.retrieve.terms import is_content, read_terms

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported, by which passage, and where in its document.

    ``start`` and ``end`` are the characters of the document that come nearest to the sentence, in
    ``passage``; ``score``, between 0 and 1, is the probability that they support it. Where the
    sentence is not supported they are the nearest all the same, and ``reason`` tells a person
    what is wrong: ``the passage has no "20 %"``. ``reason`` is empty where it is supported,
    ``passage`` is ``None`` only where there was none to look at.
    """

    supported: bool
    passage: Passage | None
    start: int
    end: int
    score: float
    reason: str

    @property
    def support(self) -> Support | None:
        """The span as `cite` takes it; ``None`` where the sentence is not supported."""
        if not self.supported or self.passage is None:
            return None
        return Support(self.passage, self.start, self.end)


class SupportChecker:
    """Decides whether a passage supports a sentence. May be shared by threads.

    For a sentence that cites passages, ask for those first, then for the others that were
    retrieved, and take the first verdict that is ``supported``; if none is, show the reason of
    the first. A sentence that cites nothing is asked about with all of them::

        verdict = checker.check(sentence, cited)
        if not verdict.supported:
            other = checker.check(sentence, others)
            verdict = other if other.supported or not cited else verdict
    """

    def __init__(self, encoder: Encoder, threshold: float | None = None) -> None:
        """Take an encoder and, unless the fitted one will do, a threshold between 0 and 1."""
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1, got {threshold}")
        self.encoder = encoder
        self.threshold = THRESHOLD if threshold is None else threshold

    def check(self, sentence: str, passages: Sequence[Passage]) -> Verdict:
        """Return the verdict on the passage that supports the sentence best.

        ``sentence`` may hold Markdown and markers ``[n]``, which are passed over. One passage
        must support all of it; ties go to the earlier passage.
        """
        text = plain_text(sentence)
        if not re.search(r"\w", text):
            return Verdict(False, None, 0, 0, 0.0, "there is nothing to check")
        verdicts = [self._check_one(text, passage) for passage in passages]
        if not verdicts:
            return Verdict(False, None, 0, 0, 0.0, "there is no passage to support it")
        return max(verdicts, key=lambda verdict: (verdict.supported, verdict.score))

    def _check_one(self, text: str, passage: Passage) -> Verdict:
        sentences = find_hit_sentences(Hit(passage, 0.0, 1))
        if not sentences:
            return Verdict(False, passage, passage.start, passage.end, 0.0, "it has no sentence")
        for found in sentences:
            if plain_text(found.text) == text:
                return Verdict(True, passage, found.start, found.end, 1.0, "")
        terms = [term for term in read_terms(text) if is_content(term)]
        stems = {term.stem for term in read_terms(f"{passage.context} {passage.text}")}
        missing = [t.text for t in terms if (t.is_number or t.is_name) and t.stem not in stems]
        best, score = self._nearest(text, sentences)
        if missing:
            return Verdict(
                False, passage, best.start, best.end, 0.0, f'the passage has no "{missing[0]}"'
            )
        supported = score >= self.threshold
        reason = "" if supported else "the passage says too little of it"
        return Verdict(supported, passage, best.start, best.end, score, reason)

    def _nearest(self, text: str, sentences: Sequence[Sentence]) -> tuple[Sentence, float]:
        tokens = QueryTokens.of(text, self.encoder)
        embedded = self.encoder.embed_tokens([sentence.text for sentence in sentences])
        scores = [float(tokens.match(rows) @ tokens.weights) for rows, _ in embedded]
        best = max(range(len(scores)), key=scores.__getitem__)
        return sentences[best], scores[best]
