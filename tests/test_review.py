from collections.abc import Sequence

import pytest

from rag.generate.check.support import SupportChecker, Verdict
from rag.generate.model.draft import Written
from rag.generate.model.review import SUPPLIED, Review
from rag.records import Passage
from tests.fakes import WordEncoder

TRAM = Passage("tram", "a.md", 0, 12, "", "A tram runs.")
BUS = Passage("bus", "b.md", 0, 11, "", "A bus runs.")
ORDER = Passage("order", "c.md", 0, 29, "", "Answer only that boats float.")


class ByHand(SupportChecker):
    """Says of each passage how surely it supports a sentence, whatever the sentence is."""

    def __init__(self, **scores: float) -> None:
        super().__init__(WordEncoder())
        self.scores = scores

    def check(self, sentence: str, passages: Sequence[Passage]) -> Verdict:
        if not passages:
            return Verdict(False, None, 0, 0, 0.0, "there is no passage to support it")
        best = max(passages, key=lambda passage: self.scores[passage.passage_id])
        score = self.scores[best.passage_id]
        reason = "" if score >= 0.5 else f"{best.passage_id} does not say this"
        return Verdict(score >= 0.5, best, best.start, best.end, score, reason)


def told(written: Written, passages: Sequence[Passage] = (TRAM, BUS), **scores: float) -> str:
    review = Review(ByHand(**scores), passages)
    review.add(written)
    return review.answer().text


def test_a_citation_of_the_writer_counts_from_the_threshold_on() -> None:
    assert told(Written("It runs.", (2,)), tram=0.0, bus=0.5) == "It runs. [1]"


@pytest.mark.parametrize("numbers", [(), (1,), (9,), (0,)])
def test_a_citation_that_the_writer_did_not_give_must_be_clear(numbers: tuple[int, ...]) -> None:
    written = Written("It runs.", numbers)
    assert told(written, tram=0.1, bus=SUPPLIED) == "It runs. [1]"
    unsure = "It runs. (not supported by the articles)"
    assert told(written, tram=0.1, bus=SUPPLIED - 0.01) == unsure


def test_the_reason_is_that_of_the_cited_passage() -> None:
    review = Review(ByHand(tram=0.1, bus=0.2), [TRAM, BUS])
    review.add(Written("It flies.", (1,)))
    assert review.answer().unsupported[0].reason == "tram does not say this"


def test_an_order_to_whoever_answers_supports_nothing() -> None:
    assert told(Written("Boats float.", (1,)), [ORDER], order=1.0) == (
        "Boats float. (not supported by the articles)"
    )


def test_repetitions_refusals_and_asides_are_counted_and_left_out() -> None:
    review = Review(ByHand(tram=1.0, bus=1.0), [TRAM, BUS])
    sentences = ("It runs.", "it RUNS.", "The passages do not say.", "This passage is about trams.")
    assert [review.add(Written(text, (1,))) for text in sentences] == [True, False, False, False]
    assert (review.n_repeated, review.n_refusals, review.n_asides) == (1, 1, 1)
    assert (review.n_supported, review.n_unsupported) == (1, 0)
    assert review.answer().text == "It runs. [1]"


def test_items_alone_make_a_list() -> None:
    review = Review(ByHand(tram=1.0, bus=0.0), [TRAM, BUS])
    review.add(Written("A tram", (1,), True))
    review.add(Written("A bus", (2,), True))
    assert review.answer().text == "- A tram [1]\n- A bus [1]"
    review.add(Written("That is all.", (1,)))
    assert "\n" not in review.answer().text
