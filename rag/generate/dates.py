"""Text → the calendar dates in it, however they are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MONTH_NUMBERS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}

_MONTH = (
    r"(?P<month>January|Jan|February|Feb|March|Mar|April|Apr|May|June|Jun|July|Jul|August|Aug"
    r"|September|Sept|Sep|October|Oct|November|Nov|December|Dec)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
_LAST = r"(?:\s*(?:–|-|to|and)\s*(?P<last>\d{1,2})(?:st|nd|rd|th)?\b)?"
_YEAR = r"(?P<year>\d{4})\b"
# The first pattern that matches at a place is taken, so the fuller ones stand first.
_DATE = re.compile(
    "|".join(
        re.sub(r"\?P<(\w+)>", rf"?P<\g<1>_{number}>", pattern)
        for number, pattern in enumerate(
            (
                r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b",
                r"\b(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})\b",
                rf"\b{_DAY}{_LAST}(?:\s+of)?\s+{_MONTH}(?:\s?,?\s?{_YEAR})?",
                rf"\b{_MONTH}\s+{_DAY}(?!\d){_LAST}(?:\s?,?\s?{_YEAR})?",
                rf"\b{_MONTH}(?:\s+of)?\s?,?\s?{_YEAR}",
                # "May" and "March" are words too: alone they need one that says when.
                rf"(?<=\b(?:in|by|of|to|is) )(?P<whole>){_MONTH}(?!\s+[A-Z])",
                rf"(?<=\b(?:since|until|early) )(?P<whole>){_MONTH}(?!\s+[A-Z])",
                r"\b(?!May\b|March\b|Mar\b|Jan\b|Jun\b)" + _MONTH,
            )
        )
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date, with ``None`` for what is not said; ``text[start:end]`` is how it is written."""

    year: int | None
    month: int
    day: int | None
    start: int
    end: int

    def is_said_by(self, other: Date, years: Collection[int] = ()) -> bool:
        """Return whether the other date says all that this one says.

        ``years`` are those that the other's surroundings give to dates without one.

        >>> [first], [second] = read_dates("Sept. 4"), read_dates("on 4 September 2025")
        >>> first.is_said_by(second), second.is_said_by(first)
        (True, False)
        """
        return (
            self.month == other.month
            and self.day in (None, other.day)
            and (
                self.year is None
                or self.year == other.year
                or (other.year is None and self.year in years)
            )
        )


def read_dates(text: str) -> list[Date]:
    """Return the dates of a text in order, those with a month; a range of days gives two.

    Numbers between strokes are read as day and month, and as month and day where both can be.

    >>> [(d.year, d.month, d.day) for d in read_dates("2025-09-04, 4th of September, May 2024")]
    [(2025, 9, 4), (None, 9, 4), (2024, 5, None)]
    """
    return [date for found in _DATE.finditer(text) for date in _read(found)]


def _read(found: re.Match[str]) -> Iterator[Date]:
    parts = {name.split("_")[0]: part for name, part in found.groupdict().items() if part}
    year = int(parts["year"]) if "year" in parts else None
    month = MONTH_NUMBERS.get(parts["month"].lower()) or int(parts["month"])
    days = [int(parts[name]) for name in ("day", "last") if name in parts]
    readings: list[tuple[int, int | None]] = [(month, day) for day in days] or [(month, None)]
    if "/" in found[0]:
        readings += [(day, month) for day in days]
    for reading_month, day in readings:
        if 1 <= reading_month <= 12 and (day is None or 1 <= day <= 31):
            yield Date(year, reading_month, day, found.start(), found.end())
