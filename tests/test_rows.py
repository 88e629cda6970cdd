import pytest

from rag.generate.features import Sentence
from rag.generate.marks import mark_answer
from rag.generate.rows import find_rivals, lacks_name, read_cells
from rag.records import Hit, Passage
from rag.retrieve.terms import content_terms

PORTO = "Country: Portugal; City: Porto; Population: 231,800; Mayor: Rui Moreira; Founded: 417"
VIGO = "Country: Spain; City: Vigo; Population: 292,374; Mayor: Abel Caballero; Founded: 1810"
BRAGA = "Country: Portugal; City: Braga; Population: 193,349; Mayor: Ricardo Rio"


def sentences_of(*texts: str, doc_id: str = "a.md") -> list[Sentence]:
    """Each text as a sentence of a passage of its own."""
    passages = [Passage(str(n), doc_id, 0, len(text), "", text) for n, text in enumerate(texts)]
    return [Sentence(Hit(p, 1.0, n), 0, p.end) for n, p in enumerate(passages, start=1)]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (BRAGA, ["Portugal", "Braga", "193,349", "Ricardo Rio"]),
        ("Adults; Single: €7; Return: €12; cash", ["Adults", "€7", "€12; cash"]),
        ("Note: it rained; nobody came.", []),
        ("He came late; and this is what he said; it was: no; or: yes, but only at times.", []),
        ("The tram runs.", []),
        ("", []),
    ],
)
def test_a_row_is_told_by_two_names_of_columns(text: str, cells: list[str]) -> None:
    assert [text[cell.start : cell.end] for cell in read_cells(text)] == cells


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Who is the mayor of Porto?", [PORTO]),
        ("Which cities are in Portugal?", [PORTO, BRAGA]),
        ("How many people live in Braga, Portugal?", [BRAGA]),
        ("Who is the mayor of Lyon?", [PORTO, VIGO, BRAGA]),
    ],
)
def test_rows_of_which_the_question_says_less_are_rivals(question: str, kept: list[str]) -> None:
    sentences = sentences_of(*(f"- {row}" for row in (PORTO, VIGO, BRAGA)), "Porto is old.")
    rivals = find_rivals(sentences, content_terms(question))
    left = [s.text.removeprefix("- ") for n, s in enumerate(sentences) if n not in rivals]
    assert left == [*kept, "Porto is old."]


def test_rows_of_other_tables_and_documents_are_no_rivals() -> None:
    sentences = sentences_of(PORTO, "River: Douro; Length: 897 km")
    sentences += sentences_of(VIGO, doc_id="b.md")
    assert find_rivals(sentences, content_terms("Who is the mayor of Porto?")) == set()


@pytest.mark.parametrize(
    ("question", "read", "marked"),
    [
        ("Who is the mayor of Porto?", "City", "Rui Moreira"),  # the column is named
        ("In which country is the city of Porto?", "", "Portugal"),
        ("How many people live there?", "Population: 231,800", "231,800"),  # the reader's cell
        ("What does the census say?", "Population", "231,800"),  # or of its name
        ("Who runs it?", "Moreira", "Rui Moreira"),  # whole
    ],
)
def test_the_cell_that_is_asked_for_is_marked(question: str, read: str, marked: str) -> None:
    assert mark_answer(PORTO, question, read) == PORTO.replace(marked, f"**{marked}**")


@pytest.mark.parametrize(
    "question", ["How large is Porto?", "Is Rui Moreira its mayor?", "What of Porto?", ""]
)
def test_where_it_cannot_be_told_no_cell_is_marked(question: str) -> None:
    assert mark_answer(PORTO, question) == PORTO


def test_of_two_columns_with_a_word_of_the_question_that_with_more_of_them_is_asked_for() -> None:
    row = "Line: Red; Terminus, north: Airport; Terminus, south: Port; Length: 10.5 km"
    assert "**Port**" in mark_answer(row, "What is the southern terminus of the red line?")
    assert "**10.5 km**" in mark_answer(row, "How far does the red line go?")


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("Who is the mayor of Porto?", False),
        ("Who is the mayor of Lyon?", True),
        ("Which city was founded in 417?", False),
        ("Which city was founded in 418?", True),
        ("Who runs the Portuguese city?", False),  # another form of a name
        ("Who runs the city in the UK?", False),  # short for a name
        ("WHO IS THE MAYOR OF LYON?", False),  # which are the names cannot be told
        ("Lyon has a mayor?", False),
        ("Who is the mayor?", False),
    ],
)
def test_a_row_does_not_answer_for_a_name_that_no_hit_has(question: str, lacks: bool) -> None:
    sentences = sentences_of(PORTO, "It lies on the Douro.")
    assert lacks_name(sentences[0], sentences, question) is lacks
    assert not lacks_name(sentences[1], sentences, question)
