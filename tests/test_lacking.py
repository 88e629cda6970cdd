import math

import numpy as np
import pytest

from rag.generate.evidence import gather_evidence
from rag.generate.lacking import (
    DOUBT_WITHOUT_DATE,
    DOUBT_WITHOUT_NAME,
    doubt,
    find_missing_names,
    find_strangers,
    lacks_date,
    lacks_relative_date,
)
from rag.generate.selection import select_sentences
from rag.records import Hit, Passage
from tests.test_selection import ENCODER, evidence_of, hit

CARS = "BYD and Chery sell cars in Pakistan. In 2030 the Chinese firm Brownlee opens."


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What was the revenue in 2019?", "In 2025 it was $4 million.", True),
        ("What was the revenue in 2025?", "In 2025 it was $4 million.", False),
        ("What was the revenue in 2019?", "This year it was $4 million.", False),
        ("When did 4.2.1 come out?", "Version 4.2.0 came out in May.", True),
        ("When did 4.2.0 come out?", "Version 4.2.0 came out in May.", False),
        ("Who paid 2,019 pounds?", "In 2025 it was $4 million.", False),
        ("What was it? (revenue 2019)", "In 2025 it was $4 million.", False),
        ("What was it in 2030?", "The policy for 2025–2030.", False),
    ],
)
def test_a_year_or_version_that_no_passage_has_is_told(
    question: str, text: str, expected: bool
) -> None:
    assert lacks_date(question, evidence_of([text])) is expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("How many were sold last year?", "By 2030 it should be 30%.", True),
        ("Who won last year's race?", "Khan won this week.", True),
        ("What opens tomorrow?", "The bridge opened on Tuesday; last Monday it was shut.", True),
        ("How many came to last year's fair?", "Over 200 come on 4 September.", True),
        ("How many were sold Last Year?", "In 2025, and last year, 40 were sold.", False),
        ("Who came last year and who last week?", "Khan came last year.", True),
        ("How many were sold last year?", "Forty were sold.", False),  # it may be of last year
        ("What was the last year of his reign?", "He ruled until 1990.", False),
        ("How many were sold? (last year)", "By 2030 it should be 30%.", False),
        ("What is sold today?", "By 2030 it should be 30%.", False),
    ],
)
def test_a_time_told_from_today_that_no_passage_has_is_told(
    question: str, text: str, expected: bool
) -> None:
    assert lacks_relative_date(question, evidence_of([text])) is expected


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Is Tesla going to open a factory in Pakistan?", ["Tesla"]),
        ("Does Tesla or Toyota sell cars there?", ["Tesla", "Toyota"]),
        ("Which cars does BYD sell?", []),
        ("Which cars sell in China?", []),  # the Chinese
        ("Which Pakistani cars are sold?", []),
        ("What are Chery's cars?", []),
        ("When does Browlee open?", []),  # an error of typing
        ("Tesla cars?", []),  # any word has a capital there
        ("What Cars Does Tesla Sell?", []),  # … and here
        ("WHAT CARS DOES TESLA SELL?", []),
        ("what cars does tesla sell?", []),
        ("And the cars? (Tesla cars)", []),
        ("", []),
    ],
)
def test_names_that_no_hit_has_are_found(question: str, missing: list[str]) -> None:
    assert find_missing_names(question, evidence_of([CARS])) == missing


def test_initials_of_what_is_written_in_full_are_not_missing() -> None:
    evidence = evidence_of(["The Lahore Transport Company runs trams.", "The UN paid."])
    assert find_missing_names("What does the LTC run?", evidence) == []
    assert find_missing_names("What did the United Nations pay?", evidence) == []
    assert find_missing_names("What does the KTC run?", evidence) == ["KTC"]


def test_who_says_i_may_be_named_though_the_text_does_not() -> None:
    question = "What did President Biden cut?"
    assert find_missing_names(question, evidence_of(["The president cut fees."])) == ["Biden"]
    assert find_missing_names(question, evidence_of(["As president I cut fees."])) == []
    assert find_missing_names(question, evidence_of(["My president cut fees."])) == []


def test_a_missing_name_or_date_lowers_the_odds() -> None:
    evidence = evidence_of([CARS])
    assert doubt(0.5, "Which cars does BYD sell?", evidence) == 0.5
    by_e = 1 / (1 + math.exp(DOUBT_WITHOUT_NAME))
    assert doubt(0.5, "Which cars does Tesla sell?", evidence) == pytest.approx(by_e)
    without_date = pytest.approx(1 / (1 + math.exp(DOUBT_WITHOUT_DATE)))
    assert doubt(0.5, "Which cars sold in 2029?", evidence) == without_date
    assert doubt(0.5, "Which cars sold last year?", evidence) == without_date
    for certain in (0.0, 1.0):
        assert doubt(certain, "Which cars does Tesla sell?", evidence) == certain


def test_without_sentences_no_date_is_missing() -> None:
    nothing = evidence_of([])
    assert not lacks_date("What was it in 2019?", nothing)
    assert not lacks_relative_date("What was it last year?", nothing)
    assert doubt(0.0, "Which cars does Tesla sell?", nothing) == 0.0


DUN = "The first keeper of Dunvik was A. Berg."
FEL = "The first keeper of Felvik was B. Dahl."


@pytest.mark.parametrize(
    ("question", "scores", "strange"),
    [
        ("Who was the first keeper of Dunvik?", [2.0, 1.5], {1}),
        ("Who was the first keeper of Dunvik?", [1.5, 2.0], {1}),
        ("Who was the first keeper of Dunvik?", [0.5, 2.0], set()),  # too far below the best
        ("Who was the first keeper of Dunvik?", [2.0, -1.0], set()),  # left out in any case
        ("Who were the first keepers of Dunvik and Felvik?", [2.0, 1.5], set()),
        ("Who was the first keeper of Rosvik?", [2.0, 1.5], set()),
        ("Who was the first keeper?", [2.0, 1.5], set()),
    ],
)
def test_what_an_article_says_that_does_not_name_what_the_question_names_is_another_s(
    question: str, scores: list[float], strange: set[int]
) -> None:
    evidence = gather_evidence(question, [hit(DUN, 1), hit(FEL, 2)], ENCODER)
    assert find_strangers(question, evidence, np.array(scores), 2.0) == strange


def test_an_article_that_has_the_name_in_another_hit_is_no_stranger() -> None:
    question = "Who was the first keeper of Dunvik?"
    other = hit("Felvik and Dunvik are islands.", 2).passage
    more = Passage("more", other.doc_id, 100, 100 + len(FEL), "", FEL)
    hits = [hit(DUN, 1), Hit(other, 0.5, 2), Hit(more, 0.4, 3)]
    evidence = gather_evidence(question, hits, ENCODER)
    assert find_strangers(question, evidence, np.array([2.0, 1.0, 1.9]), 2.0) == set()


def test_the_keeper_of_another_lighthouse_is_not_told() -> None:
    question = "Who was the first keeper of Dunvik?"
    evidence = gather_evidence(question, [hit(DUN, 1), hit(FEL, 2)], ENCODER)
    chosen = select_sentences(question, evidence, np.array([2.0, 1.9]))
    assert [sentence.text for sentence in chosen] == [DUN]
