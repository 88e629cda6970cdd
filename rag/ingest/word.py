"""Word documents (``.docx``): paragraphs, lists and tables in the order of the document."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.ingest.article import Article, Limits, ReadError, first_heading, first_line_title

MAX_MEMBERS = 2000  # files in the archive

_OLE = b"\xd0\xcf\x11\xe0"  # how old .doc files begin, and .docx files with a password
_XML_ERR_NO_MEMORY = 2  # libxml2's code
_HEADING = re.compile(r"heading ([1-6])", re.IGNORECASE)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What was moved away or deleted, and the second copy that is kept of a text box for old readers.
_ELSEWHERE = frozenset({f"{_W}moveFrom", f"{_W}del", f"{_COMPATIBILITY}Fallback"})


def read_word(path: Path, limits: Limits) -> Article:
    """Return the text of a ``.docx`` as Markdown, and its title and author.

    Headings become ``#``, list items ``-``, the rows of tables ``cell | cell``. Headers, footers,
    footnotes and comments are left out. The date is left empty: the file only knows when it was
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
    styles = {style.style_id: style.name or "" for style in document.styles}
    text = "\n\n".join(_joined(_blocks(document.element.body, styles)))
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
        if block.startswith("- "):
            items.append(block)
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield block
    if items:
        yield "\n".join(items)


def _blocks(element: Any, styles: dict[str, str]) -> Iterator[str]:
    """Yield the paragraphs and tables below an XML element, in order, as Markdown."""
    for child in element:
        if child.tag == f"{_W}p":
            yield from _paragraph(child, styles)
        elif child.tag == f"{_W}tbl":
            rows = (_cells(row, styles) for row in child.iterchildren(f"{_W}tr"))
            if table := "\n".join(" | ".join(cells) for cells in rows if any(cells)):
                yield table
        elif child.tag not in _ELSEWHERE:  # content controls and the like hold further paragraphs
            yield from _blocks(child, styles)


def _cells(row: Any, styles: dict[str, str]) -> list[str]:
    cells = (child for child in row if child.tag == f"{_W}tc")
    return [" ".join(" ".join(_blocks(cell, styles)).split()) for cell in cells]


def _paragraph(paragraph: Any, styles: dict[str, str]) -> Iterator[str]:
    boxes: list[Any] = []
    if text := "".join(_runs(paragraph, boxes)).strip():
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = "" if style is None else styles.get(style.get(f"{_W}val"), "")
        heading = _HEADING.fullmatch(name)
        if heading or name == "Title":
            yield f"{'#' * (int(heading[1]) if heading else 1)} {' '.join(text.split())}"
        elif (
            name.startswith(("List Bullet", "List Number"))
            or paragraph.find(f"{_W}pPr/{_W}numPr") is not None
        ):
            yield f"- {text}"
        else:
            yield text
    for box in boxes:
        yield from _blocks(box, styles)


def _runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    """Yield the text within a paragraph; the text boxes anchored in it are added to ``boxes``."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}tab":
            yield "\t"
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _ELSEWHERE and child.tag != f"{_W}pPr":
            yield from _runs(child, boxes)
