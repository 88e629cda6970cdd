"""Laws of the questions that were written for this project, to learn from and to test with."""

import sys
from pathlib import Path
from typing import Any

import pytest

from rag.evaluate import read_questions
from rag.ingest.files import read_corpus
from rag.records import Document
from rag.retrieve.followup import write_query

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "training"))
sys.path.append(str(ROOT / "benchmarks"))

from data_sets import FIRST, MORE, read_parts, read_written  # noqa: E402
from examples import with_passages  # noqa: E402

TESTED = ROOT / "benchmarks" / "written"
PARTS = (FIRST, *MORE)
LEARNT: dict[str, str] = {row["_id"]: row["text"] for row in read_parts("articles.jsonl", PARTS)}
QUESTIONS: list[dict[str, Any]] = read_parts("questions.jsonl", PARTS)
FOLLOW_UPS: list[dict[str, Any]] = read_parts("follow_ups.jsonl", PARTS)


def test_what_answers_stands_in_the_article_and_the_first_answer_in_it() -> None:
    for row in (*QUESTIONS, *FOLLOW_UPS):
        if "answers" in row:
            assert row["evidence"] in LEARNT[row["article"]], row["id"]
            assert row["answers"][0] in row["evidence"], row["id"]
        else:
            assert row.keys() - {"history"} == {"id", "article", "question"}


def test_follow_ups_have_a_history_that_tells_what_the_article_says() -> None:
    for row in FOLLOW_UPS:
        assert row["history"], row["id"]
        for turn in row["history"]:
            said = " ".join(LEARNT[row["article"]].split())
            assert " ".join(turn["answer"].split()) in said, row["id"]
    assert not any("history" in row for row in QUESTIONS)


def test_ids_are_unique_and_articles_have_questions_of_both_kinds() -> None:
    rows = [*QUESTIONS, *FOLLOW_UPS]
    assert len({row["id"] for row in rows}) == len(rows)
    for article in LEARNT:
        kinds = {("answers" in row, "history" in row) for row in rows if row["article"] == article}
        assert len(kinds) == 4, article


def test_a_question_is_learnt_with_the_passage_that_answers_it() -> None:
    examples = list(with_passages("written", read_written(parts=PARTS)))
    answerable = [example for example in examples if example.is_answerable]
    assert len(answerable) == sum("answers" in row for row in QUESTIONS)
    assert all(example.spans and example.support for example in answerable)
    assert {example.group for example in examples} == LEARNT.keys()
    assert all(example.context for example in examples)


def test_a_follow_up_is_learnt_as_the_program_reads_it() -> None:
    readings = read_written("follow_ups.jsonl", PARTS)
    examples = list(with_passages("follow_ups", readings))
    answerable = [example for example in examples if example.is_answerable]
    assert len(answerable) == sum("answers" in row for row in FOLLOW_UPS)
    asked = {r.identity: write_query(r.question, r.history) for r in readings}
    assert all(e.question == asked[e.identity.rpartition("-")[0]] for e in examples)
    assert sum(query.endswith(")") for query in asked.values()) > 0.9 * len(readings)


@pytest.mark.parametrize(
    ("part", "n", "n_answerable"),
    [
        ("dev", 360, 216),
        ("test", 360, 216),
        ("names", 190, 142),
        ("topics", 144, 96),
        ("others", 68, 54),
        ("pronouns", 101, 88),
        ("closed", 240, 144),
        ("follow_ups", 336, 192),
        ("several", 96, 48),
    ],
)
def test_the_test_questions_are_about_articles_that_nothing_was_learnt_from(
    part: str, n: int, n_answerable: int
) -> None:
    articles = {d.doc_id: d for d in read_corpus(TESTED / "articles") if isinstance(d, Document)}
    asked = read_questions(TESTED / f"{part}.jsonl", find_document=articles.__getitem__)
    assert len(asked) == n
    assert sum(question.is_answerable for question in asked) == n_answerable
    assert not LEARNT.keys() & {name.removesuffix(".md") for name in articles}
    assert not set(LEARNT.values()) & {article.text for article in articles.values()}
