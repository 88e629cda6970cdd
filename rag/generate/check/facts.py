"""What a sentence says that can be looked up: numbers, dates, names, quotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rag.generate.entities.dates import Date, read_dates
from rag.generate.entities.names import Name, NameFinder, read_names, read_quotations
from rag.generate.entities.quantities import Quantity, read_quantities
from rag.generate.entities.units import MONEY


@dataclass(frozen=True, slots=True)
class Facts:
    """The quantities and dates of a text in order; a date's numbers are not quantities too."""

    text: str
    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]

    @classmethod
    def of(cls, text: str) -> Facts:
        """Return the facts of a text."""
        dates = tuple(read_dates(text))
        rest = list(text)
        for date in dates:
            rest[date.start : date.end] = "\0" * (date.end - date.start)
        return cls(text, tuple(read_quantities("".join(rest))), dates)


@dataclass(frozen=True, slots=True)
class Source:
    """A passage, ready to be asked for facts, which may stand in its title and headings too."""

    facts: Facts  # of the text alone: only these have a place in it
    around: Facts  # of the title and headings
    names: NameFinder
    years: frozenset[int]  # of the title and headings, for dates without one

    @classmethod
    def of(cls, text: str, context: str) -> Source:
        """Return the source of a passage's text and its title and headings."""
        return _read_source(text, context)

    def says(self, fact: Quantity | Date) -> bool:
        """Return whether the passage has this quantity or date."""
        if isinstance(fact, Date):
            dates = (*self.facts.dates, *self.around.dates)
            return any(fact.is_said_by(date, self.years) for date in dates)
        if any(fact.is_said_by(quantity) for quantity in self.quantities):
            return True
        if fact.unit == "decade of years":
            return any(fact.value <= year < fact.value + 10 for year in self.years_said)
        return not fact.unit and fact.value in self.years_said

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Those of the text, and then those of the title and headings."""
        return (*self.facts.quantities, *self.around.quantities)

    @property
    def years_said(self) -> set[float]:
        """What may be years: those of the dates, and the numbers that look like one."""
        dates = (*self.facts.dates, *self.around.dates)
        years = {float(date.year) for date in dates if date.year}
        return years | {q.value for q in self.quantities if not q.unit and 1000 <= q.value <= 2100}


@lru_cache(maxsize=256)
def _read_source(text: str, context: str) -> Source:
    around = Facts.of(context)
    years = {int(q.value) for q in around.quantities if 1000 <= q.value <= 2100 and not q.unit}
    years |= {date.year for date in around.dates if date.year}
    return Source(Facts.of(text), around, NameFinder(f"{text}\n{context}"), frozenset(years))


def find_missing(sentence: str, source: Source) -> Iterator[str]:
    """Yield, for a person, what the sentence says and the passage does not have.

    >>> source = Source.of("He plans 30% by 4 September.", "Khan")
    >>> list(find_missing("Khan plans 20% by Sept. 4.", source))
    ['the passage has no "20%"']
    """
    facts = Facts.of(sentence)
    missing: list[Date | Quantity] = [date for date in facts.dates if not source.says(date)]
    # 1 and 2 as "first" and "second" as often order the writer's own points as they are told.
    missing += [
        quantity
        for quantity in facts.quantities
        if not (quantity.unit == "th" and quantity.value <= 2) and not source.says(quantity)
    ]
    shown = dict.fromkeys(sentence[fact.start : fact.end].strip() for fact in missing)
    yield from (f'the passage has no "{text}"' for text in shown)
    # "Sept. 4" and "PKR5bn" may be written without these words.
    spans = [(date.start, date.end) for date in facts.dates]
    spans += [(number.start, number.end) for number in facts.quantities if number.unit in MONEY]
    names = [
        name
        for name in read_names(sentence)
        if not any(start <= name.start < end for start, end in spans)
    ]
    yield from _find_missing_names(names, source.names)
    for quotation in read_quotations(sentence):
        if not source.names.quotes(quotation):
            yield f'the passage does not have the words "{quotation}"'


def _find_missing_names(names: list[Name], source: NameFinder) -> Iterator[str]:
    number = 0
    runs = []  # of words of the same name
    for name in names:
        number += not name.before
        runs.append((number, name))
    for _, group in groupby(runs, key=lambda pair: pair[0]):
        run = [name for _, name in group]
        missing = [name for name in run if not source.has(name)]
        if missing and not source.has_expansion(run):
            yield f'the passage does not name "{" ".join(name.text for name in missing)}"'
        elif not missing:
            apart = next((name for name in run if not source.has_together(name)), None)
            if apart:
                yield f'the passage does not name "{apart.before} {apart.text}"'
