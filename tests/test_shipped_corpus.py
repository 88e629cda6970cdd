"""Laws of the folder ``corpus/``: the articles that ship, and the test questions about them."""

import json
import re
from pathlib import Path
from typing import Any

import frontmatter
import pytest

CORPUS = Path(__file__).parent.parent / "corpus"
BODIES = {
    path.name: frontmatter.loads(path.read_text(encoding="utf-8")).content
    for path in sorted(CORPUS.glob("*.md"))
}
QUESTIONS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERABLE = [row for row in QUESTIONS if "answers" in row]


def test_two_articles_ship() -> None:
    assert len(BODIES) == 2


@pytest.mark.parametrize("doc_id", BODIES)
def test_front_matter_has_title_and_source_and_nothing_unknown(doc_id: str) -> None:
    fields = frontmatter.loads((CORPUS / doc_id).read_text(encoding="utf-8")).metadata
    assert {"title", "source"} <= fields.keys() <= {"title", "source", "url", "author", "date"}
    assert all(fields.values())


@pytest.mark.parametrize("doc_id", BODIES)
def test_article_has_a_lead_and_then_sections(doc_id: str) -> None:
    lead, *sections = re.split(r"^## ", BODIES[doc_id], flags=re.MULTILINE)
    assert lead.strip()
    assert len(sections) >= 3
    assert all(len(section.strip().splitlines()) > 1 for section in sections)


def test_file_names_are_kebab_case() -> None:
    assert [name for name in BODIES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.md", name)] == []


def test_question_ids_are_unique() -> None:
    ids = [row["id"] for row in QUESTIONS]
    assert sorted(set(ids)) == sorted(ids)


def test_no_question_is_asked_twice() -> None:
    asked = [json.dumps([row["question"], row.get("history", [])]) for row in QUESTIONS]
    assert sorted(set(asked)) == sorted(asked)


def test_keys_are_only_the_allowed_ones() -> None:
    for row in QUESTIONS:
        allowed = {"id", "question", "history", "answers", "evidence", "kind"}
        assert {"id", "question"} <= row.keys() <= allowed, row["id"]
        assert all(turn.keys() == {"question", "answer"} for turn in row.get("history", []))
        assert all(span.keys() == {"doc_id", "quote"} for span in row.get("evidence", []))


def test_every_text_is_a_stripped_string_that_is_not_empty() -> None:
    for row in QUESTIONS:
        texts = [row["id"], row["question"], *row.get("answers", [])]
        texts += [text for turn in row.get("history", []) for text in turn.values()]
        texts += [text for span in row.get("evidence", []) for text in span.values()]
        assert all(isinstance(text, str) and text and text == text.strip() for text in texts), row


def test_answers_and_evidence_come_together_and_optional_lists_are_not_empty() -> None:
    for row in QUESTIONS:
        assert ("answers" in row) == ("evidence" in row), row["id"]
        assert all(row[key] for key in ("history", "answers", "evidence") if key in row), row["id"]


def test_every_quote_stands_verbatim_in_its_article() -> None:
    missing = [
        (row["id"], span["doc_id"], span["quote"])
        for row in ANSWERABLE
        for span in row["evidence"]
        if span["quote"] not in BODIES.get(span["doc_id"], "")
    ]
    assert missing == []


def test_a_gold_answer_stands_in_a_quote() -> None:
    for row in ANSWERABLE:
        quotes = [span["quote"].lower() for span in row["evidence"]]
        assert any(gold.lower() in quote for gold in row["answers"] for quote in quotes), row["id"]


def test_first_letter_of_an_id_tells_the_kind_of_question() -> None:
    for row in QUESTIONS:
        kind = "f" if "history" in row else "a" if "answers" in row else "no"
        assert row["id"][0] in kind, row["id"]


def test_every_article_is_asked_about() -> None:
    assert {span["doc_id"] for row in ANSWERABLE for span in row["evidence"]} == BODIES.keys()


def test_there_are_enough_questions_of_every_kind() -> None:
    alone = [row for row in QUESTIONS if "history" not in row]
    follow_ups = [row for row in QUESTIONS if "history" in row]
    unanswerable = [row for row in alone if "answers" not in row]
    near_misses = [row for row in unanswerable if row["id"].startswith("n")]
    assert len(alone) - len(unanswerable) >= 35
    assert len(unanswerable) >= 15
    assert 2 * len(near_misses) >= len(unanswerable)
    assert len(follow_ups) >= 10
    assert any("answers" not in row for row in follow_ups)
