from dataclasses import replace
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.page import wording
from rag.page.sources import Exchange
from rag.page.suggestions import read_candidates, suggest, suggest_first, suggest_next
from rag.records import Document, Encoder, Turn
from tests.fakes_page import make_answer, quoting_bot

CORPUS = Path(__file__).parent.parent / "corpus"
SHARE = "What share of new vehicle sales should be electric by 2030?"


@pytest.fixture(scope="module")
def bot(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    return Chatbot.from_corpus(CORPUS, folder=tmp_path_factory.mktemp("index"), encoder=encoder)


def ask(bot: Chatbot, *questions: str) -> tuple[list[Exchange], list[Turn]]:
    exchanges: list[Exchange] = []
    history: list[Turn] = []
    for turn, question in enumerate(questions, start=1):
        answer = bot.ask(question, history=history)
        exchanges.append(Exchange(turn, question, answer))
        history.append(Turn(question, answer.text))
    return exchanges, history


def questions_of(text: str, title: str = "T") -> list[str]:
    sections, _ = read_candidates(Document("a.md", title, text))
    return [each.question for each in sections]


def test_a_heading_becomes_a_question() -> None:
    about = "What do the articles say about {}?"
    text = (
        "# The river\n\nIt is long, with a bridge.\n\n## The bridge\n\nOld.\n\n"
        "## Why it matters\n\nTrade.\n\n## Who pays?\n\nAll.\n\n## Mill Lane:\n\nNarrow."
    )
    assert questions_of(text, "The river") == [
        about.format("the bridge"),
        "Why it matters?",
        "Who pays?",
        about.format("Mill Lane"),
    ]


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("MAKING AN ESPRESSO", "making an espresso"),
        ("MEMBERS OF NATO", "members of NATO"),
        ("VISITORS FROM ROME", "visitors from Rome"),
        ("NATO", "NATO"),
    ],
)
def test_a_heading_in_capitals_is_written_in_small_letters_but_for_names(
    heading: str, topic: str
) -> None:
    text = f"# {heading}\n\nAn espresso is small. Rome is in NATO."
    assert questions_of(text) == [f"What do the articles say about {topic}?"]


@pytest.mark.parametrize(
    "heading", ["Introduction", "References", "2024", "Results and methods", "x" * 61, "T"]
)
def test_a_heading_that_is_about_nothing_is_passed_over(heading: str) -> None:
    passed = questions_of(f"# {heading}\n\nText.") == []
    assert passed is (heading != "Results and methods")


def test_an_empty_section_is_passed_over() -> None:
    assert questions_of("# Rivers\n\n## The sea\n\nText.") == [
        "What do the articles say about the sea?"
    ]


def test_a_name_that_is_explained_becomes_a_question() -> None:
    text = "Then Ahsan Iqbal, the minister for planning, spoke. Huaguan, a company, paid."
    _, names = read_candidates(Document("a.md", "T", text))
    assert [each.question for each in names] == [
        "Who or what is Ahsan Iqbal?",
        "Who or what is Huaguan?",
    ]
    assert text[names[1].start : names[1].end] == "Huaguan, a company, paid."


def test_what_is_suggested_has_an_answer_that_says_something_new(bot: Chatbot) -> None:
    exchanges, history = ask(bot, SHARE)
    suggested = suggest_next(bot, exchanges, history)
    assert len(set(suggested)) == 3
    said = {citation.quote for citation in exchanges[0].answer.citations}
    for question in suggested:
        answer = bot.ask(question, history=history)
        assert not answer.abstained
        assert {citation.quote for citation in answer.citations} - said


def test_what_was_asked_is_not_suggested_again(bot: Chatbot) -> None:
    exchanges, history = ask(bot, SHARE)
    first = suggest_next(bot, exchanges, history)[0]
    exchanges, history = ask(bot, SHARE, first)
    assert first not in suggest_next(bot, exchanges, history)


def test_a_refusal_is_followed_by_what_the_nearest_articles_do_say(bot: Chatbot) -> None:
    exchanges, history = ask(bot, "Who won the football world cup in 1998?")
    assert exchanges[0].answer.abstained
    assert suggest_next(bot, exchanges, history)


def test_there_are_questions_to_begin_with_from_several_articles(bot: Chatbot) -> None:
    first = suggest_first(bot, n=2)
    assert len(first) == 2
    for question, row in zip(first, bot.documents(), strict=True):
        assert row.doc_id in {c.passage.doc_id for c in bot.ask(question).citations}


def test_nothing_is_suggested_where_the_chatbot_refuses(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    text = "# Notes\n\nThe rise.\n\n## Things to abstain from\n\nThe fall was slow."
    (tmp_path / "corpus" / "a.md").write_text(text, "utf-8")
    bot = quoting_bot(tmp_path)
    assert suggest(bot, ["a.md"]) == []
    assert suggest(bot, ["gone.md"]) == []


def test_before_the_first_question_there_is_nothing_next(bot: Chatbot) -> None:
    assert suggest_next(bot, [], []) == []
    unknown = Exchange(1, "Who?", replace(make_answer(), citations=(), hits=()))
    assert suggest_next(bot, [unknown], []) == []


def test_the_words_are_those_of_the_page() -> None:
    assert wording.ABOUT_NAME.count("{name}") == 1
    assert wording.ABOUT_HEADING.count("{heading}") == 1
