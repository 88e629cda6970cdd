"""A sentence somebody wrote, and passages → whether a passage supports it, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rag.generate.check.alignment import FEATURES, Alignment, align
from rag.generate.check.claims import (
    Claim,
    PassageLines,
    PassageVectors,
    embed_passages,
    split_plain,
)
from rag.generate.check.facts import find_missing
from rag.generate.check.forest import Forest
from rag.generate.citations import Support, plain_text
from rag.generate.weights import read_weights
from rag.records import Encoder, Passage
from rag.retrieve.terms import read_terms

TELLING = 0.3  # weight of a word from which on it is shown as what the passage does not say


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

    Two judgements are made. Every number, date, name and quotation of the sentence must stand in
    the passage, its title or headings, in whatever form. Whether the rest of the sentence is said
    there is estimated by fitted trees; see `align` for what they go by, and
    ``benchmarks/support.py`` for what they were fitted on.
    """

    def __init__(self, encoder: Encoder, threshold: float | None = None) -> None:
        """Take an encoder and, unless the fitted one will do, a threshold between 0 and 1."""
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be between 0 and 1, got {threshold}")
        self.encoder = encoder
        fitted = read_weights("check/support.json")
        self.threshold: float = fitted["threshold"] if threshold is None else threshold
        self._forest = load_forest()

    def check(self, sentence: str, passages: Sequence[Passage]) -> Verdict:
        """Return the verdict on the passage that supports the sentence best.

        ``sentence`` may hold Markdown and markers ``[n]``, which are passed over. One passage
        must support all of it; ties go to the earlier passage. What stands in a passage word for
        word, as one or several whole sentences, is supported.
        """
        text = plain_text(sentence)
        for passage in passages:
            found = find_verbatim(sentence, passage.text) or find_verbatim(text, passage.text)
            if found:
                start, end = passage.start + found[0], passage.start + found[1]
                return Verdict(True, passage, start, end, 1.0, "")
        if not read_terms(text):
            return Verdict(False, None, 0, 0, 0.0, "the sentence says nothing")
        read = [(passage, PassageLines.of(passage)) for passage in passages]
        usable = [(passage, lines) for passage, lines in read if lines.lines]
        if not usable:
            return Verdict(False, None, 0, 0, 0.0, "there is no passage to support it")
        claim = Claim.of(text, self.encoder)
        vectors = embed_passages(usable, self.encoder)
        verdicts = [
            self._judge(claim, passage, lines, rows)
            for (passage, lines), rows in zip(usable, vectors, strict=True)
        ]
        return max(verdicts, key=lambda verdict: (verdict.supported, verdict.score))

    def _judge(
        self, claim: Claim, passage: Passage, read: PassageLines, vectors: PassageVectors
    ) -> Verdict:
        alignment = align(claim, read, vectors)
        score = self._forest.estimate(alignment.features)
        missing = next(find_missing(claim.text, read.source), "")
        supported = score >= self.threshold and not missing
        reason = "" if supported else missing or find_reason(alignment)
        start = passage.start + read.lines[alignment.lines[0]].start
        end = passage.start + read.lines[alignment.lines[-1]].end
        return Verdict(supported, passage, start, end, score, reason)


@cache
def load_forest() -> Forest:
    """Return the fitted trees."""
    if list(FEATURES) != read_weights("check/support.json")["features"]:
        raise RuntimeError(
            "the trees must be of the features of this version; run benchmarks/support.py --write"
        )
    return Forest.from_package("support.npz")


def find_verbatim(sentence: str, text: str) -> tuple[int, int] | None:
    """Return where sentences of a text, one after the other, are exactly this; else ``None``.

    >>> find_verbatim("It rose. It fell.", "So it is. It *rose*. It fell. Then it rose.")
    (10, 29)
    """
    lines = split_plain(text)
    for first, (start, _, _) in enumerate(lines):
        said = ""
        for _, end, plain in lines[first:]:
            said = f"{said} {plain}".strip()
            if said == sentence:
                return start, end
            if not sentence.startswith(said):
                break
    return None


def find_reason(alignment: Alignment) -> str:
    """Return, for a person, what speaks most against a sentence whose facts all stand."""
    if alignment.opposites:
        said, found = alignment.opposites[0]
        return f'the passage says the opposite of "{said}"'
    if alignment.negated:
        return f'of "{alignment.negated[0].text}" the passage says the opposite'
    if alignment.new and alignment.new[0].weight >= TELLING:
        return f'the passage says nothing of "{alignment.new[0].text}"'
    return "the passage does not say this"
