"""Own articles of people who are at the page at the same time, with real indexes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.page.desk import Desk, Desks
from rag.page.loading import Loading
from rag.page.offered import Offered
from tests.fakes_page import quoting_bot

LAKE = "Pike live in the lake."
MOON = "The moon is far."


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    bot = quoting_bot(tmp_path)
    return Loading(lambda tell: bot)


@pytest.fixture
def desks(tmp_path: Path, loading: Loading) -> Iterator[Desks]:
    (tmp_path / "own").mkdir()
    desks = Desks(loading, tmp_path / "own")
    yield desks
    desks.close()


def offer(tmp_path: Path, text: str, name: str = "mine.md") -> list[Offered]:
    path = tmp_path / name
    path.write_text(text)
    return [Offered(path, name)]


def sources(desk: Desk, question: str) -> list[str]:
    return [each.passage.doc_id for each in desk.chatbot().ask(question).citations]


def found(desk: Desk, question: str) -> set[str]:
    return {hit.passage.doc_id for hit in desk.chatbot().retrieve(question, k=10)}


def test_without_own_articles_everybody_asks_the_same_chatbot(desks: Desks) -> None:
    assert desks.at("ann").chatbot() is desks.loading.chatbot()
    assert desks.at(None).chatbot() is desks.loading.chatbot()
    assert desks.at("ann").n_own == 0
    assert desks.at("ann").own is None


def test_own_articles_answer_beside_those_of_everybody(tmp_path: Path, desks: Desks) -> None:
    (outcome,) = desks.add("ann", offer(tmp_path, LAKE))
    assert outcome.relative == "yours/mine.md"
    ann = desks.at("ann")
    assert ann.n_own == 1
    assert sources(ann, "Where do pike live?") == ["yours/mine.md"]
    assert sources(ann, "How old is the wood?") == ["wood.md"]
    assert [row.doc_id for row in ann.chatbot().documents()] == [
        "river.md",
        "wood.md",
        "yours/mine.md",
    ]
    assert ann.chatbot().document("yours/mine.md").text == LAKE


def test_a_corpus_with_a_folder_of_that_name_is_not_hidden(tmp_path: Path, desks: Desks) -> None:
    (tmp_path / "corpus" / "yours").mkdir()
    (tmp_path / "corpus" / "yours" / "mine.md").write_text(MOON)
    quoting_bot(tmp_path)
    desks.loading.chatbot().refresh()
    desks.add("ann", offer(tmp_path, LAKE))
    ann = desks.at("ann")
    assert sources(ann, "Where do pike live?") == ["yours-/mine.md"]
    assert sources(ann, "How far is the moon?") == ["yours/mine.md"]


def test_only_own_articles_answer_where_that_is_wanted(tmp_path: Path, desks: Desks) -> None:
    desks.add("ann", offer(tmp_path, LAKE))
    ann = desks.at("ann")
    ann.only_own = True
    assert found(ann, "wood river lake") == {"yours/mine.md"}
    ann.only_own = False
    assert found(ann, "wood river lake") == {"yours/mine.md", "river.md", "wood.md"}


def test_nobodys_articles_answer_somebody_else(tmp_path: Path, desks: Desks) -> None:
    desks.add("ann", offer(tmp_path, LAKE))
    desks.add("ben", offer(tmp_path, MOON))
    desks.at("ben").only_own = True
    everything = "pike lake moon far wood river"
    assert found(desks.at("cat"), everything) == {"river.md", "wood.md"}
    assert found(desks.at("ben"), everything) == {"yours/mine.md"}
    texts = {hit.passage.text for hit in desks.at("ann").chatbot().retrieve(everything, k=10)}
    assert LAKE in texts
    assert MOON not in texts
    assert desks.at("ben").chatbot().document("yours/mine.md").text == MOON


def test_many_people_at_once_get_their_own(tmp_path: Path, desks: Desks) -> None:
    wrong: list[str] = []

    def visit(name: str) -> None:
        text = f"The password of {name} is {name}{name}."
        desks.add(name, offer(tmp_path, text, f"{name}.md"))
        for _ in range(5):
            answer = desks.at(name).chatbot().ask(f"What is the password of {name}?")
            if not answer.text.startswith(text):
                wrong.append(f"{name}: {answer.text}")

    threads = [threading.Thread(target=visit, args=[name]) for name in ("ann", "ben", "cat")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_removed_answers_no_more(tmp_path: Path, desks: Desks) -> None:
    desks.add("ann", offer(tmp_path, LAKE))
    desks.add("ann", offer(tmp_path, MOON, "moon.md"))
    ann = desks.at("ann")
    ann.remove("yours/mine.md")
    assert found(ann, "pike lake moon") == {"yours/moon.md", "river.md", "wood.md"}
    ann.remove("yours/moon.md")
    assert ann.chatbot() is desks.loading.chatbot()
    with pytest.raises(ValueError, match="not added on this page"):
        desks.at("ben").remove("yours/moon.md")


def test_what_was_asked_first_goes_on_with_newer_articles_of_all(
    tmp_path: Path, desks: Desks
) -> None:
    desks.add("ann", offer(tmp_path, LAKE))
    bot = desks.at("ann").chatbot()
    (tmp_path / "corpus" / "hill.md").write_text("The hill has snow.")
    quoting_bot(tmp_path)
    bot.refresh()
    assert sources(desks.at("ann"), "Has the hill snow?") == ["hill.md"]


def test_who_leaves_takes_the_articles_along(tmp_path: Path, loading: Loading) -> None:
    (tmp_path / "own").mkdir()
    desks = Desks(loading, tmp_path / "own", grace=0.05)
    desks.add("ann", offer(tmp_path, LAKE))
    desks.leave("ben")
    desks.leave("ann")
    deadline = time.monotonic() + 20
    while list((tmp_path / "own").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list((tmp_path / "own").iterdir()) == []
    assert desks.at("ann").own is None


def test_who_comes_back_in_time_finds_them(tmp_path: Path, desks: Desks) -> None:
    desks.add("ann", offer(tmp_path, LAKE))
    desks.leave("ann")
    assert desks.at("ann").n_own == 1
    desks.close()
    assert desks.at("ann").n_own == 0


def test_there_is_room_for_so_many(tmp_path: Path, loading: Loading) -> None:
    desks = Desks(loading, tmp_path, n_desks=1)
    desks.add("ann", offer(tmp_path, LAKE))
    desks.add("ann", offer(tmp_path, MOON, "moon.md"))
    with pytest.raises(ValueError, match="Too many people"):
        desks.add("ben", offer(tmp_path, LAKE))
    desks.close()
