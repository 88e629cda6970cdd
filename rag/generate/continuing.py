"""A question that follows up on an answer: what stands behind that in its article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.generate.citations import plain_text
from rag.generate.features import FEATURES, Sentence
from rag.retrieve.said import is_said, read_said

CONTINUING = ("from what was said on", "in the article spoken of")
"""The columns of `Evidence.features` that are written here."""


def find_heard(sentences: Sequence[Sentence], answer: str) -> NDArray[np.bool_]:
    """Return for each sentence whether an answer given before says it, word for word."""
    said = read_said(answer)
    return np.array([is_said(plain_text(s.text), said) for s in sentences], dtype=bool)


def add_continuing(
    features: NDArray[np.float64], sentences: Sequence[Sentence], answer: str
) -> None:
    """Write into the features of the sentences how they stand to an answer given before.

    Who asks on mostly asks about what comes later, or what was said says it already ("And by
    when?"). How much later is left out: of the follow-ups in ``training/written`` 60 % are answered
    by the very next sentence, but who wrote them had the article before them.
    """
    first: dict[str, int] = {}  # article → where what was said begins
    for sentence, is_heard in zip(sentences, find_heard(sentences, answer), strict=True):
        if is_heard:
            doc_id = sentence.hit.passage.doc_id
            first[doc_id] = min(sentence.start, first.get(doc_id, sentence.start))
    onward, article = (FEATURES.index(name) for name in CONTINUING)
    for row, sentence in zip(features, sentences, strict=True):
        begun = first.get(sentence.hit.passage.doc_id)
        row[article] = begun is not None
        row[onward] = begun is not None and begun <= sentence.start
