"""Text → the calendar dates in it, however they are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

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

_MONTHS = "|".join(form for name in MONTH_NUMBERS for form in (name.title(), name.upper()))
_MONTH = rf"(?P<month>{_MONTHS})\b\.?"
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
                r"\b(?!(?:May|March|MARCH|Mar|Jan|Jun|[A-Z]{3})\b)" + _MONTH,
            )
        )
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date, with ``None`` for what is not said; ``text[start:end]`` is how it is written.

    ``may_swap`` says that day and month may be meant the other way round, as in 4/9/2025.
    """

    year: int | None
    month: int
    day: int | None
    start: int
    end: int
    may_swap: bool = False

    @property
    def readings(self) -> tuple[Date, ...]:
        """What the date may mean: itself, and what it is with day and month exchanged."""
        if not self.may_swap or self.day is None:
            return (self,)
        return self, replace(self, month=self.day, day=self.month)

    def is_said_by(self, other: Date, years: Collection[int] = ()) -> bool:
        """Return whether the other date says all that this one says.

        ``years`` are those that the other's surroundings give to dates without one. Of dates that
        may mean two things, it is enough that one of them is said.

        >>> [first], [second] = read_dates("Sept. 4"), read_dates("on 4 September 2025")
        >>> first.is_said_by(second), second.is_said_by(first)
        (True, False)
        """
        return any(
            one.month == two.month
            and one.day in (None, two.day)
            and (
                one.year is None or one.year == two.year or (two.year is None and one.year in years)
            )
            for one in self.readings
            for two in other.readings
        )


def read_dates(text: str) -> list[Date]:
    """Return the dates of a text in order, those with a month; a range of days gives two.

    Numbers between strokes are read as day and month, unless that cannot be.

    >>> [(d.year, d.month, d.day) for d in read_dates("2025-09-04, 4th of September, May 2024")]
    [(2025, 9, 4), (None, 9, 4), (2024, 5, None)]
    """
    return [date for found in _DATE.finditer(text) for date in _read(found)]


def _read(found: re.Match[str]) -> Iterator[Date]:
    parts = {name.split("_")[0]: part for name, part in found.groupdict().items() if part}
    year = int(parts["year"]) if "year" in parts else None
    month = MONTH_NUMBERS.get(parts["month"].lower()) or int(parts["month"])
    days = [int(parts[name]) for name in ("day", "last") if name in parts]
    may_swap = "/" in found[0]
    if may_swap and month > 12:
        month, days = days[0], [month]
    said: list[int | None] = [*days] or [None]
    for day in said:
        if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
            swaps = may_swap and day is not None and day <= 12
            yield Date(year, month, day, found.start(), found.end(), swaps)
