import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.questions import Evidence
from rag.evaluate.retrieval_measures import (
    Target,
    locate_evidence,
    measure_documents,
    measure_passages,
    measure_ranking,
    measure_spans,
)
from rag.records import Document, Hit, Passage


def make_hits(*extents: tuple[str, int, int]) -> list[Hit]:
    return [
        Hit(
            Passage(f"{doc_id}:{start}", doc_id, start, end, "", "x" * (end - start)),
            1 / rank,
            rank,
        )
        for rank, (doc_id, start, end) in enumerate(extents, start=1)
    ]


def test_hits_on_a_quote_are_relevant_where_they_overlap_it() -> None:
    targets = [Target("a", ((10, 20),))]
    hits = make_hits(("a", 0, 10), ("b", 10, 20), ("a", 19, 40))
    assert measure_ranking(hits, targets) == {
        "hit@1": 0.0,
        "hit@5": 1.0,
        "recall@5": 1.0,
        "mrr@10": 1 / 3,
        "ndcg@10": pytest.approx(1 / math.log2(3 + 1)),
    }


def test_hits_on_a_document_are_relevant_wherever_they_are_in_it() -> None:
    measured = measure_ranking(make_hits(("b", 0, 5), ("a", 90, 95)), [Target("a", None)])
    assert measured["mrr@10"] == 1 / 2


def test_a_second_passage_on_the_same_evidence_gains_nothing_and_takes_its_place() -> None:
    targets = [Target("a", ((0, 10),)), Target("b", None)]
    hits = make_hits(("a", 0, 5), ("a", 5, 10), ("b", 0, 9))
    measured = measure_ranking(hits, targets)
    assert measured["recall@5"] == 1.0
    assert measured["ndcg@10"] == pytest.approx(
        (1 + 1 / math.log2(3 + 1)) / (1 + 1 / math.log2(2 + 1))
    )
    assert measure_ranking(hits[:2], targets)["recall@5"] == 1 / 2


def test_one_passage_that_covers_all_the_evidence_is_perfect() -> None:
    targets = [Target("a", ((i, i + 1),)) for i in range(8)]
    measured = measure_ranking(make_hits(("a", 0, 8)), targets)
    assert set(measured.values()) == {1.0}


def test_recall_stops_after_five_hits_and_not_after_five_pieces_of_evidence() -> None:
    targets = [Target(doc_id, None) for doc_id in "abcdef"]
    assert measure_ranking(make_hits(*((d, 0, 1) for d in "abcdef")), targets)["recall@5"] == 5 / 6


def test_no_hits_are_zero_and_no_evidence_is_no_measure() -> None:
    assert set(measure_ranking([], [Target("a", None)]).values()) == {0.0}
    assert measure_ranking(make_hits(("a", 0, 1)), []) == {}
    assert measure_spans([], [Target("a", ((0, 4),))]) == {
        "span_recall@5": 0.0,
        "span_precision@5": 0.0,
        "span_iou@5": 0.0,
    }


def test_evidence_is_found_in_all_its_places_and_once() -> None:
    documents = {"a": Document("a", "", "one two one")}
    evidence = [Evidence("a", "one"), Evidence("a", "one"), Evidence("a"), Evidence("a", "six")]
    assert locate_evidence(evidence, documents.__getitem__) == [
        Target("a", ((0, 3), (8, 11))),
        Target("a", None),
        Target("a", ()),
    ]
    assert locate_evidence([Evidence("b", "one")], documents.__getitem__) == [Target("b", ())]


def test_a_quote_that_stands_nowhere_is_never_found() -> None:
    hits = make_hits(("a", 0, 5))
    assert measure_ranking(hits, [Target("a", ())])["recall@5"] == 0.0
    assert measure_spans(hits, [Target("a", ())]) == {}


def test_spans_are_measured_in_characters() -> None:
    targets = [Target("a", ((10, 20),)), Target("a", ((30, 40),))]
    hits = make_hits(("a", 15, 25), ("a", 5, 20), ("b", 30, 40))
    covered, evidence, retrieved = 10, 20, 10 + 15 + 10  # the overlap of 5 is retrieved twice
    assert measure_spans(hits, targets) == {
        "span_recall@5": covered / evidence,
        "span_precision@5": covered / retrieved,
        "span_iou@5": covered / (retrieved + evidence - covered),
    }


def test_only_five_passages_count() -> None:
    hits = make_hits(*(("b", i, i + 1) for i in range(5)), ("a", 0, 10))
    assert measure_spans(hits, [Target("a", ((0, 10),))])["span_recall@5"] == 0.0


def test_a_repeated_quote_counts_where_it_is_covered_best() -> None:
    targets = [Target("a", ((0, 4), (50, 54)))]
    assert measure_spans(make_hits(("a", 50, 54)), targets) == {
        "span_recall@5": 1.0,
        "span_precision@5": 1.0,
        "span_iou@5": 1.0,
    }


EXTENT = st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 12)).map(
    lambda drawn: (drawn[0], drawn[1], drawn[1] + drawn[2])
)


@given(st.lists(EXTENT, max_size=8), st.lists(EXTENT, min_size=1, max_size=4))
def test_intersection_over_union_is_at_most_recall_and_precision(
    extents: Sequence[tuple[str, int, int]], evidence: Sequence[tuple[str, int, int]]
) -> None:
    targets = [Target(doc_id, ((start, end),)) for doc_id, start, end in evidence]
    recall, precision, iou = measure_spans(make_hits(*extents), targets).values()
    assert 0 <= iou <= min(recall, precision)
    assert max(recall, precision) <= 1
    wanted = {(d, position) for d, start, end in evidence for position in range(start, end)}
    found = {(d, position) for d, start, end in extents[:5] for position in range(start, end)}
    assert recall == len(wanted & found) / len(wanted)


@given(st.lists(EXTENT, max_size=12), st.lists(EXTENT, min_size=1, max_size=4))
def test_recall_is_the_share_of_the_evidence_that_five_hits_touch(
    extents: Sequence[tuple[str, int, int]], evidence: Sequence[tuple[str, int, int]]
) -> None:
    targets = list(dict.fromkeys(Target(d, ((start, end),)) for d, start, end in evidence))
    hits = make_hits(*extents)
    touched = [any(target.is_covered_by(hit.passage) for hit in hits[:5]) for target in targets]
    first = [
        rank
        for rank, hit in enumerate(hits[:10], start=1)
        if any(target.is_covered_by(hit.passage) for target in targets)
    ]
    measured = measure_ranking(hits, targets)
    assert measured["recall@5"] == pytest.approx(sum(touched) / len(touched))
    assert measured["mrr@10"] == (1 / first[0] if first else 0.0)
    assert measured["hit@1"] == float(first[:1] == [1])
    assert measured["hit@5"] == float(any(touched))


def test_documents_stand_where_their_first_passage_does() -> None:
    hits = make_hits(("b", 0, 9), ("b", 9, 20), ("a", 30, 40), ("a", 0, 9))
    measured = measure_documents(hits, [Target("a", ((0, 5),)), Target("a", ((35, 38),))])
    # b, then a: both pieces of evidence are one document, found at the second place
    assert measured["hit@1"] == 0.0
    assert measured["mrr@10"] == 1 / 2
    assert measured["recall@5"] == 1.0


def test_passages_are_measured_only_where_a_quote_says_which() -> None:
    hits = make_hits(("a", 30, 40), ("a", 0, 9))
    assert measure_passages(hits, [Target("a", None)]) == {}
    measured = measure_passages(hits, [Target("a", ((0, 5),))])
    assert (measured["passage_hit@1"], measured["passage_mrr@10"]) == (0.0, 1 / 2)
