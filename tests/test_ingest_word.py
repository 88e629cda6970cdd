from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement

from rag.ingest.article import Limits, ReadError
from rag.ingest.word import read_word

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.docx"


def rewrite(
    path: Path, change: Callable[[bytes], bytes], member: str = "word/document.xml"
) -> None:
    """Change one member of the archive."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content[member] = change(content[member])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def with_body(path: Path, xml: str) -> None:
    docx.Document().save(path)
    rewrite(path, lambda old: old.replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1))


def test_the_document_is_read_in_order_as_markdown(path: Path) -> None:
    document = docx.Document()
    document.add_heading("Floods of the year", 0)
    document.add_heading("The north", 2)
    document.add_paragraph("The river rose.")
    document.add_paragraph("Stay inside", style="List Bullet")
    document.add_paragraph("Keep a radio", style="List Number")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Day", "Level", "Monday", "2.4\nm"], strict=True):
        cell.text = text
    document.add_paragraph("It fell.\tSlowly.")
    document.sections[0].header.paragraphs[0].text = "running header"
    document.save(path)
    assert read_word(path, Limits()).text == (
        "# Floods of the year\n\n## The north\n\nThe river rose.\n\n"
        "- Stay inside\n- Keep a radio\n\n"
        "Day | Level\nMonday | 2.4 m\n\nIt fell.\tSlowly."
    )


def test_title_and_author_are_those_of_the_properties_and_no_date_is_taken(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Text.")
    document.core_properties.title = "Given title"
    document.core_properties.author = "Ann Lee"
    document.save(path)
    article = read_word(path, Limits())
    assert (article.title, article.author, article.published) == ("Given title", "Ann Lee", "")


def test_properties_of_the_template_are_not_the_authors(path: Path) -> None:
    document = docx.Document()
    document.add_heading("A heading", 1)
    document.save(path)
    article = read_word(path, Limits())
    assert (article.title, article.author, article.published) == ("A heading", "", "")


def test_changes_are_read_as_accepted(path: Path) -> None:
    with_body(
        path,
        "<w:p><w:r><w:t>It </w:t></w:r><w:ins><w:r><w:t>rose</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>fell</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t> moved</w:t></w:r></w:moveFrom></w:p>",
    )
    assert read_word(path, Limits()).text == "It rose"


def run(text: str, properties: str = "") -> str:
    space = 'xml:space="preserve"'
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t {space}>{text}</w:t></w:r>"


RAISED = '<w:vertAlign w:val="superscript"/>'
LOWERED = '<w:vertAlign w:val="subscript"/>'


def test_raised_figures_become_no_other_numbers(path: Path) -> None:
    runs = (
        run("handles 1,200") + run("1", RAISED) + run(" ships on 10") + run("6", RAISED),
        run(" m") + run("2", RAISED) + run(" in 2") + run("1", RAISED) + run("0", RAISED),
        run(" holds of CO") + run("2", LOWERED) + run(" each 4") + run("th", RAISED) + run(" day"),
    )
    with_body(path, f"<w:p>{''.join(runs)}</w:p>")
    assert read_word(path, Limits()).text == (
        "handles 1,200 ships on 10⁶ m² in 2¹⁰ holds of CO2 each 4th day"
    )


def test_a_raised_link_within_the_document_is_the_mark_of_a_note(path: Path) -> None:
    link = f'<w:hyperlink w:anchor="n2">{run("2", RAISED)}</w:hyperlink>'
    with_body(path, f"<w:p>{run('It has 12')}{link}{run(' ships')}</w:p>")
    assert read_word(path, Limits()).text == "It has 12 ships"


@pytest.mark.parametrize("property_", ["<w:strike/>", "<w:dstrike/>", '<w:vanish w:val="true"/>'])
def test_struck_and_hidden_text_is_not_read(path: Path, property_: str) -> None:
    with_body(
        path,
        f"<w:p>{run('The fee is ')}{run('£30', property_)}{run(' £25 a day')}</w:p>"
        f"<w:p>{run('Hidden budget is 999', property_)}</w:p>",
    )
    assert read_word(path, Limits()).text == "The fee is £25 a day"


def test_the_style_of_a_run_says_how_it_looks_unless_the_run_does(path: Path) -> None:
    document = docx.Document()
    struck = document.styles.add_style("Old", docx.enum.style.WD_STYLE_TYPE.CHARACTER)
    struck.font.strike = True
    child = document.styles.add_style("Older", docx.enum.style.WD_STYLE_TYPE.CHARACTER)
    child.base_style = struck
    hidden = document.styles.add_style("Draft", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    hidden.font.hidden = True
    paragraph = document.add_paragraph("now ")
    paragraph.add_run("old", style="Old")
    paragraph.add_run("older", style="Older")
    paragraph.add_run("valid", style="Old").font.strike = False
    document.add_paragraph("a draft", style="Draft")
    document.save(path)
    assert read_word(path, Limits()).text == "now valid"


def test_styles_that_are_based_on_each_other_are_read(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Text.", style="Quote")
    document.save(path)
    based = b'<w:basedOn w:val="Quote"/>'
    rewrite(path, lambda old: old.replace(b'<w:basedOn w:val="Normal"/>', based), "word/styles.xml")
    assert read_word(path, Limits()).text == "Text."


def test_formulas_and_signs_are_read(path: Path) -> None:
    names = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    power = "<m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>6</m:t></m:r></m:sup>"
    sign = '<w:r><w:sym w:font="Symbol" w:char="F0B1"/><w:sym w:font="Wingdings" w:char="F0FC"/>'
    with_body(path, f"<w:p>{run('5')}{sign}</w:r><m:oMath {names}>{power}</m:sSup></m:oMath></w:p>")
    assert read_word(path, Limits()).text == "5± 10⁶"


def test_what_is_yet_to_be_filled_in_and_contents_are_not_read(path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Results\t12", style="toc 1")
    document.save(path)
    empty = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
    control = f"<w:p>{empty}{run('Click to enter text.')}</w:sdtContent></w:sdt>{run('x')}</w:p>"
    rewrite(path, lambda old: old.replace(b"<w:sectPr", control.encode() + b"<w:sectPr", 1))
    assert read_word(path, Limits()).text == "x"


def test_a_paragraph_that_is_taken_out_of_its_list_is_no_item(path: Path) -> None:
    with_body(
        path,
        '<w:p><w:pPr><w:pStyle w:val="ListBullet"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
        f"{run('Plain')}</w:p>",
    )
    assert read_word(path, Limits()).text == "Plain"


def test_how_a_word_is_spoken_is_not_read(path: Path) -> None:
    spoken, written = f"<w:rt>{run('かん')}</w:rt>", f"<w:rubyBase>{run('漢')}</w:rubyBase>"
    ruby = f"<w:r><w:ruby>{spoken}{written}</w:ruby></w:r>"
    with_body(path, f"<w:p>{ruby}{run('字')}</w:p>")
    assert read_word(path, Limits()).text == "漢字"


def test_content_controls_and_hyperlinks_are_read(path: Path) -> None:
    with_body(
        path,
        "<w:sdt><w:sdtContent><w:p><w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink>"
        "<w:r><w:br/><w:t>text</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )
    assert read_word(path, Limits()).text == "linked\ntext"


def test_a_text_box_is_read_once(path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    with_body(
        path,
        "<w:p><w:r><w:t>anchor</w:t></w:r><w:r><mc:AlternateContent "
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p>",
    )
    assert read_word(path, Limits()).text == "anchor\n\nboxed"


def test_a_table_in_a_table_is_read_once(path: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "outer"
    cell.add_table(1, 1).cell(0, 0).text = "inner"
    document.save(path)
    assert read_word(path, Limits()).text == "outer inner"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"plain words", "not a .docx by its content, or cut off"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "encrypted with a password, or an old .doc; .*"),
    ],
)
def test_what_is_no_docx_is_refused(path: Path, data: bytes, reason: str) -> None:
    path.write_bytes(data)
    with pytest.raises(ReadError, match=f"^{reason}$"):
        read_word(path, Limits())


def test_a_zip_of_something_else_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "words")
    with pytest.raises(ReadError, match="^damaged, or not a Word document$"):
        read_word(path, Limits())


def test_broken_xml_is_refused(path: Path) -> None:
    docx.Document().save(path)
    rewrite(path, lambda old: old[: len(old) // 2])
    with pytest.raises(ReadError, match="^damaged, or not a Word document$"):
        read_word(path, Limits())


def test_a_zip_bomb_is_refused_before_it_is_unpacked(path: Path) -> None:
    docx.Document().save(path)
    rewrite(path, lambda old: old + b" " * 20_000_000)
    with pytest.raises(ReadError, match="^unpacks to 20,.* bytes, too many for its size"):
        read_word(path, Limits())


def test_more_than_may_be_unpacked_is_refused(path: Path) -> None:
    docx.Document().save(path)
    with pytest.raises(ReadError, match="^unpacks to .* or for the limit$"):
        read_word(path, Limits(n_unpacked_bytes=1000))


def test_an_archive_of_thousands_of_files_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2001):
            archive.writestr(str(number), "")
    with pytest.raises(ReadError, match="^2,001 files in the archive, more than 2,000$"):
        read_word(path, Limits())


def with_entities(path: Path, declarations: str) -> None:
    """A document whose only text is ``a`` and the entity ``x``."""
    docx.Document().save(path)
    text = "<w:body><w:p><w:r><w:t>a&x;</w:t></w:r></w:p></w:body>"
    xml = f"<!DOCTYPE d [{declarations}]><w:document {SPACE}>{text}</w:document>"
    rewrite(path, lambda _: xml.encode())


def test_a_billion_laughs_are_refused(path: Path) -> None:
    entities = {"b": "ha", "c": "&b;", "x": "&c;"}
    with_entities(path, "".join(f'<!ENTITY {n} "{v * 1000}">' for n, v in entities.items()))
    with pytest.raises(ReadError, match="^damaged, or not a Word document$"):
        read_word(path, Limits())


def test_an_external_entity_is_not_read(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    with_entities(path, f'<!ENTITY x SYSTEM "{secret.as_uri()}">')
    assert read_word(path, Limits()).text == "a"


def test_an_empty_document_has_no_text(path: Path) -> None:
    docx.Document().save(path)
    assert read_word(path, Limits()).text == ""


JOBS = [["Job", "Wage"], ["Cook", "24 francs"], ["Waiter", "21 francs"]]


def add_table(document: Any, rows: list[list[str]]) -> Any:
    table = document.add_table(len(rows), len(rows[0]))
    for cell, text in zip(table._cells, [text for row in rows for text in row], strict=True):
        cell.text = text
    return table


def test_rows_are_told_with_the_names_of_a_row_that_is_marked_as_header(path: Path) -> None:
    document = docx.Document()
    table = add_table(document, JOBS)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.save(path)
    assert read_word(path, Limits()).text == (
        "- Job: Cook; Wage: 24 francs\n- Job: Waiter; Wage: 21 francs"
    )


def test_rows_are_told_with_the_names_of_a_row_that_is_bold(path: Path) -> None:
    document = docx.Document()
    for cell in add_table(document, JOBS).rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    document.save(path)
    assert read_word(path, Limits()).text == (
        "- Job: Cook; Wage: 24 francs\n- Job: Waiter; Wage: 21 francs"
    )


def test_rows_are_told_with_names_that_stand_over_figures(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Stay inside", style="List Bullet")
    add_table(document, [["Job", "Place", "Wage"], ["Cook", "Ulm", "24"], ["Waiter", "Bonn", "21"]])
    document.save(path)
    assert read_word(path, Limits()).text == (
        "- Stay inside\n\n- Job: Cook; Place: Ulm; Wage: 24\n- Job: Waiter; Place: Bonn; Wage: 21"
    )


def test_a_table_of_names_and_values_stays_as_it_is(path: Path) -> None:
    document = docx.Document()
    add_table(document, [["Dean", "Maria Keller"], ["Telephone", "040 555 19"], ["Age", "51"]])
    document.save(path)
    assert read_word(path, Limits()).text == "Dean | Maria Keller\nTelephone | 040 555 19\nAge | 51"


def test_merged_cells_are_said_in_each_row_and_with_each_name(path: Path) -> None:
    document = docx.Document()
    rows = [["Lines", "", ""], ["Line", "End", ""], ["", "north", "south"], ["Red", "A", "B"]]
    table = add_table(document, [*rows, ["", "C", ""]])
    for first, last in (((0, 0), (0, 2)), ((1, 0), (2, 0)), ((1, 1), (1, 2)), ((3, 0), (4, 0))):
        table.cell(*first).merge(table.cell(*last))
    table.cell(4, 1).merge(table.cell(4, 2))
    for row in table.rows[:3]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.save(path)
    assert read_word(path, Limits()).text == (
        "Lines\n- Line: Red; End, north: A; End, south: B\n- Line: Red; End, north / End, south: C"
    )
