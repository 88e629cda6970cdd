import threading
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.index import Progress
from rag.page import wording
from rag.page.loading import Loading, LoadingError
from rag.page.status import draw_status
from tests.fakes import WordEncoder
from tests.fakes_page import quoting_bot


def test_a_chatbot_is_waited_for(tmp_path: Path) -> None:
    gate = threading.Event()

    def load(tell: object) -> Chatbot:
        gate.wait()
        return quoting_bot(tmp_path)

    loading = Loading(load)
    assert not loading.wait(0.01)
    assert loading.failed == ""
    assert wording.WARMING_UP in draw_status(loading)
    gate.set()
    assert loading.wait(10)
    assert loading.chatbot().index.n_documents == 2
    assert loading.failed == ""


def test_the_progress_of_reading_is_told(tmp_path: Path) -> None:
    loading = Loading(lambda tell: quoting_bot(tmp_path, tell))
    loading.wait(10)
    assert loading.progress is not None
    assert loading.progress.total > 0


def test_a_corpus_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    loading = Loading(lambda tell: Chatbot.from_corpus(tmp_path / "none", encoder=WordEncoder()))
    assert loading.wait(30)
    assert "none" in loading.failed
    assert "\n" not in loading.failed
    with pytest.raises(LoadingError) as raised:
        loading.chatbot()
    assert str(raised.value) == loading.failed
    assert isinstance(raised.value.__cause__, FileNotFoundError)
    assert 'role="alert"' in draw_status(loading)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_keeps_nobody_waiting_and_tells_nothing_of_itself() -> None:
    def load(tell: object) -> Chatbot:
        raise RuntimeError("secret")

    loading = Loading(load)
    assert loading.wait(10)
    for thread in threading.enumerate():
        if thread.name == "loading":
            thread.join()  # its traceback belongs to this test, not to the next
    assert loading.failed == wording.UNEXPECTED
    assert "secret" not in draw_status(loading)


def test_what_fails_while_the_process_ends_is_told_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    gate = threading.Event()

    def load(tell: object) -> Chatbot:
        gate.wait()
        raise RuntimeError("can't register atexit after shutdown")

    loading = Loading(load)
    loading.leave()
    gate.set()
    assert loading.wait(10)
    for thread in threading.enumerate():
        if thread.name == "loading":
            thread.join(10)
    assert told == []


def test_how_far_it_is_shows_while_it_goes_on() -> None:
    gate, told = threading.Event(), threading.Event()

    def load(tell: object) -> Chatbot:
        assert callable(tell)
        tell(Progress("reading", 3, 1_200))
        told.set()
        gate.wait()
        raise ValueError("enough")

    loading = Loading(load)
    told.wait()
    assert "reading the articles… 3 of 1,200" in draw_status(loading)
    gate.set()


def test_every_phase_of_indexing_has_words(tmp_path: Path) -> None:
    phases: list[str] = []
    quoting_bot(tmp_path, lambda progress: phases.append(progress.phase))
    assert set(phases) == wording.PHASES.keys()
