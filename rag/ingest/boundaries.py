"""Paragraph → where its sentences end: sentencex, and what it cuts that goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

# Characters that are searched for sentences at a time. Hardly a paragraph is so long; the time for
# one of quotation marks grows with the square of its length, and would be hours for a megabyte.
WINDOW = 10_000
REACH = 24  # characters on each side of a boundary that tell whether the sentence goes on
# Emphasis that ends behind the full stop, and the mark of a footnote.
CLOSING = re.compile(r"(?:\*{1,3}|_{1,3}|~~|\[\^[^\]\s]{1,40}\])+(?![^\W_])")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
MONTH = (
    rf"(?:{MONTHS}"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Januar|Jänner|Februar|Feber|März|Mai|Juni|Juli|Oktober|Dezember|Okt|Dez)\b"
)
# Where what stands before a boundary and what stands behind it are like this, it is none.
GOES_ON = tuple(
    (re.compile(rf"(?<![\w.])(?:{before})\.\s*$"), re.compile(after))
    for before, after in (
        # Short for a word that a number or the rest of the sentence follows. "No.", "Art." and
        # "Sec." are left out: they are words too.
        (
            r"[Aa]pprox|[Vv]ols?|[Mm]ax|[Mm]in|[Ee]st|[Aa]vg|[Cc]a|Nr|Bd|Abs",
            r"[£$€¥]?\d|[^\W\d_A-Z]",
        ),
        (r"(?:\d )?(?:bn|mn|tn|tbsp|tsp|oz|lbs?|ft)|usw|bzw|inkl|zzgl|resp", r"(?=[^\W\d_])[^A-Z]"),
        (r"Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun", rf"\d{{1,2}}\b|{MONTH}"),
        (r"\d{1,2}", MONTH),  # 1. September
        (r"\d{1,3}", r"(?:und|oder|bis)\b"),  # im 2. und 3. Stock
        (
            r"(?:[Zz]um|[Vv]om|[Ii]m|[Bb]eim|[Dd](?:er|ie|as|es|em|en)|(?<!I )[Aa]m) "
            r"(?:\d{1,3}\. (?:und|oder|bis) )?\d{1,3}",
            r"[^\W\d_]",
        ),
    )
)


def find_boundaries(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a paragraph begin and end; they lie side by side.

    >>> [text[slice(*span)] for text in ["**Up.** It costs approx. £5."]
    ...  for span in find_boundaries(text)]
    ['**Up.**', ' It costs approx. £5.']
    """
    start = 0
    for end in _find_ends(text):
        closing = CLOSING.match(text, end) if not text[end - 1].isspace() else None
        stop = closing.end() if closing else end
        if start < stop and not _goes_on(text, stop):
            yield start, stop
            start = stop
    if start < len(text):
        yield start, len(text)


def _goes_on(text: str, place: int) -> bool:
    before = text[max(0, place - REACH) : place]
    after = text[place : place + REACH].lstrip()
    return any(left.search(before) and right.match(after) for left, right in GOES_ON)


def _find_ends(text: str) -> Iterator[int]:
    start = 0
    while start < len(text):
        window = text[start : start + WINDOW]
        found = get_sentence_boundaries("en", window)
        if start + WINDOW < len(text) and len(found) > 1:
            found = found[:-1]  # which may go on behind the window, and is found again
        for boundary in found:
            yield start + boundary["end_index"]
        start += found[-1]["end_index"] if found else len(window)
