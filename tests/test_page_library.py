"""Adding and removing articles as the page does it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.index import Progress
from rag.index.lock import exclusive
from rag.page import wording
from rag.page.articles import draw_adding, file_key
from rag.page.library import PAUSE, Library
from rag.page.loading import Loading
from rag.page.offered import Offered
from tests.fakes_page import quoting_bot


def make_library(tmp_path: Path, pause: float = PAUSE) -> Library:
    bot = quoting_bot(tmp_path)
    (tmp_path / "own").mkdir()
    return Library(
        Loading(lambda tell: bot),
        tmp_path / "own",
        corpus=tmp_path / "corpus",
        index=tmp_path / ".rag" / "corpus",
        pause=pause,
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return make_library(tmp_path)


def offer(tmp_path: Path, name: str, text: str) -> Offered:
    path = tmp_path / name
    path.write_text(text)
    return Offered(path, name)


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_adding_says_how_far_it_is_and_what_became_of_each(
    tmp_path: Path, library: Library
) -> None:
    sent = [offer(tmp_path, "<b>.md", "Pike."), offer(tmp_path, "run.exe", "1")]
    *_, last = first, *_ = list(library.add("ann", sent, keep=False))
    assert wording.ADDING_FIRST in first
    assert words(last) == (
        "&lt;b&gt;.md ready: 1 passage run.exe skipped: a format that is not read; these are: "
        ".md .markdown .txt .html .htm .pdf .docx .jsonl"
    )
    assert "yours/_b_.md" in words(library.draw("ann"))
    assert "yours" not in library.draw("ben")


def test_what_is_kept_answers_everybody_and_can_be_removed(
    tmp_path: Path, library: Library
) -> None:
    sent = [offer(tmp_path, "lake.md", "Pike live in the lake.")]
    *_, last = library.add("ann", sent, keep=True)
    assert words(last) == "lake.md ready: 1 passage"
    for session in ("ann", "ben"):
        bot = library.desks.at(session).chatbot()
        assert bot.ask("Where do pike live?").citations[0].passage.doc_id == "added/lake.md"
        assert f'id="remove-corpus-{file_key("added/lake.md")}"' in library.draw(session)
    assert library.draw("ben").count("<button") == 1  # the others were not added here
    target = f"corpus-{file_key('added/lake.md')} 4"
    assert wording.REMOVED.format(file="added/lake.md") in library.remove("ben", target)
    assert not (tmp_path / "corpus" / "added" / "lake.md").exists()
    assert "lake" not in library.draw("ann")
    assert wording.GONE_ALREADY in library.remove("ann", target)


def test_a_pasted_text_is_added_and_removed(library: Library) -> None:
    *_, last = library.paste("ann", "The lake", "Pike live there.", keep=False)
    assert words(last) == "The lake.md ready: 1 passage"
    assert library.desks.at("ann").chatbot().document("yours/The lake.md").title == "The lake"
    key = f"own-{file_key('yours/The lake.md')} 1"
    assert wording.GONE_ALREADY in library.remove("ben", key)
    assert "has been removed" in library.remove("ann", key)
    assert [wording.NO_TEXT in each for each in library.paste("ann", "", " ", keep=False)] == [True]


def test_what_is_changed_in_the_folder_is_answered_from_once_the_page_is_opened(
    tmp_path: Path,
) -> None:
    library = make_library(tmp_path, pause=0)
    bot = library.desks.at("ann").chatbot()
    assert library.catch_up() == ""
    (tmp_path / "corpus" / "lake.md").write_text("Pike live in the lake.")
    assert words(library.catch_up()) == wording.CAUGHT_UP.format(files="1 file")
    assert bot.ask("Where do pike live?").citations[0].passage.doc_id == "lake.md"
    (tmp_path / "corpus" / "lake.md").write_text("Pike live in the river.")
    (tmp_path / "corpus" / "bad.pdf").write_text("no PDF")
    assert words(library.catch_up()) == wording.CAUGHT_UP.format(files="2 files")
    assert bot.ask("Where do pike live?").citations[0].quote == "Pike live in the river."
    assert bot.report is not None
    assert [each.relative for each in bot.report.skipped] == ["bad.pdf"]
    (tmp_path / "corpus" / "lake.md").unlink()
    library.catch_up()
    assert [row.doc_id for row in bot.documents() if row.doc_id == "lake.md"] == []


def test_changes_are_looked_for_once_in_a_while(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    (tmp_path / "corpus" / "lake.md").write_text("Pike live in the lake.")
    assert library.catch_up() == ""
    assert library.desks.at("ann").chatbot().index.n_documents == 2


def test_what_cannot_be_followed_is_said_and_what_was_there_answers(tmp_path: Path) -> None:
    library = make_library(tmp_path, pause=0)
    with exclusive(tmp_path / ".rag" / "corpus"):
        (tmp_path / "corpus" / "lake.md").write_text("Pike live in the lake.")
        assert library.catch_up() == ""  # whoever is indexing will read it
    (tmp_path / "corpus").rename(tmp_path / "moved")
    assert 'role="alert"' in library.catch_up()
    assert library.desks.at("ann").chatbot().index.n_documents == 2


@pytest.mark.parametrize("target", ["", "corpus-", "own-../x", "corpus-000000000000", "x y z"])
def test_a_button_that_is_none_removes_nothing(
    tmp_path: Path, library: Library, target: str
) -> None:
    assert wording.GONE_ALREADY in library.remove("ann", target)
    assert len(list((tmp_path / "corpus").iterdir())) == 2


def test_what_goes_wrong_is_one_sentence(tmp_path: Path, library: Library) -> None:
    with exclusive(tmp_path / ".rag" / "corpus"):
        *_, last = library.add("ann", [offer(tmp_path, "lake.md", "Pike.")], keep=True)
    assert 'role="alert"' in last
    assert not (tmp_path / "corpus" / "added" / "lake.md").exists()


def test_without_a_corpus_all_that_is_added_is_ones_own(tmp_path: Path) -> None:
    bot = quoting_bot(tmp_path)
    library = Library(Loading(lambda tell: bot), tmp_path)
    assert not library.is_open
    *_, last = library.add("ann", [offer(tmp_path, "lake.md", "Pike.")], keep=True)
    assert "ready" in last
    assert library.desks.at("ben").n_own == 0
    library.desks.close()


def test_each_file_shows_its_state_while_they_are_read() -> None:
    html = draw_adding(["b.md", "a.md", "c.md"], Progress("reading", 1, 3))
    assert words(html) == "reading the articles… 1 of 3 b.md being read a.md read c.md waiting"
    html = draw_adding(["b.md", "a.exe"], Progress("reading", 0, 1), {"a.exe": "none"})
    assert words(html) == "reading the articles… 0 of 1 b.md being read a.exe skipped: none"
    html = draw_adding(["b.md"], Progress("encoding", 128, 300))
    assert words(html) == "indexing their passages… 128 of 300 b.md read"
