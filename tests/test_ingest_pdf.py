from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from rag.ingest.article import Limits, ReadError
from rag.ingest.pdf import drop_running_lines, join_lines, read_pdf


def make_pdf(*pages: list[str], title: str = "", author: str = "") -> bytes:
    """A PDF by hand: a page for each list of lines, set in Helvetica from the top down."""
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) /Author ({author}) /CreationDate (D:20250102030405Z) >>",
    ]
    for i, lines in enumerate(pages):
        stream = f"BT /F1 11 Tf 14 TL 50 780 Td {' T* '.join(f'({line}) Tj' for line in lines)} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\n"
    start = f"startxref\n{len(body)}\n%%EOF\n"
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return (body + head + table + trailer + start).encode("latin-1")


def map_letters(data: bytes, letters: dict[str, str]) -> bytes:
    """The PDF with a font that says which letters each character stands for."""
    pairs = "".join(
        f"<{ord(character):02x}> <{said.encode('utf-16-be').hex()}>\n"
        for character, said in letters.items()
    )
    writer = PdfWriter(clone_from=BytesIO(data))
    stream = StreamObject()
    stream.set_data(f"{len(letters)} beginbfchar\n{pairs}endbfchar".encode())
    fonts: Any = writer.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    fonts["/F1"].get_object()[NameObject("/ToUnicode")] = writer._add_object(stream)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def locked(data: bytes, user: str) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(data))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.pdf"


REPORT = make_pdf(
    ["Annual Report", "The river rose by two metres in the night, the agen-", "cy said.", "1"],
    [
        "Annual Report",
        "A bridge was closed to lorries, and the trains of",
        "the coast ran late.",
        "2",
    ],
    ["Annual Report", "Officials expect the water to fall by the weekend.", "3"],
    title="Floods of the year",
    author="Ann Lee",
)


def test_pages_are_joined_into_paragraphs_without_headers_and_numbers(path: Path) -> None:
    path.write_bytes(REPORT)
    assert read_pdf(path, Limits()).text == (
        "The river rose by two metres in the night, the agency said.\n\n"
        "A bridge was closed to lorries, and the trains of the coast ran late.\n\n"
        "Officials expect the water to fall by the weekend."
    )


def test_title_and_author_are_those_of_the_document_and_the_date_of_the_file_is_not_taken(
    path: Path,
) -> None:
    path.write_bytes(REPORT)
    article = read_pdf(path, Limits())
    assert (article.title, article.author, article.published) == (
        "Floods of the year",
        "Ann Lee",
        "",
    )


@pytest.mark.parametrize(
    "junk",
    [
        "Microsoft Word - draft",
        "untitled",
        "report_final.docx",
        "C:/tmp/x",
        "Slide 1",
        "about:blank",
        " ",
    ],
)
def test_a_junk_title_gives_way_to_the_first_line(path: Path, junk: str) -> None:
    lines = ["Floods", "The river rose by two metres in the night, the agency said.", "It fell."]
    path.write_bytes(make_pdf(lines, title=junk, author="user"))
    article = read_pdf(path, Limits())
    assert (article.title, article.author) == ("Floods", "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (REPORT[: len(REPORT) // 2], "damaged PDF"),
        (b"%PDF-1.7\n", "damaged PDF"),
        (b"<html>not a PDF</html>", "not a PDF by its content"),
        (locked(REPORT, "secret"), "encrypted with a password"),
        (make_pdf([], []), r"no text found \(scanned images\?\)"),
        (make_pdf(*[["x"]] * 4), "4 pages, more than the limit of 3"),
        (make_pdf(["x" * 300]), "over 200 characters of text; split the file"),
    ],
    ids=["cut off", "only a head", "HTML", "password", "no text", "pages", "characters"],
)
def test_a_pdf_that_cannot_be_read_says_why(path: Path, data: bytes, reason: str) -> None:
    path.write_bytes(data)
    with pytest.raises(ReadError, match=f"^{reason}$"):
        read_pdf(path, Limits(n_pages=3, n_characters=200))


def test_a_pdf_that_only_its_owner_may_change_is_read(path: Path) -> None:
    path.write_bytes(locked(REPORT, ""))
    assert read_pdf(path, Limits()).text.startswith("The river rose")


def test_letters_that_are_set_as_one_are_read_as_they_are_spelled(path: Path) -> None:
    data = make_pdf(["Open @res are forbidden, o#ces too."])
    path.write_bytes(map_letters(data, {"@": "ﬁ", "#": "ﬃ"}))
    assert read_pdf(path, Limits()).text == "Open fires are forbidden, offices too."


def test_lines_that_repeat_inside_pages_stay() -> None:
    pages = [[f"a{x}", f"b{x}", "Yes, he said.", f"c{x}", f"d{x}"] for x in "xyz"]
    assert drop_running_lines(pages) == [line for page in pages for line in page]


def test_two_pages_are_too_few_for_a_running_header() -> None:
    assert drop_running_lines([["Report", "One."], ["Report", "Two."]]) == [
        "Report",
        "One.",
        "Report",
        "Two.",
    ]


def test_a_number_inside_a_page_is_no_page_number() -> None:
    assert drop_running_lines([["a", "12", "b", "- 1 -"], ["c", "d", "Page 2 of 2"]]) == [
        "a",
        "12",
        "b",
        "c",
        "d",
    ]


def test_a_year_alone_on_the_only_page_stays() -> None:
    assert drop_running_lines([["The year", "2025"]]) == ["The year", "2025"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([], ""),
        (["one line"], "one line"),
        (
            ["a line that is wrapped after", "some of its words here."],
            "a line that is wrapped after some of its words here.",
        ),
        (
            ["was run by a well-known per-", "son and the well-", "known man again here"],
            "was run by a well-known person and the well-known man again here",
        ),
        (
            ["the long north-", "South line of the old coast"],
            "the long north-South line of the old coast",
        ),
        (["both pre-", "and post-war years"], "both pre- and post-war years"),
        (
            ["The first point is long enough.", "• one", "• two", "1. three"],
            "The first point is long enough.\n\n• one\n• two\n1. three",
        ),
        (
            ["它是一个关于电动汽车的", "新闻和报道的文章。"],
            "它是一个关于电动汽车的新闻和报道的文章。",
        ),
        (
            [
                "The low road was closed until the evening.",
                "Bridges",
                "All of them are open again.",
            ],
            "The low road was closed until the evening.\n\nBridges\n\nAll of them are open again.",
        ),
        (
            ["The low road was closed by Mr. J. R. Hill.", "Bridges", "on it are open again."],
            "The low road was closed by Mr. J. R. Hill. Bridges on it are open again.",
        ),
        (
            ["What comes next", "The water should fall by the end of the week, they say."],
            "What comes next\n\nThe water should fall by the end of the week, they say.",
        ),
    ],
)
def test_wrapped_lines_are_joined(lines: list[str], text: str) -> None:
    assert join_lines(lines) == text


def test_joining_loses_no_word() -> None:
    words = ("The minister said on Monday that 30 % of all vehicles. " * 40).split()
    lines = [" ".join(words[i : i + 1 + i % 9]) for i in range(0, len(words))]
    assert join_lines(lines).split() == " ".join(lines).split()


def test_a_long_book_is_joined_in_time() -> None:
    n_lines, line = (
        20_000,
        "sed when the river rose by two metres in the night and the low road was clo-",
    )
    assert join_lines([line] * n_lines) == line[:-1] * (n_lines - 1) + line
