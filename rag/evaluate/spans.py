"""Spans of characters, half-open: where a quote stands, what overlaps, how much is covered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def find_quote(text: str, quote: str) -> list[Span]:
    r"""Return the spans where the quote stands in the text, in order; ``[]`` where it does not.

    Space at its ends is ignored. Where the very characters are not found, any run of space
    stands for any other, since reading a file may have broken its lines elsewhere. A blank quote
    stands nowhere.

    >>> find_quote("So it is. So it was.", "So it")
    [(0, 5), (10, 15)]
    >>> find_quote("electric\nvehicles", "electric vehicles")
    [(0, 17)]
    """
    words = quote.split()
    if not words:
        return []
    exact = [match.span() for match in re.finditer(re.escape(quote.strip()), text)]
    if exact:
        return exact
    loose = r"\s+".join(re.escape(word) for word in words)
    return [match.span() for match in re.finditer(loose, text)]


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the union of the spans as disjoint spans in order; empty spans vanish.

    >>> merge_spans([(4, 6), (0, 2), (1, 3), (3, 4)])
    [(0, 6)]
    """
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect_spans(left: Iterable[Span], right: Sequence[Span]) -> list[Span]:
    """Return what two unions of spans share, as disjoint spans in order.

    >>> intersect_spans([(0, 5), (8, 9)], [(3, 10)])
    [(3, 5), (8, 9)]
    """
    return merge_spans(
        (max(start, other_start), min(end, other_end))
        for start, end in left
        for other_start, other_end in right
    )


def total_length(spans: Iterable[Span]) -> int:
    """Return the sum of the lengths of the spans, overlaps counted as often as they occur."""
    return sum(end - start for start, end in spans)


def overlaps(left: Span, right: Span) -> bool:
    """Whether two spans share at least one character."""
    return max(left[0], right[0]) < min(left[1], right[1])
