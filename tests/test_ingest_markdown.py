from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.article import Article, Limits
from rag.ingest.markdown import MAX_FRONT_MATTER, parse_markdown, read_markdown

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
        f"---\ntitle: [broken\n---\n{BODY}",
        f"---\ntitle: x: y: z\n---\n{BODY}",
        f"---\n- a\n- list\n---\n{BODY}",
        f"---\njust words\n---\n{BODY}",
        f"---\ntitle: never closed\n{BODY}",
        f"---\n---\n{BODY}",
        f"\n---\ntitle: not at the start\n---\n{BODY}",
        f"---\ntitle: {'[' * 2000}{']' * 2000}\n---\n{BODY}",
        f"---\ntitle: {'x' * MAX_FRONT_MATTER}\n---\n{BODY}",
        f"---\ntitle: *undefined\n---\n{BODY}",
        "",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_is_not_front_matter_stays_in_the_body(text: str) -> None:
    assert parse_markdown(text) == Article(text)


def test_tags_in_yaml_make_no_objects() -> None:
    article = parse_markdown("---\ntitle: !!python/object/apply:os.getcwd []\n---\nx")
    assert article == Article("x")
