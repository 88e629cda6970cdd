from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.article import Article, Limits
from rag.ingest.front_matter import MAX_FRONT_MATTER
from rag.ingest.markdown import parse_markdown, read_markdown

BODY = "# Heading\n\nText with **bold** and a [link](https://example.org).\n"


def test_front_matter_becomes_fields_and_the_body_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: 'Floods: a report'\nsource: Example News\nurl: https://example.org/1\n"
        f"author: Ann Lee\ndate: 2025-08-30\n---\n\n{BODY}"
    )
    assert read_markdown(path, Limits()) == Article(
        BODY, "Floods: a report", "Example News", "https://example.org/1", "Ann Lee", "2025-08-30"
    )


def test_windows_line_ends_do_not_hide_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nOne.\r\nTwo.\r\n")
    assert read_markdown(path, Limits()) == Article("One.\nTwo.\n", title="T")


def test_values_stand_as_they_are_written() -> None:
    article = parse_markdown("---\ntitle: 1984\nsource: no\npublished: 2025-02-31\n---\nx")
    assert (article.title, article.source, article.published) == ("1984", "no", "2025-02-31")


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("[Ann Lee, Bo Ek]", "Ann Lee, Bo Ek"),
        ("\n- Ann\n- Bo", "Ann, Bo"),
        ("{name: Ann}", ""),
        ("~", ""),
        ("", ""),
    ],
)
def test_authors_may_be_a_list(value: str, author: str) -> None:
    assert parse_markdown(f"---\nAuthors: {value}\n---\nx").author == author


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"---\n- a\n- list\n---\n{BODY}",
        f"---\njust words\n---\n{BODY}",
        f"---\n---\n{BODY}",
        f"---\n{BODY}",
        f"---\nNote: the bridge is closed.\n\nMore of it.\n\n---\n{BODY}",
        f"---\nThe bridge is closed: nobody may cross it.\n---\n{BODY}",
        f"+++\njust words\n+++\n{BODY}",
        f"...\ntitle: T\n---\n{BODY}",
        f"\n---\ntitle: not at the start\n---\n{BODY}",
        "",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_is_not_front_matter_stays_in_the_body(text: str) -> None:
    assert parse_markdown(text) == Article(text)


def test_tags_in_yaml_make_no_objects() -> None:
    article = parse_markdown("---\ntitle: !!python/object/apply:os.getcwd []\n---\nx")
    assert article == Article("x")


@pytest.mark.parametrize(
    ("block", "title"),
    [
        (
            "---\ntitle: Guide to the Farrow Valley: paths and inns\n---",
            "Guide to the Farrow Valley: paths and inns",
        ),
        ("---\ntitle: @x\n---", "@x"),
        ("---\ntitle:\tA tab\n---", "A tab"),
        ("---\ntitle: [broken\n---", "[broken"),
        ("---\ntitle: *undefined\n---", "*undefined"),
        ("---\ntitle: 'Quoted'\nother: x: y\n---", "Quoted"),
        ("---\n# comment\nTitle: x: y\n\ntags:\n  - a: b\n---", "x: y"),
        (f"---\ntitle: {'x' * MAX_FRONT_MATTER}\n---", "x" * MAX_FRONT_MATTER),
        (f"---\ntitle: {'[' * 2000}{']' * 2000}\n---", f"{'[' * 1999}{']' * 1999}"),
        ("---\ntitle: Dots end it\n...", "Dots end it"),
        ("---\ntitle: Never closed\n", "Never closed"),
        ("+++\ntitle = 'TOML'\n[extra]\nx = 1\n+++", "TOML"),
        ("+++\ntitle = No: TOML\n+++", "No: TOML"),
    ],
    ids=lambda value: value[:30].encode("unicode_escape").decode(),
)
def test_front_matter_that_is_not_strict_yaml_is_read_and_is_no_text(
    block: str, title: str
) -> None:
    article = parse_markdown(f"{block}\n{BODY}")
    assert (article.title, article.text) == (title, BODY)


def test_the_days_and_authors_of_toml_are_read() -> None:
    article = parse_markdown('+++\ndate = 2024-07-09T10:00:00Z\nauthors = ["Ann", "Bo"]\n+++\nx')
    assert (article.published, article.author) == ("2024-07-09T10:00:00+00:00", "Ann, Bo")


def test_authors_may_be_a_list_where_another_field_is_not_yaml() -> None:
    for authors in ("[Ann, 'Bo']", "\n- Ann\n- Bo"):
        assert parse_markdown(f"---\ntitle: @x\nauthors: {authors}\n---\nx").author == "Ann, Bo"


def test_of_front_matter_that_is_never_closed_only_the_first_lines_are_fields() -> None:
    article = parse_markdown("---\ntitle: T\ndate: 2024\n\nNote: it rose.\n\n- one\n\n---\nMore.")
    assert (article.title, article.published) == ("T", "2024")
    assert article.text == "Note: it rose.\n\n- one\n\n---\nMore."
