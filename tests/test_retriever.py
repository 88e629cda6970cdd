from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.ingest.split import embedded_text
from rag.records import Hit, Passage, Retriever
from rag.retrieve.copies import normalize_text, overlap
from rag.retrieve.retriever import (
    DENSE_WEIGHT,
    MATCH_WEIGHT,
    NEIGHBOUR_WEIGHT,
    SAID_WEIGHT,
    IndexRetriever,
    Mode,
)
from tests.fakes import WordEncoder

MODES: list[Mode] = ["dense", "lexical", "hybrid"]
# Wide enough for no two words of the tests to share a column.
ENCODER = WordEncoder(dimension=4096)

Ranking = list[tuple[int, float]]


def passage(text: str, number: int = 0, *, doc_id: str = "", start: int = 0) -> Passage:
    """A passage, of a document of its own unless one is named."""
    doc_id = doc_id or f"{number}.md"
    return Passage(f"id{number}", doc_id, start, start + len(text), "", text)


class Shelf:
    """Passages under the numbers 1, 2, …, searched by hand: cosines, and counts of words."""

    def __init__(self, texts: Sequence[str | Passage]) -> None:
        self.shelf = {
            number: passage(text, number) if isinstance(text, str) else text
            for number, text in enumerate(texts, start=1)
        }

    def search_dense(self, vector: NDArray[np.float32], k: int) -> Ranking:
        texts = [embedded_text(self.shelf[number]) for number in self.shelf]
        cosines = (ENCODER.encode_passages(texts) @ vector).round(6).tolist()
        return self._best(dict(zip(self.shelf, cosines, strict=True)), k)

    def search_lexical(self, query: str, k: int) -> Ranking:
        words = query.lower().split()
        counts = {
            number: float(sum(words.count(word) for word in held.text.lower().split()))
            for number, held in self.shelf.items()
        }
        return self._best({number: count for number, count in counts.items() if count}, k)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        return [self.shelf[number] for number in ids]

    def _best(self, scores: dict[int, float], k: int) -> Ranking:
        return sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))[:k]


class Rankings(Shelf):
    """Passages with rankings that are given."""

    def __init__(self, texts: Sequence[str | Passage], dense: Ranking, lexical: Ranking) -> None:
        super().__init__(texts)
        self.dense = dense
        self.lexical = lexical

    def search_dense(self, vector: NDArray[np.float32], k: int) -> Ranking:
        return self.dense[:k]

    def search_lexical(self, query: str, k: int) -> Ranking:
        return self.lexical[:k]


CITY = [
    "the tram runs on rails",
    "the bus runs on the road",
    "a boat floats on water",
    "the red tram is slow",
    "nobody walks",
]


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in hits]


# The contract, for every mode


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
def test_hits_are_at_most_k_ranked_from_one_with_scores_that_fall(mode: Mode, k: int) -> None:
    retriever: Retriever = IndexRetriever(Shelf(CITY), ENCODER, mode=mode)
    hits = retriever.retrieve("the red tram", k)
    assert 0 < len(hits) <= k
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert hits[0].passage.text == "the red tram is slow"


@pytest.mark.parametrize("mode", MODES)
def test_fewer_hits_are_the_first_of_more(mode: Mode) -> None:
    retriever = IndexRetriever(Shelf(CITY), ENCODER, mode=mode)
    more = retriever.retrieve("the tram runs", 5)
    assert [retriever.retrieve("the tram runs", k) for k in (1, 2, 3)] == [
        more[:1],
        more[:2],
        more[:3],
    ]


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_index_has_no_hits(mode: Mode) -> None:
    assert IndexRetriever(Rankings([], [], []), ENCODER, mode=mode).retrieve("tram", 5) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_an_error(mode: Mode, k: int) -> None:
    with pytest.raises(ValueError, match=rf"^k must be at least 1, got {k}$"):
        IndexRetriever(Shelf(CITY), ENCODER, mode=mode).retrieve("tram", k)


def test_no_query_is_an_error() -> None:
    with pytest.raises(ValueError, match="^queries must hold at least one query, got none$"):
        IndexRetriever(Shelf(CITY), ENCODER).retrieve_all([], 3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["???", "", "🚋", "the of and"], ids=ascii)
def test_a_query_that_says_nothing_is_no_error(mode: Mode, query: str) -> None:
    hits = IndexRetriever(Shelf(CITY), ENCODER, mode=mode).retrieve(query, 3)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


@pytest.mark.parametrize("mode", MODES)
def test_ties_are_in_order_of_the_index(mode: Mode) -> None:
    same = [(number, 1.0) for number in (1, 2, 3, 4)]
    index = Rankings(["tram one", "tram two", "tram three", "tram four"], same, same)
    hits = IndexRetriever(index, ENCODER, mode=mode).retrieve("tram", 4)
    assert texts(hits) == ["tram one", "tram two", "tram three", "tram four"]


@pytest.mark.parametrize("mode", MODES)
def test_more_hits_than_candidates_of_a_small_k_can_be_had(mode: Mode) -> None:
    index = Shelf([f"tram number {number}" for number in range(250)])
    assert len(IndexRetriever(index, ENCODER, mode=mode).retrieve("tram", 240)) == 240


# Scores


def test_in_dense_mode_the_score_is_the_cosine_and_no_word_counts() -> None:
    index = Rankings(CITY, [(2, 0.8), (5, 0.5)], [(1, 9.0)])
    hits = IndexRetriever(index, ENCODER, mode="dense").retrieve("tram", 5)
    assert [(hit.score, hit.dense_rank, hit.lexical_rank) for hit in hits] == [
        (0.8, 1, None),
        (0.5, 2, None),
    ]


def test_in_lexical_mode_the_score_is_that_of_the_words_and_nothing_is_encoded() -> None:
    class Unused(WordEncoder):
        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise RuntimeError("a lexical search needs no vector")

    index = Rankings(CITY, [(2, 0.8)], [(1, 9.0), (4, 3.0)])
    hits = IndexRetriever(index, Unused(), mode="lexical").retrieve("tram", 5)
    assert [(hit.score, hit.dense_rank, hit.lexical_rank) for hit in hits] == [
        (9.0, None, 1),
        (3.0, None, 2),
    ]


def test_in_hybrid_mode_the_score_is_the_one_worked_out_by_hand() -> None:
    index = Rankings(
        ["rails", "trams", "boats"], [(1, 0.9), (2, 0.5), (3, 0.1)], [(2, 4.0), (3, 2.0)]
    )
    hits = IndexRetriever(index, ENCODER, mode="hybrid").retrieve("trams", 3)
    dense, lexical = {1: 1.0, 2: 0.5, 3: 0.0}, {2: 1.0, 3: 0.0}
    fused = {n: DENSE_WEIGHT * dense[n] + (1 - DENSE_WEIGHT) * lexical.get(n, 0) for n in dense}
    # Each is an article of its own, so none has a neighbour.
    alone = {n: score / (1 + NEIGHBOUR_WEIGHT) for n, score in fused.items()}
    match = {1: 0.0, 2: 1.0, 3: 0.0}
    expected = {n: (alone[n] + MATCH_WEIGHT * match[n]) / (1 + MATCH_WEIGHT) for n in alone}
    assert texts(hits) == ["trams", "rails", "boats"]
    assert [hit.score for hit in hits] == pytest.approx([expected[2], expected[1], expected[3]])
    assert [(hit.dense_rank, hit.lexical_rank) for hit in hits] == [(2, 1), (1, None), (3, 2)]


def test_a_neighbour_in_the_same_section_counts_and_one_in_another_does_not() -> None:
    dense = [(2, 1.0), (1, 0.5), (3, 0.5), (5, 0.0)]
    shelf: list[str | Passage] = [
        passage("one", 1, doc_id="a.md", start=0),
        passage("two", 2, doc_id="a.md", start=10),
        replace(passage("three", 3, doc_id="a.md", start=20), heading="Costs"),
        "four",
        "five",
    ]
    hits = IndexRetriever(Rankings(shelf, dense, []), ENCODER).retrieve("zebra", 5)
    assert texts(hits) == ["two", "one", "three", "five"]
    assert hits[1].score > hits[2].score


@pytest.mark.parametrize("query", ["the red tram", "boat", "zebra", "water on the road"])
def test_hybrid_scores_are_between_nought_and_one(query: str) -> None:
    hits = IndexRetriever(Shelf(CITY), ENCODER).retrieve(query, 5)
    assert all(0 <= hit.score <= 1 + 1e-6 for hit in hits)


def test_what_is_compared_term_by_term_stays_above_what_is_not() -> None:
    n = 60
    ranking = [(number, 1.0 - number / 100) for number in range(1, n + 1)]
    # The last one holds the word, but is too far down to be looked at.
    index = Rankings([f"bus {i}" for i in range(1, n)] + ["zebra"], ranking, ranking)
    hits = IndexRetriever(index, ENCODER).retrieve("zebra", 5)
    assert texts(hits) == [f"bus {i}" for i in range(1, 6)]


# Several forms of one question


def test_the_score_of_several_queries_is_their_weighted_mean_and_the_rank_the_best() -> None:
    index = Shelf(["tram", "bus", "boat"])
    retriever = IndexRetriever(index, ENCODER, mode="dense")
    hits = retriever.retrieve_all([("tram", 3.0), ("bus", 1.0)], 3)
    assert texts(hits) == ["tram", "bus", "boat"]
    assert [hit.score for hit in hits] == pytest.approx([3 / 4, 1 / 4, 0])
    assert [hit.dense_rank for hit in hits] == [1, 1, 3]


def test_in_hybrid_mode_the_article_spoken_of_counts() -> None:
    shelf = Shelf(
        [
            passage("the tram runs on rails all night", 1, doc_id="tram.md"),
            passage("it costs ten", 2, doc_id="tram.md", start=100),
            passage("it costs two", 3, doc_id="bus.md"),
        ]
    )
    said = "The tram runs on rails all night. [1]"
    retriever = IndexRetriever(shelf, ENCODER)
    before = {h.passage.passage_id: h.score for h in retriever.retrieve_all([("it costs", 1.0)], 3)}
    after = {
        h.passage.passage_id: h.score
        for h in retriever.retrieve_all([("it costs", 1.0)], 3, said=said)
    }
    share = SAID_WEIGHT / (1 + SAID_WEIGHT) / (1 + MATCH_WEIGHT)
    assert before["id2"] == pytest.approx(before["id3"])
    assert after["id2"] - after["id3"] == pytest.approx(share)
    assert max(after.values()) <= 1
    for mode in ("dense", "lexical"):
        plain = IndexRetriever(shelf, ENCODER, mode=mode)
        assert plain.retrieve_all([("it costs", 1.0)], 3, said=said) == plain.retrieve(
            "it costs", 3
        )


def test_a_passage_that_one_form_lacks_counts_nothing_there() -> None:
    retriever = IndexRetriever(Shelf(["tram", "bus"]), ENCODER, mode="lexical")
    hits = retriever.retrieve_all([("tram", 1.0), ("bus bus", 1.0)], 3)
    assert [(hit.passage.text, hit.score) for hit in hits] == [("bus", 1.0), ("tram", 0.5)]


@pytest.mark.parametrize("mode", MODES)
def test_one_query_weighs_the_same_whatever_its_weight(mode: Mode) -> None:
    retriever = IndexRetriever(Shelf(CITY), ENCODER, mode=mode)
    assert retriever.retrieve_all([("red tram", 7.0)], 5) == retriever.retrieve("red tram", 5)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_query_twice_is_as_once(mode: Mode) -> None:
    retriever = IndexRetriever(Shelf(CITY), ENCODER, mode=mode)
    twice = retriever.retrieve_all([("red tram", 0.5), ("red tram", 0.5)], 5)
    once = retriever.retrieve("red tram", 5)
    assert texts(twice) == texts(once)
    assert [hit.score for hit in twice] == pytest.approx([hit.score for hit in once])


# What is repeated


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_is_dropped_and_the_next_one_moves_up(mode: Mode) -> None:
    index = Shelf(["the tram runs", "The  TRAM\nruns.", "a tram stops"])
    hits = IndexRetriever(index, ENCODER, mode=mode).retrieve("the tram runs", 2)
    assert [(hit.rank, hit.passage.passage_id) for hit in hits] == [(1, "id1"), (2, "id3")]


@pytest.mark.parametrize("mode", MODES)
def test_of_two_passages_that_overlap_the_better_one_stays(mode: Mode) -> None:
    index = Shelf(
        [
            passage("runs slowly here", 1, doc_id="a.md", start=9),
            passage("tram tram runs", 2, doc_id="a.md", start=0),
            passage("tram on a road", 3, doc_id="b.md", start=0),
        ]
    )
    hits = IndexRetriever(index, ENCODER, mode=mode).retrieve("tram runs", 3)
    assert [hit.passage.passage_id for hit in hits] == ["id2", "id3"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 4), (3, 6), True),
        ((0, 4), (4, 6), False),
        ((0, 9), (3, 4), True),
        ((2, 4), (2, 4), True),
    ],
)
def test_overlap_is_a_shared_character_of_one_document(
    first: tuple[int, int], second: tuple[int, int], expected: bool
) -> None:
    one, two = (Passage("", "a.md", start, end, "", "x") for start, end in (first, second))
    assert overlap(one, two) is overlap(two, one) is expected
    assert not overlap(one, replace(two, doc_id="b.md"))


def test_two_copies_differ_in_case_layout_and_marks_only() -> None:
    assert normalize_text("Trams,  and\n— BUSES!") == normalize_text("trams and buses")
    assert normalize_text("STRASSE") == normalize_text("Straße")
    assert normalize_text("trams") != normalize_text("tram s")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Sales changed by -5%.", "Sales changed by 5%."),
        ("The fare is $5.", "The fare is €5."),
        ("🚋", "🚌"),
        ("की", "का"),
    ],
    ids=["sign", "currency", "emoji", "Hindi vowels"],
)
def test_passages_that_say_different_things_are_no_copies(first: str, second: str) -> None:
    assert normalize_text(first) != normalize_text(second)
