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


def add_continuing(
    features: NDArray[np.float64], sentences: Sequence[Sentence], answer: str
) -> None:
    """Write into the features of the sentences how they stand to an answer given before.

    Who asks on mostly asks about what comes later, or what was said says it already ("And by
    when?"). How much later is left out: of the follow-ups in ``training/written`` 60 % are answered
    by the very next sentence, but who wrote them had the article before them.
    """
    said = read_said(answer)
    is_heard = [is_said(plain_text(sentence.text), said) for sentence in sentences]
    heard = [sentence for sentence, known in zip(sentences, is_heard, strict=True) if known]
    onward, article = (FEATURES.index(name) for name in CONTINUING)
    for row, sentence in zip(features, sentences, strict=True):
        same = [one for one in heard if one.hit.passage.doc_id == sentence.hit.passage.doc_id]
        row[article] = bool(same)
        row[onward] = any(one.start <= sentence.start for one in same)
