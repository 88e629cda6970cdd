"""A table → its rows in words: each a line that tells of its cells what the columns are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rag.ingest.boundaries import find_boundaries

AGAIN = "↤"
"""A cell that is one with the cell to the left of it."""

LONGEST_LINE = 300  # characters; figures have a token for two, and a passage has 160 tokens
LONGEST_REMARK = 60  # characters of a cell; several sentences that are longer are prose
LONGEST_NAME = 60  # characters of a column's name, where nothing else says that it is one
LONGEST_LEAD = 100  # characters of a row's name that are said again with each of its lines
LONGEST_COPY = 200  # characters of a cell that is said again in each of its rows
FEWEST_COLUMNS = 3  # where only figures below tell names from a row: two are often "name: value"
_EMPTY = re.compile(r"[\s–—−-]*")  # also a dash, which says that there is nothing to say
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(\S.*?)\1")


def write_rows(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the rows as items of a list, ``- name: cell; name: cell``, empty cells left out.

    A cell of several sentences has an item of its own, so that each of them can be cited, and a
    long row has several; all begin with the row's first cells, up to one that holds a letter. What
    would be cut into sentences although it is one row stays a row, ``name: cell | name: cell``.

    >>> list(write_rows(["City", "", "Area (km²)"], [["Porto", "old", "41"], ["Vigo", "", "–"]]))
    ['- City: Porto; old; Area (km²): 41', '- City: Vigo']
    """
    names = [read_name(name) for name in names]
    for row in rows:
        if [read_name(cell) for cell in row] != names:  # they are said again on a new page
            yield from _write_row(names, row)


def read_name(cell: str) -> str:
    """Return the name of a column without emphasis and a colon behind it.

    >>> read_name("**Price:**"), read_name("**a** and **b**")
    ('Price', '**a** and **b**')
    """
    found = _EMPHASIS.fullmatch(cell.strip())
    name = found[2] if found and found[1] not in found[2] else cell.strip()
    return name.rstrip(": ")


def join_names(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return the titles and the names of the columns that the rows at the top of a table say.

    A title stands in a cell over all columns. What several rows say of a column is joined.

    >>> join_names([["Lines", AGAIN, AGAIN], ["No.", "End", AGAIN], ["No.", "north", "south"]])
    (['Lines'], ['No.', 'End, north', 'End, south'])
    """
    lines = [[row[find_start(row, column)].strip() for column in range(len(row))] for row in rows]
    is_title = [len(row) > 1 and find_start(row, len(row) - 1) == 0 for row in rows]
    n_titles = next((n for n, alone in enumerate(is_title) if not alone), len(rows))
    columns = zip_longest(*lines[n_titles:], fillvalue="")
    names = [", ".join(dict.fromkeys(filter(None, map(read_name, column)))) for column in columns]
    return [line[0] for line in lines[:n_titles] if line[0]], names


def find_start(row: Sequence[str], column: int) -> int:
    """Return the column at which the cell of a column begins."""
    while column and row[column] == AGAIN:
        column -= 1
    return column


def has_names(rows: Sequence[Sequence[str]], *, is_set_apart: bool = False) -> bool:
    """Return whether the first row names the columns, where the file does not say so.

    Names are short, all different, and every column has one. Unless it looks otherwise than the
    rows below (``is_set_apart``), the row has no figure, and below one of three names or more
    there are only figures.
    """
    first, *others = rows if rows else [[]]
    names = [read_name(cell) for cell in first]
    if len(names) < 2 or not others or len(set(names)) < len(names):
        return False
    if max(map(len, names)) > LONGEST_NAME or any(len(row) != len(names) for row in others):
        return False
    if not all(names[1:]) or is_set_apart:
        return all(names[1:])
    if not all(names) or len(names) < FEWEST_COLUMNS or len(others) < 2:
        return False
    columns = list(zip(*others, strict=True))
    return not any(map(_has_figure, names)) and any(
        all(map(_has_figure, column)) for column in columns
    )


def _has_figure(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _write_row(names: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    cells = list(_gather(names, row))
    n_leading = next((i for i, (_, cell) in enumerate(cells, 1) if any(map(str.isalpha, cell))), 1)
    said = [f"{name}: {cell}" if name else cell for name, cell in cells]
    prose = [n for n, (_, cell) in enumerate(cells) if n >= n_leading and _is_prose(cell)]
    lead = said[:n_leading]
    again = lead if sum(map(len, lead)) <= LONGEST_LEAD else []
    line = list(lead)
    for number in range(n_leading, len(said)):
        if number in prose:
            continue
        length = sum(len(part) + 2 for part in (*line, said[number]))
        if length > LONGEST_LINE and len(line) > len(again):
            yield _write_line(line)
            line = list(again)
        line.append(said[number])
    if line and (len(line) > len(again) or not prose):
        yield _write_line(line)
    for number in prose:
        yield f"- {'; '.join([*again, said[number]])}"


def _gather(names: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield ``(name, cell)`` of the cells that say something, with the names of all they cover."""
    columns: list[tuple[list[str], str]] = []
    for name, cell in zip_longest(names, row, fillvalue=""):
        if cell == AGAIN and columns:
            columns[-1][0].append(name)
        else:
            columns.append(([name], cell))
    for covered, cell in columns:
        is_whole = len(covered) > 1 and len(covered) == len(names)
        if not _EMPTY.fullmatch(cell):
            yield "" if is_whole else " / ".join(filter(None, covered)), cell


def _is_prose(cell: str) -> bool:
    return len(cell) > LONGEST_REMARK and len(list(find_boundaries(cell))) > 1


def _write_line(parts: Sequence[str]) -> str:
    line = "; ".join(parts)
    is_whole = len(list(find_boundaries(line))) == 1
    return f"- {line}" if is_whole else " | ".join(parts) if len(parts) > 1 else f"{line} |"
