"""What was said before a question → the articles in which it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.ingest.sentences import LIST_MARKS, find_sentences
from rag.records import Passage
from rag.retrieve.copies import normalize_text
from rag.retrieve.pointing import MARKS

N_SOUGHT = 5  # passages that share most words with what was said
FEWEST_WORDS = 4  # of a sentence that is known again; "They do." stands in many


class Readable(Protocol):
    """What is needed of an index to find what was said."""

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]: ...  # noqa: D102
    def passages(self, ids: Sequence[int]) -> list[Passage]: ...  # noqa: D102


def read_said(answer: str) -> str:
    """Return the words of an answer, with a space before and behind, to know its sentences by."""
    return f" {normalize_text(MARKS.sub(' ', answer))} "


def is_said(sentence: str, said: str) -> bool:
    """Return whether a sentence of an article stands in an answer, of which these are the words.

    >>> said = read_said("They do. [2] The **tram** runs at night. [1]")
    >>> is_said("The *tram* runs at night.", said), is_said("They do.", said)
    (True, False)
    """
    mark = LIST_MARKS.match(sentence)
    words = normalize_text(sentence[mark.end() :] if mark else sentence)
    return words.count(" ") + 1 >= FEWEST_WORDS and f" {words} " in said


def find_articles(index: Readable, answer: str) -> set[str]:
    """Return the ``doc_id`` of each article with a sentence that an answer says word for word.

    A language model says it in its own words, so that none is found.
    """
    said = read_said(answer)
    near = index.passages([number for number, _ in index.search_lexical(answer, N_SOUGHT)])
    return {
        passage.doc_id
        for passage in near
        if any(is_said(passage.text[slice(*span)], said) for span in find_sentences(passage.text))
    }
