import json
from pathlib import Path
from typing import Any

import pytest

from rag.evaluate.questions import (
    Evidence,
    GivenPassage,
    TestQuestion,
    parse_question,
    read_questions,
)
from rag.records import Document, Turn

DOCUMENTS = {"treaty.md": Document("treaty.md", "Treaty", "It was signed\nin 1648. Then peace.")}


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_every_key_of_the_format_is_read() -> None:
    row = {
        "id": "q1",
        "question": "And when?",
        "history": [{"question": "What?", "answer": "A treaty."}],
        "answers": ["1648", "in 1648"],
        "evidence": [{"doc_id": "treaty.md", "quote": "in 1648"}, {"doc_id": "other.md"}],
        "passages": [{"title": "T", "text": "One."}, {"text": "Two."}],
        "kind": "follow-up",
    }
    assert parse_question(row) == TestQuestion(
        question_id="q1",
        question="And when?",
        history=(Turn("What?", "A treaty."),),
        answers=("1648", "in 1648"),
        evidence=(Evidence("treaty.md", "in 1648"), Evidence("other.md")),
        passages=(GivenPassage("T", "One."), GivenPassage("", "Two.")),
        kind="follow-up",
    )


@pytest.mark.parametrize(
    ("extra", "is_answerable"),
    [
        ({}, False),
        ({"answers": None, "evidence": []}, False),
        ({"passages": [{"text": "Some."}]}, False),
        ({"answers": ["yes"]}, True),
        ({"evidence": [{"doc_id": "treaty.md"}]}, True),
    ],
)
def test_answers_or_evidence_make_a_question_answerable(
    extra: dict[str, Any], is_answerable: bool
) -> None:
    assert parse_question({"id": "q", "question": "?", **extra}).is_answerable is is_answerable


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "?"}, "id must be there, got none"),
        ({"id": 3, "question": "?"}, "id must be text, got 3; put it in quotes"),
        ({"id": "q"}, "question must be there"),
        ({"id": "q", "question": "  "}, "question must not be blank"),
        ({"id": "q", "question": "?", "answers": "yes"}, "answers must be a list of texts"),
        ({"id": "q", "question": "?", "answers": [""]}, "answers must be texts that say something"),
        ({"id": "q", "question": "?", "answer": ["yes"]}, "did you mean 'answers'?"),
        ({"id": "q", "question": "?", "evidence": ["a"]}, "evidence must be a list of objects"),
        ({"id": "q", "question": "?", "evidence": [{}]}, "evidence: doc_id must be there"),
        ({"id": "q", "question": "?", "history": [{"question": "?"}]}, "history: answer must be"),
        ({"id": "q", "question": "?", "passages": [{"text": " "}]}, "passages: text must not be"),
    ],
)
def test_a_line_without_the_format_is_an_error_that_names_file_line_and_key(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    path = write_lines(tmp_path / "questions.jsonl", {"id": "first", "question": "?"}, row)
    with pytest.raises(ValueError, match=r"questions\.jsonl:2: ") as raised:
        read_questions(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_keys_of_ones_own_are_ignored(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "q.jsonl", {"id": "a", "question": "?", "author": "me"})
    assert read_questions(path) == [TestQuestion("a", "?")]


def test_an_id_used_twice_is_an_error_that_names_both_lines(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "q.jsonl", {"id": "a", "question": "?"}, {"id": "a", "question": "!"}
    )
    with pytest.raises(ValueError, match=r"q\.jsonl:2: id must be unique, got 'a', .* line 1"):
        read_questions(path)


def test_a_file_without_questions_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n\n")
    with pytest.raises(ValueError, match=r"no questions in .*q\.jsonl"):
        read_questions(path)


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        ({"doc_id": "missing.md"}, "doc_id must be a document of the corpus, got 'missing.md'"),
        ({"doc_id": "treaty.md", "quote": "in 1649"}, "quote must stand in 'treaty.md'"),
    ],
)
def test_evidence_that_is_not_in_the_corpus_is_an_error(
    tmp_path: Path, evidence: dict[str, str], message: str
) -> None:
    row = {"id": "a", "question": "?", "evidence": [evidence]}
    path = write_lines(tmp_path / "q.jsonl", row)
    with pytest.raises(ValueError, match=r"q\.jsonl:1: evidence: ") as raised:
        read_questions(path, find_document=DOCUMENTS.__getitem__)
    assert message in str(raised.value)
    assert read_questions(path)  # nothing is checked where the corpus is not known


def test_a_quote_may_break_its_lines_elsewhere(tmp_path: Path) -> None:
    evidence = {"doc_id": "treaty.md", "quote": "signed in 1648."}
    path = write_lines(tmp_path / "q.jsonl", {"id": "a", "question": "?", "evidence": [evidence]})
    [question] = read_questions(path, find_document=DOCUMENTS.__getitem__)
    assert question.evidence == (Evidence("treaty.md", "signed in 1648."),)


def test_a_rating_is_read_with_the_answer_that_was_wrong() -> None:
    row = {"id": "r1", "question": "When?", "rating": "down", "rejected": "In June."}
    question = parse_question(row)
    assert (question.rating, question.rejected) == ("down", "In June.")
    assert question.is_undecided
    assert not question.is_answerable


def test_a_rating_is_decided_once_the_right_answer_is_written_down() -> None:
    row = {"id": "r1", "question": "When?", "rating": "down", "rejected": "In June."}
    assert not parse_question({**row, "answers": ["In May"]}).is_undecided
    assert not parse_question({"id": "r2", "question": "Who?", "rating": "up"}).is_undecided


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"rating": "sideways"}, 'rating must be "up" or "down", got \'sideways\''),
        ({"rating": 1}, "rating must be text"),
        ({"rating": "down"}, "rejected must be there"),
        ({"rating": "down", "rejected": " "}, "rejected must be there"),
        ({"ratings": "up"}, "unknown key 'ratings'; did you mean 'rating'"),
    ],
)
def test_a_rating_that_says_nothing_is_refused(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_question({"id": "r1", "question": "When?", **more})
