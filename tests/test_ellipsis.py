"""A follow-up that names something else is answered by what speaks of that."""

import numpy as np
import pytest

from rag.generate.ellipsis import (
    LESS_OF_OTHERS,
    MARGIN_OF_NAMED,
    count_others_less,
    find_named,
    is_told,
    is_unheard_of,
)
from rag.generate.evidence import find_hit_sentences, gather_evidence
from rag.ingest.split import make_passage
from rag.records import Document, Hit
from tests.fakes import WordEncoder

TEXT = "Adults pay five euros. Children pay two euros. The hall is old."


@pytest.mark.parametrize(
    ("question", "stems"),
    [
        ("What about solar panels?", {"solar", "panel"}),
        ("and children?", {"children"}),
        ("How about a motorcycle?", {"motorcycl"}),
        ("And in 2018?", {"2018"}),
        ("And by when?", set()),
        ("And it?", set()),
        ("And is it open on Sundays?", set()),
        ("And if the tram breaks down?", set()),
        ("What do children pay?", set()),
    ],
)
def test_what_a_follow_up_names(question: str, stems: set[str]) -> None:
    assert find_named(question) == stems


def test_what_does_not_speak_of_it_counts_less_where_something_does() -> None:
    passage = make_passage(Document("a", "", TEXT), 0, len(TEXT))
    sentences = find_hit_sentences(Hit(passage, 1.0, 1))
    scores = np.array([1.0, 0.5, -9.0])
    less = count_others_less("And children?", sentences, scores)
    assert less.tolist() == [1.0 - LESS_OF_OTHERS, 0.5, -9.0 - LESS_OF_OTHERS]
    for question in ("And pensioners?", "What do children pay?", "And if children come?"):
        assert count_others_less(question, sentences, scores).tolist() == scores.tolist()
    assert count_others_less("And children?", [], np.zeros(0)).tolist() == []


def test_one_of_the_best_sentences_must_speak_of_it() -> None:
    passage = make_passage(Document("a", "", TEXT), 0, len(TEXT))
    hits = [Hit(passage, 1.0, 1)]
    evidence = gather_evidence("And children?", hits, WordEncoder())
    assert len(evidence.sentences) == len(find_hit_sentences(hits[0])) == 3
    near = np.array([1.0, 1.1 - MARGIN_OF_NAMED, -9.0])
    assert is_told("And children?", evidence, near)
    assert not is_told("And children?", evidence, np.array([1.0, 0.9 - MARGIN_OF_NAMED, -9.0]))
    assert not is_told("And pensioners?", evidence, near)
    assert is_told("What do pensioners pay?", evidence, near)
    assert not is_told("And children?", gather_evidence("?", [], WordEncoder()), np.zeros(0))


@pytest.mark.parametrize(
    ("question", "is_unheard"),
    [
        ("And pensioners?", True),
        ("And children?", False),
        ("And the elderly?", False),  # who may be called something else
        ("And in winter?", False),
        ("And what do pensioners pay?", False),
        ("What do pensioners pay?", False),
    ],
)
def test_what_is_named_and_spoken_of_nowhere(question: str, *, is_unheard: bool) -> None:
    passage = make_passage(Document("a", "", TEXT), 0, len(TEXT))
    evidence = gather_evidence(question, [Hit(passage, 1.0, 1)], WordEncoder())
    assert is_unheard_of(question, evidence) is is_unheard
