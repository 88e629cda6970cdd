"""Articles that are added and removed on the page, with a real index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.index import Index, LockedError, Progress, update_index
from rag.index.lock import exclusive
from rag.page import wording
from rag.page.offered import Offered
from rag.page.shelf import MAX_FILES, Outcome, Shelf
from rag.records import Encoder
from tests.fakes import WordEncoder
from tests.fakes_page import write_articles

ENCODER = WordEncoder()


def offer(tmp_path: Path, name: str, content: str | bytes = "Pike live in the lake.") -> Offered:
    path = tmp_path / "sent" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Offered(path, name)


@pytest.fixture
def private(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "mine", tmp_path / "index", ENCODER, place="yours", private=True)


@pytest.fixture
def corpus(tmp_path: Path) -> Shelf:
    shelf = Shelf(write_articles(tmp_path / "corpus"), tmp_path / "index", ENCODER, place="added")
    update_index(shelf.corpus, shelf.folder, ENCODER)
    return shelf


def test_a_chatbot_s_own_encoder_adds_to_the_index_of_its_corpus(
    tmp_path: Path, encoder: Encoder
) -> None:
    corpus = write_articles(tmp_path / "corpus")
    bot = Chatbot.from_corpus(corpus, folder=tmp_path / "index", encoder=encoder)
    shelf = Shelf(corpus, tmp_path / "index", bot.encoder, place="added")
    (outcome,) = shelf.add([offer(tmp_path, "lake.md")])
    assert outcome == Outcome("lake.md", "added/lake.md", 1, 1)
    bot.refresh()
    assert bot.document("added/lake.md").text == "Pike live in the lake."


def indexed(shelf: Shelf) -> list[str]:
    return [row.doc_id for row in Index.open(shelf.folder, ENCODER).documents()]


def test_each_file_is_ready_or_skipped_with_its_reason(tmp_path: Path, private: Shelf) -> None:
    line = '{"_id": "7", "title": "T", "text": "Wolves swim."}\n'
    told: list[Progress] = []
    outcomes = private.add(
        [
            offer(tmp_path, "lake.md"),
            offer(tmp_path, "broken.pdf", b"\x00\x01\x02"),
            offer(tmp_path, "lines.jsonl", line + "{\n" + line.replace("7", "8")),
            offer(tmp_path, "run.exe"),
            offer(tmp_path, "empty.txt", ""),
            offer(tmp_path, "questions.jsonl", '{"id": "1", "question": "Who?"}\n'),
            offer(tmp_path, "copy.md"),
        ],
        told.append,
    )
    assert [(each.name, each.relative, each.n_documents) for each in outcomes] == [
        ("lake.md", "yours/lake.md", 1),
        ("broken.pdf", "", 0),
        ("lines.jsonl", "yours/lines.jsonl", 2),
        ("run.exe", "", 0),
        ("empty.txt", "", 0),
        ("questions.jsonl", "", 0),
        ("copy.md", "", 0),
    ]
    reasons = [each.reason for each in outcomes]
    assert reasons[0] == ""
    assert "PDF" in reasons[1]
    assert reasons[2].startswith("1 parts of it were skipped, first: line 2")
    assert "not read" in reasons[3]
    assert reasons[4:] == [
        wording.EMPTY_FILE,
        wording.NO_ARTICLE,
        wording.SAME_FILE.format(file="lake.md"),
    ]
    assert indexed(private) == ["yours/lake.md", "yours/lines.jsonl#7", "yours/lines.jsonl#8"]
    assert private.added() == ["yours/lake.md", "yours/lines.jsonl"]
    assert {each.phase for each in told} == {"reading", "encoding", "publishing"}


def test_nothing_is_left_of_what_was_sent_or_skipped(tmp_path: Path, private: Shelf) -> None:
    private.add([offer(tmp_path, "lake.md"), offer(tmp_path, "broken.pdf", b"\x00\x01")])
    assert list((tmp_path / "sent").iterdir()) == []
    assert [path.name for path in (private.corpus / "yours").iterdir()] == ["lake.md"]


def test_only_files_that_cannot_be_read_leave_an_empty_shelf(
    tmp_path: Path, private: Shelf
) -> None:
    (outcome,) = private.add([offer(tmp_path, "broken.pdf", b"\x00\x01")])
    assert outcome.reason
    assert private.added() == []
    (outcome,) = private.add([offer(tmp_path, "lake.md")])
    assert outcome == Outcome("lake.md", "yours/lake.md", 1, 1)


def test_two_articles_of_one_name_both_stay(tmp_path: Path, private: Shelf) -> None:
    private.add([offer(tmp_path, "lake.md")])
    private.add([offer(tmp_path, "lake.md", "Another lake.")])
    assert private.added() == ["yours/lake.md", "yours/lake (2).md"]


def test_the_last_article_can_be_removed_and_others_added(tmp_path: Path, private: Shelf) -> None:
    private.add([offer(tmp_path, "lake.md")])
    private.remove("yours/lake.md")
    assert private.added() == []
    assert list((private.corpus / "yours").iterdir()) == []
    private.add([offer(tmp_path, "lake.md")])
    assert indexed(private) == ["yours/lake.md"]


def test_a_private_shelf_is_full_at_some_point(tmp_path: Path, private: Shelf) -> None:
    sent = [offer(tmp_path, f"{n}.md", f"Lake number {n}.") for n in range(MAX_FILES + 1)]
    outcomes = private.add(sent)
    assert [each.relative != "" for each in outcomes] == [True] * MAX_FILES + [False]
    assert "no more room" in outcomes[-1].reason


def test_an_article_is_kept_in_the_corpus_and_removed_again(tmp_path: Path, corpus: Shelf) -> None:
    corpus.add([offer(tmp_path, "../lake.md".replace("/", "_"))])
    assert indexed(corpus) == ["added/_lake.md", "river.md", "wood.md"]
    corpus.remove("added/_lake.md")
    assert indexed(corpus) == ["river.md", "wood.md"]
    assert sorted(path.name for path in corpus.corpus.rglob("*.md")) == ["river.md", "wood.md"]
    assert corpus.added() == []


def test_a_file_that_was_not_added_here_is_never_deleted(corpus: Shelf) -> None:
    for relative in ("river.md", "../index/index.sqlite", "/etc/passwd", "none.md", ""):
        with pytest.raises(ValueError, match="not added on this page"):
            corpus.remove(relative)
    assert (corpus.corpus / "river.md").is_file()


def test_a_file_that_was_changed_since_is_not_deleted(tmp_path: Path, corpus: Shelf) -> None:
    corpus.add([offer(tmp_path, "lake.md")])
    (corpus.corpus / "added" / "lake.md").write_text("Months of work.")
    with pytest.raises(ValueError, match="changed since it was added"):
        corpus.remove("added/lake.md")
    assert (corpus.corpus / "added" / "lake.md").read_text() == "Months of work."


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path, corpus: Shelf) -> None:
    (corpus.corpus / "added").mkdir()
    (corpus.corpus / "added" / "lake.md").write_text("Somebody's own.")
    corpus.add([offer(tmp_path, "lake.md")])
    assert (corpus.corpus / "added" / "lake.md").read_text() == "Somebody's own."
    assert corpus.added() == ["added/lake (2).md"]


def test_while_others_index_nothing_changes(tmp_path: Path, corpus: Shelf) -> None:
    corpus.add([offer(tmp_path, "lake.md")])
    with exclusive(corpus.folder):
        with pytest.raises(LockedError):
            corpus.add([offer(tmp_path, "moon.md", "The moon is far.")])
        with pytest.raises(LockedError):
            corpus.remove("added/lake.md")
    assert [path.name for path in (corpus.corpus / "added").iterdir()] == ["lake.md"]
    assert corpus.added() == ["added/lake.md"]
    assert json.loads((corpus.folder / "added.json").read_text()).keys() == {"added/lake.md"}
    corpus.remove("added/lake.md")
    assert indexed(corpus) == ["river.md", "wood.md"]
