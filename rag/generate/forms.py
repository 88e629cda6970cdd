"""Question and history → the query that they stand for, and the forms to retrieve with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rag.records import Generator, Turn
from rag.retrieve.followup import CARRIED_WEIGHT, find_said, write_queries, write_query
from rag.retrieve.question import check_question


@runtime_checkable
class QueryWriter(Protocol):
    """A generator with a language model, which writes the query of a follow-up, too."""

    def write_query(self, question: str, history: Sequence[Turn]) -> str:
        """Return the query, empty where there is none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class Forms:
    """The query that a question stands for, and what to retrieve with.

    ``weighted`` are the forms with their weights, ``said`` is the answer that it follows up on.
    """

    query: str
    weighted: list[tuple[str, float]]
    said: str = ""


def write_forms(
    question: str,
    history: Sequence[Turn],
    query: str | None = None,
    generator: Generator | None = None,
) -> Forms:
    """Return the query that the question stands for, and the weighted forms to retrieve with.

    A ``query`` that is given is both, whatever was said before. A generator with a language model
    writes the query of a follow-up; where it cannot, as for any other generator, it is made of the
    words before.
    """
    if query is not None:
        check_question(query)
        return Forms(query, [(query, 1.0)])
    said = find_said(question, history)
    if isinstance(generator, QueryWriter):
        written = generator.write_query(question, history)
        if written:  # beside the question as it is: a model may have misunderstood
            weighted = [(question, 1 - CARRIED_WEIGHT), (written, CARRIED_WEIGHT)]
            return Forms(written, weighted, said)
    return Forms(write_query(question, history), write_queries(question, history), said)
