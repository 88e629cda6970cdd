import pytest

from rag.records import Turn
from rag.retrieve.followup import find_said, write_query
from rag.retrieve.said import find_articles, is_said, read_said
from tests.test_retriever import Shelf, passage

ANSWER = "The **red** tram runs at night. [1] They do. [2]"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The red tram runs at night.", True),
        ("- The *red* tram\nruns at night", True),
        ("The red tram runs at nightfall.", False),
        ("red tram runs at", True),
        ("They do.", False),
        ("", False),
    ],
    ids=["as it stands", "layout", "a longer word", "a part", "too short to tell", "nothing"],
)
def test_a_sentence_is_known_again_word_for_word(sentence: str, expected: bool) -> None:
    assert is_said(sentence, read_said(ANSWER)) is expected


def test_articles_are_those_that_hold_a_sentence_of_the_answer() -> None:
    shelf = Shelf(
        [
            passage("It is old. The red tram runs at night. It is loud.", doc_id="tram.md"),
            passage("The red tram never runs at night in Graz.", doc_id="other.md"),
            passage("They do.", doc_id="short.md"),
        ]
    )
    assert find_articles(shelf, ANSWER) == {"tram.md"}
    assert find_articles(shelf, "In other words, trams run all night. [1]") == set()
    assert find_articles(shelf, "") == set()


def test_a_question_that_stands_alone_follows_up_on_nothing() -> None:
    history = [Turn("What runs?", "The bus. [1]"), Turn("And at night?", ANSWER)]
    assert find_said("And by when?", history) == ANSWER
    assert find_said("Who founded the museum of Lahore?", history) == ""
    assert find_said("And by when?", ()) == ""


def test_what_was_pasted_is_followed_up_on_and_not_the_answer_before() -> None:
    pasted = "The bridge is old. " * 12 + "What does that mean?"
    assert find_said(pasted, [Turn("What runs?", ANSWER)]) == ""


def test_who_was_named_is_asked_of_alone_and_the_article_spoken_of_counts() -> None:
    history = [Turn("Who called?", "Ana Reis called from the town hall. [1]")]
    assert write_query("Who is she?", history) == "Who is Ana Reis?"
    assert find_said("Who is she?", history) == history[0].answer
