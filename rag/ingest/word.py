"""Word documents (``.docx``): paragraphs, lists and tables in the order of the document."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from rag.ingest.article import Article, Limits, ReadError, first_heading, first_line_title
from rag.ingest.formula import write_formula
from rag.ingest.looks import Look, Looks, W, find_place
from rag.ingest.raised import Raised, write_lowered
from rag.ingest.tables import join_names, write_rows
from rag.ingest.word_tables import count_names, find_cells, lay_out

MAX_MEMBERS = 2000  # files in the archive

_OLE = b"\xd0\xcf\x11\xe0"  # how old .doc files begin, and .docx files with a password
_XML_ERR_NO_MEMORY = 2  # libxml2's code
_HEADING = re.compile(r"heading ([1-6])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc \d|table of figures", re.IGNORECASE)
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
# What was moved away or deleted, how a word is spoken, and the second copy that is kept of a text
# box for old readers.
_ELSEWHERE = frozenset({f"{W}moveFrom", f"{W}del", f"{W}rt", f"{_COMPATIBILITY}Fallback"})
_CHARACTERS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_HEX = re.compile(r"[0-9A-Fa-f]{1,6}")
_SYMBOLS = {  # of the font Symbol, those without which a figure or a unit would be another
    **{0xB0: "°", 0xB1: "±", 0xB2: "″", 0xA2: "′", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xBB: "≈"},
    **{0x2D: "−", 0xB4: "×", 0xB8: "÷", 0xD7: "·", 0xA4: "⁄", 0xA5: "∞", 0xB7: "•", 0xA0: "€"},
    **{0x61: "α", 0x62: "β", 0x67: "γ", 0x44: "Δ", 0x6C: "λ", 0x6D: "µ", 0x70: "π", 0x73: "σ"},
    **{0x53: "Σ", 0x57: "Ω", 0xAC: "←", 0xAE: "→"},
}

Piece = tuple[str, str]
"""Where a text stands, as of `find_place` or ``note``, and the text."""


def read_word(path: Path, limits: Limits) -> Article:
    """Return the text of a ``.docx`` as Markdown, and its title and author.

    Headings become ``#``, list items ``-``, the rows of tables ``- name: cell; name: cell``, or
    ``cell | cell`` where their columns have no names. Headers, footers,
    footnotes, comments and tables of contents are left out, and so is what is struck, hidden or to
    be filled in. The date is left empty: the file only knows when it was
    made, not when the text was published.

    Raises:
        ReadError: the file is damaged, encrypted, or unpacks to too much.
    """
    _check_archive(path, limits)
    from docx import Document
    from docx.opc.exceptions import OpcError

    try:
        document = Document(str(path))
    except (OpcError, KeyError, ValueError):  # KeyError: a part is missing; ValueError: not Word
        raise ReadError("damaged, or not a Word document") from None
    except SyntaxError as error:  # lxml's for broken XML
        if getattr(error, "code", 0) == _XML_ERR_NO_MEMORY:
            raise MemoryError from error
        raise ReadError("damaged, or not a Word document") from None
    reading = _Reading(Looks(document.styles.element))
    text = "\n\n".join(_joined(reading.blocks(document.element.body)))
    properties = document.core_properties
    author = "" if properties.author == "python-docx" else properties.author
    title = properties.title or first_heading(text) or first_line_title(text)
    return Article(text, title=title, author=author)


def _check_archive(path: Path, limits: Limits) -> None:
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise ReadError("encrypted with a password, or an old .doc; save it as plain .docx")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise ReadError("not a .docx by its content, or cut off") from None
    # The reader stops at the sizes that are declared here, so they cannot lie.
    n_bytes = sum(member.file_size for member in members)
    most = min(limits.n_unpacked_bytes, limits.n_unpacked_times * path.stat().st_size)
    if n_bytes > most:
        raise ReadError(f"unpacks to {n_bytes:,} bytes, too many for its size or for the limit")
    if len(members) > MAX_MEMBERS:
        raise ReadError(f"{len(members):,} files in the archive, more than {MAX_MEMBERS:,}")


def _joined(blocks: Iterator[str]) -> Iterator[str]:
    """Yield the blocks, with the items of one list joined into one block."""
    items: list[str] = []
    for block in blocks:
        if block.startswith("- ") and "\n" not in block:  # the rows of a table are a block already
            items.append(block)
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield block
    if items:
        yield "\n".join(items)


class _Reading:
    """The reading of one document, in its order."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._raised = Raised()

    def blocks(self, element: Any) -> Iterator[str]:
        """Yield the paragraphs and tables below an XML element, in order, as Markdown."""
        for child in element:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                if table := "\n".join(self._rows(list(child.iterchildren(f"{W}tr")))):
                    yield table
            elif not _is_elsewhere(child):  # content controls and the like hold further paragraphs
                yield from self.blocks(child)

    def _rows(self, rows: Sequence[Any]) -> Iterator[str]:
        """Yield the rows that say something, in words where those at the top name the columns."""
        cells = [self._cells(row) for row in rows]
        lines = lay_out(rows, cells)
        n_names = count_names(rows, lines, self._looks)
        titles, names = join_names(lines[:n_names])
        if said := list(write_rows(names, lines[n_names:])) if names else []:
            yield from (*titles, *said)
        else:
            yield from (" | ".join(row) for row in cells if any(row))

    def _cells(self, row: Any) -> list[str]:
        return [" ".join(" ".join(self.blocks(cell)).split()) for cell in find_cells(row)]

    def _paragraph(self, paragraph: Any) -> Iterator[str]:
        boxes: list[Any] = []
        name = self._looks.name_of(paragraph)
        text = self._line(self._pieces(paragraph, self._looks.of_paragraph(paragraph), boxes))
        if text.strip() and not _CONTENTS.match(name):
            heading = _HEADING.fullmatch(name)
            if heading or name == "Title":
                yield f"{'#' * (int(heading[1]) if heading else 1)} {' '.join(text.split())}"
            else:
                yield f"- {text.strip()}" if _is_item(paragraph, name) else text.strip()
        for box in boxes:
            yield from self.blocks(box)

    def _line(self, pieces: Iterator[Piece]) -> str:
        """Return the pieces of a paragraph in one text, the raised and lowered ones as such."""
        joined = [
            (place, "".join(text for _, text in group))
            for place, group in groupby(pieces, key=lambda piece: piece[0])
        ]
        line, before = "", ""
        for (place, text), (_, after) in pairwise([*joined, ("", "")]):
            if place == "subscript":
                line += write_lowered(line, text, after)
            elif place in ("superscript", "note"):
                line += self._raised.write(line, text, after, is_link=place == "note")
            elif not place:
                line += text.lstrip(" ") if before == "gone" and line[-1:].isspace() else text
            before = place
        return line

    def _pieces(
        self, element: Any, look: Look, boxes: list[Any], is_linked: bool = False
    ) -> Iterator[Piece]:
        """Yield the text within a paragraph; the text boxes anchored in it are added to ``boxes``.

        ``is_linked`` says that it leads to another place of the document.
        """
        place = find_place(look)
        if is_linked and place == "superscript":
            place = "note"
        for child in element:
            if child.tag == f"{W}r":
                yield from self._pieces(child, self._looks.of_run(child, look), boxes, is_linked)
            elif child.tag == f"{W}txbxContent":
                boxes.append(child)
            elif child.tag == _MATH:
                yield place, write_formula(child)
            elif (text := _read_character(child)) is not None:
                yield place, text
            elif not _is_elsewhere(child) and child.tag not in (f"{W}pPr", f"{W}rPr"):
                leads = child.tag == f"{W}hyperlink" and child.get(f"{W}anchor") is not None
                yield from self._pieces(child, look, boxes, is_linked or leads)


def _read_character(element: Any) -> str | None:
    """Return the text that an element of a run stands for; ``None`` if it is not one of those."""
    if element.tag == f"{W}t":
        return element.text or ""
    if element.tag == f"{W}sym":
        return _read_symbol(element.get(f"{W}font") or "", element.get(f"{W}char") or "")
    return _CHARACTERS.get(element.tag)


def _read_symbol(font: str, code: str) -> str:
    """Return the character; a space where it is a drawing, which must not join what is around."""
    number = int(code, 16) if _HEX.fullmatch(code) else 0xE000
    if font == "Symbol":
        return _SYMBOLS.get(number & 0xFF, " ")
    return chr(number) if 0x20 <= number < 0xD800 else " "


def _is_elsewhere(element: Any) -> bool:
    """Return whether what stands within is no part of the text, or is yet to be filled in."""
    if element.tag == f"{W}sdt":
        return element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
    return element.tag in _ELSEWHERE


def _is_item(paragraph: Any, style: str) -> bool:
    numbering = paragraph.find(f"{W}pPr/{W}numPr")
    if numbering is None:
        return style.startswith(("List Bullet", "List Number"))
    number = numbering.find(f"{W}numId")
    return number is None or number.get(f"{W}val") != "0"  # 0 takes it out of the list of its style
