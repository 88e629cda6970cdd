"""A claim laid on the line that it resembles → the words that stand in the place of others."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from rag.generate.check.claims import Line
from rag.retrieve.terms import Term, is_content

N_REPLACED = 3  # words; what differs at greater length is told in other words, not replaced
FEATURES = ("names replaced", "numbers replaced", "words replaced")


def count_replaced(words: Sequence[Term], lines: Sequence[Line]) -> dict[str, float]:
    """Return how many times names, numbers and any content words of a claim replace the line's.

    "Iqbal met Khan" has the words of "Khan met Iqbal"; laid on it, a name replaces another. The
    line that has most of the claim's words in their order is taken.
    """
    found = [find_replacements(words, line.terms) for line in lines]
    _, replaced = max(found, key=lambda pair: pair[0])
    names = numbers = others = 0
    for here, there in replaced:
        new = [term for term in here if term.stem not in {other.stem for other in there}]
        old = [term for term in there if term.stem not in {other.stem for other in here}]
        names += any(t.is_name for t in new) and any(t.is_name for t in old)
        numbers += any(t.is_number for t in new) and any(t.is_number for t in old)
        others += any(map(is_content, new)) and any(map(is_content, old))
    return dict(zip(FEATURES, (names, numbers, others), strict=True))


def find_replacements(
    here: Sequence[Term], there: Sequence[Term]
) -> tuple[float, list[tuple[Sequence[Term], Sequence[Term]]]]:
    """Return the share of words that two texts have in the same order, and what is replaced.

    >>> from rag.retrieve.terms import read_terms
    >>> first, second = read_terms("Iqbal met the firms"), read_terms("Khan met firms")
    >>> [(here[0].text, there[0].text) for here, there in find_replacements(first, second)[1]]
    [('Iqbal', 'Khan')]
    """
    matcher = SequenceMatcher(
        None, [term.stem for term in here], [term.stem for term in there], autojunk=False
    )
    replaced = [
        (here[a:b], there[c:d])
        for way, a, b, c, d in matcher.get_opcodes()
        if way == "replace" and b - a <= N_REPLACED and d - c <= N_REPLACED
    ]
    return matcher.ratio(), replaced
