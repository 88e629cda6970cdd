"""All about a subject is told where that is asked, from sentences that speak of it."""

import pytest

from rag.generate.evidence import find_hit_sentences
from rag.generate.topics import find_topic, tell_about
from rag.ingest.split import make_passage
from rag.records import Document, Hit

TEXT = (
    "Again no tram left the depot on Thursday. The drivers of Brannholt have been on strike since "
    "Tuesday. Konrad Fehlhaber, the managing director, wants more time. He offered eight minutes. "
    "The mayor is silent. Fehlhaber has three children."
)


def tell(question: str, text: str = TEXT, title: str = "Tram strike") -> list[str]:
    passage = make_passage(Document("a", title, text), 0, len(text))
    return [s.text for s in tell_about(question, find_hit_sentences(Hit(passage, 1.0, 1)))]


@pytest.mark.parametrize(
    "question",
    [
        "Tell me about trams.",
        "Could you please tell me about trams?",
        "What do the articles say about trams?",
        "What does the article say about trams",
        "What do you know about trams?",
        "What is said about trams?",
        "Is there anything about trams?",
        "anything on trams",
        "Give me some information on trams, please.",
        "What can you tell me about trams?",
        "Can you give me an overview of trams?",
        "I'd like to hear about trams.",
        "What's the latest on trams?",
        "Describe trams.",
        "Summarize the article about trams.",
        "What is the article about trams about?",
    ],
)
def test_the_ways_in_which_people_ask_all_about_a_subject(question: str) -> None:
    topic = find_topic(question)
    assert topic is not None
    assert topic.text == "trams"
    assert topic.is_of_article == ("article about" in question)


@pytest.mark.parametrize(
    "question",
    [
        "What did the minister say about trams?",
        "Tell me about it.",
        "Tell me about how trams are built.",
        "Tell me who built the trams.",
        "What do trams cost?",
        "What was the source of the tram strike?",
        "What are the articles about?",
        "Tell me about " + "long " * 50 + "trams.",
    ],
)
def test_other_questions_ask_for_a_fact(question: str) -> None:
    assert find_topic(question) is None
    assert tell(question) == []


def test_a_person_is_told_about_by_what_names_them_and_what_follows() -> None:
    assert tell("Tell me about Konrad Fehlhaber.") == [
        "Konrad Fehlhaber, the managing director, wants more time.",
        "He offered eight minutes.",
        "Fehlhaber has three children.",
    ]


def test_of_an_article_the_first_sentences_are_told() -> None:
    assert tell("Summarize the article about the tram strike.") == [
        "Again no tram left the depot on Thursday.",
        "The drivers of Brannholt have been on strike since Tuesday.",
        "Konrad Fehlhaber, the managing director, wants more time.",
    ]


def test_a_title_may_name_the_subject() -> None:
    assert tell("What do you know about the Kelvora?", title="The Kelvora")[0].startswith("Again")


@pytest.mark.parametrize("subject", ["drones", "the tram museum", "Konrad Weidlich"])
def test_nothing_is_told_where_nothing_speaks_of_all_of_it(subject: str) -> None:
    assert tell(f"Tell me about {subject}.") == []
    assert tell(f"Summarize the article about {subject}.") == []
