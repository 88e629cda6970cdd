from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.generate.evidence import Evidence, gather_evidence
from rag.generate.features import FEATURES, Sentence
from rag.generate.selection import (
    KINDS,
    MARGIN,
    MARGIN_ELSEWHERE,
    MARGIN_OF_FACT,
    N_OF_FACT,
    N_OF_LIST,
    N_SENTENCES,
    SAID_BEFORE,
    STRONGEST,
    SUMMARY,
    asks_for_list,
    estimate_confidence,
    name_columns,
    repeats,
    score_sentences,
    select_sentences,
    summarize,
    tabulate,
)
from rag.records import Hit, Passage
from rag.retrieve.kinds import Kind
from rag.retrieve.terms import query_terms
from tests.fakes import WordEncoder

# Wide enough for no two words of the tests to share a column.
ENCODER = WordEncoder(dimension=4096)
ANIMALS = ["Aardvark", "Badger", "Camel", "Donkey", "Eagle", "Ferret", "Gazelle", "Hamster", "Ibis"]


def hit(text: str, rank: int = 1) -> Hit:
    return Hit(Passage(f"id{rank}", f"{rank}.md", 0, len(text), "", text), 1 / rank, rank)


def evidence_of(texts: Sequence[str], kind: Kind = "what") -> Evidence:
    """Evidence of these sentences, all of one hit, about nothing."""
    text = " ".join(texts)
    held = hit(text)
    starts = [text.index(sentence) for sentence in texts]
    sentences = [
        Sentence(held, start, start + len(sentence))
        for start, sentence in zip(starts, texts, strict=True)
    ]
    n = len(texts)
    return Evidence(
        kind,
        (),
        np.zeros(0),
        np.zeros(0),
        tuple(sentences),
        np.zeros((n, len(FEATURES))),
        np.zeros((n, 0)),
        np.zeros((n, 0)),
    )


def select(
    texts: Sequence[str], scores: Sequence[float], *, kind: Kind = "what", question: str = "What?"
) -> list[str]:
    evidence = evidence_of(texts, kind)
    return [one.text for one in select_sentences(question, evidence, np.array(scores))]


# Which sentences


def test_the_best_sentences_come_in_reading_order() -> None:
    assert select(["Red.", "Blue.", "Green.", "Grey."], [0.5, -5, 1, 0]) == [
        "Red.",
        "Green.",
        "Grey.",
    ]


@pytest.mark.parametrize(
    ("kind", "question", "limit"),
    [
        ("number", "How many trams?", N_OF_FACT),
        ("when", "When?", N_OF_FACT),
        ("who", "Who?", N_OF_FACT),
        ("where", "Where?", N_OF_FACT),
        ("yes/no", "Is it?", N_OF_FACT),
        ("why", "Why?", N_SENTENCES),
        ("how", "How?", N_SENTENCES),
        ("what", "What are trams?", N_SENTENCES),
        ("other", "trams", N_SENTENCES),
        ("other", "List the trams.", N_OF_LIST),
        ("what", "What are the trams of Lahore?", N_OF_LIST),
        ("who", "Name all of them: who came?", N_OF_LIST),
    ],
)
def test_the_question_says_how_many_there_are_at_most(
    kind: Kind, question: str, limit: int
) -> None:
    texts = [f"{animal}." for animal in ANIMALS]
    assert select(texts, [1.0] * 9, kind=kind, question=question) == texts[:limit]


@pytest.mark.parametrize(("kind", "margin"), [("who", MARGIN_OF_FACT), ("what", MARGIN)])
def test_what_is_further_below_the_best_than_the_margin_is_left_out(
    kind: Kind, margin: float
) -> None:
    texts = ["Red.", "Blue."]
    assert select(texts, [3, 3 - margin + 0.01], kind=kind) == texts
    assert select(texts, [3, 3 - margin - 0.01], kind=kind) == ["Red."]


def test_what_another_article_says_has_to_be_nearer_to_the_best() -> None:
    evidence = evidence_of(["Red.", "Blue."])
    first, second = evidence.sentences
    other = replace(second.hit, passage=replace(second.hit.passage, doc_id="other.md"))
    apart = replace(evidence, sentences=(first, replace(second, hit=other)))
    for below, expected in ((MARGIN_ELSEWHERE - 0.01, 2), (MARGIN_ELSEWHERE + 0.01, 1)):
        scores = np.array([3, 3 - below])
        assert len(select_sentences("What?", evidence, scores)) == 2
        assert len(select_sentences("What?", apart, scores)) == expected


def test_ties_are_in_reading_order() -> None:
    texts = [f"{animal}." for animal in ANIMALS]
    assert select(texts, [0.0] * 9, kind="who") == ["Aardvark.", "Badger."]


def test_a_sentence_that_repeats_a_better_one_is_left_out() -> None:
    texts = ["The tram runs in Lahore.", "In Lahore the TRAM runs!", "A bus stops."]
    assert select(texts, [1, 2, 0.5]) == ["In Lahore the TRAM runs!", "A bus stops."]


def test_a_sentence_that_opens_with_a_pronoun_brings_the_one_before() -> None:
    texts = ["Khan came.", "He bought trams.", "Nobody sang."]
    assert select(texts, [-9, 2, -9], kind="who") == ["Khan came.", "He bought trams."]


def test_without_sentences_none_is_selected() -> None:
    assert select([], []) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(ANIMALS), st.booleans(), st.floats(-5, 5)),
        max_size=9,
        unique_by=lambda row: row[0],
    ),
    st.sampled_from(get_args(Kind)),
    st.sampled_from(["What?", "List all of them."]),
)
@settings(derandomize=True, deadline=None)
def test_the_best_is_always_among_them_and_there_are_never_too_many(
    rows: list[tuple[str, bool, float]], kind: Kind, question: str
) -> None:
    texts = [f"It is a {name}." if dangles else f"{name}." for name, dangles, _ in rows]
    scores = [score for _, _, score in rows]
    found = select(texts, scores, kind=kind, question=question)
    assert [text for text in texts if text in found] == found
    assert len(found) <= 2 * N_OF_LIST
    if rows:
        assert texts[scores.index(max(scores))] in found
    limit = N_OF_LIST if question != "What?" else N_SENTENCES
    assert sum(not text.startswith("It is") for text in found) <= 2 * limit


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("The tram runs.", "the TRAM, runs", True),
        ("The tram runs.", "In Lahore the tram runs again.", True),
        ("The tram runs.", "The bus runs.", False),
        ("The tram runs in 2020.", "The tram runs in 2021.", False),
        ("A b c d e f g h i j.", "A b c d e f g h i z.", True),
    ],
)
def test_a_sentence_repeats_another_if_nearly_all_its_words_stand_there(
    first: str, second: str, expected: bool
) -> None:
    one, two = Sentence(hit(first), 0, len(first)), Sentence(hit(second), 0, len(second))
    assert repeats(one, two) is repeats(two, one) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("List the firms.", True),
        ("Name three fields.", True),
        ("What are the targets?", True),
        ("Did all of the firms come?", False),
        ("Which firms are there?", True),
        ("What is a list?", False),
        ("What is his name?", False),
        ("Who came?", False),
    ],
)
def test_a_list_is_told_by_how_is_asked(question: str, expected: bool) -> None:
    assert asks_for_list(question) is expected


# How sure


def test_every_number_of_the_summary_has_a_name_of_its_own() -> None:
    assert len(set(SUMMARY)) == len(SUMMARY)
    assert set(STRONGEST) <= set(FEATURES)
    assert get_args(Kind) == KINDS


QUESTIONS = ["Which trams run in Lahore?", "Who?", "???", "", "And when? (Khan trams)", "電気"]


@pytest.mark.parametrize("question", QUESTIONS, ids=ascii)
@pytest.mark.parametrize(
    "texts", [["A tram runs in Lahore. It is red."], ["Red."], ["🚋", "***", "…"]], ids=ascii
)
def test_the_summary_is_finite_and_the_confidence_a_probability(
    question: str, texts: list[str]
) -> None:
    evidence = gather_evidence(
        question, [hit(text, rank) for rank, text in enumerate(texts, start=1)], ENCODER
    )
    scores = score_sentences(evidence)
    assert scores.shape == (len(evidence.sentences),)
    if evidence.sentences and evidence.terms:
        summary = summarize(evidence, scores)
        assert summary.shape == (len(SUMMARY),)
        assert np.isfinite(summary).all()
    assert 0 <= estimate_confidence(evidence, scores) <= 1


@pytest.mark.parametrize(
    ("query", "ways"),
    [
        ("Which trams run?", (True, False, False)),
        ("Do trams run?", (True, True, False)),
        ("trams lahore", (True, False, True)),
        ("do trams run", (True, True, True)),
        ("And by when? (trams Lahore)", (True, False, False)),
    ],
)
def test_the_features_count_again_for_yes_or_no_and_for_what_has_no_question_mark(
    query: str, ways: tuple[bool, ...]
) -> None:
    evidence = gather_evidence(query, [hit("Trams run in Lahore. Buses stand.")], ENCODER)
    parts = np.split(tabulate(evidence), len(ways), axis=1)
    for part, counts in zip(parts, ways, strict=True):
        assert part.tolist() == (evidence.features * counts).tolist()
    names = name_columns("sentence", is_read=False)
    assert len(names) == len(set(names)) == len(ways) * len(FEATURES)


def test_the_summary_begins_with_the_features_of_the_best_sentence() -> None:
    evidence = gather_evidence(
        "Which trams run?", [hit("Buses stand. Trams run. Boats float.")], ENCODER
    )
    scores = np.array([0.1, 0.9, -0.3])
    named = dict(zip(SUMMARY, summarize(evidence, scores).tolist(), strict=True))
    assert [named[name] for name in FEATURES] == evidence.features[1].tolist()
    for name in STRONGEST:
        assert named[f"strongest {name}"] == evidence.features[:, FEATURES.index(name)].max()
    assert (named["score of best"], named["score of second"]) == (0.9, 0.1)
    assert [kind for kind in KINDS if named[f"asks {kind}"]] == ["which"]


def test_without_sentences_there_is_no_confidence() -> None:
    evidence = gather_evidence("Which trams run?", [], ENCODER)
    scores = score_sentences(evidence)
    assert scores.shape == (0,)
    assert estimate_confidence(evidence, scores) == 0.0


def test_a_sentence_said_before_counts_less_unless_it_holds_what_is_asked_for_now() -> None:
    held = [hit("The **trams** run in Lahore. It cost 40 rupees. Khan came.")]
    evidence = gather_evidence("How many rupees?", held, ENCODER)
    said = "The trams run in Lahore. [1] It cost 40 rupees. [1]"
    change = score_sentences(evidence, said=said) - score_sentences(evidence)
    assert change == pytest.approx([-SAID_BEFORE, 0, 0])


def test_a_follow_up_that_names_a_row_is_answered_with_it_though_more_is_carried_of_another() -> (
    None
):
    rows = [
        "Museum: Fado Museum; District: Alfama; Closed: Monday",
        "Museum: Coach Museum; District: Belém; Closed: Monday",
    ]
    question = "And the Coach Museum?"
    carried = query_terms(f"{question} (Fado District Alfama Closed Monday)")
    evidence = replace(evidence_of(rows), terms=tuple(carried))
    chosen = select_sentences(question, evidence, np.zeros(2))
    assert [sentence.text for sentence in chosen] == rows[1:]
