"""The tables of a web page: which rows name the columns, and what cells reach over several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.ingest.tables import AGAIN, LONGEST_COPY, has_names, join_names

MOST_CELLS = 100_000  # of a page; a few bytes can ask for millions
MOST_SPANNED = 100  # columns or rows; browsers stop at 1,000 columns
_CELLS = ("td", "th")
_BOLD = ("b", "strong")

Line = list[Any]
"""The cell at each column of a row, one that covers several as often."""


def mark_names(tree: Any) -> None:
    """Change the tables of a page whose columns have names to one row of ``<th>``, and the rest.

    Every row then has a cell for each column: what reaches down is said again, and what reaches to
    the right is followed by `AGAIN`. A title above the names becomes the caption. Tables that are
    the frame of a page, and those without names, stay as they are.
    """
    n_left = MOST_CELLS
    for table in list(tree.iter("table")):
        if table.find(".//table") is not None or table.get("role") in ("presentation", "none"):
            continue
        rows = [row for row in table.iter("tr") if row.find("td") is not None or _has_th(row)]
        grid = lay_out(rows, n_left)
        n_left -= sum(map(len, grid))
        n_head = _count_names(rows, grid)
        if len(grid) == len(rows) > n_head > 0:
            _write_body(rows[n_head:], grid[n_head:])
            _write_head(table, rows[:n_head], grid[:n_head])


def lay_out(rows: Sequence[Any], most: int = MOST_CELLS) -> list[Line]:
    """Return the line of each row; fewer of them where there are more than ``most`` cells."""
    lines: list[Line] = []
    reaching: dict[int, tuple[Any, int]] = {}  # a column, its cell, and how many rows are left
    for row in rows:
        line: Line = []
        for cell in (*(cell for cell in row if cell.tag in _CELLS), None):
            while (column := len(line)) in reaching:
                above, n_rows = reaching.pop(column)
                line.append(above)
                if n_rows > 1:
                    reaching[column] = above, n_rows - 1
            if cell is None:
                break
            n_columns, n_rows = _read_span(cell, "colspan"), _read_span(cell, "rowspan")
            if n_rows > 1:
                reaching |= dict.fromkeys(range(column, column + n_columns), (cell, n_rows - 1))
            line += [cell] * n_columns
        most -= len(line)
        if most < 0:
            break
        lines.append(line)
    return lines


def _read_span(cell: Any, name: str) -> int:
    said = cell.get(name, "1").strip()
    return max(1, min(int(said), MOST_SPANNED)) if said.isdecimal() else 1


def _has_th(row: Any) -> bool:
    return row.find("th") is not None


def _count_names(rows: Sequence[Any], grid: Sequence[Line]) -> int:
    """Return how many rows at the top name the columns, with the title above; 0 for none."""
    n_head = 0
    for row, line in zip(rows, grid, strict=False):
        is_group = len(set(line)) == 1 and any(len(set(above)) > 1 for above in grid[:n_head])
        if not _is_head(row) or is_group:  # a name of the rows below it alone
            break
        n_head += 1
    if n_head or any(map(_has_th, rows)):
        return n_head
    words = list(map(_read_line, grid))
    first, second = ([*map(_is_bold, line)] for line in (*grid[:2], [], [])[:2])
    return int(has_names(words, is_set_apart=all(first) and not all(second)))


def _is_head(row: Any) -> bool:
    if row.getparent().tag == "thead":
        return True
    cells = [cell for cell in row if cell.tag in _CELLS]
    return _has_th(row) and all(cell.tag == "th" or not _read(cell) for cell in cells)


def _is_bold(element: Any) -> bool:
    beside = (element.text, *(child.tail for child in element))
    is_alone = len(element) > 0 and not any(text and text.strip() for text in beside)
    return is_alone and all(child.tag in _BOLD or _is_bold(child) for child in element)


def _read(cell: Any) -> str:
    return " ".join(cell.text_content().split())


def _write_head(table: Any, rows: Sequence[Any], grid: Sequence[Line]) -> None:
    """Make one row of the names, and captions of the titles above."""
    titles, names = join_names([_read_line(line) for line in grid])
    if not names:
        return
    for row in rows[1:]:
        row.drop_tree()
    for cell in list(rows[0]):
        cell.drop_tree()
    for name in names:
        _append(rows[0], "th", name)
    for title in reversed(titles):
        table.insert(0, table.makeelement("caption"))
        table[0].text = title


def _read_line(line: Line) -> list[str]:
    return [
        AGAIN if column and cell is line[column - 1] else _read(cell)
        for column, cell in enumerate(line)
    ]


def _write_body(rows: Sequence[Any], grid: Sequence[Line]) -> None:
    for row, line in zip(rows, grid, strict=True):
        for column, cell in enumerate(line):
            if column and cell is line[column - 1]:
                _append(row, "td", AGAIN)
            elif cell.getparent() is row:
                row.append(cell)  # behind what is written of the columns before it
            else:
                words = _read(cell)
                _append(row, "td", words if len(words) <= LONGEST_COPY else "")
    for cell in {cell for line in grid for cell in line}:
        cell.attrib.pop("colspan", None)
        cell.attrib.pop("rowspan", None)


def _append(row: Any, tag: str, text: str) -> None:
    cell = row.makeelement(tag)
    cell.text = text
    row.append(cell)
