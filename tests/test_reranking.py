import pytest

from rag.ingest.split import make_passage
from rag.records import Document, Hit
from rag.retrieve.reranking import READER_WEIGHT, rerank, rescore
from rag.retrieve.retriever import IndexRetriever
from tests.fakes import WordEncoder, WordReader
from tests.test_retriever import Shelf

TEXTS = ["Trams run here.", "Ten trams run here.", "Buses run here."]
READER = WordReader("ten")


def hits(*scores: float) -> list[Hit]:
    return [
        Hit(make_passage(Document(f"{i}.md", "", text), 0, len(text)), score, i + 1, i + 1, None)
        for i, (text, score) in enumerate(zip(TEXTS, scores, strict=True))
    ]


def test_of_equal_hits_the_one_that_answers_comes_first() -> None:
    found = rerank("How many trams?", hits(0.5, 0.5, 0.5), READER, 3)
    assert [hit.passage.text for hit in found] == [TEXTS[1], TEXTS[0], TEXTS[2]]
    assert [hit.rank for hit in found] == [1, 2, 3]
    assert [hit.dense_rank for hit in found] == [2, 1, 3]  # as it was found


def test_the_score_still_counts() -> None:
    found = rerank("How many trams?", hits(1.0, 0.2, 0.1), READER, 2)
    assert [hit.passage.text for hit in found] == TEXTS[:2]


def test_scores_are_means_and_fall() -> None:
    scores = rescore("How many trams?", TEXTS, [1.0, 1.0, 0.0], READER)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[0] - scores[2] == pytest.approx(1 / (1 + READER_WEIGHT))
    found = rerank("How many trams?", hits(1.0, 1.0, 0.0), READER, 3)
    assert [hit.score for hit in found] == sorted(scores, reverse=True)


def test_hits_are_read_with_what_stands_above_them() -> None:
    reader = WordReader("ten")
    passage = make_passage(Document("a.md", "Trams", TEXTS[0]), 0, len(TEXTS[0]), "", "They came.")
    rerank("How many trams?", [Hit(passage, 1.0, 1)], reader, 1)
    assert reader.contexts == ["Trams\nThey came."]


def test_nothing_is_read_for_no_hits() -> None:
    reader = WordReader("ten")
    assert rerank("How many trams?", [], reader, 5) == []
    assert reader.n_read == 0


def test_the_retriever_reads_more_hits_than_it_returns() -> None:
    reader = WordReader("ten")
    encoder = WordEncoder(dimension=4096)
    shelf = Shelf(["Trams run here all day.", "Some ten trams run here.", "Buses run here."])
    (fused,) = IndexRetriever(shelf, encoder).retrieve("Do trams run here all?", 1)
    assert fused.passage.text == "Trams run here all day."
    (read,) = IndexRetriever(shelf, encoder, reader=reader).retrieve("Do trams run here all?", 1)
    assert read.passage.text == "Some ten trams run here."
    assert reader.n_read == 3


@pytest.mark.parametrize("mode", ["dense", "lexical"])
def test_single_rankings_are_not_read(mode: str) -> None:
    reader = WordReader("ten")
    IndexRetriever(Shelf(TEXTS), WordEncoder(dimension=4096), mode=mode, reader=reader).retrieve(  # type: ignore[arg-type]
        "trams", 2
    )
    assert reader.n_read == 0
