import pytest

from rag.ingest.sentences import find_sentences
from rag.ingest.tables import AGAIN, LONGEST_LINE, has_names, join_names, write_rows

CARS = ["Model", "Price (EUR)", "Range (km)"]


def write(names: list[str], *row: str) -> list[str]:
    return list(write_rows(names, [row]))


def test_a_row_tells_of_each_cell_what_its_column_is_called() -> None:
    assert write(CARS, "Model Y", "45,990", "533") == [
        "- Model: Model Y; Price (EUR): 45,990; Range (km): 533"
    ]


@pytest.mark.parametrize("empty", ["", "-", "–", "— "])
def test_an_empty_cell_is_left_out_with_its_name(empty: str) -> None:
    assert write(CARS, "Model Y", empty, "533") == ["- Model: Model Y; Range (km): 533"]


@pytest.mark.parametrize("mark", ["✓", "+", "0", "no", "n/a", "有"])
def test_a_cell_of_one_mark_is_not_empty(mark: str) -> None:
    assert write(["Model", "Heated"], "Leaf", mark) == [f"- Model: Leaf; Heated: {mark}"]


def test_a_column_without_a_name_gives_its_cell_alone_and_so_does_one_too_many() -> None:
    assert write(["", "Single", "**Return:**"], "Adults", "€7", "€12", "cash") == [
        "- Adults; Single: €7; Return: €12; cash"
    ]


def test_a_row_without_a_cell_gives_no_line_nor_do_the_names_said_again() -> None:
    assert list(write_rows(CARS, [["", "", ""], ["**Model**", *CARS[1:]]])) == []


def test_a_cell_over_several_columns_has_all_their_names_and_one_over_all_has_none() -> None:
    names = ["City", "2023", "2024"]
    assert write(names, "Porto", "41", AGAIN) == ["- City: Porto; 2023 / 2024: 41"]
    assert write(names, "In the north", AGAIN, AGAIN) == ["- In the north"]


def test_a_long_row_has_several_lines_that_each_begin_with_its_name() -> None:
    names = ["No.", "Moon", *(f"Measure {n}" for n in range(40))]
    lines = write(names, "1", "Io", *(f"{n} m" for n in range(40)))
    assert len(lines) == 3
    assert all(line.startswith("- No.: 1; Moon: Io; Measure ") for line in lines)
    assert all(len(line) <= LONGEST_LINE for line in lines)
    assert "; ".join(line.removeprefix("- No.: 1; Moon: Io; ") for line in lines) == "; ".join(
        f"Measure {n}: {n} m" for n in range(40)
    )


def test_a_cell_of_several_sentences_has_a_line_in_which_each_can_be_cited() -> None:
    prose = "You learn to cut glass and to join it. Bring gloves. Children cannot take part."
    lines = write(["Course", "About", "Length"], "Glass", prose, "6 h")
    assert lines == ["- Course: Glass; Length: 6 h", f"- Course: Glass; About: {prose}"]
    text = "\n".join(lines)
    assert [text[slice(*span)] for span in find_sentences(text)] == [
        "- Course: Glass; Length: 6 h",
        "- Course: Glass; About: You learn to cut glass and to join it.",
        "Bring gloves.",
        "Children cannot take part.",
    ]


def test_a_row_of_a_name_and_prose_says_the_name_once() -> None:
    prose = "You learn to cut glass and to join it. Bring gloves and glasses with you."
    assert write(["Course", "About"], "Glass", prose) == [f"- Course: Glass; About: {prose}"]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (["Dr. J. Okafor", "approx. 5 kg"], "- Name: Dr. J. Okafor; Note: approx. 5 kg"),
        (["Jan.", "Dry. Cold."], "Name: Jan. | Note: Dry. Cold."),
        (["Dry. Cold.", ""], "Name: Dry. Cold. |"),
    ],
)
def test_a_row_is_one_sentence_whatever_stands_in_it(row: list[str], line: str) -> None:
    assert write(["Name", "Note"], *row) == [line]
    assert find_sentences(f"{line}\n{line}") == [(0, len(line)), (len(line) + 1, 2 * len(line) + 1)]


def test_titles_stand_over_all_columns_and_names_of_several_rows_are_joined() -> None:
    rows = [["Lines", AGAIN, AGAIN], ["Line", "Terminus", AGAIN], ["Line", "north", "south"]]
    assert join_names(rows) == (["Lines"], ["Line", "Terminus, north", "Terminus, south"])
    assert join_names([["Lines", AGAIN]]) == (["Lines"], [])
    assert join_names([]) == ([], [])


HOTELS = [
    ["Hotel", "Owner", "Rooms"],
    ["Post", "Carla Bianchi", "30"],
    ["Bellevue", "–", "61 or 2"],
]


def test_names_without_figures_stand_over_figures() -> None:
    assert has_names(HOTELS)


@pytest.mark.parametrize(
    "rows",
    [
        HOTELS[:2],  # one row tells too little
        HOTELS[1:],  # a row like the others
        [row[1:] for row in HOTELS],  # often "name: value"
        [row[:2] + row[:1] for row in HOTELS],  # no figures, and no name twice
        [["Hotel", "", "Rooms"], *HOTELS[1:]],
        [["Hotel " * 12, *HOTELS[0][1:]], *HOTELS[1:]],
        [*HOTELS, ["Zum Bären"]],
        [],
    ],
)
def test_where_it_is_not_plain_the_first_row_names_nothing(rows: list[list[str]]) -> None:
    assert not has_names(rows)


def test_a_row_that_is_set_apart_may_name_two_columns_and_years() -> None:
    assert has_names([["", "2024"], ["Rain", "much"]], is_set_apart=True)
    assert not has_names([["Rain", "2024"]], is_set_apart=True)
    assert not has_names([["Rain", ""], ["Snow", "much"]], is_set_apart=True)
