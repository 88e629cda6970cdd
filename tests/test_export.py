import json
from dataclasses import replace
from typing import Any

import pytest

from rag.export import answer_from_json, answer_to_json
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
            "passage_id": "river.md:0",
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


def test_an_answer_comes_back_from_json_as_it_was() -> None:
    for answer in (make_answer(), refusal(), replace(make_answer(), notices=("Note.",))):
        told = json.loads(json.dumps(answer_to_json("When?", answer, find_document)))
        assert answer_from_json(told) == answer


def test_a_citation_of_what_is_no_hit_comes_back_with_its_quote() -> None:
    answer = replace(make_answer(), hits=())
    back = answer_from_json(answer_to_json("When?", answer, find_document))
    assert back.citations[0].quote == "The river rises in May."
    assert back.citations[0].start == 13


@pytest.mark.parametrize("row", [{}, {"answer": "x"}, {"hits": 7}, {"hits": [{}]}])
def test_what_is_no_answer_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="answer must be as answer_to_json writes it"):
        answer_from_json(row)
