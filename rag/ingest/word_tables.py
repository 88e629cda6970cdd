"""The tables of Word documents: which rows name the columns, and what cells reach over several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.ingest.looks import Looks, W, is_on
from rag.ingest.tables import AGAIN, LONGEST_COPY, has_names

MOST_SPANNED = 63  # columns; Word has no more


def find_cells(row: Any) -> list[Any]:
    """Return the cells of a row in order."""
    return [child for child in row if child.tag == f"{W}tc"]


def lay_out(rows: Sequence[Any], cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return for each row the text of the cell at each column.

    What reaches down is said again, and what reaches to the right is followed by `AGAIN`.
    """
    lines: list[list[str]] = []
    for row, texts in zip(rows, cells, strict=True):
        line = [""] * _read_number(row, f"{W}trPr/{W}gridBefore", 0)
        for cell, text in zip(find_cells(row), texts, strict=True):
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            if merged is not None and merged.get(f"{W}val") != "restart" and lines:
                above = lines[-1][len(line)] if len(line) < len(lines[-1]) else ""
                text = above if len(above) <= LONGEST_COPY else text
            n_columns = _read_number(cell, f"{W}tcPr/{W}gridSpan", 1)
            line += [text, *[AGAIN] * (n_columns - 1)]
        lines.append(line)
    return lines


def count_names(rows: Sequence[Any], lines: Sequence[Sequence[str]], looks: Looks) -> int:
    """Return how many rows at the top name the columns; 0 for none.

    They are marked to be said again on each page, or the first reads like names, see `has_names`,
    which are looked at less closely where it is bold and the second not.
    """
    n_marked = next((n for n, row in enumerate(rows) if not _is_marked(row)), len(rows))
    if 0 < n_marked < len(rows) and max(map(len, lines)) > 1:
        return n_marked
    is_bold = len(rows) > 1 and _is_bold(rows[0], looks) and not _is_bold(rows[1], looks)
    return int(has_names(lines, is_set_apart=is_bold))


def _is_marked(row: Any) -> bool:
    mark = row.find(f"{W}trPr/{W}tblHeader")
    return mark is not None and is_on({"mark": mark.get(f"{W}val", "1")}, "mark")


def _is_bold(row: Any, looks: Looks) -> bool:
    found = [
        is_on(looks.of_run(run, looks.of_paragraph(paragraph)), "b")
        for paragraph in row.iter(f"{W}p")
        for run in paragraph.iter(f"{W}r")
        if any((text.text or "").strip() for text in run.iter(f"{W}t"))
    ]
    return bool(found) and all(found)


def _read_number(element: Any, path: str, otherwise: int) -> int:
    found = element.find(path)
    value = "" if found is None else found.get(f"{W}val") or ""
    return min(int(value), MOST_SPANNED) if value.isdecimal() else otherwise
