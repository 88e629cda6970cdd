"""Two indexes searched as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.chatbot import Chatbot
from rag.index import Index, JoinedIndex, update_index
from rag.retrieve.retriever import IndexRetriever
from tests.fakes import WordEncoder, write_files
from tests.fakes_page import Quoting

EVERYBODY = {
    "river.md": "The river rises in May.",
    "wood.md": "The wood is old. Wolves live in the wood.",
    "hill.md": "The hill has snow until May.",
}
MINE = {"mine/lake.md": "The lake is deep. Pike live in it.", "mine/notes.md": "Wolves swim."}


def build(folder: Path, texts: dict[str, str]) -> Index:
    encoder = WordEncoder()
    update_index(write_files(folder / "corpus", texts), folder / "index", encoder)
    return Index.open(folder / "index", encoder)


@pytest.fixture
def joined(tmp_path: Path) -> JoinedIndex:
    return JoinedIndex(build(tmp_path / "all", EVERYBODY), build(tmp_path / "mine", MINE))


def texts(index: Index | JoinedIndex, found: list[tuple[int, float]]) -> list[str]:
    return [passage.text for passage in index.passages([number for number, _ in found])]


def test_it_holds_what_both_hold(joined: JoinedIndex) -> None:
    assert (joined.n_documents, joined.n_passages) == (5, 5)
    assert [row.doc_id for row in joined.documents()] == [
        "hill.md",
        "mine/lake.md",
        "mine/notes.md",
        "river.md",
        "wood.md",
    ]
    assert joined.document("mine/notes.md").text == "Wolves swim."
    assert joined.document("river.md").text == "The river rises in May."
    with pytest.raises(KeyError, match="none.md"):
        joined.document("none.md")
    assert joined.document_frequency(["wolves", "lake", "moon"]) == {
        "wolves": 2,
        "lake": 1,
        "moon": 0,
    }


def test_it_is_searched_as_one_index_of_all_would_be(tmp_path: Path, joined: JoinedIndex) -> None:
    one = build(tmp_path / "one", EVERYBODY | MINE)
    for query in ("wolves", "lake", "May", "deep pike in the lake", "old wood"):
        vector = WordEncoder().encode_queries([query])[0]
        expected = {text: score for text, (_, score) in zip(
            texts(one, one.search_dense(vector, 5)), one.search_dense(vector, 5), strict=True
        )}  # fmt: skip
        found = joined.search_dense(vector, 5)
        assert dict(zip(texts(joined, found), (s for _, s in found), strict=True)) == (
            pytest.approx(expected)
        )
        first = texts(joined, joined.search_lexical(query, 5))[0]
        assert first == texts(one, one.search_lexical(query, 5))[0]


def test_a_word_is_as_rare_as_it_is_in_both(joined: JoinedIndex) -> None:
    # Alone, the smaller index finds a word of one of its two passages common.
    found = joined.search_lexical("wolves", 5)
    assert texts(joined, found) == ["Wolves swim.", "The wood is old. Wolves live in the wood."]
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
    assert joined.search_lexical("moon", 5) == []
    assert joined.search_lexical("", 5) == []


def test_cosines_are_those_of_the_passages(joined: JoinedIndex) -> None:
    vector = WordEncoder().encode_queries(["wolves swim"])[0]
    found = dict(joined.search_dense(vector, 5))
    assert joined.cosines(vector, list(found)) == pytest.approx(found)
    assert joined.cosines(vector, []) == {}


def test_hits_and_answers_come_from_both(joined: JoinedIndex) -> None:
    hits = IndexRetriever(joined, WordEncoder()).retrieve("Where do wolves live?", 5)
    assert {hit.passage.doc_id for hit in hits[:2]} == {"wood.md", "mine/notes.md"}
    bot = Chatbot(joined, WordEncoder(), generator=Quoting())
    answer = bot.ask("How deep is the lake?")
    assert [citation.passage.doc_id for citation in answer.citations] == ["mine/lake.md"]


def test_a_newer_generation_of_either_is_taken_up(tmp_path: Path, joined: JoinedIndex) -> None:
    assert joined.refresh() is joined
    update_index(
        write_files(tmp_path / "mine" / "corpus", {"mine/moon.md": "The moon is far."}),
        tmp_path / "mine" / "index",
        WordEncoder(),
    )
    newer = joined.refresh()
    assert newer.edition != joined.edition
    assert newer.document("mine/moon.md").text == "The moon is far."
    assert joined.document("mine/lake.md").text.startswith("The lake")
