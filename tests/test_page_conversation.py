import threading
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.page import wording
from rag.page.conversation import (
    View,
    ask_at,
    converse,
    draw_welcome,
    fail,
    open_source,
    repeat,
    settle,
)
from rag.page.history import read_history, read_question
from rag.page.loading import Loading
from rag.records import Turn
from tests.fakes import WordEncoder
from tests.fakes_page import Quoting, quoting_bot

RISE = "When does the river rise?"
OLD = "How old is the wood?"


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    loading = Loading(lambda tell: quoting_bot(tmp_path, tell))
    loading.wait()
    return loading


def ask(loading: Loading, question: str, view: View | None = None) -> View:
    before = view or View([], ())
    *_, last = converse(loading, question, before.messages, before.exchanges)
    return last


def last_text(view: View) -> str:
    return str(view.messages[-1]["content"][0]["text"])


def test_an_answer_is_shown_with_its_sources(loading: Loading) -> None:
    view = ask(loading, RISE)
    assert read_history(view.messages) == [Turn(RISE, "The river rises in May. [1]")]
    assert [exchange.turn for exchange in view.exchanges] == [1]
    assert view.panel is not None
    assert '<mark class="cited">The river rises in May.</mark>' in view.panel
    assert view.query == RISE


def test_the_question_is_there_before_the_answer(loading: Loading) -> None:
    first, *_ = converse(loading, RISE, [], ())
    assert read_question(first.messages[0]) == RISE
    assert wording.THINKING in last_text(first)


def test_a_follow_up_knows_what_was_said(loading: Loading) -> None:
    ask(loading, OLD, ask(loading, RISE))
    generator = loading.chatbot().generator
    assert isinstance(generator, Quoting)
    assert generator.asked[1][2] == (Turn(RISE, "The river rises in May. [1]"),)


def test_an_older_answer_keeps_its_own_sources(loading: Loading) -> None:
    view = ask(loading, OLD, ask(loading, RISE))
    first = open_source(loading, "cite-1-1 1", view.exchanges)
    second = open_source(loading, "cite-2-1 2", view.exchanges)
    assert 'id="cited">The river rises in May.</mark>' in first
    assert "Boats &lt;wait&gt; &amp; watch." in first
    assert 'id="cited">The wood is old.</mark>' in second


def test_all_sources_and_nearest_passages_can_be_opened(loading: Loading) -> None:
    view = ask(loading, "abstain about the river")
    assert wording.NEAREST in open_source(loading, "cards-1", view.exchanges)
    assert 'id="cited"' in open_source(loading, "near-1-1", view.exchanges)


@pytest.mark.parametrize("target", ["cite-9-1", "cite-1-9", "near-1-9", "x", "<b>", ""])
def test_a_source_that_is_not_there_is_one_sentence(loading: Loading, target: str) -> None:
    view = ask(loading, RISE)
    assert wording.SOURCE_GONE in open_source(loading, target, view.exchanges)


def test_an_article_that_is_gone_is_shown_as_it_was_cited(loading: Loading, tmp_path: Path) -> None:
    view = ask(loading, RISE)
    (tmp_path / "corpus" / "river.md").unlink()
    Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder())
    loading.chatbot().refresh()
    assert [row.doc_id for row in loading.chatbot().documents()] == ["wood.md"]
    panel = open_source(loading, "cite-1-1", view.exchanges)
    assert wording.CHANGED in panel
    assert 'id="cited">The river rises in May.</mark>' in panel


@pytest.mark.parametrize("question", ["", "  \n\t"])
def test_a_blank_question_is_met_with_one_sentence(loading: Loading, question: str) -> None:
    (view,) = converse(loading, question, [], ())
    assert wording.BLANK in last_text(view)
    assert len(view.messages) == 1


def test_a_question_that_is_too_long_is_refused_and_not_repeated(loading: Loading) -> None:
    (view,) = converse(loading, "x" * 1_000_000, [], ())
    assert "1,000,000 characters, and 2,000 are the most" in last_text(view)
    assert len(read_question(view.messages[0])) == 300


def test_a_hostile_question_is_shown_as_text(loading: Loading) -> None:
    view = ask(loading, "<img src=x onerror=alert(1)> When does the river rise?")
    assert view.panel is not None
    for html in (str(view.messages[0]["content"]), last_text(view), view.panel):
        assert "<img" not in html


def test_a_question_during_the_warm_up_waits_and_says_so(tmp_path: Path) -> None:
    gate = threading.Event()

    def load(tell: object) -> Chatbot:
        gate.wait()
        return quoting_bot(tmp_path)

    views = converse(Loading(load), RISE, [], ())
    assert wording.WAITING in last_text(next(views))
    assert wording.WAITING in last_text(next(views))
    gate.set()
    *_, last = views
    assert read_history(last.messages) == [Turn(RISE, "The river rises in May. [1]")]


def test_a_corpus_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    loading = Loading(lambda tell: Chatbot.from_corpus(tmp_path / "none", encoder=WordEncoder()))
    view = ask(loading, RISE)
    assert "The articles cannot be read" in last_text(view)
    assert view.exchanges == ()
    assert draw_welcome(loading).count("<li>") == 0


def test_the_last_question_is_asked_again_with_other_words(loading: Loading) -> None:
    view = ask(loading, OLD, ask(loading, RISE))
    *_, again = repeat(loading, view.messages, view.exchanges, "river May")
    assert again.query == "river May"
    assert read_history(again.messages) == [
        Turn(RISE, "The river rises in May. [1]"),
        Turn(OLD, "The river rises in May. [1]"),
    ]
    assert [exchange.turn for exchange in again.exchanges] == [1, 3]


def test_nothing_is_asked_again_before_a_question_or_without_words(loading: Loading) -> None:
    *_, early = repeat(loading, [], (), "river")
    assert wording.NOTHING_TO_REPEAT in last_text(early)
    view = ask(loading, RISE)
    *_, blank = repeat(loading, view.messages, view.exchanges, " ")
    assert wording.BLANK in last_text(blank)
    assert blank.exchanges == view.exchanges


def test_an_edited_question_drops_what_came_after_it(loading: Loading) -> None:
    view = ask(loading, OLD, ask(loading, RISE))
    *_, edited = ask_at(loading, view.messages, view.exchanges, 0, question=OLD)
    assert read_history(edited.messages) == [Turn(OLD, "The wood is old. [1]")]
    assert [exchange.turn for exchange in edited.exchanges] == [3]


def test_a_retry_asks_the_same_question(loading: Loading) -> None:
    view = ask(loading, RISE)
    *_, again = ask_at(loading, view.messages, view.exchanges, 0)
    assert read_history(again.messages) == read_history(view.messages)


def test_a_stopped_answer_stays_as_far_as_it_came(loading: Loading) -> None:
    views = converse(loading, "slow river", [], ())
    first = next(views)
    partly = next(views)
    stopped = settle(first.messages, first.exchanges)
    assert stopped is not None
    assert wording.STOPPED in last_text(stopped)
    assert len(stopped.messages) == len(first.messages)
    assert settle(partly.messages, partly.exchanges) is None


def test_what_has_ended_is_left_alone(loading: Loading) -> None:
    assert settle([], ()) is None
    for question in (RISE, "", "x" * 3_000):
        view = ask(loading, question)
        assert settle(view.messages, view.exchanges) is None


def test_a_bug_is_one_sentence_and_the_conversation_goes_on(loading: Loading) -> None:
    view = ask(loading, RISE)
    views = converse(loading, "fail", view.messages, view.exchanges)
    shown = next(views)
    with pytest.raises(RuntimeError, match="a bug of the generator"):
        list(views)
    failed = fail(shown.messages, shown.exchanges)
    assert last_text(failed) == f'<p class="note" role="status">{wording.UNEXPECTED}</p>'
    assert len(failed.messages) == 4
    assert failed.exchanges == view.exchanges
    assert read_history(ask(loading, OLD, failed).messages)[-1] == Turn(OLD, "The wood is old. [1]")


def test_the_articles_of_the_index_are_the_welcome(loading: Loading) -> None:
    assert draw_welcome(loading).count('<span class="title">') == 2
