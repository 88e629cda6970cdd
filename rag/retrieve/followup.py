"""Question and history → the standalone query, without a language model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.sentences import find_sentences
from rag.records import Turn
from rag.retrieve.pointing import SAYS_NOTHING, resolve_name
from rag.retrieve.scope import carry_topic, read_scope, resolve_object
from rag.retrieve.terms import Term, content_terms, is_content, name_terms, read_stems, read_terms

N_CARRIED = 12  # terms; with 30, or with the whole last turn, mtrag_un is no better
N_NAMES = 2  # of earlier questions: what it is all about is seldom said again; 4 is no better
N_PASTED = 40  # words before a question that are no part of it
CARRIED_WEIGHT = 0.5  # of the carried query beside the question as it is; 0.3 and 0.7 are worse

# Words that point back: who reads the question alone does not know at what.
POINTING = re.compile(
    r"\b(?:he|she|it|they|them|him|his|her|hers|its|their|theirs|this|that|these|those|there"
    r"|ones?|former|latter|same|such|else|others?|another|more|then|instead|too|both|either"
    r"|event|deal)\b",
    re.IGNORECASE,
)
# In a list "companies that make drones" points nowhere.
POINTING_IN_LIST = re.compile(
    r"\b(?:it|they|them|his|her|hers|its|their|theirs|these|those|former|latter|same|such|others?)\b",
    re.IGNORECASE,
)
CONTINUING = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what about|how about|why|really|because|since when|by when"
    r"|are you sure)\b",
    re.IGNORECASE,
)


def write_query(question: str, history: Sequence[Turn] = ()) -> str:
    """Return the question as it can stand alone: with what it leaves out of the last turn.

    A question that neither points back nor continues is returned as it is. To any other, the
    content terms of the last question and of its answer that it lacks are added in brackets, and
    the names of the questions before.

    >>> write_query("And by when?", [Turn("What share of cars should be electric?", "30% [1].")])
    'And by when? (share cars electric 30%)'
    >>> write_query("Who founded the Lahore Museum?", [Turn("What is BYD?", "A company. [1]")])
    'Who founded the Lahore Museum?'
    """
    question, history, _ = _take_out(question, history)
    return carry_over(question, history) if is_dependent(question) else question


def write_queries(question: str, history: Sequence[Turn] = ()) -> list[tuple[str, float]]:
    """Return the weighted forms of a question to retrieve with: as it is, and with what it lacks.

    Both count, so that a change of subject is not drowned by what was spoken of before. The
    carried form helps questions that stand alone too: what follows in a conversation is mostly
    about the same things.
    """
    question, history, _ = _take_out(question, history)
    carried = carry_over(question, history)
    if carried == question:
        return [(question, 1.0)]
    return [(question, 1 - CARRIED_WEIGHT), (carried, CARRIED_WEIGHT)]


def find_said(question: str, history: Sequence[Turn]) -> str:
    """Return the answer that a question follows up on; empty for one that stands alone."""
    return _take_out(question, history)[2]


def split_paste(text: str) -> tuple[str, str]:
    """Return what was pasted before a question, and the question; mostly nothing and all of it.

    A paragraph and a question about something else behind it is found by the question.

    >>> split_paste("The bridge is old. " * 12 + "What is a tram?")[1]
    'What is a tram?'
    >>> split_paste("The bridge is old. How old?")
    ('', 'The bridge is old. How old?')
    """
    *_, (start, end) = [(0, 0), *find_sentences(text)]
    said = text[:start].strip()
    if len(said.split()) < N_PASTED or not text[start:end].endswith("?") or "?" in said:
        return "", text
    return said, text[start:end]


def _take_out(question: str, history: Sequence[Turn]) -> tuple[str, Sequence[Turn], str]:
    """Return the question, the history, and the answer that it follows up on, maybe empty.

    What was pasted before the question is the last turn, whose answer is empty.
    A question that has its name from the last turn stands alone, without history; one that names
    another object for the last question takes that question's place.
    """
    pasted, question = split_paste(question)
    if pasted:
        history = [*history, Turn(pasted, "")]
    if not history:
        return question, history, ""
    last = history[-1]
    if (resolved := resolve_name(question, last)) is not None:
        return resolved, (), last.answer
    if (resolved := resolve_object(question, last)) is not None:
        return resolved, history[:-1] if is_dependent(last.question) else (), last.answer
    return question, history, last.answer if is_dependent(question) else ""


def is_dependent(question: str) -> bool:
    """Return whether a question needs what was said before to be understood.

    A question that counts articles says what they are searched for.

    >>> [is_dependent(text) for text in ("What about drones?", "Who is the mayor of Lyon?")]
    [True, False]
    >>> is_dependent("And which articles mention drones?"), is_dependent("List all companies.")
    (False, False)
    """
    scope = read_scope(question)
    if scope is not None:
        continues = CONTINUING.search(question) or POINTING_IN_LIST.search(question)
        return scope.asks == "list" and continues is not None
    n_content = sum(is_content(term) for term in content_terms(question))
    return (
        n_content <= 1
        or CONTINUING.search(question) is not None
        or POINTING.search(question) is not None
    )


def carry_over(question: str, history: Sequence[Turn]) -> str:
    """Return the question with what it lacks of the last turn, in brackets, and earlier names."""
    if not history:
        return question
    last = history[-1]
    if (counting := carry_topic(question, last)) is not None:
        return counting
    sources = [content_terms(last.question)]
    if not SAYS_NOTHING.search(last.answer):
        sources.append(read_terms(re.sub(r"\[\d+\]", "", last.answer)))
    seen = read_stems(question)
    carried = take_new([term for terms in sources for term in terms], seen, N_CARRIED)
    names = [term for turn in reversed(history[:-1]) for term in name_terms(turn.question)]
    carried += take_new(names, seen, N_NAMES)
    return f"{question} ({' '.join(carried)})" if carried else question


def take_new(terms: Sequence[Term], seen: set[str], n: int) -> list[str]:
    """Return the first ``n`` content terms whose stem has not been seen, and see them."""
    taken: list[str] = []
    for term in terms:
        if len(taken) < n and is_content(term) and term.stem not in seen:
            seen.add(term.stem)
            taken.append(term.text)
    return taken
