import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.page import wording
from rag.page.conversation import View, converse
from rag.page.conversations import FILE, Conversations, make_token, name_owner
from rag.page.history import read_history
from rag.page.keeping import Keeping, list_changed
from rag.page.loading import Loading
from rag.page.seats import Seat
from rag.records import Turn
from tests.fakes import WordEncoder
from tests.fakes_page import quoting_bot

RISE = "When does the river rise?"
OLD = "How old is the wood?"
ANN, BOB = name_owner(make_token(), None), name_owner(make_token(), None)


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    loading = Loading(lambda tell: quoting_bot(tmp_path, tell))
    loading.wait()
    return loading


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(Conversations(tmp_path / "kept"))


def talk(keeping: Keeping, loading: Loading, *questions: str, name: str = "a") -> View:
    view = View([], ())
    for question in questions:
        views = converse(loading, question, view.messages, view.exchanges)
        *_, view = keeping.keep(loading, Seat(ANN, name), views)
    return view


def test_a_conversation_is_drawn_again_as_it_was(keeping: Keeping, loading: Loading) -> None:
    view = talk(keeping, loading, RISE, "abstain about the river", OLD)
    again = keeping.open(loading, Seat(ANN, "a"))
    assert again == view
    assert read_history(again.messages)[0] == Turn(RISE, "The river rises in May. [1]")


def test_another_server_draws_it_too_and_another_person_does_not(
    keeping: Keeping, loading: Loading, tmp_path: Path
) -> None:
    view = talk(keeping, loading, RISE)
    other = Keeping(Conversations(tmp_path / "kept"))
    assert other.open(loading, Seat(ANN, "a")) == view
    assert other.open(loading, Seat(BOB, "a")).messages == []
    assert RISE in other.draw_list(Seat(ANN, "a"))
    assert RISE not in other.draw_list(Seat(BOB, "a"))


def test_what_was_stopped_or_left_is_kept_as_far_as_it_came(
    keeping: Keeping, loading: Loading
) -> None:
    views = keeping.keep(loading, Seat(ANN, "a"), converse(loading, "slow river", [], ()))
    for view in views:
        if view.exchanges and "Word 2" in view.exchanges[-1].answer.text:
            break
    views.close()
    (turn,) = read_history(keeping.open(loading, Seat(ANN, "a")).messages)
    assert turn == Turn("slow river", "Word 2")


def test_a_bug_in_an_answer_keeps_what_was_before(keeping: Keeping, loading: Loading) -> None:
    view = talk(keeping, loading, RISE)
    views = converse(loading, "fail", view.messages, view.exchanges)
    with pytest.raises(RuntimeError, match="a bug of the generator"):
        list(keeping.keep(loading, Seat(ANN, "a"), views))
    assert keeping.open(loading, Seat(ANN, "a")) == view


def test_no_conversation_begins_without_an_answer(keeping: Keeping, loading: Loading) -> None:
    talk(keeping, loading, " ")
    assert keeping.latest(ANN) == ""
    assert wording.NO_CONVERSATIONS in keeping.draw_list(Seat(ANN, ""))


def test_a_citation_of_an_article_that_changed_says_so(
    keeping: Keeping, loading: Loading, tmp_path: Path
) -> None:
    talk(keeping, loading, RISE, OLD)
    river = tmp_path / "corpus" / "river.md"
    river.write_text(river.read_text("utf-8").replace("in May", "in March"), "utf-8")
    Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder())
    loading.chatbot().refresh()
    view = keeping.open(loading, Seat(ANN, "a"))
    changed = wording.CITED_CHANGED.format(numbers="[1]")
    assert [changed in str(message) for message in view.messages] == [False, True, False, False]
    assert list_changed(loading, view.exchanges) == {1: [1], 2: []}
    assert "The river rises in May." in str(view.messages[1])


def test_an_article_that_is_gone_keeps_its_outlet_in_what_is_exported(
    keeping: Keeping, loading: Loading, tmp_path: Path
) -> None:
    talk(keeping, loading, RISE)
    (tmp_path / "corpus" / "river.md").unlink()
    Chatbot.from_corpus(tmp_path / "corpus", encoder=WordEncoder())
    loading.chatbot().refresh()
    view = keeping.open(loading, Seat(ANN, "a"))
    (saved,) = keeping.exported(loading, Seat(ANN, "a"), view.exchanges)
    assert saved.answer["citations"][0]["source"] == "The Gazette"
    (unsaved,) = keeping.exported(loading, Seat(BOB, "a"), view.exchanges)
    assert unsaved.answer["citations"][0]["title"] == "The river"
    assert unsaved.answer["citations"][0]["source"] == ""
    keeping.save(loading, Seat(BOB, "b"), view.exchanges)
    assert keeping.trouble == ""
    assert len(keeping.open(loading, Seat(BOB, "b")).exchanges) == 1


def test_conversations_are_there_before_the_articles_are(
    keeping: Keeping, loading: Loading, tmp_path: Path
) -> None:
    talk(keeping, loading, RISE)
    failed = Loading(lambda tell: Chatbot.from_corpus(tmp_path / "none", encoder=WordEncoder()))
    failed.wait()
    view = Keeping(Conversations(tmp_path / "kept")).open(failed, Seat(ANN, "a"))
    assert read_history(view.messages) == [Turn(RISE, "The river rises in May. [1]")]


def test_a_kept_answer_of_another_format_is_one_sentence(
    keeping: Keeping, loading: Loading, tmp_path: Path
) -> None:
    talk(keeping, loading, RISE, OLD)
    with closing(sqlite3.connect(tmp_path / "kept" / FILE)) as connection:
        connection.execute("UPDATE exchange SET answer = '{}' WHERE turn = 1")
        connection.commit()
    view = keeping.open(loading, Seat(ANN, "a"))
    assert wording.ANSWER_DAMAGED in str(view.messages[1])
    assert "The wood is old." in str(view.messages[3])


def test_a_disk_that_takes_nothing_costs_no_answer_and_is_told(
    loading: Loading, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be", "utf-8")
    keeping = Keeping(Conversations(tmp_path / "kept"))
    view = talk(keeping, loading, RISE)
    assert len(view.exchanges) == 1
    assert "not being kept" in keeping.draw_list(Seat(ANN, "a"))
    assert keeping.open(loading, Seat(ANN, "a")).messages == []


def test_the_list_marks_the_open_one_and_escapes_titles(keeping: Keeping, loading: Loading) -> None:
    talk(keeping, loading, "<b>river</b> rises?", name="a")
    talk(keeping, loading, OLD, name="b")
    keeping.rename(Seat(ANN, "b"), 'Wood "&" wolves')
    html = keeping.draw_list(Seat(ANN, "b"))
    assert "<b>" not in html
    assert html.count('class="talk here"') == 1
    assert html.index("Wood &quot;&amp;&quot; wolves") < html.index("&lt;b&gt;river")
    assert 'id="talk-open-a"' in html
    assert 'id="talk-delete-b"' in html
    assert keeping.title(Seat(ANN, "b")) == 'Wood "&" wolves'
    keeping.delete(ANN, "b")
    assert "Wood" not in keeping.draw_list(Seat(ANN, "a"))
