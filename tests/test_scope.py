import time

import pytest

from rag.retrieve.scope import Scope, read_scope


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which articles mention drones?", "drones"),
        ("which of the articles talk about the State Bank", "State Bank"),
        ("In which documents is “net zero” mentioned?", "net zero"),
        ("What articles are about China's role?", "China's role"),
        ("Find all articles on Huaguan.", "Huaguan"),
        ("List the articles that mention BYD and Chery", "BYD and Chery"),
        ("Which articles mention the village of Saltby?", "Saltby"),
        ("Which articles mention the year 2026?", "2026"),
        ("Which articles mention both drones and cars?", "drones and cars"),
        ("Which articles mention the company?", "company"),
    ],
)
def test_which_articles_are_asked_for_in_many_ways(question: str, topic: str) -> None:
    assert read_scope(question) == Scope("which", topic)


@pytest.mark.parametrize(
    "question",
    [
        "How many articles are there?",
        "What are the articles about?",
        "Summarise the articles",
        "Could you please sum up all of the documents?",
        "tl;dr",
        "Give me an overview",
        "a short summary of your files, please",
        "What topics do you cover?",
        "What do the articles say?",
        "What is this folder about?",
        "whats in here",
        "What can I ask you?",
    ],
)
def test_what_there_is_at_all_is_asked_in_many_ways(question: str) -> None:
    assert read_scope(question) == Scope("all", "")


@pytest.mark.parametrize(
    "question",
    [
        "How many articles mention drones?",
        "How many of these articles are about drones?",
        "How many articles are there about drones?",
        "In how many articles do drones appear?",
    ],
)
def test_how_many_articles_is_a_question_about_all_of_them(question: str) -> None:
    assert read_scope(question) == Scope("how many", "drones")


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("List the companies.", "companies"),
        ("Please list all companies that make drones", "companies that make drones"),
        ("Name all the banks", "banks"),
        ("Give me a list of the targets", "targets"),
        ("Which companies are mentioned in the articles?", "companies"),
        ("Which people are named?", "people"),
    ],
)
def test_a_list_is_asked_for_in_many_ways(question: str, topic: str) -> None:
    assert read_scope(question) == Scope("list", topic)


@pytest.mark.parametrize(
    "question",
    [
        "How many companies will attend?",
        "What do the articles say about drones?",
        "Summarise the article about drones.",
        "Give me an overview of the policy.",
        "What can I ask the minister?",
        "What does he know?",
        "Which article of the constitution was amended?",
        "Name the minister of planning",
        "How do I reverse a list in Python?",
        "Which articles mention it?",
        "What is mentioned?",
        "",
    ],
)
def test_a_question_about_what_the_articles_say_has_no_scope(question: str) -> None:
    assert read_scope(question) is None


def test_a_long_question_is_read_as_fast_as_it_is_long() -> None:
    """A pattern that tries every way to cut a text takes four times as long for twice of it."""

    def seconds(n: int) -> float:
        start = time.perf_counter()
        for text in ("which articles mention ", "list all the ", "in how many texts is a "):
            read_scope(text * n)
        return time.perf_counter() - start

    assert min(seconds(1600) for _ in range(3)) < 40 * min(seconds(100) for _ in range(3)) + 0.05
