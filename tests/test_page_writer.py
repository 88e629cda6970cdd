from pathlib import Path

import pytest

from rag.page.conversation import converse, repeat
from rag.page.history import read_history
from rag.page.loading import Loading
from rag.page.writer import WRITERS, find_language_model, pick_generator
from tests.fakes_page import quoting_bot

MODEL, EXTRACTIVE = WRITERS


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    loading = Loading(lambda tell: quoting_bot(tmp_path, tell))
    loading.wait()
    return loading


def test_the_choice_picks_the_generator(loading: Loading) -> None:
    bot = loading.chatbot()
    assert pick_generator(bot, EXTRACTIVE) is bot.extractive
    for other in (MODEL, None, "someone else"):
        assert pick_generator(bot, other) is bot.generator


def test_an_answer_is_written_by_whom_the_person_chose(loading: Loading) -> None:
    question = "When does the river rise?"
    *_, view = converse(loading, question, [], (), writer=MODEL)
    assert view.exchanges[-1].answer.generator == loading.chatbot().generator.name
    *_, again = repeat(loading, view.messages, view.exchanges, "river rises May", EXTRACTIVE)
    assert again.exchanges[-1].answer.generator == "extractive"
    assert len(read_history(again.messages)) <= 1


def test_without_options_and_environment_there_is_no_model_to_choose() -> None:
    assert find_language_model({}) is None
    assert find_language_model({"OPENAI_API_KEY": "secret"}) is None
    model = find_language_model({}, "http://localhost:1/v1", "small")
    assert model is not None
    assert model.title == "small"
