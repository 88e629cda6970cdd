from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.article import (
    Article,
    Limits,
    ReadError,
    SourceFile,
    clean_date,
    clean_line,
    clean_text,
    first_heading,
    first_line_title,
    readable_name,
    to_document,
)
from rag.records import Document

FILE = SourceFile(Path("/corpus/north/river-floods.txt"), "north/river-floods.txt", "ab12", 40)


def test_every_kind_of_line_end_becomes_one_newline() -> None:
    assert clean_text("a\r\nb\rc\nd\x0be\x0cf\x85g\u2028h\u2029i") == "a\nb\nc\nd\ne\nf\ng\nh\ni"


def test_splitlines_agrees_with_newlines_in_clean_text() -> None:
    every_character = "".join(f"x{chr(code)}" for code in range(0x11000))
    text = clean_text(every_character)
    assert text.splitlines() == text.split("\n")


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\U000e0041", "\x00", "\x1b", "\x9b", "\ud800"], ids=ascii
)
def test_characters_that_hide_text_are_removed(hidden: str) -> None:
    assert clean_text(f"pay{hidden} me") == "pay me"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🚀 flew",
        "می\u200cخواهم",
        "שלום\u200f!",
        "e\u0301 stays e\u0301",
        "zero\u200bwidth",
        "\ttab",
    ],
    ids=ascii,
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert clean_text(text) == text


def test_clean_text_can_be_saved_as_utf_8() -> None:
    assert clean_text("a\udce9b").encode() == b"ab"


def test_only_a_byte_order_mark_at_the_start_is_removed() -> None:
    assert clean_text("\ufeffa\ufeffb") == "a\ufeffb"


def test_a_line_has_single_spaces() -> None:
    assert clean_line(" The\u2029 long\n\ttitle ") == "The long title"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025-08-30", "2025-08-30"),
        ("2025-08-30 09:15", "2025-08-30"),
        ("2025-08-30T23:15:00Z", "2025-08-30"),
        ("30 August 2025", "30 August 2025"),
        ("2025-08", "2025-08"),
        ("", ""),
    ],
)
def test_a_date_keeps_its_own_day(given: str, kept: str) -> None:
    assert clean_date(given) == kept


def test_a_heading_in_fenced_code_is_no_title() -> None:
    assert first_heading("```\n# comment\n```\n# Title") == "Title"
    assert first_heading("## Only a part\n#hashtag") == ""


@pytest.mark.parametrize(
    "text",
    [
        "One paragraph only",
        "It is a sentence.\n\nMore.",
        "wrapped\nline\n\nMore.",
        "x" * 121 + "\n\nM",
        "",
    ],
)
def test_a_first_line_that_is_not_like_a_title_is_none(text: str) -> None:
    assert first_line_title(text) == ""


def test_a_title_may_have_two_lines() -> None:
    assert first_line_title("BREVO 300\nUser Manual\n\nIt is hot.") == "BREVO 300 User Manual"


@pytest.mark.parametrize(
    "top",
    [
        "A road that was\nclosed",
        "From: Ann\nTo: Bob",
        "One\nTwo\nThree",
        "City  Area\nPorto  41",
        "Title\n \nText",
        f"Title\n{'X' * 120}",
    ],
)
def test_other_lines_at_the_top_are_no_title(top: str) -> None:
    assert first_line_title(f"{top}\n\nMore of it.") == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/the_long-way.pdf", "The long way"),
        ("2025.md", "2025"),
        ("---.txt", "---.txt"),
        ("\udce9", "Untitled"),
    ],
)
def test_a_file_name_is_made_readable(path: str, name: str) -> None:
    assert readable_name(Path(path)) == name


def test_an_article_becomes_a_document_of_its_file() -> None:
    article = Article("Body.\r\n", " A\ntitle", "Example News", "u", "Ann Lee", "2025-01-02T03:04")
    assert to_document(FILE, article, Limits()) == Document(
        doc_id="north/river-floods.txt",
        title="A title",
        text="Body.\n",
        source="Example News",
        url="u",
        author="Ann Lee",
        published="2025-01-02",
        path=FILE.path,
        sha256="ab12",
    )


@pytest.mark.parametrize(
    ("article", "title"),
    [
        (Article("# Heading\ntext", title="Given"), "Given"),
        (Article("# Heading\ntext", title="\u202e "), "Heading"),
        (Article("text"), "River floods"),
        (Article("text", title="long " * 100), ("long " * 60)),
    ],
)
def test_the_title_is_never_empty(article: Article, title: str) -> None:
    assert to_document(FILE, article, Limits()).title == title


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "\x00\u202e", "Follow us on Facebook\n"], ids=ascii
)
def test_an_article_without_text_is_refused(text: str) -> None:
    with pytest.raises(ReadError, match="^no text found$"):
        to_document(FILE, Article(text), Limits())


def test_an_article_over_the_limit_is_refused() -> None:
    with pytest.raises(ReadError, match="^over 10 characters of text; split the file$"):
        to_document(FILE, Article("x" * 11), Limits(n_characters=10))


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="^seconds must be positive, got 0$"):
        Limits(seconds=0)
