"""Headings that a line of ``===`` or ``---`` below them tells, in Markdown and in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.ingest.sentences import HEADING, LIST_ITEM, TABLE_ROW, follow_fence

LONGEST = 120  # characters of a heading; what is longer is a sentence above a rule
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*")
_COLUMNS = re.compile(r"\S(?: {2,}|\t)\s*\S")  # the names of a table's, above a rule
_ENDED = re.compile(r".*[.!;,:]\s*$")  # of a sentence, above a rule
_INDENTED = re.compile(r" {4}|\t|\s*>")


def mark_underlined(text: str) -> str:
    r"""Return Markdown whose underlined headings have hashes in place of the line; code stays.

    >>> mark_underlined("Rivers\n======\nLong.\n\nThe north\n---\nIt is cold.\n---")
    '# Rivers\nLong.\n\n## The north\nIt is cold.\n---'
    """
    lines = text.split("\n")
    for number in reversed(list(_find(lines))):
        hashes = "#" if "=" in lines[number + 1] else "##"
        lines[number : number + 2] = [f"{hashes} {lines[number].strip()}"]
    return "\n".join(lines)


def drop_underlines(text: str) -> str:
    r"""Return plain text whose underlined headings stand alone, without the line below them.

    >>> drop_underlines("RIVERS\n======\nThey are long.")
    'RIVERS\n\nThey are long.'
    """
    lines = text.split("\n")
    for number in reversed(list(_find(lines))):
        is_apart = not "".join(lines[number + 2 : number + 3]).strip()
        lines[number + 1 : number + 2] = [] if is_apart else [""]
    return "\n".join(lines)


def _find(lines: Sequence[str]) -> Iterator[int]:
    """Yield the number of each line that is an underlined heading."""
    fence, before = "", ""
    for number, line in enumerate(lines[:-1]):
        stood_in, fence = fence, follow_fence(line, fence)
        is_code = bool(stood_in or fence)
        if not is_code and not before.strip() and _is_underlined(line, lines[number + 1]):
            yield number
        before = line


def _is_underlined(line: str, following: str) -> bool:
    if not line.strip() or len(line) > LONGEST or not _UNDERLINE.fullmatch(following):
        return False
    starts = (_INDENTED, HEADING, LIST_ITEM, TABLE_ROW, _UNDERLINE, _ENDED)
    return not any(start.match(line) for start in starts) and not _COLUMNS.search(line)
