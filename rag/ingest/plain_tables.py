"""The tables of plain text: lines whose cells are apart by a tab or by two spaces or more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.tables import has_names, write_rows

LONGEST_LINE = 500  # characters; a longer one is no row of a table that was set by hand
_APART = re.compile(r"[ \t]*\t[ \t]*| {2,}")
_RULE = re.compile(r"[-=_ \t]*[-=_]{3}[-=_ \t]*")


def name_aligned(text: str) -> str:
    r"""Return plain text with the rows of its tables in words, see `write_rows`.

    A table is a paragraph, all of whose lines have as many cells, below names that a rule sets
    apart or that `has_names` tells; rules elsewhere say nothing. All else stays as it is.

    >>> name_aligned("Ticket    Price\n---------------\nDay       6.50\nYear      310.00")
    '- Ticket: Day; Price: 6.50\n- Ticket: Year; Price: 310.00'
    """
    if not _APART.search(text):
        return text
    written: list[str] = []
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line)
            continue
        written += _name_rows(lines) or lines
        written.append(line)
        lines = []
    return "\n".join(written[:-1])


def _name_rows(lines: Sequence[str]) -> list[str]:
    """Return the items that the lines of a paragraph make; none where they are no table."""
    if len(lines) < 3 or any(len(line) > LONGEST_LINE for line in lines):
        return []
    rules = [_RULE.fullmatch(line) is not None for line in lines]
    kept = zip(lines, rules, strict=True)
    rows = [_APART.split(line.strip()) for line, is_rule in kept if not is_rule]
    is_set_apart = rules[1] or (rules[0] and len(rules) > 2 and rules[2])
    if not rows or not has_names(rows, is_set_apart=is_set_apart):
        return []
    return list(write_rows(rows[0], rows[1:]))
