import json
from dataclasses import replace

from rag.export import answer_to_json
from rag.page import wording
from rag.page.conversations import SavedExchange
from rag.page.transcript import name_file, write_json, write_markdown
from rag.records import Answer
from tests.fakes_page import make_answer, refusal
from tests.test_export import find_document

WHEN = "2026-11-21 20:00 UTC"


def saved(turn: int, question: str, answer: Answer) -> SavedExchange:
    return SavedExchange(turn, question, answer_to_json(question, answer, find_document), "e1")


EXCHANGES = [saved(1, "When does it rise?", make_answer()), saved(2, "Who knows?", refusal())]


def test_markdown_has_questions_answers_and_sources() -> None:
    assert write_markdown("The river", WHEN, EXCHANGES, {}) == (
        "# The river\n\n"
        f"*Answers from articles, by Footnote. Saved {WHEN}.*\n\n"
        "## When does it rise?\n\n"
        "The river rises in May. [1]\n\n"
        "Sources:\n\n"
        "- [1] The river, The Gazette, 2024-05-01 (`river.md`): “The river rises in May.”\n\n"
        "## Who knows?\n\n"
        "*The articles do not say.*\n"
    )


def test_a_source_that_has_changed_says_so() -> None:
    text = write_markdown("The river", WHEN, EXCHANGES, {1: [1]})
    assert f"“The river rises in May.” ({wording.EXPORT_CHANGED})" in text
    told = json.loads(write_json("The river", WHEN, EXCHANGES, {1: [1]}))
    assert told["exchanges"][0]["citations"][0]["changed"] is True


def test_json_has_all_that_is_behind_an_answer() -> None:
    told = json.loads(write_json("The river", WHEN, EXCHANGES, {}))
    assert told["title"] == "The river"
    first, second = told["exchanges"]
    assert first["question"] == "When does it rise?"
    assert first["edition"] == "e1"
    assert first["citations"][0] == {
        **EXCHANGES[0].answer["citations"][0],
        "changed": False,
    }
    assert first["hits"] == EXCHANGES[0].answer["hits"]
    assert second["abstained"] is True


def test_a_list_stays_a_list_and_a_notice_is_told() -> None:
    answer = replace(make_answer(), text="- One. [1]\n- Two. [1]\nThree.", notices=("Old.",))
    text = write_markdown("T", WHEN, [saved(1, "Which?", answer)], {})
    assert "\n\n- One. [1]\n- Two. [1]\n\nThree.\n\n> Old.\n\nSources:" in text


def test_what_markdown_or_html_would_read_is_only_text() -> None:
    hostile = "<img src=x> [go](javascript:alert(1)) ![i](http://x) `code` **bold** | 1. x"
    text = write_markdown("# T", WHEN, [saved(1, hostile, make_answer())], {})
    assert text.startswith("# \\# T\n")
    (line,) = [line for line in text.splitlines() if "img" in line]
    assert line == (
        "## \\<img src=x> \\[go\\](javascript:alert(1)) !\\[i\\](http://x) \\`code\\` "
        "\\*\\*bold\\*\\* \\| 1. x"
    )


def test_a_file_has_a_name_that_every_system_takes() -> None:
    assert name_file("../../etc/passwd", "md") == "etc passwd.md"
    assert name_file("???", "json") == "Footnote.json"
    assert name_file("Wie hoch? Über 3 m!", "md") == "Wie hoch Über 3 m.md"
    assert len(name_file("x" * 500, "md")) == 63
