"""Tables that are set with tabs or spaces."""

from pathlib import Path

import pytest

from rag.ingest.article import Limits
from rag.ingest.plain import read_plain
from rag.ingest.plain_tables import name_aligned


def test_a_table_that_is_set_with_spaces_is_read_with_the_names_of_its_columns(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "PRICES\n\n"
        "Ticket            Adult    Child\n"
        "--------------------------------\n"
        "Single visit      6.50     3.20\n"
        "Year pass         310.00   -\n\n"
        "Free on Sundays.\n"
    )
    assert read_plain(path, Limits()).text == (
        "PRICES\n\n"
        "- Ticket: Single visit; Adult: 6.50; Child: 3.20\n"
        "- Ticket: Year pass; Adult: 310.00\n\n"
        "Free on Sundays.\n"
    )


def test_tabs_set_cells_apart_and_figures_tell_the_names() -> None:
    text = "Name\tPhone\tRoom\nAnn Lee\t555-1234\t2.14\nBob Ray\t555-2345\t3.01"
    assert name_aligned(text) == (
        "- Name: Ann Lee; Phone: 555-1234; Room: 2.14\n- Name: Bob Ray; Phone: 555-2345; Room: 3.01"
    )


def test_rules_around_a_table_are_not_said() -> None:
    text = "======  ======\nCity    Area\n======  ======\nPorto   41\n======  ======"
    assert name_aligned(text) == "- City: Porto; Area: 41"


@pytest.mark.parametrize(
    "text",
    [
        "It rose.  Then it fell.\nWe saw.  Nobody came.\nThe end.  Of it.",
        "Ann  Lee\nBob  Ray\nEve  Fox",
        "Payroll\t555-2001\nHelp\t555-2000",
        "Ticket   Price\n--------------\nDay   6.50\nYear",
        "Ticket   Price\n--------------",
        "Title\n-----\nOne line\nand one more",
        f"A  B\n----\nx  {'y' * 500}",
        "  an indented\n  paragraph of\n  lines",
    ],
)
def test_what_is_no_table_stays(text: str) -> None:
    assert name_aligned(text) == text
