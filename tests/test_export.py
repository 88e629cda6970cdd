import json

from rag.export import answer_to_json
from rag.records import Document
from tests.fakes_page import ROWS, make_answer, refusal


def find_document(doc_id: str) -> Document:
    row = ROWS[doc_id]
    return Document(doc_id, row.title, "", source=row.source, published=row.published)


def test_an_answer_is_told_with_its_citations() -> None:
    told = answer_to_json("When?", make_answer(), find_document)
    assert told["answer"] == "The river rises in May. [1]"
    assert told["citations"] == [
        {
            "number": 1,
            "doc_id": "river.md",
            "title": "The river",
            "source": "The Gazette",
            "published": "2024-05-01",
            "heading": "The river",
            "start": 13,
            "end": 36,
            "quote": "The river rises in May.",
        }
    ]
    assert json.loads(json.dumps(told)) == told


def test_hits_are_told_with_their_text_and_ranks() -> None:
    answer = make_answer()
    (told, *_) = answer_to_json("When?", answer, find_document)["hits"]
    assert told["rank"] == 1
    assert told["text"] == answer.hits[0].passage.text


def test_a_refusal_is_told_without_citations() -> None:
    told = answer_to_json("Who?", refusal(), find_document, ["The index was rebuilt."])
    assert told["abstained"] is True
    assert told["citations"] == []
    assert told["notices"] == ["The index was rebuilt.", *refusal().notices]
