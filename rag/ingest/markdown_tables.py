"""The tables of Markdown: rows of cells between pipes, below their names and a rule."""

from __future__ import annotations

import re

from rag.ingest.sentences import FENCE, HEADING, LIST_ITEM, RULE, follow_fence
from rag.ingest.tables import write_rows

_BORDER = re.compile(r"(?<!\\)\|")  # also in code, where others draw it as a border too
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_INDENTED = re.compile(r" {4}|\t")  # code, or a part of a list


def name_cells(text: str) -> str:
    r"""Return Markdown with the rows of its tables in words, see `write_rows`; code stays.

    A table has a row of names, a rule of as many parts, and the rows below it up to a line without
    a pipe; all else that has pipes stays as it is.

    >>> name_cells("| City | Area |\n|---|--:|\n| Porto | 41 |\n\na | b")
    '- City: Porto; Area: 41\n\na | b'
    """
    lines = text.split("\n")
    written: list[str] = []
    number, fence = 0, ""
    while number < len(lines):
        fence = follow_fence(lines[number], fence)
        end = max(number + 1, 0 if fence else _find_end(lines, number))
        names, *rows = map(split_row, (lines[number], *lines[number + 2 : end]))
        said = list(write_rows(names, rows))
        written += said or lines[number:end]
        if said and end < len(lines) and lines[end].strip():  # which its last item would go on with
            written.append("")
        number = end
    return "\n".join(written)


def split_row(line: str) -> list[str]:
    r"""Return the cells of a row, whose first and last border may be left out.

    >>> split_row(r"| a \| b | | c |"), split_row("a | b")
    (['a \\| b', '', 'c'], ['a', 'b'])
    """
    cells = _BORDER.split(line.strip().removeprefix("|"))
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [" ".join(_LINE_BREAK.sub(" ", cell).split()) for cell in cells]


def _find_end(lines: list[str], start: int) -> int:
    """Return the line behind the table that begins at a line; that line itself if none does."""
    rule = start + 1
    if rule >= len(lines) or not _is_row(lines[start]):
        return start
    names = split_row(lines[start])
    if len(names) < 2 or not RULE.match(lines[rule]) or len(split_row(lines[rule])) != len(names):
        return start
    end = rule + 1
    while end < len(lines) and _is_row(lines[end]):
        end += 1
    return end if end > rule + 1 else start


def _is_row(line: str) -> bool:
    starts = (_INDENTED, HEADING, LIST_ITEM, FENCE)
    is_other = line.lstrip().startswith(">") or any(start.match(line) for start in starts)
    return _BORDER.search(line) is not None and not is_other
