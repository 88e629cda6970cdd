import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluate.citation_measures import measure_citations, split_claims
from rag.records import Answer, Citation, Document, Hit, Passage

TEXT = "The treaty was signed in 1648. It ended a long war. Münster hosted the talks."
DOCUMENTS = {"treaty.md": Document("treaty.md", "Treaty", TEXT)}
WHOLE = Passage("treaty.md:0", "treaty.md", 0, len(TEXT), "", TEXT)
FIRST, SECOND, THIRD = (0, 30), (31, 51), (52, 77)


def cite(number: int, span: tuple[int, int], passage: Passage = WHOLE) -> Citation:
    return Citation(number, passage, *span)


def measure(
    text: str, *citations: Citation, hits: tuple[Hit, ...] | None = None
) -> dict[str, float]:
    hits = (Hit(WHOLE, 1.0, 1),) if hits is None else hits
    return measure_citations(Answer(text, citations, hits), DOCUMENTS.__getitem__)


def test_sentences_taken_from_the_document_are_perfect() -> None:
    text = "The treaty was signed in 1648. [1] Münster hosted the talks [2]."
    assert measure(text, cite(1, FIRST), cite(2, THIRD)) == {
        "citation_precision": 1.0,
        "citation_recall": 1.0,
    }


def test_recall_is_the_share_of_sentences_that_their_own_citation_supports() -> None:
    text = "The treaty was signed in 1648 [1]. It ended a long war [1]. Nobody knows why."
    assert measure(text, cite(1, FIRST))["citation_recall"] == 1 / 3
    swapped = "It ended a long war [1]. The treaty was signed in 1648 [2]."
    assert measure(swapped, cite(1, FIRST), cite(2, SECOND))["citation_recall"] == 0.0


def test_spans_under_one_number_support_together() -> None:
    text = "The treaty was signed in 1648 and it ended a long war [1]."
    assert measure(text, cite(1, FIRST))["citation_recall"] == 0.0
    # 9 of the 10 words, all but "and"
    assert measure(text, cite(1, FIRST), cite(1, SECOND))["citation_recall"] == 1.0


@pytest.mark.parametrize(
    ("passage", "text", "hits"),
    [
        (Passage("p", "treaty.md", 1, 1 + 30, "", TEXT[:30]), "Signed [1].", None),
        (Passage("p", "gone.md", 0, len(TEXT), "", TEXT), "Signed [1].", None),
        (WHOLE, "Signed.", None),
        (WHOLE, "Signed [1].", ()),
        (
            WHOLE,
            "Signed [1].",
            (Hit(Passage("p", "treaty.md", 0, 29, "", TEXT[:29]), 1.0, 1),),
        ),
    ],
    ids=["text moved", "unknown document", "number unused", "not a hit", "beyond the hit"],
)
def test_a_citation_that_does_not_stand_costs_precision(
    passage: Passage, text: str, hits: tuple[Hit, ...] | None
) -> None:
    start = passage.start
    citation = cite(1, (start, start + 30), passage)
    assert measure(text, citation, hits=hits)["citation_precision"] == 0.0


def test_precision_is_over_citations() -> None:
    text = "The treaty was signed in 1648 [1]."
    measured = measure(text, cite(1, FIRST), cite(2, SECOND), cite(1, THIRD))
    assert measured["citation_precision"] == 2 / 3


def test_a_refusal_and_an_answer_without_citations_are_left_out() -> None:
    refusal = Answer("The articles do not say.", hits=(Hit(WHOLE, 1.0, 1),), abstained=True)
    assert measure_citations(refusal, DOCUMENTS.__getitem__) == {}
    assert measure("It was signed.") == {"citation_recall": 0.0}
    assert measure("***") == {}


def test_list_items_are_sentences_of_their_own() -> None:
    text = "- The treaty was signed in 1648. [1]\n- It ended a long war. [2]"
    assert [sentence for sentence, _ in split_claims(text, {1, 2})] == [
        "- The treaty was signed in 1648.",
        "- It ended a long war.",
    ]
    assert measure(text, cite(1, FIRST), cite(2, SECOND))["citation_recall"] == 1.0


def test_brackets_that_are_no_citation_are_text() -> None:
    assert list(split_claims("So says [2019] Dr. Khan [1].", {1})) == [
        ("So says [2019] Dr. Khan.", frozenset({1}))
    ]


@given(st.lists(st.sampled_from(["It grew.", "Dr. Khan left!", "Why [1]?", "[2]", "[3]", "x"])))
def test_no_text_is_lost_between_claims(parts: list[str]) -> None:
    claims = list(split_claims(" ".join(parts), {1, 2}))
    kept = "".join("".join(sentence.split()) for sentence, _ in claims)
    whole = "".join("".join(parts).split())
    assert kept == whole.replace("[1]", "").replace("[2]", "")
