"""What a question wants measured – time, money, length – and the units that measure it."""

from __future__ import annotations

import re

from rag.generate.entities.quantities import read_quantities
from rag.generate.entities.units import MONEY, UNITS

Span = tuple[int, int]

TIME = frozenset(["second", "minute", "hour", "day", "week", "month", "year", "decade", "century"])
LENGTH = frozenset(("km", "m", "cm", "mm", "mile", "ft", "inch"))
WEIGHT = frozenset(("kg", "g", "tonne", "lb", "pound"))
SPEED = frozenset(("km/h", "mph"))
HEAT = frozenset(("°C", "°F", "°"))
AREA = frozenset(("square m", "square km", "hectare", "acre"))
MEASURES = (TIME, frozenset(MONEY), LENGTH, WEIGHT, SPEED, HEAT, AREA, frozenset(("litre",)))

LASTING = r"(?:take|takes|took|taken|last|lasts|lasted|wait|stay|keep|keeps|need|be|until|before)"
# The first pattern that matches says what is asked for.
ASKED: tuple[tuple[frozenset[str], str], ...] = (
    (TIME, rf"\bhow long\b.*\b{LASTING}\b|\bhow old\b|\bhow many (?:{'|'.join(TIME)})s\b"),
    (TIME | LENGTH, r"\bhow long\b"),
    (LENGTH, r"\bhow (?:tall|deep|wide|far|thick)\b"),  # not high, as a rent is
    (WEIGHT, r"\bhow heavy\b|\bhow much (?:do|does|did)\b.*\bweigh\b"),
    (SPEED, r"\bhow fast\b"),
    (HEAT, r"\bhow (?:hot|cold|warm)\b"),
    (
        frozenset(MONEY),
        r"\bhow (?:much|expensive)\b.*\b(?:costs?|pays?|paid|charge[ds]?|price[ds]?)\b"
        r"|\bwhat\b.*\bcosts?\b",
    ),
)
BARE = re.compile(r"\bhow much (?:is|are|was|were|for)\b", re.IGNORECASE)  # of what is for sale
ASKING_HOW = re.compile(
    r"\bhow (?:many|much|large|big|high|long|old|far|tall|often|fast|deep|wide|heavy|expensive)\b",
    re.IGNORECASE,
)
# What of a question says only what is to be measured, not of what.
ASKED_OF_IT = re.compile(
    rf"{ASKING_HOW.pattern}|\b(?:takes?|took|lasts?|lasted|costs?|weighs?|weighed|then)\b",
    re.IGNORECASE,
)


def asked_units(question: str) -> frozenset[str]:
    """Return the units of what a question wants measured; none where it does not say.

    >>> sorted(asked_units("How heavy is it?")), sorted(asked_units("How many came?"))
    (['g', 'kg', 'lb', 'pound', 'tonne'], [])
    """
    found = (units for units, said in ASKED if re.search(said, question, re.IGNORECASE))
    return next(found, frozenset())


def like_units(unit: str) -> frozenset[str]:
    """Return the units that measure the same as one: a contrast may be of days and months."""
    return next((units for units in MEASURES if unit in units), frozenset((unit,)))


def named_units(name: str) -> frozenset[str]:
    """Return the units that the name of a column says.

    >>> sorted(named_units("Duration (min)"))
    ['minute']
    """
    words = re.findall(r"[^\W\d_]+/?[^\W\d_]*|[€$£¥%]", name.lower())
    return frozenset(UNITS[word] for word in words if word in UNITS)


def unit_of(sentence: str, span: Span) -> str:
    """Return the unit of the first quantity in a span, or nothing."""
    return next((quantity.unit for quantity in read_quantities(sentence[slice(*span)])), "")


def keep_measure(sentence: str, question: str, span: Span) -> Span | None:
    """Return of a span with several quantities the one of the measure that is asked for.

    None where the span has another measure, and the sentence the one that is asked for elsewhere.

    >>> keep_measure("Of 90 tiles, 23 metres long.", "How long is it?", (3, 22))
    (13, 22)
    """
    units = asked_units(question)
    inside = [q for q in read_quantities(sentence) if q.start < span[1] and q.end > span[0]]
    fitting = [q for q in inside if q.unit in units]
    if len(inside) > 1 and len(fitting) == 1:
        return fitting[0].start, fitting[0].end
    if inside and not fitting and any(q.unit in units for q in read_quantities(sentence)):
        return None
    return span
