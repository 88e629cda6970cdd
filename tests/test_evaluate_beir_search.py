import numpy as np
import pytest

from rag.evaluate.beir import whole_text
from rag.evaluate.beir_search import TEXTS_AT_ONCE, DocumentSearch
from rag.records import Document
from rag.retrieve.fusion import combine
from rag.retrieve.reranking import N_RERANKED
from rag.retrieve.retriever import DENSE_WEIGHT
from tests.fakes import WordEncoder, WordReader

DOCUMENTS = [
    Document("tea", "Tea", "Green tea grows on hills."),
    Document("cars", "Cars", "Cars have four wheels, and hills slow them."),
    Document("none", "", ""),
]
QUERIES = ["green hills", "four wheels"]


def test_dense_is_the_inner_product_with_every_whole_document() -> None:
    encoder = WordEncoder()
    found = DocumentSearch.from_documents(DOCUMENTS, encoder).search(QUERIES, mode="dense")
    vectors = encoder.encode_passages([whole_text(document) for document in DOCUMENTS])
    cosines = encoder.encode_queries(QUERIES) @ vectors.T
    for scores, row in zip(found, cosines, strict=True):
        assert list(scores) == [DOCUMENTS[i].doc_id for i in np.argsort(-row, kind="stable")]
        for document, cosine in zip(DOCUMENTS, row, strict=True):
            assert scores[document.doc_id] == pytest.approx(cosine, abs=1e-6)


def test_lexical_finds_only_documents_with_a_word_of_the_query() -> None:
    search = DocumentSearch.from_documents(DOCUMENTS, None)
    first, second = search.search(QUERIES, mode="lexical")
    assert list(first) == ["tea", "cars"]
    assert list(second) == ["cars"]


def test_hybrid_is_the_fusion_of_retrieval() -> None:
    search = DocumentSearch.from_documents(DOCUMENTS, WordEncoder())
    number = {document.doc_id: i for i, document in enumerate(DOCUMENTS)}
    dense, lexical, hybrid = (
        [[(number[doc_id], score) for doc_id, score in scores.items()] for scores in found]
        for found in (
            search.search(QUERIES, mode="dense"),
            search.search(QUERIES, mode="lexical"),
            search.search(QUERIES, mode="hybrid"),
        )
    )
    for rankings in zip(dense, lexical, hybrid, strict=True):
        assert dict(rankings[2]) == combine(*rankings[:2], dense_weight=DENSE_WEIGHT)


def test_what_answers_comes_first_of_equals_and_the_rest_stays_below() -> None:
    search = DocumentSearch.from_documents(DOCUMENTS, WordEncoder())
    rankings = [{"tea": 0.5, "cars": 0.5}, {"tea": 0.9, "cars": 0.1}]
    first, second = search.rerank(QUERIES, rankings, WordReader("wheels"))
    assert max(first, key=lambda doc_id: first[doc_id]) == "cars"
    assert max(second, key=lambda doc_id: second[doc_id]) == "tea"
    many = [Document(f"{n:02}", "", f"text {n}") for n in range(N_RERANKED + 2)]
    falling = {document.doc_id: 1 - n / 100 for n, document in enumerate(many)}
    reader = WordReader()
    (found,) = DocumentSearch.from_documents(many, None).rerank(["text"], [falling], reader)
    assert reader.n_read == N_RERANKED
    assert sorted(found, key=lambda doc_id: -found[doc_id]) == list(falling)


def test_depth_bounds_a_ranking() -> None:
    search = DocumentSearch.from_documents(DOCUMENTS, WordEncoder())
    assert [len(found) for found in search.search(QUERIES, mode="dense", depth=1)] == [1, 1]


def test_every_document_is_encoded_once_and_told() -> None:
    encoder, told = WordEncoder(), []
    documents = [Document(str(i), "", f"text {i}") for i in range(TEXTS_AT_ONCE + 1)]
    DocumentSearch.from_documents(
        documents, encoder, on_progress=lambda done, total: told.append((done, total))
    )
    assert encoder.n_encoded == TEXTS_AT_ONCE + 1
    assert told == [(TEXTS_AT_ONCE, TEXTS_AT_ONCE + 1), (TEXTS_AT_ONCE + 1, TEXTS_AT_ONCE + 1)]


def test_without_documents_there_is_nothing_to_search() -> None:
    with pytest.raises(ValueError, match="documents must not be empty"):
        DocumentSearch.from_documents([], WordEncoder())


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_only_a_lexical_search_does_without_an_encoder(mode: str) -> None:
    search = DocumentSearch.from_documents(DOCUMENTS, None)
    with pytest.raises(ValueError, match="mode must be 'lexical' without an encoder"):
        search.search(QUERIES, mode=mode)  # type: ignore[arg-type]  # one of the three
