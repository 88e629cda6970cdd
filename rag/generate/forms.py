"""Question and history → the query that they stand for, and the forms to retrieve with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rag.records import Generator, Turn
from rag.retrieve.followup import CARRIED_WEIGHT, write_queries, write_query
from rag.retrieve.question import check_question


@runtime_checkable
class QueryWriter(Protocol):
    """A generator with a language model, which writes the query of a follow-up, too."""

    def write_query(self, question: str, history: Sequence[Turn]) -> str:
        """Return the query, empty where there is none to be had."""
        ...


def write_forms(
    question: str,
    history: Sequence[Turn],
    query: str | None = None,
    generator: Generator | None = None,
) -> tuple[str, list[tuple[str, float]]]:
    """Return the query that the question stands for, and the weighted forms to retrieve with.

    A ``query`` that is given is both. A generator with a language model writes the query of a
    follow-up; where it cannot, as for any other generator, it is made of the words before.
    """
    if query is not None:
        check_question(query)
        return query, [(query, 1.0)]
    if isinstance(generator, QueryWriter):
        written = generator.write_query(question, history)
        if written:  # beside the question as it is: a model may have misunderstood
            return written, [(question, 1 - CARRIED_WEIGHT), (written, CARRIED_WEIGHT)]
    return write_query(question, history), write_queries(question, history)
