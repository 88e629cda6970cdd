"""A word of a question that the articles do not have → the one that was meant, if that is sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import Protocol

from rag.index.lexical import find_terms
from rag.ingest.tokens import find_rank, is_usually_capital
from rag.records import Encoder, Passage
from rag.retrieve.terms import STOP_WORDS, WORD

SHORTEST = 5  # letters of a word that is meant: shorter ones are one edit from too many others
SHORTEST_NAME = 6  # … of a name, which may be another's
SHORTEST_TERM = 8  # … that English has not: a term, as often right as the article's
SHORTEST_ROOT = 4  # letters before an ending, or of a part
CLEARLY = 10  # times as many passages as the next best must have it
MOST = 6  # words that English has not; a question with more is in another language
N_LOOKED_AT = 50  # passages, among which the words that may be meant stand
LETTERS = re.compile("[A-Za-z][a-z]+")  # neither a short form nor a number
# Ways to make a word of another. What ends so is no error because English has not that very form.
ENDINGS = (
    *("s", "es", "d", "ed", "er", "ers", "or", "ors", "est", "ing", "ings", "ly", "y", "n", "al"),
    *("ally", "able", "ity", "ness", "ment", "ments", "ion", "ions", "ic", "ian", "ist", "ists"),
    *("ism", "ful", "less", "ies", "ied", "ier", "iest", "ily"),
)
BARE_STOP_WORDS = frozenset(word.replace("'", "") for word in STOP_WORDS)  # "havent"
BEGINNINGS = ("un", "re", "non", "pre", "mis", "dis", "sub", "anti", "over", "under", "inter")


class Spelled(Protocol):
    """What is needed of an index to tell which words its passages have."""

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102
    def document_frequency(self, words: Sequence[str]) -> dict[str, int]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Mended:
    """A question as it is read: ``words`` are those typed and what each is read as."""

    question: str
    words: tuple[tuple[str, str], ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person is told: nothing where all is read as it was typed."""
        return tuple(f"“{typed}” is read as “{meant}”." for typed, meant in self.words)


def mend(question: str, index: Spelled, has_word: Callable[[str], bool]) -> Mended:
    """Return the question with the words that are surely errors of typing as they were meant.

    That is a word that no passage has and that is no English word, where passages have a word one
    letter more, less, other or exchanged with its neighbour away. ``has_word`` says what else is a
    word. The first letter is always right. A name is not read as another with another letter.

    Of 2,877 words of SQuAD 2.0 with an error of typing put in, 82 % are mended and none is read as
    another. Of its 5,795 questions as they are, asked of their articles, 79 are changed, of which
    78 had such an error; asked of the passages of MTRAG-UN, 25 are changed wrongly.
    A word that English has not costs 5 ms among 200,000 passages, all others nothing.
    """
    strange = [
        found
        for found in WORD.finditer(question)
        if LETTERS.fullmatch(found[0])
        and not is_english(found[0])
        and not has_word(found[0].lower())
    ]
    if len(strange) > MOST:
        return Mended(question)
    words: list[tuple[str, str]] = []
    mended, end = "", 0
    for found in strange:
        meant = find_meant(found[0], index, opens=found.start() == 0)
        if meant:
            words.append((found[0], meant))
            mended, end = mended + question[end : found.start()] + meant, found.end()
    return Mended(mended + question[end:], tuple(words))


def has_word(encoder: Encoder, word: str) -> bool:
    """Return whether the encoder knows a word as a whole, rather than in pieces."""
    n_tokens, n_of_one = encoder.count_tokens([word, "a"])
    return n_tokens == n_of_one


def find_meant(word: str, index: Spelled, *, opens: bool = False) -> str:
    """Return the word that is surely meant by one that English has not, and empty if none is.

    ``opens`` says that the word is the first, whose capital letter tells nothing.
    """
    typed, is_name = word.lower(), word[0].isupper() and not opens
    if len(word) < SHORTEST - 1 or index.document_frequency([word])[word]:
        return ""
    near = list(dict.fromkeys(edit(typed)))
    if not BARE_STOP_WORDS.isdisjoint([typed, *near]):  # "becaue" is not "became"
        return ""
    meant = [
        other
        for other in _find_held(near, index, is_name=is_name)
        if _may_be(typed, other, is_name)
    ]
    if not meant:
        return ""
    counts = index.document_frequency(meant)
    best = max(meant, key=lambda other: counts[other])  # of one stem, what stands there comes first
    others = [counts[other] for other in meant if find_terms(other) != find_terms(best)]
    if counts[best] < CLEARLY * max(others, default=0):
        return ""
    return best.capitalize() if word[0].isupper() else best


def _find_held(near: Sequence[str], index: Spelled, *, is_name: bool) -> list[str]:
    """Return what of it stands in passages, and then English forms of what does.

    A name must stand there with its capital letter.
    """
    ids = [number for number, _ in index.search_lexical(" ".join(near), N_LOOKED_AT)]
    words: set[str] = set()
    for passage in index.passages(ids):
        words.update(re.findall(r"\w+", f"{passage.context} {passage.text}"))
    if is_name:
        return [other for other in near if other.capitalize() in words]
    words |= {word.lower() for word in words}
    stems = {stem for word in words for stem in find_terms(word)}
    forms = [other for other in near if other not in words and find_rank(other) is not None]
    return [other for other in near if other in words] + [
        other for other in forms if stems.issuperset(find_terms(other))
    ]


def _may_be(typed: str, other: str, is_name: bool) -> bool:
    """Return whether one word may be meant by another, by their lengths and the edit."""
    least = SHORTEST if find_rank(other) is not None else SHORTEST_TERM
    if is_name or is_usually_capital(other):
        is_other_letter = len(typed) == len(other) and sorted(typed) != sorted(other)
        return len(typed) >= SHORTEST_NAME and not is_other_letter
    return len(other) >= least


def edit(word: str) -> Iterator[str]:
    """Yield all that is one edit from a word, with its first letter; what is most likely first.

    Source: Damerau, A technique for computer detection and correction of spelling errors, 1964:
    four of five errors are one letter more, less, other or exchanged.

    >>> "drones" in edit("dronse"), "flood" in edit("flod"), "bone" in edit("tone")
    (True, True, False)
    """
    cuts = range(1, len(word) + 1)
    for i in cuts[:-2]:
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    for i in cuts[:-1]:
        yield word[:i] + word[i + 1 :]
    for i in cuts:
        for letter in ascii_lowercase:
            yield word[:i] + letter + word[i:]
            yield word[:i] + letter + word[i + 1 :]


@lru_cache(maxsize=10_000)
def is_english(word: str) -> bool:
    """Return whether a word is one of English, a name in it, or made of one.

    >>> [is_english(word) for word in ("flood", "Lisbon", "farmed", "floodplain", "buisness")]
    [True, True, True, True, False]
    """
    word = word.lower()
    return (
        _is_common(word)
        or any(_is_common(root) for root in _find_roots(word))
        or any(
            _is_common(word[i:]) and (word[:i] in BEGINNINGS or _is_common(word[:i]))
            for i in range(2, len(word) - SHORTEST_ROOT + 1)
            if i >= SHORTEST_ROOT or word[:i] in BEGINNINGS
        )
    )


def _is_common(word: str) -> bool:
    return find_rank(word) is not None or find_rank(word.capitalize()) is not None


def _find_roots(word: str) -> Iterator[str]:
    for ending in ENDINGS:
        root = word.removesuffix(ending)
        if root != word and len(root) >= SHORTEST_ROOT:
            yield from (root, f"{root}e", f"{root}y")
            if root[-1] == root[-2]:
                yield root[:-1]
