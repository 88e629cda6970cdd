import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rag.evaluate import read_questions
from rag.page.feedback import FILE, keep_question, make_question
from rag.page.sources import Exchange
from rag.records import Document, Turn
from tests.fakes_page import RIVER, WOOD, make_answer, refusal

DOCUMENTS = {"river.md": Document("river.md", "The river", RIVER)}
DOCUMENTS["wood.md"] = Document("wood.md", "The wood", WOOD)
RISE = Exchange(3, "When does it rise?", make_answer())
NOTHING: dict[str, Document] = {}
SAID = [Turn("What of the river?", "It is long. [1]")]


def find_document(doc_id: str) -> Document:
    return DOCUMENTS[doc_id]


def test_a_right_answer_becomes_a_question_with_its_evidence() -> None:
    row = make_question(RISE, SAID, "up", "c", find_document)
    assert row.pop("id").startswith("rated-")
    assert row == {
        "question": "When does it rise?",
        "rating": "up",
        "history": [{"question": "What of the river?", "answer": "It is long. [1]"}],
        "answers": ["The river rises in May."],
        "evidence": [{"doc_id": "river.md", "quote": "The river rises in May."}],
    }


def test_a_wrong_answer_becomes_a_question_that_knows_only_this() -> None:
    row = make_question(RISE, [], "down", "c", find_document)
    assert row.pop("id")
    assert row == {
        "question": "When does it rise?",
        "rating": "down",
        "rejected": "The river rises in May.",
    }


def test_a_right_refusal_is_a_question_that_the_articles_do_not_answer(tmp_path: Path) -> None:
    row = make_question(Exchange(1, "Who knows?", refusal()), [], "up", "c", find_document)
    keep_question(tmp_path / FILE, row)
    (question,) = read_questions(tmp_path / FILE)
    assert not question.is_answerable
    assert not question.is_undecided


def test_a_wrong_refusal_is_not_taken_for_unanswerable(tmp_path: Path) -> None:
    row = make_question(Exchange(1, "Who knows?", refusal()), [], "down", "c", find_document)
    keep_question(tmp_path / FILE, row)
    (question,) = read_questions(tmp_path / FILE)
    assert question.is_undecided
    assert question.rejected == "The articles do not say."


def test_what_is_kept_is_read_as_test_questions(tmp_path: Path) -> None:
    for rating, name in (("up", "a"), ("down", "b")):
        keep_question(tmp_path / FILE, make_question(RISE, SAID, rating, name, find_document))
    up, down = read_questions(tmp_path / FILE, find_document=find_document)
    assert up.answers == ("The river rises in May.",)
    assert up.history == (Turn("What of the river?", "It is long. [1]"),)
    assert down.is_undecided


def test_a_second_thought_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / FILE
    for rating in ("up", "down", "up"):
        keep_question(path, make_question(RISE, [], rating, "c", find_document))
    keep_question(path, make_question(replace(RISE, turn=4), [], "down", "c", find_document))
    assert [question.rating for question in read_questions(path)] == ["up", "down"]


def test_lines_that_a_person_wrote_stay_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    mine = '{"id":  "q1", "question": "Wie?",   "note": "ü"}\n\n{"id": "q2", "question": "Who?"}'
    path.write_bytes(mine.encode())
    keep_question(path, make_question(RISE, [], "up", "c", find_document))
    assert path.read_bytes().startswith(mine.encode() + b"\n")
    keep_question(path, make_question(RISE, [], "down", "c", find_document))
    assert path.read_bytes().startswith(mine.encode() + b"\n")
    assert len(read_questions(path)) == 3


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n", "utf-8")
    with pytest.raises(ValueError, match="must be JSON"):
        keep_question(path, make_question(RISE, [], "up", "c", find_document))
    assert path.read_text("utf-8") == "dear diary\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["notes.txt", "notes.txt.lock"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("", "utf-8")
    (tmp_path / FILE).symlink_to(tmp_path / "real.jsonl")
    keep_question(tmp_path / FILE, make_question(RISE, [], "up", "c", find_document))
    assert (tmp_path / FILE).is_symlink()
    assert len(read_questions(tmp_path / "real.jsonl")) == 1


def test_many_ratings_at_once_lose_none(tmp_path: Path) -> None:
    def rate(turn: int) -> None:
        row = make_question(replace(RISE, turn=turn), [], "up", "c", find_document)
        keep_question(tmp_path / FILE, row)

    threads = [threading.Thread(target=rate, args=(turn,)) for turn in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_questions(tmp_path / FILE)) == 12


@pytest.mark.parametrize(
    "text", ["Another text, as long as the first one was, or longer still.", ""]
)
def test_an_answer_from_what_is_not_in_the_corpus_is_no_test(text: str) -> None:
    def find_changed(doc_id: str) -> Document:
        return Document(doc_id, "The river", text)

    with pytest.raises(ValueError, match="not in the corpus"):
        make_question(RISE, [], "up", "c", find_changed)
    with pytest.raises(ValueError, match="not in the corpus"):
        make_question(RISE, [], "up", "c", NOTHING.__getitem__)
    assert make_question(RISE, [], "down", "c", NOTHING.__getitem__)["rating"] == "down"


def test_a_lone_surrogate_is_kept(tmp_path: Path) -> None:
    odd = replace(RISE, question="Wh\ud800?")
    keep_question(tmp_path / FILE, make_question(odd, [], "up", "c", find_document))
    assert json.loads((tmp_path / FILE).read_text("utf-8"))["question"] == "Wh\ud800?"
