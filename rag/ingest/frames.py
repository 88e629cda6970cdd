"""The tables that a web page is laid out with, as in letters: what they hold is no row of facts."""

from __future__ import annotations

from typing import Any

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARTS = ("p", "ul", "ol", "blockquote")
_ROW_GROUPS = ("thead", "tbody", "tfoot")


def open_frames(tree: Any) -> None:
    """Change the tables of a page that only place its parts to divisions.

    Of these no cell names a column, and one holds a table, or a heading with what it is the
    heading of; or there is one row, of which a cell holds several paragraphs; or no row has more
    than one cell that says something. As a table, all that a cell holds would be one line.
    """
    holding = _find_holding(tree)
    for table in list(tree.iter("table")):
        rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        if _is_frame([row.findall("td") for row in rows if row.find("th") is None], rows, holding):
            _open(table, rows)


def _find_holding(tree: Any) -> set[Any]:
    """Return the cells that hold a table, or a heading and more."""
    holding: set[Any] = set()
    for element in tree.iter("table", *_HEADINGS):
        cell = next(element.iterancestors("td", "th"), None)
        if cell is None or cell in holding:
            continue
        if element.tag == "table" or len(_read(cell)) > len(_read(element)):
            holding.add(cell)
    return holding


def _is_frame(lines: list[list[Any]], rows: list[Any], holding: set[Any]) -> bool:
    if not rows or len(lines) < len(rows):  # a cell names a column or a row
        return False
    if any(cell in holding for line in lines for cell in line):
        return True
    if len(lines) == 1:
        return any(len(cell.findall(f".//{part}")) > 1 for cell in lines[0] for part in _PARTS)
    return all(sum(map(bool, map(_read, line))) <= 1 for line in lines)


def _open(table: Any, rows: list[Any]) -> None:
    for row in rows:
        for part in (*row.findall("td"), row):
            part.tag = "div"
    for part in list(table):
        if part.tag in ("colgroup", "col"):
            part.drop_tree()
        elif part.tag in (*_ROW_GROUPS, "caption"):
            part.tag = "div"
    table.tag = "div"


def _read(element: Any) -> str:
    return " ".join(element.text_content().split())
