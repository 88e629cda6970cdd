"""Question → its content terms with their weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.index.lexical import find_terms
from rag.ingest.tokens import rarity

WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*%?")

# Function words and the words of asking: they say how a question is put, not what it is about.
FUNCTION_WORDS = """
    a about above after again against all also am an and another any anybody anyone anything are
    aren't around as at be because been before being below between both but by can can't cannot
    could couldn't did didn't do does doesn't doing don't done down during each either else etc
    even ever every few for from further get gets give given got had has hasn't have haven't having
    he her here hers him his how however i if in into is isn't it its itself just let may me might
    mine more most much must my neither no nor not of off on once one ones only or other others our
    ours out over own please rather same shall she should shouldn't since so some such tell than
    that the their theirs them themselves then there these they this those though through thus to
    too under until up upon us very was wasn't we were weren't what what's whatever when where
    whether which while who who's whom whose why will with within without won't would yet you your
    yours according ask asked explain know list mention mentioned question say said says show
    article articles
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())

CONTEXT = re.compile(r"\s*\(([^()]*)\)\s*$")
CONTEXT_WEIGHT = 0.4  # of a term carried over beside one that was asked with


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text; ``text[start:end]`` is how it is written there.

    ``stem`` is its form in the lexical index. ``weight``, from 0 to 1, says how much it tells.
    ``is_acronym`` says that it is in capitals, in a text that is not.
    """

    text: str
    start: int
    end: int
    stem: str
    weight: float
    is_acronym: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it holds a digit."""
        return any(character.isdigit() for character in self.text)

    @property
    def is_name(self) -> bool:
        """Whether it is written as a name: with a capital letter, or several."""
        return any(character.isupper() for character in self.text)


def read_terms(text: str) -> list[Term]:
    """Return all words of a text as terms, in order.

    >>> [(term.stem, round(term.weight, 1)) for term in read_terms("Khan's vehicles: 30%")]
    [('khan', 1.0), ('vehicl', 0.7), ('30', 1.0)]
    """
    is_shouted = text.isupper()
    return [
        Term(
            word,
            found.start(),
            found.end(),
            *describe_word(word),
            is_acronym=len(word) > 1 and word.isupper() and not is_shouted,
        )
        for found in WORD.finditer(text)
        for word in (found[0],)
    ]


@lru_cache(maxsize=100_000)
def describe_word(word: str) -> tuple[str, float]:
    """Return the stem of a word as the lexical index has it, and its weight."""
    bare = without_possessive(word).removesuffix("%")
    stems = find_terms(bare)
    return "".join(stems) or bare.casefold(), max(0.05, rarity(bare))


def without_possessive(word: str) -> str:
    """Return a word without the ``'s`` at its end."""
    return re.sub(r"['’]s$", "", word)


def read_stems(text: str) -> set[str]:
    """Return the stems of all words of a text.

    >>> sorted(read_stems("The drones, a drone"))
    ['a', 'drone', 'the']
    """
    return {term.stem for term in read_terms(text)}


def content_terms(question: str) -> list[Term]:
    """Return the terms of a question that say what it is about; all its terms if none does.

    >>> [term.text for term in content_terms("What share of new cars should be electric by 2030?")]
    ['share', 'new', 'cars', 'electric', '2030']
    """
    terms = read_terms(question)
    return [term for term in terms if is_content(term)] or terms


def name_terms(question: str) -> list[Term]:
    """Return the terms of a question that are names; its first word has a capital in any case.

    >>> [term.text for term in name_terms("Where did Khan meet Huaguan?")]
    ['Khan', 'Huaguan']
    """
    return [
        term
        for term in read_terms(question)
        if term.is_name and term.start > 0 and is_content(term)
    ]


def query_terms(query: str) -> list[Term]:
    """Return the content terms of a query; those of its context weigh less.

    >>> terms = query_terms("And by when? (Khan vehicles)")
    >>> [(term.text, round(term.weight, 1)) for term in terms]
    [('Khan', 0.4), ('vehicles', 0.3)]
    """
    question, context = split_context(query)
    own = [term for term in read_terms(question) if is_content(term)]
    offset = query.find(context, len(question)) if context else 0
    carried = [
        replace(
            term,
            start=term.start + offset,
            end=term.end + offset,
            weight=term.weight * CONTEXT_WEIGHT,
        )
        for term in read_terms(context)
        if is_content(term)
    ]
    return own + carried or read_terms(query)


def split_context(query: str) -> tuple[str, str]:
    """Return the question of a query and its context: what stands in brackets at its end.

    >>> split_context("And by when? (share cars)")
    ('And by when?', 'share cars')
    """
    found = CONTEXT.search(query)
    return (query[: found.start()], found[1]) if found else (query, "")


def matched_words(query: str, text: str) -> list[str]:
    """Return the words of a query that a text has in any form, as the query writes them, in order.

    Only words that say what the query is about; each once. Empty where the text has none.

    >>> matched_words("What share of electric cars is sold?", "Sales of electric vehicles: a car.")
    ['electric', 'cars']
    """
    found = set(find_terms(text))
    words = {
        term.stem: term.text
        for term in reversed(query_terms(query))
        if (parts := find_terms(term.text)) and found.issuperset(parts)
    }
    return list(reversed(words.values()))


def is_content(term: Term) -> bool:
    """Return whether a term tells what a text is about, rather than how it is put.

    >>> [is_content(term) for term in read_terms("Will the WHO tell us?")]
    [False, False, True, False, False]
    """
    word = term.text.lower().replace("’", "'")
    return term.is_acronym or without_possessive(word) not in STOP_WORDS
