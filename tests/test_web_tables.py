from xml.etree.ElementTree import fromstring

import pytest

from rag.ingest.web_tables import MOST_CELLS, lay_out
from rag.ingest.webpage import parse_webpage

SENTENCE = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
AROUND = f"<p>{SENTENCE}</p>" * 3
HEAD = "<tr><th>City</th><th>Area</th></tr>"


def read(table: str) -> str:
    """What becomes of a table in a page."""
    page = f"<article><h1>Cities</h1>{AROUND}<table>{table}</table><p>The end.</p></article>"
    text = parse_webpage(f"<html><head></head><body>{page}</body></html>").text
    return text.rpartition(f"{SENTENCE}\n\n")[2].removesuffix("\n\nThe end.")


def test_the_names_are_those_of_header_cells_or_of_the_head_of_the_table() -> None:
    row = "<tr><td>Porto</td><td>41 <b>km²</b></td></tr>"
    said = "- City: Porto; Area: 41 km²"
    assert read(HEAD + row) == said
    assert read(f"<thead>{HEAD.replace('th>', 'td>')}</thead><tbody>{row}</tbody>") == said
    assert read(f"<tr><td><p><b>City</b></p></td><td><strong>Area</strong></td></tr>{row}") == said


def test_a_cell_that_reaches_down_is_said_in_each_of_its_rows() -> None:
    html = (
        "<tr><th>Country</th><th>City</th><th>Area</th></tr>"
        "<tr><td rowspan=2>Portugal</td><td>Porto</td><td>41</td></tr>"
        "<tr><td>Braga</td><td>183</td></tr><tr><td>Spain</td><td>Vigo</td><td>109</td></tr>"
    )
    assert read(html) == (
        "- Country: Portugal; City: Porto; Area: 41\n"
        "- Country: Portugal; City: Braga; Area: 183\n"
        "- Country: Spain; City: Vigo; Area: 109"
    )


def test_a_cell_that_reaches_to_the_right_has_the_names_of_its_columns() -> None:
    html = (
        "<tr><th>City</th><th>2023</th><th>2024</th></tr>"
        "<tr><td>Porto</td><td colspan=2>41</td></tr>"
        "<tr><td colspan=3>All by the census.</td></tr>"
    )
    assert read(html) == "- City: Porto; 2023 / 2024: 41\n- All by the census."


def test_names_in_several_rows_are_joined_and_a_title_stands_above() -> None:
    html = (
        "<tr><th colspan=3>Metro</th></tr>"
        "<tr><th rowspan=2>Line</th><th colspan=2>Terminus</th></tr>"
        "<tr><th>north</th><th>south</th></tr><tr><td>Red</td><td>Airport</td><td>Port</td></tr>"
    )
    assert read(html) == "Metro\n- Line: Red; Terminus, north: Airport; Terminus, south: Port"


def test_a_group_of_rows_gives_its_name_to_no_column() -> None:
    html = f"{HEAD}<tr><th colspan=2>Europe</th></tr><tr><td>Porto</td><td>41</td></tr>"
    assert read(html) == "- Europe\n- City: Porto; Area: 41"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<tr><th>Founded</th><td>1899</td></tr><tr><th>Seat</th><td>Seaham</td></tr>",
            "Founded | 1899\nSeat | Seaham",
        ),
        (
            "<tr><td>Porto</td><td>41</td></tr><tr><td>Vigo</td><td>9</td></tr>",
            "Porto | 41\nVigo | 9",
        ),
        (
            "<tr><td>A long story of the</td><td>What others say</td></tr>"
            "<tr><td rowspan=2>The first.</td><td>Nothing.</td></tr><tr><td>All.</td></tr>",
            "A long story of the | What others say\nThe first. | Nothing.\n | All.",
        ),
        (
            "<caption>Areas</caption><tr><td>Porto</td><td>41</td></tr>",
            "Areas | \nPorto | 41",
        ),
    ],
)
def test_a_table_whose_columns_have_no_names_stays_as_it_is(html: str, text: str) -> None:
    assert read(html) == text


def test_a_table_is_laid_out_up_to_so_many_cells() -> None:
    row = "<tr><td colspan='9999' rowspan='9999'>x</td></tr>"
    rows = fromstring(f"<table>{row * 2000}</table>").findall("tr")
    grid = lay_out(rows)
    assert sum(map(len, grid)) <= MOST_CELLS
    assert len(grid) < len(rows)
