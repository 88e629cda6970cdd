"""Headings that a line below them tells."""

from pathlib import Path

import pytest

from rag.ingest.article import Limits
from rag.ingest.markdown import parse_markdown
from rag.ingest.plain import read_plain
from rag.ingest.underlines import drop_underlines, mark_underlined


def test_the_headings_of_markdown_get_hashes() -> None:
    text = "The club\n========\n\nFees\n----------\nIt is £24.\n\n- a\n---\n"
    assert parse_markdown(text).text == "# The club\n\n## Fees\nIt is £24.\n\n- a\n---\n"


@pytest.mark.parametrize(
    "text",
    [
        "It was cold.\n---",
        "Two lines of\na paragraph\n---",
        "- an item\n---",
        "# A heading\n---",
        "> a quotation\n===",
        "| a | b |\n---",
        "    code\n====",
        "```\n\ncode\n====\n```",
        "~~~\n\ncode\n====\n~~~",
        "Ticket   Adult\n--------------",
        "---\n---",
        "\n---",
        "One\n--",
        "x" * 121 + "\n===",
        "===",
    ],
)
def test_what_is_no_heading_stays(text: str) -> None:
    assert mark_underlined(text) == text
    assert drop_underlines(text) == text


def test_a_plain_text_keeps_its_headings_without_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("THE CLUB\n========\n\nFees\n----\nIt is £24.\n")
    article = read_plain(path, Limits())
    assert article.title == "THE CLUB"
    assert article.text == "THE CLUB\n\nFees\n\nIt is £24.\n"
