"""What can be asked: a text of a bounded length, from so many passages."""

from __future__ import annotations

MAX_QUESTION = 2_000  # characters; more is a document, not a question
N_HITS = 5  # passages to answer from


def check_question(question: str) -> None:
    """Raise a ``ValueError``, or a ``TypeError``, unless the question can be asked."""
    if not isinstance(question, str):
        raise TypeError(f"question must be a str, got {type(question).__name__}")
    if not question.strip():
        raise ValueError("question must not be blank; type what you want to know")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise ValueError("question must be text, got bytes that are not UTF-8; type it again")
    if len(question) > MAX_QUESTION:
        raise ValueError(
            f"question must have at most {MAX_QUESTION:,} characters, got {len(question):,}; "
            "ask for one thing at a time"
        )
