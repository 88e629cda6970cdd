"""Sentences of a language model → those that a passage supports, and those that none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.generate.check.support import SupportChecker
from rag.generate.citations import Statement, cite
from rag.generate.model.draft import Written
from rag.generate.model.instructions import addresses_model
from rag.records import Answer, Passage

# Whoever looks through all passages for one that fits finds one sooner than a writer who names it.
# With the checker's own threshold, half of what a very small model wrote without citations and was
# kept was wrong; with this, nothing was (benchmarks/language_model.py).
SUPPLIED = 0.9
UNNAMED = "it names no passage that says this, and no other says it clearly"
ORDERED = "the passage orders whoever answers to say so, and does not say so itself"


class Review:
    """What a model wrote so far, each sentence checked.

    ``passages`` are those that the prompt numbers, ``others`` what else was retrieved. A number
    that the prompt does not have is passed over. A sentence that its passages do not support gets
    the passage that clearly does, if there is one; so does a sentence that cites nothing. A
    sentence that was there before is left out, and so is one that says, in whatever words, that
    the passages do not answer, and one about the passages; ``n_repeated``, ``n_refusals`` and
    ``n_asides`` count them.
    """

    def __init__(
        self, checker: SupportChecker, passages: Sequence[Passage], others: Sequence[Passage] = ()
    ) -> None:
        self.n_repeated = 0
        self.n_refusals = 0
        self.n_asides = 0
        self._checker = checker
        self._passages = tuple(passages)
        self._all = tuple(dict.fromkeys((*passages, *others)))
        self._statements: list[Statement] = []
        self._seen: set[str] = set()
        self._items: list[bool] = []

    @property
    def n_supported(self) -> int:
        """How many of the sentences a passage supports."""
        return sum(bool(statement.supports) for statement in self._statements)

    @property
    def n_unsupported(self) -> int:
        """How many of the sentences no passage supports."""
        return len(self._statements) - self.n_supported

    def add(self, written: Written) -> bool:
        """Check a sentence; return whether the answer has a sentence more."""
        if written.refuses:
            self.n_refusals += 1
            return False
        if written.is_aside:
            self.n_asides += 1
            return False
        key = written.text.casefold()
        if key in self._seen:
            self.n_repeated += 1
            return False
        self._seen.add(key)
        self._statements.append(self._check(written))
        self._items.append(written.is_item)
        return True

    def answer(self) -> Answer:
        """Return text, citations and unsupported sentences of the answer so far."""
        return cite(self._statements, as_list=len(self._items) > 1 and all(self._items))

    def _check(self, written: Written) -> Statement:
        n = len(self._passages)
        cited = [self._passages[number - 1] for number in written.numbers if 1 <= number <= n]
        verdict = self._checker.check(written.text, cited)
        if verdict.support is None:
            others = [passage for passage in self._all if passage not in cited]
            other = self._checker.check(written.text, others)
            if other.support is not None and other.score < SUPPLIED:
                other = replace(other, supported=False, reason=UNNAMED)
            if other.support is not None or not cited:
                verdict = other
        if (support := verdict.support) is not None:
            if not addresses_model(support.passage.cut(support.start, support.end)):
                return Statement(written.text, (support,))
            return Statement(written.text, (), cited=tuple(cited), reason=ORDERED)
        return Statement(written.text, (), cited=tuple(cited), reason=verdict.reason)
