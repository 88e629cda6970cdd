from pathlib import Path

import pytest

from rag.ingest.files import read_corpus
from rag.page import wording
from rag.page.offered import (
    MAX_BYTES,
    MAX_PASTED,
    find_fault,
    find_fault_of_text,
    free_name,
    safe_name,
    write_pasted,
)
from rag.records import Document


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report 2024 (final).PDF", "report 2024 (final).pdf"),
        ("../../../etc/cron.d/x.md", "x.md"),
        ("..\\..\\boot.ini.txt", "boot.ini.txt"),
        ("/etc/passwd", "passwd"),
        (".hidden.md", "hidden.md"),
        ("...", "article."),
        ("", "article"),
        ("a\nb\x00c\u202etxt.md", "a_b_c_txt.md"),
        ("<img onerror=1>.html", "_img onerror_1_.html"),
        ("Москва — план.txt", "Москва _ план.txt"),
        ("n" * 300 + ".md", "n" * 80 + ".md"),
    ],
)
def test_a_name_stays_a_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert "/" not in safe
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("a.md", []) == "a.md"
    assert free_name("a.md", ["a.md", "a (2).md", "b.md"]) == "a (3).md"


def test_only_files_that_can_be_articles_are_taken() -> None:
    assert find_fault("a.PDF", MAX_BYTES) == ""
    assert "20.0 MB, more than the 20 MB" in find_fault("a.pdf", MAX_BYTES + 1)
    assert find_fault("a.exe", 9).startswith("a format that is not read; these are: .md")
    assert find_fault("md", 9) == find_fault("a.exe", 9)
    assert find_fault("a.md", 0) == wording.EMPTY_FILE


def test_a_pasted_text_is_an_article_character_for_character(tmp_path: Path) -> None:
    text = '# The lake\n\nIt is "deep": 40 m.\n---\n\\n stays.'
    offered = write_pasted(' A "title": \\ with\nall ', text, tmp_path)
    assert offered.name == 'A "title": \\ with all.md'
    (document,) = read_corpus(tmp_path)
    assert isinstance(document, Document)
    assert document.title == 'A "title": \\ with all'
    assert document.text == text


def test_a_pasted_text_without_a_title_is_named_by_its_first_line(tmp_path: Path) -> None:
    assert write_pasted("", "\n\n# The lake\nIt is deep.", tmp_path).name == "The lake.md"


def test_a_pasted_text_has_words_and_an_end() -> None:
    assert find_fault_of_text(" \n") == wording.NO_TEXT
    assert find_fault_of_text("x" * MAX_PASTED) == ""
    assert "1,000,001 characters" in find_fault_of_text("x" * (MAX_PASTED + 1))
