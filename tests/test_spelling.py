from collections.abc import Sequence

import pytest

from rag.index.lexical import LexicalIndex
from rag.ingest.split import embedded_text, split_document
from rag.records import Document, Passage
from rag.retrieve.spelling import MOST, Mended, is_english, mend

TEXT = (
    "Drones of the firm Huaguan help where floods and earthquakes have been. Vehicles are sold. "
    "Conference business, environmental policy, phlogiston. The cities of Lahore and Marion. "
    "Trails lead there; a trial was held. Weather is wet in the haven. Pleurobrachia bachei swims."
)


class Words:
    """An index of one text, whose searches are counted."""

    def __init__(self, text: str) -> None:
        self.found = split_document(Document("words", "", text))
        self.index = LexicalIndex.build(enumerate(map(embedded_text, self.found)))
        self.n_searches = 0

    def search_lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        self.n_searches += 1
        return self.index.search(query, k)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        return [self.found[number] for number in ids]

    def document_frequency(self, words: Sequence[str]) -> dict[str, int]:
        return self.index.document_frequency(words)


WORDS = Words(TEXT)


def knows(word: str) -> bool:
    return False


def read(word: str, index: Words = WORDS, *, opens: bool = False) -> str:
    """What a word is read as, empty where it stays."""
    question = word if opens else f"the {word}"
    mended = mend(question, index, knows)
    return "" if mended.question == question else mended.words[0][1]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dronse", "drones"),  # two letters exchanged; not "drone", which is not there
        ("vehicels", "vehicles"),
        ("buisness", "business"),
        ("enviromental", "environmental"),  # one less
        ("earthquaakes", "earthquakes"),  # one more
        ("confarence", "conference"),  # another
        ("flod", "flood"),  # a form of what is there
        ("philogiston", "phlogiston"),  # which general English has not, but the article
        ("pleuobrachia", "pleurobrachia"),
        ("Huaguann", "Huaguan"),
        ("Lahoore", "Lahore"),
    ],
)
def test_an_error_of_typing_is_read_as_what_the_articles_have(typed: str, meant: str) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "drone",  # the articles have it
        "flight",  # a word
        "Lisbon",
        "farmed",
        "floodplain",
        "weathers",
        "fight",
        "conferrence1",
        "DRONSE",
        "trams",
        "zqzqzqzq",
        "hte",  # too short
        "Marian",  # a name that another letter makes another
        "Lahora",
        "Maron",  # a short name
        "phlogistan's",
        "phlogistán",
        "havent",
        "wheer",  # "where": what asks is not to be mended, nor read as "wheel"
    ],
)
def test_what_is_right_or_cannot_be_told_stays(word: str) -> None:
    assert read(word) == ""


def test_a_name_is_not_read_as_a_word_unless_it_opens_the_question() -> None:
    assert read("Polict") == ""
    assert read("Polict", opens=True) == "Policy"
    assert read("polict") == "policy"


def test_what_the_encoder_has_as_a_word_stays() -> None:
    assert mend("the Dronse", WORDS, lambda word: word == "dronse") == Mended("the Dronse")


def test_of_two_that_may_be_meant_one_must_be_ten_times_as_frequent() -> None:
    passages = "# Debate\n\nA debate was held.\n\n" * 10
    assert read("deabte", Words(passages)) == "debate"
    rare = "# End\n\nDeath came.\n\n"
    assert read("deate", Words(passages + rare)) == "debate"
    assert read("deate", Words(passages + rare * 2)) == ""


def test_a_question_is_mended_word_by_word_and_says_so() -> None:
    mended = mend("How can dronse help Huaguann after a flod?", WORDS, knows)
    assert mended == Mended(
        "How can drones help Huaguan after a flood?",
        (("dronse", "drones"), ("Huaguann", "Huaguan"), ("flod", "flood")),
    )
    assert mended.notices == (
        "“dronse” is read as “drones”.",
        "“Huaguann” is read as “Huaguan”.",
        "“flod” is read as “flood”.",
    )


def test_a_question_without_errors_costs_no_search() -> None:
    words = Words(TEXT)
    question = "Why do farmers in Lisbon need 3.5 drones, Müller's or 天?"
    assert mend(question, words, knows) == Mended(question)
    assert Mended(question).notices == ()
    assert words.n_searches == 0


def test_a_question_with_many_words_that_english_has_not_stays() -> None:
    german = "Welche Zwecke verfolgen Gesetze, Verordnungen und Richtlinien?"
    assert mend(german, WORDS, knows) == Mended(german)
    assert len(mend("dronse " * MOST, WORDS, knows).words) == MOST
    assert mend("dronse " * (MOST + 1), WORDS, knows).words == ()


def test_an_index_without_passages_mends_nothing() -> None:
    assert mend("dronse?", Words(""), knows) == Mended("dronse?")


@pytest.mark.parametrize("word", ["batteries", "Tuesday", "underfunded", "cheapest", "hovering"])
def test_a_word_made_of_an_english_one_is_english(word: str) -> None:
    assert is_english(word)
