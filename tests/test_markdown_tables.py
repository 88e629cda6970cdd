import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.markdown import parse_markdown
from rag.ingest.markdown_tables import name_cells

TABLE = "| City | Area (km²) |\n|:--|--:|\n| Porto | 41 |\n| Vigo | 109 |"
ROWS = "- City: Porto; Area (km²): 41\n- City: Vigo; Area (km²): 109"


def test_the_rows_of_a_table_are_told_with_the_names_of_their_columns() -> None:
    assert parse_markdown(f"# Cities\n\n{TABLE}\n\nThe end.").text == (
        f"# Cities\n\n{ROWS}\n\nThe end."
    )


def test_the_borders_at_both_ends_may_be_left_out() -> None:
    assert name_cells("City | Area\n--- | ---\nPorto | 41") == "- City: Porto; Area: 41"


def test_text_right_below_a_table_is_no_part_of_its_last_row() -> None:
    assert name_cells(f"{TABLE}\nThe end.") == f"{ROWS}\n\nThe end."


def test_marks_of_notes_and_struck_text_are_gone_before_cells_are_read() -> None:
    text = "| City | ~~Size~~ Area[^1] |\n|---|---|\n| Porto | 41 |\n\n[^1]: In 2024."
    assert parse_markdown(text).text == "- City: Porto; Area: 41\n\n- In 2024."


def test_a_pipe_behind_a_backslash_is_no_border_and_a_break_a_space() -> None:
    assert (
        name_cells("| a | b |\n|---|---|\n| x \\| y | Mon<br>Tue |") == "- a: x \\| y; b: Mon Tue"
    )


def test_a_row_may_have_fewer_cells_than_names_or_more() -> None:
    assert name_cells("| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |") == "- a: 1\n- a: 2; b: 3; 4"


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{TABLE}\n```",
        f"~~~ md\n{TABLE}\n```\n{TABLE}\n~~~",
        "    | a | b |\n    |---|---|\n    | 1 | 2 |",
        "| a | b |\n| 1 | 2 |",  # no rule
        "| a | b |\n|---|\n| 1 | 2 |",  # a rule of another table
        "| a | b |\n|---|---|",  # no row
        "| a | b |\n|---|---|\n|   |   |",  # nor one that says something
        "| a |\n|---|\n| 1 |",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |",
        "# a | b\n---|---\n1 | 2",
        "Choose a | b.\n\nP(A | B)",
        "",
    ],
)
def test_what_is_no_table_with_names_stays_as_it_is(text: str) -> None:
    assert name_cells(text) == text


def test_a_table_behind_code_is_read() -> None:
    assert name_cells(f"```\n{TABLE}\n```\n{TABLE}") == f"```\n{TABLE}\n```\n{ROWS}"


@given(st.text(alphabet="ab|-`~: \n\\<", max_size=60))
@settings(derandomize=True, max_examples=300)
def test_no_letter_is_lost_below_the_names(text: str) -> None:
    names, rule, table = "n | m", "-|-", text.strip()
    read = name_cells(f"{names}\n{rule}\n{table}")
    assert [c for c in read if c in "ab"] == [c for c in table if c in "ab"]
