import pytest

from rag.generate.features import Sentence
from rag.generate.words.marks import mark_answer
from rag.generate.words.rows import find_rivals, lacks_name, read_cells
from rag.records import Hit, Passage
from rag.retrieve.terms import content_terms

PORTO = "Country: Portugal; City: Porto; Population: 231,800; Mayor: Rui Moreira; Founded: 417"
VIGO = "Country: Spain; City: Vigo; Population: 292,374; Mayor: Abel Caballero; Founded: 1810"
BRAGA = "Country: Portugal; City: Braga; Population: 193,349; Mayor: Ricardo Rio"

FADO = "Museum: Fado Museum; District: Alfama; Closed: Monday; Adults: €5"
TILE = "Museum: Tile Museum; District: Xabregas; Closed: Monday; Adults: €8"
COACH = "Museum: Coach Museum; District: Belém; Closed: Tuesday; Adults: €8"
CUT = "Service: Dry cut; Short hair: €32; Long hair: €38; Duration: 30 min"
OTHER = "The training takes 45 minutes."


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


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("And Tile Museum?", [TILE]),  # all words of its first cell
        ("And the fado?", [FADO]),  # a word that no other first cell has
        ("And the museum?", [FADO]),  # of all of them: what was spoken of
        ("And on Tuesdays?", [FADO]),  # no first cell
    ],
)
def test_a_row_that_a_follow_up_names_comes_before_that_of_the_turn_before(
    question: str, kept: list[str]
) -> None:
    sentences = sentences_of(FADO, TILE, COACH)
    terms = content_terms(f"{question} Fado Museum Alfama Monday 5")
    rivals = find_rivals(sentences, terms, question)
    assert [s.text for n, s in enumerate(sentences) if n not in rivals] == kept


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("How long does it take?", [CUT]),
        ("How much does it cost?", [CUT]),
        ("How heavy is it?", [CUT, OTHER]),  # the row does not say
        ("How long does training take?", [CUT, OTHER]),  # something else is spoken of
        ("And what of it?", [CUT, OTHER]),
    ],
)
def test_of_it_the_row_is_told_that_was_spoken_of_if_it_has_what_is_asked_for(
    question: str, kept: list[str]
) -> None:
    sentences = [*sentences_of(CUT), *sentences_of(OTHER, doc_id="b.md")]
    rivals = find_rivals(sentences, content_terms(f"{question} dry cut long hair 38"), question)
    assert [s.text for n, s in enumerate(sentences) if n not in rivals] == kept


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("How long does it take?", "30 min"),  # not: long hair
        ("How much is it for short hair?", "€32"),
        ("How much does it cost for long hair?", "€38"),
        ("How heavy is long hair?", "€38"),  # no cell has a weight
    ],
)
def test_the_cell_with_what_is_to_be_measured_is_marked(question: str, marked: str) -> None:
    assert mark_answer(CUT, question) == CUT.replace(marked, f"**{marked}**")


def test_the_only_price_of_a_row_is_how_much_something_is() -> None:
    row = "Service: Beard trim; Short hair: €15; Duration: 15 min"
    assert mark_answer(row, "How much is a beard trim?") == row.replace("€15", "**€15**")
    two = "Service: Beard trim (under 12); Short hair: €15; Long hair: €18"
    assert mark_answer(two, "How much is a beard trim?", "Beard trim (under 12)") == two


def test_the_unit_may_stand_in_the_name_of_the_column() -> None:
    row = "Walk: Ridge; Ascent (m): 870; Duration (h): 6; Rating: 4"
    assert "**6**" in mark_answer(row.replace("(h)", "(hours)"), "How long does the walk take?")
    assert "**870**" in mark_answer(row, "How far up is it?")


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
