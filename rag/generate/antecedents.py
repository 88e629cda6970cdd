"""Chosen sentences → with those before them that they are not understood without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.cues import DANGLING
from rag.generate.features import Sentence
from rag.ingest.sentences import LIST_ITEM

N_ANTECEDENTS = 3  # sentences before one with a pronoun that may be needed to understand it


def add_antecedents(chosen: Sequence[int], sentences: Sequence[Sentence]) -> set[int]:
    """Return the chosen sentences and those before them that they are not understood without.

    One with a dangling pronoun brings the one before it, and that maybe another; an item of a list
    brings the line above the list that ends with a colon: "Do not take it if you:".
    """
    wanted = set(chosen)
    for number in chosen:
        wanted.update(_find_pronouns(number, sentences))
        lead_in = _find_lead_in(number, sentences)
        if lead_in is not None:
            wanted.add(lead_in)
    return wanted


def _find_pronouns(number: int, sentences: Sequence[Sentence]) -> Iterator[int]:
    """Yield those before a sentence, as long as each opens with a dangling pronoun."""
    for before in range(number - 1, max(number - N_ANTECEDENTS, 0) - 1, -1):
        dangles = DANGLING.match(sentences[before + 1].text) is not None
        if not dangles or sentences[before].hit != sentences[before + 1].hit:
            return
        yield before


def _find_lead_in(number: int, sentences: Sequence[Sentence]) -> int | None:
    hit = sentences[number].hit
    while stands_in_list(sentences[number]):
        number -= 1
        if number < 0 or sentences[number].hit != hit:
            return None
        if sentences[number].text.rstrip(" *_").endswith(":"):
            return number
    return None


def stands_in_list(sentence: Sentence, mark: re.Pattern[str] = LIST_ITEM) -> bool:
    """Return whether a sentence stands in a line that opens with a bullet or a number."""
    passage = sentence.hit.passage
    line = passage.text.rfind("\n", 0, sentence.start - passage.start + 1) + 1
    return mark.match(passage.text, line) is not None


def opens_item(sentence: Sentence) -> bool:
    """Return whether a sentence is the first of an item of a list, with its bullet or number."""
    return LIST_ITEM.match(sentence.text) is not None
