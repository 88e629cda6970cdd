"""Text → the numbers in it with their units, however they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Bound = Literal["", ">", "<"]

_SMALL_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
"""
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_WORDS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
SMALL = {word: number for number, word in enumerate(_SMALL_WORDS.split())}
TENS = {word: 10 * number for number, word in enumerate(_TENS_WORDS.split(), start=2)}
SCALES = {
    "hundred": 100,
    "dozen": 12,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
}
# What "dozens" and the like can stand for, from and up to.
VAGUE = {
    "dozens": (24, 200),
    "hundreds": (200, 2_000),
    "thousands": (2_000, 10**6),
    "millions": (2 * 10**6, 10**9),
    "billions": (2 * 10**9, 10**12),
}
ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)} | {
    f"{word[:-1]}ieth": number for word, number in TENS.items()
}
FRACTIONS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    form: number
    for word, number in ORDINALS.items()
    if 3 <= number <= 10
    for form in (word, f"{word}s")
}
UNITS = {
    form: unit
    for unit, forms in {
        "%": "% percent pct percentage",
        "$": "$ us$ usd dollar dollars",
        "€": "€ eur euro euros",
        "£": "£ gbp sterling",
        "pound": "pound pounds",  # of money or of weight
        "¥": "¥ yen jpy",
        "yuan": "yuan rmb cny renminbi",
        "rupee": "₹ ₨ rs pkr inr rupee rupees",
        "cent": "cent cents",
        "km": "km kms kilometre kilometres kilometer kilometers",
        "m": "m metre metres meter meters",
        "cm": "cm centimetre centimetres centimeter centimeters",
        "mm": "mm millimetre millimetres millimeter millimeters",
        "mile": "mi mile miles",
        "ft": "ft foot feet",
        "inch": "inch inches",
        "kg": "kg kilo kilos kilogram kilograms",
        "g": "g gram grams",
        "tonne": "tonne tonnes ton tons",
        "lb": "lb lbs",
        "litre": "litre litres liter liters",
        "°C": "°c celsius",
        "°F": "°f fahrenheit",
        "°": "° degree degrees",
        "second": "seconds sec secs",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years yr yrs",
        "decade": "decade decades",
        "century": "century centuries",
        "watt": "w watt watts",
        "kW": "kw kilowatt kilowatts",
        "MW": "mw megawatt megawatts",
        "GW": "gw gigawatt gigawatts",
        "kWh": "kwh",
        "MWh": "mwh",
        "GWh": "gwh",
        "hectare": "ha hectare hectares",
        "acre": "acre acres",
        "km/h": "km/h kmh kph",
        "mph": "mph",
    }.items()
    for form in forms.split()
}
MONEY = {"$", "€", "£", "pound", "¥", "yuan", "rupee", "cent"}
# Units that a number alone never stands for: 30 is not 30 %.
TELLING = MONEY | {"%", "th", "decade of years", "time"}
SAME_UNIT = {("pound", "£"), ("pound", "lb"), ("°", "°C"), ("°", "°F")}

_SMALL = "|".join((*SMALL, *TENS))
_SCALE = r"hundred|thousand|million|billion|trillion|dozen"
_ORDINAL = "|".join(ORDINALS)
_WORDS = (
    rf"(?:a[\s-](?={_SCALE}))?(?:{_SMALL}|{_SCALE})"
    # "two and five" are two numbers, "two hundred and five" is one.
    rf"(?:(?:(?<=hundred)[\s-]and|(?<=thousand)[\s-]and)?[\s-](?:{_SMALL}|{_SCALE}))*"
)
_UNIT = "|".join(sorted((re.escape(form) for form in UNITS), key=len, reverse=True))
_NUMBER = re.compile(
    rf"""
    (?P<clock>\b\d{{1,2}}:\d\d(?:\s?[ap]\.?m\b\.?)?|\b\d{{1,2}}\s?[ap]\.?m\b\.?)
    |(?P<decade>\b\d{{3}}0['’]?s\b)
    |(?P<share>\b(?:(?:an?|{_SMALL})[\s-])?(?:half|(?:third|quarter|fifth|tenth)(?=\s+of\b))\b
      |\b(?:an?|{_SMALL})[\s-](?:{"|".join(FRACTIONS)})\b(?=\s+of\b)
      |\b(?:{_SMALL})[\s-](?:thirds|quarters|fifths|sixths|sevenths|eighths|ninths|tenths)\b)
    |(?P<nth>\b\d+(?:st|nd|rd|th)\b|\b(?:(?:{"|".join(TENS)})-)?(?:{_ORDINAL})\b)
    |(?P<vague>\b(?:{"|".join(VAGUE)})\b)
    |(?:(?P<money>US\$|[$€£¥₹₨]|\b(?:Rs\.?|PKR|USD|EUR|GBP|CNY|RMB)(?=\s?\d))\s?)?
     (?P<digits>(?<![A-Z]-)(?<![\w.])(?:(?<![\w)])[-−](?=\d))?
      (?:\d{{1,3}}(?:[,\u00a0\u202f]\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)
     (?:[\s-]?(?P<scale>{_SCALE}|bn|mn|k)\b|(?P<m>m)\b)?
    |(?P<words>\b(?:{_WORDS})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT_AFTER = re.compile(rf"[\s-]{{0,3}}(per\s?cent|{_UNIT})(?!\w)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:–|-|to|and|or)\s*", re.IGNORECASE)
_ABOVE = re.compile(
    r"\b(?:(?<!no )(?<!not )more than|over|at least|above|exceed(?:s|ed|ing)?|greater than"
    r"|upwards of|no (?:fewer|less) than|not (?:fewer|less) than|a minimum of)\s+$",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"\b(?:(?<!no )(?<!not )(?:fewer|less) than|under|below|at most|up to|nearly|almost"
    r"|no more than|not more than|a maximum of)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit; ``text[start:end]`` is how they are written.

    ``unit`` is one of the values of `UNITS`, ``th`` for an ordinal, or empty. ``bound`` is ``>``
    for "more than", ``<`` for "fewer than". ``most`` is above ``value`` where it is vague.
    """

    value: float
    unit: str
    bound: Bound
    start: int
    end: int
    most: float | None = None

    def is_said_by(self, other: Quantity) -> bool:
        """Return whether the other says this number, with this unit and not the opposite bound.

        >>> [first], [second] = read_quantities("30%"), read_quantities("thirty percent")
        >>> first.is_said_by(second)
        True
        """
        if self.most is not None:
            return self.value <= other.value <= self.most or self.most == other.most
        same = math.isclose(self.value, other.value, rel_tol=1e-9) or (
            self.unit == other.unit == "%" and abs(self.value - other.value) < 0.4  # a third, 33 %
        )
        return (
            same
            and other.most is None
            and is_same_unit(self.unit, other.unit)
            and {self.bound, other.bound} != {">", "<"}
        )


def is_same_unit(said: str, found: str) -> bool:
    """Return whether a number with the unit found may be said with the other, or with none."""
    if said == found or (said, found) in SAME_UNIT or (found, said) in SAME_UNIT:
        return True
    return not said and found not in TELLING


def read_quantities(text: str) -> list[Quantity]:
    """Return the quantities of a text in order; "one" alone counts nothing, nor does "second".

    >>> [(q.value, q.unit) for q in read_quantities("1.2 million cars, thirty percent, $5bn")]
    [(1200000.0, ''), (30.0, '%'), (5000000000.0, '$')]
    """
    quantities: list[Quantity] = []
    for found in _NUMBER.finditer(text):
        quantity = _read(text, found)
        if quantity is None:
            continue
        if quantities:
            quantities[-1:] = _share(text, quantities[-1], quantity)
        else:
            quantities.append(quantity)
    return quantities


def _share(text: str, first: Quantity, second: Quantity) -> Iterator[Quantity]:
    """Yield both; in a range the first has the unit and the scale of the second."""
    between = text[first.end : second.start]
    if not _RANGE.fullmatch(between) or first.most or second.most:
        yield from (first, second)
        return
    is_year = first.unit == "" and 1000 <= first.value <= 2100
    if is_year and second.value < 100 and not second.unit and "-" in between.replace("–", "-"):
        century = first.value - first.value % 100  # 2025–30
        yield from (first, replace(second, value=century + second.value))
        return
    words = re.findall(r"[a-z]+", text[second.start : second.end].lower())
    scale = max([1, *(SCALES.get(word, 1) for word in words)])
    if first.value < 1000 and first.value <= second.value / scale:  # 3 to 4 million
        first = replace(first, value=first.value * scale)
    yield replace(first, unit=first.unit or ("" if is_year else second.unit))
    yield replace(second, unit=first.unit) if first.unit in MONEY and not second.unit else second


def _read(text: str, found: re.Match[str]) -> Quantity | None:
    kind = found.lastgroup or ""
    written = found[0].strip().lower()
    start = found.start() + len(found[0]) - len(found[0].lstrip())
    bare = Quantity(0.0, "", _read_bound(text, start), start, found.end())
    if kind == "clock":
        return replace(bare, value=_read_clock(written), unit="time")
    if kind == "decade":
        return replace(bare, value=float(written[:4]), unit="decade of years")
    if kind == "share":
        *count, part = re.split(r"[\s-]", written)
        return replace(bare, value=100 * SMALL.get("".join(count), 1) / FRACTIONS[part], unit="%")
    if kind == "nth":
        return None if written == "second" else _read_ordinal(written, bare)
    if kind == "vague":
        least, most = VAGUE[written]
        return replace(bare, value=float(least), most=float(most))
    return _read_cardinal(text, found, bare)


def _read_cardinal(text: str, found: re.Match[str], bare: Quantity) -> Quantity | None:
    money = (found["money"] or "").lower().rstrip(".")
    after = _UNIT_AFTER.match(text, found.end())
    unit = UNITS[money] if money else ""
    if found["digits"]:
        value = float(re.sub(r"[^\d.]", "", found["digits"]))
        if found["digits"][0] in "-−":
            value = -value
        value *= SCALES.get((found["scale"] or "").lower(), 1)
        if found["m"]:
            unit, value = (unit, value * 10**6) if money else ("m", value)
    else:
        value = read_words(found["words"])
        if value == 1 and not after:
            return None  # "one of them"
    end = found.end()
    if not unit and after and after[1] != "G":  # a 5G network
        unit, end = UNITS.get(after[1].lower(), "%"), after.end()
    return replace(bare, value=value, unit=unit, end=end)


def read_words(words: str) -> float:
    """Return the number that words say.

    >>> read_words("two hundred and fifty thousand"), read_words("twenty-one")
    (250000.0, 21.0)
    """
    total = part = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in ("hundred", "dozen"):
            part = max(part, 1) * SCALES[word]
        elif word in SCALES:
            total, part = total + max(part, 1) * SCALES[word], 0
        else:
            part += SMALL.get(word, TENS.get(word, 0))
    return float(total + part)


def _read_ordinal(written: str, bare: Quantity) -> Quantity:
    if written[0].isdigit():
        return replace(bare, value=float(re.sub(r"\D", "", written)), unit="th")
    *tens, last = written.split("-")
    return replace(bare, value=float(sum(TENS[word] for word in tens) + ORDINALS[last]), unit="th")


def _read_clock(written: str) -> float:
    hours, _, minutes = re.sub(r"[^\d:]", "", written).partition(":")
    is_afternoon = "p" in written and int(hours) < 12
    return float(60 * (int(hours) + 12 * is_afternoon) + int(minutes or 0))


def _read_bound(text: str, start: int) -> Bound:
    before = text[max(0, start - 24) : start]
    return ">" if _ABOVE.search(before) else "<" if _BELOW.search(before) else ""
