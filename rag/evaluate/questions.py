"""Test questions: what is asked, what the right answer is, and where the documents say so."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rag.evaluate.json_lines import read_json_lines
from rag.evaluate.spans import find_quote
from rag.records import Document, Turn

KEYS = (
    *("id", "question", "history", "answers", "evidence", "passages", "kind"),
    *("rating", "rejected"),
)
RATINGS = ("", "up", "down")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer stands: a document, and the very words where they are known."""

    doc_id: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A passage that the question brings along; the answer is to rest on it alone."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """One question with what is known about its answer.

    ``answers`` are the right answers, each right by itself. Neither answers nor evidence means
    that the documents cannot answer it. Where ``passages`` are given, the generator gets exactly
    those and nothing is retrieved. ``kind`` names a group that is reported apart, such as
    "near miss"; empty for none. ``rating`` is what a person said of an answer to the question,
    "up" or "down", empty for none. After "down" the right answer may not be known yet: then
    ``rejected`` is the text of the answer that was wrong, and all that can be held against an
    answer.
    """

    __test__: ClassVar[bool] = False  # not a test case, whatever pytest makes of the name

    question_id: str
    question: str
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = field(default=())
    passages: tuple[GivenPassage, ...] = field(default=())
    kind: str = ""
    rating: str = ""
    rejected: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether the documents, or the passages given, are known to answer the question."""
        return bool(self.answers or self.evidence)

    @property
    def is_undecided(self) -> bool:
        """Whether it is not known if the documents answer it: only that an answer was wrong."""
        return self.rating == "down" and not self.is_answerable


def read_questions(
    path: str | Path, *, find_document: Callable[[str], Document] | None = None
) -> list[TestQuestion]:
    """Return the test questions of a file of JSON lines, in order.

    With ``find_document``, which raises ``LookupError`` or ``ValueError`` for an unknown id,
    every evidence is checked: its document is known, and its quote stands there. Keys that the
    format does not have are ignored, unless one looks like a misspelt key of the format.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if a line does not have the format, an id is used twice, evidence is not where
            it is said to be, or there are no questions.
    """
    questions: list[TestQuestion] = []
    line_of: dict[str, int] = {}
    for number, row in read_json_lines(Path(path)):
        try:
            question = parse_question(row)
            if find_document is not None:
                _check_evidence(question, find_document)
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
        if question.question_id in line_of:
            raise ValueError(
                f"{path}:{number}: id must be unique, got {question.question_id!r}, which is on "
                f"line {line_of[question.question_id]} too; rename one of them"
            )
        line_of[question.question_id] = number
        questions.append(question)
    if not questions:
        raise ValueError(
            f'no questions in {str(path)!r}: expected lines like {{"id": "q1", "question": …}}'
        )
    return questions


def parse_question(row: dict[str, Any]) -> TestQuestion:
    """Return the test question that an object of the file holds; ``null`` is as good as absent.

    Raises:
        ValueError: if the object does not have the format.
    """
    for key in row.keys() - KEYS:
        if meant := difflib.get_close_matches(key, KEYS, n=1, cutoff=0.75):
            raise ValueError(f"unknown key {key!r}; did you mean {meant[0]!r}?")
    question = TestQuestion(
        question_id=_text(row, "id"),
        question=_text(row, "question"),
        history=tuple(
            Turn(_text(turn, "question", "history: "), _text(turn, "answer", "history: "))
            for turn in _objects(row, "history")
        ),
        answers=tuple(_answers(row)),
        evidence=tuple(
            Evidence(
                _text(item, "doc_id", "evidence: "), _text(item, "quote", "evidence: ", default="")
            )
            for item in _objects(row, "evidence")
        ),
        passages=tuple(
            GivenPassage(
                _text(item, "title", "passages: ", default=""), _text(item, "text", "passages: ")
            )
            for item in _objects(row, "passages")
        ),
        kind=_text(row, "kind", default=""),
        rating=_text(row, "rating", default=""),
        rejected=_text(row, "rejected", default=""),
    )
    if question.rating not in RATINGS:
        raise ValueError(f'rating must be "up" or "down", got {question.rating!r}; or leave it out')
    if question.is_undecided and not question.rejected.strip():
        raise ValueError(
            'rejected must be there for a rating of "down" without answers and evidence, got '
            "none; write the text of the wrong answer, or the right one into answers"
        )
    return question


def _text(row: dict[str, Any], key: str, where: str = "", default: str | None = None) -> str:
    """Return the text under a key; without a default it must be there and say something."""
    value = row.get(key)
    if value is None and default is not None:
        return default
    if value is None:
        raise ValueError(f"{where}{key} must be there, got none; add it")
    if not isinstance(value, str):
        raise ValueError(f"{where}{key} must be text, got {value!r}; put it in quotes")
    if default is None and not value.strip():
        raise ValueError(f"{where}{key} must not be blank, got {value!r}; fill it in")
    return value


def _objects(row: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the list of objects under a key, empty where the key is absent."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"{key} must be a list of objects, got {value!r}; write [{{…}}]")
    return value


def _answers(row: dict[str, Any]) -> list[str]:
    """Return the right answers, empty where the key is absent."""
    value = row.get("answers")
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"answers must be a list of texts, got {value!r}; write [{value!r}]")
    for answer in value:
        if not isinstance(answer, str) or not answer.strip():
            raise ValueError(
                f"answers must be texts that say something, got {answer!r}; "
                "leave answers empty where the documents have none"
            )
    return value


def _check_evidence(question: TestQuestion, find_document: Callable[[str], Document]) -> None:
    """Raise unless every document of the evidence is known and every quote stands in it."""
    for evidence in question.evidence:
        try:
            document = find_document(evidence.doc_id)
        except (LookupError, ValueError):
            raise ValueError(
                f"evidence: doc_id must be a document of the corpus, got {evidence.doc_id!r}; "
                "write its path relative to the corpus"
            ) from None
        if evidence.quote.strip() and not find_quote(document.text, evidence.quote):
            raise ValueError(
                f"evidence: quote must stand in {evidence.doc_id!r}, got {evidence.quote!r}; "
                "copy it from there"
            )
